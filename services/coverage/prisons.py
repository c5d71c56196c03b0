"""Where help reaches and where it does not: prisons against areas of services, from the contact book.

A cell counts the work that runs in a prison in an area, exactly the rows that the search shows for that prison, area
and kind. Thin is what stands on one organisation: when it leaves, nothing is left.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from peewee import JOIN

import clock
from errors import Missing
from models import (
    Area,
    Fit,
    Form,
    Kind,
    Organisation,
    OrganisationState,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    ServiceArea,
    ServiceGroup,
    TargetGroup,
)
from policy import Can, may
from services import freshness
from services.coverage.cell import EMPTY, Cell
from services.coverage.days import a_week
from services.coverage.kept import kept
from services.search_index import areas_in

LEVELS = ("low", "medium", "high", "increased")  # of security, as columns of PrisonProfile name them


@dataclass
class Line:
    """A prison with a cell for each area, in the order of Area."""

    id: int
    prison_id: str  # public id
    slug: str
    name: str
    region: str  # code
    region_name: str
    region_name_en: str
    levels: list[str]
    cells: dict[Area, Cell]


@dataclass(frozen=True, eq=False)
class Table:
    """Prisons in Czech order that the filters leave. `regions`: those with a prison, `(code, name, English name)`."""

    lines: list[Line]
    regions: list[tuple[str, str, str]]
    today: date

    @cached_property
    def empty(self) -> dict[Area, int]:
        """In how many of the prisons nothing runs, by area."""
        return {area: sum(line.cells[area].state == EMPTY for line in self.lines) for area in Area}


def table(actor, level: str = "", region: str = "", form: Form | None = None,
          group: TargetGroup | None = None) -> Table:
    """The coverage of prisons of this level of security (one of LEVELS) and region (a code), in three queries.

    Where the book was not written since it is one.

    `form` and `group` leave work of that form, and work of a service that says it is for that group: of the one it
    names, else of any that the organisation has in the area. A group asks one query more.
    """
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    return counted(level, region, form, group)


def counted(level="", region="", form=None, group=None) -> Table:
    """The same for whoever asks: all who see the book see all prisons that are open."""
    return kept(_table, level, region, form, group)


def _table(level, region, form, group) -> Table:
    today = clock.today()
    lines, works = _lines(today)
    free, fitting = _free_places(today), _for_group(group) if group else None
    for line, work in works:
        if form is None or work.form == form:
            for area in areas_in(work.areas):
                key = work.service or (work.organisation, area)
                if fitting is None or key in fitting:
                    line.cells[area].count(work.organisation, work.checked_on, a_week(work.days))
                    line.cells[area].places.update(free[key])
    regions = sorted({(line.region, line.region_name, line.region_name_en) for line in lines if line.region})
    chosen = [line for line in lines if (not level or level in line.levels) and region in ("", line.region)]
    return Table(chosen, regions, today)


class Work(NamedTuple):
    """What runs in a prison, as far as a cell asks."""

    organisation: int
    service: int | None
    areas: str
    form: str
    days: str
    checked_on: date | None


def works() -> list[tuple[Line, Work]]:
    """All work that runs in prisons that are open, once each, with its prison."""
    return kept(_works)


def _works():
    return _lines(clock.today())[1]


def _lines(today) -> tuple[list[Line], list[tuple[Line, Work]]]:
    """The prisons, and the work that runs in them."""
    lines, works = {}, []
    for prison, known, work in _rows(today):
        if prison not in lines:
            *names, region, region_name, region_name_en = known[:6]
            levels = [level for level, has in zip(LEVELS, known[6:], strict=True) if has]
            lines[prison] = Line(prison, *names, region or "", region_name or "", region_name_en or "", levels,
                                 {area: Cell() for area in Area})
        if work[0]:
            *facts, confidence, day = work
            works.append((lines[prison], Work(*facts, day if confidence in freshness.CONFIRMING else None)))
    return list(lines.values()), works


def _rows(today) -> Iterable[tuple]:
    """A row for each work in each prison, one for a prison without any: `(prison, known of it, work)`."""
    who, work, profile = Organisation.alias("who"), PrisonWork, PrisonProfile
    runs = work.until_on.is_null() | (work.until_on >= today)
    query = (Organisation.select(
        Organisation.id, Organisation.public_id, Organisation.slug, Organisation.name, Region.code, Region.name,
        Region.name_en, profile.level_low, profile.level_medium, profile.level_high, profile.level_increased,
        who.id, work.service, work.areas, work.form, work.days, work.confidence, work.confirmed_on)
        .join(Region, JOIN.LEFT_OUTER, on=(Organisation.region == Region.code))
        .join_from(Organisation, profile, JOIN.LEFT_OUTER, on=(profile.organisation == Organisation.id))
        .join_from(Organisation, work, JOIN.LEFT_OUTER, on=(work.prison == Organisation.id) & runs)
        .join(who, JOIN.LEFT_OUTER, on=(work.organisation == who.id) & (who.state != OrganisationState.CLOSED))
        .where(Organisation.kind == Kind.PRISON, Organisation.state != OrganisationState.CLOSED)
        .order_by(Organisation.sort, work.id))
    for row in query.tuples():
        yield row[0], row[1:11], row[11:]


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


def _for_group(group) -> set:
    """Services that say they are for a group, and (organisation, area) of them."""
    ended = Service.ended_on.is_null() | (Service.ended_on >= clock.today())
    query = (Service.select(Service.id, Service.organisation, ServiceArea.area)
             .join(ServiceArea, JOIN.LEFT_OUTER).join_from(Service, ServiceGroup)
             .where(ServiceGroup.group == group, ServiceGroup.fit == Fit.FOR, ended))
    return {key for service, organisation, area in query.tuples() for key in (service, (organisation, area))}
