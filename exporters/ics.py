"""Calendars (RFC 5545): a feed and the one event of a mail (RFC 5546), from plain values to bytes.

An event keeps its UID for life; a later SEQUENCE replaces an earlier one in the reader's calendar, a cancelled
event stays in the feed so that it disappears there. Times are UTC. The caller leaves out names of clients.
"""

import datetime
import enum
import json
from dataclasses import dataclass

import icalendar

from text import clean_text

__all__ = ["METHODS", "CalendarEvent", "Status", "entry", "feed", "method_of", "noted", "sequence_of", "written"]

PRODUCT = "-//Navaznost//Navaznost//CS"
METHODS = ("PUBLISH", "REQUEST", "CANCEL")
REFRESH = datetime.timedelta(hours=1)
LONGEST = 500


class Status(enum.StrEnum):
    """How sure an event is, in the words of the standard."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class CalendarEvent:
    """One visit or meeting; `…_utc` are aware moments, `updated_utc` the one of its last change.

    `sequence` counts the changes from 0; `uid` never changes and says nothing about whom the event is with.
    """

    uid: str
    start_utc: datetime.datetime
    end_utc: datetime.datetime
    summary: str
    location: str
    sequence: int
    updated_utc: datetime.datetime
    status: Status = Status.CONFIRMED


def feed(name, events):
    """Bytes of a calendar that readers fetch again each hour; the same events give the same bytes."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", clean_text(name, limit=LONGEST))
    calendar.add("x-wr-calname", clean_text(name, limit=LONGEST))
    calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH))
    for event in events:
        calendar.add_component(_component(event))
    return calendar.to_ical()


def entry(events, method="PUBLISH", organizer="", attendee=""):
    """Bytes of a calendar for a mail; raises ValueError for a method not in METHODS.

    `organizer` and `attendee` are mail addresses: an invitation (REQUEST) needs both, its end (CANCEL) the first,
    a plain entry (PUBLISH) must not name who comes.
    """
    _check(method, organizer, attendee)
    calendar = _calendar(method)
    for event in events:
        component = _component(event)
        if organizer:
            component.add("organizer", _address(organizer))
        if method != "PUBLISH":
            component.add("attendee", _address(attendee, {"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}))
        calendar.add_component(component)
    return calendar.to_ical()


def _check(method, organizer, attendee):
    if method not in METHODS:
        raise ValueError(f"unknown calendar method {method!r}")
    if method != "PUBLISH" and not (organizer and attendee):
        raise ValueError(f"{method} needs an organizer and an attendee")


def noted(events, method="PUBLISH", organizer="", attendee=""):
    """What `entry` needs, as a text: made in no time while somebody waits, `written` when the mail goes out."""
    _check(method, organizer, attendee)
    return json.dumps({"events": [vars(event) for event in events], "method": method, "organizer": organizer,
                       "attendee": attendee}, default=datetime.datetime.isoformat)


def written(note):
    """The bytes of a calendar that was `noted`; ValueError for another text."""
    said = json.loads(note)
    return entry([_event(**each) for each in said.pop("events")], **said)


def _event(status, **values):
    moments = {name: datetime.datetime.fromisoformat(value) for name, value in values.items() if name.endswith("_utc")}
    return CalendarEvent(**values | moments, status=Status(status))


def method_of(note):
    """The method of a calendar that was `noted`."""
    return json.loads(note)["method"]


def sequence_of(note):
    """The sequence of the first event of a calendar that was `noted`."""
    return json.loads(note)["events"][0]["sequence"]


def _address(mail_address, params=None):
    return icalendar.vCalAddress(f"mailto:{clean_text(mail_address, limit=LONGEST)}", params or {})


def _calendar(method):
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _component(event):
    component = icalendar.Event()
    component.add("uid", clean_text(event.uid, limit=LONGEST))
    component.add("dtstamp", _utc(event.updated_utc))
    component.add("last-modified", _utc(event.updated_utc))
    component.add("dtstart", _utc(event.start_utc))
    component.add("dtend", _utc(event.end_utc))
    component.add("summary", clean_text(event.summary, limit=LONGEST))
    component.add("location", clean_text(event.location, limit=LONGEST))
    component.add("sequence", event.sequence)
    component.add("status", event.status.value)
    component.add("transp", "TRANSPARENT" if event.status is Status.CANCELLED else "OPAQUE")
    component.add("class", "PRIVATE")
    return component


def _utc(moment):
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(datetime.UTC)
