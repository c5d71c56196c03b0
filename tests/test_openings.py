"""A prison opens, changes and closes its times itself; what it touches is shown before it is saved."""
from datetime import date, time, timedelta

import pytest

import clock
import db
from models import (
    Booking,
    BookingAlternative,
    BookingFlag,
    BookingSeat,
    Closure,
    FlagCause,
    JointDay,
    Place,
    PrisonProfile,
    Window,
    WindowKind,
)
from services import slots
from tests.support.visits import asked, confirmed, free

WEEKLY = {"kind": "individual", "weekday": "0", "starts": "14:00", "ends": "16:00", "slot_minutes": "60", "seats": "1",
          "people": "", "staff_minutes": "", "notice_days": "1", "every_weeks": "1", "valid_from": "2026-11-23",
          "valid_until": ""}


@pytest.fixture
def pavel(sign_in):
    return sign_in("pavel")


def window_page(window):
    return f"/openings/window/{window.public_id}"


def add_page(cast, what="window"):
    return f"/openings/place/{cast.place.public_id}/{what}"


def times_of(prison, day, place=None):
    return [clock.local(slot.starts_at).strftime("%H:%M") for slot in slots.slots_between([prison], day, day)
            if place is None or slot.window.place.name == place]


# Opening

def test_a_prison_opens_a_place_and_its_times(pavel, cast):
    pavel.get("/openings/place")
    pavel.send("/openings/place", name="Videomístnost", capacity="3")
    assert "Videomístnost" in pavel.follow().text
    room = Place.get(Place.name == "Videomístnost")
    pavel.get(f"/openings/place/{room.public_id}/window")
    answer = pavel.send(f"/openings/place/{room.public_id}/window", **{**WEEKLY, "kind": "video", "starts": "8:00",
                                                                     "ends": "9.30", "slot_minutes": "30"})
    assert answer.status == 303
    assert "pondělí 8:00–9:30, videohovor" in pavel.follow().text
    assert times_of(cast.prison, cast.next_weekday(0), "Videomístnost") == ["08:00", "08:30", "09:00"]


def test_a_place_is_renamed_and_closed(pavel, cast):
    page = f"/openings/place/{cast.place.public_id}"
    pavel.get(page)
    assert pavel.send(page, name="Návštěvní místnost B", capacity="10").status == 303
    assert (cast.place.name, cast.place.capacity) == ("Návštěvní místnost B", 10)
    pavel.get(f"{page}/close")
    assert pavel.send(f"{page}/close").status == 303
    assert not list(slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=30)))
    assert pavel.get(page).status == 404


def test_a_name_that_is_there_already_is_refused(pavel, cast):
    pavel.get("/openings/place")
    answer = pavel.send("/openings/place", name="návštěvní MÍSTNOST", capacity="3")
    assert answer.status == 422 and "Místo s tímto názvem už máte" in answer.text


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"starts": "9:30", "ends": "10:30"}, "pondělí 9:00–11:00"),  # over another one in the same place
    ({"starts": "23:00", "ends": "10:00", "weekday": "6"}, "pondělí 9:00–11:00"),  # from the evening before
    ({"slot_minutes": "180"}, "Mezi začátek a konec se nevejde ani jedna schůzka"),
    ({"slot_minutes": "4"}, "Napište číslo od 5 do 720"),
    ({"slot_minutes": "x"}, "Napište číslo od 5 do 720"),
    ({"seats": "0"}, "Napište číslo od 1 do 99"),
    ({"starts": "25:00"}, "Zadejte čas, například 9:00"),
    ({"valid_from": "2026-11-22"}, "co bylo, se změnit nedá"),
    ({"valid_from": "2126-11-22"}, "příliš daleko"),
    ({"valid_until": "9999-12-31"}, "příliš daleko"),
    ({"valid_until": "2026-11-22"}, "Poslední den je před prvním"),
    ({"valid_from": "2026-11-24", "valid_until": "2026-11-28"}, "by se neotevřelo ani jednou"),
    ({"kind": "x"}, ""), ({"weekday": "7"}, ""), ({"every_weeks": "9"}, "Napište číslo od 1 do 8"),
])
def test_a_window_that_cannot_be_is_refused_beside_its_field(pavel, cast, changes, sentence):
    pavel.get(add_page(cast))
    before = Window.select().count()
    answer = pavel.send(add_page(cast), **{**WEEKLY, **changes})
    assert answer.status == 422 and sentence in answer.text and Window.select().count() == before


