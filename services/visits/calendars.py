"""Visits as calendars show them: place, kind, time and number. Nobody's name, nothing that anybody wrote."""
from datetime import timedelta

from flask_babel import gettext as _
from peewee import SQL, fn

import clock
import policy
from exporters.ics import CalendarEvent, Status
from labels import label
from models import Booking, BookingEvent, BookingState
from services.visits.rows import with_names

KEPT = timedelta(days=30)  # so long a visit that is over stays in a calendar
STATUS = {
    BookingState.REQUESTED: Status.TENTATIVE, BookingState.COUNTERED: Status.TENTATIVE,
    BookingState.CONFIRMED: Status.CONFIRMED, BookingState.HELD: Status.CONFIRMED,
    BookingState.DISPUTED: Status.CONFIRMED, BookingState.UNRECORDED: Status.CONFIRMED,
    BookingState.DECLINED: Status.CANCELLED, BookingState.WITHDRAWN: Status.CANCELLED,
    BookingState.CANCELLED: Status.CANCELLED, BookingState.LAPSED: Status.CANCELLED,
    BookingState.NOT_HELD: Status.CANCELLED,
}
NEVER_UNSURE = [BookingState.CONFIRMED, BookingState.HELD, BookingState.DISPUTED, BookingState.UNRECORDED,
                BookingState.CANCELLED, BookingState.NOT_HELD]


def calendar_event(booking) -> CalendarEvent | None:
    """A booking as calendars show it; None for one on the waiting list, which has no time yet."""
    if booking.state not in STATUS:
        return None
    return CalendarEvent(
        uid=f"{booking.public_id}@navaznost", start_utc=booking.starts_at, end_utc=booking.ends_at,
        summary=_("Visit: %(kind)s (%(number)s)", kind=label(booking.kind), number=booking.number),
        location=f"{booking.prison.label}, {booking.place.name}", sequence=booking.sequence,
        updated_utc=booking.changed_at, status=STATUS[booking.state])


def calendar_events(actor, place=None) -> list[CalendarEvent]:
    """What a calendar of the actor (or of one room) shows: visits once confirmed, from a month ago on.

    One that is asked for anew stays as unsure, one that was called off stays as cancelled: so readers take it away.
    """
    rows = policy.visible_bookings(actor).where(
        Booking.starts_at >= clock.now() - KEPT, Booking.state.in_(NEVER_UNSURE) | _was_confirmed())
    if place is not None:
        rows = rows.where(Booking.place == place)
    events = [calendar_event(row) for row in with_names(rows).order_by(Booking.starts_at, Booking.id)]
    return [event for event in events if event]


def _was_confirmed():
    return fn.EXISTS(BookingEvent.select(SQL("1")).where(
        BookingEvent.booking == Booking.id, BookingEvent.new_state == BookingState.CONFIRMED))
