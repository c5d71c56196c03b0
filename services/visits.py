"""Visits: asking for one, deciding about it, and who is told what.

What may follow on what stands in TRANSITIONS. Each change is one transaction with its event, journal row and mails;
a mail names place, time and number, never a client and nothing that somebody wrote.
"""
import enum
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN, fn

import clock
import db
import formats
import policy
from errors import Missing, RuleBroken
from exporters import ics
from labels import label
from models import (
    Booking,
    BookingClient,
    BookingEvent,
    BookingState,
    BookingVisitor,
    Client,
    Cooperation,
    CooperationState,
    Kind,
    Organisation,
    Place,
    Reason,
    Role,
    Scope,
    User,
    Window,
    WindowKind,
    new_public_id,
)
from policy import Can, may
from services import journal, mail, slots
from text import clean_text

AHEAD = timedelta(days=60)  # how far times are offered
NEAR = timedelta(days=14)  # where they are looked for first
LEAD_DAYS = 3  # of a prison that has not said in how many working days it answers
MOST_GUESTS = 20
YEARS = slots.YEARS  # of days that a calendar is asked for
OFFERED = 6  # free times offered where the wanted one is gone
NEWS = timedelta(days=7)  # how long an answer stands on Today
PAGE = 50


# What follows on what

class Event(enum.StrEnum):
    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    LAPSE = "lapse"


class Side(enum.StrEnum):
    """From where somebody acts on a booking."""

    SENDER = "sender"
    PRISON = "prison"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table: `sides` may, before the visit begins (or, where `begun`, only after)."""

    old: BookingState | None
    event: Event
    new: BookingState
    sides: frozenset[Side]
    needs_reason: bool = False
    begun: bool = False


_EITHER = frozenset({Side.SENDER, Side.PRISON})
TRANSITIONS = [
    Transition(None, Event.REQUEST, BookingState.REQUESTED, frozenset({Side.SENDER})),
    Transition(BookingState.REQUESTED, Event.CONFIRM, BookingState.CONFIRMED, frozenset({Side.PRISON})),
    Transition(BookingState.REQUESTED, Event.DECLINE, BookingState.DECLINED, frozenset({Side.PRISON}), True),
    Transition(BookingState.REQUESTED, Event.WITHDRAW, BookingState.WITHDRAWN, frozenset({Side.SENDER})),
    Transition(BookingState.CONFIRMED, Event.CANCEL, BookingState.CANCELLED, _EITHER, True),
    Transition(BookingState.REQUESTED, Event.LAPSE, BookingState.LAPSED, frozenset({Side.SYSTEM}), begun=True),
]
HOLDS_SEAT = {BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.HELD, BookingState.NOT_HELD}
REASONS = {
    (Event.DECLINE, Side.PRISON): (Reason.CAPACITY, Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.OTHER),
    (Event.CANCEL, Side.PRISON): (Reason.STAFF, Reason.OPERATION, Reason.CLEARANCE, Reason.CLIENT_DECLINED,
                                  Reason.CLIENT_ABSENT, Reason.OTHER),
    (Event.CANCEL, Side.SENDER): (Reason.ORGANISATION, Reason.CLIENT_DECLINED, Reason.CLIENT_ABSENT, Reason.OTHER),
}


class SlotTaken(RuleBroken):
    """The wanted time is gone; `details["slots"]` are free ones."""


class AlreadyDecided(RuleBroken):
    """Somebody was quicker; `details["booking"]` is how it stands now."""


def side_of(actor, booking) -> Side | None:
    """From which side the actor may act on a booking, if from any."""
    if may(actor, Can.DECIDE_VISITS) and actor.organisation_id == booking.prison_id:
        return Side.PRISON
    if may(actor, Can.REQUEST_VISITS) and actor.organisation_id == booking.organisation_id:
        return Side.SENDER
    return None


def open_events(actor, booking) -> set[Event]:
    """What the actor may do with a booking now; the buttons of its page."""
    side = side_of(actor, booking)
    return {step.event for step in TRANSITIONS if _fits(step, booking, side)}


def _fits(step, booking, side) -> bool:
    begun = booking.starts_at <= clock.now()
    return step.old is booking.state and side in step.sides and step.begun == begun


def reasons_for(actor, booking, event: Event) -> tuple[Reason, ...]:
    return REASONS.get((event, side_of(actor, booking)), ())


# Where a visit can be asked for

def prisons_for(actor) -> list[Organisation]:
    """Prisons where the actor may ask for visits: an NGO's by active co-operation, else all that have windows."""
    prisons = policy.visible_organisations(actor).where(Organisation.kind == Kind.PRISON).order_by(Organisation.sort)
    if actor.role is Role.NGO:
        return list(prisons.where(Organisation.id.in_(_cooperating(actor))))
    return list(prisons.where(fn.EXISTS(Window.select(Window.id).join(Place).where(Place.prison == Organisation.id))))


