"""Things to do, for an organisation or for one person of it: shown on Today, done with one tap."""
from dataclasses import dataclass
from datetime import date

from peewee import JOIN, fn

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
    return Today([_todo(actor, row) for row in rows[:SHOWN]], len(rows)) if rows else None


def _rows(actor):
    """Tasks, each with the joint day or the visitor and prison of the clearance that it is about."""
    return (policy.visible_tasks(actor).select(
                Task, User, Client, fn.COALESCE(JointDay.name, "").alias("day"),
                fn.COALESCE(Visitor.name, "").alias("visitor"),
                fn.COALESCE(fn.NULLIF(Organisation.short_name, ""), Organisation.name).alias("prison"))
            .join_from(Task, User, JOIN.LEFT_OUTER, on=(Task.owner == User.id), attr="owner")
            .join_from(Task, Client, JOIN.LEFT_OUTER)
            .join_from(Task, JointDay, JOIN.LEFT_OUTER, on=(JointDay.public_id == Task.about))
            .join_from(Task, Clearance, JOIN.LEFT_OUTER, on=(Clearance.public_id == Task.about))
            .join_from(Clearance, Visitor, JOIN.LEFT_OUTER)
            .join_from(Clearance, Organisation, JOIN.LEFT_OUTER, on=(Clearance.prison == Organisation.id))
            .where(Task.done_at.is_null()).order_by(Task.due_on, Task.id))


def _todo(actor, row) -> Todo:
    owner = row.owner.name if row.owner_id and row.owner_id != actor.id else ""
    about = [row.client.code if row.client_id else "", row.day,
             f"{row.visitor}, {row.prison}" if row.visitor else ""]
    return Todo(row.public_id, row.kind, " · ".join(filter(None, about)), row.due_on, owner,
                row.due_on < clock.today(), row.about)


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
