"""The contact book as files: what stands in them, that no cell is computed, and that they can be read in again."""
import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import date
from pathlib import Path

import jsonschema
import openpyxl
import pytest
import referencing
import vobject
from hypothesis import example, given
from hypothesis import strategies as st

import cli
import db
from exporters import book_tables, csv_book, hsds_book, vcard_book, xlsx_book
from exporters.cells import FORMULA, neutral, plain
from importers import book_sheets, directory_csv
from models import (
    CapacityState,
    ConditionWhen,
    Confidence,
    ContactPerson,
    District,
    Location,
    Municipality,
    Organisation,
    PrisonWork,
    Service,
    ServiceArea,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
)
from services import book_export, records, search_index
from text import clean_text, sort_key

SERVICE = "-Poradna; „u mostu“"
SECRET = "Neprozradíme 13"
HERE = Path(__file__).parent
SCHEMAS = HERE.parents[1] / "shared" / "data" / "hsds_schema" / "3.0"
COLUMNS_OF_THE_STANDARD = "5c675d7b1d06f3286db9425029523346bd41db2d22dbffacf7790751a0e0dbe8"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SIGNS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", " ", "＝", "|", "%", "\n"])
BAD = st.builds("".join, st.tuples(st.lists(SIGNS, max_size=4).map("".join), TEXT))
COMPUTED = re.compile(r"[=+\-@\t\r\n|%＝＋－＠]")  # what a spreadsheet may compute, blanks before it dropped


@pytest.fixture
def book(app, cast):
    """The cast's organisation with all that a file can carry; texts that spreadsheets would compute."""
    with db.writing():
        ngo = cast.ngo
        Organisation.update(phone="+420 777 123 456", ico="00212423", street="Krátká 1", city="Ukázkov",
                            postal_code="110 00", description="První řádek; druhý\ntřetí", web="https://example.org",
                            ).where(Organisation.id == ngo).execute()
        service = Service.create(organisation=ngo, slug="poradna", name=SERVICE, sort=sort_key(SERVICE),
                                 for_whom="=1+1", conditions="bez občanky", plain="Přijďte.\nPoradíme.", places_free=0,
                                 confidence=Confidence.VERIFIED)
        District.create(code="CZ0201", name="Benešov", fold="benesov", region="CZ020")
        town = Municipality.create(code="9902", name="Benešov", fold="benesov", district="Benešov", region="CZ020")
        records.change(None, service, {
            "for_groups": [TargetGroup.MEN, TargetGroup.DEBTS], "never_groups": [TargetGroup.YOUTH],
            "entry": [("=přihláška", ConditionWhen.BEFORE, True), ("nájem | měsíčně", ConditionWhen.EITHER, False)],
            "districts": ["CZ0201"], "municipalities": [town.code], "hours": "po 9:00–12:00\nst 9–17",
            "funding": "MPSV\n=kraj", "cost": "zdarma", "languages": "cs;uk", "capacity_state": CapacityState.OPEN,
            "places_total": 8, "waiting": 2, "places_on": date(2026, 11, 2), "before_release": True,
            "after_release": False}, "form", reindex=False)
        sites = [records.add(None, Location, ngo, {"name": name, "street": SECRET if secret else "Dlouhá 2",
                                                   "city": "Ukázkov", "postal_code": "110 00", "district": "CZ0201",
                                                   "secret": secret, "access": "zvonek"}, "form", reindex=False)
                 for name, secret in (("Dílna", False), ("Byty", True))]
        records.change(None, service, {"locations": [site.public_id for site in sites]}, "form", reindex=False)
        ServiceArea.create(service=service, area="debts")
        ServiceNeed.create(service=service, need="housing")
        ServiceRegion.create(service=service, region="CZ020")
        ContactPerson.create(organisation=ngo, name="Jana; Čtvrtá", phone="+420777123456", email="jana@example.org",
                             topics="debts;co, kdy", sort=sort_key("Jana; Čtvrtá"), confidence=Confidence.VERIFIED)
        ContactPerson.update(sort=sort_key("Dita Dluhová")).where(ContactPerson.name == "Dita Dluhová").execute()
        PrisonWork.create(organisation=ngo, prison=cast.prison, slug="ve-veznici", activity="'Skupina", areas="debts",
                          confidence=Confidence.RECALLED)
        search_index.reindex(*[number for number, in Organisation.select(Organisation.id).tuples()])
    return ngo


# What stands in the files

def test_csv_has_a_mark_semicolons_and_the_columns_of_the_importer(book):
    content = csv_book.csv_of(book_tables.tables([book.id])["organisations"])
    assert content.startswith(b"\xef\xbb\xbfid;kind;name;")
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert header == list(book_sheets.SHEETS["organisations"].columns)
    assert dict(zip(header, row, strict=True))["phone"] == "'+420 777 123 456"


