"""What is written out of the whole demonstration and read into an empty book is written out of that the same."""
import csv
import io
import json
import os
import subprocess
import sys
import zipfile

import openpyxl
import pytest

import config
from tests.support import databases, hsds_tables
from tests.test_exports import published

PLACES = ("regions.csv", "districts.csv", "municipalities.csv")
FILES = {"csv": "book.zip", "xlsx": "book.xlsx", "hsds-json": "book.json", "hsds-csv": "hsds.zip"}


def flask(folder, url, *words):
    """A command of the application on this database; what it printed."""
    environment = {**os.environ, "DATA_DIR": str(folder), "DATABASE_URL": url, "MODE": "demo"}
    ran = subprocess.run([sys.executable, "-m", "flask", "--app", "app", *map(str, words)], cwd=config.ROOT,
                         env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{words}: {ran.stdout[-2000:]} {ran.stderr[-2000:]}"
    return ran.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The demonstration in every format."""
    folder = tmp_path_factory.mktemp("demonstration")
    url = f"sqlite:///{folder / 'demo.db'}"
    flask(folder, url, "migrate")
    flask(folder, url, "fill-demo")
    for name, file in FILES.items():
        flask(folder, url, "export-organisations", "--format", name, "-o", folder / file)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """An empty book that knows the places of the country: (folder, URL)."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = databases.own_database(request.getfixturevalue("postgresql_server"))
    places = tmp_path / "places"
    places.mkdir()
    for name in PLACES:
        (places / name).write_bytes((config.ROOT / "data" / name).read_bytes())
    flask(tmp_path, url, "migrate")
    flask(tmp_path, url, "import-organisations", places)
    yield tmp_path, url
    if request.param == "postgresql":
        databases.drop_database(request.getfixturevalue("postgresql_server"), url)


def content(path):
    """What stands in a file, apart from the order of rows where that says nothing."""
    if path.suffix == ".json":
        return ordered(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return {sheet.title: sorted([str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True))
                for sheet in book}
    with zipfile.ZipFile(path) as package:
        return {name: sorted(csv.reader(io.StringIO(package.read(name).decode("utf-8-sig"), newline=""),
                                        delimiter=";" if path.name == "book.zip" else ","))
                for name in package.namelist()}


def ordered(value):
    """Lists of an object's parts in one order, so that only what is said counts."""
    if isinstance(value, dict):
        return {name: ordered(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def test_the_hsds_package_of_the_demonstration_keeps_the_rules_of_the_standard(exported):
    package = (exported / FILES["hsds-csv"]).read_bytes()
    rules, found = hsds_tables.rules(hsds_tables.described(package)), hsds_tables.tables(package)
    assert len(found["attribute"]) > 2000
    assert hsds_tables.faults(rules, found) == []
    found["attribute"][-1]["taxonomy_term_id"] = ""
    assert hsds_tables.faults(rules, found) == [("attribute", "taxonomy_term_id", "empty")]


def test_the_hsds_json_of_the_demonstration_is_valid(exported):
    found, schemas = json.loads((exported / FILES["hsds-json"]).read_text(encoding="utf-8")), published()
    for table, schema in (("organizations", "organization"), ("services", "service")):
        assert len(found[table]) > 100
        assert [each["id"] for each in found[table] if not schemas[schema].is_valid(each)] == []
        assert not schemas[schema].is_valid({**found[table][0], "id": None})


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_out_comes_back_whole(exported, empty, name):
    folder, url = empty
    first = flask(folder, url, "import-organisations", exported / FILES[name]).splitlines()[-1]
    assert json.loads(first)["organisations"]["new"] > 300
    flask(folder, url, "export-organisations", "--format", name, "-o", folder / FILES[name])
    before, after = content(exported / FILES[name]), content(folder / FILES[name])
    assert before.keys() == after.keys()
    for part in before:
        assert after[part] == before[part], part
    again = json.loads(flask(folder, url, "import-organisations", exported / FILES[name]).splitlines()[-1])
    assert all(counts["new"] == counts["changed"] == counts["undecided"] == 0 for counts in again.values()), again
