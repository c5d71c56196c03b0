"""Who may come: the organisation's list, clearances by prison, their end, and what one prison tells another."""
from datetime import date, timedelta
from itertools import product

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingState,
    Clearance,
    ClearanceEvent,
    ClearanceReason,
    ClearanceState,
    Journal,
    PrisonProfile,
    Task,
    Visitor,
)
from services import keys, visitors
from services.visitors import TRANSITIONS, Event, Side
from services.visitors.clearing import change, months_after, with_names
from tests.support.visits import asked


def needs_clearance(prison, months=12):
    with db.writing():
        PrisonProfile.insert(organisation=prison, type="prison", clearance_months=months).on_conflict(
            conflict_target=[PrisonProfile.organisation], update={"clearance_months": months}).execute()


@pytest.fixture
def clearance(cast):
    """Nela, asked for at the cast's prison."""
    needs_clearance(cast.prison)
    with db.writing():
        row = visitors.add(cast.nela, "", cast.nela.public_id)
    return visitors.ask(cast.nela, row.public_id, cast.prison.public_id)


# The list

def test_an_organisation_keeps_its_list(sign_in, cast):
    nela = sign_in("nela")
    nela.get("/visitors/add")
    answer = nela.send("/visitors/add", colleague="", name="Vít Vrba", document="AB 123456")
    assert answer.status == 303
    page = nela.follow()
    assert page.heading == "Vít Vrba" and "AB 123456" not in page.html
    assert "Vít Vrba" in nela.get("/visitors").text
    row = Visitor.get(Visitor.name == "Vít Vrba")
    assert keys.unseal(row, "document", cast.ngo) == "AB 123456" and row.organisation == cast.ngo
    assert sign_in("strange_ngo").get(f"/visitors/{row.public_id}").status == 404
    assert sign_in("pavel").get(f"/visitors/{row.public_id}").status == 404
    assert "Vít" not in sign_in("strange_ngo").get("/visitors").text


def test_a_name_without_signs_and_a_stranger_are_refused(sign_in, cast):
    nela = sign_in("nela")
    nela.get("/visitors/add")
    answer = nela.send("/visitors/add", colleague="", name=" \u200b ", document="AB1")
    assert answer.status == 422 and "Napište jméno" in answer.text and 'value="AB1"' in answer.html
    answer = nela.send("/visitors/add", colleague=cast.strange_ngo.public_id, name="")
    assert answer.status == 422 and not Visitor.select().exists()


def test_the_same_name_twice_is_one_visitor(cast):
    first = visitors.add(cast.nela, "Vít Vrba")
    assert visitors.add(cast.nora, "vít vrba").id == first.id
    assert visitors.add(cast.strange_ngo, "Vít Vrba").id != first.id


def test_who_is_taken_off_leaves_no_document(sign_in, cast):
    row = visitors.add(cast.nela, "Vít Vrba", document="AB 123456")
    nela = sign_in("nela")
    nela.get(f"/visitors/{row.public_id}/remove")
    nela.send(f"/visitors/{row.public_id}/remove")
    row = Visitor.get_by_id(row.id)
    assert not row.active and row.document is None
    assert "Vít Vrba" not in [name for _id, name, _clearance in visitors.choices(cast.nela, cast.prison)]


# Clearances

def test_a_prison_clears_until_a_day(sign_in, cast, clearance, postbox):
    pavel = sign_in("pavel")
    assert "Nela Nová" in pavel.get("/visitors").text
    address = f"/visitors/clearance/{clearance.public_id}/clear"
    assert 'value="2027-11-23"' in pavel.get(address).html
    pavel.send(address, until_on="30. 6. 2027")
    assert "vstup povolen do 30. 6. 2027" in sign_in("nela").get("/visitors").text.replace("\xa0", " ")
    postbox.deliver()
    assert any("Nela" in postbox.words(mail) for mail in postbox.to("nela"))


@pytest.mark.parametrize("day", ["1. 1. 2020", "1. 1. 2040", "", "31. 2. 2027", "\0"])
def test_a_bad_day_is_refused_beside_its_field(sign_in, clearance, day):
    pavel, address = sign_in("pavel"), f"/visitors/clearance/{clearance.public_id}/clear"
    pavel.get(address)
    answer = pavel.send(address, until_on=day)
    assert answer.status == 422 and answer.page.id("until_on-error")


