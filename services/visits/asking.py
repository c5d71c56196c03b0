"""Asking for a visit: one to three times, or a place on the waiting list of a full one."""
import secrets
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import db
from errors import RuleBroken
from models import (
    AutomaticYes,
    Booking,
    BookingClient,
    BookingState,
    BookingVisitor,
    Client,
    Equipment,
    Organisation,
    new_public_id,
)
from services import slots, visitors
from services.visits import budget, holding, joint_days
from services.visits.choosing import (
    check_ceiling,
    check_cooperation,
    clients_in,
    slot_to_take,
    taken,
)
from services.visits.deciding import advance, change, record, step_of
from services.visits.effects import Answer, answer_by, check_clash, write
from services.visits.machine import Event, Side, SlotTaken
from services.visits.rows import with_names
from services.visits.rush import other_times
from services.visits.telling import TELLS
from services.visits.terms import terms
from text import clean_text

LONGEST_EQUIPMENT = 200
MOST_FOUND = 99  # clients whom the prison is to find


@dataclass(frozen=True)
class Wish:
    """What the form asks for; people and clients by public id, guests by name, times by the keys of their slots."""

    slot: str
    purpose: str = ""
    colleagues: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # times that would do too
    finds_clients: int | None = None  # so many whom the prison is to find
    equipment: str = ""  # what needs a yes to be brought in
    plate: str = ""
    staff_note: str = ""
    wait: bool = False  # on the waiting list, where the time or the prison's week is full

    @property
    def keys(self) -> list[str]:
        """The times, each once, the one wished for most first."""
        return list(dict.fromkeys([self.slot, *filter(None, self.others)]))[:holding.MOST]


def new_request_key() -> str:
    """Names one form, so that one sent twice is one booking."""
    return new_public_id()


def ask(actor, prison: Organisation, request_key: str, wish: Wish) -> Booking:
    """Asks a prison for a visit; the same request_key again gives the same booking.

    Raises SlotTaken with free times where somebody was quicker, RuleBroken for people, notice or co-operation.
    """
    try:
        agreed = terms(actor.organisation, prison.id, wish.slot)
        if agreed.full and not wish.wait:  # a guess: who comes late need not wait for the lock
            raise taken()
        with db.writing():
            return _ask(actor, prison, request_key, wish, agreed)
    except RuleBroken as refusal:
        earlier = _asked_before(actor, request_key, wish)
        if earlier:
            return earlier
        if isinstance(refusal, SlotTaken):
            raise _with_times(refusal, prison) from None
        raise


def open_time(actor, prison: Organisation, key: str) -> tuple[slots.Slot, bool]:
    """The time that a key names, and whether it can only be waited for, being full; refuses what cannot be had."""
    check_cooperation(actor, prison)
    slot_to_take(prison, key, count=False)
    slot = slots.find(prison, key)
    week_full = budget.concerns(actor.organisation) and not budget.fits(prison, slot)
    return slot, week_full or not slots.is_open(slot)


def look_over(actor, prison: Organisation, wish: Wish) -> list[slots.Slot]:
    """The slots of a wish that could be sent now; refuses what `ask` would refuse."""
    check_cooperation(actor, prison)
    try:
        found = [_slot(prison, key, wish.wait) for key in wish.keys]
    except SlotTaken as refusal:
        raise _with_times(refusal, prison) from None
    people = visitors.chosen(actor, wish)
    check_people(people, [slot.window.place for slot in found])
    for slot in found:
        check_ceiling(actor, prison, slot, len(people))
    return found


def _slot(prison, key, full):
    """A slot that can be asked for; on the waiting list a full one too."""
    if not full:
        return slot_to_take(prison, key)
    slot = slot_to_take(prison, key, count=False)
    return slots.find(prison, key) or slot


def _with_times(refusal, prison):
    return SlotTaken(refusal.sentence, field="slot", slots=other_times(prison))


def _ask(actor, prison, request_key, wish, agreed):
    slots.keep_still(prison)
    booking = make(actor, prison, request_key, wish, agreed)
    if booking is None:
        return _asked_before(actor, request_key, wish)
    settle(booking, agreed)
    return booking


def settle(booking, agreed) -> None:
    """What follows on a request that was made: a yes by rule, else the prison is told."""
    waits = booking.state is BookingState.WAITING
    if waits or booking.kind not in agreed.automatic or not say_yes_by_rule(booking):
        event = Event.WAIT if waits else Event.REQUEST
        TELLS[event](booking, event)


def make(actor, prison, request_key, wish, agreed, **of_group) -> Booking | None:
    """A request with its seats and people, of which nobody is told yet; None where the same form was sent before.

    `of_group` are columns of a Booking that it shares with others. Belongs inside `db.writing()`, windows kept still.
    """
    check_cooperation(actor, prison, agreed)
    wanted = [slot_to_take(prison, key, count=False) for key in wish.keys]
    people = visitors.for_request(actor, prison, wish, clock.local(wanted[0].starts_at).date(),
                                  agreed.clearance_months is not None)
    check_people(people, [slot.window.place for slot in wanted])
    for slot in wanted:
        check_ceiling(actor, prison, slot, len(people), agreed)
    booking = _insert_booking(actor, prison, wanted, request_key, wish, of_group)
    if booking is None:
        return None
    booking.alone = len(wanted) == 1
    waits = not _take_seats(actor, booking, wanted, len(people), wish.wait, agreed)
    db.add(*[BookingVisitor(booking=booking.id, **person) for person in people])
    clients = _add_clients(actor, booking, prison, wish)
    record(actor, booking, Event.WAIT if waits else Event.REQUEST, None, clients)
    return booking


