"""V24: one does not learn which others work with the client; services double."""
from datetime import timedelta

import db
from models import PlanItem
from tests.support.acts import file_of, gives, part, plan, works_with


def test_v24_with_consent_both_stand_there_with_their_days_and_agree_a_stranger_sees_no_number(cast, sign_in):
    karel, kamila, sheet = cast.karel, sign_in("kamila"), f"{file_of(cast.karel)}/plan"
    works_with(karel, cast.ngo, cast.nora)
    nora = sign_in("nora")
    plan(kamila, karel, what="Tajná slova o práci.", who=cast.municipality.public_id)
    plan(nora, karel, who=cast.ngo.public_id)
    with db.writing():
        PlanItem.update(since_on=cast.today - timedelta(days=30)).where(PlanItem.who == cast.municipality).execute()
    before = part(nora.get(sheet), "needs")
    assert cast.ngo.name in before and cast.municipality.name not in before and "Domluvte se" not in before
    gives(sign_in("karel"), cast, cast.ngo, "network")
    after = part(nora.get(sheet), "needs").replace("\xa0", " ")
    assert cast.ngo.name in after and cast.municipality.name in after
    assert "24. 10. 2026" in after and "23. 11. 2026" in after and "Domluvte se" in after
    assert "Tajná slova" not in nora.get(sheet).text
    stranger = sign_in("strange_ngo")
    assert stranger.get(sheet).status == 404 and stranger.last.body == stranger.get("/clients/" + "A" * 22).body
