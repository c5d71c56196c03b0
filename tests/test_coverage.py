"""The coverage table: prisons against areas, the same numbers on the page, in the file and behind each cell."""
import csv
import io
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

import clock
import db
from errors import Missing
from models import Area, Confidence, Form, Organisation, PrisonProfile, PrisonWork, Service, ServiceArea
from services import coverage, directory, search, search_index
from services.search import Question
from text import sort_key


@pytest.fixture
def book(app, cast):
    """Debts stand on two organisations, accommodation on one, of which one work is over."""
    today = clock.today()
    with db.writing():
        debts = _work(cast.ngo, cast.prison, "Exekuce", "debts", confirmed_on=today - timedelta(days=3))
        _work(cast.other_ngo, cast.prison, "Splátky", "debts;accommodation", confirmed_on=today - timedelta(days=40))
        _work(cast.other_ngo, cast.prison, "Bydlení dříve", "accommodation", until_on=today - timedelta(days=1))
        _work(cast.ngo, cast.other_prison, "=Drogy", "drug_services", confidence=Confidence.RECALLED)
        _service(cast.other_ngo, "Byty", Area.ACCOMMODATION, 3, today - timedelta(days=20))
        _service(cast.other_ngo, "Pokoje", Area.ACCOMMODATION, 1, today - timedelta(days=2))
        _service(cast.other_ngo, "Poradna", Area.DEBTS, None, None)
        debts.service = _service(cast.ngo, "Oddlužení", Area.SOCIAL_SERVICES, 2, today)
        debts.save()
        PrisonProfile.create(organisation=cast.other_prison, type="prison", level_high=True)
        search_index.rebuild()


def _work(organisation, prison, activity, areas, **values):
    return PrisonWork.create(**{"slug": activity, "organisation": organisation, "prison": prison, "activity": activity,
                                "areas": areas, "form": Form.ON_SITE, "confidence": Confidence.CONFIRMED, **values})


def _service(organisation, name, area, free, day):
    row = Service.create(organisation=organisation, slug=name, name=name, sort=sort_key(name), places_free=free,
                         places_on=day, confidence=Confidence.VERIFIED)
    ServiceArea.create(service=row, area=area)
    return row


def line_of(cast, prison, **asked):
    table = coverage.table(cast.nela, **asked)
    return next(line for line in table.lines if line.slug == prison.slug)


def test_a_cell_counts_what_runs_and_knows_what_stands_on_one_organisation(book, cast):
    cells = line_of(cast, cast.prison).cells
    assert (cells[Area.DEBTS].works, cells[Area.DEBTS].state) == (2, coverage.ENOUGH)
    assert (cells[Area.ACCOMMODATION].works, cells[Area.ACCOMMODATION].state) == (1, coverage.THIN)
    assert (cells[Area.DRUG_SERVICES].works, cells[Area.DRUG_SERVICES].state) == (0, coverage.EMPTY)
    assert cells[Area.DEBTS].checked_on == clock.today() - timedelta(days=3)


def test_free_places_are_of_the_named_service_or_of_all_in_the_area_with_the_oldest_day(book, cast):
    cells = line_of(cast, cast.prison).cells
    assert (cells[Area.ACCOMMODATION].free, cells[Area.ACCOMMODATION].free_on) == (
        4, clock.today() - timedelta(days=20))
    assert (cells[Area.DEBTS].free, cells[Area.DEBTS].free_on) == (2, clock.today())
    assert cells[Area.DRUG_SERVICES].free is None


def test_what_nobody_confirmed_has_no_day_and_a_closed_organisation_covers_nothing(book, cast):
    cell = line_of(cast, cast.other_prison).cells[Area.DRUG_SERVICES]
    assert (cell.works, cell.checked_on) == (1, None)
    directory.change_state(cast.kora, cast.ngo.public_id, "close")
    assert line_of(cast, cast.other_prison).cells[Area.DRUG_SERVICES].state == coverage.EMPTY
    assert line_of(cast, cast.prison).cells[Area.DEBTS].state == coverage.THIN


def test_each_cell_opens_exactly_its_rows(book, cast):
    for line in coverage.table(cast.nela).lines:
        for area, cell in line.cells.items():
            answer = search.find(cast.nela, Question(area=area, prison=line.slug, kind="prison_work"), clock.today())
            assert answer.count == cell.works, (line.name, area)


def test_filters_leave_prisons_of_a_level_and_a_region(book, cast):
    assert [line.slug for line in coverage.table(cast.nela, level="high").lines] == ["other-prison"]
    assert [line.slug for line in coverage.table(cast.nela, level="low").lines] == ["prison"]
    assert coverage.table(cast.nela, region="CZ010").lines == []
    assert len(coverage.table(cast.nela, region="CZ020").lines) == 2


def test_a_client_sees_no_coverage(book, cast):
    with pytest.raises(Missing):
        coverage.table(cast.karel_user)


def test_the_file_has_the_numbers_of_the_page(book, cast, sign_in):
    nela = sign_in("nela")
    page, file = nela.get("/coverage").page, nela.get("/coverage.csv")
    rows = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + 2 * len(Area)
    works = {(row[0], row[2]): row[3] for row in rows[1:]}
    assert works["Ukázková věznice Horní Lhota", "dluhy"] == "2"
    assert sum(int(number) for number in works.values()) == sum(
        int(cell.text.split()[0]) for cell in page.with_class("coverage__number"))
    debts = next(row for row in rows if row[3] == "2")
    assert debts[4:7] == ["2", "pokryto", "2"] and debts[7] == clock.today().isoformat()
    assert all("=" not in cell[:1] for row in rows for cell in row)


def test_a_name_that_a_spreadsheet_would_compute_is_made_plain(book, cast, sign_in):
    with db.writing():
        Organisation.update(name="=1+1").where(Organisation.slug == "prison").execute()
    assert "'=1+1" in sign_in("nela").get("/coverage.csv").body.decode("utf-8-sig")


def test_the_page_says_by_words_what_it_says_by_shade(book, cast, sign_in):
    page = sign_in("pavel").get("/coverage").page
    empty = [cell.text for cell in page.with_class("coverage__empty") if cell.tag == "td"]
    assert empty and all(text.startswith("0") and "nic" in text.split() for text in empty)
    assert all("málo" in cell.text for cell in page.with_class("coverage__thin"))
    assert "Věznice, kde není nic" in page.text


def test_it_costs_two_queries_beside_those_of_every_page(book, cast, sign_in):
    """One says whether the book was written, one finds the open gaps; the table itself is kept."""
    nela, actor = sign_in("nela"), cast.nela
    with count_queries() as control:
        nela.get("/account")
    with count_queries() as fresh:
        coverage.table(actor)
    nela.get("/coverage")
    with count_queries() as page:
        nela.get("/coverage")
    assert fresh.count == 3 and page.count <= control.count + 2
