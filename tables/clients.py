"""Clients, who works with them, consents and agreements."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text, TimeOfDay
from tables.base import Public, Table
from tables.people import Municipality, Organisation, Region, User
from tables.times import JointDay
from tables.visits import Booking


class ReleaseKind(enum.StrEnum):
    END_OF_SENTENCE = "end_of_sentence"
    PAROLE = "parole"
    PAROLE_SUPERVISION = "parole_supervision"
    INTERRUPTION = "interruption"
    REMAND_RELEASE = "remand_release"
    AMNESTY = "amnesty"
    HOUSE_ARREST = "house_arrest"


class ReleaseUnknown(enum.StrEnum):
    """Why it is not known when somebody will be released."""

    REMAND = "remand"
    PAROLE_PENDING = "parole_pending"
    OTHER_CASE = "other_case"
    FORENSIC = "forensic"
    NOT_TOLD = "not_told"


class Route(enum.StrEnum):
    """From where somebody comes back."""

    PRISON = "prison"
    THERAPEUTIC_COMMUNITY = "therapeutic_community"
    OUTPATIENT = "outpatient"


class Client(Public):
    """One person, one row. No name in plain, no offence, no score."""

    code = Text(unique=True)
    card_hash = Text(unique=True, null=True)
    user = ForeignKeyField(User, null=True, unique=True, backref="+")
    name = SealedColumn(null=True)
    born = SealedColumn(null=True)
    contact = SealedColumn(null=True)
    prison = ForeignKeyField(Organisation, null=True, backref="+")
    planned_release_on = Day(null=True)
    released_on = Day(null=True, index=True)
    release_unknown = Choice(ReleaseUnknown, null=True)
    release_kind = Choice(ReleaseKind, null=True)
    route = Choice(Route, default=Route.PRISON)
    languages = Text(default="")  # ISO 639-1, separated by semicolons; none is Czech
    key_worker = ForeignKeyField(User, null=True, backref="+")  # who leads the case
    joined_to = ForeignKeyField("self", null=True, backref="+")  # another record of the same person, as they said
    shift_days = Text(default="")  # weekdays of work, 0 is Monday, separated by semicolons
    shift_starts = TimeOfDay(null=True)
    shift_ends = TimeOfDay(null=True)
    region = ForeignKeyField(Region, null=True, backref="+")
    municipality = ForeignKeyField(Municipality, null=True, backref="+")
    recorded_by = ForeignKeyField(Organisation, backref="+")
    died_on = Day(null=True)
    erased_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "released_on"), False),)


class DataKey(Table):
    """A wrapped data key of a client or an organisation (`owner` is its public id). Erasing a person deletes it."""

    owner = Text(unique=True)
    wrapped = SealedColumn()
    created_at = Moment(default=clock.now)


class Membership(Table):
    """That an organisation works with a client, who in it does, and on which ground it began."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    worker = ForeignKeyField(User, null=True, backref="+")
    ground = Text(default="own")
    since_on = Day(default=clock.today)
    until_on = Day(null=True)

    class Meta:
        indexes = ((("client", "organisation"), True), (("organisation", "worker"), False))


class StandIn(Table):
    """Another worker of the organisation who works with the client too and stands in for the first."""

    membership = ForeignKeyField(Membership, backref="+", on_delete="CASCADE")
    worker = ForeignKeyField(User, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("membership", "worker"), True),)


class LeadEvent(Table):
    """Who led a client's case, from whom they took it over. Only grows."""

    client = ForeignKeyField(Client, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    old_worker = ForeignKeyField(User, null=True, backref="+")
    new_worker = ForeignKeyField(User, null=True, backref="+")


class Scope(enum.StrEnum):
    """A part of a client's file that consent can open."""

    IDENTITY = "identity"
    NEEDS = "needs"
    PLAN = "plan"
    VISITS = "visits"
    FOLLOW_UP = "follow_up"
    NETWORK = "network"
    AUTHORITY_RECORDS = "authority_records"


class ConsentState(enum.StrEnum):
    DRAFT = "draft"
    PROVISIONAL = "provisional"  # on paper or with help: lapses unless the client confirms it alone
    ACTIVE = "active"
    REFUSED = "refused"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Consent(Public):
    """What a client agreed to: to whom, for what, from when and until when, in which words."""

    number = Text(unique=True)
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    recipient = ForeignKeyField(Organisation, backref="+")
    recipient_user = ForeignKeyField(User, null=True, backref="+")
    purpose = SealedColumn()
    state = Choice(ConsentState, default=ConsentState.DRAFT)
    asked_by = ForeignKeyField(User, null=True, backref="+")
    from_on = Day()
    until_on = Day()
    given_how = Text(default="app")
    text_version = Text()
    text_hash = Text()
    shown = SealedColumn(null=True)  # the text that was agreed to
    witness = SealedColumn(null=True)
    paper = Text(default="")  # reference of the signed sheet
    batch = Text(default="", index=True)  # the same for consents given in one step
    replaced_by = ForeignKeyField("self", null=True, backref="+")
    provisional_until = Day(null=True)  # none while somebody is in custody
    ended_how = Text(default="")  # app, worker, letter
    given_at = Moment(null=True)
    ended_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("until_on >= from_on")]
        indexes = ((("client", "recipient", "state"), False), (("recipient", "state", "until_on"), False))


