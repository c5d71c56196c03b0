"""The owner edits the book in its place; two who edit the same; everybody else proposes."""
import re
from datetime import timedelta

import pytest

import db
from models import (
    Confidence,
    ContactPerson,
    District,
    FactCheck,
    FactGroup,
    JobOffer,
    Location,
    Organisation,
    PrisonWork,
    RecordKind,
    SearchEntry,
    Service,
    ServiceCondition,
    TargetGroup,
)
from services import editing, records
from text import fold

ORGANISATION = "/book/organisation"


@pytest.fixture
def service(cast):
    with db.writing():
        District.create(code="CZ0634", name="Třebíč", fold=fold("Třebíč"), region="CZ020")
        return records.add(cast.nela, Service, cast.ngo, {"name": "Byty"}, "form", slug="byty",
                           confidence=Confidence.CONFIRMED)


def contact(cast):
    return f"{ORGANISATION}/{cast.ngo.public_id}/edit/contact"


@pytest.mark.parametrize("name", ["nela", "nora", "kora"])
def test_the_owner_and_the_coordinator_edit_at_its_place(cast, sign_in, name):
    person = sign_in(name)
    page = person.get(f"/book/{cast.ngo.public_id}")
    assert contact(cast) in page.html
    answer = person.send(contact(cast), page=contact(cast), phone="777123456", web="www.navrat.example")
    assert answer.status == 303
    assert (cast.ngo.phone, cast.ngo.web) == ("+420 777 123 456", "https://www.navrat.example")
    fact = FactCheck.get_or_none(organisation=cast.ngo, group=FactGroup.CONTACT)
    assert (fact.confirmed_by == cast.user(name) if name != "kora" else fact is None)
    history = person.get(f"{ORGANISATION}/{cast.ngo.public_id}/history")
    assert "+420 777 123 456" in history.text and cast.user(name).name in history.text


@pytest.mark.parametrize("name", ["pavel", "petra", "parta", "strange_ngo", "adam"])
def test_others_are_offered_a_correction_instead(cast, sign_in, name):
    person = sign_in(name)
    page = person.get(f"/book/{cast.ngo.public_id}")
    assert contact(cast) not in page.html and contact(cast).replace("/edit/", "/correct/") in page.html
    assert person.get(contact(cast)).status == 404
    assert person.post(contact(cast), {"phone": "777123456"}).status == 404
    assert cast.ngo.phone == ""


def test_a_block_is_swapped_for_its_form(cast, sign_in):
    nela = sign_in("nela")
    shown = nela.fragment(contact(cast))
    assert shown.status == 200 and "<h1" not in shown.html and 'hx-target="closest .edit-block"' in shown.html
    refused = nela.post(contact(cast), {"phone": "77", "version": "1"}, fragment=True)
    assert refused.status == 422 and "<h1" not in refused.html


@pytest.mark.parametrize(("part", "field", "typed", "sentence"), [
    ("contact", "phone", "volejte", "devět číslic"), ("contact", "email", "jana@", "Zadejte e-mail"),
    ("contact", "web", "ftp://navrat.example", "Zadejte adresu"), ("address", "postal_code", "1234", "Zadejte PSČ"),
    ("registration", "ico", "00212424", "poslední kontroluje ostatní"),
    ("basics", "name", "", "Zadejte jméno.")])
def test_what_is_wrong_is_said_beside_its_field_and_kept(cast, sign_in, part, field, typed, sentence):
    path = f"{ORGANISATION}/{cast.ngo.public_id}/edit/{part}"
    refused = sign_in("nela").send(path, page=path, **{field: typed})
    assert refused.status == 422
    error = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', refused.html, re.S)
    assert error and sentence in " ".join(error[1].split())
    assert typed in refused.page.values(refused.page.form(path))[field]


