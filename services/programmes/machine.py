"""What may follow on what in a programme, and who may bring it about. The table is data."""
import enum
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

import clock
from errors import Missing, RuleBroken
from models import Participant, ParticipantState, ProgrammeEvent, ProgrammeState
from policy import Can, may

State = ProgrammeState
NOW_IN = (ParticipantState.WAITING, ParticipantState.TAKES_PART)


class Event(enum.StrEnum):
    START = "start"
    WARN = "warn"
    PROLONG = "prolong"
    END = "end"
    CONTINUE = "continue"


class Side(enum.StrEnum):
    LEAD = "lead"  # of the organisation that runs it
    WORKER = "worker"
    SYSTEM = "system"


class AlreadyDecided(RuleBroken):
    """Somebody was quicker, or it cannot be done from the state it is in."""


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard` says in a sentence why not, or nothing."""

    old: State
    event: Event
    new: State
    sides: frozenset[Side]
    guard: Callable | None = None


def _not_over(row):
    return _("Its last day has passed. Put a later one first.") if row.ends_on < clock.today() else None


def _nobody_left(row):
    left = Participant.select().where(Participant.programme == row, Participant.state.in_(NOW_IN)).count()
    if left:
        return _("%(count)d people are still in it. Finish with them or hand them on first.", count=left)
    return None


def _may_end(row):
    if not row.continuity.strip():
        return _("Write the continuity plan first: what becomes of the people and the places.")
    return _nobody_left(row)


def _may_continue(row):
    if row.successor_id is None:
        return _("The coordinator has not named a successor yet.")
    return _may_end(row)


_RUN = frozenset({Side.LEAD, Side.WORKER})
_LEAD, _SYSTEM = frozenset({Side.LEAD}), frozenset({Side.SYSTEM})
TRANSITIONS = [
    Transition(State.PREPARING, Event.START, State.RUNNING, _RUN, _not_over),
    Transition(State.RUNNING, Event.WARN, State.ENDING, _SYSTEM),
    Transition(State.ENDING, Event.WARN, State.ENDING, _SYSTEM),
    Transition(State.RUNNING, Event.PROLONG, State.RUNNING, _LEAD),
    Transition(State.ENDING, Event.PROLONG, State.RUNNING, _LEAD),
    Transition(State.RUNNING, Event.END, State.ENDED, _LEAD, _may_end),
    Transition(State.ENDING, Event.END, State.ENDED, _LEAD, _may_end),
    Transition(State.RUNNING, Event.CONTINUE, State.CONTINUED, _LEAD, _may_continue),
    Transition(State.ENDING, Event.CONTINUE, State.CONTINUED, _LEAD, _may_continue),
]


def side_of(actor, row) -> Side | None:
    """From which side the actor acts on a programme, if from any."""
    if actor is None:
        return Side.SYSTEM
    if not may(actor, Can.RUN_PROGRAMMES) or actor.organisation_id != row.kept_by_id:
        return None
    return Side.LEAD if actor.lead else Side.WORKER


def open_events(actor, row) -> list[Event]:
    """What the actor may do now, whether or not a guard still refuses it: the refusal says what is missing."""
    side = side_of(actor, row)
    return [line.event for line in TRANSITIONS if line.old is row.state and side in line.sides]


def move(actor, row, event: Event, **columns) -> None:
    """Takes a programme along one line of TRANSITIONS. Raises Missing where this side never may, else RuleBroken."""
    side = side_of(actor, row)
    if not any(line.event is event and side in line.sides for line in TRANSITIONS):
        raise Missing(row.public_id)
    line = next((each for each in TRANSITIONS if each.old is row.state and each.event is event and side in each.sides),
                None)
    if line is None:
        raise AlreadyDecided(_("This cannot be done any more. See how the programme stands now."))
    refused = line.guard(row) if line.guard else None
    if refused:
        raise RuleBroken(refused)
    old, row.state = row.state, line.new
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    note(actor, row, event, old)


def note(actor, row, event, old) -> None:
    ProgrammeEvent.create(programme=row, actor=getattr(actor, "id", None), event=event, old_state=old,
                          new_state=row.state)