def _cooperating(actor):
    return Cooperation.select(Cooperation.prison).where(
        Cooperation.organisation == actor.organisation_id, Cooperation.state == CooperationState.ACTIVE)


def _cooperating_with(actor, prison):
    return _cooperating(actor).where(Cooperation.prison == prison).tuples()


def prison(actor, public_id: str) -> Organisation:
    """A prison by its public id, whether or not the actor may visit it. Missing where there is none."""
    found = policy.ask(actor, _prison, public_id=public_id)
    if not found:
        raise Missing
    return found[0]


def _prison(actor, public_id):
    return policy.visible_organisations(actor).where(
        Organisation.kind == Kind.PRISON, Organisation.public_id == public_id)


def prisons_with_times(actor) -> list[tuple[Organisation, slots.Slot | None]]:
    """Those prisons, each with the first time that is free there."""
    prisons = prisons_for(actor)
    first = slots.first_free(prisons, clock.today(), clock.today() + AHEAD)
    return [(each, first.get(each.id)) for each in prisons]


def check_cooperation(actor, prison: Organisation) -> None:
    """Refuses an NGO that does not co-operate with the prison, and says what to do about it."""
    if actor.role is Role.NGO and not policy.ask(actor, _cooperating_with, prison=prison.id):
        raise RuleBroken(_("Your organisation has no active co-operation with this prison yet. Agree on it with the "
                           "prison first: whom to ask is in the contact book."))


@dataclass(frozen=True)
class Times:
    """The free times of a prison: `weeks` are (Monday, how many), `days` those of the chosen week by room.

    A day is (day, [(place, kind, [slots])]). `refusal` says why nothing may be asked for.
    """

    weeks: list[tuple[date, int]] = field(default_factory=list)
    chosen: date | None = None
    days: list = field(default_factory=list)
    refusal: str = ""


def times(actor, prison: Organisation, monday: date | None) -> Times:
    """The free times of the week that begins on `monday`, or of the first week that has some."""
    try:
        check_cooperation(actor, prison)
    except RuleBroken as refusal:
        return Times(refusal=refusal.sentence)
    weeks = {}
    for slot in slots.free_slots(prison, clock.today(), clock.today() + AHEAD):
        weeks.setdefault(monday_of(clock.local(slot.starts_at).date()), []).append(slot)
    chosen = monday if monday in weeks else next(iter(weeks), None)
    return Times([(week, len(found)) for week, found in weeks.items()], chosen, _by_room(weeks.get(chosen, [])))


def _by_room(found):
    days = {}
    for slot in found:
        rooms = days.setdefault(clock.local(slot.starts_at).date(), {})
        rooms.setdefault((slot.window.place.name, slot.window.kind), []).append(slot)
    return [(day, [(place, kind, held) for (place, kind), held in rooms.items()]) for day, rooms in days.items()]


def day_in_view() -> date:
    """A day of the week that matters now: on Saturday and Sunday the coming one."""
    today = clock.today()
    return today + timedelta(days=2) if today.weekday() >= 5 else today


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def next_free(prison, kind: WindowKind | None = None, limit: int = OFFERED) -> list[slots.Slot]:
    """The next free times; most often they are near, and the seats of two weeks are soon counted."""
    near = slots.free_slots(prison, clock.today(), clock.today() + NEAR, kind, limit)
    return near if len(near) == limit else slots.free_slots(prison, clock.today(), clock.today() + AHEAD, kind, limit)


