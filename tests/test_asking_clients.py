"""Asking how a client fares: one open follow-up, two mails at most, an answer behind a PIN, help, and what ends it."""
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

import db
from errors import RuleBroken
from jobs import JOBS
from models import (
    Barrier,
    Channel,
    Client,
    Consent,
    ConsentScope,
    ConsentState,
    FollowUp,
    FollowUpNeed,
    Journal,
    Membership,
    Need,
    NeedState,
    Outbox,
    OutboxState,
    Prompt,
    PromptState,
    Scope,
    StandIn,
    Step,
    StoppedBy,
    Task,
    TaskKind,
    User,
    Wish,
)
from services import feedback, keys, mail
from services.feedback import link_of
from tests.test_feedback import told

State, DAY = PromptState, 86_400
WORK = {name: work for name, _when, work in JOBS}
NIGHT, FORENOON, HOURLY = (WORK[name] for name in (
    "open-follow-ups", "ask-clients-how-they-fare", "hand-calls-for-help-to-deputies"))


@pytest.fixture
def by_mail(cast) -> Prompt:
    """Karel is asked by mail; his follow-up is open."""
    with db.writing():
        wish = Wish(client=cast.karel, channel=Channel.MAIL)
        wish.address = keys.seal(wish, "address", "karel@example.org", cast.karel)
        wish.save(force_insert=True)
    return cast.prompt


@pytest.fixture
def linked(by_mail) -> str:
    """The address of his own page."""
    FORENOON()
    return f"/how-are-you/{link_of(by_mail)}"


def state_of(prompt):
    return Prompt.get_by_id(prompt.id).state


def planned(cast, milestone, due_in, organisation=None, state=State.PLANNED):
    with db.writing():
        return Prompt.create(client=cast.karel, organisation=organisation or cast.municipality, milestone=milestone,
                             due_on=cast.today + timedelta(days=due_in), state=state)


# When

def test_one_follow_up_of_a_client_is_open_whoever_asks(cast):
    first, other = cast.prompt, planned(cast, 30, 0, cast.prison)
    NIGHT()
    assert (state_of(first), state_of(other)) == (State.OPEN, State.PLANNED)
    with db.writing():
        Prompt.update(state=State.RECORDED).where(Prompt.id == first.id).execute()
    NIGHT()
    assert state_of(other) is State.OPEN


def test_who_never_had_a_turn_is_cancelled_and_is_no_silence(cast, travel):
    first, other = cast.prompt, planned(cast, 30, 0, cast.prison)
    travel.shift(21 * DAY)
    NIGHT()
    assert (state_of(first), state_of(other)) == (State.UNANSWERED, State.CANCELLED)


def test_silence_is_kept_as_silence_and_alerts_nobody(cast, by_mail, postbox, travel):
    FORENOON()
    travel.shift(21 * DAY)
    mails, tasks = Outbox.select().count(), Task.select().count()
    NIGHT()
    FORENOON()
    assert state_of(by_mail) is State.UNANSWERED
    assert (Outbox.select().count(), Task.select().count()) == (mails, tasks)


def test_fewer_as_the_client_wishes(cast, sign_in):
    path = f"/clients/{cast.karel.public_id}/asking"
    later = planned(cast, 90, 60)
    assert sign_in("kamila").post(path, {"channel": "worker", "milestones": ["30", "365"]}).status == 303
    assert state_of(later) is State.CANCELLED
    assert [row.milestone for row in Prompt.select().where(Prompt.client == cast.karel, Prompt.state.in_(
        [State.PLANNED, State.OPEN])).order_by(Prompt.milestone)] == [30, 365]
    sign_in("kamila").post(path, {"channel": "worker", "milestones": ["30", "90", "365"]})
    assert state_of(later) is State.PLANNED


# By mail

def test_two_messages_at_most_a_week_apart_and_nothing_of_the_client_in_them(cast, by_mail, postbox, travel):
    for _day in range(20):
        FORENOON()
        FORENOON()
        postbox.deliver()
        travel.shift(DAY)
    mails = [mail for mail in postbox.mails if mail["To"] == "karel@example.org"]
    assert [mail["Subject"] for mail in mails] == ["Zpráva z Návaznosti"] * 2
    assert len({postbox.words(mail).split("/how-are-you/")[1].split()[0] for mail in mails}) == 1, "one link"
    for each in mails:
        words = each.as_string() + postbox.words(each)
        assert not any(name in words for name in ("Křehký", cast.karel.code, "věznic", cast.karel.public_id))


