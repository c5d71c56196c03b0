"""What becomes of visits when the world changes back: reasons that are gone, times that are lost, seats that open."""
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

import clock
import db
from models import (
    Booking,
    BookingEvent,
    BookingFlag,
    BookingSeat,
    BookingState,
    Client,
    Closure,
    FlagCause,
    PrisonProfile,
    Reason,
    ReleaseKind,
    Window,
)
from services import cooperation, slots, visits
from services.clients import recording
from services.visits import Event, cost, review
from services.visits.changing import Change
from tests.support.visits import asked, confirmed, free


def again(booking):
    return Booking.get_by_id(booking.id)


def close(pavel, booking, **more):
    """Closes the day of a visit, which is shown first."""
    day = clock.local(booking.starts_at).date().isoformat()
    pavel.get("/openings/closure")
    pavel.send("/openings/closure", **{"place": "", "from_on": day, "until_on": day, "reason": "cvičení", **more})
    seen = pavel.last.page.values(pavel.last.page.form("/openings/closure"))
    assert pavel.post("/openings/closure", seen).status == 303
    return Closure.select().order_by(Closure.id.desc()).get()


def reopen(pavel, closure):
    pavel.get("/openings")
    assert pavel.send(f"/openings/closure/{closure.public_id}/reopen", page="/openings").status == 303


def causes(booking):
    return {flag.cause for flag in BookingFlag.select().where(
        BookingFlag.booking == booking.id, BookingFlag.settled_at.is_null())}


# Reasons that are gone

def test_a_closure_taken_away_settles_what_it_raised_and_says_so(sign_in, cast, postbox):
    booking, pavel = confirmed(cast), sign_in("pavel")
    closure = close(pavel, booking)
    review.flag(None, [booking.id], FlagCause.CLIENT_MOVED)
    postbox.deliver()
    reopen(pavel, closure)
    assert causes(booking) == {FlagCause.CLIENT_MOVED}, "another reason stays"
    page = sign_in("nela").get(f"/visits/{booking.public_id}")
    assert "není důvod k posouzení: termín byl uzavřen" in page.text.replace("\xa0", " ")
    assert "klient byl přemístěn" in page.text.replace("\xa0", " ")
    assert any("odpadl" in mail["Subject"] for mail in postbox.deliver())


def test_what_is_closed_by_another_closure_still_waits_for_a_look(sign_in, cast):
    booking, pavel = confirmed(cast), sign_in("pavel")
    day = clock.local(booking.starts_at).date()
    first = close(pavel, booking)
    second = close(pavel, booking, place=cast.place.public_id, until_on=(day + timedelta(days=3)).isoformat())
    reopen(pavel, first)
    assert causes(booking) == {FlagCause.CLOSED}
    reopen(pavel, second)
    assert causes(booking) == set()


def test_a_closure_inside_a_series_that_is_taken_away_leaves_nothing_to_look_at(sign_in, cast):
    weekly, pavel = [confirmed(cast, slot=free(cast.prison, number)) for number in (0, 1, 6)], sign_in("pavel")
    closure = close(pavel, weekly[0])
    touched = [booking for booking in weekly if causes(booking)]
    assert 0 < len(touched) < 3
    reopen(pavel, closure)
    assert not any(causes(booking) for booking in weekly)


def test_a_co_operation_that_begins_again_settles_its_flags(cast):
    from models import Cooperation, CooperationReason
    booking, row = confirmed(cast), Cooperation.get(Cooperation.organisation == cast.ngo)
    cooperation.advance(cast.pavel, row.public_id, cooperation.Event.PAUSE,
                        refusal=cooperation.Refusal(CooperationReason.CAPACITY))
    assert causes(booking) == {FlagCause.COOPERATION_ENDED}
    cooperation.advance(cast.pavel, row.public_id, cooperation.Event.RESUME)
    assert causes(booking) == set()


