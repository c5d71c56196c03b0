"""A series and a trip, played from the request to the attendance by those who take part, each in their own browser."""
from datetime import time, timedelta

import clock
import db
from models import Booking, BookingSeries, BookingState, Place, Window, WindowKind
from services import slots
from tests.support.visits import asked, free

State = BookingState


def form_of(cast):
    return f"/visits/request/{cast.prison.public_id}/details"


def check(browser, cast, slot, **more):
    browser.get(f"{form_of(cast)}?slot={slot.key}")
    return browser.send(form_of(cast), purpose="dluhy", **more)


def send(browser, cast, **more):
    """The checked form as it lies on the page."""
    seen = browser.last.page.values(browser.last.page.form(form_of(cast))).get("seen", [])
    return browser.send(form_of(cast), step="send", seen=seen, **more)


def series_of_four(cast):
    """The times of a series of four, the second of which is full; the visit that fills it."""
    with db.writing():
        Window.update(seats=1).execute()
    first = free(cast.prison)
    full = next(slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=30))
                if slot.starts_at.timestamp() == _weeks_later(first, 1).timestamp())
    return first, asked(cast.petra, cast.prison, full)


def _weeks_later(slot, weeks):
    day = clock.local(slot.starts_at)
    return clock.at(day.date() + timedelta(weeks=weeks), day.time())


def states():
    return [each.state for each in Booking.select().where(Booking.series.is_null(False)).order_by(Booking.starts_at)]


def test_a_series_with_a_full_day_from_the_request_to_the_place_that_became_free(sign_in, cast, postbox):
    first, other = series_of_four(cast)
    nela, pavel, petra = sign_in("nela"), sign_in("pavel"), sign_in("petra")
    shown = check(nela, cast, first, every="1", times="4")
    assert "plno" in shown.text and "Čekat v pořadí na dny, které jsou plné" in shown.text
    answer = send(nela, cast, wait_full="y")
    assert answer.status == 303 and states() == [State.REQUESTED, State.WAITING, State.REQUESTED, State.REQUESTED]
    group = f"/visits/together/{BookingSeries.get().public_id}"
    assert "čeká na volné místo" in nela.get(group).text.replace("\xa0", " ")
    pavel.get(group)
    assert pavel.send(f"{group}/confirm").status == 303
    assert states() == [State.CONFIRMED, State.WAITING, State.CONFIRMED, State.CONFIRMED]
    petra.get(f"/visits/{other.public_id}/withdraw")
    assert petra.send(f"/visits/{other.public_id}/withdraw").status == 303
    waiting = Booking.get(Booking.state == State.WAITING)
    assert waiting.offer_until is not None
    nela.get(f"/visits/{waiting.public_id}")
    assert nela.send(f"/visits/{waiting.public_id}/take").status == 303
    assert states()[1] is State.REQUESTED


def test_who_does_not_tick_it_waits_for_nothing(sign_in, cast):
    first, _other = series_of_four(cast)
    nela = sign_in("nela")
    check(nela, cast, first, every="1", times="4")
    assert send(nela, cast).status == 303 and states() == [State.REQUESTED] * 3


def test_a_series_of_full_days_alone_can_be_waited_for(sign_in, cast):
    first, _other = series_of_four(cast)
    for number in (0, 2, 3):
        asked(cast.petra, cast.prison, next(slot for slot in slots.free_slots(
            cast.prison, cast.today, cast.today + timedelta(days=30)) if slot.starts_at == _weeks_later(first, number)))
    nela = sign_in("nela")
    nela.get(f"{form_of(cast)}?slot={free(cast.prison).key}")
    assert nela.send(form_of(cast), purpose="dluhy", slot=first.key, every="1", times="4").status == 200
    assert send(nela, cast).status == 422 and not states()
    assert send(nela, cast, wait_full="y").status == 303 and states() == [State.WAITING] * 4


