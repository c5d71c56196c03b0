"""Z0c: housing, benefits, immediate money: the first hours decide. Z3a: options and rights are told before release."""
import re

import pytest

import db
import readability
from models import Client, Journal, PlanItem, Route
from tests.support.acts import file_of, fills_sheet, leaves_in
from tests.support.paper import printed, sheets

FIRST = {"sleep": "Ubytovna, Dlouhá 5", "call": "Sestře", "go": "Na úřad práce", "money": "Okamžitá pomoc"}


def test_z0c_the_plan_has_a_part_for_the_first_hours_that_is_checked_before_release(sign_in, cast):
    leaves_in(cast.karel, 10)
    kamila, file = sign_in("kamila"), file_of(cast.karel)
    assert "chybí kartička prvních hodin" in kamila.get("/releases").text
    fills_sheet(kamila, cast.karel, "before_release", identity_card="Má.", doctor="MUDr. Nová, recepty na 14 dnů")
    fills_sheet(kamila, cast.karel, "first_hours", **FIRST)
    sheet, card = kamila.get(f"{file}/plan").text, kamila.get(f"{file}/first-hours").text
    assert "MUDr. Nová" in sheet and all(words in card for words in FIRST.values())
    assert "chybí kartička prvních hodin" not in kamila.get("/releases").text


@pytest.mark.parametrize(("route", "words", "others"), [
    (Route.PRISON, "Jděte na probaci", "následnou péči"),
    (Route.THERAPEUTIC_COMMUNITY, "následnou péči", "Jděte na probaci"),
    (Route.OUTPATIENT, "kde a od kdy vaše léčba pokračuje", "následnou péči")])
def test_z3a_the_sheet_of_rights_is_that_of_the_route(sign_in, cast, route, words, others):
    with db.writing():
        Client.update(route=route).where(Client.id == cast.karel.id).execute()
    page = sign_in("kamila").get(f"{file_of(cast.karel)}/rights").text
    assert words in page and others not in page and "Rozhodujete vy" in page and "úřad práce" in page


def test_z3a_that_it_was_given_stands_in_the_plan_on_the_list_and_in_the_clients_log(sign_in, cast):
    leaves_in(cast.karel, 10)
    kamila, page = sign_in("kamila"), f"{file_of(cast.karel)}/rights"
    assert "práva nevysvětlena" in kamila.get("/releases").text and "ještě nepředáno" in kamila.get(page).text
    for _twice in range(2):
        assert kamila.post(page, {}, page=page).status == 303
    row = PlanItem.get(PlanItem.key == "rights")
    assert (row.state, row.claim_by, row.done_at.date()) == ("done", cast.municipality, cast.today)
    assert "práva nevysvětlena" not in kamila.get("/releases").text
    assert "Možnosti a práva vysvětleny" in kamila.get(f"{file_of(cast.karel)}/plan").text
    assert Journal.select().where(Journal.what == "rights.give").count() == 2
    assert "předání listu s vašimi možnostmi a právy" in sign_in("karel").get("/me/who-looked").text
    for who in ("nela", "klara", "strange_curator", "kora"):
        assert sign_in(who).get(page).status == 404


@pytest.mark.parametrize("route", list(Route))
def test_z3a_the_sheet_of_rights_is_one_a4_and_easy_to_read(sign_in, cast, chromium, route):
    with db.writing():
        Client.update(route=route).where(Client.id == cast.karel.id).execute()
    answer = sign_in("kamila").get(f"{file_of(cast.karel)}/rights")
    page = printed(chromium, answer)
    assert page.get_by_text("Rozhodujete vy").is_visible() and not page.get_by_text("Pro vás, netiskne se").is_visible()
    assert sheets(page) == 1
    page.close()
    words = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<li>(.*?)</li>",
                                                                 answer.html.split('class="rights"')[1])]
    found = readability.read("\n".join(words))
    assert found.level == "easy" and not found.longest, found
