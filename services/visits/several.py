"""One change of several visits that belong together: of this one, of this and later ones, or of all that are ahead.

Before anything is saved the page lists each visit with what becomes of it, and names those that are left as they are.
"""
import enum
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Booking, Reason
from services import slots, visitors
from services.visits import holding, telling
from services.visits.asking import check_people
from services.visits.changing import Change
from services.visits.deciding import advance, visitors_of
from services.visits.machine import Event, Side, open_events, reasons_for
from services.visits.rows import group_id, one
from services.visits.series import PlanChanged
from services.visits.together import group, path_of

WEEK = timedelta(days=7)


class Reach(enum.StrEnum):
    THIS = "this"
    LATER = "later"  # this one and those after it
    ALL = "all"


class What(enum.StrEnum):
    CALL_OFF = "call_off"  # withdraw, decline or cancel, whatever each stands for
    TIME = "time"
    PEOPLE = "people"


@dataclass(frozen=True)
class Wanted:
    """What is to be done. `slot` is the key of this visit's new time: the others move by as many days, to that hour."""

    reach: Reach
    what: What
    reason: Reason | None = None
    message: str = ""
    slot: str = ""
    colleagues: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What becomes of one visit; `why` it is left as it is, else `event` and, where it moves, its new `slot`."""

    visit: Booking
    event: Event | None = None
    slot: slots.Slot | None = None
    why: str = ""


def member(actor, public_id: str) -> tuple[Booking, object]:
    """A visit of a group and the group. Missing where the actor may not act on it, or where it is one by itself."""
    booking = one(actor, public_id)
    if not (booking.series_id or booking.trip):
        raise Missing
    found = group(actor, group_id(booking))
    if found.side is None:
        raise Missing
    return booking, found


def choices(actor, found) -> list[What]:
    """What the actor may want of a group."""
    return list(What) if found.side is Side.SENDER else [What.CALL_OFF]


def reasons(actor, found) -> tuple[Reason, ...]:
    """Those that fit whatever each of the visits ahead stands for; none where nothing has to be said why."""
    sets = [reasons_for(actor, visit, event) for visit in found.ahead
            if (event := _calling_off(actor, visit)) and event is not Event.WITHDRAW]
    return tuple(reason for reason in sets[0] if all(reason in each for each in sets)) if sets else ()


def times_near(booking) -> list[slots.Slot]:
    """Free times of the same kind in the week of a visit."""
    day = clock.local(booking.starts_at).date()
    monday = max(day - timedelta(days=day.weekday()), clock.today())
    own = holding.own(booking).key
    return [slot for slot in slots.open_slots([booking.prison_id], monday, monday + WEEK - slots.DAY, booking.kind)
            if slot.key != own]


def look_over(actor, public_id: str, wanted: Wanted) -> list[Step]:
    """What would become of each visit. Refuses where nothing would be done."""
    booking, found = member(actor, public_id)
    if wanted.what not in choices(actor, found):
        raise RuleBroken(_("Your account may not do this."), field="what")
    if wanted.what is What.CALL_OFF and reasons(actor, found) and wanted.reason not in reasons(actor, found):
        raise RuleBroken(_("Choose a reason."), field="reason")
    if wanted.what is What.PEOPLE:
        check_people(visitors.chosen(actor, wanted), [visit.place for visit in found.ahead] or [booking.place])
    steps = [_step(actor, visit, booking, wanted) for visit in _reached(booking, found, wanted.reach)]
    if all(step.why for step in steps):
        raise RuleBroken(_("None of these visits can be changed so: %(why)s.",
                           why=steps[0].why if steps else _("all are over")), field="what")
    return steps


def _reached(booking, found, reach):
    if reach is Reach.THIS:
        return [visit for visit in found.ahead if visit.id == booking.id]
    return [visit for visit in found.ahead if reach is Reach.ALL or visit.starts_at >= booking.starts_at]


def _step(actor, visit, booking, wanted) -> Step:
    if wanted.what is What.CALL_OFF:
        event = _calling_off(actor, visit)
        return Step(visit, event) if event else Step(visit, why=_("it cannot be called off any more"))
    if Event.CHANGE not in open_events(actor, visit):
        return Step(visit, why=_("it is not confirmed yet: withdraw it, or wait for the answer"))
    return Step(visit, Event.CHANGE) if wanted.what is What.PEOPLE else _move(visit, booking, wanted.slot)


def _calling_off(actor, visit) -> Event | None:
    events = open_events(actor, visit)
    return next((event for event in (Event.WITHDRAW, Event.DECLINE, Event.CANCEL) if event in events), None)


def _move(visit, booking, key) -> Step:
    named = slots.read_key(key)
    if named is None:
        raise RuleBroken(_("Choose a time."), field="slot")
    slot = _same_place_first(visit, _moved(visit.starts_at, booking.starts_at, named[1]))
    if slot is None:
        return Step(visit, why=_("no time is free then"))
    return Step(visit, Event.CHANGE, slot)


def _moved(moment: datetime, old: datetime, new: datetime) -> datetime:
    """As many days away as the new time is from the old one, at its hour on the wall."""
    days = clock.local(new).date() - clock.local(old).date()
    return clock.at(clock.local(moment).date() + days, time(clock.local(new).hour, clock.local(new).minute))


def _same_place_first(visit, moment):
    day = clock.local(moment).date()
    found = [slot for slot in slots.open_slots([visit.prison_id], day, day, visit.kind) if slot.starts_at == moment]
    return next((slot for slot in found if slot.window.place_id == visit.place_id), next(iter(found), None))


def signs(steps: list[Step]) -> list[str]:
    """What was shown of each visit, in a word that the form carries."""
    return [f"{step.visit.public_id}.{step.event or ''}.{step.slot.key if step.slot else ''}" for step in steps]


def carry_out(actor, public_id: str, wanted: Wanted, seen: list[str]) -> int:
    """Does what `look_over` showed; returns of how many visits. Raises PlanChanged where that is not the same now."""
    with db.writing():
        steps = look_over(actor, public_id, wanted)
        if signs(steps) != list(seen):
            raise PlanChanged(_("Something has changed meanwhile. This is how it stands now: look at it and send it "
                                "again."), plan=steps)
        with telling.together(path_of(group_id(steps[0].visit))):
            done = [_do(actor, step, wanted) for step in steps if not step.why]
        return len(done)


def _do(actor, step, wanted):
    if step.event is Event.CHANGE:
        return advance(actor, step.visit.public_id, Event.CHANGE, change=_change(step, wanted))
    reason = None if step.event is Event.WITHDRAW else wanted.reason
    return advance(actor, step.visit.public_id, step.event, reason, wanted.message)


def _change(step, wanted) -> Change:
    if wanted.what is What.PEOPLE:
        return Change(colleagues=wanted.colleagues, guests=wanted.guests, equipment=step.visit.equipment)
    rows = visitors_of(step.visit)
    accounts = [row.user.public_id for row in rows if row.user_id]
    return Change(step.slot.key, accounts, [row.name for row in rows if not row.user_id], step.visit.equipment)

