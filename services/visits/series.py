"""Visits every so many weeks: which days are possible is shown before anything is asked for.

The hour on the wall stays the same, also where the clocks change inside a series.
"""
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN

import clock
import db
from errors import RuleBroken
from labels import language
from models import Booking, BookingSeries, Closure, Kind, Organisation
from services import slots, visitors
from services.visits import budget, conflicts, telling
from services.visits.asking import Wish, check_people, make, settle
from services.visits.choosing import asked_in_month, check_cooperation, clients_in, find_slot
from services.visits.machine import SlotTaken
from services.visits.terms import terms
from services.visits.together import path_of

MOST = 26  # visits of a series
FURTHEST = timedelta(days=366)
FULL = _l("full")
NOT_OPEN = _l("the prison has no such time then")
WEEK_FULL = _l("the prison has no room for another visit in that week")


@dataclass(frozen=True)
class Rhythm:
    """Every so many weeks, so many times or until a day (both: whatever comes first)."""

    every_weeks: int
    times: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Planned:
    """One day of a series; `why` says why it is left out, `warns` what does not suit but is asked for.

    `full`: it is left out only because it is full, so one can wait in line for it.
    """

    starts_at: datetime
    slot: slots.Slot | None
    why: str = ""
    warns: str = ""
    full: bool = False


class PlanChanged(RuleBroken):
    """What was shown is not what would be asked for now; `details["plan"]` is the new list."""


def plan(actor, prison: Organisation, wish: Wish, rhythm: Rhythm) -> list[Planned]:
    """All days of a series, with those that conflict. Refuses where none of them can be had or waited for."""
    check_cooperation(actor, prison)
    first, people = _first(prison, wish), visitors.chosen(actor, wish)
    check_people(people, [first.window.place])
    moments = list(_moments(first.starts_at, rhythm))
    judge = _Judge(actor, prison, wish, people, moments)
    found = [judge.planned(moment, slot) for moment, slot in _with_slots(prison, first, moments)]
    if all(each.why and not each.full for each in found):
        raise SlotTaken(_("None of these days is possible: %(why)s.", why=found[0].why), field="slot")
    return found


def _first(prison, wish):
    first = find_slot(prison, wish.slot)
    if first is None:
        raise SlotTaken(_("This time cannot be asked for any more. Choose another one."), field="slot")
    if wish.others:
        raise RuleBroken(_("A series has one time each week. Leave the other times out."), field="others")
    return first


def _moments(first, rhythm):
    """The same hour on the wall every so many weeks."""
    wall = clock.local(first)
    last = rhythm.until or wall.date() + FURTHEST
    if rhythm.times is None and rhythm.until is None:
        raise RuleBroken(_("Write how many times, or until which day."), field="times")
    if last > clock.today() + FURTHEST and rhythm.times is None:
        raise RuleBroken(_("This day is too far away."), field="until")
    days = [wall.date() + timedelta(weeks=rhythm.every_weeks * number) for number in range(rhythm.times or MOST + 1)]
    days = [day for day in days if day <= last]
    if len(days) > MOST:
        raise RuleBroken(_("A series has at most %(most)d visits. Choose a sooner day.", most=MOST), field="until")
    if len(days) < 2:
        raise RuleBroken(_("A series has two visits at least. Choose a later day."), field="until")
    return [clock.at(day, wall.time()) for day in days]


def _with_slots(prison, first, moments):
    """Each moment with the prison's slot there, in the place and of the kind of the first one."""
    wanted, found = set(moments), {}
    days = [clock.local(moment).date() for moment in moments]
    for slot in slots.slots_between([prison], days[0], days[-1], first.window.kind):
        if slot.starts_at in wanted and slot.window.place_id == first.window.place_id:
            found.setdefault(slot.starts_at, slot)
    return [(moment, found.get(moment)) for moment in moments]


