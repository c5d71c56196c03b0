"""Who is to be released: what is missing, offers and answers, the report, and releases that nobody reaches."""
from datetime import timedelta

import pytest

import clock
import db
from models import Client, Membership, ReleaseOffer
from services import release_list


def leaves_in(client, days, released=False):
    day = clock.today() + timedelta(days=days)
    with db.writing():
        Client.update(planned_release_on=day, released_on=day if released else None).where(
            Client.id == client.id).execute()


def offer(browser, cast, **data):
    where = f"/clients/{cast.karel.public_id}/offer"
    return browser.post(where, {"said": "", "reason": "", "again_on": "", **data}, page=where)


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


def returning(cast, number, created_at, organisation=None):
    """People who are to return to the region of the cast from the prison of strangers."""
    with db.writing():
        for each in range(number):
            row = Client.create(code=f"X{created_at:%m%d}{each}", prison=cast.other_prison, region="CZ020",
                                recorded_by=cast.other_prison, created_at=created_at,
                                planned_release_on=clock.today() + timedelta(days=30))
            if organisation:
                Membership.create(client=row, organisation=organisation)


@pytest.mark.parametrize(("people", "words"), [(0, "Méně než 5 propuštění"), (4, "Méně než 5 propuštění"),
                                               (11, "Asi 10 propuštění")])
def test_v15_an_ngo_is_told_about_releases_to_its_region_from_prisons_without_an_agreement(sign_in, cast, people,
                                                                                           words):
    returning(cast, people, clock.now() - timedelta(days=60))
    with db.writing():
        Client.create(code="Y", prison=cast.prison, region="CZ020", recorded_by=cast.prison,
                      planned_release_on=clock.today() + timedelta(days=30))
    assert words in sign_in("nela").get("/releases").text  # the prison of the cast has an agreement with them
    assert words not in sign_in("kamila").get("/releases").text


def test_nobody_finds_an_exact_number_by_writing_people_down(sign_in, cast):
    """Seven are shown as five; with one more of one's own, or one of this month, eight would be ten."""
    returning(cast, 7, clock.now() - timedelta(days=60))
    nela = sign_in("nela")
    assert "Asi 5 propuštění" in nela.get("/releases").text
    returning(cast, 1, clock.now())
    returning(cast, 1, clock.now() - timedelta(days=61), cast.ngo)
    assert "Asi 5 propuštění" in nela.get("/releases").text
    returning(cast, 1, clock.now() - timedelta(days=62))
    assert "Asi 10 propuštění" in nela.get("/releases").text