class ConsentScope(Table):
    """A part that a consent opens; `need` narrows it to one need, where it makes sense."""

    consent = ForeignKeyField(Consent, backref="+", on_delete="CASCADE")
    scope = Choice(Scope)
    need = Text(default="")  # a value of Need, or all

    class Meta:
        indexes = ((("consent", "scope", "need"), True),)


class DeletionNotice(Public):
    """That an organisation is to delete what it copied, and when it said that it did."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    consent = ForeignKeyField(Consent, null=True, backref="+", on_delete="CASCADE")
    referral = IntegerField(null=True)  # id of the referral, where that was the ground
    told_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("organisation", "done_at"), False),)


class Withheld(Table):
    """An item (by its public id) that a client keeps from one organisation, whatever else it may read."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    recipient = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    record = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("client", "recipient", "record"), True),)


class Agreement(Public):
    """That one organisation may read what another recorded of clients whom both have: another ground than consent."""

    number = Text(unique=True)
    giver = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    receiver = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    ground = Text()  # the act or the treaty
    document = Text()
    from_on = Day()
    until_on = Day()
    registered_by = ForeignKeyField(User, null=True, backref="+")
    registered_at = Moment(default=clock.now)
    ended_at = Moment(null=True)

    class Meta:
        constraints = [Check("until_on >= from_on"), Check("giver_id <> receiver_id")]
        indexes = ((("receiver", "giver", "until_on"), False),)


class AgreementScope(Table):
    agreement = ForeignKeyField(Agreement, backref="+", on_delete="CASCADE")
    scope = Choice(Scope)

    class Meta:
        indexes = ((("agreement", "scope"), True),)


class EmergencyAccess(Public):
    """A look into closed parts of a file to save life or health: at once, for 72 hours, with a second person."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, backref="+")
    reason = SealedColumn()
    at = Moment(default=clock.now)
    until_at = Moment()
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_at = Moment(null=True)
    refused_at = Moment(null=True)
    reported_at = Moment(null=True)  # to the operator, where nobody confirmed in time

    class Meta:
        indexes = ((("client", "until_at"), False), (("organisation", "until_at"), False))


class ConsentEvent(Table):
    """What happened to a consent. Only grows."""

    consent = ForeignKeyField(Consent, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    new_state = Text()


class BookingClient(Table):
    """Whom a visit is for."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("booking", "client"), True),)


class JointDayClient(Table):
    """A client who signed up for a joint day."""

    joint_day = ForeignKeyField(JointDay, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    added_by = ForeignKeyField(User, null=True, backref="+")
    added_at = Moment(default=clock.now)
    came = BooleanField(null=True)

    class Meta:
        indexes = ((("joint_day", "client"), True),)


class TaskKind(enum.StrEnum):
    AFTER_JOINT_DAY = "after_joint_day"
    CLEARANCE_ENDS = "clearance_ends"
    CONFIRM_FACT = "confirm_fact"  # what the client only says, thirty days before release
    OVERLAP = "overlap"  # somebody else was asked to serve a need that the owner of the task serves
    ANSWERED = "answered"  # by the client, how they fare: to be read
    HELP_NOW = "help_now"  # a client wrote that they need help now
    HELP_DEPUTY = "help_deputy"  # and nobody has taken it up in time
    FAMILY_NOTE = "family_note"  # the client shows what somebody close to them wrote


class Task(Public):
    """Something that an organisation, or one person of it, has to do; `about` is the public id of its record."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    owner = ForeignKeyField(User, null=True, backref="+")
    client = ForeignKeyField(Client, null=True, backref="+", on_delete="CASCADE")
    kind = Choice(TaskKind)
    about = Text(default="")
    due_on = Day()
    created_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("organisation", "done_at", "due_on"), False),)
