"""The machine of a visit over HTTP: every state, event, role, own and foreign; and random walks. fig-B5."""
import random
from datetime import timedelta

import pytest

import clock
import db
from models import Booking, BookingState, Client, FlagCause
from services import visits
from services.visits import TRANSITIONS, Event, Side, machine, review
from tests.support import visit_states
from tests.support.browser import Browser
from tests.support.visit_states import BUILT, send, violations
from tests.support.visits import asked, free

State = BookingState
# Written by hand, apart from the table in the service: who may what, where.
PRISON, SENDER = ("pavel", "patrik"), ("nela", "nora")
ALLOWED = {
    "waiting": {"withdraw": SENDER, "note": SENDER},
    "offered": {"take": SENDER, "withdraw": SENDER, "note": SENDER},
    "requested": {"confirm": PRISON, "decline": PRISON, "counter": PRISON, "withdraw": SENDER, "note": SENDER},
    "several": {"confirm": PRISON, "decline": PRISON, "counter": PRISON, "withdraw": SENDER, "note": SENDER},
    "changed": {"confirm": PRISON, "decline": PRISON, "counter": PRISON, "withdraw": SENDER, "note": SENDER},
    "countered": {"accept": SENDER, "refuse": SENDER, "withdraw": SENDER, "note": SENDER},
    "confirmed": {"cancel": PRISON + SENDER, "change": SENDER, "counter": PRISON, "note": PRISON + SENDER},
    "flagged": {"cancel": PRISON + SENDER, "change": SENDER, "counter": PRISON, "note": PRISON + SENDER,
                "keep": PRISON},
}
LEADS_TO = {"confirm": "confirmed", "decline": "declined", "counter": "countered", "withdraw": "withdrawn",
            "accept": "confirmed", "refuse": "withdrawn", "take": "requested", "cancel": "cancelled",
            "change": "requested", "keep": "confirmed"}
EVENTS = [Event.CONFIRM, Event.DECLINE, Event.COUNTER, Event.WITHDRAW, Event.ACCEPT, Event.REFUSE, Event.TAKE,
          Event.KEEP, Event.CHANGE, Event.NOTE, Event.CANCEL]
STRANGERS = ["strange_prison", "strange_ngo", "kamila", "petra", "karel", "kora", "adam", "parta"]
ACTORS = [*PRISON, *SENDER, *STRANGERS]


class Trial:
    """One state of one visit, tried by everybody with every event; made anew where somebody changed it."""

    def __init__(self, app, engine, cast, name):
        self.app, self.engine, self.cast, self.name = app, engine, cast, name
        self.begin()

    def begin(self):
        self.engine.restore()
        self.booking = BUILT[self.name](self.cast)
        self.state = self.booking.state
        self.before = Booking.get_by_id(self.booking.id).changed_at
        self.browsers = {name: Browser(self.app, self.cast, name) for name in ACTORS}

    def differences(self):
        for name in ACTORS:
            for event in EVENTS:
                yield from self._try(name, event)

    def _try(self, name, event):
        allowed = name in ALLOWED.get(self.name, {}).get(event.value, ())
        answer = send(self.browsers[name], self.cast, self.booking, event)
        now = Booking.get_by_id(self.booking.id).state
        expected = self._state_after(event) if allowed else self.state
        if answer.status >= 500 or now != expected or ((answer.status == 404) != (name in STRANGERS) and not (
                answer.status == 404 and not allowed)):
            yield f"{self.name}, {event}, {name}: {answer.status}, {now} and not {expected}"
        yield from violations()
        if allowed or now != self.state:
            self.begin()

    def _state_after(self, event):
        return State(LEADS_TO[event.value]) if event.value in LEADS_TO else self.state


@pytest.mark.parametrize("name", BUILT)
def test_every_event_in_every_state_by_everybody(app, engine, cast, name):
    assert list(Trial(app, engine, cast, name).differences()) == []


def test_every_state_has_a_way_there_and_every_line_of_the_table_one_that_knows_it():
    lines = {(step.old, step.event) for step in TRANSITIONS if step.old and step.sides & {Side.PRISON, Side.SENDER}}
    by_hand = {(BUILT_STATES[name], Event(event)) for name, events in ALLOWED.items() for event in events}
    # the prison changes a confirmed visit by the same page on which it proposes a time for a request
    by_hand = {(state, Event.CHANGE if (state, event) == (State.CONFIRMED, Event.COUNTER) else event)
               for state, event in by_hand}
    apart = {Event.RECORD, Event.OBJECT, Event.FLAG}  # after the day; by what changes the world
    assert {line for line in lines if line[1] not in apart} == by_hand


BUILT_STATES = {"waiting": State.WAITING, "offered": State.WAITING, "requested": State.REQUESTED,
                "several": State.REQUESTED, "changed": State.REQUESTED, "countered": State.COUNTERED,
                "confirmed": State.CONFIRMED, "flagged": State.CONFIRMED}


# Walks

