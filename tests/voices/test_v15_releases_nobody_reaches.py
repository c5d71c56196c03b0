"""V15: not all clients of a region are reached. An organisation sees, rounded, how many return to it from prisons
with which it has no agreement, and starts a co-operation there."""
from datetime import timedelta

import pytest

import db
from models import Client, Cooperation, CooperationState, OrganisationRegion, Region, ReleaseKind

SENTENCE = "propuštění do kraje Kraj Vysočina za 90 dní z věznic, se kterými nemáte dohodu"


@pytest.fixture
def vysocina(cast):
    """A region in which Nela's organisation works too."""
    with db.writing():
        region = Region.create(code="CZ063", name="Kraj Vysočina", name_en="Vysočina Region", seat="Jihlava")
        OrganisationRegion.create(organisation=cast.ngo, region=region)
    return region


def leaving(cast, region, number, prison):
    """So many clients in a prison who are to return to a region within ninety days."""
    with db.writing():
        for each in range(number):
            Client.create(code=f"V{Client.select().count():05d}", prison=prison, region=region,
                          planned_release_on=cast.today + timedelta(days=30 + each), recorded_by=prison,
                          release_kind=ReleaseKind.END_OF_SENTENCE, created_at=cast.now - timedelta(days=60))


def words(answer):
    return answer.text.replace("\xa0", " ")


def test_v15_releases_that_are_not_reached_lead_to_a_co_operation(sign_in, cast, vysocina):
    leaving(cast, vysocina, 11, cast.other_prison)
    leaving(cast, vysocina, 7, cast.prison)  # with that one there is an agreement
    nela = sign_in("nela")
    assert f"Asi 10 {SENTENCE}" in words(nela.get("/releases"))
    start = f"/cooperation/start/{cast.other_prison.public_id}"
    links = [each["href"] for each in nela.last.page.all("a")]
    assert start in links and f"/cooperation/start/{cast.prison.public_id}" not in links
    nela.get(start)
    assert nela.send(start).status == 303
    begun = Cooperation.get(Cooperation.organisation == cast.ngo, Cooperation.prison == cast.other_prison)
    assert begun.state is CooperationState.INTEREST
    assert start not in [each["href"] for each in nela.get("/releases").page.all("a")]


def test_v15_few_are_not_counted_out(sign_in, cast, vysocina):
    leaving(cast, vysocina, 3, cast.other_prison)
    assert "Méně než 5 " in words(sign_in("nela").get("/releases"))


@pytest.mark.parametrize("who", ["pavel", "kamila", "strange_ngo"])
def test_v15_others_are_not_told_of_this_region(sign_in, cast, vysocina, who):
    leaving(cast, vysocina, 11, cast.other_prison)
    assert "Vysočina" not in sign_in(who).get("/releases").text
