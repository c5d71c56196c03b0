"""Windows of a place: opened, changed, ended, and opened for a single day.

What stands in a window that changes is never lost: the window ends before the first changed day and a new one begins.
A visit whose time the new one has too goes over to it. Any other keeps its time, holds what it covers of the new one so
that nobody else is promised it, and is asked to be looked at again.
"""
from dataclasses import dataclass, fields
from datetime import date, time, timedelta

from flask_babel import gettext as _

import clock
import db
import formats
from errors import Missing, RuleBroken
from labels import label, language
from models import FlagCause, Organisation, Place, Window, WindowKind
from services import slots
from services.openings import moving, places, touched
from services.openings.keeping import kept_by, still

IN_PERSON = {WindowKind.INDIVIDUAL, WindowKind.GROUP, WindowKind.INFORMATION}
MOST = 60  # windows of a place that have not ended
FURTHEST = timedelta(days=5 * 366)  # a day that somebody sets
LOOKED_AT = timedelta(weeks=57)  # two windows that open every few weeks have met by then
QUIET = {"valid_until", "staff_minutes", "notice_days"}  # changes of these move no visit


@dataclass(frozen=True)
class Opening:
    """What the form of a window says: the columns of Window. Of a single day: `extra`, valid on that day alone."""

    kind: WindowKind
    weekday: int
    starts: time
    ends: time
    slot_minutes: int
    seats: int
    valid_from: date
    valid_until: date | None = None
    people: int | None = None
    every_weeks: int = 1
    staff_minutes: int | None = None
    notice_days: int = 2
    extra: bool = False


COLUMNS = [field.name for field in fields(Opening)]


def window(actor, public_id: str) -> Window:
    """A window that has not ended, of a prison whose times the actor keeps. Raises Missing."""
    found = Window.select(Window, Place, Organisation).join(Place).join(Organisation).where(
        Window.public_id == public_id, Place.active == True, places.not_of_joint_days()).first()  # noqa: E712
    if found is None or not lasts(found):
        raise Missing
    kept_by(actor, found.place.prison.public_id)
    return found


def _still(actor, public_id) -> Window:
    """The same, and nobody else changes the times of its prison until the transaction ends."""
    still(actor, window(actor, public_id).place.prison.public_id)
    return window(actor, public_id)


def lasts(row: Window) -> bool:
    """Whether a window still opens some day, as far as its validity goes."""
    return row.valid_until is None or row.valid_until >= max(clock.today(), row.valid_from)


def next_day(row: Window) -> date:
    """The next day on which a window opens, today at the soonest; its first day where it opens no more."""
    first = max(clock.today(), row.valid_from)
    days = (first + slots.DAY * number for number in range(8 * 7 + 1))
    return next((day for day in days if slots.opens_on(row, day)), first)


# Writing

def add(actor, place_id: str, opening: Opening) -> Window:
    """Opens a window. Refuses one without a whole slot, or over another one in person in the same place."""
    with db.writing():
        row = _made(places.still_place(actor, place_id), opening)
        others = places.windows_of([row.place_id])
        if sum(map(lasts, others)) >= MOST:
            raise RuleBroken(_("One place can have %(count)d windows at most.", count=MOST))
        _check(row, others)
        row.save(force_insert=True)
        touched.settle(actor, row.place.prison, [], FlagCause.WINDOW_CHANGED, "window.add", row.public_id)
        return row


def change(actor, public_id: str, opening: Opening, seen=()) -> list:
    """Changes a window from the first day of the opening on.

    Returns the visits that it would touch where some were not `seen`: nothing was written then.
    """
    with db.writing():
        row = _still(actor, public_id)
        changed = {name for name in COLUMNS if getattr(opening, name) != getattr(row, name)} - {"valid_from"}
        if changed <= QUIET:
            return _shorten(actor, row, {name: getattr(opening, name) for name in changed}, seen)
        ended, begun = _until(row, opening.valid_from - slots.DAY), _made(row.place, opening)
        _check(begun, [ended if each == row else each for each in places.windows_of([row.place_id])])
        moves = moving.moves(row, ended, begun)
        if rows := touched.unseen(moves.touched, seen):
            return rows
        _write(row, {"valid_until": ended.valid_until})
        begun.save(force_insert=True)
        moving.carry_out(row, begun, moves)
        touched.settle(actor, row.place.prison, moves.touched, FlagCause.WINDOW_CHANGED, "window.change",
                       begun.public_id, ",".join(sorted(changed)))
        return []


