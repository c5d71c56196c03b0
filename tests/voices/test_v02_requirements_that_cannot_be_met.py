"""V02: requirements of social housing often cannot be met: the form names them, the figures count them."""
from datetime import UTC, datetime

import db
from models import (
    Client,
    ConditionWhen,
    Need,
    Referral,
    ReferralEvent,
    ReferralReason,
    ReferralState,
    ServiceCondition,
)
from services import referrals
from services.coverage import unmet
from tests.support.acts import begin_referral, send, service
from tests.test_unmet import _referred

REQUIREMENTS = (("bez dluhu vůči městu", ConditionWhen.EITHER), ("osobní pohovor", ConditionWhen.AFTER),
                ("kauce dva nájmy předem", ConditionWhen.AFTER))


def test_v02_what_cannot_be_met_is_named_and_counted_among_unmet_housing(cast, sign_in, travel):
    flat = service(cast.ngo, "socialni-byt", Need.HOUSING)
    with db.writing():
        Client.update(region="CZ020").where(Client.id == cast.karel.id).execute()
        for place, (text, when) in enumerate(REQUIREMENTS):
            ServiceCondition.create(service=flat, place=place, text=text, when=when)
        for _number in range(6):
            _referred(cast, ReferralState.DECLINED, ReferralReason.CONDITIONS, datetime(2026, 11, 3, tzinfo=UTC),
                      "housing")
    kamila = sign_in("kamila")
    path = begin_referral(kamila, cast.karel, flat)
    refused = send(kamila, path, needs="housing", met_0="yes", met_1="no", met_2="no")
    assert refused.status == 422 and "osobní pohovor" in refused.text and "kauce dva nájmy" in refused.text
    assert "Nesplněno: osobní pohovor, kauce dva nájmy předem" in refused.text
    assert "Podmínku nejde splnit" in refused.text
    assert send(kamila, path, needs="housing", met_0="yes", met_1="no", met_2="no", why_1="Po propuštění.",
                why_2="Půjčka od nadace.").status == 303
    nela = sign_in("nela")
    assert nela.post(f"{path}/decline", {"reason": "conditions"}, page=path).status == 303
    assert Referral.get(Referral.public_id == path.split("/")[-1]).reason is ReferralReason.CONDITIONS

    travel.move_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    unmet.freeze()
    row = unmet.latest(cast.parta).rows["CZ020"][Need.HOUSING]
    assert row.total == 5, "seven people, rounded"
    page = sign_in("parta").get("/coverage/unmet").text
    assert "podmínku služby nešlo splnit" in page and ">7<" not in sign_in("parta").get("/coverage/unmet").html


def test_v02_the_button_counts_the_need_and_sends_nothing(cast, sign_in, travel):
    flat = service(cast.ngo, "socialni-byt", Need.HOUSING)
    other = service(cast.other_ngo, "ubytovna", Need.HOUSING)
    with db.writing():
        Client.update(region="CZ020").where(Client.id == cast.karel.id).execute()
        ServiceCondition.create(service=flat, place=0, text="osobní pohovor", when=ConditionWhen.AFTER)
        for _number in range(4):
            _referred(cast, ReferralState.DECLINED, ReferralReason.CONDITIONS, datetime(2026, 11, 3, tzinfo=UTC),
                      "housing")
    kamila = sign_in("kamila")
    path = begin_referral(kamila, cast.karel, flat)
    assert send(kamila, path, step="unmet", needs="housing", met_0="yes").status == 422, "nothing is marked as not met"
    assert send(kamila, path, step="unmet", needs="", met_0="no").status == 422, "which need is it"
    for _click in range(2):
        assert send(kamila, path, step="unmet", needs="housing", met_0="no").status == 303
    shown = kamila.follow().text
    assert "Nic se neodeslalo" in shown and "Jiné služby" in shown and other.name in shown
    row = Referral.get(Referral.public_id == path.split("/")[-1])
    assert row.state is ReferralState.DRAFT and ReferralEvent.select().where(ReferralEvent.referral == row).count() == 1
    assert sign_in("nela").get(path).status == 404, "the service learns nothing"
    assert "nejde splnit" in kamila.get(path).text
    assert kamila.post(f"{path}/service", {"service": other.public_id}, page=f"{path}/edit").status == 303
    assert "Zapsali jste, že podmínku" not in kamila.get(f"{path}/edit").text, "that was another service's"
    travel.shift(100 * 86_400)
    assert referrals.drop_old() == 0 and Referral.get_by_id(row.id).message is None
    travel.move_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    unmet.freeze()
    assert unmet.latest(cast.parta).rows["CZ020"][Need.HOUSING].total == 5, "with the four who were declined"


def test_v02_who_gets_it_later_does_not_learn_that_it_was_in_doubt(cast, sign_in):
    flat = service(cast.ngo, "socialni-byt", Need.HOUSING)
    with db.writing():
        ServiceCondition.create(service=flat, place=0, text="osobní pohovor", when=ConditionWhen.AFTER)
    kamila = sign_in("kamila")
    path = begin_referral(kamila, cast.karel, flat)
    assert send(kamila, path, step="unmet", needs="housing", met_0="no").status == 303
    assert "nejde splnit" in kamila.get(path).text
    assert send(kamila, path, needs="housing", met_0="yes").status == 303
    assert "nejde splnit" not in sign_in("nela").get(path).text
