"""What a pilot brought, in rounded figures: visits, answers, facts, minutes of staff, referrals, use. No names.

Whoever reads the report may open none of what it counts, so every count of people or cases is rounded as published
figures are; a median of fewer than five is not given. Facts of the book are public and counted exactly.
"""
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta
from statistics import median

from flask_babel import gettext as _
from peewee import fn

import clock
from errors import RuleBroken
from models import (
    Booking,
    BookingEvent,
    BookingRecord,
    BookingState,
    ContactPerson,
    FactCheck,
    FactGroup,
    Journal,
    PrisonWork,
    Referral,
    ReferralEvent,
    ReferralState,
    Role,
    Service,
    User,
)
from services import freshness
from services.figures import BASE, rounded

ANSWERS = {"visits": (BookingState.CONFIRMED, BookingState.DECLINED, BookingState.COUNTERED),
           "referrals": (ReferralState.ACCEPTED, ReferralState.DECLINED, ReferralState.WAITING,
                         ReferralState.QUESTION)}
SENT = [state for state in ReferralState if state is not ReferralState.DRAFT]
OLD = ("stale", "not_recommended")


@dataclass(frozen=True)
class Use:
    """Of one role: how many people did anything, and how many things were written. Rounded."""

    role: Role
    people: int
    written: int


@dataclass(frozen=True)
class Report:
    """Rounded: a multiple of five, or figures.SMALL. A median is in days, None where fewer than five were answered."""

    first: date
    last: date
    visits: int
    visits_by_state: dict[BookingState, int]
    visit_days: float | None
    referrals: int
    referrals_by_state: dict[ReferralState, int]
    referral_days: float | None
    staff_minutes: int  # of visits recorded in the period
    visits_recorded: int
    old_facts: int  # exact
    facts: int
    use: list[Use]


def report(first: date, last: date) -> Report:
    """Raises RuleBroken where the days stand the wrong way round."""
    if last < first:
        raise RuleBroken(_("The last day comes before the first."))
    span = clock.at(first, time(0)), clock.at(last + timedelta(days=1), time(0)) - timedelta(microseconds=1)
    visits = _by_state(Booking, Booking.created_at.between(*span))
    referrals = _by_state(Referral, Referral.sent_at.between(*span) & Referral.state.in_(SENT))
    minutes, recorded = _staff(span)
    old, facts = _facts()
    return Report(first, last, rounded(sum(visits.values())), _rounded(visits, BookingState),
                  _median(_waits_of_visits(span)), rounded(sum(referrals.values())), _rounded(referrals, SENT),
                  _median(_waits_of_referrals(span)), rounded(minutes), rounded(recorded), old, facts, _use(span))


def _by_state(model, condition) -> dict:
    return dict(model.select(model.state, fn.COUNT(model.id)).where(condition).group_by(model.state).tuples())


def _rounded(counts, states) -> dict:
    """Of every state: one that is left out would say that there was nobody, which "< 5" does not."""
    return {state: rounded(counts.get(state, 0)) for state in states}


def _median(days: list[float]) -> float | None:
    return round(median(days), 1) if len(days) >= BASE else None


def _waits_of_visits(span) -> list[float]:
    """Days from each request to its first answer."""
    query = (BookingEvent.select(Booking.created_at, fn.MIN(BookingEvent.at)).join(Booking)
             .where(Booking.created_at.between(*span), BookingEvent.new_state.in_(ANSWERS["visits"]))
             .group_by(Booking.id, Booking.created_at))
    return _days(query)


def _waits_of_referrals(span) -> list[float]:
    query = (ReferralEvent.select(Referral.sent_at, fn.MIN(ReferralEvent.at)).join(Referral)
             .where(Referral.sent_at.between(*span), ReferralEvent.new_state.in_(ANSWERS["referrals"]))
             .group_by(Referral.id, Referral.sent_at))
    return _days(query)


def _days(query) -> list[float]:
    return [(answered - asked).total_seconds() / 86_400 for asked, answered in query.tuples()]


def _staff(span) -> tuple[int, int]:
    """Minutes of prisons' staff, and at how many visits, as prisons recorded them."""
    row = (BookingRecord.select(fn.SUM(BookingRecord.staff_minutes), fn.COUNT(BookingRecord.id))
           .where(BookingRecord.by_prison == True, BookingRecord.at.between(*span),  # noqa: E712
                  BookingRecord.staff_minutes.is_null(False)).tuples().first())
    return row[0] or 0, row[1]


def _facts() -> tuple[int, int]:
    """How many facts of the book are old today, of how many."""
    today, groups = clock.today(), {ContactPerson: FactGroup.PEOPLE, Service: FactGroup.SERVICES,
                                    PrisonWork: FactGroup.WORK}
    rows = [tuple(row) for row in FactCheck.select(FactCheck.group, FactCheck.confidence,
                                                   FactCheck.confirmed_on).tuples()]
    for model, group in groups.items():
        ended = model.until_on if model is PrisonWork else model.ended_on
        rows += [(group, *row) for row in model.select(model.confidence, model.confirmed_on).where(
            ended.is_null() | (ended >= today)).tuples()]
    return sum(freshness.state(*row, today) in OLD for row in rows), len(rows)


def _use(span) -> list[Use]:
    """From the journal, which sessions outlive: who did anything, by the role they have today."""
    query = (Journal.select(User.role, Journal.actor, fn.COUNT(Journal.id)).join(User, on=(Journal.actor == User.id))
             .where(Journal.at.between(*span)).group_by(User.role, Journal.actor))
    people, written = Counter(), defaultdict(int)
    for role, _person, number in query.tuples():
        people[Role(role)] += 1
        written[Role(role)] += number
    return [Use(role, rounded(people[role]), rounded(written[role])) for role in Role]
