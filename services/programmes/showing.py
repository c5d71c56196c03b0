"""A programme as its page shows it, and programmes in a list."""
from dataclasses import dataclass
from datetime import date

from peewee import fn

import clock
from models import (
    Area,
    HeldPlaces,
    Organisation,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeEvent,
    ProgrammePartner,
    ProgrammeSite,
    ProgrammeState,
    ProgrammeTarget,
    TargetGroup,
    User,
)
from policy import Can, has_clients, may, visible_programmes
from services.programmes import ending, numbers, people, places, worked
from services.programmes.machine import Event, Side, open_events, side_of

ENDED = (ProgrammeState.ENDED, ProgrammeState.CONTINUED)


@dataclass(frozen=True)
class Line:
    """A programme in a list."""

    programme: Programme
    by: str
    free: int | None
    months_left: int | None  # None: it does not run; -1: past its last day
    own: bool
    reached: tuple[int, int] | None = None  # of one's own: how many people of how many, where there are targets


@dataclass(frozen=True)
class Shelf:
    """Programmes for one reader: their own, those of others that run, those that are over."""

    own: list[Line]
    running: list[Line]
    over: list[Line]
    may_write: bool
    for_prison: bool


@dataclass(frozen=True)
class Page:
    """One programme. `own`: the reader's organisation runs it, and its numbers are exact."""

    programme: Programme
    own: bool
    lead: bool
    months_left: int | None
    areas: list[Area]
    groups: list[TargetGroup]
    levels: list[str]
    activities: list[str]
    targets: list[numbers.Counted]
    month: date | None  # of the numbers, where they are frozen ones
    wrong_sums: list[tuple[str, int, int]]
    partners: list[ProgrammePartner]
    sites: list[ProgrammeSite]
    free: int | None
    waiting: int
    holds: list[HeldPlaces]
    before: list[Programme]  # programmes that lead here
    events: list[Event]
    history: list[ProgrammeEvent]
    may_name_successor: bool
    clients: bool


def shelf(actor) -> Shelf:
    """All programmes the actor may see, in four queries. Those of others that are over: the newest forty."""
    rows = list(visible_programmes(actor).select(Programme, Organisation).join_from(
        Programme, Organisation, on=(Programme.kept_by == Organisation.id), attr="kept_by").order_by(Programme.name))
    free, against = places.free_of(rows), _against(actor)
    lines = [_line(actor, row, free[row.id], against) for row in rows]
    others = [line for line in lines if not line.own]
    over = sorted((line for line in others if line.programme.state in ENDED),
                  key=lambda line: line.programme.ends_on, reverse=True)
    return Shelf([line for line in lines if line.own], [line for line in others if line.programme.state not in ENDED],
                 over[:40], may(actor, Can.RUN_PROGRAMMES), may(actor, Can.KEEP_PRISON))


def _against(actor) -> dict[int, tuple[int, int]]:
    """People reached and planned in programmes of the actor's organisation that have targets."""
    whole, been = ProgrammeTarget.alias(), Participant.alias()
    planned = whole.select(fn.SUM(whole.people)).where(whole.programme == Programme.id, whole.parent.is_null())
    began = been.select(fn.COUNT(been.client.distinct())).where(been.programme == Programme.id,
                                                                been.started_on.is_null(False))
    rows = Programme.select(Programme.id, began, planned).where(Programme.kept_by == actor.organisation_id).tuples()
    return {programme: (people, of) for programme, people, of in rows if of}


def _line(actor, row, free, against) -> Line:
    runs = row.state in people.OPEN
    return Line(row, row.kept_by.label, free, ending.months_left(row, clock.today()) if runs else None,
                row.kept_by_id == actor.organisation_id, against.get(row.id))


def page(actor, public_id: str) -> Page:
    """One programme. Raises Missing."""
    row = worked.visible(actor, public_id)
    side, targets = side_of(actor, row), numbers.tree(row)
    own = side is not None
    month = numbers.whole(row)
    runs = row.state in people.OPEN
    return Page(
        row, own, side is Side.LEAD, ending.months_left(row, clock.today()) if runs else None,
        [Area(value) for value in row.areas.split(";") if value],
        [TargetGroup(value) for value in row.groups.split(";") if value],
        [each for each in row.levels.split(";") if each],
        [line for line in row.activities.split("\n") if line.strip()],
        numbers.exact(row, targets) if own else numbers.published(row, targets),
        month.month if month and not own else None, numbers.wrong_sums(targets) if own else [],
        worked.partners_of(row), worked.sites_of(row), people.free_places(row) if runs else None,
        _waiting(row) if own else 0, places.holds_of(row) if own and runs else [],
        list(visible_programmes(actor).where(Programme.leads_to == row)), open_events(actor, row),
        _history(row), may(actor, Can.VERIFY_ORGANISATIONS) and runs, has_clients())


def _waiting(row):
    return Participant.select().where(Participant.programme == row,
                                      Participant.state == ParticipantState.WAITING).count()


def _history(row):
    return list(ProgrammeEvent.select(ProgrammeEvent, User).left_outer_join(User)
                .where(ProgrammeEvent.programme == row).order_by(ProgrammeEvent.at.desc(), ProgrammeEvent.id.desc())
                .limit(20))
