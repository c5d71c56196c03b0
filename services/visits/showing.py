"""Pages of visits: one booking, lists, a prison's week."""
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from peewee import JOIN

import clock
import db
import policy
from labels import language
from models import (
    Booking,
    BookingEvent,
    BookingFlag,
    BookingState,
    BookingVisitor,
    Equipment,
    Organisation,
    User,
)
from services import journal, keys, visitors
from services.visits import holding, wording
from services.visits.delivery import Delivery, deliveries
from services.visits.machine import STANDS, UNDECIDED, Event, Side, open_events, open_flags, side_of
from services.visits.rows import group_id, known_clients, lines, one

PAGE = 50


@dataclass(frozen=True)
class Opened:
    """A booking as one reader may see it."""

    booking: Booking
    visitors: list[BookingVisitor]
    codes: list[str]  # of clients whom this reader may know of
    history: list["Happened"]
    events: set[Event]  # what the reader may do now
    side: Side | None
    times: list[holding.Time]  # its own alone, or all that are asked for or proposed
    flags: list[BookingFlag]  # why it has to be looked at again
    deliveries: list[Delivery]  # who was told by mail, and whether it arrived
    words: dict[str, str]  # what somebody wrote: by column; the note for the client only where they may

    @property
    def group(self) -> str:
        """The series or trip that it belongs to; empty for one by itself."""
        return group_id(self.booking)

    @property
    def asks_more(self) -> bool:
        """Whether the prison has to answer more than yes: which time, what to bring in, who comes, what has changed."""
        return (len(self.times) > 1 or bool(self.flags) or self.booking.equipment_state is Equipment.ASKED
                or not visitors.all_cleared(self.booking))

    @property
    def untold(self) -> bool:
        """Whether it has changed since the last e-mail about it."""
        return self.booking.sequence > self.booking.told_sequence


@dataclass(frozen=True)
class Happened:
    """One line of a booking's history; `who` and `organisation` are empty where the system did it.

    `words` say what happened where it left the state as it was.
    """

    at: datetime
    state: BookingState
    words: str
    who: str
    organisation: str
    event: str = ""


def open_booking(actor, public_id: str) -> Opened:
    """A booking with its people, history and the clients the actor may know of; that they were shown is journalled."""
    booking = one(actor, public_id)
    codes = _open_codes(actor, booking)
    return Opened(booking, _visitors(booking), codes, _history(booking), open_events(actor, booking),
                  side_of(actor, booking), holding.times(booking) if booking.state in UNDECIDED else [],
                  open_flags(booking) if booking.state in STANDS else [], deliveries(booking),
                  words(booking, codes))


WORDS = ("purpose", "message", "plate", "staff_note", "client_note")


def words(booking, codes) -> dict[str, str]:
    """What somebody wrote with a booking; the note for the client only for who may know of the client (has codes)."""
    opened = keys.opener(booking.organisation)
    return {column: opened(booking, column) if column != "client_note" or codes else "" for column in WORDS}


def _open_codes(actor, booking) -> list[str]:
    """Codes of the clients the actor may know of; nothing is locked where there is none to record."""
    if not known_clients(actor, booking).exists():
        return []
    with db.recording():
        clients = list(known_clients(actor, booking))
        for client in clients:
            journal.read(actor, "booking.open", booking.public_id, client=client, parts="visits")
    return [client.code for client in clients]


COMING = {*UNDECIDED, BookingState.CONFIRMED}


def _visitors(booking):
    """Who comes; `uncleared` are those whom the prison does not let in yet, as long as the visit is to be."""
    rows = list(BookingVisitor.select().where(BookingVisitor.booking == booking.id).order_by(BookingVisitor.id))
    missing = visitors.uncleared(booking) if booking.state in COMING else set()
    for row in rows:
        row.uncleared = row.id in missing
    return rows


# what happened where the state stayed, or says too little
HAPPENED = {
    Event.OFFER: _l("a freed place was offered"), Event.PASS: _l("the offered place was not taken in time"),
    Event.TAKE: _l("the offered place was taken"), Event.ACCEPT: _l("the proposed time was accepted"),
    Event.REFUSE: _l("the proposed time was not accepted"), Event.RUN_OUT: _l("the proposed time was not answered"),
    Event.OVERDUE: _l("the answer is overdue"), Event.ESCALATE: _l("the coordinator was told of the late answer"),
    Event.CHANGE: _l("a change was asked for"), Event.NOTE: _l("notes were changed"),
    Event.FLAG: _l("marked to be looked at again"), Event.KEEP: _l("looked at again: it stands"),
}


def _history(booking):
    rows = (BookingEvent.select(BookingEvent.at, BookingEvent.event, BookingEvent.new_state, BookingEvent.changes,
                                User.name, Organisation.short_name, Organisation.name).join(User, JOIN.LEFT_OUTER)
            .join(Organisation, JOIN.LEFT_OUTER, on=(User.organisation == Organisation.id))
            .where(BookingEvent.booking == booking.id).order_by(BookingEvent.id).tuples())
    return [Happened(at, BookingState(state), _happened(event, changes), who or "", short or name or "", event)
            for at, event, state, changes, who, short, name in rows]


def _happened(event, changes):
    """Words of an event; of times that were lost and reasons that are gone, which."""
    if event == Event.LOSE:
        return wording.lost_words(json.loads(changes)["lost"], language())
    if event == Event.UNFLAG:
        return wording.gone_words(json.loads(changes)["causes"])
    return HAPPENED.get(event, "")


LONGEST = timedelta(minutes=720)  # of a visit, as the table of windows holds it
LIVE = (*UNDECIDED, BookingState.CONFIRMED)


def upcoming(actor, limit: int = PAGE):
    """The next visits of the actor's organisation that are asked for or confirmed."""
    now = clock.now()
    return policy.ask(actor, _upcoming, now=now, begins_after=now - LONGEST, limit=limit)


def _upcoming(actor, now, begins_after, limit):
    return lines(coming(policy.visible_bookings(actor), now, begins_after)).limit(limit)


def coming(mine, now, begins_after):
    """What ends later than now begins no earlier than the longest visit ago, and for that there is an index."""
    return mine.where(Booking.state.in_(LIVE), Booking.ends_at > now, Booking.starts_at > begins_after)


def earlier(actor, page: int) -> tuple[list, int]:
    """One page of what is over or settled, the newest first, and how many pages there are."""
    over = policy.visible_bookings(actor).where(
        (Booking.ends_at <= clock.now()) | Booking.state.not_in(LIVE))
    pages = max(1, -(-over.count() // PAGE))
    rows = lines(over).order_by(Booking.starts_at.desc(), Booking.id.desc())
    return list(rows.paginate(min(page, pages), PAGE)), pages
