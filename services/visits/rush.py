"""What else is free, for those who lose a seat: many lose the same one at once, and all of them are told the same."""
from dataclasses import dataclass
from time import monotonic

from peewee import Select, fn

import clock
import db
from models import BookingEvent, Journal
from services import slots
from services.visits.choosing import next_free

HOLDS = 2  # seconds: on PostgreSQL a smaller number of the journal may be committed after a larger one
_found: dict = {}  # by database and prison


@dataclass(frozen=True)
class _Found:
    mark: tuple  # of what was written last
    at: float  # seconds of the monotonic clock
    times: list[slots.Slot]


def other_times(prison) -> list[slots.Slot]:
    """The next free times of a prison; looked for anew as soon as anybody has written anything, and each day."""
    of, mark = (db.database.obj, prison.id), (clock.today(), *db.kept(_last_written)[0])
    known = _found.get(of)
    if known is None or known.mark != mark or monotonic() - known.at > HOLDS:
        known = _found[of] = _Found(mark, monotonic(), next_free(prison))
    return known.times


def _last_written():
    last = [table.select(fn.MAX(table.id)) for table in (Journal, BookingEvent)]
    return Select(columns=last).tuples().bind(db.database)
