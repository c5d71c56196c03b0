"""Consent on paper, with help, for some needs, to everybody at once; taken back in part, on the client's word."""
from datetime import timedelta

import pytest

import clock
import db
from models import Consent, ConsentState, DeletionNotice, FollowUpNeed, Need, NeedState, Outbox, UserSession
from services import consents
from tests.test_consents import UNTIL, agree, file_of, prepare
from tests.test_files import entry

NOTE = "Dostal klíče od pokoje."


@pytest.fixture
def written(cast):
    with db.writing():
        return entry(cast.karel, cast.kamila, NOTE)


def paper(worker, cast, to, **changes):
    data = {"organisation": to.public_id, "scopes": ["follow_up", "authority_records"], "purpose": "aby pomohli",
            "until_on": UNTIL, "witness": "Jana Svědková, vychovatelka", "paper": "spis 12/2026", **changes}
    path = f"{file_of(cast.karel)}/paper-consent"
    return worker.post(path, data, page=path)


def released(cast, on):
    with db.writing():
        karel = cast.karel
        karel.released_on = on
        karel.save()
        consents.begin_fortnight(karel)


def test_on_paper_it_works_at_once_and_lapses_a_fortnight_after_release(sign_in, cast, written, travel):
    with db.writing():
        karel = cast.karel
        karel.released_on = None
        karel.save()
    assert paper(sign_in("kamila"), cast, cast.ngo).status == 303
    assert NOTE in sign_in("nela").get(file_of(cast.karel)).text
    travel.shift(40 * 86_400)  # in custody it does not lapse
    assert NOTE in sign_in("nela").get(file_of(cast.karel)).text
    released(cast, clock.today())
    travel.shift(14 * 86_400)
    assert NOTE in sign_in("nela").get(file_of(cast.karel)).text
    travel.shift(86_400)
    assert sign_in("nela").get(file_of(cast.karel)).status == 404
    assert consents.expire() == 1 and Consent.get().state is ConsentState.LAPSED


def test_what_karel_confirms_alone_stays(sign_in, cast, written, travel):
    released(cast, clock.today())
    paper(sign_in("kamila"), cast, cast.ngo)
    karel, path = sign_in("karel"), f"/me/consents/{Consent.get().public_id}"
    assert "prozatím" in karel.get(path).text
    karel.send(path, page=path, answer="confirm")
    travel.shift(30 * 86_400)
    assert NOTE in sign_in("nela").get(file_of(cast.karel)).text
    assert consents.expire() == 0


@pytest.mark.parametrize("missing", ["witness", "paper", "organisation", "purpose"])
def test_a_sheet_without_a_witness_or_a_place_is_not_written_down(sign_in, cast, missing):
    answer = paper(sign_in("kamila"), cast, cast.ngo, **{missing: ""})
    assert answer.status == 422 and not Consent.select().exists()


def test_who_took_a_consent_cannot_confirm_it_too(sign_in, cast, written):
    kamila = sign_in("kamila")
    paper(kamila, cast, cast.municipality)
    path = f"/consents/{Consent.get().public_id}"
    assert kamila.post(f"{path}/confirmed", {}, page=path).status == 422
    assert Consent.get().state is ConsentState.PROVISIONAL


def test_another_organisation_confirms_it_after_a_call(sign_in, cast, written):
    paper(sign_in("kamila"), cast, cast.ngo)
    path = f"/consents/{Consent.get().public_id}"
    assert sign_in("nela").post(f"{path}/confirmed", {}, page=path).status == 303
    assert Consent.get().state is ConsentState.ACTIVE


def test_what_is_agreed_to_with_help_holds_only_for_now(sign_in, cast, written):
    karel = sign_in("karel")
    with db.writing():
        UserSession.update(assisted=True).execute()
    shown = prepare(karel, cast)
    agree(karel, shown)
    assert Consent.get().state is ConsentState.PROVISIONAL and Consent.get().given_how == "assisted"
    assert karel.send(shown.path, page=shown.path, answer="confirm").status == 422


