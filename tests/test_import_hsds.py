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


WHOLE = {"id": "0f5b5c1e-5f0a-4a58-9c4b-6f5a1f3f7c11", "name": "Spolek Odjinud", "funding": [{"source": "MPSV"}],
         "locations": [{"id": "l1", "name": "Sídlo", "addresses": [{"address_1": "Dlouhá 1", "city": "Ukázkov"}]},
                       {"id": "l2", "name": "Dílna", "addresses": [{"address_1": "Krátká 2", "city": "Ukázkov"}]}],
         "contacts": [{"id": "c1", "name": "Jana Nová", "title": "vedoucí", "email": "jana@odjinud.example",
                       "phones": [{"number": "777 1"}]}, {"id": "c2", "department": "Recepce"}],
         "services": [{"id": "s1", "name": "Poradna", "funding": [{"source": "kraj"}], "fees_description": "zdarma",
                       "languages": [{"code": "cs"}, {"name": "Ukrajinština"}],
                       "service_at_locations": [{"location_id": "l2", "regular_schedules": [
                           {"weekday": 2, "opens_at": "09:00", "closes_at": "17:30:00"}]}],
                       "schedules": [{"byday": "MO,WE", "opens_at": "08:00:00Z", "closes_at": "12:00:00Z"},
                                     {"description": "o svátcích zavřeno"}]}]}


def test_hours_people_sites_and_funding_are_taken(app, tmp_path):
    _counts, problems = load(tmp_path, json.dumps([WHOLE]).encode())
    assert problems == []
    organisation = Organisation.get(Organisation.name == "Spolek Odjinud")
    service = Service.get(Service.organisation == organisation)
    assert service.hours == "po, st 8:00–12:00\no svátcích zavřeno\nút 9:00–17:30"
    assert (organisation.funding, service.funding, service.cost, service.languages) == ("MPSV", "kraj", "zdarma",
                                                                                          "cs;uk")
    people = {row.name: (row.post, row.email, row.phone) for row in organisation.contacts}
    assert people == {"Jana Nová": ("vedoucí", "jana@odjinud.example", "777 1"), "Recepce": ("Recepce", "", "")}
    site = organisation.locations.get()
    assert (organisation.street, site.name, site.street) == ("Dlouhá 1", "Dílna", "Krátká 2")
    assert records.read(service, ["locations"])["locations"] == [site.public_id]
    again, _problems = load(tmp_path, json.dumps([WHOLE]).encode())
    assert again["services"]["unchanged"] == again["organisations"]["unchanged"] == 1


OLDER = [{"id": "1", "name": "Spolek Postaru", "services": [
    {"id": "", "name": "Poradna", "status": "", "languages": [{"language": "ces"}, {"language": "slk"}],
     "services_at_location": [{"id": "", "location": {
         "id": "l1", "name": "Dílna", "postal_addresses": [{"address_1": "Krátká 2", "city": "Ukázkov"}],
         "regular_schedules": [{"weekday": "2", "opens_at": "09:00", "closes_at": "11:00"}]}}]},
    {"id": "", "name": "Dílna pro všechny", "services_at_location": [
        {"location": {"id": "l1"},
         "regular_schedules": [{"weekday": "5", "opens_at": "08:00", "closes_at": "10:00"}]}]}]}]


def test_older_names_are_read_inside_of_json_too(app, tmp_path):
    _counts, problems = load(tmp_path, json.dumps(OLDER).encode())
    assert problems == []
    organisation = Organisation.get(Organisation.name == "Spolek Postaru")
    hours = {row.name: (row.hours, row.languages) for row in Service.select().where(
        Service.organisation == organisation)}
    assert hours == {"Poradna": ("út 9:00–11:00", "cs;sk"), "Dílna pro všechny": ("pá 8:00–10:00", "")}
    assert [(row.name, row.street) for row in organisation.locations] == [("Dílna", "Krátká 2")]
    again, _problems = load(tmp_path, json.dumps(OLDER).encode())
    assert again["services"]["unchanged"] == 2


def hours_of(name) -> dict[str, str]:
    return {row.name: row.hours for row in Service.select().join(Organisation).where(Organisation.name == name)}


