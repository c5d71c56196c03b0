"""V44: a new organisation waits for the next meeting of its region; after it, the minutes lead to its record."""
from datetime import time, timedelta

import clock
import db
from models import AgendaItem, AgendaKind, Meeting, Organisation, OrganisationState
from services.groups import founding, meetings
from tests.support import cast as the_cast


def test_v44_a_new_organisation_is_introduced_and_the_minutes_lead_to_it(cast, sign_in, travel):
    group = founding.found(cast.kora, "Středočeská skupina", "", "CZ020")
    founding.add(cast.kora, group.public_id, cast.nela.email)
    with db.writing():
        Organisation.update(state=OrganisationState.PROPOSED, verified_at=None).where(
            Organisation.id == cast.other_ngo.id).execute()
    travel.shift(86400)
    kora = sign_in("kora")
    book = f"/book/{cast.other_ngo.public_id}"
    assert kora.send(f"{book}/verify", page=f"{book}/verify").status == 303

    day = the_cast.TODAY + timedelta(days=1)
    meeting = meetings.plan(cast.kora, group.public_id, meetings.Plan("", day, time(8), time(10), "Krajský úřad", ""))
    path = f"/meetings/{meeting.public_id}"
    assert cast.other_ngo.name in sign_in("nela").get(path).text  # in the queue without anybody's hand
    assert kora.send(f"{path}/introduced/{cast.other_ngo.public_id}", page=path, done="yes").status == 303

    item = AgendaItem.get(AgendaItem.meeting == meeting, AgendaItem.kind == AgendaKind.NEW_ORGANISATIONS)
    write = f"/meetings/items/{item.public_id}/minutes"
    assert kora.send(write, page=write, text="Představili se.").status == 303
    for step in ("send", "approve"):
        assert kora.send(f"{path}/{step}", page=path).status == 303
    assert f'href="{book}"' in sign_in("nela").get(f"{path}/versions/1").html

    travel.shift(86400)
    later = meetings.plan(cast.kora, group.public_id, meetings.Plan(
        "", day + timedelta(days=1), time(8), time(10), "Krajský úřad", ""))
    assert cast.other_ngo.name not in sign_in("nela").get(f"/meetings/{later.public_id}").text
    assert Meeting.get_by_id(later.id).starts_at <= clock.now()
