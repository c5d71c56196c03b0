"""V18: many are released with no follow-up care arranged; afterwards nobody reaches them."""
from models import Referral
from services import release_list
from tests.support.acts import accept, file_of, fills_sheet, leaves_in, plan, refer, service


def line(sign_in, cast):
    return sign_in("kamila").get("/releases").text.replace("\xa0", " ")


def test_v18_ten_days_before_without_help_is_listed_and_an_accepted_referral_settles_it(cast, sign_in):
    leaves_in(cast.karel, 91)
    assert cast.karel.code not in line(sign_in, cast)
    leaves_in(cast.karel, 10)
    page = line(sign_in, cast)
    assert cast.karel.code in page and "pomoc není domluvená" in page and "za 10 dní" in page
    accept(sign_in("nela"), refer(sign_in("kamila"), cast.karel, service(cast.ngo), level="0"), cast.nora)
    assert "pomoc je domluvená" in line(sign_in, cast)


def test_v18_on_the_day_it_is_red_until_the_card_has_its_three_rows(cast, sign_in):
    leaves_in(cast.karel, 0, released=True)
    kamila = sign_in("kamila")
    assert release_list.due(cast.kamila)[0].red and "není hotovo" in kamila.get(f"{file_of(cast.karel)}/plan").text
    fills_sheet(kamila, cast.karel, "first_hours", sleep="Ubytovna, Dlouhá 5", call="Sestře")
    assert release_list.due(cast.kamila)[0].red
    fills_sheet(kamila, cast.karel, "first_hours", go="Na úřad práce")
    assert not release_list.due(cast.kamila)[0].red
    card = kamila.get(f"{file_of(cast.karel)}/first-hours").text
    assert all(words in card for words in ("Ubytovna, Dlouhá 5", "Sestře", "Na úřad práce"))


def test_v18_from_the_list_it_is_one_step_to_the_curator_of_the_town_of_return(cast, sign_in):
    leaves_in(cast.karel, 10)
    pavel, to_curator = sign_in("pavel"), f"{file_of(cast.karel)}/to-curator"
    plan(pavel, cast.karel, need="housing")
    answer = pavel.send(to_curator, page="/releases")
    assert answer.status == 303
    page = pavel.follow()
    assert cast.municipality.name in page.text
    assert pavel.send(to_curator, page="/releases").location == answer.location, "no second one"
    sent = pavel.send(page.path, page=page.path, level="1", step="send")
    assert sent.status == 303
    row = Referral.get()
    assert (row.receiver, row.state, row.service_id) == (cast.municipality, "sent", None)
    path = f"/referrals/{row.public_id}"
    assert "bydlení" in sign_in("kamila").get(path).text
    accept(sign_in("kamila"), path, cast.kamila)
    assert "pomoc je domluvená" in sign_in("pavel").get("/releases").text
    assert to_curator not in sign_in("kamila").get("/releases").html, "it is the curator's own town"
    assert sign_in("kamila").post(to_curator).status == 404
    assert pavel.post(f"{file_of(cast.cyril)}/to-curator").status == 404
