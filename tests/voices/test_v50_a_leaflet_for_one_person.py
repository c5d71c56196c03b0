"""V50: somebody looks for therapy in a region for a client without papers, and leaves with a printed sheet of three."""
from datetime import timedelta

import pytest

import clock
import db
from models import (
    Confidence,
    District,
    Fit,
    Organisation,
    PrisonWork,
    Region,
    Service,
    ServiceCondition,
    ServiceDistrict,
    ServiceGroup,
    ServiceNeed,
    ServiceRegion,
)
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


@pytest.fixture
def many(cast):
    """Services of therapy that fit a person without papers in Central Bohemia, each in its own way."""
    with db.writing():
        Region.create(code="CZ063", name="Kraj Vysočina", name_en="Vysočina", seat="Jihlava")
        District.create(code="CZ0204", name="Kolín", fold="kolin", region="CZ020")
        fits = _therapy(cast.ngo, "Terapie pro každého", "CZ020", Fit.FOR)
        ServiceNeed.create(service=fits, need="housing")
        ServiceCondition.create(service=fits, text="pohovor", when="before", waivable=True)
        _therapy(cast.ngo, "Terapie bez potvrzení", "CZ020", None)
        _therapy(cast.ngo, "Terapie s průkazem", "CZ020", Fit.NOT_FOR)
        _therapy(cast.ngo, "Terapie jen s průkazem", "CZ020", Fit.NEVER)
        _therapy(cast.other_ngo, "Terapie na Vysočině", "CZ063", Fit.FOR)
        district = _therapy(cast.other_ngo, "Terapie v Kolíně", None, Fit.FOR)
        ServiceDistrict.create(service=district, district="CZ0204")
        row = Service.create(organisation=cast.ngo, slug="jinak", name="Dluhy", sort="d", confidence="verified")
        ServiceNeed.create(service=row, need="financial_security")
        PrisonWork.create(slug="work", organisation=cast.ngo, prison=cast.prison, activity="Skupina",
                          areas="psychiatric", confidence=Confidence.VERIFIED)
        search_index.rebuild()


def _therapy(organisation, name, region, fit):
    row = Service.create(organisation=organisation, slug=sort_key(name), name=name, sort=sort_key(name),
                         languages="cs", confidence=Confidence.VERIFIED)
    ServiceNeed.create(service=row, need="mental_health")
    if region:
        ServiceRegion.create(service=row, region=region)
    if fit:
        ServiceGroup.create(service=row, group="without_papers", fit=fit)
    return row


ASKED = "need=mental_health&region=CZ020&group=without_papers"


def test_v50_what_does_not_fit_is_named(many, sign_in):
    found = sign_in("petra").get(f"/book/for-one-person?{ASKED}")
    rows = [row.text for row in found.page.with_class("row")]
    order = [next(number for number, row in enumerate(rows) if row.startswith(name)) for name in (
        "Terapie bez potvrzení", "Terapie na Vysočině", "Terapie s průkazem", "Terapie jen s průkazem")]
    assert order == sorted(order) and rows[-1].startswith("Terapie jen s průkazem")
    assert {row.split(" vyhovuje")[0] for row in rows[:2]} == {"Terapie pro každého", "Terapie v Kolíně"}
    said = dict(zip(("unknown", "place", "not", "never"), [rows[number] for number in order], strict=True))
    assert "Není známo, zeptejte se: zda je pro: lidé bez dokladů" in said["unknown"]
    assert "Nevyhovuje: nepomáhá v: Středočeský kraj" in said["place"]
    assert "Nevyhovuje: není pro: lidé bez dokladů" in said["not"]
    assert "Nevyhovuje: nikdy nebere: lidé bez dokladů" in said["never"] and "odmítá" in said["never"]
    assert "Požaduje: pohovor (lze splnit ve vězení) (lze prominout)" in found.text
    assert "Dluhy" not in " ".join(rows) and "6 služeb" in found.text and "2 vyhovují ve všem" in found.text


def test_v50_several_needs_a_prison_a_district_and_a_language(many, sign_in):
    found = sign_in("petra").get("/book/for-one-person?need=housing&need=mental_health&prison=prison&district=CZ0204"
                                 "&language=uk&when=before&free=yes")
    rows = [row.text for row in found.page.with_class("row")]
    assert rows[0].startswith("Terapie pro každého")
    assert "Vyhovuje: bydlení, duševní zdraví; pomáhá v: Kolín; dochází do: Ukázková věznice Horní Lhota" in rows[0]
    assert "nemluví: ukrajinština" in rows[0] and "zda pomáhá před propuštěním; zda má volné místo" in rows[0]
    kolin = next(row for row in rows if row.startswith("Terapie v Kolíně"))
    assert "nepomáhá s: bydlení; nedochází do: Ukázková věznice Horní Lhota" in kolin


@pytest.mark.parametrize(("said", "sentence"), [
    ({"places_free": 0}, "Nevyhovuje: nemá volné místo"), ({"capacity_state": "full"}, "Nevyhovuje: nemá volné místo"),
    ({"places_free": 2}, "Vyhovuje: duševní zdraví; má volné místo"),
    ({"places_free": 0, "places_on": clock.today() - timedelta(days=60)}, "zda má volné místo")])
def test_v50_a_full_service_does_not_fit_who_needs_a_place_now(therapies, cast, sign_in, said, sentence):
    with db.writing():
        Service.update(**{"places_on": clock.today(), **said}).where(Service.name == NAMES[0]).execute()
        search_index.reindex(cast.ngo.id)
    found = sign_in("petra").get("/book/for-one-person?need=mental_health&free=yes")
    assert sentence in next(row.text for row in found.page.with_class("row") if row.text.startswith(NAMES[0]))


def test_v50_the_search_leads_there_and_on_to_the_leaflet(many, sign_in, cast):
    petra = sign_in("petra")
    address = next(link["href"] for link in petra.get("/book").page.all("a") if "one-person" in (link["href"] or ""))
    assert not petra.get(address).page.with_class("row")
    found = petra.get(f"{address}?{ASKED}")
    assert found.page.values(found.page.form("/book/for-one-person"))["region"] == ["CZ020"]
    record = next(button["value"] for button in found.page.all("button") if button["name"] == "record")
    assert petra.post("/leaflet/add", {"record": record}).status == 303
    assert "Terapie" in petra.get("/leaflet").text


@pytest.mark.parametrize("query", ["need=gold&group=x&region=%00&district=nic&page=99999999", "region=CZ999&free=no",
                                   "group=women", "free=yes", "prison=prison&page=7", "need=work"])
def test_v50_whatever_is_asked_has_an_answer(many, sign_in, query):
    assert sign_in("petra").get(f"/book/for-one-person?{query}").status == 200
