"""What may follow on what in a co-operation, and from which side. The table is data."""
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

import clock
import formats
from errors import RuleBroken
from labels import language
from models import CooperationReason, CooperationState, Party, PrisonProfile
from policy import Can, may
from services import prisons
from services.cooperation.steps import last_done, open_step


class Event(enum.StrEnum):
    START = "start"
    WAIT = "wait"
    TAKE_UP = "take_up"
    STEP = "step"
    REOPEN = "reopen"
    ACTIVATE = "activate"
    AMEND = "amend"
    PAUSE = "pause"
    RESUME = "resume"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    END = "end"
    RUN_OUT = "run_out"


class Side(enum.StrEnum):
    """From where somebody acts on a co-operation."""

    PRISON = "prison"
    ORGANISATION = "organisation"
    SYSTEM = "system"


State = CooperationState


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard` is asked with the co-operation and says in a sentence why not, or nothing."""

    old: State | None
    event: Event
    new: State
    sides: frozenset[Side]
    needs_reason: bool = False
    guard: Callable | None = None


def _is_open(row):
    """Whether the prison takes new partners, and an organisation that was declined may ask again."""
    until = closed_until(prisons.profile_of(row.prison_id))
    if until:
        return _("This prison takes no new partners until %(day)s.", day=formats.day(until, language=language()))
    return may_ask_again(row)


def _is_closed(row):
    if closed_until(prisons.profile_of(row.prison_id)) is None:
        return _("This prison takes new partners now. You can start.")
    return may_ask_again(row)


def may_ask_again(row):
    if row.state is State.DECLINED and row.not_before and clock.today() < row.not_before:
        return _("The prison declined. You can ask again from %(day)s.",
                 day=formats.day(row.not_before, language=language()))
    return None


def _all_done(row):
    return _("Some steps are not done yet.") if open_step(row) else None


def _has_open_step(row):
    return None if open_step(row) else _("All steps are done.")


def _has_done_step(row):
    return None if last_done(row) else _("No step is done yet.")


def _has_run_out(row):
    return None if has_run_out(row) else _("It has not run out yet.")


def has_run_out(row) -> bool:
    """Whether a co-operation that runs is past its last day, though no job has ended it yet."""
    return row.state in RUNS and row.valid_until is not None and row.valid_until < clock.today()


_PRISON, _ORGANISATION = frozenset({Side.PRISON}), frozenset({Side.ORGANISATION})
_EITHER, _SYSTEM = _PRISON | _ORGANISATION, frozenset({Side.SYSTEM})
_BEFORE_IT_RUNS, RUNS = (State.WAITING, State.INTEREST, State.NEGOTIATING), (State.ACTIVE, State.PAUSED)
TRANSITIONS = [
    *[Transition(old, Event.START, State.INTEREST, _ORGANISATION, guard=_is_open)
      for old in (None, State.WAITING, State.DECLINED, State.ENDED)],
    *[Transition(old, Event.WAIT, State.WAITING, _ORGANISATION, guard=_is_closed)
      for old in (None, State.DECLINED, State.ENDED)],
    Transition(State.INTEREST, Event.TAKE_UP, State.NEGOTIATING, _PRISON),
    Transition(State.NEGOTIATING, Event.STEP, State.NEGOTIATING, _EITHER, guard=_has_open_step),
    Transition(State.NEGOTIATING, Event.REOPEN, State.NEGOTIATING, _EITHER, guard=_has_done_step),
    Transition(State.NEGOTIATING, Event.ACTIVATE, State.ACTIVE, _PRISON, guard=_all_done),
    Transition(State.ACTIVE, Event.AMEND, State.ACTIVE, _PRISON),
    Transition(State.ACTIVE, Event.PAUSE, State.PAUSED, _EITHER, needs_reason=True),
    Transition(State.PAUSED, Event.RESUME, State.ACTIVE, _PRISON),
    *[Transition(old, Event.DECLINE, State.DECLINED, _PRISON, needs_reason=True) for old in _BEFORE_IT_RUNS],
    *[Transition(old, Event.WITHDRAW, State.ENDED, _ORGANISATION) for old in _BEFORE_IT_RUNS],
    *[Transition(old, Event.END, State.ENDED, _EITHER, needs_reason=True) for old in RUNS],
    *[Transition(old, Event.RUN_OUT, State.ENDED, _SYSTEM, guard=_has_run_out) for old in RUNS],
]
REASONS = {
    Event.DECLINE: (CooperationReason.CAPACITY, CooperationReason.COVERED, CooperationReason.DOCUMENTS,
                    CooperationReason.SECURITY, CooperationReason.OTHER),
    Event.PAUSE: (CooperationReason.STAFF, CooperationReason.FUNDING, CooperationReason.CAPACITY,
                  CooperationReason.SECURITY, CooperationReason.OTHER),
    Event.END: (CooperationReason.AGREED, CooperationReason.FUNDING, CooperationReason.STAFF,
                CooperationReason.CAPACITY, CooperationReason.SECURITY, CooperationReason.OTHER),
}


class AlreadyDecided(RuleBroken):
    """Somebody was quicker, or it cannot be done from the state it is in."""


def side_of(actor, row) -> Side | None:
    """From which side the actor may act on a co-operation, if from any."""
    if may(actor, Can.KEEP_PRISON) and actor.organisation_id == row.prison_id:
        return Side.PRISON
    if may(actor, Can.START_COOPERATIONS) and actor.organisation_id == row.organisation_id:
        return Side.ORGANISATION
    return None


def state_of(row) -> CooperationState | None:
    """How a co-operation stands today: past its last day it has ended, whether or not the night has come."""
    return State.ENDED if has_run_out(row) else row.state


def open_events(actor, row) -> set[Event]:
    """What the actor may do with a co-operation now; the buttons of its page."""
    side, state = side_of(actor, row), state_of(row)
    return {each.event for each in TRANSITIONS if each.old is state and side in each.sides
            and not (each.guard and each.guard(row)) and fits_step(row, each.event, side)}


def fits_step(row, event, side) -> bool:
    """A side ticks its own steps; the prison, whose checklist it is, ticks any. What one has ticked one can undo."""
    if side is Side.PRISON or event not in {Event.STEP, Event.REOPEN}:
        return True
    turn = open_step(row) if event is Event.STEP else last_done(row)
    return turn is not None and turn.turn is Party.ORGANISATION


def closed_until(profile: PrisonProfile | None) -> date | None:
    """The last day on which the prison takes no new partners; None where it takes some today."""
    until = profile.no_new_partners_until if profile else None
    return until if until and until >= clock.today() else None
