"""Agreements between organisations and emergency access, through the pages."""
from datetime import timedelta

import pytest

import clock
import db
import jobs
from models import Agreement, EmergencyAccess, Journal, Membership, Organisation
from services import emergency
from tests.test_files import entry

NOTE = "Má domluvené bydlení u bratra."
REASON = "Volal, že si chce ublížit, a nevíme, kde bydlí."


@pytest.fixture
def written(cast):
    """Pavel wrote of Karel, with whom Kamila works too."""
    with db.writing():
        return entry(cast.karel, cast.pavel, NOTE)


def file_of(cast):
    return f"/clients/{cast.karel.public_id}"


def register(kora, giver, receiver, **changes):
    data = {"giver": giver.public_id, "receiver": receiver.public_id, "scopes": ["follow_up"],
            "ground": "součinnostní dohoda", "document": "č. j. 12/2026", "from_on": "2026-11-01",
            "until_on": "2027-10-31", **changes}
    return kora.post("/agreements/new", data, page="/agreements/new")


def test_an_agreement_opens_what_its_giver_wrote_until_it_ends(sign_in, cast, written):
    kamila, kora = sign_in("kamila"), sign_in("kora")
    assert NOTE not in kamila.get(file_of(cast)).text
    assert register(kora, cast.prison, cast.municipality).status == 303
    shown = kamila.get(file_of(cast)).text
    assert NOTE in shown and Agreement.get().number in shown
    assert "agreement:" in Journal.select().order_by(Journal.id.desc()).get().ground
    kora.post(f"/agreements/{Agreement.get().public_id}/end", {}, page=f"/agreements/{Agreement.get().public_id}/end")
    assert NOTE not in kamila.get(file_of(cast)).text


def test_an_agreement_opens_nothing_after_its_last_day(sign_in, cast, written, travel):
    register(sign_in("kora"), cast.prison, cast.municipality, until_on="2026-11-30")
    travel.shift(8 * 86_400)
    assert NOTE not in sign_in("kamila").get(file_of(cast)).text


def test_an_agreement_says_nothing_of_clients_whom_the_receiver_does_not_have(sign_in, cast, written):
    register(sign_in("kora"), cast.prison, cast.other_municipality)
    assert sign_in("strange_curator").get(file_of(cast)).status == 404


@pytest.mark.parametrize(("giver", "receiver"), [("municipality", "ngo"), ("probation", "ngo"), ("prison", "prison")])
def test_where_the_matrix_leaves_it_to_consent_no_agreement_is_registered(sign_in, cast, giver, receiver):
    answer = register(sign_in("kora"), getattr(cast, giver), getattr(cast, receiver))
    assert answer.status == 422 and not Agreement.select().exists()
    assert "součinnostní dohoda" in answer.body.decode(), "what was typed is kept"


def test_both_sides_read_the_agreement_and_strangers_do_not(sign_in, cast):
    register(sign_in("kora"), cast.prison, cast.municipality)
    number = Agreement.get().number
    assert number in sign_in("pavel").get("/agreements").text
    assert number not in sign_in("strange_prison").get("/agreements").text
    assert sign_in("adam").get("/agreements").status == 404


def test_the_client_reads_which_agreements_touch_them(sign_in, cast):
    register(sign_in("kora"), cast.prison, cast.municipality)
    assert "součinnostní dohoda" in sign_in("karel").get("/me/consents").text


# Emergency

def break_glass(kamila, cast, reason=REASON):
    return kamila.post(f"{file_of(cast)}/emergency", {"reason": reason}, page=f"{file_of(cast)}/emergency")


def test_in_an_emergency_the_whole_file_opens_for_72_hours_to_one_person(sign_in, cast, written, travel):
    kamila = sign_in("kamila")
    assert break_glass(kamila, cast).status == 303
    assert NOTE in kamila.get(file_of(cast)).text
    assert "emergency" in Journal.select().order_by(Journal.id.desc()).get().ground
    travel.shift(73 * 3600)
    assert NOTE not in sign_in("kamila").get(file_of(cast)).text


def test_without_a_written_reason_nothing_opens(sign_in, cast, written):
    answer = break_glass(sign_in("kamila"), cast, "spěchá to")
    assert answer.status == 422 and "spěchá to" in answer.text
    assert not EmergencyAccess.select().exists()


def test_who_has_no_tie_to_the_client_cannot_open_anything(sign_in, cast):
    nela, missing = sign_in("nela"), "/clients/AAAAAAAAAAAAAAAAAAAAAA/emergency"
    assert nela.get(f"{file_of(cast)}/emergency").body == nela.get(missing).body


def test_a_second_person_ends_it_at_once(sign_in, cast, written):
    kamila = sign_in("kamila")
    break_glass(kamila, cast)
    path = f"/emergency/{EmergencyAccess.get().public_id}"
    assert kamila.get(path).status == 404, "nobody confirms their own"
    klara = sign_in("klara")
    page = klara.get(path)
    assert REASON in page.text and cast.karel.code not in page.text
    klara.post(path, {"answer": "wrong"}, page=path)
    assert NOTE not in kamila.get(file_of(cast)).text


def test_the_operator_is_told_where_nobody_confirmed_and_learns_nothing_of_the_client(sign_in, cast, travel, postbox):
    break_glass(sign_in("kamila"), cast)
    travel.shift(25 * 3600)
    assert emergency.report_unconfirmed() == 1 and emergency.report_unconfirmed() == 0
    jobs.mail.deliver_due()
    told = [mail for mail in postbox.mails if "adam@" in mail["To"]]
    assert len(told) == 1 and cast.municipality.label in told[0].get_content()
    assert cast.karel.code not in told[0].get_content() and REASON not in told[0].get_content()


def test_the_client_reads_of_it(sign_in, cast, written):
    break_glass(sign_in("kamila"), cast)
    shown = sign_in("karel").get("/me/who-looked").text
    assert "nouzov" in shown and cast.kamila.name in shown


def test_a_closed_organisation_has_no_emergencies(sign_in, cast):
    kamila = sign_in("kamila")
    with db.writing():
        Membership.update(until_on=clock.today() - timedelta(days=1)).where(
            Membership.organisation == Organisation.get(Organisation.id == cast.municipality.id)).execute()
    assert break_glass(kamila, cast).status == 404
