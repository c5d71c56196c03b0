"""Slots: what windows, closures, holidays and the clock leave. fig-B6."""
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clock
import db
from models import Booking, BookingSeat, Closure, Place, Window, WindowKind, new_public_id
from services import slots
from tests.support.queries import counted

SUNDAY = 6


def window(**columns):
    return Window(**{"weekday": SUNDAY, "starts": time(0), "ends": time(5), "slot_minutes": 30, "seats": 1,
                     "valid_from": date(2020, 1, 1), **columns})


def walls(day, **columns):
    return [clock.local(begins).strftime("%H:%M") for begins, _ends in slots.times_on(window(**columns), day)]


# Pure: one window and the clock

def test_a_window_gives_whole_slots_only():
    assert walls(date(2026, 11, 22), starts=time(9), ends=time(10, 50)) == ["09:00", "09:30", "10:00"]


def test_another_weekday_has_none():
    assert walls(date(2026, 11, 23)) == []


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2027, 3, 28)])
def test_the_hour_that_spring_skips_has_no_slots(day):
    assert walls(day, starts=time(1), ends=time(4)) == ["01:00", "01:30", "03:00", "03:30"]


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 10, 31)])
def test_the_hour_that_comes_twice_is_offered_once(day):
    found = list(slots.times_on(window(starts=time(1), ends=time(4)), day))
    assert [clock.local(begins).strftime("%H:%M %Z") for begins, _ends in found] == [
        "01:00 CEST", "01:30 CEST", "02:00 CEST", "02:30 CEST", "03:00 CET", "03:30 CET"]
    assert {ends - begins for begins, ends in found} == {timedelta(minutes=30)}


def test_the_twenty_ninth_of_february_is_a_day_like_others():
    assert len(walls(date(2032, 2, 29))) == 10


def test_a_window_is_valid_from_its_first_to_its_last_day():
    valid = {"valid_from": date(2026, 11, 22), "valid_until": date(2026, 11, 29)}
    days = [date(2026, 11, 15) + timedelta(weeks=number) for number in range(4)]
    assert [bool(walls(day, **valid)) for day in days] == [False, True, True, False]


def test_a_window_that_ends_before_it_begins_goes_on_after_midnight():
    late = {"starts": time(23), "ends": time(0, 30)}
    assert walls(date(2026, 11, 22), **late) == ["23:00", "23:30", "00:00"]
    found = {day: [clock.local(begins).strftime("%H:%M") for begins, _ends in slots.beginning_on(window(**late), day)]
             for day in (date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24))}
    assert list(found.values()) == [["23:00", "23:30"], ["00:00"], []]


def test_every_third_week_is_counted_from_the_week_of_the_first_day():
    days = [date(2026, 11, 22) + timedelta(weeks=number) for number in range(7)]
    third = {"every_weeks": 3, "valid_from": date(2026, 11, 17)}  # a Tuesday; the window's day is Sunday
    assert [bool(walls(day, **third)) for day in days] == [True, False, False, True, False, False, True]
    across = {"every_weeks": 2, "valid_from": date(2026, 12, 27)}  # the year's end is no new beginning
    days = [date(2026, 12, 27) + timedelta(weeks=number) for number in range(3)]
    assert [bool(walls(day, **across)) for day in days] == [True, False, True]


CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2032, 2, 29)]


@given(day=st.sampled_from(CHANGES), starts=st.integers(0, 1380), length=st.integers(5, 180),
       minutes=st.integers(0, 1439))
def test_slots_never_overlap_and_last_what_they_say(day, starts, length, minutes):
    opened = window(starts=time(*divmod(starts, 60)), ends=time(*divmod(minutes, 60)), slot_minutes=length)
    found = list(slots.times_on(opened, day))
    assert all(ends - begins == timedelta(minutes=length) for begins, ends in found)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(found))


def naive_walls(day, starts, count):
    """Times on a day as whoever adds hours to its midnight gets them."""
    midnight = clock.at(day, time())
    moments = (midnight + timedelta(minutes=starts + 30 * number) for number in range(count))
    return [clock.local(moment).strftime("%H:%M") for moment in moments]


TWO_YEARS = [date(2026, 1, 1) + timedelta(days=number) for number in range(730)]
SPRING = {date(2026, 3, 29), date(2027, 3, 28)}


def expected(day):
    """Wall times on a day of a window from 22:00 to 6:00 each day, by the plain words of the rule."""
    halves = [f"{hour:02}:{half}" for hour in (*range(6), 22, 23) for half in ("00", "30")]
    return [each for each in halves if day not in SPRING or not each.startswith("02")]


def nightly(day):
    """The same, as windows of each evening give them."""
    found = [moment for evening in (day - timedelta(days=1), day) for moment, _ends in slots.beginning_on(
        window(weekday=evening.weekday(), starts=time(22), ends=time(6)), day)]
    return [clock.local(moment).strftime("%H:%M") for moment in sorted(set(found))]


def test_wrong_times_at_changes_of_the_clock(figure):
    days = [*TWO_YEARS, date(2028, 2, 29), date(2032, 2, 29)]
    offered = {day: walls(day, weekday=day.weekday(), starts=time(0), ends=time(6)) for day in days}
    wrong = sum(times != [each for each in expected(day) if each < "06"] for day, times in offered.items())
    wrong += sum(nightly(day) != expected(day) for day in days)
    naive = sum(naive_walls(day, 0, 12) != [each for each in expected(day) if each < "06"] for day in days)
    figure("fig-B6 days with wrong slots at changes of the clock", wrong, "days", 2 * len(days),
           control=naive and f"hours added to midnight: {naive} of {len(days)} days wrong")


