"""What may follow on what in a visit's life, and from which side. The table is data; tests and the diagram in
docs/states.md are made from it."""
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

import clock
from errors import RuleBroken
from models import BookingAlternative, BookingFlag, BookingRecord, BookingState, PrisonProfile, Reason
from policy import Can, may
from services import slots


class Event(enum.StrEnum):
    REQUEST = "request"
    WAIT = "wait"  # ask for a time that is full
    OFFER = "offer"  # of a seat that became free, to the first in line
    TAKE = "take"
    PASS = "pass"  # the offer ran out
    CONFIRM = "confirm"
    DECLINE = "decline"
    COUNTER = "counter"  # propose another time
    LOSE = "lose"  # some of its times, to another visit of its client
    ACCEPT = "accept"
    REFUSE = "refuse"
    RUN_OUT = "run_out"  # nobody answered the proposal
    WITHDRAW = "withdraw"
    OVERDUE = "overdue"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    CHANGE = "change"  # another time, other people, other equipment
    NOTE = "note"  # what needs no new answer
    CANCEL = "cancel"
    FLAG = "flag"
    UNFLAG = "unflag"  # the reason to look again is gone
    KEEP = "keep"  # looked at again, it stands
    RECORD = "record"
    OBJECT = "object"
    UNRECORD = "unrecord"


class Side(enum.StrEnum):
    """From where somebody acts on a booking."""

    SENDER = "sender"
    PRISON = "prison"
    SYSTEM = "system"


State = BookingState
RECORD_DAYS = 5  # working days in which a visit is recorded, and in which the other side may object
ESCALATE_DAYS = 2  # working days after the answer was due


@dataclass(frozen=True)
class Transition:
    """One line of the table: `sides` may, before the visit begins (`begun` False), only after (True), ever (None).

    `guard` is asked with the booking and the side and says in a sentence why not, or nothing.
    """

    old: State | None
    event: Event
    new: State
    sides: frozenset[Side]
    needs_reason: bool = False
    begun: bool | None = False
    guard: Callable | None = None


# Guards

def _is_offered(booking, _side):
    if booking.offer_until is None:
        return _("No seat is offered to you now. You are told as soon as one becomes free.")
    return _stands(booking, _side)


def _stands(booking, _side):
    return None if booking.offer_until and booking.offer_until > clock.now() else _("This offer has run out.")


def _has_run_out(booking, _side):
    return None if booking.offer_until and booking.offer_until <= clock.now() else _("This offer still stands.")


def _is_in_line(booking, _side):
    return _("This offer still stands.") if booking.offer_until else None


def _is_overdue(booking, _side):
    due = booking.overdue_at is None and booking.answer_by < clock.today()
    return None if due else _("The answer is not overdue.")


def _is_long_overdue(booking, _side):
    due = booking.overdue_at and not booking.escalated_at and escalates_on(booking.answer_by) < clock.today()
    return None if due else _("The answer is not overdue.")


def _is_flagged(booking, _side):
    return None if open_flags(booking) else _("Nothing here has to be looked at again.")


def _in_time_to_record(booking, _side):
    return None if clock.today() <= record_by(booking) else _("The time to write down how it went is over.")


def _too_late_to_record(booking, _side):
    return None if clock.today() > record_by(booking) else _("It can still be written down how it went.")


def _may_object(booking, side):
    """The other side than the one that wrote it down, once, in its working days."""
    records = list(BookingRecord.select().where(BookingRecord.booking == booking.id).order_by(BookingRecord.id))
    if len(records) != 1 or records[0].by_prison == (side is Side.PRISON):
        return _("Only the other side can object, and only once.")
    until = slots.working_days_after(clock.local(records[0].at).date(), RECORD_DAYS)
    return None if clock.today() <= until else _("The time to object is over.")


def _came_on_paper(booking, _side):
    """The sender writes down the answer of a prison that has no access; no other prison is ever answered for."""
    on_paper = PrisonProfile.select().where(PrisonProfile.organisation == booking.prison_id,
                                            PrisonProfile.on_paper == True)  # noqa: E712
    return None if on_paper.exists() else _("The prison answers here itself.")


def _is_flagged_on_paper(booking, side):
    return _came_on_paper(booking, side) or _is_flagged(booking, side)


