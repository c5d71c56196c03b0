"""A cell of coverage: what runs there, on how many, how often, with how many free places, since when we know it."""
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from models import FactGroup
from services import freshness

EMPTY, THIN, ENOUGH = "empty", "thin", "enough"


@dataclass
class Cell:
    """What runs in one place of one kind. Days are None where nothing of the kind is known.

    It is counted first and read after that: what is read is worked out once, for tables are kept.
    """

    works: int = 0  # kinds of work in a prison, services in a region
    organisations: set[int] = field(default_factory=set)
    checked_on: date | None = None  # the newest confirmation that counts
    places: dict[int, tuple[int, date | None]] = field(default_factory=dict)  # {service: (free, as of)}
    days: float = 0  # a week, together, of those that say it
    silent: int = 0  # how many do not say it

    def count(self, organisation: int, checked_on: date | None, days: float | None) -> None:
        self.works += 1
        self.organisations.add(organisation)
        if checked_on and (self.checked_on is None or checked_on > self.checked_on):
            self.checked_on = checked_on
        if days is None:
            self.silent += 1
        else:
            self.days += days

    @cached_property
    def state(self) -> str:
        return (EMPTY, THIN)[len(self.organisations)] if len(self.organisations) < 2 else ENOUGH

    @cached_property
    def free(self) -> int | None:
        """Free places together; None where nobody has said."""
        return sum(free for free, _day in self.places.values()) if self.places else None

    @cached_property
    def free_on(self) -> date | None:
        """The day of the oldest figure in `free`; None where one of them has no day."""
        days = [day for _free, day in self.places.values()]
        return None if not days or None in days else min(days)

    @cached_property
    def days_a_week(self) -> float | None:
        """None where something runs and nobody says when."""
        return None if self.silent and self.silent == self.works else self.days

    def places_state(self, today: date) -> str:
        """How fresh the number of free places is: one of freshness.STATES."""
        left = self.free_on and (freshness.until(FactGroup.PLACES, self.free_on) - today).days
        return "stale" if left is None or left < 0 else "fresh"
