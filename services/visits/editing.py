"""Changes of a visit as their pages ask for them: what needs a new yes, what does not."""
import db
import policy
from errors import Missing
from models import Booking
from services import visitors
from services.visits.changing import Change, differs
from services.visits.deciding import advance, locked, visitors_of
from services.visits.machine import Event, side_of
from services.visits.showing import words


def edit(actor, public_id: str, change: Change, notes: dict[str, str]) -> Booking:
    """What the sender wants otherwise: asks anew where it needs a new yes, else only writes the notes down.

    Missing, RuleBroken, AlreadyDecided as `advance` raises them.
    """
    with db.writing():
        booking = locked(policy.visible_bookings(actor).where(Booking.public_id == public_id))
        if side_of(actor, booking) is None:
            raise Missing
        if differs(booking, visitors_of(booking), change, visitors.chosen(actor, change)):
            return advance(actor, public_id, Event.CHANGE, change=change, notes=notes)
        return write_notes(actor, public_id, notes)


def write_notes(actor, public_id: str, notes: dict[str, str]) -> Booking:
    """Notes that need no new yes; one event, and none where nothing is different."""
    with db.writing():
        booking = locked(policy.visible_bookings(actor).where(Booking.public_id == public_id))
        old = words(booking, codes=True)
        if all(old[column] == text for column, text in notes.items()):
            return booking
        return advance(actor, public_id, Event.NOTE, notes=notes)
