"""Taking a referral one step along the table: one transaction with its event, journal row and mails."""
import json

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Client, DeletionNotice, Level, Referral, ReferralEvent
from policy import visible_referrals
from services import journal
from services.referrals import levels
from services.referrals.machine import REASONS, Event, Side, ever_may, line_of, sides_of


def locked(actor, public_id: str) -> tuple[Referral, frozenset[Side]]:
    """A referral that the actor sees with its row locked, and from which sides they act on it. Raises Missing."""
    ids = visible_referrals(actor).select(Referral.id).where(Referral.public_id == public_id)
    row = db.locked(Referral.select().where(Referral.id.in_(ids))).first()
    if row is None:
        raise Missing(public_id)
    return row, sides_of(actor, row)


def begin(actor, public_id: str, event: Event) -> tuple[Referral, frozenset[Side]]:
    """The same; Missing where the actor's side never does such a thing, RuleBroken where it cannot be done now."""
    row, sides = locked(actor, public_id)
    if not ever_may(event, sides):
        raise Missing(public_id)
    line_of(row, event, sides)
    return row, sides


def move(actor, row: Referral, event: Event, sides, reason=None, changes: dict | None = None, **columns) -> None:
    """Takes a referral along one line. Of two at once one finds nothing to change, and RuleBroken says so."""
    line = line_of(row, event, sides)
    if line.needs_reason and reason not in REASONS[event]:
        raise RuleBroken(_("Choose a reason."), field="reason")
    if line.needs_reason:
        columns["reason"] = reason
    old = row.state
    for name, value in {**columns, "state": line.new, "changed_at": clock.now()}.items():
        setattr(row, name, value)
    row.save()
    ReferralEvent.create(referral=row, actor=getattr(actor, "id", None), event=event, old_state=old,
                         new_state=line.new, reason=reason or "", changes=json.dumps(changes) if changes else "",
                         at=clock.now())
    journal.wrote(actor, f"referral.{event}", row.public_id, Client.get_by_id(row.client_id), "needs")


def end_access(row: Referral) -> None:
    """The receiver sees nothing more of it, and is told to delete what it copied where it saw who it was."""
    levels.leave(row)
    if row.level >= Level.IDENTITY and row.receiver_id:
        DeletionNotice.create(organisation=row.receiver_id, client=row.client_id, referral=row.id,
                              told_at=clock.now())