def find_slot(prison: Organisation, key: str) -> slots.Slot | None:
    """The time that a key names, free or not; None where there is no such time."""
    return slots.find(prison, key)


def open_slot(actor, prison: Organisation, key: str) -> slots.Slot:
    """The time that a key names, if the actor may ask for it now; refuses otherwise."""
    check_cooperation(actor, prison)
    return _slot(prison, key)


def colleagues(actor) -> list[User]:
    """People of the actor's organisation who can come along, the actor first."""
    return sorted(policy.ask(actor, _colleagues), key=lambda person: person.id != actor.id)


def _colleagues(actor):
    return policy.colleagues(actor).order_by(User.name)


def clients_in(actor, prison: Organisation) -> list[Client]:
    """The actor's own clients who are in the prison, by code."""
    return policy.ask(actor, _clients_in, prison=prison.id)


def _clients_in(actor, prison):
    own = policy.visible_clients(actor).where(policy.own_client(actor, Client.id), Client.prison == prison,
                                              Client.released_on.is_null())
    return own.order_by(Client.code)


# Asking for a visit

@dataclass(frozen=True)
class Wish:
    """What the form asks for; people, clients by public id, guests by name."""

    slot: str
    purpose: str = ""
    colleagues: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)


def new_request_key() -> str:
    """Names one form, so that one sent twice is one booking."""
    return new_public_id()


def ask(actor, prison: Organisation, request_key: str, wish: Wish) -> Booking:
    """Asks a prison for a visit; the same request_key again gives the same booking.

    Raises SlotTaken with free times where somebody was quicker, RuleBroken for people, notice or co-operation.
    """
    try:
        if slots.is_full(wish.slot):  # a guess: who comes late need not wait for the lock
            raise _taken()
        with db.writing():
            return _ask(actor, prison, request_key, wish)
    except RuleBroken as refusal:
        earlier = _asked_before(actor, request_key, wish)
        if earlier:
            return earlier
        if isinstance(refusal, SlotTaken):
            raise _with_times(refusal, prison) from None
        raise


def look_over(actor, prison: Organisation, wish: Wish) -> slots.Slot:
    """The slot of a wish that could be sent now; refuses what `ask` would refuse."""
    try:
        slot = open_slot(actor, prison, wish.slot)
    except SlotTaken as refusal:
        raise _with_times(refusal, prison) from None
    _visitors(actor, wish, slot.window.place)
    return slot


def _with_times(refusal, prison):
    return SlotTaken(refusal.sentence, field="slot", slots=next_free(prison))


def _ask(actor, prison, request_key, wish):
    check_cooperation(actor, prison)
    slot = _slot(prison, wish.slot, count=False)
    visitors = _visitors(actor, wish, slot.window.place)
    booking = _insert_booking(actor, prison, slot, request_key, clean_text(wish.purpose, lines=True, limit=500))
    if booking is None:
        return _asked_before(actor, request_key, wish)
    if not slots.take_seat(slot, booking):
        raise _taken()
    db.add(*[BookingVisitor(booking=booking.id, **visitor) for visitor in visitors])
    clients = _add_clients(actor, booking, prison, wish)
    _record(actor, booking, Event.REQUEST, None, clients)
    _tell_deciders(booking, Event.REQUEST)
    return booking


def _of_request(request_key):
    return _rows_joined(Booking.select().where(Booking.request_key == request_key))


def _asked_before(actor, request_key, wish):
    earlier = next(iter(db.kept(_of_request, request_key=request_key)), None)
    if earlier is None:
        return None
    named = slots.read_key(wish.slot)
    if earlier.requested_by_id != actor.id or named is None or earlier.starts_at != named[1]:
        raise RuleBroken(_("This form was sent already. To ask for another visit, begin again."))
    return earlier


