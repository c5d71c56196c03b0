"""The contact book from CSV files: the real data, running twice, and files that are wrong."""
import csv
import json
from pathlib import Path

import pytest

import clock
import db
from importers import directory_csv
from models import (
    Confidence,
    FactCheck,
    FactGroup,
    Journal,
    Organisation,
    OrganisationState,
    PrisonProfile,
    PrisonWork,
    Region,
    SearchEntry,
    SearchWord,
    Service,
    ServiceArea,
)

DATA = Path(__file__).parents[1] / "data"
ORGANISATION = {"id": "zkouska", "kind": "ngo", "name": "Zkouška z.s.", "basics_confidence": "recalled",
                "region": "CZ020"}


@pytest.fixture
def file(tmp_path):
    """`file(name, row, …)` writes a CSV file with these rows, the first one's columns in all, and returns its path."""
    def write(name, *rows, delimiter=",", encoding="utf-8"):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path
    return write


@pytest.fixture
def counted():
    def all_rows():
        models = (Organisation, FactCheck, PrisonProfile, PrisonWork, Service, ServiceArea, SearchEntry, SearchWord)
        return [model.select().count() for model in models]
    return all_rows


def problems(path) -> list[str]:
    return [str(problem) for problem in directory_csv.load(path).problems]


def test_the_real_data_load_and_a_second_run_changes_nothing(app, counted):
    first = directory_csv.load(DATA)
    assert first.problems == []
    assert first.counts["organisations"]["new"] > 300
    before, journal = counted(), Journal.select().count()
    second = directory_csv.load(DATA)
    assert all(fates["new"] == fates["changed"] == 0 for fates in second.counts.values())
    assert (counted(), Journal.select().count()) == (before, journal)


def test_a_dry_run_counts_and_writes_nothing(app, counted):
    before = counted()
    assert directory_csv.load(DATA, dry_run=True).counts["organisations"]["new"] > 300
    assert counted() == before


def test_real_organisations_wait_for_a_coordinator(app):
    directory_csv.load(DATA)
    assert Organisation.get(slug="prison-valdice").state is OrganisationState.PROPOSED


def test_a_profile_of_a_prison_and_the_sources_of_its_facts_are_kept(app):
    directory_csv.load(DATA)
    valdice = Organisation.get(slug="prison-valdice")
    assert PrisonProfile.get(organisation=valdice).level_increased is True
    assert FactCheck.get(organisation=valdice, group=FactGroup.SECURITY).source.startswith("https://www.vscr.cz/")


def test_a_changed_row_changes_and_its_search_too(app, file):
    directory_csv.load(file("organisations", ORGANISATION))
    report = directory_csv.load(file("organisations", {**ORGANISATION, "name": "Pokus z.s."}))
    assert report.counts["organisations"] == {"new": 0, "changed": 1, "unchanged": 0, "wrong": 0}
    assert SearchEntry.get(record=Organisation.get(slug="zkouska").public_id).title == "Pokus z.s."


def test_a_spreadsheet_of_a_czech_office_loads(app, file):
    directory_csv.load(file("organisations", ORGANISATION, delimiter=";", encoding="cp1250"))
    assert Organisation.get(slug="zkouska").name == "Zkouška z.s."


def test_what_a_person_confirmed_is_not_overwritten(app, cast, file):
    directory_csv.load(file("organisations", ORGANISATION))
    ours = Organisation.get(slug="zkouska")
    with db.writing():
        FactCheck.update(confidence=Confidence.CONFIRMED, confirmed_on=clock.today(), confirmed_by=cast.nela).execute()
    directory_csv.load(file("organisations", {**ORGANISATION, "name": "Jiné jméno"}))
    assert Organisation.get_by_id(ours.id).name == "Zkouška z.s."


