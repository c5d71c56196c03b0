"""Forms of working groups sent twice: each writes one row."""
from models import AgendaItem, GroupTask, Meeting, WorkingGroup
from services.groups import founding, meetings
from tests.test_groups import DAY, TODAY, page_of, plan


def test_two_clicks_found_plan_put_and_give_one(cast, sign_in):
    group = founding.found(cast.kora, "Středočeská skupina", "", "CZ020")
    founding.add(cast.kora, group.public_id, cast.nela.email)
    meeting = meetings.plan(cast.kora, group.public_id, plan(day=TODAY))
    kora = sign_in("kora")
    day = str(TODAY + 5 * DAY)
    for page, form, model in (
            ("/groups/found", {"name": "Bydlení", "region": "", "about": ""}, WorkingGroup),
            (f"/meetings/plan/{group.public_id}", {"title": "Zimní", "day": day, "starts": "9:00", "ends": "10:00",
                                                   "place": "úřad", "link": ""}, Meeting),
            (f"{page_of(meeting)}/topics", {"title": "Byty", "who": "", "minutes_planned": "", "note": ""}, AgendaItem),
            (f"{page_of(meeting)}/tasks", {"what": "Najít byt", "owner": cast.nela.public_id, "due_on": day},
             GroupTask)):
        assert kora.post(page, form, page=page).status == 303, page
        before = model.select().count()
        assert kora.post(page, form, page=page).status == 303 and model.select().count() == before, page
