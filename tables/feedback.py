"""Follow-ups after a release and the figures made of them."""
import enum

from peewee import SQL, BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, SealedColumn, Text
from tables.base import Public, Table
from tables.clients import Client
from tables.directory import Need
from tables.people import Organisation, User


class PromptState(enum.StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    ANSWERED = "answered"  # by the client
    RECORDED = "recorded"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    RETURNED = "returned"
    DIED = "died"
    CANCELLED = "cancelled"


MILESTONES = (3, 30, 90, 180, 365)  # days after release


class Prompt(Public):
    """A follow-up that is due: how does this client fare so many days after release."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")  # who asks
    worker = ForeignKeyField(User, null=True, backref="+")
    series = IntegerField(default=1)  # which return from prison it belongs to
    milestone = IntegerField()
    due_on = Day()
    state = Choice(PromptState, default=PromptState.PLANNED)
    token_hash = Text(null=True, unique=True)  # of the client's link
    opened_on = Day(null=True)
    told_at = Moment(null=True)  # the client, by that link
    reminded_at = Moment(null=True)

    class Meta:
        indexes = ((("client", "organisation", "series", "milestone"), True),
                   (("organisation", "state", "due_on"), False), (("client", "state"), False))


Prompt.add_index(SQL("CREATE UNIQUE INDEX prompt_one_open ON prompt (client_id) WHERE state = 'open'"))


class Channel(enum.StrEnum):
    """How a client wants to be asked how they fare."""

    WORKER = "worker"
    MAIL = "mail"  # a link to a page of their own


class StoppedBy(enum.StrEnum):
    CLIENT = "client"  # who does not want to be asked
    RETURN = "return"  # to prison: until the next release
    DEATH = "death"


class Wish(Public):
    """How and when a client wants to be asked how they fare; without one by the worker, at every milestone."""

    client = ForeignKeyField(Client, unique=True, backref="+", on_delete="CASCADE")
    channel = Choice(Channel, default=Channel.WORKER)
    address = SealedColumn(null=True)
    milestones = Text(default="3;30;90;180;365")
    told_on = Day(null=True)  # the day of the last message
    asked_to_stop_at = Moment(null=True)
    stopped_at = Moment(null=True)
    stopped_by = Choice(StoppedBy, null=True)

    class Meta:
        constraints = [Check("stopped_at IS NULL OR stopped_by IS NOT NULL")]


class Reached(enum.StrEnum):
    """Whether and how the worker spoke with the client."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    WRITTEN = "written"
    NOT_REACHED = "not_reached"


class NeedState(enum.StrEnum):
    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    IN_PROGRESS = "in_progress"
    MET = "met"
    STUCK = "stuck"
    DECLINED = "declined"  # the client does not want help with it


class Step(enum.StrEnum):
    """The anchored scale; asked only of needs in progress or stuck."""

    CRISIS = "crisis"
    POOR = "poor"
    UNSURE = "unsure"
    GOOD = "good"
    STEADY = "steady"
    NOT_KNOWN = "not_known"


class Barrier(enum.StrEnum):
    """Why a need is stuck, in the words of the study."""

    NO_AFFORDABLE_HOUSING = "no_affordable_housing"
    BENEFIT_NOT_REACHABLE = "benefit_not_reachable"
    NO_CAPACITY = "no_capacity"
    DID_NOT_KNOW = "did_not_know"
    NO_INSIGHT = "no_insight"
    CONDITION_CANNOT_BE_MET = "condition_cannot_be_met"
    SERVICES_FRAGMENTED = "services_fragmented"
    OTHER = "other"


class FollowUp(Public):
    """One entry of the feedback log."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, backref="+")
    prompt = ForeignKeyField(Prompt, null=True, backref="+")
    request_key = Text(unique=True)
    milestone = IntegerField(null=True)
    reached = Choice(Reached)
    by_client = BooleanField(default=False)  # through their link; else a worker wrote it
    corrects = ForeignKeyField("self", null=True, backref="+")  # the version before this one
    needs_help = BooleanField(default=False)  # the client wrote: I need help now
    said = SealedColumn(null=True)  # what the client says; the note is what the worker thinks
    note = SealedColumn(null=True)
    next_step = SealedColumn(null=True)
    next_on = Day(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("client", "created_at"), False),)


class FollowUpNeed(Table):
    """How one need stands in an entry. `unchanged` was prefilled and left alone: kept, but no observation."""

    follow_up = ForeignKeyField(FollowUp, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    state = Choice(NeedState)
    step = Choice(Step, null=True)
    barrier = Choice(Barrier, null=True)
    unchanged = BooleanField(default=False)

    class Meta:
        indexes = ((("follow_up", "need"), True),)
        constraints = [Check("barrier IS NULL OR state = 'stuck'")]


class FigureGroup(enum.StrEnum):
    """Of which people figures are made."""

    PRISON = "prison"  # released from it
    REFERRER = "referrer"  # sent to a service by an organisation, and accepted there


class Snapshot(Table):
    """The figures of one group of people, frozen at the end of a month."""

    kind = Choice(FigureGroup, default=FigureGroup.PRISON)
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    month = Day()  # its first day
    made_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("organisation", "kind", "month"), True),)


class SnapshotCell(Table):
    """One published count, already rounded: a multiple of five, or -1 for "< 5"."""

    snapshot = ForeignKeyField(Snapshot, backref="+", on_delete="CASCADE")
    milestone = IntegerField()  # 0 for what is of no milestone
    need = Text()  # a Need, "people" for how many stand behind the row, or one of services.figures.EXTRA
    state = Text()  # a column of its row, or "all"; a row of which only "all" is kept would have told too much
    since = Day()  # the month in which its row was last counted
    shown = IntegerField(constraints=[Check("shown = -1 OR (shown >= 0 AND shown = shown / 5 * 5)")])

    class Meta:
        indexes = ((("snapshot", "milestone", "need", "state"), True),)
