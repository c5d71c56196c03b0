"""The times of a booking: its own and, until it is decided, the others it would do with or was offered instead.

Each holds its seat until the answer. A time is named by the key of its slot.
"""
from dataclasses import dataclass
from datetime import datetime

import clock
import db
from models import Booking, BookingAlternative, BookingSeat, Place, Window, WindowKind
from services import slots

MOST = 3  # times of one request
# positions of the time that a prison wrote on its paper, that was confirmed so far, that the prison proposes
WRITTEN_IN, BEFORE, PROPOSED = 7, 8, 9


@dataclass(frozen=True)
class Time:
    """One time of a booking; `position` 0 is its own."""

    position: int
    window: Window
    place: Place
    starts_at: datetime
    ends_at: datetime
    by_prison: bool = False

    @property
    def kind(self) -> WindowKind:
        return self.window.kind

    @property
    def key(self) -> str:
        return f"{self.window.public_id}.{self.starts_at.strftime(slots.STAMP)}"

    @property
    def is_before(self) -> bool:
        """Whether it is the time that was confirmed before somebody asked for another one."""
        return self.position == BEFORE


def own(booking) -> Time:
    window = booking.window if booking.window_id else Window(public_id="", kind=booking.kind)
    window.place = booking.place
    return Time(0, window, booking.place, booking.starts_at, booking.ends_at)


def others(booking) -> list[Time]:
    """The other times of a booking that is not decided, in the order in which they are wished for.

    One that was just made with a single time says so (`alone`).
    """
    rows = () if getattr(booking, "alone", False) else db.kept(_others, booking=booking.id)
    for row in rows:
        row.window.place = row.place
    return [Time(row.position, row.window, row.place, row.starts_at, row.ends_at, row.by_prison) for row in rows]


def _others(booking):
    return (BookingAlternative.select(BookingAlternative, Window, Place)
            .join(Window).join_from(BookingAlternative, Place)
            .where(BookingAlternative.booking == booking).order_by(BookingAlternative.position))


def times(booking) -> list[Time]:
    """All times of a booking, its own first."""
    return [own(booking), *others(booking)]


def wished(booking) -> list[Time]:
    """Those that the prison may still confirm: asked for by the sender and not over."""
    return [time for time in times(booking) if not time.by_prison and time.starts_at > clock.now()]


def proposed(booking) -> Time | None:
    """The time that the prison proposes."""
    return next((time for time in others(booking) if time.by_prison), None)


def add(booking, slot: slots.Slot, position: int, by_prison: bool = False) -> None:
    """Keeps another time with a booking; its seat is taken apart. Belongs inside `db.writing()`."""
    db.add(BookingAlternative(booking=booking.id, position=position, window=slot.window.id, place=slot.window.place_id,
                              starts_at=slot.starts_at, ends_at=slot.ends_at, by_prison=by_prison))


def take(booking, slot) -> None:
    """Makes a time the booking's own; the others stay as they are. It is saved by the caller."""
    booking.window, booking.place, booking.kind = slot.window, slot.window.place, slot.window.kind
    booking.starts_at, booking.ends_at = slot.starts_at, slot.ends_at


def settle_on(booking, time: Time) -> None:
    """One time is chosen: the booking has it, the others are gone and their seats free."""
    if time.position:
        booking.window, booking.place, booking.kind = time.window, time.place, time.kind
        booking.starts_at, booking.ends_at = time.starts_at, time.ends_at
    if forget_others(booking):
        slots.release_seats(booking, slot_of(time))


def forget_others(booking) -> int:
    """Removes the other times; their seats stay. Returns how many there were."""
    return db.run(_of_booking, booking=booking.id)


def _of_booking(booking):
    return BookingAlternative.delete().where(BookingAlternative.booking == booking)


def drop(booking, gone: list[Time]) -> None:
    """Takes some times away with their seats; where the booking's own is among them the next wished one is its own.

    One at least is left.
    """
    left = [time for time in times(booking) if time not in gone]
    for time in gone:
        BookingSeat.delete().where(BookingSeat.booking == booking.id, BookingSeat.window == time.window.id,
                                   BookingSeat.starts_at == time.starts_at).execute()
    if any(time.position == 0 for time in gone):
        first = next((time for time in left if not time.by_prison), left[0])
        take(booking, slot_of(first))
        gone = [*gone, first]
        booking.save(only=OF_TIME)
    BookingAlternative.delete().where(BookingAlternative.booking == booking.id,
                                      BookingAlternative.position.in_([time.position for time in gone])).execute()


OF_TIME = [Booking.window, Booking.place, Booking.kind, Booking.starts_at, Booking.ends_at]


def slot_of(time: Time) -> slots.Slot:
    """A time as a slot; how much of it is free is not counted."""
    return slots.Slot(time.window, time.starts_at, time.ends_at, 0)


def touching(begin, end, place=None):
    """Bookings one of whose other times (in a place) lies between two moments, as a query of ids."""
    found = BookingAlternative.select(BookingAlternative.booking).where(
        BookingAlternative.starts_at < end, BookingAlternative.ends_at > begin)
    return found if place is None else found.where(BookingAlternative.place == place)


def between(begin, end, place=None):
    """Condition: the time of a booking, or another that it may get, lies between two moments (in a place)."""
    own = (Booking.starts_at > begin - slots.LONGEST) & (Booking.starts_at < end) & (Booking.ends_at > begin)
    return (own if place is None else own & (Booking.place == place)) | Booking.id.in_(touching(begin, end, place))


def later_than(moment):
    """Bookings that have another time after a moment, as a query of ids."""
    return BookingAlternative.select(BookingAlternative.booking).where(BookingAlternative.starts_at > moment)
