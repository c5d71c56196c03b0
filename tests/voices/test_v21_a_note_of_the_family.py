"""V21, R14, the other half: somebody close writes a note by the code from the card, and the client decides."""
from datetime import timedelta

import clock
import crypto
import db
from models import FamilyRequest, Journal, Referral, Task, User
from services import family, keys, retention
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
    assert "/me/ask/" in page.html and "/me/ask/" not in sign_in("pavel").get(page.path).html, "staff have no card"
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


def test_v21_the_same_note_sent_twice_is_one_and_a_flood_stays_outside(browser, cast):
    page = browser.get(PAGE).page
    filled = {**page.values(page.form(PAGE)), **WORDS, "code": cast.karel.code.lower()}
    answers = [browser.post(PAGE, filled) for _click in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    mine = FamilyRequest.select().where(FamilyRequest.client == cast.karel)
    assert mine.count() == 1
    answers = [write(browser, cast.karel.code) for _note in range(family.FROM_ONE_PLACE)]
    assert answers[-1].status == 422 and mine.count() == family.FROM_ONE_PLACE - 1
    assert "Volala jsem" in answers[-1].html, "what was typed is kept"
    for number in range(family.MOST_WAITING + 2):
        family.write({**WORDS, "code": cast.karel.code}, f"key{number}", None, f"192.0.2.{number}")
    assert mine.count() == family.MOST_WAITING


def test_v21_a_mail_says_only_that_something_waits_and_comes_once(browser, cast, postbox):
    with db.writing():
        User.update(email="karel@example.org").where(User.id == cast.karel_user.id).execute()
    write(browser, cast.karel.code)
    assert family.tell_due() == 1 and family.tell_due() == 0
    postbox.deliver()
    (mail,) = postbox.mails
    assert "máma" not in mail.as_string() and cast.karel.code not in mail.as_string()
    assert mail["Subject"] == "Zpráva z Návaznosti"


def test_v21_where_notes_are_switched_off_there_is_no_page(app, browser):
    app.config["NAVAZNOST"].family_notes = "off"
    try:
        assert browser.get(PAGE).status == browser.get(f"{PAGE}/sent").status == 404
        assert PAGE not in browser.get("/help-near-you").html
    finally:
        app.config["NAVAZNOST"].family_notes = "on"
