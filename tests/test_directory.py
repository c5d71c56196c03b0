"""An organisation of the contact book, who verifies it, and "still true"."""
from datetime import timedelta
from pathlib import Path

import pytest
from playhouse.test_utils import count_queries

import clock
import db
from errors import Missing, RuleBroken
from importers import directory_csv
from models import (
    Action,
    Area,
    Confidence,
    ContactPerson,
    FactCheck,
    FactGroup,
    Form,
    Journal,
    Kind,
    Organisation,
    OrganisationState,
    PrisonWork,
    SearchEntry,
    Service,
    ServiceArea,
)
from services import directory, freshness, search_index
from text import sort_key

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def valdice(app, cast) -> Organisation:
    directory_csv.load(DATA)
    return Organisation.get(slug="prison-valdice")


@pytest.fixture
def proposed(app, cast) -> Organisation:
    with db.writing():
        row = Organisation.create(slug="nova", kind="ngo", name="Nová naděje", sort=sort_key("Nová naděje"))
        FactCheck.create(organisation=row, group=FactGroup.BASICS, confidence=Confidence.RECALLED)
        search_index.reindex(row.id)
    return row


def state_of(row) -> OrganisationState:
    return Organisation.get_by_id(row.id).state


# One organisation

def test_nela_reads_who_works_in_a_prison_with_source_and_confirmation(valdice, sign_in):
    text = sign_in("nela").get(f"/book/{valdice.public_id}").text
    assert "Socioterapeutická a psychoterapeutická práce" in text
    assert "od 9/2023" in text
    assert "potvrzeno zdrojem · zdroj: oikia.cz" in text
    assert "zvýšená ostraha" in text
    assert "1 023" in text


def test_ended_work_stands_apart_and_says_that_it_ended(valdice, sign_in):
    page = sign_in("nela").get(f"/book/{valdice.public_id}").page
    ended = next(row for row in page.with_class("row") if "Zpátky, jinak" in row.text)
    assert ended.within("details") is not None
    assert "skončilo" in ended.text and "do 30. 6. 2015" in ended.text


def test_a_recalled_fact_is_not_confirmed(valdice, sign_in):
    recalled = FactCheck.get(FactCheck.confidence == Confidence.RECALLED)
    page = sign_in("nela").get(f"/book/{recalled.organisation.public_id}")
    assert "nepotvrzeno" in page.text


def test_a_source_with_an_address_is_a_link_that_tells_nothing_of_us(valdice, sign_in):
    page = sign_in("nela").get(f"/book/{valdice.public_id}").page
    links = [link for link in page.all("a") if (link["href"] or "").startswith("http")]
    assert links
    assert all(link["rel"] == "noopener noreferrer" for link in links)


def test_whom_to_ask_about_what_and_when(cast, sign_in):
    text = sign_in("nela").get(f"/book/{cast.prison.public_id}").text
    assert "Dita Dluhová" in text and "dluhy" in text and "k zastižení: út, čt" in text


def test_an_organisation_of_the_real_data_in_english(valdice, cast, sign_in):
    with db.writing():
        cast.nela.__class__.update(language="en").where(cast.nela.__class__.id == cast.nela.id).execute()
    text = sign_in("nela").get(f"/book/{valdice.public_id}").text
    assert "social-therapeutic and psychotherapeutic work, long sentences" in text
    assert "confirmed by the source" in text


@pytest.mark.parametrize("name", ["anonymous", "karel"])
def test_who_may_not_see_the_book_finds_nothing(browser, sign_in, cast, name):
    reader = browser if name == "anonymous" else sign_in(name)
    assert reader.get(f"/book/{cast.ngo.public_id}").status in {303, 404}


def test_a_closed_organisation_is_like_one_that_never_was(cast, sign_in):
    directory.change_state(cast.kora, cast.other_ngo.public_id, "close")
    closed = sign_in("nela").get(f"/book/{cast.other_ngo.public_id}")
    missing = sign_in("nela").get("/book/" + "A" * 22)
    assert closed.status == missing.status == 404
    assert closed.body == missing.body
    assert sign_in("kora").get(f"/book/{cast.other_ngo.public_id}").status == 200


