"""Where and when a visit can be asked for."""
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from peewee import JOIN, fn

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingState,
    Client,
    Closure,
    Cooperation,
    Kind,
    Organisation,
    Place,
    Role,
    Scope,
    User,
    Window,
    WindowKind,
)
from services import cooperation, slots
from services.visits import budget
from services.visits.machine import SlotTaken

AHEAD = timedelta(days=60)  # how far times are offered
YEARS = slots.YEARS  # of days that a calendar is asked for
OFFERED = 6  # free times offered where the wanted one is gone


def prisons_for(actor) -> list[Organisation]:
    """Prisons where the actor may ask for visits: an NGO's by active co-operation, else all that have windows."""
    prisons = policy.visible_organisations(actor).where(Organisation.kind == Kind.PRISON).order_by(Organisation.sort)
    if actor.role is Role.NGO:
        return list(prisons.where(Organisation.id.in_(_cooperating(actor))))
    return list(prisons.where(fn.EXISTS(Window.select(Window.id).join(Place).where(Place.prison == Organisation.id))))


def _cooperating(actor):
    return Cooperation.select(Cooperation.prison).where(
        Cooperation.organisation == actor.organisation_id, cooperation.holds(clock.today()))


def _cooperating_with(actor, prison):
    return _cooperating(actor).where(Cooperation.prison == prison).tuples()


def prison(actor, public_id: str) -> Organisation:
    """A prison by its public id, whether or not the actor may visit it. Missing where there is none."""
    found = policy.ask(actor, _prison, public_id=public_id)
    if not found:
        raise Missing
    return found[0]


def _prison(actor, public_id):
    return policy.visible_organisations(actor).where(
        Organisation.kind == Kind.PRISON, Organisation.public_id == public_id)


def prisons_with_times(actor) -> list[tuple[Organisation, slots.Slot | None]]:
    """Those prisons, each with the first time that is free there."""
    prisons = prisons_for(actor)
    first = slots.first_free(prisons, clock.today(), clock.today() + AHEAD)
    return [(each, first.get(each.id)) for each in prisons]


def check_cooperation(actor, prison: Organisation, terms=None) -> None:
    """Refuses an NGO that does not co-operate with the prison, and says what to do about it.

    `terms` are what holds between the two, where it has been read already.
    """
    if actor.role is Role.NGO and not (terms.agreed if terms else policy.ask(
            actor, _cooperating_with, prison=prison.id)):
        raise RuleBroken(_("Your organisation has no active co-operation with this prison yet. Agree on it with the "
                           "prison first: whom to ask is in the contact book."))


IN_MONTH = (BookingState.REQUESTED, BookingState.COUNTERED, BookingState.CONFIRMED, BookingState.HELD,
            BookingState.NOT_HELD, BookingState.DISPUTED, BookingState.UNRECORDED)


def check_ceiling(actor, prison: Organisation, slot: slots.Slot, people: int, terms=None) -> None:
    """Refuses what goes beyond what the two sides agreed on: its last day, people at a visit, visits a month."""
    if actor.role is not Role.NGO:
        return
    agreed = terms.agreed if terms else cooperation.limits(actor.organisation_id, prison.id)
    if agreed is None:
        return
    day = clock.local(slot.starts_at).date()
    if agreed.valid_until is not None and day > agreed.valid_until:
        raise RuleBroken(_("Your co-operation with this prison ends before that day. Choose a sooner time, or agree "
                           "with the prison that it goes on."), field="slot")
    if agreed.most_people is not None and people > agreed.most_people:
        raise RuleBroken(ngettext("You agreed with this prison that %(num)d person comes at most.",
                                  "You agreed with this prison that %(num)d people come at most.",
                                  agreed.most_people), field="colleagues")
    if agreed.most_visits_a_month is not None and asked_in_month(actor, prison, day) >= agreed.most_visits_a_month:
        raise RuleBroken(ngettext(
            "You agreed with this prison on %(num)d visit a month at most, and this month has it already.",
            "You agreed with this prison on %(num)d visits a month at most, and this month has them already.",
            agreed.most_visits_a_month), field="slot")


