"""V03, V30: some prisons and some places have no care after release. The cell says so and becomes a gap."""
import csv
import io

import pytest

import db
from models import Area, Confidence, Form, Gap, GapState, Kind, Need, Organisation, OrganisationState, PrisonWork
from services import search_index
from services.coverage import gaps
from tests.test_coverage_regions import service
from text import sort_key


@pytest.fixture
def prisons(cast):
    """Three prisons, of which Gama has nobody for debts; in Středočeský region housing alone is covered."""
    with db.writing():
        gama = Organisation.create(slug="gama", kind=Kind.PRISON, state=OrganisationState.VERIFIED,
                                   name="Ukázková věznice Gama", sort=sort_key("Gama"), region="CZ020")
        for prison in (cast.prison, cast.other_prison):
            PrisonWork.create(slug=f"dluhy-{prison.slug}", organisation=cast.ngo, prison=prison, activity="Dluhy",
                              areas="debts", form=Form.ON_SITE, confidence=Confidence.CONFIRMED)
        service(cast.ngo, "Byty", ["housing"], ["CZ020"])
        search_index.rebuild()
    return gama


def cell_of(page, address):
    """The cell of a table whose link goes there."""
    return next(link for link in page.all("a") if link["href"] == address).within("td")


def test_v03_a_red_zero_becomes_a_gap_in_one_step(prisons, cast, sign_in):
    kora = sign_in("kora")
    address = f"/coverage/prison/{prisons.public_id}?area=debts"
    cell = cell_of(kora.get("/coverage").page, address)
    assert "coverage__empty" in cell["class"] and cell.text.startswith("0") and "nic" in cell.text
    assert "Ukázková věznice" in kora.get(address).text.split("Nejbližší jinde")[1], "the nearest who have it"
    answer = kora.post(address, {"proposal": "Požádat spolek Návrat", "owner": cast.nela.public_id,
                                 "due_on": "31. 1. 2027"}, page=address)
    assert answer.status == 303 and "Požádat spolek Návrat" in kora.follow().text
    row = Gap.get()
    assert (row.prison_id, row.area, row.state, row.owner_id) == (prisons.id, Area.DEBTS, GapState.TAKEN, cast.nela.id)
    assert "mezera" in cell_of(kora.get("/coverage").page, address).text
    assert "Požádat spolek Návrat" in sign_in("nela").get("/coverage/gaps").text
    assert [each.id for each in gaps.open_of(["CZ020"])] == [row.id], "the next meeting of the region sees it"


def test_v03_the_owner_closes_it_when_somebody_comes(prisons, cast, sign_in):
    nela, address = sign_in("nela"), f"/coverage/prison/{prisons.public_id}?area=debts"
    nela.post(address, {"proposal": "Přijedeme", "owner": cast.nela.public_id, "due_on": "31. 1. 2027"}, page=address)
    page = f"/coverage/gaps/{Gap.get().public_id}"
    assert "Uzavřít mezeru" not in nela.get(page).text, "nothing runs there yet"
    with db.writing():
        PrisonWork.create(slug="nove", organisation=cast.ngo, prison=prisons, activity="Dluhy", areas="debts",
                          form=Form.ON_SITE, confidence=Confidence.CONFIRMED)
        search_index.rebuild()
    assert nela.send(f"{page}/solve", page=f"{page}/solve").status == 303
    assert "vyřešená" in nela.follow().text and Gap.get().state is GapState.SOLVED


def test_v30_at_the_level_of_regions_the_file_has_the_empty_cells_of_the_screen(prisons, cast, sign_in):
    parta = sign_in("parta")
    page = parta.get("/coverage/regions").page
    shown = [cell for cell in page.with_class("coverage__empty") if cell.tag == "td"]
    rows = list(csv.DictReader(io.StringIO(parta.get("/coverage/regions.csv").body.decode("utf-8-sig")),
                               delimiter=";"))
    empty = [row for row in rows if row["Stav"] == "nic"]
    assert len(shown) == len(empty) == len(rows) - 1 and len(rows) % len(Need) == 0
    address = "/coverage/region?region=CZ020&need=work"
    assert parta.post(address, {"proposal": ""}, page=address).status == 303
    assert Gap.get().region_id == "CZ020" and Gap.get().need is Need.WORK
