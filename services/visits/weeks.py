"""A prison's week and day: what takes place, what is free, what is closed."""
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from peewee import JOIN

import clock
import db
import policy
from models import Booking, BookingState, Closure, Organisation, Place, PrisonProfile
from services import slots
from services.visits import budget
from services.visits.rows import lines

NO_MORE = [BookingState.WITHDRAWN, BookingState.DECLINED, BookingState.CANCELLED]


@dataclass(frozen=True)
class WeekDay:
    day: date
    bookings: list
    free: int  # seats nobody asked for
    closures: list["Closed"]
    slots: list["slots.Slot"] = field(default_factory=list)  # those with a seat left, on the page of one day

    @property
    def holiday(self) -> bool:
        return not slots.is_no_holiday(self.day)

    @property
    def rows(self) -> list[tuple]:
        """(visit, None) and (None, free slot) in order of time and place."""
        found = [(each, None) for each in self.bookings] + [(None, each) for each in self.slots]
        return sorted(found, key=lambda pair: (pair[0].starts_at, pair[0].place) if pair[0] else (
            pair[1].starts_at, pair[1].window.place.name))


@dataclass(frozen=True)
class Closed:
    """A time when the prison, or one `place` of it, is closed."""

    from_at: datetime
    until_at: datetime
    reason: str
    place: str

    def touches(self, day: date) -> bool:
        return self.from_at < clock.at(day + slots.DAY, time()) and self.until_at > clock.at(day, time())


@dataclass(frozen=True)
class PrisonWeek:
    days: list[WeekDay]
    used: budget.Week  # of what the prison gives NGOs


def week(actor, monday: date) -> PrisonWeek:
    """A prison's week; Saturday and Sunday only where there is something. Four queries, one more under a limit."""
    days, used = _days(actor, monday, monday + timedelta(days=6))
    return PrisonWeek([each for each in days if each.day.weekday() < 5 or each.bookings or each.free], used)


def day(actor, on: date) -> PrisonWeek:
    """One day of a prison, its free times too."""
    return PrisonWeek(*_days(actor, on, on))


def _days(actor, from_on, until_on) -> tuple[list[WeekDay], budget.Week]:
    bookings, free = by_day(between(actor, from_on, until_on)), _free_by_day(actor, from_on, until_on)
    closures, limits = _closures_and_limits(actor, from_on, until_on)
    days = [from_on + slots.DAY * number for number in range((until_on - from_on).days + 1)]
    return ([WeekDay(day, bookings.get(day, []), sum(slot.free for slot in free.get(day, [])),
                     [each for each in closures if each.touches(day)], free.get(day, [])) for day in days],
            budget.used(actor.organisation_id, from_on, *limits))


def between(actor, from_on: date, until_on: date) -> list:
    """The actor's visits from one day to another that were not given up, as rows."""
    return policy.ask(actor, taking_place, begin=clock.at(from_on, time()), end=clock.at(until_on + slots.DAY, time()))


def taking_place(actor, begin, end):
    """The visits between two moments that were not given up."""
    return lines(policy.visible_bookings(actor).where(
        Booking.starts_at >= begin, Booking.starts_at < end, Booking.state.not_in(NO_MORE)))


def by_day(rows) -> dict[date, list]:
    days = {}
    for row in rows:
        days.setdefault(clock.local(row.starts_at).date(), []).append(row)
    return days


def _free_by_day(actor, from_on, until_on):
    days, now = {}, clock.now()
    for slot in slots.slots_between([actor.organisation_id], from_on, until_on):
        if slot.starts_at > now and slot.free and slot.people_free != 0:
            days.setdefault(clock.local(slot.starts_at).date(), []).append(slot)
    return days


def _closures_and_limits(actor, from_on, until_on) -> tuple[list[Closed], tuple]:
    rows = db.kept(_prison, prison=actor.organisation_id, begin=clock.at(from_on, time()),
                   end=clock.at(until_on + slots.DAY, time()))
    closures = [Closed(from_at, until_at, reason, place or "")
                for _visits, _minutes, from_at, until_at, reason, place in rows if from_at is not None]
    return closures, rows[0][:2] if rows else (None, None)


def _prison(prison, begin, end):
    """What a prison closes between two moments and what it gives a week, in one: a row at least."""
    closed = (Closure.prison == Organisation.id) & (Closure.until_at > begin) & (Closure.from_at < end)
    return (Organisation.select(PrisonProfile.week_visits, PrisonProfile.week_minutes, Closure.from_at,
                                Closure.until_at, Closure.reason, Place.name)
            .join(PrisonProfile, JOIN.LEFT_OUTER, on=(PrisonProfile.organisation == Organisation.id))
            .join_from(Organisation, Closure, JOIN.LEFT_OUTER, on=closed).join(Place, JOIN.LEFT_OUTER)
            .where(Organisation.id == prison).order_by(Closure.from_at, Closure.id).tuples())
