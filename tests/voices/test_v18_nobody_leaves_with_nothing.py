"""V18: many are released with no follow-up care arranged; afterwards nobody reaches them."""
from services import release_list
from tests.support.acts import accept, file_of, fills_sheet, leaves_in, refer, service


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
