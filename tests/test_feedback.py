"""Follow-ups: when they are due, one entry within a minute, its draft, and who may read it."""
from datetime import date, timedelta

import pytest
from playhouse.test_utils import count_queries

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Barrier,
    Client,
    Draft,
    FollowUp,
    FollowUpNeed,
    Journal,
    Membership,
    Need,
    NeedState,
    Prompt,
    PromptState,
    Reached,
    Step,
)
from services import feedback, files, keys
from services.feedback import Said

STUCK = Said(NeedState.STUCK, Step.POOR, Barrier.NO_CAPACITY)
MET = Said(NeedState.MET)


@pytest.fixture
def due(cast) -> Prompt:
    """Kamila's follow-up with Karel, due today."""
    return Prompt.get(Prompt.client == cast.karel)


@pytest.fixture
def page(due):
    return f"/follow-ups/{due.public_id}"


def told(need, state, step="", barrier=""):
    """The fields of one need."""
    return {f"needs-{need}-state": state, f"needs-{need}-step": step, f"needs-{need}-barrier": barrier}


def entry_of(cast) -> FollowUp:
    return FollowUp.get(FollowUp.client == cast.karel)


def needs_of(entry, unchanged=False) -> dict:
    rows = FollowUpNeed.select().where(FollowUpNeed.follow_up == entry, FollowUpNeed.unchanged == unchanged)
    return {row.need: Said(row.state, row.step, row.barrier) for row in rows}


def observed_by(cast, author, days_ago=5, **needs):
    """An earlier entry about Karel by somebody of the cast."""
    with db.writing():
        entry = FollowUp.create(client=cast.karel, organisation=author.organisation, author=author, milestone=3,
                                request_key=f"{author.id}-{days_ago}", reached=Reached.TELEPHONE,
                                created_at=clock.now() - timedelta(days=days_ago))
        for need, said in needs.items():
            FollowUpNeed.create(follow_up=entry, need=need, state=said.state, step=said.step, barrier=said.barrier)
        return entry


# One entry

def test_kamila_logs_how_karel_fares(cast, sign_in, due, page):
    kamila = sign_in("kamila")
    answer = kamila.send(page, page=page, reached="in_person", note="Byl na úřadě.", next_step="Spolu k lékaři",
                         next_on="2026-11-30", **told("housing", "stuck", "poor", "no_capacity"), **told("work", "met"))
    assert (answer.status, answer.location) == (303, f"{page}/saved")
    entry = entry_of(cast)
    assert needs_of(entry) == {Need.HOUSING: STUCK, Need.WORK: MET}
    assert keys.unseal(entry, "note", cast.karel) == "Byl na úřadě."
    assert (entry.milestone, entry.next_on) == (30, date(2026, 11, 30))
    assert Prompt.get_by_id(due.id).state is PromptState.RECORDED


def test_the_page_after_it_says_what_was_saved(sign_in, page):
    kamila = sign_in("kamila")
    kamila.send(page, page=page, reached="telephone", **told("housing", "stuck", "poor", "no_capacity"))
    saved = kamila.follow()
    assert saved.heading == "Zápis je uložený"
    assert "nebyla kapacita" in saved.text and "Dnes už nic dalšího nečeká." in saved.text


def test_three_presses_are_enough_where_nothing_changed(cast, sign_in, page):
    sign_in("kamila").send(page, page=page, reached="telephone")
    assert needs_of(entry_of(cast)) == {}


def test_an_entry_is_journalled_without_values(cast, sign_in, page):
    sign_in("kamila").send(page, page=page, reached="in_person", note="tajné", **told("work", "met"))
    row = Journal.get(Journal.what == "feedback.log")
    assert (row.client, row.actor_id, row.parts) == (cast.karel.id, cast.kamila.id, "reached,needs,note")


def test_not_reached_needs_nothing_else(cast, sign_in, due, page):
    answer = sign_in("kamila").send(page, page=page, reached="not_reached", **told("housing", "stuck"))
    assert answer.status == 303
    assert not FollowUpNeed.select().exists()
    assert Prompt.get_by_id(due.id).state is PromptState.NOT_REACHED