def test_calls_may_go_on_beside_visits_in_person(pavel, cast):
    pavel.get(add_page(cast))
    beside = {**WEEKLY, "kind": "telephone", "starts": "9:00", "ends": "11:00"}
    assert pavel.send(add_page(cast), **beside).status == 303


def test_two_windows_of_other_weeks_share_a_time(pavel, cast):
    every_second = {**WEEKLY, "every_weeks": "2"}
    pavel.get(add_page(cast))
    assert pavel.send(add_page(cast), **every_second).status == 303
    pavel.get(add_page(cast))
    assert pavel.send(add_page(cast), **every_second).status == 422
    pavel.get(add_page(cast))
    assert pavel.send(add_page(cast), **{**every_second, "valid_from": "2026-11-30"}).status == 303


def test_a_single_day_is_open_even_on_a_public_holiday(pavel, cast):
    christmas = date(2026, 12, 24)
    pavel.get(add_page(cast, "day"))
    answer = pavel.send(add_page(cast, "day"), **{**WEEKLY, "valid_from": christmas.isoformat(), "starts": "9:00",
                                                 "ends": "10:00"})
    assert answer.status == 303
    assert times_of(cast.prison, christmas) == ["09:00"]
    assert times_of(cast.prison, christmas + timedelta(days=7)) == ["09:00", "09:30", "10:00", "10:30", "13:00"]
    page = pavel.get("/openings").text
    assert "24. 12. 2026 9:00–10:00" in page and "čtvrtek 24. prosince 2026: Štědrý den" in page


# Changing: nobody loses a time

def test_a_change_shows_what_it_touches_before_it_is_saved(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))  # Wednesday 9:30
    window = booking.window
    pavel.get(window_page(window))
    shown = pavel.send(window_page(window), starts="13:00", ends="15:00")
    assert shown.status == 200 and "st 25. 11. 2026 v 9:30" in shown.text
    assert Window.get_by_id(window.id).valid_until is None and not BookingFlag.select().exists()
    back = pavel.post(window_page(window), {**dict(_carried(shown)), "step": "edit"})
    assert (back.status, back.page.id("starts")["value"]) == (200, "13:00")
    assert not back.page.with_class("govuk-error-message")
    assert pavel.post(window_page(window), dict(_carried(shown))).status == 303
    assert BookingFlag.get().cause is FlagCause.WINDOW_CHANGED
    assert times_of(cast.prison, date(2026, 11, 25)) == ["13:00", "13:30", "14:00", "14:30"]
    assert BookingSeat.select().where(BookingSeat.booking == booking, BookingSeat.window == window).count() == 1


def test_a_change_of_a_monday_is_saved_past_the_look(pavel, cast):
    window = cast.place.windows.where(Window.weekday == 0).get()
    monday = cast.next_weekday(0)
    confirmed(cast, slot=next(iter(slots.slots_between([cast.prison], monday, monday))))
    pavel.get(window_page(window))
    shown = pavel.send(window_page(window), starts="13:00", ends="15:00")
    assert pavel.post(window_page(window), dict(_carried(shown))).status == 303
    assert times_of(cast.prison, monday) == ["13:00", "13:30", "14:00", "14:30"]


def _carried(answer):
    form = answer.page.form(answer.path.split("?")[0])
    return [(each["name"], each["value"]) for each in answer.page.inside(form, "input")]


def test_a_visit_whose_time_stays_goes_over_unmarked(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))
    pavel.get(window_page(booking.window))
    assert pavel.send(window_page(booking.window), ends="12:00", seats="1", people="5").status == 303
    moved = Booking.get_by_id(booking.id)
    assert moved.window_id != booking.window_id and not BookingFlag.select().exists()
    assert [(seat.window_id, seat.lane.value, seat.seat) for seat in BookingSeat.select().order_by(BookingSeat.id)] == [
        (moved.window_id, "visit", 0), (moved.window_id, "person", 0)]
    slot = next(each for each in slots.slots_between([cast.prison], date(2026, 11, 25), date(2026, 11, 25))
                if each.starts_at == booking.starts_at)
    assert (slot.free, slot.people_free) == (0, 4)


def test_nobody_else_is_promised_the_time_of_a_visit_that_stays_behind(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))  # 9:30–10:00
    page = window_page(booking.window)
    pavel.get(page)
    shown = pavel.send(page, slot_minutes="45", seats="1")
    pavel.post(page, dict(_carried(shown)))
    day = date(2026, 11, 25)
    assert [(clock.local(slot.starts_at).strftime("%H:%M"), slot.free)
            for slot in slots.slots_between([cast.prison], day, day)] == [("09:00", 0), ("09:45", 0)]
    with db.writing():
        slots.release_seats(Booking.get_by_id(booking.id))
    assert [slot.free for slot in slots.slots_between([cast.prison], day, day)] == [1, 1]


