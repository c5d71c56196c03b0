"""Questions and overdue answers stand on Today, and lead to their pages."""
import db
import policy
from models import Verification
from services import referrals
from tests.support.acts import gives, plan, service
from tests.test_referrals import sent


def test_a_question_waits_on_today_until_it_is_answered(sign_in, cast):
    kamila, pavel = sign_in("kamila"), sign_in("pavel")
    where = f"/plan-items/{plan(kamila, cast.karel, what='Má slíbené lůžko.').public_id}/verify"
    gives(sign_in("karel"), cast, cast.municipality, "network")
    assert "Údaje k ověření" not in pavel.get("/").text
    kamila.post(where, {"recipient": cast.prison.public_id, "question": "Podal si žádost?"}, page=where)
    page = f"/questions/{Verification.get().public_id}"
    assert f'href="{page}"' in pavel.get("/").html and "Podal si žádost?" not in pavel.last.text
    assert [page in sign_in(who).get("/").html for who in ("kamila", "patrik", "nela")] == [False] * 3
    assert pavel.post(page, {"answer": "yes"}, page=page).status == 303
    assert page not in pavel.get("/").html


def test_the_coordinator_sees_on_today_that_an_answer_is_overdue_and_nothing_of_the_client(
        sign_in, cast, travel, monkeypatch, postbox):
    sent(cast)
    link, kora = 'href="/referrals/unanswered"', sign_in("kora")
    assert link not in kora.get("/").html
    travel.shift(9 * 86_400)
    referrals.run_due()
    kora = sign_in("kora")
    assert link in kora.get("/").html and "1 odpověď má zpoždění" in kora.last.text
    assert cast.karel.code not in kora.last.html
    assert link not in sign_in("nela").get("/").html
    monkeypatch.setattr(policy, "_off", policy.WITH_CLIENTS_ONLY)
    db.forget_kept()
    assert link not in kora.get("/").html


def test_the_coordinator_finds_who_takes_over_on_the_page_of_the_organisation(sign_in, cast):
    link = f'href="/services/{service(cast.ngo).public_id}/successor"'
    page = f"/book/{cast.ngo.public_id}"
    assert link in sign_in("kora").get(page).html
    assert link not in sign_in("nela").get(page).html