def change_window(pavel, window, **changes):
    """Changes a window; the visits that it touches are shown first."""
    page = f"/openings/window/{window.public_id}"
    pavel.get(page)
    answer = pavel.send(page, **changes)
    if answer.status == 200:
        answer = pavel.post(page, answer.page.values(answer.page.form(page)))
    assert answer.status == 303
    return Window.select().where(Window.place == window.place_id, Window.weekday == window.weekday).order_by(
        Window.id.desc()).get()


def test_a_window_that_has_the_time_again_settles_its_flag(sign_in, cast, travel):
    booking, pavel = confirmed(cast, slot=free(cast.prison, 1)), sign_in("pavel")
    moved = change_window(pavel, booking.window, starts="13:00", ends="15:00")
    assert causes(booking) == {FlagCause.WINDOW_CHANGED}
    back = change_window(pavel, moved, starts="9:00", ends="11:00")
    assert causes(booking) == set()
    assert again(booking).window_id == back.id
    assert {seat.window_id for seat in BookingSeat.select()} == {back.id}, "it has its seat there, and no other"
    travel.shift(60)
    change_window(pavel, back, starts="13:00", ends="15:00")
    assert causes(booking) == {FlagCause.WINDOW_CHANGED}, "the next change asks again"


def test_a_window_with_other_times_settles_nothing(sign_in, cast):
    booking, pavel = confirmed(cast, slot=free(cast.prison, 1)), sign_in("pavel")
    moved = change_window(pavel, booking.window, starts="13:00", ends="15:00")
    change_window(pavel, moved, starts="9:15", ends="11:15")
    assert causes(booking) == {FlagCause.WINDOW_CHANGED}


def test_seats_that_come_back_settle_their_flags(sign_in, cast):
    """Of three visits on two seats nobody but the prison says which one stays."""
    with db.writing():
        Window.update(seats=3).execute()
    slot, pavel = free(cast.prison, 1), sign_in("pavel")
    three = [confirmed(cast, slot=slot) for _each in range(3)]
    fewer = change_window(pavel, slot.window, seats="2")
    assert all(causes(booking) == {FlagCause.WINDOW_CHANGED} for booking in three)
    change_window(pavel, fewer, seats="3")
    assert not any(causes(booking) for booking in three)
    assert BookingSeat.select().where(BookingSeat.seat < 3).count() == BookingSeat.select().count() == 3


def test_a_seat_that_is_gone_is_not_given_to_who_waits(sign_in, cast):
    """Two visits stand on two seats, one of them under a number that was taken away: nothing is free."""
    with db.writing():
        Window.update(seats=3).execute()
    slot, pavel = free(cast.prison, 1), sign_in("pavel")
    three = [confirmed(cast, slot=slot) for _each in range(3)]
    fewer = change_window(pavel, slot.window, seats="2")
    full = next(each for each in slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=14))
                if each.starts_at == slot.starts_at and each.window.id == fewer.id)
    in_line = asked(cast.petra, cast.prison, full, wait=True)
    visits.advance(cast.nela, three[0].public_id, Event.CANCEL, Reason.ORGANISATION)
    assert not offered(in_line) and BookingSeat.select().count() == 2
    visits.advance(cast.nela, three[1].public_id, Event.CANCEL, Reason.ORGANISATION)
    assert offered(in_line) and BookingSeat.select().count() == 2


def test_a_window_that_ends_later_again_settles_its_flag(sign_in, cast):
    booking, pavel = confirmed(cast, slot=free(cast.prison, 1)), sign_in("pavel")
    page = f"/openings/window/{booking.window.public_id}/end"
    for day, left in (("2026-11-24", {FlagCause.WINDOW_CHANGED}), ("2026-12-24", set())):
        pavel.get(page)
        answer = pavel.send(page, valid_until=day)
        if answer.status == 200:
            pavel.post(page, answer.page.values(answer.page.form(page)))
        assert causes(booking) == left


