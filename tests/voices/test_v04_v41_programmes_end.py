"""V04, V41: programmes last a year or two; what works should go on, and nobody in it be lost."""
from datetime import timedelta

import clock
import db
from models import Need, Outbox, Participant, Programme, ProgrammeSite, Referral
from services import programmes
from tests.support.acts import service, works_with


def programme(browser, ends_in, **changes) -> Programme:
    """Written down and begun through the pages."""
    today = clock.today()
    data = {"name": "Zpátky do života", "code": "ZDZ", "kind": "counselling",
            "starts_on": str(today - timedelta(days=400)), "ends_on": str(today + timedelta(days=ends_in)),
            "funder": "Ukázkový fond", **changes}
    assert browser.post("/programmes/new", data, page="/programmes/new").status == 303
    row = Programme.get(Programme.code == data["code"])
    assert browser.post(f"/programmes/{row.public_id}/start", {}, page=f"/programmes/{row.public_id}").status == 303
    return row


def where(row, part="") -> str:
    return f"/programmes/{row.public_id}{part}"


def enrol(browser, row, client) -> None:
    assert browser.post(where(row, "/people"), {"code": client.code}, page=where(row, "/people")).status == 303


def test_v04_the_end_is_told_a_successor_takes_over_and_nobody_is_left_behind(cast, sign_in):
    nela, kora, strange = sign_in("nela"), sign_in("kora"), sign_in("strange_ngo")
    row = programme(nela, 90)
    assert nela.post(where(row, "/sites"), {"prison": cast.prison.public_id}, page=where(row, "/sites")).status == 303
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    before = Outbox.select().count()
    assert programmes.warn_due() == 1
    told = {each.user.email for each in Outbox.select().order_by(Outbox.id).offset(before)}
    assert {cast.pavel.email, cast.kora.email, cast.nela.email} <= told, "the prison, the coordinator, who runs it"
    assert programmes.warn_due() == 0, "each warning once"
    assert row.name in kora.get("/").text, "it waits for the coordinator"

    refused = nela.post(where(row, "/end"), {}, page=where(row, "/end"))
    assert refused.status == 422 and "plán" in refused.text.lower(), "a continuity plan is required"
    plan = {"continuity": "Poradnu převezme Čtvrtá šance, hradí ji kraj."}
    assert nela.post(where(row, "/plan"), plan, page=where(row, "/plan")).status == 303
    assert nela.post(where(row, "/end"), {}, page=where(row, "/end")).status == 422, "somebody is still in it"

    desk = service(cast.other_ngo, "navazna", need=Need.FINANCIAL_SECURITY)
    other = programme(strange, 800, code="DAL", name="Dál", service=desk.public_id)
    choice = {"successor": other.public_id}
    assert kora.post(where(row, "/successor"), choice, page=where(row, "/successor")).status == 303
    assert cast.karel.code not in kora.get(where(row)).text
    answer = nela.post(where(row, "/hand-on"), {"needs": "financial_security"}, page=where(row, "/hand-on"))
    assert answer.status == 303, answer.text
    sent = Referral.get(Referral.receiver == cast.other_ngo)
    assert sent.state == "sent" and sent.level == 0 and f"/referrals/{sent.public_id}" in strange.get("/referrals").html
    assert nela.post(where(row, "/end"), {}, page=where(row, "/end")).status == 303
    row = Programme.get_by_id(row.id)
    assert row.state == "continued" and row.ended_on == clock.today()
    assert ProgrammeSite.get(ProgrammeSite.programme == other).prison == cast.prison, "the site is taken over"
    assert Participant.get(Participant.programme == row).state == "handed_on"
    assert nela.post(where(row, "/hand-on"), {"needs": "work"}, page=where(row)).status in (303, 404, 422)
    assert Referral.select().where(Referral.receiver == cast.other_ngo).count() == 1, "nobody is handed on twice"


def test_v04_inside_one_organisation_people_wait_in_the_successor_line(cast, sign_in):
    nela, kora = sign_in("nela"), sign_in("kora")
    row, following = programme(nela, 60), programme(nela, 900, code="ZDZ2", name="Zpátky do života 2")
    works_with(cast.karel, cast.ngo, cast.nela)
    enrol(nela, row, cast.karel)
    assert kora.post(where(row, "/successor"), {"successor": following.public_id},
                     page=where(row, "/successor")).status == 303
    assert nela.post(where(row, "/hand-on"), {}, page=where(row, "/hand-on")).status == 303
    assert Participant.get(Participant.programme == following).state == "waiting"
    assert cast.karel.code in nela.get(where(following, "/people")).text


def test_v41_the_file_that_it_worked_says_what_others_say_and_no_exact_number(cast, sign_in):
    nela, pavel = sign_in("nela"), sign_in("pavel")
    row = programme(nela, 200)
    words = {"text": "Lidé z poradny se vraceli s plánem. Chceme, aby pokračovala."}
    assert pavel.post(where(row, "/endorse"), words, page=where(row, "/endorse")).status == 303
    assert nela.get(where(row, "/endorse")).status == 404, "nobody speaks for their own programme"
    page = sign_in("parta").get(where(row, "/worked")).text
    assert words["text"] in page and cast.prison.name in page
    back = where(row, "/endorse/back")
    assert words["text"] in pavel.get(back).text and nela.get(back).status == 404
    assert words["text"] in pavel.get(where(row, "/worked")).text, "nothing goes before it is confirmed"
    assert pavel.post(back, {}, page=back).status == 303
    assert words["text"] not in nela.get(where(row, "/worked")).text


def test_v04_warnings_come_twelve_six_and_three_months_before(cast, sign_in, travel):
    row = programme(sign_in("nela"), 400)
    warned = []
    for _month in range(15):
        if programmes.warn_due():
            warned.append(Programme.get_by_id(row.id).warned_months)
        travel.shift(timedelta(days=30))
    assert warned == [12, 6, 3]
    with db.writing():
        assert Programme.get_by_id(row.id).state == "ending"
