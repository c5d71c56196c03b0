"""Coverage as it stood on a day: one snapshot a month by itself, more where a meeting takes one; and what has moved."""
from dataclasses import dataclass
from datetime import date

from peewee import fn

import clock
import db
from errors import Missing
from models import CoverageSnapshot, CoverageSnapshotCell
from policy import Can, may
from services import journal
from services.coverage import concentration, prisons, regions
from services.coverage.cell import EMPTY, ENOUGH, THIN

PRISONS, REGIONS = "prison", "region"
MONTHS = 13  # that a trend goes back


@dataclass(frozen=True)
class Count:
    """A cell of a snapshot."""

    count: int
    organisations: int
    free: int | None

    @property
    def state(self) -> str:
        return (EMPTY, THIN)[self.organisations] if self.organisations < 2 else ENOUGH


def take() -> CoverageSnapshot:
    """The snapshot of today, made where there is none; it stays as it was first made."""
    with db.writing():
        today = clock.today()
        CoverageSnapshot.insert(day=today, made_at=clock.now()).on_conflict_ignore().execute()
        row = db.locked(CoverageSnapshot.select().where(CoverageSnapshot.day == today)).get()
        if not CoverageSnapshotCell.select().where(CoverageSnapshotCell.snapshot == row).exists():
            _fill(row)
            journal.wrote(None, "coverage.snapshot", today.isoformat(), parts="count,free")
        return row


def _fill(row) -> None:
    found = [*_cells(PRISONS, ((line.slug, line.cells) for line in prisons.counted().lines)),
             *_cells(REGIONS, ((line.code, line.cells) for line in regions.counted().lines))]
    for kind, shares in concentration.counted().items():
        found += [_cell(kind, share.line, "", share.count) for share in shares]
        found.append(_cell(kind, concentration.ALL, "", shares[0].total if shares else 0))
    for start in range(0, len(found), 400):
        CoverageSnapshotCell.insert_many([{"snapshot": row.id, **each} for each in found[start:start + 400]]).execute()


def _cells(kind, lines):
    return [_cell(kind, name, str(part), cell.works, len(cell.organisations), cell.free)
            for name, cells in lines for part, cell in cells.items()]


def _cell(kind, line, part, count, organisations=0, free=None) -> dict:
    return {"kind": kind, "line": line, "part": part, "count": count, "organisations": organisations, "free": free}


def keep_month() -> bool:
    """By night: takes the snapshot of a month that has none yet."""
    with db.writing():
        if CoverageSnapshot.select().where(CoverageSnapshot.day >= clock.today().replace(day=1)).exists():
            return False
        take()
        return True


# Reading

def at(day: date) -> CoverageSnapshot | None:
    """The snapshot that holds for a day: the newest one that is not later."""
    return CoverageSnapshot.select().where(CoverageSnapshot.day <= day).order_by(CoverageSnapshot.day.desc()).first()


def cells_of(snapshot: CoverageSnapshot, kind: str = PRISONS) -> dict[tuple[str, str], Count]:
    """`{(line, part): Count}`: a prison's slug and an area, or a region's code and a need."""
    cell = CoverageSnapshotCell
    rows = cell.select(cell.line, cell.part, cell.count, cell.organisations, cell.free).where(
        cell.snapshot == snapshot, cell.kind == kind)
    return {(line, part): Count(*numbers) for line, part, *numbers in rows.tuples()}


@dataclass(frozen=True)
class Moved:
    """What changed between two snapshots: cells that have turned empty, and that are no longer; (line, part)."""

    emptied: list[tuple[str, str]]
    filled: list[tuple[str, str]]


def moved(before: CoverageSnapshot, after: CoverageSnapshot, kind: str = PRISONS) -> Moved:
    old, new = cells_of(before, kind), cells_of(after, kind)
    both = sorted(old.keys() & new.keys())
    return Moved([key for key in both if old[key].count and not new[key].count],
                 [key for key in both if not old[key].count and new[key].count])


@dataclass(frozen=True)
class Moment:
    """A day of a trend: how many cells were empty and thin by kind, and shares as (count, of how many) by line."""

    day: date
    empty: dict[str, int]
    thin: dict[str, int]
    shares: dict[tuple[str, str], tuple[int, int]]


def trend(actor) -> list[Moment]:
    """The last snapshot of each of the last months, the oldest first. Raises Missing."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    newest = {}
    for row in db.kept(_newest_days):
        newest.setdefault((row.day.year, row.day.month), row)
    chosen = sorted(list(newest.values())[:MONTHS], key=lambda row: row.day)
    found = {row.id: Moment(row.day, {PRISONS: 0, REGIONS: 0}, {PRISONS: 0, REGIONS: 0}, {}) for row in chosen}
    for snapshot, kind, organisations, cells in db.kept(_few, snapshots=list(found)) if found else ():
        side = found[snapshot].thin if organisations else found[snapshot].empty
        side[kind] = cells
    rows = db.kept(_totals, snapshots=list(found)) if found else ()
    totals = {(snapshot, kind, line): count for snapshot, kind, line, count in rows}
    for (snapshot, kind, line), count in totals.items():
        found[snapshot].shares[kind, line] = count, totals.get((snapshot, kind, concentration.ALL), 0)
    return list(found.values())


def _newest_days():
    return CoverageSnapshot.select().order_by(CoverageSnapshot.day.desc()).limit(40 * MONTHS)


def _few(snapshots):
    """How many cells of each snapshot and kind nobody fills, or one organisation alone."""
    cell = CoverageSnapshotCell
    return (cell.select(cell.snapshot, cell.kind, cell.organisations, fn.COUNT(cell.id))
            .where(cell.snapshot.in_(snapshots), cell.kind.not_in(concentration.KINDS), cell.organisations < 2)
            .group_by(cell.snapshot, cell.kind, cell.organisations).tuples())


def _totals(snapshots):
    cell = CoverageSnapshotCell
    return cell.select(cell.snapshot, cell.kind, cell.line, cell.count).where(
        cell.snapshot.in_(snapshots), cell.kind.in_(concentration.KINDS)).tuples()
