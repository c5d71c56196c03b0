"""Visits in every state, the events as requests over HTTP, and what must hold after each step."""
from collections import Counter
from datetime import time, timedelta
from itertools import pairwise

import clock
import db
from models import (
    Booking,
    BookingAlternative,
    BookingClient,
    BookingEvent,
    BookingRecord,
    BookingSeat,
    BookingState,
    FlagCause,
    Lane,
    Place,
    Reason,
    Window,
)
from services import slots, visits
from services.visits import HOLDS_SEAT, TRANSITIONS, Event, Wish, review
from tests.support.visits import asked, free

State = BookingState
SEALED = {State.DECLINED, State.CANCELLED, State.NOT_HELD}


def one_seat(cast, number: int = 0) -> slots.Slot:
    """A time of a room of its own where one visit fits in at once."""
    if not Place.select().where(Place.name == "Jediná židle").exists():
        with db.writing():
            room = Place.create(prison=cast.prison, name="Jediná židle", capacity=6)
            for weekday in range(5):
                Window.create(place=room, weekday=weekday, starts=time(15), ends=time(17), slot_minutes=30, seats=1,
                              notice_days=1, valid_from=cast.today)
    ahead = slots.slots_between([cast.prison], clock.today() + timedelta(days=3), clock.today() + timedelta(days=40))
    return [slot for slot in ahead if slot.window.place.name == "Jediná židle"][number]


# A visit of Nela's in a state, by the way that leads there

def waiting(cast) -> Booking:
    slot = one_seat(cast)
    if slot.free:
        asked(cast.kamila, cast.prison, slot)
    return visits.ask(cast.nela, cast.prison, visits.new_request_key(),
                      Wish(slot=slot.key, colleagues=[cast.nela.public_id], purpose="dluhy", wait=True))


def offered(cast) -> Booking:
    """On the waiting list, and a seat has become free."""
    booking = waiting(cast)
    holder = Booking.get(Booking.window == booking.window, Booking.starts_at == booking.starts_at,
                         Booking.organisation != cast.ngo)
    visits.advance(cast.kamila, holder.public_id, Event.WITHDRAW)
    return Booking.get_by_id(booking.id)


def requested(cast) -> Booking:
    return asked(cast.nela, cast.prison)


def several(cast) -> Booking:
    """A request with three times."""
    return asked(cast.nela, cast.prison, others=[free(cast.prison, 5).key, free(cast.prison, 7).key])


def countered(cast) -> Booking:
    booking = requested(cast)
    return visits.advance(cast.pavel, booking.public_id, Event.COUNTER, time=free(cast.prison, 4).key)


def confirmed(cast) -> Booking:
    return visits.advance(cast.pavel, requested(cast).public_id, Event.CONFIRM)


def flagged(cast) -> Booking:
    booking = confirmed(cast)
    review.flag(cast.pavel, [booking.id], FlagCause.CLIENT_MOVED)
    return Booking.get_by_id(booking.id)


def changed(cast) -> Booking:
    """Confirmed once, and asked for anew."""
    booking = confirmed(cast)
    change = visits.Change(slot=free(cast.prison, 6).key, colleagues=[cast.nela.public_id])
    return visits.edit(cast.nela, booking.public_id, change, {})


def declined(cast) -> Booking:
    return visits.advance(cast.pavel, requested(cast).public_id, Event.DECLINE, Reason.STAFF)


def withdrawn(cast) -> Booking:
    return visits.advance(cast.nela, requested(cast).public_id, Event.WITHDRAW)


def cancelled(cast) -> Booking:
    return visits.advance(cast.nela, confirmed(cast).public_id, Event.CANCEL, Reason.ORGANISATION)


WAYS = {  # of a visit whose day is over
    State.LAPSED: [(Event.LAPSE, State.REQUESTED, State.LAPSED)],
    State.HELD: [(Event.RECORD, State.CONFIRMED, State.HELD)],
    State.NOT_HELD: [(Event.RECORD, State.CONFIRMED, State.NOT_HELD)],
    State.DISPUTED: [(Event.RECORD, State.CONFIRMED, State.HELD), (Event.OBJECT, State.HELD, State.DISPUTED)],
    State.UNRECORDED: [(Event.UNRECORD, State.CONFIRMED, State.UNRECORDED)],
}


def _over(state):
    """A visit whose day is over, as its clock and the records of attendance leave it."""
    def build(cast):
        booking = requested(cast) if state is State.LAPSED else confirmed(cast)
        reason = Reason.OTHER if state is State.NOT_HELD else None
        with db.writing():
            for event, old, new in WAYS[state]:
                BookingEvent.create(booking=booking, event=event, old_state=old, new_state=new, reason=reason or "")
                if event is Event.RECORD:
                    BookingRecord.create(booking=booking, by_prison=True, held=reason is None, reason=reason,
                                         recorded_by=cast.pavel)
            Booking.update(state=state, reason=reason, starts_at=clock.now() - timedelta(hours=2),
                           ends_at=clock.now() - timedelta(hours=1)).where(Booking.id == booking.id).execute()
        return Booking.get_by_id(booking.id)
    return build


