"""What is measured: the pages and forms, who asks for them, and what they may cost."""
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, product
from urllib.parse import quote_plus

import clock
from benchmarks.serving import Answer
from benchmarks.world import TOWNS, WHAT, WHOM, Known

SEARCHES = ("/book?q=dluhy+brno", "/book?q=azylov%C3%BD+d%C5%AFm", "/book?q=poradna&region=CZ064", "/book?q=nadeje")
BROAD = "/book?q=socialni+po"  # words of nearly every line: the dearest question
MISSPELT = "/book?q=dlhuy+brno"
NEW_QUESTIONS = (f"{what} {whom} {town}" for town, whom, what in product(TOWNS, WHOM, WHAT))
ONE_ROW = "/book?q=bohata+poradna"
TODAY = {"prison": "prokop", "probation": "petra", "curator": "kamila", "ngo": "sona", "client": "karel",
         "partner": "partner", "coordinator": "kora", "admin": "adam"}


@dataclass(frozen=True)
class Page:
    """A request and its budget. `must` and `aim` are times the floor's CPU, `kilobytes` are compressed.

    `ask` sends it once through a reader; it answers `status`.
    """

    name: str
    who: str
    ask: Callable[[object], Answer]
    must: float | None
    aim: float | None
    queries: int
    kilobytes: float | None = None
    status: int = 200

    @property
    def writes(self) -> bool:
        return self.status == 303


def read(name, who, path, *budget, fragment=False) -> Page:
    return Page(name, who, lambda reader: reader.get(path, fragment), *budget)


def searches(name, *budget, fragment=False) -> Page:
    """The usual questions in turn: two words, a word and a filter, one word."""
    asked = cycle(SEARCHES)
    return Page(name, "sona", lambda reader: reader.get(next(asked), fragment), *budget)


def never_asked(name, *budget) -> Page:
    """Questions of three to seven words, each of them new: nothing that is kept answers them."""
    return Page(name, "sona", lambda reader: reader.get(f"/book?q={quote_plus(next(NEW_QUESTIONS))}"), *budget)


def pages(known: Known) -> list[Page]:
    """Every page and form with a budget, on the grown database."""
    todays = [read(f"today of {role}", who, "/", 9, 6, 9, 9) for role, who in TODAY.items()]
    return [
        searches("search, 20 rows", 9, 6, 5, 10),
        searches("search as a fragment", 6, 4, 4, 3, fragment=True),
        read("search, the broadest words", "sona", BROAD, None, None, 5, 10),
        read("search, a typing error", "sona", MISSPELT, None, None, 5, 10),
        never_asked("search, never asked before", None, None, 5, 10),
        read("one organisation", "sona", f"/book/{known.organisation}", 8, 5, 7, 9),
        *todays,
        read("week of one prison", "prokop", "/visits", 14, 9, 7, 14),
        read("day of one prison", "prokop", f"/visits?day={clock.today():%Y-%m-%d}", 14, 9, 7, 14),
        read("times of one prison", "sona", f"/visits/request/{known.prison}", None, None, 9, 10),
        read("month across 40 prisons", "sona", f"/visits?month={clock.today():%Y-%m}", None, None, 7, 14),
        read("60 days of 40 prisons for one client", "sona", f"/visits/for/{known.visited}", None, None, 10, 14),
        read("client's file through consent", "petra", f"/clients/{known.client}", 12, 8, 10, 10),
        Page("request of a visit", "sona", _requests(known), 12, 8, 15, status=303),
        Page("follow-up entry", "kamila", _entries(known), 12, 8, 15, status=303),
    ]


def _requests(known):
    path, keys = f"/visits/request/{known.prison}/details", iter(known.all_left * 2)  # two seats each
    return lambda reader: reader.post(path, visit(next(keys)))


def visit(slot: str) -> dict:
    """The filled-in form of a request for a time."""
    return {"slot": slot, "guests": "Jana Vzorná", "purpose": "dluhové poradenství", "step": "send",
            "request_key": secrets.token_urlsafe(16)}


def _entries(known) -> Callable:
    prompts: Iterator[str] = cycle(known.prompts)
    return lambda reader: reader.post(f"/follow-ups/{next(prompts)}", {
        "request_key": secrets.token_urlsafe(16), "reached": "telephone", "needs-housing-state": "in_progress",
        "needs-housing-step": "unsure", "needs-work-state": "met", "note": "Bydlí u bratra, hledá podnájem.",
        "next_step": "společně na úřad práce"})
