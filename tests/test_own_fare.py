"""How am I: the client answers in their own app, without a link and without a second PIN; copies fit a small phone."""
from datetime import timedelta

import db
from models import FollowUp, Need, NeedState, Prompt, PromptState, Task, TaskKind
from tests.test_feedback import told

PAGE = "/me/how-am-i"


def test_karel_says_in_his_app_how_he_is_once(sign_in, cast):
    karel = sign_in("karel")
    assert "Jak se mi daří" in karel.get("/me/overview").text
    page = karel.get(PAGE)
    assert "PIN" not in page.html and "Co ještě chcete říct?" in page.text
    answer = karel.send(PAGE, answer="send", said="Chybí mi práce.", **told("housing", NeedState.MET))
    assert answer.status == 303
    row = FollowUp.get(FollowUp.by_client == True)  # noqa: E712
    assert (row.client, row.author) == (cast.karel, cast.karel_user) and Prompt.get_by_id(row.prompt_id).state is \
        PromptState.ANSWERED
    assert Task.select().where(Task.kind == TaskKind.ANSWERED).count() == 1
    assert "Chybí mi práce." in sign_in("kamila").get(f"/clients/{cast.karel.public_id}").text
    again = karel.get(PAGE)
    assert "Teď se vás nikdo neptá" in again.text and "Chybí mi práce." in again.text, "what he said last time"
    assert karel.post(PAGE, {"answer": "send", "request_key": "x"}).status == 422
    assert FollowUp.select().where(FollowUp.by_client == True).count() == 1  # noqa: E712


def test_help_now_reaches_a_named_person(sign_in, cast):
    answer = sign_in("karel").send(PAGE, page=PAGE, answer="send", needs_help="y")
    assert answer.status == 303
    assert Task.get(Task.kind == TaskKind.HELP_NOW).owner == cast.kamila


def test_he_may_say_no_and_nobody_asks(sign_in, cast):
    karel = sign_in("karel")
    assert karel.send(PAGE, page=PAGE, answer="decline").status == 303
    assert cast.prompt.state is PromptState.DECLINED and "Teď se vás nikdo neptá" in karel.get(PAGE).text


def test_he_answers_his_own_only(sign_in, cast):
    with db.writing():
        Prompt.update(state=PromptState.PLANNED, due_on=cast.today + timedelta(days=9)).where(
            Prompt.client == cast.karel).execute()
    karel = sign_in("karel")
    assert "Teď se vás nikdo neptá" in karel.get(PAGE).text
    assert karel.post(PAGE, {"answer": "send", "request_key": "x", **told(Need.HOUSING, NeedState.MET)}).status == 422
    assert Prompt.get(Prompt.client == cast.cyril).state is PromptState.OPEN
    assert not FollowUp.select().where(FollowUp.by_client == True).exists()  # noqa: E712
