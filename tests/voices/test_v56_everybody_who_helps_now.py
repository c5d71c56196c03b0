"""V56: all could be shared among those who work with the client: the client names them, as they are at that moment."""
import db
from models import Consent, ConsentState, Membership
from tests.test_consents import file_of, prepare


def test_v56_who_comes_later_is_not_included_until_the_client_is_asked(sign_in, cast):
    karel = sign_in("karel")
    shown = prepare(karel, cast, "network", "visits", organisation="helpers")
    assert cast.prison.name in shown.text and cast.municipality.name in shown.text
    assert karel.send(shown.path, answer="yes").status == 303
    given = {row.recipient_id for row in Consent.select().where(Consent.state == ConsentState.ACTIVE)}
    assert given == {cast.prison.id, cast.municipality.id}
    with db.writing():
        Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nela, since_on=cast.today)
    assert cast.pavel.name in sign_in("kamila").get(file_of(cast.karel)).text, "the helpers see each other"
    late = sign_in("nela").get(file_of(cast.karel))
    assert late.status == 200 and cast.pavel.name not in late.text, "who came later sees their own tie only"
    again = prepare(karel, cast, "network", organisation="helpers")
    assert cast.ngo.name in again.text
    karel.send(again.path, answer="yes")
    assert cast.pavel.name in sign_in("nela").get(file_of(cast.karel)).text
