"""Attacks on reports, plans, questions, referrals and emergencies: what a consent of one need opens, what a form does
whose text has changed, what is left to who works with the client no more."""
import re
from datetime import timedelta

import pytest

import clock
import db
from models import (
    Consent,
    ConsentScope,
    EmergencyAccess,
    Membership,
    Need,
    PlanItem,
    Referral,
    ReferralLine,
    Report,
    ReportState,
    Scope,
    Verification,
)
from services import keys
from tests.support.acts import accept, begin_referral, file_of, gives, leaves_in, plan, refer, send, service
from tests.test_reports import consent, issued, write

REASON = "Hrozí, že si ublíží, volal v noci, nikdo ho nemůže najít."


def ends(cast, organisation):
    """The work of an organisation with Karel ended yesterday."""
    with db.writing():
        Membership.update(until_on=clock.today() - timedelta(days=1)).where(
            Membership.client == cast.karel, Membership.organisation == organisation).execute()


# Reports

def test_a_consent_of_one_need_opens_no_report_about_all(sign_in, cast):
    _kamila, page = issued(sign_in, cast, cast.probation)
    row = consent(cast, cast.probation)
    with db.writing():
        ConsentScope.create(consent=row, scope=Scope.PLAN, need=Need.FINANCIAL_SECURITY)
        Consent.update(recipient_user=cast.petra).where(Consent.id == row.id).execute()
    petra = sign_in("petra")
    assert petra.get(page).status == 404
    assert page not in petra.get("/reports").text
    with db.writing():
        ConsentScope.update(need="").where(ConsentScope.consent == row).execute()
    assert "Našli jsme pokoj." in petra.get(page).text


def test_a_report_that_was_written_anew_is_read_anew(sign_in, cast):
    """Karel's page is from before; what he sends from it says nothing of the words that he has not seen."""
    kamila, page = write(sign_in, cast)
    kamila.send(f"{page}/show", page=page)
    karel, own = sign_in("karel"), f"/me{page}"
    before = karel.get(own)
    kamila.send(f"{page}/take_back", page=page)
    kamila.send(f"{page}/edit", page=f"{page}/edit", summary="Karel nespolupracoval.", recipient="")
    kamila.send(f"{page}/show", page=page)
    answer = karel.post(own, {**hidden(before), "answer": "read"})
    assert answer.status == 422 and "Karel nespolupracoval." in answer.text
    assert Report.get().state is ReportState.WITH_CLIENT
    assert karel.post(own, {**hidden(answer), "answer": "read"}).status == 303
    assert Report.get().state is ReportState.READ


def hidden(answer) -> dict:
    """The hidden fields of a page as it was shown."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", answer.html):
        name, value = (re.search(rf'{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and value:
            found[name[1]] = value[1]
    return found


# Plans and questions

def test_a_yes_to_one_question_confirms_no_other_words(sign_in, cast):
    kamila = sign_in("kamila")
    item = plan(kamila, cast.karel, what="Má výpověď z nájmu.")
    with db.writing():
        asked = Verification(item=item, asked_by=cast.kamila, organisation=cast.municipality, recipient=cast.prison)
        asked.question = keys.seal(asked, "question", "Má výpověď?", cast.karel)
        asked.save(force_insert=True)
    where, pavel = f"/questions/{asked.public_id}", sign_in("pavel")
    assert "Má výpověď?" in pavel.get(where).text
    path = f"/plan-items/{item.public_id}"
    changed = kamila.post(path, {"sheet": "plan", "need": "work", "what": "Spáchal další čin.", "state": "open",
                                 "version": item.version}, page=path)
    assert changed.status == 303
    pavel.post(where, {"answer": "yes"})
    assert PlanItem.get(PlanItem.id == item.id).claim == "said"


# Referrals

def test_who_works_with_the_client_no_more_reads_and_sends_no_words_of_a_referral(sign_in, cast):
    """What came of it they still learn."""
    kamila = sign_in("kamila")
    sent = refer(kamila, cast.karel, service(cast.ngo), message="Volat až po šesté.")
    draft = begin_referral(kamila, cast.karel, service(cast.other_ngo, "jina"))
    assert "Volat až po šesté." in kamila.get(sent).text
    ends(cast, cast.municipality)
    page = kamila.get(sent)
    assert page.status == 200 and "Volat až po šesté." not in page.text and cast.karel.code not in page.text
    assert kamila.get(f"{draft}/edit").status == 404 and send(kamila, draft).status == 404
    assert kamila.post(f"{sent}/amend", {"level": "1", "message": "Jinak."}).status == 404
    with db.writing():
        Referral.update(state="declined", reason="capacity").where(Referral.public_id == sent.split("/")[-1]).execute()
    third = service(cast.other_ngo, "treti")
    assert kamila.post(f"{sent}/again", {"service": third.public_id}).status == 404
    assert "odmítnuto" in kamila.get(sent).text.lower()


def test_a_prison_reads_no_words_on_how_it_goes_from_later_than_thirty_days_after_release(sign_in, cast, travel):
    gives(sign_in("karel"), cast, cast.ngo, "identity")
    path = refer(sign_in("pavel"), cast.karel, service(cast.ngo))
    nela = sign_in("nela")
    accept(nela, path, cast.nora)
    leaves_in(cast.karel, -25, released=True)
    row = Referral.get(Referral.public_id == path.split("/")[-1])
    line(row, cast, "Chodí na splátky.", clock.now())
    assert "Chodí na splátky." in sign_in("pavel").get(path).text
    line(row, cast, "Přestal chodit.", clock.now() + timedelta(days=20))
    travel.shift(20 * 86400 + 60)
    page = sign_in("pavel").get(path).text
    assert "Chodí na splátky." in page and "Přestal chodit." not in page


def line(row, cast, words, at):
    with db.writing():
        each = ReferralLine(referral=row, author=cast.nela, by_receiver=True, at=at)
        each.text = keys.seal(each, "text", words, cast.karel)
        each.save(force_insert=True)


# Emergency

def test_what_a_second_person_refused_the_first_cannot_open_again(sign_in, cast):
    kamila, page = sign_in("kamila"), f"{file_of(cast.karel)}/emergency"
    assert kamila.post(page, {"reason": REASON}, page=page).status == 303
    path = f"/emergency/{EmergencyAccess.get().public_id}"
    klara = sign_in("klara")
    klara.post(path, {"answer": "wrong"}, page=path)
    again = kamila.post(page, {"reason": REASON}, page=page)
    assert again.status == 422 and REASON in again.text
    assert EmergencyAccess.select().count() == 1


@pytest.mark.parametrize("answer", ["right", "wrong"])
def test_nobody_decides_on_their_own_emergency_not_even_by_another_session(sign_in, cast, answer):
    kamila, page = sign_in("kamila"), f"{file_of(cast.karel)}/emergency"
    kamila.post(page, {"reason": REASON}, page=page)
    row = EmergencyAccess.get()
    assert sign_in("kamila").post(f"/emergency/{row.public_id}", {"answer": answer}).status == 404
    again = EmergencyAccess.get()
    assert (again.confirmed_at, again.refused_at, again.confirmed_by_id) == (None, None, None)