def _slot(prison, key, count=True) -> slots.Slot:
    slot = slots.find(prison, key, count)
    if slot is None or not slots.keeps_notice(slot):
        raise SlotTaken(_("This time cannot be asked for any more. Choose another one."), field="slot")
    if not slot.free:
        raise _taken()
    return slot


def _taken():
    return SlotTaken(_("Somebody was quicker: this time has just been taken. Choose another one, "
                       "what you filled in is kept."), field="slot")


def _visitors(actor, wish, place) -> list[dict]:
    chosen = set(wish.colleagues)
    people = [{"user": person.id, "name": person.name} for person in colleagues(actor) if person.public_id in chosen]
    guests = dict.fromkeys(filter(None, (clean_text(name, limit=100) for name in wish.guests)))
    people += [{"user": None, "name": name} for name in guests]
    if not people:
        raise RuleBroken(_("Choose who comes."), field="colleagues")
    if len(guests) > MOST_GUESTS or len(people) > place.capacity:
        raise RuleBroken(ngettext("Only %(num)d person fits in at once. Choose fewer people.",
                                  "Only %(num)d people fit in at once. Choose fewer people.", place.capacity),
                         field="colleagues")
    return people


def _insert_booking(actor, prison, slot, request_key, purpose):
    """The new booking, or None where the same form was sent meanwhile."""
    now = clock.now()
    booking = Booking(
        public_id=new_public_id(), request_key=request_key, prison=prison, organisation=actor.organisation,
        requested_by=actor.id, window=slot.window, place=slot.window.place, kind=slot.window.kind,
        starts_at=slot.starts_at, ends_at=slot.ends_at, purpose=purpose, answer_by=answer_by(slot),
        created_at=now, changed_at=now)
    for _try in range(5):  # a number that exists already is drawn again
        booking.number = _new_number()
        if db.add(booking, ignore=True):
            return booking
        if Booking.select().where(Booking.request_key == request_key).exists():
            return None
    raise RuntimeError("no free booking number")


def _new_number() -> str:
    digits = f"{secrets.randbelow(10**7):07d}"
    return f"{digits[:3]}-{digits[3:]}"


def answer_by(slot: slots.Slot) -> date:
    """The day by which the prison answers: its lead days in working days, no later than the visit itself."""
    profile = getattr(slot.window.place.prison, "profile", None)
    due = slots.working_days_after(clock.today(), profile.lead_days if profile else LEAD_DAYS)
    return min(due, clock.local(slot.starts_at).date())


def _add_clients(actor, booking, prison, wish) -> list[Client]:
    if not wish.clients:
        return []
    clients = [client for client in clients_in(actor, prison) if client.public_id in set(wish.clients)]
    if clients:
        BookingClient.insert_many([{"booking": booking.id, "client": client.id} for client in clients]).execute()
    return clients


# Deciding

def advance(actor, public_id: str, event: Event, reason: Reason | None = None, message: str = "") -> Booking:
    """Brings a booking to its next state. AlreadyDecided where somebody was quicker, Missing where it is not theirs."""
    with db.writing():
        booking = _locked(policy.visible_bookings(actor).where(Booking.public_id == public_id))
        if side_of(actor, booking) is None:
            raise Missing
        if _is_echo(actor, booking, event):
            return booking
        step = _step(booking, event, side_of(actor, booking))
        _check_reason(step, reason, reasons_for(actor, booking, event))
        _change(actor, booking, step, reason if step.needs_reason else None, message)
        return booking


def _locked(query) -> Booking:
    """The booking of a query with its names, its row locked first. Missing where there is none."""
    row = db.locked(query).first()
    if row is None:
        raise Missing
    return _rows_joined(Booking.select().where(Booking.id == row.id)).get()


def _rows_joined(query):
    prison, sender = Organisation.alias(), Organisation.alias()
    return (query.select(Booking, Place, *slots.names_of(prison), *slots.names_of(sender)).join(Place)
            .join_from(Booking, prison, on=(Booking.prison == prison.id), attr="prison")
            .join_from(Booking, sender, on=(Booking.organisation == sender.id), attr="organisation"))


