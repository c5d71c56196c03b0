"""Co-operations as their pages show them."""
from dataclasses import dataclass, field
from datetime import date, timedelta

from peewee import JOIN

import clock
import policy
from errors import Missing
from models import (
    ChecklistStep,
    Cooperation,
    CooperationEvent,
    CooperationStep,
    Kind,
    Organisation,
    Party,
    PrisonProfile,
    User,
)
from policy import Can, may, visible_cooperations
from services import prisons
from services.cooperation.changing import between
from services.cooperation.lasting import Usual, usual, usual_of
from services.cooperation.machine import (
    RUNS,
    Event,
    Side,
    State,
    closed_until,
    has_run_out,
    may_ask_again,
    open_events,
    side_of,
    state_of,
)
from services.cooperation.steps import steps_of
from services.cooperation.waiting import waiting_list
from services.slots import names_of

MOST_ROWS = 200


@dataclass
class Line:
    """A co-operation in a list. `mine`: it is the reader's turn. `late`: past its day."""

    public_id: str
    title: str
    state: State
    turn: Party | None
    step: str
    days: int  # that it has waited for whoever's turn it is
    due_on: date | None
    since_on: date | None
    mine: bool
    late: bool
    order: int = 0  # its place on the waiting list


@dataclass
class Board:
    """The co-operations that the reader may see, by what is to be done."""

    side: Side | None = None  # the reader's
    mine: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)
    running: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    over: list[Line] = field(default_factory=list)


def board(actor) -> Board:
    """All co-operations of the actor's side, in one query; the longest waiting first."""
    found = Board(_side_by_role(actor))
    for line in lines(actor, _on_board):
        _where(found, line).append(line)
    return found


def _on_board(actor):
    return line_rows(visible_cooperations(actor)).limit(MOST_ROWS)


def _side_by_role(actor) -> Side | None:
    return Side.PRISON if may(actor, Can.KEEP_PRISON) else Side.ORGANISATION if may(actor, Can.START_COOPERATIONS) \
        else None


def _where(found, line):
    if line.turn:
        return found.mine if line.mine else found.theirs
    return found.waiting if line.state is State.WAITING else found.running if line.state in RUNS else found.over


def lines(actor, build) -> list[Line]:
    """Lines of the co-operations that the query `build(actor)` is of."""
    return [_as_line(actor, row) for row in policy.ask(actor, build)]


def line_rows(query):
    organisation, prison = Organisation.alias("o"), Organisation.alias("p")
    step = (CooperationStep.select(CooperationStep.name)
            .where(CooperationStep.cooperation == Cooperation.id, CooperationStep.done_at.is_null())
            .order_by(CooperationStep.position).limit(1))
    return (query.select(Cooperation, *names_of(organisation), *names_of(prison), step.alias("step"))
            .join(organisation, on=(Cooperation.organisation == organisation.id), attr="organisation")
            .switch(Cooperation).join(prison, on=(Cooperation.prison == prison.id), attr="prison")
            .order_by(Cooperation.turn_since, Cooperation.started_at, Cooperation.id))


def _as_line(actor, row) -> Line:
    side = side_of(actor, row)
    title = {Side.PRISON: row.organisation.label, Side.ORGANISATION: row.prison.label}.get(
        side, f"{row.organisation.label} – {row.prison.label}")
    return Line(row.public_id, title, state_of(row), row.turn, row.step if row.state is State.NEGOTIATING else None,
                days_waited(row), row.due_on, _since(row),
                mine=bool(row.turn and side and row.turn.value == side.value), late=is_late(row))


def _since(row) -> date | None:
    return row.valid_until + timedelta(days=1) if has_run_out(row) else row.since_on


def days_waited(row) -> int:
    return (clock.today() - clock.local(row.turn_since).date()).days if row.turn_since else 0


def is_late(row) -> bool:
    return bool(row.due_on and row.due_on < clock.today())


