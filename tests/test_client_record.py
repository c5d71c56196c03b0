"""The record of a client through the pages: made, changed, given a worker and a leader, asked for by code, its card."""
import re

import pytest

import clock
import db
from models import (
    Booking,
    Client,
    Consent,
    ConsentState,
    FlagCause,
    Journal,
    OneTimeToken,
    Prompt,
    RulesAccepted,
    Scope,
    TokenKind,
)
from services import accounts, files
from tests.support.visits import confirmed, free
from tests.test_files import consent

NAME = "Radek Vymyšlený"


def record(browser, **changes):
    data = {"name": NAME, "born_on": "1990-02-03", "contact": "radek@example.org", "town": "2101",
            "planned_release_on": "2027-01-15", "route": "prison", **changes}
    return browser.post("/clients/new", data, page="/clients/new")


def newest():
    return Client.select().order_by(Client.id.desc()).get()


def test_who_records_a_client_works_with_them(sign_in, cast):
    nora = sign_in("nora")
    answer = record(nora, prison=cast.prison.public_id, languages=["uk"])
    assert answer.status == 303, answer.text
    client = newest()
    assert (client.region_id, client.municipality_id, client.prison, client.languages) == (
        "CZ020", "2101", cast.prison, "uk")
    page = nora.get(f"/clients/{client.public_id}")
    assert NAME in page.text and "15. 1. 2027" in page.text
    assert len(client.code) == 6 and client.code in nora.get("/clients").text
    assert sign_in("kamila").get(f"/clients/{client.public_id}").status == 404
    assert NAME.encode() not in bytes(client.name)


def test_a_form_sent_twice_makes_one_client(sign_in, cast):
    nora, before = sign_in("nora"), Client.select().count()
    record(nora, key="k" * 22)
    record(nora, key="k" * 22)
    assert Client.select().count() == before + 1
    record(sign_in("kamila"), key="k" * 22)
    assert Client.select().count() == before + 2


@pytest.mark.parametrize(("changes", "beside"), [
    ({"name": " "}, "name"), ({"planned_release_on": "", "prison": "prison"}, "planned_release_on"),
    ({"release_unknown": "remand"}, "release_unknown"), ({"released_on": "2027-01-01"}, "released_on"),
    ({"born_on": "2031-01-01"}, "born_on"), ({"planned_release_on": "3026-01-01"}, "planned_release_on"),
    ({"planned_release_on": "tomorrow"}, "planned_release_on")])
def test_what_cannot_be_is_refused_beside_its_field_and_kept(sign_in, cast, changes, beside):
    if "prison" in changes:
        changes = {**changes, "prison": cast.prison.public_id}
    before = Client.select().count()
    answer = record(sign_in("nora"), **changes)
    assert answer.status == 422 and f'id="{beside}-error"' in answer.html
    assert "radek@example.org" in answer.html and Client.select().count() == before


def change(browser, client, **changes):
    where = f"/clients/{client.public_id}/record"
    page = browser.get(where).page
    data = page.form_data() if hasattr(page, "form_data") else {}
    return browser.post(where, {**data, **changes}, page=where)


def opened(browser, client):
    html = browser.get(f"/clients/{client.public_id}/record").html
    return re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', html)[1]


FULL = {"name": "Karel Křehký", "born_on": "1988-04-02", "contact": "karel.krehky@example.org", "town": "2101",
        "route": "prison", "release_kind": "end_of_sentence"}


def test_of_two_who_change_a_record_the_second_is_told(sign_in, cast):
    kamila, pavel, karel = sign_in("kamila"), sign_in("pavel"), cast.karel
    where = f"/clients/{karel.public_id}/record"
    data = {**FULL, "prison": cast.prison.public_id, "released_on": karel.released_on.isoformat()}
    seen = {"kamila": opened(kamila, karel), "pavel": opened(pavel, karel)}
    assert kamila.post(where, {**data, "contact": "777 111 222", "seen": seen["kamila"]}, page=where).status == 303
    answer = pavel.post(where, {**data, "contact": "777 333 444", "seen": seen["pavel"]}, page=where)
    assert answer.status == 422 and "777 111 222" in answer.text and "777 333 444" in answer.html
    again = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', answer.html)[1]
    assert pavel.post(where, {**data, "contact": "777 333 444", "seen": again}, page=where).status == 303
    assert files.open_file(cast.kamila, karel.public_id)[Scope.IDENTITY].value.contact == "777 333 444"
    rows = Journal.select().where(Journal.what == "client.change")
    assert [row.parts for row in rows] == ["contact", "contact"]


def test_release_flags_visits_begins_the_fortnight_and_plans_follow_ups(sign_in, cast):
    booking = confirmed(cast, slot=free(cast.prison, 9))
    with db.writing():
        Client.update(released_on=None, planned_release_on=clock.today()).where(Client.id == cast.karel.id).execute()
        Prompt.delete().execute()
        from models import BookingClient
        BookingClient.create(booking=booking, client=cast.karel)
        given = consent(cast.karel, cast.ngo, Scope.IDENTITY)
        Consent.update(state=ConsentState.PROVISIONAL).where(Consent.id == given.id).execute()
    kamila, where = sign_in("kamila"), f"/clients/{cast.karel.public_id}/record"
    answer = kamila.post(where, {**FULL, "prison": cast.prison.public_id, "planned_release_on": "2026-11-23",
                                 "released_on": "2026-11-23", "seen": opened(kamila, cast.karel)}, page=where)
    assert answer.status == 303, answer.text
    from models import BookingFlag
    assert [row.cause for row in BookingFlag.select()] == [FlagCause.CLIENT_RELEASED]
    assert (Consent.get_by_id(given.id).provisional_until - clock.today()).days == 14
    assert Prompt.select().where(Prompt.organisation == cast.municipality).count() > 2
    assert Booking.select().count()


