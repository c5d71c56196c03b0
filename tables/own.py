"""Lists, notes, shortlists and templates that people keep for themselves."""
from peewee import Check, ForeignKeyField

import clock
from db import Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.directory import Service
from tables.people import Organisation, User


class BookList(Public):
    """A list of a person's own out of the contact book; the one without a name holds the starred."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    name = Text(default="")
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "name"), True),)


class BookListEntry(Table):
    """An organisation or a service on a list."""

    list = ForeignKeyField(BookList, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    added_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("(organisation_id IS NULL) <> (service_id IS NULL)")]
        indexes = ((("list", "organisation"), True), (("list", "service"), True))


class BookNote(Public):
    """A person's private note on an organisation or a service, sealed under that person's key."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    text = SealedColumn()
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("(organisation_id IS NULL) <> (service_id IS NULL)")]
        indexes = ((("user", "organisation"), True), (("user", "service"), True))


class ShortlistEntry(Table):
    """An organisation or a service that a person gathers for a leaflet; `record` is its public id."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    record = Text()
    added_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "record"), True),)


class MailTemplate(Public):
    """A mail that an organisation writes again and again, with fields such as {{prison}}."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    name = Text()
    subject = Text()
    body = Text()
    changed_by = ForeignKeyField(User, null=True, backref="+")
    changed_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("organisation", "name"), True),)