def _is_echo(actor, booking, event) -> bool:
    """Whether the actor has just done the very same: a double click is no second decision."""
    last = _last_event(booking)
    return event is not Event.REQUEST and last is not None and (last.event, last.actor_id) == (event, actor.id)


def _last_event(booking):
    return (BookingEvent.select(BookingEvent, User).join(User, JOIN.LEFT_OUTER)
            .where(BookingEvent.booking == booking.id).order_by(BookingEvent.id.desc()).first())


def _step(booking, event, side) -> Transition:
    for step in TRANSITIONS:
        if step.event is event and _fits(step, booking, side):
            return step
    if not any(step.event is event and side in step.sides for step in TRANSITIONS):
        raise RuleBroken(_("Your account may not do this."))
    raise AlreadyDecided(_why_not(booking), booking=booking)


def _why_not(booking):
    last = _last_event(booking)
    if booking.starts_at <= clock.now() and booking.state in {BookingState.REQUESTED, BookingState.CONFIRMED}:
        return _("The time of this visit has come already. Nothing was changed.")
    if last is None or last.actor is None:
        return _("This was settled meanwhile. Here is how it stands now.")
    return _("%(who)s was quicker. Here is how it stands now.", who=last.actor.name)


def _check_reason(step, reason, possible):
    if step.needs_reason and reason not in possible:
        raise RuleBroken(_("Choose a reason."), field="reason")


def _change(actor, booking, step, reason, message):
    old, now = booking.state, clock.now()
    booking.state, booking.reason, booking.changed_at = step.new, reason, now
    booking.message = clean_text(message, lines=True, limit=1000) or booking.message
    if step.event in {Event.CONFIRM, Event.DECLINE}:
        booking.decided_by, booking.decided_at = actor.id, now
    if step.event is Event.CANCEL:
        booking.sequence += 1
    booking.save(only=[Booking.state, Booking.reason, Booking.message, Booking.changed_at, Booking.decided_by,
                       Booking.decided_at, Booking.sequence])
    if step.new not in HOLDS_SEAT:
        slots.release_seats(booking)
    _record(actor, booking, step.event, old, _clients_of(booking))
    TELLS[step.event](booking, step.event)


def _clients_of(booking):
    return list(Client.select().join(BookingClient).where(BookingClient.booking == booking.id))


def _record(actor, booking, event, old, clients):
    """The booking's own event and the journal's rows, one for each client so that each can read theirs."""
    db.add(BookingEvent(booking=booking.id, at=clock.now(), actor=getattr(actor, "id", None), event=event,
                        old_state=old or "", new_state=booking.state, reason=booking.reason or ""))
    for client in clients or [None]:
        journal.wrote(actor, f"booking.{event}", booking.public_id, client=client, parts="visits")


def confirm_many(actor, public_ids: list[str]) -> tuple[int, int]:
    """Confirms several requests at once; returns how many were confirmed and how many were settled before."""
    if not public_ids:
        raise RuleBroken(_("Choose at least one request."), field="bookings")
    settled = 0
    with db.writing():
        for public_id in sorted(set(public_ids)):
            try:
                advance(actor, public_id, Event.CONFIRM)
            except AlreadyDecided:
                settled += 1
    return len(set(public_ids)) - settled, settled


def lapse_due() -> int:
    """Ends requests that nobody answered before their time came; returns how many."""
    due = Booking.select(Booking.id).where(Booking.state == BookingState.REQUESTED, Booking.starts_at <= clock.now())
    return sum(_lapse(row.id) for row in list(due))


def _lapse(booking_id) -> bool:
    with db.writing():
        booking = _locked(Booking.select().where(Booking.id == booking_id))
        if booking.state is not BookingState.REQUESTED:
            return False
        _change(None, booking, _step(booking, Event.LAPSE, Side.SYSTEM), None, "")
        return True


# Who is told what

