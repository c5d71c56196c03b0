"""What an answer of the client leads to: somebody reads it, and *I need help now* reaches a named person.

They have a working day; after that their deputy has it too.
"""
from datetime import date, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
from models import Client, Membership, Prompt, StandIn, Task, TaskKind, User
from services import journal, mail
from services.slots import is_working_day


def call(prompt: Prompt) -> tuple[User | None, date]:
    """Has the client's worker help them; returns who it is and by which day. Inside `db.writing()`."""
    worker, due = have_read(prompt, TaskKind.HELP_NOW, clock.today() + timedelta(days=1))
    _write(worker, lambda: _("A client needs help now"),
           lambda: _("A client wrote that they need help now. Get in touch with them by the end of the next working "
                     "day."))
    journal.wrote(None, "feedback.help", prompt.public_id, prompt.client, "task")
    return worker, due


def have_read(prompt: Prompt, kind: TaskKind, day: date) -> tuple[User | None, date]:
    """A task of the client's worker, by the first working day from `day` on; whose it is and its day."""
    worker, due = _worker(prompt), first_working_day(day)
    Task.create(organisation=prompt.organisation_id, owner=worker, client=prompt.client, kind=kind,
                about=prompt.public_id, due_on=due, created_at=clock.now())
    return worker, due


def first_working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _worker(prompt) -> User | None:
    """Who is responsible: the worker of the follow-up, else of the client, else a lead."""
    member = Membership.get_or_none(Membership.client == prompt.client,
                                    Membership.organisation == prompt.organisation_id)
    ids = [each for each in (prompt.worker_id, member and member.worker_id) if each]
    named = {user.id: user for user in _active(prompt.organisation_id).where(User.id.in_(ids))}
    return next((named[each] for each in ids if each in named), None) or _leads(prompt.organisation_id).first()


def _active(organisation):
    return User.select().where(User.organisation == organisation, User.active == True)  # noqa: E712


def _leads(organisation):
    return _active(organisation).where(User.lead == True).order_by(User.id)  # noqa: E712


def _write(user, subject, body):
    """A mail without a name: what it is about stands on Today."""
    if user and user.email:
        with force_locale(user.language):
            mail.post(user, subject(), f"{body()}\n\n{mail.link('/')}\n")


def escalate_due() -> int:
    """Hands to a deputy what nobody took up in time; returns how many."""
    with db.writing():
        later = Task.alias()
        passed_on = later.select(later.about).where(later.kind == TaskKind.HELP_DEPUTY)
        late = list(db.locked(Task.select().where(
            Task.kind == TaskKind.HELP_NOW, Task.done_at.is_null(), Task.due_on < clock.today(),
            Task.about.not_in(passed_on))))
        return sum(_pass_on(task) for task in late)


def _pass_on(task) -> int:
    deputy = _deputy(task)
    Task.create(organisation=task.organisation_id, owner=deputy, client=task.client_id, kind=TaskKind.HELP_DEPUTY,
                about=task.about, due_on=clock.today(), created_at=clock.now())
    for user in [deputy] if deputy else _active(task.organisation_id):
        _write(user, lambda: _("A client still waits for help"),
               lambda: _("A client wrote that they need help now. Nobody has answered in a working day: take it up, "
                         "please, or tell who can."))
    journal.wrote(None, "feedback.deputy", task.about, Client.get_by_id(task.client_id), "task")
    return 1


def _deputy(task) -> User | None:
    """Who stands in for the worker with this client, else another lead; none where nobody else may know the client."""
    others = _active(task.organisation_id).where(User.id != task.owner_id) if task.owner_id else \
        _active(task.organisation_id)
    stands_in = (StandIn.select(StandIn.worker).join(Membership).where(
        Membership.client == task.client_id, Membership.organisation == task.organisation_id))
    return (others.where(User.id.in_(stands_in)).first()
            or others.where(User.lead == True).order_by(User.id).first())  # noqa: E712
