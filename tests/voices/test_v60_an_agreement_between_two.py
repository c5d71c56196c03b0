"""V60: an agreement regulates the handover between two: with number and dates, and after its end it is closed."""
import pytest

from models import Agreement
from tests.support import consent_world as world
from tests.test_consents import file_of
from tests.test_grounds import register


@pytest.mark.parametrize("ends", ["by time", "by hand"])
def test_v60_the_agreement_stands_on_the_file_until_its_end(sign_in, cast, travel, ends):
    world.build(cast)
    kora = sign_in("kora")
    assert register(kora, cast.prison, cast.municipality, until_on="2026-12-31").status == 303
    page, number = sign_in("kamila").get(file_of(cast.karel)), Agreement.get().number
    assert world.NOTES["pavel"] in page.text and number in page.text and "31. 12. 2026" in page.text
    assert world.NOTES["kamila"] not in sign_in("pavel").get(file_of(cast.karel)).text, "it goes one way"
    if ends == "by time":
        travel.shift(39 * 86_400)
    else:
        path = f"/agreements/{Agreement.get().public_id}/end"
        kora.post(path, {}, page=path)
    after = sign_in("kamila").get(file_of(cast.karel))
    assert world.seen_on(after) == world.Remembered().may_see("kamila") and number not in after.text
