"""What the search has found out and need not find out again until the book is written.

Each writing of the index leaves a random mark (SearchChange). The sum of the marks comes with the first query of each
search; while it stays the same, so do answers, how often words stand in the book, and its places.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import db
from services import search_places

MOST_ANSWERS, MOST_WORDS = 32, 5000  # an answer takes up to 95 kB with its lines
MARK = "(SELECT COALESCE(SUM(mark), 0) FROM search_change)"


@dataclass
class Kept:
    """What is true as long as the marks have this sum (None: nothing is known yet)."""

    mark: int | None = None
    answers: dict = field(default_factory=dict)
    often: dict[str, int] = field(default_factory=dict)  # in how many rows of the index a term stands

    @cached_property
    def places(self) -> search_places.Map:
        return search_places.read()

    def keep(self, asked, answer) -> None:
        if len(self.answers) >= MOST_ANSWERS:
            self.answers.pop(next(iter(self.answers)), None)
        self.answers[asked] = answer


_kept: dict[object, Kept] = {}  # by database


def up_to_date(asked, terms: list[str], count: Callable) -> Kept:
    """What is kept as of now; it knows the answer to `asked`, or how often each of the terms stands in the book.

    `count(terms, places) -> (mark, numbers)` asks the database: once, or twice where the book was written meanwhile.
    """
    kept = latest()
    while True:
        unknown = [] if asked in kept.answers else [term for term in terms if term not in kept.often]
        mark, numbers = count(unknown, lambda kept=kept: kept.places)
        if mark != kept.mark:
            known, kept = kept.often.keys() & set(terms), Kept(mark)
            _kept[db.database.obj] = kept
            if known or len(unknown) < len(terms):
                continue
        if len(kept.often) > MOST_WORDS:
            kept.often.clear()
        kept.often.update(zip(unknown, numbers, strict=True))
        return kept


def latest() -> Kept:
    """What was kept when the last search was asked."""
    return _kept.setdefault(db.database.obj, Kept())