def test_a_stuck_need_asks_how_it_goes_and_why_and_keeps_the_rest(sign_in, page):
    answer = sign_in("kamila").send(page, page=page, reached="in_person", note="Zůstane", **told("housing", "stuck"),
                                    **told("work", "in_progress"))
    assert answer.status == 422
    assert "Bydlení: vyberte, jak se to daří." in answer.text and "Bydlení: vyberte, co vázne." in answer.text
    assert "Práce: vyberte, jak se to daří." in answer.text and "Práce: vyberte, co vázne." not in answer.text
    values = answer.page.values(answer.page.form(page))
    assert (values["note"], values["needs-housing-state"]) == (["Zůstane"], ["stuck"])
    assert not FollowUp.select().exists()


def test_without_saying_whether_they_spoke_nothing_is_saved(sign_in, page):
    assert sign_in("kamila").send(page, page=page, **told("work", "met")).status == 422


def test_step_and_barrier_are_kept_only_where_they_are_asked(cast, sign_in, page):
    sign_in("kamila").send(page, page=page, reached="in_person", **told("work", "met", "poor", "no_capacity"),
                           **told("health", "in_progress", "good", "no_capacity"))
    assert needs_of(entry_of(cast)) == {Need.WORK: MET, Need.HEALTH: Said(NeedState.IN_PROGRESS, Step.GOOD)}


def test_a_day_that_is_over_is_refused(sign_in, page):
    answer = sign_in("kamila").send(page, page=page, reached="telephone", next_on="2026-11-22")
    assert answer.status == 422 and "Tento den už minul." in answer.text


def test_a_day_may_be_typed_as_people_write_it(cast, sign_in, page):
    sign_in("kamila").send(page, page=page, reached="telephone", next_on="30. 11. 2026")
    assert entry_of(cast).next_on == date(2026, 11, 30)


def test_one_form_sent_twice_is_one_entry(sign_in, page):
    kamila = sign_in("kamila")
    form = kamila.get(page).page
    values = {**form.values(form.form(page)), "reached": "telephone"}
    assert [kamila.post(page, values).status for _press in range(3)] == [303, 303, 303]
    assert FollowUp.select().count() == 1


def test_a_correction_is_another_entry(cast, sign_in, page):
    kamila = sign_in("kamila")
    kamila.send(page, page=page, reached="telephone", **told("work", "met"))
    assert "přibude jako oprava" in kamila.get(page).text
    kamila.send(page, page=page, reached="telephone", **told("work", "needed"))
    assert [next(iter(needs_of(entry).values())).state for entry in FollowUp.select().order_by(FollowUp.id)] == [
        NeedState.MET, NeedState.NEEDED]


@pytest.mark.parametrize("state", [PromptState.DECLINED, PromptState.DIED, PromptState.CANCELLED])
def test_a_closed_follow_up_takes_no_entry(sign_in, due, page, state):
    with db.writing():
        Prompt.update(state=state).execute()
    assert sign_in("kamila").send(page, page=page, reached="telephone").status == 422
    assert not FollowUp.select().exists()


def test_it_is_not_logged_long_before_its_day(cast, due):
    with db.writing():
        Prompt.update(due_on=cast.today + timedelta(days=8)).execute()
    with pytest.raises(RuleBroken):
        feedback.log(cast.kamila, due.public_id, "x", Reached.TELEPHONE, {})


def test_an_entry_takes_at_most_fifteen_queries(cast, sign_in, page):
    observed_by(cast, cast.kamila, housing=STUCK, work=MET)
    kamila = sign_in("kamila")
    form = kamila.get(page).page
    values = {**form.values(form.form(page)), "reached": "telephone", "note": "x", "next_step": "y",
              **told("health", "met")}
    with count_queries() as counter:
        assert kamila.post(page, values).status == 303
    assert counter.count <= 15, [query.msg for query in counter.get_queries()]


# What was left alone

def test_what_is_left_alone_is_kept_but_not_observed(cast, sign_in, page):
    observed_by(cast, cast.kamila, housing=STUCK, work=MET)
    kamila = sign_in("kamila")
    assert "minule: vázne, špatné" in kamila.get(page).text
    kamila.send(page, reached="telephone", **told("work", "needed"))
    last = FollowUp.select().order_by(FollowUp.id.desc()).get()
    assert needs_of(last) == {Need.WORK: Said(NeedState.NEEDED)}
    assert needs_of(last, unchanged=True) == {Need.HOUSING: STUCK}


