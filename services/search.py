"""The questions that the contact book's search answers: one box, and filters that can be shared as a link.

The rarest word gives candidates, the best first; the other words and the filters are asked of each. Where no line has
all the words, the nearest ones are shown. services/search_index.py says what the words and ranks are, search_sql.py
writes the SQL, search_kept.py keeps answers as long as they are true.
"""
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from db import day_of
from errors import Missing
from models import Area, Confidence, EntryKind, Kind, OrganisationState
from policy import Can, may
from services import freshness, search_kept, search_sql, spelling
from services.search_index import AGES, AREAS, area_words, index_words
from services.search_places import Map
from services.search_sql import LAST  # noqa: F401
from text import stem, words

PER_PAGE = 20
MOST_WORDS, LONGEST_WORD = 7, 40
SIGNS = ".,;:!?()\"'„“"  # around a word
SMALL_WORDS = frozenset((
    "a", "i", "k", "o", "s", "u", "v", "z", "ve", "ke", "se", "ze", "do", "na", "od", "pro", "pri", "po", "za", "je",
    "the", "of", "in", "for", "and", "at", "on", "to"))
FILTERS = ("area", "need", "region", "district", "municipality", "prison", "form", "group", "when", "language", "free",
           "verified", "kind")
WHEN = ("before", "after")  # release
WHERE = ("organisation", "said", "area", "elsewhere")  # a line may have a word beside its title: in whose name it is, …
LONG_FACT, AROUND = 80, 5  # letters of a fact that is shown whole; else so many words before and after
NEW_FOR, SHELF = timedelta(days=90), 6  # how long somebody is new here, and how many are shown at once
NEW_KINDS = (Kind.NGO, Kind.EMPLOYER, Kind.HEALTH, Kind.OTHER)
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
    district: str = ""  # code of a District
    municipality: str = ""  # code of a Municipality
    exact: str = ""  # yes: no other words are looked for than those that were typed

    @cached_property
    def words(self) -> list[str]:
        """The words that are looked for; small ones say nothing."""
        found = dict.fromkeys(word[:LONGEST_WORD] for word in words(self.text) if word not in SMALL_WORDS)
        return list(found)[:MOST_WORDS]

    @property
    def terms(self) -> list[str]:
        """The words and the filters as the index has them."""
        return [*self.words, *self.filters]

    @cached_property
    def typed(self) -> dict[str, str]:
        """The words as they were typed, by their folded form."""
        return {word: raw.strip(SIGNS) if len(found) == 1 else word
                for raw in self.text.split() for found in [words(raw)] for word in found}

    @cached_property
    def filters(self) -> list[str]:
        return [f"#{name}:{value}" for name, value in self.asked.items()]

    @cached_property
    def asked(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}


class Hit(NamedTuple):
    """One line of the answer."""

    kind: EntryKind
    record: str
    title: str
    detail: str
    areas: tuple[Area, ...]
    organisation_id: str  # public
    organisation: str
    organisation_kind: Kind
    state: OrganisationState
    freshness: str
    checked_on: date | None
    ended: bool
    places: tuple[int, date] | None  # of a service: how many are free, and the day when that was said
    until: date | None  # the last day of an offer
    why: list[tuple[list[str], str, str]]  # words its title lacks, where they are (WHERE), the area or the fact


@dataclass(frozen=True, eq=False)
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


def find(actor, question: Question, today: date, wide: bool = False) -> Answer:
    """A page of the answer, best first; all organisations in Czech order where nothing is asked.

    Where nothing has all the words, those that nothing has at all are taken for the nearest words of the book. A
    `wide` answer counts more lines than anybody reads, as a file of them needs.
    """
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    asked = (question, today, wide)
    kept = search_kept.up_to_date(asked, question.terms, search_sql.count)
    if asked not in kept.answers:
        kept.keep(asked, _found(question, kept, search_sql.Search(today, kept, PER_PAGE, wide)))
    return kept.answers[asked]


class Newcomer(NamedTuple):
    """An organisation on the shelf of the new ones."""

    public_id: str
    name: str
    kind: Kind
    city: str


