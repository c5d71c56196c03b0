"""How sure a fact is and how long a confirmation lasts: one rule for pages, search and reminders."""
from datetime import date, timedelta

from models import Confidence, FactGroup

CONFIRMING = (Confidence.CONFIRMED, Confidence.VERIFIED)  # all other words of confidence mean: not confirmed
LASTS_DAYS = {FactGroup.CONTACT: 90, FactGroup.PEOPLE: 90, FactGroup.SERVICES: 180, FactGroup.WORK: 180}
OTHERS_LAST_DAYS = 365
AGEING_DAYS = 14


def state(group: FactGroup, confidence: Confidence, confirmed_on: date | None, today: date) -> str:
    """`fresh`, `ageing` (comes of age within two weeks) or `stale` (of age, or never confirmed)."""
    if confidence not in CONFIRMING:
        return "stale"
    if confirmed_on is None:  # read in its source, which has no day
        return "fresh"
    left = (until(group, confirmed_on) - today).days
    return "stale" if left < 0 else "ageing" if left < AGEING_DAYS else "fresh"


def until(group: FactGroup, confirmed_on: date) -> date:
    """The last day on which a confirmation of this group of facts still holds."""
    return confirmed_on + timedelta(days=LASTS_DAYS.get(group, OTHERS_LAST_DAYS))