def test_a_lead_gives_a_client_to_a_worker_and_takes_them_back(sign_in, cast):
    kamila, klara, where = sign_in("kamila"), sign_in("klara"), f"/clients/{cast.karel.public_id}/worker"
    assert klara.get(f"/clients/{cast.karel.public_id}").status == 404
    assert kamila.post(where, {"worker": cast.klara.public_id}, page=where).status == 303
    assert klara.get(f"/clients/{cast.karel.public_id}").status == 200
    assert kamila.post(where, {"worker": cast.strange_curator.public_id}, page=where).status == 422
    assert klara.get(where).status == 404


def test_somebody_stands_in_and_reads_and_writes_until_they_do_not(sign_in, cast):
    """Several people of an organisation work with one client: a colleague who is away is stood in for."""
    kamila, klara, file = sign_in("kamila"), sign_in("klara"), f"/clients/{cast.karel.public_id}"
    assert klara.get(file).status == 404
    data = {"worker": cast.kamila.public_id, "others": [cast.klara.public_id]}
    assert kamila.post(f"{file}/worker", data, page=f"{file}/worker").status == 303
    assert "Karel Křehký" in klara.get(file).text and cast.karel.code in klara.get("/clients").text
    assert klara.get(f"{file}/plan").status == 200
    shown = kamila.get(f"{file}/worker").page
    chosen = [each["value"] for each in shown.all("option") if "selected" in each.attributes]
    boxes = [each["value"] for each in shown.all("input") if "checked" in each.attributes]
    assert cast.kamila.public_id in chosen and cast.klara.public_id in [*chosen, *boxes]
    kamila.post(f"{file}/worker", {"worker": cast.kamila.public_id}, page=f"{file}/worker")
    assert klara.get(file).status == 404
    assert kamila.post(f"{file}/worker", {**data, "others": [cast.nela.public_id]}).status == 422


def test_asking_by_code_says_the_same_whether_there_is_anybody_or_not(sign_in, cast):
    nora = sign_in("nora")
    answers = [nora.post("/clients/by-code", {"code": code, "purpose": "práce"}, page="/clients/by-code")
               for code in (cast.karel.code, "222222", cast.cyril.code)]
    assert {answer.status for answer in answers} == {303} and len({answer.location for answer in answers}) == 1
    assert Consent.select().where(Consent.state == ConsentState.DRAFT).count() == 2
    assert cast.karel.code not in nora.get("/clients").text
    assert nora.get(f"/clients/{cast.karel.public_id}").status == 404
    assert cast.ngo.name in sign_in("karel").get("/me/consents").text
    wrong = nora.post("/clients/by-code", {"code": cast.karel.code[:-1] + "2", "purpose": "práce"})
    assert wrong.status == 422


def test_codes_cannot_be_harvested(sign_in, cast):
    nora = sign_in("nora")
    answers = [nora.post("/clients/by-code", {"code": "222222", "purpose": "práce"}, page="/clients/by-code").status
               for _try in range(21)]
    assert answers == [303] * 20 + [422]


def test_a_new_card_and_slip_kill_the_old_ones(sign_in, cast):
    kamila, karel = sign_in("kamila"), cast.karel
    page = kamila.post(f"/clients/{karel.public_id}/slip", {}, page=f"/clients/{karel.public_id}")
    assert page.status == 200
    card = "".join(re.findall(r"[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}", page.text)[0].split())
    word = "".join(re.findall(r"\b[2-9A-Z]{5} [2-9A-Z]{5}\b", page.text)[-1].split())
    assert accounts.user_of_slip(card, word) == cast.karel_user
    assert cast.karel.card_hash != karel.card_hash
    token = OneTimeToken.get(OneTimeToken.kind == TokenKind.ACTIVATION)
    assert word not in token.token_hash
    kamila.post(f"/clients/{karel.public_id}/slip", {}, page=f"/clients/{karel.public_id}")
    assert accounts.user_of_slip(card, word) is None


def test_the_rules_are_accepted_before_the_first_client_is_opened(sign_in, cast):
    with db.writing():
        RulesAccepted.delete().where(RulesAccepted.user == cast.kamila).execute()
    kamila, file = sign_in("kamila"), f"/clients/{cast.karel.public_id}"
    for where in (file, "/clients", "/consents", "/releases", f"{file}/plan"):
        answer = kamila.get(where)
        assert answer.status == 303 and "/confidentiality" in answer.location, where
    assert kamila.get("/").status == 200 and kamila.get("/visits").status == 200
    rules = kamila.get(file).location
    assert kamila.post("/confidentiality", {}, page=rules).status == 422
    answer = kamila.post("/confidentiality", {"accept": "y", "next": re.search(r"next=(.+)", rules)[1]}, page=rules)
    assert answer.status == 303 and file in answer.location
    assert kamila.get(file).status == 200 and RulesAccepted.get(RulesAccepted.user == cast.kamila).version
