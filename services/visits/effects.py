"""What each event does to a booking beside its state: times, seats, people, words. Always inside `db.writing()`.

An effect changes the booking it is given (the caller saves it) and refuses with RuleBroken.
"""
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import (
    Booking,
    BookingClient,
    BookingFlag,
    BookingState,
    BookingVisitor,
    ClearanceReason,
    Equipment,
    PrisonProfile,
    Reason,
    WindowKind,
)
from services import keys, slots, visitors
from services.visits import budget, holding
from services.visits.machine import Event, SlotTaken, open_flags
from services.visits.rows import known_clients
from text import clean_text

LEAD_DAYS = 3  # working days of who has not said in how many they answer
OFFERED_FOR = timedelta(hours=24)  # a freed seat, to who waits
AHEAD = timedelta(days=60)
AT_A_DISTANCE = {WindowKind.VIDEO, WindowKind.TELEPHONE}
LONGEST = {"purpose": 500, "message": 1000, "staff_note": 1000, "client_note": 1000, "plate": 40}


@dataclass(frozen=True)
class Answer:
    """What goes with an event. `time` is the key of a slot; `refused` are clearances of who may not come."""

    reason: Reason | None = None
    message: str = ""
    time: str = ""
    looked: bool = False  # at who comes and what has changed: neither is passed by a click on a list
    refused: dict[str, ClearanceReason] = field(default_factory=dict)
    equipment: bool | None = None
    notes: dict[str, str] = field(default_factory=dict)  # staff_note, client_note, purpose, plate
    change: object = None  # what the sender wants otherwise (changing.Change)
    about: tuple = ()  # the times that are lost, the flags whose reason is gone


def write(booking, column: str, text: str) -> None:
    """Seals free words into a column of a booking."""
    setattr(booking, column, keys.seal(
        booking, column, clean_text(text, lines=column != "plate", limit=LONGEST[column]), booking.organisation))


def note(actor, booking, answer) -> dict:
    """Notes, purpose and the car: whoever reads them sees the new words, nobody is asked again."""
    opened, changed = keys.opener(booking.organisation), {}
    for column, text in answer.notes.items():
        if column in LONGEST and opened(booking, column) != clean_text(text, lines=column != "plate"):
            if column == "client_note" and not known_clients(actor, booking).exists():
                raise RuleBroken(_("You may not write to the client of this visit."), field="client_note")
            write(booking, column, text)
            changed[column] = True
    return changed


# The prison's yes

def confirm(actor, booking, answer):
    chosen = chosen_time(booking, answer.time)
    check_clash(booking, chosen)
    _answer_equipment(booking, answer)
    if actor is not None:
        _check_looked(booking, answer)
        _answer_visitors(actor, booking, answer)
    _settle(actor, booking, chosen)
    return note(actor, booking, answer)


def chosen_time(booking, key) -> holding.Time:
    """The time that the prison chose; of one time alone it need not say which."""
    possible = holding.wished(booking)
    if len(possible) > 1 and not key:
        raise RuleBroken(_("Choose one of the times."), field="time")
    found = next((time for time in possible if time.key == key or not key), None)
    if found is None:
        raise RuleBroken(_("This time is not among those asked for any more. Choose another one."), field="time")
    return found


def check_clash(booking, chosen) -> None:
    """Nobody is in two places at once: a client with another visit confirmed at that time stops this one."""
    if db.kept(_clashing, booking=booking.id, begin=chosen.starts_at, end=chosen.ends_at,
               begins_after=chosen.starts_at - slots.LONGEST):
        raise RuleBroken(_("A client of this visit has another one confirmed at that time. Propose another time."),
                         field="time")


def _clashing(booking, begin, end, begins_after):
    mine = BookingClient.select(BookingClient.client).where(BookingClient.booking == booking)
    return (Booking.select(Booking.id).join(BookingClient).where(
        BookingClient.client.in_(mine), Booking.id != booking, Booking.state == BookingState.CONFIRMED,
        Booking.starts_at > begins_after, Booking.starts_at < end, Booking.ends_at > begin).limit(1).tuples())


def _answer_equipment(booking, answer):
    if booking.equipment_state is not Equipment.ASKED:
        return
    if answer.equipment is None:
        raise RuleBroken(_("Say whether they may bring it in."), field="equipment")
    booking.equipment_state = Equipment.ALLOWED if answer.equipment else Equipment.REFUSED


def _check_looked(booking, answer):
    if not answer.looked and open_flags(booking):
        raise RuleBroken(_("Something has changed since they asked. Look at what, and answer then."))


def _answer_visitors(actor, booking, answer):
    if not visitors.all_cleared(booking):
        if not answer.looked:
            raise RuleBroken(_("Not everybody who comes is cleared. Look at who it is."), field="refused")
        visitors.answer(actor, booking, answer.refused)


def _settle(actor, booking, chosen):
    check_week(booking, chosen)
    holding.settle_on(booking, chosen)
    booking.decided_by, booking.decided_at = getattr(actor, "id", None), clock.now()


def check_week(booking, chosen) -> None:
    """The limits that a prison set itself hold for its own yes too."""
    if not budget.concerns(booking.organisation):
        return
    try:
        budget.check(booking.prison_id, chosen.starts_at, budget.minutes_of(chosen))
    except budget.WeekFull:
        raise budget.WeekFull(_("That week has no room for another visit within the limits of the prison. "
                                "Propose another time, or change the limits."), field="time") from None


