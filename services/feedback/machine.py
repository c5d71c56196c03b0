"""What may follow on what in a follow-up, and from which side. The table is data."""
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import get_locale
from flask_babel import gettext as _

import clock
from errors import RuleBroken
from formats import day
from models import Prompt, PromptState

State = PromptState
OPEN_DAYS = 21  # unanswered after that
EARLY_DAYS = 7  # an entry may be made so long before its day, not before release


class Event(enum.StrEnum):
    PLAN = "plan"
    OPEN = "open"
    REMIND = "remind"
    LAPSE = "lapse"
    ANSWER = "answer"
    CORRECT = "correct"
    RECORD = "record"
    MISS = "miss"
    DECLINE = "decline"
    STOP = "stop"
    RETURN = "return"
    DIE = "die"
    CANCEL = "cancel"


class Side(enum.StrEnum):
    """From where something happens to a follow-up."""

    CLIENT = "client"  # through the link that they were sent
    WORKER = "worker"  # of the organisation that asks
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard` is asked with the follow-up and says in a sentence why not, or nothing."""

    old: State | None
    event: Event
    new: State
    sides: frozenset[Side]
    guard: Callable | None = None


class Closed(RuleBroken):
    """It cannot be done from the state that the follow-up is in."""


def _is_near(prompt: Prompt) -> str | None:
    opens_on = prompt.due_on - timedelta(days=min(EARLY_DAYS, prompt.milestone))
    if clock.today() >= opens_on:
        return None
    return _("This follow-up is not due yet. It can be filled in from %(day)s.",
             day=day(opens_on, language=str(get_locale() or "cs")))


_CLIENT, _WORKER, _SYSTEM = frozenset({Side.CLIENT}), frozenset({Side.WORKER}), frozenset({Side.SYSTEM})
WAITING = (State.PLANNED, State.OPEN)
MISSED = (State.UNANSWERED, State.NOT_REACHED)
TRANSITIONS = [
    Transition(None, Event.PLAN, State.PLANNED, _SYSTEM),
    Transition(State.PLANNED, Event.OPEN, State.OPEN, _SYSTEM),
    Transition(State.OPEN, Event.REMIND, State.OPEN, _SYSTEM),
    Transition(State.OPEN, Event.LAPSE, State.UNANSWERED, _SYSTEM),
    Transition(State.PLANNED, Event.LAPSE, State.CANCELLED, _SYSTEM),  # its time went by, nobody was asked
    Transition(State.OPEN, Event.ANSWER, State.ANSWERED, _CLIENT),
    Transition(State.ANSWERED, Event.CORRECT, State.ANSWERED, _CLIENT),  # in their app; the link has died
    *[Transition(old, Event.RECORD, State.RECORDED, _WORKER, _is_near)
      for old in (*WAITING, *MISSED, State.RECORDED)],
    Transition(State.ANSWERED, Event.RECORD, State.ANSWERED, _WORKER),  # the worker's own view beside the client's
    *[Transition(old, Event.MISS, State.NOT_REACHED, _WORKER, _is_near)
      for old in (*WAITING, *MISSED, State.RECORDED)],
    Transition(State.OPEN, Event.DECLINE, State.DECLINED, _CLIENT | _WORKER),
    Transition(State.OPEN, Event.STOP, State.CANCELLED, _CLIENT | _WORKER),
    Transition(State.PLANNED, Event.STOP, State.CANCELLED, _WORKER),
    Transition(State.DECLINED, Event.STOP, State.DECLINED, _CLIENT | _WORKER),  # it stops those to come
    *[Transition(old, Event.RETURN, State.RETURNED, _WORKER) for old in (*WAITING, *MISSED)],
    *[Transition(old, Event.DIE, State.DIED, _WORKER) for old in (*WAITING, *MISSED, State.RETURNED)],
    *[Transition(old, Event.CANCEL, State.CANCELLED, _SYSTEM) for old in WAITING],
]


def line_of(prompt: Prompt, event: Event, side: Side) -> Transition:
    """The line of the table that applies. Raises RuleBroken where there is none now."""
    found = next((each for each in TRANSITIONS
                  if (each.old, each.event) == (prompt.state, event) and side in each.sides), None)
    if found is None:
        raise Closed(_("This follow-up is closed and takes no entries.") if event in (Event.RECORD, Event.MISS)
                     else _("This has been decided already. See how it stands now."))
    refused = found.guard(prompt) if found.guard else None
    if refused:
        raise RuleBroken(refused)
    return found


def open_events(prompt: Prompt, side: Side) -> set[Event]:
    """What may be done now; the buttons of the page."""
    return {each.event for each in TRANSITIONS if each.old is prompt.state and side in each.sides
            and not (each.guard and each.guard(prompt))}


def states_before(event: Event) -> list[State]:
    """From which states an event leads on."""
    return [each.old for each in TRANSITIONS if each.event is event and each.old]
