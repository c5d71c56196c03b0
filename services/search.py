"""The questions that the contact book's search answers: one box, and filters that can be shared as a link.

The hottest page of the application, so its SQL is written out, the same for both databases, and gives tuples. The
rarest word gives candidates, the best first; the other words and the filters are asked of each. Where no line has all
the words, the nearest ones are shown. services/search_index.py says what the words and ranks are.
"""
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import db
from errors import Missing
from models import Area, Confidence, EntryKind, Kind, OrganisationState
from policy import Can, may
from services import freshness
from services.search_index import AGES, AREAS
from text import stem, words

PER_PAGE = 20
MOST_WORDS, LONGEST_WORD = 7, 40
FEW, MANY = 500, 3000  # candidates, the best first; many are asked where few leave the page unfilled
LAST = "\U0010ffff"  # sorts after every other sign
SMALL_WORDS = frozenset((
    "a", "i", "k", "o", "s", "u", "v", "z", "ve", "ke", "se", "ze", "do", "na", "od", "pro", "pri", "po", "za", "je",
    "the", "of", "in", "for", "and", "at", "on", "to"))
FILTERS = ("area", "need", "region", "prison", "form", "group", "when", "language", "free", "verified", "kind")
WHEN = ("before", "after")  # release
KINDS, ORGANISATION_KINDS, STATES = ({member.value: member for member in each}
                                     for each in (EntryKind, Kind, OrganisationState))


@dataclass(frozen=True)
class Question:
    """What is asked: typed words, and filters, each a value as it stands in the address of the search."""

    text: str = ""
    area: str = ""  # of Area
    region: str = ""  # code of a Region
    prison: str = ""  # slug
    page: int = 1
    need: str = ""  # of Need
    form: str = ""  # of Form
    group: str = ""  # of TargetGroup: the service says that it is for them
    when: str = ""  # of WHEN
    language: str = ""  # ISO 639
    free: str = ""  # yes: somebody said lately that there is a free place
    verified: str = ""  # yes: confirmed, and the confirmation holds
    kind: str = ""  # of EntryKind: only such lines, and none that has ended

    @property
    def words(self) -> list[str]:
        """The words that are looked for; small ones say nothing."""
        found = dict.fromkeys(word[:LONGEST_WORD] for word in words(self.text) if word not in SMALL_WORDS)
        return list(found)[:MOST_WORDS]

    @property
    def filters(self) -> list[str]:
        return [f"#{name}:{value}" for name, value in self.asked.items()]

    @property
    def asked(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}


class Hit(NamedTuple):
    """One line of the answer."""

    kind: EntryKind
    record: str
    title: str
    detail: str
    areas: list[Area]
    organisation_id: str  # public
    organisation: str
    organisation_kind: Kind
    state: OrganisationState
    freshness: str
    checked_on: date | None
    ended: bool
    places: tuple[int, date] | None  # of a service: how many are free, and the day when that was said


@dataclass(frozen=True)
class Answer:
    """A page of lines. `nearest`: no line has all the words, these have some. `more`: there are more than `count`."""

    hits: list[Hit]
    count: int
    page: int
    nearest: bool = False
    more: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))


