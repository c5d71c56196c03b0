"""A company number that we know beside another name and another town: a question, from whichever file and wherever."""
import io
import json

import pytest

import clock
import db
from models import (
    Confidence,
    FactCheck,
    FactGroup,
    Fate,
    FieldChange,
    Import,
    ImportMatch,
    ImportRow,
    Organisation,
)
from services import import_jobs, imports, records
from services.imports import OURS
from tests.test_importing import NUMBERS, confirm, run_command, send

OTHER, AWAY = "Zcela jiný spolek", "Dalekov"


def csv_file(name, ico, city) -> tuple[str, bytes]:
    return "seznam.csv", f"IČO;Název organizace;Město\n{ico};{name};{city}\n".encode()


def hsds_file(name, ico, city) -> tuple[str, bytes]:
    told = {"id": "o-1", "name": name, "services": [{"id": "s-1", "name": "Poradna"}],
            "organization_identifiers": [{"identifier_type": "IČO", "identifier": ico}],
            "locations": [{"addresses": [{"address_1": "Dlouhá 1", "city": city}]}]}
    return "data.json", json.dumps([told]).encode()


BOTH = pytest.mark.parametrize("file", [csv_file, hsds_file], ids=["csv", "hsds"])


@pytest.fixture
def known(cast):
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0], "city": "Ukázkov"}, "form")
    return Organisation.get_by_id(cast.ngo.id)


def written() -> tuple:
    return (Organisation.select().count(), FieldChange.select().count(),
            sorted(Organisation.select(Organisation.name, Organisation.city, Organisation.version).tuples()))


def send_by_page(kora, name, content) -> tuple[str, Import]:
    """Sends a file and takes the columns as they are offered; the address of its preview and the import."""
    sent = {"file": (io.BytesIO(content), name), "csrf_token": kora.get("/imports").page.token}
    here = kora.post("/imports/send", sent, content_type="multipart/form-data").location
    import_jobs.work_due()
    if kora.get(here).page.form(f"{here}/columns"):
        kora.send(f"{here}/columns", page=here)
        import_jobs.work_due()
    return here, Import.select().order_by(Import.id.desc()).get()


@BOTH
def test_the_page_asks_and_an_answer_holds_for_the_next_file(app, cast, known, sign_in, file):
    kora = sign_in("kora")
    name, content = file(OTHER, NUMBERS[0], AWAY)
    here, run = send_by_page(kora, name, content)
    page = kora.get(here)
    assert "Která organizace to je?" in page.text and known.name in page.text
    row = ImportRow.get(ImportRow.run == run.id, ImportRow.title == OTHER)
    assert (row.fate, row.question) == (Fate.UNDECIDED, "who")
    assert page.page.form(f"{here}/confirm") is None
    kora.send(f"{here}/decide", here, **{f"row-{row.number}": known.public_id})
    kora.send(f"{here}/confirm", page=here)
    import_jobs.work_due()
    assert Organisation.get_by_id(known.id).city == AWAY
    after = written()
    there, again = send_by_page(kora, name, content)
    assert {row.fate for row in ImportRow.select().where(ImportRow.run == again.id)} == {Fate.UNCHANGED}
    assert kora.get(there).page.form(f"{there}/confirm") is None
    assert written() == after


@BOTH
def test_the_command_leaves_it_out_and_says_so_each_time(app, known, tmp_path, file):
    name, content = file(OTHER, NUMBERS[0], AWAY)
    (tmp_path / name).write_bytes(content)
    before = written()
    for _turn in range(2):
        _result, counts = run_command(app, tmp_path / name)
        assert counts["organisations"] == {"new": 0, "changed": 0, "unchanged": 0, "wrong": 0, "undecided": 1}
        assert written() == before


@BOTH
@pytest.mark.parametrize("name, city", [("", AWAY), (OTHER, ""), (OTHER, None)],
                         ids=["its name", "no town", "its town"])
def test_one_of_both_is_enough_to_know_it(app, cast, known, file, name, city):
    run = send(cast.kora, *reversed(file(name or known.name, NUMBERS[0], known.city if city is None else city)))
    row = ImportRow.get(ImportRow.run == run.id, ImportRow.title == (name or known.name))
    assert (row.fate, row.record) == (Fate.CHANGED, known.public_id)


def test_whom_a_row_means_is_remembered_even_where_its_name_is_not_taken(app, cast, known):
    with db.writing():
        FactCheck.delete().where(FactCheck.organisation == known, FactCheck.group == FactGroup.BASICS).execute()
        FactCheck.create(organisation=known, group=FactGroup.BASICS, confidence=Confidence.CONFIRMED,
                         confirmed_on=clock.today(), confirmed_by=cast.nela)
    name, content = csv_file(OTHER, NUMBERS[0], AWAY)
    content = content.replace(b";M", b";Telefon;M").replace(b"spolek;D", b"spolek;777 111 222;D")
    run = send(cast.kora, content, name)
    for decision in (known.public_id, OURS):
        imports.decide(cast.kora, run.public_id, {1: decision})
    confirm(cast.kora, imports.find(cast.kora, run.public_id))
    row = Organisation.get_by_id(known.id)
    assert (row.name, row.phone) == (known.name, "777 111 222")
    assert ImportMatch.get().organisation_id == known.id
