"""V45: all places where an organisation works: its page lists prisons with their validity, and districts."""
from datetime import timedelta

import db
from models import Confidence, District, Service
from services import records, search_index
from text import fold


def test_v45_the_page_lists_prisons_with_validity_and_districts(cast, sign_in, travel):
    with db.writing():
        District.create(code="CZ0204", name="Kolín", fold=fold("Kolín"), region="CZ020")
        records.add(cast.nela, Service, cast.ngo, {"name": "Poradna", "districts": ["CZ0204"]}, "form",
                    slug="poradna", confidence=Confidence.CONFIRMED)
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/prison_work"
    for prison, until in ((cast.prison, ""), (cast.other_prison, (cast.today + timedelta(days=3)).isoformat())):
        assert nela.send(add, page=add, prison=prison.public_id, activity="Poradna", until_on=until).status == 303
    page = sign_in("petra").get(f"/book/{cast.ngo.public_id}").text.replace("\u00a0", " ")
    assert cast.prison.name in page and cast.other_prison.name in page and "do 26. 11. 2026" in page
    assert "Kolín" in page
    links = [link["href"] for link in sign_in("petra").get(f"/book/{cast.ngo.public_id}").page.all("a")]
    for asked in ("district=CZ0204", "prison=prison", "prison=other-prison"):
        address = next(each for each in links if each.endswith(f"?{asked}"))
        assert cast.ngo.name in sign_in("petra").get(address).text, asked
    assert "Poradna" in sign_in("petra").get("/book?q=poradna&prison=prison").text

    travel.move_to(cast.now + timedelta(days=4))
    page = sign_in("petra").get(f"/book/{cast.ngo.public_id}").html
    ended = page.index("1 ukončená činnost")
    assert page.index(f">{cast.prison.name}</a>") < ended < page.index(f">{cast.other_prison.name}</a>")
    search_index.reindex_ended()  # by night
    assert "Poradna" not in works_found(sign_in("petra"), "other-prison")


def works_found(person, prison):
    page = person.get(f"/book?q=poradna&prison={prison}")
    return " ".join(each.text for each in page.page.with_class("row__title") if not each.text.endswith("skončilo"))
