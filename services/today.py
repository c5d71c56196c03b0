"""What waits for somebody now: the counts beside the menu and the rows of the Today page."""
from dataclasses import dataclass

from peewee import SQL, Select, fn

import clock
from db import database
from models import Booking, BookingState, Prompt, PromptState, Role
from policy import Can, ask, may, visible_bookings, visible_prompts
from services import (
    cooperation,
    corrections,
    coverage,
    directory,
    feedback,
    groups,
    offers,
    partners,
    plans,
    programmes,
    referrals,
    tasks,
    trust,
    visits,
)
from services.visits import recording

# in the order of the page
AREAS = {"visits": visits, "day": recording, "feedback": feedback, "referrals": referrals, "plans": plans,
         "tasks": tasks, "cooperation": cooperation, "directory": directory, "records": corrections, "trust": trust,
         "offers": offers, "coverage": coverage, "programmes": programmes, "groups": groups, "partners": partners}
# Areas whose `stirs(actor)` gives queries, at least one of which has a row where its `today(actor)` has anything.
# One statement asks them all, and those without anything are not asked again.
PROBED = ("day", "referrals", "plans", "tasks", "cooperation", "records", "trust", "offers", "coverage", "programmes",
          "groups", "partners")


@dataclass(frozen=True)
class Page:
    """What the Today page shows: `counts` of the menu, `sections` as `(area, data)`."""

    counts: dict[str, int]
    sections: list[tuple[str, object]]


def counts(actor) -> dict[str, int]:
    """`{"today": n}`: how many things wait for the actor, in one query."""
    if not may(actor, Can.DO_TASKS):
        return {}
    return {"today": sum(ask(actor, _waiting, now=clock.now())[0])}


def _waiting(actor, now):
    return Select(columns=_totals(actor, now)).tuples().bind(database)


def _totals(actor, now):
    """Columns of counts, the follow-ups that are due first. Whoever decides on visits logs follow-ups too."""
    waiting = [visible_prompts(actor).where(Prompt.state == PromptState.OPEN, Prompt.due_on <= clock.today())]
    if actor.role is Role.PRISON:
        waiting.append(visible_bookings(actor).where(Booking.state == BookingState.REQUESTED, Booking.starts_at > now))
    if may(actor, Can.SEE_COOPERATIONS):
        waiting.append(cooperation.my_turn(actor))
    return [query.select(fn.COUNT(query.model.id)) for query in waiting]


def page(actor) -> Page:
    """What each area has for the actor today; areas with nothing are left out.

    What waits for them comes first: requests where they decide on visits, else follow-ups that are due.
    """
    row = ask(actor, _pulse, now=clock.now())[0]
    totals, stirring = row[:-len(PROBED)], dict(zip(PROBED, row[-len(PROBED):], strict=True))
    stirring["feedback"] = totals[0]
    first = "visits" if may(actor, Can.DECIDE_VISITS) else "feedback"
    found = [(area, AREAS[area].today(actor)) for area in sorted(AREAS, key=lambda area: area != first)
             if stirring.get(area, True)]
    counted = {"today": sum(totals)} if may(actor, Can.DO_TASKS) else {}
    return Page(counted, [(area, data) for area, data in found if data])


def _pulse(actor, now):
    """One row: the counts, then whether each of PROBED has anything."""
    stirs = [_any(AREAS[area].stirs(actor)) for area in PROBED]
    return Select(columns=[*_totals(actor, now), *stirs]).tuples().bind(database)


def _any(queries):
    found = SQL("1 = 0")
    for query in queries:
        found = found | fn.EXISTS(query.select(SQL("1")).order_by())
    return found
