"""The machine of offers to prisons, whole: each state, event and person; and where the list of them is found."""
import contextlib
from datetime import timedelta
from itertools import product

import pytest

import clock
import db
from crypto import token_hash
from errors import Missing, RuleBroken
from models import Offer, OfferEvent, OfferReason, OfferState, Sender
from services import offers

LINK = "l" * 43
FIELDS = {"sender": "ngo", "name": "Ukázkový spolek Lano", "ico": "00212423", "contact": "Lada Lanová",
          "email": "lada@lano.example", "what": "Kurz pletení lan", "areas": ["activities"], "for_whom": "muži"}
GIVEN = {"reason": OfferReason.OTHER, "missing": "cena", "put_off_until": clock.today() + timedelta(days=9000)}
WHO = ("nela", "nora", "pavel", "patrik", "strange_prison", "strange_ngo", "kamila", "petra", "kora", "parta", "adam",
       "karel_user", "sender")
EVENTS = (*offers.EVENTS, "complete", "nonsense")
# written by hand from the design, not from the table: (state, event) -> state; the coordinator's, and the sender's
COORDINATORS = {
    ("received", "check"): "checked", ("received", "ask"): "incomplete", ("received", "reject"): "rejected",
    ("incomplete", "reject"): "rejected",
    ("checked", "pass_on"): "passed_on", ("checked", "ask"): "incomplete", ("checked", "put_off"): "put_off",
    ("checked", "reject"): "rejected",
    ("put_off", "check"): "checked", ("put_off", "reject"): "rejected",
}
SENDERS = {("incomplete", "complete"): "received"}


class Undo(Exception):
    """Takes back all that a try has written."""


def in_state(state) -> Offer:
    return Offer.create(number="N1", request_key="k", token_hash=token_hash(LINK), created_at=clock.now(), state=state,
                        reason=OfferReason.OTHER, **{**FIELDS, "sender": Sender.NGO, "areas": "activities"},
                        fold="ukazkovy spolek lano")


def outcome(cast, who, state, event):
    """The state after somebody tried an event; None where it was refused."""
    found = None
    with contextlib.suppress(Undo), db.writing():
        row = in_state(state)
        try:
            done = offers.complete(LINK, FIELDS) if who == "sender" and event == "complete" else \
                None if who == "sender" else offers.decide(cast.user(who), row.public_id, event, **GIVEN)
            found = done and done.state.value
        except (Missing, RuleBroken):
            assert Offer.get_by_id(row.id).state is state, "a refusal has changed the state"
            assert not OfferEvent.select().where(OfferEvent.offer == row.id).exists()
        raise Undo
    return found


@pytest.mark.parametrize("who", WHO)
def test_every_state_event_and_person(cast, who):
    may = {"kora": COORDINATORS, "sender": SENDERS}.get(who, {})
    wrong = [(state, event, found) for state, event in product(OfferState, EVENTS)
             if (found := outcome(cast, who, state, event)) != may.get((state.value, event))]
    assert not wrong, wrong


def test_a_link_that_is_none_completes_nothing(cast):
    with pytest.raises(Missing):
        offers.complete("x" * 43, FIELDS)


@pytest.mark.parametrize(("event", "needed"), [("ask", "missing"), ("put_off", "put_off_until"), ("reject", "reason")])
def test_what_an_event_cannot_do_without_is_asked_for(cast, event, needed):
    with db.writing():
        row = in_state(OfferState.CHECKED)
    with pytest.raises(RuleBroken) as refused:
        offers.decide(cast.kora, row.public_id, event, **{**GIVEN, needed: None if needed != "missing" else " "})
    assert refused.value.field == needed


@pytest.mark.parametrize("name", ["kora", "pavel", "patrik"])
def test_those_who_read_offers_find_them(sign_in, name):
    browser = sign_in(name)
    page = browser.get("/cooperation")
    assert page.page.inside(page.page.id("main"), "a") and "/offers" in {
        link["href"] for link in page.page.inside(page.page.id("main"), "a")}
    assert "Nabídky" in browser.get("/help").text
    menu = browser.get("/offers").page
    assert [link["href"] for link in menu.all("a") if link["aria-current"]] == ["/cooperation"]


@pytest.mark.parametrize("name", ["nela", "kamila", "adam"])
def test_others_are_not_led_to_a_page_that_they_may_not_open(sign_in, name):
    browser = sign_in(name)
    for path in ("/help", "/book"):
        assert not any(link["href"] == "/offers" for link in browser.get(path).page.all("a"))
    assert browser.get("/offers").status == 404
