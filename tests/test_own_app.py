"""The client's own app: opened with card and slip, what is kept from whom, a copy of it all, easy words."""
import json
import re
import time
from enum import EnumType

import pytest

import db
import models
import readability
from models import (
    Conference,
    FollowUp,
    Journal,
    OneTimeToken,
    PlanApproval,
    PlanItem,
    Service,
    TokenKind,
    UserSession,
    Withheld,
)
from policy import Can
from services import accounts, copies, keys
from tests.support import cast as the_cast
from tests.support.acts import gives, plan, refer, service
from tests.test_consents import agree, prepare
from tests.test_files import entry

PIN = "739164"
CLIENTS = {Can.OPEN_CLIENTS, Can.ASK_CONSENT, Can.LOG_FOLLOW_UPS}


@pytest.fixture
def slip(cast):
    """The card number and the slip's word that Kamila printed for Karel."""
    return accounts.activation_slip(cast.kamila, cast.karel)


def activate(browser, slip, **changes):
    given = {"card": slip[0], "word": slip[1], "pin": PIN, "again": PIN, "helped": "no", **changes}
    return browser.post("/activate", given, page="/activate")


def newest(cast):
    return UserSession.select().where(UserSession.user == cast.karel_user).order_by(UserSession.id.desc()).first()


# Card, slip and PIN

def test_card_and_slip_open_the_app_once(browser, cast, slip):
    assert activate(browser, slip).status == 303
    assert browser.get("/me/overview").status == 200
    assert not newest(cast).assisted
    assert Journal.select().where(Journal.what == "access.activate", Journal.client == cast.karel).exists()
    assert activate(browser, slip).status == 422, "a slip is used once"


def test_the_old_card_and_the_old_pin_die(browser, cast, slip):
    activate(browser, slip)
    for name, pin in ((the_cast.CARD, PIN), (slip[0], the_cast.PIN)):
        with pytest.raises(accounts.RuleBroken):
            accounts.sign_in(name, pin, "10.0.0.1", "x")
    assert accounts.sign_in(slip[0], PIN, "10.0.0.1", "x")[0].id == cast.karel_user.id


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"card": the_cast.CARD}, "k sobě nepatří"), ({"word": "ABCDEFGHJK"}, "k sobě nepatří"),
    ({"pin": "123456", "again": "123456"}, "snadno uhodnout"), ({"pin": "1234"}, "6 až 12 číslic"),
    ({"again": "111222"}, "dvakrát"), ({"helped": ""}, "ano, nebo ne"), ({"card": "\0"}, "")])
def test_what_is_wrong_is_said_beside_its_field(browser, cast, slip, changes, sentence):
    answer = activate(browser, slip, **changes)
    assert answer.status == 422 and sentence in answer.text
    assert OneTimeToken.get(OneTimeToken.kind == TokenKind.ACTIVATION).used_at is None


def test_guessing_a_slip_is_stopped(browser, cast, slip):
    for _try in range(accounts.TRIES):
        activate(browser, slip, word="ABCDEFGHJK")
    assert activate(browser, slip).status == 422, "the right one too, for a quarter of an hour"


def test_with_help_what_is_agreed_to_holds_only_for_now(browser, sign_in, cast, slip):
    activate(browser, slip, helped="yes")
    assert newest(cast).assisted
    agree(browser, prepare(browser, cast))
    assert models.Consent.get().state is models.ConsentState.PROVISIONAL


def test_in_the_browser_of_a_worker_it_is_always_with_help(sign_in, cast, slip):
    assert activate(sign_in("kamila"), slip).status == 303
    assert newest(cast).assisted


# What is kept from whom