def escalates_on(answer_by: date) -> date:
    """The last day on which a late answer is still the prison's own matter."""
    return slots.working_days_after(answer_by, ESCALATE_DAYS)


def record_by(booking) -> date:
    """The last day on which it can be written down how a visit went."""
    return slots.working_days_after(clock.local(booking.ends_at).date(), RECORD_DAYS)


def open_flags(booking) -> list[BookingFlag]:
    """Why a visit has to be looked at again; nothing where nothing happened, or somebody has looked."""
    return list(BookingFlag.select().where(BookingFlag.booking == booking.id, BookingFlag.settled_at.is_null())
                .order_by(BookingFlag.id))


_SENDER, _PRISON, _SYSTEM = frozenset({Side.SENDER}), frozenset({Side.PRISON}), frozenset({Side.SYSTEM})
_EITHER = _SENDER | _PRISON
UNDECIDED = (State.REQUESTED, State.COUNTERED, State.WAITING)  # until their time comes
STANDS = (State.REQUESTED, State.COUNTERED, State.CONFIRMED)  # what has a seat, and is looked at again
TRANSITIONS = [
    Transition(None, Event.REQUEST, State.REQUESTED, _SENDER),
    Transition(None, Event.WAIT, State.WAITING, _SENDER),
    Transition(State.REQUESTED, Event.CONFIRM, State.CONFIRMED, _PRISON | _SYSTEM),
    Transition(State.REQUESTED, Event.DECLINE, State.DECLINED, _PRISON | _SYSTEM, needs_reason=True),
    Transition(State.REQUESTED, Event.CONFIRM, State.CONFIRMED, _SENDER, guard=_came_on_paper),
    Transition(State.REQUESTED, Event.DECLINE, State.DECLINED, _SENDER, needs_reason=True, guard=_came_on_paper),
    Transition(State.REQUESTED, Event.COUNTER, State.COUNTERED, _PRISON),
    Transition(State.COUNTERED, Event.ACCEPT, State.CONFIRMED, _SENDER, guard=_stands),
    Transition(State.COUNTERED, Event.REFUSE, State.WITHDRAWN, _SENDER, guard=_stands),
    Transition(State.COUNTERED, Event.RUN_OUT, State.REQUESTED, _SYSTEM, guard=_has_run_out),
    Transition(State.COUNTERED, Event.DECLINE, State.DECLINED, _SYSTEM, needs_reason=True),
    Transition(State.REQUESTED, Event.LOSE, State.REQUESTED, _SYSTEM),
    *[Transition(State.COUNTERED, Event.LOSE, new, _SYSTEM) for new in (State.COUNTERED, State.REQUESTED)],
    *[Transition(old, Event.WITHDRAW, State.WITHDRAWN, _SENDER) for old in UNDECIDED],
    Transition(State.REQUESTED, Event.OVERDUE, State.REQUESTED, _SYSTEM, guard=_is_overdue),
    Transition(State.REQUESTED, Event.ESCALATE, State.REQUESTED, _SYSTEM, guard=_is_long_overdue),
    *[Transition(old, Event.LAPSE, State.LAPSED, _SYSTEM, begun=True) for old in UNDECIDED],
    Transition(State.WAITING, Event.OFFER, State.WAITING, _SYSTEM, guard=_is_in_line),
    Transition(State.WAITING, Event.TAKE, State.REQUESTED, _SENDER, guard=_is_offered),
    Transition(State.WAITING, Event.PASS, State.WAITING, _SYSTEM, guard=_has_run_out),
    Transition(State.CONFIRMED, Event.CHANGE, State.REQUESTED, _SENDER),
    Transition(State.CONFIRMED, Event.CHANGE, State.COUNTERED, _PRISON),
    *[Transition(old, Event.NOTE, old, _SENDER) for old in UNDECIDED],
    Transition(State.CONFIRMED, Event.NOTE, State.CONFIRMED, _EITHER),
    Transition(State.CONFIRMED, Event.CANCEL, State.CANCELLED, _EITHER, needs_reason=True),
    *[Transition(old, Event.FLAG, old, _PRISON | _SYSTEM) for old in STANDS],
    *[Transition(old, Event.UNFLAG, old, _SYSTEM, guard=_is_flagged) for old in STANDS],
    Transition(State.CONFIRMED, Event.KEEP, State.CONFIRMED, _PRISON, guard=_is_flagged),
    Transition(State.CONFIRMED, Event.KEEP, State.CONFIRMED, _SENDER, guard=_is_flagged_on_paper),
    *[Transition(State.CONFIRMED, Event.RECORD, new, _EITHER, needs_reason=new is State.NOT_HELD, begun=True,
                 guard=_in_time_to_record) for new in (State.HELD, State.NOT_HELD)],
    *[Transition(old, Event.OBJECT, State.DISPUTED, _EITHER, begun=True, guard=_may_object)
      for old in (State.HELD, State.NOT_HELD)],
    Transition(State.CONFIRMED, Event.UNRECORD, State.UNRECORDED, _SYSTEM, begun=True, guard=_too_late_to_record),
    *[Transition(State.UNRECORDED, Event.RECORD, new, _EITHER, needs_reason=new is State.NOT_HELD, begun=True)
      for new in (State.HELD, State.NOT_HELD)],
]
HOLDS_SEAT = {State.REQUESTED, State.COUNTERED, State.CONFIRMED, State.HELD, State.NOT_HELD, State.DISPUTED,
              State.UNRECORDED}  # and who waits, while a seat is offered to them
