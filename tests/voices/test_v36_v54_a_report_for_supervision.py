"""V36, V54: at conditional release with supervision probation needs to know what was worked on and with what result."""
import pytest

import db
from exporters import pdf
from models import Report, User
from tests.support.acts import file_of, gives


def finished(sign_in, cast, recipient):
    """Kamila writes, Karel reads and remarks in his app, it goes out with a number; its address."""
    kamila, karel, reports = sign_in("kamila"), sign_in("karel"), f"{file_of(cast.karel)}/reports"
    kamila.send(reports, page=reports)
    path = f"/reports/{Report.get().public_id}"
    kamila.send(f"{path}/edit", page=f"{path}/edit", summary="Našli jsme pokoj.", recipient=recipient.public_id)
    kamila.send(f"{path}/need", page=f"{path}/need", need="housing", result="achieved", done="Smlouva na rok.", left="")
    assert karel.get(f"/me{path}").status == 404, "a draft is its author's"
    kamila.send(f"{path}/show", page=path)
    karel.send(f"/me{path}", page=f"/me{path}", answer="remark", remark="Kauci platím sám.")
    assert kamila.send(f"{path}/issue", page=path).status == 303
    return path


def test_v36_probation_opens_number_one_of_the_year_on_consent_and_only_while_it_holds(sign_in, cast):
    path, karel, petra = finished(sign_in, cast, cast.probation), sign_in("karel"), sign_in("petra")
    with db.writing():
        User.update(lead=True).where(User.id == cast.petra.id).execute()
    assert petra.get(path).status == 404
    gives(karel, cast, cast.probation, "plan")
    page = petra.get(path).text
    assert "2026-0001" in page and "Našli jsme pokoj." in page and "Kauci platím sám." in page
    assert petra.get(f"{path}?file=pdf").body.startswith(b"%PDF") or not pdf.installed()
    assert "četl/a závěrečnou zprávu o vás" in karel.get("/me/who-looked").text
    consent = next(link["href"] for link in karel.get("/me/consents").page.all("a") if "/me/consents/" in link["href"]
                   and len(link["href"]) > 30)
    karel.send(f"{consent}/end", page=f"{consent}/end")
    assert petra.get(path).status == 404, "the next request"


@pytest.mark.parametrize("who", ["nela", "pavel", "strange_probation", "kora"])
def test_v36_nobody_else_opens_it(sign_in, cast, who):
    path = finished(sign_in, cast, cast.probation)
    assert sign_in(who).get(path).status == 404