def _take_seats(actor, booking, wanted, people, may_wait, agreed) -> bool:
    """Takes a seat at each time; False where the booking has to wait for one and may."""
    if _week_is_full(actor, booking, wanted, may_wait, agreed):
        return False
    for position, slot in enumerate(wanted):
        if not slots.take_seat(slot, booking, people):
            if may_wait and position == 0:
                _wait(booking)
                return False
            raise taken()
        if position:
            holding.add(booking, slot, position)
    return True


def _week_is_full(actor, booking, wanted, may_wait, agreed):
    if not budget.concerns(actor.organisation) or budget.fits(booking.prison_id, wanted[0], agreed.week):
        return False
    if not may_wait:
        raise SlotTaken(_("This prison has no room for another visit in that week: its staff cannot manage more. "
                          "You can wait for a place, or choose another week."), field="slot")
    _wait(booking)
    return True


def _wait(booking):
    booking.state, booking.waiting_since = BookingState.WAITING, clock.now()
    booking.save(only=[Booking.state, Booking.waiting_since])


def _of_request(request_key):
    return with_names(Booking.select().where(Booking.request_key == request_key))


def _asked_before(actor, request_key, wish):
    earlier = next(iter(db.kept(_of_request, request_key=request_key)), None)
    if earlier is None:
        return None
    moments = [named[1] for named in map(slots.read_key, wish.keys) if named]
    if earlier.requested_by_id != actor.id or earlier.starts_at not in moments:
        raise RuleBroken(_("This form was sent already. To ask for another visit, begin again."))
    return earlier


def check_people(people, places) -> None:
    """Refuses a visit without people, or with more than fit into one of the places."""
    if not people:
        raise RuleBroken(_("Choose who comes."), field="colleagues")
    capacity = min(place.capacity for place in places)
    if len(people) > capacity:
        raise RuleBroken(ngettext("Only %(num)d person fits in at once. Choose fewer people.",
                                  "Only %(num)d people fit in at once. Choose fewer people.", capacity),
                         field="colleagues")


def _insert_booking(actor, prison, wanted, request_key, wish, of_group):
    """The new booking, or None where the same form was sent meanwhile."""
    now, slot, equipment = clock.now(), wanted[0], clean_text(wish.equipment, limit=LONGEST_EQUIPMENT)
    booking = Booking(
        public_id=new_public_id(), request_key=request_key, prison=prison, organisation=actor.organisation,
        requested_by=actor, window=slot.window, place=slot.window.place, kind=slot.window.kind,
        starts_at=slot.starts_at, ends_at=slot.ends_at,
        joint_day=joint_days.of_window(slot.window), equipment=equipment,
        equipment_state=Equipment.ASKED if equipment else Equipment.NONE, finds_clients=wish.finds_clients,
        answer_by=answer_by(prison, wanted, getattr(slot.window.place.prison, "profile", None)),
        created_at=now, changed_at=now, **of_group)
    for column in ("purpose", "plate", "staff_note"):
        write(booking, column, getattr(wish, column))
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


def _add_clients(actor, booking, prison, wish) -> list[Client]:
    if not wish.clients:
        return []
    clients = [client for client in clients_in(actor, prison) if client.public_id in set(wish.clients)]
    if clients:
        BookingClient.insert_many([{"booking": booking.id, "client": client.id} for client in clients]).execute()
    return clients


# Without a person

def say_yes_by_rule(booking) -> bool:
    """Confirms a request where the prison said yes to its organisation and kind in advance and nothing else is asked.

    The first of its times is taken. Inside `db.writing()`.
    """
    if not db.kept(_automatic, booking.kind, prison=booking.prison_id, organisation=booking.organisation_id):
        return False
    if booking.equipment_state is Equipment.ASKED or not visitors.all_cleared(booking):
        return False
    budget.hold(booking.prison_id)
    first = holding.own(booking)
    try:
        check_clash(booking, first)
        with db.writing():
            change(None, booking, step_of(booking, Event.CONFIRM, Side.SYSTEM), Answer(time=first.key))
    except RuleBroken:  # the week is full, or the client is elsewhere: the prison decides itself
        booking.state = BookingState.REQUESTED
        return False
    return True


def _automatic(kind, prison, organisation):
    return AutomaticYes.select(AutomaticYes.id).where(
        AutomaticYes.prison == prison, AutomaticYes.organisation == organisation, AutomaticYes.kind == kind).tuples()


def take_offer(actor, public_id: str) -> Booking:
    """Takes a freed seat that was offered: a request as any other, confirmed where the rule says so."""
    with db.writing():
        booking = advance(actor, public_id, Event.TAKE)
        if booking.state is BookingState.REQUESTED:
            say_yes_by_rule(booking)
        return booking

