"""What was confirmed, what is documented, who offers help."""
import enum

from peewee import Check, ForeignKeyField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.people import Organisation, User


class FreshnessLink(Table):
    """A mail that asked an organisation whether its facts are still true. Only the hash of its link is kept."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    token_hash = Text(unique=True)
    recipient = Text()
    groups = Text()  # values of FactGroup that were due, separated by semicolons
    created_at = Moment(default=clock.now)
    expires_at = Moment()
    used_at = Moment(null=True)  # when all of it was confirmed

    class Meta:
        indexes = ((("organisation", "created_at"), False),)


class DeadAddress(Table):
    """A mail address that a server refused for good. Nothing is sent there until somebody says that it works again."""

    address = Text(unique=True)  # in small letters
    status = Text()  # as the server said it: 550, 5.1.1
    since = Moment(default=clock.now)


class EvidenceKind(enum.StrEnum):
    """The points by which people judge whether they can trust an organisation, in the order of the page."""

    MEMBERSHIP = "membership"
    REGISTER = "register"
    ACCREDITATION = "accreditation"
    FUNDING = "funding"
    HISTORY = "history"
    REFERENCE = "reference"


class Evidence(Public):
    """One thing that speaks for an organisation: what it is, where it stands written, of which day, until when."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    kind = Choice(EvidenceKind)
    text = Text()
    source = Text()  # an address, a document, or the professional who gives the reference
    dated_on = Day()
    until_on = Day(null=True)
    document = Text(default="")  # what the coordinator saw
    added_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_on = Day(null=True)
    removed_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("confirmed_on IS NULL OR document <> ''")]
        indexes = ((("organisation", "kind"), False),)


class Vetting(Public):
    """What one prison checked about an organisation. Others read it; it lets nobody in anywhere."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    scope = Text()
    result = Text()
    checked_on = Day()
    until_on = Day()
    checked_by = ForeignKeyField(User, backref="+")
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("until_on >= checked_on")]
        indexes = ((("organisation", "until_on"), False),)


class OfferState(enum.StrEnum):
    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    CHECKED = "checked"
    PASSED_ON = "passed_on"
    PUT_OFF = "put_off"
    REJECTED = "rejected"


class OfferReason(enum.StrEnum):
    """Why an offer was rejected."""

    DUPLICATE = "duplicate"
    UNREGISTERED = "unregistered"
    COMMERCIAL = "commercial"
    UNSUITABLE = "unsuitable"
    NOBODY_ANSWERS = "nobody_answers"
    OTHER = "other"


class Sender(enum.StrEnum):
    """Who offers something to prisons."""

    NGO = "ngo"
    COMPANY = "company"
    OFFICE = "office"


class Offer(Public):
    """What an NGO or a company without an account offers to prisons, on its way through the coordinator."""

    number = Text(unique=True)
    request_key = Text(unique=True)  # one form sent twice is one offer
    token_hash = Text(unique=True)  # of the link by which its sender completes it
    sender = Choice(Sender)
    name = Text()
    fold = Text(index=True)  # of the name, to find the same sender again
    ico = Text(default="", index=True)
    contact = Text()
    email = Text()
    phone = Text(default="")
    what = Text()
    areas = Text()  # values of Area, separated by semicolons
    for_whom = Text()
    prison = ForeignKeyField(Organisation, null=True, backref="+")  # none: any
    place = Text(default="")  # where else
    cost = Text(default="")
    state = Choice(OfferState, default=OfferState.RECEIVED)
    reason = Choice(OfferReason, null=True)
    message = Text(default="")  # what the coordinator adds
    missing = Text(default="")  # what the sender is asked to complete
    put_off_until = Day(null=True)
    decided_by = ForeignKeyField(User, null=True, backref="+")
    passed_on = Day(null=True)
    digested_at = Moment(null=True)  # when the weekly mail told of it
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state <> 'rejected' OR reason IS NOT NULL")]
        indexes = ((("state", "created_at"), False), (("email", "created_at"), False))


class OfferEvent(Table):
    """What happened to an offer. Only grows."""

    offer = ForeignKeyField(Offer, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
