"""What time does to referrals: late answers, places waited for, contacts that did not come, a release that moved."""
from datetime import date, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from models import Client, Kind, Organisation, Referral, ReferralEvent, Role, User
from policy import NOBODY, PRISON_READS_DAYS, Can, has_clients, may
from services import mail
from services.referrals import telling
from services.referrals.changing import move
from services.referrals.machine import OPEN, SERVED, Event, Side, State
from services.referrals.sending import ANSWER_DAYS
from services.slots import working_days_after

LINE_EVERY = timedelta(days=30)
GIVEN_UP_AFTER = 5  # working days after the answer was due
_SYSTEM = frozenset({Side.SYSTEM})


def run_due() -> int:
    """All that is due this morning; returns how many referrals it touched."""
    return flag_late() + run_out() + fall_back() + miss_contact() + ask_for_lines()


def flag_late() -> int:
    """Marks referrals without an answer: both sides are told, and the coordinator learns whose answer is missing."""
    def late(row):
        move(None, row, Event.FLAG_LATE, _SYSTEM, overdue_at=clock.now(), escalated_at=clock.now())
        telling.tell([*telling.receivers(row), *telling.senders(row)], row, lambda: _("A referral without an answer"),
                     lambda: _("The answer to a referral is overdue. The coordinator of the network has been told."))
        _tell_coordinators(row)
    return _each(late, Referral.state == State.SENT, Referral.overdue_at.is_null(), Referral.answer_by < clock.today())


def _tell_coordinators(row):
    for user in User.select().where(User.role == Role.COORDINATOR, User.active == True,  # noqa: E712
                                    User.email.is_null(False)):
        with force_locale(user.language):
            body = _("%(organisation)s has not answered a referral in time.", organisation=row.receiver.label)
            subject = _("A referral without an answer")
            mail.post(user, f"{subject} ({row.number})", f"{body}\n\n{mail.link('/referrals/unanswered')}\n")


def run_out() -> int:
    """Referrals that nobody answered, long after that was due: unmet demand."""
    def over(row):
        move(None, row, Event.RUN_OUT, _SYSTEM, closed_at=clock.now())
        telling.tell(telling.senders(row), row, lambda: _("Your referral"),
                     lambda: _("Nobody answered your referral. See which services may help instead."))
    due = [row for row in Referral.select().where(Referral.state == State.SENT, Referral.overdue_at.is_null(False))
           if working_days_after(row.answer_by, GIVEN_UP_AFTER) < clock.today()]
    return _each(over, Referral.id.in_([row.id for row in due])) if due else 0


def fall_back() -> int:
    """Places that nobody confirms each month: the referral waits for an answer again."""
    def back(row):
        move(None, row, Event.FALL_BACK, _SYSTEM, waiting_until=None, overdue_at=None,
             answer_by=working_days_after(clock.today(), ANSWER_DAYS))
        telling.tell(telling.receivers(row), row, lambda: _("A referral to your service"),
                     lambda: _("A client still waits for a place with you. Answer the referral again, please."))
    return _each(back, Referral.state == State.WAITING, Referral.waiting_until < clock.today())


def miss_contact() -> int:
    """First contacts that were not held in time: author and worker are told."""
    def missed(row):
        move(None, row, Event.NO_CONTACT, _SYSTEM, no_contact_at=clock.now())
        telling.tell([*telling.receivers(row), *telling.senders(row)], row, lambda: _("No first contact yet"),
                     lambda: _("The first contact of a referral was not held in time."))
    return _each(missed, Referral.state == State.ACCEPTED, Referral.no_contact_at.is_null(),
                 Referral.contact_by < clock.today())


def ask_for_lines() -> int:
    """Who has taken a referral on is asked each month for one line on how it goes, so that its sender knows.

    Not for a prison that may read nothing new of the client any more.
    """
    def asks(row):
        move(None, row, Event.ASK_LINE, _SYSTEM, line_asked_at=clock.now())
        telling.tell(telling.receivers(row), row, lambda: _("One line on a referral, please"),
                     lambda: _("You have worked with a client from a referral for a month. Its sender knows nothing of "
                               "it: write one line on how it goes, or close it."))
    month_ago = clock.now() - LINE_EVERY
    told = ReferralEvent.select(ReferralEvent.referral).where(
        ReferralEvent.event.in_([Event.ASK_LINE, Event.LINE]), ReferralEvent.at > month_ago)
    return _each(asks, Referral.state.in_(SERVED), Referral.accepted_at < month_ago, Referral.sender.is_null(False),
                 ~_too_late_for_a_prison(), Referral.line_asked_at.is_null(), Referral.id.not_in(told))


def _too_late_for_a_prison():
    """Condition: a prison sent it, and may read nothing that is written of the client from now on."""
    long_out = Client.select(Client.id).where(Client.released_on < clock.today() - timedelta(days=PRISON_READS_DAYS))
    prisons = Organisation.select(Organisation.id).where(Organisation.kind == Kind.PRISON)
    return Referral.sender.in_(prisons) & Referral.client.in_(long_out)


def _each(do, *conditions) -> int:
    with db.writing():
        rows = list(db.locked(Referral.select().where(*conditions)))
        for row in rows:
            do(row)
        return len(rows)


def release_changed(client: Client, old: date | None, new: date | None) -> int:
    """Open referrals of a client whose prison or day of release is another one are marked for review; the receiver is
    told old → new by the month, which is all that a referral says of it. Belongs inside `db.writing()`."""
    months = [f"{day:%Y-%m}" if day else "" for day in (old, new)]
    rows = list(db.locked(Referral.select().where(Referral.client == client, Referral.state.in_(OPEN))))
    for row in rows:
        move(None, row, Event.REVIEW, _SYSTEM, changes={"release_month": months}, review_at=clock.now(),
             release_month=months[1])
        telling.tell(telling.receivers(row), row, lambda: _("A referral has changed"),
                     lambda: _("The prison or the month of release of a client has changed. See the referral."))
    return len(rows)


def unanswered(actor) -> list[Referral]:
    """For the coordinator: whose answer is missing since when, by number; nothing of the client. Empty for others."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        return []
    return list(Referral.select(Referral.number, Referral.answer_by, Referral.state, Organisation)
                .join(Organisation, JOIN.LEFT_OUTER, on=(Referral.receiver == Organisation.id))
                .where((Referral.state == State.UNANSWERED) | _LATE).order_by(Referral.answer_by))


_LATE = (Referral.state == State.SENT) & Referral.overdue_at.is_null(False)


def late(actor):
    """Whose answer is missing and can still come, for the coordinator; nobody's for others."""
    asks = has_clients() and may(actor, Can.VERIFY_ORGANISATIONS)
    return Referral.select().where(_LATE if asks else NOBODY)
