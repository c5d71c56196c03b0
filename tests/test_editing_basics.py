"""What an organisation is, where it works, whom it belongs to; rules of visits, and the five texts of a prison."""
import pytest

import db
from models import (
    Correction,
    FactCheck,
    FactGroup,
    Kind,
    Organisation,
    OrganisationRegion,
    PrisonProfile,
    RecordKind,
    Region,
)
from services import prisons, record_words, records
from text import sort_key

NAME = {"name": "Ukázkový spolek Návrat"}


def basics(organisation):
    return f"/book/organisation/{organisation.public_id}/edit/basics"


def again(organisation) -> Organisation:
    return Organisation.get_by_id(organisation.id)


def regions_of(organisation):
    return sorted(row.region_id for row in OrganisationRegion.select().where(
        OrganisationRegion.organisation == organisation.id))


@pytest.fixture(autouse=True)
def highlands(app):
    with db.writing():
        Region.create(code="CZ063", name="Kraj Vysočina", name_en="Vysočina Region", seat="Jihlava")


def test_the_owner_says_where_it_works_and_whom_it_belongs_to(cast, sign_in):
    nela, page = sign_in("nela"), basics(cast.ngo)
    answer = nela.send(page, page=page, **NAME, regions=["CZ020", "CZ063"], parent=cast.other_ngo.name)
    assert answer.status == 303
    assert regions_of(cast.ngo) == ["CZ020", "CZ063"] and again(cast.ngo).parent_id == cast.other_ngo.id
    text = nela.get(f"/book/{cast.ngo.public_id}").text
    assert f"Patří pod {cast.other_ngo.name}" in text and "Kraj Vysočina, Středočeský kraj" in text
    form = nela.get(page).page
    assert form.id("parent")["value"] == cast.other_ngo.name
    history = nela.get(f"/book/organisation/{cast.ngo.public_id}/history").text
    assert "Kraje" in history and cast.other_ngo.name in history


def test_whom_it_belongs_to_can_be_said_by_its_company_number(cast, sign_in):
    with db.writing():
        Organisation.update(ico="00212423").where(Organisation.id == cast.other_ngo.id).execute()
    page = basics(cast.ngo)
    assert sign_in("nela").send(page, page=page, **NAME, parent="002 124 23").status == 303
    assert again(cast.ngo).parent_id == cast.other_ngo.id


@pytest.mark.parametrize(("typed", "sentence"), [
    ("Spolek, který není", "V adresáři není"), ("Ukázkový spolek Návrat", "Nemůže patřit sama pod sebe"),
    ("Dvojník", "Víc organizací"), ("x" * 10_000, "nejvýše 200 znaků")])
def test_whom_it_cannot_belong_to(cast, sign_in, typed, sentence):
    with db.writing():
        for number in range(2):
            Organisation.create(slug=f"twin-{number}", kind=Kind.OTHER, name="Dvojník", sort=sort_key("Dvojník"))
    page = basics(cast.ngo)
    answer = sign_in("nela").send(page, page=page, **NAME, parent=typed)
    assert answer.status == 422 and sentence in answer.text
    assert answer.page.id("parent")["value"] == typed
    assert again(cast.ngo).parent_id is None


def test_a_branch_is_not_above_the_whole(cast, sign_in):
    with db.writing():
        Organisation.update(parent=cast.ngo.id).where(Organisation.id == cast.other_ngo.id).execute()
    page = basics(cast.ngo)
    answer = sign_in("nela").send(page, page=page, **NAME, parent=cast.other_ngo.name)
    assert answer.status == 422 and "Nemůže patřit sama pod sebe" in answer.text


def test_only_the_coordinator_says_what_an_organisation_is(cast, sign_in):
    kora, page = sign_in("kora"), basics(cast.labour_office)
    assert kora.send(page, page=page, name="Ukázkový úřad práce", kind="employer").status == 303
    assert again(cast.labour_office).kind is Kind.EMPLOYER
    page = basics(cast.ngo)
    nela = sign_in("nela")
    assert nela.get(page).page.id("kind") is None
    assert nela.post(page, NAME | {"kind": "prison", "version": "9"}, page=page).status == 303
    assert again(cast.ngo).kind is Kind.NGO


