"""V63: client information is shared with their consent: every identified reading says which."""
import pytest

from models import Action, Consent, Journal
from tests.support.acts import file_of, gives


def test_v63_each_row_of_a_reading_has_its_ground_and_the_client_reads_it(sign_in, cast):
    karel = sign_in("karel")
    gives(karel, cast, cast.ngo, "identity", "follow_up")
    number = Consent.get().number
    assert "Karel Křehký" in sign_in("nela").get(file_of(cast.karel)).text
    sign_in("kamila").get(file_of(cast.karel))
    rows = list(Journal.select().where(Journal.action == Action.READ, Journal.what == "client.open"))
    assert {(row.actor.name, row.ground) for row in rows} == {
        (cast.nela.name, f"consent:{number}"), (cast.kamila.name, "own")}
    page = karel.get("/me/who-looked").text
    assert cast.nela.name in page and f"protože jste souhlasili ({number})" in page
    assert cast.kamila.name in page and "protože s vámi pracují" in page


@pytest.mark.parametrize("path", ["", "/plan", "/first-hours", "/timeline", "/course", "/rights", "/record"])
def test_v63_no_page_about_a_client_is_read_without_a_ground(sign_in, cast, path):
    before = Journal.select().count()
    assert sign_in("kamila").get(f"{file_of(cast.karel)}{path}").status == 200
    rows = list(Journal.select().where(Journal.id > before, Journal.client == cast.karel.id))
    assert rows and all(row.ground for row in rows), [(row.what, row.ground) for row in rows]
