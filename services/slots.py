"""Slots: computed from a prison's windows minus closures and public holidays, never stored.

A slot is named by its window and the moment it begins; its key is both in one word, as it stands in addresses.
Wall-clock times are Prague's: an hour that the spring change skips has no slots, of the one that comes twice in
autumn only the first has. A slot belongs to the day on which it begins, also where its window began the evening before.
"""
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import count, islice

from peewee import JOIN, Case, fn

import clock
import db
from models import BookingSeat, Closure, JointDay, Lane, Organisation, Place, PrisonProfile, Window

DAY = timedelta(days=1)
WINDOWS_LOCK = 7104  # of a prison's windows and closures
LONGEST = timedelta(minutes=720)  # a slot, as the table of windows holds it
STAMP = "%Y%m%dT%H%MZ"
YEARS = range(2000, 2100)  # days and moments further off are none of ours; some have no yesterday or tomorrow


@dataclass(frozen=True)
class Slot:
    """One visit's time in a window (which carries its place, prison and the prison's profile, if it has one).

    `free` is how many visits can still come, `people_free` how many people; None where people are not counted.
    """

    window: Window
    starts_at: datetime
    ends_at: datetime
    free: int
    people_free: int | None = None

    @property
    def key(self) -> str:
        return f"{self.window.public_id}.{self.starts_at.strftime(STAMP)}"


def read_key(key: str) -> tuple[str, datetime] | None:
    """The window's public id and the moment a key stands for; None where it is not a key."""
    window, _dot, stamp = key.partition(".")
    try:
        moment = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (window, moment) if moment.year in YEARS else None


# Days

@cache
def public_holidays(year: int) -> frozenset[date]:
    """The days off of Act No. 245/2000 Coll. in a year, as the package `holidays` knows them."""
    return frozenset(_holidays(year, "cs"))


@cache
def _holidays(year, language):
    import holidays  # takes half a second, so only where a calendar is asked for
    return dict(holidays.country_holidays("CZ", years=year, language={"cs": "cs", "en": "en_US"}.get(language, "cs")))


def holiday_name(day: date, language: str = "cs") -> str:
    """`Štědrý den`, `Christmas Eve`; empty where the day is no public holiday."""
    return _holidays(day.year, language).get(day, "")


def is_no_holiday(day: date) -> bool:
    return day not in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and is_no_holiday(day)


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after a day."""
    while count > 0:
        day += DAY
        count -= is_working_day(day)
    return day


# Slots of one window, whatever is closed or taken

def times_on(window: Window, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The slots (from, until; UTC) of the opening that a window has on a day; a late one has some after midnight.

    Nothing on another weekday, in a week that is left out, or out of the window's validity.
    """
    if opens_on(window, day):
        yield from _times(window.starts, window.ends, window.slot_minutes, day)


def opens_on(window: Window, day: date) -> bool:
    """Whether a window opens on a day, as far as its weekday, weeks and validity go."""
    return day.weekday() == window.weekday and _valid(window, day) and _in_turn(window, day)


def is_late(window: Window) -> bool:
    """Whether a window goes on after midnight: its end is not after its start."""
    return window.ends <= window.starts


