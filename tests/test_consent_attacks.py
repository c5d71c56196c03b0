"""Consents under attack: forms changed on the way, texts that change, tabs left open, consents added up."""
import re
import threading
from datetime import timedelta

import pytest

import clock
import db
from models import Booking, Client, Consent, ConsentEvent, ConsentState, DeletionNotice, Organisation, Outbox
from services import consents
from services.consents.wording import hash_of, shown
from tests.support import consent_world as world
from tests.support.browser import Browser
from tests.test_consents import UNTIL, agree, file_of, prepare
from tests.test_consents_given import paper, released


def ask(worker, cast, **changes):
    path = f"{file_of(cast.karel)}/ask"
    return worker.post(path, {"scopes": "visits", "purpose": "doprovod", "until_on": UNTIL, **changes}, page=path)


def rename(cast, name):
    with db.writing():
        Organisation.update(name="Spolek s novým jménem").where(Organisation.id == getattr(cast, name).id).execute()


def seen(browser, cast):
    return world.seen_on(browser.get(file_of(cast.karel)))


# Consents do not add up

def test_two_consents_together_open_no_more_than_each_alone(sign_in, cast):
    """One speaks of everything but what offices wrote, the other of that about housing: nobody agreed to the rest."""
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "follow_up"))
    agree(karel, prepare(karel, cast, "follow_up", "authority_records", needs=["housing"]))
    assert seen(sign_in("nela"), cast) == {"page", "Bydlení", "Závislost", world.NOTES["pavel"]}


def test_who_wrote_of_other_needs_is_not_named_by_a_consent_about_one(sign_in, cast):
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, needs=["housing"]))
    text = sign_in("nela").get(file_of(cast.karel)).text
    assert "Bydlení" in text and cast.prison.name not in text


# Writing somebody down

def test_writing_somebody_down_says_nothing_of_others_who_know_them(sign_in, cast):
    """The same name and day of birth as a stranger's client, and as nobody's: alike to the last word."""
    faces = []
    for name, born in (("Cyril Cestovatel", "1975-12-24"), ("Nikdo Neznámý", "1970-01-01")):
        nela = sign_in("nela")
        page = nela.get("/clients/new").page
        answer = nela.post("/clients/new", {**page.values(page.form("/clients/new")), "name": name, "born_on": born,
                                            "route": "prison"})
        assert answer.status == 303
        shown = nela.follow().text
        for word in (Client.select().order_by(Client.id.desc()).get().code, name, *born.split("-")):  # code first
            shown = shown.replace(word, "")
        faces.append(re.sub(r"\d+", "", shown))
    assert faces[0] == faces[1] and Client.select().count() == 4


# The form is changed on the way

def test_a_recipient_put_into_the_form_is_not_agreed_to(sign_in, cast):
    karel = sign_in("karel")
    path = prepare(karel, cast).path
    other = {"organisation": cast.strange_ngo.organisation.public_id, "recipient": str(cast.other_ngo.id),
             "recipient_id": str(cast.other_ngo.id), "scopes": ["identity", "network"], "needs": [],
             "until_on": "2027-11-01", "text_version": "x"}
    assert karel.send(path, page=path, answer="yes", **other).status == 303
    row = Consent.get()
    assert row.recipient_id == cast.ngo.id and row.until_on.isoformat() == UNTIL
    assert consents.scopes_of(row) == ["follow_up", "authority_records"]
    assert sign_in("strange_ngo").get(file_of(cast.karel)).status == 404


@pytest.mark.parametrize("name", ["labour_office", "network"])
def test_whom_the_list_does_not_offer_cannot_be_put_into_it(sign_in, cast, name):
    answer = prepare(sign_in("karel"), cast, organisation=getattr(cast, name).public_id)
    assert answer.status == 422 and not Consent.select().exists()


def test_the_imprint_of_one_consent_does_not_agree_to_another(sign_in, cast):
    karel = sign_in("karel")
    first = prepare(karel, cast, "visits")
    imprint = first.page.values(first.page.form(first.path))["text_hash"]
    second = prepare(karel, cast, "identity")
    assert karel.send(second.path, answer="yes", text_hash=imprint).status == 422
    assert {row.state for row in Consent.select()} == {ConsentState.DRAFT}


