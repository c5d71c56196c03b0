"""V29, V62: who referred a client learns how it ended, the same day, and after a month of silence gets one line."""
from datetime import timedelta

import pytest

import db
from jobs import JOBS
from models import Closing, Membership, Need, NeedState, Referral
from services import referrals
from tests.support.acts import leaves_in
from tests.test_feedback import told
from tests.test_referrals import service

JOB = {name: work for name, _when, work in JOBS}["answers-of-referrals"]


@pytest.fixture
def in_care(cast, sign_in):
    """Pavel's referral that Nela took on and met the client; her address of it."""
    target, pavel, nela = service(cast.ngo), sign_in("pavel"), sign_in("nela")
    pavel.post(f"/clients/{cast.karel.public_id}/refer", {"service": target.public_id, "request_key": "v29"})
    assert pavel.post(pavel.follow().path, {"needs": Need.HOUSING.value, "level": "1", "step": "send"}).status == 303
    path = f"/referrals/{Referral.get().public_id}"
    assert nela.post(f"{path}/accept", {"worker": cast.nela.public_id}).status == 303
    assert nela.post(f"{path}/contact").status == 303
    return path


def test_v29_v62_the_prison_sees_the_outcome_that_day_and_nothing_of_the_entry(cast, sign_in, postbox, in_care):
    with db.writing():
        prompt = cast.prompt
        prompt.organisation = cast.ngo.id
        prompt.save()
        assert Membership.select().where(Membership.organisation == cast.ngo).exists()
    nela, pavel = sign_in("nela"), sign_in("pavel")
    entry = nela.send(f"/follow-ups/{prompt.public_id}", page=f"/follow-ups/{prompt.public_id}", reached="in_person",
                      note="tajny zaznam", said="tajna slova", **told("housing", NeedState.MET))
    assert entry.status == 303
    answer = nela.post(f"{in_care}/close", {"closing": Closing.AS_PLANNED, "result_housing": "achieved"})
    assert answer.status == 303
    postbox.deliver()
    assert any("uzavřela" in postbox.words(mail) for mail in postbox.to("pavel"))
    today = pavel.get("/").text
    assert "Odpovědi na vaše" in today and "přišel, skončilo podle dohody" in today
    pages = [pavel.get(path).html for path in ("/", "/referrals", in_care, f"/clients/{cast.karel.public_id}",
                                               f"/clients/{cast.karel.public_id}/course")]
    assert "přišel, skončilo podle dohody" in pages[2]
    assert not any("tajn" in page or "dosaženo" in page for page in pages)


@pytest.fixture
def in_custody(cast):
    """Karel is to be released in half a year."""
    leaves_in(cast.karel, 180)


@pytest.mark.usefixtures("in_custody")
def test_v29_an_open_referral_older_than_thirty_days_asks_for_one_line(cast, sign_in, postbox, travel, in_care):
    JOB()
    assert "Jednu větu" not in sign_in("nela").get("/").text
    travel.shift(31 * 86_400)
    JOB()
    JOB()
    nela, pavel = sign_in("nela"), sign_in("pavel")
    assert "Jednu větu, jak to jde, prosím" in nela.get("/").text
    postbox.deliver()
    assert sum("jednu větu" in postbox.words(mail) for mail in postbox.to("nela")) == 1
    assert pavel.get(f"{in_care}/line").status == 404
    assert nela.post(f"{in_care}/line", {"text": "Karel Křehký chodí."}).status == 422, "no name"
    assert nela.post(f"{in_care}/line", {"text": "Chodí každý týden."}).status == 303
    assert "Jednu větu" not in nela.get("/").text
    assert "Chodí každý týden." in pavel.get(in_care).text
    postbox.deliver()
    assert any("jak to jde" in postbox.words(mail) for mail in postbox.to("pavel"))
    JOB()
    assert Referral.get().line_asked_at is None, "it is asked again in a month, not before"
    travel.shift(31 * 86_400)
    JOB()
    assert Referral.get().line_asked_at is not None


def test_nobody_writes_a_line_for_a_prison_that_may_not_read_it(cast, in_care, travel):
    """Karel has been out for more than thirty days."""
    travel.shift(31 * 86_400)
    referrals.run_due()
    assert Referral.get().line_asked_at is None


@pytest.mark.usefixtures("in_custody")
def test_who_has_not_held_it_for_a_month_is_not_asked(cast, in_care, travel):
    travel.shift(29 * 86_400)
    referrals.run_due()
    assert Referral.get().line_asked_at is None
    travel.shift(timedelta(days=2).total_seconds())
    referrals.run_due()
    assert Referral.get().line_asked_at is not None
