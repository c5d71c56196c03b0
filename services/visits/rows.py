"""Bookings as queries and light rows: what the other rooms of visits read."""
from types import SimpleNamespace

from peewee import JOIN, ModelSelect, fn

import db
import policy
from errors import Missing
from models import (
    Booking,
    BookingClient,
    BookingFlag,
    BookingSeries,
    BookingVisitor,
    Client,
    Organisation,
    Place,
    Scope,
)
from services import slots
from services.visits.machine import STANDS

IN_ORDER = (Booking.starts_at, Booking.id)  # of lists


def with_names(query):
    prison, sender = Organisation.alias(), Organisation.alias()
    return (query.select(Booking, Place, *slots.names_of(prison), *slots.names_of(sender)).join(Place)
            .join_from(Booking, prison, on=(Booking.prison == prison.id), attr="prison")
            .join_from(Booking, sender, on=(Booking.organisation == sender.id), attr="organisation"))

def one(actor, public_id: str) -> Booking:
    """A booking without its people; Missing where the actor may not see it."""
    found = policy.ask(actor, _one, public_id=public_id)
    if not found:
        raise Missing
    return found[0]


def _one(actor, public_id):
    return with_names(policy.visible_bookings(actor).where(Booking.public_id == public_id))


def group_id(booking) -> str:
    """The name of the group of a booking; empty for one by itself."""
    return booking.series.public_id if booking.series_id else booking.trip


def lines(query, *more):
    """A query of bookings as light rows for lists: what, when, where, who, how many, its `group`; and `more`.

    `again` are the causes to look at it again, one a line; None where there is none.
    """
    prison, sender = Organisation.alias(), Organisation.alias()
    people = BookingVisitor.select(fn.COUNT(BookingVisitor.id)).where(BookingVisitor.booking == Booking.id)
    return (query.select(
        Booking.id, Booking.public_id, Booking.number, Booking.kind, Booking.starts_at, Booking.ends_at,
        Booking.state, Booking.reason, Booking.answer_by, Place.name.alias("place"), people.alias("people"),
        prison.name.alias("prison"), sender.name.alias("organisation_name"),
        sender.short_name.alias("organisation_short"),
        fn.COALESCE(BookingSeries.public_id, Booking.trip).alias("group"), _again().alias("again"), *more)
        .join(Place).join_from(Booking, prison, on=(Booking.prison == prison.id))
        .join_from(Booking, sender, on=(Booking.organisation == sender.id))
        .join_from(Booking, BookingSeries, JOIN.LEFT_OUTER)
        .order_by(*IN_ORDER).objects(SimpleNamespace))


def _again():
    return BookingFlag.select(db.joined(BookingFlag.cause)).where(
        BookingFlag.booking == Booking.id, BookingFlag.settled_at.is_null(), Booking.state.in_(STANDS))


def lines_among(found, *more):
    """`lines` of few: their ids are found first, for in the order of lines SQLite would read all of an organisation."""
    ids = found.select(Booking.id) if isinstance(found, ModelSelect) else found
    return lines(Booking.select().where(Booking.id.in_(ids)), *more)


def known_clients(actor, booking):
    """The clients of a booking whom the actor may know of, as a query."""
    return (Client.select().join(BookingClient).where(
        BookingClient.booking == booking.id, Client.erased_at.is_null(),
        policy.readable(actor, Client.id, Scope.VISITS),
        policy.made_in_time(actor, Client.id, booking.created_at)).order_by(Client.code))