def test_a_service_in_all_its_parts(cast, sign_in, service):
    nela, base = sign_in("nela"), f"/book/service/{service.public_id}/edit"
    assert nela.send(f"{base}/service", page=f"{base}/service", areas=["accommodation"], languages=["cs", "uk"],
                     plain="Můžete u nás bydlet.", before_release="1", cost="zdarma").status == 303
    assert nela.send(f"{base}/whom", page=f"{base}/whom", for_whom="dospělí", group_women="never",
                     group_debts="for", published="y").status == 303
    assert nela.send(f"{base}/entry", page=f"{base}/entry", **{
        "entry-0-text": "pohovor", "entry-0-when": "before", "entry-1-text": "kauce", "entry-1-when": "after",
        "entry-1-waivable": "y"}).status == 303
    assert nela.send(f"{base}/capacity", page=f"{base}/capacity", capacity_state="waiting_list", places_free="0",
                     places_total="8", waiting="3").status == 303
    assert nela.send(f"{base}/coverage", page=f"{base}/coverage", districts="trebic",
                     municipalities="Ukázkov").status == 303
    row = Service.get_by_id(service.id)
    assert (row.languages, row.before_release, row.after_release, row.published) == ("cs;uk", True, None, True)
    assert row.places_on == cast.today
    assert [(each.text, each.when, each.waivable) for each in ServiceCondition.select().order_by(
        ServiceCondition.place)] == [("pohovor", "before", False), ("kauce", "after", True)]
    assert records.read(row, ["never_groups", "for_groups", "districts", "municipalities"]) == {
        "never_groups": [TargetGroup.WOMEN], "for_groups": [TargetGroup.DEBTS], "districts": ["CZ0634"],
        "municipalities": ["2101"]}
    text = sign_in("petra").get(f"/book/{cast.ngo.public_id}").text
    for said in ("pohovor", "lze splnit ve vězení", "lze prominout", "pořadník", "3 lidé čekají", "Třebíč",
                 "ukrajinština", "nikdy pro: ženy", "Můžete u nás bydlet."):
        assert said in text, said


@pytest.mark.parametrize(("part", "values", "field"), [
    ("capacity", {"places_free": "9", "places_total": "8"}, "places_free"),
    ("capacity", {"places_on": "2027-01-01"}, "places_on"),
    ("coverage", {"districts": "Třebíč, Nikdeříč"}, "districts"), ("whom", {"published": "y"}, "for_whom")])
def test_a_service_says_what_cannot_be(cast, sign_in, service, part, values, field):
    path = f"/book/service/{service.public_id}/edit/{part}"
    refused = sign_in("nela").send(path, page=path, **values)
    assert refused.status == 422 and f'id="{field}-error"' in refused.html


def test_two_who_edit_the_same_choose_field_by_field_and_nothing_is_lost(cast, sign_in):
    nela, nora, path = sign_in("nela"), sign_in("nora"), contact(cast)
    first, second = nela.get(path), nora.get(path)
    filled = {"phone": "777 111 111", "email": "nela@example.org"}
    assert nela.post(path, {**first.page.values(first.page.form(path)), **filled}).status == 303
    clash = nora.post(path, {**second.page.values(second.page.form(path)), "phone": "777 222 222",
                             "web": "www.nora.example"})
    assert clash.status == 422
    for said in ("+420 777 111 111", "+420 777 222 222", "Nela Nová", "nela@example.org", "https://www.nora.example"):
        assert said in clash.text, said
    assert cast.ngo.phone == "+420 777 111 111"
    values = clash.page.values(clash.page.form(path))
    assert values["keep-email"] == ["theirs"] and values["keep-web"] == ["mine"] and "keep-phone" not in values
    assert nora.post(path, values).status == 422  # nothing was chosen of the telephone
    assert cast.ngo.web == ""
    assert nora.post(path, {**values, "keep-phone": "mine"}).status == 303
    assert (cast.ngo.phone, cast.ngo.email, cast.ngo.web) == (
        "+420 777 222 222", "nela@example.org", "https://www.nora.example")
    history = nora.get(f"{ORGANISATION}/{cast.ngo.public_id}/history").text
    assert "+420 777 111 111" in history and "+420 777 222 222" in history


def test_two_who_edit_different_fields_do_not_meet(cast, sign_in):
    nela, nora = sign_in("nela"), sign_in("nora")
    path, address = contact(cast), f"{ORGANISATION}/{cast.ngo.public_id}/edit/address"
    first, second = nela.get(path), nora.get(address)
    assert nela.post(path, {**first.page.values(first.page.form(path)), "phone": "777111111"}).status == 303
    assert nora.post(address, {**second.page.values(second.page.form(address)), "city": "Ukázkov"}).status == 303
    assert (cast.ngo.phone, cast.ngo.city) == ("+420 777 111 111", "Ukázkov")


@pytest.mark.parametrize(("kind", "values", "model"), [
    ("service", {"name": "Poradna", "areas": ["debts"]}, Service),
    ("contact", {"name": "Jana Milá", "areas": ["debts"]}, ContactPerson),
    ("location", {"name": "Kontaktní místo", "street": "Ukázková 5"}, Location),
    ("job_offer", {"title": "Skladník", "contact": "volejte", "until_on": "2026-12-24"}, JobOffer)])
def test_the_owner_adds_and_ends(cast, sign_in, travel, kind, values, model):
    nela, page = sign_in("nela"), f"/book/{cast.ngo.public_id}"
    assert sign_in("pavel").get(f"{page}/add/{kind}").status == 404
    assert nela.send(f"{page}/add/{kind}", page=f"{page}/add/{kind}", **values).status == 303
    row = model.get(model.organisation == cast.ngo)
    shown = next(iter(value for name, value in values.items() if name in {"name", "title"}))
    assert shown in nela.get(page).text
    end = f"/book/{kind}/{row.public_id}/end"
    assert nela.send(end, page=end, on=cast.today.isoformat()).status == 303
    assert shown in nela.get(page).text
    travel.move_to(cast.now + timedelta(days=1))
    gone = sign_in("nela").get(page)
    if kind == "service":
        assert "skončilo" in gone.text or "ukončen" in gone.text
    else:
        assert shown not in gone.text


