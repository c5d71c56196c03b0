"""HSDS into the book: what we export ourselves comes back unchanged, and what others send under older names."""
import json

import pytest

from exporters import hsds_book
from models import Area, Confidence, Organisation, Service
from services import import_command, records
from tests.test_import_files import packed
from tests.test_importing import run_command

ORGANISATION = {"id": "o-1", "name": "Spolek Odjinud", "description": "Pomáhá lidem.", "url": "www.odjinud.example",
                "organization_identifiers": [{"identifier_type": "IČO", "identifier": "27082440"}],
                "phones": [{"number": "777 111 222"}],
                "locations": [{"postal_addresses": [{"address_1": "Dlouhá 1", "city": "Ukázkov",
                                                     "postal_code": "77900"}]}],
                "services": [{"id": "", "name": "Poradna", "eligibility_description": "pro dospělé"},
                             {"id": "s-2", "name": "Skončená", "status": "defunct"}]}


def load(tmp_path, content, name="data.json"):
    path = tmp_path / name
    path.write_bytes(content)
    return import_command.load(path, "hsds")


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"contents": [one]}],
                         ids=["one", "list", "page"])
def test_json_in_each_shape_with_old_names_and_without_a_status(app, tmp_path, wrap):
    counts, problems = load(tmp_path, json.dumps(wrap(ORGANISATION)).encode())
    assert not problems and (counts["organisations"]["new"], counts["services"]["new"]) == (1, 1)
    row = Organisation.get(Organisation.name == "Spolek Odjinud")
    assert (row.ico, row.web, row.city, row.phone) == ("27082440", "https://www.odjinud.example", "Ukázkov",
                                                       "777 111 222")
    assert Service.get(Service.organisation == row).conditions == "pro dospělé"


def test_a_package_under_the_old_names_with_blank_ids(app, tmp_path):
    files = {"organizations.csv": b"id,name,description,url\n1,Spolek Odjinud,Popis,http://odjinud.example\n",
             "services.csv": b"id,organization_id,name,status\n10,1,Poradna,\n11,1,\"S\n nova\",active\n",
             "locations.csv": b"id,name\n100,Dum\n",
             "services_at_location.csv": b"id,service_id,location_id\n,10,100\n",
             "postal_addresses.csv":
                 "id,location_id,address_1,city,postal_code\n,100,Dlouhá 1,Ukázkov,77900\n".encode(),
             "phones.csv": b"id,organization_id,number\n,1,777111222\n",
             "regular_schedules.csv": b"id,service_id,weekday\n,10,1\n"}
    counts, problems = load(tmp_path, packed(files), "data.zip")
    assert not problems and counts["services"]["new"] == 2
    assert Organisation.get(Organisation.name == "Spolek Odjinud").street == "Dlouhá 1"
    again, _problems = load(tmp_path, packed(files), "data.zip")
    assert (again["organisations"]["unchanged"], again["services"]["unchanged"]) == (1, 2)


def test_a_folder_of_csv_files_by_the_command(app, tmp_path):
    folder = tmp_path / "hsds"
    folder.mkdir()
    (folder / "organizations.csv").write_text("id,name\n1,Spolek Odjinud\n", encoding="utf-8")
    result, counts = run_command(app, folder, "--format", "hsds")
    assert (result.exit_code, counts["organisations"]["new"]) == (0, 1)


@pytest.mark.parametrize("written, name", [("document", "book.json"), ("package", "book.zip")])
def test_our_own_export_comes_back_unchanged(app, cast, tmp_path, written, name):
    records.add(cast.kora, Service, cast.ngo, {"name": "Poradna", "for_whom": "pro dospělé", "conditions": "přijďte",
                                               "plain": "Poradíme vám.", "areas": [Area.DEBTS]}, "form",
                slug="poradna-navratu", confidence=Confidence.PARTLY)
    content = getattr(hsds_book, written)()
    counts, problems = load(tmp_path, content, name)
    assert not problems
    assert all(each["new"] == each["changed"] == each["undecided"] == 0 for each in counts.values()), counts
    assert counts["services"]["unchanged"] == 1
