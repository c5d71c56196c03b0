"""Calendar addresses: private, revocable, read by a person's own calendar. Only the hash of an address is kept.

An address shows what its person may see now, so a lost right shows at the next reading. It stops when it is revoked,
when nobody read it for 90 days, or when the account is closed.
"""
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from crypto import new_token, token_hash
from errors import Missing, RuleBroken
from exporters import ics
from models import Feed, Organisation, User
from policy import Can, may
from services import journal, visits

KEPT_UNUSED = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=1)
MOST = 5


def create(actor) -> str:
    """A new address; returns its token, which is shown once and kept nowhere."""
    token = new_token()
    with db.writing():
        db.locked(User.select().where(User.id == actor.id)).first()
        if len(in_force(actor)) >= MOST:
            raise RuleBroken(_("You have %(number)s addresses. Stop one that you do not use.", number=MOST))
        Feed.create(user=actor.id, token_hash=token_hash(token), created_at=clock.now(), used_at=clock.now())
        journal.wrote(actor, "feed.create", actor.public_id)
    return token


def in_force(actor) -> list[Feed]:
    """The addresses of a person that still work, the oldest first."""
    return list(Feed.select().where(Feed.user == actor.id, _alive()).order_by(Feed.id))


def _alive():
    return Feed.revoked_at.is_null() & (Feed.used_at > clock.now() - KEPT_UNUSED)


def revoke(actor, feed_id: int) -> None:
    """Stops one of the actor's own addresses. Missing where it is not theirs or does not work any more."""
    with db.writing():
        stopped = Feed.update(revoked_at=clock.now()).where(
            Feed.id == feed_id, Feed.user == actor.id, _alive()).execute()
        if not stopped:
            raise Missing
        journal.wrote(actor, "feed.revoke", actor.public_id)


def read(token: str, note: bool = True) -> bytes:
    """The calendar of an address; when `note`, that it was used is noted at most once a minute. Missing otherwise."""
    feed = (Feed.select(Feed, User, Organisation).join(User).join(Organisation, JOIN.LEFT_OUTER)
            .where(Feed.token_hash == token_hash(token), _alive()).first())
    if feed is None or not may(feed.user, Can.SEE_VISITS):
        raise Missing
    if note and clock.now() - feed.used_at >= NOTED_EVERY:
        with db.noting():
            Feed.update(used_at=clock.now()).where(Feed.id == feed.id).execute()
    with force_locale(feed.user.language):
        return ics.feed(_("Visits – Návaznost"), visits.calendar_events(feed.user))
