"""What an organisation is and whom it belongs to: who may say so, and what cannot be."""
from flask_babel import gettext as _

import identifiers
from errors import Missing, RuleBroken
from labels import label
from models import Cooperation, Kind, Organisation, OrganisationState, Place, PrisonWork, User, Window
from policy import KIND_ROLES, Can, may
from text import sort_key

HIGHEST = 20  # organisations above one another


def says_kind(actor) -> bool:
    """Roles of people follow from the kind of their organisation, so its people do not change it."""
    return may(actor, Can.VERIFY_ORGANISATIONS)


def named(typed: str) -> list[Organisation]:
    """Organisations of the book that a name or a company number means; more than one where names are the same."""
    number = identifiers.company_number(typed)
    one = (Organisation.ico == number) if number else (Organisation.sort == sort_key(typed))
    return list(Organisation.select().where(Organisation.state != OrganisationState.CLOSED, one).limit(3))


def check(actor, organisation: Organisation, values: dict) -> None:
    """Whether these facts may be written of an organisation. Raises Missing, RuleBroken."""
    if values.get("kind", organisation.kind) != organisation.kind:
        if not says_kind(actor):
            raise Missing
        _refuse_kind(organisation, Kind(values["kind"]))
    if values.get("parent"):
        refuse_loop(organisation, values["parent"])


def _refuse_kind(organisation, kind):
    roles = {row.role for row in User.select(User.role).where(
        User.organisation == organisation.id, User.active == True)}  # noqa: E712
    foreign = roles - KIND_ROLES[kind]
    if foreign:
        raise RuleBroken(_("Its people sign in as: %(role)s. Such people are not of this kind of organisation.",
                           role=label(min(foreign))), "kind")
    if Kind.PRISON in {kind, organisation.kind} and _has_ties(organisation.id):
        raise RuleBroken(_("It works in prisons, or others work in it. End that first."), "kind")


def _has_ties(number) -> bool:
    return any(query.exists() for query in (
        PrisonWork.select().where((PrisonWork.prison == number) | (PrisonWork.organisation == number)),
        Cooperation.select().where((Cooperation.prison == number) | (Cooperation.organisation == number)),
        Window.select().join(Place).where(Place.prison == number)))


def refuse_loop(organisation: Organisation, parent: int) -> None:
    """Raises RuleBroken where an organisation would belong to itself, through others too."""
    above = parent
    for _step in range(HIGHEST):
        if above == organisation.id:
            raise RuleBroken(_("It cannot belong to itself."), "parent")
        above = above and Organisation.select(Organisation.parent).where(Organisation.id == above).scalar()
