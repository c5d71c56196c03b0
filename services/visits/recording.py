"""How a visit went: held or not and why, people reached, minutes of staff; said by one side, denied by the other.

Both versions stand. What is disputed, or what nobody wrote down, counts as neither held nor not held.
"""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
import formats
import policy
from errors import Missing, RuleBroken
from models import Booking, BookingClient, BookingRecord, BookingState, Reason, Topic, User, WindowKind
from services import mail, slots
from services.visits.deciding import change, last_event, locked, step_of
from services.visits.effects import Answer
from services.visits.machine import REASONS, RECORD_DAYS, AlreadyDecided, Event, Side, record_by, side_of
from services.visits.rows import lines, lines_among, with_names
from services.visits.telling import deciders

REMINDED_AFTER = 3  # working days after the visit
MOST_MINUTES, MOST_REACHED = 9999, 999
ONE_PERSON = {WindowKind.INDIVIDUAL, WindowKind.VIDEO, WindowKind.TELEPHONE}


@dataclass(frozen=True)
class Went:
    """How a visit went, as one side says: the reason where it was not held, people reached, minutes of staff."""

    held: bool = True
    reason: Reason | None = None
    reached: int | None = None
    minutes: int | None = None


def usual(booking, side: Side | None = Side.PRISON) -> Went:
    """The ordinary case: it was held as agreed, everybody came; only the prison knows minutes of its staff."""
    return Went(True, reached=expected(booking), minutes=usual_minutes(booking) if side is Side.PRISON else None)


def expected(booking) -> int | None:
    """How many clients were to come, where it is known."""
    named = BookingClient.select().where(BookingClient.booking == booking.id).count()
    return named or booking.finds_clients or (1 if booking.kind in ONE_PERSON else None)