def test_a_place_with_room_for_all_again_settles_its_flag(sign_in, cast):
    people = [cast.nela.public_id, cast.nora.public_id]
    booking, pavel = confirmed(cast, colleagues=people), sign_in("pavel")
    page = f"/openings/place/{cast.place.public_id}"
    for capacity, left in (("1", {FlagCause.WINDOW_CHANGED}), ("2", set())):
        pavel.get(page)
        answer = pavel.send(page, capacity=capacity)
        if answer.status == 200:
            pavel.post(page, answer.page.values(answer.page.form(page)))
        assert causes(booking) == left


def change_client(cast, **wanted):
    """Pavel writes into Karel's record what is different now."""
    before = recording.wanted_of(cast.karel)
    recording.change(cast.pavel, cast.karel.public_id, recording.imprint(cast.karel, before),
                     replace(before, **wanted))


def of_karel(cast, public_id):
    """Kamila's visit to Karel that Pavel confirmed."""
    return visits.advance(cast.pavel, asked(cast.kamila, cast.prison, clients=[public_id]).public_id, Event.CONFIRM)


INSIDE = {"released_on": None, "release_kind": None, "planned_release_on": date(2027, 3, 1)}


def test_a_client_who_is_moved_back_settles_the_flag(cast, karel_inside):
    booking = of_karel(cast, karel_inside)
    change_client(cast, **INSIDE, prison=cast.other_prison.public_id)
    assert causes(booking) == {FlagCause.CLIENT_MOVED}
    change_client(cast, **INSIDE, prison=cast.prison.public_id)
    assert causes(booking) == set()


def test_a_client_who_was_released_by_mistake_settles_the_flag(cast, karel_inside):
    booking = of_karel(cast, karel_inside)
    change_client(cast, released_on=cast.today, release_kind=ReleaseKind.END_OF_SENTENCE)
    assert causes(booking) == {FlagCause.CLIENT_RELEASED}
    change_client(cast, **INSIDE)
    assert causes(booking) == set()


def test_who_comes_back_to_another_prison_was_moved(cast, karel_inside):
    booking = of_karel(cast, karel_inside)
    change_client(cast, released_on=cast.today, release_kind=ReleaseKind.END_OF_SENTENCE)
    change_client(cast, **INSIDE, prison=cast.other_prison.public_id)
    assert causes(booking) == {FlagCause.CLIENT_MOVED}


def test_a_prison_that_clears_nobody_any_more_settles_what_that_raised(sign_in, cast):
    booking = confirmed(cast)
    with db.writing():
        PrisonProfile.update(clearance_months=6).where(PrisonProfile.organisation == cast.prison).execute()
    review.flag(None, [booking.id], FlagCause.CLEARANCE_ENDED)
    cost.set_up(cast.pavel, None, None)
    assert causes(booking) == set()


# Times that are lost

@pytest.fixture
def karel_inside(cast):
    with db.writing():
        Client.update(released_on=None).execute()
        Window.update(seats=5).execute()
    return cast.karel.public_id


def test_a_time_that_is_lost_is_told_with_the_reason(sign_in, cast, karel_inside, postbox):
    slot = free(cast.prison)
    one = asked(cast.kamila, cast.prison, slot, clients=[karel_inside])
    two = asked(cast.kamila, cast.prison, slot, clients=[karel_inside], others=[free(cast.prison, 6).key])
    postbox.deliver()
    visits.advance(cast.pavel, one.public_id, Event.CONFIRM)
    page = sign_in("kamila").get(f"/visits/{two.public_id}").text.replace("\xa0", " ")
    assert page.count("už není možné, klient má v tu dobu jinou schůzku: 25. 11. 2026 v 9:00") == 2, \
        "beside the request and in its history"
    told = [mail for mail in postbox.deliver() if "jeden z časů" in mail["Subject"]]
    assert len(told) == 1 and "25. 11. 2026" in told[0].get_body().get_content()
    assert again(two).starts_at != slot.starts_at and not BookingSeat.select().where(
        BookingSeat.booking == two.id, BookingSeat.starts_at == slot.starts_at).exists()