SUBJECTS = {
    Event.REQUEST: _l("Visit %(moment)s, %(prison)s: request"),
    Event.CONFIRM: _l("Visit %(moment)s, %(prison)s: confirmed"),
    Event.DECLINE: _l("Visit %(moment)s, %(prison)s: declined"),
    Event.WITHDRAW: _l("Visit %(moment)s, %(prison)s: request withdrawn"),
    Event.CANCEL: _l("Visit %(moment)s, %(prison)s: cancelled"),
    Event.LAPSE: _l("Visit %(moment)s, %(prison)s: nobody answered in time"),
}


def deciders(prison_id: int) -> list[User]:
    """Who in a prison is told of requests: its leads; where it has none, all its people."""
    people = db.kept(_people_of, prison=prison_id)
    return [person for person in people if person.lead] or people


def _people_of(prison):
    return User.select().where(User.organisation == prison, User.role == Role.PRISON,
                               User.active == True).order_by(User.name)  # noqa: E712


def _attendees(booking) -> list[User]:
    """Who asked and who comes, as far as they have accounts."""
    coming = BookingVisitor.select(BookingVisitor.user).where(
        BookingVisitor.booking == booking.id, BookingVisitor.user.is_null(False))
    return list(User.select().where((User.id == booking.requested_by_id) | User.id.in_(coming),
                                    User.active == True))  # noqa: E712


def _tell_deciders(booking, event):
    _post(deciders(booking.prison_id), booking, event)


def _tell_attendees(booking, event):
    _post(_attendees(booking), booking, event)


def _tell_both(booking, event):
    people = {person.id: person for person in [*_attendees(booking), *deciders(booking.prison_id)]}
    _post(people.values(), booking, event)


TELLS = {Event.CONFIRM: _tell_attendees, Event.DECLINE: _tell_attendees, Event.WITHDRAW: _tell_deciders,
         Event.CANCEL: _tell_both, Event.LAPSE: _tell_attendees}


def _post(people, booking, event):
    free = next_free(booking.prison, booking.kind, 3) if event is Event.DECLINE else []
    for person in people:
        if not person.email:
            continue
        with force_locale(person.language):
            calendar = _calendar(booking) if event in {Event.CONFIRM, Event.CANCEL} else ""
            mail.post(person, _subject(booking, event, person.language),
                      _plain("\n".join(_body(booking, event, free, person.language))), calendar=calendar)


def _subject(booking, event, language) -> str:
    return str(SUBJECTS[event]) % {"moment": _plain(formats.moment(booking.starts_at, language=language)),
                                   "prison": booking.prison.label}


def _plain(text) -> str:
    """With plain spaces: some mail programs show no-break ones as signs."""
    return text.replace(formats.NO_BREAK, " ")


def _body(booking, event, free, language):
    yield formats.span(booking.starts_at, booking.ends_at, language=language)
    yield f"{booking.prison.label}, {booking.place.name}"
    yield f"{label(booking.kind)} · {booking.organisation.label}"
    yield _("Number: %(number)s", number=booking.number)
    if event is Event.REQUEST:
        yield _("Please answer by %(day)s.", day=formats.day(booking.answer_by, language=language))
    if booking.reason:
        yield _("Reason: %(reason)s", reason=label(booking.reason))
    if booking.message:
        yield _("There is a message with it; you can read it after signing in.")
    if free:
        yield _("The next free times: %(times)s", times="; ".join(
            formats.moment(slot.starts_at, language=language) for slot in free))
    yield ""
    yield mail.link(f"/visits/{booking.public_id}")


def _calendar(booking) -> str:
    return ics.single(calendar_event(booking)).decode()


def calendar_event(booking) -> ics.CalendarEvent:
    """A booking as calendars show it: place, kind, time and number; nobody's name."""
    return ics.CalendarEvent(
        uid=f"{booking.public_id}@navaznost", start_utc=booking.starts_at, end_utc=booking.ends_at,
        summary=_("Visit: %(kind)s (%(number)s)", kind=label(booking.kind), number=booking.number),
        location=f"{booking.prison.label}, {booking.place.name}", sequence=booking.sequence,
        updated_utc=booking.changed_at, cancelled=booking.state is BookingState.CANCELLED)