REASONS = {
    (Event.DECLINE, Side.PRISON): (Reason.CAPACITY, Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.OTHER),
    (Event.DECLINE, Side.SYSTEM): (Reason.COLLISION,),
    (Event.DECLINE, Side.SENDER): (Reason.CAPACITY, Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.OTHER),
    (Event.CANCEL, Side.PRISON): (Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.CLIENT_DECLINED,
                                  Reason.CLIENT_ABSENT, Reason.OTHER),
    (Event.CANCEL, Side.SENDER): (Reason.ORGANISATION, Reason.CLIENT_DECLINED, Reason.CLIENT_ABSENT, Reason.OTHER),
    **{(Event.RECORD, side): (Reason.PRISON, Reason.ORGANISATION, Reason.CLIENT_DECLINED, Reason.CLIENT_ABSENT,
                              Reason.OTHER) for side in (Side.PRISON, Side.SENDER)},
}


class SlotTaken(RuleBroken):
    """The wanted time is gone; `details["slots"]` are free ones."""


class AlreadyDecided(RuleBroken):
    """Somebody was quicker; `details["booking"]` is how it stands now."""


def side_of(actor, booking) -> Side | None:
    """From which side the actor may act on a booking, if from any."""
    if may(actor, Can.DECIDE_VISITS) and actor.organisation_id == booking.prison_id:
        return Side.PRISON
    if may(actor, Can.REQUEST_VISITS) and actor.organisation_id == booking.organisation_id:
        return Side.SENDER
    return None


def open_events(actor, booking) -> set[Event]:
    """What the actor may do with a booking now; the buttons of its page."""
    side = side_of(actor, booking)
    lines = [step for step in TRANSITIONS if step.old is booking.state and side in step.sides]
    begun = bool(lines) and has_begun(booking)
    return {step.event for step in lines if step.begun in {None, begun}
            and not (step.guard and step.guard(booking, side))}


def proposing(actor, booking) -> Event | None:
    """The event by which the actor's prison proposes another time now, if it can."""
    events = open_events(actor, booking) if side_of(actor, booking) is Side.PRISON else ()
    return next((event for event in (Event.COUNTER, Event.CHANGE) if event in events), None)


def fits(step, booking, side) -> bool:
    """Whether a line of the table is about this booking, whatever its guard says."""
    return step.old is booking.state and side in step.sides and step.begun in {None, has_begun(booking)}


def has_begun(booking) -> bool:
    """Whether the time of a visit has come; of one that is not decided, the last of its times."""
    now = clock.now()
    if booking.starts_at > now or booking.state not in UNDECIDED:
        return booking.starts_at <= now
    return not BookingAlternative.select().where(BookingAlternative.booking == booking.id,
                                                 BookingAlternative.starts_at > now).exists()


def reasons_for(actor, booking, event: Event) -> tuple[Reason, ...]:
    return REASONS.get((event, side_of(actor, booking)), ())
