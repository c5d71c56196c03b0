"""What runs on a clock runs by the clock in Prague, in both halves of the year and on the days it changes."""
from datetime import UTC, date, datetime, time, timedelta

import pytest

import clock
import jobs

DAYS = [date(2026, 7, 1), date(2026, 12, 1), date(2027, 3, 28), date(2026, 10, 25), date(2028, 2, 29)]


@pytest.fixture
def huey(app):
    return jobs.queue(app)


def due(huey, moment) -> set[str]:
    """Names of the jobs that the queue starts at a moment; it asks in UTC, without a zone."""
    return {task.name for task in huey.read_periodic(moment.astimezone(UTC).replace(tzinfo=None))}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("at", "name"), [(time(7, 5), "remind-of-visits"), (time(7, 20), "send-digests"),
                                          (time(3, 10), "end-feeds")])
def test_each_comes_once_a_day_at_its_time_in_prague(huey, day, at, name):
    begin = clock.at(day, time(0))
    minutes = int((clock.at(day + timedelta(days=1), time(0)) - begin) / timedelta(minutes=1))
    moments = [begin + timedelta(minutes=n) for n in range(0, minutes, 5)]
    found = [moment for moment in moments if name in due(huey, moment)]
    assert [clock.local(moment).time() for moment in found] == [at]


def test_mail_goes_out_each_minute(huey):
    assert all("deliver-mail" in due(huey, datetime(2026, 11, 23, 9, n, tzinfo=UTC)) for n in range(60))
