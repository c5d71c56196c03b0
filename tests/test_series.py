"""Visits that belong together: series and trips, asked for, decided and changed as one."""
from datetime import date, time, timedelta

import pytest

import clock
import db
from exporters import ics
from models import (
    AutomaticYes,
    Booking,
    BookingSeat,
    BookingSeries,
    BookingState,
    Closure,
    Cooperation,
    Outbox,
    Place,
    PrisonProfile,
    Window,
    WindowKind,
)
from services import slots
from tests.support.visits import asked, confirmed, free


def page(cast):
    return f"/visits/request/{cast.prison.public_id}/details"


def check(browser, cast, slot, **more):
    """The form for a time, filled in and sent to be checked."""
    browser.get(f"{page(cast)}?slot={slot.key}")
    return browser.send(page(cast), purpose="dluhy", **more)


def weekly(browser, cast, slot=None, **more):
    """A series that was asked for."""
    check(browser, cast, slot or free(cast.prison), **{"every": "1", "times": "4", **more})
    seen = browser.last.page.values(browser.last.page.form(page(cast))).get("seen", [])
    return browser.send(page(cast), step="send", seen=seen)


def visits():
    return list(Booking.select().order_by(Booking.starts_at))


def days():
    return [clock.local(each.starts_at).strftime("%d.%m. %H:%M") for each in visits()]


def group(of=None):
    return f"/visits/together/{(of or BookingSeries.get()).public_id}"


# Asking

def test_a_series_is_listed_first_and_then_asked_for_at_once(sign_in, cast, postbox):
    nela = sign_in("nela")
    shown = check(nela, cast, free(cast.prison), every="1", times="4")
    assert shown.status == 200 and "25. 11." in shown.text and "16. 12." in shown.text
    assert not Booking.select().exists()
    assert weekly(nela, cast).status == 303
    assert days() == ["25.11. 09:00", "02.12. 09:00", "09.12. 09:00", "16.12. 09:00"]
    assert {each.series_id for each in visits()} == {BookingSeries.get().id}
    mails = postbox.deliver()
    assert [mail["To"] for mail in mails] == ["pavel@example.org"], "one mail of four requests"
    assert "a 3 další" in mails[0]["Subject"]


def test_days_that_conflict_are_named_and_skipped(sign_in, cast):
    first = free(cast.prison)
    with db.writing():
        Closure.create(prison=cast.prison, from_at=first.starts_at + timedelta(days=6),
                       until_at=first.starts_at + timedelta(days=8), reason="revize", created_by=cast.pavel)
        Window.update(seats=1).execute()
    asked(cast.nela, cast.prison, slots.find(cast.prison, f"{first.window.public_id}.20261209T0800Z"))
    nela = sign_in("nela")
    shown = check(nela, cast, free(cast.prison), every="1", until="6. 1. 2027")
    text = shown.text
    assert text.count("vynecháno") == 2 and "zavřeno" in text and "plno" in text
    assert weekly(nela, cast, times="", until="6. 1. 2027").status == 303
    series = [each for each in days() if each != "09.12. 09:00"]
    assert series == ["25.11. 09:00", "16.12. 09:00", "23.12. 09:00", "30.12. 09:00", "06.01. 09:00"]


def test_a_public_holiday_is_skipped(sign_in, cast):
    with db.writing():
        Window.update(weekday=3).execute()  # 24 December 2026 is a Thursday
    shown = check(sign_in("nela"), cast, free(cast.prison), every="1", times="6")
    assert "Štědrý den" in shown.text


@pytest.mark.parametrize(("first", "number"), [(date(2027, 3, 24), 3), (date(2027, 10, 27), 3)])
def test_the_hour_on_the_wall_stays_over_a_change_of_clocks(sign_in, cast, travel, first, number):
    travel.move_to(clock.at(first - timedelta(days=10), time(10)))
    slot = next(each for each in slots.free_slots(cast.prison, first, first))
    assert weekly(sign_in("nela"), cast, slot, times=str(number)).status == 303
    assert {day.split()[1] for day in days()} == {days()[0].split()[1]} and len(days()) == number
    offsets = {clock.local(each.starts_at).utcoffset() for each in visits()}
    assert len(offsets) == 2, "the clocks did not change inside the series"


