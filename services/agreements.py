"""Agreements between two organisations: another ground than consent, registered by a coordinator, seen by clients.

An agreement opens what the giver recorded of clients whom the receiver has too, and never what the sharing matrix
leaves to consent.
"""
import secrets
from datetime import date

from flask_babel import gettext as _
from peewee import fn

import clock
import db
import policy
from crypto import ALPHABET
from errors import Missing, RuleBroken
from models import Agreement, AgreementScope, Client, Membership, Organisation, OrganisationState, Scope
from policy import SHARING, WORKING_KINDS, Can, Takes, may
from services import journal
from text import clean_text

OFFERED = (Scope.FOLLOW_UP, Scope.PLAN, Scope.VISITS)  # who somebody is, an agreement never says
LONGEST = {"ground": 200, "document": 200}
MOST_YEARS = 10


def organisations() -> list[Organisation]:
    """Those between which there can be an agreement."""
    return list(Organisation.select().where(
        Organisation.kind.in_(WORKING_KINDS), Organisation.state == OrganisationState.VERIFIED)
        .order_by(Organisation.sort))


def register(actor, giver: str, receiver: str, scopes: list[Scope], ground: str, document: str, from_on: date,
             until_on: date) -> Agreement:
    """Registers an agreement; `giver` and `receiver` are public ids. Raises RuleBroken with the field."""
    if not may(actor, Can.REGISTER_AGREEMENTS):
        raise Missing
    with db.writing():
        sides = _side(giver, "giver"), _side(receiver, "receiver")
        _check(*sides, scopes, from_on, until_on)
        row = Agreement.create(
            number=_number(), giver=sides[0], receiver=sides[1], ground=_words(ground, "ground"),
            document=_words(document, "document"), from_on=from_on, until_on=until_on, registered_by=actor.id,
            registered_at=clock.now())
        AgreementScope.insert_many([{"agreement": row.id, "scope": scope} for scope in scopes]).execute()
        journal.wrote(actor, "agreement.register", row.public_id, parts=",".join(scopes))
        return row


def _side(public_id, name):
    found = next((row for row in organisations() if row.public_id == public_id), None)
    if found is None:
        raise RuleBroken(_("Choose an organisation from the list."), field=name)
    return found


def _words(text, name):
    text = clean_text(text, limit=LONGEST[name])
    if not text:
        raise RuleBroken(_("Fill this in: without it nobody can check the agreement."), field=name)
    return text


def _check(giver, receiver, scopes, from_on, until_on):
    if giver.id == receiver.id:
        raise RuleBroken(_("Choose two different organisations."), field="receiver")
    if SHARING[giver.kind, receiver.kind] is not Takes.CONSENT_OR_AGREEMENT:
        raise RuleBroken(_("Between these two an agreement is not enough: the client has to agree."), field="receiver")
    if not scopes or set(scopes) - set(OFFERED):
        raise RuleBroken(_("Choose what the agreement opens."), field="scopes")
    if until_on < from_on or until_on.year - from_on.year > MOST_YEARS:
        raise RuleBroken(_("The end comes after the beginning, ten years later at most."), field="until_on")


def _number():
    return f"D-{clock.today().year}-" + "".join(secrets.choice(ALPHABET) for _sign in range(6))


def end(actor, public_id: str) -> Agreement:
    """Ends an agreement; it opens nothing from the next request on."""
    with db.writing():
        row = db.locked(_visible(actor).where(Agreement.public_id == public_id)).first() \
            if may(actor, Can.REGISTER_AGREEMENTS) else None
        if row is None:
            raise Missing
        if row.ended_at is None:
            Agreement.update(ended_at=clock.now()).where(Agreement.id == row.id).execute()
            journal.wrote(actor, "agreement.end", row.public_id, parts="ended_at")
        return row


def _visible(actor):
    """All for who registers them, else those of the actor's own organisation."""
    if may(actor, Can.REGISTER_AGREEMENTS):
        return Agreement.select()
    mine = (Agreement.giver == actor.organisation_id) | (Agreement.receiver == actor.organisation_id)
    return Agreement.select().where(mine if may(actor, Can.OPEN_CLIENTS) else policy.NOBODY)


def visible(actor) -> list[Agreement]:
    """The agreements the actor may know of with both sides and their scopes, those in force first."""
    return _with_scopes(_with_sides(_visible(actor)))


def one(actor, public_id: str) -> Agreement:
    found = next((row for row in visible(actor) if row.public_id == public_id), None)
    if found is None:
        raise Missing
    return found


def of_client(client: Client) -> list[Agreement]:
    """The agreements in force that touch a client: both sides work with them."""
    works = Membership.select(Membership.organisation).where(Membership.client == client, policy.membership_holds())
    rows = Agreement.select().where(Agreement.giver.in_(works), Agreement.receiver.in_(works))
    return [row for row in _with_scopes(_with_sides(rows)) if holds(row)]


def _with_sides(query):
    giver, receiver = Organisation.alias(), Organisation.alias()
    return (query.select(Agreement, giver, receiver).join(giver, on=(Agreement.giver == giver.id), attr="giver")
            .join_from(Agreement, receiver, on=(Agreement.receiver == receiver.id), attr="receiver")
            .order_by(Agreement.until_on.desc(), Agreement.id.desc()))


def _with_scopes(query):
    rows = list(query)
    scopes = AgreementScope.select().where(AgreementScope.agreement.in_([row.id for row in rows])) if rows else ()
    opened = {}
    for scope in scopes:
        opened.setdefault(scope.agreement_id, []).append(scope.scope)
    for row in rows:
        row.opens = [scope for scope in Scope if scope in opened.get(row.id, ())]
    return sorted(rows, key=lambda row: not holds(row))


def holds(row: Agreement) -> bool:
    return row.ended_at is None and row.from_on <= clock.today() <= row.until_on


def ending_soon(actor, days: int = 30) -> int:
    """How many agreements that the actor registers end within so many days."""
    if not may(actor, Can.REGISTER_AGREEMENTS):
        return 0
    today = clock.today()
    return (Agreement.select(fn.COUNT(Agreement.id))
            .where(Agreement.ended_at.is_null(), Agreement.until_on >= today,
                   Agreement.until_on <= date.fromordinal(today.toordinal() + days)).scalar())
