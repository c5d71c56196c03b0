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


def test_v08_an_offer_is_found_and_printed_and_is_gone_from_both_after_its_last_day(cast, sign_in, travel):
    parta, add = sign_in("parta"), f"/book/{cast.labour_office.public_id}/add/job_offer"
    offer = {"title": "Zedník na stavbu", "region": "CZ020", "place": "Ukázkov", "pay": "200 Kč na hodinu",
             "text": "Stavba silnice.", "contact": "volejte stavbyvedoucímu", "until_on": cast.today.isoformat()}
    assert parta.send(add, page=add, **offer).status == 303

    petra = sign_in("petra")
    found = petra.get("/book?q=prace+zednik&region=CZ020")
    assert "Zedník na stavbu" in found.text and "nabídka práce" in found.text and "do 23. 11. 2026" in clear(found)
    record = next(button["value"] for button in found.page.all("button") if button["name"] == "record")
    assert petra.post("/leaflet/add", {"record": record}).status == 303
    assert "Zedník na stavbu" in petra.get("/leaflet").text
    sheet = clear(petra.send("/leaflet/sheet", page="/leaflet"))
    for said in ("Zedník na stavbu", "Stavba silnice.", "200 Kč na hodinu", "volejte stavbyvedoucímu",
                 "do 23. 11. 2026", cast.labour_office.name, "Ukázkov"):
        assert said in sheet

    travel.move_to(cast.now + timedelta(days=1))
    petra = sign_in("petra")
    assert "Zedník na stavbu" not in petra.get("/book?q=zednik").text
    assert "Skončilo to, proto se to netiskne" in petra.get("/leaflet").text
    sheet = petra.send("/leaflet/sheet", page="/leaflet")
    assert sheet.status == 422 and "Kdo vám pomůže" not in sheet.text
    assert petra.post("/leaflet/add", {"record": record}).status == 404


def clear(answer) -> str:
    return answer.text.replace("\u00a0", " ")