@dataclass(frozen=True)
class Opened:
    """One co-operation as its page shows it. `events` are flat rows of what happened, the newest first."""

    row: Cooperation
    state: State
    since_on: date | None
    steps: list[CooperationStep]
    current: CooperationStep | None
    history: list
    may: set[Event]
    side: Side | None
    days: int
    late: bool
    usual: Usual | None
    place: int  # on the waiting list; 0: not on it
    closed_until: date | None

    @property
    def mine(self) -> bool:
        return bool(self.row.turn and self.side and self.row.turn.value == self.side.value)


def one(actor, public_id: str) -> Cooperation:
    row = visible_cooperations(actor).where(Cooperation.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


def own(actor, public_id: str) -> Cooperation:
    """A co-operation of the actor's own side, in which they can act. Raises Missing."""
    row = one(actor, public_id)
    if side_of(actor, row) is None:
        raise Missing
    return row


def open_cooperation(actor, public_id: str) -> Opened:
    """Raises Missing."""
    row = one(actor, public_id)
    steps = list(steps_of(row).select(CooperationStep, User).join(User, JOIN.LEFT_OUTER))
    in_line = [each.id for each in waiting_list(row.prison_id)] if row.state is State.WAITING else []
    current = next((step for step in steps if row.state is State.NEGOTIATING and step.done_at is None), None)
    return Opened(row, state_of(row), _since(row), steps, current, _history(row), open_events(actor, row),
                  side_of(actor, row), days_waited(row), is_late(row), usual(row.prison_id),
                  in_line.index(row.id) + 1 if in_line else 0, closed_until(prisons.profile_of(row.prison_id)))


def _history(row):
    home = Organisation.alias("home")
    return list(CooperationEvent.select(CooperationEvent, User.name.alias("who"), home.short_name.alias("home_short"),
                                        home.name.alias("home_name"))
                .join(User, JOIN.LEFT_OUTER).join(home, JOIN.LEFT_OUTER, on=(User.organisation == home.id))
                .where(CooperationEvent.cooperation == row.id)
                .order_by(CooperationEvent.at.desc(), CooperationEvent.id.desc()).limit(MOST_ROWS).objects())


@dataclass(frozen=True)
class Starting:
    """What somebody sees before a co-operation starts. `event` is what they may do now; `refusal` says why nothing."""

    prison: Organisation
    checklist: list[ChecklistStep]
    usual: Usual | None
    closed_until: date | None
    existing: Cooperation | None
    event: Event | None
    refusal: str


def starting(actor, prison_id: str) -> Starting:
    """Raises Missing."""
    if not may(actor, Can.START_COOPERATIONS):
        raise Missing
    home = prisons.prison(actor, prison_id)
    row = between(actor.organisation_id, home.id)
    probe = row or Cooperation(organisation=actor.organisation_id, prison=home.id, state=None)
    offered = [event for event in (Event.START, Event.WAIT) if event in open_events(actor, probe)]
    refusal = "" if offered or row is None else may_ask_again(row) or ""
    return Starting(home, prisons.checklist(home.id), usual(home.id), closed_until(prisons.profile_of(home.id)), row,
                    offered[0] if offered else None, refusal)


@dataclass(frozen=True)
class BookPart:
    """What the page of a prison in the book says of co-operation. `texts` are the profile's, by group of facts.

    `existing` is the reader's own that is under way or runs.
    """

    texts: dict
    checklist: list[ChecklistStep]
    wanted: list
    usual: Usual | None
    closed_until: date | None
    existing: Cooperation | None
    may_start: bool
    own: bool


def on_book_page(actor, organisation, profile: PrisonProfile | None) -> BookPart | None:
    """None for what is no prison. In three queries."""
    if organisation.kind is not Kind.PRISON:
        return None
    starts, rows = may(actor, Can.START_COOPERATIONS), list(Cooperation.select().where(
        Cooperation.prison == organisation.id))
    mine = next((row for row in rows if starts and row.organisation_id == actor.organisation_id
                 and state_of(row) not in {State.ENDED, State.DECLINED}), None)
    return BookPart(
        {group: getattr(profile, group.value, "") for group in prisons.PARTS}, prisons.checklist(organisation.id),
        prisons.wanted_by(organisation.id), usual_of(rows), closed_until(profile), mine, starts,
        may(actor, Can.KEEP_PRISON) and actor.organisation_id == organisation.id)
