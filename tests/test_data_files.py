"""The tracked data files: ids, references, codes, provenance and counts."""

import csv
import datetime
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from stdnum.cz import dic

DATA = Path(__file__).parents[1] / "data"
CONFIDENCE = {"verified", "verified-older", "verified-secondary", "partly", "recalled", "proposal"}
KINDS = {"prison", "probation", "municipality", "ngo", "labour_office", "health", "employer", "other"}
PRISON_KINDS = {"prison", "remand_prison", "detention", "unit"}
PRISON_FLAGS = [
    "level_low", "level_medium", "level_high", "level_increased", "men", "women", "juveniles", "remand",
    "forensic_detention",
]  # fmt: skip
FORMS = {"on_site", "outpatient", "outreach", "residential", "remote", "unknown"}
SERVICE_FORMS = {"outpatient", "outreach", "residential"}
GROUPS = {
    "basics": ("name",),
    "address": ("street", "city", "postal_code", "district", "region"),
    "contact": ("web", "phone", "email", "data_box"),
    "ico": ("ico",),
}
FILES = [
    "regions", "districts", "municipalities", "organisations", "prisons", "prison_work", "services",
    "service_types", "taxonomy", "crosswalk", "glossary",
]  # fmt: skip


@cache
def rows(name):
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle, restkey="too_many", restval=None))


def column(name, key):
    return [row[key] for row in rows(name)]


def codes(scheme):
    return {row["code"] for row in rows("taxonomy") if row["scheme"] == scheme}


def listed(row, key):
    return [item for item in row[key].split(";") if item]


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_as_many_fields_as_the_header_and_no_stray_space(name):
    assert rows(name)
    for row in rows(name):
        assert "too_many" not in row, row
        assert all(value is not None and value == value.strip() for value in row.values()), row


def test_how_many_there_are():
    kinds = Counter(column("organisations", "kind"))
    assert len(rows("regions")) == 14
    assert len(rows("municipalities")) == kinds["municipality"] == 206
    assert kinds["probation"] == 78
    # forty prisons and detached sites; the Prison Service itself, with its headquarters, is the forty-first
    assert len(rows("prisons")) == kinds["prison"] == 40
    assert "vscr" in column("organisations", "id")
    assert kinds["ngo"] == 40
    assert len(rows("prison_work")) == 87


@pytest.mark.parametrize(
    "name, key",
    [("regions", "code"), ("municipalities", "code"), ("organisations", "id"), ("prisons", "organisation"),
     ("prison_work", "id"), ("services", "id"), ("service_types", "code"), ("glossary", "identifier_en"),
     ("organisations", "name")],
)  # fmt: skip
def test_what_identifies_a_row_is_there_once(name, key):
    assert [value for value, count in Counter(column(name, key)).items() if count > 1 or not value] == []


def test_taxonomy_codes_and_crosswalk_pairs_are_there_once():
    assert max(Counter((row["scheme"], row["code"]) for row in rows("taxonomy")).values()) == 1
    pairs = Counter(tuple(list(row.values())[:4]) for row in rows("crosswalk"))
    assert max(pairs.values()) == 1


def test_the_ten_areas_and_the_eleven_needs():
    assert len(codes("service_area")) == 10
    assert len(codes("need")) == 11


def test_ids_are_slugs():
    for identifier in column("organisations", "id") + column("services", "id") + column("prison_work", "id"):
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", identifier)


def test_kinds_are_known():
    assert set(column("organisations", "kind")) <= KINDS
    assert set(column("prisons", "kind")) <= PRISON_KINDS
    assert set(column("prison_work", "form")) <= FORMS
    assert {form for row in rows("service_types") for form in listed(row, "usual_forms")} <= SERVICE_FORMS


def test_parents_are_organisations_and_make_no_circle():
    parents = {row["id"]: row["parent"] for row in rows("organisations")}
    for identifier in parents:
        seen = [identifier]
        while parents[seen[-1]]:
            seen.append(parents[seen[-1]])
            assert len(seen) <= 4, seen


def test_prisons_belong_to_the_prison_service_and_sites_to_a_prison():
    organisations = {row["id"]: row for row in rows("organisations")}
    for profile in rows("prisons"):
        parent = organisations[organisations[profile["organisation"]]["parent"]]
        assert parent["kind"] == ("prison" if profile["kind"] == "unit" else "other"), profile["organisation"]


def test_regions_are_known_and_districts_lie_in_one_region():
    known = set(column("regions", "code"))
    districts = {row["district"]: row["region"] for row in rows("municipalities")}
    assert len(districts) == 77
    for row in rows("organisations"):
        assert row["region"] in known | {""}
        assert set(listed(row, "regions")) <= known
        assert not row["district"] or districts[row["district"]] == row["region"], row["id"]
    for row in rows("services"):
        assert listed(row, "regions") and set(listed(row, "regions")) <= known


def test_each_municipality_stands_in_both_files_alike():
    listed_there = {(row["name"], row["district"], row["region"]) for row in rows("municipalities")}
    here = {
        (row["short_name"], row["district"], row["region"])
        for row in rows("organisations")
        if row["kind"] == "municipality"
    }
    assert here == listed_there