def test_the_other_times_of_a_request_go_over_too(pavel, cast):
    first, second = free(cast.prison, 1), free(cast.prison, 2)
    booking = asked(cast.nela, cast.prison, first)
    with db.writing():
        BookingAlternative.create(booking=booking, position=1, window=second.window.id, place=booking.place_id,
                                  starts_at=second.starts_at, ends_at=second.ends_at)
        slots.take_seat(second, booking)
    pavel.get(window_page(booking.window))
    assert pavel.send(window_page(booking.window), seats="5").status == 303
    new = Booking.get_by_id(booking.id).window_id
    assert new != booking.window_id and BookingAlternative.get().window_id == new
    assert {seat.window_id for seat in BookingSeat.select()} == {new}


def test_too_few_seats_ask_for_a_look(pavel, cast):
    slot = free(cast.prison, 1)
    for _each in range(2):
        confirmed(cast, slot=slot)
    page = window_page(slot.window)
    pavel.get(page)
    shown = pavel.send(page, seats="1")
    assert "2 schůzky" in shown.text
    pavel.post(page, {**dict(_carried(shown)), "seen": [row.public_id for row in Booking.select()]})
    assert BookingFlag.select().count() == 2 and BookingSeat.select().count() == 2


def test_a_visit_that_came_meanwhile_is_shown_too(pavel, cast):
    slot = free(cast.prison, 1)
    confirmed(cast, slot=slot)
    page = window_page(slot.window)
    pavel.get(page)
    shown = pavel.send(page, starts="13:00", ends="15:00")
    asked(cast.kamila, cast.prison, slot)
    again = pavel.post(page, dict(_carried(shown)))
    assert again.status == 200 and "2 schůzky" in again.text and not BookingFlag.select().exists()


def test_quiet_changes_leave_the_window_as_it_is(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))
    pavel.get(window_page(booking.window))
    assert pavel.send(window_page(booking.window), staff_minutes="55", notice_days="5").status == 303
    kept = Window.get_by_id(booking.window_id)
    assert (kept.staff_minutes, kept.notice_days, kept.valid_until) == (55, 5, None)


def test_a_window_ends(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))  # on the 25th
    page = f"{window_page(booking.window)}/end"
    pavel.get(page)
    assert pavel.send(page, valid_until="2026-11-20").status == 422
    shown = pavel.send(page, valid_until="2026-11-24")
    assert shown.status == 200 and "st 25. 11. 2026 v 9:30" in shown.text
    pavel.post(page, dict(_carried(shown)))
    assert times_of(cast.prison, date(2026, 11, 25)) == [] and BookingFlag.select().count() == 1


def test_a_window_of_every_second_week_keeps_its_turn(pavel, cast):
    with db.writing():
        window = Window.create(place=cast.place, weekday=6, starts=time(9), ends=time(10), slot_minutes=60, seats=1,
                               every_weeks=2, valid_from=date(2026, 11, 1))
    page = pavel.get(window_page(window)).page
    assert page.id("valid_from")["value"] == "2026-11-29"
    assert pavel.send(window_page(window), seats="2").status == 303
    days = [date(2026, 11, 29) + timedelta(weeks=number) for number in range(3)]
    assert [bool(times_of(cast.prison, day)) for day in days] == [True, False, True]


# Closing

def test_a_part_of_a_day_is_closed_and_opened_again(pavel, cast):
    day = cast.next_weekday(0)
    pavel.get("/openings/closure")
    answer = pavel.send("/openings/closure", place="", from_on=day.isoformat(), until_on=day.isoformat(),
                        starts="9:15", ends="10:00", reason="školení")
    assert answer.status == 303 and "školení" in pavel.follow().text
    assert times_of(cast.prison, day) == ["10:00", "10:30"]
    pavel.send(f"/openings/closure/{Closure.get().public_id}/reopen", page="/openings")
    assert len(times_of(cast.prison, day)) == 4 and not Closure.select().exists()


