"""V32: which area does a service cover? A service for the district of Třebíč is found for Třebíč, not for Kolín."""
import db
from models import Confidence, District, Organisation, Region, Service
from services import records, search_index
from text import fold


def test_v32_a_service_is_found_in_the_district_it_covers_and_not_elsewhere(cast, sign_in):
    with db.writing():
        Region.create(code="CZ063", name="Kraj Vysočina", name_en="Vysočina", seat="Jihlava")
        for code, name, region in (("CZ0634", "Třebíč", "CZ063"), ("CZ0204", "Kolín", "CZ020")):
            District.create(code=code, name=name, fold=fold(name), region=region)
        service = records.add(cast.nela, Service, cast.ngo, {"name": "Doprovázení"}, "form", slug="doprovazeni",
                              confidence=Confidence.CONFIRMED)
        Organisation.update(city="Ukázkov").where(Organisation.id == cast.ngo.id).execute()
        search_index.reindex(cast.ngo.id)
    path = f"/book/service/{service.public_id}/edit/coverage"
    assert sign_in("nela").send(path, page=path, districts="Třebíč").status == 303

    petra = sign_in("petra")
    page = petra.get(f"/book/{cast.ngo.public_id}")
    assert "pomáhá v: Třebíč" in page.text
    assert "Doprovázení" in petra.get("/book?q=doprovazeni+trebic").text
    assert "Doprovázení" not in found(petra, "doprovazeni kolin")


def found(person, words):
    """The lines that have all the words, without those that are only near."""
    page = person.get(f"/book?q={words.replace(' ', '+')}")
    return "" if "nejblíž" in page.text else page.text
