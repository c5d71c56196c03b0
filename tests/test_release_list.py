"""Who is to be released: what is missing, offers and answers, the report, and releases that nobody reaches."""
from datetime import timedelta

import pytest

import clock
import db
from models import Client, PlanItem, PlanList, Referral, ReferralState, RefusalReason, ReleaseOffer
from services import keys, release_list


def leaves_in(client, days, released=False):
    day = clock.today() + timedelta(days=days)
    with db.writing():
        Client.update(planned_release_on=day, released_on=day if released else None).where(
            Client.id == client.id).execute()


def filled(cast, *names):
    with db.writing():
        for name in names:
            row = PlanItem(client=cast.karel, organisation=cast.municipality, author=cast.kamila, key=name,
                           sheet=PlanList.FIRST_HOURS)
            row.what = keys.seal(row, "what", "údaj", cast.karel)
            row.save(force_insert=True)


def offer(browser, cast, **data):
    where = f"/clients/{cast.karel.public_id}/offer"
    return browser.post(where, {"said": "", "reason": "", "again_on": "", **data}, page=where)


def test_v18_who_leaves_soon_without_help_is_listed_and_red_on_the_day_without_a_card(sign_in, cast):
    kamila = sign_in("kamila")
    leaves_in(cast.karel, 91)
    assert release_list.due(cast.kamila) == []
    leaves_in(cast.karel, 10)
    page = kamila.get("/releases").text
    assert cast.karel.code in page and "pomoc není domluvená" in page and "za 10 dní" in page
    row, = release_list.due(cast.kamila)
    assert not row.red and not row.followed
    leaves_in(cast.karel, 0, released=True)
    assert release_list.due(cast.kamila)[0].red
    filled(cast, "sleep", "call")
    assert release_list.due(cast.kamila)[0].red
    filled(cast, "go")
    assert not release_list.due(cast.kamila)[0].red
    with db.writing():
        Referral.create(number="D-1", request_key="r", client=cast.karel, sender=cast.municipality,
                        receiver=cast.ngo, state=ReferralState.ACCEPTED)
    assert release_list.due(cast.kamila)[0].followed and not release_list.due(cast.pavel)[0].followed


def test_the_list_holds_ones_own_clients_only(sign_in, cast):
    leaves_in(cast.karel, 10)
    leaves_in(cast.cyril, 10)
    for name, codes in (("kamila", {cast.karel.code}), ("pavel", {cast.karel.code}), ("klara", set()), ("nela", set()),
                        ("strange_curator", {cast.cyril.code})):
        assert {row.code for row in release_list.due(getattr(cast, name))} == codes
        page = sign_in(name).get("/releases").text
        assert all((code in page) is (code in codes) for code in (cast.karel.code, cast.cyril.code))


@pytest.mark.parametrize("data", [{}, {"said": "no"}, {"said": "no", "reason": "refused", "again_on": "2026-11-23"},
                                  {"said": "later", "again_on": "2029-01-01"}])
def test_an_offer_that_says_too_little_is_refused(sign_in, cast, data):
    assert offer(sign_in("kamila"), cast, **data).status == 422 and not ReleaseOffer.select().exists()


def test_v22_a_refusal_has_a_reason_comes_again_and_the_report_equals_the_cases(sign_in, cast, travel):
    kamila = sign_in("kamila")
    leaves_in(cast.karel, -1, released=True)
    assert offer(kamila, cast, said="no", reason="no_insight", again_on="2026-12-03").status == 303
    report = release_list.report(cast.kamila)
    assert (report.releases, report.with_need, report.offered, report.accepted, report.declined) == (1, 0, 1, 0, 1)
    assert report.reasons == [(RefusalReason.NO_INSIGHT, 1)]
    assert "Nabídnout znovu" not in kamila.get("/releases").text
    travel.shift(10 * 86_400)
    assert release_list.offer_again(cast.kamila)[0][1] == cast.karel.code
    assert offer(sign_in("kamila"), cast, said="yes").status == 303
    report = release_list.report(cast.kamila)
    assert (report.offered, report.accepted, report.declined) == (1, 1, 0) and not release_list.offer_again(cast.kamila)
    assert release_list.report(cast.pavel).offered == 0


@pytest.mark.parametrize(("people", "words"), [(4, "Méně než 5 propuštění"), (11, "Asi 10 propuštění")])
def test_v15_an_ngo_is_told_about_releases_to_its_region_from_prisons_without_an_agreement(sign_in, cast, people,
                                                                                           words):
    with db.writing():
        for number in range(people):
            Client.create(code=f"X{number}", prison=cast.other_prison, region="CZ020", recorded_by=cast.other_prison,
                          planned_release_on=clock.today() + timedelta(days=30))
        Client.create(code="Y", prison=cast.prison, region="CZ020", recorded_by=cast.prison,
                      planned_release_on=clock.today() + timedelta(days=30))
    assert words in sign_in("nela").get("/releases").text  # the prison of the cast has an agreement with them
    assert words not in sign_in("kamila").get("/releases").text
