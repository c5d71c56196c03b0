"""What the receiver does with a referral, and what the author answers; taking it back."""
from datetime import date, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import Client, Closing, Level, Need, Referral, ReferralLine, ReferralNeed, ReferralReason, User
from policy import KIND_ROLES
from services import keys
from services.referrals import fitting, levels, telling
from services.referrals.changing import begin, end_access, move
from services.referrals.machine import OPEN, Event, Side, State
from services.slots import is_working_day, working_days_after

CONTACT_DAYS, LONGEST_CONTACT_DAYS, WAIT_DAYS, LONGEST_TEXT = 10, 90, 30, 500
RESULTS = ("achieved", "partly", "not")


def workers(row: Referral) -> list[User]:
    """Who in the receiving organisation can take a referral on."""
    return list(User.select().where(User.organisation == row.receiver_id, User.active == True,  # noqa: E712
                                    User.role.in_(KIND_ROLES[row.receiver.kind])).order_by(User.name))


def accept(actor, public_id: str, worker: str, contact_by: date | None = None) -> Referral:
    """A named worker takes it on; first contact is theirs to make by a day."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.ACCEPT)
        named = next((each for each in workers(row) if each.public_id == worker), None)
        if named is None:
            raise RuleBroken(_("Choose who takes it on."), field="worker")
        due = contact_by or working_days_after(clock.today(), CONTACT_DAYS)
        if not clock.today() <= due <= clock.today() + timedelta(days=LONGEST_CONTACT_DAYS):
            raise RuleBroken(_("Choose a day within 90 days."), field="contact_by")
        take(actor, row, sides, worker=named.id, contact_by=due)
        return row


def take(actor, row, sides, **columns) -> None:
    move(actor, row, Event.ACCEPT, sides, accepted_at=clock.now(), waiting_until=None, **columns)
    levels.join(row)
    _tell_author(row, lambda: _("Your referral has been accepted."))


def wait(actor, public_id: str, event: Event = Event.WAIT) -> Referral:
    """No place now: it waits, confirmed every month (Event.STILL_WAIT)."""
    with db.writing():
        row, sides = begin(actor, public_id, event)
        move(actor, row, event, sides, waiting_until=clock.today() + timedelta(days=WAIT_DAYS))
        if event is Event.WAIT:
            _tell_author(row, lambda: _("The service has no place now. The client waits for one."))
        return row


def decline(actor, public_id: str, reason) -> Referral:
    with db.writing():
        row, sides = begin(actor, public_id, Event.DECLINE)
        refuse(actor, row, sides, reason)
        return row


def refuse(actor, row, sides, reason) -> None:
    move(actor, row, Event.DECLINE, sides, reason=reason)
    _tell_author(row, lambda: _("Your referral was declined. See which services may help instead."))


def ask(actor, public_id: str, text: str) -> Referral:
    """A question of the receiver; the clock stops."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.ASK)
        put_question(actor, row, sides, text)
        return row


def put_question(actor, row, sides, text) -> None:
    _line(actor, row, text, by_receiver=True)
    move(actor, row, Event.ASK, sides, paused_at=clock.now(), questions=row.questions + 1)
    _tell_author(row, lambda: _("The service asks something about your referral."))


def answer(actor, public_id: str, text: str) -> Referral:
    """The author answers; the clock goes on, with the working days that it stood still."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.ANSWER)
        _line(actor, row, text, by_receiver=False)
        stood = _working_days(clock.local(row.paused_at).date(), clock.today()) if row.paused_at else 0
        move(actor, row, Event.ANSWER, sides, paused_at=None,
             answer_by=working_days_after(max(row.answer_by, clock.local(row.paused_at).date()), stood))
        telling.tell(telling.receivers(row), row, lambda: _("A referral to your service"),
                     lambda: _("Your question about a referral has been answered."))
        return row


def _working_days(since: date, until: date) -> int:
    return sum(is_working_day(since + timedelta(days=number)) for number in range(1, (until - since).days + 1))


def _line(actor, row, text, by_receiver):
    text = levels.words(row.client, text, "text", LONGEST_TEXT)
    if not text:
        raise RuleBroken(_("Write a sentence."), field="text")
    line = ReferralLine(referral=row, author=getattr(actor, "id", None), by_receiver=by_receiver, at=clock.now())
    line.text = keys.seal(line, "text", text, row.client)
    line.save(force_insert=True)


def contact(actor, public_id: str) -> Referral:
    """The first contact was held: the service works with the client."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.CONTACT)
        move(actor, row, Event.CONTACT, sides, contacted_at=clock.now())
        _tell_author(row, lambda: _("The client came: the service works with them."))
        return row