def test_what_changed_since_it_was_shown_is_shown_again(sign_in, cast):
    nela, first = sign_in("nela"), free(cast.prison)
    check(nela, cast, first, every="1", times="3")
    with db.writing():
        Closure.create(prison=cast.prison, from_at=first.starts_at + timedelta(days=7),
                       until_at=first.starts_at + timedelta(days=8), reason="revize", created_by=cast.pavel)
    seen = nela.last.page.values(nela.last.page.form(page(cast)))["seen"]
    answer = nela.send(page(cast), step="send", seen=seen)
    assert answer.status == 422 and "vynecháno" in answer.text and not Booking.select().exists()


def test_the_same_form_twice_is_one_series(sign_in, cast):
    nela = sign_in("nela")
    check(nela, cast, free(cast.prison), every="2", times="3")
    form = nela.last
    values = {**form.page.values(form.page.form(page(cast))), "step": "send"}
    where = {nela.post(page(cast), values).location for _twice in range(2)}
    assert len(where) == 1 and Booking.select().count() == 3 and BookingSeries.select().count() == 1


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"every": "1"}, "kolikrát"), ({"every": "1", "times": "99"}, "od 2 do 26"), ({"times": "3"}, "jak často"),
    ({"every": "1", "times": "3", "after": "2"}, "jedno z toho"), ({"every": "1", "until": "1. 1. 2099"}, "daleko"),
    ({"every": "1", "until": "24. 11. 2026"}, "aspoň dvě"), ({"every": "1", "until": "zítra"}, "30. 6. 2027"),
    ({"every": "x", "times": "3"}, ""), ({"after": "\x00"}, "od 2 do 8"),
])
def test_a_rhythm_that_is_none_is_refused_beside_its_field(sign_in, cast, changes, sentence):
    answer = check(sign_in("nela"), cast, free(cast.prison), **changes)
    assert answer.status == 422 and sentence in answer.text and "dluhy" in answer.html


def test_the_ceiling_of_a_month_counts_inside_a_series(sign_in, cast):
    with db.writing():
        Cooperation.update(most_visits_a_month=2).execute()
    shown = check(sign_in("nela"), cast, free(cast.prison), every="1", times="6")
    assert shown.text.count("vynecháno") == 3, "five Wednesdays in December, two of them allowed"


# The prison

def test_the_prison_confirms_a_series_with_one_action(sign_in, cast, postbox):
    weekly(sign_in("nela"), cast)
    postbox.deliver()
    pavel = sign_in("pavel")
    assert group() in pavel.get("/").html and group() in pavel.get("/visits?week=2026-12-01").html
    pavel.get(group())
    assert pavel.send(f"{group()}/confirm").status == 303
    assert {each.state for each in visits()} == {BookingState.CONFIRMED}
    mails = postbox.deliver()
    assert [mail["To"] for mail in mails] == ["pavel@example.org", "nela@example.org"], "one mail of four answers"
    assert ics.written(Outbox.select().order_by(Outbox.id.desc()).get().calendar).count(b"BEGIN:VEVENT") == 4
    assert pavel.post(f"{group()}/confirm").status == 422, "settled already"


def test_what_the_week_has_no_room_for_is_left_and_named(sign_in, cast):
    weekly(sign_in("nela"), cast)
    with db.writing():
        PrisonProfile.update(week_visits=1).execute()
    booked = slots.find(cast.prison, f"{free(cast.prison).window.public_id}.20261202T0900Z") or free(cast.prison, 8)
    confirmed(cast, booked)
    pavel = sign_in("pavel")
    pavel.get(group())
    pavel.send(f"{group()}/confirm")
    assert sum(each.state is BookingState.REQUESTED for each in visits()) == 1
    assert "limitů věznice nevejde" in pavel.follow().text