def test_never_two_messages_on_one_day(cast, by_mail, postbox):
    FORENOON()
    with db.writing():
        Prompt.update(state=State.RECORDED).where(Prompt.id == by_mail.id).execute()
    planned(cast, 90, 0, state=State.OPEN)
    FORENOON()
    assert Outbox.select().count() == 1


def test_who_is_asked_by_a_worker_gets_no_mail(cast):
    FORENOON()
    assert Outbox.select().count() == 0
    assert [due.public_id for due in feedback.today(cast.kamila)] == [cast.prompt.public_id]


def test_a_link_takes_a_pin_so_it_takes_a_client_who_has_one(cast, sign_in):
    with db.writing():
        User.update(password_hash="").where(User.id == cast.karel.user_id).execute()
    answer = sign_in("kamila").post(f"/clients/{cast.karel.public_id}/asking",
                                    {"channel": "mail", "email": "karel@example.org", "milestones": ["30"]})
    assert answer.status == 422 and "ještě nemá PIN" in answer.text


def test_a_wrong_address_is_told_beside_its_field(cast, sign_in):
    path = f"/clients/{cast.karel.public_id}/asking"
    answer = sign_in("kamila").post(path, {"channel": "mail", "email": "karel", "milestones": ["30"]})
    assert answer.status == 422 and "Zadejte e-mail, například" in answer.text
    assert answer.page.values(answer.page.form(path))["email"] == ["karel"]
    assert Wish.select().count() == 0


# The client's own page

def test_the_page_shows_nothing_of_the_client_and_reading_it_writes_nothing(cast, browser, linked):
    rows = Journal.select().count()
    page = browser.get(linked)
    assert page.status == 200 and Journal.select().count() == rows
    assert not any(name in page.html for name in ("Křehký", cast.karel.code, cast.karel.public_id, "Ukázkov "))


def test_karel_answers_with_his_pin_and_once(cast, browser, by_mail, linked):
    said = {"said": "Jde to.", "pin": cast.pin, **told("housing", "stuck", "poor", "no_capacity")}
    answer = browser.send(linked, page=linked, **said)
    assert answer.status == 303 and state_of(by_mail) is State.ANSWERED
    entry = FollowUp.get()
    assert entry.by_client and entry.author_id == cast.karel.user_id
    assert keys.unseal(entry, "said", cast.karel) == "Jde to."
    assert [(row.kind, row.owner) for row in Task.select()] == [(TaskKind.ANSWERED, cast.kamila)]
    need = FollowUpNeed.get()
    assert (need.need, need.state, need.step, need.barrier) == (Need.HOUSING, NeedState.STUCK, Step.POOR,
                                                                Barrier.NO_CAPACITY)
    assert browser.post(linked, {"pin": cast.pin, "request_key": "other", "answer": "send"}).status == 422
    assert FollowUp.select().count() == 1 and "Děkujeme" in browser.get(linked).text


def test_an_answer_takes_at_most_fifteen_queries_beside_the_pin(cast, browser, linked):
    form = browser.get(linked).page
    values = {**form.values(form.form(linked)), "said": "x", "pin": cast.pin, "answer": "send",
              **told("housing", "stuck", "poor", "no_capacity"), **told("work", "met")}
    with count_queries() as counter:
        assert browser.post(linked, values).status == 303
    assert counter.count <= 15, [query.msg for query in counter.get_queries()]


def test_without_the_pin_nothing_is_kept_and_what_was_written_stays(cast, browser, by_mail, linked):
    answer = browser.send(linked, page=linked, said="Zůstane", pin="111111")
    assert answer.status == 422 and "PIN nesedí" in answer.text and "Zůstane" in answer.html
    assert "111111" not in answer.html and not FollowUp.select().exists() and state_of(by_mail) is State.OPEN


def test_guessing_the_pin_stops_soon(cast, browser, linked):
    for _try in range(5):
        browser.send(linked, page=linked, pin="111111")
    assert "Příliš mnoho pokusů" in browser.send(linked, page=linked, pin=cast.pin).text
    assert not FollowUp.select().exists()


def test_the_link_opens_this_one_follow_up_only(cast, browser, by_mail, linked, travel):
    travel.shift(21 * DAY)
    NIGHT()
    assert browser.get(linked).status == 404
    later = planned(cast, 90, 21, state=State.OPEN)
    assert browser.get(f"/how-are-you/{link_of(later)}").status == 404, "no link of it was sent"
    for path in ("/", "/me/overview", f"/follow-ups/{by_mail.public_id}"):
        assert browser.get(path).status != 200


