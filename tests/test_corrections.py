"""Corrections of the book: every state and event, who decides, field by field, and what becomes of it."""
from datetime import timedelta

import pytest
from peewee import IntegrityError

import clock
import db
from errors import Missing, RuleBroken
from models import Correction, CorrectionField, CorrectionState, FieldChange, Organisation, Outbox, RecordKind
from services import corrections
from services.corrections import COORDINATOR, OPEN, OWNER, TRANSITIONS

EVENTS = ("accept", "accept_part", "reject", "lapse")
PEOPLE = {"nela": OWNER, "nora": OWNER, "kora": COORDINATOR, "pavel": None, "parta": None, "adam": None,
          "strange_ngo": None}
# written down once more by hand, so that the table cannot change without anybody noticing
EXPECTED = {
    ("proposed", "accept", OWNER): "accepted", ("proposed", "accept", COORDINATOR): "accepted",
    ("proposed", "accept_part", OWNER): "partly", ("proposed", "accept_part", COORDINATOR): "partly",
    ("proposed", "reject", OWNER): "rejected", ("proposed", "reject", COORDINATOR): "rejected",
    ("lapsed", "accept", COORDINATOR): "accepted", ("lapsed", "accept_part", COORDINATOR): "partly",
    ("lapsed", "reject", COORDINATOR): "rejected",
}


@pytest.fixture
def proposed(cast):
    with db.writing():
        Organisation.update(phone="+420 777 123 456", web="https://old.example").where(
            Organisation.id == cast.ngo.id).execute()
    return corrections.propose(cast.petra, RecordKind.ORGANISATION, cast.ngo.public_id,
                               {"phone": "+420 605 111 222", "web": "https://new.example", "email": cast.ngo.email},
                               "Volala jsem tam včera.")


TAKEN = {"accept": {"phone", "web"}, "accept_part": {"phone"}, "reject": set()}


@pytest.mark.parametrize("state", list(CorrectionState))
def test_every_state_event_and_person(cast, proposed, state):
    for event in ("accept", "accept_part", "reject"):
        for name, role in PEOPLE.items():
            reset(proposed, state)
            to = EXPECTED.get((state.value, event, role))
            if to is None:
                with pytest.raises((Missing, RuleBroken)):
                    corrections.decide(cast.user(name), proposed.public_id, TAKEN[event], "protože")
                assert Correction.get_by_id(proposed.id).state is state
            else:
                assert corrections.decide(cast.user(name), proposed.public_id, TAKEN[event], "protože").state == to
                assert Correction.get_by_id(proposed.id).decided_by == cast.user(name)


def reset(row, state):
    with db.writing():
        Correction.update(state=state, reason="x", decided_by=row.proposed_by, decided_at=None, seen_at=None).where(
            Correction.id == row.id).execute()
        CorrectionField.update(taken=None).where(CorrectionField.correction == row.id).execute()


def test_the_table_says_what_is_expected():
    said = {(state.value, event, role): to.value for (state, event), (to, roles, _reason) in TRANSITIONS.items()
            for role in roles if role != corrections.SYSTEM}
    assert said == EXPECTED
    assert {state for state, _event in TRANSITIONS} == set(OPEN)
    assert all(event in EVENTS for _state, event in TRANSITIONS)


def test_only_fields_that_differ_are_proposed_and_the_lead_is_told(cast, proposed):
    fields = {each.field: (each.old, each.new) for each in proposed.fields}
    assert fields == {"phone": ("+420 777 123 456", "+420 605 111 222"),
                      "web": ("https://old.example", "https://new.example")}
    assert [row.user for row in Outbox.select()] == [cast.nela]


def test_taking_a_part_over_writes_it_with_its_history_and_needs_a_reason(cast, proposed):
    with pytest.raises(RuleBroken) as refused:
        corrections.decide(cast.nela, proposed.public_id, {"phone"}, "  ")
    assert refused.value.field == "reason"
    corrections.decide(cast.nela, proposed.public_id, {"phone"}, "Web je správně.")
    row = cast.ngo
    assert (row.phone, row.web) == ("+420 605 111 222", "https://old.example")
    change = FieldChange.select().where(FieldChange.record == row.public_id).get()
    assert (change.field, change.via, change.actor) == ("phone", f"correction:{proposed.public_id}", cast.nela)
    assert {each.field: each.taken for each in proposed.fields} == {"phone": True, "web": False}


def test_a_loser_of_the_race_is_told_who_decided(cast, proposed):
    corrections.decide(cast.nela, proposed.public_id, {"phone", "web"}, "")
    with pytest.raises(RuleBroken, match="Nela Nová"):
        corrections.decide(cast.kora, proposed.public_id, set(), "ne")


def test_the_database_keeps_a_reason_for_what_was_rejected(cast, proposed):
    with pytest.raises(IntegrityError), db.writing():
        Correction.update(state=CorrectionState.REJECTED, reason="").where(Correction.id == proposed.id).execute()


def test_after_thirty_days_the_coordinator_decides(cast, proposed, travel):
    assert corrections.lapse_due() == 0
    assert corrections.waiting(cast.kora) == [] and corrections.waiting(cast.nela) == [proposed]
    travel.move_to(clock.now() + timedelta(days=30))
    assert corrections.lapse_due() == 1
    assert corrections.waiting(cast.kora) == [proposed] and corrections.waiting(cast.nela) == []


def test_the_coordinator_is_asked_at_once_where_nobody_of_the_organisation_is_here(cast):
    with db.writing():
        lonely = Organisation.create(slug="sama", kind="ngo", name="Sama", sort="s", phone="+420 777 000 000",
                                     state="verified")
    row = corrections.does_not_work(cast.nela, RecordKind.ORGANISATION, lonely.public_id, "phone")
    assert corrections.waiting(cast.kora) == [row]


def test_one_tap_twice_is_one_correction(cast, proposed):
    first = corrections.does_not_work(cast.petra, RecordKind.ORGANISATION, cast.ngo.public_id, "phone")
    assert corrections.does_not_work(cast.kamila, RecordKind.ORGANISATION, cast.ngo.public_id, "phone") == first
    with pytest.raises(Missing):
        corrections.does_not_work(cast.petra, RecordKind.ORGANISATION, cast.ngo.public_id, "name")
    with pytest.raises(Missing):
        corrections.does_not_work(cast.petra, RecordKind.PRISON_PROFILE, cast.prison.public_id, "phone")


def test_nobody_else_sees_a_correction(cast, proposed):
    for name in ("nela", "kora", "petra"):
        assert corrections.page(cast.user(name), proposed.public_id).lines
    for name in ("pavel", "strange_ngo", "karel"):
        with pytest.raises(Missing):
            corrections.page(cast.user(name), proposed.public_id)


def test_the_proposer_takes_note_once(cast, proposed):
    with pytest.raises(Missing):
        corrections.note_outcome(cast.petra, proposed.public_id)
    corrections.decide(cast.nela, proposed.public_id, {"phone", "web"}, "")
    assert corrections.today(cast.petra).outcomes == [proposed]
    with pytest.raises(Missing):
        corrections.note_outcome(cast.nela, proposed.public_id)
    corrections.note_outcome(cast.petra, proposed.public_id)
    assert corrections.today(cast.petra) is None


def test_nothing_changed_is_no_correction(cast):
    with pytest.raises(RuleBroken):
        corrections.propose(cast.petra, RecordKind.ORGANISATION, cast.ngo.public_id, {"email": cast.ngo.email}, " ")
