"""Referrals end to end: what is sent, who sees what of it, who may answer, and what stays hidden."""
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Client,
    Consent,
    ConsentScope,
    ConsentState,
    DeletionNotice,
    Level,
    Membership,
    Need,
    Outbox,
    Referral,
    ReferralState,
    Scope,
    Service,
    ServiceNeed,
)
from services import keys, referrals
from services.referrals import Content, Event

State = ReferralState


def service(organisation, slug="dluhy", need=Need.FINANCIAL_SECURITY):
    with db.writing():
        row = Service.create(organisation=organisation, slug=slug, name=f"Poradna {slug}", sort=slug,
                             confidence="verified")
        ServiceNeed.create(service=row, need=need)
        return row


def consent(cast, recipient, *scopes, client=None):
    with db.writing():
        client = client or cast.karel
        row = Consent(number=f"T{Consent.select().count()}", client=client, recipient=recipient,
                      state=ConsentState.ACTIVE, from_on=cast.today, until_on=cast.today + timedelta(days=200),
                      text_version="1", text_hash="0")
        row.purpose = keys.seal(row, "purpose", "pomoc", client)
        row.save(force_insert=True)
        for scope in scopes:
            ConsentScope.create(consent=row, scope=scope)
        return row


def drafted(cast, author, target, level=Level.CHOICES, **content):
    row = referrals.start(author, cast.karel.public_id, target.public_id, "klic" + author.name + target.slug)
    needs = content.pop("needs", [Need.FINANCIAL_SECURITY])
    return referrals.write(author, row.public_id, Content(needs, level, **content))


def sent(cast, author=None, target=None, level=Level.CHOICES, **content):
    author = author or cast.pavel
    row = drafted(cast, author, target or service(cast.ngo), level, **content)
    return referrals.send(author, row.public_id)


def accepted(cast, **options):
    row = sent(cast, **options)
    return referrals.accept(cast.nela, row.public_id, cast.nora.public_id)


def test_a_referral_goes_from_the_file_to_the_first_contact(cast, sign_in, postbox):
    target, pavel, nela = service(cast.ngo), sign_in("pavel"), sign_in("nela")
    page = pavel.get(f"/clients/{cast.karel.public_id}/refer?needs=financial_security")
    assert target.name in page.text
    pavel.post(f"/clients/{cast.karel.public_id}/refer", {"service": target.public_id, "request_key": "k1",
                                                          "needs": "financial_security"})
    edit = pavel.follow()
    assert edit.status == 200
    answer = pavel.send(edit.path, level="0", step="send")
    assert answer.status == 303, answer.text
    row = Referral.get()
    assert row.state is State.SENT and row.answer_by == cast.today + timedelta(days=7)
    seen = nela.get(f"/referrals/{row.public_id}")
    assert seen.status == 200 and cast.karel.code not in seen.html and "Karel" not in seen.html
    assert row.number in nela.get("/referrals").text and row.number in nela.get("/").text
    assert nela.post(f"/referrals/{row.public_id}/accept", {"worker": ""}).status == 422
    assert nela.post(f"/referrals/{row.public_id}/accept", {"worker": cast.nora.public_id}).status == 303
    assert sign_in("nora").post(f"/referrals/{row.public_id}/contact").status == 303
    closed = nela.post(f"/referrals/{row.public_id}/close", {"closing": "as_planned",
                                                             "result_financial_security": "partly"})
    assert closed.status == 303
    page = pavel.get(f"/referrals/{row.public_id}")
    assert "částečně" not in page.text and "partly" not in page.html
    postbox.deliver()
    for mail in postbox.mails:
        assert cast.karel.code not in mail.as_string() and "Karel" not in postbox.words(mail)


