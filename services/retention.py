"""What goes by itself when its time is over; a job of the night runs each of these.

The journal is not here: it holds no value and no name, it is what a client reads of who looked and what proves misuse,
and its chain cannot be shortened without hiding something.
"""
from datetime import timedelta

import clock
import db
from models import (
    AgendaItem,
    Client,
    DigestLine,
    FamilyRequest,
    Meeting,
    MeetingState,
    Membership,
    MinutesText,
    MinutesVersion,
    OneTimeToken,
    Outbox,
    OutboxState,
    StoppedBy,
    UserSession,
    Wish,
)
from services import erasure, family

MAIL_DAYS, SIGN_IN_DAYS, DIGEST_DAYS = 90, 30, 90
WRITINGS_DAYS, MEETING_DAYS = 90, 5 * 365  # of minutes, after they were approved; of meetings, after they were held
CASE_DAYS = 365  # after the last organisation has ended its work with a client
DEAD_DAYS = 90  # after it was written down that a client has died
OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.CANCELLED)


def drop_old_mail() -> int:
    """Deletes mails that went out, or never will, 90 days after they were written; returns how many."""
    with db.writing():
        return Outbox.delete().where(Outbox.state.in_(OVER), Outbox.created_at < _before(MAIL_DAYS)).execute()


def drop_old_digest_lines() -> int:
    """Deletes what has waited for a digest for 90 days and went out with none; returns how many."""
    with db.writing():
        return DigestLine.delete().where(DigestLine.at < _before(DIGEST_DAYS)).execute()


def drop_old_notes() -> int:
    """Deletes notes of those close to clients 90 days after they were written, decided or not; returns how many."""
    with db.writing():
        return family.drop(FamilyRequest.at < _before(family.KEPT_DAYS))


def drop_old_sign_ins() -> int:
    """Deletes sessions nobody used for 30 days and links over for as long; returns how many."""
    with db.writing():
        return (UserSession.delete().where(UserSession.seen_at < _before(SIGN_IN_DAYS)).execute()
                + OneTimeToken.delete().where(OneTimeToken.expires_at < _before(SIGN_IN_DAYS)).execute())


def drop_old_writings() -> int:
    """Deletes single writings of minutes 90 days after approval; what was approved stays; returns how many."""
    late = MinutesVersion.select(MinutesVersion.meeting).where(MinutesVersion.approved_at >= _before(WRITINGS_DAYS))
    items = AgendaItem.select(AgendaItem.id).join(Meeting).where(
        Meeting.state == MeetingState.APPROVED, Meeting.id.not_in(late))
    with db.writing():
        return MinutesText.delete().where(MinutesText.item.in_(items)).execute()


def drop_old_meetings() -> int:
    """Deletes meetings with all that was written of them five years after they were held; returns how many."""
    with db.writing():
        return Meeting.delete().where(Meeting.starts_at < _before(MEETING_DAYS)).execute()


def _before(days):
    return clock.now() - timedelta(days=days)


# Closed cases

def drop_closed_cases() -> int:
    """Erases those with whom nobody has worked for a year, and those who died ninety days ago; returns how many."""
    over = [*_nobodys(), *_dead()]
    for client in {each.id: each for each in over}.values():
        erasure.of_system(client)
    return len({each.id for each in over})


def _nobodys():
    """Clients with whom no organisation has worked for CASE_DAYS, or ever since they were recorded."""
    living = Membership.select(Membership.client).where(
        Membership.until_on.is_null() | (Membership.until_on >= clock.today() - timedelta(days=CASE_DAYS)))
    return Client.select().where(Client.erased_at.is_null(), Client.id.not_in(living),
                                 Client.created_at < _before(CASE_DAYS))


def _dead():
    """Clients of whom it was written down that they died, on whichever page, and not taken back."""
    noted = Wish.select(Wish.client).where(Wish.stopped_by == StoppedBy.DEATH, Wish.stopped_at < _before(DEAD_DAYS))
    return Client.select().where(Client.erased_at.is_null(), Client.id.in_(noted))
