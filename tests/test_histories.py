"""Many book, cancel, move and change the number of seats at once: some order explains each answer. fig-C3."""
import queue
import random
import time as wall
from dataclasses import dataclass, replace
from datetime import time

import pytest

import db
from errors import Missing, RuleBroken
from models import Booking, BookingSeat, Lane, Place, Reason, Window
from services import openings, slots, visits
from services.visits import Event, Wish
from services.visits.changing import Change
from tests.support.visits import asked
from tests.test_races import FORKED, PATIENCE

PROCESSES = 16
SEATS = 2
# what each process does: (what, which slot or how many seats)
WORK = [*[("book", number % 2) for number in range(10)], ("withdraw", 0), ("cancel", 0), ("move", 1), ("move", 1),
        ("seats", 3), ("seats", 1)]


@dataclass(frozen=True)
class Done:
    """What one process did between two moments, and with what result; `window` is which of the windows it saw."""

    what: str
    number: int
    window: int
    result: bool
    begun: float
    over: float


@dataclass(frozen=True)
class Scene:
    """A room with two times of two seats; the first is full: one visit is confirmed, one asked for."""

    room: int
    starts: tuple
    confirmed: str
    requested: str


@dataclass(frozen=True)
class State:
    """What the rules say: which window is open, how many fit in, who holds seats of the two times."""

    window: int = 0
    seats: int = SEATS
    held: tuple = (SEATS, 0)
    stands: bool = True  # the confirmed visit, neither moved nor cancelled
    moved: bool = False  # who moves it again is told that it is done: a second click
    waits: bool = True  # the one asked for

    def after(self, done: Done) -> "State | None":
        """The state that follows, or None where this result could not be."""
        if done.what == "move" and self.moved:
            return self if done.result else None
        possible = self._possible(done)
        if not done.result:
            return self if not possible or done.what == "seats" else None
        return self._changed(done) if possible else None

    def _possible(self, done):
        if done.what == "withdraw":
            return self.waits
        if done.what == "cancel":
            return self.stands
        if done.window != self.window:
            return False
        room = done.what == "seats" or self.held[done.number] < self.seats
        return room and (done.what != "move" or self.stands)

    def _changed(self, done):
        if done.what == "seats":
            return replace(self, window=self.window + 1, seats=done.number)
        if done.what in {"withdraw", "cancel"}:
            gone = {"waits": False} if done.what == "withdraw" else {"stands": False}
            return replace(self, held=(self.held[0] - 1, self.held[1]), **gone)
        held = tuple(count + (number == done.number) for number, count in enumerate(self.held))
        return replace(self, held=held, **({"stands": False, "moved": True} if done.what == "move" else {}))


def explained(history: list[Done], held: tuple) -> bool:
    """Whether some order, in which nothing comes before what was over when it began, leads to these results."""
    dead = set()

    def goes_on(left, state):
        if not left:
            return state.held == held
        if (left, state) in dead:
            return False
        first_over = min(history[each].over for each in left)
        for each in left:
            following = state.after(history[each]) if history[each].begun <= first_over else None
            if following is not None and goes_on(left - {each}, following):
                return True
        dead.add((left, state))
        return False
    return goes_on(frozenset(range(len(history))), State())


# The run

def scenes(cast, count) -> list[Scene]:
    day = cast.next_weekday(0)
    with db.writing():
        rooms = [Place.create(prison=cast.prison, name=f"Místnost {number}", capacity=4) for number in range(count)]
        windows = [Window.create(place=room, weekday=0, starts=time(12), ends=time(13), slot_minutes=30, seats=SEATS,
                                 valid_from=day, valid_until=day, extra=True, notice_days=0) for room in rooms]
    return [_scene(cast, window) for window in windows]


def _scene(cast, window):
    starts = [begins for begins, _ends in slots.times_on(window, window.valid_from)]
    first = slots.find(cast.prison.id, _key(window, starts[0]))
    confirmed, requested = (asked(cast.nela, cast.prison, first) for _each in range(2))
    visits.advance(cast.pavel, confirmed.public_id, Event.CONFIRM)
    return Scene(window.place_id, tuple(starts), confirmed.public_id, requested.public_id)


def _key(window, moment):
    return f"{window.public_id}.{moment.strftime(slots.STAMP)}"