def test_level_opens_only_with_consent_and_closes_with_it(cast, sign_in):
    target = service(cast.ngo)
    row = drafted(cast, cast.pavel, target)
    with pytest.raises(RuleBroken):
        referrals.write(cast.pavel, row.public_id, Content([Need.HOUSING], Level.IDENTITY))
    given = consent(cast, cast.ngo, Scope.IDENTITY)
    referrals.write(cast.pavel, row.public_id, Content([Need.HOUSING], Level.IDENTITY))
    referrals.send(cast.pavel, row.public_id)
    nela = sign_in("nela")
    assert "Karel Křehký" in nela.get(f"/referrals/{row.public_id}").text
    with db.writing():
        Consent.update(state=ConsentState.WITHDRAWN).where(Consent.id == given.id).execute()
    page = nela.get(f"/referrals/{row.public_id}")
    assert "Karel Křehký" not in page.text and cast.karel.code in page.text
    referrals.withdraw(cast.pavel, row.public_id, referrals.REASONS[Event.WITHDRAW][0])
    assert DeletionNotice.select().where(DeletionNotice.referral == row.id).count() == 1
    notice = DeletionNotice.get()
    assert notice.public_id in nela.get("/consents").html
    assert nela.post(f"/deletions/{notice.public_id}").status == 303
    page = nela.get(f"/referrals/{row.public_id}")
    assert page.status == 200 and cast.karel.code not in page.html


def test_a_curator_has_no_field_for_who_it_is(cast, sign_in):
    target, kamila = service(cast.ngo), sign_in("kamila")
    row = referrals.start(cast.kamila, cast.karel.public_id, target.public_id, "k")
    page = kamila.get(f"/referrals/{row.public_id}/edit")
    assert 'name="channel"' not in page.html and 'value="2"' not in page.html and 'value="1"' in page.html
    consent(cast, cast.ngo, Scope.IDENTITY)
    with pytest.raises(RuleBroken):
        referrals.write(cast.kamila, row.public_id, Content([Need.HOUSING], Level.IDENTITY))


@pytest.mark.parametrize("text", ["pan Křehký potřebuje dluhovou poradnu", "volejte Karla", "nar. 2. 4. 1988"])
def test_a_name_in_a_text_is_refused(cast, sign_in, text):
    row = referrals.start(cast.pavel, cast.karel.public_id, service(cast.ngo).public_id, "k")
    pavel = sign_in("pavel")
    answer = pavel.post(f"/referrals/{row.public_id}/edit", {"needs": "housing", "level": "1", "message": text,
                                                             "step": "send"})
    assert answer.status == 422 and text in answer.text
    assert Referral.get().state is State.DRAFT


def test_after_a_refusal_all_data_go_to_the_next_service(cast, sign_in):
    other = service(cast.other_ngo, "druha")
    row = sent(cast, level=Level.CODE, message="Bydlí u bratra.")
    referrals.decline(cast.nela, row.public_id, referrals.REASONS[Event.DECLINE][1])
    pavel = sign_in("pavel")
    assert other.name in pavel.get(f"/referrals/{row.public_id}").text
    for _twice in range(2):
        pavel.post(f"/referrals/{row.public_id}/again", {"service": other.public_id})
    assert "Bydlí u bratra." in pavel.follow().text
    new = Referral.get(Referral.parent == row)
    assert Referral.select().count() == 2 and new.state is State.DRAFT and new.service == other


def test_after_a_refusal_that_leaves_nobody_the_sender_is_led_to_all_services(cast, sign_in):
    row, pavel = sent(cast), sign_in("pavel")
    referrals.decline(cast.nela, row.public_id, referrals.REASONS[Event.DECLINE][1])
    page = pavel.get(f"/referrals/{row.public_id}")
    assert "neodpovídá" in page.text and f"/clients/{cast.karel.public_id}/refer" in page.html
    assert "neodpovídá" not in sign_in("nela").get(f"/referrals/{row.public_id}").text


def test_accepting_joins_and_ending_leaves(cast, sign_in):
    row = accepted(cast, level=Level.CODE)
    tie = Membership.get(Membership.organisation == cast.ngo)
    assert (tie.ground, tie.worker) == ("referral", cast.nora)
    assert cast.karel.code in sign_in("nora").get("/clients").text
    referrals.withdraw(cast.pavel, row.public_id, referrals.REASONS[Event.WITHDRAW][1])
    assert cast.karel.code not in sign_in("nora").get("/clients").text


