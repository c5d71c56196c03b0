"""The leaflet and the search without signing in: what stands on them, that they fit, and what they must not show."""
import dataclasses
import re
import shutil
import subprocess
from io import BytesIO

import flask
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import db
from errors import RuleBroken
from exporters import pdf, qr
from models import Confidence, Journal, Organisation, OrganisationState, Service, ServiceNeed, ServiceRegion
from services import leaflet, public_book, search_index
from services.leaflet import Item, Purpose
from services.public_book import Pace
from text import sort_key

SHEET = {"purpose": "person", "language": "cs", "greeting": "", "file": "page"}
LETTERS = "aáčdeéfgijlmnoprřsštuúůvyýzž MWmwAÁČŘŮ.-,1"


@pytest.fixture
def service(cast):
    """`service(name, …)` makes a published service of Nela's organisation."""
    def make(name, organisation=None, **values):
        owner = organisation or cast.ngo
        with db.writing():
            Organisation.update(phone="+420777123456", web="https://spolek.example").where(
                Organisation.id == owner).execute()
            row = Service.create(**{"organisation": owner, "slug": sort_key(name), "name": name, "published": True,
                                    "sort": sort_key(name), "plain": "Poradíme vám.", "conditions": "odborný text",
                                    "confidence": Confidence.VERIFIED, **values})
            ServiceNeed.create(service=row, need="housing")
            ServiceRegion.create(service=row, region="CZ020")
            search_index.reindex(owner.id)
        return row
    return make


def pages_of(content: bytes) -> int:
    assert shutil.which("pdfinfo"), "pdfinfo is missing (poppler-utils)"
    told = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True).stdout.decode()
    return int(re.search(r"Pages:\s+(\d+)", told)[1])


def words_of(content: bytes) -> str:
    return " ".join(subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True,
                                   check=True).stdout.decode().split())


# The shortlist

def test_what_is_added_is_on_the_leaflet_until_it_is_taken_away(service, sign_in):
    row, nela = service("Poradna"), sign_in("nela")
    assert nela.post("/leaflet/add", {"record": row.public_id}).status == 303
    assert nela.post("/leaflet/add", {"record": row.public_id}).status == 303
    assert nela.get("/leaflet").text.count("Poradíme vám.") == 1
    assert "Poradíme vám." not in sign_in("pavel").get("/leaflet").text
    nela.post("/leaflet/remove", {"record": row.public_id})
    assert "Poradíme vám." not in nela.get("/leaflet").text


def test_it_is_added_from_the_search_and_the_reader_stays_there(service, sign_in):
    row, nela = service("Poradna u mostu"), sign_in("nela")
    shown = nela.get("/book?q=poradna")
    assert row.public_id in {button["value"] for button in shown.page.all("button") if button["name"] == "record"}
    here = {"Referer": f"{nela.base_url}/book?q=poradna"}
    assert nela.post("/leaflet/add", {"record": row.public_id}, headers=here).location == "/book?q=poradna"


def test_a_shortlist_has_its_end(service, sign_in, cast):
    for number in range(leaflet.MOST):
        leaflet.add(cast.nela, service(f"Služba {number}").public_id)
    answer = sign_in("nela").post("/leaflet/add", {"record": service("Služba navíc").public_id})
    assert (answer.status, "Nejdřív něco odeberte" in answer.text) == (422, True)


def test_what_nobody_may_see_cannot_be_added(cast, sign_in):
    with db.writing():
        Organisation.update(state=OrganisationState.CLOSED).where(Organisation.id == cast.labour_office).execute()
    assert sign_in("nela").post("/leaflet/add", {"record": cast.labour_office.public_id}).status == 404


# The page

def test_the_opening_words_are_on_the_paper_and_nowhere_else(service, sign_in, cast):
    leaflet.add(cast.nela, service("Poradna").public_id)
    nela = sign_in("nela")
    before = Journal.select().count()
    answer = nela.post("/leaflet/sheet", {**SHEET, "greeting": "Dobrý den, Karle"})
    assert "Dobrý den, Karle" in answer.text
    assert Journal.select().count() == before
    assert "Karle" not in nela.get("/leaflet").page.html


@pytest.mark.parametrize(("language", "heading"), [("cs", "Kdo vám pomůže"), ("en", "Who will help you")])
def test_a_leaflet_speaks_the_chosen_language(service, sign_in, cast, language, heading):
    leaflet.add(cast.nela, service("Poradna").public_id)
    answer = sign_in("nela").post("/leaflet/sheet", {**SHEET, "language": language})
    assert (answer.heading, answer.page.all("html")[0]["lang"]) == (heading, language)
    assert sign_in("nela").get("/leaflet").heading == "Leták"