def asked_in_month(actor, prison, day) -> int:
    """How many visits the actor's organisation has asked for in the month of a day and not given up."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return db.kept(_asked_in, organisation=actor.organisation_id, prison=prison.id, begin=clock.at(first, time()),
                   end=clock.at(after, time()))[0][0]


def _asked_in(organisation, prison, begin, end):
    return Booking.select(fn.COUNT(Booking.id)).where(
        Booking.organisation == organisation, Booking.prison == prison, Booking.starts_at >= begin,
        Booking.starts_at < end, Booking.state.in_(IN_MONTH)).tuples()


@dataclass(frozen=True)
class Times:
    """The times of a prison: `weeks` are (Monday, how many are free, whether its staff can manage no more), `days`
    those of the chosen week by room, the full ones too: for these one can wait in line.

    A day is (day, [(place, kind, [slots])]). `refusal` says why nothing may be asked for, `stops` are the closures
    that the prison tells everybody.
    """

    weeks: list[tuple[date, int, bool]] = field(default_factory=list)
    chosen: date | None = None
    days: list = field(default_factory=list)
    refusal: str = ""
    stops: list[Closure] = field(default_factory=list)


def times(actor, prison: Organisation, monday: date | None) -> Times:
    """The free times of the week that begins on `monday`, or of the first week that has some."""
    stopped = stops(prison)
    try:
        check_cooperation(actor, prison)
    except RuleBroken as refusal:
        return Times(refusal=refusal.sentence, stops=stopped)
    weeks, today, kept = {}, clock.today(), slots.notice_kept()
    for slot in slots.slots_between([prison], today, today + AHEAD):
        if kept(slot):
            weeks.setdefault(monday_of(clock.local(slot.starts_at).date()), []).append(slot)
    full = _full_weeks(actor, prison) if weeks else set()
    free = [(week, sum(map(slots.has_room, found)), week in full) for week, found in weeks.items()]
    chosen = monday if monday in weeks else next((week for week, number, _full in free if number), None)
    return Times(free, chosen, _by_room(weeks.get(chosen, [])), stops=stopped)


def _full_weeks(actor, prison) -> set[date]:
    """Mondays of the weeks in which the prison has no room for another visit of the actor's organisation."""
    if actor.role is not Role.NGO:
        return set()
    weeks = budget.weeks(prison, clock.today(), clock.today() + AHEAD)
    return {monday for monday, week in weeks.items() if not week.has_room(0)}


def stops(prison: Organisation) -> list[Closure]:
    """The temporary stops of a prison that everybody is told of who looks at its times, the soonest first."""
    return db.kept(_stops, prison=prison.id, now=clock.now(), until=clock.now() + AHEAD)


def _stops(prison, now, until):
    return (Closure.select(Closure, Place).join(Place, JOIN.LEFT_OUTER).where(
        Closure.prison == prison, Closure.stop == True, Closure.until_at > now,  # noqa: E712
        Closure.from_at < until).order_by(Closure.from_at, Closure.id))


def _by_room(found):
    days = {}
    for slot in found:
        rooms = days.setdefault(clock.local(slot.starts_at).date(), {})
        rooms.setdefault((slot.window.place.name, slot.window.kind), []).append(slot)
    return [(day, [(place, kind, held) for (place, kind), held in rooms.items()]) for day, rooms in days.items()]


def day_in_view() -> date:
    """A day of the week that matters now: on Saturday and Sunday the coming one."""
    today = clock.today()
    return today + timedelta(days=2) if today.weekday() >= 5 else today


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def next_free(prison, kind: WindowKind | None = None, limit: int = OFFERED) -> list[slots.Slot]:
    """The next free times."""
    return slots.free_slots(prison, clock.today(), clock.today() + AHEAD, kind, limit)


def find_slot(prison: Organisation, key: str) -> slots.Slot | None:
    """The time that a key names, free or not; None where there is no such time."""
    return slots.find(prison, key)


def open_slot(actor, prison: Organisation, key: str) -> slots.Slot:
    """The time that a key names, if the actor may ask for it now; refuses otherwise."""
    check_cooperation(actor, prison)
    return slot_to_take(prison, key)


def colleagues(actor) -> list[User]:
    """People of the actor's organisation who can come along, the actor first."""
    return sorted(policy.ask(actor, _colleagues), key=lambda person: person.id != actor.id)


def _colleagues(actor):
    return policy.colleagues(actor).order_by(User.name)


def clients_in(actor, prison: Organisation) -> list[Client]:
    """Clients who are in the prison and whom the actor may visit, by code: own ones, and those who agreed to it."""
    return policy.ask(actor, _clients_in, prison=prison.id)


def _clients_in(actor, prison):
    tied = policy.readable(actor, Client.id, Scope.VISITS)
    return policy.visible_clients(actor).where(tied, Client.prison == prison, Client.released_on.is_null()) \
        .order_by(Client.code)


def slot_to_take(prison, key, count=True) -> slots.Slot:
    slot = slots.find(prison, key, counted=count)
    if slot is None or not slots.keeps_notice(slot):
        raise SlotTaken(_("This time cannot be asked for any more. Choose another one."), field="slot")
    if not slot.free or slot.people_free == 0:
        raise taken()
    return slot


def taken():
    return SlotTaken(_("Somebody was quicker: this time has just been taken. Choose another one, "
                       "what you filled in is kept."), field="slot")
