"""What else clients and visitors have at a time, in whichever prison; and when a client is at work.

Nothing is said of it but that there is something: not where, not with whom. Of clients only what the reader may know.
"""
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import clock
import policy
from models import Booking, BookingClient, BookingVisitor, Scope, User
from services.slots import DAY, LONGEST
from services.visits.machine import STANDS

LATE = time(17)  # after a day of work people are tired


@dataclass(frozen=True)
class Busy:
    """A time that is taken, and the booking that takes it, so that it is not said to collide with itself."""

    starts_at: datetime
    ends_at: datetime
    booking: int

    def touches(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and self.ends_at > starts_at


def of_client(actor, client_ids, from_at: datetime, until_at: datetime) -> dict[int, list[Busy]]:
    """`{client's id: what they have between two moments}`, as far as the actor may read visits of the client.

    Visits of the actor's own side on the own tie, those of others with the client's consent. One query.
    """
    kind = actor.organisation.kind if actor.organisation_id else None
    return _gathered(client_ids, policy.ask(
        actor, _of_clients, kind=kind, clients=list(client_ids), begins_after=from_at - LONGEST, begin=from_at,
        end=until_at) if client_ids else ())


def _of_clients(actor, clients, begins_after, begin, end):
    known = policy.readable(actor, BookingClient.client, Scope.VISITS, Booking.organisation)
    ours = Booking.id.in_(policy.visible_bookings(actor).select(Booking.id))
    mine = policy.readable(actor, BookingClient.client, Scope.VISITS) & ours
    return (_standing(BookingClient.select(BookingClient.client, Booking.starts_at, Booking.ends_at, Booking.id)
                      .join(Booking), begins_after, begin, end)
            .where(BookingClient.client.in_(clients), known | mine,
                   policy.made_in_time(actor, BookingClient.client, Booking.created_at)).tuples())


def of_visitors(actor, user_ids, from_at: datetime, until_at: datetime) -> dict[int, list[Busy]]:
    """`{user's id: where else people of the actor's own organisation go between two moments}`. One query."""
    return _gathered(user_ids, policy.ask(
        actor, _of_people, people=list(user_ids), begins_after=from_at - LONGEST, begin=from_at,
        end=until_at) if user_ids else ())


def _of_people(actor, people, begins_after, begin, end):
    return (_standing(BookingVisitor.select(BookingVisitor.user, Booking.starts_at, Booking.ends_at, Booking.id)
                      .join(Booking), begins_after, begin, end)
            .where(BookingVisitor.user.in_(people), BookingVisitor.user.in_(
                policy.colleagues(actor).select(User.id)), BookingVisitor.refused.is_null()).tuples())


def _standing(query, begins_after, begin, end):
    """What ends later than `begin` began no earlier than the longest visit before it: for that there is an index."""
    return query.where(Booking.state.in_(STANDS), Booking.starts_at > begins_after, Booking.starts_at < end,
                       Booking.ends_at > begin)


def _gathered(ids, rows):
    found = {each: [] for each in ids}
    for who, starts_at, ends_at, booking in rows:
        found[who].append(Busy(starts_at, ends_at, booking))
    return found


# Work

def shift_days(client) -> list[int]:
    """Weekdays on which a client works, Monday is 0."""
    return [int(day) for day in client.shift_days.split(";") if day]


def at_work(client, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a time falls into the client's shift; one that ends after midnight is of the day on which it begins."""
    if client.shift_starts is None or client.shift_ends is None:
        return False
    days = shift_days(client)
    return any(begin < ends_at and end > starts_at for begin, end in _shifts(client, clock.local(starts_at).date())
               if clock.local(begin).weekday() in days)


def _shifts(client, day):
    over = timedelta(0) if client.shift_ends > client.shift_starts else DAY
    for begun in (day - DAY, day, day + DAY):
        yield clock.at(begun, client.shift_starts), clock.at(begun + over, client.shift_ends)


def is_late(client, starts_at: datetime) -> bool:
    """Whether a time is late for somebody who has worked that day."""
    local = clock.local(starts_at)
    return bool(client.shift_days) and local.weekday() in shift_days(client) and local.time() >= LATE
