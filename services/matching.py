"""Services for one person: from their needs, place and circumstances to what fits, and what does not, named.

Nothing is hidden for not fitting. What a service says it is for counts for it, what it says it is not for against it;
where it says nothing, that is said. Who is refused outright ("never") stands last. No name and no file are asked for.
"""
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from peewee import JOIN

import db
from errors import Missing
from models import ConditionWhen, Need, Service, ServiceCondition, TargetGroup
from policy import Can, may
from services import search, search_kept, search_sql

PER_PAGE, CANDIDATES = 20, 3000
WEIGHTS = {"need": 16, "place": 8, "prison": 8, "group": 4, "when": 4, "language": 4, "free": 2}
AGAINST, REFUSED = -6, -10_000  # a group that a service is not for; one that it never takes


@dataclass(frozen=True)
class Person:
    """What is asked for; values as they stand in the address of the search."""

    needs: tuple[Need, ...] = ()
    region: str = ""
    district: str = ""
    prison: str = ""  # slug: where the person is, so that somebody can come there
    groups: tuple[TargetGroup, ...] = ()  # what is true of the person
    when: str = ""  # before, after: when help is wanted
    language: str = ""
    free: str = ""  # yes: a place is needed now
    page: int = 1

    @property
    def place(self) -> tuple[str, str] | None:
        """The smallest place that was chosen: (filter, code)."""
        named = (("district", self.district), ("region", self.region))
        return next(((name, code) for name, code in named if code), None)

    @property
    def points(self) -> list["Point"]:
        """All that is asked, one by one."""
        single = [("place", self.place), ("prison", self.prison), ("when", self.when), ("language", self.language),
                  ("free", self.free)]
        return [*[Point("need", need) for need in self.needs], *[Point(*pair) for pair in single if pair[1]],
                *[Point("group", group) for group in self.groups]]


class Point(NamedTuple):
    """One thing that is asked: a key of WEIGHTS and its value (of a place a pair: filter, code)."""

    name: str
    value: object


class Condition(NamedTuple):
    """What the service asks before it takes somebody."""

    text: str
    when: ConditionWhen
    waivable: bool


@dataclass
class Match:
    """A service, and which points fit, do not fit, are refused outright, or are not known."""

    hit: search.Hit
    fits: list[Point] = field(default_factory=list)
    misses: list[Point] = field(default_factory=list)
    refused: list[Point] = field(default_factory=list)
    unknown: list[Point] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    other_conditions: str = ""


@dataclass(frozen=True)
class Answer:
    """A page of matches, best first. `whole`: how many of the `count` fit in every point."""

    matches: list[Match]
    count: int
    whole: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))


