"""Calendars: what stands in them, and that no text can add anything to them. fig-F6."""

import dataclasses
import datetime
import re
from collections import Counter
from datetime import UTC
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exporters.ics import CalendarEvent, Status, entry, feed, method_of, noted, sequence_of, written
from text import clean_text

VISIT = CalendarEvent(
    uid="3f2a9c@navaznost.example",
    start_utc=datetime.datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
    end_utc=datetime.datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
    summary="Návštěva: osobní pohovor",
    location="Ukázková věznice, místnost 2",
    sequence=2,
    updated_utc=datetime.datetime(2026, 11, 22, 15, 30, tzinfo=UTC),
    status=Status.CONFIRMED,
)
PEOPLE = ("navaznost@example.org", "nela@example.org")
LINES_OF_A_CALENDAR = {"BEGIN", "END", "PRODID", "VERSION", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME",
                       "REFRESH-INTERVAL", "X-PUBLISHED-TTL"}  # fmt: skip
LINES_OF_AN_EVENT = {"UID", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "SEQUENCE",
                     "STATUS", "TRANSP", "CLASS"}  # fmt: skip
# whatever any reader might take for the end of a line
ANY_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def changed(**values):
    return dataclasses.replace(VISIT, **values)


def lines(calendar):
    unfolded = calendar.decode().replace("\r\n ", "")
    return [line for line in ANY_BREAK.split(unfolded) if line]


def names(calendar):
    return Counter(re.split("[:;]", line)[0].upper() for line in lines(calendar))


def event_in(calendar):
    (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    return event


def test_a_feed_holds_its_events_and_how_often_to_ask():
    calendar = feed("Návaznost – Nela", [VISIT])
    assert {
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:PUBLISH", "NAME:Návaznost – Nela", "X-WR-CALNAME:Návaznost – Nela",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "BEGIN:VEVENT",
        "UID:3f2a9c@navaznost.example", "DTSTART:20261125T080000Z", "DTEND:20261125T093000Z",
        "DTSTAMP:20261122T153000Z", "SEQUENCE:2", "STATUS:CONFIRMED", "CLASS:PRIVATE", "TRANSP:OPAQUE",
        "SUMMARY:Návštěva: osobní pohovor", r"LOCATION:Ukázková věznice\, místnost 2", "END:VEVENT", "END:VCALENDAR",
    } <= set(lines(calendar))  # fmt: skip


def test_an_empty_feed_is_a_calendar():
    assert icalendar.Calendar.from_ical(feed("Návaznost", [])).walk("VEVENT") == []


def test_the_same_events_give_the_same_bytes():
    assert feed("Návaznost", [VISIT]) == feed("Návaznost", [changed()])


def test_lines_end_as_the_standard_says_and_are_short():
    calendar = feed("Návaznost", [changed(summary="Pohovor o dluzích " * 20)])
    assert b"\n" not in calendar.replace(b"\r\n", b"")
    assert max(len(line) for line in calendar.split(b"\r\n")) <= 75


def test_a_cancelled_event_stays_and_says_so():
    event = event_in(entry([changed(status=Status.CANCELLED, sequence=3)], "CANCEL", *PEOPLE))
    assert (event["STATUS"], event["SEQUENCE"], event["TRANSP"]) == ("CANCELLED", 3, "TRANSPARENT")
    assert event["UID"] == VISIT.uid


@pytest.mark.parametrize("method", ["PUBLISH", "REQUEST", "CANCEL"])
def test_one_event_for_a_mail(method):
    note = noted([VISIT], method, *PEOPLE)
    assert f"METHOD:{method}" in lines(written(note))
    assert (method_of(note), sequence_of(note)) == (method, 2)


def test_what_was_noted_is_written_as_it_was():
    events = [VISIT, changed(status=Status.CANCELLED, summary="Pohovor\x00; \ud83d\r\nEND:VEVENT")]
    assert written(noted(events, organizer=PEOPLE[0])) == entry(events, organizer=PEOPLE[0])
    assert len(icalendar.Calendar.from_ical(written(noted(events))).walk("VEVENT")) == 2


def test_what_was_not_noted_is_refused():
    with pytest.raises(ValueError):
        written("BEGIN:VCALENDAR")


# RFC 5546, 3.2: what an event must and must not have for each method
@pytest.mark.parametrize(("method", "attendees"), [("PUBLISH", 0), ("REQUEST", 1), ("CANCEL", 1)])
def test_an_event_names_who_the_method_wants_named(method, attendees):
    calendar = entry([VISIT], method, *PEOPLE)
    assert names(calendar)["ORGANIZER"] == 1 and names(calendar)["ATTENDEE"] == attendees
    assert event_in(calendar)["ORGANIZER"] == "mailto:navaznost@example.org"
    assert {"DTSTAMP", "DTSTART", "SUMMARY", "UID", "SEQUENCE"} <= set(names(calendar))


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize("people", [("", ""), ("navaznost@example.org", ""), ("", "nela@example.org")])
def test_an_invitation_without_its_people_is_refused(method, people):
    with pytest.raises(ValueError, match="needs"):
        entry([VISIT], method, *people)


@pytest.mark.parametrize("method", ["", "publish", "REPLY", "PUBLISH\r\nX-EVIL:1"])
def test_other_methods_are_refused(method):
    with pytest.raises(ValueError, match="method"):
        entry([VISIT], method=method)


@pytest.mark.parametrize(
    "local, utc",
    [
        ("2026-03-29T01:30", "20260329T003000Z"),
        ("2026-03-29T03:30", "20260329T013000Z"),
        ("2026-10-25T01:30", "20261024T233000Z"),
        ("2026-10-25T03:30", "20261025T023000Z"),
        ("2026-12-31T23:30", "20261231T223000Z"),
    ],
)
def test_times_around_a_change_of_clock_are_written_in_utc(local, utc):
    start = datetime.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Prague"))
    assert f"DTSTART:{utc}" in lines(entry([changed(start_utc=start)]))


@pytest.mark.parametrize("moment", ["start_utc", "end_utc", "updated_utc"])
def test_a_moment_without_zone_is_refused(moment):
    with pytest.raises(ValueError, match="zone"):
        entry([changed(**{moment: datetime.datetime(2026, 11, 25, 9)})])


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r\n ", "\n\t",
          "\\n"]  # fmt: skip
