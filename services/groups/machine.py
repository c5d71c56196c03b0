"""What may follow on what with a meeting and its minutes. The table is data."""
import enum
from dataclasses import dataclass

from flask_babel import gettext as _

import clock
from errors import Missing, RuleBroken
from models import GroupMember, Meeting, MeetingState
from policy import Can, may

State = MeetingState


class Event(enum.StrEnum):
    INVITE = "invite"
    MOVE = "move"  # another time, place or name
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    SEND_MINUTES = "send_minutes"
    APPROVE = "approve"
    RUN_OUT = "run_out"  # nobody objected in time
    CORRECT = "correct"


class Side(enum.StrEnum):
    LEAD = "lead"
    MEMBER = "member"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table."""

    old: State
    event: Event
    new: State
    sides: frozenset[Side]
    needs_reason: bool = False


_LEAD, _SYSTEM = frozenset({Side.LEAD}), frozenset({Side.SYSTEM})
TRANSITIONS = [
    Transition(State.PLANNED, Event.MOVE, State.PLANNED, _LEAD),
    Transition(State.PLANNED, Event.INVITE, State.INVITED, _LEAD),
    Transition(State.PLANNED, Event.CANCEL, State.CANCELLED, _LEAD),
    Transition(State.INVITED, Event.MOVE, State.INVITED, _LEAD),
    Transition(State.INVITED, Event.CANCEL, State.CANCELLED, _LEAD),
    Transition(State.CANCELLED, Event.REINSTATE, State.PLANNED, _LEAD),
    Transition(State.PLANNED, Event.SEND_MINUTES, State.REVIEW, _LEAD),
    Transition(State.INVITED, Event.SEND_MINUTES, State.REVIEW, _LEAD),
    Transition(State.REVIEW, Event.APPROVE, State.APPROVED, _LEAD),
    Transition(State.REVIEW, Event.RUN_OUT, State.APPROVED, _SYSTEM),
    Transition(State.APPROVED, Event.CORRECT, State.CORRECTING, _LEAD, needs_reason=True),
    Transition(State.CORRECTING, Event.SEND_MINUTES, State.REVIEW, _LEAD),
]
COMING = (State.PLANNED, State.INVITED)
IN_WRITING = (State.REVIEW, State.CORRECTING)
SHUT = (State.APPROVED, State.CANCELLED)


def stay(actor, group) -> GroupMember | None:
    """The actor's membership of a group now."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return None
    return GroupMember.select().where(
        GroupMember.group == group, GroupMember.user == actor.id, GroupMember.since_at.is_null(False),
        GroupMember.until_at.is_null()).first()


def side_of(actor, group) -> Side | None:
    """From which side the actor acts in a group, if from any. Nobody writes in a group that is closed."""
    if actor is None:
        return Side.SYSTEM
    member = stay(actor, group)
    return None if member is None else Side.LEAD if member.lead else Side.MEMBER


def open_events(side: Side | None, meeting: Meeting) -> set[Event]:
    """What somebody of this side may do with a meeting now."""
    if meeting.group.closed_at:
        return set()
    begun = has_begun(meeting)
    return {line.event for line in TRANSITIONS if line.old is meeting.state and side in line.sides
            and (begun or line.event is not Event.SEND_MINUTES)}


def has_begun(meeting) -> bool:
    return meeting.starts_at <= clock.now()


def move(actor, meeting: Meeting, event: Event, **columns) -> None:
    """Takes a meeting along one line of TRANSITIONS. Raises Missing where this side never may, else RuleBroken."""
    side = side_of(actor, meeting.group)
    if not any(line.event is event and side in line.sides for line in TRANSITIONS):
        raise Missing(meeting.public_id)
    if event not in open_events(side, meeting):
        raise RuleBroken(_("This cannot be done any more. See how the meeting stands now."))
    line = next(line for line in TRANSITIONS if line.old is meeting.state and line.event is event)
    meeting.state, meeting.changed_at = line.new, clock.now()
    for name, value in columns.items():
        setattr(meeting, name, value)
    meeting.save()


def may_write_minutes(meeting) -> bool:
    """From the day of the meeting until the minutes are approved."""
    if meeting.group.closed_at or meeting.state in SHUT:
        return False
    return meeting.state in IN_WRITING or clock.local(meeting.starts_at).date() <= clock.today()
