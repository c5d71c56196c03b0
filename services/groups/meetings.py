"""Meetings: planning, inviting, moving, calling off, who comes and who came."""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
from errors import Missing, RuleBroken
from models import AgendaItem, AgendaKind, Attendance, Meeting, MeetingState, Presence, User, WorkingGroup
from policy import own_meetings, visible_meetings
from services import journal
from services.coverage import snapshots
from services.groups import founding, telling
from services.groups.machine import Event, Side, State, has_begun, may_write_minutes, move, side_of, stay
from text import clean_text

STANDING = [AgendaKind.LAST_TASKS, AgendaKind.NEW_ORGANISATIONS, AgendaKind.GAPS, AgendaKind.PROGRAMMES,
            AgendaKind.STALE_FACTS, AgendaKind.COVERAGE]
FURTHEST = timedelta(days=730)
LONGEST = timedelta(hours=12)
WEB = ("https://", "http://")


@dataclass(frozen=True)
class Plan:
    """What a lead says of a meeting; times are of Prague."""

    title: str
    day: date
    starts: time
    ends: time
    place: str
    link: str


# Finding

def with_group(query):
    return query.select(Meeting, WorkingGroup).join(WorkingGroup)


def find(actor, public_id: str) -> Meeting:
    """A meeting that the actor may see, if only what was approved while they were a member. Raises Missing."""
    return _first(visible_meetings(actor), public_id)


def own(actor, public_id: str, lock: bool = False) -> Meeting:
    """A meeting of a group that the actor is in now. Raises Missing."""
    if lock:
        db.locked(Meeting.select().where(Meeting.public_id == public_id)).first()
    return _first(own_meetings(actor), public_id)


def led(actor, public_id: str, lock: bool = False) -> Meeting:
    """A meeting of an open group that the actor leads. Raises Missing."""
    row = own(actor, public_id, lock)
    if side_of(actor, row.group) is not Side.LEAD or row.group.closed_at:
        raise Missing(public_id)
    return row


