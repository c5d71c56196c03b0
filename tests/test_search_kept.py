"""Answers of the search that are kept are right after every write of the book, whatever was written, by whomever."""
from datetime import timedelta
from random import Random

import clock
import db
from models import ContactPerson, FactGroup, JobOffer, OrganisationState, RecordKind, SearchEntry, SearchWord, Service
from services import directory, editing, search, search_index, search_kept
from services.search import Question
from tests.test_search import book  # noqa: F401

WRITES = 25
QUESTIONS = (Question("dluhy"), Question("dluhy horni lhota"), Question("bity"), Question("byty dita"),
             Question(area="debts"), Question(verified="yes"), Question("navrat", kind="service"), Question("zednik"),
             Question(page=1))
WORDS = ("Dluhová poradna", "Byty", "Exekuce", "Návrat domů", "Bity", "Zedník", "Horní Lhota", "Dita")
AREAS = (["debts"], ["accommodation"], ["debts", "employment"], [])


def _name(cast, random):
    row = random.choice(list(Service.select().where(Service.organisation == cast.ngo)))
    _save(cast.nela, RecordKind.SERVICE, row, {"name": random.choice(WORDS), "for_whom": random.choice(WORDS)})


def _areas(cast, random):
    row = random.choice(list(Service.select()))
    _save(cast.kora, RecordKind.SERVICE, row, {"areas": random.choice(AREAS)})


def _description(cast, random):
    _save(cast.nela, RecordKind.ORGANISATION, cast.ngo, {"description": random.choice(WORDS)})


def _save(actor, kind, row, values):
    editing.save(actor, kind, row.public_id, values, type(row).get_by_id(row.id).version)


def _service(cast, random):
    editing.add(cast.nela, RecordKind.SERVICE, cast.ngo.public_id, {"name": random.choice(WORDS), "areas": ["debts"]})


def _person(cast, random):
    editing.add(cast.nela, RecordKind.CONTACT, cast.ngo.public_id,
                {"name": f"Dita {random.choice(WORDS)}", "topics": "debts"})


def _offer(cast, random):
    editing.add(cast.kora, RecordKind.JOB_OFFER, cast.labour_office.public_id,
                {"title": random.choice(WORDS), "until_on": clock.today() + timedelta(days=2), "contact": "volejte"})


def _end(cast, random):
    kind, model = random.choice(((RecordKind.SERVICE, Service), (RecordKind.CONTACT, ContactPerson),
                                 (RecordKind.JOB_OFFER, JobOffer)))
    if row := model.select().order_by(model.id.desc()).first():
        editing.end(cast.kora, kind, row.public_id, clock.today() - timedelta(days=1), row.version)


def _state(cast, _random):
    state = type(cast.other_ngo).get_by_id(cast.other_ngo.id).state
    directory.change_state(cast.kora, cast.other_ngo.public_id,
                           "pause" if state is OrganisationState.VERIFIED else "verify")


def _still_true(cast, _random):
    directory.confirm(cast.nela, cast.ngo.public_id, FactGroup.SERVICES)


WAYS = (_name, _areas, _description, _service, _person, _offer, _end, _state, _still_true)


def _answers(cast) -> list:
    found = [search.find(cast.nela, question, clock.today()) for question in QUESTIONS]
    return [(each.hits, each.count, each.nearest, each.instead) for each in found]


def _index() -> set:
    columns = (SearchEntry.kind, SearchEntry.record, SearchEntry.title, SearchEntry.detail, SearchEntry.areas,
               SearchEntry.checked_on, SearchEntry.confirmed, SearchEntry.ended, SearchWord.word, SearchWord.rank)
    return set(SearchWord.select(*columns).join(SearchEntry).tuples())


def test_a_kept_answer_is_the_one_that_would_be_found_now(book, cast):  # noqa: F811
    random, seen, before = Random(1), set(), _answers(cast)
    for number in range(WRITES):
        write = WAYS[number] if number < len(WAYS) else random.choice(WAYS)
        write(cast, random)
        kept = _answers(cast)
        search_kept._kept.clear()
        assert kept == _answers(cast), f"{number}: {write.__name__}"
        seen.add(write.__name__) if kept != before else None
        before = kept
    assert len(seen) >= 7, "most writes are to change some answer"


def test_the_index_after_every_write_is_the_one_that_is_made_anew(book, cast):  # noqa: F811
    random = Random(3)
    for number in range(len(WAYS) + 2):
        write = WAYS[number] if number < len(WAYS) else random.choice(WAYS)
        write(cast, random)
        found = _index()
        with db.writing():
            search_index.rebuild()
        assert found == _index(), f"{number}: {write.__name__}"