class Walk:
    """A random walk of several visits of two organisations, time going on; each step is checked."""

    def __init__(self, app, engine, cast, travel, seed):
        engine.restore()
        self.app, self.cast, self.travel, self.chance = app, cast, travel, random.Random(seed)
        self.browsers = {name: Browser(app, cast, name) for name in (*PRISON, *SENDER, "kamila", "strange_ngo")}
        self.steps, self.found = 0, []
        with db.writing():
            Client.update(released_on=None).execute()

    def go(self, steps):
        self._ask()
        for _number in range(steps):
            self.chance.choice([self._ask, self._act, self._act, self._act, self._act, self._time])()
            self.steps += 1
            self.found += violations()
        return self.found

    def _ask(self):
        name = self.chance.choice(["nela", "kamila"])
        slot = self.chance.choice([visit_states.one_seat(self.cast), visit_states.one_seat(self.cast, 1),
                                   free(self.cast.prison, self.chance.randrange(4))])
        fields = {"slot": slot.key, "colleagues": [self.cast.user(name).public_id], "purpose": "dluhy",
                  "request_key": visits.new_request_key(), "step": "send"}
        if self.chance.random() < 0.4:
            fields["others"] = [free(self.cast.prison, self.chance.randrange(8)).key]
        if self.chance.random() < 0.5:
            fields["wait"] = "y"
        if name == "kamila":
            fields["clients"] = [self.cast.karel.public_id]
        answer = self.browsers[name].post(f"/visits/request/{self.cast.prison.public_id}/details", fields)
        if answer.status not in {303, 422}:
            self.found.append(f"asking answered {answer.status}")

    def _act(self):
        booking = self.chance.choice(list(Booking.select()))
        name, event = self.chance.choice(list(self.browsers)), self.chance.choice(EVENTS)
        allowed = self._allowed(name, booking, event)
        answer = send(self.browsers[name], self.cast, booking, event)
        moved = Booking.get_by_id(booking.id).state is not booking.state
        if answer.status >= 500 or (moved and not allowed):
            self.found.append(f"{name}: {event} of {booking.state} answered {answer.status}, moved {moved}")

    def _allowed(self, name, booking, event):
        side = machine.side_of(self.cast.user(name), booking)
        events = {event, Event.CHANGE} if event is Event.COUNTER else {event}
        return any(step.event in events and machine.fits(step, booking, side)
                   and not (step.guard and step.guard(booking, side)) for step in GENUINE)

    def _time(self):
        self.travel.shift(self.chance.choice([3600, 26 * 3600, 3 * 86_400]))
        visits.run_out_due(), visits.overdue_due(), visits.lapse_due()
        for booking in Booking.select().where(Booking.state == State.CONFIRMED).limit(1):
            review.flag(None, [booking.id], self.chance.choice(list(FlagCause)))
        self.browsers = {name: Browser(self.app, self.cast, name) for name in self.browsers}


GENUINE = list(TRANSITIONS)  # the table as it is, whatever a control does to it


def walks(app, engine, cast, travel, seeds, steps):
    found, taken = [], 0
    for seed in seeds:
        travel.move_to(cast.now)
        walk = Walk(app, engine, cast, travel, seed)
        found += walk.go(steps)
        taken += walk.steps
    return found, taken


def check(app, engine, cast, travel, figure, monkeypatch, seeds, steps):
    found, taken = walks(app, engine, cast, travel, seeds, steps)
    unguarded = [machine.Transition(step.old, step.event, step.new, step.sides | {Side.SENDER}, step.needs_reason,
                                    step.begun) if step.event is Event.CONFIRM else step for step in TRANSITIONS]
    with monkeypatch.context() as control:
        control.setattr("services.visits.deciding.TRANSITIONS", unguarded)
        control.setattr("policy.ROLE_CAN", everybody_decides())
        wrong, _taken = walks(app, engine, cast, travel, seeds, steps)
    travel.move_to(cast.now)
    assert not found, found[:5]
    figure("fig-B5 violations of the machine of visits, random walks over HTTP", len(found), "violations", taken,
           control=wrong and f"confirming by the sender let through: {len(wrong)} found")


def everybody_decides():
    import policy
    return {role: can | ({policy.Can.DECIDE_VISITS} if policy.Can.REQUEST_VISITS in can else set())
            for role, can in policy.ROLE_CAN.items()}


def test_random_walks_break_nothing(app, engine, cast, travel, figure, monkeypatch):
    check(app, engine, cast, travel, figure, monkeypatch, range(3), 40)


@pytest.mark.long
def test_many_random_walks_break_nothing(app, engine, cast, travel, figure, monkeypatch):
    check(app, engine, cast, travel, figure, monkeypatch, range(100, 140), 120)


def test_what_must_hold_is_seen_to_be_broken(cast):
    booking = asked(cast.nela, cast.prison)
    assert violations() == []
    with db.writing():
        Booking.update(state=State.CONFIRMED, offer_until=clock.now() + timedelta(hours=1)).where(
            Booking.id == booking.id).execute()
    assert len(violations()) == 2, "the history ends elsewhere, an offer of nothing"
