"""V57: we learn from the client only and want nothing from others: then nothing comes, even where a consent would
allow it."""
from tests.support import consent_world as world
from tests.test_consents import agree, file_of, prepare


def test_v57_an_organisation_that_wants_no_foreign_notes_gets_none(sign_in, cast):
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "follow_up", "authority_records", "identity"))
    before = world.seen_on(sign_in("nela").get(file_of(cast.karel)))
    assert set(world.NOTES.values()) <= before
    says_so(sign_in("nela"), cast, "1")
    after = world.seen_on(sign_in("nela").get(file_of(cast.karel)))
    assert after == {"page", world.NAME}, "who Karel is comes from Karel"
    says_so(sign_in("nela"), cast, "0")
    assert world.seen_on(sign_in("nela").get(file_of(cast.karel))) == before


def says_so(lead, cast, only):
    """The switch on the organisation's own page."""
    page = f"/book/{cast.ngo.public_id}"
    lead.get(page)
    assert lead.send(f"{page}/only-clients-words", only=only).status == 303


def test_v57_others_read_it_on_the_page_and_only_its_lead_says_it(sign_in, cast):
    says_so(sign_in("nela"), cast, "1")
    page = f"/book/{cast.ngo.public_id}"
    assert "pracuje jen s tím, co řekne klient" in sign_in("petra").get(page).text
    for who in ("nora", "petra", "kora"):
        browser = sign_in(who)
        assert "/only-clients-words" not in browser.get(page).html
        assert browser.post(f"{page}/only-clients-words", {"only": "0"}).status == 404
