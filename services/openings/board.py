"""All that a prison has opened and closed, as the page of its times shows it."""
from dataclasses import dataclass
from datetime import date, timedelta

import clock
from models import Closure, Organisation, Place, Window
from services import slots
from services.openings import closures, places, windows
from services.openings.keeping import kept_by
from services.openings.limits import WeekLimits, week_limits

HOLIDAYS = timedelta(days=120)  # named so far ahead


@dataclass(frozen=True)
class OfPlace:
    """A place with its windows that are not over, weekly ones and those of a single day."""

    place: Place
    weekly: list[Window]
    extra: list[Window]


@dataclass(frozen=True)
class Board:
    prison: Organisation
    places: list[OfPlace]
    closures: list[Closure]
    holidays: list[date]
    limits: WeekLimits


def board(actor, prison: str = "") -> Board:
    """The times of a prison (its public id; else the actor's own)."""
    home = kept_by(actor, prison)
    found = places.places(actor, prison)
    rows = [row for row in places.windows_of([place.id for place in found]) if windows.lasts(row)]
    of_places = [_of_place(place, rows) for place in found]
    return Board(home, of_places, closures.ahead(home), _holidays(), week_limits(home))


def _of_place(place, rows):
    mine = [row for row in rows if row.place_id == place.id]
    return OfPlace(place, [row for row in mine if not row.extra],
                   sorted((row for row in mine if row.extra), key=lambda row: (row.valid_from, row.starts)))


def _holidays():
    today = clock.today()
    days = {day for year in (today.year, today.year + 1) for day in slots.public_holidays(year)}
    return sorted(day for day in days if today <= day <= today + HOLIDAYS)
