"""V22: care after release reaches a small part of those who need it."""
from models import PlanItem
from tests.support.acts import file_of, leaves_in, plan


def offers(browser, client, **data):
    where = f"{file_of(client)}/offer"
    return browser.post(where, {"said": "", "reason": "", "again_on": "", **data}, page=where)


def numbers(browser) -> list[str]:
    """The report at the end of the page: released, with a need, offered, accepted, not wanted."""
    shown = browser.get("/releases").html.rsplit("<dl", 1)[1]
    return [each.split("</dd>")[0] for each in shown.split("<dd>")[1:]]


def test_v22_the_report_equals_the_cases_and_a_no_has_its_reason(cast, sign_in, travel):
    kamila = sign_in("kamila")
    leaves_in(cast.karel, -1, released=True)
    assert numbers(kamila) == ["1", "0", "0", "0", "0"]
    assert plan(kamila, cast.karel).need == "work" and PlanItem.select().count() == 1
    assert offers(kamila, cast.karel, said="no").status == 422, "a no without its reason"
    assert offers(kamila, cast.karel, said="no", reason="no_insight", again_on="2026-12-03").status == 303
    shown = numbers(kamila)
    assert shown[:4] == ["1", "1", "1", "0"] and shown[4].startswith("1 (")
    travel.shift(10 * 86_400)
    kamila = sign_in("kamila")
    assert "Nabídnout znovu" in kamila.get("/releases").text
    assert offers(kamila, cast.karel, said="yes").status == 303
    assert numbers(kamila) == ["1", "1", "1", "1", "0"]
    assert numbers(sign_in("pavel"))[2:] == ["0", "0", "0"], "the prison sees what it offered itself"
    assert numbers(sign_in("strange_curator"))[2] == "0"
