"""Visits as tests ask for them: a free time, a request, a booking in a given state."""
from datetime import timedelta

import clock
from models import Booking, Reason
from services import slots, visits
from services.visits import Event, Wish


def free(prison, number: int = 0) -> slots.Slot:
    """One of the coming times of a prison."""
    return slots.free_slots(prison, clock.today(), clock.today() + timedelta(days=60))[number]


def asked(actor, prison, slot=None, **wish) -> Booking:
    """A request as the form makes it."""
    slot = slot or free(prison)
    return visits.ask(actor, prison, visits.new_request_key(),
                      Wish(slot=slot.key, **{"colleagues": [actor.public_id], "purpose": "dluhy", **wish}))


def confirmed(cast, slot=None, **wish) -> Booking:
    """Nela's visit that Pavel confirmed."""
    booking = asked(cast.nela, cast.prison, slot, **wish)
    return visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)


def declined(cast) -> Booking:
    booking = asked(cast.nela, cast.prison)
    return visits.advance(cast.pavel, booking.public_id, Event.DECLINE, Reason.STAFF)


def withdrawn(cast) -> Booking:
    return visits.advance(cast.nela, asked(cast.nela, cast.prison).public_id, Event.WITHDRAW)


def cancelled(cast) -> Booking:
    return visits.advance(cast.nela, confirmed(cast).public_id, Event.CANCEL, Reason.ORGANISATION)