def test_cyril_s_browser_cannot_send_what_karel_was_shown(sign_in, cast):
    karel = sign_in("karel")
    page = prepare(karel, cast)
    values = page.page.values(page.page.form(page.path))
    missing = "/me/consents/" + "A" * 22
    cyril = sign_in("cyril")
    cyril.get("/me/consents/new")
    token = {"csrf_token": cyril.token}
    answers = [cyril.post(path, {**values, **token, "answer": "yes"}) for path in (page.path, missing)]
    assert (answers[0].status, answers[0].body) == (answers[1].status, answers[1].body) == (404, answers[1].body)


# The text changes

def test_a_text_that_changed_is_agreed_to_only_once_it_was_read_again(sign_in, cast):
    karel = sign_in("karel")
    before = prepare(karel, cast)
    rename(cast, "ngo")
    refused = karel.send(before.path, answer="yes")
    assert refused.status == 422 and "Spolek s novým jménem" in refused.text
    assert karel.send(before.path, answer="yes").status == 303, "the page that refused shows the new text"
    row = Consent.get()
    assert row.text_hash == hash_of("\n".join(shown(row))) and "Spolek s novým jménem" in "\n".join(shown(row))


def test_so_it_is_with_several_at_once(sign_in, cast):
    karel = sign_in("karel")
    before = prepare(karel, cast, organisation="helpers")
    rename(cast, "municipality")
    assert karel.send(before.path, answer="yes").status == 422
    assert karel.send(before.path, page=before.path, answer="yes").status == 303
    assert all(row.text_hash == hash_of("\n".join(shown(row))) for row in Consent.select())


def test_a_form_sent_again_after_a_withdrawal_gives_nothing_back(sign_in, cast):
    karel = sign_in("karel")
    before = prepare(karel, cast)
    values = {**before.page.values(before.page.form(before.path)), "answer": "yes"}
    assert karel.post(before.path, values).status == 303
    karel.send(f"{before.path}/end", page=f"{before.path}/end")
    assert karel.post(before.path, values).status == 422
    assert karel.post(before.path, {**values, "answer": "confirm"}).status == 422
    assert sign_in("nela").get(file_of(cast.karel)).status == 404


def test_what_was_signed_on_paper_keeps_the_imprint_of_its_own_words(sign_in, cast):
    kamila = sign_in("kamila")
    ask(kamila, cast)
    rename(cast, "municipality")
    page = f"/consents/{Consent.get().public_id}/signed"
    kamila.post(page, {"witness": "Jana Svědková", "paper": "spis 12"}, page=page)
    row = Consent.get()
    assert row.state is ConsentState.PROVISIONAL and row.text_hash == hash_of("\n".join(shown(row)))


# Time

@pytest.mark.parametrize("marked", [False, True])
def test_what_has_lapsed_is_not_confirmed_any_more(sign_in, cast, travel, marked):
    released(cast, clock.today())
    paper(sign_in("kamila"), cast, cast.ngo)
    travel.shift(timedelta(days=15))
    if marked:
        consents.expire()
    row, karel, nela = Consent.get(), sign_in("karel"), sign_in("nela")
    assert karel.post(f"/me/consents/{row.public_id}", {"answer": "confirm"}, page="/me/consents").status == 422
    assert nela.post(f"/consents/{row.public_id}/confirmed", {}, page="/consents").status == 422
    assert nela.get(file_of(cast.karel)).status == 404


def test_what_was_not_given_cannot_be_narrowed(sign_in, cast, postbox):
    karel = sign_in("karel")
    path = prepare(karel, cast, "follow_up", "visits").path
    assert karel.post(f"{path}/less", {"scopes": ["visits"]}, page=f"{path}/less").status == 422
    assert Consent.select().count() == 1 and not DeletionNotice.select().exists() and not Outbox.select().exists()


# A tab left open over a withdrawal

