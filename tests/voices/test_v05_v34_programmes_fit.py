"""V05, V34: programmes are hard to fill, and their targeting does not match what prisons need."""
from datetime import timedelta

import db
from models import Client, HeldPlaces, Membership, Participant, PrisonProfile, Wanted
from services import programmes
from tests.support.acts import works_with
from tests.voices.test_v04_v41_programmes_end import enrol, programme, where


def looks_for(cast):
    with db.writing():
        Wanted.create(prison=cast.prison, areas="drug_services", groups="men;long_sentences;addiction", places=12)
        PrisonProfile.update(level_low=False, level_medium=False, level_high=True).where(
            PrisonProfile.organisation == cast.prison).execute()


def test_v05_a_programme_for_light_regimes_fits_one_of_three_and_free_places_are_offered(cast, sign_in):
    nela, pavel = sign_in("nela"), sign_in("pavel")
    row = programme(nela, 500, areas="drug_services", groups="men", levels="low", places="7")
    looks_for(cast)
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    seen = nela.get(where(row)).text
    assert cast.prison.name in seen and "1 ze 3" in seen
    offered = pavel.get("/programmes/free").text
    assert row.name in offered and "1 ze 3" in offered and "6 volných míst" in offered
    assert cast.karel.code not in offered

    assert pavel.post(where(row, "/hold"), {"places": "7"}, page=where(row, "/hold")).status == 422
    assert pavel.post(where(row, "/hold"), {"places": "4"}, page=where(row, "/hold")).status == 303
    assert pavel.post(where(row, "/hold"), {"places": "4"}, page=where(row, "/hold")).status == 303
    assert HeldPlaces.select().count() == 1, "a second form finds them held"
    assert "2 volná místa" in nela.get(where(row)).text.replace("\xa0", " ") or "2 z nich" in nela.get(where(row)).text


def test_v05_kept_places_are_free_again_after_48_hours(cast, sign_in, travel):
    nela, pavel = sign_in("nela"), sign_in("pavel")
    row = programme(nela, 500, places="5")
    assert pavel.post(where(row, "/hold"), {"places": "5"}, page=where(row, "/hold")).status == 303
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    assert Participant.get().state == "waiting", "all places are kept"
    travel.shift(timedelta(hours=49))
    nela = sign_in("nela")
    person = Participant.get()
    assert nela.post(f"/programmes/people/{person.public_id}/take", {}, page=where(row, "/people")).status == 303
    assert Participant.get().state == "takes_part"
    assert programmes.lapse_due() == 1 and programmes.lapse_due() == 0


def test_v34_who_comes_when_it_is_full_waits_in_order(cast, sign_in):
    nela = sign_in("nela")
    row = programme(nela, 500, places="1")
    with db.writing():
        for client in (cast.karel, cast.cyril):
            Membership.create(client=client, organisation=cast.ngo, worker=cast.nela)
    enrol(nela, row, cast.karel)
    enrol(nela, row, cast.cyril)
    enrol(nela, row, cast.cyril)
    states = {each.client.code: each.state for each in Participant.select()}
    assert states == {cast.karel.code: "takes_part", cast.cyril.code: "waiting"}
    waiting, first = (Participant.get(Participant.client == each) for each in (cast.cyril, cast.karel))
    take = f"/programmes/people/{waiting.public_id}/take"
    assert nela.post(take, {}, page=where(row, "/people")).status == 422
    left = {"state": "left", "reason": "released"}
    assert nela.post(f"/programmes/people/{first.public_id}", left, page=where(row, "/people")).status == 303
    assert row.name in nela.get("/").text, "Today says that a place is free"
    assert nela.post(take, {}, page=where(row, "/people")).status == 303
    assert Client.get(Client.id == cast.karel.id)
