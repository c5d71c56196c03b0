"""V22: care after release reaches a small part of those who need it."""
import csv
import io
from datetime import date, timedelta

import clock
import db
from models import Client, Need, PlanItem, RefusalReason, ReleaseOffer
from services import figures
from services.figures import HELP, VERDICTS
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


def test_v22_others_see_how_far_help_came_rounded_and_not_what_is_exact(cast, sign_in):
    assert len(HELP) == len(VERDICTS), "the solver tried as many columns"
    with db.writing():
        accepted, declined, known = ([person(cast) for _number in range(count)] for count in (7, 11, 6))
        for client in (*accepted, *declined, *known):
            PlanItem.create(client=client, organisation=cast.municipality, need=Need.HOUSING, created_at=OCTOBER)
        for client, reason in [*((each, None) for each in accepted), *((each, RefusalReason.NO_INSIGHT)
                                                                       for each in declined)]:
            offered(client, cast.municipality, cast.kamila, reason)
        own = person(cast)
        offered(own, cast.prison, cast.pavel, None)
        PlanItem.create(client=own, organisation=cast.prison, need=Need.HOUSING, created_at=OCTOBER)
    figures.freeze()
    pavel = sign_in("pavel")
    row = next(row for row in pavel.get("/figures").page.all("tr") if row.text.startswith("Lidé, kteří pomoc"))
    shown = [cell.text for cell in pavel.last.page.inside(row, "td")]
    assert shown == ["5", "10", "5", "25"], "what the prison wrote down itself is not among them"
    lines = csv.reader(io.StringIO(pavel.get("/figures.csv").body.decode("utf-8-sig")), delimiter=";")
    assert shown == next(line[1:-1] for line in lines if line and line[0] == "lidé, kteří pomoc potřebovali")


OCTOBER = clock.at(date(2026, 10, 12), clock.now().time())


def person(cast):
    return Client.create(code=f"V{Client.select().count()}", prison=cast.prison, recorded_by=cast.municipality,
                         released_on=OCTOBER.date() - timedelta(days=5))


def offered(client, organisation, actor, reason):
    ReleaseOffer.create(client=client, organisation=organisation, actor=actor, offered_on=OCTOBER.date(),
                        accepted=reason is None, reason=reason)