BUILT = {
    "waiting": waiting, "offered": offered, "requested": requested, "several": several, "countered": countered,
    "confirmed": confirmed, "flagged": flagged, "changed": changed, "declined": declined, "withdrawn": withdrawn,
    "cancelled": cancelled, "lapsed": _over(State.LAPSED), "held": _over(State.HELD),
    "not_held": _over(State.NOT_HELD), "disputed": _over(State.DISPUTED), "unrecorded": _over(State.UNRECORDED),
}


# Events as requests

def send(browser, cast, booking, event: Event):
    """Sends what a page of the application would send for an event; the answer."""
    path, fields = {
        Event.CONFIRM: ("confirm", {"looked": "yes", "time": _first_time(booking)}),
        Event.DECLINE: ("decline", {"reason": "staff"}), Event.WITHDRAW: ("withdraw", {}),
        Event.COUNTER: ("propose", {"time": free(cast.prison, 9).key}), Event.ACCEPT: ("accept", {}),
        Event.REFUSE: ("refuse", {}), Event.TAKE: ("take", {}), Event.KEEP: ("keep", {}),
        Event.CHANGE: ("change", {"colleagues": [cast.nela.public_id, cast.nora.public_id], "purpose": "dluhy"}),
        Event.NOTE: ("notes", {"staff_note": f"zazvoníme {BookingEvent.select().count()}"}),
        Event.CANCEL: ("cancel", {"reason": "other"}),
    }[event]
    return browser.post(f"/visits/{booking.public_id}/{path}", fields)


def _first_time(booking):
    return next((each.key for each in visits.holding.wished(Booking.get_by_id(booking.id))), "")


# What must hold

def violations() -> list[str]:
    """What is wrong with the visits in the database, a sentence each."""
    lines = {(step.old, step.event, step.new) for step in TRANSITIONS}
    return [f"{booking.number} ({booking.state}): {what}" for booking in Booking.select()
            for what in (*_seats_wrong(booking), *_history_wrong(booking, lines), *_columns_wrong(booking))
            ] + _sold_twice() + _in_two_places()


def _seats_wrong(booking):
    held = Counter((seat.window_id, seat.starts_at) for seat in BookingSeat.select().where(
        BookingSeat.booking == booking.id, BookingSeat.lane == Lane.VISIT))
    wanted = Counter()
    if booking.state in HOLDS_SEAT or (booking.state is State.WAITING and booking.offer_until):
        others = BookingAlternative.select().where(BookingAlternative.booking == booking.id)
        wanted = Counter([(booking.window_id, booking.starts_at), *((row.window_id, row.starts_at) for row in others)])
    if held != wanted and booking.starts_at > clock.now():
        yield f"holds {sorted(held.elements())}, not {sorted(wanted.elements())}"


def _history_wrong(booking, lines):
    state = ""
    for event in BookingEvent.select().where(BookingEvent.booking == booking.id).order_by(BookingEvent.id):
        if event.old_state != state:
            yield f"{event.event} began at {event.old_state}, not {state}"
        if (State(event.old_state) if event.old_state else None, Event(event.event), State(event.new_state)) \
                not in lines:
            yield f"{event.old_state} -> {event.event} -> {event.new_state} is not in the table"
        if event.new_state in SEALED and not event.reason:
            yield f"{event.event} has no reason"
        state = event.new_state
    if state != booking.state:
        yield f"its history ends at {state or 'nothing'}"


def _columns_wrong(booking):
    if (booking.reason is not None) != (booking.state in SEALED):
        yield f"reason {booking.reason}"
    if booking.offer_until and booking.state not in {State.COUNTERED, State.WAITING}:
        yield "an offer of nothing"
    others = list(BookingAlternative.select().where(BookingAlternative.booking == booking.id))
    if others and booking.state not in {State.REQUESTED, State.COUNTERED}:
        yield "other times of what is decided"
    if (booking.state is State.COUNTERED) != any(row.by_prison for row in others):
        yield "a proposal without its time, or a time without a proposal"


def _sold_twice():
    seats = Counter((seat.window_id, seat.starts_at, seat.seat) for seat in BookingSeat.select().where(
        BookingSeat.lane == Lane.VISIT))
    most = {window.id: window.seats for window in Window.select()}
    return [f"seat {seat} of {window} at {moment} is held {count} times" for (window, moment, seat), count
            in seats.items() if count > 1 or seat >= most[window]]


def _in_two_places():
    stands = (Booking.select(BookingClient.client, Booking.starts_at, Booking.ends_at).join(BookingClient)
              .where(Booking.state == State.CONFIRMED).order_by(BookingClient.client, Booking.starts_at).tuples())
    rows = list(stands)
    return [f"client {one[0]} is in two places at {two[1]}" for one, two in pairwise(rows)
            if one[0] == two[0] and two[1] < one[2]]
