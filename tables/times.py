"""Places and times of a prison, joint days."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text, TimeOfDay
from tables.base import Public, Table
from tables.people import Organisation, User


class Place(Public):
    """A room of a prison where visits take place."""

    prison = ForeignKeyField(Organisation, backref="places", on_delete="CASCADE")
    name = Text()
    capacity = IntegerField()  # people at once
    note = Text(default="")  # how one gets there, what is in it
    active = BooleanField(default=True)


class WindowKind(enum.StrEnum):
    INDIVIDUAL = "individual"
    GROUP = "group"
    INFORMATION = "information"
    VIDEO = "video"
    TELEPHONE = "telephone"


class Window(Public):
    """A weekly opening of a place, or (`extra`) one of a single day. Slots are computed from it, never stored.

    Weeks are counted from that of `valid_from`; an end that is not after the start is of the next day.
    """

    place = ForeignKeyField(Place, backref="windows", on_delete="CASCADE")
    kind = Choice(WindowKind, default=WindowKind.INDIVIDUAL)
    weekday = IntegerField(constraints=[Check("weekday between 0 and 6")])  # Monday is 0
    starts = TimeOfDay()
    ends = TimeOfDay()
    slot_minutes = IntegerField(constraints=[Check("slot_minutes between 5 and 720")])
    seats = IntegerField(constraints=[Check("seats between 1 and 99")])  # visits at once
    people = IntegerField(null=True, constraints=[Check("people between 1 and 999")])  # visitors at once, of all visits
    every_weeks = IntegerField(default=1, constraints=[Check("every_weeks between 1 and 8")])
    extra = BooleanField(default=False)  # on one day, be it a public holiday
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 999")])  # of one visit
    notice_days = IntegerField(default=2)
    valid_from = Day()
    valid_until = Day(null=True)


class Closure(Public):
    """A time when a prison, or one of its places, is closed. A `stop` is told to everybody who opens its times."""

    prison = ForeignKeyField(Organisation, backref="closures", on_delete="CASCADE")
    place = ForeignKeyField(Place, null=True, backref="+", on_delete="CASCADE")
    from_at = Moment()
    until_at = Moment()
    reason = Text(default="")
    stop = BooleanField(default=False)
    created_by = ForeignKeyField(User, null=True, backref="+")


class JointDay(Public):
    """One block with one escort, several organisations and many clients. Its extra window holds the seats."""

    window = ForeignKeyField(Window, unique=True, backref="+", on_delete="CASCADE")
    name = Text()
    note = Text(default="")
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 9999")])  # of the whole day
    created_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)


class AutomaticYes(Table):
    """An organisation whose requests of a kind a prison confirms without looking."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    kind = Choice(WindowKind)
    created_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "organisation", "kind"), True),)