def test_a_worker_may_add_their_view_beside_it(cast, browser, sign_in, by_mail, linked):
    browser.send(linked, page=linked, pin=cast.pin, **told("housing", "met"))
    kamila = sign_in("kamila")
    page = f"/follow-ups/{by_mail.public_id}"
    assert "odpověděl sám" in kamila.get(page).text
    kamila.send(page, page=page, reached="in_person", note="Spíš ne.", **told("housing", "needed"))
    assert state_of(by_mail) is State.ANSWERED
    found = feedback.course_of(cast.kamila, cast.karel.public_id)[1].moments[0].points[Need.HOUSING]
    assert [(point.by_client, point.row.state) for point in found] == [(False, NeedState.NEEDED), (True, NeedState.MET)]


def test_saying_no_asks_once_whether_to_stop_all(cast, browser, by_mail, linked):
    later = planned(cast, 90, 60)
    answer = browser.send(linked, page=linked, pin=cast.pin, answer="decline")
    assert answer.location == linked and state_of(by_mail) is State.DECLINED
    assert "Nemá se vás už nikdo ptát" in browser.follow().text
    assert browser.send(linked, page=linked, pin=cast.pin, answer="stop").status == 303
    assert state_of(later) is State.CANCELLED and Wish.get().stopped_by is StoppedBy.CLIENT
    assert feedback.plan_prompts(Client.get_by_id(cast.karel.id), cast.municipality, cast.kamila) == 0


def test_the_second_no_asks_nothing(cast, sign_in, by_mail):
    kamila = sign_in("kamila")
    assert kamila.post(f"/follow-ups/{by_mail.public_id}/decline").location.endswith("/stop")
    later = planned(cast, 90, 0, state=State.OPEN)
    assert kamila.post(f"/follow-ups/{later.public_id}/decline").location == "/"


# I need help now

def call(browser, linked, pin):
    return browser.send(linked, page=linked, pin=pin, needs_help="y")


def test_help_reaches_a_named_person_within_a_working_day(cast, browser, sign_in, postbox, linked):
    call(browser, linked, cast.pin)
    assert "Kamila Klidná se vám ozve do 24. 11. 2026" in browser.follow().text.replace("\xa0", " ")
    task = Task.get()
    assert (task.kind, task.owner, task.due_on) == (TaskKind.HELP_NOW, cast.kamila, cast.today + timedelta(days=1))
    assert "potřebuje pomoc hned" in sign_in("kamila").get("/").text
    postbox.deliver()
    mails = postbox.to("kamila")
    assert len(mails) == 1 and "potřebuje pomoc hned" in mails[0]["Subject"]
    assert not any(name in mails[0].as_string() + postbox.words(mails[0]) for name in ("Křehký", cast.karel.code))


def test_help_does_not_wait_for_the_rest_of_the_form(cast, browser, linked):
    answer = browser.send(linked, page=linked, pin=cast.pin, needs_help="y", **told("housing", "stuck"))
    assert answer.status == 303 and Task.select().count() == 1 and not FollowUpNeed.select().exists()


def test_after_a_working_day_the_deputy_has_it_once(cast, browser, sign_in, postbox, linked, travel):
    with db.writing():
        StandIn.create(worker=cast.klara, membership=Membership.get(
            Membership.client == cast.karel, Membership.organisation == cast.municipality))
    call(browser, linked, cast.pin)
    travel.shift(DAY)
    HOURLY()
    assert Task.select().count() == 1, "the working day is not over"
    travel.shift(DAY)
    HOURLY()
    HOURLY()
    assert [(row.kind, row.owner) for row in Task.select().where(Task.kind == TaskKind.HELP_DEPUTY)] == [
        (TaskKind.HELP_DEPUTY, cast.klara)]
    postbox.deliver()
    assert len(postbox.to("klara")) == 1 and "stále čeká" in postbox.to("klara")[0]["Subject"]
    assert "čeká na pomoc" in sign_in("klara").get("/").text


def test_help_that_was_given_goes_to_nobody_else(cast, browser, sign_in, linked, travel):
    call(browser, linked, cast.pin)
    assert sign_in("kamila").post(f"/tasks/{Task.get().public_id}/done").status == 303
    travel.shift(3 * DAY)
    HOURLY()
    assert Task.select().count() == 1


