"""Who is told of what happens to a visit, as they chose to be told (services/preferences.py)."""
from contextlib import contextmanager
from contextvars import ContextVar

from flask_babel import force_locale
from peewee import JOIN

import db
from exporters import ics
from models import BookingEvent, BookingState, BookingVisitor, MailPreference, Role, Telling, Topic, User
from services import mail
from services.visits import wording
from services.visits.calendars import calendar_event
from services.visits.choosing import next_free
from services.visits.machine import Event
from services.visits.wording import REMIND

# Who

def deciders(prison_id: int) -> list[User]:
    """Who in a prison is told of requests: its leads; where it has none, all its people."""
    people = db.kept(_people_of, prison=prison_id)
    for person in people:
        chosen = getattr(person, "of_visits", None)
        person.tellings = {Topic.VISITS: chosen.telling if chosen and chosen.telling else Telling.EACH}
    return [person for person in people if person.lead] or people


def _people_of(prison):
    return (User.select(User, MailPreference.telling)
            .join(MailPreference, JOIN.LEFT_OUTER, on=((MailPreference.user == User.id)
                                                       & (MailPreference.topic == Topic.VISITS)), attr="of_visits")
            .where(User.organisation == prison, User.role == Role.PRISON, User.active == True)  # noqa: E712
            .order_by(User.name))


def attendees(booking) -> list[User]:
    """Who asked and who comes, as far as they have accounts."""
    return db.kept(_attendees_of, booking=booking.id, asked=booking.requested_by_id)


def _attendees_of(booking, asked):
    coming = BookingVisitor.select(BookingVisitor.user).where(
        BookingVisitor.booking == booking, BookingVisitor.user.is_null(False))
    return User.select().where((User.id == asked) | User.id.in_(coming), User.active == True)  # noqa: E712


def _nobody(booking, event):
    """What only its own author knows already, or what is no answer to anybody."""


def tell_deciders(booking, event):
    _tell(deciders(booking.prison_id), booking, event)


def tell_attendees(booking, event):
    _tell(attendees(booking), booking, event)


def tell_both(booking, event):
    people = {person.id: person for person in [*attendees(booking), *deciders(booking.prison_id)]}
    _tell(people.values(), booking, event)


def _tell_other_side(booking, event):
    """The side that did not act; where the system did, both."""
    last = _last_event(booking)
    if last is None or last.actor is None:
        tell_both(booking, event)
    elif last.actor.organisation_id == booking.prison_id:
        tell_attendees(booking, event)
    else:
        tell_deciders(booking, event)


def _tell_of_yes(booking, event):
    """Where a rule of the prison said yes, its people learn it too."""
    last = _last_event(booking)
    (tell_both if last is None or last.actor is None else tell_attendees)(booking, event)


def _tell_of_flag(booking, event):
    """Of a request that waits nobody is told: whoever answers it sees the reason."""
    if booking.state is BookingState.CONFIRMED:
        tell_both(booking, event)


# by event; a change of the calendar entry goes to everybody who may have it
TELLS = {
    Event.REQUEST: tell_deciders, Event.WAIT: _nobody, Event.OFFER: tell_attendees, Event.TAKE: tell_deciders,
    Event.PASS: tell_attendees, Event.CONFIRM: _tell_of_yes, Event.DECLINE: tell_attendees,
    Event.COUNTER: tell_attendees, Event.ACCEPT: tell_both, Event.REFUSE: tell_deciders, Event.RUN_OUT: tell_both,
    Event.WITHDRAW: tell_deciders, Event.OVERDUE: tell_deciders, Event.ESCALATE: _nobody, Event.LAPSE: tell_attendees,
    Event.CHANGE: tell_both, Event.NOTE: _tell_other_side, Event.CANCEL: tell_both, Event.FLAG: _tell_of_flag,
    Event.KEEP: tell_attendees, Event.UNFLAG: _tell_of_flag, Event.LOSE: tell_attendees,
    Event.RECORD: _tell_other_side, Event.OBJECT: _tell_other_side,
    Event.UNRECORD: tell_both, REMIND: tell_attendees,
}


# What

_held: ContextVar[list | None] = ContextVar("mails of a group", default=None)


@contextmanager
def together(path: str):
    """Inside it what is told of several visits waits; then each person gets one mail for each event.

    `path` is the page of the group. Nothing is told where it ends with an exception.
    """
    held = []
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
    people = {person.id: person for each, _booking, _event in held for person in each}
    for event in dict.fromkeys(event for _people, _booking, event in held):
        for person in people.values():
            about = [booking for each, booking, what in held if what is event and person in each]
            if len(about) > 1:
                _tell_of_many(person, about, event, path)
            elif about:
                _tell([person], about[0], event)


def _tell_of_many(person, bookings, event, path):
    first = bookings[0]
    with force_locale(person.language):
        mail.tell(person, Topic.VISITS, wording.subject_of_many(bookings, event, person.language),
                  wording.body_of_many(bookings, person.language, path), path,
                  calendar=_calendar_of_many(bookings, person),
                  booking=first.id, reply_to=_answers_to(first, person, _last_event(first)))


def _calendar_of_many(bookings, person) -> str:
    events = [event for event in map(calendar_event, bookings) if event is not None]
    return ics.noted(events, organizer=mail.own_address()) if events and person.email else ""


def _tell(people, booking, event):
    if _held.get() is not None:
        _held.get().append((list(people), booking, event))
        return
    last = None if event == REMIND else _last_event(booking)
    free = next_free(booking.prison, booking.kind, 3) if event is Event.DECLINE else []
    topic = Topic.REMINDERS if event == REMIND else Topic.VISITS
    for person in people:
        with force_locale(person.language):
            mail.tell(person, topic, wording.subject(booking, event, person.language),
                      wording.body(booking, event, last, free, person.language), f"/visits/{booking.public_id}",
                      calendar=_calendar(booking, person), booking=booking.id,
                      reply_to=_answers_to(booking, person, last))


def _last_event(booking):
    """The event that a mail is about: the one just recorded, or the last that is kept."""
    return getattr(booking, "last_event", None) or next(iter(db.kept(_last_event_of, booking=booking.id)), None)


def _last_event_of(booking):
    return (BookingEvent.select(BookingEvent, User).join(User, JOIN.LEFT_OUTER)
            .where(BookingEvent.booking == booking).order_by(BookingEvent.id.desc()).limit(1))


def _answers_to(booking, person, last) -> str:
    """A person on the other side: who acted, else a lead of the prison, or who asked for the visit."""
    actor = last.actor if last else None
    if actor and actor.active and actor.email and actor.organisation_id != person.organisation_id:
        return actor.email
    others = [booking.requested_by] if person.organisation_id == booking.prison_id else deciders(booking.prison_id)
    return next((other.email for other in others if other.active and other.email), "")


def _calendar(booking, person) -> str:
    """The entry as this person wants it; empty for a visit that has no time yet, and for a person without a mail."""
    event = calendar_event(booking)
    if event is None or not person.email:
        return ""
    method = person.calendar_method
    if method != "PUBLISH" and event.status is ics.Status.CANCELLED:
        method = "CANCEL"
    return ics.noted([event], method, organizer=mail.own_address(), attendee=person.email)
