"""A month of whoever asks for visits: what is theirs and what is free, in all prisons where they may ask."""
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import clock
from models import Organisation
from services import slots
from services.visits.choosing import AHEAD, prisons_for
from services.visits.weeks import between, by_day


@dataclass(frozen=True)
class MonthDay:
    """`free` are (prison, how many times can be asked for there)."""

    day: date
    bookings: list
    free: list[tuple[Organisation, int]]

    @property
    def monday(self) -> date:
        return self.day - slots.DAY * self.day.weekday()


@dataclass(frozen=True)
class Month:
    """`prisons` are all where the actor may ask, `prison` the one that was chosen, if one was."""

    first: date
    days: list[MonthDay]
    prisons: list[Organisation]
    prison: Organisation | None

    @property
    def before(self) -> date:
        return (self.first - slots.DAY).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1)


def month(actor, first: date, prison: str = "") -> Month:
    """The days of a month on which there is something; `prison` is a public id that narrows what is free."""
    prisons = prisons_for(actor)
    chosen = next((each for each in prisons if each.public_id == prison), None)
    last = (first + timedelta(days=31)).replace(day=1) - slots.DAY
    bookings = by_day(between(actor, first, last))
    free = _free([chosen] if chosen else prisons, first, last)
    days = [first + slots.DAY * number for number in range((last - first).days + 1)]
    return Month(first, [MonthDay(day, bookings.get(day, []), free.get(day, [])) for day in days
                         if day in bookings or day in free], prisons, chosen)


def _free(prisons, first, last) -> dict[date, list]:
    today = clock.today()
    found, named = defaultdict(Counter), {each.id: each for each in prisons}
    for slot in slots.open_slots(named, max(first, today), min(last, today + AHEAD)) if named else ():
        found[clock.local(slot.starts_at).date()][slot.window.place.prison_id] += 1
    return {day: [(prison, counts[prison.id]) for prison in prisons if prison.id in counts]
            for day, counts in found.items()}
