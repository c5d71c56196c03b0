"""What of working groups waits for somebody today."""
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SQL, fn

import clock
import db
from models import Attendance, GroupMember, GroupTask, GroupTaskState, Meeting, MeetingState, WorkingGroup
from policy import Can, may, now_of, own_meetings, visible_group_tasks
from services.groups import tasks

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Today:
    meetings: list[tuple[Meeting, bool]]  # and whether the actor has not answered yet
    tasks: list[GroupTask]
    to_send: list[Meeting]  # whose minutes nobody has sent out
    asking: list[WorkingGroup]  # somebody asks to join
    day: date


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return []
    return [_coming(actor), _tasks(actor), _to_send(actor), _asking(actor)]


def today(actor) -> Today | None:
    if not may(actor, Can.WORK_IN_GROUPS):
        return None
    coming = list(_with_group(_coming(actor)).order_by(Meeting.starts_at, Meeting.id))
    answered = {key for key, in Attendance.select(Attendance.meeting).where(
        Attendance.user == actor.id, Attendance.coming.is_null(False)).tuples()} if coming else set()
    found = Today([(row, row.id not in answered and row.starts_at > clock.now()) for row in coming],
                  list(tasks.with_all(_tasks(actor)).order_by(GroupTask.due_on, GroupTask.id)),
                  list(_with_group(_to_send(actor)).order_by(Meeting.starts_at)),
                  list(_asking(actor).order_by(WorkingGroup.name)), clock.today())
    return found if found.meetings or found.tasks or found.to_send or found.asking else None


def _with_group(query):
    return query.select(Meeting, WorkingGroup).join_from(Meeting, WorkingGroup)


def _coming(actor):
    return own_meetings(actor).where(Meeting.state == MeetingState.INVITED, Meeting.ends_at > now_of(actor),
                                     Meeting.starts_at < db.beginning_of(clock.today() + AHEAD))


def _tasks(actor):
    return visible_group_tasks(actor).where(
        GroupTask.owner == actor.id, GroupTask.state == GroupTaskState.OPEN,
        GroupTask.due_on <= clock.today() + AHEAD)


def _leads(actor, group):
    return fn.EXISTS(GroupMember.select(SQL("1")).where(
        GroupMember.group == group, GroupMember.user == actor.id, GroupMember.until_at.is_null(),
        GroupMember.lead == True))  # noqa: E712


def _to_send(actor):
    return own_meetings(actor).where(
        Meeting.state.in_([MeetingState.PLANNED, MeetingState.INVITED, MeetingState.CORRECTING]),
        Meeting.ends_at < now_of(actor), _leads(actor, Meeting.group))


def _asking(actor):
    waits = GroupMember.alias()
    return WorkingGroup.select().where(
        WorkingGroup.closed_at.is_null(), _leads(actor, WorkingGroup.id), fn.EXISTS(waits.select(SQL("1")).where(
            waits.group == WorkingGroup.id, waits.since_at.is_null(), waits.until_at.is_null())))
