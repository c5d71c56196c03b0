"""V11: housing for people with an addiction: no free place, people waiting, and how many lacked it, rounded."""
from datetime import UTC, datetime

import db
from models import ReferralReason, ReferralState, TargetGroup
from services import search_index
from services.coverage import unmet
from tests.test_coverage_regions import service
from tests.test_unmet import _referred


def test_v11_the_table_shows_no_free_place_and_a_small_unmet_need(cast, sign_in):
    with db.writing():
        service(cast.ngo, "Azylový dům", ["housing", "addiction"], ["CZ020"], groups=[TargetGroup.ADDICTION],
                places_free=0, waiting=4, places_on=cast.today, confirmed_on=cast.today)
        service(cast.other_ngo, "Byty", ["housing"], ["CZ020"], groups=[TargetGroup.ADDICTION], places_free=2,
                places_on=cast.today, confirmed_on=cast.today)
        search_index.rebuild()
        for _number in range(2):
            _referred(cast, ReferralState.WAITING, ReferralReason.CAPACITY, datetime(2026, 10, 9, tzinfo=UTC),
                      "housing")
    unmet.freeze()
    petra = sign_in("petra")
    found = petra.get("/book?need=housing&group=addiction&kind=service").text
    assert found.index("Byty") < found.index("Azylový dům") or "0 volných" in found
    cell = next(link for link in petra.get("/coverage/regions").page.all("a")
                if link["href"] == "/coverage/region?region=CZ020&need=housing").within("td")
    assert "nenaplněno: < 5" in cell.text.replace("\xa0", " ") and "volno 2" in cell.text.replace("\xa0", " ")
    one = petra.get("/coverage/region?region=CZ020&need=housing&group=addiction").text.replace("\xa0", " ")
    assert "< 5" in one and "0 volných míst" in one
