"""Z2a: a motivation programme leads to the specialised ones; programmes have pilot prisons and partners."""
from models import Participant
from tests.support.acts import service, works_with
from tests.voices.test_v04_v41_programmes_end import enrol, programme, where


def finished(nela, row):
    person = Participant.get(Participant.programme == row)
    assert nela.post(f"/programmes/people/{person.public_id}", {"state": "finished"},
                     page=where(row, "/people")).status == 303
    return person


def test_z2a_who_finished_is_offered_the_next_and_sites_and_partners_are_shown(cast, sign_in):
    nela = sign_in("nela")
    fathers = programme(nela, 700, code="OTC", name="Otcové", kind="intervention")
    first = programme(nela, 600, code="MOT", name="Motivace", kind="motivation", leads_to=fathers.public_id)
    site = {"prison": cast.prison.public_id, "pilot": "y"}
    assert nela.post(where(first, "/sites"), site, page=where(first, "/sites")).status == 303
    partner = {"name": "Norský partner", "part": "školí lektory"}
    assert nela.post(where(first, "/partners"), partner, page=where(first, "/partners")).status == 303
    page = sign_in("petra").get(where(first)).text
    assert "Norský partner" in page and "školí lektory" in page and "pilot" in page and "Otcové" in page

    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, first, cast.karel)
    person = finished(nela, first)
    assert "Motivace" in nela.get("/").text and "Otcové" in nela.get(where(first, "/people")).text
    wants = f"/programmes/people/{person.public_id}/next"
    assert nela.post(wants, {}, page=where(first, "/people")).status == 303
    assert Participant.get(Participant.programme == fathers).client == cast.karel
    assert nela.post(wants, {}, page=where(first, "/people")).status == 422, "offered once"


def test_z2a_to_another_organisation_goes_a_referral(cast, sign_in):
    strange, nela = sign_in("strange_ngo"), sign_in("nela")
    desk = service(cast.other_ngo, "drogy")
    drugs = programme(strange, 700, code="DRO", name="Uživatelé drog", service=desk.public_id)
    first = programme(nela, 600, code="MOT", name="Motivace", leads_to=drugs.public_id)
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, first, cast.karel)
    person = finished(nela, first)
    answer = nela.post(f"/programmes/people/{person.public_id}/next", {}, page=where(first, "/people"))
    assert answer.status == 303 and "/referrals/" in nela.follow().path
