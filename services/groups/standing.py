"""Standing items of an agenda: what fills each of them, for the region of the group, up to this moment.

When minutes are approved these lines are frozen with them (freezing.py), so that they say what was on the table.
"""
from dataclasses import dataclass
from datetime import time, timedelta

from flask_babel import gettext as _
from peewee import SQL, fn

import clock
import db
import formats
from errors import Missing
from labels import label, language
from models import (
    AgendaKind,
    CoverageSnapshot,
    GroupTask,
    GroupTaskState,
    Introduction,
    Kind,
    Meeting,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    Programme,
    ProgrammeSite,
    ProgrammeState,
    Service,
    ServiceRegion,
    User,
)
from services import coverage, journal, still_true
from services.coverage import gaps, snapshots
from services.groups import meetings
from services.groups.machine import may_write_minutes

ENDS_WITHIN = timedelta(days=365)
MOST = 40  # lines of one item


@dataclass(frozen=True)
class Line:
    """One line of a standing item: `path` leads to its record, `new` since the last meeting."""

    text: str
    facts: str = ""
    path: str = ""
    key: str = ""  # the public id of an organisation that can be ticked
    ticked: bool = False
    new: bool = False


def lines(meeting: Meeting, kind: AgendaKind) -> list[Line]:
    return FILLS[kind](meeting) if kind in FILLS else []


def _since(meeting):
    """When the group met last, else when it was founded."""
    last = meetings.before(meeting)
    return last.starts_at if last else meeting.group.founded_at


def in_region(region: str | None):
    """Condition: an organisation sits in a region, helps in it or has a service for it; all of them where none."""
    if not region:
        return SQL("1 = 1")
    helps = OrganisationRegion.select(OrganisationRegion.organisation).where(OrganisationRegion.region == region)
    serves = Service.select(Service.organisation).join(ServiceRegion).where(ServiceRegion.region == region)
    return (Organisation.region == region) | Organisation.id.in_(helps) | Organisation.id.in_(serves)


# Tasks

def _last_tasks(meeting) -> list[Line]:
    """Open tasks of earlier meetings, and those that were done since the last one."""
    rows = (GroupTask.select(GroupTask, User).join(User).join_from(GroupTask, Meeting).where(
        Meeting.group == meeting.group, Meeting.starts_at < meeting.starts_at,
        (GroupTask.state == GroupTaskState.OPEN) | (GroupTask.changed_at >= _since(meeting)))
        .order_by(GroupTask.due_on, GroupTask.id).limit(MOST))
    return [Line(row.what, " · ".join([row.owner.name, formats.day(row.due_on, language=language()),
                                       str(label(row.state))]),
                 ticked=row.state is not GroupTaskState.OPEN) for row in rows]


# New organisations

def _new_organisations(meeting) -> list[Line]:
    """Verified since the group was founded and by the day of the meeting, and not introduced yet.

    Those introduced at this meeting are ticked; who was verified after it waits for the next one.
    """
    over = clock.at(clock.local(meeting.ends_at).date() + timedelta(days=1), time(0))
    done = Introduction.select(Introduction.organisation).where(
        Introduction.group == meeting.group, Introduction.meeting != meeting)
    here = {key for key, in Introduction.select(Introduction.organisation).where(
        Introduction.meeting == meeting).tuples()}
    rows = (Organisation.select().where(
        Organisation.state == OrganisationState.VERIFIED, Organisation.kind.not_in([Kind.PRISON, Kind.NETWORK]),
        Organisation.verified_at > meeting.group.founded_at, Organisation.verified_at < over,
        Organisation.id.not_in(done),
        in_region(meeting.group.region_id)).order_by(Organisation.verified_at, Organisation.id).limit(MOST))
    last = _since(meeting)
    return [Line(row.name, _("verified %(day)s", day=formats.day(clock.local(row.verified_at).date(),
                                                                 language=language())),
                 f"/book/{row.public_id}", row.public_id, row.id in here, row.verified_at > last) for row in rows]


def introduced(actor, meeting_id: str, organisation_id: str, done: bool) -> Meeting:
    """Ticks that an organisation introduced itself at this meeting, or takes the tick back. Raises Missing."""
    with db.writing():
        meeting = meetings.own(actor, meeting_id, lock=True)
        waits = {line.key for line in _new_organisations(meeting)}
        if organisation_id not in waits or not may_write_minutes(meeting):
            raise Missing(organisation_id)
        row = Organisation.get(Organisation.public_id == organisation_id)
        mine = (Introduction.group == meeting.group) & (Introduction.organisation == row)
        if done and not Introduction.select().where(mine).exists():
            Introduction.create(group=meeting.group, organisation=row, meeting=meeting, at=clock.now())
        elif not done:
            Introduction.delete().where(mine, Introduction.meeting == meeting).execute()
        journal.wrote(actor, "meeting.introduced" if done else "meeting.not_introduced", meeting.public_id)
    return meeting


# Gaps, programmes, facts