PIECES = [*BREAKS, "\x00", "\\", ";", ",", ":", '"', "ATTENDEE:mailto:x@evil.example", "END:VEVENT", "BEGIN:VALARM",
          "END:VCALENDAR", "METHOD:CANCEL", "\u202e", "ě" * 80, "🙂", "\ud83d", "^n", "%0d%0a"]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


def of_a_feed(name, uid, summary, location):
    """How many lines a feed has that a calendar of two events does not, or lacks."""
    calendar = feed(name, [changed(uid=uid, summary=summary, location=location), VISIT])
    expected = Counter(LINES_OF_A_CALENDAR) + Counter(LINES_OF_AN_EVENT) + Counter(LINES_OF_AN_EVENT)
    return differing(names(calendar), expected + Counter(["BEGIN", "END"] * 2))


def of_an_invitation(name, uid, summary, location):
    calendar = entry([changed(uid=uid, summary=summary)], "REQUEST", name + "x", location + "x")
    once = {"BEGIN", "END", "PRODID", "VERSION", "CALSCALE", "METHOD"}
    return differing(names(calendar), Counter(once) + Counter(LINES_OF_AN_EVENT) + Counter(
        ["BEGIN", "END", "ORGANIZER", "ATTENDEE"]))


def differing(found, expected) -> int:
    return sum(((found - expected) + (expected - found)).values())


@pytest.mark.parametrize("lines_added", [of_a_feed, of_an_invitation])
def test_no_text_adds_a_line(lines_added, figure):
    added = []

    @settings(max_examples=300, deadline=None)
    @given(texts, texts, texts, texts)
    @example("a", *["\x85ATTENDEE:mailto:x@evil.example"] * 3)
    @example("a", *["\u2028END:VEVENT\u2028BEGIN:VEVENT"] * 3)
    def nothing_is_added(name, uid, summary, location):
        added.append(lines_added(name, uid, summary, location))

    nothing_is_added()
    planted = entry([VISIT]).replace(b"SEQUENCE:2", "SEQUENCE:2\x85ATTENDEE:mailto:x@evil.example".encode())
    figure(f"fig-F6 lines that a text adds to a calendar ({lines_added.__name__})", sum(added), "lines", len(added),
           control=names(planted)["ATTENDEE"] and "one planted by hand: found")


@given(texts, texts, texts, texts)
def test_what_is_read_back_is_the_cleaned_text(name, uid, summary, location):
    calendar = feed(name, [changed(uid=uid, summary=summary, location=location)])
    event = event_in(calendar)
    assert str(event["SUMMARY"]) == clean_text(summary)
    assert str(event["LOCATION"]) == clean_text(location)
    assert str(event["UID"]) == clean_text(uid)
    assert event["DTSTART"].dt == VISIT.start_utc


def test_the_check_of_lines_finds_what_a_text_added():
    planted = entry([VISIT]).replace(b"SEQUENCE:2", "SEQUENCE:2\x85ATTENDEE:mailto:x@evil.example".encode())
    assert names(planted)["ATTENDEE"] == 1
