"""V59: curators share among themselves and get nothing from NGOs."""
import db
from models import Membership
from tests.support.acts import accept, file_of, gives, refer, service
from tests.test_files import entry

LINE = "Splátkový kalendář drží."


def closed(sign_in, cast):
    """Nela's NGO took Karel on from Kamila and closes: what it wrote about how he fares stands in its own log."""
    gives(sign_in("karel"), cast, cast.ngo, "identity", "follow_up")
    path = refer(sign_in("kamila"), cast.karel, service(cast.ngo))
    nela = sign_in("nela")
    accept(nela, path, cast.nora)
    nela.post(f"{path}/contact")
    answer = nela.post(f"{path}/close", {"closing": "as_planned", "result_financial_security": "achieved"})
    assert answer.status == 303
    return path


def test_v59_the_closing_goes_to_the_curator_who_sent_and_to_no_other(sign_in, cast):
    path = closed(sign_in, cast)
    assert "přišel, skončilo podle dohody" in sign_in("kamila").get(path).text
    for who in ("strange_curator", "petra", "klara"):
        assert sign_in(who).get(path).status == 404


def test_v59_what_the_ngo_wrote_reaches_the_curator_under_the_clients_consent_only(sign_in, cast):
    with db.writing():
        entry(cast.karel, cast.nela, LINE)
    kamila, karel = sign_in("kamila"), sign_in("karel")
    assert LINE not in kamila.get(file_of(cast.karel)).text
    gives(karel, cast, cast.municipality, "follow_up")
    assert LINE in kamila.get(file_of(cast.karel)).text


def test_v59_a_curator_hands_over_to_another_on_a_ground_of_its_own(sign_in, cast):
    """By an agreement between the two towns the new curator reads what the first wrote, once the client is hers too."""
    with db.writing():
        entry(cast.karel, cast.kamila, LINE)
        Membership.create(client=cast.karel, organisation=cast.other_municipality, worker=cast.strange_curator)
    other, file = sign_in("strange_curator"), file_of(cast.karel)
    assert LINE not in other.get(file).text
    kora = sign_in("kora")
    agreed = kora.post("/agreements/new", {
        "giver": cast.municipality.public_id, "receiver": cast.other_municipality.public_id, "scopes": ["follow_up"],
        "ground": "zákon o sociálních službách", "document": "č. j. 12", "from_on": cast.today.isoformat(),
        "until_on": "2027-11-01"}, page="/agreements/new")
    assert agreed.status == 303
    assert LINE in other.get(file).text
    assert "dohod" in sign_in("karel").get("/me/who-looked").text