def test_a_workbook_keeps_the_zeros_of_an_ico_and_computes_nothing(book):
    sheets = openpyxl.load_workbook(io.BytesIO(xlsx_book.workbook(book_tables.tables([book.id]))))
    rows = list(sheets["organisations"].iter_rows())
    cell = rows[1][[each.value for each in rows[0]].index("ico")]
    assert (cell.value, cell.data_type) == ("00212423", "s")
    found = {each.value: each for row in sheets["services"].iter_rows() for each in row}
    assert found["=1+1"].data_type == "s"
    assert found["=1+1"].quotePrefix


def test_what_was_written_out_is_read_in_unchanged(book, tmp_path):
    for name, rows in book_tables.tables().items():
        (tmp_path / f"{name}.csv").write_bytes(csv_book.csv_of(rows))
    report = directory_csv.load(tmp_path)
    assert report.problems == []
    assert {name: counts["unchanged"] for name, counts in report.counts.items()} == {
        name: sum(counts.values()) for name, counts in report.counts.items()}
    assert report.counts["services"]["unchanged"] == 1


def test_an_emptied_book_comes_back_from_its_file(book, tmp_path):
    before = book_tables.tables()
    for name, rows in before.items():
        (tmp_path / f"{name}.csv").write_bytes(csv_book.csv_of(rows))
    with db.writing():
        for model in (PrisonWork, ContactPerson, Service):
            model.delete().execute()
    assert directory_csv.load(tmp_path).problems == []
    after = book_tables.tables()
    for name in before:
        assert sorted(after[name]) == sorted(before[name]), name


# fig-F5

def opened(content: bytes) -> list[str]:
    """The cells of a CSV file as a spreadsheet takes them: those that it would compute."""
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
             for cell in row]
    return [cell for cell in cells if COMPUTED.match(cell.lstrip(" \xa0\ufeff"))]


@given(BAD)
@example("=cmd|' /C calc'!A0")
@example("\ufeff=1")
@example("'+1")
def test_a_cell_is_never_computed_and_comes_back(text):
    assert not opened(csv_book.csv_of([[text]]))
    assert plain(neutral(text)) == text


@given(BAD)
@example("=1+1")
def test_a_cell_of_a_workbook_is_text(text):
    rows = openpyxl.load_workbook(io.BytesIO(xlsx_book.workbook({"a": [["b"], [text]]})))["a"].iter_rows(min_row=2)
    for cell in [cell for row in rows for cell in row]:
        assert cell.value is None or cell.data_type == "s"


ATTACKS = [f"{before}{sign}{rest}" for before in ("", " ", "\xa0") for sign in "=+-@\t\r|%＝"
           for rest in ("1+1", "HYPERLINK(\"https://evil.example\";\"a\")", "cmd|' /C calc'!A0")]


def test_figure_of_formulas(figure):
    through_csv = opened(csv_book.csv_of([[attack] for attack in ATTACKS]))
    book = openpyxl.load_workbook(io.BytesIO(xlsx_book.workbook({"a": [["b"], *([attack] for attack in ATTACKS)]})))
    through_xlsx = [cell for row in book["a"].iter_rows() for cell in row if cell.data_type == "f"]
    bare = io.StringIO()
    csv.writer(bare, delimiter=";").writerows([attack] for attack in ATTACKS)
    unsafe = openpyxl.Workbook()
    unsafe.active.append([attack for attack in ATTACKS if not re.search("[\t\r]", attack)])
    computed = [cell for cell in unsafe.active[1] if cell.data_type == "f"]
    control = len(opened(bare.getvalue().encode())) + len(computed)
    figure("fig-F5 cells of CSV and XLSX that a spreadsheet would compute", len(through_csv) + len(through_xlsx),
           "cells", n=2 * len(ATTACKS), control=control and f"written plainly: {control}")


# fig-F6, business cards

CARD = {"uid": "a", "name": "Jana Čtvrtá", "organisation": "Spolek; s čárkou, a tak", "post": "ředitelka",
        "phone": "+420 777 123 456", "email": "jana@example.org", "web": "https://example.org",
        "address": ("Krátká 1, dvůr", "Ukázkov", "110 00"), "note": ""}
BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
LINES_OF_A_CARD = {"BEGIN", "VERSION", "PRODID", "UID", "FN", "N", "ORG", "TITLE", "TEL", "EMAIL", "URL", "ADR", "NOTE",
                   "END"}


def names(card: str) -> list[str]:
    unfolded = re.sub("\r\n[ \t]", "", card)
    return [re.split("[:;]", line)[0].upper() for line in BREAK.split(unfolded) if line]


