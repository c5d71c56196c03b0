"""The questions that the contact book's search answers: one box, and filters that can be shared as a link.

The hottest page of the application, so its SQL is written out, the same for both databases, and gives tuples. The
rarest word gives candidates, the best first; the other words and the filters are asked of each. Where no line has all
the words, the nearest ones are shown. services/search_index.py says what the words and ranks are.
"""
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import db
from errors import Missing
from models import Area, Confidence, EntryKind, Kind, OrganisationState
from policy import Can, may
from services import freshness, spelling
from services.search_index import AGES, AREAS, area_words, index_words
from text import stem, words

PER_PAGE = 20
MOST_WORDS, LONGEST_WORD = 7, 40
RARER = 16  # what the rarest word adds to the rank of a line that lacks others: as much as two steps of weight
TURNS = 2 ** 20  # more than there are organisations; an odd number times all of them gives each of them once
FEW, MANY = 500, 3000  # candidates, the best first; many are asked where few leave the page unfilled
LAST = "\U0010ffff"  # sorts after every other sign
SIGNS = ".,;:!?()\"'„“"  # around a word
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
    def terms(self) -> list[str]:
        """The words and the filters as the index has them."""
        return [*self.words, *self.filters]

    @property
    def typed(self) -> dict[str, str]:
        """The words as they were typed, by their folded form."""
        return {word: raw.strip(SIGNS) if len(found) == 1 else word
                for raw in self.text.split() for found in [words(raw)] for word in found}

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
    why: list[tuple[str, str]]  # words that its title lacks, and where it has them: said, area, elsewhere


@dataclass(frozen=True)
class Answer:
    """A page of lines. `nearest`: no line has all the words, these have some. `more`: there are more than `count`.

    `instead`: words that nothing has, and those that were looked for instead.
    """

    hits: list[Hit]
    count: int
    page: int
    nearest: bool = False
    more: bool = False
    instead: dict[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))


def find(actor, question: Question, today: date) -> Answer:
    """A page of the answer, best first; all organisations in Czech order where nothing is asked.

    Where nothing has all the words, those that nothing has at all are taken for the nearest words of the book.
    """
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    if not question.terms:
        return _everything(question, today)
    often = _how_often(question.terms) if len(question.terms) > 1 else {}
    answer, instead = _all_of(often, question, today), {}
    if not answer.count:
        instead = spelling.instead_of([word for word in question.words if not often.get(word)])
    if instead:
        question = replace(question, text=" ".join(instead.get(word, word) for word in question.words))
        often = {**often, **dict.fromkeys(instead.values(), FEW + 1)}
        answer = _all_of(often, question, today)
    if not answer.count and len(question.words) > 1:
        answer = _any_of(question, often, today)
    return replace(answer, instead=instead) if instead else answer


def choices() -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """What the filters offer: regions `(code, name, English name)` and prisons `(slug, name)`, in one query."""
    rows = list(db.database.execute_sql(
        "SELECT 'region', code, name, name_en, code FROM region UNION ALL "
        "SELECT 'prison', slug, name, '', sort FROM organisation WHERE kind = 'prison' AND state <> 'closed' "
        "ORDER BY 5"))
    return ([row[1:4] for row in rows if row[0] == "region"], [row[1:3] for row in rows if row[0] == "prison"])


# The SQL. A term is a word, matched by its beginning or by its stem, or a filter, matched as it is.

def _all_of(often, question, today) -> Answer:
    """Lines that have all the terms; the rarest one gives the candidates."""
    terms = question.terms
    if len(terms) == 1:
        answer = _fitting(*_candidates(terms[0], FEW), [], question, today)
        return replace(answer, more=answer.count >= FEW)
    first, *others = sorted(terms, key=lambda term: (often[term], term))
    if not often[first]:
        return Answer([], 0, 1)
    answer = _fitting(*_candidates(first, FEW), others, question, today)
    if often[first] > FEW and answer.count < max(PER_PAGE, question.page * PER_PAGE):
        return replace(_fitting(*_candidates(first, MANY), others, question, today),
                       more=often[first] >= MANY)
    return replace(answer, more=often[first] > FEW)