def test_a_refusal_says_why_and_can_be_asked_again(sign_in, cast, clearance):
    pavel, address = sign_in("pavel"), f"/visitors/clearance/{clearance.public_id}/refuse"
    pavel.get(address)
    assert pavel.send(address).status == 422
    pavel.send(address, reason="documents")
    nela = sign_in("nela")
    assert "chybí podklady" in nela.get("/visitors").text or "documents" not in nela.last.html
    nela.get(f"/visitors/{clearance.visitor.public_id}/ask")
    nela.send(f"/visitors/{clearance.visitor.public_id}/ask", prison=cast.prison.public_id)
    row = Clearance.get_by_id(clearance.id)
    assert (row.state, row.reason) == (ClearanceState.ASKED, None)


def test_another_prison_decides_nothing_here(sign_in, clearance):
    stranger = sign_in("strange_prison")
    for event in ("clear", "refuse", "revoke"):
        address = f"/visitors/clearance/{clearance.public_id}/{event}"
        assert stranger.get(address).status == 404
        assert stranger.post(address, {"reason": "other", "until_on": "2027-01-01"}).status == 404
    assert sign_in("nela").get(f"/visitors/clearance/{clearance.public_id}/clear").status == 404


def test_a_second_click_changes_nothing(sign_in, clearance):
    pavel, address = sign_in("pavel"), f"/visitors/clearance/{clearance.public_id}/refuse"
    pavel.get(address)
    pavel.send(address, reason="documents")
    answer = pavel.post(address, {"reason": "other"})
    assert answer.status == 422 and "Mezitím" in answer.text
    assert ClearanceEvent.select().where(ClearanceEvent.event == "refuse").count() == 1


def test_v33_what_one_prison_cleared_is_information_for_another(sign_in, cast, clearance):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today() + timedelta(days=200))
    needs_clearance(cast.other_prison)
    visitors.ask(cast.nela, clearance.visitor.public_id, cast.other_prison.public_id)
    text = sign_in("strange_prison").get("/visitors").text.replace("\xa0", " ")
    assert "Horní Lhota: vstup povolen do 11. 6. 2027" in text
    other = Clearance.get(Clearance.prison == cast.other_prison)
    assert other.state is ClearanceState.ASKED  # not by another's word
    visitors.decide(cast.pavel, clearance.public_id, Event.REVOKE, reason=ClearanceReason.SECURITY)
    text = sign_in("strange_prison").get("/visitors").text
    assert "Horní Lhota" not in text and "bezpečnost" not in text


def test_a_month_before_the_end_there_is_a_task_and_a_mail_once(cast, clearance, travel, postbox):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today() + timedelta(days=60))
    assert visitors.warn_due() == 0
    travel.shift(30 * 86_400)
    assert [visitors.warn_due(), visitors.warn_due()] == [1, 0]
    (task,) = Task.select()
    assert (task.organisation, task.owner, task.about) == (cast.ngo, cast.nela, clearance.public_id)
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today() + timedelta(days=300))
    assert Task.get().done_at is not None and visitors.warn_due() == 0


def test_the_last_day_still_counts_and_the_next_does_not(cast, clearance, travel):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today())
    assert visitors.expire_due() == 0
    travel.shift(86_400)
    assert [visitors.expire_due(), visitors.expire_due()] == [1, 0]
    assert Clearance.get_by_id(clearance.id).state is ClearanceState.EXPIRED


def test_asked_to_go_on_it_holds_meanwhile(cast, clearance, travel):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today() + timedelta(days=20))
    travel.shift(60)
    row = visitors.ask(cast.nela, clearance.visitor.public_id, cast.prison.public_id)
    assert visitors.holds(row) and visitors.waits(row)
    assert visitors.of_prison(cast.pavel)[0].clearance.id == row.id


@pytest.mark.parametrize(("day", "count", "then"), [
    ("2026-11-23", 12, "2027-11-23"), ("2028-02-29", 12, "2029-02-28"), ("2026-08-31", 6, "2027-02-28"),
    ("2026-12-31", 2, "2027-02-28"), ("2026-01-31", 60, "2031-01-31")])