def test_a_consent_about_one_need_shows_that_need_only(sign_in, cast, written):
    """V53: consent for the prison's worker and housing; he sees that need and nothing else."""
    with db.writing():
        for need, state in ((Need.HOUSING, NeedState.MET), (Need.WORK, NeedState.STUCK)):
            FollowUpNeed.create(follow_up=written, need=need, state=state)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, needs=["housing"]))
    shown = sign_in("nela").get(file_of(cast.karel)).text
    assert "Bydlení" in shown or "bydlení" in shown
    assert "Práce" not in shown and NOTE not in shown, "a note may speak of anything"


def test_everybody_who_helps_now_and_nobody_who_comes_later(sign_in, cast):
    """V56: the scope lists the organisations by name at that moment."""
    karel = sign_in("karel")
    shown = prepare(karel, cast, organisation="helpers")
    assert cast.prison.name in shown.text and cast.municipality.name in shown.text
    assert cast.ngo.name not in shown.text
    karel.send(shown.path, answer="yes")
    given = Consent.select().where(Consent.state == ConsentState.ACTIVE)
    assert {consent.recipient_id for consent in given} == {cast.prison.id, cast.municipality.id}


def test_a_part_can_be_taken_back(sign_in, cast, written):
    karel, nela = sign_in("karel"), sign_in("nela")
    shown = prepare(karel, cast, "follow_up", "authority_records", "identity")
    agree(karel, shown)
    less = f"{shown.path}/less"
    assert karel.post(less, {"scopes": ["follow_up", "authority_records", "identity"]}, page=less).status == 422
    assert karel.post(less, {"scopes": ["identity"]}, page=less).status == 303
    page = nela.get(file_of(cast.karel)).text
    assert NOTE not in page and "Karel Křehký" in page
    assert [row.state for row in Consent.select().order_by(Consent.id)] == [ConsentState.REPLACED, ConsentState.ACTIVE]


@pytest.mark.parametrize("how", ["word", "letter"])
@pytest.mark.parametrize("worker", ["kamila", "pavel"])
def test_any_worker_takes_it_back_on_the_clients_word(sign_in, cast, written, how, worker):
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast))
    path = f"{file_of(cast.karel)}/take-back"
    told = sign_in(worker).post(path, {"organisation": "", "how": how}, page=path)
    assert told.status == 303 and sign_in("nela").get(file_of(cast.karel)).status == 404


def test_who_takes_back_does_not_learn_what_there_was(sign_in, cast):
    """fig-A7 in small: nothing given and something given are answered by the same bytes."""
    kamila, path = sign_in("kamila"), f"{file_of(cast.karel)}/take-back"
    before = kamila.post(path, {"organisation": cast.ngo.public_id, "how": "word"}, page=path)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast))
    after = kamila.post(path, {"organisation": cast.ngo.public_id, "how": "word"}, page=path)
    assert (before.status, before.headers["Location"]) == (after.status, after.headers["Location"])
    assert before.body == after.body


def test_recipients_are_told_what_to_delete_and_tick_it_off(sign_in, cast, written):
    karel, nela = sign_in("karel"), sign_in("nela")
    shown = prepare(karel, cast)
    agree(karel, shown)
    karel.send(f"{shown.path}/end", page=f"{shown.path}/end")
    assert Consent.get().number in nela.get("/consents").text
    path = f"/deletions/{DeletionNotice.get().public_id}"
    assert sign_in("strange_ngo").post(path, {}, page="/consents").status == 404
    assert nela.post(path, {}, page="/consents").status == 303
    assert DeletionNotice.get().done_by_id == cast.nela.id and Consent.get().number not in nela.get("/consents").text


def test_those_that_end_within_thirty_days_are_listed(sign_in, cast, travel):
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, until_on=(clock.today() + timedelta(days=40)).isoformat()))
    assert Consent.get().number not in sign_in("nela").get("/consents").text
    travel.shift(11 * 86_400)
    assert Consent.get().number in sign_in("nela").get("/consents").text


def test_the_receipt_bears_number_version_and_hash(sign_in, cast):
    karel = sign_in("karel")
    shown = prepare(karel, cast)
    agree(karel, shown)
    receipt, consent = karel.get(f"{shown.path}/receipt").text, Consent.get()
    assert consent.number in receipt and consent.text_version in receipt and consent.text_hash in receipt
    assert "aby mi pomohli s prací" in receipt


def test_mails_of_consents_name_nobody(sign_in, cast):
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast))
    assert all(cast.karel.code not in mail.subject for mail in Outbox.select())
