"""Snapshots of coverage and the shares: once a day, a share equals what a hand counts, a trend speaks of both."""
import csv
import io
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing
from exporters.cells import FORMULA
from models import (
    Area,
    Confidence,
    CoverageSnapshot,
    CoverageSnapshotCell,
    Form,
    Organisation,
    PrisonProfile,
    PrisonWork,
    Region,
    User,
)
from services import coverage, search_index
from services.coverage import concentration, gaps, outline, prisons, snapshots
from services.coverage.gaps import Asked
from tests.test_coverage_regions import service


@pytest.fixture
def book(app, cast):
    """Three services: two in Středočeský, one in both it and Vysočina; two kinds of work, one behind high security."""
    with db.writing():
        Region.get_or_create(code="CZ063", defaults={"name": "Kraj Vysočina", "name_en": "Vysočina", "seat": "Jihlava"})
        service(cast.ngo, "Byty", ["housing"], ["CZ020"], groups=["women"])
        service(cast.ngo, "Pokoje", ["housing"], ["CZ020"])
        service(cast.other_ngo, "Práce", ["work"], ["CZ020", "CZ063"], groups=["women", "increased_security"])
        PrisonProfile.get_or_create(organisation=cast.other_prison, defaults={"type": "prison", "level_high": True})
        for slug, prison in (("a", cast.prison), ("b", cast.other_prison)):
            PrisonWork.create(slug=slug, organisation=cast.ngo, prison=prison, activity=slug,
                              areas="debts;health_services",
                              form=Form.ON_SITE, confidence=Confidence.CONFIRMED)
        search_index.rebuild()


def share(cast, kind, line):
    return next(each for each in concentration.shares(cast.kora)[kind] if each.line == line)


def test_a_share_is_what_a_hand_counts(book, cast):
    middle = share(cast, concentration.BY_REGION, "CZ020")
    assert (middle.count, middle.total, middle.percent) == (3, 3, 100)
    assert share(cast, concentration.BY_REGION, "CZ063").percent == 33
    work = share(cast, concentration.WORK_BY_LEVEL, "high")
    assert (work.count, work.total) == (1, len([line for line, _work in prisons.works() if line.levels]))
    assert share(cast, concentration.BY_GROUP, "increased_security").percent == 50


def test_a_snapshot_is_taken_once_a_day_and_once_a_month_by_itself(book, cast, travel):
    first = snapshots.take()
    cells = CoverageSnapshotCell.select().count()
    assert snapshots.take() == first and CoverageSnapshotCell.select().count() == cells
    assert not snapshots.keep_month()
    travel.move_to(cast.now + timedelta(days=10))  # December
    assert snapshots.keep_month() and not snapshots.keep_month()
    assert CoverageSnapshot.select().count() == 2 and CoverageSnapshotCell.select().count() == 2 * cells


def test_the_snapshot_that_holds_for_a_day_and_what_has_moved_since(book, cast, travel):
    before = snapshots.take()
    travel.move_to(cast.now + timedelta(days=40))
    with db.writing():
        PrisonWork.update(until_on=clock.today() - timedelta(days=1)).where(PrisonWork.slug == "a").execute()
        search_index.rebuild()
    after = snapshots.take()
    assert snapshots.at(after.day - timedelta(days=1)) == before and snapshots.at(after.day) == after
    assert snapshots.at(before.day - timedelta(days=1)) is None
    moved = snapshots.moved(before, after)
    assert moved.emptied == [("prison", str(Area.DEBTS)), ("prison", str(Area.HEALTH_SERVICES))] and not moved.filled
    assert snapshots.cells_of(before)["prison", "debts"].state == coverage.THIN
    months = snapshots.trend(cast.nela)
    assert [moment.empty[snapshots.PRISONS] for moment in months] == [
        2 * len(Area) - 4, 2 * len(Area) - 2]
    assert months[0].shares[concentration.BY_REGION, "CZ063"] == (1, 3)


def test_the_page_shows_the_formula(book, cast, sign_in):
    snapshots.take()
    page = sign_in("parta").get("/coverage/shares")
    assert "3 ÷ 3" in page.text and "1 ÷ 3" in page.text and "33 %" in page.text.replace("\xa0", " ")
    file = sign_in("parta").get("/coverage/shares.csv").body.decode("utf-8-sig")
    assert "Kraj Vysočina;1;3;33" in file


def test_a_client_sees_no_shares(cast):
    for ask in (concentration.shares, snapshots.trend):
        with pytest.raises(Missing):
            ask(cast.karel_user)


def test_the_map_has_fourteen_regions_that_touch_each_other(app):
    known = outline.read()
    assert len(known.outlines) == 14 and known.neighbours["CZ010"] == ["CZ020"]
    assert all(code in known.neighbours[other] for code, others in known.neighbours.items() for other in others)
    assert all(0 < each.x < known.width and 0 < each.y < known.height for each in known.outlines)


def test_the_map_can_be_used_by_keyboard_and_has_its_numbers_beside_it(book, cast, sign_in):
    page = sign_in("nela").get("/coverage/map?need=housing").page
    links = [link for link in page.all("a") if "coverage-map__place" in (link["class"] or "")]
    assert len(links) >= 2 and all(link["aria-label"] and link["href"] for link in links)
    assert {link["aria-label"] for link in links} >= {"Středočeský kraj: 2, málo", "Kraj Vysočina: 0, nic"}
    rows = {row.text.split("\n")[0] for row in page.all("tr")}
    assert any("Středočeský kraj" in row for row in rows)


def test_no_file_of_coverage_has_a_cell_that_a_spreadsheet_computes(book, cast, sign_in, figure):
    with db.writing():
        Organisation.update(name="=HYPERLINK(1)").where(Organisation.slug == "prison").execute()
        Region.update(name="+1", name_en="+1").where(Region.code == "CZ063").execute()
        User.update(name="@SUM(1)").where(User.id == cast.nora.id).execute()
        search_index.rebuild()
    gaps.report(cast.nora, coverage.in_prison(cast.nora, cast.prison.public_id, Area.EDUCATION),
                Asked("=1+1", cast.nora.public_id, clock.today()))
    nela, cells = sign_in("nela"), []
    for name in ("", "/regions", "/shares", "/unmet", "/gaps"):
        body = nela.get(f"/coverage{name}.csv").body.decode("utf-8-sig")
        cells += [cell for row in csv.reader(io.StringIO(body), delimiter=";") for cell in row]
    bad = [cell for cell in cells if FORMULA.match(cell) and not cell.startswith("'")]
    tamed = [cell for cell in cells if cell.startswith("'")]
    figure("fig-F5 files of coverage: cells that could be computed", len(bad), "cells", n=len(cells),
           control=len(tamed) > 3 and f"{len(tamed)} of them would be without the apostrophe")
