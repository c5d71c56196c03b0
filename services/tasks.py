"""Things to do, for an organisation or for one person of it: shown on Today, done with one tap."""
from dataclasses import dataclass
from datetime import date

from peewee import JOIN

import clock
import db
import policy
from errors import Missing
from models import Clearance, Client, JointDay, Organisation, Task, TaskKind, User, Visitor
from services import journal

SHOWN = 20


@dataclass(frozen=True)
class Todo:
    """A task as Today shows it; `about` says what it is about: a client's code, or a visitor and a prison."""

    public_id: str
    kind: TaskKind
    about: str
    due_on: date
    owner: str  # empty where it is the reader's, or nobody's
    late: bool
    record: str  # public id of what it is about


@dataclass(frozen=True)
class Today:
    rows: list[Todo]
    in_all: int


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    return [policy.visible_tasks(actor).where(Task.done_at.is_null())]


def today(actor) -> Today | None:
    """Open tasks of the actor, or, for a lead, of the whole organisation; the soonest first."""
    rows = policy.ask(actor, _rows)
    if not rows:
        return None
    names = _names(rows)
    return Today([_todo(actor, row, names) for row in rows[:SHOWN]], len(rows))


def _rows(actor):
    return (policy.visible_tasks(actor).select(Task, User, Client)
            .join_from(Task, User, JOIN.LEFT_OUTER, on=(Task.owner == User.id), attr="owner")
            .join_from(Task, Client, JOIN.LEFT_OUTER).where(Task.done_at.is_null()).order_by(Task.due_on, Task.id))


def _todo(actor, row, names) -> Todo:
    owner = row.owner.name if row.owner_id and row.owner_id != actor.id else ""
    about = names.get(row.about, "")
    code = row.client.code if row.client_id else ""
    return Todo(row.public_id, row.kind, " · ".join(filter(None, [code, about])), row.due_on, owner,
                row.due_on < clock.today(), row.about)


def _names(rows) -> dict[str, str]:
    """What the records that tasks are about are called."""
    ids = [row.about for row in rows]
    days = JointDay.select(JointDay.public_id, JointDay.name).where(JointDay.public_id.in_(ids)).tuples()
    ending = (Clearance.select(Clearance.public_id, Visitor.name, Organisation.name, Organisation.short_name)
              .join(Visitor).join_from(Clearance, Organisation, on=(Clearance.prison == Organisation.id))
              .where(Clearance.public_id.in_(ids)).tuples())
    return {**dict(days), **{about: f"{name}, {short or prison}" for about, name, prison, short in ending}}


def done(actor, public_id: str) -> Task:
    """Marks a task as done; a second tap changes nothing. Missing where it is not theirs."""
    with db.writing():
        row = db.locked(policy.visible_tasks(actor).where(Task.public_id == public_id)).first()
        if row is None:
            raise Missing
        if row.done_at is None:
            row.done_at, row.done_by = clock.now(), actor.id
            row.save(only=[Task.done_at, Task.done_by])
            journal.wrote(actor, "task.done", public_id, client=row.client, parts="visits")
        return row
