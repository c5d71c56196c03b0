"""V50: somebody looks for therapy in a region for a client without papers, and leaves with a printed sheet of three."""
import pytest

import db
from models import Confidence, Organisation, Service, ServiceNeed, ServiceRegion
from services import search_index
from text import sort_key

NAMES = ("Skupinová terapie", "Terapie pro rodiny", "Párová terapie")


@pytest.fixture
def therapies(cast):
    with db.writing():
        Organisation.update(phone="+420777123456").where(Organisation.id == cast.ngo).execute()
        for name in NAMES:
            row = Service.create(organisation=cast.ngo, slug=sort_key(name), name=name, sort=sort_key(name),
                                 conditions="lze bez občanky", plain=f"{name}: přijďte, jak jste.", published=True,
                                 confidence=Confidence.VERIFIED)
            ServiceNeed.create(service=row, need="mental_health")
            ServiceRegion.create(service=row, region="CZ020")
        search_index.reindex(cast.ngo.id)


@pytest.mark.parametrize("who", ["pavel", "petra", "kamila"])
def test_v50_from_a_need_to_a_printed_sheet(therapies, sign_in, who):
    worker = sign_in(who)
    found = worker.get("/book?q=terapie bez občanky&region=CZ020")
    records = [button["value"] for button in found.page.all("button") if button["name"] == "record"]
    assert len(records) >= 3
    assert all(name in found.text for name in NAMES)
    for record in records[:3]:
        assert worker.post("/leaflet/add", {"record": record}).status == 303
    worker.get("/leaflet")
    sheet = worker.send("/leaflet/sheet", greeting="Vybrali jsme spolu:")
    assert sheet.heading == "Kdo vám pomůže"
    assert sorted(heading.text for heading in sheet.page.all("h2")) == sorted(NAMES)
    assert sheet.text.replace("\xa0", " ").count("+420 777 123 456") == 3
    assert len(sheet.page.with_class("leaflet__code")) == 3