# What ends it

def test_a_return_pauses_everything_and_the_next_release_begins_anew(cast, sign_in, by_mail):
    other = planned(cast, 90, 60, cast.prison)
    assert sign_in("kamila").post(f"/follow-ups/{by_mail.public_id}/return").status == 303
    assert {state_of(by_mail), state_of(other)} == {State.RETURNED}
    NIGHT()
    FORENOON()
    assert {row.state for row in Prompt.select().where(Prompt.client == cast.karel)} == {State.RETURNED}
    client = Client.get_by_id(cast.karel.id)
    assert feedback.plan_prompts(client, cast.municipality, cast.kamila) == 0
    client.released_on = cast.today
    with db.writing():
        client.save()
        assert feedback.released(client, cast.municipality, cast.kamila) == 5
    rows = Prompt.select().where(Prompt.client == cast.karel, Prompt.state == State.PLANNED)
    assert {row.series for row in rows} == {2}


def test_another_day_of_release_moves_what_is_planned(cast):
    later, client = planned(cast, 90, 60), Client.get_by_id(cast.karel.id)
    client.released_on -= timedelta(days=2)
    with db.writing():
        client.save()
        feedback.released(client, cast.municipality, cast.kamila)
    assert Prompt.get_by_id(later.id).due_on == cast.today + timedelta(days=58)


def test_a_death_stops_everything_at_once_the_mail_queue_too(cast, sign_in, by_mail, linked, postbox):
    other = planned(cast, 90, 60, cast.prison)
    with db.writing():
        User.update(email="karel.app@example.org").where(User.id == cast.karel.user_id).execute()
        mail.post(cast.karel_user, "", "Něco jiného")
    assert Outbox.select().where(Outbox.state == OutboxState.WAITING).count() == 2
    assert sign_in("kamila").post(f"/follow-ups/{by_mail.public_id}/die").status == 303
    assert {state_of(by_mail), state_of(other)} == {State.DIED}
    assert {row.state for row in Outbox.select()} == {OutboxState.CANCELLED}
    assert postbox.deliver() == []
    FORENOON()
    assert Outbox.select().where(Outbox.state == OutboxState.WAITING).count() == 0


def test_a_mail_on_its_way_is_not_sent_when_the_answer_came_first(cast, sign_in, by_mail, linked, postbox):
    page = f"/follow-ups/{by_mail.public_id}"
    sign_in("kamila").send(page, page=page, reached="telephone")
    assert postbox.deliver() == []


def test_a_mistaken_end_can_be_taken_back(cast, sign_in, by_mail):
    later, kamila = planned(cast, 90, 60), sign_in("kamila")
    kamila.post(f"/follow-ups/{by_mail.public_id}/die")
    answer = kamila.post(f"/clients/{cast.karel.public_id}/asking", {"channel": "worker", "again": "1"})
    assert answer.status == 303 and state_of(later) is State.PLANNED and User.get_by_id(cast.karel.user_id).active


def test_with_the_consent_ends_what_was_planned_on_it(cast, sign_in, by_mail):
    consent = Consent(number="S-1", client=cast.karel, recipient=cast.ngo, asked_by=cast.nela, text_version="1",
                      state=ConsentState.ACTIVE, from_on=cast.today, until_on=cast.today + timedelta(days=90),
                      text_hash="0" * 64)
    consent.purpose = keys.seal(consent, "purpose", "x", cast.karel)
    with db.writing():
        consent.save(force_insert=True)
        ConsentScope.create(consent=consent, scope=Scope.FOLLOW_UP)
    theirs, own = planned(cast, 90, 60, cast.ngo), planned(cast, 90, 60)
    NIGHT()
    assert state_of(theirs) is State.PLANNED and feedback.prompt(cast.nela, theirs.public_id).id == theirs.id
    karel = sign_in("karel")
    assert karel.post(f"/me/consents/{consent.public_id}/end").status == 303
    assert (state_of(theirs), state_of(own)) == (State.CANCELLED, State.PLANNED)


def test_a_no_from_the_wrong_state_is_refused_in_a_sentence(cast, by_mail):
    with db.writing():
        Prompt.update(state=State.RECORDED).where(Prompt.id == by_mail.id).execute()
    with pytest.raises(RuleBroken):
        feedback.end(cast.kamila, by_mail.public_id, feedback.Event.DECLINE)
