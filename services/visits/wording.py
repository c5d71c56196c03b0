"""What mails about visits say: fixed subjects, what was and what is. No client's name, nothing that somebody wrote:
of a changed purpose a mail says that it changed, and its link leads to it."""
import json
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import formats
from labels import label
from models import BookingState, FlagCause, WindowKind
from services import mail
from services.visits import holding
from services.visits.machine import Event

REMIND = "remind"  # two days before: no event of a visit's own
SUBJECTS = {
    Event.REQUEST: _l("Visit %(moment)s, %(prison)s: request"),
    Event.OFFER: _l("Visit %(moment)s, %(prison)s: a place is free for you"),
    Event.TAKE: _l("Visit %(moment)s, %(prison)s: request"),
    Event.PASS: _l("Visit %(moment)s, %(prison)s: the place was not taken in time"),
    Event.CONFIRM: _l("Visit %(moment)s, %(prison)s: confirmed"),
    Event.DECLINE: _l("Visit %(moment)s, %(prison)s: declined"),
    Event.COUNTER: _l("Visit %(moment)s, %(prison)s: another time is proposed"),
    Event.ACCEPT: _l("Visit %(moment)s, %(prison)s: confirmed"),
    Event.REFUSE: _l("Visit %(moment)s, %(prison)s: the proposed time was not accepted"),
    Event.RUN_OUT: _l("Visit %(moment)s, %(prison)s: the proposed time was not answered"),
    Event.WITHDRAW: _l("Visit %(moment)s, %(prison)s: request withdrawn"),
    Event.OVERDUE: _l("Visit %(moment)s, %(prison)s: the answer is overdue"),
    Event.LAPSE: _l("Visit %(moment)s, %(prison)s: nobody answered in time"),
    Event.CHANGE: _l("Visit %(moment)s, %(prison)s: changed"),
    Event.NOTE: _l("Visit %(moment)s, %(prison)s: notes were changed"),
    Event.CANCEL: _l("Visit %(moment)s, %(prison)s: cancelled"),
    Event.FLAG: _l("Visit %(moment)s, %(prison)s: has to be looked at again"),
    Event.KEEP: _l("Visit %(moment)s, %(prison)s: takes place as agreed"),
    Event.UNFLAG: _l("Visit %(moment)s, %(prison)s: a reason to look at it again is gone"),
    Event.LOSE: _l("Visit %(moment)s, %(prison)s: one of the times is not possible any more"),
    Event.RECORD: _l("Visit %(moment)s, %(prison)s: it was written down how it went"),
    Event.OBJECT: _l("Visit %(moment)s, %(prison)s: the other side objects"),
    Event.UNRECORD: _l("Visit %(moment)s, %(prison)s: nobody wrote down how it went"),
    REMIND: _l("Visit %(moment)s, %(prison)s: a reminder"),
}


def subject(booking, event, language) -> str:
    """One of a fixed set, with the time and the prison."""
    return str(SUBJECTS[event]) % {"moment": plain_spaces(formats.moment(booking.starts_at, language=language)),
                                   "prison": booking.prison.label}


def body(booking, event, last, free, language) -> str:
    """The lines of a mail; `last` is the booking's last event or None, `free` are times to choose from instead."""
    return plain_spaces("\n".join(_lines(booking, event, last, free, language)))


def subject_of_many(bookings, event, language) -> str:
    """That of the first one, and how many more there are."""
    return _("%(subject)s (and %(count)d more)", subject=subject(bookings[0], event, language), count=len(bookings) - 1)


def body_of_many(bookings, language, path) -> str:
    """One line for each visit of a group, and the link to all of them."""
    first = bookings[0]
    lines = [f"{first.prison.label}, {first.place.name}", f"{label(first.kind)} · {first.organisation.label}", ""]
    for booking in bookings:
        reason = f" ({label(booking.reason)})" if booking.reason else ""
        lines.append(f"{formats.span(booking.starts_at, booking.ends_at, language=language)} · {booking.number} · "
                     f"{label(booking.state)}{reason}")
    if any(booking.state is BookingState.REQUESTED for booking in bookings):
        due = min(booking.answer_by for booking in bookings)
        lines.append(_("Please answer by %(day)s.", day=formats.day(due, language=language)))
    return plain_spaces("\n".join([*lines, "", mail.link(path)]))


