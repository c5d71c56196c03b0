"""What goes by itself when its time is over, and how a person is erased."""
from datetime import timedelta

import clock
import db
from models import (
    BookingClient,
    Client,
    Draft,
    JointDayClient,
    Membership,
    OneTimeToken,
    Outbox,
    OutboxState,
    Prompt,
    User,
    UserSession,
)
from services import files, journal, keys

MAIL_DAYS, SIGN_IN_DAYS = 90, 30
OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.CANCELLED)


def drop_old_mail() -> int:
    """Deletes mails that went out, or never will, 90 days after they were written; returns how many."""
    with db.writing():
        return Outbox.delete().where(Outbox.state.in_(OVER), Outbox.created_at < _before(MAIL_DAYS)).execute()


def drop_old_sign_ins() -> int:
    """Deletes sessions nobody used for 30 days and links over for as long; returns how many."""
    with db.writing():
        return (UserSession.delete().where(UserSession.seen_at < _before(SIGN_IN_DAYS)).execute()
                + OneTimeToken.delete().where(OneTimeToken.expires_at < _before(SIGN_IN_DAYS)).execute())


def _before(days):
    return clock.now() - timedelta(days=days)


def erase(actor, public_id: str) -> None:
    """Makes all that is written about a client unreadable for ever and nobody's, at their request.

    Their data key is destroyed, their account closed, what would name where they are is emptied; the journal stays.
    For who works with them and leads their organisation's people. Raises Missing.
    """
    with db.writing():
        client = files.own_client_of(actor, public_id)
        if not actor.lead:
            raise files.Missing(public_id)
        Draft.delete().where(Draft.about.in_(_addresses(client))).execute()
        for linked in (BookingClient, JointDayClient, Membership):
            linked.delete().where(linked.client == client).execute()
        if client.user_id:
            User.update(active=False, password_hash="").where(User.id == client.user_id).execute()
            UserSession.update(ended_at=clock.now()).where(UserSession.user == client.user_id,
                                                           UserSession.ended_at.is_null()).execute()
        Client.update(erased_at=clock.now(), name=None, born=None, contact=None, card_hash=None, prison=None,
                      planned_release_on=None, released_on=None, region=None, municipality=None, languages="",
                      key_worker=None, shift_days="", shift_starts=None, shift_ends=None).where(
            Client.id == client.id).execute()
        keys.destroy(client)
        journal.wrote(actor, "client.erase", public_id, client)


def _addresses(client) -> list[str]:
    """Of what forms about the client stand at: the client and the days on which they are asked how they fare."""
    return [client.public_id, *(row.public_id for row in Prompt.select().where(Prompt.client == client))]
