"""Z3b: sport, culture, volunteering and work fill the time after treatment."""
import db
from models import Area, Need, PlanItem, ServiceArea
from services import search_index
from tests.support.acts import file_of, plan, service


def test_z3b_activities_are_an_area_of_services_and_stand_in_a_plan_with_who_offers_them(cast, sign_in):
    club = service(cast.ngo, "fotbal", Need.RELATIONSHIPS, published=True)
    kamila, found = sign_in("kamila"), f"/book?area={Area.ACTIVITIES}"
    assert cast.ngo.name not in kamila.get(found).text
    with db.writing():
        ServiceArea.create(service=club, area=Area.ACTIVITIES)
        search_index.reindex(cast.ngo.id)
    assert cast.ngo.name in kamila.get(found).text
    plan(kamila, cast.karel, need=Need.RELATIONSHIPS.value, what="Chodit v úterý na fotbal.", who=cast.ngo.public_id)
    assert PlanItem.get().who == cast.ngo
    sheet = kamila.get(f"{file_of(cast.karel)}/plan").text
    assert "Chodit v úterý na fotbal." in sheet and cast.ngo.name in sheet