def end(actor, public_id: str, last_day: date, seen=()) -> list:
    """Lets a window open for the last time no later than on a day. Returns as `change`."""
    with db.writing():
        return _shorten(actor, _still(actor, public_id), {"valid_until": last_day}, seen)


def _shorten(actor, row, changes, seen):
    """Writes what moves no visit, and the last day, after which visits may be left out."""
    after = _until(row, changes.get("valid_until", row.valid_until))
    _check_last_day(after)
    gone = [booking for booking in touched.holding(row) if moving.has(row, booking) and not moving.has(after, booking)]
    if rows := touched.unseen(gone, seen):
        return rows
    if changes:
        _write(row, changes)
        touched.settle(actor, row.place.prison, gone, FlagCause.WINDOW_CHANGED, "window.change", row.public_id,
                       ",".join(sorted(changes)))
    return []


def _made(place, opening) -> Window:
    return Window(place=place, **{name: getattr(opening, name) for name in COLUMNS})


def _until(row, last_day) -> Window:
    """The same window, not kept, with another last day."""
    return Window(**{**row.__data__, "valid_until": last_day})


def _write(row, changes):
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(only=[getattr(Window, name) for name in changes])


# What a window must be

def _check(row, others):
    if row.valid_from < clock.today():
        raise RuleBroken(_("Choose today or a later day; what was cannot be changed."), field="valid_from")
    if row.valid_from > clock.today() + FURTHEST:
        raise RuleBroken(_("This day is too far ahead."), field="valid_from")
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise RuleBroken(_("The last day is before the first one."), field="valid_until")
    _check_last_day(row)
    if not any(slots.times_on(row, next_day(row))):
        raise RuleBroken(_without_times(row), field="ends" if slots.opens_on(row, next_day(row)) else "valid_until")
    if other := next((other for other in others if _over(row, other)), None):
        raise RuleBroken(_("In this place there is already another window at that time: %(other)s. Choose another time "
                           "or place, or end the other one first.", other=name_of(other)), field="starts")


def _check_last_day(row):
    if row.valid_until is None:
        return
    if row.valid_until < clock.today() - slots.DAY:
        raise RuleBroken(_("Choose today or a later day; what was cannot be changed."), field="valid_until")
    if row.valid_until > clock.today() + 2 * FURTHEST:
        raise RuleBroken(_("This day is too far ahead."), field="valid_until")


def _without_times(row):
    if slots.opens_on(row, next_day(row)):
        return _("Not one visit of this length fits between the start and the end.")
    return _("The window would not open on a single day.")


def _over(row, other) -> bool:
    """Whether two windows in person would be open in one place at one time."""
    if not {row.kind, other.kind} <= IN_PERSON or not lasts(other):
        return False
    first = max(row.valid_from, other.valid_from, clock.today())
    last = min([first + LOOKED_AT, *(each.valid_until for each in (row, other) if each.valid_until)])
    theirs = list(_openings(other, first, last))
    return any(begin < until and end > start for begin, end in _openings(row, first, last) for start, until in theirs)


def _openings(row, first, last):
    day = first - slots.DAY
    while day <= last:
        if slots.opens_on(row, day) and (row.extra or slots.is_no_holiday(day)):
            yield clock.at(day, row.starts), clock.at(day + slots.DAY * slots.is_late(row), row.ends)
        day += slots.DAY


def name_of(row: Window) -> str:
    """`pondělí 9:00–12:00, osobní pohovor`; of a single day the day."""
    day = formats.day(row.valid_from, language=language()) if row.extra else formats.weekday(
        date(2024, 1, 1) + slots.DAY * row.weekday, language=language())
    return f"{day} {formats.time_of_day(row.starts)}–{formats.time_of_day(row.ends)}, {label(row.kind)}"
