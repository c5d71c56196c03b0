"""V39: visits cost a prison little time. From a request to the yes at most two clicks; ten of a day at once; a day's
list that prints once."""
from datetime import timedelta

import clock
import db
from models import Booking, BookingState, Window
from services import slots
from tests.support.visits import asked


def day_with_ten(cast):
    """Ten requests of one day, and an eleventh that asks for more than yes."""
    with db.writing():
        Window.update(seats=3).where(Window.id == cast.windows[2].id).execute()
    wednesday = cast.next_weekday(2)
    that_day = slots.slots_between([cast.prison], wednesday, wednesday)
    slots_then = [slot for slot in that_day for _seat in range(slot.free)]
    for slot in slots_then[:10]:
        asked(cast.nela, cast.prison, slot)
    asked(cast.nela, cast.prison, slots_then[10], equipment="dataprojektor")
    return wednesday


def test_one_request_takes_one_click_on_today(sign_in, cast):
    booking = asked(cast.nela, cast.prison)
    pavel = sign_in("pavel")
    assert "Čeká na vás" in pavel.get("/").text
    assert pavel.send("/visits/waiting", bookings=[]).status == 422, "nothing is decided by chance"
    pavel.get("/")
    assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 303  # the one click: its button on Today
    assert Booking.get().state is BookingState.CONFIRMED


def test_ten_requests_of_a_day_take_one_action_and_one_confirmation(sign_in, cast):
    wednesday, pavel = day_with_ten(cast), sign_in("pavel")
    today = pavel.get("/")
    whole_day = next(a["href"] for a in today.page.all("a") if "day=" in (a["href"] or "") and "waiting" in a["href"])
    page = pavel.get(whole_day)  # one action
    ticked = [each for each in page.page.all("input") if each["name"] == "bookings" and "checked" in each.attributes]
    assert len(ticked) == 10 and "chtějí něco vnést" in page.text
    assert pavel.send("/visits/waiting").status == 303  # one confirmation
    states = [row.state for row in Booking.select().order_by(Booking.id)]
    assert states == [BookingState.CONFIRMED] * 10 + [BookingState.REQUESTED]
    assert pavel.get(f"/visits?day={wednesday.isoformat()}").status == 200


def test_the_list_of_a_day_prints_once(sign_in, cast, travel):
    wednesday = day_with_ten(cast)
    pavel = sign_in("pavel")
    pavel.get(f"/visits/waiting?day={wednesday.isoformat()}")
    pavel.send("/visits/waiting")
    travel.move_to(clock.at(wednesday, Window.get().starts) - timedelta(hours=1))
    coming = sign_in("pavel").get("/").text
    assert coming.count("Ukázkový spolek Návrat") >= 10, "all who come stand on Today"