def test_a_prison_adds_people_and_no_services_of_its_own(cast, sign_in):
    pavel, page = sign_in("pavel"), f"/book/{cast.prison.public_id}/add"
    assert pavel.get(f"{page}/contact").status == 200
    for kind in ("service", "prison_work", "location", "job_offer"):
        assert pavel.get(f"{page}/{kind}").status == 404


def test_a_secret_address_is_shown_to_nobody(cast, sign_in):
    nela, page = sign_in("nela"), f"/book/{cast.ngo.public_id}"
    nela.send(f"{page}/add/location", page=f"{page}/add/location", name="Azyl", street="Tajná 7", city="Tajnov",
              secret="y")
    row = Location.get()
    for name in ("nela", "petra", "kora"):
        text = sign_in(name).get(page).text
        assert "Azyl" in text and "Tajná 7" not in text and "Tajnov" not in text
    for path in ("history", "correct/site"):
        assert sign_in("petra").get(f"/book/location/{row.public_id}/{path}").status == 404
    assert not SearchEntry.select().where(SearchEntry.detail.contains("Tajn")).exists()


def test_work_in_a_prison_has_its_service_and_purpose_on_both_pages(cast, sign_in, service):
    nela, add = sign_in("nela"), f"/book/{cast.ngo.public_id}/add/prison_work"
    assert nela.send(add, page=add, prison=cast.prison.public_id, activity="Poradna pro bydlení",
                     service=service.public_id, purpose="domluvit byt", days="úterý").status == 303
    assert PrisonWork.get().service == service
    for owner in (cast.ngo, cast.prison):
        text = sign_in("petra").get(f"/book/{owner.public_id}").text
        assert "Byty" in text and "domluvit byt" in text and "úterý" in text


def test_the_readability_of_the_clients_text_is_told_while_it_is_written(cast, sign_in, service):
    nela, path = sign_in("nela"), f"/book/service/{service.public_id}/edit/service"
    hint = nela.post("/book/readability", {"plain": "Přijďte k nám. Dáme vám najíst."}, fragment=True)
    assert hint.status == 200 and "Čte se snadno" in hint.text
    hard = nela.post("/book/readability", {"plain": "Poskytovatel zajišťuje ambulantní poradenství individuálním "
                                                    "plánováním prostřednictvím kvalifikovaných pracovníků."})
    assert "těžce" in hard.text
    assert "/book/readability" in nela.get(path).html


def test_job_offers_by_region_disappear_by_themselves(cast, sign_in, travel):
    with db.writing():
        Organisation.update(kind="employer").where(Organisation.id == cast.labour_office.id).execute()
    editing.add(cast.kora, RecordKind.JOB_OFFER, cast.labour_office.public_id,
                {"title": "Zedník", "region": "CZ020", "until_on": cast.today, "contact": "volejte"})
    nela = sign_in("nela")
    assert "Zedník" in nela.get("/book/jobs?region=CZ020").text
    assert "Zedník" not in nela.get("/book/jobs?region=CZ064").text
    travel.move_to(cast.now + timedelta(days=1))
    nela = sign_in("nela")
    assert "Zedník" not in nela.get("/book/jobs").text
    assert "Zedník" not in nela.get(f"/book/{cast.labour_office.public_id}").text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_was_sent_after_the_session_had_ended_stands_in_the_form_after_signing_in(cast, sign_in, travel):
    path, nela = f"/book/{cast.ngo.public_id}/add/contact", sign_in("nela")
    typed = {**nela.get(path).page.values(nela.last.page.form(path)), "name": "Eva Pozdní", "topics_areas": ["debts"]}
    travel.shift(40 * 60)
    answer = nela.post(path, typed)
    assert answer.location.startswith("/sign-in?next=")
    later = sign_in("nela")
    signed = answer.location.partition("next=")[2]
    assert later.get(next_of(later, signed)).page.values(later.last.page.form(path))["name"] == ["Eva Pozdní"]
    assert later.get(path).page.values(later.last.page.form(path))["name"] != ["Eva Pozdní"]
    assert sign_in("nikol" if hasattr(cast, "nikol") else "nora").get(path + "?kept=1").status in {200, 404}


def next_of(browser, signed):
    """Where the sign-in page leads with what it was given."""
    return browser.get(f"/sign-in?next={signed}").location
