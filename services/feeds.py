"""Calendar addresses: private, revocable, read by a person's own calendar. Only the hash of an address is kept.

An address shows what its person may see now, all of it or one room of their prison, so a lost right shows at the next
reading. It stops when it is revoked, when nobody read it for 90 days, when the account or the room is closed.
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
from models import Feed, Organisation, Place, User
from policy import Can, may
from services import accounts, groups, journal, visits

KEPT_UNUSED = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=1)
MOST = 5  # of a person, and of a person for one room


def rooms(actor) -> list[Place]:
    """Rooms whose calendar the actor may have: those of the actor's prison."""
    if not may(actor, Can.DECIDE_VISITS):
        return []
    return list(Place.select().where(Place.prison == actor.organisation_id, Place.active == True)  # noqa: E712
                .order_by(Place.name, Place.id))


def create(actor, room: str = "") -> str:
    """A new address, of one room (its public id) or of all; returns its token, which is shown once and kept nowhere."""
    place, token = _room(actor, room) if room else None, new_token()
    with db.writing():
        db.locked(User.select().where(User.id == actor.id)).first()
        if len([feed for feed in in_force(actor) if feed.place == place]) >= MOST:
            raise RuleBroken(_("You have %(number)s addresses. Stop one that you do not use.", number=MOST))
        Feed.create(user=actor.id, place=place, token_hash=token_hash(token), created_at=clock.now(),
                    used_at=clock.now())
        journal.wrote(actor, "feed.create", actor.public_id)
    return token


def _room(actor, public_id):
    found = next((place for place in rooms(actor) if place.public_id == public_id), None)
    if found is None:
        raise RuleBroken(_("Choose one of the rooms."), field="room")
    return found


def in_force(actor) -> list[Feed]:
    """The addresses of a person that still work, the oldest first."""
    feeds = Feed.select(Feed, Place).join(Place, JOIN.LEFT_OUTER).where(Feed.user == actor.id, _alive())
    return [feed for feed in feeds.order_by(Feed.id) if _room_open(actor, feed.place)]


def _alive():
    return Feed.revoked_at.is_null() & (Feed.used_at > clock.now() - KEPT_UNUSED)


def _room_open(actor, place) -> bool:
    """Whether a feed may still show this room (None: all that its person sees)."""
    return place is None or (place.active and may(actor, Can.DECIDE_VISITS)
                             and place.prison_id == actor.organisation_id)


def revoke(actor, feed_id: int) -> None:
    """Stops one of the actor's own addresses. Missing where it is not theirs or does not work any more."""
    with db.writing():
        stopped = Feed.update(revoked_at=clock.now()).where(
            Feed.id == feed_id, Feed.user == actor.id, _alive()).execute()
        if not stopped:
            raise Missing
        journal.wrote(actor, "feed.revoke", actor.public_id)


def end_due() -> int:
    """Stops for good what nobody read for 90 days and what is of a closed account or room; returns how many.

    None of them works before that either: this keeps one from working again where the account or the room does.
    """
    closed = User.select(User.id).where(~accounts.let_in())
    shut = Place.select(Place.id).where(Place.active == False)  # noqa: E712
    with db.writing():
        return Feed.update(revoked_at=clock.now()).where(
            Feed.revoked_at.is_null(),
            (Feed.used_at <= clock.now() - KEPT_UNUSED) | Feed.user.in_(closed) | Feed.place.in_(shut)).execute()


def read(token: str, note: bool = True) -> bytes:
    """The calendar of an address; when `note`, that it was used is noted at most once a minute. Missing otherwise."""
    feed = (Feed.select(Feed, User, Organisation, Place).join(User).join(Organisation, JOIN.LEFT_OUTER)
            .join_from(Feed, Place, JOIN.LEFT_OUTER).where(Feed.token_hash == token_hash(token), _alive()).first())
    if feed is None or not _may_read(feed.user) or not _room_open(feed.user, feed.place):
        raise Missing
    if note and clock.now() - feed.used_at >= NOTED_EVERY:
        with db.noting():
            Feed.update(used_at=clock.now()).where(Feed.id == feed.id).execute()
    with force_locale(feed.user.language):
        return ics.feed(_name(feed.place), _events(feed.user, feed.place))


def _events(user, place):
    """Visits; where it is not the calendar of one room, the meetings of the person's working groups too."""
    return [*visits.calendar_events(user, place), *([] if place else groups.calendar_events(user))]


def _may_read(user) -> bool:
    return accounts.is_let_in(user) and may(user, Can.WORK_IN_GROUPS)


def _name(place):
    return _("Visits and meetings – Návaznost") if place is None else _("Visits – %(room)s", room=place.name)