def test_a_tab_left_open_over_a_withdrawal_does_nothing(sign_in, cast):
    """Nela had the file open with all its links and forms; Karel takes it back; each answers as to a stranger."""
    world.build(cast)
    karel, nela, stranger = sign_in("karel"), sign_in("nela"), sign_in("strange_ngo")
    given = prepare(karel, cast, "follow_up", "authority_records", "visits", "network", "identity")
    agree(karel, given)
    page = nela.get(file_of(cast.karel))
    ways = {each["href"].split("?")[0] for each in page.page.all("a")
            if cast.karel.public_id in (each["href"] or "")} | {file_of(cast.karel)}
    forms = {form["action"] for form in page.page.all("form") if cast.karel.public_id in (form["action"] or "")}
    karel.send(f"{given.path}/end", page=f"{given.path}/end")
    stranger.get("/accessibility")
    for way in ways:
        assert (nela.get(way).status, nela.last.body) == (404, stranger.get(way).body), way
        assert nela.get(way, {"If-None-Match": page.headers.get("ETag") or '"x"',
                              "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}).status == 404
    assert all(nela.post(form, {}).status == 404 for form in forms)
    assert page.headers["Cache-Control"] == "no-store" or "no-store" in page.headers["Cache-Control"]


def test_a_calendar_feed_made_before_a_withdrawal_tells_nothing_of_the_client_after_or_before(sign_in, cast):
    from services import feeds
    world.build(cast)
    with db.writing():
        Booking.update(organisation=cast.ngo, requested_by=cast.nela).execute()
    karel = sign_in("karel")
    given = prepare(karel, cast, "visits", "identity")
    agree(karel, given)
    token = feeds.create(cast.nela)
    before = feeds.read(token)
    karel.send(f"{given.path}/end", page=f"{given.path}/end")
    for secret in ("Karel", "Křehký", cast.karel.code):
        assert secret.encode() not in before and secret.encode() not in feeds.read(token)


# Two tabs at once

def test_two_tabs_agree_and_say_no_at_once(app, engine, cast, sign_in):
    """One of them wins; the other is told how it stands; nothing is both given and refused."""
    for _round in range(6):
        karel = sign_in("karel")
        path = prepare(karel, cast, "visits").path
        both_press(app, engine, cast, path, [(path, "yes"), (path, "no")])
        row = Consent.select().order_by(Consent.id.desc()).get()
        events = [event.event for event in ConsentEvent.select().where(ConsentEvent.consent == row)]
        assert row.state in {ConsentState.ACTIVE, ConsentState.REFUSED}
        assert sorted(events) in (["agree", "prepare"], ["prepare", "refuse"])


def test_two_tabs_withdraw_and_agree_at_once(app, engine, cast, sign_in):
    """Whatever comes first, a withdrawal of what is given is never undone by the form that gave it."""
    for _round in range(6):
        karel = sign_in("karel")
        path = prepare(karel, cast, "visits").path
        agree(karel, karel.get(path))
        both_press(app, engine, cast, path, [(f"{path}/end", None), (path, "yes")])
        row = Consent.select().order_by(Consent.id.desc()).get()
        assert row.state is ConsentState.WITHDRAWN
        assert sign_in("nela").get(file_of(cast.karel)).status == 404


def both_press(app, engine, cast, path, steps):
    """Two browsers of Karel send their forms at the same moment, each on a connection of its own."""
    tabs = [Browser(app, cast, "karel") for _step in steps]
    for tab in tabs:
        tab.get("/me/consents/new")
    imprint, barrier, statuses = consents.text_hash(Consent.get(Consent.public_id == path.split("/")[-1])), \
        threading.Barrier(len(steps)), []

    def press(tab, action, answer):
        barrier.wait(10)
        statuses.append(tab.post(action, {"answer": answer or "", "text_hash": imprint}).status)
    threads = [threading.Thread(target=press, args=(tab, *step)) for tab, step in zip(tabs, steps, strict=True)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert len(statuses) == len(steps) and set(statuses) <= {303, 422}, statuses


# Nothing of it in a mail, and nothing opens for who is erased

def test_an_erased_client_s_consents_open_nothing(sign_in, cast):
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "identity"))
    with db.writing():
        Client.update(erased_at=clock.now()).where(Client.id == cast.karel.id).execute()
    assert sign_in("nela").get(file_of(cast.karel)).status == 404