def find(actor, person: Person, today: date) -> Answer:
    """Services that answer at least one need of the person (or, where none is named, the first other point)."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    places = search_kept.up_to_date(None, [], search_sql.count).places
    words = {point: _words(point, places) for point in person.points}
    drivers = [point for point in words if point.name == "need"] or list(words)[:1]
    rows = _ranked(words, drivers, today, person.page) if drivers else []
    if not rows and person.page > 1:
        rows = _ranked(words, drivers, today, 1)
    matches = _matches(rows, words, today)
    return Answer(matches, rows[0][-2] if rows else 0, rows[0][-1] if rows else 0, person.page)


def _words(point, places) -> list[str]:
    """The filters of the index, any of which says that a service has this point."""
    if point.name == "place":
        name, code = point.value
        return places.covering(name, code) if name == "district" else [f"#region:{code}"]
    return [f"#{point.name}:{point.value}"]


def _ranked(words, drivers, today, page) -> list[tuple]:
    """Rows of search_sql.COLUMNS, then the number of the entry, of all that were found, of those that fit wholly."""
    scores = [(f"CASE WHEN EXISTS ({_has(len(some))}) THEN {WEIGHTS[point.name]} ELSE 0 END", some)
              for point, some in words.items()]
    scores += [(f"CASE WHEN EXISTS ({_has(1)}) THEN {weight} ELSE 0 END", [f"#{name}:{point.value}"])
               for point in words if point.name == "group" for name, weight in (("not", AGAINST), ("never", REFUSED))]
    first = [word for point in drivers for word in words[point]]
    found = " UNION ".join(f"SELECT * FROM (SELECT entry_id FROM search_word WHERE word = ? ORDER BY rank DESC "
                           f"LIMIT {CANDIDATES}) AS d{number}" for number in range(len(first)))
    age, turn = search_sql.age(today), search_sql.turn("e.organisation_id", today)
    best = sum(WEIGHTS[point.name] for point in words)
    sql = (f"WITH line AS MATERIALIZED (SELECT e.id, {' + '.join(sql for sql, _some in scores)} AS fit, {age} AS age, "
           f"{turn} AS turn FROM ({found}) AS m JOIN search_entry AS e ON e.id = m.entry_id "
           f"WHERE e.kind = 'service' AND NOT e.ended) "
           f"SELECT {search_sql.COLUMNS}, r.id, r.total, r.whole FROM (SELECT id, fit, age, turn, "
           f"(SELECT COUNT(*) FROM line) AS total, (SELECT COUNT(*) FROM line WHERE fit = {best}) AS whole, "
           f"ROW_NUMBER() OVER (PARTITION BY fit, age, turn ORDER BY {search_sql.turn('id', today)}) AS round "
           f"FROM line ORDER BY fit DESC, age, round, turn, id LIMIT {PER_PAGE} OFFSET ?) AS r {search_sql.RECORDS} "
           f"ORDER BY r.fit DESC, r.age, r.round, r.turn, r.id")
    return search_sql.run(sql, [word for _sql, some in scores for word in some] + first + [(page - 1) * PER_PAGE])


def _has(count) -> str:
    return f"SELECT 1 FROM search_word WHERE entry_id = m.entry_id AND word IN ({', '.join('?' * count)})"


def _matches(rows, words, today) -> list[Match]:
    numbers = [row[-3] for row in rows]
    said = _said(numbers)
    conditions = _conditions([row[1] for row in rows])
    found = []
    for row, number in zip(rows, numbers, strict=True):
        match = Match(search.hit_of(row, [], today))
        match.conditions, match.other_conditions = conditions.get(match.hit.record, ([], ""))
        for point, some in words.items():
            getattr(match, _verdict(point, some, said[number])).append(point)
        found.append(match)
    return found


def _verdict(point, words, said) -> str:
    """Where a point belongs: fits, misses, refused, unknown. `said`: the filters of the service."""
    if point.name == "group":
        for kind, verdict in (("never", "refused"), ("not", "misses"), ("group", "fits")):
            if f"#{kind}:{point.value}" in said:
                return verdict
        return "unknown"
    if not said.isdisjoint(words):
        return "fits"
    if point.name in {"need", "prison"}:  # the book says all of these that there are
        return "misses"
    speaks = ("#region:", "#all:") if point.name == "place" else (f"#{point.name}:",)
    return "misses" if any(word.startswith(speaks) for word in said) else "unknown"


def _said(numbers) -> dict[int, set[str]]:
    """The filters of each entry."""
    found = defaultdict(set)
    marks = ", ".join("?" * len(numbers)) or "0"
    for number, word in search_sql.run(
            f"SELECT entry_id, word FROM search_word WHERE entry_id IN ({marks}) AND word >= '#' AND word < '$'",
            list(numbers)):
        found[number].add(word)
    return found


def _conditions(records) -> dict[str, tuple[list[Condition], str]]:
    """Conditions of entry of services (public ids), and those in free words."""
    rows = db.kept(_condition_rows, records=records) if records else []
    found = {}
    for record, free, text, when, waivable in rows:
        listed, _free = found.setdefault(record, ([], free))
        if text:
            listed.append(Condition(text, ConditionWhen(when), bool(waivable)))
    return found


def _condition_rows(records):
    columns = (ServiceCondition.text, ServiceCondition.when, ServiceCondition.waivable)
    return (Service.select(Service.public_id, Service.conditions, *columns)
            .join(ServiceCondition, JOIN.LEFT_OUTER).where(Service.public_id.in_(records))
            .order_by(Service.id, ServiceCondition.place).tuples())
