"""The one place that knows what time it is, so that one patch stops it."""
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PRAGUE = ZoneInfo("Europe/Prague")


def now() -> datetime:
    """The present moment, aware, in UTC, to whole seconds (that is what the database keeps)."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The present day in Prague."""
    return now().astimezone(PRAGUE).date()


def local(moment: datetime) -> datetime:
    """A moment as the clock on a Czech wall shows it."""
    return moment.astimezone(PRAGUE)


def at(day: date, time) -> datetime:
    """The UTC moment of a wall-clock time on a day in Prague.

    A time that the spring change skips moves forward by the hour that is missing; of the two that the
    autumn change repeats the first is meant.
    """
    return datetime.combine(day, time, tzinfo=PRAGUE).astimezone(UTC)
