"""How much of its staff's time a prison gives to visits of NGOs a week, in visits and in minutes."""
from dataclasses import dataclass

import db
from models import PrisonProfile
from services import journal, prisons
from services.openings.keeping import kept_by
from services.visits import budget
from services.visits.deciding import offer_seats


@dataclass(frozen=True)
class WeekLimits:
    """None: without a limit."""

    visits: int | None = None
    minutes: int | None = None


def week_limits(home) -> WeekLimits:
    """What a prison gives a week."""
    profile = prisons.profile_of(home.id)
    return WeekLimits(profile.week_visits, profile.week_minutes) if profile else WeekLimits()


def set_week_limits(actor, given: WeekLimits, prison: str = "") -> None:
    """Writes the limits. What was confirmed stands, also where it is more than the new limit."""
    with db.writing():
        home = kept_by(actor, prison)
        profile = prisons.writable_profile(home)
        budget.hold(home)
        profile.week_visits, profile.week_minutes = given.visits, given.minutes
        profile.save(only=[PrisonProfile.week_visits, PrisonProfile.week_minutes])
        offer_seats(home.id)
        journal.wrote(actor, "prison.limits", home.public_id, parts="week_visits,week_minutes")
