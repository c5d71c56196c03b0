"""V61: a large part of the work is verifying what clients say with partner organisations."""
from models import Claim, PlanItem, Verification
from tests.support.acts import file_of, gives, plan

BED, QUESTION = "Má slíbené lůžko na ubytovně.", "Podal si žádost o občanský průkaz?"


def test_v61_one_question_to_one_organisation_stamps_the_fact_and_shows_nothing_else(sign_in, cast):
    kamila, pavel, sheet = sign_in("kamila"), sign_in("pavel"), f"{file_of(cast.karel)}/plan"
    item = plan(kamila, cast.karel, what=BED)
    where = f"/plan-items/{item.public_id}/verify"
    data = {"recipient": cast.prison.public_id, "question": QUESTION}
    assert cast.prison.name not in kamila.get(where).text and kamila.post(where, data, page=where).status == 422
    gives(sign_in("karel"), cast, cast.municipality, "network")
    assert kamila.post(where, data, page=where).status == 303
    assert kamila.post(where, data, page=where).status == 422, "it waits already"
    asked = Verification.get()
    page = f"/questions/{asked.public_id}"
    assert QUESTION.encode() not in bytes(asked.question), "sealed"
    assert QUESTION in pavel.get(page).text and BED not in pavel.last.text
    assert cast.karel.code in pavel.get("/questions").text
    assert [sign_in(who).get(page).status for who in ("patrik", "strange_prison", "nela")] == [404] * 3
    assert pavel.post(page, {"answer": "yes"}, page=page).status == 303
    now = PlanItem.get_by_id(item.id)
    assert (now.claim, now.claim_by, now.claim_on) == (Claim.CONFIRMED, cast.prison, cast.today)
    assert pavel.get(page).status == 404 and BED not in pavel.get(sheet).text
    assert f"potvrzeno {cast.prison.name}, 23. 11. 2026" in kamila.get(sheet).text.replace("\xa0", " ")


def test_v61_unknown_leaves_the_fact_as_it_was(sign_in, cast):
    kamila, pavel = sign_in("kamila"), sign_in("pavel")
    item = plan(kamila, cast.karel, what=BED)
    gives(sign_in("karel"), cast, cast.municipality, "network")
    where = f"/plan-items/{item.public_id}/verify"
    kamila.post(where, {"recipient": cast.prison.public_id, "question": QUESTION}, page=where)
    page = f"/questions/{Verification.get().public_id}"
    assert pavel.post(page, {"answer": "unknown"}, page=page).status == 303
    assert PlanItem.get_by_id(item.id).claim is Claim.SAID
