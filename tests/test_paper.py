"""A prison without access to the network: the kit that is printed, and answers that came back on paper."""
import pytest

import db
from errors import Missing, RuleBroken
from models import Booking, BookingEvent, BookingState, ClearanceState, Journal, PrisonProfile, Reason
from services import visitors, visits
from services.visits import Event, paper
from tests.support.visits import asked


@pytest.fixture
def on_paper(cast):
    with db.writing():
        PrisonProfile.update(on_paper=True).where(PrisonProfile.organisation == cast.prison).execute()


@pytest.fixture
def request_of_nela(cast, on_paper):
    visitors.add(cast.nela, "", cast.nela.public_id, "AB 987654")
    return asked(cast.nela, cast.prison)


def test_the_kit_is_a_letter_a_form_and_a_gate_sheet(sign_in, cast, request_of_nela):
    answer = sign_in("nela").get(f"/paper/{request_of_nela.public_id}")
    pages = answer.page.with_class("sheet__page")
    assert len(pages) == 3 and "AB 987654" in pages[0].text and "Horní Lhota" in pages[0].text
    assert "ano," in pages[1].text and "podpis" in pages[1].text and "AB 987654" not in pages[1].text
    assert "Pro bránu" in pages[2].text and request_of_nela.number in pages[2].text
    assert Journal.get(Journal.what == "paper.kit").parts == "document,plate"


def test_a_yes_on_paper_is_written_down_by_the_sender_and_says_so(sign_in, cast, request_of_nela):
    nora, address = sign_in("nora"), f"/paper/{request_of_nela.public_id}/answer"
    nora.get(address)
    assert nora.send(address).status == 422
    assert nora.send(address, yes="yes").status == 303
    booking = Booking.get_by_id(request_of_nela.id)
    assert (booking.state, booking.on_paper, booking.decided_by) == (BookingState.CONFIRMED, True, cast.nora)
    text = nora.get(f"/visits/{booking.public_id}").text
    assert "z papíru" in text and "Nora Náhlá" in text


def test_a_no_on_paper_needs_its_reason(sign_in, cast, request_of_nela):
    nela, address = sign_in("nela"), f"/paper/{request_of_nela.public_id}/answer"
    nela.get(address)
    assert nela.send(address, yes="no").status == 422
    assert not Booking.get_by_id(request_of_nela.id).on_paper
    nela.send(address, yes="no", reason="staff")
    booking = Booking.get_by_id(request_of_nela.id)
    assert (booking.state, booking.reason, booking.on_paper) == (BookingState.DECLINED, Reason.STAFF, True)


def test_no_other_prison_is_answered_for(sign_in, cast):
    booking = asked(cast.nela, cast.prison)
    nela = sign_in("nela")
    for path in (f"/paper/{booking.public_id}", f"/paper/{booking.public_id}/answer"):
        assert nela.get(path).status == 404
    assert nela.post(f"/paper/{booking.public_id}/answer", {"yes": "yes"}).status == 404
    with pytest.raises(RuleBroken):
        visits.advance(cast.nela, booking.public_id, Event.CONFIRM)
    with pytest.raises(RuleBroken):
        visits.advance(cast.nela, booking.public_id, Event.DECLINE, Reason.STAFF)
    assert Booking.get_by_id(booking.id).state is BookingState.REQUESTED


@pytest.mark.parametrize("name", ["strange_ngo", "pavel", "kamila", "kora", "karel"])
def test_nobody_else_answers_or_prints(sign_in, cast, request_of_nela, name):
    visitor = sign_in(name)
    assert visitor.get(f"/paper/{request_of_nela.public_id}").status == 404
    assert visitor.post(f"/paper/{request_of_nela.public_id}/answer", {"yes": "yes"}).status == 404
    with pytest.raises(Missing):
        paper.answer(cast.user(name), request_of_nela.public_id, True)


def test_a_second_answer_changes_nothing(cast, request_of_nela):
    paper.answer(cast.nela, request_of_nela.public_id, True)
    with pytest.raises(RuleBroken):
        paper.answer(cast.nora, request_of_nela.public_id, False, reason=Reason.STAFF)
    assert BookingEvent.select().where(BookingEvent.event == "confirm").count() == 1


def test_visitors_are_cleared_by_the_same_paper(cast, on_paper):
    with db.writing():
        PrisonProfile.update(clearance_months=6).where(PrisonProfile.organisation == cast.prison).execute()
    booking = asked(cast.nela, cast.prison)
    assert not visitors.all_cleared(booking)
    paper.answer(cast.nela, booking.public_id, True)
    assert visitors.all_cleared(booking)
    assert visitors.of_prison(cast.pavel)[0].clearance.state is ClearanceState.CLEARED


def test_the_coordinator_says_which_prison_has_no_access(sign_in, cast):
    from models import User
    kora = sign_in("kora")
    kora.get("/paper/prisons")
    refused = kora.post("/paper/prisons", {"prison": cast.prison.public_id, "on": "yes"})
    assert refused.status == 422 and not paper.is_on_paper(cast.prison.id)  # its people answer themselves
    with db.writing():
        User.update(active=False).where(User.organisation == cast.other_prison).execute()
    for on in ("yes", "no"):
        kora.get("/paper/prisons")
        assert kora.post("/paper/prisons", {"prison": cast.other_prison.public_id, "on": on}).status == 303
        assert paper.is_on_paper(cast.other_prison.id) == (on == "yes")
    assert kora.post("/paper/prisons", {"prison": "x"}).status == 404
    for name in ("pavel", "nela", "adam"):
        assert sign_in(name).get("/paper/prisons").status == 404
