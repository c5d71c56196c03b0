"""A meeting as a page, a pack of paper and a workbook show it."""
from dataclasses import dataclass
from datetime import date, datetime

import clock
from labels import label
from models import AgendaItem, AgendaKind, CoverageSnapshot, GroupTask, Meeting, MinutesVersion, Presence, User
from services.groups import agenda, freezing, meetings, minutes, standing
from services.groups.machine import Event, Side, State, has_begun, may_write_minutes, open_events, side_of


@dataclass(frozen=True)
class Item:
    """An item with what fills it; `mine`: the reader may change it."""

    row: AgendaItem
    title: str
    lines: list[standing.Line]
    mine: bool


@dataclass(frozen=True)
class Page:
    """A meeting as a member sees it, or (side None) its approved minutes as who left does."""

    meeting: Meeting
    side: Side | None
    events: set[Event]
    items: list[Item]
    taken_out: list[AgendaItem]
    attendance: list[tuple[User, bool | None, Presence | None]]
    tasks: list[GroupTask]
    versions: list[MinutesVersion]
    coming: bool | None  # what the reader answered
    answers: bool  # they may answer
    writes: bool  # the minutes are open
    adds: bool  # the agenda is open
    minutes_in_all: int


def page(actor, public_id: str) -> Page:
    """Raises Missing."""
    meeting = meetings.find(actor, public_id)
    side, versions = side_of(actor, meeting.group), minutes.versions(actor, meeting)
    if side is None:
        return Page(meeting, None, set(), [], [], [], [], versions, None, False, False, False, 0)
    rows, came = agenda.items(meeting), meetings.attendance(meeting)
    opens = agenda.is_open(meeting)
    return Page(meeting, side, open_events(side, meeting),
                [] if meeting.state is State.APPROVED else [_item(actor, meeting, row) for row in rows],
                agenda.items(meeting, taken_out=True) if opens else [], came, freezing.tasks(meeting), versions,
                next((coming for person, coming, _presence in came if person.id == actor.id), None),
                meeting.state is State.INVITED and not has_begun(meeting) and not meeting.group.closed_at,
                may_write_minutes(meeting), opens, sum(row.minutes_planned or 0 for row in rows))


def title(item: AgendaItem) -> str:
    return item.title or str(label(item.kind)).capitalize()


def _item(actor, meeting, row) -> Item:
    row.meeting = meeting
    return Item(row, title(row), standing.lines(meeting, row.kind), agenda.may_change(actor, row))


# The pack

@dataclass(frozen=True)
class Pack:
    """All that one takes to a meeting."""

    meeting: Meeting
    items: list[Item]
    members: list[tuple[User, bool | None, Presence | None]]
    tasks: list[GroupTask]
    snapshot: CoverageSnapshot | None
    earlier: CoverageSnapshot | None
    printed_at: datetime
    printed_by: str

    @property
    def day(self) -> date:
        return clock.local(self.meeting.starts_at).date()

    def lines(self, kind: AgendaKind) -> list[standing.Line]:
        return [line for item in self.items if item.row.kind is kind for line in item.lines]


def pack(actor, public_id: str) -> Pack:
    """Raises Missing, for who is not a member now too."""
    meeting = meetings.own(actor, public_id)
    return Pack(meeting, [_item(actor, meeting, row) for row in agenda.items(meeting)], meetings.attendance(meeting),
                freezing.tasks(meeting), meeting.snapshot if meeting.snapshot_id else None, standing.earlier(meeting),
                clock.now(), actor.name)
