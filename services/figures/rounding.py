"""What may be shown of counts, from the rounded numbers alone: pure arithmetic, without a database.

Why it tells of no single person stands in docs/decisions/0003-rounded-figures.md; tests/test_figures.py attacks it.
"""
from dataclasses import dataclass
from datetime import date

BASE = 5  # counts are multiples of this; fewer people than this are "< 5"
SMALL = -1  # how "< 5" is kept
UNSURE = 3  # a small cell must keep at least so many possible values


def rounded(count: int) -> int:
    """The multiple of five nearest to a count, or SMALL below five."""
    return SMALL if count < BASE else BASE * ((count + BASE // 2) // BASE)


def possible(shown: int) -> tuple[int, int]:
    """The least and the greatest count behind a shown one."""
    return (0, BASE - 1) if shown == SMALL else (max(BASE, shown - 2), shown + 2)


def publish(counts: list[int], people: int) -> tuple[list[int] | None, int]:
    """What is shown of a row of counts, and of how many people they are. None where even that would tell too much.

    That is decided from the rounded numbers alone, so that holding a row back says no more than they would.
    """
    shown, total = [rounded(count) for count in counts], rounded(people)
    return (None if tells_too_much(shown, total) else shown), total


def tells_too_much(shown: list[int], total: int) -> bool:
    """Whether all could share one state, or arithmetic would leave a small count fewer than UNSURE values."""
    bounds = [possible(each) for each in shown]
    least, most = sum(low for low, high in bounds), sum(high for low, high in bounds)
    total_least, total_most = possible(total)
    if total == SMALL:
        return False
    numbers = [high for each, (low, high) in zip(shown, bounds, strict=True) if each != SMALL]
    if len(numbers) == 1 and numbers[0] >= total_least:
        return True
    return any(min(high, total_most - (least - low)) - max(low, total_least - (most - high)) + 1 < UNSURE
               for each, (low, high) in zip(shown, bounds, strict=True) if each == SMALL)


@dataclass(frozen=True)
class Row:
    """A published row: numbers by state (None: held back), its total, and the month it was last counted."""

    states: tuple[int, ...] | None
    total: int
    since: date


def next_row(before: Row | None, then: dict[int, str], now: dict[int, str], month: date, columns) -> Row:
    """The row of `month`. `then` and `now` are client -> state, when `before` was counted and at the month's end.

    Until at least five people differ it stays as it was, to the letter: no difference between two publications
    comes from fewer.
    """
    changed = sum(then.get(client) != now.get(client) for client in then.keys() | now.keys())
    if before and changed < BASE:
        return before
    values = list(now.values())
    states, total = publish([values.count(column) for column in columns], len(values))
    return Row(tuple(states) if states else None, total, month)