def decline(actor, booking, answer):
    booking.decided_by, booking.decided_at = getattr(actor, "id", None), clock.now()


# Another time, proposed by the prison

NEXT, NEXT_OF_KIND = 8, 12  # free times that the prison chooses from


def to_propose(booking, kind: WindowKind | None = None) -> list[slots.Slot]:
    """Free times that the prison can propose instead: of a kind, or the next ones and the next at a distance."""
    free = free_instead(booking, kind)
    if kind is not None:
        return free[:NEXT_OF_KIND]
    away = [slot for slot in free if slot.window.kind in AT_A_DISTANCE and slot.window.kind is not booking.kind][:2]
    return [*[slot for slot in free if slot.window.kind is booking.kind][:NEXT], *away]


def free_instead(booking, kind: WindowKind | None = None) -> list[slots.Slot]:
    """All times of the next weeks that a prison could give a visit instead of those it asks for."""
    mine, people = {time.key for time in holding.times(booking)}, people_of(booking)
    return [slot for slot in slots.slots_between([booking.prison_id], clock.today(), clock.today() + AHEAD, kind)
            if slot.free and slot.people_free != 0 and slot.starts_at > clock.now() and slot.key not in mine
            and people <= slot.window.place.capacity]


def propose(actor, booking, answer):
    """Takes a free seat for the sender and gives them some days to say yes."""
    slot = slots.find(booking.prison_id, answer.time)
    if slot is None or slot.starts_at <= clock.now():
        raise RuleBroken(_("Choose a time."), field="time")
    if slot.starts_at == booking.starts_at and slot.window.id == booking.window_id:
        raise RuleBroken(_("This is the time they asked for. Choose another one."), field="time")
    if not slots.take_seat(slot, booking, people_of(booking)):
        raise SlotTaken(_("This time has just been taken. Choose another one."), field="time")
    holding.add(booking, slot, holding.PROPOSED, by_prison=True)
    booking.offer_until = min(_end_of(slots.working_days_after(clock.today(), LEAD_DAYS)), slot.starts_at)


def people_of(booking) -> int:
    return BookingVisitor.select().where(BookingVisitor.booking == booking.id,
                                         BookingVisitor.refused.is_null()).count()


def _end_of(day) -> datetime:
    return clock.at(day + slots.DAY, time())


def accept(actor, booking, answer):
    """The sender's yes; the people of the visit are let in as they were."""
    chosen = holding.proposed(booking)
    check_clash(booking, chosen)
    if booking.equipment_state is Equipment.ASKED:  # the prison proposed a time knowing what they bring
        booking.equipment_state = Equipment.ALLOWED
    by = booking.decided_by_id
    _settle(actor, booking, chosen)
    booking.decided_by = by


def run_out(actor, booking, answer):
    """The proposal is gone; the request waits for an answer again."""
    gone = holding.proposed(booking)
    if gone:
        holding.drop(booking, [gone])
    booking.offer_until, booking.overdue_at, booking.escalated_at = None, None, None
    booking.answer_by = answer_by(booking.prison_id, holding.times(booking))


def lose(actor, booking, answer):
    """Times at which a client of the visit is elsewhere by now; without the proposal it waits for an answer."""
    gone = list(answer.about)
    holding.drop(booking, gone)
    if any(time.by_prison for time in gone):
        run_out(actor, booking, answer)
    return {"lost": [time.starts_at.isoformat() for time in gone]}


def unflag(actor, booking, answer):
    """Nobody has to look any more because of these flags; others stay."""
    BookingFlag.update(settled_at=clock.now(), settled_how=Event.UNFLAG).where(
        BookingFlag.id.in_([flag.id for flag in answer.about])).execute()
    return {"causes": [flag.cause.value for flag in answer.about]}


def answer_by(prison, wanted, profile=None):
    """The day by which the prison answers: its lead days in working days, no later than the first of the times."""
    days = profile.lead_days if profile else next(iter(db.kept(_lead_days, prison=getattr(prison, "id", prison))),
                                                  (LEAD_DAYS,))[0]
    due = slots.working_days_after(clock.today(), days)
    return max(clock.today(), min(due, *(clock.local(each.starts_at).date() for each in wanted)))


def _lead_days(prison):
    return PrisonProfile.select(PrisonProfile.lead_days).where(PrisonProfile.organisation == prison).tuples()


# The waiting list

def offer(actor, booking, answer):
    """The seat has been taken for who is first in line."""
    booking.offer_until = min(clock.now() + OFFERED_FOR, booking.starts_at)


def take(actor, booking, answer):
    booking.answer_by = answer_by(booking.prison_id, [booking])


def pass_by(actor, booking, answer):
    """To the end of the line."""
    slots.release_seats(booking)
    booking.offer_until, booking.waiting_since = None, clock.now()


# What runs on a clock

def overdue(actor, booking, answer):
    booking.overdue_at = clock.now()


def escalate(actor, booking, answer):
    booking.escalated_at = clock.now()


EFFECTS = {
    Event.CONFIRM: confirm, Event.DECLINE: decline, Event.COUNTER: propose, Event.ACCEPT: accept,
    Event.RUN_OUT: run_out, Event.OFFER: offer, Event.TAKE: take, Event.PASS: pass_by, Event.OVERDUE: overdue,
    Event.ESCALATE: escalate, Event.NOTE: note, Event.LOSE: lose, Event.UNFLAG: unflag,
}