def test_a_card_says_who_and_how_to_reach_them():
    card = vobject.readOne(vcard_book.card(**CARD).decode())
    assert (card.version.value, card.fn.value, card.n.value.family) == ("3.0", "Jana Čtvrtá", "Čtvrtá")
    assert card.org.value == ["Spolek; s čárkou, a tak"]
    assert (card.tel.value, card.email.value, card.adr.value.street) == (
        "+420 777 123 456", "jana@example.org", "Krátká 1, dvůr")


@given(st.fixed_dictionaries({name: TEXT | st.just("a\r\nTEL:1\u2028END:VCARD") for name in CARD if name != "address"}))
def test_no_text_adds_a_line_to_a_card(values):
    found = names(vcard_book.card(**values).decode())
    assert set(found) <= LINES_OF_A_CARD
    assert len(found) == len(set(found))


def test_figure_of_cards(figure):
    attacks = [f"a{end}TEL:1{end}END:VCARD{end}X-EVIL:1" for end in
               ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\\n", "\r\n ", "\x00\n")]
    fields = [name for name in CARD if name != "address"]

    def added(clean):
        cards = [vcard_book.card(**{**CARD, name: clean(attack)}).decode() for name in fields for attack in attacks]
        return sum(len(names(card)) - len(set(names(card)) & LINES_OF_A_CARD) for card in cards)

    value, cleaned = added(str), vcard_book._clean
    vcard_book._clean = str
    try:
        control = added(str)
    finally:
        vcard_book._clean = cleaned
    figure("fig-F6 lines that a text adds to a business card", value, "lines", n=len(fields) * len(attacks),
           control=control and f"without cleaning: {control}")


# HSDS

def validators(folder):
    """Validators of the standard's schemas, whose references are names of files beside them."""
    stored = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    resources = [(name, referencing.Resource(schema, referencing.jsonschema.DRAFT202012))
                 for name, schema in stored.items() if isinstance(schema, dict)]
    registry = referencing.Registry().with_resources(resources)
    return {name: jsonschema.Draft202012Validator(stored[f"{name}.json"], registry=registry,
                                                  format_checker=jsonschema.FormatChecker())
            for name in ("organization", "service")}


def published():
    """The published schemas where they are at hand, else our own profile of them."""
    return validators(SCHEMAS if SCHEMAS.is_dir() else HERE / "hsds_profile")


@pytest.mark.parametrize("folder", [HERE / "hsds_profile", SCHEMAS], ids=["profile", "published"])
def test_hsds_is_valid(book, folder):
    schemas = validators(folder) if folder.is_dir() else published()
    found = json.loads(hsds_book.document())
    assert [each["name"] for each in found["services"]] == [SERVICE]
    for table, schema in (("organizations", "organization"), ("services", "service")):
        for record in found[table]:
            schemas[schema].validate(record)


def test_a_record_that_lacks_its_status_is_not_valid(book):
    service = json.loads(hsds_book.document([book.id]))["services"][0]
    assert not published()["service"].is_valid({**service, "status": "open"})
    assert not published()["service"].is_valid({"id": service["id"]})


def test_hsds_carries_what_a_service_is_for(book):
    service = json.loads(hsds_book.document([book.id]))["services"][0]
    terms = {each["taxonomy_term"]["code"] for each in service["attributes"] if "taxonomy_term" in each}
    plain_values = {each["link_type"]: each["value"] for each in service["attributes"] if "value" in each}
    assert terms == {"debts", "housing", "groups:debts", "groups:men", "groups:youth"}
    assert service["schedules"][0]["description"] == "po 9:00–12:00\nst 9–17"
    assert [each["source"] for each in service["funding"]] == ["MPSV", "=kraj"]
    assert {each["code"] for each in service["languages"]} == {"cs", "uk"}
    assert {each["extent_type"] for each in service["service_areas"]} == {"nuts3", "lau1", "orp"}
    assert len(service["service_at_locations"]) == 2
    assert (plain_values["easy language"], plain_values["free places"]) == ("Přijďte.\nPoradíme.", "0")
    assert (service["eligibility_description"], service["service_areas"][0]["extent"]) == ("bez občanky", "CZ020")


@pytest.mark.parametrize("name", [*book_export.FORMATS, "vcard"])
def test_the_address_of_a_secret_site_is_in_no_file(book, name):
    content = book_export.cards() if name == "vcard" else book_export.FORMATS[name].write(None)
    if content[:2] == b"PK":
        package = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(package.read(part) for part in package.namelist())
    assert "Dlouhá 2".encode() in content or name == "vcard"
    assert SECRET.encode() not in content


def test_the_csv_package_names_its_files_and_links_its_rows(book):
    archive = zipfile.ZipFile(io.BytesIO(hsds_book.package()))
    resources = json.loads(archive.read("datapackage.json"))["resources"]
    rows = {each["name"]: list(csv.DictReader(io.StringIO(archive.read(each["path"]).decode(), newline="")))
            for each in resources}
    for each in resources:
        header = archive.read(each["path"]).decode().splitlines()[0].split(",")
        assert header == [column["name"] for column in each["schema"]["fields"]]
    organisations = {row["id"] for row in rows["organization"]}
    assert {row["organization_id"] for row in rows["service"]} <= organisations
    assert {row["taxonomy_term_id"] for row in rows["attribute"]} - {""} == {row["id"] for row in rows["taxonomy_term"]}
    assert rows["contact"][0]["name"]
    assert {row["number"] for row in rows["phone"]} == {"'+420 777 123 456", "'+420777123456"}


def test_the_package_has_the_columns_of_the_standard():
    """Against the digest of the published package's files and columns, and the package itself where it is at hand."""
    ours = {table: [file, *columns.split()] for table, (file, columns) in hsds_book.TABLES.items()}
    assert hashlib.sha256(json.dumps(ours, sort_keys=True).encode()).hexdigest() == COLUMNS_OF_THE_STANDARD
    if SCHEMAS.is_dir():
        resources = json.loads((SCHEMAS / "datapackage.json").read_text())["resources"]
        theirs = {each["name"]: [each["path"], *(column["name"] for column in each["schema"]["fields"])]
                  for each in resources}
        assert ours == {table: theirs[table] for table in ours}


@given(st.binary(min_size=16, max_size=16))
def test_a_public_id_and_its_uuid_are_the_same_bits(bits):
    import base64
    public_id = base64.urlsafe_b64encode(bits).decode().rstrip("=")
    assert bytes.fromhex(hsds_book.uuid_of(public_id).replace("-", "")) == bits


# From the page and from the command

def test_a_search_is_written_out_with_its_filters(book, sign_in):
    answer = sign_in("nela").get("/book/export/csv?q=návrat")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].endswith('.zip"')
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    rows = archive.read("organisations.csv").decode("utf-8-sig").splitlines()
    assert sum("Ukázkový spolek Návrat" in row for row in rows) == 1
    assert not any("Čtvrtá šance" in row for row in rows)