def test_the_prison_declines_all_of_them(sign_in, cast):
    weekly(sign_in("nela"), cast)
    pavel, several = sign_in("pavel"), f"/visits/{visits()[0].public_id}/several"
    pavel.get(several)
    pavel.send(several, reach="all", what="call_off", reason="staff")
    assert {each.state for each in visits()} == {BookingState.REQUESTED}
    assert pavel.send(several, step="do").status == 303
    assert {each.state for each in visits()} == {BookingState.DECLINED} and not BookingSeat.select().exists()


def test_a_rule_confirms_a_whole_series(sign_in, cast):
    with db.writing():
        AutomaticYes.create(prison=cast.prison, organisation=cast.ngo, kind=free(cast.prison).window.kind,
                            created_by=cast.pavel)
    weekly(sign_in("nela"), cast)
    assert {each.state for each in visits()} == {BookingState.CONFIRMED}


# Changes

@pytest.mark.parametrize(("reach", "left"), [("this", [0, 2, 3]), ("later", [0]), ("all", [])])
def test_this_one_later_ones_or_all_are_withdrawn(sign_in, cast, reach, left):
    nela = sign_in("nela")
    weekly(nela, cast)
    several = f"/visits/{visits()[1].public_id}/several"
    nela.get(several)
    shown = nela.send(several, reach=reach, what="call_off")
    assert shown.status == 200 and len([each for each in visits() if each.state is BookingState.REQUESTED]) == 4
    assert nela.send(several, step="do").status == 303
    assert [at for at, each in enumerate(visits()) if each.state is BookingState.REQUESTED] == left


def confirmed_series(cast, sign_in):
    nela = sign_in("nela")
    weekly(nela, cast)
    sign_in("pavel").post(f"{group()}/confirm", {"looked": "yes"})
    return nela


def test_another_hour_for_this_and_later_ones_skips_what_is_taken(sign_in, cast):
    nela = confirmed_series(cast, sign_in)
    second, before = visits()[1], days()
    several = f"/visits/{second.public_id}/several"
    options = [each["value"] for each in nela.get(several).page.all("input") if each["name"] == "slot"]
    wanted = next(key for key in options if slots.read_key(key)[1].date() == second.starts_at.date())
    with db.writing():
        Closure.create(prison=cast.prison, reason="revize", created_by=cast.pavel,
                       from_at=slots.read_key(wanted)[1] + timedelta(days=7),
                       until_at=slots.read_key(wanted)[1] + timedelta(days=7, minutes=5))
    shown = nela.send(several, reach="later", what="time", slot=wanted)
    assert "zůstává" in shown.text
    assert nela.send(several, step="do").status == 303
    states = [each.state for each in visits()]
    assert states == [BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.REQUESTED]
    assert days()[0] == before[0] and days()[1] != before[1] and days()[2] == before[2]
    assert days()[1].split()[1] == days()[3].split()[1]


def test_other_people_for_all_of_them(sign_in, cast):
    nela = confirmed_series(cast, sign_in)
    several = f"/visits/{visits()[0].public_id}/several"
    nela.get(several)
    nela.send(several, reach="all", what="people", colleagues=[cast.nora.public_id])
    assert nela.send(several, step="do").status == 303
    assert {each.state for each in visits()} == {BookingState.REQUESTED}
    assert {row.name for each in visits() for row in each.visitors} == {"Nora Náhlá"}


@pytest.mark.parametrize("changes", [
    {"reach": "", "what": "call_off"}, {"reach": "all", "what": ""}, {"reach": "all", "what": "time"},
    {"reach": "all", "what": "time", "slot": "x"}, {"reach": "all", "what": "people", "colleagues": [], "guests": ""},
    {"reach": "all", "what": "call_off", "reason": ""}, {"reach": "\x00", "what": "call_off"},
])
def test_a_change_that_is_none_is_refused(sign_in, cast, changes):
    nela = confirmed_series(cast, sign_in)
    several = f"/visits/{visits()[0].public_id}/several"
    nela.get(several)
    assert nela.send(several, **changes).status == 422
    assert {each.state for each in visits()} == {BookingState.CONFIRMED}