def _first(query, public_id):
    row = with_group(query).where(Meeting.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    return row


def of_group(actor, group) -> list[Meeting]:
    """Meetings of a group that the actor may see, the newest first."""
    return list(visible_meetings(actor).where(Meeting.group == group).order_by(Meeting.starts_at.desc(), Meeting.id))


def coming(actor) -> list[Meeting]:
    """Meetings of all the actor's groups that are not over."""
    return list(with_group(own_meetings(actor)).where(
        Meeting.ends_at > clock.now(), Meeting.state != State.CANCELLED).order_by(Meeting.starts_at, Meeting.id))


def before(meeting) -> Meeting | None:
    """The meeting that the group held before this one."""
    return (Meeting.select().where(Meeting.group == meeting.group, Meeting.starts_at < meeting.starts_at,
                                   Meeting.state != State.CANCELLED, Meeting.starts_at <= clock.now())
            .order_by(Meeting.starts_at.desc()).first())


# Planning

def plan(actor, group_id: str, given: Plan) -> Meeting:
    """A new meeting with its standing items; a second click finds it. Raises Missing, RuleBroken."""
    with db.writing():
        group, columns = founding.own(actor, group_id, lead=True), _columns(given)
        db.locked(WorkingGroup.select().where(WorkingGroup.id == group.id)).get()
        if found := founding.same(Meeting, group=group, state=MeetingState.PLANNED, **columns):
            return found
        row = Meeting.create(group=group, created_by=actor.id, created_at=clock.now(), changed_at=clock.now(),
                             **columns)
        for position, kind in enumerate(STANDING, start=1):
            AgendaItem.create(meeting=row, kind=kind, position=position, author=actor.id)
        journal.wrote(actor, "meeting.plan", row.public_id)
    return row


def _columns(given: Plan) -> dict:
    starts, ends = clock.at(given.day, given.starts), clock.at(given.day, given.ends)
    _check_time(given.day, starts, ends)
    place, link = clean_text(given.place, limit=200), clean_text(given.link, limit=500)
    if not place and not link:
        raise RuleBroken(_("Write where it is, or a link for those who come by video."), "place")
    if link and not link.startswith(WEB):
        raise RuleBroken(_("A link begins with https://."), "link")
    return {"title": clean_text(given.title, limit=200), "starts_at": starts, "ends_at": ends, "place": place,
            "link": link}


def _check_time(day: date, starts: datetime, ends: datetime):
    if ends <= starts:
        raise RuleBroken(_("The end comes after the beginning."), "ends")
    if ends - starts > LONGEST:
        raise RuleBroken(_("A meeting takes twelve hours at most."), "ends")
    if day < clock.today():
        raise RuleBroken(_("Choose today or a later day."), "day")
    if day > clock.today() + FURTHEST:
        raise RuleBroken(_("That is too far away. Choose a day within two years."), "day")


def change(actor, public_id: str, given: Plan) -> Meeting:
    """Another name, time or place; those who were invited are told where the entry of their calendar changes."""
    with db.writing():
        row = led(actor, public_id, lock=True)
        wanted = _columns(given)
        entry = ("starts_at", "ends_at", "place", "link")
        moved = any(getattr(row, name) != wanted[name] for name in entry)
        told = moved and row.state is State.INVITED
        move(actor, row, Event.MOVE, **wanted, sequence=row.sequence + told)
        journal.wrote(actor, "meeting.change", row.public_id, parts=",".join(wanted))
        if told:
            telling.everybody(row, _l("The meeting has changed"))
    return row


def invite(actor, public_id: str) -> Meeting:
    """Invites the members. Raises Missing, RuleBroken where that was done."""
    with db.writing():
        row = led(actor, public_id, lock=True)
        move(actor, row, Event.INVITE, invited_at=clock.now(), sequence=row.sequence + bool(row.invited_at),
             snapshot=snapshots.take())
        journal.wrote(actor, "meeting.invite", row.public_id)
        telling.everybody(row)
    return row


def cancel(actor, public_id: str) -> Meeting:
    with db.writing():
        row = led(actor, public_id, lock=True)
        told = row.state is State.INVITED
        move(actor, row, Event.CANCEL, sequence=row.sequence + told)
        journal.wrote(actor, "meeting.cancel", row.public_id)
        if told:
            telling.everybody(row, _l("The meeting was called off"))
    return row


def reinstate(actor, public_id: str) -> Meeting:
    """Back to preparation; whoever should come is invited anew."""
    with db.writing():
        row = led(actor, public_id, lock=True)
        move(actor, row, Event.REINSTATE)
        journal.wrote(actor, "meeting.reinstate", row.public_id)
    return row


# Who comes, who came

def reply(actor, public_id: str, is_coming: bool) -> Meeting:
    """A member says whether they come. Raises Missing, RuleBroken."""
    with db.writing():
        row = own(actor, public_id, lock=True)
        if row.state is not State.INVITED or row.group.closed_at or stay(actor, row.group) is None:
            raise RuleBroken(_("This cannot be done any more. See how the meeting stands now."))
        if has_begun(row):
            raise RuleBroken(_("The meeting has begun already."))
        _set(row, actor.id, coming=is_coming)
        journal.wrote(actor, "meeting.reply", row.public_id)
    return row


def _set(meeting, user_id, **columns):
    found = (Attendance.meeting == meeting) & (Attendance.user == user_id)
    if not Attendance.update(**columns).where(found).execute():
        Attendance.create(meeting=meeting, user=user_id, **columns)


def attendance(meeting) -> list[tuple[User, bool | None, Presence | None]]:
    """Who is in the group now, or has an answer here: whether they wanted to come, whether they came."""
    rows = {row.user_id: row for row in Attendance.select().where(Attendance.meeting == meeting)}
    people = {person.id: person for person in founding.members(meeting.group)}
    for person in User.select().where(User.id.in_([key for key, row in rows.items() if row.presence] or [-1])):
        people.setdefault(person.id, person)
    return [(person, rows[key].coming if key in rows else None, rows[key].presence if key in rows else None)
            for key, person in people.items()]


def record_attendance(actor, public_id: str, came: dict[str, str], others: str) -> Meeting:
    """Who came: `came` are values of Presence by public id of a user; `others` those who are not members."""
    with db.writing():
        row = own(actor, public_id, lock=True)
        if not may_write_minutes(row):
            raise RuleBroken(_("The minutes are not open for writing."))
        known = {person.public_id: person for person, _coming, _presence in attendance(row)}
        for key, word in came.items():
            if key in known and word in list(Presence):
                _set(row, known[key].id, presence=Presence(word))
        row.others = clean_text(others, lines=True, limit=2000)
        row.save(only=[Meeting.others])
        journal.wrote(actor, "meeting.attendance", row.public_id)
    return row
