"""V13, V37: most NGOs aim at Středočeský region and at lighter sentences: the shares say how much."""
import csv

import pytest

import db
from config import ROOT
from models import (
    Confidence,
    Form,
    Kind,
    Organisation,
    OrganisationState,
    PrisonProfile,
    PrisonWork,
    Region,
)
from services import search_index
from text import sort_key

YES = {"1"}


@pytest.fixture
def seed(cast):
    """The prisons of data/ with their levels and regions, and the work in them that runs; counted by hand beside it."""
    prisons = {row["id"]: row for row in rows("organisations") if row["kind"] == "prison"}
    levels = {row["organisation"]: row for row in rows("prisons")}
    work = [row for row in rows("prison_work") if row["prison"] in prisons and not row["until"]]
    with db.writing():
        for each in rows("regions"):
            Region.get_or_create(code=each["code"], defaults={"name": each["name_cs"], "name_en": each["name_en"],
                                                              "seat": each["seat"]})
        made = {slug: Organisation.create(slug=slug, kind=Kind.PRISON, state=OrganisationState.VERIFIED,
                                          name=row["name"], sort=sort_key(row["name"]), region=row["region"] or None)
                for slug, row in prisons.items()}
        for slug, row in made.items():
            PrisonProfile.create(organisation=row, type="prison", **{
                f"level_{level}": levels.get(slug, {}).get(f"level_{level}") in YES
                for level in ("low", "medium", "high", "increased")})
        for row in work:
            PrisonWork.create(slug=row["id"], organisation=cast.ngo, prison=made[row["prison"]], activity="x",
                              areas=row["areas"], form=Form.UNKNOWN, confidence=Confidence.VERIFIED)
        search_index.rebuild()
    return prisons, levels, work


def rows(name):
    with (ROOT / f"data/{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))




def test_v13_the_share_of_a_region_and_of_a_level_is_what_a_hand_counts(seed, sign_in):
    prisons, levels, work = seed
    known = [row for row in work if prisons[row["prison"]]["region"]]
    middle = sum(prisons[row["prison"]]["region"] == "CZ020" for row in known)
    page = sign_in("parta").get("/coverage/shares").page
    tables = page.all("table")
    table = next(each for each in tables if f"{middle} ÷ {len(known)}" in each.text.replace("\xa0", " "))
    assert f"{round(100 * middle / len(known))} %" in table.text.replace("\xa0", " ")
    leveled = [row for row in work if any(levels.get(row["prison"], {}).get(f"level_{each}") in YES
                                          for each in ("low", "medium", "high", "increased"))]
    strict = sum(levels[row["prison"]]["level_increased"] in YES for row in leveled)
    assert any(f"{strict} ÷ {len(leveled)}" in each.text.replace("\xa0", " ") for each in tables)
    assert len(work) > 50 and 0 < strict < len(leveled)


def test_v37_the_filter_of_increased_security_shows_the_gap(seed, sign_in):
    prisons, levels, _work = seed
    page = sign_in("kora").get("/coverage?level=increased").page
    names = {cell.text.strip() for cell in page.all("th")} & {row["name"] for row in prisons.values()}
    assert names == {row["name"] for slug, row in prisons.items()
                     if levels.get(slug, {}).get("level_increased") in YES}
    assert [cell for cell in page.with_class("coverage__empty") if cell.tag == "td"]
    everybody = sign_in("kora").get("/coverage?group=increased_security").page
    assert all(cell.text.startswith("0") for cell in everybody.with_class("coverage__empty") if cell.tag == "td")
