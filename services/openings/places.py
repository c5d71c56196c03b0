"""Rooms of a prison in which visits take place."""
from dataclasses import dataclass

from flask_babel import gettext as _
from peewee import fn

import db
from errors import Missing, RuleBroken
from models import Booking, BookingVisitor, FlagCause, JointDay, Organisation, Place, Window
from services.openings import touched
from services.openings.keeping import kept_by, still
from text import clean_text

MOST = 40  # places, and windows of one


@dataclass(frozen=True)
class Room:
    """What the form of a place says; `capacity` is how many people fit in at one visit."""

    name: str
    capacity: int


def places(actor, prison: str = "") -> list[Place]:
    """The places of a prison (its public id; else the actor's own) that are not closed, by name."""
    return _open_ones(kept_by(actor, prison))


def _open_ones(home):
    return list(Place.select().where(Place.prison == home, Place.active == True).order_by(Place.name))  # noqa: E712


def place(actor, public_id: str) -> Place:
    """A place that is not closed, of a prison whose times the actor keeps. Raises Missing."""
    found = (Place.select(Place, Organisation).join(Organisation)
             .where(Place.public_id == public_id, Place.active == True).first())  # noqa: E712
    if found is None:
        raise Missing
    kept_by(actor, found.prison.public_id)
    return found


def still_place(actor, public_id: str) -> Place:
    """The same, and nobody else changes the times of its prison until the transaction ends."""
    still(actor, place(actor, public_id).prison.public_id)
    return place(actor, public_id)


def add(actor, room: Room, prison: str = "") -> Place:
    with db.writing():
        home = still(actor, prison)
        name = _free_name(home, room.name)
        if len(_open_ones(home)) >= MOST:
            raise RuleBroken(_("There can be %(count)d places at most. Close one that is not used.", count=MOST))
        row = Place.create(prison=home, name=name, capacity=room.capacity)
        touched.settle(actor, home, [], FlagCause.CLOSED, "place.add", row.public_id)
        return row


def change(actor, public_id: str, room: Room, seen=()) -> list:
    """Writes name and capacity; visits for which the place is now too small are asked to be looked at again.

    Returns visits that it would touch and that were not `seen`: nothing was written then.
    """
    with db.writing():
        row = still_place(actor, public_id)
        name = _free_name(row.prison, room.name, row)
        too_many = _with_more_than(row, room.capacity) if room.capacity < row.capacity else []
        if rows := touched.unseen(too_many, seen):
            return rows
        row.name, row.capacity = name, room.capacity
        row.save(only=[Place.name, Place.capacity])
        touched.settle(actor, row.prison, too_many, FlagCause.WINDOW_CHANGED, "place.change", row.public_id,
                       "name,capacity")
        return []


def _with_more_than(row, capacity) -> list[Booking]:
    crowd = (BookingVisitor.select(BookingVisitor.booking).group_by(BookingVisitor.booking)
             .having(fn.COUNT(BookingVisitor.id) > capacity))
    return touched.standing(Booking.place == row.id, Booking.id.in_(crowd))


def _free_name(home, name, row=None) -> str:
    name = clean_text(name, limit=80)
    if not name:
        raise RuleBroken(_("Write what the place is called."), field="name")
    if any(each.name.casefold() == name.casefold() and each != row for each in _open_ones(home)):
        raise RuleBroken(_("You have a place of this name already."), field="name")
    return name


def close(actor, public_id: str, seen=()) -> list:
    """Closes a place for good; its visits stand until somebody looks at them. Returns as `change`."""
    with db.writing():
        row = still_place(actor, public_id)
        ahead = touched.standing(Booking.place == row.id)
        if rows := touched.unseen(ahead, seen):
            return rows
        row.active = False
        row.save(only=[Place.active])
        touched.settle(actor, row.prison, ahead, FlagCause.CLOSED, "place.close", row.public_id)
        return []


def visits_of(actor, public_id: str) -> list:
    """The visits ahead in a place, as lists show them."""
    return touched.rows(touched.standing(Booking.place == place(actor, public_id).id))


def windows_of(place_ids) -> list[Window]:
    """Windows of places that ever open, those of joint days left out, by weekday and time."""
    return list(Window.select().where(
        Window.place.in_(place_ids), not_of_joint_days(),
        Window.valid_until.is_null() | (Window.valid_until >= Window.valid_from))
        .order_by(Window.weekday, Window.starts, Window.id)) if place_ids else []


def not_of_joint_days():
    """Condition: a window is not the one of a joint day, which is kept where that day is."""
    return Window.id.not_in(JointDay.select(JointDay.window))
