"""The people who go to prisons for an organisation: colleagues with accounts, and names."""
from dataclasses import dataclass

from flask_babel import gettext as _
from peewee import JOIN

import db
import policy
from errors import Missing, RuleBroken
from models import Clearance, Organisation, User, Visitor, new_public_id
from services import journal, keys
from text import clean_text, fold

MOST = 200  # visitors of an organisation
LONGEST_NAME, LONGEST_DOCUMENT = 100, 40


@dataclass(frozen=True)
class Person:
    """A visitor of an organisation with the clearances that the reader may know of. `document`: whether one is kept."""

    visitor: Visitor
    document: bool
    clearances: list[Clearance]


def people(actor) -> list[Person]:
    """The visitors of the actor's organisation, each with the clearances of all prisons."""
    rows = policy.ask(actor, _visitors)
    found = {row.id: Person(row, row.document is not None, []) for row in rows}
    for clearance in policy.ask(actor, _clearances) if found else ():
        if clearance.visitor_id in found:
            found[clearance.visitor_id].clearances.append(clearance)
    return list(found.values())


def _visitors(actor):
    return policy.visible_visitors(actor).where(Visitor.active == True).order_by(Visitor.name)  # noqa: E712


def _clearances(actor):
    return (policy.visible_clearances(actor).select(Clearance, Visitor, Organisation)
            .join_from(Clearance, Organisation, on=(Clearance.prison == Organisation.id), attr="prison")
            .order_by(Organisation.sort))


def one(actor, public_id: str) -> Person:
    """A visitor of the actor's own organisation. Missing where there is none such."""
    row = policy.visible_visitors(actor).where(Visitor.public_id == public_id).first()
    if row is None:
        raise Missing
    mine = [each for each in policy.ask(actor, _clearances) if each.visitor_id == row.id]
    return Person(row, row.document is not None, mine)


def colleagues_to_add(actor) -> list[User]:
    """Colleagues with accounts who are not on the list yet."""
    listed = Visitor.select(Visitor.user).where(Visitor.organisation == actor.organisation_id,
                                                Visitor.user.is_null(False), Visitor.active == True)  # noqa: E712
    return list(policy.colleagues(actor).where(User.id.not_in(listed)).order_by(User.name))


def add(actor, name: str, colleague: str = "", document: str = "") -> Visitor:
    """Puts a colleague (public id of the account), or a name, on the list of the actor's organisation."""
    with db.writing():
        if Visitor.select().where(Visitor.organisation == actor.organisation_id).count() >= MOST:
            raise RuleBroken(_("There are %(most)s people on your list already. Take somebody away first.", most=MOST))
        row = _of_colleague(actor, colleague) if colleague else named(actor, name)
        if not row.active:
            Visitor.update(active=True).where(Visitor.id == row.id).execute()
        if document:
            _keep_document(actor, row, document)
        journal.wrote(actor, "visitor.add", row.public_id, parts="document" if document else "")
        return row


def _of_colleague(actor, public_id):
    user = policy.colleagues(actor).where(User.public_id == public_id).first()
    if user is None:
        raise RuleBroken(_("Choose somebody of your organisation."), field="colleague")
    return of_user(actor.organisation_id, user)


def of_user(organisation_id: int, user) -> Visitor:
    """The visitor that a colleague is; made where there is none. Inside `db.writing()`."""
    row = Visitor(public_id=new_public_id(), organisation=organisation_id, user=user.id, name=user.name)
    if db.add(row, ignore=True):
        return row
    return Visitor.get(Visitor.organisation == organisation_id, Visitor.user == user.id)


def named(actor, name: str) -> Visitor:
    """The visitor of that name who has no account; made where there is none. Inside `db.writing()`."""
    name = clean_text(name, limit=LONGEST_NAME)
    if not name:
        raise RuleBroken(_("Write a name."), field="name")
    folded = fold(name)
    for row in db.kept(_without_account, organisation=actor.organisation_id):
        if fold(row.name) == folded:
            return row
    row = Visitor(public_id=new_public_id(), organisation=actor.organisation_id, user=None, name=name)
    db.add(row)
    return row


def _without_account(organisation):
    return Visitor.select().where(Visitor.organisation == organisation, Visitor.user.is_null())


def keep_document(actor, public_id: str, document: str) -> Visitor:
    """Keeps another document number of a visitor, sealed; it is shown to nobody but the gate of a visit."""
    with db.writing():
        row = _own(actor, public_id)
        _keep_document(actor, row, document)
        journal.wrote(actor, "visitor.document", row.public_id, parts="document")
        return row


def _keep_document(actor, row, document):
    document = clean_text(document, limit=LONGEST_DOCUMENT)
    if not document:
        raise RuleBroken(_("Write the number of the document."), field="document")
    row.document = keys.seal(row, "document", document, _owner(row))
    row.save(only=[Visitor.document])


def _owner(row):
    return Organisation.get_by_id(row.organisation_id)


def take_away(actor, public_id: str) -> Visitor:
    """Takes a visitor off the list: the document is forgotten, visits and clearances that were stay as they were."""
    with db.writing():
        row = _own(actor, public_id)
        row.active, row.document = False, None
        row.save(only=[Visitor.active, Visitor.document])
        journal.wrote(actor, "visitor.remove", row.public_id, parts="document")
        return row


def _own(actor, public_id):
    row = db.locked(policy.visible_visitors(actor).where(Visitor.public_id == public_id)).first()
    if row is None:
        raise Missing
    return row


# Who can be chosen in a request

def choices(actor, prison) -> list[tuple[str, str, Clearance | None]]:
    """Who can be chosen for a visit: (public id, name, clearance by that prison or None), the actor first.

    A colleague goes by the id of the account, whether on the list or not; somebody else by that of the list.
    """
    cleared = {each.visitor_id: each for each in policy.ask(actor, _cleared_in, prison=prison.id)}
    listed = policy.ask(actor, _visitors)
    by_user = {row.user_id: cleared.get(row.id) for row in listed if row.user_id}
    colleagues = sorted(policy.ask(actor, _colleagues), key=lambda person: person.id != actor.id)
    return ([(person.public_id, person.name, by_user.get(person.id)) for person in colleagues]
            + [(row.public_id, row.name, cleared.get(row.id)) for row in listed if not row.user_id])


def _colleagues(actor):
    return policy.colleagues(actor).order_by(User.name)


def _cleared_in(actor, prison):
    return policy.visible_clearances(actor).select(Clearance).where(Clearance.prison == prison)


def with_names(query):
    """Clearances with their visitors, organisations and prisons."""
    sender, prison = Organisation.alias(), Organisation.alias()
    return (query.select(Clearance, Visitor, sender, prison, User)
            .join_from(Visitor, sender, on=(Visitor.organisation == sender.id), attr="organisation")
            .join_from(Clearance, prison, on=(Clearance.prison == prison.id), attr="prison")
            .join_from(Clearance, User, JOIN.LEFT_OUTER, on=(Clearance.decided_by == User.id), attr="decided_by"))
