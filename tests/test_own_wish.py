"""A client says in their own app when they are asked, and corrects their own answer; one follow-up stands open."""
import threading

import pytest
from peewee import IntegrityError

import clock
import db
from models import (
    Consent,
    ConsentScope,
    FollowUp,
    Membership,
    NeedState,
    Prompt,
    PromptState,
    Scope,
    Task,
    TaskKind,
    Wish,
)
from services import feedback
from tests.test_feedback import told

PAGE = "/me/how-am-i"


def planned(cast) -> set[int]:
    return {row.milestone for row in Prompt.select().where(Prompt.client == cast.karel,
                                                           Prompt.state == PromptState.PLANNED)}


def plan(cast):
    with db.writing():
        feedback.plan_prompts(cast.karel, cast.municipality, cast.kamila)


def test_karel_wants_to_be_asked_less_and_then_again(sign_in, cast):
    plan(cast)
    assert planned(cast) == {90, 180, 365}
    karel = sign_in("karel")
    assert "Kdy se mě ptát" in karel.get(PAGE).text
    assert karel.post(f"{PAGE}/asking", {"milestones": ["30", "180"]}, page=f"{PAGE}/asking").status == 303
    assert planned(cast) == {180}
    assert karel.post(f"{PAGE}/asking", {"milestones": ["90", "365"]}).status == 303
    assert planned(cast) == {90, 365}
    assert karel.post(f"{PAGE}/asking", {"milestones": ["7"]}).status == 422
    assert not Prompt.select().where(Prompt.client == cast.karel, Prompt.worker == cast.karel_user).exists()


def test_karel_stops_all_and_nobody_is_alerted(sign_in, cast, postbox):
    plan(cast)
    karel = sign_in("karel")
    assert karel.post(f"{PAGE}/asking", {"milestones": ["90"], "stop": "1"}, page=f"{PAGE}/asking").status == 303
    assert not planned(cast) and not Task.select().exists()
    assert Wish.get().stopped_by == "client" and cast.prompt.state is PromptState.CANCELLED
    postbox.deliver()
    assert not postbox.mails
    assert karel.post(f"{PAGE}/asking", {"milestones": ["90"]}).status == 303
    assert planned(cast) == {90} and Wish.get().stopped_at is None


def test_who_lost_the_ground_does_not_ask_again_by_the_client_s_wish(sign_in, cast):
    plan(cast)
    with db.writing():
        Membership.delete().where(Membership.client == cast.karel).execute()
        ConsentScope.delete().where(ConsentScope.scope == Scope.FOLLOW_UP).execute()
        Consent.delete().execute()
        feedback.cancel_groundless()
    assert sign_in("karel").post(f"{PAGE}/asking", {"milestones": ["90", "180"]}).status == 303
    assert not planned(cast)


def test_karel_corrects_his_own_answer_as_a_new_version(sign_in, cast):
    karel = sign_in("karel")
    assert karel.get(f"{PAGE}/correct").status == 404, "nothing is answered yet"
    first = karel.send(PAGE, page=PAGE, answer="send", said="Chybí mi práce.", **told("housing", NeedState.MET))
    assert first.status == 303
    page = karel.get(f"{PAGE}/correct")
    assert "Chybí mi práce." in page.html
    chosen = [each["value"] for each in page.page.all("input")
              if "checked" in each.attributes and each["name"].startswith("needs-housing")]
    assert chosen == ["met"]
    sent = karel.send(f"{PAGE}/correct", said="Práci mám.", **told("housing", NeedState.NEEDED))
    assert sent.status == 303
    first, second = FollowUp.select().where(FollowUp.by_client == True).order_by(FollowUp.id)  # noqa: E712
    assert second.corrects == first and second.prompt == first.prompt
    assert Task.select().where(Task.kind == TaskKind.ANSWERED).count() == 2
    kamila = sign_in("kamila").get(f"/clients/{cast.karel.public_id}")
    assert "Práci mám." in kamila.text
    with db.writing():
        Prompt.update(state=PromptState.UNANSWERED).where(Prompt.client == cast.karel).execute()
    assert karel.post(f"{PAGE}/correct", {"said": "x"}).status == 404


# One open follow-up of a client

def test_the_database_lets_one_follow_up_of_a_client_stand_open(cast):
    row = {"client": cast.karel, "organisation": cast.ngo, "due_on": cast.today, "state": PromptState.OPEN}
    with pytest.raises(IntegrityError), db.writing():
        Prompt.create(milestone=3, **row)
    with db.writing():
        Prompt.create(milestone=3, **{**row, "state": PromptState.PLANNED})


def test_eight_jobs_at_once_open_one(app, cast):
    with db.writing():
        Prompt.update(state=PromptState.PLANNED).where(Prompt.client == cast.karel).execute()
        for organisation in (cast.ngo, cast.probation):
            Membership.create(client=cast.karel, organisation=organisation, since_on=clock.today(), ground="own")
            Prompt.create(client=cast.karel, organisation=organisation, milestone=30, due_on=cast.today)
    gate, broken = threading.Barrier(8), []

    def run():
        with app.app_context():
            gate.wait()
            try:
                feedback.open_due()
            except Exception as error:
                broken.append(error)
            finally:
                db.database.close()
    threads = [threading.Thread(target=run) for _number in range(8)]
    [each.start() for each in threads], [each.join() for each in threads]
    assert not broken
    assert Prompt.select().where(Prompt.client == cast.karel, Prompt.state == PromptState.OPEN).count() == 1
