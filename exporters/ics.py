"""Calendars (RFC 5545): a person's feed and the one event of a mail, from plain values to bytes.

An event keeps its UID for life; a later SEQUENCE replaces an earlier one in the reader's calendar, a cancelled
event stays in the feed so that it disappears there. Times are UTC. The caller leaves out names of clients.
"""

import datetime
from dataclasses import dataclass

import icalendar

from text import clean_text

__all__ = ["METHODS", "CalendarEvent", "feed", "single"]

PRODUCT = "-//Navaznost//Navaznost//CS"
METHODS = ("PUBLISH", "REQUEST", "CANCEL")
REFRESH = datetime.timedelta(hours=1)
LONGEST = 500


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
    cancelled: bool = False


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


def single(event, method="PUBLISH"):
    """Bytes of a calendar with one event for a mail; raises ValueError for a method not in METHODS."""
    if method not in METHODS:
        raise ValueError(f"unknown calendar method {method!r}")
    calendar = _calendar(method)
    calendar.add_component(_component(event))
    return calendar.to_ical()


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
    component.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    component.add("class", "PRIVATE")
    return component


def _utc(moment):
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(datetime.UTC)
