"""Two records of one person: they stay two until the client joins them with both cards, and can be parted again.

Joined records are opened by one another in the client's own app, and that is all: consents, meetings, referrals,
follow-ups and codes stay where they are, nobody who works with one of them learns of the other.
"""
from flask_babel import gettext as _

import db
from errors import Missing, RuleBroken
from models import Client, User
from services import accounts, journal
from services.consents import client_of


def others(actor) -> list[Client]:
    """The other records of the client, by code."""
    client = client_of(actor)
    return list(_same(client).where(Client.id != client.id).order_by(Client.code))


def _same(client):
    first = client.joined_to_id or client.id
    return Client.select().where((Client.id == first) | (Client.joined_to == first), Client.erased_at.is_null())


def join(actor, card: str, pin: str, address: str) -> None:
    """Joins the record of another card with that of the actor. Raises RuleBroken, the same for card and PIN."""
    if actor.assisted:
        raise RuleBroken(_("Do this when you are alone."), field="card")
    user = accounts.user_of_card(card, pin, address)
    with db.writing():
        mine, other = client_of(actor), client_of(user)
        if mine.id == other.id:
            raise RuleBroken(_("This is the card you are signed in with."), field="card")
        if other.id in {row.id for row in _same(mine)}:
            raise RuleBroken(_("These two are joined already."), field="card")
        first = mine.joined_to_id or mine.id
        Client.update(joined_to=first).where(Client.id.in_([row.id for row in _same(other)])).execute()
        _wrote_both(actor, "card.join", mine, other)


def _wrote_both(actor, what, mine, other):
    """In the log of each record it is its own client who did it."""
    journal.wrote(actor, what, mine.public_id, mine, "joined_to")
    journal.wrote(other.user, what, other.public_id, other, "joined_to")


def _found(actor, public_id) -> Client:
    found = next((row for row in others(actor) if row.public_id == public_id), None)
    if found is None:
        raise Missing(public_id)
    return found


def part(actor, public_id: str) -> None:
    """The other record stands for itself again; those joined with it by the same first one stay with the actor's."""
    with db.writing():
        mine, other = client_of(actor), _found(actor, public_id)
        leave(other)
        _wrote_both(actor, "card.part", mine, other)


def leave(client: Client) -> None:
    """Takes a record out of those it is joined with, which stay joined. Belongs inside `db.writing()`."""
    rest = [row.id for row in _same(client).order_by(Client.id) if row.id != client.id]
    Client.update(joined_to=None).where(Client.id == client.id).execute()
    if rest and not client.joined_to_id:
        Client.update(joined_to=None).where(Client.id == rest[0]).execute()
        Client.update(joined_to=rest[0]).where(Client.id.in_(rest[1:])).execute()


def enter(actor, public_id: str, browser: str) -> tuple[User, str]:
    """The account of the other record and the token of its new session. Raises Missing."""
    with db.writing():
        other = _found(actor, public_id)
        if not accounts.is_let_in(other.user):
            raise Missing(public_id)
        return other.user, accounts.start_session(other.user, browser, actor.assisted)