def test_karel_keeps_an_entry_from_one_organisation_and_gives_it_back(sign_in, cast):
    karel, nela = sign_in("karel"), sign_in("nela")
    with db.writing():
        row = entry(cast.karel, cast.kamila, "Dostal klíče od pokoje.")
    agree(karel, prepare(karel, cast))
    file, page = f"/clients/{cast.karel.public_id}", f"/me/written/{row.public_id}"
    assert "Dostal klíče" in nela.get(file).text
    karel.post(page, {"organisation": cast.ngo.public_id, "answer": "keep"}, page=page)
    assert "Dostal klíče" not in nela.get(file).text
    assert "Dostal klíče" in sign_in("kamila").get(file).text, "its author goes on reading it"
    karel.post(page, {"organisation": cast.ngo.public_id, "answer": "keep"}, page=page)
    assert Withheld.select().count() == 1, "a second click changes nothing"
    karel.post(page, {"organisation": cast.ngo.public_id, "answer": "give"}, page=page)
    assert "Dostal klíče" in nela.get(file).text
    assert karel.post(page, {"organisation": cast.other_ngo.public_id}, page=page).status == 404


def test_an_item_of_the_usual_ones_has_its_name_in_the_app(sign_in, cast):
    """Nothing is written beside it yet."""
    with db.writing():
        PlanItem.create(client=cast.karel, organisation=cast.municipality, by_client=True, key="identity_card")
    karel = sign_in("karel")
    assert "Občanský průkaz" in karel.get("/me/to-do").text and "Občanský průkaz" in karel.get("/me/written").text


def test_karel_sees_and_keeps_what_was_said_over_his_case(sign_in, cast):
    with db.writing():
        row = Conference(client=cast.karel, organisation=cast.municipality, author=cast.kamila, held_on=cast.today)
        row.participants = keys.seal(row, "participants", "Kamila", cast.karel)
        row.agreed = keys.seal(row, "agreed", "Přestěhuje se do Brna.", cast.karel)
        row.save(force_insert=True)
    karel, nela = sign_in("karel"), sign_in("nela")
    gives(karel, cast, cast.ngo, "plan", "authority_records")  # and nothing of how he fares
    sheet = f"/clients/{cast.karel.public_id}/plan"
    assert "Přestěhuje se do Brna." in nela.get(sheet).text
    page = f"/me/written/{row.public_id}"
    assert "Přestěhuje se do Brna." in karel.get("/me/written").text
    assert karel.post(page, {"organisation": cast.ngo.public_id, "answer": "keep"}, page=page).status == 303
    assert "Přestěhuje se do Brna." not in nela.get(sheet).text
    assert "Přestěhuje se do Brna." in sign_in("kamila").get(sheet).text, "who wrote it"


def test_karel_agrees_with_the_plan_that_he_was_shown_and_no_other(sign_in, cast):
    kamila, karel = sign_in("kamila"), sign_in("karel")
    assert "zatím nikdo plán nenapsal" in karel.get("/me/plan").text
    item = plan(kamila, cast.karel, what="Najít práci.")
    before = karel.get("/me/plan")
    values = before.page.values(before.page.form("/me/plan"))
    assert "Najít práci." in before.text
    path = f"/plan-items/{item.public_id}"
    kamila.post(path, {"sheet": "plan", "need": "work", "what": "Hlásit se denně.", "state": "open",
                       "version": item.version}, page=path)
    late = karel.post("/me/plan", values)
    assert late.status == 422 and "Hlásit se denně." in late.text and not PlanApproval.select().exists()
    assert karel.send("/me/plan", page="/me/plan").status == 303
    assert PlanApproval.get().how == "app" and "Souhlasili jste" in karel.get("/me/plan").text
    assert karel.post("/me/plan", {**values, "organisation": cast.ngo.public_id}).status == 404


# A copy of it all

@pytest.fixture
def much(cast):
    with db.writing():
        entry(cast.karel, cast.kamila, "kanárek v zápise")
        item = PlanItem(client=cast.karel, organisation=cast.municipality, by_client=True)
        item.what = keys.seal(item, "what", "zajít na úřad", cast.karel)
        item.save(force_insert=True)
        strange = entry(cast.cyril, cast.strange_curator, "cizí zápis")
        assert FollowUp.get_by_id(strange.id).note is not None


