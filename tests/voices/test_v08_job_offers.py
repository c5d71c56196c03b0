"""V08: not enough job offers. An offer is listed for its region, and on its end it disappears by itself."""
from datetime import timedelta


def test_v08_an_offer_is_listed_for_its_region_and_disappears_after_its_last_day(cast, sign_in, travel):
    parta, add = sign_in("parta"), f"/book/{cast.labour_office.public_id}/add/job_offer"
    past = (cast.today - timedelta(days=1)).isoformat()
    offer = {"title": "Zedník na stavbu", "region": "CZ020", "contact": "volejte stavbyvedoucímu",
             "conditions": "záznam v rejstříku nevadí"}
    assert parta.send(add, page=add, **offer, until_on=past).status == 422
    assert parta.send(add, page=add, **offer, until_on=cast.today.isoformat()).status == 303

    for path in ("/book/jobs?region=CZ020", "/book/jobs", f"/book/{cast.labour_office.public_id}"):
        text = sign_in("petra").get(path).text
        assert "Zedník na stavbu" in text and "záznam v rejstříku nevadí" in text
    assert "Zedník na stavbu" not in sign_in("petra").get("/book/jobs?region=CZ010").text
    travel.move_to(cast.now + timedelta(days=1))
    for path in ("/book/jobs?region=CZ020", "/book/jobs", f"/book/{cast.labour_office.public_id}"):
        assert "Zedník na stavbu" not in sign_in("petra").get(path).text
