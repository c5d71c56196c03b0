"""Who is told what: mails and calendars. They never name a client."""
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
import formats
import policy
from exporters import ics
from labels import label
from models import Booking, BookingState, BookingVisitor, Role, User
from services import mail
from services.visits.choosing import next_free
from services.visits.machine import Event
from services.visits.rows import with_names

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


def tell_deciders(booking, event):
    _post(deciders(booking.prison_id), booking, event)


def _tell_attendees(booking, event):
    _post(_attendees(booking), booking, event)


def _tell_both(booking, event):
    people = {person.id: person for person in [*_attendees(booking), *deciders(booking.prison_id)]}
    _post(people.values(), booking, event)


TELLS = {Event.CONFIRM: _tell_attendees, Event.DECLINE: _tell_attendees, Event.WITHDRAW: tell_deciders,
         Event.CANCEL: _tell_both, Event.LAPSE: _tell_attendees}


def _post(people, booking, event):
    free = next_free(booking.prison, booking.kind, 3) if event is Event.DECLINE else []
    for person in people:
        if not person.email:
            continue
        with force_locale(person.language):
            calendar = _calendar(booking) if event in {Event.CONFIRM, Event.CANCEL} else ""
            mail.post(person, _subject(booking, event, person.language),
                      plain_spaces("\n".join(_body(booking, event, free, person.language))), calendar=calendar)


def _subject(booking, event, language) -> str:
    return str(SUBJECTS[event]) % {"moment": plain_spaces(formats.moment(booking.starts_at, language=language)),
                                   "prison": booking.prison.label}


def plain_spaces(text) -> str:
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
    return [calendar_event(row) for row in with_names(rows).order_by(Booking.starts_at, Booking.id)]
