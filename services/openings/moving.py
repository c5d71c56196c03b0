"""What becomes of the seats under a window in whose place another one begins."""
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import clock
from models import Booking, BookingAlternative, BookingSeat, BookingVisitor, Lane, Window
from services import slots
from services.openings import touched


@dataclass
class Moves:
    """`over`: (visit, moment) whose seats the new window takes on; `blocked`: (visit, moment of a slot of the new
    window) that the visit covers; `touched`: the visits that somebody has to look at."""

    over: list[tuple[Booking, datetime]] = field(default_factory=list)
    blocked: list[tuple[Booking, datetime]] = field(default_factory=list)
    touched: list[Booking] = field(default_factory=list)


def has(window: Window, booking) -> bool:
    """Whether a window still has the time of a booking."""
    return booking.starts_at in _slots_about(window, booking.starts_at)


def moves(row: Window, ended: Window, begun: Window) -> Moves:
    """What follows where `row` becomes `ended` and `begun` begins; none of the two is kept yet."""
    found, bookings = Moves(), touched.holding(row)
    seats, alternatives = _seats_in(row, bookings), _alternatives_in(row, bookings)
    for booking in bookings:
        own = alternatives.get(booking.id, set()) | ({booking.starts_at} if booking.window_id == row.id else set())
        for moment in seats[booking.id]:
            if moment not in _slots_about(ended, moment):
                _move(found, booking, moment, own, row, begun)
    found.touched += [booking for booking in _too_many(found.over, begun) if booking not in found.touched]
    return found


def _move(found, booking, moment, own, row, begun):
    until = moment + timedelta(minutes=row.slot_minutes)
    if moment in own and begun.kind is row.kind and _slots_about(begun, moment).get(moment) == until:
        found.over.append((booking, moment))
        return
    if moment in own and booking not in found.touched:
        found.touched.append(booking)
    span = (moment, until) if moment in own else (booking.starts_at, booking.ends_at)
    covered = [(booking, begins) for begins, ends in _slots_about(begun, moment).items()
               if begins < span[1] and ends > span[0]]
    found.blocked += [each for each in covered if each not in found.blocked]


def _slots_about(window, moment) -> dict[datetime, datetime]:
    """{from: until} of the slots of a window on the days about a moment."""
    day = clock.local(moment).date()
    return {begins: ends for each in (day - slots.DAY, day, day + slots.DAY)
            for begins, ends in slots.times_on(window, each)}


def _too_many(over, begun):
    """Visits of times for which the new window has too few seats."""
    held = {}
    for booking, moment in over:
        held.setdefault(moment, []).append(booking)
    return [booking for bookings in held.values() if len(bookings) > begun.seats or (
        begun.people is not None and sum(map(people_of, bookings)) > begun.people) for booking in bookings]


def carry_out(row: Window, begun: Window, found: Moves) -> None:
    """Moves the seats, once both windows are kept. Inside `db.writing()`."""
    for booking, moment in found.over:
        BookingSeat.delete().where(BookingSeat.booking == booking.id, BookingSeat.window == row.id,
                                   BookingSeat.starts_at == moment).execute()
        Booking.update(window=begun).where(
            Booking.id == booking.id, Booking.window == row.id, Booking.starts_at == moment).execute()
        BookingAlternative.update(window=begun).where(
            BookingAlternative.booking == booking.id, BookingAlternative.window == row.id,
            BookingAlternative.starts_at == moment).execute()
    for booking, moment in found.over + found.blocked:
        slots.hold(begun.id, moment, booking, people_of(booking) if begun.people else 0)


def people_of(booking) -> int:
    return BookingVisitor.select().where(BookingVisitor.booking == booking.id,
                                         BookingVisitor.refused.is_null()).count()


def _seats_in(window, bookings) -> dict[int, list[datetime]]:
    """`{booking's id: moments of its seats in a window, those that are long over left out}`."""
    found = {booking.id: [] for booking in bookings}
    rows = (BookingSeat.select(BookingSeat.booking, BookingSeat.starts_at)
            .where(BookingSeat.window == window.id, BookingSeat.lane == Lane.VISIT,
                   BookingSeat.booking.in_(list(found)), BookingSeat.starts_at > clock.now() - slots.LONGEST)
            .order_by(BookingSeat.starts_at).tuples())
    for booking, starts_at in rows if found else ():
        found[booking].append(starts_at)
    return found


def _alternatives_in(window, bookings) -> dict[int, set[datetime]]:
    found = {}
    rows = BookingAlternative.select(BookingAlternative.booking, BookingAlternative.starts_at).where(
        BookingAlternative.window == window.id, BookingAlternative.booking.in_([each.id for each in bookings])).tuples()
    for booking, starts_at in rows if bookings else ():
        found.setdefault(booking, set()).add(starts_at)
    return found