def calendar_events(actor) -> list[ics.CalendarEvent]:
    """What a calendar of the actor shows: confirmed visits from a month ago on, and those cancelled since."""
    since = clock.now() - timedelta(days=30)
    rows = policy.visible_bookings(actor).where(
        Booking.state.in_([BookingState.CONFIRMED, BookingState.HELD, BookingState.CANCELLED]),
        Booking.starts_at >= since)
    return [calendar_event(row) for row in _rows_joined(rows).order_by(Booking.starts_at, Booking.id)]


# Pages

@dataclass(frozen=True)
class Opened:
    """A booking as one reader may see it."""

    booking: Booking
    visitors: list[str]
    codes: list[str]  # of clients whom this reader may know of
    history: list["Happened"]
    events: set[Event]  # what the reader may do now
    side: Side | None


@dataclass(frozen=True)
class Happened:
    """One line of a booking's history; `who` and `organisation` are empty where the system did it."""

    at: datetime
    state: BookingState
    who: str
    organisation: str


def open_booking(actor, public_id: str) -> Opened:
    """A booking with its people, history and the clients the actor may know of; that they were shown is journalled."""
    booking = one(actor, public_id)
    return Opened(booking, _names(booking), _open_codes(actor, booking), _history(booking),
                  open_events(actor, booking), side_of(actor, booking))


def _open_codes(actor, booking) -> list[str]:
    """Codes of the clients the actor may know of; nothing is locked where there is none to record."""
    if not _known_clients(actor, booking).exists():
        return []
    with db.recording():
        clients = list(_known_clients(actor, booking))
        for client in clients:
            journal.read(actor, "booking.open", booking.public_id, client=client, parts="visits")
    return [client.code for client in clients]


def _known_clients(actor, booking):
    return (Client.select().join(BookingClient).where(
        BookingClient.booking == booking.id, Client.erased_at.is_null(),
        policy.readable(actor, Client.id, Scope.VISITS),
        policy.made_in_time(actor, Client.id, booking.created_at)).order_by(Client.code))


def _names(booking):
    return [row.name for row in BookingVisitor.select().where(BookingVisitor.booking == booking.id)
            .order_by(BookingVisitor.id)]


def _history(booking):
    rows = (BookingEvent.select(BookingEvent.at, BookingEvent.new_state, User.name, Organisation.short_name,
                                Organisation.name).join(User, JOIN.LEFT_OUTER)
            .join(Organisation, JOIN.LEFT_OUTER, on=(User.organisation == Organisation.id))
            .where(BookingEvent.booking == booking.id).order_by(BookingEvent.id).tuples())
    return [Happened(at, BookingState(state), who or "", short or name or "") for at, state, who, short, name in rows]


def one(actor, public_id: str) -> Booking:
    """A booking without its people; Missing where the actor may not see it."""
    found = policy.ask(actor, _one, public_id=public_id)
    if not found:
        raise Missing
    return found[0]


def _one(actor, public_id):
    return _rows_joined(policy.visible_bookings(actor).where(Booking.public_id == public_id))


def _lines(query):
    """A query of bookings as light rows for lists: what, when, where, who, how many."""
    prison, sender = Organisation.alias(), Organisation.alias()
    people = BookingVisitor.select(fn.COUNT(BookingVisitor.id)).where(BookingVisitor.booking == Booking.id)
    return (query.select(
        Booking.id, Booking.public_id, Booking.number, Booking.kind, Booking.starts_at, Booking.ends_at,
        Booking.state, Booking.reason, Booking.answer_by, Place.name.alias("place"), people.alias("people"),
        prison.name.alias("prison"), sender.name.alias("organisation_name"),
        sender.short_name.alias("organisation_short"))
        .join(Place).join_from(Booking, prison, on=(Booking.prison == prison.id))
        .join_from(Booking, sender, on=(Booking.organisation == sender.id))
        .order_by(Booking.starts_at, Booking.id).objects(SimpleNamespace))


