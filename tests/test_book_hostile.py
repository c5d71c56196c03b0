"""A hostile first-time user of the contact book: endless fields, NUL, formulas, odd versions, two clicks, two tabs."""
from datetime import timedelta

import pytest

import db
from models import (
    BookList,
    ChecklistStep,
    Confidence,
    ContactPerson,
    Correction,
    Evidence,
    JobOffer,
    Location,
    Organisation,
    Party,
    PrisonWork,
    Service,
    Vetting,
    Wanted,
)
from services import records

LONG = "ž" * 10_000
NASTY = ("=HYPERLINK(1)\0\u202e<b>", LONG, "\0", "-1", "9" * 30)
WRITTEN = ("text", "search", "tel", "email", "url", None, "hidden", "date", "number")


@pytest.fixture
def pages(cast):
    """Who opens which form of the book, as (person, address)."""
    with db.writing():
        service = records.add(cast.nela, Service, cast.ngo, {"name": "Byty"}, "form", slug="byty",
                              confidence=Confidence.CONFIRMED)
        person = records.add(cast.nela, ContactPerson, cast.ngo, {"name": "Jana"}, "form",
                             confidence=Confidence.CONFIRMED)
        site = records.add(cast.nela, Location, cast.ngo, {"name": "Dům"}, "form", confidence=Confidence.CONFIRMED)
        step = ChecklistStep.create(prison=cast.prison, position=1, name="krok", turn=Party.PRISON, limit_days=7)
        wanted = Wanted.create(prison=cast.prison, areas="debts")
    ngo, prison = cast.ngo.public_id, cast.prison.public_id
    return [
        *(("nela", f"/book/organisation/{ngo}/edit/{part}") for part in ("basics", "address", "contact",
                                                                        "registration")),
        *(("nela", f"/book/service/{service.public_id}/edit/{part}") for part in ("service", "whom", "entry",
                                                                                  "capacity", "coverage")),
        ("nela", f"/book/contact/{person.public_id}/edit/person"),
        ("nela", f"/book/location/{site.public_id}/edit/site"),
        ("nela", f"/book/service/{service.public_id}/end"),
        *(("nela", f"/book/{ngo}/add/{kind}") for kind in ("service", "contact", "prison_work", "location",
                                                           "job_offer")),
        *(("pavel", f"/book/prison_profile/{prison}/edit/{part}") for part in ("visits", "entry", "rooms", "security",
                                                                              "capacity")),
        ("petra", f"/book/organisation/{ngo}/correct/basics"),
        ("pavel", "/cooperation/checklist"),
        ("pavel", f"/cooperation/checklist/{step.public_id}"), ("pavel", "/cooperation/looking-for"),
        ("pavel", f"/cooperation/looking-for/{wanted.public_id}"), ("pavel", "/cooperation/new-partners"),
        ("nela", f"/cooperation/start/{cast.other_prison.public_id}"),
        ("nela", f"/my/keep/{ngo}"), ("nela", "/my/templates"), ("nela", f"/my/write/{prison}"),
        ("nela", f"/book/{ngo}/trust/new"), ("pavel", f"/book/{ngo}/check"), (None, "/offer")]


def form_of(page, address):
    return page.form(address) or next(form for form in page.all("form")
                                      if form["method"] == "post" and form["action"] not in {"/language", "/sign-out"}
                                      and "star" not in (form["class"] or ""))


def text_fields(page, form):
    return [each["name"] for each in page.inside(form, "input", "textarea")
            if each["name"] and each["name"] != "csrf_token" and (each.tag == "textarea" or each["type"] in WRITTEN)]


@pytest.mark.parametrize("nasty", NASTY, ids=["formula", "long", "nul", "negative", "number"])
def test_no_form_of_the_book_breaks_or_forgets(pages, sign_in, browser, nasty):
    broken, people = [], {None: browser}
    for name, address in pages:
        person = people.setdefault(name, None) or people.__setitem__(name, sign_in(name)) or people[name]
        page = person.get(address).page
        form = form_of(page, address)
        for field in text_fields(page, form):
            answer = person.send(form["action"] or address, page=address, **{field: nasty})
            if answer.status not in {303, 400, 422}:
                broken.append((address, field, answer.status))
            elif answer.status == 422 and nasty == LONG and field != "version" and LONG not in answer.html:
                broken.append((address, field, "what was typed is gone"))
    assert not broken, broken


