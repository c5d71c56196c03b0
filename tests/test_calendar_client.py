"""A calendar that people really have (vdirsyncer and khal from PyPI) subscribes, updates and removes."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import db
from models import Booking, BookingState, Feed, Reason, User
from services import visits
from services.visits import Event
from tests.support import calendars
from tests.support.visits import asked, confirmed, free
from tests.test_feeds import address
from tests.test_telling import calendar_of, moved, told_of_change

PRAGUE = ZoneInfo("Europe/Prague")
WEDNESDAY, THURSDAY = "2026-11-25", "2026-11-26"
WHERE = "Ukázková věznice Horní Lhota, Návštěvní místnost"


@pytest.fixture
def calendar(tmp_path):
    return calendars.Client(tmp_path)


@pytest.fixture
def site(app):
    with calendars.published(app) as url:
        yield url


def entry(booking, begins, ends, status="CONFIRMED "):
    return f"{begins}-{ends} {status}Schůzka: osobní pohovor ({booking.number}) @ {WHERE}"


def test_a_calendar_subscribes_updates_and_removes(cast, sign_in, calendar, site):
    first = confirmed(cast)
    second = confirmed(cast, slot=free(cast.prison, 1))
    calendar.subscribe(site + address(sign_in("nela")))
    assert calendar.read()
    assert calendar.shown(WEDNESDAY) == [entry(first, "09:00", "09:30"), entry(second, "09:30", "10:00")]
    visits.advance(cast.pavel, second.public_id, Event.CANCEL, Reason.STAFF)
    moved(first, starts_at=first.starts_at + timedelta(days=1), ends_at=first.ends_at + timedelta(days=1), sequence=1)
    assert calendar.read()
    assert calendar.shown(WEDNESDAY) == [entry(second, "09:30", "10:00", "CANCELLED ")]
    assert calendar.shown(THURSDAY) == [entry(first, "09:00", "09:30")]
    moved(second, starts_at=second.starts_at - timedelta(days=40), ends_at=second.ends_at - timedelta(days=40))
    assert calendar.read()
    assert calendar.shown(WEDNESDAY) == [] and len(calendar.entries) == 1, "what is long over is removed"


def test_a_calendar_reads_nothing_of_an_address_that_was_stopped(cast, sign_in, calendar, site):
    confirmed(cast)
    calendar.subscribe(site + address(sign_in("nela")))
    assert calendar.read()
    sign_in("nela").post(f"/calendar/{Feed.get().id}/stop", page="/calendar")
    assert not calendar.read()


CLOCKS = [("2027-03-27", 9), ("2027-03-28", 9), ("2026-10-24", 9), ("2026-10-25", 9), ("2028-02-29", 9),
          ("2026-12-31", 22)]


def test_a_calendar_shows_the_times_of_the_prison_around_changes_of_the_clock(cast, sign_in, calendar, site):
    with db.writing():
        for number, (day, hour) in enumerate(CLOCKS):
            start = datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=PRAGUE).astimezone(UTC)
            _copy(asked(cast.nela, cast.prison, free(cast.prison, number)), start)
    calendar.subscribe(site + address(sign_in("nela")))
    assert calendar.read()
    for day, hour in CLOCKS[:2] + CLOCKS[4:]:  # what was over a month ago is not in the feed
        assert [line[:11] for line in calendar.shown(day)] == [f"{hour:02}:00-{hour + 1:02}:00"], day


def _copy(booking, start):
    Booking.update(starts_at=start, ends_at=start + timedelta(hours=1), state=BookingState.CONFIRMED).where(
        Booking.id == booking.id).execute()


def test_entries_of_mails_update_and_end_one_another(cast, postbox, calendar):
    with db.writing():
        User.update(calendar_method="REQUEST").where(User.id == cast.nela.id).execute()
    booking = confirmed(cast)
    later = moved(booking, starts_at=booking.starts_at + timedelta(hours=1), sequence=1,
                  ends_at=booking.ends_at + timedelta(hours=1))
    told_of_change(later, cast.pavel, {})
    visits.advance(cast.pavel, booking.public_id, Event.CANCEL, Reason.STAFF)
    postbox.deliver()
    shown = []
    for message in postbox.to("nela"):
        calendar.take_in(calendar_of(message)[0].get_content())
        shown.append(calendar.shown(WEDNESDAY))
    assert shown == [[entry(booking, "09:00", "09:30")], [entry(booking, "10:00", "10:30")],
                     [entry(booking, "10:00", "10:30", "CANCELLED ")]]
