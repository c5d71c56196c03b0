"""Referrals."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.clients import Client
from tables.directory import Need, Service
from tables.people import Organisation, Region, User


class Level(enum.IntEnum):
    """How much of a person a referral shows."""

    CHOICES = 0  # need areas, region, month of release, language
    CODE = 1  # and the code, a channel, a message
    IDENTITY = 2
    DETAILS = 3  # and chosen details by need


class ReferralState(enum.StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    QUESTION = "question"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    IN_CARE = "in_care"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    HANDED_ON = "handed_on"


class ReferralReason(enum.StrEnum):
    """Why a referral was declined or withdrawn."""

    CONDITIONS = "conditions"
    CAPACITY = "capacity"
    REGION = "region"
    DUPLICATE = "duplicate"
    PROBLEM = "problem"
    CLIENT = "client"
    SENTENCE = "sentence"
    OTHER = "other"


class Closing(enum.StrEnum):
    """How a referral ended, as its sender sees it."""

    AS_PLANNED = "as_planned"
    EARLY = "early"
    DID_NOT_COME = "did_not_come"


class ReferralKind(enum.StrEnum):
    SHARE = "share"  # the sender goes on too
    TRANSFER = "transfer"  # the receiver takes over
    SELF = "self"  # the client asks


class Referral(Public):
    """That a client is sent to a service. The receiver gets a view of one record, never a copy."""

    number = Text(unique=True)
    request_key = Text(unique=True)
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    kind = Choice(ReferralKind, default=ReferralKind.SHARE)
    sender = ForeignKeyField(Organisation, null=True, backref="+")  # none where the client asks
    author = ForeignKeyField(User, null=True, backref="+")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")
    receiver = ForeignKeyField(Organisation, null=True, backref="+")
    external = SealedColumn(null=True)  # address of a receiver without an account
    external_hash = Text(null=True, unique=True)  # of the token of their link
    external_until = Day(null=True)
    level = IntegerField(default=0, constraints=[Check("level between 0 and 3")])
    state = Choice(ReferralState, default=ReferralState.DRAFT)
    region = ForeignKeyField(Region, null=True, backref="+")
    release_month = Text(default="")  # 2027-01
    language = Text(default="")
    channel = SealedColumn(null=True)  # how to reach the person
    message = SealedColumn(null=True)
    reason = Choice(ReferralReason, null=True)
    overlap_reason = SealedColumn(null=True)  # why go on although somebody serves the need
    parent = ForeignKeyField("self", null=True, backref="+")  # the one it was handed on from or sent anew
    worker = ForeignKeyField(User, null=True, backref="+")  # who took it on
    sent_at = Moment(null=True)
    answer_by = Day(null=True)
    paused_at = Moment(null=True)  # a question stops the clock
    questions = IntegerField(default=0)
    overdue_at = Moment(null=True)
    escalated_at = Moment(null=True)
    accepted_at = Moment(null=True)
    contact_by = Day(null=True)
    contacted_at = Moment(null=True)
    no_contact_at = Moment(null=True)
    waiting_until = Day(null=True)  # to be confirmed by then
    review_at = Moment(null=True)
    line_asked_at = Moment(null=True)  # the receiver was asked for a line on how it goes
    closing = Choice(Closing, null=True)
    closed_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('declined', 'withdrawn') OR reason IS NOT NULL"),
                       Check("state <> 'closed' OR closing IS NOT NULL")]
        indexes = ((("receiver", "state", "answer_by"), False), (("sender", "state"), False),
                   (("client", "state"), False))


class ReferralNeed(Table):
    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    result = Text(default="")  # achieved, partly, not; at the close

    class Meta:
        indexes = ((("referral", "need"), True),)


class ServiceQuestion(Table):
    """A short question that a service asks with a referral."""

    service = ForeignKeyField(Service, backref="+", on_delete="CASCADE")
    position = IntegerField()
    question = Text()

    class Meta:
        indexes = ((("service", "position"), True),)


class ReferralAnswer(Public):
    """The answer to a service's question; the question as it was then."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    question = Text()
    answer = SealedColumn(null=True)


class ReferralCondition(Public):
    """What the sender knows of one of the service's conditions, kept with the referral and nowhere else."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    condition = Text()
    met = BooleanField(null=True)
    why = SealedColumn(null=True)  # why go on although it is not met


class ReferralLine(Public):
    """A question of the receiver or an answer of the author."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    author = ForeignKeyField(User, null=True, backref="+")
    by_receiver = BooleanField()
    text = SealedColumn()
    at = Moment(default=clock.now)


class ReferralEvent(Table):
    """What happened to a referral; `changes` is JSON of old and new choices. Only grows."""

    referral = ForeignKeyField(Referral, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
    changes = Text(default="")


class FamilyRequest(Public):
    """What somebody close to a client wrote for them. The client decides; nobody learns whether the code exists."""

    client = ForeignKeyField(Client, null=True, backref="+", on_delete="CASCADE")  # none: a code of nobody, until night
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")
    sender = SealedColumn()  # as they call themselves
    message = SealedColumn()
    at = Moment(default=clock.now)
    told_at = Moment(null=True)  # a mail told the client that something waits
    decided_at = Moment(null=True)
    accepted = BooleanField(null=True)
    shown_to = ForeignKeyField(Organisation, null=True, backref="+", on_delete="SET NULL")  # by the client

    class Meta:
        indexes = ((("client", "at"), False),)
