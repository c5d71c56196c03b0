"""Things to do, for an organisation or for one person of it: shown on Today, done with one tap."""
from dataclasses import dataclass
from datetime import date

from peewee import JOIN, fn

import clock
import db
import policy
from errors import Missing
from models import Clearance, Client, JointDay, Organisation, Task, TaskKind, User, Visitor
from rows import as_text
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
    """The query whose rows `today` shows."""
    return [db.Rows(_rows(actor))]


def today(actor, rows=None) -> Today | None:
    """Open tasks of the actor, or, for a lead, of the whole organisation; the soonest first."""
    rows = policy.ask(actor, _rows) if rows is None else rows
    return Today([_todo(actor, *row) for row in rows[:SHOWN]], len(rows)) if rows else None


def _rows(actor):
    """Tasks, each with the client, the joint day, or the visitor and prison of the clearance that it is about."""
    return (policy.visible_tasks(actor).select(
                Task.public_id.alias("which"), as_text(Task.kind, "kind"), Task.due_on.alias("due"),
                Task.about.alias("record"), Task.owner.alias("owner"), User.name.alias("name"),
                Client.code.alias("code"), JointDay.name.alias("day"), Visitor.name.alias("visitor"),
                fn.COALESCE(fn.NULLIF(Organisation.short_name, ""), Organisation.name).alias("prison"))
            .join_from(Task, User, JOIN.LEFT_OUTER, on=(Task.owner == User.id), attr="owner")
            .join_from(Task, Client, JOIN.LEFT_OUTER)
            .join_from(Task, JointDay, JOIN.LEFT_OUTER, on=(JointDay.public_id == Task.about))
            .join_from(Task, Clearance, JOIN.LEFT_OUTER, on=(Clearance.public_id == Task.about))
            .join_from(Clearance, Visitor, JOIN.LEFT_OUTER)
            .join_from(Clearance, Organisation, JOIN.LEFT_OUTER, on=(Clearance.prison == Organisation.id))
            .where(Task.done_at.is_null()).order_by(Task.due_on, Task.id).tuples())


def _todo(actor, public_id, kind, due, record, owner, name, code, day, visitor, prison) -> Todo:
    about, due_on = [code, day, f"{visitor}, {prison}" if visitor else ""], db.day_of(due)
    return Todo(public_id, TaskKind(kind), " · ".join(filter(None, about)), due_on,
                name or "" if owner != actor.id else "", due_on < clock.today(), record)


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