def test_the_copy_has_all_of_it_and_nothing_of_others(sign_in, cast, much):
    karel = sign_in("karel")
    before = Journal.select().where(Journal.what == "client.copy").count()
    page, file = karel.get("/me/copy").text, json.loads(karel.get("/me/copy.json").body)
    for words in ("kanárek v zápise", "zajít na úřad", "Karel Křehký"):
        assert words in page and words in json.dumps(file, ensure_ascii=False)
    assert "cizí zápis" not in page and "Cyril" not in json.dumps(file, ensure_ascii=False)
    assert Journal.select().where(Journal.what == "client.copy").count() == before + 2
    assert "zajít na úřad" in karel.get("/me/to-do").text


def test_the_copy_speaks_in_words(sign_in, cast, much):
    """None of the words by which the machine tells things apart: they are in the file for machines."""
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast))
    refer(sign_in("kamila"), cast.karel, service(cast.ngo))
    sign_in("kamila").get(f"/clients/{cast.karel.public_id}")
    karel.get("/me/copy")
    said = re.findall(r"<dd>(.*?)</dd>", karel.get("/me/copy").html, re.S)
    ours = {str(member) for kind in vars(models).values() if isinstance(kind, EnumType) for member in kind}
    raw = {each for each in said if re.fullmatch(r"[a-z]+([._,:][a-z_,]+)+", each) or each in ours
           or re.fullmatch(r"[\w-]{22}", each)}
    assert len(said) > 40 and not raw, raw


def test_every_table_that_names_a_client_is_in_the_copy(app):
    naming = {model for model in models.MODELS for field in model._meta.sorted_fields
              if field in model._meta.refs and field.rel_model is models.Client and field.name == "client"}
    assert naming <= set(copies.ways()) and len(naming) > 15


def test_the_copy_is_there_within_a_minute(sign_in, cast, much, figure):
    karel, began = sign_in("karel"), time.perf_counter()
    rows = sum(map(len, json.loads(karel.get("/me/copy.json").body)["tables"].values()))
    took = round((time.perf_counter() - began) * 1000)
    figure("C9 time of a copy of all of a client's data", took, "ms", n=rows, target=60_000, ok=took < 60_000,
           control="an empty copy has no rows" if rows else False)


# Easy words

PAGES = ["/me/overview", "/me/how-am-i", "/me/plan", "/me/consents", "/me/consents/new", "/me/who-looked",
         "/me/to-do", "/me/written", "/me/reports", "/",
         "/me/notes", "/me/cards", "/me/rights"]


def test_every_page_of_the_client_is_easy_to_read(sign_in, cast, figure):
    """Sentences of at most fifteen words, and a difficulty that is not hard, page by page."""
    karel, asked = sign_in("karel"), _published(cast.ngo)
    pages = [*PAGES, "/me/referrals", f"/me/ask/{asked.public_id}"]
    hard = [(page, found.difficulty, found.longest) for page in pages
            if (found := readability.read(prose(karel.get(page)))) and (found.level == "hard" or found.longest)]
    official = readability.read("Poskytovatel zajišťuje podle ustanovení zákona o sociálních službách ambulantní "
                                "formu odborného sociálního poradenství osobám ohroženým sociálním vyloučením.")
    figure("pages of the client that are hard to read", len(hard), "pages", n=len(pages),
           control=official.level == "hard" and f"an official sentence: {official.difficulty}")
    assert not hard, hard


def _published(organisation) -> Service:
    with db.writing():
        return Service.create(organisation=organisation, slug="rada", name="Poradna", sort="poradna", published=True,
                              plain="Poradíme vám.", confidence="verified")


def prose(answer) -> str:
    """The paragraphs of a page, a line each."""
    main = answer.html.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r"<p(?: class=\"small\")?>(.*?)</p>", main, re.S)
    return "\n".join(re.sub(r"<[^>]+>", " ", each) for each in found)
