"""V53: exchange with the prison's worker with the client's consent; one need, until a day, and it can be ended."""
from models import Consent, DeletionNotice
from tests.support import consent_world as world
from tests.test_consents import agree, file_of, prepare


def test_v53_the_prison_s_worker_sees_housing_and_nothing_else_until_karel_ends_it(sign_in, cast):
    world.build(cast)
    karel, worker = sign_in("karel"), sign_in("strange_prison")
    given = prepare(karel, cast, "follow_up", organisation=cast.other_prison.public_id, needs=["housing"],
                    until_on="2026-12-31")
    assert "31. 12. 2026" in given.text and "bydlení" in given.text
    agree(karel, given)
    page = worker.get(file_of(cast.karel))
    assert world.seen_on(page) == {"page", "Bydlení"}
    assert "31. 12. 2026" in page.text, "the ground and its last day"
    karel.send(f"{given.path}/end", page=f"{given.path}/end")
    after, stranger = worker.get(file_of(cast.karel)), sign_in("strange_ngo").get(file_of(cast.karel))
    assert (after.status, after.body) == (stranger.status, stranger.body) == (404, stranger.body)
    assert DeletionNotice.get().organisation_id == cast.other_prison.id
    assert Consent.get().number in worker.get("/consents").text


def test_v53_after_the_last_day_it_is_over_by_itself(sign_in, cast, travel):
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "follow_up", organisation=cast.other_prison.public_id, needs=["housing"],
                         until_on="2026-12-31"))
    travel.shift(38 * 86_400)
    assert sign_in("strange_prison").get(file_of(cast.karel)).status == 200, "on the thirty-first"
    travel.shift(86_400)
    assert sign_in("strange_prison").get(file_of(cast.karel)).status == 404
