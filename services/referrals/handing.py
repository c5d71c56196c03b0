"""Handing clients on to another service: one by one, or all of a programme that ends.

The coordinator names the successor of a service, and sees nothing else; the lead of the service carries it out.
"""
from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Organisation, Referral, Service
from policy import Can, may
from services import journal
from services.referrals import fitting, levels, sending, telling
from services.referrals.changing import begin, end_access, move
from services.referrals.machine import Event, Side, State


def hand_on(actor, public_id: str, service_public_id: str) -> Referral:
    """Hands one client on; returns the new referral, sent already."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.HAND_ON)
        return _hand_on(actor, row, sides, fitting.service(service_public_id))


def _hand_on(actor, row, sides, service) -> Referral:
    if service.organisation_id == row.receiver_id:
        raise RuleBroken(_("Choose a service of another organisation."), field="service")
    new = sending.copy(actor, row, service, row.receiver_id)
    if not levels.has_desk(new.receiver):
        raise RuleBroken(_("Nobody there has an account yet. Write them a referral of their own."), field="service")
    move(actor, new, Event.SEND, frozenset({Side.AUTHOR}), sent_at=clock.now(),
         answer_by=sending.working_days_after(clock.today(), sending.ANSWER_DAYS))
    move(actor, row, Event.HAND_ON, sides, closed_at=clock.now())
    end_access(row)
    telling.tell(telling.receivers(new), new, lambda: _("A referral to your service"),
                 lambda: _("A referral to your service waits for an answer within five working days."))
    telling.tell(telling.senders(row), row, lambda: _("Your referral"),
                 lambda: _("A service has handed a client of yours on to another one."))
    telling.tell_client(row, lambda: _("A service that helps you has handed you on to another. See your referrals."))
    return new


# All of a programme

def name_successor(actor, service_public_id: str, successor_public_id: str) -> None:
    """The coordinator says which service takes over from another one."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing(service_public_id)
    with db.writing():
        row = Service.get_or_none(Service.public_id == service_public_id)
        if row is None:
            raise Missing(service_public_id)
        successor = fitting.sendable().where(Service.public_id == successor_public_id).first()
        if successor is None or successor.organisation_id == row.organisation_id:
            raise RuleBroken(_("Choose a service of another organisation."), field="successor")
        Service.update(successor=successor.id).where(Service.id == row.id).execute()
        journal.wrote(actor, "service.successor", row.public_id, parts="successor")


def to_succeed(public_id: str) -> Service:
    """The service that a successor is named for. Raises Missing."""
    found = Service.get_or_none(Service.public_id == public_id)
    if found is None:
        raise Missing(public_id)
    return found


def successors(service: Service):
    """Services of other organisations that could take over from one."""
    return fitting.sendable().where(Service.organisation != service.organisation_id)


def to_hand_on(actor) -> list[tuple[Service, int]]:
    """Services that the actor leads which have a successor, and how many clients in their care go there."""
    if not actor.lead:
        return []
    ending = (Service.select(Service, Organisation).join(Organisation)
              .where(Service.organisation == actor.organisation_id, Service.successor.is_null(False)))
    counted = [(row, _in_care(row).count()) for row in ending]
    return [(row, count) for row, count in counted if count]


def _in_care(service):
    return Referral.select().where(Referral.service == service, Referral.state == State.IN_CARE)


def hand_all_on(actor, service_public_id: str) -> int:
    """Hands on everybody in the care of a service to its successor; returns how many. Twice hands nobody on twice."""
    with db.writing():
        service = fitting.own_service(actor, service_public_id)
        if service.successor_id is None:
            raise Missing(service_public_id)
        successor = fitting.service(service.successor.public_id)
        rows = list(db.locked(_in_care(service)))
        for row in rows:
            _hand_on(actor, row, frozenset({Side.RECEIVER, Side.LEAD}), successor)
        return len(rows)
