"""Reading what was frozen: stored rounded numbers, and for a region what they add up to, nothing of the entries."""
from dataclasses import dataclass, field
from datetime import date

from peewee import JOIN, fn

import db
from errors import Missing
from models import MILESTONES, FigureGroup, Need, Organisation, Region, Snapshot
from policy import Can, ask, may, visible_snapshots
from services.figures.freezing import rows_of, rows_of_many
from services.figures.rounding import Row, possible
from services.figures.rows import BY_PRISON, HELPED, NOT_HELD, NOT_TAKEN, OF_PRISON, PEOPLE, STATES, STUCK_ON

NAMED = (Organisation.id, Organisation.public_id, Organisation.name, Organisation.short_name, Organisation.region)


@dataclass(frozen=True)
class Line:
    """One need of a table: shown numbers by state (None: held back), people, and the month it was counted.

    In a region a number is a pair: the least and the most that those of its prisons add up to.
    """

    need: Need
    states: tuple | None
    people: int | tuple[int, int]
    since: date


@dataclass(frozen=True)
class Table:
    """The figures of one group at one milestone, from the last frozen month.

    Rows of no milestone are None in a month frozen before they were counted. Equal tables have one hash, so that what
    was made of one can be kept.
    """

    name: str
    address: dict[str, str] = field(hash=False)  # what leads here: {"prison": …} or {"region": …}
    month: date
    milestone: int
    people: int | tuple[int, int]
    lines: list[Line] = field(hash=False)
    kind: FigureGroup | None = None  # None: a region
    helped: Row | None = None  # how far help came after release, by HELP
    not_taken: Row | None = None  # why help was not taken, by REASONS
    not_held: Row | None = None  # why visits did not take place, by NO_SHOWS
    stuck_on: Row | None = None  # why a need is stuck, by BARRIERS
    # what it says of organisations: by question, by VERDICTS
    by_prison: dict[str, Row] = field(default_factory=dict, hash=False)
    of_prison: dict[str, Row] = field(default_factory=dict, hash=False)  # what organisations say of it
    prisons: int = 1  # whose numbers are added up


def groups(actor) -> list[Organisation]:
    """The organisations whose figures the actor may see, each with its region, in Czech order."""
    return ask(actor, _groups)


def _groups(actor):
    seen = visible_snapshots(actor).select(Snapshot.organisation)
    return (Organisation.select(*NAMED, Region.code, Region.name).join(Region, JOIN.LEFT_OUTER)
            .where(Organisation.id.in_(seen)).order_by(Organisation.sort))


def regions(found: list[Organisation]) -> list[Region]:
    """The regions of the prisons that somebody may see, where they see more than their own."""
    by_code = {row.region_id: row.region for row in found if row.region_id} if len(found) > 1 else {}
    return [by_code[code] for code in sorted(by_code)]


def table(actor, milestone: int, organisation: str | None = None, region: str | None = None) -> Table | None:
    """The last frozen figures of an organisation or a region (else the first of what the actor may see).

    None before any month; Missing for what the actor may not see, and for a milestone that is not ours.
    """
    if milestone not in MILESTONES:
        raise Missing(str(milestone))
    if region:
        return _of_region(actor, milestone, region)
    found = ask(actor, _of_organisation, organisation=organisation) if organisation else ask(actor, _first)
    if not found and organisation:
        raise Missing(organisation)
    return _of_group(actor, found[0], milestone) if found else None


def _first(actor):
    return _newest(visible_snapshots(actor)).order_by(Organisation.sort, Snapshot.month.desc()).limit(1)


def _of_organisation(actor, organisation):
    return _first(actor).where(Organisation.public_id == organisation)


def _newest(snapshots):
    """Snapshots with their organisations, the newest of each alone."""
    later = Snapshot.alias()
    is_old = later.select().where(later.organisation == Snapshot.organisation, later.kind == Snapshot.kind,
                                  later.month > Snapshot.month)
    return snapshots.select(Snapshot, *NAMED).join(Organisation).where(~fn.EXISTS(is_old))


