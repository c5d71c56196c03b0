"""What may follow on what in a visit's life, and from which side. The table is data."""
import enum
from dataclasses import dataclass

import clock
from errors import RuleBroken
from models import BookingState, Reason
from policy import Can, may


class Event(enum.StrEnum):
    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    LAPSE = "lapse"


class Side(enum.StrEnum):
    """From where somebody acts on a booking."""

    SENDER = "sender"
    PRISON = "prison"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table: `sides` may, before the visit begins (or, where `begun`, only after)."""

    old: BookingState | None
    event: Event
    new: BookingState
    sides: frozenset[Side]
    needs_reason: bool = False
    begun: bool = False


_EITHER = frozenset({Side.SENDER, Side.PRISON})
TRANSITIONS = [
    Transition(None, Event.REQUEST, BookingState.REQUESTED, frozenset({Side.SENDER})),
    Transition(BookingState.REQUESTED, Event.CONFIRM, BookingState.CONFIRMED, frozenset({Side.PRISON})),
    Transition(BookingState.REQUESTED, Event.DECLINE, BookingState.DECLINED, frozenset({Side.PRISON}), True),
    Transition(BookingState.REQUESTED, Event.WITHDRAW, BookingState.WITHDRAWN, frozenset({Side.SENDER})),
    Transition(BookingState.CONFIRMED, Event.CANCEL, BookingState.CANCELLED, _EITHER, True),
    Transition(BookingState.REQUESTED, Event.LAPSE, BookingState.LAPSED, frozenset({Side.SYSTEM}), begun=True),
]
HOLDS_SEAT = {BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.HELD, BookingState.NOT_HELD}
REASONS = {
    (Event.DECLINE, Side.PRISON): (Reason.CAPACITY, Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.OTHER),
    (Event.CANCEL, Side.PRISON): (Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.CLIENT_DECLINED,
                                  Reason.CLIENT_ABSENT, Reason.OTHER),
    (Event.CANCEL, Side.SENDER): (Reason.ORGANISATION, Reason.CLIENT_DECLINED, Reason.CLIENT_ABSENT, Reason.OTHER),
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
    return {step.event for step in TRANSITIONS if fits(step, booking, side)}


def fits(step, booking, side) -> bool:
    begun = booking.starts_at <= clock.now()
    return step.old is booking.state and side in step.sides and step.begun == begun


def reasons_for(actor, booking, event: Event) -> tuple[Reason, ...]:
    return REASONS.get((event, side_of(actor, booking)), ())
