"""The table of follow-ups, tried whole over HTTP: each state × event × person, own and foreign; and what must hold."""
import pytest

import clock
import db
from crypto import token_hash
from models import Channel, FollowUp, FollowUpNeed, Membership, Prompt, PromptState, User, Wish
from policy import REFERRAL
from services import keys
from services.feedback import TRANSITIONS, Event, Side, link_of

State = PromptState
WORKERS = ("kamila", "klara", "nora", "nela", "pavel", "petra", "karel", "kora", "adam", "parta", "strange_curator")
ASKS = {"kamila", "nora"}  # whose organisation asks, and who has the client there: a lead, and a member by a referral
BY_WORKER = (Event.RECORD, Event.MISS, Event.DECLINE, Event.STOP, Event.RETURN, Event.DIE)
BY_CLIENT = (Event.ANSWER, Event.DECLINE, Event.STOP)


@pytest.fixture
def asked(cast):
    """Karel wants to be asked by mail; the NGO has him by a referral and Nora works with him."""
    with db.writing():
        wish = Wish(client=cast.karel, channel=Channel.MAIL)
        wish.address = keys.seal(wish, "address", "karel@example.org", cast.karel)
        wish.save(force_insert=True)
        Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nora, ground=REFERRAL,
                          since_on=cast.today)
        Prompt.delete().where(Prompt.client == cast.karel).execute()


def in_state(cast, state, organisation):
    """The one follow-up of Karel, in a state, with the link he was sent."""
    with db.writing():
        Wish.update(stopped_at=None, stopped_by=None, asked_to_stop_at=None).where(Wish.client == cast.karel).execute()
        User.update(active=True).where(User.id == cast.karel.user_id).execute()
        FollowUpNeed.delete().execute()
        FollowUp.delete().execute()
        Prompt.delete().where(Prompt.client == cast.karel).execute()
        row = Prompt.create(client=cast.karel, organisation=organisation, worker=None, milestone=30,
                            due_on=cast.today, state=state, opened_on=cast.today, told_at=clock.now())
        Prompt.update(token_hash=token_hash(link_of(row))).where(Prompt.id == row.id).execute()
    return row


def line(state, event, side):
    return next((each for each in TRANSITIONS if (each.old, each.event) == (state, event) and side in each.sides), None)


def request(row, event, side, pin):
    """The address and the form of an event, everything right in it."""
    if side is Side.CLIENT:
        return f"/how-are-you/{link_of(row)}", {"answer": "send" if event is Event.ANSWER else event.value,
                                                "pin": pin, "request_key": str(row.id)}
    if event in (Event.RECORD, Event.MISS):
        return f"/follow-ups/{row.public_id}", {"reached": "not_reached" if event is Event.MISS else "telephone",
                                                "request_key": str(row.id)}
    return f"/follow-ups/{row.public_id}/{event}", {}


def tried(cast, browser, state, event, side, may, pin, organisation):
    """What went otherwise than the table says: nothing, or a sentence; and whether it moved."""
    row = in_state(cast, state, organisation)
    step = line(state, event, side) if may else None
    answer = browser.post(*request(row, event, side, pin))
    now = Prompt.get_by_id(row.id).state
    wanted, statuses = (step.new, {303}) if step else (state, {404, 422})
    wrong = now is not wanted or answer.status not in statuses
    return f"{state} {event} {browser.name} {organisation.slug}: {answer.status}, {now}" if wrong else "", bool(step)


@pytest.mark.parametrize("state", State)
def test_each_state_event_and_worker(app, cast, sign_in, asked, state):
    wrong, moved = [], 0
    for name in WORKERS:
        browser = sign_in(name)
        for organisation, asks in ((cast.municipality, {"kamila"}), (cast.ngo, {"nora", "nela"})):
            for event in BY_WORKER:
                found, did = tried(cast, browser, state, event, Side.WORKER, name in asks, "", organisation)
                wrong += [found] if found else []
                moved += did
    assert not wrong, "\n".join(wrong)
    assert moved or not any(each.old is state and Side.WORKER in each.sides for each in TRANSITIONS)


@pytest.mark.parametrize("state", State)
def test_each_state_and_event_of_the_client(app, cast, sign_in, browser, asked, state, monkeypatch):
    monkeypatch.setattr("services.accounts.PIN_TRIES", 99)
    wrong = [tried(cast, who, state, event, Side.CLIENT, pin == cast.pin, pin, cast.municipality)[0]
             for who in (browser, sign_in("pavel")) for event in BY_CLIENT for pin in (cast.pin, "000000")]
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_the_table_names_each_line_once_and_reaches_every_state():
    lines = [(each.old, each.event) for each in TRANSITIONS]
    assert len(lines) == len(set(lines)) and all(each.sides for each in TRANSITIONS)
    assert {each.new for each in TRANSITIONS} == set(State)
    assert {each.event for each in TRANSITIONS} == set(Event)


def test_a_line_taken_out_is_seen(app, cast, sign_in, asked, monkeypatch):
    monkeypatch.setattr("services.feedback.machine.TRANSITIONS",
                        [each for each in TRANSITIONS if each.event is not Event.DIE])
    found, _moved = tried(cast, sign_in("kamila"), State.OPEN, Event.DIE, Side.WORKER, True, "", cast.municipality)
    assert "422" in found


def test_an_erased_or_unknown_link_is_the_same_nothing(cast, browser, asked):
    row = in_state(cast, State.DIED, cast.municipality)
    dead, unknown = browser.get(f"/how-are-you/{link_of(row)}"), browser.get(f"/how-are-you/{'x' * 43}")
    assert (dead.status, dead.body) == (404, unknown.body)
