"""Tasks that somebody took on at a meeting: given, changed, done; reminders before they are due."""
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
from errors import Missing, RuleBroken
from models import AgendaItem, GroupTask, GroupTaskState, Meeting, User, WorkingGroup
from policy import visible_group_tasks
from services import accounts, journal
from services.groups import founding, meetings, telling
from services.groups.machine import Side, side_of
from text import clean_text

AHEAD = timedelta(days=3)
FURTHEST = timedelta(days=730)


def with_all(query):
    return (query.select(GroupTask, User, Meeting, WorkingGroup).join_from(GroupTask, User)
            .join_from(Meeting, WorkingGroup))


def find(actor, public_id: str, lock: bool = False) -> GroupTask:
    """A task of a group that the actor is in. Raises Missing."""
    if lock:
        db.locked(GroupTask.select().where(GroupTask.public_id == public_id)).first()
    row = with_all(visible_group_tasks(actor)).where(GroupTask.public_id == public_id).first()
    if row is None or (lock and row.meeting.group.closed_at):
        raise Missing(public_id)
    return row


def mine(actor) -> list[GroupTask]:
    """The actor's open tasks of groups that they are in, the soonest first."""
    return list(with_all(visible_group_tasks(actor)).where(
        GroupTask.owner == actor.id, GroupTask.state == GroupTaskState.OPEN).order_by(GroupTask.due_on, GroupTask.id))


def give(actor, meeting_id: str, what: str, owner: str, due_on: date, item: str = "") -> GroupTask:
    """A new task of a member (public id) from an item (public id or nothing); a second click finds it. Raises Missing,
    RuleBroken."""
    with db.writing():
        meeting = meetings.own(actor, meeting_id, lock=True)
        if meeting.group.closed_at:
            raise Missing(meeting_id)
        given = {"meeting": meeting, "item": _item(meeting, item), **_given(meeting, what, owner, due_on)}
        if found := founding.same(GroupTask, state=GroupTaskState.OPEN, **given):
            return found
        row = GroupTask.create(created_at=clock.now(), changed_at=clock.now(), **given)
        journal.wrote(actor, "meeting.give_task", row.public_id)
        if row.owner_id != actor.id:
            telling.task_told(row, _l("A task for you"))
    return row


def _item(meeting, public_id):
    return AgendaItem.get_or_none(AgendaItem.public_id == public_id, AgendaItem.meeting == meeting) if public_id \
        else None


def _given(meeting, what, owner, due_on) -> dict:
    person = next((each for each in founding.members(meeting.group) if each.public_id == owner), None)
    if person is None:
        raise RuleBroken(_("Choose one of the members."), "owner")
    if not clock.local(meeting.starts_at).date() <= due_on <= clock.today() + FURTHEST:
        raise RuleBroken(_("Choose a day after the meeting, within two years."), "due_on")
    return {"what": clean_text(what, lines=True, limit=1000), "owner": person, "due_on": due_on}


def change(actor, public_id: str, what: str, owner: str, due_on: date) -> GroupTask:
    with db.writing():
        row = find(actor, public_id, lock=True)
        _refuse_foreign(actor, row)
        before = row.owner_id
        for name, value in _given(row.meeting, what, owner, due_on).items():
            setattr(row, name, value)
        row.changed_at = clock.now()
        row.save(only=[GroupTask.what, GroupTask.owner, GroupTask.due_on, GroupTask.changed_at])
        journal.wrote(actor, "meeting.change_task", row.public_id, parts="what,owner,due_on")
        if row.owner_id not in {before, actor.id}:
            telling.task_told(row, _l("A task for you"))
    return row


def may_change(actor, row) -> bool:
    """Who took a task on, and who leads the group."""
    return row.owner_id == actor.id or side_of(actor, row.meeting.group) is Side.LEAD


def _refuse_foreign(actor, row):
    if not may_change(actor, row):
        raise Missing(row.public_id)


def to_change(actor, public_id: str) -> GroupTask:
    row = find(actor, public_id)
    _refuse_foreign(actor, row)
    return row


def set_state(actor, public_id: str, state: GroupTaskState) -> GroupTask:
    """Done, dropped, or open again; a second tap changes nothing. Raises Missing."""
    with db.writing():
        row = find(actor, public_id, lock=True)
        _refuse_foreign(actor, row)
        if row.state is not state:
            row.state, row.changed_at = state, clock.now()
            row.save(only=[GroupTask.state, GroupTask.changed_at])
            journal.wrote(actor, f"meeting.task_{state}", row.public_id)
    return row


def remind_due() -> int:
    """Each morning: reminds owners three days before a task is due, once for each date; returns how many."""
    return sum(_remind(row.id) for row in list(_due().select(GroupTask.id)))


def _due():
    return GroupTask.select().where(
        GroupTask.state == GroupTaskState.OPEN,
        GroupTask.due_on >= clock.today(), GroupTask.due_on <= clock.today() + AHEAD,
        GroupTask.reminded_on.is_null() | (GroupTask.reminded_on != GroupTask.due_on))


def _remind(task_id) -> bool:
    with db.writing():
        row = db.locked(_due().where(GroupTask.id == task_id)).first()
        if row is None:
            return False
        GroupTask.update(reminded_on=row.due_on).where(GroupTask.id == task_id).execute()
        goes_on = accounts.is_let_in(row.owner) and not row.meeting.group.closed_at \
            and row.owner in founding.members(row.meeting.group)
        if goes_on:
            telling.task_told(row, _l("Your task is due soon"))
        return goes_on
