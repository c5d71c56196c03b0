"""What waits for somebody now: the counts beside the menu and the rows of the Today page."""
from peewee import Select, fn

import clock
from db import database
from models import Booking, BookingState, Prompt, PromptState, Role
from policy import Can, may, visible_bookings, visible_prompts


def counts(actor) -> dict[str, int]:
    """`{"today": n}`: how many things wait for the actor, in one query."""
    waiting = []
    if actor.role is Role.PRISON:
        waiting.append(visible_bookings(actor).where(Booking.state == BookingState.REQUESTED,
                                                     Booking.starts_at > clock.now()))
    if may(actor, Can.LOG_FOLLOW_UPS):
        waiting.append(visible_prompts(actor).where(Prompt.state == PromptState.OPEN,
                                                    Prompt.due_on <= clock.today()))
    if not waiting:
        return {}
    totals = [query.select(fn.COUNT(query.model.id)) for query in waiting]
    return {"today": sum(next(iter(Select(columns=totals).tuples().execute(database))))}


def sections(actor) -> list[tuple[str, object]]:
    """What each area has for the actor today, as `(area, data)`; areas with nothing are left out."""
    from importlib import import_module
    from importlib.util import find_spec
    found = [(a, import_module(f"services.{a}").today(actor)) for a in ("visits", "feedback", "directory")
             if find_spec(f"services.{a}") and hasattr(import_module(f"services.{a}"), "today")]
    return [(area, data) for area, data in found if data]
