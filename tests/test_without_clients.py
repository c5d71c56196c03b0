"""CLIENTS=off: the book, visits by number of people and coverage, and nothing of any client."""
import re

import pytest

import app as application
import policy
from tests.support import cast as the_cast
from tests.support.stage import Stage
from tests.support.visits import asked, free
from tests.test_access_matrix import Visitor, lines, name

OF_CLIENTS = {"clients", "consents", "grounds", "feedback", "me", "own", "plans", "releases", "referrals", "reports",
              "family"}
STILL_THERE = {"today.home", "visits.index", "directory.search", "coverage.overview", "my.book", "leaflet.overview",
               "visitors.index", "day.index"}


@pytest.fixture
def off(app):
    """The application as CLIENTS=off makes it; the next test sets it again as it was."""
    policy.configure(clients=False)
    yield app
    policy.configure(clients=True)


class Off(Visitor):
    """The visitor of the access matrix where clients are switched off."""

    def begin(self):
        super().begin()
        policy.configure(clients=False)


def test_the_setting_is_on_or_off(tmp_path):
    with pytest.raises(SystemExit, match="CLIENTS"):
        application.create_app(data_dir=str(tmp_path), base_url="http://127.0.0.1:8000", clients="maybe")


@pytest.mark.parametrize("principal", [each for each in the_cast.PRINCIPALS if each != "anonymous"])
def test_no_page_of_a_client_is_there_and_the_rest_answers_as_ever(app, engine, cast, principal):
    visitor, asked, differ = Off(app, engine, cast, principal), 0, []
    for line in lines():
        area = line["endpoint"].split(".")[0]
        if line["method"] != "GET" or (area not in OF_CLIENTS and line["endpoint"] not in STILL_THERE):
            continue
        gone = area in OF_CLIENTS or principal == "client"
        found, asked = name(visitor.answer(line)), asked + 1
        if found != ("missing" if gone else line[principal]):
            differ.append(f"{line['endpoint']} {line['relation']}: {found}")
    policy.configure(clients=True)
    assert asked > 20 and not differ, differ


def test_neither_menu_nor_today_says_anything_of_clients(off, cast, sign_in):
    Stage(cast)
    for person in ("kamila", "pavel", "nela", "kora", "petra"):
        browser = sign_in(person)
        for where in ("/", "/visits", "/book"):
            answer = browser.get(where)
            assert answer.status in {200, 404}, (person, where)
            assert cast.karel.code not in answer.text
            for area in ("/clients", "/consents", "/figures", "/me", "/agreements", "/releases", "/referrals"):
                assert not re.search(f'href="{area}[/?"]', answer.html), (person, where, area)


def test_a_visit_by_number_of_people_goes_from_request_to_yes(off, cast, sign_in):
    nela, slot = sign_in("nela"), free(cast.prison, 9)
    where = f"/visits/request/{cast.prison.public_id}/details?slot={slot.key}"
    page = nela.get(where)
    assert page.status == 200 and cast.karel.code not in page.text and 'name="clients"' not in page.html
    booking, pavel = asked(cast.nela, cast.prison, slot=slot, finds_clients=3), sign_in("pavel")
    assert pavel.get(f"/visits/{booking.public_id}").status == 200 and booking.finds_clients == 3
    assert "3 klient" in pavel.get(f"/visits/{booking.public_id}").text
