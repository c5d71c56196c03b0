"""V33: prisons get a weekly list of checked offers, and read what other prisons have checked."""
import re
from datetime import timedelta

import pytest

import clock
from errors import Missing, RuleBroken
from models import Attempt, Offer, OfferEvent, OfferReason, OfferState, Vetting
from services import offers

OFFER = {"sender": "ngo", "name": "Ukázkový spolek Lano", "ico": "00212423", "contact": "Lada Lanová",
         "email": "lada@lano.example", "what": "Kurz pletení lan", "areas": ["activities"], "for_whom": "muži"}


def send(browser, **changes):
    browser.get("/offer")
    answer = browser.send("/offer", **{**OFFER, **changes})
    assert answer.status == 303, answer.text
    return Offer.select().order_by(Offer.id.desc()).get()


def decide(browser, offer, event, **fields):
    address = f"/offers/{offer.public_id}/{event}"
    browser.get(address)
    return browser.send(address, **fields)


def test_v33_of_three_offers_the_weekly_list_shows_one(browser, sign_in, postbox, travel, cast):
    valid = send(browser)
    without = send(browser, name="Ukázkový spolek Bez čísla", ico="", email="nekdo@bezcisla.example")
    duplicate = send(browser, email="jina@lano.example")
    assert [row.state for row in (valid, without, duplicate)] == [
        OfferState.RECEIVED, OfferState.INCOMPLETE, OfferState.RECEIVED]
    kora = sign_in("kora")
    assert "2 nabídky čekají na roztřídění" in kora.get("/").text
    listed = kora.get("/offers").text
    assert "bez IČO" in listed and f"možná duplicita s {valid.number}" in listed and "neregistrovaná" in listed
    decide(kora, duplicate, "reject", reason="duplicate")
    decide(kora, valid, "check")
    assert "Kurz pletení" not in sign_in("pavel").get("/offers").text
    decide(kora, valid, "pass_on")
    pavel = sign_in("pavel")
    shown = pavel.get("/offers")
    assert [row.text.count("Kurz") for row in shown.page.with_class("row")] == [1]
    assert "1 nová nabídka" in pavel.get("/").text
    travel.move_to(cast.now + timedelta(days=6))  # Sunday
    assert offers.digest() == 0
    travel.move_to(cast.now + timedelta(days=7))
    assert [offers.digest(), offers.digest()] == [2, 0]  # the leads of both prisons, once
    postbox.deliver()
    (mail,) = postbox.to("pavel")
    assert "Lano" in postbox.words(mail) and "Bez čísla" not in postbox.words(mail)


def test_v33_a_check_of_one_prison_is_information_for_another(sign_in, cast):
    pavel, address = sign_in("pavel"), f"/book/{cast.ngo.public_id}/check"
    pavel.get(address)
    pavel.send(address, scope="stanovy a dvě reference", result="bez závad, jen s doprovodem", checked_on="2026-11-20",
               until_on="2027-11-19")
    text = sign_in("strange_prison").get(f"/book/{cast.ngo.public_id}/trust").text
    for words in ("Horní Lhota", "stanovy a dvě reference", "bez závad", "20. 11. 2026", "platí do 19. 11. 2027",
                  "Nikoho nikam nepouští"):
        assert words in text.replace("\xa0", " ")
    assert "stanovy" not in sign_in("kamila").get(f"/book/{cast.ngo.public_id}/trust").text
    assert "stanovy" in sign_in("nela").get(f"/book/{cast.ngo.public_id}/trust").text
    assert Vetting.select().count() == 1


def test_v33_a_check_that_is_over_says_so(sign_in, cast, travel):
    pavel, address = sign_in("pavel"), f"/book/{cast.ngo.public_id}/check"
    pavel.get(address)
    pavel.send(address, scope="stanovy", result="v pořádku", checked_on="2026-11-20", until_on="2026-11-30")
    travel.move_to(clock.now() + timedelta(days=10))
    assert "propadlo" in sign_in("strange_prison").get(f"/book/{cast.ngo.public_id}/trust").text


def test_v33_the_sender_completes_by_the_link_of_the_mail(browser, postbox):
    row = send(browser, ico="")
    (mail,) = postbox.deliver()
    assert mail.envelope_to == ["lada@lano.example"] and "Chybí: IČO" in postbox.words(mail)
    link = re.search(r"http://127\.0\.0\.1:8000(/offers/mine/\S+)", postbox.words(mail))[1]
    browser.get(link)
    assert browser.send(link, ico="00212424").status == 422
    browser.get(link)
    assert browser.send(link, ico="").status == 422
    browser.get(link)
    browser.send(link, ico="212423")
    row = Offer.get_by_id(row.id)
    assert (row.state, row.ico) == (OfferState.RECEIVED, "00212423")
    assert "čeká na koordinátorku" in browser.follow().text


def test_v33_one_form_sent_twice_is_one_offer_and_many_are_stopped(browser):
    browser.get("/offer")
    for _again in range(2):
        assert browser.send("/offer", page="/offer", **OFFER, request_key="k" * 43).status == 303
    assert Offer.select().count() == 1
    for number in range(4):
        send(browser, email=f"a{number}@lano.example")
    browser.get("/offer")
    answer = browser.send("/offer", **{**OFFER, "email": "b@lano.example"})
    assert answer.status == 422 and "příliš mnoho" in answer.text
    assert Attempt.select().count() == 5


def test_v33_control_characters_do_not_get_in(browser):
    row = send(browser, name="Spolek\u202e\x00 L\u200bano", what="a\r\nBcc: x@example.org\x07")
    assert row.name == "Spolek Lano" and row.what == "a\nBcc: x@example.org"


def test_v33_commercial_offers_are_marked(browser, sign_in):
    send(browser, sender="ngo", name="Ukázková firma Prodej, s.r.o.")
    assert "obchodní nabídka" in sign_in("kora").get("/offers").text


@pytest.mark.parametrize("state", list(OfferState))
@pytest.mark.parametrize("event", [*offers.EVENTS, "complete"])
def test_v33_only_the_known_transitions_happen(browser, cast, state, event):
    row = send(browser)
    import db
    with db.writing():
        Offer.update(state=state, reason=OfferReason.OTHER).where(Offer.id == row.id).execute()
    to, who = offers.TRANSITIONS.get((state, event), (None, None))
    given = {"reason": OfferReason.OTHER, "missing": "cena", "put_off_until": clock.today() + timedelta(days=1)}
    if to and who == offers.COORDINATOR:
        assert offers.decide(cast.kora, row.public_id, event, **given).state is to
        event_row = OfferEvent.select().order_by(OfferEvent.id.desc()).get()
        assert (event_row.old_state, event_row.new_state) == (state, to)
    else:
        with pytest.raises(RuleBroken):
            offers.decide(cast.kora, row.public_id, event, **given)
        assert Offer.get_by_id(row.id).state is state
    for name in ("nela", "pavel", "kamila", "adam"):
        with pytest.raises(Missing):
            offers.decide(cast.user(name), row.public_id, event, **given)


def test_v33_a_rejection_needs_a_reason(browser, sign_in):
    row = send(browser)
    answer = decide(sign_in("kora"), row, "reject")
    assert answer.status == 422 and Offer.get_by_id(row.id).state is OfferState.RECEIVED