def test_who_has_nothing_to_do_with_a_group_finds_none(sign_in, cast):
    weekly(sign_in("nela"), cast)
    for name in ("strange_ngo", "strange_prison", "kamila"):
        assert sign_in(name).get(group()).status == 404
        assert sign_in(name).get(f"/visits/{visits()[0].public_id}/several").status == 404
    assert sign_in("nela").post(f"{group()}/confirm").status == 404


# Trips

def quarters(cast):
    """A room where four short visits fit after each other."""
    with db.writing():
        room = Place.create(prison=cast.prison, name="Kabina", capacity=4)
        Window.create(place=room, weekday=4, starts=time(8), ends=time(9), slot_minutes=15, seats=1, notice_days=1,
                      valid_from=cast.today, kind=WindowKind.INDIVIDUAL)
    return [slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=6))
            if slot.window.place_id == room.id]


def trip(browser, cast, slot, number, **more):
    check(browser, cast, slot, after=str(number), **more)
    return browser.send(page(cast), step="send")


def test_a_trip_takes_times_after_each_other_and_one_yes_decides(sign_in, cast, postbox):
    nela, pavel = sign_in("nela"), sign_in("pavel")
    assert trip(nela, cast, quarters(cast)[0], 3).status == 303
    assert [day.split()[1] for day in days()] == ["08:00", "08:15", "08:30"]
    assert len({each.trip for each in visits()}) == 1 and len(postbox.deliver()) == 1
    where = f"/visits/together/{visits()[0].trip}"
    pavel.get(where)
    assert pavel.send(f"{where}/confirm").status == 303
    assert {each.state for each in visits()} == {BookingState.CONFIRMED}


def test_a_trip_is_all_or_none(sign_in, cast):
    held = quarters(cast)
    asked(cast.nora, cast.prison, held[2])
    nela = sign_in("nela")
    answer = check(nela, cast, held[0], after="3")
    assert answer.status == 422 and "po sobě" in answer.text
    assert Booking.select().count() == 1


def test_each_time_of_a_trip_is_for_one_client(sign_in, cast):
    nela, held = sign_in("nela"), quarters(cast)
    assert check(nela, cast, held[0], after="3", finds_clients="2").status == 422
    assert trip(nela, cast, held[0], 3, finds_clients="3").status == 303
    assert [each.finds_clients for each in visits()] == [1, 1, 1]


def test_a_trip_sent_twice_is_one(sign_in, cast):
    nela = sign_in("nela")
    check(nela, cast, quarters(cast)[0], after="2")
    values = {**nela.last.page.values(nela.last.page.form(page(cast))), "step": "send"}
    assert len({nela.post(page(cast), values).location for _twice in range(2)}) == 1 and len(visits()) == 2


def test_the_prison_confirms_all_of_a_trip_or_none(sign_in, cast):
    nela = sign_in("nela")
    trip(nela, cast, quarters(cast)[0], 3)
    with db.writing():
        PrisonProfile.update(week_visits=2).execute()
    where = f"/visits/together/{visits()[0].trip}"
    assert sign_in("pavel").post(f"{where}/confirm", {"looked": "yes"}).status == 422
    assert {each.state for each in visits()} == {BookingState.REQUESTED}


# Warnings

def test_the_check_page_says_who_has_something_else(sign_in, cast):
    slot = free(cast.prison)
    with db.writing():
        Window.update(seats=3).execute()
    confirmed(cast, slot)
    shown = check(sign_in("nela"), cast, free(cast.prison))
    assert "Nela Nová má v tu dobu něco jiného" in shown.text


def test_the_form_shows_who_is_cleared(sign_in, cast):
    with db.writing():
        PrisonProfile.update(clearance_months=12).execute()
    nela = sign_in("nela")
    shown = nela.get(f"{page(cast)}?slot={free(cast.prison).key}")
    assert "zatím bez prověření" in shown.text
    assert "není v této věznici na ten den prověřen" in check(nela, cast, free(cast.prison)).text
