"""Where help is missing: gaps that somebody works on, dated snapshots of coverage, frozen figures of unmet need."""
import enum

from peewee import BooleanField, Check, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.directory import Area, Need, TargetGroup
from tables.people import Organisation, Region, User


class GapState(enum.StrEnum):
    FOUND = "found"
    TAKEN = "taken"
    IN_WORK = "in_work"
    SOLVED = "solved"
    NOT_POSSIBLE = "not_possible"


class GapReason(enum.StrEnum):
    """Why a gap cannot be closed."""

    NO_PROVIDER = "no_provider"
    NO_MONEY = "no_money"
    NO_ROOM = "no_room"
    NO_DEMAND = "no_demand"
    OTHER = "other"


class Gap(Public):
    """A cell of coverage where help is missing, and what is done about it. One row a cell, for good.

    The cell is an area in a prison, or a need in a region, of everybody or of one target group.
    """

    cell = Text(unique=True)  # as services/coverage/cells.py writes it
    prison = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    area = Choice(Area, null=True)
    region = ForeignKeyField(Region, null=True, backref="+")
    need = Choice(Need, null=True)
    group = Choice(TargetGroup, null=True)
    state = Choice(GapState, default=GapState.FOUND)
    reason = Choice(GapReason, null=True)
    proposal = Text(default="")
    owner = ForeignKeyField(User, null=True, backref="+")
    due_on = Day(null=True)
    filled = BooleanField(default=False)  # something ran there after it was closed: when that ends, it opens again
    opened_by = ForeignKeyField(User, null=True, backref="+")
    opened_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)
    version = IntegerField(default=1)

    class Meta:
        constraints = [Check("(prison_id IS NULL) = (area IS NULL)"), Check("(region_id IS NULL) = (need IS NULL)"),
                       Check("(prison_id IS NULL) <> (region_id IS NULL)"),
                       Check("state NOT IN ('taken', 'in_work') OR owner_id IS NOT NULL"),
                       Check("state <> 'not_possible' OR reason IS NOT NULL")]
        indexes = ((("state", "due_on"), False), (("owner", "state"), False))


class GapEvent(Table):
    """What happened to a gap, who did it and what they added. Only grows."""

    gap = ForeignKeyField(Gap, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
    changes = Text(default="")  # names of what was written with it, with commas between


class CoverageSnapshot(Table):
    """Coverage as it stood on a day."""

    day = Day(unique=True)
    made_at = Moment(default=clock.now)


class CoverageSnapshotCell(Table):
    """One cell of it. `line` is a prison's slug or a region's code; `kind` says what the parts are."""

    snapshot = ForeignKeyField(CoverageSnapshot, backref="+", on_delete="CASCADE")
    kind = Text()  # prison: part is an Area; region: a Need; share_…: see services/coverage/concentration.py
    line = Text()
    part = Text()
    count = IntegerField()  # of services, or of kinds of work
    organisations = IntegerField()
    free = IntegerField(null=True)

    class Meta:
        indexes = ((("snapshot", "kind", "line", "part"), True),)


class UnmetSnapshot(Table):
    """Unmet needs of a region, frozen at the end of a month as every published figure is."""

    region = ForeignKeyField(Region, backref="+")
    month = Day()  # its first day
    made_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("region", "month"), True),)


class UnmetCell(Table):
    """One published count of people, already rounded: a multiple of five, or -1 for "< 5"."""

    snapshot = ForeignKeyField(UnmetSnapshot, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    cause = Text()  # one of services/coverage/unmet.py, or "all"; a row of which only "all" is kept told too much
    since = Day()
    shown = IntegerField(constraints=[Check("shown = -1 OR (shown >= 0 AND shown = shown / 5 * 5)")])

    class Meta:
        indexes = ((("snapshot", "need", "cause"), True),)
