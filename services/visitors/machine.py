"""What may follow on what in the clearance of a visitor, and from which side. The table is data."""
import enum
from dataclasses import dataclass

import clock
from models import ClearanceState
from policy import Can, may


class Event(enum.StrEnum):
    ASK = "ask"
    CLEAR = "clear"
    REFUSE = "refuse"
    REVOKE = "revoke"
    EXPIRE = "expire"


class Side(enum.StrEnum):
    """From where somebody acts on a clearance."""

    SENDER = "sender"
    PRISON = "prison"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table: `old` None is a visitor for whom this prison was never asked."""

    old: ClearanceState | None
    event: Event
    new: ClearanceState
    side: Side
    needs_reason: bool = False


TRANSITIONS = [
    Transition(None, Event.ASK, ClearanceState.ASKED, Side.SENDER),
    Transition(ClearanceState.REFUSED, Event.ASK, ClearanceState.ASKED, Side.SENDER),
    Transition(ClearanceState.EXPIRED, Event.ASK, ClearanceState.ASKED, Side.SENDER),
    Transition(ClearanceState.REVOKED, Event.ASK, ClearanceState.ASKED, Side.SENDER),
    Transition(ClearanceState.CLEARED, Event.ASK, ClearanceState.CLEARED, Side.SENDER),  # to go on; it holds meanwhile
    Transition(ClearanceState.ASKED, Event.CLEAR, ClearanceState.CLEARED, Side.PRISON),
    Transition(ClearanceState.CLEARED, Event.CLEAR, ClearanceState.CLEARED, Side.PRISON),
    Transition(ClearanceState.ASKED, Event.REFUSE, ClearanceState.REFUSED, Side.PRISON, True),
    Transition(ClearanceState.CLEARED, Event.REVOKE, ClearanceState.REVOKED, Side.PRISON, True),
    Transition(ClearanceState.CLEARED, Event.EXPIRE, ClearanceState.EXPIRED, Side.SYSTEM),
]


def line(state: ClearanceState | None, event: Event, side: Side | None) -> Transition | None:
    """The line of the table for an event from a side; None where it may not be."""
    return next((each for each in TRANSITIONS
                 if (each.old, each.event, each.side) == (state, event, side)), None)


def side_of(actor, clearance) -> Side | None:
    """From which side the actor may act on a clearance, if from any."""
    if may(actor, Can.DECIDE_VISITS) and actor.organisation_id == clearance.prison_id:
        return Side.PRISON
    if may(actor, Can.REQUEST_VISITS) and actor.organisation_id == clearance.visitor.organisation_id:
        return Side.SENDER
    return None


def open_events(actor, clearance) -> list[Event]:
    """What the actor may do with a clearance now; the buttons of its row."""
    side = side_of(actor, clearance)
    return [each.event for each in TRANSITIONS if (each.old, each.side) == (clearance.state, side)]


def waits(clearance) -> bool:
    """Whether the prison is to answer: asked for, or asked again while it still holds."""
    if clearance.state is ClearanceState.CLEARED:
        return clearance.decided_at is not None and clearance.asked_at > clearance.decided_at
    return clearance.state is ClearanceState.ASKED


def holds(clearance, on=None) -> bool:
    """Whether a clearance lets its visitor in on a day (today)."""
    return (clearance is not None and clearance.state is ClearanceState.CLEARED
            and clearance.until_on >= (on or clock.today()))
