"""How many visits of NGOs, and how many minutes of its staff for them, a prison gives a week.

What was confirmed counts. Visits of authorities are neither counted nor held back. A joint day is one visit.
Who decides under these limits calls `check` in the transaction of the decision: it locks the prison's profile until the
end, so that two who confirm at once do not both find the last visit left.
"""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import RuleBroken
from models import Booking, BookingState, JointDay, Kind, Organisation, PrisonProfile, Window

COUNTS = (BookingState.CONFIRMED, BookingState.HELD, BookingState.NOT_HELD, BookingState.DISPUTED,
          BookingState.UNRECORDED)
WEEK = timedelta(days=7)


class WeekFull(RuleBroken):
    """The prison's week has no room for this visit: it can wait."""


@dataclass(frozen=True)
class Week:
    """What a week has used, counted only where there is a limit; `most_…` are None where the prison has set none."""

    visits: int
    minutes: int
    most_visits: int | None = None
    most_minutes: int | None = None

    @property
    def limited(self) -> bool:
        return self.most_visits is not None or self.most_minutes is not None

    def has_room(self, minutes: int) -> bool:
        """Whether one more visit of so many minutes fits in."""
        return ((self.most_visits is None or self.visits < self.most_visits)
                and (self.most_minutes is None or self.minutes + minutes <= self.most_minutes))


def room_left(prison, week: date) -> Week:
    """What a prison (or its id) has used of the week of a day, and what it gives."""
    return weeks(prison, week, week)[_monday(week)]


def weeks(prison, from_on: date, until_on: date) -> dict[date, Week]:
    """`{Monday: Week}` of each week from that of one day to that of another. Two queries."""
    prison_id = getattr(prison, "id", prison)
    return _weeks(prison_id, from_on, until_on, *next(iter(db.kept(_limits, prison=prison_id)), (None, None)))


def used(prison_id: int, week: date, most_visits: int | None, most_minutes: int | None) -> Week:
    """`room_left` for who knows the limits already; without any no query at all."""
    return _weeks(prison_id, week, week, most_visits, most_minutes)[_monday(week)]


def _weeks(prison_id, from_on, until_on, *limits):
    mondays = [_monday(from_on)]
    while mondays[-1] + WEEK <= until_on:
        mondays.append(mondays[-1] + WEEK)
    sums = {monday: [0, 0] for monday in mondays}
    for day, minutes in _counted(prison_id, mondays[0], mondays[-1] + WEEK) if limits != (None, None) else ():
        sums[_monday(day)][0] += 1
        sums[_monday(day)][1] += minutes
    return {monday: Week(*found, *limits) for monday, found in sums.items()}


def _monday(day):
    return day - timedelta(days=day.weekday())


def _limits(prison):
    return PrisonProfile.select(PrisonProfile.week_visits, PrisonProfile.week_minutes).where(
        PrisonProfile.organisation == prison).tuples()


def _counted(prison_id, begin_on, end_on):
    """(day, minutes) of each visit that counts; of a joint day once, whoever comes to it."""
    joint = set()
    for starts_at, ends_at, of_window, day_id, of_day in db.kept(
            _visits, prison=prison_id, begin=clock.at(begin_on, time()), end=clock.at(end_on, time())):
        if day_id is None or day_id not in joint:
            joint.add(day_id)
            minutes = of_window if day_id is None else of_day
            yield clock.local(starts_at).date(), _length(starts_at, ends_at) if minutes is None else minutes


def _visits(prison, begin, end):
    return (Booking.select(Booking.starts_at, Booking.ends_at, Window.staff_minutes, Booking.joint_day,
                           JointDay.staff_minutes)
            .join(Window, JOIN.LEFT_OUTER).join_from(Booking, JointDay, JOIN.LEFT_OUTER)
            .join_from(Booking, Organisation, on=(Booking.organisation == Organisation.id))
            .where(Booking.prison == prison, Booking.starts_at >= begin, Booking.starts_at < end,
                   Booking.state.in_(COUNTS), Organisation.kind == Kind.NGO).tuples())


def _length(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds()) // 60


def minutes_of(visit) -> int:
    """Minutes of staff that a slot or a booking takes: what its window says, else as long as it lasts."""
    minutes = visit.window and visit.window.staff_minutes
    return _length(visit.starts_at, visit.ends_at) if minutes is None else minutes


def concerns(sender) -> bool:
    """Whether the limits hold back an organisation: NGOs only. One that was read for its name alone is looked up."""
    return (sender.kind or db.kept(_kind_of, organisation=sender.id)[0][0]) is Kind.NGO


def _kind_of(organisation):
    return Organisation.select(Organisation.kind).where(Organisation.id == organisation).tuples()


def fits(prison, visit, limits: tuple | None = None) -> bool:
    """Whether a slot or a booking of an NGO would fit into its week now; a look without a lock.

    `limits` are visits and minutes at most, where they have been read already.
    """
    if limits == (None, None):
        return True
    return room_left(prison, clock.local(visit.starts_at).date()).has_room(minutes_of(visit))


def check(prison, starts_at: datetime, minutes: int) -> None:
    """Refuses (WeekFull) a visit of an NGO that does not fit into its week any more. Inside `db.writing()`."""
    hold(prison)
    if not room_left(prison, clock.local(starts_at).date()).has_room(minutes):
        raise WeekFull(_("This prison has no room for another visit in that week: its staff cannot manage more. "
                         "You can wait for a place, or choose another week."), field="slot")


def hold(prison) -> None:
    """Locks the limits of a prison until the transaction ends. Who locks bookings too locks this first."""
    list(db.locked(PrisonProfile.select(PrisonProfile.id).where(
        PrisonProfile.organisation == getattr(prison, "id", prison))))