def _any_of(question, often, today) -> Answer:
    """Lines that have some of the words (and all the filters), those with more of them first, then with the rarer."""
    known = sorted((word for word in question.words if often[word]), key=often.get)
    if not known:
        return Answer([], 0, 1)
    parts = [(_candidates(word, FEW // len(known)), RARER if word == known[0] else 0) for word in known]
    union = " UNION ALL ".join(f"SELECT entry_id, rank + {rarer} AS rank FROM ({sql}) AS w"
                               for (sql, _params), rarer in parts)
    answer = _fitting(f"SELECT entry_id, SUM(rank) AS rank FROM ({union}) AS u GROUP BY entry_id",
                      [value for (_sql, some), _rarer in parts for value in some], question.filters, question, today,
                      lead="CASE WHEN e.kind = 'organisation' THEN 0 ELSE 10 END + ")
    seen = [hit._replace(why=[pair for pair in hit.why if pair[1] != "elsewhere"]) for hit in answer.hits]
    return replace(answer, hits=seen, nearest=True)


def _how_often(terms) -> dict[str, int]:
    """How many rows each term has, counted no further than is of use."""
    ways = [_ways(term) for term in terms]
    counts = ", ".join(" + ".join(f"(SELECT COUNT(*) FROM (SELECT 1 FROM search_word WHERE {sql} LIMIT {MANY}) AS t)"
                                  for sql, _params in some) for some in ways)
    row = _run(f"SELECT {counts}", [value for some in ways for _sql, params in some for value in params]).fetchone()
    return dict(zip(terms, row, strict=True))


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


@lru_cache(maxsize=8)
def _age(today, sqlite) -> str:
    """SQL for how fresh a line is, from 0 (fresh) to 4 (not confirmed): as freshness.state says of its kind."""
    def since(days_of):
        days = {kind: days_of(group).isoformat() for kind, group in AGES.items()}
        whens = " ".join(f"WHEN '{kind}' THEN {'' if sqlite else 'DATE '}'{day}'" for kind, day in days.items())
        return f"e.checked_on >= CASE e.kind {whens} END"
    lasts = {group: timedelta(days=freshness.lasts(group)) for group in AGES.values()}
    return (f"CASE WHEN NOT e.confirmed THEN 4 WHEN e.checked_on IS NULL THEN 2 "
            f"WHEN {since(lambda group: freshness.due_before(group, today))} THEN 0 "
            f"WHEN {since(lambda group: today - lasts[group])} THEN 1 "
            f"WHEN {since(lambda group: today - 2 * lasts[group])} THEN 3 ELSE 4 END")


def _turn(column, today) -> str:
    """SQL for a place in an order that is another one each day, the same for everybody and on both databases."""
    return f"(CAST({column} AS BIGINT) * {pow(7, today.toordinal(), TURNS)} & {TURNS - 1})"


COLUMNS = ("e.kind, e.record, e.title, e.detail, e.areas, e.checked_on, e.confirmed, e.ended, o.public_id, "
           "CASE WHEN o.short_name = '' THEN o.name ELSE o.short_name END, o.kind, o.state, r.total, "
           "s.places_free, s.places_on")
LINES = ("JOIN search_entry AS e ON e.id = r.id JOIN organisation AS o ON o.id = e.organisation_id "
         "LEFT JOIN service AS s ON e.kind = 'service' AND s.public_id = e.record")


def _fitting(matches, params, others, question, today, lead="") -> Answer:
    """A page of the lines that `matches` gives and that have all `others`.

    Best fit first, then the freshest. Those who fit and are fresh alike take turns by day, an organisation with many
    lines comes round as often as one with a single one.
    """
    probes = [_probe(term) for term in others]
    fit = " + ".join(["m.rank", *[sql for sql, _params in probes]])
    age, turn = lead + _age(today, db.is_sqlite()), _turn("e.organisation_id", today)
    order = "fit DESC, age, round, turn, id"
    sql = (f"SELECT {COLUMNS}, r.fit FROM (SELECT id, fit, age, turn, COUNT(*) OVER () AS total, ROW_NUMBER() OVER ("
           f"PARTITION BY fit, age, turn ORDER BY {_turn('id', today)}) AS round FROM ("
           f"SELECT e.id, f.fit, {age} AS age, {turn} AS turn "
           f"FROM (SELECT m.entry_id, {fit} AS fit FROM ({matches}) AS m) AS f "
           f"JOIN search_entry AS e ON e.id = f.entry_id WHERE f.fit IS NOT NULL) AS g "
           f"ORDER BY {order} LIMIT {PER_PAGE} OFFSET ?) AS r {LINES} "
           f"ORDER BY r.fit DESC, r.age, r.round, r.turn, r.id")
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
    asked = question.words
    return Answer([_hit(row, asked, today) for row in rows], rows[0][12] if rows else 0, question.page)


def _hit(row, asked, today) -> Hit:
    kind, record, title, detail, areas, checked_on, confirmed, ended, pid, label, organisation_kind, state = row[:12]
    kind, checked_on, free, places_on = KINDS[kind], _day(checked_on), row[13], _day(row[14])
    confidence = Confidence.VERIFIED if confirmed else Confidence.RECALLED
    return Hit(kind, record, title, detail, [AREAS[area] for area in areas.split(";") if area], pid, label,
               ORGANISATION_KINDS[organisation_kind], STATES[state],
               freshness.state(AGES[kind], confidence, checked_on, today), checked_on, bool(ended),
               None if free is None or places_on is None else (free, places_on),
               _why(asked, title, f"{label} {detail}", areas))


def _why(asked, title, said, areas) -> list[tuple[str, str]]:
    """Of each word that the title lacks where the line has it; what it does not show itself is elsewhere."""
    found, in_title = [], index_words(title)
    for word in asked:
        if not _has(in_title, word):
            shown = {"said": index_words(said), "area": area_words(areas)}
            found.append((word, next((where for where, known in shown.items() if _has(known, word)), "elsewhere")))
    return found


def _has(known, word) -> bool:
    return word in known or stem(word) in known or any(each.startswith(word) for each in known)


def _day(value) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _run(sql, params):
    database = db.database.obj
    return database.execute_sql(sql.replace("?", database.param), params)