def test_questions_stop_the_clock_twice_at_most(cast, travel):
    row = sent(cast)
    for _round in range(2):
        referrals.ask(cast.nela, row.public_id, "Má doklady?")
        travel.shift(86_400)
        row = referrals.answer(cast.pavel, row.public_id, "Ano.")
    assert row.answer_by == cast.today + timedelta(days=9)
    with pytest.raises(RuleBroken):
        referrals.ask(cast.nela, row.public_id, "A ještě?")


def test_what_nobody_answers_reaches_the_coordinator_without_a_client(cast, sign_in, travel, postbox):
    row = sent(cast)
    travel.shift(9 * 86_400)
    assert referrals.run_due() == 1 and referrals.run_due() == 0
    page = sign_in("kora").get("/referrals/unanswered")
    assert row.number in page.text and cast.ngo.name in page.text and cast.karel.code not in page.html
    travel.shift(9 * 86_400)
    referrals.run_due()
    assert Referral.get().state is State.UNANSWERED


def test_a_place_that_nobody_confirms_falls_back_and_late_contacts_are_told(cast, travel):
    row = sent(cast)
    referrals.wait(cast.nela, row.public_id)
    travel.shift(32 * 86_400)
    referrals.run_due()
    assert Referral.get().state is State.SENT
    referrals.accept(cast.nela, row.public_id, cast.nora.public_id)
    travel.shift(30 * 86_400)
    assert referrals.run_due() == 1 and Referral.get().no_contact_at and Referral.get().state is State.ACCEPTED


def outside(cast):
    from models import User
    with db.writing():
        User.update(active=False).where(User.organisation == cast.other_ngo).execute()
    return service(cast.other_ngo, "venku")


def test_who_has_no_account_answers_by_a_link(cast, browser, postbox):
    row = sent(cast, target=outside(cast), level=Level.CODE, message="Potřebuje poradit.")
    postbox.deliver()
    mail = postbox.words(postbox.mails[-1])
    assert "Potřebuje" not in mail and cast.karel.code not in mail
    path = "/answer-referral/" + mail.split("/answer-referral/")[1].split()[0]
    page = browser.get(path)
    assert page.status == 200 and "Potřebuje poradit." in page.text and "Karel" not in page.text
    assert Referral.get().state is State.SENT
    assert browser.post(path, {"answer": "decline"}).status == 422
    assert browser.post(path, {"answer": "decline", "reason": "capacity"}).status == 303
    assert Referral.get().state is State.DECLINED and row.number in browser.get(path).text
    assert browser.get("/answer-referral/" + "x" * 43).status == 404


def test_a_link_dies_with_time_and_with_taking_back(cast, browser, postbox, travel):
    row = sent(cast, target=outside(cast))
    postbox.deliver()
    path = "/answer-referral/" + postbox.words(postbox.mails[-1]).split("/answer-referral/")[1].split()[0]
    referrals.withdraw(cast.pavel, row.public_id, referrals.REASONS[Event.WITHDRAW][0])
    assert browser.get(path).status == 404


def queue(cast, number):
    for each in range(number):
        sent(cast, target=service(cast.ngo, f"fronta{each}"))
    return [row.id for row in Referral.select()]


def test_no_mail_of_a_referral_goes_out_after_it_was_taken_back(engine, cast, postbox, figure):
    waiting = queue(cast, 40)
    with db.writing():
        Referral.update(state=State.WITHDRAWN, reason="client").execute()
    postbox.deliver()
    after = len(postbox.mails)
    engine.restore()
    postbox.mails.clear()
    queue(cast, 10)
    postbox.deliver()
    figure("fig-D9 mails of referrals that went out after the referral was taken back", after, "mails", len(waiting),
           control=len(postbox.mails) == 10 and "of 10 that stand all went out")


def test_a_change_of_release_marks_for_review(cast, sign_in):
    row = accepted(cast)
    with db.writing():
        assert referrals.release_changed(cast.karel, None, clock.today() + timedelta(days=60)) == 1
    assert Referral.get().review_at and Referral.get().release_month == "2027-01"
    assert sign_in("nora").post(f"/referrals/{row.public_id}/go_on").status == 303
    assert Referral.get().review_at is None


