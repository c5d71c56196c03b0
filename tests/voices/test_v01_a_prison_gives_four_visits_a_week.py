"""V01: the extent of NGO co-operation in a prison is limited by the capacity of prison staff."""
from datetime import time

import pytest

import db
from models import Booking, BookingState, Window
from tests.support.visits import free


@pytest.fixture
def pavel(sign_in, cast):
    """Pavel, whose prison gives four visits a week, of 55 minutes of its staff each."""
    with db.writing():
        Window.update(staff_minutes=55).execute()
        Window.create(place=cast.place, weekday=4, starts=time(13), ends=time(16), slot_minutes=30, seats=4,
                      staff_minutes=55, valid_from=cast.today)
    pavel = sign_in("pavel")
    pavel.get("/openings/limits")
    assert pavel.send("/openings/limits", visits="4", minutes="").status == 303
    return pavel


def ask(nela, cast, slot):
    page = f"/visits/request/{cast.prison.public_id}/details"
    form = nela.get(f"{page}?slot={slot.key}")
    nela.send(page, purpose="dluhové poradenství")
    assert nela.send(page, step="send").status == 303
    return form, Booking.select().order_by(Booking.id.desc()).get()


def test_four_are_approved_and_the_fifth_is_offered_the_waiting_list(pavel, sign_in, cast):
    nela = sign_in("nela")
    four = [free(cast.prison, number) for number in range(4)]
    for slot in four:
        _form, booking = ask(nela, cast, slot)
        assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 303
    assert "4/4, 220 min" in pavel.get("/visits").text
    assert "jen pořadník" in nela.get(f"/visits/request/{cast.prison.public_id}").text
    fifth, same_week = free(cast.prison), four[0].starts_at.isocalendar()[:2]
    assert fifth.starts_at.isocalendar()[:2] == same_week, "there are seats; it is the staff that has no time"
    form, booking = ask(nela, cast, fifth)
    waits = next(each for each in form.page.all("input") if each["name"] == "wait")
    assert waits["value"] and booking.state is BookingState.WAITING
    assert "4/4, 220 min" in pavel.get("/visits").text


def test_a_fifth_that_was_asked_for_in_time_is_not_confirmed(pavel, sign_in, cast):
    nela = sign_in("nela")
    bookings = [ask(nela, cast, free(cast.prison, number))[1] for number in range(5)]
    answers = [pavel.post(f"/visits/{each.public_id}/confirm") for each in bookings]
    assert [answer.status for answer in answers] == [303] * 4 + [422]
    assert Booking.select().where(Booking.state == BookingState.CONFIRMED).count() == 4
    assert "4/4, 220 min" in pavel.get("/visits").text


def test_probation_is_not_held_back(pavel, sign_in, cast):
    pavel.get("/openings/limits")
    pavel.send("/openings/limits", visits="0", minutes="0")
    petra = sign_in("petra")
    _form, booking = ask(petra, cast, free(cast.prison))
    assert booking.state is BookingState.REQUESTED
    assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 303
