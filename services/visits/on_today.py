"""What Today shows of visits."""
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import clock
import db
import policy
from models import Booking, BookingState, BookingVisitor
from policy import Can, may
from services import slots
from services.visits.rows import lines
from services.visits.showing import upcoming

NEWS = timedelta(days=7)  # how long an answer stands on Today


@dataclass(frozen=True)
class Today:
    """What Today shows of visits; lists that do not concern the actor are empty."""

    waiting: list = field(default_factory=list)  # requests to decide
    waiting_in_all: int = 0
    coming: list = field(default_factory=list)  # (row, names of visitors) of today
    next: list = field(default_factory=list)  # the actor's next visits
    answers: list = field(default_factory=list)  # what came from prisons in the last days


SHOWN_WAITING, SHOWN_NEXT = 10, 5


def today(actor) -> Today | None:
    """The visits part of Today; None for whom visits do not concern."""
    if may(actor, Can.DECIDE_VISITS):
        return _today_of_prison(actor)
    return _today_of_sender(actor) if may(actor, Can.REQUEST_VISITS) else None


def _today_of_prison(actor):
    begin = clock.at(clock.today(), datetime.min.time())
    end = clock.at(clock.today() + timedelta(days=1), datetime.min.time())
    waiting_rows = waiting(actor)
    coming = policy.ask(actor, _coming_between, begin=begin, end=end)
    names = names_of([row.id for row in coming])
    return Today(waiting=waiting_rows[:SHOWN_WAITING], waiting_in_all=len(waiting_rows),
                 coming=[(row, names.get(row.id, [])) for row in coming])


def _coming_between(actor, begin, end):
    return lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.starts_at >= begin, Booking.starts_at < end))


def waiting(actor) -> list:
    """All requests that wait for the actor's prison, by time of the visit."""
    return policy.ask(actor, waiting_rows, now=clock.now())


def waiting_rows(actor, now):
    return lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.REQUESTED, Booking.starts_at > now))


def names_of(booking_ids):
    names = {}
    for booking, name in db.kept(_name_rows, bookings=booking_ids) if booking_ids else ():
        names.setdefault(booking, []).append(name)
    return names


def _name_rows(bookings):
    return BookingVisitor.select(BookingVisitor.booking, BookingVisitor.name).where(
        BookingVisitor.booking.in_(bookings)).order_by(BookingVisitor.id).tuples()


def _today_of_sender(actor):
    since = clock.now() - NEWS
    return Today(next=upcoming(actor, SHOWN_NEXT),
                 answers=policy.ask(actor, _answered, since=since, begins_after=since - slots.DAY))


def _answered(actor, since, begins_after):
    """Answers come before a visit begins, or as it lapses: `begins_after` spares reading the older ones."""
    answered = (Booking.changed_at > since) & Booking.state.in_(
        [BookingState.DECLINED, BookingState.CANCELLED, BookingState.LAPSED])
    return lines(policy.visible_bookings(actor).where(
        answered, Booking.starts_at > begins_after)).limit(SHOWN_NEXT)


def next_of_client(actor) -> list:
    """A client's own next confirmed meetings, the soonest first; rows as in lists."""
    if not may(actor, Can.USE_OWN_APP):
        return []
    return list(lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.ends_at > clock.now())).limit(SHOWN_NEXT))