def newcomers(actor, today: date) -> list[Newcomer]:
    """A few of those who came into the book lately; where there are more, others each day. No offices, no prisons."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    asked = ("newcomers", today)
    kept = search_kept.up_to_date(asked, [], search_sql.count)
    if asked not in kept.answers:
        rows = search_sql.newcomers(today, NEW_FOR, NEW_KINDS, SHELF)
        kept.keep(asked, [Newcomer(*row[:2], Kind(row[2]), row[3]) for row in rows])
    return kept.answers[asked]


def places() -> Map:
    """What can be chosen as a place, as the last question found it."""
    return search_kept.latest().places


def _found(question, kept, search) -> Answer:
    if not question.terms:
        return _page(search.everything, question, search)
    often = {term: kept.often[term] for term in question.terms}
    answer, instead = _all_of(question, often, search), {}
    if not answer.count and not question.exact:
        instead = spelling.instead_of([word for word in question.words if not often[word]])
    if instead:
        question = replace(question, text=" ".join(instead.get(word, word) for word in question.words))
        often = {term: often.get(term, search_sql.UNKNOWN) for term in question.terms}
        answer = _all_of(question, often, search)
    known = sorted((word for word in question.words if often[word]), key=often.get)
    if not answer.count and known and len(question.words) > 1:
        answer = _nearest(_page(search.any_of, question, search, known, question.filters))
    return replace(answer, instead=instead) if instead else answer


def _all_of(question, often, search) -> Answer:
    """Lines that have all the terms; the rarest one gives the candidates."""
    terms = sorted(question.terms, key=lambda term: (often[term], term))
    return _page(search.all_of, question, search, terms) if often[terms[0]] else Answer([], 0, 1)


def _nearest(answer) -> Answer:
    seen = [hit._replace(why=[pair for pair in hit.why if pair[1] != "elsewhere" or pair[2]]) for hit in answer.hits]
    return replace(answer, hits=seen, nearest=True)


def _page(ask, question, search, *terms) -> Answer:
    """The asked page; the first one where there is no such page."""
    rows = ask(*terms, page=question.page)
    if not rows and question.page > 1:
        return _page(ask, replace(question, page=1), search, *terms)
    count, asked = rows[0][12] if rows else 0, question.words
    return Answer([hit_of(row, asked, search.today) for row in rows], count, question.page,
                  more=bool(question.terms) and count >= search.enough(question.terms[1:]))


def hit_of(row: tuple, asked: list[str], today: date) -> Hit:
    """The line that a row of search_sql.COLUMNS stands for; `asked` are the words to be explained."""
    kind, record, title, detail, areas, checked_on, confirmed, ended, pid, label, organisation_kind, state = row[:12]
    kind, free = KINDS[kind], row[13]
    checked_on, places_on, until = map(day_of, (checked_on, row[14], row[15]))
    shown = (_known(label), _known(detail), _known_of(areas)) if asked else ()
    return Hit(kind, record, title, detail, tuple(AREAS[area] for area in areas.split(";") if area), pid, label,
               ORGANISATION_KINDS[organisation_kind], STATES[state], _age(kind, confirmed, checked_on, today),
               checked_on, bool(ended), None if free is None or places_on is None else (free, places_on), until,
               _why(asked, title, shown, areas, row[16]))


def _age(kind, confirmed, checked_on, today) -> str:
    """How fresh a line is; an offer is as long as it is there."""
    if kind not in AGES:
        return freshness.STATES[0]
    return freshness.state(AGES[kind], Confidence.VERIFIED if confirmed else Confidence.RECALLED, checked_on, today)


def _why(asked, title, shown, areas, facts) -> list[tuple[list[str], str, str]]:
    """Of the words that the title lacks where the line has them, and what has them there unless the line shows it so.

    Words that one and the same thing has stand together.
    """
    found, in_title = {}, _known(title)
    lacking = [word for word in asked if not _has(in_title, word)]
    for word in lacking:
        where = next((where for where, known in zip(WHERE, shown, strict=False) if _has(known, word)), WHERE[-1])
        found.setdefault((where, _what(where, word, areas, facts, lacking)), []).append(word)
    return [(words, where, what) for (where, what), words in found.items()]


def _what(where, word, areas, facts, lacking) -> str:
    """The area or the fact that has the word."""
    if where == "area":
        return next(area for area in areas.split(";") if _has(_known_of(area), word))
    return _fact(facts, word, lacking) if where == "elsewhere" else ""


def _fact(facts, word, lacking) -> str:
    """Of the facts that have the word the first that has most of the others too; of a long one what is around it."""
    having = [fact for fact in facts.split("\n") if _has(_known(fact), word)]
    said = max(having, key=lambda fact: sum(_has(_known(fact), other) for other in lacking), default="")
    if len(said) <= LONG_FACT:
        return said
    parts = said.split()
    place = next((place for place, part in enumerate(parts) if _has(_known(part), word)), 0)
    first, last = max(0, place - AROUND), place + AROUND + 1
    return f"{'… ' if first else ''}{' '.join(parts[first:last])[:LONG_FACT]}{' …' if last < len(parts) else ''}"


def _has(known, word) -> bool:
    """Whether a word, its stem or a longer word is among those that are known."""
    return f" {word}" in known or f" {stem(word)} " in known


@lru_cache(20_000)
def _known(text: str) -> str:
    """The words of a text as the index has them, each between spaces: looked through at once."""
    return f" {' '.join(index_words(text))} "


@lru_cache(1000)
def _known_of(areas: str) -> str:
    return f" {' '.join(area_words(areas))} "