def find(actor, question: Question, today: date) -> Answer:
    """A page of the answer, best first; all organisations in Czech order where nothing is asked."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    terms = [*question.words, *question.filters]
    if not terms:
        return _everything(question, today)
    answer = _all_of(terms, question, today)
    if answer.count or len(question.words) < 2:
        return answer
    return _any_of(question, today)


def choices() -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """What the filters offer: regions `(code, name, English name)` and prisons `(slug, name)`, in one query."""
    rows = list(db.database.execute_sql(
        "SELECT 'region', code, name, name_en, code FROM region UNION ALL "
        "SELECT 'prison', slug, name, '', sort FROM organisation WHERE kind = 'prison' AND state <> 'closed' "
        "ORDER BY 5"))
    return ([row[1:4] for row in rows if row[0] == "region"], [row[1:3] for row in rows if row[0] == "prison"])


# The SQL. A term is a word, matched by its beginning or by its stem, or a filter, matched as it is.

def _all_of(terms, question, today) -> Answer:
    """Lines that have all the terms; the rarest one gives the candidates."""
    if len(terms) == 1:
        answer = _fitting(*_candidates(terms[0], FEW), [], question, today)
        return replace(answer, more=answer.count >= FEW)
    (often, first), *others = sorted(zip(_how_often(terms), terms, strict=True))
    if not often:
        return Answer([], 0, 1)
    others = [term for _often, term in others]
    answer = _fitting(*_candidates(first, FEW), others, question, today)
    if often > FEW and answer.count < max(PER_PAGE, question.page * PER_PAGE):
        return replace(_fitting(*_candidates(first, MANY), others, question, today), more=often >= MANY)
    return replace(answer, more=often > FEW)


def _any_of(question, today) -> Answer:
    """Lines that have some of the words (and all the filters), those with more of them first."""
    parts = [_candidates(word, FEW // len(question.words)) for word in question.words]
    union = " UNION ALL ".join(sql for sql, _params in parts)
    params = [value for _sql, some in parts for value in some]
    answer = _fitting(f"SELECT entry_id, SUM(rank) AS rank FROM ({union}) AS u GROUP BY entry_id", params,
                      question.filters, question, today, order=f"e.kind <> 'organisation', {ORDER}")
    return replace(answer, nearest=True)


def _how_often(terms) -> list[int]:
    """How many rows each term has, counted no further than is of use."""
    parts = [_range(term) for term in terms]
    counts = ", ".join(f"(SELECT COUNT(*) FROM (SELECT 1 FROM search_word WHERE {sql} LIMIT {MANY}) AS t{n})"
                       for n, (sql, _params) in enumerate(parts))
    row = _run(f"SELECT {counts}", [value for _sql, params in parts for value in params]).fetchone()
    return list(row)


def _range(term) -> tuple[str, list]:
    return ("word = ?", [term]) if term[0] == "#" else ("word >= ? AND word < ?", [term, term + LAST])


def _ways(term) -> list[tuple[str, list]]:
    """The conditions under which a row of the index matches a term."""
    root = term if term[0] == "#" else stem(term)
    return [_range(term)] if root.startswith(term) else [_range(term), ("word = ?", [root])]


def _candidates(term, most) -> tuple[str, list]:
    """Rows (entry_id, rank) of one term: of the whole word and of its stem the best, of longer words any."""
    exact = dict.fromkeys([term] if term[0] == "#" else [term, stem(term)])
    ways = [("word = ? ORDER BY rank DESC", [word]) for word in exact]
    if term[0] != "#":
        ways.append(("word > ? AND word < ?", [term, term + LAST]))
    union = " UNION ALL ".join(
        f"SELECT * FROM (SELECT entry_id, rank FROM search_word WHERE {sql} LIMIT {most}) AS w{n}"
        for n, (sql, _params) in enumerate(ways))
    return (f"SELECT entry_id, MAX(rank) AS rank FROM ({union}) AS c GROUP BY entry_id",
            [value for _sql, params in ways for value in params])


def _probe(term) -> tuple[str, list]:
    """The rank of one term in a candidate line, NULL where the line lacks it."""
    ways = _ways(term)
    union = " UNION ALL ".join(f"SELECT rank FROM search_word WHERE entry_id = m.entry_id AND {sql}"
                               for sql, _params in ways)
    return f"(SELECT MAX(rank) FROM ({union}) AS p)", [value for _sql, params in ways for value in params]


ORDER = "e.checked_on IS NULL, e.checked_on DESC, e.sort, e.id"
COLUMNS = ("e.kind, e.record, e.title, e.detail, e.areas, e.checked_on, e.confirmed, e.ended, o.public_id, "
           "CASE WHEN o.short_name = '' THEN o.name ELSE o.short_name END, o.kind, o.state, r.total, "
           "s.places_free, s.places_on")
LINES = ("JOIN search_entry AS e ON e.id = r.id JOIN organisation AS o ON o.id = e.organisation_id "
         "LEFT JOIN service AS s ON e.kind = 'service' AND s.public_id = e.record")


def _fitting(matches, params, others, question, today, order=None) -> Answer:
    """A page of the lines that `matches` gives and that have all `others`."""
    probes, order = [_probe(term) for term in others], order or ORDER
    fit = " + ".join(["m.rank", *[sql for sql, _params in probes]])
    sql = (f"SELECT {COLUMNS}, r.fit FROM (SELECT e.id, f.fit, COUNT(*) OVER () AS total "
           f"FROM (SELECT m.entry_id, {fit} AS fit FROM ({matches}) AS m) AS f "
           f"JOIN search_entry AS e ON e.id = f.entry_id WHERE f.fit IS NOT NULL "
           f"ORDER BY f.fit DESC, {order} LIMIT {PER_PAGE} OFFSET ?) AS r {LINES} ORDER BY r.fit DESC, {order}")
    return _page(sql, [value for _sql, some in probes for value in some] + params, question, today)


def _everything(question, today) -> Answer:
    count = "(SELECT COUNT(*) FROM search_entry WHERE kind = 'organisation')"
    sql = (f"SELECT {COLUMNS} FROM (SELECT id, {count} AS total FROM search_entry WHERE kind = 'organisation' "
           f"ORDER BY ended, sort LIMIT {PER_PAGE} OFFSET ?) AS r "
           f"{LINES} ORDER BY e.ended, e.sort")
    return _page(sql, [], question, today)


def _page(sql, params, question, today) -> Answer:
    """The asked page; the first one where there is no such page."""
    rows = _run(sql, [*params, (question.page - 1) * PER_PAGE]).fetchall()
    if not rows and question.page > 1:
        return _page(sql, params, replace(question, page=1), today)
    return Answer([_hit(row, today) for row in rows], rows[0][12] if rows else 0, question.page)


def _hit(row, today) -> Hit:
    kind, record, title, detail, areas, checked_on, confirmed, ended, pid, label, organisation_kind, state = row[:12]
    kind, checked_on, free, places_on = KINDS[kind], _day(checked_on), row[13], _day(row[14])
    confidence = Confidence.VERIFIED if confirmed else Confidence.RECALLED
    return Hit(kind, record, title, detail, [AREAS[area] for area in areas.split(";") if area], pid, label,
               ORGANISATION_KINDS[organisation_kind], STATES[state],
               freshness.state(AGES[kind], confidence, checked_on, today), checked_on, bool(ended),
               None if free is None or places_on is None else (free, places_on))


def _day(value) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _run(sql, params):
    database = db.database.obj
    return database.execute_sql(sql.replace("?", database.param), params)