def test_the_same_answer_again_is_an_observation(cast, sign_in, page):
    observed_by(cast, cast.kamila, work=MET)
    sign_in("kamila").send(page, page=page, reached="telephone", **told("work", "met"))
    assert needs_of(FollowUp.select().order_by(FollowUp.id.desc()).get()) == {Need.WORK: MET}


def test_what_others_observed_is_neither_shown_nor_copied_without_consent(cast, sign_in, page):
    observed_by(cast, cast.pavel, health=STUCK)
    kamila = sign_in("kamila")
    assert "minule" not in kamila.get(page).text
    kamila.send(page, reached="telephone")
    assert needs_of(FollowUp.select().order_by(FollowUp.id.desc()).get(), unchanged=True) == {}


def test_the_prison_is_not_prefilled_with_what_came_a_month_after_release(cast, due):
    with db.writing():
        Client.update(released_on=cast.today - timedelta(days=60)).where(Client.id == cast.karel.id).execute()
        Prompt.update(organisation=cast.prison).execute()
    observed_by(cast, cast.pavel, days_ago=25, work=MET)
    observed_by(cast, cast.pavel, days_ago=40, housing=STUCK)
    found = feedback.prompt(cast.pavel, due.public_id)
    assert feedback.last_observed(feedback.open_client(cast.pavel, found)) == {Need.HOUSING: STUCK}


# Who may

@pytest.mark.parametrize("name", ["klara", "nela", "pavel", "petra", "strange_curator", "kora", "adam", "karel"])
def test_others_find_no_such_follow_up(sign_in, page, name):
    stranger, missing = sign_in(name), f"/follow-ups/{'x' * 22}"
    for path in (page, f"{page}/saved"):
        assert stranger.get(path).status == 404
        assert stranger.last.body == stranger.get(missing).body
    assert stranger.post(page, {"reached": "telephone", "request_key": "x"}).status == 404
    assert stranger.post(f"{page}/draft", {"note": "x"}).status == 404
    assert not FollowUp.select().exists() and not Draft.select().exists()


def test_klara_logs_what_is_assigned_to_her(cast, sign_in, page):
    with db.writing():
        Membership.update(worker=cast.klara).where(Membership.organisation == cast.municipality).execute()
    assert sign_in("klara").send(page, page=page, reached="telephone").status == 303


def test_an_erased_client_is_followed_up_no_more(cast, due):
    with db.writing():
        Client.update(erased_at=clock.now()).where(Client.id == cast.karel.id).execute()
    assert feedback.today(cast.kamila) == []
    with pytest.raises(Missing):
        feedback.prompt(cast.kamila, due.public_id)


def test_opening_the_form_is_read_in_the_journal(cast, sign_in, page):
    sign_in("kamila").get(page)
    assert Journal.select().where(Journal.what == "feedback.open", Journal.client == cast.karel.id).exists()


# Drafts

def test_a_draft_survives_a_closed_tab_and_goes_with_the_entry(sign_in, page):
    kamila = sign_in("kamila")
    form = kamila.get(page).page
    typed = {**form.values(form.form(page)), "note": "Rozepsáno", **told("work", "stuck", "poor")}
    assert kamila.post(f"{page}/draft", typed).text == "koncept uložen 10:00"
    values = kamila.get(page).page.values(kamila.last.page.form(page))
    assert [values[name] for name in ("note", "needs-work-state", "needs-work-step")] == [
        ["Rozepsáno"], ["stuck"], ["poor"]]
    assert "Váš koncept je zpět" in kamila.last.text
    kamila.send(page, reached="not_reached")
    assert not Draft.select().exists()


def test_a_draft_is_saved_by_a_button_without_scripts(sign_in, page):
    kamila = sign_in("kamila")
    answer = kamila.post(f"{page}/draft", {"note": "Rukou", "by_hand": "1"}, page=page)
    assert (answer.status, answer.location) == (303, page)
    assert "Koncept uložen 10:00" in kamila.follow().text


def test_a_draft_is_only_its_authors(cast, sign_in, page):
    sign_in("kamila").post(f"{page}/draft", {"note": "Jen moje"}, page=page)
    with db.writing():
        Membership.update(worker=cast.klara).where(Membership.organisation == cast.municipality).execute()
    assert "Jen moje" not in sign_in("klara").get(page).html


