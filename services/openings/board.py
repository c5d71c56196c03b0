"""All that a prison has opened and closed, as the page of its times shows it."""
from dataclasses import dataclass
from datetime import date, timedelta

import clock
from models import Closure, Place, Window
from services import slots
from services.openings import closures, places, windows
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
    places: list[OfPlace]
    closures: list[Closure]
    holidays: list[date]
    limits: WeekLimits


def board(actor) -> Board:
    found = places.places(actor)
    rows = [row for row in places.windows_of([place.id for place in found]) if windows.lasts(row)]
    return Board([_of_place(place, rows) for place in found], closures.ahead(actor), _holidays(), week_limits(actor))


def _of_place(place, rows):
    mine = [row for row in rows if row.place_id == place.id]
    return OfPlace(place, [row for row in mine if not row.extra],
                   sorted((row for row in mine if row.extra), key=lambda row: (row.valid_from, row.starts)))


def _holidays():
    today = clock.today()
    days = {day for year in (today.year, today.year + 1) for day in slots.public_holidays(year)}
    return sorted(day for day in days if today <= day <= today + HOLIDAYS)
