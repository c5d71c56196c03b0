"""V55: we must not tell, others must; so the sheet says for each pair who may read what, and on which ground."""
import pytest

from tests.support import consent_world as world
from tests.test_consents import agree, file_of, prepare
from tests.test_grounds import register


def cells(page) -> dict:
    """(whose record, who reads) -> what it takes, as words."""
    table = page.page.all("table")[0]
    readers = [each.text.lower() for each in page.page.inside(table, "th") if each["scope"] == "col"][1:]
    owners = [each.text.lower() for each in page.page.inside(table, "th") if each["scope"] == "row"]
    words = [each.text for each in page.page.inside(table, "td")]
    pairs = [(owner, reader) for owner in owners for reader in readers]
    return dict(zip(pairs, words, strict=True))


@pytest.mark.parametrize("name", ["kamila", "nela", "pavel", None])
def test_v55_the_sheet_says_for_each_pair_on_which_ground(sign_in, name):
    found = cells(sign_in(name).get("/who-may-see-what"))
    assert len(found) == 16 and all(found.values())
    more = {pair for pair, words in found.items() if words != "se souhlasem nebo podle dohody"}
    assert len(more) == 2 and {reader for _owner, reader in more} == {"nezisková organizace"}, found
    assert all("úřad" in found[pair] or "souhlas" in found[pair] for pair in more)


def test_v55_what_is_closed_says_that_the_client_did_not_agree(sign_in, cast):
    world.build(cast)
    karel = sign_in("karel")
    agree(karel, prepare(karel, cast, "follow_up"))
    page = sign_in("nela").get(file_of(cast.karel))
    assert world.NOTES["kamila"] not in page.text, "what an office wrote takes a consent that names it"
    assert "Klient k ní nedal souhlas" in page.text


def test_v55_between_an_office_and_an_ngo_no_agreement_is_offered_in_the_client_s_place(sign_in, cast):
    answer = register(sign_in("kora"), cast.municipality, cast.ngo)
    assert answer.status == 422 and "klient" in answer.text