def test_work_and_services_refer_to_known_organisations_and_codes():
    kinds = {row["id"]: row["kind"] for row in rows("organisations")}
    for row in rows("prison_work"):
        assert kinds[row["organisation"]] == "ngo" and kinds[row["prison"]] == "prison"
        assert row["activity_cs"] and row["activity_en"]
    for row in rows("services"):
        assert kinds[row["organisation"]] == "ngo" and row["name_cs"]
        assert listed(row, "areas") and set(listed(row, "needs")) <= codes("need")
    for row in rows("prison_work") + rows("services"):
        assert set(listed(row, "areas")) <= codes("service_area") | {"activities"}


def test_the_crosswalk_refers_to_known_codes():
    known = {(row["scheme"], row["code"]) for row in rows("taxonomy")}
    known |= {("service_type", row["code"]) for row in rows("service_types")}
    for row in rows("crosswalk"):
        assert (row["from_scheme"], row["from_code"]) in known, row
        assert (row["to_scheme"], row["to_code"]) in known, row
        assert row["strength"] in {"primary", "secondary"}


@pytest.mark.parametrize("name", sorted(set(FILES) - {"organisations", "prisons"}))
def test_every_row_says_its_source_and_confidence(name):
    for row in rows(name):
        assert row["source"] and row["confidence"] in CONFIDENCE, row


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_facts_says_its_source_and_confidence(group):
    for row in rows("organisations"):
        filled = any(row[key] for key in GROUPS[group])
        assert bool(row[f"{group}_source"]) == bool(row[f"{group}_confidence"]) == filled, row["id"]
        assert row[f"{group}_confidence"] in CONFIDENCE | {""}


def test_every_profile_says_its_source_and_confidence():
    for row in rows("prisons"):
        assert row["security_source"] and row["security_confidence"] in CONFIDENCE
        assert row["position_source"] and row["position_confidence"] in CONFIDENCE
        assert bool(row["capacity"]) == bool(row["capacity_source"]) == bool(row["capacity_confidence"])


def test_profiles_hold_flags_numbers_and_places_in_the_country():
    for row in rows("prisons"):
        assert {row[flag] for flag in PRISON_FLAGS} <= {"0", "1"}
        assert row["men"] == "1" or row["women"] == "1"
        assert not row["capacity"] or 50 < int(row["capacity"]) < 2000
        assert 48.5 < float(row["lat"]) < 51.1 and 12.0 < float(row["lon"]) < 18.9


def test_company_numbers_have_eight_digits_and_a_right_check_digit():
    numbers = [row["ico"] for row in rows("organisations") if row["ico"]]
    assert len(numbers) == len(set(numbers)) > 20
    assert [number for number in numbers if len(number) != 8 or not dic.is_valid(number)] == []


def test_a_company_number_that_was_only_recalled_says_so():
    confidence = {row["id"]: row["ico_confidence"] for row in rows("organisations") if row["ico"]}
    assert {identifier for identifier, word in confidence.items() if word != "recalled"} == {"laxus", "pms"}


def test_the_project_of_2013_ended_in_2015():
    ended = [row for row in rows("prison_work") if row["until"]]
    assert len(ended) == 6 and {row["organisation"] for row in ended} == {"laxus"}
    for row in ended:
        assert datetime.date.fromisoformat(row["until"]) == datetime.date(2015, 6, 30)
        assert "Zpátky, jinak" in row["activity_cs"]


def test_phones_postal_codes_and_addresses_of_the_web_have_their_form():
    for row in rows("organisations"):
        assert not row["phone"] or (row["phone"].startswith("+420 ") and len(row["phone"]) == 16)
        assert not row["postal_code"] or (len(row["postal_code"]) == 6 and row["postal_code"][3] == " ")
        assert not row["web"] or row["web"].startswith(("https://", "http://"))
        assert not row["email"] or row["email"].count("@") == 1


def test_no_english_is_left_where_czech_is_shown():
    english = {"the", "of", "and", "recalled", "capacity", "prisoners", "women", "only", "levels", "seed"}
    for name, keys in {
        "organisations": ("name", "description", "note"),
        "prisons": ("note", "security_source", "capacity_source"),
        "prison_work": ("activity_cs", "frequency_cs"),
        "services": ("name_cs", "source"),
        "service_types": ("name_cs", "source", "note"),
    }.items():
        for row in rows(name):
            for key in keys:
                assert not english & set(row[key].lower().split()), (name, row[key])


def test_the_map_draws_each_region_and_says_its_licence():
    drawn = json.loads((DATA / "regions_map.json").read_text(encoding="utf-8"))
    assert set(drawn["regions"]) == set(column("regions", "code"))
    assert all(region["d"].startswith("M") for region in drawn["regions"].values())
    assert "MIT" in drawn["licence"] and "Jindra Lacko" in (DATA / "LICENCES.md").read_text(encoding="utf-8")