BOOK, OWN_LAYER = 7, 2  # what the book knows; one's own lists and notes
PRISON_PART, OTHER_PART = 3, 1  # co-operation, checklist, what is sought; job offers


def test_an_organisation_costs_few_queries_however_much_is_known(valdice, cast, sign_in):
    pavel = sign_in("pavel")
    rich = Organisation.get(slug="rubikon")
    for row in (valdice, rich, cast.ngo):
        with count_queries() as counter:
            pavel.get(f"/book/{row.public_id}")
        assert 3 <= counter.count <= BOOK + OWN_LAYER + (
            PRISON_PART if row.kind is Kind.PRISON else OTHER_PART)


def test_every_real_organisation_with_something_special_has_a_page(valdice, sign_in):
    nela = sign_in("nela")
    for slug in ("vscr", "upcr", "rubikon", "vdp", "laxus", "prison-odolov", "municipality-benesov", "pms"):
        assert nela.get(f"/book/{Organisation.get(slug=slug).public_id}").status == 200


# Verifying

def test_kora_verifies_an_organisation(proposed, sign_in, cast):
    kora = sign_in("kora")
    assert "Nová naděje" in kora.get("/book/to-verify").text
    kora.send(f"/book/{proposed.public_id}/verify", page=f"/book/{proposed.public_id}/verify")
    assert "Organizace je ověřena" in kora.follow().text
    assert state_of(proposed) is OrganisationState.VERIFIED
    row = Journal.select().order_by(Journal.id.desc()).get()
    assert (row.what, row.action, row.record, row.actor) == (
        "directory.verify", Action.WRITE, proposed.public_id, cast.kora)
    assert "Nová naděje" not in kora.get("/book/to-verify").text


@pytest.mark.parametrize("state", list(OrganisationState))
@pytest.mark.parametrize("event", ["verify", "pause", "close"])
def test_only_the_known_transitions_happen(proposed, cast, state, event):
    with db.writing():
        Organisation.update(state=state).where(Organisation.id == proposed.id).execute()
    expected = directory.TRANSITIONS.get((state, event))
    if expected is None:
        with pytest.raises(RuleBroken):
            directory.change_state(cast.kora, proposed.public_id, event)
    else:
        directory.change_state(cast.kora, proposed.public_id, event)
    assert state_of(proposed) is (expected or state)


@pytest.mark.parametrize("name", ["pavel", "petra", "kamila", "nela", "parta", "adam"])
@pytest.mark.parametrize("event", ["verify", "pause", "close"])
def test_nobody_else_decides_about_organisations(proposed, cast, sign_in, name, event):
    assert sign_in(name).post(f"/book/{proposed.public_id}/{event}").status == 404
    assert state_of(proposed) is OrganisationState.PROPOSED
    with pytest.raises(Missing):
        directory.change_state(cast.user(name), proposed.public_id, event)


def test_the_second_who_decides_is_told(proposed, sign_in, cast):
    kora = sign_in("kora")
    kora.get(f"/book/{proposed.public_id}/verify")
    directory.change_state(cast.kora, proposed.public_id, "verify")
    answer = kora.send(f"/book/{proposed.public_id}/verify")
    assert answer.status == 422
    assert "Mezitím" in answer.text


# Still true

def test_nela_confirms_the_facts_of_her_organisation_with_one_tap(cast, sign_in):
    with db.writing():
        FactCheck.create(organisation=cast.ngo, group=FactGroup.CONTACT, confidence=Confidence.RECALLED)
    nela, action = sign_in("nela"), f"/book/{cast.ngo.public_id}/confirm/contact"
    assert "ngo@example.org" in nela.get("/").text
    assert nela.send(action).location == "/", "what else is to be confirmed stands there"
    assert "potvrzeno 23. 11. 2026 · Nela Nová" in nela.get(f"/book/{cast.ngo.public_id}").text
    fact = FactCheck.get(organisation=cast.ngo, group=FactGroup.CONTACT)
    assert (fact.confidence, fact.confirmed_on, fact.confirmed_by) == (Confidence.CONFIRMED, cast.today, cast.nela)
    assert nela.get("/").page.form(action) is None