def _of_prisons(actor):
    """The newest snapshots of all prisons, for whoever sees the book: rounded and frozen, they may be counted with."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    return db.kept(_newest_of_prisons)


def _newest_of_prisons():
    return _newest(Snapshot.select().where(Snapshot.kind == FigureGroup.PRISON)).order_by(Organisation.sort)


def _of_group(actor, snapshot, milestone):
    rows, whose = rows_of(snapshot, milestone), snapshot.organisation
    lines = [Line(need, row.states, row.total, row.since) for need in Need for row in [rows[milestone, need]]]
    partners = {} if whose.id == actor.organisation_id else rows  # one's own stand with names at each co-operation
    return Table(whose.name, {"prison": whose.public_id}, snapshot.month, milestone, rows[milestone, PEOPLE].total,
                 lines, snapshot.kind, rows.get(HELPED), rows.get(NOT_TAKEN), rows.get(NOT_HELD), rows.get(STUCK_ON),
                 _partners(partners, BY_PRISON), _partners(partners, OF_PRISON))


def _partners(rows, keys):
    return {question: rows[key] for question, key in keys.items() if key in rows}


# A region: what was published of its prisons, added up. Nothing more is published by it than stands there already.

def _of_region(actor, milestone, code):
    region = next((each for each in regions(groups(actor)) if each.code == code), None)
    if region is None:
        raise Missing(code)
    snapshots = ask(actor, _in_region, region=code)
    found = list(rows_of_many(snapshots, (milestone,)).values())
    lines = [_sum(need, [rows[milestone, need] for rows in found]) for need in Need]
    people = _add([possible(rows[milestone, PEOPLE].total) for rows in found])
    return Table(region.name, {"region": code}, max(each.month for each in snapshots), milestone, people, lines,
                 prisons=len(found))


def _in_region(actor, region):
    return _newest(visible_snapshots(actor)).where(Organisation.region == region)


def _sum(need, rows) -> Line:
    return Line(need, tuple(_add(column) for column in zip(*map(_bounds, rows), strict=True)),
                _add([possible(row.total) for row in rows]), min(row.since for row in rows))


def _bounds(row) -> list[tuple[int, int]]:
    """The least and the most behind each number; anything up to its people where a row is held back."""
    most = possible(row.total)[1]
    return [possible(shown) for shown in row.states] if row.states else [(0, most)] * len(STATES)


def _add(pairs) -> tuple[int, int]:
    return sum(low for low, _high in pairs), sum(high for _low, high in pairs)


# For coverage

@dataclass(frozen=True)
class Unmet:
    """How many people released from a prison had a need that nobody met, at the last frozen month (-1: "< 5")."""

    prison: Organisation
    region: str  # code of the prison's
    need: Need
    milestone: int
    needed: int
    stuck: int
    people: int  # of whom it is known
    since: date


def unmet(actor, milestone: int = 30) -> list[Unmet]:
    """Unmet needs by need × region × prison, in numbers published already; rows held back are left out.

    For all who see coverage, for they say no more than the pages of figures. Missing without the book.
    """
    snapshots = _of_prisons(actor)
    rows = rows_of_many(snapshots, (milestone,))
    return [_unmet(each.organisation, need, milestone, row) for each in snapshots for need in Need
            for row in [rows[each.id][milestone, need]] if row.states]


def _unmet(prison, need, milestone, row) -> Unmet:
    numbers = dict(zip(STATES, row.states, strict=True))
    return Unmet(prison, prison.region_id or "", need, milestone, numbers["needed"], numbers["stuck"], row.total,
                 row.since)


def barriers(actor) -> list[tuple[Organisation, Row]]:
    """Why needs are stuck, by prison: rows by BARRIERS that were published and not held back. Missing as `unmet`."""
    snapshots = _of_prisons(actor)
    rows = rows_of_many(snapshots, (STUCK_ON[0],), STUCK_ON[1])
    found = [(each.organisation, rows[each.id].get(STUCK_ON)) for each in snapshots]
    return [(prison, row) for prison, row in found if row and row.states]