def test_hours_of_a_place_that_a_service_only_names_are_taken_from_the_organisation_s(app, tmp_path):
    opens = {"byday": "TU", "opens_at": "09:00", "closes_at": "11:00"}
    places = [{"id": "l1", "name": "Dílna", "schedules": [opens]},
              {"id": "", "name": "Sklad", "schedules": [{**opens, "byday": "SU"}]}]
    services = [{"name": "Poradna", "service_at_locations": [{"location_id": "l1"}]},
                {"name": "Šatník", "service_at_locations": [{"location_id": "l1"}],
                 "schedules": [{**opens, "byday": "FR"}]},
                {"name": "Linka", "service_at_locations": [{"location_id": ""}]}]
    _counts, problems = load(tmp_path, json.dumps(
        [{"id": "1", "name": "Spolek Zdejší", "locations": places, "services": services}]).encode())
    assert problems == []
    assert hours_of("Spolek Zdejší") == {"Poradna": "út 9:00–11:00", "Šatník": "pá 9:00–11:00", "Linka": ""}


def test_hours_of_a_place_are_taken_from_a_package_of_tables(app, tmp_path):
    files = {"organizations.csv": b"id,name\n1,Spolek Odjinud\n", "locations.csv": b"id,name\n100,Dum\n",
             "services.csv": b"id,organization_id,name\n10,1,Poradna\n11,1,Linka\n",
             "service_at_location.csv": b"id,service_id,location_id\n,10,100\n,11,\n",
             "schedules.csv": b"id,location_id,byday,opens_at,closes_at\n,100,TU,09:00,11:00\n,,SU,09:00,11:00\n"}
    _counts, problems = load(tmp_path, packed(files), "data.zip")
    assert problems == []
    assert hours_of("Spolek Odjinud") == {"Poradna": "út 9:00–11:00", "Linka": ""}


def test_one_id_for_everything_makes_a_record_each(app, tmp_path):
    alike = "6f0d3a4e-6d44-4c53-9a5b-5f1f2c9f6a10"
    content = [{"id": alike, "name": "První", "contacts": [{"id": alike, "name": "Jana"}],
                "services": [{"id": alike, "name": "Poradna"}]}]
    _counts, problems = load(tmp_path, json.dumps(content).encode())
    assert problems == []
    assert Organisation.get(Organisation.name == "První").contacts.get().name == "Jana"


OTHER_OBJECTS = {"location": {"id": "l-1", "location_type": "physical", "name": "Dům"},
                 "taxonomy": {"id": "t-1", "name": "OR", "description": "", "uri": "http://a.example", "version": "1"},
                 "taxonomy_term": {"id": "t-2", "name": "byt", "description": "", "taxonomy": "OR"}}


def test_a_folder_of_json_files_each_organisation_and_service_once(app, tmp_path):
    folder = tmp_path / "hsds"
    folder.mkdir()
    owner = {name: value for name, value in ORGANISATION.items() if name != "services"}
    service = {"id": "s-1", "name": "Poradna", "status": "active", "organization": owner}
    given = {**OTHER_OBJECTS, "organization_full": owner, "organization_list": {"contents": [owner]},
             "service_full": service, "service_list": {"contents": [service]},
             "service_at_location_full": {"id": "a-1", "service": {**service, "id": "s-3", "name": "Výjezd"},
                                          "location": {"id": "l-2", "name": "Klub"}}}
    for name, each in given.items():
        (folder / f"{name}.json").write_text(json.dumps(each), encoding="utf-8")
    counts, problems = import_command.load(folder, "hsds")
    assert not problems and (counts["organisations"]["new"], counts["services"]["new"]) == (1, 2)
    again, _problems = import_command.load(folder, "hsds")
    assert (again["organisations"]["unchanged"], again["services"]["unchanged"]) == (1, 2)


@pytest.mark.parametrize("kind", OTHER_OBJECTS)
def test_an_object_that_is_no_organisation_is_named_wrong(app, tmp_path, kind):
    counts, problems = load(tmp_path, json.dumps(OTHER_OBJECTS[kind]).encode())
    assert problems and (counts["organisations"]["new"], counts["organisations"]["wrong"]) == (0, 1)
