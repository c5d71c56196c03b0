"""V33, of visits: what one prison has cleared is visible to another with its day, and lets nobody in there."""
from datetime import timedelta

import clock
import db
from models import Clearance, ClearanceState, PrisonProfile
from services import visitors
from services.visitors import Event
from tests.support.visits import asked


def test_v33_a_clearance_of_one_prison_is_information_for_another(sign_in, cast):
    with db.writing():
        PrisonProfile.update(clearance_months=12).where(PrisonProfile.organisation == cast.prison).execute()
        PrisonProfile.create(organisation=cast.other_prison, type="prison", clearance_months=6)
    booking = asked(cast.nela, cast.prison)  # an uncleared visitor chosen: clearance is asked for in the same form
    assert Clearance.get().state is ClearanceState.ASKED
    pavel = sign_in("pavel")
    assert "Nela Nová" in pavel.get("/visitors").text
    visitors.decide(cast.pavel, Clearance.get().public_id, Event.CLEAR, clock.today() + timedelta(days=200))
    assert visitors.all_cleared(booking)
    visitors.ask(cast.nela, Clearance.get().visitor.public_id, cast.other_prison.public_id)
    other = Clearance.get(Clearance.prison == cast.other_prison)
    for address in ("/visitors", f"/visitors/clearance/{other.public_id}/clear"):
        text = sign_in("strange_prison").get(address).text.replace("\xa0", " ")
        assert "Horní Lhota: vstup povolen do 11. 6. 2027" in text
    assert other.state is ClearanceState.ASKED
