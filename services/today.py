"""What waits for somebody now: the counts beside the menu and the rows of the Today page."""
from peewee import Select, fn

import clock
from db import database
from models import Booking, BookingState, Prompt, PromptState, Role
from policy import Can, ask, may, visible_bookings, visible_prompts
from services import cooperation, corrections, directory, feedback, offers, tasks, trust, visits
from services.visits import recording

AREAS = {"visits": visits, "day": recording, "feedback": feedback, "tasks": tasks, "cooperation": cooperation,
         "directory": directory, "records": corrections, "trust": trust, "offers": offers}  # in the order of the page


def counts(actor) -> dict[str, int]:
    """`{"today": n}`: how many things wait for the actor, in one query."""
    if not may(actor, Can.LOG_FOLLOW_UPS):
        return {}
    return {"today": sum(ask(actor, _waiting, now=clock.now())[0])}


def _waiting(actor, now):
    """One row of counts. Whoever decides on visits logs follow-ups too."""
    waiting = [visible_prompts(actor).where(Prompt.state == PromptState.OPEN, Prompt.due_on <= clock.today())]
    if actor.role is Role.PRISON:
        waiting.append(visible_bookings(actor).where(Booking.state == BookingState.REQUESTED, Booking.starts_at > now))
    if may(actor, Can.SEE_COOPERATIONS):
        waiting.append(cooperation.my_turn(actor))
    totals = [query.select(fn.COUNT(query.model.id)) for query in waiting]
    return Select(columns=totals).tuples().bind(database)


def sections(actor) -> list[tuple[str, object]]:
    """What each area has for the actor today, as `(area, data)`; areas with nothing are left out.

    What waits for them comes first: requests where they decide on visits, else follow-ups that are due.
    """
    first = "visits" if may(actor, Can.DECIDE_VISITS) else "feedback"
    found = [(area, AREAS[area].today(actor)) for area in sorted(AREAS, key=lambda area: area != first)]
    return [(area, data) for area, data in found if data]
