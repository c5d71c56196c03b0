"""V35: what nobody has confirmed for 181 days is marked and falls below what is verified."""
from datetime import timedelta

import pytest

import clock
import db
from models import Confidence, Form, SearchEntry, Service
from services import freshness, search_index


@pytest.fixture
def two_services(cast):
    with db.writing():
        for organisation, name, days in ((cast.ngo, "Poradna alfa", 180), (cast.other_ngo, "Poradna beta", 10)):
            Service.create(organisation=organisation, slug=name, name=name, sort=name, form=Form.OUTPATIENT,
                           confidence=Confidence.CONFIRMED, confirmed_on=clock.today() - timedelta(days=days))
        search_index.reindex(cast.ngo.id, cast.other_ngo.id)


def rows(browser):
    found = [row.text for row in browser.get("/book?q=poradna").page.with_class("row")]
    return [text for text in found if "služba" in text]


def rank(name):
    entry = SearchEntry.get(SearchEntry.title == name)
    from models import SearchWord
    return SearchWord.get(SearchWord.entry == entry, SearchWord.word == "poradna").rank


def test_v35_after_181_days_it_is_not_verified_and_sinks(two_services, sign_in, travel, cast):
    kamila = sign_in("kamila")
    assert not any("neověřeno" in text for text in rows(kamila))
    assert rank("Poradna alfa") == rank("Poradna beta")
    travel.move_to(clock.now() + timedelta(days=1))
    search_index.reindex_stale()  # as the job does each night
    assert rank("Poradna alfa") < rank("Poradna beta")
    first, second = rows(sign_in("kamila"))
    assert "beta" in first and "neověřeno" not in first
    assert "alfa" in second and "neověřeno" in second
    page = sign_in("kamila").get(f"/book/{cast.ngo.public_id}").text
    assert "neověřeno, naposledy potvrzeno" in page


def test_v35_after_as_long_again_it_is_not_recommended(two_services, sign_in, travel):
    travel.move_to(clock.now() + timedelta(days=181))
    assert "nespoléhejte na to" in rows(sign_in("kamila"))[-1]


def test_v35_the_nightly_job_writes_only_what_came_of_age(two_services, travel):
    assert search_index.reindex_stale() == 0
    travel.move_to(clock.now() + timedelta(days=1))
    assert search_index.reindex_stale() == 1


@pytest.mark.parametrize(("group", "days", "state"), [
    ("places", 7, "fresh"), ("places", 8, "ageing"), ("places", 14, "ageing"), ("places", 15, "stale"),
    ("places", 29, "not_recommended"), ("contact", 76, "fresh"), ("contact", 77, "ageing"), ("contact", 91, "stale"),
    ("services", 180, "ageing"), ("services", 181, "stale"), ("services", 360, "stale"),
    ("services", 361, "not_recommended"), ("basics", 365, "ageing"), ("basics", 366, "stale"),
])
def test_v35_each_group_of_facts_has_its_time(app, group, days, state):
    from models import FactGroup
    on = clock.today() - timedelta(days=days)
    assert freshness.state(FactGroup(group), Confidence.CONFIRMED, on, clock.today()) == state
    due = on < freshness.due_before(FactGroup(group), clock.today())
    assert due == (state != "fresh")
