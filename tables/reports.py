"""Closing reports."""
import enum

from peewee import Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, SealedColumn, Text
from tables.base import Public
from tables.clients import Client
from tables.directory import Need
from tables.people import Organisation, User


class ReportState(enum.StrEnum):
    DRAFT = "draft"
    WITH_CLIENT = "with_client"
    READ = "read"
    REMARKED = "remarked"
    NOT_READ = "not_read"  # the client did not want to
    ISSUED = "issued"


class Report(Public):
    """What was worked on and with what result; the client reads it before it goes. A correction is a new version."""

    number = Text(unique=True, null=True)  # 2026-0001, once issued
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, null=True, backref="+")
    recipient = ForeignKeyField(Organisation, null=True, backref="+")
    state = Choice(ReportState, default=ReportState.DRAFT)
    version = IntegerField(default=1)
    replaces = ForeignKeyField("self", null=True, backref="+")
    summary = SealedColumn(null=True)
    remark = SealedColumn(null=True)
    created_at = Moment(default=clock.now)
    shown_at = Moment(null=True)
    issued_at = Moment(null=True)

    class Meta:
        constraints = [Check("state <> 'issued' OR number IS NOT NULL")]
        indexes = ((("client", "state"), False), (("recipient", "state"), False))


class ReportLine(Public):
    """One need of a report."""

    report = ForeignKeyField(Report, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    done = SealedColumn(null=True)
    result = Text(default="")  # achieved, partly, not
    left = SealedColumn(null=True)

    class Meta:
        indexes = ((("report", "need"), True),)
