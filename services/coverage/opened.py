"""One cell of coverage: its rows, the nearest who do the same elsewhere, what is asked for there, and its gap."""
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import clock
import db
from models import EntryKind, Gap, PrisonProfile, TargetGroup, Wanted
from services import crosswalk, prisons, search
from services.coverage import gaps, outline, regions, unmet
from services.coverage.cell import Cell
from services.coverage.prisons import counted
from services.coverage.where import Where, cells
from services.figures import Row
from services.search import Answer, Question

NEAREST = 5


@dataclass(frozen=True)
class Elsewhere:
    """Another prison or region where the same is done. `km` as the crow flies; None where it is not known."""

    name: str
    address: dict[str, str]
    cell: Cell
    km: int | None = None


@dataclass(frozen=True)
class Opened:
    where: Where
    cell: Cell
    question: Question  # that the search answers with the rows of this cell
    rows: Answer
    near: list[Elsewhere]
    outside: Question | None  # of a prison: services of the area in its region
    outside_rows: Answer | None
    wanted: list[Wanted]
    lacking: Row | None
    gap: Gap | None


def open_cell(actor, where: Where) -> Opened:
    today = clock.today()
    question, outside = _rows_of(where), _outside(where)
    return Opened(where, cells([where])[0], question, search.find(actor, question, today),
                  _near_prisons(where) if where.prison else _near_regions(where), outside,
                  search.find(actor, outside, today) if outside else None, _wanted(actor, where),
                  _lacking(actor, where), gaps.of_cell(actor, where))


def _rows_of(where) -> Question:
    if where.prison:
        return Question(prison=where.prison.slug, area=where.area, kind=EntryKind.PRISON_WORK)
    return Question(region=where.region.code, need=where.need, group=where.group or "", kind=EntryKind.SERVICE)


def _outside(where) -> Question | None:
    region = where.prison and where.prison.region_id
    return Question(region=region, area=where.area, kind=EntryKind.SERVICE) if region else None


def _near_prisons(where) -> list[Elsewhere]:
    """Prisons where the area is covered, the nearest first; those of whom no place is known last, by name."""
    at = {row: (latitude, longitude) for row, latitude, longitude in db.kept(_known_places)}
    here = at.get(where.prison.id)
    found = [Elsewhere(line.name, {"prison": line.prison_id, "area": where.area.value}, line.cells[where.area],
                       _km(here, at[line.id]) if here and line.id in at else None)
             for line in counted().lines if line.id != where.prison.id and line.cells[where.area].works]
    return sorted(found, key=lambda each: (each.km is None, each.km or 0))[:NEAREST]


def _known_places():
    return PrisonProfile.select(PrisonProfile.organisation, PrisonProfile.latitude, PrisonProfile.longitude).where(
        PrisonProfile.latitude.is_null(False), PrisonProfile.longitude.is_null(False)).tuples()


def _km(one, other) -> int:
    (north, east), (other_north, other_east) = ([radians(each) for each in pair] for pair in (one, other))
    chord = sin((north - other_north) / 2) ** 2 + cos(north) * cos(other_north) * sin((east - other_east) / 2) ** 2
    return round(2 * 6371 * asin(sqrt(chord)))


def _near_regions(where) -> list[Elsewhere]:
    """Regions beside this one where the need is covered, those with most services first."""
    beside = outline.read().neighbours.get(where.region.code, [])
    group = {"group": where.group.value} if where.group else {}
    found = [Elsewhere(line.name, {"region": line.code, "need": where.need.value, **group}, line.cells[where.need])
             for line in regions.counted(where.group).lines if line.code in beside and line.cells[where.need].works]
    return sorted(found, key=lambda each: -each.cell.works)[:NEAREST]


def _wanted(actor, where) -> list[Wanted]:
    """What prisons publish that they look for: this one in this area, or those of the region for the need."""
    areas = {where.area} if where.prison else {
        area for area, needs in crosswalk.NEEDS_OF.items() if where.need in needs}
    return [row for row in prisons.wanted(actor) if areas & set(row.areas_of) and _is_here(row.prison, where)
            and (where.group is None or not row.groups_of or where.group in row.groups_of)]


def _is_here(prison, where) -> bool:
    return prison.id == where.prison.id if where.prison else prison.region_id == where.region.code


def _lacking(actor, where) -> Row | None:
    return unmet.of_cell(actor, where.region.code, where.need) if where.region else None


@dataclass(frozen=True)
class Place:
    """A region of the map with its cell of one need."""

    code: str
    name: str
    name_en: str
    path: str
    x: int
    y: int
    cell: Cell


def drawn(actor, need, group: TargetGroup | None = None) -> list[Place]:
    """The map of one need: each region with its outline. Raises Missing."""
    shapes = {each.code: each for each in outline.read().outlines}
    return [Place(line.code, line.name, line.name_en, shape.path, shape.x, shape.y, line.cells[need])
            for line in regions.table(actor, group).lines if (shape := shapes.get(line.code))]
