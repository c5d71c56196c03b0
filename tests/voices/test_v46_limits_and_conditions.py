"""V46: an NGO confirms its facts, or sets free places, from a mail and without signing in."""
import re
from datetime import timedelta

import pytest

import clock
import db
from models import (
    CapacityState,
    Confidence,
    FactCheck,
    FactGroup,
    FieldChange,
    Form,
    FreshnessLink,
    Journal,
    Outbox,
    Service,
)
from services import search_index, still_true
from text import sort_key


@pytest.fixture
def service(cast):
    with db.writing():
        row = Service.create(organisation=cast.ngo, slug="byty", name="Startovací byty", sort=sort_key("Start"),
                             form=Form.RESIDENTIAL, confidence=Confidence.CONFIRMED, confirmed_on=clock.today(),
                             places_free=5, capacity_state=CapacityState.OPEN,
                             places_on=clock.today() - timedelta(days=20))
        FactCheck.create(organisation=cast.ngo, group=FactGroup.CONTACT, confidence=Confidence.RECALLED)
        search_index.reindex(cast.ngo.id)
    return row


@pytest.fixture
def link(service, cast, postbox):
    """The path of the link that Nela got by mail."""
    assert still_true.ask_due() == 1
    postbox.deliver()
    (message,) = postbox.to("nela")
    words = postbox.words(message)
    assert "Spojení" in words and "Volná místa" in words and "Startovací" not in words
    return re.search(r"http://127\.0\.0\.1:8000(/still-true/\S+)", words)[1]


def everything_but_the_journal():
    return [list(model.select().dicts()) for model in (Service, FactCheck, FieldChange, FreshnessLink, Journal, Outbox)]


def test_v46_one_button_confirms_without_signing_in(link, service, cast, browser, sign_in):
    page = browser.get(link)
    assert page.heading == "Platí ještě tyto údaje?" and "ngo@example.org" in page.text
    browser.send(link, answer="everything")
    assert "Děkujeme" in browser.follow().text
    assert FactCheck.get(organisation=cast.ngo, group=FactGroup.CONTACT).confirmed_on == cast.today
    row = Service.get_by_id(service.id)
    assert (row.places_free, row.places_on) == (5, cast.today)
    assert {change.via for change in FieldChange.select().where(FieldChange.record == row.public_id)} == {"link"}
    assert browser.post(link, {"answer": "everything"}).status == 422


def test_v46_two_free_places_are_set_and_search_shows_them(link, service, browser, sign_in):
    browser.get(link)
    browser.send(link, answer="places", **{f"places-{service.public_id}": "2"})
    row = Service.get_by_id(service.id)
    assert (row.places_free, row.places_on) == (2, clock.today())
    text = sign_in("pavel").get("/book?q=startovací byty").text
    assert re.search(r"2\D{0,20}(volná místa)?\D{0,5}dnes", text), text
    assert FreshnessLink.get().used_at is None  # the rest can still be confirmed


def test_v46_a_mail_scanner_that_opens_the_link_changes_nothing(link, browser):
    before = everything_but_the_journal()
    for method in ("GET", "HEAD", "GET"):
        assert browser.get(link, method=method).status == 200
    assert everything_but_the_journal() == before


@pytest.mark.parametrize("typed", ["dvě", "-1", "1.5", "٣", "99999"])
def test_v46_what_is_no_number_is_told_and_kept(link, service, browser, typed):
    browser.get(link)
    answer = browser.send(link, answer="places", **{f"places-{service.public_id}": typed})
    assert answer.status == 422 and "zadejte číslem" in answer.text and typed in answer.html
    assert Service.get_by_id(service.id).places_free == 5


def test_v46_the_link_is_kept_nowhere_and_ends_after_thirty_days(link, browser, travel):
    token = link.rsplit("/", 1)[1]
    assert FreshnessLink.get().token_hash != token and len(token) == 43
    travel.shift(timedelta(days=30, seconds=5))
    assert browser.get(link).status == 404


def test_v46_a_post_without_the_pages_token_changes_nothing(link, service, browser):
    assert browser.post(link, {"answer": "everything"}, token=None).status == 400
    assert Service.get_by_id(service.id).places_on != clock.today()


def test_v46_another_organisations_places_cannot_be_set(link, cast, browser):
    with db.writing():
        other = Service.create(organisation=cast.other_ngo, slug="cizi", name="Cizí", sort="c", form=Form.REMOTE,
                               confidence=Confidence.CONFIRMED, confirmed_on=clock.today())
    browser.get(link)
    browser.send(link, answer="places", **{f"places-{other.public_id}": "9"})
    assert Service.get_by_id(other.id).places_free is None


def test_v46_nobody_is_asked_twice_nor_on_a_day_off(service, cast, postbox, travel):
    travel.move_to(cast.now + timedelta(days=5))  # Saturday
    assert still_true.ask_due() == 0
    travel.move_to(cast.now)
    assert [still_true.ask_due(), still_true.ask_due()] == [1, 0]
    travel.move_to(cast.now + timedelta(days=28))
    assert still_true.ask_due() == 0
    travel.move_to(cast.now + timedelta(days=30))
    assert still_true.ask_due() == 1
