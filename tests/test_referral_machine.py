"""The table of referrals, tried whole: each state × event × person, own and foreign, over HTTP; and what must hold."""
from datetime import timedelta

import pytest

import clock
import db
from models import Closing, Need, Referral, ReferralEvent, ReferralNeed, ReferralState, ServiceCondition
from services.referrals import TRANSITIONS, Event, Side, machine, sides_of
from tests.test_referrals import service

State = ReferralState
PEOPLE = ("pavel", "patrik", "nela", "nora", "karel", "kamila", "kora", "adam", "strange_ngo", "cyril")
EVENTS = [event for event in Event if event not in (Event.FALL_BACK, Event.FLAG_LATE, Event.RUN_OUT, Event.NO_CONTACT,
                                                    Event.REVIEW, Event.ASK_LINE)]
WRITTEN = (Event.SEND, Event.CANNOT_MEET)  # buttons of the form that writes a draft
NEEDED = {State.DECLINED: {"reason": "other"}, State.WITHDRAWN: {"reason": "other"},
          State.CLOSED: {"closing": Closing.EARLY, "closed_at": True}}


def in_state(cast, target, state):
    """A referral of Pavel's to Nela's desk in a state; taken on by Nora where it was taken on."""
    columns = {name: clock.now() if value is True else value for name, value in NEEDED.get(state, {}).items()}
    taken = state in (State.ACCEPTED, State.IN_CARE, State.CLOSED, State.HANDED_ON)
    with db.writing():
        row = Referral.create(
            number=f"P-{state}-{Referral.select().count()}", request_key=f"{Referral.select().count()}",
            client=cast.karel, sender=cast.prison, author=cast.pavel, service=target, receiver=cast.ngo, state=state,
            worker=cast.nora if taken else None, answer_by=cast.today, sent_at=clock.now(),
            paused_at=clock.now() if state is State.QUESTION else None, review_at=clock.now(), **columns)
        ReferralNeed.create(referral=row, need=Need.HOUSING)
    return row


def form(cast, event, other):
    """A form of an event with everything right in it, and its address."""
    fields = {"accept": {"worker": cast.nora.public_id}, "ask": {"text": "Má doklady?"}, "answer": {"text": "Ano."},
              "decline": {"reason": "capacity"}, "withdraw": {"reason": "client"}, "reopen": {"text": "Přišel znovu."},
              "line": {"text": "Chodí pravidelně."},
              "close": {"closing": "did_not_come"}, "hand_on": {"service": other.public_id},
              "send": {"needs": "housing", "level": "0", "step": "send"},
              "cannot_meet": {"needs": "housing", "level": "0", "step": "unmet", "met_0": "no"},
              "amend": {"level": "0", "language": "cs", "release_month": "2027-05"}}
    return ("edit" if event in WRITTEN else event.value), fields.get(event.value, {})


def allowed(actor, row, event):
    sides = sides_of(actor, row)
    return any(each.event is event and each.old is row.state and each.sides & sides for each in TRANSITIONS)


@pytest.mark.parametrize("state", State)
def test_each_state_event_and_person(app, engine, cast, sign_in, state):
    target, other = service(cast.ngo, "nase"), service(cast.other_ngo, "dalsi", Need.HOUSING)
    with db.writing():
        ServiceCondition.create(service=target, place=0, text="osobní pohovor")
    browsers, wrong, moved = {name: sign_in(name) for name in PEOPLE}, [], 0
    for event in EVENTS:
        path, fields = form(cast, event, other)
        row = in_state(cast, target, state)
        for name, browser in browsers.items():
            may = allowed(cast.user(name), Referral.get_by_id(row.id), event)
            if event in WRITTEN and name == "karel":
                may = False  # a client sends their own by asking, never another's draft
            events = ReferralEvent.select().where(ReferralEvent.referral == row).count()
            answer = browser.post(f"/referrals/{row.public_id}/{path}", fields)
            did = ReferralEvent.select().where(ReferralEvent.referral == row).count() > events
            if did != may or answer.status not in ({303} if may else {303, 404, 422}):
                wrong.append((event, name, answer.status, did, may))
            if did:
                moved += 1
                row = in_state(cast, target, state)
    assert not wrong, wrong
    assert moved or not any(each.old is state and each.event in EVENTS for each in TRANSITIONS)
    assert violations() == []


def violations():
    """What must hold of each referral: its history ends where it stands, reasons and ends are there."""
    found = []
    for row in Referral.select():
        last = ReferralEvent.select().where(ReferralEvent.referral == row).order_by(ReferralEvent.id.desc()).first()
        if last is not None and last.new_state != row.state:
            found.append((row.number, "its history ends elsewhere"))
        if last is not None and row.state in (State.DECLINED, State.WITHDRAWN) and not row.reason:
            found.append((row.number, "no reason"))
    return found


def test_the_table_names_each_line_once_and_leads_somewhere():
    lines = [(each.old, each.event) for each in TRANSITIONS]
    assert len(lines) == len(set(lines)) and all(each.sides for each in TRANSITIONS)
    reached = {State.DRAFT} | {each.new for each in TRANSITIONS}
    assert reached == set(State)
    assert all(event in {each.event for each in TRANSITIONS} for event in Event)


def test_after_thirty_days_nothing_is_opened_again(cast):
    row = in_state(cast, service(cast.ngo), State.CLOSED)
    with db.writing():
        Referral.update(closed_at=clock.now() - timedelta(days=31)).where(Referral.id == row.id).execute()
    row = Referral.get_by_id(row.id)
    assert Event.REOPEN not in machine.open_events(row, frozenset({Side.RECEIVER}))


def test_a_broken_history_is_seen(cast):
    row = in_state(cast, service(cast.ngo), State.SENT)
    with db.writing():
        ReferralEvent.create(referral=row, event="accept", new_state=State.ACCEPTED)
    assert len(violations()) == 1