def play(engine, cast, all_scenes, seed):
    """Each process does its work in each scene, all at the same moment; what was done, by scene."""
    barrier, answers, order = FORKED.Barrier(PROCESSES), FORKED.Queue(), random.Random(seed)
    shuffled = [order.sample(WORK, len(WORK)) for _scene in all_scenes]
    db.database.close()
    runs = [FORKED.Process(target=_work, args=(engine, cast, all_scenes, [each[number] for each in shuffled], barrier,
                                               answers)) for number in range(PROCESSES)]
    for run in runs:
        run.start()
    histories = [[] for _scene in all_scenes]
    try:
        for _each in range(PROCESSES * len(all_scenes)):
            number, done = answers.get(timeout=PATIENCE)
            histories[number].append(done)
    except queue.Empty:
        raise AssertionError([run.exitcode for run in runs]) from None
    finally:
        for run in runs:
            run.join(PATIENCE)
        engine.bind()
    return histories


def _work(engine, cast, all_scenes, work, barrier, answers):
    engine.bind()
    with engine.app.app_context():
        for number, (scene, (what, which)) in enumerate(zip(all_scenes, work, strict=True)):
            barrier.wait(PATIENCE)
            answers.put((number, _do(cast, scene, what, which)))
    answers.close()
    answers.join_thread()


def _do(cast, scene, what, which):
    begun = wall.monotonic()
    windows = list(Window.select().where(Window.place == scene.room).order_by(Window.id))
    try:
        result = DOES[what](cast, scene, windows[-1], which)
    except (RuleBroken, Missing):
        result = False
    return Done(what, which, len(windows) - 1, result, begun, wall.monotonic())


def _book(cast, scene, window, which):
    wish = Wish(slot=_key(window, scene.starts[which]), colleagues=[cast.nela.public_id], purpose="dluhy")
    visits.ask(cast.nela, cast.prison, visits.new_request_key(), wish)
    return True


def _withdraw(cast, scene, _window, _which):
    visits.advance(cast.nela, scene.requested, Event.WITHDRAW)
    return True


def _cancel(cast, scene, _window, _which):
    visits.advance(cast.nela, scene.confirmed, Event.CANCEL, Reason.ORGANISATION)
    return True


def _move(cast, scene, window, which):
    visits.advance(cast.nela, scene.confirmed, Event.CHANGE,
                   change=Change(_key(window, scene.starts[which]), [cast.nela.public_id]))
    return True


def _seats(cast, scene, window, how_many):
    seen = [row.public_id for row in Booking.select(Booking.public_id).where(Booking.place == scene.room)]
    values = {name: getattr(window, name) for name in openings.COLUMNS}
    opening = openings.Opening(**{**values, "seats": how_many})
    return not openings.change_window(cast.pavel, window.public_id, opening, seen)


DOES = {"book": _book, "withdraw": _withdraw, "cancel": _cancel, "move": _move, "seats": _seats}


def held_in(scene) -> tuple:
    """How many visits hold a seat of the two times of the window that is open now."""
    window = Window.select().where(Window.place == scene.room).order_by(Window.id.desc()).get()
    seats = BookingSeat.select().where(BookingSeat.window == window, BookingSeat.lane == Lane.VISIT)
    return tuple(seats.where(BookingSeat.starts_at == moment).count() for moment in scene.starts)


def check(figure, engine, cast, count, seed):
    all_scenes = scenes(cast, count)
    histories = play(engine, cast, all_scenes, seed)
    lost = [scene for scene, history in zip(all_scenes, histories, strict=True)
            if not explained(history, held_in(scene))]
    kinds = {(done.what, done.result) for history in histories for done in history}
    assert {("book", True), ("book", False), ("seats", True), ("withdraw", True)} <= kinds, "nothing was contended for"
    lied = sum(not explained(_with_a_lie(history), held_in(scene))
               for scene, history in zip(all_scenes, histories, strict=True))
    figure("fig-C3 histories of book, cancel, move and number of seats that no order explains", len(lost),
           "histories", n=count, control=lied and f"with one refusal told as a yes: {lied} of {count}")


def _with_a_lie(history):
    """The same, but that who was refused a place says to have got it."""
    refused = next(number for number, done in enumerate(history) if done.what == "book" and not done.result)
    return [replace(done, result=True) if number == refused else done for number, done in enumerate(history)]


def test_some_order_explains_what_sixteen_did(figure, engine, app, cast):
    check(figure, engine, cast, 6, seed=4)


@pytest.mark.long
def test_some_order_explains_what_sixteen_did_many_times(figure, engine, app, cast):
    check(figure, engine, cast, 500, seed=14)