def test_closed_organisations_are_not_written_out_for_others(book, sign_in, cast):
    with db.writing():
        Organisation.update(state="closed").where(Organisation.id == cast.labour_office).execute()
    found = json.loads(sign_in("nela").get("/book/export/hsds").body)
    assert "Ukázkový úřad práce" not in {each["name"] for each in found["organizations"]}
    assert "Ukázkový spolek Návrat" in {each["name"] for each in found["organizations"]}


def test_business_cards_are_written_out_from_the_page(book, sign_in):
    nela = sign_in("nela")
    page = nela.get("/book?q=návrat")
    link = next(each["href"] for each in page.page.all("a") if (each["href"] or "").startswith("/book/export/vcard"))
    answer = nela.get(link)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/vcard; charset=utf-8")
    assert answer.headers["Content-Disposition"].endswith('.vcf"')
    names = [each.fn.value for each in vobject.readComponents(answer.body.decode())]
    assert {"Ukázkový spolek Návrat", "Jana; Čtvrtá"} <= set(names) and "Ukázkový úřad práce" not in names
    whole = [each.fn.value for each in vobject.readComponents(nela.get("/book/export/vcard").body.decode())]
    assert {"Ukázkový spolek Návrat", "Ukázkový úřad práce"} <= set(whole)


def test_a_person_is_downloaded_as_a_card(book, sign_in):
    person = ContactPerson.get(ContactPerson.organisation == book)
    answer = sign_in("nela").get(f"/book/{person.public_id}/card.vcf")
    assert answer.headers["Content-Type"].startswith("text/vcard")
    assert vobject.readOne(answer.body.decode()).fn.value == "Jana; Čtvrtá"
    assert sign_in("karel").get(f"/book/{person.public_id}/card.vcf").status == 404


@pytest.mark.parametrize(("name", "file"), [("csv", "book.zip"), ("csv", "book.csv"), ("csv", "folder"),
                                            ("xlsx", "book.xlsx"), ("hsds-json", "book.json"), ("hsds", "book.json"),
                                            ("hsds-csv", "book.zip"), ("vcard", "book.vcf")])
def test_the_command_writes_each_format(book, app, tmp_path, name, file):
    result = app.test_cli_runner().invoke(cli.export_organisations, ["--format", name, "-o", str(tmp_path / file)])
    assert result.exit_code == 0, result.output
    assert re.fullmatch(rf"{tmp_path / file}: [1-9]\d+ bytes\n", result.output)
    assert (tmp_path / file).exists()


def test_texts_of_the_book_are_clean_in_every_file(book):
    assert clean_text("a\x00b\u202ec", lines=True) == neutral("abc")
    assert not FORMULA.match("abc")
