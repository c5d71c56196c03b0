"""V14: an organisation books the day of offers, clients sign up on paper, the staff enters 14 codes, each becomes a
task for whoever works with the client."""
import clock
from models import Booking, JointDayClient, Journal, Task, TaskKind
from services import slots
from tests.support import joint_days


def test_v14_from_the_day_to_the_follow_up(sign_in, cast, travel):
    pavel = sign_in("pavel")
    day = joint_days.make(pavel, cast)
    window = day.window
    nela = sign_in("nela")
    request = f"/visits/request/{cast.prison.public_id}"
    link = next(link for link in nela.get(request).page.all("a") if "Nabídkový den" in link.text)
    details = f"{request}/details"
    nela.get(link["href"])
    nela.send(details, purpose="nabídka dluhové poradny", colleagues=cast.nela.public_id)
    answer = nela.send(details, step="send")
    assert answer.status == 303, answer.text
    assert "Čeká na vás" in pavel.get("/").text
    booking = Booking.get()
    assert booking.joint_day == day
    assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 303

    codes = [client.code for client in joint_days.clients(cast, 14)]
    address = f"/joint-days/{day.public_id}"
    assert "Návrat" in pavel.get(address).text
    answer = pavel.send(f"{address}/clients", codes=f"{codes[0].lower()} {codes[1]}, XXXXXX\n" + "\n".join(codes[2:]))
    assert answer.status == 422  # thirteen and one: the bad code is named, the good ones are kept
    assert "XXXXXX: to není kód" in answer.page.id("codes-error").text and "Zapsáno 14 klientů" in answer.text
    assert [field.text for field in answer.page.all("textarea")] == ["XXXXXX"]
    assert JointDayClient.select().count() == 14
    assert Journal.select().where(Journal.what == "joint_day.sign_up").count() == 14

    tasks = list(Task.select().where(Task.kind == TaskKind.AFTER_JOINT_DAY))
    assert len(tasks) == 14 and {task.owner_id for task in tasks} == {cast.pavel.id}
    assert {task.due_on for task in tasks} == {slots.working_days_after(window.valid_from, 5)}
    today = pavel.get("/")
    assert "14 úkolů" in today.text and f"{codes[0]} · Nabídkový den" in today.text
    assert pavel.send(f"/tasks/{tasks[0].public_id}/done").status == 303  # one tap
    assert "13 úkolů" in pavel.get("/").text
    assert Task.get_by_id(tasks[0].id).done_by == cast.pavel and Task.get_by_id(tasks[0].id).done_at <= clock.now()
