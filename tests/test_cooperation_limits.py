"""What was agreed in numbers, and a co-operation past its last day: it is over at once, before any job has run."""
from datetime import timedelta

import pytest

import db
from models import Cooperation, CooperationEvent, CooperationState
from services import cooperation
from services.cooperation import Limits
from tests.support.cast import TODAY

AGREED = {"scope": "poradna", "ceiling": "v pracovní dny", "most_visits_a_month": "4", "most_people": "2"}


def record_of(cast) -> Cooperation:
    return Cooperation.get(Cooperation.organisation == cast.ngo, Cooperation.prison == cast.prison)


def run_until(cast, day):
    with db.writing():
        Cooperation.update(valid_until=day).where(Cooperation.id == record_of(cast).id).execute()
    return record_of(cast)


def test_the_prison_writes_in_numbers_how_much_at_most(cast, sign_in):
    pavel, row = sign_in("pavel"), record_of(cast)
    page = f"/cooperation/{row.public_id}/amend"
    assert pavel.send(page, page=page, **AGREED).status == 303
    text = sign_in("nela").get(f"/cooperation/{row.public_id}").text
    assert "nejvýše 4 návštěvy za měsíc" in text and "nejvýše 2 lidé najednou" in text and "v pracovní dny" in text
    assert cooperation.limits(cast.ngo.id, cast.prison.id) == Limits(4, 2, None, None)
    assert pavel.get(page).page.id("most_people")["value"] == "2"


@pytest.mark.parametrize("wrong", ["0", "-1", "10000", "čtyři", "1" * 5000])
def test_a_number_that_makes_no_sense_is_refused_and_kept(cast, sign_in, wrong):
    page = f"/cooperation/{record_of(cast).public_id}/amend"
    answer = sign_in("pavel").send(page, page=page, **AGREED | {"most_visits_a_month": wrong})
    assert answer.status == 422 and answer.page.id("most_visits_a_month")["value"] == wrong
    assert "Napište číslo od 1 do 999" in answer.text


def test_nothing_agreed_in_numbers_means_no_limit_and_no_co_operation_none_at_all(cast):
    assert cooperation.limits(cast.ngo.id, cast.prison.id) == Limits()
    assert cooperation.limits(cast.ngo.id, cast.other_prison.id) is None
    with db.writing():
        Cooperation.update(state=CooperationState.PAUSED).execute()
    assert cooperation.limits(cast.ngo.id, cast.prison.id) is None


def test_past_its_last_day_it_opens_no_visits_though_no_job_has_run(cast, sign_in):
    nela, request = sign_in("nela"), f"/visits/request/{cast.prison.public_id}"
    run_until(cast, TODAY)
    assert cooperation.limits(cast.ngo.id, cast.prison.id), "the last day still holds"
    assert "s touto věznicí zatím nemá" not in nela.get(request).text
    run_until(cast, TODAY - timedelta(days=1))
    assert cooperation.limits(cast.ngo.id, cast.prison.id) is None
    assert "s touto věznicí zatím nemá" in nela.get(request).text


def test_past_its_last_day_pages_say_that_it_has_ended(cast, sign_in):
    row = run_until(cast, TODAY - timedelta(days=1))
    for name in ("nela", "pavel"):
        browser = sign_in(name)
        page = browser.get(f"/cooperation/{row.public_id}")
        assert "spolupráce ukončena" in page.text and f"/cooperation/{row.public_id}/amend" not in page.html
        assert "spolupráce ukončena" in browser.get("/cooperation").text
    assert f"/cooperation/start/{cast.prison.public_id}" in sign_in("nela").get(f"/book/{cast.prison.public_id}").html


@pytest.mark.parametrize("event", ["amend", "pause", "end"])
def test_past_its_last_day_nothing_is_agreed_about_it(cast, sign_in, event):
    row = run_until(cast, TODAY - timedelta(days=1))
    page = f"/cooperation/{row.public_id}/{event}"
    answer = sign_in("pavel").post(page, AGREED | {"reason": "other"})
    assert answer.status == 422 and "udělat nejde" in answer.text
    assert record_of(cast).state is CooperationState.ACTIVE, "a refusal writes nothing; the night does"


def test_past_its_last_day_it_can_begin_anew_and_its_end_is_written_down(cast, sign_in):
    row = run_until(cast, TODAY - timedelta(days=1))
    page = f"/cooperation/start/{cast.prison.public_id}"
    assert sign_in("nela").send(page, page=page, about="znovu", event="start").status == 303
    assert record_of(cast).state is CooperationState.INTEREST
    events = CooperationEvent.select().where(CooperationEvent.cooperation == row.id).order_by(CooperationEvent.id)
    assert [each.event for each in events] == ["run_out", "start"]
    assert (record_of(cast).most_visits_a_month, record_of(cast).valid_until) == (None, None)