def test_a_proposal_that_is_lost_says_so_and_the_request_waits_again(sign_in, cast, karel_inside):
    one = asked(cast.kamila, cast.prison, free(cast.prison, 6), clients=[karel_inside])
    two = asked(cast.kamila, cast.prison, free(cast.prison), clients=[karel_inside])
    visits.advance(cast.pavel, two.public_id, Event.COUNTER, time=one_key(one))
    visits.advance(cast.pavel, one.public_id, Event.CONFIRM)
    assert again(two).state is BookingState.REQUESTED and again(two).offer_until is None
    assert "už není možné" in sign_in("kamila").get(f"/visits/{two.public_id}").text.replace("\xa0", " ")


def test_a_proposal_stands_when_the_time_asked_for_is_lost(cast, karel_inside):
    one = asked(cast.kamila, cast.prison, free(cast.prison), clients=[karel_inside])
    two = asked(cast.kamila, cast.prison, free(cast.prison), clients=[karel_inside])
    visits.advance(cast.pavel, two.public_id, Event.COUNTER, time=free(cast.prison, 6).key)
    visits.advance(cast.pavel, one.public_id, Event.CONFIRM)
    assert again(two).state is BookingState.COUNTERED
    assert visits.advance(cast.kamila, two.public_id, Event.ACCEPT).state is BookingState.CONFIRMED


def one_key(booking):
    return f"{booking.window.public_id}.{booking.starts_at.strftime(slots.STAMP)}"


# Seats that open

@pytest.fixture
def waiting(cast):
    """One in line for a time that Nela's visit fills."""
    with db.writing():
        Window.update(seats=1).execute()
    taken = confirmed(cast)
    slot = next(each for each in slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=14))
                if each.starts_at == taken.starts_at)
    assert not slot.free
    return asked(cast.petra, cast.prison, slot, wait=True)


def offered(booking):
    return again(booking).offer_until is not None


def test_more_seats_of_a_window_are_offered(sign_in, cast, waiting):
    pavel, window = sign_in("pavel"), waiting.window
    page = f"/openings/window/{window.public_id}"
    pavel.get(page)
    assert not offered(waiting)
    assert pavel.send(page, seats="2").status == 303
    assert offered(waiting) and again(waiting).window_id != window.id, "the old window has ended"
    assert visits.take_offer(cast.petra, waiting.public_id).state is BookingState.REQUESTED


def test_a_window_opened_beside_it_is_offered(sign_in, cast, waiting):
    pavel, day = sign_in("pavel"), clock.local(waiting.starts_at)
    pavel.get("/openings/place")
    pavel.send("/openings/place", name="Druhá místnost", capacity="4")
    from models import Place
    page = f"/openings/place/{Place.get(Place.name == 'Druhá místnost').public_id}/window"
    pavel.get(page)
    answer = pavel.send(page, kind=waiting.kind.value, weekday=str(day.weekday()), starts=day.strftime("%H:%M"),
                        ends=clock.local(waiting.ends_at).strftime("%H:%M"), slot_minutes="30", seats="1", people="",
                        staff_minutes="", notice_days="1", every_weeks="1", valid_from=cast.today.isoformat(),
                        valid_until="")
    assert answer.status == 303 and offered(waiting) and again(waiting).place.name == "Druhá místnost"


def test_a_higher_limit_of_the_week_is_offered(sign_in, cast):
    confirmed(cast)
    with db.writing():
        PrisonProfile.update(week_visits=1).execute()
    waiting, pavel = asked(cast.nora, cast.prison, free(cast.prison, 1), wait=True), sign_in("pavel")
    assert waiting.state is BookingState.WAITING
    pavel.get("/openings/limits")
    pavel.send("/openings/limits", visits="1")
    assert not offered(waiting)
    pavel.get("/openings/limits")
    assert pavel.send("/openings/limits", visits="2").status == 303
    assert offered(waiting)


