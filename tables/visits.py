"""Visits."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.cooperation import ClearanceReason, Visitor
from tables.people import Organisation, User
from tables.times import JointDay, Place, Window, WindowKind


class BookingState(enum.StrEnum):
    WAITING = "waiting"  # the time is full, or the prison's week is
    REQUESTED = "requested"
    COUNTERED = "countered"  # the prison proposed another time
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    HELD = "held"
    NOT_HELD = "not_held"
    DISPUTED = "disputed"
    UNRECORDED = "unrecorded"


class Reason(enum.StrEnum):
    """Why a visit was declined, cancelled or not held."""

    CAPACITY = "capacity"
    STAFF = "staff"
    OPERATION = "operation"
    CLEARANCE = "clearance"
    PRISON = "prison"
    ORGANISATION = "organisation"
    CLIENT_DECLINED = "client_declined"
    CLIENT_ABSENT = "client_absent"
    COLLISION = "collision"  # the client has another visit at that time
    OTHER = "other"


class Equipment(enum.StrEnum):
    """Whether things that a visit needs may be brought in."""

    NONE = "none"
    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"


class BookingSeries(Public):
    """Visits asked for at once, every so many weeks."""

    organisation = ForeignKeyField(Organisation, backref="+")
    prison = ForeignKeyField(Organisation, backref="+")
    created_by = ForeignKeyField(User, backref="+")
    every_weeks = IntegerField(constraints=[Check("every_weeks between 1 and 8")])
    created_at = Moment(default=clock.now)


class Booking(Public):
    """A request for a visit and what became of it. Its time is the confirmed one, else the first asked for."""

    number = Text(unique=True)  # what people say on the telephone
    request_key = Text(unique=True)  # one form sent twice is one booking
    prison = ForeignKeyField(Organisation, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    requested_by = ForeignKeyField(User, backref="+")
    window = ForeignKeyField(Window, null=True, backref="+", on_delete="SET NULL")
    place = ForeignKeyField(Place, backref="+")
    kind = Choice(WindowKind)
    starts_at = Moment()
    ends_at = Moment()
    state = Choice(BookingState, default=BookingState.REQUESTED)
    reason = Choice(Reason, null=True)
    message = SealedColumn(null=True)  # what goes with the last answer
    purpose = SealedColumn(null=True)
    sequence = IntegerField(default=0)
    told_sequence = IntegerField(default=0)  # the one that the last mail spoke of
    series = ForeignKeyField(BookingSeries, null=True, backref="+")
    trip = Text(default="", index=True)  # the same for visits of one trip
    joint_day = ForeignKeyField(JointDay, null=True, backref="+")
    equipment = Text(default="")
    equipment_state = Choice(Equipment, default=Equipment.NONE)
    finds_clients = IntegerField(null=True, constraints=[Check("finds_clients between 1 and 99")])  # the prison does
    plate = SealedColumn(null=True)
    staff_note = SealedColumn(null=True)
    client_note = SealedColumn(null=True)
    on_paper = BooleanField(default=False)  # came or was answered on paper and was written down here
    waiting_since = Moment(null=True)
    offer_until = Moment(null=True)  # of a freed seat, or of another time
    overdue_at = Moment(null=True)
    escalated_at = Moment(null=True)
    reminded_at = Moment(null=True)
    answer_by = Day()
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('declined', 'cancelled', 'not_held') OR reason IS NOT NULL")]
        indexes = ((("prison", "starts_at"), False), (("organisation", "starts_at"), False),
                   (("prison", "state", "starts_at"), False), (("organisation", "state", "starts_at"), False),
                   (("state", "starts_at"), False))


class BookingAlternative(Table):
    """A time that a request would do with, or that the prison proposes instead."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    position = IntegerField()
    window = ForeignKeyField(Window, null=True, backref="+", on_delete="SET NULL")
    place = ForeignKeyField(Place, backref="+")
    starts_at = Moment()
    ends_at = Moment()
    by_prison = BooleanField(default=False)

    class Meta:
        indexes = ((("booking", "position"), True), (("starts_at",), False))


class Lane(enum.StrEnum):
    """What a seat is for: each visit holds one of the first kind and, where people are counted too, one a person."""

    VISIT = "visit"
    PERSON = "person"


class BookingSeat(Table):
    """A seat that a booking holds. The unique index is what makes selling it twice impossible."""

    window = ForeignKeyField(Window, backref="+", on_delete="CASCADE")
    starts_at = Moment()
    lane = Choice(Lane, default=Lane.VISIT)
    seat = IntegerField()
    booking = ForeignKeyField(Booking, backref="seats", on_delete="CASCADE")

    class Meta:
        indexes = ((("window", "starts_at", "lane", "seat"), True),)


class BookingVisitor(Table):
    """Somebody who comes: a colleague with an account, or a name."""

    booking = ForeignKeyField(Booking, backref="visitors", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, backref="+")
    visitor = ForeignKeyField(Visitor, null=True, backref="+")
    name = Text()
    refused = Choice(ClearanceReason, null=True)  # may not come, while the visit stands


class FlagCause(enum.StrEnum):
    """Why a confirmed visit has to be looked at again."""

    CLIENT_MOVED = "client_moved"
    CLIENT_RELEASED = "client_released"
    CLIENT_DIED = "client_died"
    CLOSED = "closed"
    WINDOW_CHANGED = "window_changed"
    CLEARANCE_ENDED = "clearance_ended"
    COOPERATION_ENDED = "cooperation_ended"


class BookingFlag(Table):
    """A reason to look at a visit again; `settled_how` is the event that a person chose."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    cause = Choice(FlagCause)
    at = Moment(default=clock.now)
    settled_at = Moment(null=True)
    settled_by = ForeignKeyField(User, null=True, backref="+")
    settled_how = Text(default="")

    class Meta:
        indexes = ((("booking", "cause", "at"), True),)


class BookingRecord(Table):
    """How a visit went, as one side says. Both versions stand."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    by_prison = BooleanField()
    held = BooleanField()
    reason = Choice(Reason, null=True)
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 9999")])
    reached = IntegerField(null=True, constraints=[Check("reached between 0 and 999")])
    recorded_by = ForeignKeyField(User, null=True, backref="+")
    at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("held OR reason IS NOT NULL")]
        indexes = ((("booking", "by_prison"), True),)


class BookingEvent(Table):
    """What happened to a booking. Only grows."""

    booking = ForeignKeyField(Booking, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
    changes = Text(default="")  # JSON: what changed, old and new; times, places, numbers, never a client