@pytest.mark.parametrize(("whose", "kind"), [("ngo", "prison"), ("prison", "ngo"), ("other_ngo", "network")])
def test_a_kind_that_its_people_or_its_work_do_not_fit_is_refused(cast, sign_in, whose, kind):
    organisation = getattr(cast, whose)
    page = basics(organisation)
    answer = sign_in("kora").send(page, page=page, name=organisation.name, kind=kind)
    assert answer.status == 422 and "Druh" in answer.text
    assert again(organisation).kind is organisation.kind


def test_somebody_else_proposes_regions_and_the_owner_decides_field_by_field(cast, sign_in):
    petra, page = sign_in("petra"), basics(cast.ngo).replace("/edit/", "/correct/")
    assert petra.get(page).page.id("kind") is None
    sent = petra.send(page, page=page, name="Jiný název", regions=["CZ063"])
    assert sent.status == 303, sent.text
    correction = Correction.get()
    nela, page = sign_in("nela"), f"/book/corrections/{correction.public_id}"
    assert "Kraj Vysočina" in nela.get(page).text
    assert nela.send(page, page=page, take=["regions"], decide="ticked", reason="Jmenujeme se jinak.").status == 303
    assert regions_of(cast.ngo) == ["CZ063"] and again(cast.ngo).name == NAME["name"]


# Prisons

def profile_page(cast, part, what="edit"):
    return f"/book/prison_profile/{cast.prison.public_id}/{what}/{part}"


def test_a_prison_writes_its_rules_of_visits(cast, sign_in):
    pavel, page = sign_in("pavel"), profile_page(cast, "visits")
    assert page in pavel.get(f"/book/{cast.prison.public_id}").html
    assert pavel.send(page, page=page, visit_rules="Jen s občanským průkazem.").status == 303
    assert "Jen s občanským průkazem." in sign_in("nela").get(f"/book/{cast.prison.public_id}").text


@pytest.mark.parametrize("part", [*prisons.PARTS, "visits"])
def test_a_correction_of_a_prisons_text_goes_its_whole_way(cast, sign_in, part):
    field = "visit_rules" if part == "visits" else str(part)
    with db.writing():
        records.change(cast.pavel, prisons.profile_of(cast.prison.id), {field: "Vchod zepředu."}, "page")
    nela, page = sign_in("nela"), profile_page(cast, part, "correct")
    assert page in nela.get(f"/book/{cast.prison.public_id}").html
    assert nela.send(page, page=page, **{field: "Vchod ze dvora."}, note="Byli jsme tam.").status == 303
    pavel, decision = sign_in("pavel"), f"/book/corrections/{Correction.get().public_id}"
    text = pavel.get(decision).text
    assert "Vchod zepředu." in text and "Vchod ze dvora." in text
    assert pavel.send(decision, page=decision, decide="all").status == 303
    assert getattr(prisons.profile_of(cast.prison.id), field) == "Vchod ze dvora."
    if part != "visits":
        assert FactCheck.get(organisation=cast.prison, group=FactGroup(part)).confirmed_by == cast.pavel
    history = pavel.get(f"/book/prison_profile/{cast.prison.public_id}/history")
    assert history.status == 200 and "Vchod ze dvora." in history.text


@pytest.mark.parametrize("who", ["nela", "petra", "strange_prison"])
def test_nobody_else_writes_a_prisons_text(cast, sign_in, who):
    assert sign_in(who).get(profile_page(cast, "entry")).status == 404


def test_every_field_of_the_book_has_a_word_and_its_values_too(cast):
    for kind, model in records.MODELS.items():
        for name in records.fields_of(model):
            assert record_words.field_word(name, kind), (kind, name)
    assert record_words.value_words(RecordKind.PRISON_PROFILE, "entry", "Občanský průkaz | pas") \
        == "Občanský průkaz | pas"
    assert record_words.field_word("entry", RecordKind.PRISON_PROFILE) == "Co je potřeba ke vstupu"
    assert PrisonProfile.select().count() >= 1