def beginning_on(window: Window, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The slots of a window that begin on a day, those of an opening that began the evening before too."""
    if not is_late(window):
        return times_on(window, day)
    openings = (times for opened in (day - DAY, day) for times in times_on(window, opened))
    return (times for times in openings if clock.local(times[0]).date() == day)


@lru_cache(4096)
def _times(starts, ends, minutes, day) -> list[tuple[datetime, datetime]]:
    """Many windows of a prison have the same hours."""
    return list(_begun_and_over(starts, ends, timedelta(minutes=minutes), day))


def _begun_and_over(starts, ends, length, day):
    wall = datetime.combine(day, starts)
    last = datetime.combine(day if ends > starts else day + DAY, ends) - length
    over = clock.at(day, time())
    while wall <= last:
        begins = clock.at(wall.date(), wall.time())
        if clock.local(begins).replace(tzinfo=None) == wall and begins >= over:
            over = begins + length  # a slot that spans the spring change ends an hour later on the wall
            yield begins, over
        wall += length


def _valid(window, day):
    return window.valid_from <= day and (window.valid_until is None or day <= window.valid_until)


def _in_turn(window, day):
    """Weeks are counted from that of the window's first day."""
    return window.every_weeks == 1 or (_monday(day) - _monday(window.valid_from)).days // 7 % window.every_weeks == 0


def _monday(day):
    return day - DAY * day.weekday()


# Slots of prisons

def slots_between(prisons, from_on: date, until_on: date, kind=None, few: bool = False) -> Iterator[Slot]:
    """All slots of some prisons from one day to another (both included), full ones too, in order of time.

    `prisons` are organisations or their ids; `kind` narrows the windows. Two queries, however many windows; for who
    wants the first `few` only, the seats of the next days are counted first, and of later ones as far as they are read.
    Joint days are left out: they are signed up for by themselves.
    """
    windows = _windows(prisons, from_on, until_on, kind)
    for first, last in _stretches(from_on, until_on) if few else [(from_on, until_on)]:
        taken = _taken(windows, first, last)
        for day in _days(first, last):
            yield from _slots_on(day, windows.get(day.weekday(), ()), taken)


def _stretches(from_on, until_on, length=4):
    """A period in stretches, each twice as long as the one before."""
    while from_on <= until_on:
        yield from_on, min(until_on, from_on + DAY * (length - 1))
        from_on, length = from_on + DAY * length, 2 * length


def _days(from_on, until_on):
    return (from_on + DAY * number for number in range((until_on - from_on).days + 1))


def _slots_on(day, windows, taken):
    if not windows:
        return
    holiday = day in public_holidays(day.year)
    found = [_slot(window, begins, ends, *taken.get((window.id, begins), (0, 0)))
             for window, closures in windows if window.extra or not holiday
             for begins, ends in beginning_on(window, day)
             if not any(begins < until and ends > start for start, until in closures)]
    yield from sorted(found, key=lambda slot: (slot.starts_at, slot.window.id))


def _slot(window, begins, ends, visits, people):
    return Slot(window, begins, ends, max(0, window.seats - visits),
                None if window.people is None else max(0, window.people - people))


def _windows(prisons, from_on, until_on, kind=None, only="", joint=False):
    """`{weekday: [(window, [(from, until) of its closures])]}` of the windows valid in a period, in one query.

    `only` is the public id of the one that is looked for; `joint`: those of joint days too.
    """
    ids = [getattr(each, "id", each) for each in prisons]
    return _by_weekday(db.kept(
        _window_rows, kind, bool(only), joint, prisons=ids, from_on=from_on - DAY, until_on=until_on,
        begin=_start_of(from_on), end=_end_of(until_on) + LONGEST, only=only))


WINDOW_FIELDS = tuple(Window._meta.sorted_fields)


def _window_rows(kind, one, joint, prisons, from_on, until_on, begin, end, only):
    touches = (Closure.prison == Place.prison) & (Closure.place.is_null() | (Closure.place == Place.id)) \
        & (Closure.from_at < end) & (Closure.until_at > begin)
    query = (Window.select(*WINDOW_FIELDS, Closure.from_at, Closure.until_at, Place.name, Place.capacity,
                           *names_of(Organisation), PrisonProfile.id, PrisonProfile.lead_days)
             .join(Place).join(Organisation, on=(Place.prison == Organisation.id))
             .join(PrisonProfile, JOIN.LEFT_OUTER, on=(PrisonProfile.organisation == Organisation.id))
             .join_from(Place, Closure, JOIN.LEFT_OUTER, on=touches)
             .where(Place.prison.in_(prisons), Place.active == True,  # noqa: E712
                    Window.valid_from <= until_on, Window.valid_until.is_null() | (Window.valid_until >= from_on)))
    query = query.where(Window.public_id == only) if one else query
    query = query if joint else query.where(Window.id.not_in(JointDay.select(JointDay.window)))
    return (query if kind is None else query.where(Window.kind == kind)).order_by(Window.id).tuples()


def names_of(organisation) -> tuple:
    """The columns by which an organisation is named and linked; all of them would cost more than the query."""
    return organisation.id, organisation.public_id, organisation.name, organisation.short_name


def _by_weekday(rows):
    windows, places, closures, width = {}, {}, defaultdict(list), len(WINDOW_FIELDS)
    for row in rows:
        window = windows.get(row[0]) or windows.setdefault(row[0], _window(row[:width]))
        if window.place_id not in places:
            places[window.place_id] = _place(window.place_id, *row[width + 2:])
        window.place = places[window.place_id]
        if row[width] is not None:
            closures[row[0]].append(row[width:width + 2])
    by_weekday = defaultdict(list)
    for window in windows.values():
        for weekday in {window.weekday, (window.weekday + is_late(window)) % 7}:
            by_weekday[weekday].append((window, closures[window.id]))
    return by_weekday


def _window(values) -> Window:
    """A window of the values of its columns, as they were read: forty of them, joined by Peewee, take a millisecond."""
    window = Window(__no_default__=True)
    window.__data__.update(zip([field.name for field in WINDOW_FIELDS], values, strict=True))
    return window


def _place(place_id, name, capacity, prison_id, public_id, prison_name, short_name, profile_id, lead_days) -> Place:
    prison = Organisation(id=prison_id, public_id=public_id, name=prison_name, short_name=short_name)
    prison.profile = PrisonProfile(id=profile_id, lead_days=lead_days) if profile_id else None
    return Place(id=place_id, name=name, capacity=capacity, prison=prison)


def _taken(windows, from_on, until_on) -> dict:
    """`{(window's id, moment): (visits, people)}` of what is held."""
    ids = list({window.id for day in windows.values() for window, _closures in day})
    rows = db.kept(_seats_taken, windows=ids, begin=_start_of(from_on), end=_end_of(until_on)) if ids else ()
    return {(window, starts_at): (visits, seats - visits) for window, starts_at, seats, visits in rows}


def _seats_taken(windows, begin, end):
    visits = fn.SUM(Case(None, [(BookingSeat.lane == Lane.VISIT, 1)], 0))
    return (BookingSeat.select(BookingSeat.window, BookingSeat.starts_at, fn.COUNT(BookingSeat.id), visits)
            .where(BookingSeat.window.in_(windows), BookingSeat.starts_at >= begin, BookingSeat.starts_at < end)
            .group_by(BookingSeat.window, BookingSeat.starts_at).tuples())


def _start_of(day):
    return clock.at(day, time())


def _end_of(day):
    return clock.at(day + DAY, time())


def keep_still(prison, changing: bool = False) -> None:
    """Nobody changes the windows and closures of a prison (or its id) until the transaction ends.

    Who takes a seat calls it before looking at the slot; who is `changing` them waits until nobody does. Before any
    row is locked. Costs a query on PostgreSQL, none on SQLite.
    """
    db.hold(WINDOWS_LOCK, getattr(prison, "id", prison), shared=not changing)


# What can be asked for

def free_slots(prison, from_on: date, until_on: date, kind=None, limit: int | None = None) -> list[Slot]:
    """Slots of a prison that can be asked for now: with a seat left and their notice kept."""
    return list(islice(open_slots([prison], from_on, until_on, kind, few=limit is not None), limit))


def first_free(prisons, from_on: date, until_on: date) -> dict[int, Slot]:
    """`{prison's id: its first slot that can be asked for}`; a prison without one is left out."""
    wanted, first = {getattr(prison, "id", prison) for prison in prisons}, {}
    for slot in open_slots(wanted, from_on, until_on) if wanted else ():
        first.setdefault(slot.window.place.prison_id, slot)
        if len(first) == len(wanted):
            break
    return first


def is_open(slot: Slot) -> bool:
    return has_room(slot) and keeps_notice(slot)


def has_room(slot: Slot) -> bool:
    return slot.free > 0 and slot.people_free != 0


def keeps_notice(slot: Slot) -> bool:
    """Whether there are still the window's notice days (calendar days) before the slot."""
    return notice_kept()(slot)


def notice_kept() -> Callable[[Slot], bool]:
    """`keeps_notice` of this moment, for many slots: the clock is read once."""
    now, today = clock.now(), clock.today()

    @cache
    def first_moment(notice_days):
        return _start_of(today + DAY * notice_days)
    return lambda slot: slot.starts_at > now and slot.starts_at >= first_moment(slot.window.notice_days)


def open_slots(prisons, from_on: date, until_on: date, kind=None, few: bool = False) -> Iterator[Slot]:
    """Slots of prisons that can be asked for now, in order of time."""
    kept = notice_kept()
    return (slot for slot in slots_between(prisons, from_on, until_on, kind, few) if has_room(slot) and kept(slot))


def find(prison, key: str, counted: bool = True) -> Slot | None:
    """The slot of a prison that a key names, full or not; None where its window has no such time.

    Without `counted` all its seats are said to be free: for who takes one next, and learns it then. It may be the
    time of a joint day, which stands in no list of times but has a key like any other.
    """
    named = read_key(key)
    if named is None:
        return None
    public_id, starts_at = named
    day = clock.local(starts_at).date()
    windows = _windows([prison], day, day, only=public_id, joint=True)
    found = _slots_on(day, windows.get(day.weekday(), ()), _taken(windows, day, day) if counted else {})
    return next((slot for slot in found if slot.starts_at == starts_at), None)


def fullness(window: str, starts_at):
    """Condition, for a cheap look without a lock: every seat of a slot is held already."""
    seats = BookingSeat.select(fn.COUNT(BookingSeat.id)).where(
        BookingSeat.window == Window.id, BookingSeat.starts_at == starts_at)
    full = [most <= seats.where(BookingSeat.lane == lane)
            for most, lane in ((Window.seats, Lane.VISIT), (Window.people, Lane.PERSON))]
    return fn.EXISTS(Window.select(Window.id).where(Window.public_id == window, full[0] | full[1]))


def take_seat(slot: Slot, booking, people: int = 1) -> bool:
    """Takes a seat of a slot for a booking and, where its window counts people, one for each of them.

    False where there are too few left; nothing is taken then. Belongs inside `db.writing()`. The unique index
    decides: whoever comes second to a seat goes on to the next, and at last empty-handed.
    """
    lanes = [(Lane.VISIT, slot.window.seats, 1)]
    lanes += [] if slot.window.people is None else [(Lane.PERSON, slot.window.people, people)]
    if all(_take(slot, booking, *lane) for lane in lanes):
        return True
    db.run(_of_slot, window=slot.window.id, starts_at=slot.starts_at, booking=booking.id)
    return False


def _take(slot, booking, lane, seats, number) -> bool:
    held = {seat for (seat,) in db.kept(_seats_held, lane, window=slot.window.id, starts_at=slot.starts_at)}
    left = _seats_left(seats, held)
    return all(any(_insert_seat(slot.window.id, slot.starts_at, seat, booking, lane) for seat in left)
               for _each in range(number))


def _seats_held(lane, window, starts_at):
    return BookingSeat.select(BookingSeat.seat).where(
        BookingSeat.window == window, BookingSeat.starts_at == starts_at, BookingSeat.lane == lane).tuples()


def is_overfull(slot: Slot) -> bool:
    """Whether visits stand at a time that have no seat any more, because their number was lowered."""
    limits = [(Lane.VISIT, slot.window.seats)]
    limits += [] if slot.window.people is None else [(Lane.PERSON, slot.window.people)]
    return any(seat >= limit for lane, limit in limits
               for (seat,) in db.kept(_seats_held, lane, window=slot.window.id, starts_at=slot.starts_at))


def _seats_left(seats: int, held: set[int]):
    """Numbers of the seats still to be had: as many as are left when all that stand are counted, those on seats that
    are gone too."""
    return islice((seat for seat in range(seats) if seat not in held), max(0, seats - len(held)))


def _insert_seat(window_id, starts_at, seat, booking, lane=Lane.VISIT) -> bool:
    return db.add(BookingSeat(window=window_id, starts_at=starts_at, lane=lane, seat=seat, booking=booking.id),
                  ignore=True)


def _of_slot(window, starts_at, booking):
    return BookingSeat.delete().where(BookingSeat.window == window, BookingSeat.starts_at == starts_at,
                                      BookingSeat.booking == booking)


def hold(window_id: int, starts_at: datetime, booking, people: int = 0) -> None:
    """Makes a booking keep others from a slot, be it full: what stands when a prison changes its windows.

    One seat for the visit and `people` for its people; where none is left they are numbered on. In `db.writing()`.
    """
    for lane, number in ((Lane.VISIT, 1), (Lane.PERSON, people)):
        held = {seat for (seat,) in db.kept(_seats_held, lane, window=window_id, starts_at=starts_at)}
        free = (seat for seat in count() if seat not in held)
        for _each in range(number):
            any(_insert_seat(window_id, starts_at, seat, booking, lane) for seat in free)


def release_seats(booking, keep: Slot | None = None) -> None:
    """Gives back what a booking holds; but for a slot to `keep`, and what it blocks in that place at that time."""
    held = db.kept(_held_by, booking=booking.id)
    ids = [seat for seat, *window in held if keep is None or not _is_of(keep, *window)]
    if ids:
        BookingSeat.delete().where(BookingSeat.id.in_(ids)).execute()


def _held_by(booking):
    return (BookingSeat.select(BookingSeat.id, BookingSeat.starts_at, Window.place, Window.slot_minutes)
            .join(Window).where(BookingSeat.booking == booking).tuples())


def _is_of(slot, starts_at, place, minutes):
    return (place == slot.window.place_id and starts_at < slot.ends_at
            and starts_at + timedelta(minutes=minutes) > slot.starts_at)
