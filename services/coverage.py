"""Where help reaches and where it does not: prisons against areas of services, from the contact book.

A cell counts the work that runs in a prison in an area, exactly the rows that the search shows for that prison, area
and kind. Thin is what stands on one organisation: when it leaves, nothing is left.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from peewee import JOIN

import clock
from errors import Missing
from models import (
    Area,
    FactGroup,
    Kind,
    Organisation,
    OrganisationState,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    ServiceArea,
)
from policy import Can, may, visible_organisations
from services import freshness
from services.search_index import areas_in

LEVELS = ("low", "medium", "high", "increased")  # of security, as columns of PrisonProfile name them
EMPTY, THIN, ENOUGH = "empty", "thin", "enough"


@dataclass
class Cell:
    """What runs in one prison in one area. Days are None where nothing of the kind is known."""

    works: int = 0
    organisations: set[int] = field(default_factory=set)
    checked_on: date | None = None  # the newest confirmation that counts
    places: dict[int, tuple[int, date | None]] = field(default_factory=dict)  # {service: (free, as of)}

    @property
    def state(self) -> str:
        return (EMPTY, THIN)[len(self.organisations)] if len(self.organisations) < 2 else ENOUGH

    @property
    def free(self) -> int | None:
        """Free places in services of those who work here, together; None where nobody has said."""
        return sum(free for free, _day in self.places.values()) if self.places else None

    @property
    def free_on(self) -> date | None:
        """The day of the oldest figure in `free`; None where one of them has no day."""
        days = [day for _free, day in self.places.values()]
        return None if not days or None in days else min(days)


@dataclass
class Line:
    """A prison with a cell for each area, in the order of Area."""

    prison_id: str  # public
    slug: str
    name: str
    region: str  # code
    region_name: str
    region_name_en: str
    levels: list[str]
    cells: dict[Area, Cell]


@dataclass(frozen=True)
class Table:
    """Prisons in Czech order that the filters leave. `regions`: those with a prison, `(code, name, English name)`."""

    lines: list[Line]
    regions: list[tuple[str, str, str]]
    today: date

    @cached_property
    def empty(self) -> dict[Area, int]:
        """In how many of the prisons nothing runs, by area."""
        return {area: sum(line.cells[area].state == EMPTY for line in self.lines) for area in Area}

    def places_state(self, cell: Cell) -> str:
        """How fresh the number of free places is: one of freshness.STATES."""
        left = cell.free_on and (freshness.until(FactGroup.PLACES, cell.free_on) - self.today).days
        return "stale" if left is None or left < 0 else "fresh"


def table(actor, level: str = "", region: str = "") -> Table:
    """The coverage of prisons of this level of security (one of LEVELS) and region (a code), in two queries."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    today = clock.today()
    lines, works = _lines(actor, today)
    free = _free_places(today)
    for line, work, organisation, service, areas, confidence, day in works:
        checked = day if confidence in freshness.CONFIRMING else None
        for area in areas_in(areas):
            _count(line.cells[area], work, organisation, checked, free[service or (organisation, area)])
    regions = sorted({(line.region, line.region_name, line.region_name_en) for line in lines if line.region})
    kept = [line for line in lines if (not level or level in line.levels) and region in ("", line.region)]
    return Table(kept, regions, today)


def _count(cell, work, organisation, checked, places):
    cell.works += 1
    cell.organisations.add(organisation)
    cell.places.update(places)
    if checked and (cell.checked_on is None or checked > cell.checked_on):
        cell.checked_on = checked


def _lines(actor, today) -> tuple[list[Line], list[tuple]]:
    """The prisons, and the work that runs: `(line, work, organisation, service or None, areas, confidence, day)`."""
    lines, works = {}, []
    for prison, known, work in _rows(actor, today):
        if prison not in lines:
            *names, region, region_name, region_name_en = known[:6]
            levels = [level for level, has in zip(LEVELS, known[6:], strict=True) if has]
            lines[prison] = Line(*names, region or "", region_name or "", region_name_en or "", levels,
                                 {area: Cell() for area in Area})
        if work[0]:
            works.append((lines[prison], *work))
    return list(lines.values()), works


def _rows(actor, today) -> Iterable[tuple]:
    """A row for each work in each prison, one for a prison without any: `(prison, known of it, work)`."""
    who, work, profile = Organisation.alias("who"), PrisonWork, PrisonProfile
    runs = work.until_on.is_null() | (work.until_on >= today)
    query = (visible_organisations(actor).select(
        Organisation.id, Organisation.public_id, Organisation.slug, Organisation.name, Region.code, Region.name,
        Region.name_en, profile.level_low, profile.level_medium, profile.level_high, profile.level_increased,
        work.id, who.id, work.service, work.areas, work.confidence, work.confirmed_on)
        .join(Region, JOIN.LEFT_OUTER, on=(Organisation.region == Region.code))
        .join_from(Organisation, profile, JOIN.LEFT_OUTER, on=(profile.organisation == Organisation.id))
        .join_from(Organisation, work, JOIN.LEFT_OUTER, on=(work.prison == Organisation.id) & runs)
        .join(who, JOIN.LEFT_OUTER, on=(work.organisation == who.id) & (who.state != OrganisationState.CLOSED))
        .where(Organisation.kind == Kind.PRISON, Organisation.state != OrganisationState.CLOSED)
        .order_by(Organisation.sort, work.id))
    for row in query.tuples():
        yield row[0], row[1:11], row[11:] if row[12] else (None,)


def _free_places(today) -> dict:
    """Free places of services that say so, for the work of that very service and for (organisation, area)."""
    found = defaultdict(dict)
    ended = Service.ended_on.is_null() | (Service.ended_on >= today)
    query = (Service.select(Service.id, Service.organisation, Service.places_free, Service.places_on, ServiceArea.area)
             .join(ServiceArea, JOIN.LEFT_OUTER)
             .where(Service.places_free.is_null(False), ended,
                    Service.organisation.in_(PrisonWork.select(PrisonWork.organisation))))
    for service, organisation, free, day, area in query.tuples():
        found[service][service] = (free, day)
        found[organisation, area][service] = (free, day)
    return found
