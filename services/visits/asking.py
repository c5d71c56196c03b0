"""Asking for a visit."""
import secrets
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import db
from errors import RuleBroken
from models import Booking, BookingClient, BookingVisitor, Client, Organisation, new_public_id
from services import slots
from services.visits.choosing import (
    check_cooperation,
    clients_in,
    colleagues,
    next_free,
    open_slot,
    slot_to_take,
    taken,
)
from services.visits.deciding import record
from services.visits.machine import Event, SlotTaken
from services.visits.rows import with_names
from services.visits.telling import tell_deciders
from text import clean_text

LEAD_DAYS = 3  # of a prison that has not said in how many working days it answers
MOST_GUESTS = 20


@dataclass(frozen=True)
class Wish:
    """What the form asks for; people, clients by public id, guests by name."""

    slot: str
    purpose: str = ""
    colleagues: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)


def new_request_key() -> str:
    """Names one form, so that one sent twice is one booking."""
    return new_public_id()


def ask(actor, prison: Organisation, request_key: str, wish: Wish) -> Booking:
    """Asks a prison for a visit; the same request_key again gives the same booking.

    Raises SlotTaken with free times where somebody was quicker, RuleBroken for people, notice or co-operation.
    """
    try:
        if slots.is_full(wish.slot):  # a guess: who comes late need not wait for the lock
            raise taken()
        with db.writing():
            return _ask(actor, prison, request_key, wish)
    except RuleBroken as refusal:
        earlier = _asked_before(actor, request_key, wish)
        if earlier:
            return earlier
        if isinstance(refusal, SlotTaken):
            raise _with_times(refusal, prison) from None
        raise


def look_over(actor, prison: Organisation, wish: Wish) -> slots.Slot:
    """The slot of a wish that could be sent now; refuses what `ask` would refuse."""
    try:
        slot = open_slot(actor, prison, wish.slot)
    except SlotTaken as refusal:
        raise _with_times(refusal, prison) from None
    visitors_of_wish(actor, wish, slot.window.place)
    return slot


def _with_times(refusal, prison):
    return SlotTaken(refusal.sentence, field="slot", slots=next_free(prison))


def _ask(actor, prison, request_key, wish):
    check_cooperation(actor, prison)
    slot = slot_to_take(prison, wish.slot, count=False)
    visitors = visitors_of_wish(actor, wish, slot.window.place)
    booking = _insert_booking(actor, prison, slot, request_key, clean_text(wish.purpose, lines=True, limit=500))
    if booking is None:
        return _asked_before(actor, request_key, wish)
    if not slots.take_seat(slot, booking, len(visitors)):
        raise taken()
    db.add(*[BookingVisitor(booking=booking.id, **visitor) for visitor in visitors])
    clients = _add_clients(actor, booking, prison, wish)
    record(actor, booking, Event.REQUEST, None, clients)
    tell_deciders(booking, Event.REQUEST)
    return booking


def _of_request(request_key):
    return with_names(Booking.select().where(Booking.request_key == request_key))


def _asked_before(actor, request_key, wish):
    earlier = next(iter(db.kept(_of_request, request_key=request_key)), None)
    if earlier is None:
        return None
    named = slots.read_key(wish.slot)
    if earlier.requested_by_id != actor.id or named is None or earlier.starts_at != named[1]:
        raise RuleBroken(_("This form was sent already. To ask for another visit, begin again."))
    return earlier

def visitors_of_wish(actor, wish, place) -> list[dict]:
    chosen = set(wish.colleagues)
    people = [{"user": person.id, "name": person.name} for person in colleagues(actor) if person.public_id in chosen]
    guests = dict.fromkeys(filter(None, (clean_text(name, limit=100) for name in wish.guests)))
    people += [{"user": None, "name": name} for name in guests]
    if not people:
        raise RuleBroken(_("Choose who comes."), field="colleagues")
    if len(guests) > MOST_GUESTS or len(people) > place.capacity:
        raise RuleBroken(ngettext("Only %(num)d person fits in at once. Choose fewer people.",
                                  "Only %(num)d people fit in at once. Choose fewer people.", place.capacity),
                         field="colleagues")
    return people


def _insert_booking(actor, prison, slot, request_key, purpose):
    """The new booking, or None where the same form was sent meanwhile."""
    now = clock.now()
    booking = Booking(
        public_id=new_public_id(), request_key=request_key, prison=prison, organisation=actor.organisation,
        requested_by=actor.id, window=slot.window, place=slot.window.place, kind=slot.window.kind,
        starts_at=slot.starts_at, ends_at=slot.ends_at, purpose=purpose, answer_by=answer_by(slot),
        created_at=now, changed_at=now)
    for _try in range(5):  # a number that exists already is drawn again
        booking.number = _new_number()
        if db.add(booking, ignore=True):
            return booking
        if Booking.select().where(Booking.request_key == request_key).exists():
            return None
    raise RuntimeError("no free booking number")


def _new_number() -> str:
    digits = f"{secrets.randbelow(10**7):07d}"
    return f"{digits[:3]}-{digits[3:]}"


def answer_by(slot: slots.Slot) -> date:
    """The day by which the prison answers: its lead days in working days, no later than the visit itself."""
    profile = getattr(slot.window.place.prison, "profile", None)
    due = slots.working_days_after(clock.today(), profile.lead_days if profile else LEAD_DAYS)
    return min(due, clock.local(slot.starts_at).date())


def _add_clients(actor, booking, prison, wish) -> list[Client]:
    if not wish.clients:
        return []
    clients = [client for client in clients_in(actor, prison) if client.public_id in set(wish.clients)]
    if clients:
        BookingClient.insert_many([{"booking": booking.id, "client": client.id} for client in clients]).execute()
    return clients