def test_a_full_day_that_could_not_be_had_anyway_is_not_waited_for(sign_in, cast):
    """Full and too soon, or while somebody is elsewhere: no place in line."""
    first, _other = series_of_four(cast)
    asked(cast.nela, cast.prison, next(slot for slot in slots.slots_between(
        [cast.prison], cast.today, cast.today + timedelta(days=30))
        if slot.starts_at == _weeks_later(first, 1) and slot.window.place_id == first.window.place_id), wait=True)
    with db.writing():
        Booking.update(state=State.CONFIRMED).where(Booking.organisation == cast.ngo).execute()
    shown = check(sign_in("nela"), cast, first, every="1", times="4")
    assert "plno" in shown.text
    assert "Čekat v pořadí na dny" not in shown.text


# A trip

def quarters(cast):
    """A room where four short visits fit after each other on one day of the week."""
    with db.writing():
        room = Place.create(prison=cast.prison, name="Kabina", capacity=4)
        Window.create(place=room, weekday=4, starts=time(8), ends=time(9), slot_minutes=15, seats=1, notice_days=1,
                      valid_from=cast.today, kind=WindowKind.INDIVIDUAL)
    return [slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=6))
            if slot.window.place_id == room.id]


def test_a_trip_from_a_beginning_that_does_not_fit_to_the_attendance(sign_in, cast, travel):
    held = quarters(cast)
    asked(cast.petra, cast.prison, held[1])
    nela, pavel = sign_in("nela"), sign_in("pavel")
    refused = check(nela, cast, held[0], after="3", finds_clients="3")
    assert refused.status == 422 and "po sobě" in refused.text
    fits = [each for each in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=30))
            if each.key in refused.html]
    assert len(fits) == 3 and held[0].key not in {each.key for each in fits}
    begins = fits[0]
    assert nela.send(form_of(cast), slot=begins.key, step="check").status == 200
    assert send(nela, cast).status == 303
    trip = list(Booking.select().where(Booking.trip != "").order_by(Booking.starts_at))
    assert [each.finds_clients for each in trip] == [1, 1, 1]
    group = f"/visits/together/{trip[0].trip}"
    pavel.get(group)
    assert pavel.send(f"{group}/confirm").status == 303
    day = clock.local(trip[0].starts_at).date()
    sheet = pavel.get(f"/day/gate?on={day.isoformat()}").text.replace("\xa0", " ")
    span = f"{clock.local(trip[0].starts_at):%-H:%M}–{clock.local(trip[2].ends_at):%-H:%M}"
    assert [f"{number}. z 3 po sobě, {span}" in sheet for number in (1, 2, 3)] == [True] * 3
    travel.move_to(clock.at(day, time(15)))
    pavel = sign_in("pavel")
    pavel.get(f"/day?on={day.isoformat()}")
    assert pavel.send("/day/record", bookings=[each.public_id for each in trip]).status == 303
    assert {each.state for each in Booking.select().where(Booking.trip != "")} == {State.HELD}


def test_who_only_calls_is_on_no_gate_sheet_but_the_client_is_brought(sign_in, cast):
    from tests.support.visits import confirmed
    with db.writing():
        Window.update(kind=WindowKind.VIDEO).execute()
    booking = confirmed(cast, finds_clients=1)
    day, pavel = clock.local(booking.starts_at).date(), sign_in("pavel")
    assert booking.number not in pavel.get(f"/day/gate?on={day.isoformat()}").text
    assert "1 předváděný klient" in pavel.get(f"/day/slips?on={day.isoformat()}").text.replace("\xa0", " ")


def test_a_visit_by_itself_is_not_marked_on_the_gate_sheet(sign_in, cast):
    from tests.support.visits import confirmed
    booking = confirmed(cast)
    day = clock.local(booking.starts_at).date()
    assert "po sobě" not in sign_in("pavel").get(f"/day/gate?on={day.isoformat()}").text
