"""The page behind a link: a receiver without an account sees this one referral, at its level, and answers.

Opening it changes nothing. The link is kept as a digest only, holds for thirty days, and dies with the answer.
"""
from flask_babel import gettext as _

import clock
import db
from crypto import token_hash
from errors import Missing, RuleBroken
from models import Level, Referral
from services import journal
from services.referrals import answering, reading
from services.referrals.levels import is_over
from services.referrals.machine import Event, Side, State, line_of
from services.slots import working_days_after

_RECEIVER = frozenset({Side.RECEIVER})
ANSWERS = (Event.ACCEPT, Event.DECLINE, Event.ASK)


def view(token: str):
    """What the link shows. Raises Missing where it is none, has run out or was taken back."""
    with db.recording():
        row = _found(token)
        journal.read(None, "referral.open_link", row.public_id, row.client, "needs", f"referral:{row.number}")
        level = Level.CHOICES if is_over(row) else min(Level(row.level), Level.CODE)
        return reading.of_level(None, row, level, _RECEIVER)


def _found(token, lock=False) -> Referral:
    query = Referral.select().where(Referral.external_hash == token_hash(token),
                                    Referral.external_until >= clock.today(), Referral.state.in_(SHOWN))
    row = (db.locked(query) if lock else query).first()
    if row is None or row.client.erased_at is not None:
        raise Missing
    return row


SHOWN = (State.SENT, State.QUESTION, State.ACCEPTED, State.DECLINED)


def answer(token: str, event: Event, reason=None, text: str = "") -> None:
    """Accepts, declines with a reason, or asks. Raises Missing, RuleBroken."""
    with db.writing():
        row = _found(token, lock=True)
        line_of(row, event, _RECEIVER)
        if event is Event.ACCEPT:
            answering.take(None, row, _RECEIVER, contact_by=working_days_after(clock.today(), answering.CONTACT_DAYS))
        elif event is Event.DECLINE:
            answering.refuse(None, row, _RECEIVER, reason)
        elif event is Event.ASK:
            answering.put_question(None, row, _RECEIVER, text)
        else:
            raise RuleBroken(_("Choose an answer."), field="answer")