def test_a_closure_over_visits_shows_them_first(pavel, cast):
    booking = confirmed(cast, slot=free(cast.prison, 1))
    day = {"place": cast.place.public_id, "from_on": "2026-11-25", "until_on": "2026-11-25"}
    pavel.get("/openings/closure")
    shown = pavel.send("/openings/closure", **day)
    assert shown.status == 200 and "st 25. 11. 2026 v 9:30" in shown.text and not Closure.select().exists()
    assert pavel.post("/openings/closure", dict(_carried(shown))).status == 303
    assert BookingFlag.get().cause is FlagCause.CLOSED and BookingFlag.get().booking_id == booking.id


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"until_on": "2026-11-24"}, "Konec je před začátkem"),
    ({"starts": "9:00", "ends": "9:00"}, "Konec je před začátkem"),
    ({"from_on": "2026-11-01", "until_on": "2026-11-02"}, "už uplynul"),
    ({"until_on": "9999-12-31"}, "příliš daleko"), ({"from_on": "0001-01-01"}, "příliš daleko"),
    ({"stop": "y"}, "Napište, co se má všem sdělit"),
    ({"place": "x" * 22}, ""), ({"from_on": "\0"}, "Zadejte den"),
])
def test_a_closure_that_cannot_be_is_refused(pavel, cast, changes, sentence):
    pavel.get("/openings/closure")
    whole_day = {"place": "", "from_on": "2026-11-25", "until_on": "2026-11-25"}
    answer = pavel.send("/openings/closure", **{**whole_day, **changes})
    assert answer.status == 422 and sentence in answer.text and not Closure.select().exists()


def test_a_stop_is_told_to_everybody_who_looks(pavel, sign_in, cast):
    pavel.get("/openings/closure")
    pavel.send("/openings/closure", place="", from_on="2026-11-23", until_on="2026-12-04", reason="=karanténa",
               stop="y")
    nela = sign_in("nela").get(f"/visits/request/{cast.prison.public_id}").text
    assert "=karanténa" in nela and "4. 12. 2026" in nela and "7. prosince" in nela


# Foreign = missing; joint days are kept elsewhere

@pytest.mark.parametrize("path", ["window/{0}", "window/{0}/end", "place/{1}", "place/{1}/close", "place/{1}/window",
                                  "place/{1}/day"])
def test_the_times_of_another_prison_are_missing(pavel, cast, path):
    with db.writing():
        room = Place.create(prison=cast.other_prison, name="Cizí", capacity=1)
        window = Window.create(place=room, weekday=0, starts=time(9), ends=time(10), slot_minutes=60, seats=1,
                               valid_from=cast.today)
    assert pavel.get("/openings/" + path.format(window.public_id, room.public_id)).status == 404
    assert pavel.post("/openings/" + path.format(window.public_id, room.public_id)).status == 404


def test_the_window_of_a_joint_day_is_in_no_list_of_times_nor_changed_here(pavel, cast):
    day = cast.next_weekday(5)
    with db.writing():
        window = Window.create(place=cast.place, weekday=5, starts=time(9), ends=time(12), slot_minutes=180, seats=5,
                               valid_from=day, valid_until=day, extra=True, notice_days=0)
        JointDay.create(window=window, name="Den spolků")
    assert times_of(cast.prison, day) == [] and pavel.get(window_page(window)).status == 404
    key = f"{window.public_id}.{clock.at(day, time(9)).strftime(slots.STAMP)}"
    assert slots.find(cast.prison, key).free == 5, "who knows the day asks for it by its key"


def test_a_member_keeps_times_as_a_lead_does(sign_in):
    assert sign_in("patrik").get("/openings").status == 200


# Late windows, leap day, year's end

def test_a_window_across_midnight_and_the_year(pavel, cast):
    pavel.get(add_page(cast))
    late = {**WEEKLY, "kind": "telephone", "weekday": "3", "starts": "22:00", "ends": "2:00", "notice_days": "0"}
    assert pavel.send(add_page(cast), **late).status == 303
    new_years_eve = date(2026, 12, 31)
    assert times_of(cast.prison, new_years_eve)[-2:] == ["22:00", "23:00"]
    assert times_of(cast.prison, date(2027, 1, 1)) == [], "a public holiday has no hours after midnight either"
    friday = date(2027, 1, 8)
    night = [slot for slot in slots.slots_between([cast.prison], friday, friday)
             if slot.window.kind is WindowKind.TELEPHONE]
    assert [clock.local(slot.starts_at).strftime("%H:%M") for slot in night] == ["00:00", "01:00"]
    assert slots.find(cast.prison, night[0].key) == night[0]


# How much a week

def test_a_prison_sets_how_much_it_gives_a_week(pavel, cast):
    pavel.get("/openings/limits")
    assert pavel.send("/openings/limits", visits="4", minutes="").status == 303
    assert "4 schůzky" in pavel.follow().text
    profile = PrisonProfile.get(PrisonProfile.organisation == cast.prison)
    assert (profile.week_visits, profile.week_minutes) == (4, None)
    assert pavel.send("/openings/limits", page="/openings/limits", visits="-1").status == 422
