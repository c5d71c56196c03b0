"""V14, V21, V48, the parts of the leaflet: the notice board, a family member's sheet, and client's words only."""
import pytest

import db
from models import Confidence, Organisation, Service
from services import leaflet, search_index


@pytest.fixture
def counselling(cast):
    with db.writing():
        Organisation.update(phone="+420777123456").where(Organisation.id == cast.ngo).execute()
        row = Service.create(organisation=cast.ngo, slug="dluhova-poradna", name="Dluhová poradna", sort="d",
                             for_whom="osoby v insolvenčním řízení dle zákona 182/2006 Sb.",
                             conditions="výpis z centrální evidence exekucí", published=True,
                             plain="Pomůžeme vám s dluhy. Je to zdarma.", confidence=Confidence.VERIFIED)
        search_index.reindex(cast.ngo.id)
    return row


def test_v14_a_sheet_for_the_notice_board_of_a_prison(counselling, sign_in, cast):
    leaflet.add(cast.nela, counselling.public_id)
    sheet = sign_in("nela").post("/leaflet/sheet", {"purpose": "board", "language": "cs", "file": "page"})
    assert sheet.page.with_class("leaflet--18")
    assert "Pomůžeme vám s dluhy" in sheet.text and "+420 777 123 456" in sheet.text.replace("\xa0", " ")


def test_v21_a_family_member_finds_a_service_and_prints_a_sheet_with_a_code(counselling, browser):
    browser.get("/sign-in")
    found = browser.get("/help-near-you?q=dluhy")
    link = next(each["href"] for each in found.page.all("a") if each.text == "Dluhová poradna")
    page = browser.get(link)
    to_print = next(each["href"] for each in page.page.all("a") if "tisku" in each.text)
    sheet = browser.get(to_print)
    (code,) = sheet.page.with_class("leaflet__code")
    assert link in code["aria-label"]
    assert "Set-Cookie" not in sheet.headers


def test_v48_print_gives_the_words_for_clients_only(counselling, sign_in, cast):
    worker = sign_in("kamila")
    both = worker.get(f"/book/{cast.ngo.public_id}").text
    assert "182/2006" in both
    leaflet.add(cast.kamila, counselling.public_id)
    sheet = worker.post("/leaflet/sheet", {"purpose": "person", "language": "cs", "greeting": "", "file": "page"})
    assert "Pomůžeme vám s dluhy. Je to zdarma." in sheet.text
    assert "182/2006" not in sheet.html and "exekucí" not in sheet.html