def usual_minutes(booking) -> int:
    """Minutes of staff that a visit takes, as its window says, else its length."""
    window = booking.window
    if window is not None and window.staff_minutes is not None:
        return window.staff_minutes
    return int((booking.ends_at - booking.starts_at).total_seconds() // 60)


def record(actor, public_id: str, went: Went) -> Booking:
    """Writes down how a visit went; the same twice by the same person is one record.

    Missing where it is not theirs, AlreadyDecided where it was written down or is too late, RuleBroken for the rest.
    """
    return _say(actor, public_id, Event.RECORD, went)


def object_to(actor, public_id: str, went: Went) -> Booking:
    """The other side's version, once: the visit is disputed, both versions stand."""
    return _say(actor, public_id, Event.OBJECT, went)


def _say(actor, public_id, event, went) -> Booking:
    with db.writing():
        booking = locked(policy.visible_bookings(actor).where(Booking.public_id == public_id))
        side = side_of(actor, booking)
        if side is None:
            raise Missing
        _check(went)
        if _is_echo(actor, booking, event):
            return booking
        new = None if event is Event.OBJECT else BookingState.HELD if went.held else BookingState.NOT_HELD
        step = step_of(booking, event, side, new)
        _refuse_the_same(booking, event, went)
        _keep(actor, booking, side, went)
        change(actor, booking, step, Answer(went.reason if step.needs_reason else None))
        return booking


def _check(went):
    if not went.held and went.reason not in REASONS[Event.RECORD, Side.PRISON]:
        raise RuleBroken(_("Choose a reason."), field="reason")
    for value, most, field in ((went.reached, MOST_REACHED, "reached"), (went.minutes, MOST_MINUTES, "minutes")):
        if value is not None and not 0 <= value <= most:
            raise RuleBroken(_("Write a number from 0 to %(most)s.", most=most), field=field)


def _is_echo(actor, booking, event):
    last = last_event(booking)
    return last is not None and (last.event, last.actor_id) == (event, actor.id)


def _refuse_the_same(booking, event, went):
    if event is Event.OBJECT and went.held == (booking.state is BookingState.HELD):
        raise RuleBroken(_("The other side says the same. There is nothing to object to."), field="held")


def _keep(actor, booking, side, went):
    db.add(BookingRecord(booking=booking.id, by_prison=side is Side.PRISON, held=went.held,
                         reason=None if went.held else went.reason, recorded_by=actor.id, at=clock.now(),
                         staff_minutes=went.minutes, reached=went.reached if went.held else 0))


def record_many(actor, public_ids: list[str]) -> tuple[int, int]:
    """Writes down that several visits went as agreed; returns how many, and how many were settled before."""
    if not public_ids:
        raise RuleBroken(_("Choose at least one visit."), field="bookings")
    settled = 0
    with db.writing():
        for public_id in sorted(set(public_ids)):
            booking = policy.visible_bookings(actor).where(Booking.public_id == public_id).first()
            if booking is None:
                raise Missing
            try:
                record(actor, public_id, usual(booking, side_of(actor, booking)))
            except AlreadyDecided:
                settled += 1
    return len(set(public_ids)) - settled, settled


def records_of(booking) -> list[BookingRecord]:
    """What the sides said, the first first, each with who wrote it."""
    return list(BookingRecord.select(BookingRecord, User).join(User).where(BookingRecord.booking == booking.id)
                .order_by(BookingRecord.id))


# What runs on a clock

def remind_due() -> int:
    """Reminds both sides, once, of visits that nobody wrote down; returns of how many."""
    return sum(_remind(row.id) for row in list(_over().where(
        Booking.reminded_at.is_null() | (Booking.reminded_at < Booking.ends_at))))


def _over():
    return Booking.select(Booking.id).where(Booking.state == BookingState.CONFIRMED, Booking.ends_at < clock.now())


def _remind(booking_id) -> bool:
    with db.writing():
        booking = locked(Booking.select().where(Booking.id == booking_id))
        due = slots.working_days_after(clock.local(booking.ends_at).date(), REMINDED_AFTER)
        if booking.state is not BookingState.CONFIRMED or not due <= clock.today() <= record_by(booking):
            return False
        Booking.update(reminded_at=clock.now()).where(Booking.id == booking_id).execute()
        _tell_to_record(booking)
        return True


def _tell_to_record(booking):
    asked = User.select().where(User.id == booking.requested_by_id, User.active == True)  # noqa: E712
    for person in {each.id: each for each in [*deciders(booking.prison_id), *asked]}.values():
        if person.email:
            with force_locale(person.language):
                mail.tell(person, Topic.VISITS, _("Did the visit take place?"),
                          "\n".join(_body(booking, person.language)), f"/day/{booking.public_id}/record",
                          booking=booking.id)


def _body(booking, language):
    yield formats.span(booking.starts_at, booking.ends_at, language=language)
    yield f"{booking.prison.label}, {booking.place.name}"
    yield _("Number: %(number)s", number=booking.number)
    yield _("Please write down by %(day)s how it went. Later it counts as unknown.",
            day=formats.day(record_by(booking), language=language))
    yield ""
    yield mail.link(f"/day/{booking.public_id}/record")


def unrecord_due() -> int:
    """Marks visits that nobody wrote down in their working days; returns how many."""
    earliest = clock.now() - timedelta(days=RECORD_DAYS)
    return sum(_unrecord(row.id) for row in list(_over().where(Booking.ends_at < earliest)))


def _unrecord(booking_id) -> bool:
    with db.writing():
        booking = locked(Booking.select().where(Booking.id == booking_id))
        if booking.state is not BookingState.CONFIRMED or clock.today() <= record_by(booking):
            return False
        change(None, booking, step_of(booking, Event.UNRECORD, Side.SYSTEM), Answer())
        return True


# What waits to be written down

@dataclass(frozen=True)
class Today:
    """Visits that are over and wait to be written down, the oldest first."""

    rows: list
    in_all: int
    in_prison: bool


SHOWN = 10


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything: within days, where `to_record` counts to the second."""
    first = clock.today() - timedelta(days=3 * RECORD_DAYS + 1)
    return [_waiting(actor, policy.now_of(actor), db.beginning_of(first))]


def today(actor) -> Today | None:
    """The part of Today; None for whom visits do not concern."""
    if not policy.may(actor, policy.Can.SEE_VISITS):
        return None
    rows = to_record(actor)
    return Today(rows[:SHOWN], len(rows), policy.may(actor, policy.Can.DECIDE_VISITS)) if rows else None


def to_record(actor) -> list:
    """Rows of the actor's visits that are over and not written down yet."""
    now = clock.now()
    return policy.ask(actor, _to_record, over_by=now, since=now - timedelta(days=3 * RECORD_DAYS))


def _to_record(actor, over_by, since):
    return lines_among(_waiting(actor, over_by, since))


def _waiting(actor, over_by, since):
    """What is over has begun, and for that there is an index."""
    return policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.ends_at <= over_by, Booking.starts_at < over_by,
        Booking.starts_at > since)


TOOK_PLACE = [BookingState.CONFIRMED, BookingState.HELD, BookingState.NOT_HELD, BookingState.DISPUTED,
              BookingState.UNRECORDED]


def of_day(actor, day: date) -> list:
    """Rows of the actor's visits of a day that are agreed, or over."""
    return policy.ask(actor, _of_day, begin=clock.at(day, time.min), end=_end(day))


def _of_day(actor, begin, end):
    return lines(policy.visible_bookings(actor).where(
        Booking.starts_at >= begin, Booking.starts_at < end, Booking.state.in_(TOOK_PLACE)))


def _end(day) -> datetime:
    return clock.at(day + timedelta(days=1), time.min)


def may_be_recorded(row) -> bool:
    """Whether a row of a list waits to be written down now."""
    return row.state is BookingState.CONFIRMED and row.ends_at <= clock.now()


def one(actor, public_id: str) -> Booking:
    """A visit with its names, for the form. Missing where it is not theirs."""
    booking = with_names(policy.visible_bookings(actor).where(Booking.public_id == public_id)).first()
    if booking is None or side_of(actor, booking) is None:
        raise Missing
    return booking

