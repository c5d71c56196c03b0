"""Whose times somebody keeps: a prison's own people, and for a prison on paper the coordinator."""
from errors import Missing
from models import Kind, Organisation
from policy import Can, may
from services import prisons, slots


def kept_by(actor, public_id: str = "") -> Organisation:
    """The prison whose times the actor keeps: their own, or the one of a public id. Raises Missing.

    The coordinator keeps those of a prison on paper, until somebody of it has an account.
    """
    if not may(actor, Can.KEEP_TIMES):
        raise Missing
    home = actor.organisation
    if home.kind is Kind.PRISON and public_id in {"", home.public_id}:
        return home
    found = _without_accounts(public_id) if may(actor, Can.VERIFY_ORGANISATIONS) else None
    if found is None:
        raise Missing
    return found


def _without_accounts(public_id):
    prison = Organisation.get_or_none(Organisation.public_id == public_id, Organisation.kind == Kind.PRISON)
    return prison if prison and prisons.on_paper_alone(prison.id) else None


def still(actor, public_id: str = "") -> Organisation:
    """The same, and nobody else changes that prison's times until the transaction ends."""
    home = kept_by(actor, public_id)
    slots.keep_still(home, changing=True)
    return home