@pytest.mark.parametrize("where", ["", "/draft"])
def test_what_was_written_when_the_session_ended_comes_back(sign_in, page, travel, where):
    kamila = sign_in("kamila")
    kamila.get(page)
    travel.shift(16 * 60)
    answer = kamila.post(page + where, {"note": "Než jsem se vrátila", "reached": "telephone"})
    assert "/sign-in" in answer.location
    assert "Než jsem se vrátila" in sign_in("kamila").get(page).html


def test_a_draft_that_is_too_long_says_so(sign_in, page):
    answer = sign_in("kamila").post(f"{page}/draft", {"note": "x" * 70_000}, page=page)
    assert answer.status == 422 and "příliš dlouhý" in answer.text


# When follow-ups are due

def test_today_lists_what_is_due_the_longest_due_first(cast, sign_in):
    with db.writing():
        jana = Client.create(code="JANA2X", recorded_by=cast.municipality, released_on=cast.today - timedelta(days=12))
        Membership.create(client=jana, organisation=cast.municipality, worker=cast.kamila, since_on=cast.today)
        Prompt.create(client=jana, organisation=cast.municipality, worker=cast.kamila, milestone=3,
                      due_on=cast.today - timedelta(days=9), state=PromptState.OPEN)
    assert [(row.milestone, row.days) for row in feedback.today(cast.kamila)] == [(3, 9), (30, 0)]
    page = sign_in("kamila").get("/")
    assert "3. den po propuštění · čeká 9 dnů" in page.text.replace("\xa0", " ")
    assert [link.text for link in page.page.all("a") if "/follow-ups/" in link["href"]] == [
        "Zapsat JANA2X", f"Zapsat {cast.karel.code}"]


def test_today_takes_one_query_however_many_wait(cast):
    kamila = cast.kamila
    with count_queries() as counter:
        feedback.today(kamila)
    assert counter.count == 1


def test_a_release_plans_five_follow_ups_once(cast):
    with db.writing():
        Prompt.delete().execute()
        client = Client.get(Client.id == cast.karel.id)
        client.released_on = cast.today - timedelta(days=3)
    assert (feedback.plan_prompts(client, cast.municipality, cast.kamila),
            feedback.plan_prompts(client, cast.municipality, cast.kamila)) == (5, 0)
    assert [(row.milestone, row.state) for row in Prompt.select().order_by(Prompt.milestone)][:2] == [
        (3, PromptState.OPEN), (30, PromptState.PLANNED)]


def test_a_prison_plans_only_what_it_may_read_later(cast):
    client = Client.get(Client.id == cast.karel.id)
    client.released_on = cast.today
    assert feedback.plan_prompts(client, cast.prison, cast.pavel) == 2


def test_milestones_long_over_are_not_planned(cast):
    client = Client.get(Client.id == cast.karel.id)
    client.released_on = cast.today - timedelta(days=200)
    assert feedback.plan_prompts(client, cast.probation, cast.petra) == 2


@pytest.mark.parametrize(("days_ago", "state"), [
    (-1, PromptState.PLANNED), (0, PromptState.OPEN), (20, PromptState.OPEN), (21, PromptState.CANCELLED)])
def test_the_night_opens_what_is_due_and_lets_the_old_lapse(cast, due, days_ago, state):
    with db.writing():
        Prompt.update(state=PromptState.PLANNED, due_on=cast.today - timedelta(days=days_ago)).execute()
    feedback.open_due()
    assert feedback.open_due() == (0, 0)
    assert Prompt.get_by_id(due.id).state is state


def test_the_course_shows_each_need_over_the_last_entries(cast):
    observed_by(cast, cast.kamila, days_ago=20, housing=STUCK)
    observed_by(cast, cast.kamila, days_ago=5, housing=MET, work=MET)
    entries = files.open_file(cast.kamila, cast.karel.public_id)["follow_up"].value
    course = feedback.course(entries)
    assert course.needs == [Need.HOUSING, Need.WORK]
    assert [[[point.row.state for point in moment.points.get(need, [])] for moment in course.moments]
            for need in course.needs] == [[[NeedState.STUCK], [NeedState.MET]], [[], [NeedState.MET]]]