LONGEST = timedelta(minutes=720)  # of a visit, as the table of windows holds it
LIVE = (BookingState.REQUESTED, BookingState.CONFIRMED)


def upcoming(actor, limit: int = PAGE):
    """The next visits of the actor's organisation that are asked for or confirmed."""
    now = clock.now()
    return policy.ask(actor, _upcoming, now=now, begins_after=now - LONGEST, limit=limit)


def _upcoming(actor, now, begins_after, limit):
    """What ends later than now begins no earlier than the longest visit ago, and for that there is an index."""
    return _lines(policy.visible_bookings(actor).where(
        Booking.state.in_(LIVE), Booking.ends_at > now, Booking.starts_at > begins_after)).limit(limit)


def earlier(actor, page: int) -> tuple[list, int]:
    """One page of what is over or settled, the newest first, and how many pages there are."""
    over = policy.visible_bookings(actor).where(
        (Booking.ends_at <= clock.now()) | Booking.state.not_in(LIVE))
    pages = max(1, -(-over.count() // PAGE))
    rows = _lines(over).order_by(Booking.starts_at.desc(), Booking.id.desc())
    return list(rows.paginate(min(page, pages), PAGE)), pages


@dataclass(frozen=True)
class WeekDay:
    day: date
    bookings: list
    free: int  # seats nobody asked for
    holiday: bool


def week(actor, monday: date) -> list[WeekDay]:
    """A prison's week: each day's visits and free seats; Saturday and Sunday only where there are some."""
    sunday = monday + timedelta(days=6)
    bookings, free = _by_day(_bookings_between(actor, monday, sunday)), _free_by_day(actor, monday, sunday)
    days = [WeekDay(day, bookings.get(day, []), free.get(day, 0), day in slots.public_holidays(day.year))
            for day in (monday + timedelta(days=number) for number in range(7))]
    return [each for each in days if each.day.weekday() < 5 or each.bookings or each.free]


def _bookings_between(actor, from_on, until_on):
    begin, end = (clock.at(day, datetime.min.time()) for day in (from_on, until_on + timedelta(days=1)))
    return policy.ask(actor, _taking_place, begin=begin, end=end)


def _taking_place(actor, begin, end):
    return _lines(policy.visible_bookings(actor).where(
        Booking.starts_at >= begin, Booking.starts_at < end,
        Booking.state.not_in([BookingState.WITHDRAWN, BookingState.DECLINED, BookingState.CANCELLED])))


def _by_day(rows):
    days = {}
    for row in rows:
        days.setdefault(clock.local(row.starts_at).date(), []).append(row)
    return days


def _free_by_day(actor, from_on, until_on):
    days, now = {}, clock.now()
    for slot in slots.slots_between([actor.organisation_id], from_on, until_on):
        if slot.starts_at > now:
            day = clock.local(slot.starts_at).date()
            days[day] = days.get(day, 0) + slot.free
    return days


# Today

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
    names = _names_of([row.id for row in coming])
    return Today(waiting=waiting_rows[:SHOWN_WAITING], waiting_in_all=len(waiting_rows),
                 coming=[(row, names.get(row.id, [])) for row in coming])


def _coming_between(actor, begin, end):
    return _lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.starts_at >= begin, Booking.starts_at < end))


def waiting(actor) -> list:
    """All requests that wait for the actor's prison, by time of the visit."""
    return policy.ask(actor, _waiting, now=clock.now())


def _waiting(actor, now):
    return _lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.REQUESTED, Booking.starts_at > now))


def _names_of(booking_ids):
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
    return _lines(policy.visible_bookings(actor).where(
        answered, Booking.starts_at > begins_after)).limit(SHOWN_NEXT)


def next_of_client(actor) -> list:
    """A client's own next confirmed meetings, the soonest first; rows as in lists."""
    if not may(actor, Can.USE_OWN_APP):
        return []
    return list(_lines(policy.visible_bookings(actor).where(
        Booking.state == BookingState.CONFIRMED, Booking.ends_at > clock.now())).limit(SHOWN_NEXT))