def plain_spaces(text) -> str:
    """With plain spaces: some mail programs show no-break ones as signs."""
    return text.replace(formats.NO_BREAK, " ")


def _lines(booking, event, last, free, language):
    yield formats.span(booking.starts_at, booking.ends_at, language=language)
    yield f"{booking.prison.label}, {booking.place.name}"
    yield f"{label(booking.kind)} · {booking.organisation.label}"
    yield _("Number: %(number)s", number=booking.number)
    yield from _differences(last, language) if last else ()
    yield from _open_questions(booking, language) if event != REMIND else ()
    if booking.reason:
        yield _("Reason: %(reason)s", reason=label(booking.reason))
    if booking.message:
        yield _("There is a message with it; you can read it after signing in.")
    if free:
        yield _("The next free times: %(times)s", times=_times(free, language))
    yield from ("", mail.link(f"/visits/{booking.public_id}"))


def _open_questions(booking, language):
    """What waits for an answer, and until when."""
    others = holding.others(booking)
    wished, proposed = ([time for time in others if time.by_prison is side and not time.is_before]
                        for side in (False, True))
    if wished:
        yield _("Or: %(times)s", times=_times(wished, language))
    if proposed:
        yield _("The prison proposes: %(times)s", times=_times(proposed, language))
    if booking.state is BookingState.REQUESTED:
        yield _("Please answer by %(day)s.", day=formats.day(booking.answer_by, language=language))
    elif booking.offer_until and booking.state in {BookingState.COUNTERED, BookingState.WAITING}:
        yield _("It is kept for you until %(moment)s.", moment=formats.moment(booking.offer_until, language=language))


def _times(times, language):
    return "; ".join(formats.moment(time.starts_at, language=language) for time in times)


# Old and new

def _moment(text, language):
    return formats.moment(datetime.fromisoformat(text), language=language)


def _kind(text, language):
    return label(WindowKind(text))


def _as_it_is(text, language):
    return str(text)


# what may be told with its old and new value; of anything else only that it changed
VALUES = {"starts_at": (_l("Begins"), _moment), "ends_at": (_l("Ends"), _moment), "kind": (_l("Kind"), _kind),
          "place": (_l("Place"), _as_it_is), "people": (_l("Number of people"), _as_it_is)}
NAMES = {"visitors": _l("who comes"), "equipment": _l("equipment"), "purpose": _l("what the visit is for"),
         "plate": _l("the car"), "staff_note": _l("the note for the staff"),
         "client_note": _l("the note for the client")}


def _differences(last, language):
    """Lines of what the last event changed, each with the old value and the new one."""
    if last.old_state and last.old_state != last.new_state:
        yield _("State: %(old)s → %(new)s", old=label(BookingState(last.old_state)),
                new=label(BookingState(last.new_state)))
    changes = json.loads(last.changes or "{}")
    for name, (word, shown) in VALUES.items():
        if name in changes:
            old, new = (shown(value, language) for value in changes[name])
            yield f"{word}: {old} → {new}"
    if lost := changes.get("lost"):
        yield lost_words(lost, language)
    if causes := changes.get("causes"):
        yield gone_words(causes)
    named = [str(words) for name, words in NAMES.items() if name in changes]
    if named:
        yield _("Also changed: %(what)s.", what=", ".join(named))


def lost_words(lost: list[str], language: str | None = None) -> str:
    """Which times (ISO) a request has lost, and why."""
    return _("not possible any more, a client of this visit has another one then: %(times)s",
             times="; ".join(_moment(each, language) for each in lost))


def gone_words(causes: list[str]) -> str:
    """Which reasons to look again are gone."""
    return _("no reason to look at it again any more: %(causes)s",
             causes=", ".join(str(label(FlagCause(each))) for each in causes))
