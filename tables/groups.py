"""Working groups of people from any organisation: their meetings, agenda, minutes, tasks."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.coverage import CoverageSnapshot
from tables.people import Organisation, Region, User


class WorkingGroup(Public):
    """People who meet over a region (none: the whole country) or over a theme."""

    name = Text()
    about = Text(default="")
    region = ForeignKeyField(Region, null=True, backref="+")
    founded_at = Moment(default=clock.now)
    closed_at = Moment(null=True)


class GroupMember(Public):
    """One stay of a person in a group: asked for, let in, ended. Who comes again gets another row."""

    group = ForeignKeyField(WorkingGroup, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    lead = BooleanField(default=False)
    asked_at = Moment(default=clock.now)
    since_at = Moment(null=True)  # let in
    until_at = Moment(null=True)  # left, or was not let in

    class Meta:
        constraints = [Check("NOT lead OR since_at IS NOT NULL")]
        indexes = ((("user", "group"), False), (("group", "until_at"), False))


class MeetingState(enum.StrEnum):
    PLANNED = "planned"
    INVITED = "invited"
    CANCELLED = "cancelled"
    REVIEW = "review"  # the minutes are with the members, who may still write into them
    APPROVED = "approved"
    CORRECTING = "correcting"  # approved once, being put right in a new version


class Meeting(Public):
    group = ForeignKeyField(WorkingGroup, backref="+", on_delete="CASCADE")
    title = Text(default="")
    starts_at = Moment()
    ends_at = Moment()
    place = Text(default="")
    link = Text(default="")  # for who comes by video
    others = Text(default="")  # who else was there, a line each
    state = Choice(MeetingState, default=MeetingState.PLANNED)
    invited_at = Moment(null=True)
    review_until = Day(null=True)  # who says nothing until then agrees
    reason = Text(default="")  # of the correction that is under way
    snapshot = ForeignKeyField(CoverageSnapshot, null=True, backref="+", on_delete="SET NULL")
    sequence = IntegerField(default=0)  # of the calendar entry
    created_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("ends_at > starts_at"), Check("place <> '' OR link <> ''")]
        indexes = ((("group", "starts_at"), False), (("state", "review_until"), False))


class AgendaKind(enum.StrEnum):
    """A topic that somebody wrote, or a standing item that fills itself."""

    TOPIC = "topic"
    LAST_TASKS = "last_tasks"
    NEW_ORGANISATIONS = "new_organisations"
    GAPS = "gaps"
    PROGRAMMES = "programmes"
    STALE_FACTS = "stale_facts"
    COVERAGE = "coverage"


class AgendaItem(Public):
    meeting = ForeignKeyField(Meeting, backref="+", on_delete="CASCADE")
    kind = Choice(AgendaKind, default=AgendaKind.TOPIC)
    position = IntegerField()
    title = Text(default="")
    who = Text(default="")
    minutes_planned = IntegerField(null=True, constraints=[Check("minutes_planned between 1 and 600")])
    note = Text(default="")  # Markdown: what to read before
    text = Text(default="")  # Markdown: the minutes
    decisions = Text(default="")  # one a line
    version = IntegerField(default=1)  # of text and decisions
    taken_out_at = Moment(null=True)
    author = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("meeting", "position"), False),)


class MinutesText(Table):
    """What an item's minutes said after each writing, so that no line is ever lost."""

    item = ForeignKeyField(AgendaItem, backref="+", on_delete="CASCADE")
    version = IntegerField()
    text = Text(default="")
    decisions = Text(default="")
    author = ForeignKeyField(User, null=True, backref="+")
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("item", "version"), True),)


class MinutesVersion(Table):
    """Approved minutes, frozen whole: agenda, who came, decisions, tasks. A correction is the next number."""

    meeting = ForeignKeyField(Meeting, backref="+", on_delete="CASCADE")
    number = IntegerField()
    content = Text()  # JSON of services/groups/freezing.py
    reason = Text(default="")
    approved_by = ForeignKeyField(User, null=True, backref="+")  # none: nobody objected in time
    approved_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("number = 1 OR reason <> ''")]
        indexes = ((("meeting", "number"), True),)


class Presence(enum.StrEnum):
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class Attendance(Table):
    """What a member answered to the invitation, and whether they came."""

    meeting = ForeignKeyField(Meeting, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    coming = BooleanField(null=True)
    presence = Choice(Presence, null=True)

    class Meta:
        indexes = ((("meeting", "user"), True),)


class GroupTaskState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class GroupTask(Public):
    """What somebody of the group took on at a meeting."""

    meeting = ForeignKeyField(Meeting, backref="+", on_delete="CASCADE")
    item = ForeignKeyField(AgendaItem, null=True, backref="+", on_delete="SET NULL")
    what = Text()
    owner = ForeignKeyField(User, backref="+")
    due_on = Day()
    state = Choice(GroupTaskState, default=GroupTaskState.OPEN)
    changed_at = Moment(default=clock.now)
    reminded_on = Day(null=True)  # the date it was due when its owner was reminded
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("owner", "state", "due_on"), False), (("meeting", "created_at"), False))


class Introduction(Table):
    """That an organisation introduced itself to a group, and at which meeting."""

    group = ForeignKeyField(WorkingGroup, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    meeting = ForeignKeyField(Meeting, backref="+", on_delete="CASCADE")
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("group", "organisation"), True),)