class _Judge:
    """Says of each day why it is not possible; what it needs to know is read once."""

    def __init__(self, actor, prison, wish, people, moments):
        self.actor, self.prison = actor, prison
        begin, end = moments[0], moments[-1] + slots.LONGEST
        self.clients = [each for each in clients_in(actor, prison) if each.public_id in set(wish.clients)]
        self.busy_clients = conflicts.of_client(actor, [each.id for each in self.clients], begin, end)
        self.busy_people = conflicts.of_visitors(actor, [each.user.id for each in people if each.user], begin, end)
        self.closures = db.kept(_closures, prison=prison.id, begin=begin, end=end)
        self.agreed = terms(actor.organisation, prison.id).agreed
        self.people, self.months = len(people), Counter()
        self.weeks = budget.weeks(prison, clock.local(begin).date(), clock.local(end).date()) \
            if actor.organisation.kind is Kind.NGO else {}
        self.kept = slots.notice_kept()

    def planned(self, moment, slot) -> Planned:
        if slot is None:
            return Planned(moment, None, str(self._why_none(moment)))
        why = self._why_not(slot)
        if why or self._is_full(slot):
            return Planned(moment, slot, str(self._is_full(slot) or why), full=not why)
        self.months[_month(moment)] += 1
        work = any(conflicts.at_work(client, slot.starts_at, slot.ends_at) for client in self.clients)
        return Planned(moment, slot, "", str(_("a client works at that time")) if work else "")

    def _why_none(self, moment):
        holiday = slots.holiday_name(clock.local(moment).date(), language())
        closed = any(begin <= moment < end for begin, end in self.closures)
        return _("closed") if closed else _("public holiday: %(name)s", name=holiday) if holiday else NOT_OPEN

    def _is_full(self, slot):
        """What one can wait for: a seat, or room in the prison's week."""
        if not slots.has_room(slot):
            return FULL
        day = clock.local(slot.starts_at).date()
        week = self.weeks.get(day - timedelta(days=day.weekday()))
        return WEEK_FULL if week is not None and not week.has_room(budget.minutes_of(slot)) else ""

    def _why_not(self, slot):
        if not self.kept(slot):
            return _("too soon")
        if _touches(self.busy_clients, slot):
            return _("a client has something else at that time")
        if _touches(self.busy_people, slot):
            return _("somebody who comes has something else at that time")
        return self._beyond_what_was_agreed(slot)

    def _beyond_what_was_agreed(self, slot):
        day = clock.local(slot.starts_at).date()
        if self.agreed is None:
            return ""
        if self.agreed.valid_until is not None and day > self.agreed.valid_until:
            return _("your co-operation ends before that day")
        if self.agreed.most_people is not None and self.people > self.agreed.most_people:
            return _("more people than you agreed on")
        most = self.agreed.most_visits_a_month
        if most is not None and asked_in_month(self.actor, self.prison, day) + self.months[_month(day)] >= most:
            return _("more visits in that month than you agreed on")
        return ""


def _month(moment):
    return moment.year, moment.month


def _touches(busy, slot):
    return any(each.touches(slot.starts_at, slot.ends_at) for held in busy.values() for each in held)


def _closures(prison, begin, end):
    return Closure.select(Closure.from_at, Closure.until_at).where(
        Closure.prison == prison, Closure.from_at < end, Closure.until_at > begin).tuples()


def keys_of(planned: list[Planned]) -> list[str]:
    """The slots that would be asked for."""
    return [each.slot.key for each in planned if not each.why]


def ask_series(actor, prison: Organisation, request_key: str, wish: Wish, rhythm: Rhythm, seen: list[str],
               wait: bool = False) -> str:
    """Asks for all days that do not conflict; returns the group's public id. Nothing is asked for that was not `seen`.

    `wait`: for those that are full it waits in line.
    Raises PlanChanged with the list as it is now; the same request_key again gives the same series.
    """
    with db.writing():
        slots.keep_still(prison)
        if earlier := asked_before(actor, request_key):
            return earlier
        planned = plan(actor, prison, wish, rhythm)
        if keys_of(planned) != list(seen):
            raise PlanChanged(_("Something has changed meanwhile. This is how it stands now: look at it and send it "
                                "again."), plan=planned)
        waited = [each.slot.key for each in planned if each.full] if wait else []
        if not seen and not waited:
            raise RuleBroken(_("All these days are full. Wait in line for them, or choose another time."), field="slot")
        series = BookingSeries.create(organisation=actor.organisation, prison=prison, created_by=actor,
                                      every_weeks=rhythm.every_weeks, created_at=clock.now())
        wishes = [*[replace(wish, slot=key) for key in seen], *[replace(wish, slot=key, wait=True) for key in waited]]
        ask_together(actor, prison, request_key, wishes, series.public_id, series=series)
        return series.public_id


def ask_together(actor, prison, request_key, wishes, public_id, **of_group) -> None:
    """Makes a request of each wish, all or none, and tells of them in one mail. Inside `db.writing()`."""
    agreed = terms(actor.organisation, prison.id)
    with telling.together(path_of(public_id)):
        made = [make(actor, prison, f"{request_key}.{number}", wish, agreed, **of_group)
                for number, wish in enumerate(wishes)]
        for booking in made:
            if booking is None:
                raise RuleBroken(_("This form was sent already. To ask for another visit, begin again."))
        for booking in made:
            settle(booking, agreed)


def asked_before(actor, request_key) -> str:
    """The group that this form has made already; empty where it has not."""
    found = (Booking.select(Booking, BookingSeries).join(BookingSeries, JOIN.LEFT_OUTER)
             .where(Booking.request_key == f"{request_key}.0", Booking.requested_by == actor).first())
    return (found.series.public_id if found.series_id else found.trip) if found else ""
