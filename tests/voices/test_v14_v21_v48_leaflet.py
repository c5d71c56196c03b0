"""V14, V21, V48, the parts of the leaflet: the notice board, a family member's sheet, and client's words only."""
import pytest

import db
from models import Confidence, Organisation, Referral, Service
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
    assert sheet.page.with_class("leaflet--28")
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


def test_v21_a_client_asks_by_the_address_of_the_sheet_and_it_arrives_on_the_desk(counselling, browser, sign_in, cast):
    page = browser.get(f"/help-near-you/{counselling.public_id}")
    link = next(each["href"] for each in page.page.all("a") if "Mám kartu" in each.text)
    assert browser.get(link).location.startswith("/sign-in")
    karel, nela = sign_in("karel"), sign_in("nela")
    asked = {"needs": "financial_security", "level": "1", "channel": "ubytovna Lípa", "message": "Potřebuji poradit.",
             "request_key": "klic"}
    assert karel.post(link, {**asked, "needs": ""}, page=link).status == 422
    assert "Potřebuji poradit." in karel.last.html
    for _click in range(2):
        assert karel.post(link, asked).location == "/me/referrals"
    row = Referral.get()
    assert (row.kind, row.sender_id, row.state) == ("self", None, "sent")
    desk = nela.get("/referrals")
    assert cast.karel.code in nela.get(f"/referrals/{row.public_id}").text and row.public_id in desk.html
    assert "Křehký" not in nela.last.html and "ubytovna Lípa" in nela.get(f"/referrals/{row.public_id}").text
    assert nela.post(f"/referrals/{row.public_id}/accept", {"worker": cast.nora.public_id}).status == 303
    assert "Dluhová poradna" in karel.get("/me/referrals").text
    assert Referral.get().state == "accepted"


def test_v21_who_asks_for_everything_at_once_is_asked_to_wait(counselling, sign_in, cast):
    karel, link = sign_in("karel"), f"/me/ask/{counselling.public_id}"
    asked = {"needs": "financial_security", "level": "0"}
    answers = [karel.post(link, {**asked, "request_key": f"k{number}"}, page=link) for number in range(6)]
    assert [answer.status for answer in answers] == [303] * 5 + [422]
    assert "Počkejte na odpověď" in answers[-1].text and Referral.select().count() == 5


def test_v48_print_gives_the_words_for_clients_only(counselling, sign_in, cast):
    worker = sign_in("kamila")
    both = worker.get(f"/book/{cast.ngo.public_id}").text
    assert "182/2006" in both
    leaflet.add(cast.kamila, counselling.public_id)
    sheet = worker.post("/leaflet/sheet", {"purpose": "person", "language": "cs", "greeting": "", "file": "page"})
    assert "Pomůžeme vám s dluhy. Je to zdarma." in sheet.text
    assert "182/2006" not in sheet.html and "exekucí" not in sheet.html
