"""Visits that have to be looked at again because the world has changed around them, asked for or confirmed."""
import clock
import db
from models import (
    Booking,
    BookingClient,
    BookingFlag,
    Client,
    Closure,
    Cooperation,
    CooperationState,
    FlagCause,
    Place,
)
from services import slots, visitors
from services.visits import holding
from services.visits.deciding import change, locked, step_of
from services.visits.effects import Answer, people_of
from services.visits.machine import STANDS, Event, Side, open_flags


def flag(actor, booking_ids, cause: FlagCause) -> int:
    """Marks visits to come as to be looked at again, each once for a cause; returns how many are new.

    Whoever changed the world calls it in the same transaction; a person then keeps, moves or cancels each confirmed
    one, and answers the others knowing it.
    """
    with db.writing():
        return sum(_flag(actor, booking_id, cause) for booking_id in sorted(set(booking_ids)))


def _flag(actor, booking_id, cause) -> bool:
    booking = locked(Booking.select().where(Booking.id == booking_id))
    stands = booking.state in STANDS and booking.starts_at > clock.now()
    if not stands or any(each.cause is cause for each in open_flags(booking)):
        return False
    if not db.add(BookingFlag(booking=booking.id, cause=cause, at=clock.now()), ignore=True):
        return False
    change(None, booking, step_of(booking, Event.FLAG, Side.SYSTEM), Answer())
    return True


def flag_client(actor, client, cause: FlagCause) -> int:
    """The visits of a client who was released, or moved: those where they are now stand."""
    return flag(actor, [row.id for row in db.kept(
        _of_client, cause is FlagCause.CLIENT_MOVED, client=client.id, now=clock.now(), prison=client.prison_id or 0)],
        cause)


def _of_client(moved, client, now, prison):
    query = (Booking.select(Booking.id).join(BookingClient).where(
        BookingClient.client == client, Booking.state.in_(STANDS), Booking.starts_at > now))
    return query.where(Booking.prison != prison) if moved else query


def flag_cooperation(actor, organisation_id: int, prison_id: int) -> int:
    """The visits of an organisation to a prison with which it does not co-operate any more."""
    return flag(actor, [row.id for row in db.kept(
        _of_both, organisation=organisation_id, prison=prison_id, now=clock.now())], FlagCause.COOPERATION_ENDED)


def _of_both(organisation, prison, now):
    return Booking.select(Booking.id).where(
        Booking.organisation == organisation, Booking.prison == prison, Booking.state.in_(STANDS),
        Booking.starts_at > now)


# When the reason is gone

def settle_gone(prison_id: int, cause: FlagCause) -> int:
    """Settles the flags of a prison's visits to come whose reason is gone; returns of how many visits.

    Whoever takes back what raised them calls it in the same transaction. Flags of other causes stay.
    """
    settled = 0
    with db.writing():
        for row in db.kept(_flagged, cause, prison=prison_id, now=clock.now()):
            booking = locked(Booking.select().where(Booking.id == row.id))
            gone = tuple(each for each in open_flags(booking) if each.cause is cause and GONE[cause](booking))
            if gone:
                change(None, booking, step_of(booking, Event.UNFLAG, Side.SYSTEM), Answer(about=gone))
                settled += 1
    return settled


def _flagged(cause, prison, now):
    flags = BookingFlag.select(BookingFlag.booking).where(BookingFlag.cause == cause, BookingFlag.settled_at.is_null())
    return Booking.select(Booking.id).where(
        Booking.prison == prison, Booking.state.in_(STANDS), Booking.starts_at > now,
        Booking.id.in_(flags)).order_by(Booking.id)


def _is_open(booking) -> bool:
    """Whether nothing is closed at the time of a visit, neither its place nor the prison."""
    closed = Closure.select().where(
        Closure.prison == booking.prison_id, Closure.place.is_null() | (Closure.place == booking.place_id),
        Closure.from_at < booking.ends_at, Closure.until_at > booking.starts_at)
    return not closed.exists() and Place.select().where(
        Place.id == booking.place_id, Place.active == True).exists()  # noqa: E712


def _is_agreed(booking) -> bool:
    return Cooperation.select().where(
        Cooperation.organisation == booking.organisation_id, Cooperation.prison == booking.prison_id,
        Cooperation.state == CooperationState.ACTIVE).exists()


def _has_its_time(booking) -> bool:
    """Whether a window of its place has the time of a visit, and a seat for it: the visit then has its seat there.

    So whatever becomes of that window touches the visit again. One that has other times too keeps all its seats.
    """
    if holding.others(booking):
        return False
    day, people = clock.local(booking.starts_at).date(), people_of(booking)
    slot = next((slot for slot in slots.slots_between([booking.prison_id], day, day, booking.kind)
                 if (slot.starts_at, slot.ends_at, slot.window.place_id) == (
                     booking.starts_at, booking.ends_at, booking.place_id)), None)
    if slot is None or people > slot.window.place.capacity or not _moves_over(booking, slot, people):
        return False
    holding.take(booking, slot)
    return True


class _NoRoom(Exception):
    """There are more visits at a time than seats."""


def _moves_over(booking, slot, people) -> bool:
    """Whether a seat of a slot could be had instead of all that a visit holds; else it holds that on."""
    try:
        with db.writing():
            slots.release_seats(booking)
            if not slots.take_seat(slot, booking, people) or slots.is_overfull(slot):
                raise _NoRoom
    except _NoRoom:
        return False
    return True


def _clients(booking):
    return Client.select().join(BookingClient).where(BookingClient.booking == booking.id)


def _all_are_here(booking) -> bool:
    return not _clients(booking).where(Client.prison.is_null() | (Client.prison != booking.prison_id)).exists()


def _nobody_left(booking) -> bool:
    return not _clients(booking).where(Client.released_on.is_null(False)).exists()


GONE = {FlagCause.CLOSED: _is_open, FlagCause.CLEARANCE_ENDED: visitors.all_cleared,
        FlagCause.COOPERATION_ENDED: _is_agreed, FlagCause.WINDOW_CHANGED: _has_its_time,
        FlagCause.CLIENT_MOVED: _all_are_here, FlagCause.CLIENT_RELEASED: _nobody_left}
