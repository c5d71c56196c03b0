"""V57: we learn from the client only and want nothing from others: then nothing comes, even where a consent would
allow it."""
import db
from models import Organisation
from tests.support import consent_world as world
from tests.test_consents import agree, file_of, prepare


def test_v57_an_organisation_that_wants_no_foreign_notes_gets_none(sign_in, cast):
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "follow_up", "authority_records", "identity"))
    before = world.seen_on(sign_in("nela").get(file_of(cast.karel)))
    assert set(world.NOTES.values()) <= before
    with db.writing():
        Organisation.update(only_clients_words=True).where(Organisation.id == cast.ngo.id).execute()
    after = world.seen_on(sign_in("nela").get(file_of(cast.karel)))
    assert after == {"page", world.NAME}, "who Karel is comes from Karel"
