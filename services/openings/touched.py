"""Which visits a change of a prison's times touches, and what becomes of them: they stand, and somebody looks again."""
from collections.abc import Iterable

import clock
import db
from models import Booking, BookingSeat, FlagCause, Window
from services import journal
from services.visits import review
from services.visits.deciding import offer_seats
from services.visits.machine import STANDS
from services.visits.rows import lines


def standing(*conditions) -> list[Booking]:
    """Visits ahead, asked for or confirmed, that meet the conditions."""
    return list(Booking.select().where(Booking.state.in_(STANDS), Booking.ends_at > clock.now(), *conditions)
                .order_by(Booking.starts_at, Booking.id))


def holding(window: Window) -> list[Booking]:
    """Visits ahead that hold a seat of a window, as the time they have or as one of those they would do with.

    Their rows are locked: one that is called off meanwhile would be given seats that nobody ever lets go.
    """
    holds = BookingSeat.select(BookingSeat.booking).where(BookingSeat.window == window.id)
    list(db.locked(Booking.select(Booking.id).where(Booking.id.in_(holds)).order_by(Booking.id)).tuples())
    return standing(Booking.id.in_(holds))


def rows(bookings: Iterable[Booking]) -> list:
    """Visits of a prison as lists show them to whoever keeps its times: when, where, from whom; no client."""
    ids = [booking.id for booking in bookings]
    return list(lines(Booking.select().where(Booking.id.in_(ids)))) if ids else []


def unseen(bookings: Iterable[Booking], seen: Iterable[str]) -> list:
    """All of them as rows where there is one that whoever saves has not been shown; else nothing."""
    bookings, seen = list(bookings), set(seen)
    return rows(bookings) if any(booking.public_id not in seen for booking in bookings) else []


def settle(actor, home, bookings: list[Booking], cause: FlagCause, what: str, record: str, parts: str = "") -> None:
    """Notes what was changed of a prison and asks for a look at the visits that it touches.

    Visits whose time is there again have nothing to look at any more; what is still free is offered to who waits.

    Inside `db.writing()`.
    """
    journal.wrote(actor, what, record, parts=parts)
    if bookings:
        review.flag(actor, [booking.id for booking in bookings], cause)
    review.settle_gone(home.id, FlagCause.WINDOW_CHANGED)
    offer_seats(home.id)
