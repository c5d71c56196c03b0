"""Coverage of regions: services by what they help with, for everybody or for one target group.

A cell counts exactly the lines that the search of the contact book shows for that region, need and group: both read the
same filters of its index. What was counted is kept until the book is written (services/search_kept.py).
"""
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import clock
import db
from errors import Missing
from models import Form, Need, TargetGroup
from policy import Can, may
from services import freshness
from services.coverage.cell import EMPTY, Cell
from services.coverage.days import a_week
from services.coverage.kept import kept

SERVICES = (
    "SELECT e.id, s.id, s.organisation_id, s.hours, s.places_free, s.places_on, s.confidence, s.confirmed_on "
    "FROM search_word AS k JOIN search_entry AS e ON e.id = k.entry_id JOIN service AS s ON s.public_id = e.record "
    "WHERE k.word = '#kind:service'")
# The lines of the index that have each value of a filter, as one text: fifty rows instead of tens of thousands.
# Names of filters are compared as a range, which the index of words answers at once.
HAVING = "SELECT word, {together} FROM search_word WHERE word >= '#{name}:' AND word < '#{name};' GROUP BY word"
TOGETHER = {True: "group_concat(entry_id)", False: "string_agg(CAST(entry_id AS TEXT), ',')"}  # on SQLite or not
ASKED = {"region": str, "need": Need, "group": TargetGroup, "form": str}
REGIONS = "SELECT code, name, name_en FROM region ORDER BY code"


@dataclass(frozen=True)
class Service:
    """A service as far as cells ask. `has` are the values of its filters, by their names."""

    id: int
    organisation: int
    days: float | None
    free: int | None
    free_on: date | None
    checked_on: date | None
    has: dict[str, set[str]]


@dataclass
class Line:
    code: str
    name: str
    name_en: str
    cells: dict[Need, Cell]


@dataclass(frozen=True, eq=False)
class Table:
    lines: list[Line]
    today: date
    group: TargetGroup | None = None
    form: Form | None = None

    @cached_property
    def empty(self) -> dict[Need, int]:
        """In how many regions there is nothing, by need."""
        return {need: sum(line.cells[need].state == EMPTY for line in self.lines) for need in Need}


def table(actor, group: TargetGroup | None = None, form: Form | None = None) -> Table:
    """The regions in the order of their codes, each with a cell a need. One query where the book was not written."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    return counted(group, form)


def counted(group=None, form=None) -> Table:
    return kept(_table, group, form)


@dataclass(frozen=True, eq=False)
class OfGroups:
    """One region: a cell for each target group and need."""

    region: str
    cells: dict[TargetGroup, dict[Need, Cell]]
    today: date


def groups(actor, region: str) -> OfGroups:
    """The cells of one region for each target group. Raises Missing."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    found = kept(_groups, region)
    if found is None:
        raise Missing(region)
    return found


def _table(group, form) -> Table:
    lines = {code: Line(code, name, name_en, {need: Cell() for need in Need}) for code, name, name_en in all_regions()}
    for service in services():
        if (group is None or group in service.has["group"]) and (form is None or form in service.has["form"]):
            for code in service.has["region"]:
                for need in service.has["need"]:
                    add(lines[code].cells[need], service)
    return Table(list(lines.values()), clock.today(), group, form)


def _groups(region) -> OfGroups | None:
    if region not in {code for code, _name, _name_en in all_regions()}:
        return None
    found = {group: {need: Cell() for need in Need} for group in TargetGroup}
    for service in services():
        if region in service.has["region"]:
            for group in service.has["group"]:
                for need in service.has["need"]:
                    add(found[group][need], service)
    return OfGroups(region, found, clock.today())


def all_regions() -> list[tuple[str, str, str]]:
    return db.database.execute_sql(REGIONS).fetchall()


def add(cell: Cell, service: Service) -> None:
    cell.count(service.organisation, service.checked_on, service.days)
    if service.free is not None:
        cell.places[service.id] = service.free, service.free_on


def services() -> list[Service]:
    """All services that run, in one query where the book was not written."""
    return kept(_services)


def _services() -> list[Service]:
    rows = db.database.execute_sql(SERVICES).fetchall()
    has = {str(row[0]): {name: set() for name in ASKED} for row in rows}
    having = " UNION ALL ".join(HAVING.format(together=TOGETHER[db.is_sqlite()], name=name) for name in ASKED)
    for word, entries in db.database.execute_sql(having).fetchall():
        name, _colon, value = word[1:].partition(":")
        value = ASKED[name](value)
        for entry in entries.split(","):
            if entry in has:
                has[entry][name].add(value)
    return [_service(*said, has[str(entry)]) for entry, *said in rows]


def _service(service, organisation, hours, free, free_on, confidence, confirmed_on, has) -> Service:
    checked = day_of(confirmed_on) if confidence in freshness.CONFIRMING else None
    return Service(service, organisation, a_week(hours), free, day_of(free_on), checked, has)


def day_of(value) -> date | None:
    """A day as SQL written by hand gives it: text on SQLite."""
    return date.fromisoformat(value) if isinstance(value, str) else value
