"""What waits for somebody now: the counts beside the menu and the rows of the Today page."""
import json
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_

from peewee import SQL, Select, fn

import clock
from db import HowMany, Rows, database
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
PROBED = ("visits", "day", "plans", "cooperation", "trust", "partners")
# The same with how many lists they have: their `today(actor, *lists)` is told which query found something, of a
# `db.HowMany` how much, of `db.Rows` the rows.
LISTED = {"feedback": 1, "tasks": 1, "referrals": 2, "records": 2, "offers": 3, "coverage": 2, "programmes": 3,
          "groups": 3}
NOTHING = SQL("1 = 0")


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
    due = visible_prompts(actor).where(Prompt.state == PromptState.OPEN, Prompt.due_on <= clock.today())
    return [_count(due), *_other_totals(actor, now)]


def _other_totals(actor, now):
    waiting = []
    if actor.role is Role.PRISON:
        waiting.append(visible_bookings(actor).where(Booking.state == BookingState.REQUESTED, Booking.starts_at > now))
    if may(actor, Can.SEE_COOPERATIONS):
        waiting.append(cooperation.my_turn(actor))
    return [_count(query) for query in waiting]


def _count(query):
    return query.select(fn.COUNT(query.model.id))


def page(actor) -> Page:
    """What each area has for the actor today; areas with nothing are left out.

    What waits for them comes first: requests where they decide on visits, else follow-ups that are due.
    """
    totals, stirring = _what_stirs(ask(actor, _pulse, now=clock.now())[0])
    first = "visits" if may(actor, Can.DECIDE_VISITS) else "feedback"
    found = [(area, AREAS[area].today(actor, *(stirring[area] if area in LISTED else ())))
             for area in sorted(AREAS, key=lambda area: area != first) if any(stirring.get(area, [True]))]
    counted = {"today": sum(totals) + len(stirring["feedback"][0] or [])} if may(actor, Can.DO_TASKS) else {}
    return Page(counted, [(area, data) for area, data in found if data])


def _pulse(actor, now):
    """One row: counts (of follow-ups it has the rows), whether each of PROBED has anything, each list of LISTED."""
    probed = [reduce(or_, map(_any, AREAS[area].stirs(actor)), NOTHING) for area in PROBED]
    listed = [each for area, length in LISTED.items()
              for each in [*map(_found, AREAS[area].stirs(actor)), *[NOTHING] * length][:length]]
    return Select(columns=[*_other_totals(actor, now), *probed, *listed]).tuples().bind(database)


def _found(asked):
    if isinstance(asked, Rows):
        return asked.in_json()
    return _count(asked.query) if isinstance(asked, HowMany) else _any(asked)


def _any(query):
    return fn.EXISTS(query.select(SQL("1")).order_by())


def _what_stirs(row) -> tuple[list[int], dict[str, list]]:
    """The counts of `_pulse`, and for each area of PROBED and LISTED which of its lists have something, or how much, or
    their rows."""
    lengths = {**dict.fromkeys(PROBED, 1), **LISTED}
    values = map(_read, row)
    totals = list(islice(values, len(row) - sum(lengths.values())))
    stirring = {area: list(islice(values, length)) for area, length in lengths.items()}
    return totals, stirring


def _read(value):
    return json.loads(value) if isinstance(value, str) else value
