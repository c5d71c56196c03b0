"""V21, R14, the other half: somebody close writes a note by the code from the card, and the client decides."""
from datetime import timedelta

import clock
import crypto
from models import FamilyRequest, Journal, Referral, Task
from services import keys, retention
from tests.support.acts import service

PAGE = "/help-near-you/note"
WORDS = {"sender": "máma", "message": "Volala jsem do poradny, berou i bez objednání."}


def write(browser, code, page=PAGE, **words):
    return browser.post(page, {**WORDS, "code": code, **words}, page=page)


def note():
    return FamilyRequest.get()


def test_v21_a_note_reaches_the_client_alone_who_asks_the_service_or_tells_a_worker(browser, sign_in, cast):
    found = service(cast.ngo, published=True, plain="Poradíme vám.")
    page = browser.get(f"/help-near-you/{found.public_id}")
    link = next(each["href"] for each in page.page.all("a") if "blízkému" in each.text)
    sent = write(browser, cast.karel.code, link)
    assert sent.status == 303 and cast.karel.code not in sent.location
    assert "Pokud tento kód někomu patří" in browser.get(sent.location).text
    karel, kamila = sign_in("karel"), sign_in("kamila")
    path = f"/me/notes/{note().public_id}"
    assert path in karel.get("/me/notes").html and "máma" in karel.get(path).text
    assert "Volala jsem do poradny" in karel.last.text and found.name in karel.last.text
    assert "Volala jsem" not in kamila.get(f"/clients/{cast.karel.public_id}").text
    assert kamila.get(f"/notes/{note().public_id}").status == 404

    assert karel.post(path, {"answer": "accept"}).location == path
    assert f"/me/ask/{found.public_id}" in karel.get(path).html and Referral.select().count() == 0
    assert karel.post(f"{path}/show", {"organisation": cast.municipality.public_id}, page=path).status == 303
    assert "Volala jsem do poradny" in kamila.get(f"/notes/{note().public_id}").text
    assert f"/notes/{note().public_id}" in kamila.get("/").html
    assert sign_in("pavel").get(f"/notes/{note().public_id}").status == 404
    told = karel.get("/me/who-looked").text
    assert "blízký" in told and "četl" in told
    karel.post(f"{path}/hide", page=path)
    assert kamila.get(f"/notes/{note().public_id}").status == 404 and Task.select().count() == 0


def test_v21_who_is_refused_learns_nothing(browser, sign_in, cast):
    write(browser, cast.karel.code)
    before = browser.get(PAGE).text
    karel, path = sign_in("karel"), f"/me/notes/{note().public_id}"
    assert karel.post(path, {"answer": "dismiss"}).status == 303
    assert not note().accepted and note().decided_at and browser.get(PAGE).text == before
    assert karel.post(f"{path}/show", {"organisation": cast.other_ngo.public_id}, page="/me/notes").status == 404
    assert {row.what for row in Journal.select().where(Journal.client == cast.karel)} >= {
        "family.write", "family.dismiss"}


def test_v21_a_code_of_nobody_gets_the_same_bytes_and_leaves_nothing(browser, cast, travel):
    real, nobody = write(browser, cast.karel.code), write(browser, "ABCDE9")
    assert real.status == 303 and nobody.status == 422 and "celý kód" in browser.last.text
    made = "ABCDE" + crypto.check_sign("ABCDE")
    nobody = write(browser, made)
    assert (real.status, real.body, real.location) == (nobody.status, nobody.body, nobody.location)
    kept = FamilyRequest.get(FamilyRequest.client.is_null())
    assert keys.unseal(kept, "message", keys.SYSTEM) == "x" * len(WORDS["message"]), "of nobody not a word is kept"
    assert retention.drop_old_notes() == 1 and FamilyRequest.get().client == cast.karel
    travel.move_to(clock.now() + timedelta(days=91))
    assert retention.drop_old_notes() == 1 and not FamilyRequest.select().exists()
