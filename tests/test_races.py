"""Many at once on one seat, as processes of their own through the pages. fig-C1, fig-C2."""
import multiprocessing
import queue
from contextlib import contextmanager
from datetime import time, timedelta
from itertools import islice

import pytest

import db
from models import Booking, BookingSeat, Lane, Place, Window
from services import slots, visits
from tests.support.browser import Browser

FORKED = multiprocessing.get_context("fork")
PATIENCE = 60  # seconds
INDEX = "booking_seat_window_id_starts_at_lane_seat"


def one_seat_slots(cast, count):
    """Slots of a room of its own where one visit fits in at once."""
    with db.writing():
        room = Place.create(prison=cast.prison, name="Jediná židle", capacity=4)
        for weekday in range(5):
            Window.create(place=room, weekday=weekday, starts=time(6), ends=time(20), slot_minutes=15, seats=1,
                          notice_days=1, valid_from=cast.today)
    ahead = slots.slots_between([cast.prison], cast.today + timedelta(days=1), cast.today + timedelta(days=30))
    return list(islice((slot for slot in ahead if slot.window.place_id == room.id), count))


def contend(engine, cast, keys, processes, before=None, more=None):
    """Each process asks for each slot, all at the same moment. Answers as (slot, status, loser's page is of use)."""
    barrier, answers = FORKED.Barrier(processes), FORKED.Queue()
    db.database.close()
    runs = [FORKED.Process(target=_ask_for_all, args=(engine, cast, keys, barrier, answers, before, more or {}))
            for _number in range(processes)]
    for run in runs:
        run.start()
    try:
        return [answers.get(timeout=PATIENCE) for _each in range(processes * len(keys))]
    except queue.Empty:
        raise AssertionError([run.exitcode for run in runs]) from None
    finally:
        for run in runs:
            run.join(PATIENCE)
        engine.bind()


def _ask_for_all(engine, cast, keys, barrier, answers, before, more):
    engine.bind()
    if before:
        before()
    browser, page = Browser(engine.app, cast, "nela"), f"/visits/request/{cast.prison.public_id}/details"
    browser.get("/visits")
    person = cast.nela.public_id
    for key in keys:
        barrier.wait(PATIENCE)
        answer = browser.post(page, {"slot": key, "colleagues": person, "purpose": "dluhy", "step": "send",
                                     "request_key": visits.new_request_key(), **more})
        answers.put((key, answer.status, answer.status == 303 or _is_of_use(answer, key)))
    answers.close()
    answers.join_thread()


def _is_of_use(answer, key):
    """A loser's page: 422, the sentence, other times to choose from, what was typed."""
    offered = [each["value"] for each in answer.page.all("input") if each["name"] == "slot"] if answer.page else []
    return answer.status == 422 and "předběhl" in answer.text and len(offered) > 1 and key not in offered \
        and "dluhy" in answer.html


def sold(count):
    """How many of the slots have several visits, and how many none."""
    held = [row.starts_at for row in Booking.select(Booking.starts_at)]
    return sum(held.count(moment) > 1 for moment in set(held)), count - len(set(held))


def trust_the_guess():
    """The protection taken away: what was free before the lock counts, and nobody looks again."""
    slots.take_seat = lambda slot, booking, people=1: slots._insert_seat(slot.window.id, slot.starts_at, 0, booking)


@contextmanager
def without_index():
    """Seats without their unique index."""
    with db.writing():
        db.database.execute_sql(f"DROP INDEX {INDEX}")
    yield
    with db.writing():
        BookingSeat.delete().execute()
        db.database.execute_sql(f"CREATE UNIQUE INDEX {INDEX} ON booking_seat (window_id, starts_at, lane, seat)")


def control_run(engine, cast, keys):
    """How many of these slots are sold twice where the index and the look under the lock are missing."""
    before = sold(0)[0]
    with without_index():
        contend(engine, cast, keys, 8, trust_the_guess)
        return sold(0)[0] - before


def check(figure, engine, cast, processes, count):
    keys = [slot.key for slot in one_seat_slots(cast, count + 6)]
    answers = contend(engine, cast, keys[:count], processes)
    twice, nobody = sold(count)
    assert [status for _key, status, _use in answers].count(303) == BookingSeat.select().count() == count
    losers = [use for _key, status, use in answers if status != 303]
    bare = Browser(engine.app, cast, "nela").get("/accessibility")
    figure(f"fig-C2 losers without a useful answer, {processes} processes", losers.count(False), "losers", len(losers),
           control=not _is_of_use(bare, "") and "another page judged as a loser's: of no use")
    unprotected = control_run(engine, cast, keys[count:])
    figure(f"fig-C1 seats sold twice or to nobody, {processes} processes", twice + nobody, "slots", count,
           control=unprotected and f"no index, no look under the lock: {unprotected} of 6 sold twice")


def test_one_winner_a_seat(figure, engine, app, cast):
    check(figure, engine, cast, 8, 12)


def test_sixteen_at_once(figure, engine, app, cast):
    check(figure, engine, cast, 16, 4)


@pytest.mark.long
@pytest.mark.parametrize(("processes", "count"), [(8, 200), (32, 50)])
def test_one_winner_a_seat_many_times(figure, engine, app, cast, processes, count):
    check(figure, engine, cast, processes, count)


def test_of_several_seats_exactly_so_many_are_given(engine, app, cast):
    keys = [slot.key for slot in one_seat_slots(cast, 3)]
    with db.writing():
        Window.update(seats=3).execute()
    answers = contend(engine, cast, keys, 8)
    assert [status for _key, status, _use in answers].count(303) == 9
    assert sorted(row.seat for row in BookingSeat.select()) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_where_people_are_counted_exactly_so_many_come(engine, app, cast):
    keys = [slot.key for slot in one_seat_slots(cast, 3)]
    with db.writing():
        Window.update(seats=9, people=4).execute()
    answers = contend(engine, cast, keys, 8)
    assert [status for _key, status, _use in answers].count(303) == 12, "four people in each of three slots"
    held = BookingSeat.select().where(BookingSeat.lane == Lane.PERSON)
    assert sorted(row.seat for row in held) == sorted([0, 1, 2, 3] * 3)


def test_of_two_trips_over_the_same_times_one_gets_all(engine, app, cast):
    key = one_seat_slots(cast, 4)[0].key
    answers = contend(engine, cast, [key], 8, more={"after": "4"})
    assert [status for _key, status, _use in answers].count(303) == 1
    assert Booking.select().count() == BookingSeat.select().count() == 4
    assert len({row.trip for row in Booking.select()}) == 1