def test_the_pdf_is_one_page_of_the_same_words(service, sign_in, cast):
    leaflet.add(cast.nela, service("Poradna řečí žluťoučkou").public_id)
    answer = sign_in("nela").post("/leaflet/sheet", {**SHEET, "file": "pdf"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert pages_of(answer.body) == 1
    assert "Poradna řečí žluťoučkou" in words_of(answer.body)
    assert "+420 777 123 456" in words_of(answer.body).replace("\xa0", " ")
    assert "odborný text" not in words_of(answer.body)


def test_the_pdf_reads_nothing_but_our_static_files():
    from weasyprint.urls import FatalURLFetchingError
    for address in ("https://evil.example/a.png", "file:///etc/passwd", "http://static.invalid/static/../app.py"):
        with pytest.raises(FatalURLFetchingError):
            pdf.pdf_of(f'<html lang="cs"><title>a</title><img src="{address}" alt="a"></html>', "leaflet.css")


def item(name="Poradna", plain="Poradíme.", web="https://spolek.example") -> Item:
    return Item("a" * 22, "b" * 22, name, "Spolek", plain, "+420777123456", "", "Krátká 1, Praha", web, web,
                qr.code(web), None, True, False)


def sheet_of(engine, items, purpose, **told):
    with engine.app.test_request_context(base_url=engine.app.config["BASE_URL"], **told):
        made = leaflet.sheet(items, "", purpose)
        return made, flask.render_template("leaflet/sheet.html", sheet=made, as_pdf=True, back="/")


def test_what_is_little_is_printed_large(sqlite_engine):
    """A notice board is read from two metres: one service does not stay in the size of a letter."""
    for purpose, points in ((Purpose.BOARD, 28), (Purpose.PERSON, 18)):
        made, html = sheet_of(sqlite_engine, [item()], purpose)
        assert made.points == points
        assert pages_of(pdf.pdf_of(html, "leaflet.css")) == 1


def test_no_word_is_divided(sqlite_engine):
    said = "Nejnevyzpytatelnější podporovaná zaměstnavatelská rekvalifikace nezaměstnaných. " * 3
    for purpose in Purpose:
        shown = words_of(pdf.pdf_of(sheet_of(sqlite_engine, [item(plain=said)], purpose)[1], "leaflet.css"))
        assert said.strip() in shown


def test_an_address_is_printed_as_it_is_typed_and_czech_words_say_that_they_are(sqlite_engine):
    _, html = sheet_of(sqlite_engine, [item(web="https://spolek.example/")], Purpose.PERSON)
    assert '<p class="leaflet__address">spolek.example</p>' in html
    assert '<div class="leaflet__text" lang="cs">' in html


ITEMS = st.lists(st.builds(item, st.text(LETTERS, min_size=1, max_size=80), st.text(LETTERS, max_size=500)),
                 min_size=1, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=ITEMS, greeting=st.text(LETTERS, max_size=400), purpose=st.sampled_from(Purpose))
def test_what_fits_by_our_arithmetic_fits_on_paper(sqlite_engine, items, greeting, purpose):
    app = sqlite_engine.app
    with app.test_request_context(base_url=app.config["BASE_URL"]):
        try:
            made = leaflet.sheet(items, greeting.strip(), purpose)
        except RuleBroken:
            return
        html = flask.render_template("leaflet/sheet.html", sheet=made, as_pdf=True, back="/")
    assert made.points >= 12
    assert pages_of(pdf.pdf_of(html, "leaflet.css")) == 1


def test_too_much_is_refused_with_how_many_fit_and_an_empty_leaflet_too(app):
    with pytest.raises(RuleBroken, match=r"(vejdou|fit): 1"):
        leaflet.sheet([item(plain="dlouhé slovo " * 60)] * 6, "", Purpose.PERSON)
    with pytest.raises(RuleBroken):
        leaflet.sheet([dataclasses.replace(item(), over=True)], "", Purpose.PERSON)


def test_a_code_is_read_as_its_address(tmp_path):
    import segno
    from PIL import Image
    address = "https://navaznost.example/help-near-you/abc"
    made, image = qr.code(address), BytesIO()
    segno.make(address, error="q", micro=False, boost_error=False).save(image, kind="png", scale=1, border=qr.QUIET)
    wanted = {(x, y) for x in range(made.size) for y in range(made.size)
              if Image.open(image).convert("L").getpixel((x, y)) == 0}
    drawn = {(int(x) + step, int(y)) for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", made.path)
             for step in range(int(length))}
    assert drawn == wanted


# Without signing in

def test_anybody_finds_what_is_published_and_no_cookie_is_set(service, browser):
    row = service("Byty pro začátek")
    answer = browser.get("/help-near-you?need=housing&region=CZ020")
    assert "Byty pro začátek" in answer.text and "+420 777 123 456" in answer.text.replace("\xa0", " ")
    assert "Set-Cookie" not in answer.headers
    assert (answer.headers["Cache-Control"], 'content="noindex' in answer.html) == ("no-store", True)
    assert "Set-Cookie" not in browser.get(f"/help-near-you/{row.public_id}").headers


@pytest.mark.parametrize("hidden", [{"published": False}, {"plain": ""}, {"ended_on": "2026-01-01"}])
def test_what_is_not_published_is_not_there(service, browser, hidden):
    from datetime import date
    hidden = {name: date.fromisoformat(value) if name == "ended_on" else value for name, value in hidden.items()}
    row = service("Byty pro začátek", **hidden)
    assert "Byty pro" not in browser.get("/help-near-you").text
    assert browser.get(f"/help-near-you/{row.public_id}").status == 404


def test_only_verified_organisations_are_there_and_no_words_for_professionals_or_people(service, browser, cast):
    row = service("Byty pro začátek")
    page = browser.get(f"/help-near-you/{row.public_id}")
    assert "odborný text" not in page.html and "Nela" not in page.html
    with db.writing():
        Organisation.update(state=OrganisationState.PAUSED).where(Organisation.id == cast.ngo).execute()
    assert browser.get(f"/help-near-you/{row.public_id}").status == 404


@pytest.mark.parametrize(("asked", "found"), [("q=zacatek", True), ("q=byty", True), ("q=automobil", False),
                                              ("need=work", False), ("region=CZ010", False), ("page=99", True),
                                              ("need=%00&region='&q=%22", False)])
def test_a_word_a_need_and_a_region_narrow_it(service, browser, asked, found):
    service("Byty pro začátek")
    assert ("Byty pro" in browser.get(f"/help-near-you?{asked}").text) is found


def test_an_empty_search_says_whom_to_call(app, browser, cast):
    with db.writing():
        Organisation.update(phone="+420555666777", street="Dlouhá 1", city="Ukázkov").where(
            Organisation.id == cast.probation).execute()
        Organisation.update(state=OrganisationState.CLOSED).where(Organisation.id == cast.other_municipality).execute()
    empty = browser.get("/help-near-you")
    assert "Zvolte nahoře svůj kraj" in empty.text and cast.probation.name not in empty.text
    for asked in ("region=CZ020", "region=CZ020&need=housing", "region=CZ020&q=automobil&lang=cs"):
        found = browser.get(f"/help-near-you?{asked}")
        assert cast.probation.name in found.text and "+420 555 666 777" in found.text.replace("\xa0", " ")
        assert "Dlouhá 1, Ukázkov" in found.text and cast.municipality.name in found.text
        assert "Zvolte nahoře svůj kraj" not in found.text and "Set-Cookie" not in found.headers
        for hidden in (cast.other_municipality.name, cast.ngo.name, "Petra", "@"):
            assert hidden not in found.text
    assert cast.probation.name not in browser.get("/help-near-you?region=CZ010").text


def test_the_invented_are_nobodys_to_call_outside_a_demonstration(app, cast):
    assert [office.name for office in public_book.offices("CZ020", invented=False)] == []
    assert {office.kind for office in public_book.offices("CZ020", invented=True)} == {"probation", "municipality"}


def test_it_can_be_switched_off(app, browser, service):
    row = service("Byty")
    assert "/help-near-you" in browser.get("/sign-in").html
    app.config["NAVAZNOST"].public_search = "off"
    try:
        gone, missing = browser.get("/help-near-you"), browser.get(f"/book/{'A' * 22}/nothing")
        assert (gone.status, gone.body) == (404, missing.body)
        assert browser.get(f"/help-near-you/{row.public_id}/sheet").status == 404
        assert "/help-near-you" not in browser.get("/sign-in").html
    finally:
        app.config["NAVAZNOST"].public_search = "on"


def test_who_asks_too_often_waits_a_minute(browser, monkeypatch):
    monkeypatch.setattr("blueprints.public.routes.PACE", Pace(most=2, seconds=60))
    assert [browser.get("/help-near-you").status for _time in range(3)] == [200, 200, 429]
    assert browser.last.headers["Retry-After"] == "60"


def test_a_page_in_english_stays_in_english(service, browser):
    row = service("Byty")
    assert browser.get("/help-near-you?lang=en").heading == "Help near you"
    links = [each["href"] for each in browser.last.page.all("a")]
    assert f"/help-near-you/{row.public_id}?lang=en" in links