@pytest.mark.parametrize("version", ["9" * 30, "-1", "1.5", "\0", "", "٣"])
def test_an_odd_version_is_no_error(cast, sign_in, version):
    page = f"/book/organisation/{cast.ngo.public_id}/edit/contact"
    assert sign_in("nela").send(page, page=page, version=version, phone="777 123 456").status in {303, 422}
    page = f"/book/prison_profile/{cast.prison.public_id}/edit/rooms"
    assert sign_in("pavel").send(page, page=page, version=version, rooms="Místnost 3").status in {303, 422}


def test_two_clicks_on_a_new_list_make_one(cast, sign_in):
    nela = sign_in("nela")
    for _click in range(2):
        nela.send("/my", page="/my", name="Bydlení")
    assert BookList.select().where(BookList.user == cast.nela.id, BookList.name == "Bydlení").count() <= 1


CLICKS = [
    ("nela", "/book/{ngo}/add/service", Service, {"name": "Dvojklik", "areas": ["debts"]}),
    ("nela", "/book/{ngo}/add/contact", ContactPerson, {"name": "Eva Dvojí"}),
    ("nela", "/book/{ngo}/add/location", Location, {"name": "Dům"}),
    ("nela", "/book/{ngo}/add/job_offer", JobOffer, {"title": "Skladník", "until_on": "{later}", "contact": "tel."}),
    ("nela", "/book/{ngo}/add/prison_work", PrisonWork, {"activity": "Kurz", "prison": "{prison}", "areas": ["debts"]}),
    ("petra", "/book/organisation/{ngo}/correct/contact", Correction, {"phone": "+420 605 111 333", "note": "Volala."}),
    ("nela", "/book/{ngo}/trust/new", Evidence, {"kind": "membership", "text": "Člen asociace", "source": "seznam",
                                                 "dated_on": "2026-01-05"}),
    ("pavel", "/book/{ngo}/check", Vetting, {"scope": "stanovy", "result": "v pořádku", "checked_on": "2026-01-05",
                                             "until_on": "{later}"}),
    ("pavel", "/cooperation/looking-for", Wanted, {"areas": ["debts"], "note": "Poradce"}),
    ("pavel", "/cooperation/checklist", ChecklistStep, {"name": "Dvojkrok", "turn": "prison", "limit_days": "7"})]


@pytest.mark.parametrize(("name", "address", "model", "values"), CLICKS, ids=[each[2].__name__ for each in CLICKS])
def test_two_clicks_add_one_and_half_a_minute_later_the_same_may_be_added_again(
        cast, sign_in, travel, name, address, model, values):
    said = {"ngo": cast.ngo.public_id, "prison": cast.prison.public_id, "later": cast.today + timedelta(days=90)}
    path, person, before = address.format(**said), sign_in(name), model.select().count()
    values = {key: value.format(**said) if isinstance(value, str) else value for key, value in values.items()}
    answers = [person.send(path, page=path, **values) for _click in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert model.select().count() == before + 1
    assert person.send(path, page=path, **{**values, **CHANGED.get(model, {"name": "Jiné"})}).status == 303
    assert model.select().count() == before + 2
    travel.shift(60)
    assert person.send(path, page=path, **values).status == 303
    assert model.select().count() == before + 3


CHANGED = {JobOffer: {"title": "Jiné"}, PrisonWork: {"activity": "Jiné"}, Correction: {"phone": "+420 605 111 334"},
           Evidence: {"text": "Jiné"}, Vetting: {"result": "jiné"}, Wanted: {"note": "Jiné"}}


def test_a_name_that_is_a_formula_is_a_text_in_every_file(cast, sign_in):
    page = f"/book/organisation/{cast.ngo.public_id}/edit/basics"
    nela = sign_in("nela")
    assert nela.send(page, page=page, name="=1+1").status == 303
    assert Organisation.get_by_id(cast.ngo.id).name == "=1+1"
    answer = nela.get("/book/export/csv?kind=organisation")
    assert answer.status == 200
