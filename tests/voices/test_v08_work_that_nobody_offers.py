"""V08: not enough job offers: how many people lacked work in a region stands beside what there is, rounded."""
from datetime import UTC, datetime

import db
from models import ReferralReason, ReferralState
from services import search_index
from services.coverage import unmet
from tests.test_coverage_regions import service
from tests.test_unmet import _referred

ADDRESSES = {"/coverage/region?region=CZ020&need=work", "/coverage/region?need=work&region=CZ020"}


def test_v08_unmet_needs_of_work_are_counted_beside_what_there_is(cast, sign_in):
    with db.writing():
        service(cast.ngo, "Pracovní poradna", ["work"], ["CZ020"])
        search_index.rebuild()
        for _number in range(9):
            _referred(cast, ReferralState.UNANSWERED, ReferralReason.OTHER, datetime(2026, 10, 9, tzinfo=UTC), "work")
    unmet.freeze()
    page = sign_in("parta").get("/coverage/unmet").page
    line = next(link for link in page.all("a") if link["href"] in ADDRESSES).within("tr")
    assert line.text.startswith("práce 10") and "1 málo" in line.text