def go_on(actor, public_id: str) -> Referral:
    """The receiver has seen that the prison or the day of release is another one."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.GO_ON)
        move(actor, row, Event.GO_ON, sides, review_at=None)
        return row


def tell_line(actor, public_id: str, text: str) -> Referral:
    """One line on how it goes, for the sender; the receiver chooses the words, no name among them."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.LINE)
        _line(actor, row, text, by_receiver=True)
        move(actor, row, Event.LINE, sides, line_asked_at=None)
        _tell_author(row, lambda: _("A service wrote how it goes with your referral."))
        return row


def close(actor, public_id: str, closing: Closing | None, results: dict[Need, str]) -> Referral:
    """Ends it. The sender sees `closing` and nothing more; where something was delivered, a line for each need."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.CLOSE)
        if closing is None or (row.state is State.ACCEPTED and closing is not Closing.DID_NOT_COME):
            raise RuleBroken(_("Choose how it ended."), field="closing")
        if closing is not Closing.DID_NOT_COME:
            _keep_results(row, results)
        move(actor, row, Event.CLOSE, sides, closing=closing, closed_at=clock.now(), line_asked_at=None)
        levels.leave(row, at_once=False)
        _tell_author(row, lambda: _("A service has closed a referral of yours."))
        return row


def _keep_results(row, results):
    needs = fitting.needs_of(row)
    if any(results.get(need) not in RESULTS for need in needs):
        raise RuleBroken(_("Say for each need how it went."), field="results")
    for need in needs:
        ReferralNeed.update(result=results[need]).where(
            ReferralNeed.referral == row, ReferralNeed.need == need).execute()


def reopen(actor, public_id: str, text: str) -> Referral:
    """Within thirty days of the end, with a reason in words."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.REOPEN)
        _line(actor, row, text, by_receiver=True)
        move(actor, row, Event.REOPEN, sides, closing=None, closed_at=None)
        levels.join(row)
        _tell_author(row, lambda: _("A service works with the client again."))
        return row


def withdraw(actor, public_id: str, reason) -> Referral:
    """The author or the client takes it back; it holds with the next request."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.WITHDRAW)
        _withdraw(actor, row, sides, reason)
        if Side.CLIENT in sides:
            _tell_author(row, lambda: _("The client took a referral back."), rests=False)
        return row


def _withdraw(actor, row, sides, reason):
    told = telling.receivers(row)
    move(actor, row, Event.WITHDRAW, sides, reason=reason, external_hash=None)
    end_access(row)
    telling.tell(told, row, lambda: _("A referral was taken back"),
                 lambda: _("A referral to your service was taken back. Delete what you wrote down from it."),
                 rests=False)


def end_all(actor, client: Client) -> set[int]:
    """Takes back every open referral of who has died or is erased, drops drafts; the receivers' ids.

    Belongs inside `db.writing()`.
    """
    Referral.delete().where(Referral.client == client, Referral.state == State.DRAFT).execute()
    rows = list(Referral.select().where(Referral.client == client, Referral.state.in_(OPEN)))
    for row in rows:
        _withdraw(actor, row, frozenset({Side.CLIENT}), ReferralReason.CLIENT)
    return {row.receiver_id for row in rows if row.level >= Level.IDENTITY}


def _tell_author(row, words, rests=True):
    telling.tell(telling.senders(row), row, lambda: _("Your referral"), words, rests)