def test_months_end_where_the_calendar_does(day, count, then):
    assert str(months_after(date.fromisoformat(day), count)) == then


# The machine, every state x event x side

ALLOWED = {
    (None, "ask", "sender"): "asked", ("refused", "ask", "sender"): "asked", ("expired", "ask", "sender"): "asked",
    ("revoked", "ask", "sender"): "asked", ("cleared", "ask", "sender"): "cleared",
    ("asked", "clear", "prison"): "cleared", ("cleared", "clear", "prison"): "cleared",
    ("asked", "refuse", "prison"): "refused", ("cleared", "revoke", "prison"): "revoked",
    ("cleared", "expire", "system"): "expired",
}
ACTORS = {"sender": "nela", "prison": "pavel", "foreign sender": "strange_ngo", "foreign prison": "strange_prison",
          "coordinator": "kora", "admin": "adam", "client": "karel", "partner": "parta"}


def test_the_table_is_the_one_of_the_design():
    assert {(each.old and each.old.value, each.event.value, each.side.value): each.new.value
            for each in TRANSITIONS} == ALLOWED
    assert {each.event for each in TRANSITIONS if each.needs_reason} == {Event.REFUSE, Event.REVOKE}


@pytest.mark.parametrize(("state", "event"), list(product(ClearanceState, Event)))
def test_every_state_event_and_role(cast, clearance, state, event):
    """Through the services: what the table allows goes, all else is refused and leaves everything as it was."""
    for side, name in ACTORS.items():
        with db.writing():
            Clearance.update(state=state, reason="other" if state.value in {"refused", "revoked"} else None,
                             until_on=clock.today() + timedelta(days=5), decided_at=clock.now() + timedelta(hours=1),
                             ).where(Clearance.id == clearance.id).execute()
        new = ALLOWED.get((state.value, event.value, side))
        before = Clearance.get_by_id(clearance.id).state
        if new and event is not Event.EXPIRE:
            attempt(cast, clearance, event, name)
            assert Clearance.get_by_id(clearance.id).state.value == new
        elif not (event is Event.ASK and side == "sender"):  # asking what waits already is no error: it stays
            with pytest.raises((Missing, RuleBroken)):
                attempt(cast, clearance, event, name)
            assert Clearance.get_by_id(clearance.id).state is before


def attempt(cast, clearance, event, name):
    actor = cast.user(name)
    if event is Event.ASK:
        visitors.ask(actor, clearance.visitor.public_id, cast.prison.public_id)
    else:
        visitors.decide(actor, clearance.public_id, event, clock.today() + timedelta(days=9), ClearanceReason.OTHER)


def test_only_the_system_lets_a_clearance_run_out(cast, clearance):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today() + timedelta(days=9))
    with db.writing():
        row = with_names(Clearance.select().join(Visitor)).get()
        with pytest.raises(RuleBroken):
            change(cast.pavel, row, Event.EXPIRE)
        change(None, row, Event.EXPIRE)
    assert Side.SYSTEM in {each.side for each in TRANSITIONS} and Clearance.get().state is ClearanceState.EXPIRED


def test_each_step_is_in_the_journal(cast, clearance):
    visitors.decide(cast.pavel, clearance.public_id, Event.CLEAR, clock.today())
    assert [row.what for row in Journal.select().where(Journal.record == clearance.public_id).order_by(Journal.id)] == [
        "clearance.ask", "clearance.clear"]


def test_nobody_is_cleared_by_a_click_that_has_not_seen_who_comes(sign_in, cast, clearance):
    booking = asked(cast.nela, cast.prison)
    pavel, page = sign_in("pavel"), f"/visits/{booking.public_id}/confirm"
    pavel.get("/")
    assert pavel.post(page).status == 422 and "Podívejte se, kdo to je" in pavel.last.text
    assert Booking.get_by_id(booking.id).state is BookingState.REQUESTED
    assert pavel.send(page).status == 303, "the page on which the question stands"
    assert Booking.get_by_id(booking.id).state is BookingState.CONFIRMED
