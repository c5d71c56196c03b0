"""Programmes: who pays, where, for whom, against which targets; who takes part, what comes after."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.clients import Client
from tables.directory import Need, Service
from tables.people import Organisation, User
from tables.referrals import Referral


class ProgrammeKind(enum.StrEnum):
    MOTIVATION = "motivation"
    INTERVENTION = "intervention"
    COUNSELLING = "counselling"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    AFTERCARE = "aftercare"
    OTHER = "other"


class ProgrammeState(enum.StrEnum):
    PREPARING = "preparing"
    RUNNING = "running"
    ENDING = "ending"
    ENDED = "ended"
    CONTINUED = "continued"


class Programme(Public):
    """A programme of an organisation. `kept_by` runs it; its own numbers stay exact for it, others see frozen ones."""

    kept_by = ForeignKeyField(Organisation, backref="+")
    code = Text()
    name = Text()
    kind = Choice(ProgrammeKind)
    state = Choice(ProgrammeState, default=ProgrammeState.PREPARING)
    funder = Text(default="")
    registration_number = Text(default="")
    starts_on = Day()
    ends_on = Day()
    about = Text(default="")
    activities = Text(default="")  # one a line
    areas = Text(default="")  # values of Area, separated by semicolons
    groups = Text(default="")  # values of TargetGroup, separated by semicolons
    levels = Text(default="")  # security levels of prisons it is for, separated by semicolons; empty: any
    places = IntegerField(null=True, constraints=[Check("places between 1 and 9999")])  # at once; None: without a limit
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")  # referrals to it lead here
    leads_to = ForeignKeyField("self", null=True, backref="+", on_delete="SET NULL")  # offered to who finished this one
    successor = ForeignKeyField("self", null=True, backref="+", on_delete="SET NULL")  # takes over when this one ends
    continuity = Text(default="")  # the plan of what becomes of people and places after the end
    warned_months = IntegerField(null=True)  # the last warning: so many months before the end
    ended_on = Day(null=True)
    ended_before = BooleanField(default=False)  # entered when it was over: a record of what was
    version = IntegerField(default=1)
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("ends_on >= starts_on")]
        indexes = ((("kept_by", "code"), True), (("state", "ends_on"), False))


class ProgrammePartner(Public):
    """Who takes part beside who runs it: from the book, or by name only (a partner abroad)."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, backref="+")
    name = Text(default="")
    part = Text(default="")

    class Meta:
        constraints = [Check("organisation_id IS NOT NULL OR name <> ''")]


class ProgrammeTarget(Public):
    """How many people a programme is to reach, whole or a part of it. Parts of one target add up to it."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    parent = ForeignKeyField("self", null=True, backref="+", on_delete="CASCADE")
    position = IntegerField()
    name = Text()  # a region, a group, a kind of work
    people = IntegerField(constraints=[Check("people between 1 and 99999")])


class ProgrammeSite(Public):
    """Where a programme runs: a prison of the book, or a town. People there count towards `target`."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, null=True, backref="+")
    town = Text(default="")
    pilot = BooleanField(default=False)
    target = ForeignKeyField(ProgrammeTarget, null=True, backref="+", on_delete="SET NULL")
    taken_from = ForeignKeyField(Programme, null=True, backref="+", on_delete="SET NULL")  # taken over from it

    class Meta:
        constraints = [Check("prison_id IS NOT NULL OR town <> ''")]
        indexes = ((("programme", "prison", "town"), True),)


class ParticipantState(enum.StrEnum):
    WAITING = "waiting"
    TAKES_PART = "takes_part"
    FINISHED = "finished"
    LEFT = "left"
    HANDED_ON = "handed_on"


class LeavingReason(enum.StrEnum):
    MOVED = "moved"
    RELEASED = "released"
    WORK = "work"
    OWN_WISH = "own_wish"
    HEALTH = "health"
    RULES = "rules"
    OTHER = "other"


class Participant(Public):
    """A client in a programme. `now_in` is the client while they wait or take part, so nobody is in one twice."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    site = ForeignKeyField(ProgrammeSite, null=True, backref="+", on_delete="SET NULL")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    now_in = ForeignKeyField(Client, null=True, backref="+", on_delete="CASCADE")
    referral = ForeignKeyField(Referral, null=True, backref="+", on_delete="SET NULL")
    state = Choice(ParticipantState)
    reason = Choice(LeavingReason, null=True)
    asked_at = Moment(default=clock.now)  # the order of the waiting list
    started_on = Day(null=True)
    ended_on = Day(null=True)
    next_offered_on = Day(null=True)  # of the programme this one leads to
    next_accepted = BooleanField(null=True)
    handed_referral = ForeignKeyField(Referral, null=True, backref="+", on_delete="SET NULL")

    class Meta:
        indexes = ((("programme", "now_in"), True), (("programme", "state", "asked_at"), False))


class ProgrammeSession(Public):
    """A session with one person or a group."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    site = ForeignKeyField(ProgrammeSite, null=True, backref="+", on_delete="SET NULL")
    group = BooleanField()
    starts_at = Moment()
    minutes = IntegerField(constraints=[Check("minutes between 5 and 720")])
    topic = Text(default="")
    people = IntegerField(null=True, constraints=[Check("people between 0 and 999")])  # who came, where nobody is named
    recorded_at = Moment(null=True)

    class Meta:
        indexes = ((("programme", "starts_at"), False),)


class SessionAttendance(Table):
    session = ForeignKeyField(ProgrammeSession, backref="+", on_delete="CASCADE")
    participant = ForeignKeyField(Participant, backref="+", on_delete="CASCADE")
    came = BooleanField()

    class Meta:
        indexes = ((("session", "participant"), True),)


class HeldState(enum.StrEnum):
    HELD = "held"
    TAKEN = "taken"
    FREE = "free"


class HeldPlaces(Public):
    """Free places that a prison keeps for 48 hours, until who runs the programme takes its people."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+")
    by = ForeignKeyField(User, null=True, backref="+")
    places = IntegerField(constraints=[Check("places between 1 and 999")])
    until_at = Moment()
    state = Choice(HeldState, default=HeldState.HELD)

    class Meta:
        indexes = ((("programme", "state"), False),)


class Endorsement(Public):
    """That another organisation says a programme worked, in its own words, under its name."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, null=True, backref="+")
    text = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("programme", "organisation"), True),)


class ProgrammeMonth(Table):
    """What others are shown of a programme, frozen when a month is over. `target` None: the whole. Rounded."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    target = ForeignKeyField(ProgrammeTarget, null=True, backref="+", on_delete="CASCADE")
    month = Day()
    since = Day()  # when it was counted: it stays until five people differ
    reached = IntegerField()  # rounded
    finished = IntegerField()

    class Meta:
        indexes = ((("programme", "month", "target"), True),)


class ProgrammeOutcome(Table):
    """How people fare who finished a programme, frozen with its month: a need, a state (or `all`), a rounded number."""

    programme = ForeignKeyField(Programme, backref="+", on_delete="CASCADE")
    month = Day()
    since = Day()
    need = Choice(Need)
    state = Text()
    shown = IntegerField()

    class Meta:
        indexes = ((("programme", "month", "need", "state"), True),)


class ProgrammeEvent(Table):
    """What happened to a programme; only grows."""

    programme = ForeignKeyField(Programme, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
