"""How many days a week something runs, as far as the words of the book say it."""
import re
from functools import lru_cache

from text import fold

WEEK = ("po", "ut", "st", "ct", "pa", "so", "ne")
NAMES = {**{day: number for number, day in enumerate(WEEK)},
         **{name: number for number, names in enumerate((
             ("pondeli", "monday", "mon", "mo"), ("utery", "uterky", "tuesday", "tue", "tu"),
             ("streda", "stredu", "wednesday", "wed", "we"), ("ctvrtek", "ctvrtky", "thursday", "thu", "th"),
             ("patek", "patky", "friday", "fri", "fr"), ("sobota", "sobotu", "saturday", "sat", "sa"),
             ("nedele", "nedeli", "sunday", "sun", "su"))) for name in names}}
NUMBERS = {"jednou": 1, "jedenkrat": 1, "once": 1, "dvakrat": 2, "twice": 2, "trikrat": 3, "ctyrikrat": 4}
SPANS = ((re.compile(r"\b(14 dn|ctrnact dn|dva tydny|2 tydny|druh|lich|sud|fortnight|two weeks)"), 0.5),
         (re.compile(r"\b(mesic|month)"), 0.25))
RANGE = re.compile(r"\b([a-z]+)\s*(?:-|az|to)\s*([a-z]+)\b")
TIMES = re.compile(r"\b(\d)\s*(?:x|krat)\b")
DAILY = re.compile(r"\b(denne|kazdy den|kazdy pracovni den|daily|every day)\b")


@lru_cache(5000)
def a_week(said: str) -> float | None:
    """Days a week that words such as "po, st" or "jednou za 14 dní" speak of. None where they speak of none."""
    words = fold(said).replace("–", "-").replace("×", "x")
    share = next((share for span, share in SPANS if span.search(words)), 1)
    if days := _weekdays(words):
        return len(days) * share
    if DAILY.search(words):
        return 5.0
    times = _times(words)
    return times * share if times and (share != 1 or re.search(r"tyd|week", words)) else share if share != 1 else None


def _weekdays(words) -> set[int]:
    found = {NAMES[word] for word in re.findall(r"[a-z]+", words) if word in NAMES}
    for first, last in RANGE.findall(words):
        if first in NAMES and last in NAMES:
            found.update(range(NAMES[first], NAMES[last] + 1))
    return found


def _times(words) -> int:
    number = TIMES.search(words)
    return int(number[1]) if number else next((NUMBERS[word] for word in words.split() if word in NUMBERS), 0)