def _gaps(meeting) -> list[Line]:
    region = [meeting.group.region_id] if meeting.group.region_id else []
    fresh = {row.id for row in gaps.open_of(region, clock.local(_since(meeting)).date())}
    return [Line(_gap_words(row), _gap_facts(row), f"/coverage/gaps/{row.public_id}", new=row.id in fresh)
            for row in gaps.open_of(region)[:MOST]]


def _gap_words(row) -> str:
    where = row.prison.name if row.prison_id else row.region.name
    what = label(row.area or row.need)
    return f"{where} – {what}" + (f" ({label(row.group)})" if row.group else "")


def _gap_facts(row) -> str:
    due = formats.day(row.due_on, language=language()) if row.due_on else ""
    return " · ".join(str(each) for each in (label(row.state), row.owner.name if row.owner_id else "", due) if each)


def _programmes(meeting) -> list[Line]:
    """Programmes that end within a year, where they run in the region or who runs them sits there."""
    day = clock.local(meeting.starts_at).date()
    query = (Programme.select(Programme, Organisation).join(Organisation)
             .where(Programme.state.in_([ProgrammeState.RUNNING, ProgrammeState.ENDING]),
                    Programme.ends_on <= day + ENDS_WITHIN).order_by(Programme.ends_on, Programme.id).limit(MOST))
    if meeting.group.region_id:
        sites = (ProgrammeSite.select(ProgrammeSite.programme)
                 .join(Organisation, on=(ProgrammeSite.prison == Organisation.id))
                 .where(Organisation.region == meeting.group.region_id))
        query = query.where((Organisation.region == meeting.group.region_id) | Programme.id.in_(sites))
    return [Line(row.name, " · ".join([row.kept_by.label, _("until %(day)s", day=formats.day(
        row.ends_on, language=language())), *([] if row.continuity else [_("no continuity plan")])]),
        f"/programmes/{row.public_id}") for row in query]


def _stale_facts(meeting) -> list[Line]:
    """Verified organisations with facts that age or that nobody has confirmed."""
    rows = (Organisation.select().where(Organisation.state == OrganisationState.VERIFIED,
                                        Organisation.id.in_(still_true.with_due_facts()),
                                        in_region(meeting.group.region_id))
            .order_by(Organisation.sort).limit(MOST))
    return [Line(row.name, path=f"/book/{row.public_id}") for row in rows]


def stale_in_all(meeting) -> int:
    return (Organisation.select(fn.COUNT(Organisation.id)).where(
        Organisation.state == OrganisationState.VERIFIED, Organisation.id.in_(still_true.with_due_facts()),
        in_region(meeting.group.region_id)).scalar())


# Coverage

def _coverage(meeting) -> list[Line]:
    """The prisons of the region on the day of the meeting's snapshot (today where it has none), and what has moved."""
    homes = prisons_of(meeting)
    now, then = counts_of(meeting.snapshot, homes), counts_of(earlier(meeting), homes)
    return [Line(home.name, _facts(now[slug], then.get(slug)), f"/book/{home.public_id}",
                 new=slug in then and then[slug] != now[slug]) for slug, home in homes.items() if slug in now]


def prisons_of(meeting) -> dict[str, Organisation]:
    """Prisons of the group's region by their slug, in Czech order."""
    query = Organisation.select().where(Organisation.kind == Kind.PRISON,
                                        Organisation.state != OrganisationState.CLOSED).order_by(Organisation.sort)
    if meeting.group.region_id:
        query = query.where(Organisation.region == meeting.group.region_id)
    return {row.slug: row for row in query}


def earlier(meeting) -> CoverageSnapshot | None:
    """The snapshot to compare with: that of the meeting before, else the last one of an earlier day."""
    last = meetings.before(meeting)
    if last and last.snapshot_id:
        return last.snapshot
    day = meeting.snapshot.day if meeting.snapshot_id else clock.today()
    return snapshots.at(day - timedelta(days=1))


def counts_of(snapshot, homes) -> dict[str, dict[str, int]]:
    """In how many areas of each prison (slug) nothing runs, all stands on one organisation, or it is covered."""
    found = {slug: dict.fromkeys((coverage.EMPTY, coverage.THIN, coverage.ENOUGH), 0) for slug in homes}
    cells = snapshots.cells_of(snapshot).items() if snapshot else ()
    seen = set()
    for (slug, _area), cell in cells:
        if slug in found:
            found[slug][cell.state] += 1
            seen.add(slug)
    return {slug: found[slug] for slug in found if slug in seen}


def _facts(now, then) -> str:
    words = {coverage.EMPTY: _("areas with nothing"), coverage.THIN: _("thin areas"),
             coverage.ENOUGH: _("covered areas")}
    return " · ".join(f"{word}: {now[state]}" + _moved(now[state], then and then[state])
                      for state, word in words.items())


def _moved(now, before) -> str:
    return "" if before in (None, now) else " " + _("(before %(count)d)", count=before)


FILLS = {
    AgendaKind.LAST_TASKS: _last_tasks, AgendaKind.NEW_ORGANISATIONS: _new_organisations, AgendaKind.GAPS: _gaps,
    AgendaKind.PROGRAMMES: _programmes, AgendaKind.STALE_FACTS: _stale_facts, AgendaKind.COVERAGE: _coverage,
}
