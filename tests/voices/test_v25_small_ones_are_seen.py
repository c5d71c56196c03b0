"""V25: "Bigger NGOs are better known to clients and prisons and have no trouble reaching clients."

The same search on twenty days: those who fit alike and are confirmed alike take turns, however many services they have.
"""
from datetime import timedelta

import pytest

import clock
import db
from models import Area, Confidence, Kind, Organisation, OrganisationState, Service, ServiceArea
from services import search_index
from text import sort_key

BIG, SERVICES = 8, 6  # big organisations, and how many services each has
DAYS = 20


@pytest.fixture
def book(app):
    """Services of therapy: six of each of the big ones and a single one of the small one, all confirmed today."""
    with db.writing():
        for number in range(BIG):
            _organisation(f"Velká organizace {number}", SERVICES)
        _organisation("Žabka", 1)
        search_index.rebuild()


def _organisation(name, services):
    row = Organisation.create(slug=name, kind=Kind.NGO, state=OrganisationState.VERIFIED, name=name, region="CZ020",
                              sort=sort_key(name))
    for number in range(services):
        service = Service.create(organisation=row, slug=f"{name}-{number}", name=f"Skupinová terapie {name} {number}",
                                 sort=sort_key(name), confidence=Confidence.CONFIRMED, confirmed_on=clock.today())
        ServiceArea.create(service=service, area=Area.PSYCHIATRIC)


def test_v25_the_same_search_on_twenty_days_shows_the_small_one_too(book, sign_in, travel):
    orders = []
    for _day in range(DAYS):
        orders.append(_shown(sign_in("petra")))
        assert _shown(sign_in("nela")) == orders[-1], "the order depends on the day, not on who asks"
        travel.shift(timedelta(days=1))
    assert sum("Žabka" in title for order in orders for title in order[:3]) >= 4
    assert sum("Žabka" in title for order in orders for title in order[:BIG + 1]) == DAYS
    assert len({tuple(order) for order in orders}) > DAYS * 3 // 4


def test_v25_who_fits_better_or_is_confirmed_comes_first_on_every_day(book, sign_in, travel):
    with db.writing():
        Service.update(confidence=Confidence.RECALLED).where(Service.name.contains("Velká")).execute()
        search_index.rebuild()
    for _day in range(DAYS):
        assert "Žabka" in _shown(sign_in("petra"))[0]
        travel.shift(timedelta(days=1))


def test_v25_who_is_new_here_is_on_a_shelf_and_all_of_them_take_turns(cast, sign_in, travel):
    with db.writing():
        for number in range(12):
            _organisation(f"Nová organizace {number}", 0)
        Organisation.update(created_at=clock.now() - timedelta(days=200)).where(Organisation.slug == "ngo").execute()
        search_index.rebuild()
    seen = set()
    for _day in range(DAYS):
        shelf = _shelf(sign_in("petra"))
        assert 0 < len(shelf) <= 6 and shelf == _shelf(sign_in("nela"))
        assert not any(cast.ngo.name in each or "věznice" in each or "Město" in each for each in shelf)
        seen.update(shelf)
        travel.shift(timedelta(days=1))
    assert sum("Nová organizace" in each for each in seen) == 12
    travel.shift(timedelta(days=90))
    assert _shelf(sign_in("petra")) == []


def _shelf(browser) -> list[str]:
    page = browser.get("/book").page
    headings = [each.text for each in page.all("h2")]
    if "Noví v adresáři" not in headings:
        return []
    shelf = page.with_class("browse")[headings.index("Noví v adresáři")]
    return [link.text for link in page.inside(shelf, "a")]


def _shown(browser) -> list[str]:
    page = browser.get("/book?q=terapie&kind=service").page
    return [title.text for title in page.with_class("row__title")]
