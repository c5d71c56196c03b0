"""How sure a fact is and how long a confirmation lasts: one rule for pages, search and reminders.

`fresh → ageing → stale → not_recommended`: it ages in the last two weeks of its time (of a short time in the second
half), is stale when the time is over, and not recommended when as much time again has gone by.
"""
from datetime import date, timedelta

from models import Confidence, FactGroup

CONFIRMING = (Confidence.CONFIRMED, Confidence.VERIFIED)  # all other words of confidence mean: not confirmed
UNSURE = tuple(each for each in Confidence if each not in CONFIRMING)
LASTS_DAYS = {FactGroup.PLACES: 14, FactGroup.CONTACT: 90, FactGroup.PEOPLE: 90, FactGroup.SERVICES: 180,
              FactGroup.WORK: 180, FactGroup.ENTRY: 180, FactGroup.FORBIDDEN: 180, FactGroup.ROOMS: 180,
              FactGroup.REGIME: 180, FactGroup.REACH: 180}
OTHERS_LAST_DAYS = 365
AGEING_DAYS = 14
STATES = ("fresh", "ageing", "stale", "not_recommended")  # from the best to the worst
GOOD = STATES[:2]


def state(group: FactGroup, confidence: Confidence, confirmed_on: date | None, today: date) -> str:
    """One of STATES. What was never confirmed is stale."""
    if confidence not in CONFIRMING:
        return "stale"
    if confirmed_on is None:  # read in its source, which has no day
        return "fresh"
    left = (until(group, confirmed_on) - today).days
    if left < 0:
        return "not_recommended" if -left > lasts(group) else "stale"
    return "ageing" if left < ageing_days(group) else "fresh"


def lasts(group: FactGroup) -> int:
    """For how many days a confirmation of this group of facts holds."""
    return LASTS_DAYS.get(group, OTHERS_LAST_DAYS)


def ageing_days(group: FactGroup) -> int:
    return min(AGEING_DAYS, lasts(group) // 2)


def until(group: FactGroup, confirmed_on: date) -> date:
    """The last day on which a confirmation of this group of facts still holds."""
    return confirmed_on + timedelta(days=lasts(group))


def due_before(group: FactGroup, today: date) -> date:
    """Facts of this group that were confirmed before this day are to be asked for: they age or are stale."""
    return today - timedelta(days=lasts(group) - ageing_days(group))
