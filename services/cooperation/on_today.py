"""What of co-operations waits for somebody today."""
from dataclasses import dataclass

import clock
from models import Cooperation, Party, PrisonProfile, Role
from policy import Can, may, visible_cooperations
from services.cooperation.machine import State
from services.cooperation.showing import MOST_ROWS, Line, line_rows, lines


@dataclass(frozen=True)
class Today:
    """`mine`: the reader's turn. `opened`: prisons waited for that take partners again. `late`: a coordinator's."""

    mine: list[Line]
    opened: list[Line]
    late: list[Line]


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not may(actor, Can.SEE_COOPERATIONS):
        return []
    if actor.role is Role.COORDINATOR:
        return [_late(actor)]
    return [my_turn(actor), _opened_to(actor)] if may(actor, Can.START_COOPERATIONS) else [my_turn(actor)]


def today(actor) -> Today | None:
    """What waits for the actor; for the coordinator what has waited past its day. None: nothing."""
    if not may(actor, Can.SEE_COOPERATIONS):
        return None
    if actor.role is Role.COORDINATOR:
        late = lines(actor, _late)
        return Today([], [], late) if late else None
    mine = lines(actor, _my_lines)
    opened = lines(actor, _opened_to) if may(actor, Can.START_COOPERATIONS) else []
    return Today(mine, opened, []) if mine or opened else None


def _late(actor):
    return line_rows(visible_cooperations(actor).where(Cooperation.due_on < clock.today())).limit(MOST_ROWS)


def _my_lines(actor):
    return line_rows(my_turn(actor)).limit(MOST_ROWS)


def _opened_to(actor):
    """Waiting, though the prison takes new partners now."""
    closed = PrisonProfile.select(PrisonProfile.organisation).where(
        PrisonProfile.no_new_partners_until >= clock.today())
    return line_rows(visible_cooperations(actor).where(
        Cooperation.state == State.WAITING, Cooperation.prison.not_in(closed))).limit(MOST_ROWS)


def my_turn(actor):
    """The query of co-operations in which it is the turn of the actor's side."""
    turn = Party.PRISON if actor.role is Role.PRISON else Party.ORGANISATION
    return visible_cooperations(actor).where(Cooperation.turn == turn)