@pytest.mark.parametrize("group, model, columns", [
    (FactGroup.SERVICES, Service, {"slug": "s", "form": Form.REMOTE}),
    (FactGroup.PEOPLE, ContactPerson, {}),
])
def test_services_and_people_are_confirmed_together_and_search_learns_it(cast, group, model, columns):
    with db.writing():
        row = model.create(organisation=cast.ngo, name="Jana", sort=sort_key("Jana"), confidence=Confidence.RECALLED,
                           **columns)
        search_index.reindex(cast.ngo.id)
    assert not SearchEntry.get(record=row.public_id).confirmed
    directory.confirm(cast.nora, cast.ngo.public_id, group)
    assert SearchEntry.get(record=row.public_id).checked_on == cast.today


def test_ended_work_is_not_confirmed(cast):
    with db.writing():
        work = PrisonWork.create(slug="w", organisation=cast.ngo, prison=cast.prison, activity="Kurz",
                                 form=Form.ON_SITE, until_on=clock.today() - timedelta(days=1),
                                 confidence=Confidence.RECALLED)
    with pytest.raises(RuleBroken):
        directory.confirm(cast.nela, cast.ngo.public_id, FactGroup.WORK)
    assert PrisonWork.get_by_id(work.id).confirmed_on is None


@pytest.mark.parametrize("name", ["strange_ngo", "pavel", "kora", "adam", "karel"])
def test_strangers_do_not_confirm(cast, sign_in, name):
    assert sign_in(name).post(f"/book/{cast.ngo.public_id}/confirm/basics").status == 404
    assert FactCheck.get(organisation=cast.ngo, group=FactGroup.BASICS).confirmed_by is None


def test_what_is_not_known_cannot_be_confirmed(cast, sign_in):
    assert sign_in("nela").post(f"/book/{cast.ngo.public_id}/confirm/security").status == 422
    assert sign_in("nela").post(f"/book/{cast.ngo.public_id}/confirm/xyz").status == 404


@pytest.mark.parametrize("confidence, days, group, state", [
    (Confidence.VERIFIED, None, FactGroup.BASICS, "fresh"),
    (Confidence.RECALLED, None, FactGroup.BASICS, "stale"),
    (Confidence.PARTLY, 1, FactGroup.BASICS, "stale"),
    (Confidence.CONFIRMED, 351, FactGroup.BASICS, "fresh"),
    (Confidence.CONFIRMED, 352, FactGroup.BASICS, "ageing"),
    (Confidence.CONFIRMED, 366, FactGroup.BASICS, "stale"),
    (Confidence.CONFIRMED, 90, FactGroup.PEOPLE, "ageing"),
    (Confidence.CONFIRMED, 91, FactGroup.PEOPLE, "stale"),
    (Confidence.VERIFIED, 181, FactGroup.SERVICES, "stale"),
])
def test_confirmations_come_of_age(app, confidence, days, group, state):
    on = None if days is None else clock.today() - timedelta(days=days)
    assert freshness.state(group, confidence, on, clock.today()) == state


# Today

def test_kora_sees_what_waits_in_the_book(proposed, sign_in):
    text = sign_in("kora").get("/").text
    assert "1 organizace čeká na ověření" in text
    assert "1 organizace má údaje, které nikdo nepotvrdil" in text
    assert "Nová naděje" in sign_in("kora").get("/book/unconfirmed").text


def test_queues_are_narrowed_by_kind_and_paged(valdice, sign_in):
    kora = sign_in("kora")
    prisons = kora.get("/book/to-verify?kind=prison&page=2")
    assert prisons.status == 200 and len(prisons.page.with_class("row")) == 20
    assert "věznice" in prisons.page.with_class("row")[0].text
    assert kora.get("/book/to-verify?kind=nonsense&page=99999999999").status == 200


def test_nothing_is_asked_where_all_is_fresh(cast):
    assert directory.today(cast.nela) is None


def test_the_worst_row_of_a_group_decides(cast):
    with db.writing():
        for number, confidence in enumerate((Confidence.VERIFIED, Confidence.RECALLED)):
            row = Service.create(organisation=cast.ngo, slug=str(number), name="Poradna", sort="x", form=Form.REMOTE,
                                 confidence=confidence)
            ServiceArea.create(service=row, area=Area.DEBTS)
    asked, = directory.today(cast.nela).asked
    assert (asked.group, asked.state, asked.says) == (FactGroup.SERVICES, "stale", "2 služby")
