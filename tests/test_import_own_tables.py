"""This book's own workbook or package through the page: previewed, confirmed, undone, whole."""
import pytest

import db
from exporters import book_tables, csv_book, hsds_book, xlsx_book
from models import CapacityState, Confidence, ContactPerson, Fit, Import, ImportState, Location, Organisation, Service
from services import imports, records
from tests.test_importing import confirm, send, undo

WRITERS = {"kontakty.xlsx": lambda: xlsx_book.workbook(book_tables.tables()),
           "kontakty.zip": lambda: csv_book.package(book_tables.tables()), "hsds.json": hsds_book.document}


@pytest.fixture
def filled(app, cast):
    """The NGO of the cast with a service that says everything, a site and a person with a deputy."""
    site = records.add(cast.kora, Location, cast.ngo, {"name": "Dílna", "city": "Ukázkov", "access": "zvonek"}, "form",
                       confidence=Confidence.PARTLY)
    people = [records.add(cast.kora, ContactPerson, cast.ngo, {"name": name}, "form", confidence=Confidence.PARTLY)
              for name in ("Eva Prvá", "Jan Druhý")]
    records.change(cast.kora, people[0], {"deputy": people[1]}, "form")
    records.add(cast.kora, Service, cast.ngo, {
        "name": "Dluhy a práce", "for_groups": ["men"], "not_groups": ["youth"],
        "entry": [("přihláška", "before", True)], "locations": [site.public_id],
        "capacity_state": CapacityState.OPEN, "places_total": 4, "hours": "po 9–12"},
        "form", slug="dluhy-a-prace", confidence=Confidence.PARTLY)
    return cast.ngo


def said():
    """What the book says of services, sites and people."""
    return {model.__name__: sorted((row.name, sorted(records.texts(row).items())) for row in model.select())
            for model in (Service, Location, ContactPerson)}


@pytest.mark.parametrize("file", WRITERS)
def test_nothing_changes_where_nothing_differs(filled, cast, file):
    run = send(cast.kora, WRITERS[file](), file)
    assert run.state is ImportState.READY, run.problem
    assert sum(counts["new"] + counts["changed"] + counts["wrong"] for counts in imports.counts(run).values()) == 0


@pytest.mark.parametrize("file", WRITERS)
def test_what_was_lost_comes_back_and_can_be_undone(filled, cast, file):
    before, content = said(), WRITERS[file]()
    with db.writing():
        for model in (Service, ContactPerson, Location):
            model.delete().execute()
    lost = said()
    run = confirm(cast.kora, send(cast.kora, content, file))
    assert run.state is ImportState.DONE, run.problem
    after = said()
    for name, rows in before.items():
        assert [row for row, _values in after[name]] == [row for row, _values in rows]
    service = Service.get(Service.name == "Dluhy a práce")
    assert {row.group.value: row.fit for row in service.groups} == {"men": Fit.FOR, "youth": Fit.NOT_FOR}
    assert records.texts(service)["entry"] == "before|waivable|přihláška"
    assert ContactPerson.get(ContactPerson.name == "Eva Prvá").deputy.name == "Jan Druhý"
    assert service.locations.get().location.name == "Dílna"
    assert undo(cast.kora, run).state is ImportState.UNDONE
    assert said() == lost


def test_a_group_that_goes_to_another_set_goes_back(filled, cast):
    service = Service.get(Service.name == "Dluhy a práce")
    content = WRITERS["kontakty.xlsx"]()
    records.change(cast.kora, service, {"for_groups": [], "not_groups": ["men"], "entry": [("jiná", "after", False)]},
                   "form")
    changed = said()
    run = confirm(cast.kora, send(cast.kora, content, "kontakty.xlsx"))
    assert run.state is ImportState.DONE, run.problem
    texts = records.texts(Service.get_by_id(service.id))
    assert (texts["for_groups"], texts["not_groups"], texts["entry"]) == ("men", "youth", "before|waivable|přihláška")
    undo(cast.kora, run)
    assert said() == changed


def test_a_service_put_on_a_new_site_by_somebody_stands_in_the_way(filled, cast):
    content = WRITERS["kontakty.zip"]()
    with db.writing():
        Location.delete().execute()
    run = confirm(cast.kora, send(cast.kora, content, "kontakty.zip"))
    other = records.add(cast.kora, Service, cast.ngo, {"name": "Jiná", "locations": [Location.get().public_id]}, "form",
                        slug="jina", confidence=Confidence.PARTLY)
    run = undo(cast.kora, run)
    assert run.state is ImportState.DONE and "Dílna" in Import.get_by_id(run.id).problem
    assert Organisation.select().exists() and other.locations.exists()
