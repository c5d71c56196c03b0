"""Joint days: making one, codes, who may, and the tasks that come of it."""
from datetime import timedelta

import pytest

import clock
import db
from models import Booking, Client, JointDay, JointDayClient, Journal, Task, Window
from services import tasks, visits
from services.visits import SlotTaken, joint_days
from tests.support import joint_days as play


def test_a_day_holds_its_seats_for_organisations(sign_in, cast):
    day = play.make(sign_in("pavel"), cast, seats=1)
    window = day.window
    assert (window.extra, window.seats, window.slot_minutes, window.valid_from) == (
        True, 1, 180, clock.today() + timedelta(days=7))
    third = play.third_ngo(cast)
    play.book(cast, cast.nela, day)
    with pytest.raises(SlotTaken):
        play.book(cast, third, day)


@pytest.mark.parametrize(("field", "value"), [
    ("name", ""), ("name", " \u200b"), ("name", "x" * 101), ("place", ""), ("place", "x"), ("day", "2020-01-01"),
    ("day", "2040-01-01"), ("day", "nic"), ("day", "\0"), ("starts", "25:00"), ("ends", "12:00"), ("ends", ""),
    ("seats", "0"), ("seats", "100"), ("seats", "x"), ("minutes", "-1"), ("minutes", "99999")])
def test_bad_input_is_named_beside_its_field(sign_in, cast, field, value):
    pavel = sign_in("pavel")
    pavel.get("/joint-days/new")
    good = {"name": "Den", "place": cast.place.public_id, "day": str(clock.today() + timedelta(days=7)),
            "starts": "13:00", "ends": "16:00", "seats": "3", "minutes": "90"}
    answer = pavel.send("/joint-days/new", **{**good, field: value})
    assert answer.status == 422 and answer.page.id(f"{field}-error"), answer.text
    assert not JointDay.select().exists() and not Window.select().where(Window.extra == True).exists()  # noqa: E712


def test_a_room_of_another_prison_is_none(cast):
    from datetime import time

    from errors import RuleBroken
    from models import Place
    place = Place.get(Place.prison == cast.other_prison)
    with pytest.raises(RuleBroken):
        joint_days.create(cast.pavel, joint_days.Plan("Den", place.public_id, clock.today() + timedelta(days=3),
                                                      time(9), time(11), 3))


@pytest.mark.parametrize("name", ["nela", "kamila", "kora", "adam", "karel", "parta"])
def test_only_prisons_have_joint_days(sign_in, cast, name):
    day = play.make(sign_in("pavel"), cast)
    visitor = sign_in(name)
    of_day = f"/joint-days/{day.public_id}"
    for path in ("/joint-days", "/joint-days/new", of_day, f"{of_day}/record"):
        assert visitor.get(path).status == 404
    assert sign_in("strange_prison").get(of_day).status == 404


def test_codes_of_others_and_of_nobody_are_the_same(sign_in, cast):
    """A code that exists elsewhere says no more than one that does not."""
    day = play.make(sign_in("pavel"), cast)
    with db.writing():
        Client.update(released_on=None).execute()
    nobody = "AAAAA" + __import__("crypto").check_sign("AAAAA")
    whys = [joint_days.sign_up(cast.pavel, day.public_id, code).bad[0][1].replace(code, "")
            for code in (cast.cyril.code, nobody)]
    assert whys[0] == whys[1] and JointDayClient.select().count() == 0


def test_a_code_twice_is_one_client_and_a_released_one_is_none(sign_in, cast):
    day, (client,) = play.make(sign_in("pavel"), cast), play.clients(cast, 1)
    entered = joint_days.sign_up(cast.pavel, day.public_id, f"{client.code} {client.code.lower()}")
    assert entered.added == [client.code]
    assert joint_days.sign_up(cast.pavel, day.public_id, client.code).before == [client.code]
    assert Task.select().count() == 1
    assert joint_days.sign_up(cast.pavel, day.public_id, cast.karel.code).bad  # he is out


@pytest.mark.parametrize("codes", ["", " \n ", "\0", "<script>", "=1+1", "x" * 9000, " ".join(["ABCDEF"] * 3)])
def test_no_codes_at_all(sign_in, cast, codes):
    pavel = sign_in("pavel")
    day = play.make(pavel, cast)
    address = f"/joint-days/{day.public_id}"
    pavel.get(address)
    assert pavel.send(f"{address}/clients", codes=codes).status == 422


def test_who_is_taken_off_has_no_task(sign_in, cast):
    pavel = sign_in("pavel")
    day, (client,) = play.make(pavel, cast), play.clients(cast, 1)
    joint_days.sign_up(cast.pavel, day.public_id, client.code)
    pavel.get(f"/joint-days/{day.public_id}")
    assert pavel.send(f"/joint-days/{day.public_id}/take-off").status == 303
    assert not JointDayClient.select().exists() and not Task.select().exists()


def test_a_member_sees_own_codes_and_a_number(sign_in, cast):
    day = play.make(sign_in("pavel"), cast)
    (client,) = play.clients(cast, 1)
    joint_days.sign_up(cast.pavel, day.public_id, client.code)
    text = sign_in("patrik").get(f"/joint-days/{day.public_id}").text
    assert client.code not in text and "A ještě 1" in text
    assert Journal.select().where(Journal.what == "joint_day.open", Journal.actor == cast.patrik.id).count() == 0


def test_before_the_day_nothing_is_written_down(sign_in, cast):
    pavel = sign_in("pavel")
    day = play.make(pavel, cast)
    play.book(cast, cast.nela, day)
    address = f"/joint-days/{day.public_id}/record"
    assert pavel.post(address, {"minutes": "90"}).status == 422
    assert Booking.get().state == "confirmed" and visits.Event.RECORD


# Tasks

def test_tasks_are_seen_by_their_owner_and_the_lead(sign_in, cast):
    day = play.make(sign_in("pavel"), cast)
    (client,) = play.clients(cast, 1, worker=cast.patrik)
    joint_days.sign_up(cast.pavel, day.public_id, client.code)
    task = Task.get()
    assert task.owner == cast.patrik
    assert [row.owner for row in tasks.today(cast.pavel).rows] == ["Patrik Pomalý"]
    assert [row.owner for row in tasks.today(cast.patrik).rows] == [""]
    for name in ("nela", "strange_prison", "kamila", "kora"):
        assert tasks.today(cast.user(name)) is None
    stranger = sign_in("strange_prison")
    assert stranger.post(f"/tasks/{task.public_id}/done").status == 404
    patrik = sign_in("patrik")
    for _click in range(2):
        assert patrik.post(f"/tasks/{task.public_id}/done").status == 303
    assert Journal.select().where(Journal.what == "task.done").count() == 1 and tasks.today(cast.pavel) is None