def test_a_programme_hands_all_on_to_the_successor_once(cast, sign_in):
    old, new = service(cast.ngo, "stara"), service(cast.other_ngo, "nova")
    row = accepted(cast, target=old, level=Level.CODE)
    referrals.contact(cast.nora, row.public_id)
    kora = sign_in("kora")
    assert kora.post(f"/services/{old.public_id}/successor", {"service": new.public_id}).status == 303
    nela = sign_in("nela")
    assert nela.post(f"/services/{old.public_id}/hand-on").status == 303
    nela.post(f"/services/{old.public_id}/hand-on")
    assert Referral.get_by_id(row.id).state is State.HANDED_ON
    assert Referral.get(Referral.parent == row).state is State.SENT and Referral.select().count() == 2


def test_the_client_asks_by_themself_and_sees_their_referrals(cast, sign_in):
    asked = service(cast.ngo)
    with pytest.raises(Missing):
        referrals.ask_for_self(cast.karel_user, asked.public_id, [Need.HOUSING], Level.CODE, "", "", "klic-klienta")
    with db.writing():
        Service.update(published=True, plain="Poradíme vám.").where(Service.id == asked.id).execute()
    row = referrals.ask_for_self(cast.karel_user, asked.public_id, [Need.HOUSING], Level.CODE, "",
                                 "Potřebuji poradit.", "klic-klienta")
    assert row.state is State.SENT and row.sender is None
    karel = sign_in("karel")
    assert karel.get("/me/referrals").status == 200 and karel.get(f"/referrals/{row.public_id}").status == 200
    assert "Potřebuji poradit." in sign_in("nela").get(f"/referrals/{row.public_id}").text
    assert karel.post(f"/referrals/{row.public_id}/withdraw", {"reason": "client"}).status == 303


def test_strangers_find_nothing(cast, sign_in):
    row = sent(cast)
    for name in ("strange_ngo", "strange_prison", "strange_curator", "kora", "adam", "cyril", "klara", "nora"):
        assert sign_in(name).get(f"/referrals/{row.public_id}").status == 404, name
    target = service(cast.other_ngo, "cizi")
    assert sign_in("nela").post(f"/clients/{cast.karel.public_id}/refer", {"service": target.public_id}).status == 404


def test_the_clients_language_is_chosen_by_its_name(cast, sign_in):
    with db.writing():
        Client.update(languages="rom").where(Client.id == cast.karel.id).execute()
    row = referrals.start(cast.pavel, cast.karel.public_id, service(cast.ngo).public_id, "k")
    pavel, page = sign_in("pavel"), f"/referrals/{row.public_id}/edit"
    assert "romština" in pavel.get(page).text
    assert pavel.send(page, needs="housing", level="1", step="send").status == 303
    assert "romština" in sign_in("nela").get(f"/referrals/{row.public_id}").text


def test_a_service_asks_its_own_questions(cast, sign_in):
    target, nela, pavel = service(cast.ngo), sign_in("nela"), sign_in("pavel")
    assert nela.post(f"/services/{target.public_id}/questions", {"questions": "Má doklady?\nKde spí?"}).status == 303
    row = referrals.start(cast.pavel, cast.karel.public_id, target.public_id, "k")
    page = pavel.get(f"/referrals/{row.public_id}/edit")
    assert "Má doklady?" in page.text
    pavel.post(f"/referrals/{row.public_id}/edit", {"needs": "housing", "level": "1", "question_0": "Občanku ano.",
                                                    "step": "send"})
    assert "Občanku ano." in nela.get(f"/referrals/{row.public_id}").text


def test_a_change_after_sending_tells_old_and_new(cast, sign_in):
    row, pavel = sent(cast, release_month="2027-01"), sign_in("pavel")
    answer = pavel.post(f"/referrals/{row.public_id}/amend", {"level": "1", "release_month": "2027-03",
                                                              "language": "cs", "message": "Změna."})
    assert answer.status == 303
    assert "leden 2027 → březen 2027" in sign_in("nela").get(f"/referrals/{row.public_id}").text
    assert Outbox.select().where(Outbox.user == cast.nela).count() == 2
    assert Client.get_by_id(row.client_id).code in sign_in("nela").get(f"/referrals/{row.public_id}").text
