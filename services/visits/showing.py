"""Pages of visits: one booking, lists, a prison's week."""
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import JOIN

import clock
import db
import policy
from models import Booking, BookingClient, BookingEvent, BookingState, BookingVisitor, Client, Organisation, Scope, User
from services import journal, slots
from services.visits.machine import Event, Side, open_events, side_of
from services.visits.rows import lines, one

PAGE = 50


@dataclass(frozen=True)
class Opened:
    """A booking as one reader may see it."""

    booking: Booking
    visitors: list[str]
    codes: list[str]  # of clients whom this reader may know of
    history: list["Happened"]
    events: set[Event]  # what the reader may do now
    side: Side | None


@dataclass(frozen=True)
class Happened:
    """One line of a booking's history; `who` and `organisation` are empty where the system did it."""

    at: datetime
    state: BookingState
    who: str
    organisation: str


def open_booking(actor, public_id: str) -> Opened:
    """A booking with its people, history and the clients the actor may know of; that they were shown is journalled."""
    booking = one(actor, public_id)
    return Opened(booking, _names(booking), _open_codes(actor, booking), _history(booking),
                  open_events(actor, booking), side_of(actor, booking))


def _open_codes(actor, booking) -> list[str]:
    """Codes of the clients the actor may know of; nothing is locked where there is none to record."""
    if not _known_clients(actor, booking).exists():
        return []
    with db.recording():
        clients = list(_known_clients(actor, booking))
        for client in clients:
            journal.read(actor, "booking.open", booking.public_id, client=client, parts="visits")
    return [client.code for client in clients]


def _known_clients(actor, booking):
    return (Client.select().join(BookingClient).where(
        BookingClient.booking == booking.id, Client.erased_at.is_null(),
        policy.readable(actor, Client.id, Scope.VISITS),
        policy.made_in_time(actor, Client.id, booking.created_at)).order_by(Client.code))


def _names(booking):
    return [row.name for row in BookingVisitor.select().where(BookingVisitor.booking == booking.id)
            .order_by(BookingVisitor.id)]


def _history(booking):
    rows = (BookingEvent.select(BookingEvent.at, BookingEvent.new_state, User.name, Organisation.short_name,
                                Organisation.name).join(User, JOIN.LEFT_OUTER)
            .join(Organisation, JOIN.LEFT_OUTER, on=(User.organisation == Organisation.id))
            .where(BookingEvent.booking == booking.id).order_by(BookingEvent.id).tuples())
    return [Happened(at, BookingState(state), who or "", short or name or "") for at, state, who, short, name in rows]

LONGEST = timedelta(minutes=720)  # of a visit, as the table of windows holds it
LIVE = (BookingState.REQUESTED, BookingState.CONFIRMED)


def upcoming(actor, limit: int = PAGE):
    """The next visits of the actor's organisation that are asked for or confirmed."""
    now = clock.now()
    return policy.ask(actor, _upcoming, now=now, begins_after=now - LONGEST, limit=limit)


def _upcoming(actor, now, begins_after, limit):
    """What ends later than now begins no earlier than the longest visit ago, and for that there is an index."""
    return lines(policy.visible_bookings(actor).where(
        Booking.state.in_(LIVE), Booking.ends_at > now, Booking.starts_at > begins_after)).limit(limit)


def earlier(actor, page: int) -> tuple[list, int]:
    """One page of what is over or settled, the newest first, and how many pages there are."""
    over = policy.visible_bookings(actor).where(
        (Booking.ends_at <= clock.now()) | Booking.state.not_in(LIVE))
    pages = max(1, -(-over.count() // PAGE))
    rows = lines(over).order_by(Booking.starts_at.desc(), Booking.id.desc())
    return list(rows.paginate(min(page, pages), PAGE)), pages


@dataclass(frozen=True)
class WeekDay:
    day: date
    bookings: list
    free: int  # seats nobody asked for
    holiday: bool


def week(actor, monday: date) -> list[WeekDay]:
    """A prison's week: each day's visits and free seats; Saturday and Sunday only where there are some."""
    sunday = monday + timedelta(days=6)
    bookings, free = _by_day(_bookings_between(actor, monday, sunday)), _free_by_day(actor, monday, sunday)
    days = [WeekDay(day, bookings.get(day, []), free.get(day, 0), day in slots.public_holidays(day.year))
            for day in (monday + timedelta(days=number) for number in range(7))]
    return [each for each in days if each.day.weekday() < 5 or each.bookings or each.free]


def _bookings_between(actor, from_on, until_on):
    begin, end = (clock.at(day, datetime.min.time()) for day in (from_on, until_on + timedelta(days=1)))
    return policy.ask(actor, _taking_place, begin=begin, end=end)


def _taking_place(actor, begin, end):
    return lines(policy.visible_bookings(actor).where(
        Booking.starts_at >= begin, Booking.starts_at < end,
        Booking.state.not_in([BookingState.WITHDRAWN, BookingState.DECLINED, BookingState.CANCELLED])))


def _by_day(rows):
    days = {}
    for row in rows:
        days.setdefault(clock.local(row.starts_at).date(), []).append(row)
    return days


def _free_by_day(actor, from_on, until_on):
    days, now = {}, clock.now()
    for slot in slots.slots_between([actor.organisation_id], from_on, until_on):
        if slot.starts_at > now:
            day = clock.local(slot.starts_at).date()
            days[day] = days.get(day, 0) + slot.free
    return days
