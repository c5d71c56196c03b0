"""The journal."""
import enum

from peewee import ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, Text
from tables.base import Table
from tables.people import Organisation, User


class Action(enum.StrEnum):
    READ = "read"
    WRITE = "write"


class Journal(Table):
    """One row for each sensitive read and each write. Fields are named, values are not kept. Only grows."""

    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    organisation = ForeignKeyField(Organisation, null=True, backref="+")
    action = Choice(Action)
    what = Text()  # e.g. booking.confirm, client.open
    record = Text(default="")  # public id
    client = IntegerField(null=True, index=True)  # no foreign key: the row outlives an erased client
    parts = Text(default="")  # names of parts or fields, separated by commas
    ground = Text(default="")


class JournalSeal(Table):
    """A batch of journal rows bound into the chain: digest of the rows and of the seal before. Only grows."""

    first = IntegerField()
    last = IntegerField(unique=True)
    digest = Text()
    sealed_at = Moment(default=clock.now)
