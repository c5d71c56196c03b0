"""Visitors inside a request for a visit: who comes, and clearance asked for in the same form."""
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import policy
from errors import RuleBroken
from models import BookingVisitor, Clearance, ClearanceReason, ClearanceState, PrisonProfile, User, Visitor
from services import slots
from services.visitors import listed
from services.visitors.clearing import ask_for, change, months, usual_end
from services.visitors.listed import with_names
from services.visitors.machine import Event, Side, holds, waits
from text import clean_text

MOST_GUESTS = 20


@dataclass(frozen=True)
class Chosen:
    """Somebody chosen for a visit: a colleague (`user`), somebody of the list (`visitor`), or a new name."""

    name: str
    user: User | None = None
    visitor: Visitor | None = None


def chosen(actor, wish) -> list[Chosen]:
    """Who comes, as the wish of a form says; `wish.colleagues` are public ids of accounts or visitors."""
    ids = set(wish.colleagues)
    own = _own_first(actor) if ids else ()
    found = [Chosen(person.name, person, getattr(person, "listed", None)) for person in own if person.public_id in ids]
    if len(found) < len(ids):
        found += [Chosen(row.name, visitor=row) for row in policy.ask(actor, listed._visitors)
                  if row.public_id in ids]
    names = dict.fromkeys(filter(None, (clean_text(name, limit=listed.LONGEST_NAME) for name in wish.guests)))
    if len(names) > MOST_GUESTS:
        raise RuleBroken(_("Write at most %(most)s names.", most=MOST_GUESTS), field="guests")
    return found + [Chosen(name) for name in names]


def _own_first(actor):
    return sorted(policy.ask(actor, _colleagues_listed), key=lambda person: person.id != actor.id)


def _colleagues_listed(actor):
    """Colleagues, each with their line on the organisation's list as `listed`, where they have one."""
    mine = (Visitor.user == User.id) & (Visitor.organisation == actor.organisation_id)
    return policy.colleagues(actor).select(User, Visitor).join(
        Visitor, JOIN.LEFT_OUTER, on=mine, attr="listed").order_by(User.name)


def for_request(actor, prison, wish, on: date | None = None, clears: bool | None = None) -> list[dict]:
    """The columns of a BookingVisitor for each who comes: `{"visitor", "user", "name"}`. Inside `db.writing()`.

    Who is not on the organisation's list gets there; where the prison clears visitors first, clearance is asked for
    all who have none that holds on the day of the visit (`on`, else that of the wish). `clears`: whether it does, where
    that has been read already.
    """
    rows = [_row(actor, each) for each in chosen(actor, wish)]
    if months(prison.id) is not None if clears is None else clears:
        _ask_for_uncleared(actor, prison, rows, on or _day_of(wish))
    return [{"visitor": row.id, "user": row.user_id, "name": row.name} for row in rows]


def _row(actor, each):
    if each.visitor is not None:
        return each.visitor
    if each.user is None:
        return listed.named(actor, each.name)
    return listed.of_user(actor.organisation_id, each.user)


def _day_of(wish):
    named = slots.read_key(getattr(wish, "slot", "") or "")
    return clock.local(named[1]).date() if named else clock.today()


def _ask_for_uncleared(actor, prison, rows, on):
    standing = {each.visitor_id: each for each in db.kept(
        _standing, prison=prison.id, visitors=[row.id for row in rows])} if rows else {}
    for row in rows:
        clearance = standing.get(row.id)
        if not holds(clearance, on) and not (clearance and waits(clearance)):
            ask_for(actor, row, prison.id)


def _standing(prison, visitors):
    return Clearance.select().where(Clearance.prison == prison, Clearance.visitor.in_(visitors))


# The prison's side

def questions(actor, booking) -> list[Clearance]:
    """Clearances that wait for the prison's answer together with a booking: of those who would come."""
    if months(booking.prison_id) is None:
        return []
    coming = BookingVisitor.select(BookingVisitor.visitor).where(
        BookingVisitor.booking == booking.id, BookingVisitor.visitor.is_null(False))
    rows = with_names(policy.visible_clearances(actor).where(
        Clearance.prison == booking.prison_id, Clearance.visitor.in_(coming))).order_by(Visitor.name)
    day = clock.local(booking.starts_at).date()
    return [row for row in rows if not holds(row, day)]


def all_cleared(booking, on: date | None = None) -> bool:
    """Whether everybody who comes is let in by the prison on the day of the visit."""
    return months(booking.prison_id) is None or not _uncleared(booking, on).exists()


def uncleared(booking) -> set[int]:
    """Ids of the visitors (rows of BookingVisitor) whom the prison does not let in yet on the day of the visit."""
    return {row.id for row in _uncleared(booking)} if months(booking.prison_id) is not None else set()


def _uncleared(booking, on=None):
    day = on or clock.local(booking.starts_at).date()
    cleared = Clearance.select(Clearance.visitor).where(
        Clearance.prison == booking.prison_id, Clearance.state == ClearanceState.CLEARED, Clearance.until_on >= day)
    return BookingVisitor.select().where(
        BookingVisitor.booking == booking.id, BookingVisitor.refused.is_null(),
        BookingVisitor.visitor.is_null() | BookingVisitor.visitor.not_in(cleared))


def answer(actor, booking, refused: dict[str, ClearanceReason] | None = None) -> None:
    """The prison's one answer to a visit and to its visitors: all are cleared but those refused. In `db.writing()`.

    `refused` are public ids of clearances with reasons. RuleBroken where nobody would be left to come.
    """
    refused, side = refused or {}, side_for(actor, booking)
    waiting = {row.public_id: row for row in questions(actor, booking)}
    for public_id, clearance in waiting.items():
        reason = refused.get(public_id)
        if reason is not None:
            _refuse(actor, booking, clearance, reason, side)
        elif clearance.state in {ClearanceState.ASKED, ClearanceState.CLEARED}:
            until_on = max(usual_end(booking.prison_id), clock.local(booking.starts_at).date())
            change(actor, clearance, Event.CLEAR, until_on, side=side)
    if not BookingVisitor.select().where(BookingVisitor.booking == booking.id,
                                         BookingVisitor.refused.is_null()).exists():
        raise RuleBroken(_("Nobody would be left to come. Decline the visit instead."), field="refused")


def refused_in(fields) -> dict[str, ClearanceReason]:
    """Who may not come and why, from the fields of a form: one for each clearance that waits (`refused-…`)."""
    reasons = set(ClearanceReason)
    return {name.removeprefix("refused-"): ClearanceReason(value) for name, value in fields.items()
            if name.startswith("refused-") and value in reasons}


def side_for(actor, booking) -> Side | None:
    """The prison's side for who writes down its paper; else None, and the actor's own side is what counts."""
    on_paper = PrisonProfile.select().where(PrisonProfile.organisation == booking.prison_id,
                                            PrisonProfile.on_paper == True)  # noqa: E712
    return Side.PRISON if actor.organisation_id == booking.organisation_id and on_paper.exists() else None


def _refuse(actor, booking, clearance, reason, side):
    if clearance.state is ClearanceState.ASKED:
        change(actor, clearance, Event.REFUSE, reason=reason, side=side)
    BookingVisitor.update(refused=reason).where(
        BookingVisitor.booking == booking.id, BookingVisitor.visitor == clearance.visitor_id).execute()
