"""What visits cost a prison: minutes of its staff for each person reached, by month.

A joint day counts its escort once, however many organisations come. Only what was held counts; what is disputed, or
was not written down, does not. Visits whose number of people nobody knows are shown apart and not divided by.
"""
from dataclasses import dataclass
from datetime import date, time, timedelta

import clock
import db
import policy
from errors import Missing
from models import (
    Booking,
    BookingRecord,
    BookingState,
    FlagCause,
    JointDay,
    JointDayClient,
    PrisonProfile,
    Window,
)
from policy import Can, may
from services import journal, prisons
from services.visits import review
from services.visits.joint_days import visible
from services.visits.recording import usual_minutes

MONTHS = 12


@dataclass(frozen=True)
class Sum:
    """Visits held, people reached, and minutes of staff; `uncounted` are visits with an unknown number of people."""

    visits: int = 0
    reached: int = 0
    minutes: int = 0
    uncounted: int = 0
    hour_cost: int | None = None  # crowns

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.visits + other.visits, self.reached + other.reached, self.minutes + other.minutes,
                   self.uncounted + other.uncounted, self.hour_cost or other.hour_cost)

    @property
    def minutes_a_person(self) -> float | None:
        return self.minutes / self.reached if self.reached else None

    @property
    def crowns_a_person(self) -> float | None:
        return self.minutes_a_person * self.hour_cost / 60 if self.reached and self.hour_cost else None


@dataclass(frozen=True)
class Month:
    """One month: single visits and joint days apart."""

    first: date
    single: Sum
    joint: Sum

    @property
    def total(self) -> Sum:
        return self.single + self.joint


@dataclass(frozen=True)
class Costs:
    months: list[Month]
    hour_cost: int | None

    @property
    def total(self) -> Month:
        return Month(self.months[0].first, sum((each.single for each in self.months), Sum(hour_cost=self.hour_cost)),
                     sum((each.joint for each in self.months), Sum(hour_cost=self.hour_cost)))


def costs(actor) -> Costs:
    """The last twelve months of the actor's prison, this one first. Missing for who is of no prison."""
    if not may(actor, Can.DECIDE_VISITS):
        raise Missing
    hour_cost = PrisonProfile.select(PrisonProfile.hour_cost).where(
        PrisonProfile.organisation == actor.organisation_id).scalar()
    firsts = _months()
    single, joint = _single(actor, firsts[-1], hour_cost), _joint(actor, firsts[-1], hour_cost)
    none = Sum(hour_cost=hour_cost)
    return Costs([Month(first, single.get(first, none), joint.get(first, none)) for first in firsts], hour_cost)


def _months() -> list[date]:
    first, found = clock.today().replace(day=1), []
    for _number in range(MONTHS):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _single(actor, since, hour_cost) -> dict[date, Sum]:
    """Sums of visits that were held apart from joint days, by month."""
    found = {}
    for booking in _held(actor, since):
        record = booking.record
        minutes = record.staff_minutes if record and record.staff_minutes is not None else usual_minutes(booking)
        reached = record.reached if record else None
        one = Sum(1, reached or 0, minutes, 0, hour_cost) if reached is not None else Sum(0, 0, 0, 1, hour_cost)
        month = clock.local(booking.starts_at).date().replace(day=1)
        found[month] = found.get(month, Sum(hour_cost=hour_cost)) + one
    return found


def _held(actor, since):
    """Visits held with what was written down of them: the prison's word on its minutes, else the other side's."""
    bookings = list(policy.visible_bookings(actor).where(
        Booking.state == BookingState.HELD, Booking.starts_at >= clock.at(since, time()),
        Booking.window.is_null() | Booking.window.not_in(JointDay.select(JointDay.window))))
    ids, windows = [each.id for each in bookings], {each.window_id for each in bookings} - {None}
    records = {row.booking_id: row for row in BookingRecord.select().where(BookingRecord.booking.in_(ids)).order_by(
        BookingRecord.by_prison)} if ids else {}
    opened = {row.id: row for row in Window.select().where(Window.id.in_(windows))} if windows else {}
    for each in bookings:
        each.record, each.window = records.get(each.id), opened.get(each.window_id)
    return bookings


def _joint(actor, since, hour_cost) -> dict[date, Sum]:
    """Sums of joint days whose minutes were written down, by month; a day is one visit."""
    rows = list(visible(actor).where(Window.valid_from >= since, Window.valid_from <= clock.today()))
    came = _came([row.id for row in rows])
    found = {}
    for row in rows:
        if row.id not in came or row.staff_minutes is None:
            continue
        month = row.window.valid_from.replace(day=1)
        found[month] = found.get(month, Sum(hour_cost=hour_cost)) + Sum(1, came[row.id], row.staff_minutes, 0,
                                                                        hour_cost)
    return found


def _came(ids) -> dict[int, int]:
    """How many came to joint days of which it was written down."""
    found = {}
    for day, came in JointDayClient.select(JointDayClient.joint_day, JointDayClient.came).where(
            JointDayClient.joint_day.in_(ids), JointDayClient.came.is_null(False)).tuples() if ids else ():
        found[day] = found.get(day, 0) + bool(came)
    return found


# What a prison sets itself

def settings(actor) -> tuple[int | None, int | None]:
    """For how many months the actor's prison clears visitors (None: no need), and what an hour of staff costs it."""
    if not may(actor, Can.DECIDE_VISITS):
        raise Missing
    profile = prisons.profile_of(actor.organisation_id)
    return (profile.clearance_months, profile.hour_cost) if profile else (None, None)


def set_up(actor, months: int | None, hour_cost: int | None) -> None:
    """Writes both; clearances that were given stand, and are looked at only while the prison needs them."""
    if not may(actor, Can.DECIDE_VISITS):
        raise Missing
    with db.writing():
        profile = prisons.writable_profile(actor.organisation)
        profile.clearance_months, profile.hour_cost = months, hour_cost
        profile.save(only=[PrisonProfile.clearance_months, PrisonProfile.hour_cost])
        journal.wrote(actor, "prison.day", actor.organisation.public_id, parts="clearance_months,hour_cost")
        review.settle_gone(actor.organisation_id, FlagCause.CLEARANCE_ENDED)
