"""V13, V30 at a regional meeting: what is missing is seen, becomes a gap there, and comes back until it is solved."""
from datetime import time, timedelta

import pytest

import clock
import db
from models import Confidence, Form, Gap, GapState, Kind, Organisation, OrganisationState, PrisonProfile, PrisonWork
from services import search_index
from services.coverage import concentration, gaps, snapshots
from services.groups import founding, meetings
from tests.support import cast as the_cast
from tests.test_coverage_regions import service
from text import sort_key


@pytest.fixture
def group(cast):
    """Kora leads it; Nela and the partner Parta are in it. In its region housing alone is covered."""
    row = founding.found(cast.kora, "Středočeská skupina", "", "CZ020")
    for person in (cast.nela, cast.parta):
        founding.add(cast.kora, row.public_id, person.email)
    with db.writing():
        service(cast.ngo, "Byty", ["housing"], ["CZ020"])
        search_index.rebuild()
    return row


def meets(cast, group, days) -> str:
    """The page of a meeting in so many days, to which the members are invited."""
    row = meetings.plan(cast.kora, group.public_id, meetings.Plan(
        "", the_cast.TODAY + timedelta(days=days), time(9), time(11), "Krajský úřad", ""))
    meetings.invite(cast.kora, row.public_id)
    return f"/meetings/{row.public_id}"


def item(page, number) -> str:
    """The text of an item of the agenda."""
    return page.text.split(f" {number}. ", 1)[1].split(f" {number + 1}. ", 1)[0]


def test_v30_an_empty_cell_of_the_region_becomes_a_gap_that_each_meeting_sees_until_it_is_filled(
        cast, group, sign_in, travel):
    parta, kora = sign_in("parta"), sign_in("kora")
    first = meets(cast, group, 0)
    cell = "/coverage/region?region=CZ020&need=work"
    assert parta.post(cell, {"proposal": "Oslovit úřad práce"}, page=cell).status == 303
    on_table = item(parta.get(first), 3)
    assert "práce" in on_table and "nové" in on_table
    row = Gap.get()
    take = f"/coverage/gaps/{row.public_id}/assign"
    assert kora.post(take, {"proposal": "Oslovit úřad práce", "owner": cast.nela.public_id, "due_on": "31. 1. 2027"},
                     page=take).status == 303
    travel.shift(86_400)
    second = meets(cast, group, 1)
    later = item(sign_in("nela").get(second), 3)
    assert cast.nela.name in later and "31. 1. 2027" in later.replace("\xa0", " ")

    with db.writing():
        work = service(cast.ngo, "Brigády", ["work"], ["CZ020"])
        search_index.rebuild()
    nela = sign_in("nela")
    solve = f"/coverage/gaps/{row.public_id}/solve"
    assert nela.send(solve, page=solve).status == 303
    assert "práce" not in item(nela.get(second), 3), "solved"
    gaps.watch()
    with db.writing():
        type(work).update(ended_on=clock.today() - timedelta(days=1)).where(type(work).id == work.id).execute()
        search_index.rebuild()
    gaps.watch()
    assert Gap.get().state is GapState.FOUND and "práce" in item(nela.get(second), 3), "it comes back by itself"


def test_v13_the_meeting_has_the_coverage_of_its_prisons_and_the_share_of_that_day(cast, group, sign_in):
    with db.writing():
        strict = Organisation.create(slug="prisna", kind=Kind.PRISON, state=OrganisationState.VERIFIED, region="CZ020",
                                     name="Ukázková věznice Přísná", sort=sort_key("Přísná"))
        PrisonProfile.create(organisation=strict, type="prison", level_increased=True)
        PrisonWork.create(slug="dluhy", organisation=cast.ngo, prison=cast.prison, activity="Dluhy", areas="debts",
                          form=Form.ON_SITE, confidence=Confidence.CONFIRMED)
        search_index.rebuild()
    page, kora = meets(cast, group, 0), sign_in("kora")
    assert "Ukázková věznice Přísná oblasti, kde nic není: 11" in item(sign_in("parta").get(page), 6)
    shown = kora.get("/coverage?level=increased").page
    assert {cell.text[0] for cell in shown.with_class("coverage__empty") if cell.tag == "td"} == {"0"}
    day = snapshots.trend(cast.kora)[-1]
    counted = next(each for each in concentration.shares(cast.kora)[concentration.BY_REGION] if each.line == "CZ020")
    assert day.day == clock.today() and day.shares[concentration.BY_REGION, "CZ020"] == (counted.count, counted.total)
    cell = f"/coverage/prison/{strict.public_id}?area=debts"
    assert kora.post(cell, {"proposal": "Začít jednou za měsíc"}, page=cell).status == 303
    assert "Ukázková věznice Přísná" in item(sign_in("nela").get(page), 3)
