"""What Today shows of visits."""
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from peewee import SQL, fn

import clock
import db
import policy
from models import (
    Booking,
    BookingAlternative,
    BookingFlag,
    BookingState,
    BookingVisitor,
    Clearance,
    ClearanceState,
    Equipment,
    FlagCause,
    Organisation,
    Place,
    PrisonProfile,
    Window,
)
from policy import Can, may
from services import keys, slots
from services.visits import holding
from services.visits.rows import IN_ORDER, lines, lines_among, with_names
from services.visits.showing import LIVE, LONGEST, coming

NEWS = timedelta(days=7)  # how long an answer stands on Today


@dataclass(frozen=True)
class Today:
    """What Today shows of visits; lists that do not concern the actor are empty."""

    waiting: list = field(default_factory=list)  # requests to decide
    waiting_in_all: int = 0
    whole_days: list = field(default_factory=list)  # (day, how many) that can be confirmed together
    coming: list = field(default_factory=list)  # (row, names of visitors) of today
    next: list = field(default_factory=list)  # the actor's next visits
    answers: list = field(default_factory=list)  # what came from prisons in the last days
    again: list = field(default_factory=list)  # confirmed visits of a prison that have to be looked at again
    offered: list = field(default_factory=list)  # times that prisons propose, freed seats: one click takes them
    overdue: list = field(default_factory=list)  # for the coordinator: answers that are long overdue


SHOWN_WAITING, SHOWN_NEXT = 10, 5
OFFERED = (BookingState.COUNTERED, BookingState.WAITING)
ANSWERED = (BookingState.DECLINED, BookingState.CANCELLED, BookingState.LAPSED)


def stirs(actor) -> list:
    """Queries one of which has a row where `today` has anything; of others than the coordinator it is asked anyway."""
    return [_escalated() if may(actor, Can.SEE_OVERDUE_VISITS) else policy.visible_bookings(actor)]


def today(actor) -> Today | None:
    """The visits part of Today; None where there is nothing."""
    found = _of(actor)
    return found if any(vars(found).values()) else None


def _of(actor):
    if may(actor, Can.DECIDE_VISITS):
        return _today_of_prison(actor)
    if may(actor, Can.SEE_OVERDUE_VISITS):
        return _today_of_coordinator(actor)
    return _today_of_sender(actor) if may(actor, Can.REQUEST_VISITS) else Today()


def _today_of_prison(actor):
    begin = clock.at(clock.today(), datetime.min.time())
    end = clock.at(clock.today() + timedelta(days=1), datetime.min.time())
    in_line, again = _to_look_at(actor)
    coming = policy.ask(actor, _coming_between, begin=begin, end=end)
    names = names_of([row.id for row in coming])
    return Today(waiting=in_line[:SHOWN_WAITING], waiting_in_all=len(in_line), again=again,
                 whole_days=whole_days(in_line),
                 coming=[(row, names.get(row.id, [])) for row in coming])


def _coming_between(actor, begin, end):
    return lines_among(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.starts_at >= begin, Booking.starts_at < end))


def waiting(actor) -> list:
    """All requests that wait for the actor's prison, by time of the visit; `more` says what else than yes they ask."""
    return _to_look_at(actor)[0]


def _to_look_at(actor) -> tuple[list, list]:
    """Requests that wait, and confirmed visits to look at again: both in one query."""
    rows = policy.ask(actor, waiting_rows, now=clock.now())
    for row in rows:
        asks = {"several": row.several, "equipment": row.equipment_state is Equipment.ASKED, "uncleared": row.uncleared,
                "again": row.again}
        row.more = [name for name, asked in asks.items() if asked]
        row.causes = [FlagCause(cause) for cause in sorted((row.again or "").split())]
    return ([row for row in rows if row.state is BookingState.REQUESTED],
            [row for row in rows if row.state is BookingState.CONFIRMED])


def whole_days(rows) -> list[tuple[date, int]]:
    """Days on which several requests wait that need nothing but a yes: (day, how many)."""
    counted = Counter(clock.local(row.starts_at).date() for row in rows if not row.more)
    return sorted((day, count) for day, count in counted.items() if count > 1)


def waiting_rows(actor, now):
    """What is open is found by state and time, each in its own part of the index, before anything is asked of it."""
    several = fn.EXISTS(BookingAlternative.select(SQL("1")).where(BookingAlternative.booking == Booking.id))
    return lines_among(_open(actor, now), several.alias("several"), Booking.equipment_state,
                       _uncleared().alias("uncleared"))


def _open(actor, now):
    """Ids of requests that the actor's prison can still decide and of its confirmed visits with a flag."""
    mine = policy.visible_bookings(actor).where(Booking.prison == actor.organisation_id).select(Booking.id)
    requested = mine.where(Booking.state == BookingState.REQUESTED)
    later = requested.join(BookingAlternative).where(Booking.starts_at <= now, BookingAlternative.starts_at > now)
    again = mine.join(BookingFlag).where(Booking.state == BookingState.CONFIRMED, Booking.starts_at > now,
                                         BookingFlag.settled_at.is_null())
    return requested.where(Booking.starts_at > now).union_all(later).union_all(again)