def test_a_seat_freed_while_closed_is_offered_when_it_opens(sign_in, cast, waiting):
    pavel = sign_in("pavel")
    holder = Booking.get(Booking.state == BookingState.CONFIRMED)
    closure = close(pavel, holder)
    visits.advance(cast.nela, holder.public_id, Event.CANCEL, Reason.ORGANISATION)
    assert not offered(waiting)
    reopen(pavel, closure)
    assert offered(waiting)


def test_a_place_with_more_room_is_offered_to_a_larger_party(sign_in, cast):
    """A full window of counted people: only the window's own number counts, and it is asked again when it grows."""
    with db.writing():
        Window.update(seats=3, people=1).execute()
    taken = confirmed(cast)
    slot = next(each for each in slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=14))
                if each.starts_at == taken.starts_at)
    waiting, pavel = asked(cast.petra, cast.prison, slot, wait=True), sign_in("pavel")
    page = f"/openings/window/{waiting.window.public_id}"
    pavel.get(page)
    assert pavel.send(page, people="4").status == 303 and offered(waiting)


def test_a_window_of_a_whole_year_later_is_not_offered(cast, waiting):
    with db.writing():
        Window.create(place=cast.place, weekday=2, starts=time(9), ends=time(9, 30), slot_minutes=30, seats=1,
                      valid_from=date(2027, 11, 1), kind=waiting.kind)
        assert visits.offer_seats(cast.prison.id) == 0


# Requests that nobody has answered when the world changes

def test_a_request_whose_time_was_closed_says_so_and_is_not_confirmed_unseen(sign_in, cast, postbox):
    booking, pavel, nela = asked(cast.user("nela"), cast.prison), sign_in("pavel"), sign_in("nela")
    close(pavel, booking)
    page = f"/visits/{booking.public_id}"
    assert causes(booking) == {FlagCause.CLOSED}
    assert not any("posoudit" in mail["Subject"] for mail in postbox.deliver()), "the answer is still to come"
    assert "znovu posoudit" in nela.get(page).text and "termín byl uzavřen" in pavel.get(page).text
    today = pavel.get("/").page
    assert "znovu posoudit" in today.text and not today.form(f"{page}/confirm"), "no yes by one click"
    assert pavel.post("/visits/waiting", {"bookings": booking.public_id}).status == 303
    assert again(booking).state is BookingState.REQUESTED, "nor by one of many"
    assert pavel.post(f"{page}/confirm").status == 422 and "termín byl uzavřen" in pavel.last.text
    assert pavel.send(f"{page}/confirm").status == 303, "whoever has seen it may"
    assert again(booking).state is BookingState.CONFIRMED and causes(booking) == set()


def test_a_proposal_whose_time_was_closed_is_looked_at_once_it_is_accepted(sign_in, cast):
    booking, pavel, nela = asked(cast.user("nela"), cast.prison), sign_in("pavel"), sign_in("nela")
    page, other = f"/visits/{booking.public_id}", free(cast.prison, 9)
    pavel.get(f"{page}/propose")
    assert pavel.send(f"{page}/propose", time=other.key).status == 303
    close(pavel, replace_time(booking, other))
    assert nela.get("/").status == 200 and nela.post(f"{page}/accept").status == 303
    assert again(booking).state is BookingState.CONFIRMED and causes(booking) == {FlagCause.CLOSED}
    assert "Je třeba znovu posoudit" in pavel.get("/").text


def replace_time(booking, slot):
    booking.starts_at = slot.starts_at
    return booking


def test_a_second_click_on_a_change_is_none_though_the_time_was_marked_meanwhile(sign_in, cast):
    booking, slot = confirmed(cast), free(cast.prison, 6)
    wanted = Change(slot.key, [cast.nela.public_id])
    visits.advance(cast.nela, booking.public_id, Event.CHANGE, change=wanted)
    review.flag(None, [booking.id], FlagCause.WINDOW_CHANGED)
    assert visits.advance(cast.nela, booking.public_id, Event.CHANGE, change=wanted).id == booking.id
    assert BookingEvent.select().where(BookingEvent.event == Event.CHANGE).count() == 1
