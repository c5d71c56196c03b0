"""V06, its part about co-operation: it can take months. A step past its limit is seen, and so is the usual duration."""
from datetime import timedelta

import clock
import db
from models import Cooperation, CooperationState
from tests.voices.test_v07_each_prison_has_its_own_steps import start, write_checklist


def finished_in(cast, *days):
    """Co-operations of other organisations that became active after so many days."""
    others = [cast.ngo, cast.municipality, cast.probation]
    with db.writing():
        Cooperation.delete().execute()
        for organisation, took in zip(others, days, strict=True):
            Cooperation.create(organisation=organisation, prison=cast.prison, state=CooperationState.ACTIVE,
                               started_at=clock.now() - timedelta(days=took + 9),
                               activated_at=clock.now() - timedelta(days=9))


def test_v06_a_step_past_its_limit_reaches_the_coordinator_and_the_prison_shows_its_median(cast, sign_in, travel):
    finished_in(cast, 20, 41, 90)
    pavel, cecilie, kora = sign_in("pavel"), sign_in("strange_ngo"), sign_in("kora")
    write_checklist(pavel, ["zájem písemně", "bezpečnostní prověrka"])
    _before, record = start(cecilie, cast.prison)
    pavel.send(f"{record.path}/take_up", page=f"{record.path}/take_up")
    cecilie.get(record.path)
    cecilie.send(f"{record.path}/step")
    assert "bezpečnostní prověrka" in pavel.get("/").text and "jste na řadě" in pavel.get("/").text
    assert "bezpečnostní prověrka" not in kora.get("/").text
    travel.shift(timedelta(days=11))
    kora, cecilie = sign_in("kora"), sign_in("strange_ngo")
    task = kora.get("/").text
    assert "bezpečnostní prověrka" in task and "čeká 11 dnů" in task and "po termínu" in task
    assert "obvykle trvá 41 dnů" in cecilie.get(f"/book/{cast.prison.public_id}").text
    assert "čeká 11 dnů" in cecilie.get(record.path).text
