"""The sheets of a day: the gate's, and the slips with which clients are brought. Each says only what its reader may
know: the gate no client, the wing no visitor."""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from peewee import JOIN, fn

import clock
import db
import policy
from errors import Missing
from models import (
    Booking,
    BookingClient,
    BookingVisitor,
    Clearance,
    ClearanceState,
    Client,
    Equipment,
    Scope,
    Visitor,
)
from policy import Can, may
from services import journal, keys, visitors
from services.visits.effects import AT_A_DISTANCE
from services.visits.recording import TOOK_PLACE
from services.visits.rows import with_names

AT_ONCE = 50  # clients in one printed part: no file carries more of them
DENSE = 14  # lines from which the type of a sheet is smaller, so that a usual day stays on one page


@dataclass(frozen=True)
class Coming:
    """Somebody who is let in. `cleared`: whether the prison lets them in on that day."""

    name: str
    document: str
    cleared: bool


@dataclass(frozen=True)
class Line:
    """One visit on the gate sheet; `clients` is how many are brought, where it is known."""

    number: str
    starts_at: datetime
    ends_at: datetime
    place: str
    kind: object
    organisation: str
    people: list[Coming]
    plate: str
    equipment: str
    equipment_allowed: bool
    clients: int | None
    trip: "Trip | None" = None


@dataclass(frozen=True)
class Trip:
    """That a visit is the `number`-th of `count` after each other: the same people stay for all of them."""

    number: int
    count: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Sheet:
    """What is printed of one day, by whom and when."""

    prison: str
    day: date
    lines: list
    printed_by: str
    printed_at: datetime
    parts: int = 1
    more: int = 0  # clients for whom no slip can be made: their codes are not known to who prints

    @property
    def dense(self) -> bool:
        return sum(max(1, len(getattr(line, "people", ()))) for line in self.lines) > DENSE


def gate_sheet(actor, day: date) -> Sheet:
    """The gate sheet of a day of the actor's prison; that documents were read is journalled. Missing for others."""
    _only_prison(actor)
    with db.recording():
        lines = gate_lines([each for each in _bookings(actor, day) if each.kind not in AT_A_DISTANCE])
        journal.read(actor, "gate.sheet", actor.organisation.public_id, parts="document,plate", ground=day.isoformat())
    return Sheet(actor.organisation.label, day, lines, actor.name, clock.now())


def _only_prison(actor):
    if not may(actor, Can.DECIDE_VISITS) or actor.organisation_id is None:
        raise Missing


def _bookings(actor, day) -> list[Booking]:
    begin, end = (clock.at(each, time.min) for each in (day, day + timedelta(days=1)))
    query = with_names(policy.visible_bookings(actor).where(
        Booking.starts_at >= begin, Booking.starts_at < end, Booking.state.in_(TOOK_PLACE)))
    return list(query.order_by(Booking.starts_at, Booking.id))


def gate_lines(bookings: list[Booking]) -> list[Line]:
    """What the gate is told of some visits, documents opened: the caller journals that."""
    ids = [booking.id for booking in bookings]
    people, clients, openers, trips = _people(ids), _client_counts(ids), {}, _trips(bookings)
    return [_line(booking, people.get(booking.id, []), clients.get(booking.id) or booking.finds_clients,
                  openers.setdefault(booking.organisation_id, keys.opener(booking.organisation)), trips.get(booking.id))
            for booking in bookings]


def _trips(bookings) -> dict[int, Trip]:
    """`{booking's id: its place in the trip}` of those that are not alone in theirs on the sheet."""
    by_trip = {}
    for booking in sorted(bookings, key=lambda each: each.starts_at):
        if booking.trip:
            by_trip.setdefault(booking.trip, []).append(booking)
    return {booking.id: Trip(number, len(held), held[0].starts_at, held[-1].ends_at)
            for held in by_trip.values() if len(held) > 1 for number, booking in enumerate(held, 1)}


