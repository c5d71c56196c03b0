"""Visitors and their clearance, co-operations of organisations with prisons."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.people import Organisation, User


class Visitor(Public):
    """Somebody who goes to prisons for an organisation: a colleague with an account, or a name."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, backref="+")
    name = Text()
    document = SealedColumn(null=True)
    active = BooleanField(default=True)

    class Meta:
        indexes = ((("organisation", "user"), True),)


class ClearanceState(enum.StrEnum):
    ASKED = "asked"
    CLEARED = "cleared"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ClearanceReason(enum.StrEnum):
    """Why a visitor was not cleared, or no longer is."""

    DOCUMENTS = "documents"
    SECURITY = "security"
    LEFT = "left"
    OTHER = "other"


class Clearance(Public):
    """That a prison lets a visitor in until a day."""

    visitor = ForeignKeyField(Visitor, backref="+", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    state = Choice(ClearanceState, default=ClearanceState.ASKED)
    until_on = Day(null=True)
    reason = Choice(ClearanceReason, null=True)
    asked_by = ForeignKeyField(User, null=True, backref="+")
    asked_at = Moment(default=clock.now)
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    warned_at = Moment(null=True)  # that it ends in a month

    class Meta:
        constraints = [Check("state NOT IN ('refused', 'revoked') OR reason IS NOT NULL"),
                       Check("state <> 'cleared' OR until_on IS NOT NULL")]
        indexes = ((("visitor", "prison"), True), (("prison", "state", "until_on"), False))


class ClearanceEvent(Table):
    """What happened to a clearance. Only grows."""

    clearance = ForeignKeyField(Clearance, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    new_state = Text()
    reason = Text(default="")


class Wanted(Public):
    """What a prison looks for: help of these areas, for whom, how many places, until when."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    areas = Text()  # values of Area, separated by semicolons
    groups = Text(default="")  # values of TargetGroup, separated by semicolons
    places = IntegerField(null=True, constraints=[Check("places between 1 and 9999")])
    note = Text(default="")
    until_on = Day(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "until_on"), False),)


class Party(enum.StrEnum):
    """A side of a co-operation."""

    PRISON = "prison"
    ORGANISATION = "organisation"


class ChecklistStep(Public):
    """A step of a prison's own way to a co-operation. Each co-operation gets a copy of all of them when it starts."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    position = IntegerField()
    name = Text()
    document = Text(default="")
    signatory = Text(default="")
    turn = Choice(Party)
    limit_days = IntegerField(constraints=[Check("limit_days between 1 and 365")])

    class Meta:
        indexes = ((("prison", "position"), False),)


class CooperationState(enum.StrEnum):
    WAITING = "waiting"  # the prison takes no new partners; first come, first told
    INTEREST = "interest"
    NEGOTIATING = "negotiating"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    DECLINED = "declined"


class CooperationReason(enum.StrEnum):
    """Why a co-operation was declined, paused or ended."""

    CAPACITY = "capacity"
    COVERED = "covered"
    DOCUMENTS = "documents"
    SECURITY = "security"
    FUNDING = "funding"
    STAFF = "staff"
    AGREED = "agreed"
    OTHER = "other"


class Cooperation(Public):
    """An organisation and a prison that work together, or are on their way to it.

    `turn` is the side that has to do something, `turn_since` since when, `due_on` until when; all three follow from
    the state and the steps, and are written with them by services/cooperation.py.
    """

    organisation = ForeignKeyField(Organisation, backref="cooperations", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    state = Choice(CooperationState, default=CooperationState.INTEREST)
    since_on = Day(null=True)  # when it came to this state
    started_at = Moment(null=True)
    activated_at = Moment(null=True)  # first; the time between the two is the prison's usual duration
    turn = Choice(Party, null=True)
    turn_since = Moment(null=True)
    due_on = Day(null=True)
    about = Text(default="")  # what the organisation offers, in its own words
    scope = Text(default="")  # what was agreed
    ceiling = Text(default="")  # how much at most, in words
    most_visits_a_month = IntegerField(null=True, constraints=[Check("most_visits_a_month between 1 and 999")])
    most_people = IntegerField(null=True, constraints=[Check("most_people between 1 and 999")])  # at one visit
    valid_from = Day(null=True)
    valid_until = Day(null=True)
    reason = Choice(CooperationReason, null=True)
    message = Text(default="")  # words that go with the reason
    not_before = Day(null=True)  # a declined organisation may ask again from this day

    class Meta:
        constraints = [Check("state <> 'declined' OR reason IS NOT NULL")]
        indexes = ((("organisation", "prison"), True), (("prison", "state"), False), (("turn", "due_on"), False))


class CooperationStep(Public):
    """A step of one co-operation, copied from the prison's checklist. Its clock runs from `begun_at`."""

    cooperation = ForeignKeyField(Cooperation, backref="+", on_delete="CASCADE")
    position = IntegerField()
    name = Text()
    document = Text(default="")
    signatory = Text(default="")
    turn = Choice(Party)
    limit_days = IntegerField()
    begun_at = Moment(null=True)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("cooperation", "position"), True),)


class CooperationEvent(Table):
    """What happened to a co-operation: a change, a step done, a mail sent. Only grows."""

    cooperation = ForeignKeyField(Cooperation, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    about = Text(default="")  # the step, or the subject of the mail and whom it went to

    class Meta:
        indexes = ((("cooperation", "at"), False),)
