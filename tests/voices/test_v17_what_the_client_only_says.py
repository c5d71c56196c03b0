"""V17: some claim in prison that housing and work are arranged; once free they have nothing."""
import clock
from models import Task, TaskKind
from services import plans
from tests.support.acts import file_of, fills_sheet, gives, leaves_in

BED = "Má slíbené lůžko na ubytovně."


def test_v17_thirty_days_before_release_it_becomes_the_curators_task_and_then_stands_who_confirmed_it(cast, sign_in):
    leaves_in(cast.karel, 31)
    pavel, kamila, plan = sign_in("pavel"), sign_in("kamila"), f"{file_of(cast.karel)}/plan"
    fills_sheet(pavel, cast.karel, "before_release", housing=BED)
    gives(sign_in("karel"), cast, cast.municipality, "plan")
    assert "říká klient" in pavel.get(plan).text and plans.remind_due() == 0
    leaves_in(cast.karel, 30)
    assert plans.remind_due() == 1 and plans.remind_due() == 0
    task = Task.get(Task.kind == TaskKind.CONFIRM_FACT)
    assert (task.organisation, task.owner) == (cast.municipality, cast.kamila)
    assert "zjistit, jestli to tak je" in kamila.get("/").text and BED in kamila.get(plan).text
    pavel.get(plan)
    confirmed = next(form["action"] for form in pavel.last.page.all("form") if "/confirmed" in form["action"])
    assert pavel.send(confirmed).status == 303
    assert f"potvrzeno {cast.prison.name}, 23. 11. 2026" in kamila.get(plan).text.replace("\xa0", " ")
    assert clock.today() == cast.today


def test_v17_without_a_word_of_the_client_the_task_is_the_writers_own(cast, sign_in):
    leaves_in(cast.karel, 20)
    fills_sheet(sign_in("pavel"), cast.karel, "before_release", work="Má slíbenou práci.")
    assert plans.remind_due() == 1
    task = Task.get(Task.kind == TaskKind.CONFIRM_FACT)
    assert (task.organisation, task.owner) == (cast.prison, cast.pavel)