@pytest.mark.parametrize("column, value, reason", [
    ("name", "", "nesmí být prázdn"),
    ("name", "x" * 201, "delší než 200 znaků"),
    ("kind", "spolek", "spolek"),
    ("id", "Velká Písmena", "malá písmena"),
    ("region", "CZ999", "CZ999"),
    ("ico", "12345678", "IČO"),
    ("web", "javascript:alert(1)", "https://"),
    ("email", "nikdo", "e-mail"),
    ("basics_confidence", "jistě", "jistě"),
    ("parent", "nikdo", "nikdo"),
])
def test_a_wrong_cell_is_told_by_file_row_column_and_reason(app, file, counted, column, value, reason):
    before = counted()
    told = problems(file("organisations", ORGANISATION, {**ORGANISATION, "id": "druha", column: value})
                    if column in ORGANISATION else
                    file("organisations", {**ORGANISATION, column: ""}, {**ORGANISATION, "id": "druha", column: value}))
    assert len(told) == 1
    assert "organisations.csv" in told[0] and "3" in told[0] and column in told[0] and reason in told[0]
    assert counted() == before


def test_every_wrong_row_is_told_and_the_right_ones_are_not_written(app, file):
    rows = [{**ORGANISATION, "id": f"o-{n}", "kind": "ngo" if n % 2 else "?"} for n in range(6)]
    report = directory_csv.load(file("organisations", *rows))
    assert report.counts["organisations"] == {"new": 0, "changed": 0, "unchanged": 3, "wrong": 3}
    assert not Organisation.select().where(Organisation.slug.startswith("o-")).exists()


def test_the_same_id_twice_is_told(app, file):
    assert "2" in problems(file("organisations", ORGANISATION, ORGANISATION))[0]


@pytest.mark.parametrize("content", [
    b"", b"\x00\x00\x00", b"id,kind\nx,ngo\n", b"id,kind,name,name\n", b"id,kind,name\na,ngo\n",
    b'id,kind,name\n"a,ngo,x\n', b"\xff\xfe\x81\x8d", b"id,kind,name\n" + b"a," * 500,
])
def test_a_broken_file_is_told_in_a_sentence(app, tmp_path, counted, content):
    path = tmp_path / "organisations.csv"
    path.write_bytes(content)
    before = counted()
    assert all("organisations.csv" in told for told in problems(path))
    assert problems(path)
    assert counted() == before


def test_control_characters_do_not_reach_the_book(app, file):
    directory_csv.load(file("organisations", {**ORGANISATION, "name": "Zkou\u202eška\u200b"}))
    assert Organisation.get(slug="zkouska").name == "Zkouška"


def test_a_failure_in_the_middle_leaves_nothing_behind(app, counted, tmp_path):
    for name in ("regions", "organisations"):
        (tmp_path / f"{name}.csv").write_bytes((DATA / f"{name}.csv").read_bytes())
    (tmp_path / "services.csv").write_text(
        "id,organisation,name_cs,confidence,areas\nx,nobody,Služba,verified,debts\n", encoding="utf-8")
    before, regions = counted(), Region.select().count()
    assert "nobody" in problems(tmp_path)[0]
    assert (counted(), Region.select().count()) == (before, regions)


def test_the_command_ends_with_its_counts(app):
    result = app.test_cli_runner().invoke(args=["import-organisations", str(DATA)])
    assert result.exit_code == 0, result.output
    counts = json.loads(result.output.strip().splitlines()[-1])
    assert counts["organisations"]["new"] > 300 and counts["services"]["wrong"] == 0


def test_the_command_tells_what_is_wrong_and_fails(app, file):
    result = app.test_cli_runner().invoke(
        args=["import-organisations", str(file("organisations", {**ORGANISATION, "kind": "?"}))])
    assert result.exit_code == 1
    assert "kind" in result.output


@pytest.mark.parametrize("words, said", [
    (["import-organisations", "{folder}"], "organizations.csv"),
    (["import-organisations", "{folder}/none.csv"], "does not exist"),
    (["import-organisations", "--format", "xlsx", "{data}/organisations.csv"], "organisations.csv"),
    (["export-organisations", "--format", "xlsx", "-o", "{folder}"], "cannot be written"),
    (["export-organisations", "--format", "vcard", "-o", "{folder}/none/x.vcf"], "cannot be written"),
    (["export-organisations", "--format", "word", "-o", "{folder}/x"], "Invalid value"),
])
def test_a_mistake_in_a_command_is_told_in_a_sentence(app, counted, tmp_path, words, said):
    before = counted()
    result = app.test_cli_runner().invoke(args=[word.format(folder=tmp_path, data=DATA) for word in words])
    assert result.exit_code in {1, 2} and said in result.output, result.output
    assert "Traceback" not in result.output and isinstance(result.exception, SystemExit)
    assert counted() == before
