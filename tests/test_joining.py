"""Two records of one person stay two until the client joins them with both cards; nobody else gains anything."""
import pytest

import db
import models
from models import Client, Journal
from services import accounts, activation, erasure
from tests.support import cast as the_cast

PAGE = "/me/cards"
DIGITS = "739164"


def join(browser, card=the_cast.OTHER_CARD, pin=the_cast.PIN):
    return browser.post(PAGE, {"card": card, "pin": pin}, page=PAGE)


def test_a_client_joins_two_records_goes_between_them_and_parts_them(cast, sign_in):
    karel, before = sign_in("karel"), dict(models.Consent.select(models.Consent.id, models.Consent.client).tuples())
    assert join(karel).location == PAGE
    assert cast.cyril.joined_to == cast.karel and cast.cyril.code in karel.get(PAGE).text
    assert cast.cyril.code in karel.get("/me/overview").text
    assert karel.post(f"{PAGE}/{cast.cyril.public_id}", page=PAGE).location == "/me/overview"
    assert "Cizí" in karel.get("/me/overview").text, "who helps by the other card"
    assert cast.karel.code in karel.get(PAGE).text
    assert before == dict(models.Consent.select(models.Consent.id, models.Consent.client).tuples())
    for client in (cast.karel, cast.cyril):
        assert Journal.select().where(Journal.client == client, Journal.what == "card.join").count() == 1
    assert karel.post(f"{PAGE}/{cast.karel.public_id}/part", page=PAGE).location == PAGE
    assert cast.cyril.joined_to is None and cast.karel.code not in karel.get(PAGE).text
    assert karel.post(f"{PAGE}/{cast.karel.public_id}", page=PAGE).status == 404


def test_no_worker_gains_or_learns_anything(cast, sign_in):
    looked = [("kamila", cast.cyril), ("strange_curator", cast.karel), ("nela", cast.karel), ("kora", cast.karel)]
    pages = {(name, client.id): sign_in(name).get(f"/clients/{client.public_id}") for name, client in looked}
    own = {name: sign_in(name).get("/clients").text for name in ("kamila", "strange_curator", "pavel")}
    join(sign_in("karel"))
    for name, client in looked:
        answer = sign_in(name).get(f"/clients/{client.public_id}")
        assert (answer.status, answer.body) == (404, pages[name, client.id].body)
    assert own == {name: sign_in(name).get("/clients").text for name in own}
    assert cast.cyril.code not in sign_in("kamila").get(f"/clients/{cast.karel.public_id}").text


@pytest.mark.parametrize("card, pin", [("2" * 16, the_cast.PIN), (the_cast.OTHER_CARD, DIGITS), ("", ""), ("x", "\0")])
def test_a_wrong_card_and_a_wrong_pin_are_told_apart_by_nobody(cast, sign_in, card, pin):
    answer = join(sign_in("karel"), card, pin)
    assert answer.status == 422 and cast.cyril.joined_to is None and cast.karel.joined_to is None
    if card and pin != "\0":
        assert "nepatří k sobě" in answer.text


def test_guessing_the_pin_of_a_card_is_stopped(cast, sign_in):
    karel = sign_in("karel")
    for number in range(accounts.PIN_TRIES):
        join(karel, pin=f"73916{number}")
    assert join(karel).status == 422 and cast.cyril.joined_to is None
    tries = models.Attempt.select().where(models.Attempt.subject == accounts.pin_subject(cast.cyril_user))
    assert tries.count() == accounts.PIN_TRIES


def test_own_card_a_second_time_and_help_are_each_answered(cast, sign_in):
    karel = sign_in("karel")
    assert "to je karta" in join(karel, the_cast.CARD).text.lower()
    join(karel)
    assert "spojené už jsou" in join(karel).text.lower()
    with db.writing():
        models.UserSession.update(assisted=True).where(models.UserSession.user == cast.karel_user).execute()
    assert "až budete" in join(karel).text


def test_a_new_pin_parts_the_cards_and_so_does_erasing(cast, sign_in):
    join(sign_in("karel"))
    card, word = accounts.activation_slip(cast.strange_curator, cast.cyril)
    activation.activate(card, word, DIGITS, DIGITS, "192.0.2.1", "tests", False)
    assert cast.cyril.joined_to is None, "whoever knew the old PIN goes in no more"
    with db.writing():
        Client.update(joined_to=cast.karel).where(Client.id == cast.cyril.id).execute()
    erasure.of_system(cast.karel)
    assert cast.cyril.joined_to is None
