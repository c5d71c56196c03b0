"""V31: "We need NGOs in many areas (social services, work, debts, drugs, education, health, …)."

Each area is one click from the empty search, and so is each need; an area without anybody is seen in the coverage.
"""
import csv
from pathlib import Path

import pytest

import db
from models import Area, Confidence, Need, PrisonWork, Service, ServiceArea, ServiceNeed
from services import crosswalk, search_index
from text import sort_key


@pytest.fixture
def book(cast):
    """A service for each area; the needs go round."""
    needs = list(Need)
    with db.writing():
        for number, area in enumerate(Area):
            service = Service.create(organisation=cast.ngo, slug=area.value, name=f"Služba {number}",
                                     sort=sort_key(area.value), confidence=Confidence.VERIFIED)
            ServiceArea.create(service=service, area=area)
            ServiceNeed.create(service=service, need=needs[number % len(needs)])
        PrisonWork.create(slug="work", organisation=cast.ngo, prison=cast.prison, activity="Splátky", areas="debts",
                          confidence=Confidence.VERIFIED)
        search_index.rebuild()


def test_v31_a_service_says_at_least_one_area(cast, sign_in):
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/service"
    refused = nela.send(add, page=add, name="Poradna")
    assert refused.status == 422 and 'id="areas-error"' in refused.html and "Vyberte aspoň jednu oblast" in refused.text
    assert nela.send(add, page=add, name="Poradna", areas="debts").status == 303
    assert ServiceArea.get().area is Area.DEBTS


@pytest.mark.parametrize(("name", "members"), [("area", list(Area)), ("need", list(Need))])
def test_v31_each_area_and_each_need_is_one_click_away(book, sign_in, name, members):
    nela = sign_in("nela")
    shown = nela.get("/book").page
    assert not shown.with_class("row"), "the empty search is no wall of organisations"
    links = {link["href"]: link.text for link in shown.all("a") if f"{name}=" in (link["href"] or "")}
    assert len(links) == len(members) and all(links.values())
    for number, member in enumerate(members):
        answer = nela.get(next(address for address in links if address.endswith(f"{name}={member.value}")))
        assert f"Služba {number}" in answer.text, member


def test_v31_an_area_where_nothing_runs_is_seen_in_the_coverage(book, sign_in, cast):
    pavel = sign_in("pavel")
    address = next(link["href"] for link in pavel.get("/book").page.all("a") if link["href"] == "/coverage")
    page = pavel.get(address).page
    assert len(page.with_class("coverage__empty")) == 2 * len(Area) - 1 + 1  # all cells but one, and the key
    numbers = [each for each in page.with_class("coverage__number") if each.tag == "a"]
    cell = next(each for each in numbers if not each.text.startswith("0"))
    assert "Splátky" in pavel.get(cell["href"]).text


def test_v31_each_area_leads_to_needs_and_all_needs_are_led_to():
    data = Path(__file__).parents[2] / "data" / "crosswalk.csv"
    rows = list(csv.DictReader(data.open(encoding="utf-8-sig")))
    primary = {(row["to_code"], row["from_code"]) for row in rows if row["strength"] == "primary"
               and (row["from_scheme"], row["to_scheme"]) == ("need", "service_area")}
    ours = {(area.value, need.value) for area, needs in crosswalk.NEEDS_OF.items() for need in needs}
    assert set(crosswalk.NEEDS_OF) == set(Area) and all(crosswalk.NEEDS_OF.values())
    assert {need for _area, need in ours} == set(Need)
    assert {pair for pair in ours if pair[0] != Area.ACTIVITIES} == primary


@pytest.mark.parametrize("area", list(Area))
def test_v31_a_service_that_names_no_need_is_found_under_those_of_its_areas(cast, sign_in, area):
    with db.writing():
        service = Service.create(organisation=cast.ngo, slug="s", name="Služba beze slov", sort="s",
                                 confidence=Confidence.VERIFIED)
        ServiceArea.create(service=service, area=area)
        search_index.reindex(cast.ngo.id)
    for need in Need:
        found = "Služba beze slov" in sign_in("nela").get(f"/book?need={need.value}").text
        assert found is (need in crosswalk.NEEDS_OF[area]), need
    with db.writing():
        ServiceNeed.create(service=service, need=Need.LEISURE)
        search_index.reindex(cast.ngo.id)
    found = [need for need in Need if "Služba beze slov" in sign_in("nela").get(f"/book?need={need.value}").text]
    assert found == [Need.LEISURE]