def _line(booking, people, clients, opened, trip) -> Line:
    day = clock.local(booking.starts_at).date()
    needed = visitors.months(booking.prison_id) is not None
    return Line(
        booking.number, booking.starts_at, booking.ends_at, booking.place.name, booking.kind,
        booking.organisation.label,
        [Coming(row.name, _document(row, opened), not needed or _is_cleared(row, day)) for row in people],
        opened(booking, "plate"), booking.equipment, booking.equipment_state is Equipment.ALLOWED, clients, trip)


def _document(row, opened) -> str:
    return opened(row.visitor, "document") if row.visitor_id else ""


def _is_cleared(row, day) -> bool:
    return row.cleared_until is not None and row.cleared_until >= day


def _people(booking_ids) -> dict[int, list[BookingVisitor]]:
    found = {}
    for row in _people_of(booking_ids) if booking_ids else ():
        found.setdefault(row.booking_id, []).append(row)
    return found


def _people_of(booking_ids):
    """Who comes to some visits with their documents and the last day of the prison's clearance."""
    cleared = (Clearance.visitor == BookingVisitor.visitor) & (Clearance.prison == Booking.prison) \
        & (Clearance.state == ClearanceState.CLEARED)
    rows = (BookingVisitor.select(BookingVisitor, Visitor, Clearance.until_on)
            .join(Visitor, JOIN.LEFT_OUTER).join_from(BookingVisitor, Booking)
            .join_from(BookingVisitor, Clearance, JOIN.LEFT_OUTER, on=cleared, attr="clearance")
            .where(BookingVisitor.booking.in_(booking_ids), BookingVisitor.refused.is_null())
            .order_by(BookingVisitor.id))
    for row in rows:
        row.cleared_until = getattr(getattr(row, "clearance", None), "until_on", None)
        yield row


def _client_counts(booking_ids) -> dict[int, int]:
    if not booking_ids:
        return {}
    return dict(BookingClient.select(BookingClient.booking, fn.COUNT(BookingClient.id)).where(
        BookingClient.booking.in_(booking_ids)).group_by(BookingClient.booking).tuples())


# Movement slips

@dataclass(frozen=True)
class Move:
    """One way of a client: to a place, from when until when; a note for the staff, another for the client."""

    starts_at: datetime
    ends_at: datetime
    place: str
    staff_note: str
    client_note: str


@dataclass(frozen=True)
class Slip:
    """One client's slip of a day."""

    code: str
    moves: list[Move]


def slips(actor, day: date, part: int = 1) -> Sheet:
    """The slips of a day for clients whom the actor may know, AT_ONCE in a part; each of the part is journalled.

    Missing for who is not the prison.
    """
    _only_prison(actor)
    with db.recording():
        bookings = {booking.id: booking for booking in _bookings(actor, day)}
        pairs = _clients(actor, list(bookings))
        by_client = {}
        for booking_id, client in pairs:
            by_client.setdefault(client.id, (client, []))[1].append(_move(bookings[booking_id]))
        parts, shown = -(-len(by_client) // AT_ONCE), list(by_client.values())[(part - 1) * AT_ONCE:part * AT_ONCE]
        for client, _moves in shown:
            journal.read(actor, "visit.slips", client.public_id, client=client, parts="visits", ground=day.isoformat())
    made = [Slip(client.code, moves) for client, moves in shown]
    brought = sum((_client_counts([booking.id]).get(booking.id) or booking.finds_clients or 0)
                  for booking in bookings.values())
    return Sheet(actor.organisation.label, day, made, actor.name, clock.now(), max(1, parts),
                 more=max(0, brought - len(pairs)))


def _clients(actor, booking_ids) -> list[tuple[int, Client]]:
    if not booking_ids:
        return []
    rows = (Client.select(Client, BookingClient.booking).join(BookingClient)
            .join(Booking).where(BookingClient.booking.in_(booking_ids), Client.erased_at.is_null(),
                                 policy.readable(actor, Client.id, Scope.VISITS),
                                 policy.made_in_time(actor, Client.id, Booking.created_at))
            .order_by(Booking.starts_at, Client.code))
    return [(row.bookingclient.booking_id, row) for row in rows]


def _move(booking) -> Move:
    opened = keys.opener(booking.organisation)
    return Move(booking.starts_at, booking.ends_at, booking.place.name, opened(booking, "staff_note"),
                opened(booking, "client_note"))

