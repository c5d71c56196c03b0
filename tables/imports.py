"""Imports of the book and registers."""
import enum

from peewee import ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.changes import RecordKind
from tables.people import Organisation, User


class ImportState(enum.StrEnum):
    """Where an import is: a job works on it in LOOKING, READING, WRITING and UNDOING, a person in MAPPING and READY."""

    LOOKING = "looking"  # a job finds out what the file is
    MAPPING = "mapping"  # a person says which column is what
    READING = "reading"  # a job reads the rows and compares them with the book
    READY = "ready"  # the preview stands; nothing is written before somebody confirms it
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"  # the file cannot be read at all
    DROPPED = "dropped"


class Fate(enum.StrEnum):
    """What becomes of a row of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    UNDECIDED = "undecided"


class Import(Public):
    """A file on its way into the book, and what became of it. The file itself is kept only until it is done."""

    user = ForeignKeyField(User, null=True, backref="+")
    file = Text()  # the name it came with
    format = Text()  # csv, xlsx, hsds, rpss
    state = Choice(ImportState, default=ImportState.LOOKING, index=True)
    done = IntegerField(default=0)  # per cent of the work of the present state
    header = Text(default="")  # JSON: what the first look at a table found
    mapping = Text(default="")  # JSON: {column of the file: field}
    options = Text(default="")  # JSON: what else the person chose
    problem = Text(default="")  # JSON: why it failed, or why it was not written or undone
    result = Text(default="")  # JSON: counts of what was written
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)
    finished_at = Moment(null=True)


class ImportRow(Table):
    """One organisation or service of a file, what the book has instead, and what a person decided."""

    run = ForeignKeyField(Import, backref="+", on_delete="CASCADE")
    number = IntegerField()  # the order in the file
    kind = Choice(RecordKind)
    sheet = Text(default="")
    row = IntegerField(null=True)
    owner = IntegerField(null=True)  # of a service: the number of its organisation's row
    title = Text()
    fate = Choice(Fate)
    record = Text(default="")  # public id of the record it was matched with, or became
    version = IntegerField(null=True)  # of that record when they were compared
    content = Text()  # JSON: what the file says
    changes = Text(default="")  # JSON: {field: [what the book says, what the file says]}
    problems = Text(default="")  # JSON: what is wrong, what was left out
    question = Text(default="")  # who: which of several records is it; confirmed: may what a person confirmed change
    candidates = Text(default="")  # JSON: public ids
    decision = Text(default="")  # a public id, new, skip, file or ours
    kept = Text(default="")  # JSON: how sure the facts were before, so that it can be undone

    class Meta:
        indexes = ((("run", "number"), True), (("run", "fate", "number"), False))


class ImportMapping(Table):
    """Which column was what when this person last sent a table with the same header."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    fingerprint = Text()
    mapping = Text()

    class Meta:
        indexes = ((("user", "fingerprint"), True),)


class ImportMatch(Table):
    """That somebody decided which organisation a row of a list means, so that it is asked once."""

    key = Text(unique=True)  # company number, folded name and place as the list has them
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")


class RegisterRecord(Table):
    """A service as a public register last had it, to compare the book with. Secret addresses are never here."""

    register = Text()  # rpss, rpss-demo
    number = Text()  # of the service in the register
    ico = Text(index=True)
    provider = Text()
    name = Text()  # the kind of service in the words of the law
    street = Text(default="")
    city = Text(default="")
    postal_code = Text(default="")
    web = Text(default="")
    email = Text(default="")
    phone = Text(default="")
    capacity = IntegerField(null=True)  # registered, which is not how many places are free
    since_on = Day(null=True)
    ended_on = Day(null=True)
    seen_at = Moment()  # of the last import in which it stood
    missing_at = Moment(null=True)  # of the first import in which it no longer stood

    class Meta:
        indexes = ((("register", "number"), True),)
