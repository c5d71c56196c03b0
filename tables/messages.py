"""Mails to send, what people want to be told, calendars."""
import enum

from peewee import ForeignKeyField, IntegerField

import clock
from db import Choice, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.clients import Consent
from tables.feedback import Prompt
from tables.people import User
from tables.referrals import Referral
from tables.times import Place
from tables.visits import Booking


class OutboxState(enum.StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outbox(Public):
    """A mail, written in the same transaction as its cause and sent by a job."""

    recipient = Text()
    subject = Text()
    body = SealedColumn()
    calendar = Text(default="")  # an .ics to attach; never a client in it
    reply_to = Text(default="")
    user = ForeignKeyField(User, null=True, backref="+")
    consent = ForeignKeyField(Consent, null=True, backref="+")  # must still hold when the mail goes out
    booking = ForeignKeyField(Booking, null=True, backref="+")  # what it is about
    referral = ForeignKeyField(Referral, null=True, backref="+", on_delete="CASCADE")  # still open when it goes out
    prompt = ForeignKeyField(Prompt, null=True, backref="+", on_delete="CASCADE")  # still open when it goes out
    state = Choice(OutboxState, default=OutboxState.WAITING)
    attempts = IntegerField(default=0)
    next_try_at = Moment(default=clock.now)
    last_error = Text(default="")
    created_at = Moment(default=clock.now)
    sent_at = Moment(null=True)

    class Meta:
        indexes = ((("state", "next_try_at"), False),)


class Topic(enum.StrEnum):
    """What mails are about; for each one chooses how to be told."""

    VISITS = "visits"
    REMINDERS = "reminders"
    CLEARANCES = "clearances"
    COOPERATION = "cooperation"
    FACTS = "facts"
    OFFERS = "offers"
    PROGRAMMES = "programmes"
    MEETINGS = "meetings"


class Telling(enum.StrEnum):
    EACH = "each"
    DIGEST = "digest"
    NONE = "none"


class MailPreference(Table):
    """How a person wants to be told of a topic; where there is none, each mail by itself."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    topic = Choice(Topic)
    telling = Choice(Telling)

    class Meta:
        indexes = ((("user", "topic"), True),)


class DigestLine(Table):
    """What waits for a person's next digest."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    topic = Choice(Topic)
    subject = Text()
    path = Text(default="")
    booking = ForeignKeyField(Booking, null=True, backref="+")
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "at"), False),)


class Feed(Public):
    """A private calendar address of a user, or of a place that they keep; only its hash is kept."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    place = ForeignKeyField(Place, null=True, backref="+", on_delete="CASCADE")
    token_hash = Text(unique=True)
    created_at = Moment(default=clock.now)
    used_at = Moment(default=clock.now)
    revoked_at = Moment(null=True)
