"""What may follow on what with a gap, and who brings it about. The table is data."""
import enum
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from errors import RuleBroken
from models import GapState
from policy import Can, may
from services.coverage.cell import EMPTY

State = GapState


class Event(enum.StrEnum):
    REPORT = "report"
    TAKE = "take"
    ASSIGN = "assign"
    BEGIN = "begin"
    AMEND = "amend"
    GIVE_BACK = "give_back"
    SOLVE = "solve"
    GIVE_UP = "give_up"
    REOPEN = "reopen"


class By(enum.StrEnum):
    """Who acts on a gap."""

    STAFF = "staff"  # whoever works in the network
    OWNER = "owner"
    COORDINATOR = "coordinator"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard(gap, cell)` says in a sentence why not, or nothing."""

    old: State | None
    event: Event
    new: State
    by: frozenset[By]
    needs_reason: bool = False
    guard: Callable | None = None


def _something_runs(row, cell):
    return _("Nothing runs there yet, so the gap is still open.") if cell.state == EMPTY else None


def _empty_again(row, cell):
    return None if row.filled and cell.state == EMPTY else _("It has not turned empty again.")


_STAFF, _SYSTEM = frozenset({By.STAFF}), frozenset({By.SYSTEM})
_KEEPERS = frozenset({By.OWNER, By.COORDINATOR})
OPEN, HELD, CLOSED = (State.FOUND, State.TAKEN, State.IN_WORK), (State.TAKEN, State.IN_WORK), (
    State.SOLVED, State.NOT_POSSIBLE)
TRANSITIONS = [
    Transition(None, Event.REPORT, State.FOUND, _STAFF),
    Transition(State.FOUND, Event.TAKE, State.TAKEN, _STAFF),
    Transition(State.FOUND, Event.ASSIGN, State.TAKEN, frozenset({By.COORDINATOR})),
    *[Transition(old, Event.ASSIGN, old, frozenset({By.COORDINATOR})) for old in HELD],
    Transition(State.TAKEN, Event.BEGIN, State.IN_WORK, _KEEPERS),
    Transition(State.FOUND, Event.AMEND, State.FOUND, _STAFF),
    *[Transition(old, Event.AMEND, old, _KEEPERS) for old in HELD],
    *[Transition(old, Event.GIVE_BACK, State.FOUND, _KEEPERS) for old in HELD],
    *[Transition(old, Event.SOLVE, State.SOLVED, _KEEPERS, guard=_something_runs) for old in HELD],
    Transition(State.FOUND, Event.SOLVE, State.SOLVED, frozenset({By.COORDINATOR}), guard=_something_runs),
    Transition(State.FOUND, Event.GIVE_UP, State.NOT_POSSIBLE, frozenset({By.COORDINATOR}), needs_reason=True),
    *[Transition(old, Event.GIVE_UP, State.NOT_POSSIBLE, _KEEPERS, needs_reason=True) for old in HELD],
    *[Transition(old, Event.REOPEN, State.FOUND, _STAFF) for old in CLOSED],
    *[Transition(old, Event.REOPEN, State.FOUND, _SYSTEM, guard=_empty_again) for old in CLOSED],
]


def sides(actor, row) -> set[By]:
    """As whom the actor may act on a gap; the system is nobody."""
    if actor is None:
        return {By.SYSTEM}
    if not may(actor, Can.KEEP_GAPS):
        return set()
    found = {By.STAFF}
    if may(actor, Can.VERIFY_ORGANISATIONS):
        found.add(By.COORDINATOR)
    if row.owner_id is not None and row.owner_id == actor.id:
        found.add(By.OWNER)
    return found


def line(actor, row, event: Event, cell) -> Transition:
    """The line of the table that applies. RuleBroken with a sentence where none does."""
    found = next((each for each in TRANSITIONS if each.old is row.state and each.event is event
                  and each.by & sides(actor, row)), None)
    if found is None:
        raise RuleBroken(_("This cannot be done any more. See how the gap stands now."))
    if refused := found.guard and found.guard(row, cell):
        raise RuleBroken(refused)
    return found


def open_events(actor, row, cell) -> list[Event]:
    """What the actor may do with a gap now; the buttons of its page."""
    mine = sides(actor, row)
    may_now = {each.event for each in TRANSITIONS if each.old is row.state and each.by & mine
               and not (each.guard and each.guard(row, cell))}
    return [event for event in Event if event in may_now]