def _uncleared():
    """Condition: the prison clears visitors, and somebody who comes is not cleared."""
    clears = PrisonProfile.select(PrisonProfile.organisation).where(PrisonProfile.clearance_months.is_null(False))
    cleared = fn.EXISTS(Clearance.select(SQL("1")).where(
        Clearance.visitor == BookingVisitor.visitor, Clearance.prison == Booking.prison,
        Clearance.state == ClearanceState.CLEARED, Clearance.until_on >= clock.today()))
    return Booking.prison.in_(clears) & fn.EXISTS(BookingVisitor.select(SQL("1")).where(
        BookingVisitor.booking == Booking.id, BookingVisitor.refused.is_null(), ~cleared))


def names_of(booking_ids):
    names = {}
    for booking, name in db.kept(_name_rows, bookings=booking_ids) if booking_ids else ():
        names.setdefault(booking, []).append(name)
    return names


def _name_rows(bookings):
    return BookingVisitor.select(BookingVisitor.booking, BookingVisitor.name).where(
        BookingVisitor.booking.in_(bookings)).order_by(BookingVisitor.id).tuples()


def _today_of_sender(actor):
    """One query finds all three lists: each its own ids, and then their rows in order."""
    now, since = clock.now(), clock.now() - NEWS
    rows = policy.ask(actor, _of_sender, now=now, live_after=now - LONGEST, since=since, begins_after=since - slots.DAY)
    offered = [row for row in rows if row.state in OFFERED and row.offer_until and row.offer_until > now]
    return Today(offered=_with_proposals(offered), answers=[row for row in rows if row.state in ANSWERED][:SHOWN_NEXT],
                 next=[row for row in rows if row.state in LIVE and row.ends_at > now][:SHOWN_NEXT])


def _of_sender(actor, now, live_after, since, begins_after):
    mine = policy.visible_bookings(actor)
    return lines_among(db.first_of(coming(mine, now, live_after), SHOWN_NEXT, *IN_ORDER)
                       .union_all(_offered(mine, now).select(Booking.id))
                       .union_all(_answered(mine, since, begins_after).select(Booking.id)), Booking.offer_until)


def _with_proposals(rows):
    """The rows, each with its `proposed` time (None where a seat became free)."""
    proposals = {row.booking_id: row for row in db.kept(
        _proposed, bookings=[row.id for row in rows])} if rows else {}
    for row in rows:
        row.proposed = proposals.get(row.id)
    return rows


def _proposed(bookings):
    return BookingAlternative.select(BookingAlternative, Window, Place).join(Window).join_from(
        BookingAlternative, Place).where(BookingAlternative.booking.in_(bookings),
                                         BookingAlternative.position == holding.PROPOSED)


def _offered(mine, now):
    """What one click takes: a time that a prison proposes, a seat that became free."""
    return mine.where(Booking.state.in_(OFFERED), Booking.offer_until > now)


def _answered(mine, since, begins_after):
    """Answers come before a visit begins, or as it lapses: `begins_after` spares reading the older ones."""
    return mine.where(Booking.state.in_(ANSWERED), Booking.changed_at > since, Booking.starts_at > begins_after)


def _today_of_coordinator(actor):
    return Today(overdue=db.kept(_long_overdue))


def _long_overdue():
    """Organisation, prison, number and since when: nothing of what the request says."""
    prison, sender = Organisation.alias(), Organisation.alias()
    return (Booking.select(Booking.number, Booking.answer_by, prison.name.alias("prison"),
                           sender.name.alias("organisation"))
            .join(prison, on=(Booking.prison == prison.id))
            .join_from(Booking, sender, on=(Booking.organisation == sender.id))
            .where(Booking.id.in_(_escalated().select(Booking.id)))
            .order_by(Booking.answer_by, Booking.id).objects(SimpleNamespace))


def _escalated():
    return Booking.select().where(Booking.state == BookingState.REQUESTED, Booking.escalated_at.is_null(False))


def next_of_client(actor) -> list:
    """A client's own next confirmed meetings, the soonest first; rows as in lists, with `note` for them."""
    if not may(actor, Can.USE_OWN_APP):
        return []
    rows = list(lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.ends_at > clock.now())).limit(SHOWN_NEXT))
    written = {row.id: row for row in with_names(policy.visible_bookings(actor).where(
        Booking.id.in_([row.id for row in rows]), Booking.client_note.is_null(False)))}
    for row in rows:
        found = written.get(row.id)
        row.note = keys.unseal(found, "client_note", found.organisation) if found else ""
    return rows
