"""V40: nobody manages the case of somebody in prison as a whole."""
import clock
import db
from models import Task, TaskKind
from tests.support.acts import file_of, gives, works_with


def test_v40_the_lead_goes_to_probation_at_release_history_shows_both_and_the_tasks_move(sign_in, cast):
    kamila, lead = sign_in("kamila"), f"{file_of(cast.karel)}/lead"
    works_with(cast.karel, cast.probation, cast.petra)
    assert kamila.post(lead, {"worker": cast.kamila.public_id}, page=lead).status == 303
    with db.writing():
        task = Task.create(organisation=cast.municipality, owner=cast.kamila, client=cast.karel,
                           kind=TaskKind.AFTER_JOINT_DAY, due_on=clock.today())
    assert cast.petra.name not in kamila.get(lead).text, "who else helps is told by the client"
    assert kamila.post(lead, {"worker": cast.petra.public_id}, page=lead).status == 422
    gives(sign_in("karel"), cast, cast.municipality, "network")
    assert kamila.post(lead, {"worker": cast.petra.public_id}, page=lead).status == 303
    shown = kamila.get(lead).text
    assert cast.kamila.name in shown and cast.petra.name in shown
    assert Task.get_by_id(task.id).owner == cast.petra
    assert cast.karel.code in sign_in("petra").get("/").text
    assert kamila.post(lead, {"worker": cast.kamila.public_id}, page=lead).status == 422, "not hers to give any more"
