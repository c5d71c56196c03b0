"""What was changed in a record of the book, and proposals to correct it."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, Text
from tables.base import Public, Table
from tables.people import Organisation, User


class RecordKind(enum.StrEnum):
    """A kind of record of the book that people write (services/records.py)."""

    ORGANISATION = "organisation"
    PRISON_PROFILE = "prison_profile"
    SERVICE = "service"
    CONTACT = "contact"
    PRISON_WORK = "prison_work"
    LOCATION = "location"
    JOB_OFFER = "job_offer"


class FieldChange(Table):
    """One field of a record of the book that was written: what it was, what it is. Only grows.

    Records are named by public ids (a prison's profile by its organisation's), so that history outlives them.
    """

    record_kind = Choice(RecordKind)
    record = Text()
    organisation = Text(index=True)  # public id
    field = Text()
    old = Text(default="")
    new = Text(default="")
    version = IntegerField()  # of the record after the change
    actor = ForeignKeyField(User, null=True, backref="+")
    via = Text()  # form, correction, import:…, confirmation: how it was written
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("record", "version"), False),)


class CorrectionState(enum.StrEnum):
    PROPOSED = "proposed"
    LAPSED = "lapsed"  # nobody of the organisation decided: the coordinator does
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


class Correction(Public):
    """What somebody signed in says is wrong about a record of the book."""

    record_kind = Choice(RecordKind)
    record = Text(index=True)
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    proposed_by = ForeignKeyField(User, backref="+")
    note = Text(default="")
    state = Choice(CorrectionState, default=CorrectionState.PROPOSED)
    reason = Text(default="")
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    seen_at = Moment(null=True)  # when the proposer took note of the outcome
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('rejected', 'partly') OR reason <> ''")]
        indexes = ((("organisation", "state"), False), (("proposed_by", "state"), False))


class CorrectionField(Table):
    """One field of a correction; an empty `new` of a mark says that the value does not work any more."""

    correction = ForeignKeyField(Correction, backref="fields", on_delete="CASCADE")
    field = Text()
    old = Text(default="")
    new = Text(default="")
    taken = BooleanField(null=True)

    class Meta:
        indexes = ((("correction", "field"), True),)
