"""Plans of clients through the pages: items, what is so, questions, approval, conferences, the card."""

import pytest

import db
from models import (
    Claim,
    Conference,
    Journal,
    Membership,
    PlanApproval,
    PlanItem,
    PlanList,
    Scope,
    Withheld,
)
from services import plans
from tests.test_files import consent

BED = "Má slíbené lůžko na ubytovně."


def plan_of(cast):
    return f"/clients/{cast.karel.public_id}/plan"


def add(browser, cast, **changes):
    data = {"sheet": "plan", "need": "housing", "what": BED, "goal": "Mít kde bydlet", "who": "", "state": "open",
            **changes}
    return browser.post(f"{plan_of(cast)}/new", data, page=f"{plan_of(cast)}/new")


def newest():
    return PlanItem.select().order_by(PlanItem.id.desc()).get()


@pytest.fixture
def kamila(sign_in):
    return sign_in("kamila")


def test_what_one_organisation_plans_another_reads_only_by_the_clients_word(sign_in, cast, kamila):
    assert add(kamila, cast).status == 303
    assert BED in kamila.get(plan_of(cast)).text and BED.encode() not in bytes(newest().what)
    pavel = sign_in("pavel")
    assert BED not in pavel.get(plan_of(cast)).text
    with db.writing():
        given = consent(cast.karel, cast.prison, Scope.PLAN)
    assert BED in pavel.get(plan_of(cast)).text
    assert f"consent:{given.number}" in [row.ground for row in Journal.select().where(Journal.what == "plan.open")]
    with db.writing():
        Withheld.create(client=cast.karel, recipient=cast.prison, record=newest().public_id)
    assert BED not in pavel.get(plan_of(cast)).text and BED not in pavel.get(
        f"/clients/{cast.karel.public_id}/timeline").text


def test_what_authorities_plan_reaches_an_ngo_only_by_a_consent_that_names_it(sign_in, cast, kamila):
    add(kamila, cast)
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.PLAN)
    nela = sign_in("nela")
    assert nela.get(plan_of(cast)).status == 200 and BED not in nela.get(plan_of(cast)).text
    with db.writing():
        consent(cast.karel, cast.ngo, Scope.PLAN, Scope.AUTHORITY_RECORDS)
    assert BED in nela.get(plan_of(cast)).text
    assert nela.get(f"/plan-items/{newest().public_id}").status == 404


def test_a_claim_is_said_then_confirmed_by_whom_and_when_and_new_words_are_said_again(sign_in, cast, kamila):
    add(kamila, cast)
    row = newest()
    assert "říká klient" in kamila.get(plan_of(cast)).text
    for claim, stands in (("confirmed", (Claim.CONFIRMED, cast.municipality, cast.today)), ("said", (
            Claim.SAID, None, None)), ("refuted", (Claim.REFUTED, cast.municipality, cast.today))):
        assert kamila.post(f"/plan-items/{row.public_id}/{claim}", {}, page=plan_of(cast)).status == 303
        now = PlanItem.get_by_id(row.id)
        assert (now.claim, now.claim_by, now.claim_on) == stands
    where = f"/plan-items/{row.public_id}"
    version = PlanItem.get_by_id(row.id).version
    data = {"sheet": "plan", "need": "housing", "what": "Bydlí u sestry.", "state": "open", "version": version}
    assert kamila.post(where, data, page=where).status == 303
    assert PlanItem.get_by_id(row.id).claim is Claim.SAID
    stale = kamila.post(where, {**data, "what": "Něco jiného"}, page=where)
    assert stale.status == 422 and "Něco jiného" in stale.html


def test_the_usual_items_come_by_route_once(sign_in, cast, kamila):
    for _twice in range(2):
        for sheet in PlanList:
            kamila.post(f"{plan_of(cast)}/{sheet}", {}, page=plan_of(cast))
    keys = [row.key for row in PlanItem.select().where(PlanItem.client == cast.karel)]
    assert len(keys) == len({*keys}) + 3  # housing, work and debts stand on two sheets
    assert {"sleep", "call", "go", "identity_card", "curator"} <= set(keys) and "aftercare" not in keys


def test_the_card_is_red_until_its_three_rows_are_filled(sign_in, cast, kamila):
    kamila.post(f"{plan_of(cast)}/first_hours", {}, page=plan_of(cast))
    card = f"/clients/{cast.karel.public_id}/first-hours"
    assert "není hotovo" in kamila.get(card).text
    for row in PlanItem.select().where(PlanItem.key.in_(["sleep", "call", "go"])):
        where = f"/plan-items/{row.public_id}"
        kamila.post(where, {"sheet": "first_hours", "need": row.need, "what": f"údaj {row.key}", "state": "open",
                            "version": row.version}, page=where)
    shown = kamila.get(card).text
    assert "není hotovo" not in shown and all(f"údaj {key}" in shown for key in ("sleep", "call", "go"))


def test_the_client_agrees_on_paper_or_in_the_application(sign_in, cast, kamila):
    add(kamila, cast)
    kamila.post(f"{plan_of(cast)}/approved", {}, page=plan_of(cast))
    plans.approve_own(cast.karel_user, cast.municipality.public_id)
    assert [row.how for row in PlanApproval.select().order_by(PlanApproval.id)] == ["paper", "app"]


def test_a_conference_is_read_as_the_plan_is(sign_in, cast, kamila):
    where = f"/clients/{cast.karel.public_id}/conference"
    data = {"held_on": "2026-11-20", "participants": "Klient, kurátorka a probace", "agreed": "Sejdou se v lednu."}
    assert kamila.post(where, {**data, "held_on": "2027-01-01"}, page=where).status == 422
    assert kamila.post(where, data, page=where).status == 303
    assert "Sejdou se v lednu." in kamila.get(plan_of(cast)).text and Conference.select().count() == 1
    assert "Sejdou se v lednu." not in sign_in("pavel").get(plan_of(cast)).text


def test_an_ngo_with_a_referred_client_reads_what_it_wrote_itself(sign_in, cast):
    with db.writing():
        Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nora, ground="referral")
    nora = sign_in("nora")
    assert add(nora, cast).status == 303
    assert BED in nora.get(plan_of(cast)).text
    assert "Karel Křehký" not in nora.get(f"/clients/{cast.karel.public_id}").text
