"""V51: before a co-operation a prison reads what is documented of an organisation, and what is not."""
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing
from models import Evidence, EvidenceKind, Kind, Organisation, RegisterRecord, Service
from services import trust
from services.import_register import INVENTED


def dossier(browser, organisation):
    return browser.get(f"/book/{organisation.public_id}/trust")


def section(answer, kind):
    """The text between the heading of a kind and the next heading."""
    heading = answer.page.id(kind).text
    rest = answer.page.text.split(heading, 1)[1]
    following = [other.text for other in answer.page.all("h2") if other.text != heading and other.text in rest]
    return min((rest.split(text, 1)[0] for text in following), key=len, default=rest)


def add(browser, organisation, kind="membership", **changes):
    address = f"/book/{organisation.public_id}/trust/new"
    browser.get(address)
    return browser.send(address, **{"kind": kind, "text": "Člen Ukázkové asociace", "source": "https://asociace.example/x",
                                    "dated_on": "2026-01-10", **changes})


def test_v51_each_point_has_source_and_date_or_is_not_documented(cast, sign_in):
    assert add(sign_in("nela"), cast.ngo).status == 303
    shown = dossier(sign_in("pavel"), cast.ngo)
    membership = section(shown, "membership").replace("\xa0", " ")
    assert "Člen Ukázkové asociace" in membership and "asociace.example" in membership and "10. 1. 2026" in membership
    for kind in ("accreditation", "funding", "history", "reference"):
        assert "nedoloženo" in section(shown, kind)
    assert "%" not in shown.page.text and "z 6" not in shown.page.text  # nothing is scored


def test_v51_the_coordinator_confirms_with_a_document_and_what_expires_says_so(cast, sign_in, travel):
    add(sign_in("nela"), cast.ngo, kind="accreditation", text="Akreditace ministerstva")
    row, kora = Evidence.get(), sign_in("kora")
    assert "Akreditace ministerstva" in kora.get("/").text
    address = f"/evidence/{row.public_id}/confirm"
    kora.get(address)
    assert kora.send(address, document="").status == 422
    kora.get(address)
    kora.send(address, document="rozhodnutí 2026/115", until_on="2026-12-01")
    text = section(dossier(sign_in("pavel"), cast.ngo), "accreditation").replace("\xa0", " ")
    assert "doklad ověřen" in text and "rozhodnutí 2026/115" in text and "platí do 1. 12. 2026" in text
    travel.move_to(clock.now() + timedelta(days=10))
    text = section(dossier(sign_in("pavel"), cast.ngo), "accreditation").replace("\xa0", " ")
    assert "propadlo 1. 12. 2026" in text and "doklad ověřen" not in text
    assert "Akreditace ministerstva" in sign_in("nela").get("/").text


def test_v51_a_professional_gives_a_reference_in_their_own_name(cast, sign_in):
    petra = sign_in("petra")
    address = f"/book/{cast.ngo.public_id}/trust/new"
    assert "source" not in petra.get(address).html.split("<main")[1]
    petra.send(address, text="Spolupracujeme pět let.", dated_on="2026-11-01")
    row = Evidence.get()
    assert (row.kind, row.source.split(",")[0]) == (EvidenceKind.REFERENCE, "Petra Pevná")
    with pytest.raises(Missing):
        trust.add_evidence(cast.petra, cast.ngo.public_id, EvidenceKind.FUNDING, "x", "y", clock.today(), None)


def test_v51_only_who_added_it_its_organisation_or_the_coordinator_takes_it_back(cast, sign_in):
    add(sign_in("nela"), cast.ngo)
    row = Evidence.get()
    for name in ("pavel", "strange_ngo", "adam", "karel"):
        assert sign_in(name).post(f"/evidence/{row.public_id}/remove").status == 404
    assert Evidence.get().removed_at is None
    nora, address = sign_in("nora"), f"/evidence/{row.public_id}/remove"
    nora.get(address)
    nora.send(address)
    assert "nedoloženo" in section(dossier(nora, cast.ngo), "membership")


def test_v51_a_document_of_tomorrow_or_one_that_ended_first_is_refused(cast, sign_in):
    nela = sign_in("nela")
    assert add(nela, cast.ngo, dated_on="2027-01-01").status == 422
    assert add(nela, cast.ngo, until_on="2025-01-01").status == 422


# The register (V43)

def registered(**columns):
    with db.writing():
        return RegisterRecord.create(**{"register": INVENTED, "number": "1", "ico": "00212423", "name": "Azylové domy",
                                        "provider": "Ukázkový spolek Návrat, z. s.", "seen_at": clock.now(), **columns})


@pytest.fixture
def numbered(cast):
    with db.writing():
        Organisation.update(ico="00212423").where(Organisation.id == cast.ngo.id).execute()
    return cast.ngo


def test_v43_an_organisation_that_the_register_does_not_have_is_flagged(numbered, sign_in):
    pavel = sign_in("pavel")
    assert "nemá k tomuto IČO" not in dossier(pavel, numbered).text  # no register was imported yet
    registered(ico="27031012", number="2")
    assert "nemá k tomuto IČO žádnou službu" in dossier(pavel, numbered).text
    assert "nemá k tomuto IČO" in sign_in("kora").get("/book/mismatches").text


def test_v43_the_same_name_and_capacity_raise_no_flag(numbered, sign_in):
    registered(capacity=12)
    with db.writing():
        Service.create(organisation=numbered, slug="rpss-1", name="Azylový dům", sort="a", confidence="verified",
                       places_total=12)
    assert "Nic se neliší" in sign_in("kora").get("/book/mismatches").text


def test_v43_another_name_and_another_capacity_are_told_in_words(numbered, sign_in):
    registered(provider="Ukázkový ústav Jiný, z. ú.", capacity=30)
    with db.writing():
        Service.create(organisation=numbered, slug="rpss-1", name="Azylový dům", sort="a", confidence="verified",
                       places_total=12)
    text = dossier(sign_in("pavel"), numbered).text
    assert "jiný název: Ukázkový ústav Jiný" in text
    assert "Azylový dům: registr uvádí kapacitu 30, adresář 12." in text


def test_v43_services_that_ended_in_the_register_are_told(numbered, sign_in):
    registered(missing_at=clock.now())
    assert "skončily" in dossier(sign_in("pavel"), numbered).text


def test_v51_a_company_number_whose_check_digit_does_not_fit_is_told(cast, sign_in):
    with db.writing():
        Organisation.update(ico="00212424").where(Organisation.id == cast.ngo.id).execute()
    assert "IČO 00212424 nemůže být správně" in dossier(sign_in("pavel"), cast.ngo).text
    assert "00212424" in sign_in("kora").get("/book/mismatches").text


def test_v51_offices_are_not_compared_with_the_register(cast):
    registered()
    office = Organisation(name="Město", ico="00212423", kind=Kind.MUNICIPALITY)
    assert trust.differences(office, [], [], clock.today()) == []