def test_keys_name_a_window_and_a_moment():
    slot = slots.Slot(window(public_id="w" * 22), datetime(2026, 11, 25, 8, 0, tzinfo=UTC), None, 1)
    assert slots.read_key(slot.key) == ("w" * 22, slot.starts_at)


@pytest.mark.parametrize("key", ["", ".", "x.y", "x.20261332T0800Z", "x.20261125T0800", "\x00.20261125T0800Z"])
def test_what_is_no_key_names_no_moment(key):
    named = slots.read_key(key)
    assert named is None or named[1] == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


# Working days

@pytest.mark.parametrize(("day", "count", "due"), [
    (date(2026, 11, 23), 3, date(2026, 11, 26)),
    (date(2026, 11, 20), 1, date(2026, 11, 23)),
    (date(2026, 11, 16), 1, date(2026, 11, 18)),  # the 17th of November
    (date(2026, 12, 23), 1, date(2026, 12, 28)),
    (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday to Easter Monday
])
def test_answers_are_due_on_working_days(day, count, due):
    assert slots.working_days_after(day, count) == due


# With the database

def starts(found):
    return [clock.local(slot.starts_at).strftime("%a %H:%M") for slot in found]


def on(cast, day, **options):
    return slots.free_slots(cast.prison, day, day, **options)


def test_the_prison_of_the_cast_has_its_morning(cast):
    assert starts(on(cast, cast.next_weekday(0))) == ["Mon 09:00", "Mon 09:30", "Mon 10:00", "Mon 10:30"]


def test_public_holidays_have_none(cast):
    with db.writing():
        Window.update(notice_days=0).execute()
    assert on(cast, date(2026, 12, 24)) == [] and on(cast, date(2026, 12, 23)) != []


def test_a_closure_takes_what_it_touches(cast):
    day = cast.next_weekday(0)
    with db.writing():
        Closure.create(prison=cast.prison, from_at=clock.at(day, time(9, 15)), until_at=clock.at(day, time(10)))
    assert starts(on(cast, day)) == ["Mon 10:00", "Mon 10:30"]


def test_a_closure_of_one_room_leaves_the_other(cast):
    day = cast.next_weekday(0)
    with db.writing():
        other = Place.create(prison=cast.prison, name="Druhá místnost", capacity=2)
        Window.create(place=other, weekday=0, starts=time(9), ends=time(9, 30), slot_minutes=30, seats=1,
                      valid_from=cast.today)
        for _twice in range(2):
            Closure.create(prison=cast.prison, place=cast.place, from_at=clock.at(day, time()),
                           until_at=clock.at(day + timedelta(days=1), time()))
    assert [(slot.window.place.name, slot.window.place.prison.name) for slot in on(cast, day)] == [
        ("Druhá místnost", cast.prison.name)]


def test_a_closure_ends_by_the_clock_on_the_wall_also_when_it_changes(cast):
    day = date(2027, 3, 28)  # a Sunday; from 1:30 to 4:00 is an hour and a half
    with db.writing():
        Window.create(place=cast.place, weekday=6, starts=time(0), ends=time(6), slot_minutes=30, seats=1,
                      notice_days=0, valid_from=cast.today)
        Closure.create(prison=cast.prison, from_at=clock.at(day, time(1, 30)), until_at=clock.at(day, time(4)))
    assert starts(on(cast, day)) == [f"Sun {each}" for each in ("00:00", "00:30", "01:00", "04:00", "04:30", "05:00",
                                                                "05:30")]


def test_notice_is_kept(cast):
    days = {clock.local(slot.starts_at).date() for slot in slots.free_slots(
        cast.prison, cast.today, cast.today + timedelta(days=4))}
    assert min(days) == cast.today + timedelta(days=2)


def test_kind_and_limit_narrow(cast):
    until = cast.today + timedelta(days=30)
    assert slots.free_slots(cast.prison, cast.today, until, kind=WindowKind.VIDEO) == []
    assert len(slots.free_slots(cast.prison, cast.today, until, limit=3)) == 3


def fill(cast, slot, seats=(0,)):
    with db.writing():
        for seat in seats:
            booking = Booking.create(
                number=f"000-{Booking.select().count():04}", request_key=new_public_id(), prison=cast.prison,
                organisation=cast.ngo, requested_by=cast.nela, window=slot.window, place=slot.window.place,
                kind=slot.window.kind, starts_at=slot.starts_at, ends_at=slot.ends_at,
                answer_by=cast.today)
            BookingSeat.create(window=slot.window, starts_at=slot.starts_at, seat=seat, booking=booking)
    return booking


def test_a_slot_is_free_until_its_last_seat_is_gone(cast):
    first = on(cast, cast.next_weekday(0))[0]
    assert first.free == 2
    fill(cast, first)
    assert slots.find(cast.prison, first.key).free == 1
    fill(cast, first, (1,))
    assert first.key not in [slot.key for slot in on(cast, cast.next_weekday(0))]


def test_seats_taken_away_from_a_window_are_not_sold_again(cast):
    first = on(cast, cast.next_weekday(0))[0]
    booking = fill(cast, first, (1,))
    with db.writing():
        Window.update(seats=1).where(Window.id == first.window.id).execute()
        assert not slots.take_seat(slots.find(cast.prison, first.key), booking)


def test_the_first_free_of_several_prisons_comes_in_two_queries(cast):
    prisons = [cast.prison, cast.other_prison]
    with counted() as seen:
        first = slots.first_free(prisons, cast.today, cast.today + timedelta(days=60))
    assert set(first) == {prison.id for prison in prisons}
    assert len(seen) == 2
