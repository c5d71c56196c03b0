"""When a prison, or one of its places, is closed; and stops, which are told to everybody who looks at its times."""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import Missing, RuleBroken
from models import Booking, Closure, FlagCause, Organisation, Place
from services import slots
from services.openings import places, touched
from services.openings.keeping import kept_by, still
from services.visits import holding, review
from text import clean_text

MOST = 200  # closures that are not over
FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True)
class Closing:
    """What the form of a closure says. Without times it lasts the whole of its days; `place` is a public id."""

    from_on: date
    until_on: date
    starts: time | None = None
    ends: time | None = None
    place: str = ""
    reason: str = ""
    stop: bool = False

    @property
    def begins(self) -> datetime:
        return clock.at(self.from_on, self.starts or time())

    @property
    def ends_at(self) -> datetime:
        return clock.at(self.until_on, self.ends) if self.ends else clock.at(self.until_on + slots.DAY, time())


def add(actor, closing: Closing, seen=(), prison: str = "") -> list:
    """Closes; visits in that time stand until somebody looks at them.

    Returns those visits where some were not `seen`: nothing was written then.
    """
    with db.writing():
        home = still(actor, prison)
        _check(home, closing)
        place = _place(actor, home, closing.place) if closing.place else None
        ahead = _within(home, place, closing)
        if rows := touched.unseen(ahead, seen):
            return rows
        row = Closure.create(prison=home, place=place, from_at=closing.begins, until_at=closing.ends_at,
                             reason=clean_text(closing.reason, limit=200), stop=closing.stop, created_by=actor)
        touched.settle(actor, home, ahead, FlagCause.CLOSED, "closure.add", row.public_id)
        return []


def _place(actor, home, public_id):
    found = places.place(actor, public_id)
    if found.prison_id != home.id:
        raise Missing
    return found


def _within(home, place, closing):
    return touched.standing(Booking.prison == home.id,
                            holding.between(closing.begins, closing.ends_at, place and place.id))


def _check(home, closing):
    today = clock.today()
    if not today - FURTHEST <= closing.from_on <= today + FURTHEST or closing.until_on > today + FURTHEST:
        raise RuleBroken(_("This day is too far away."),
                         field="until_on" if closing.until_on > today + FURTHEST else "from_on")
    if closing.until_on < closing.from_on or closing.ends_at <= closing.begins:
        raise RuleBroken(_("The end is before the beginning."),
                         field="until_on" if closing.until_on < closing.from_on else "ends")
    if closing.ends_at <= clock.now():
        raise RuleBroken(_("This time is over already."), field="until_on")
    if closing.stop and not closing.reason.strip():
        raise RuleBroken(_("Write what everybody is told."), field="reason")
    if len(ahead(home)) >= MOST:
        raise RuleBroken(_("There are too many closures already. Join some of them into a longer one."))


def ahead(home) -> list[Closure]:
    """What is closed now or later in a prison, the soonest first."""
    return list(_of_prison(home.id).where(Closure.until_at > clock.now())
                .order_by(Closure.from_at, Closure.id))


def _of_prison(prison_id):
    return Closure.select(Closure, Place).join(Place, JOIN.LEFT_OUTER).where(Closure.prison == prison_id)


def _prison_of(actor, public_id: str) -> Organisation:
    """The prison of a closure, whose times the actor keeps. Raises Missing."""
    row = Closure.select(Closure, Organisation).join(Organisation).where(Closure.public_id == public_id).first()
    if row is None:
        raise Missing
    return kept_by(actor, row.prison.public_id)


def reopen(actor, public_id: str) -> Organisation:
    """Takes a closure back: one that has begun ends now, one to come goes. Flags that it raised are settled.

    Returns the prison.
    """
    with db.writing():
        home = still(actor, _prison_of(actor, public_id).public_id)
        row = Closure.get_or_none(Closure.public_id == public_id, Closure.until_at > clock.now())
        if row is None:
            raise Missing
        if row.from_at < clock.now():
            row.until_at = clock.now()
            row.save(only=[Closure.until_at])
        else:
            row.delete_instance()
        review.settle_gone(home.id, FlagCause.CLOSED)
        touched.settle(actor, home, [], FlagCause.CLOSED, "closure.reopen", public_id)
        return home
