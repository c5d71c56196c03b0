"""What of working groups waits for somebody today."""
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SQL, fn

import clock
import db
from models import Attendance, GroupMember, GroupTask, GroupTaskState, Meeting, MeetingState, WorkingGroup
from policy import Can, ask, may, now_of, own_meetings, visible_group_tasks
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
    """Queries that tell whether each list of `today` has anything: meetings, tasks, groups that are asked."""
    return [_meetings(actor), _tasks(actor), _asking(actor)] if may(actor, Can.WORK_IN_GROUPS) else []


def today(actor, some_meetings=True, some_tasks=True, some_ask=True) -> Today | None:
    """What waits, each list in one query; a list that is said to have nothing is not asked for."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return None
    meetings, now = ask(actor, _meeting_rows) if some_meetings else [], clock.now()
    coming = [row for row in meetings if row.state is MeetingState.INVITED and row.ends_at > now]
    found = Today([(row, not row.answered and row.starts_at > now) for row in coming],
                  ask(actor, _task_rows) if some_tasks else [],
                  [row for row in meetings if row.leads and row.ends_at <= now],
                  ask(actor, _asking) if some_ask else [], clock.today())
    return found if meetings or found.tasks or found.asking else None


def _meeting_rows(actor):
    answered = fn.EXISTS(Attendance.select(SQL("1")).where(
        Attendance.meeting == Meeting.id, Attendance.user == actor.id, Attendance.coming.is_null(False)))
    return (_meetings(actor).select(Meeting, WorkingGroup, answered.alias("answered"),
                                    _leads(actor, Meeting.group).alias("leads"))
            .join_from(Meeting, WorkingGroup).order_by(Meeting.starts_at, Meeting.id))


def _meetings(actor):
    """Meetings to come, and past ones whose minutes the actor has to send out."""
    coming = (Meeting.state == MeetingState.INVITED) & (Meeting.ends_at > now_of(actor)) & (
        Meeting.starts_at < db.beginning_of(clock.today() + AHEAD))
    to_send = Meeting.state.in_([MeetingState.PLANNED, MeetingState.INVITED, MeetingState.CORRECTING]) & (
        Meeting.ends_at <= now_of(actor)) & _leads(actor, Meeting.group)
    return own_meetings(actor).where(coming | to_send)


def _task_rows(actor):
    return tasks.with_all(_tasks(actor)).order_by(GroupTask.due_on, GroupTask.id)


def _tasks(actor):
    return visible_group_tasks(actor).where(
        GroupTask.owner == actor.id, GroupTask.state == GroupTaskState.OPEN,
        GroupTask.due_on <= clock.today() + AHEAD)


def _leads(actor, group):
    return fn.EXISTS(GroupMember.select(SQL("1")).where(
        GroupMember.group == group, GroupMember.user == actor.id, GroupMember.until_at.is_null(),
        GroupMember.lead == True))  # noqa: E712


def _asking(actor):
    waits = GroupMember.alias()
    return WorkingGroup.select().where(
        WorkingGroup.closed_at.is_null(), _leads(actor, WorkingGroup.id), fn.EXISTS(waits.select(SQL("1")).where(
            waits.group == WorkingGroup.id, waits.since_at.is_null(), waits.until_at.is_null()))).order_by(
                WorkingGroup.name)
