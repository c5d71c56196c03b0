"""Tasks, claims, plans, questions to verify, offers before a release."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.clients import Client
from tables.people import Organisation, User


class Claim(enum.StrEnum):
    """How sure a fact is."""

    SAID = "said"  # the client says
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class PlanList(enum.StrEnum):
    """On which sheet an item stands."""

    PLAN = "plan"
    BEFORE_RELEASE = "before_release"
    FIRST_HOURS = "first_hours"  # the first 72


class PlanItemState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class PlanItem(Public):
    """A goal or a task by need: what, with whom, by when, and whether it is so or the client only says it."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")  # that wrote it
    author = ForeignKeyField(User, null=True, backref="+")
    sheet = Choice(PlanList, default=PlanList.PLAN)
    position = IntegerField(default=0)
    key = Text(default="")  # of an item of a default sheet: bed, money, documents …
    need = Text(default="")  # a value of Need
    goal = SealedColumn(null=True)
    what = SealedColumn(null=True)
    who = ForeignKeyField(Organisation, null=True, backref="+")  # that does it; none and by_client: the client
    worker = ForeignKeyField(User, null=True, backref="+")
    by_client = BooleanField(default=False)
    since_on = Day(default=clock.today)
    due_on = Day(null=True)
    state = Choice(PlanItemState, default=PlanItemState.OPEN)
    claim = Choice(Claim, default=Claim.SAID)
    claim_by = ForeignKeyField(Organisation, null=True, backref="+")
    claim_on = Day(null=True)
    from_paper = BooleanField(default=False)
    created_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    version = IntegerField(default=1)

    class Meta:
        constraints = [Check("claim = 'said' OR claim_on IS NOT NULL")]
        indexes = ((("client", "sheet", "position"), False), (("who", "state", "due_on"), False))


class PlanApproval(Table):
    """That the client read a plan and agrees with it. Only grows."""

    client = ForeignKeyField(Client, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, null=True, backref="+")
    at = Moment(default=clock.now)
    how = Text(default="app")  # app, paper


class Conference(Public):
    """A meeting over one client's case."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, null=True, backref="+")
    held_on = Day()
    participants = SealedColumn(null=True)
    agreed = SealedColumn(null=True)
    created_at = Moment(default=clock.now)


class VerificationAnswer(enum.StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verification(Public):
    """One yes-or-no question to one organisation about one item; it sees nothing else."""

    item = ForeignKeyField(PlanItem, backref="+", on_delete="CASCADE")
    asked_by = ForeignKeyField(User, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")  # of who asks
    recipient = ForeignKeyField(Organisation, backref="+")
    question = SealedColumn()
    asked_at = Moment(default=clock.now)
    answer = Choice(VerificationAnswer, null=True)
    answered_by = ForeignKeyField(User, null=True, backref="+")
    answered_at = Moment(null=True)

    class Meta:
        indexes = ((("recipient", "answered_at"), False),)


class RefusalReason(enum.StrEnum):
    """Why help after release was not taken."""

    NO_INSIGHT = "no_insight"
    NO_SERVICE = "no_service"
    NO_CAPACITY = "no_capacity"
    DID_NOT_KNOW = "did_not_know"
    REFUSED = "refused"
    OTHER = "other"


class ReleaseOffer(Public):
    """That somebody was offered help after release, and what they said."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, null=True, backref="+")
    offered_on = Day(default=clock.today)
    accepted = BooleanField(null=True)
    reason = Choice(RefusalReason, null=True)
    again_on = Day(null=True)

    class Meta:
        constraints = [Check("accepted IS NULL OR accepted OR reason IS NOT NULL")]
        indexes = ((("client", "offered_on"), False),)
