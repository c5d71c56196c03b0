"""Two services on one need. Who may know is told and goes on with a reason; who may not gets the ordinary answer, and
the client and the worker who serves the need are told instead."""
from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from labels import label
from models import Client, Organisation, Referral, ReferralNeed, Scope, Task, TaskKind
from policy import consented
from services import journal
from services.referrals import fitting, telling
from services.referrals.machine import SERVED
from services.slots import working_days_after


class Overlap(RuleBroken):
    """Somebody serves the need, and the sender may know who."""


def serving(row: Referral) -> list[Referral]:
    """Referrals of the same client under which somebody else serves one of the needs."""
    same = ReferralNeed.select(ReferralNeed.referral).where(ReferralNeed.need.in_(fitting.needs_of(row)))
    return list(Referral.select(Referral, Organisation).join(Organisation, on=(Referral.receiver == Organisation.id))
                .where(Referral.client == row.client_id, Referral.id != row.id, Referral.state.in_(SERVED),
                       Referral.receiver != row.receiver_id, Referral.id.in_(same)))


def _may_know(actor, row) -> bool:
    return Client.select().where(Client.id == row.client_id, consented(actor, Client.id, Scope.NETWORK)).exists()


def check(actor, row: Referral) -> None:
    """Raises Overlap where the actor may know of it and gives no reason to go on."""
    found = serving(row)
    if not found or row.overlap_reason or not _may_know(actor, row):
        return
    needs = set(fitting.needs_of(row))
    said = "; ".join(f"{each.receiver.label} ({', '.join(_in_words(each, needs))})" for each in found)
    raise Overlap(_("Already working on it: %(who)s. Write why to go on, or do not send it.", who=said),
                  field="overlap_reason")


def _in_words(other, needs):
    return [str(label(need)) for need in fitting.needs_of(other) if need in needs]


def tell_quietly(actor, row: Referral) -> None:
    """The client and who serves the need learn that another service was asked; nobody learns it from here."""
    for other in serving(row):
        telling.tell_client(row, lambda: _("Another service was asked about something that somebody already helps "
                                           "you with. See your referrals."))
        _remind(other)


def _remind(other):
    """A task without a client in it: it leads to the worker's own referral."""
    worker = other.worker_id
    open_one = Task.select().where(Task.about == other.public_id, Task.kind == TaskKind.OVERLAP,
                                   Task.done_at.is_null())
    if worker and not open_one.exists():
        Task.create(organisation=other.receiver_id, owner=worker, kind=TaskKind.OVERLAP, about=other.public_id,
                    due_on=working_days_after(clock.today(), 5), created_at=clock.now())


def note_told(actor, row: Referral) -> None:
    """That the actor was shown who serves the need, for the client's log. Its own transaction: the sending failed."""
    with db.writing():
        journal.read(actor, "referral.overlap", row.public_id, row.client, "network", "consent")
