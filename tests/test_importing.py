"""Files on their way into the book: matching, deciding, writing at once, a second run, undoing."""
import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Confidence,
    FactCheck,
    FactGroup,
    Fate,
    FieldChange,
    Import,
    ImportRow,
    ImportState,
    Journal,
    Kind,
    Organisation,
    RegisterRecord,
    SearchEntry,
    Service,
    ServiceArea,
)
from services import import_jobs, import_register, imports, records

HERE = Path(__file__).parent
HEADER = ["IČO", "Název organizace", "Ulice", "Město", "PSČ", "Kraj", "E-mail", "Telefon", "Web"]
NUMBERS = ["27082440", "45274649", "60193336", "26168685", "00064581", "44992785"]


def xlsx(*rows, header=HEADER) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in [header, *rows]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def line(name, ico="", city="Ukázkov", **more):
    values = {"IČO": ico, "Název organizace": name, "Město": city, **more}
    return [values.get(column, "") for column in HEADER]


def send(actor, content, name="seznam.xlsx", **options):
    run = imports.send(actor, io.BytesIO(content), name, **options)
    import_jobs.work_due()
    run = imports.find(actor, run.public_id)
    if run.state is ImportState.MAPPING:
        imports.map_columns(actor, run.public_id, imports.look_of(run)["mapping"])
        import_jobs.work_due()
    return imports.find(actor, run.public_id)


def confirm(actor, run, **options):
    imports.confirm(actor, run.public_id, **options)
    import_jobs.work_due()
    return imports.find(actor, run.public_id)


def undo(actor, run):
    imports.undo(actor, run.public_id)
    import_jobs.work_due()
    return imports.find(actor, run.public_id)


def rows(run, fate=None):
    return [(shown.row.title, shown) for shown in imports.preview(run, fate, 1)[0]]


def fates(run):
    return {row.title: row.fate.value for row in ImportRow.select().where(ImportRow.run == run.id)}


def item(number=9900001, ico="27082440", name="Zkušební spolek", kind="33", places=10, **changes):
    return {"identifikator": f"{number}", "datumPoskytovaniOd": "2015-01-01", "datumPoskytovaniDo": None,
            "druhSocialniSluzby": {"id": f"DruhSocialniSluzby/{kind}"}, "zarizeni": [],
            "poskytovatel": {"nazev": name, "ico": ico,
                             "statutarniOrgany": [{"jmeno": "Tajný", "prijmeni": "Statutář"}],
                             "adresa": {"psc": "77900", "cisloDomovni": 1, "ulice": {"nazev": "Dlouhá"},
                                        "obec": {"id": "Obec/500496"}, "kraj": {"id": "Kraj/124"}},
                             "emaily": [{"email": "info@zkusebni.example"}], "telefony": [], "weby": []},
            "formy": [{"forma": {"id": "FormaSocialniSluzby/amb"},
                       "kapacity": [{"pocet": places, "typ": {"id": "TypKapacitySocialniSluzby/klient"}}]}], **changes}


def register(*items) -> bytes:
    return json.dumps({"polozky": list(items)}).encode()


# Matching

def test_nothing_is_written_before_it_is_confirmed(app, cast):
    before = Organisation.select().count()
    run = send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0])))
    assert (run.state, Organisation.select().count()) == (ImportState.READY, before)
    done = confirm(cast.kora, run)
    assert done.state is ImportState.DONE
    new = Organisation.get(Organisation.name == "Nový spolek")
    assert (new.ico, new.city, new.kind) == (NUMBERS[0], "Ukázkov", Kind.NGO)
    assert SearchEntry.select().where(SearchEntry.record == new.public_id).exists()
    assert not imports.path_of(done).exists()


def test_a_row_is_known_by_its_company_number_whatever_its_name(app, cast):
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0]}, "form")
    run = send(cast.kora, xlsx(line("Úplně jiné jméno", NUMBERS[0], city="")))
    assert fates(run) == {"Úplně jiné jméno": "changed"}
    _title, shown = rows(run)[0]
    assert shown.changes == [("Název organizace", cast.ngo.name, "Úplně jiné jméno")]


def test_a_second_run_changes_nothing(app, cast):
    content = xlsx(line("Nový spolek", NUMBERS[0]), line("Bez čísla"), line("Jinde", city="Brno"))
    confirm(cast.kora, send(cast.kora, content))
    run = send(cast.kora, content)
    assert set(fates(run).values()) == {"unchanged"}
    with pytest.raises(RuleBroken):
        imports.confirm(cast.kora, run.public_id)


def test_the_same_name_elsewhere_is_a_question_that_is_asked_once(app, cast):
    content = xlsx(line(cast.ngo.name, city="Dalekov"))
    run = send(cast.kora, content)
    assert list(fates(run).values()) == ["undecided"]
    (_title, shown), = rows(run)
    assert cast.ngo.public_id in [each.public_id for each in shown.candidates]
    imports.decide(cast.kora, run.public_id, {shown.row.number: cast.ngo.public_id})
    confirm(cast.kora, imports.find(cast.kora, run.public_id))
    assert Organisation.get_by_id(cast.ngo.id).city == "Dalekov"
    assert list(fates(send(cast.kora, content)).values()) == ["unchanged"]


@pytest.mark.parametrize("decision, new", [("new", 1), ("skip", 0)])
def test_a_question_can_be_answered_by_a_new_record_or_by_leaving_it_out(app, cast, decision, new):
    before = Organisation.select().count()
    run = send(cast.kora, xlsx(line(cast.ngo.name, city="Dalekov"), line("Jiný", NUMBERS[1])))
    number = next(shown.row.number for title, shown in rows(run) if title == cast.ngo.name)
    imports.decide(cast.kora, run.public_id, {number: decision})
    confirm(cast.kora, run)
    assert Organisation.select().count() == before + 1 + new


def test_what_nobody_decided_stays_out(app, cast):
    before = Organisation.select().count()
    confirm(cast.kora, send(cast.kora, xlsx(line(cast.ngo.name, city="Dalekov"), line("Jiný", NUMBERS[1]))))
    assert Organisation.select().count() == before + 1


def test_the_same_row_twice_is_told(app, cast):
    run = send(cast.kora, xlsx(line("Nový", NUMBERS[0]), line("Nový", NUMBERS[0])))
    shown = rows(run, Fate.WRONG)[0][1]
    assert (shown.wrong[0].row, "2" in shown.wrong[0].reason) == (3, True)


def test_two_rows_that_mean_one_organisation_ask(app, cast):
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0]}, "form")
    run = send(cast.kora, xlsx(line("Pobočka Západ", NUMBERS[0], city="Cheb"), line(cast.ngo.name, NUMBERS[0])))
    assert fates(run)["Pobočka Západ"] == "undecided"


def test_what_a_person_confirmed_becomes_a_question(app, cast):
    with db.writing():
        FactCheck.delete().where(FactCheck.organisation == cast.ngo, FactCheck.group == FactGroup.CONTACT).execute()
        FactCheck.create(organisation=cast.ngo, group=FactGroup.CONTACT, confidence=Confidence.CONFIRMED,
                         confirmed_on=clock.today(), confirmed_by=cast.nela)
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0], "phone": "111"}, "form")
    content = xlsx(line(cast.ngo.name, NUMBERS[0], city="Nové místo", Telefon="222"))
    for decision, phone in (("ours", "111"), ("file", "222")):
        run = send(cast.kora, content)
        (_title, shown), = rows(run)
        assert (shown.row.fate, shown.row.question) == (Fate.UNDECIDED, "confirmed")
        assert imports.decide(cast.kora, run.public_id, {shown.row.number: decision}) == 1
        confirm(cast.kora, run)
        row = Organisation.get_by_id(cast.ngo.id)
        assert (row.city, row.phone) == ("Nové místo", phone)


# Wrong rows

def test_wrong_rows_stop_it_unless_they_are_left_out(app, cast):
    before = Organisation.select().count()
    run = send(cast.kora, xlsx(line("Dobrý", NUMBERS[0]), line("Špatný", "12345678")))
    with pytest.raises(RuleBroken):
        imports.confirm(cast.kora, run.public_id)
    shown = rows(run, Fate.WRONG)[0][1].wrong[0]
    assert (shown.row, shown.column) == (3, "IČO") and "IČO" in shown.reason
    confirm(cast.kora, run, leave_out=True)
    assert Organisation.select().count() == before + 1


def test_a_number_that_a_spreadsheet_shortened_is_mended(app, cast):
    run = send(cast.kora, xlsx(line("Krátké číslo", 64581)))
    confirm(cast.kora, run)
    assert Organisation.get(Organisation.name == "Krátké číslo").ico == "00064581"


# Undoing

def everything():
    tables = (FactCheck, Service, ServiceArea)
    return {model.__name__: sorted(map(str, model.select().tuples())) for model in tables} | {
        "o": sorted(str({name: value for name, value in row.items() if name != "version"})
                    for row in Organisation.select().dicts())}


def test_an_import_is_undone_as_a_whole(app, cast):
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0], "phone": "111"}, "form")
    before = everything()
    run = confirm(cast.kora, send(cast.kora, xlsx(line("Jiné jméno", NUMBERS[0], Telefon="222"), line("Nový"))))
    assert everything() != before
    assert undo(cast.kora, run).state is ImportState.UNDONE
    assert everything() == before
    assert FieldChange.select().where(FieldChange.via == f"import-undone:{run.public_id}").exists()
    assert not SearchEntry.select().where(SearchEntry.title == "Nový").exists()


def test_undoing_a_register_puts_services_back(app, cast):
    confirm(cast.kora, send(cast.kora, register(item(places=10)), "rpss.json"))
    before = {**everything(), "Service": [(row.places_total, row.source, row.places_on) for row in Service.select()]}
    second = register(item(places=25, kind="20"), item(9900002, places=3))
    run = confirm(cast.kora, send(cast.kora, second, "rpss.json"))
    assert Service.get(slug="rpss-9900001").places_total == 25
    undo(cast.kora, run)
    after = {**everything(), "Service": [(row.places_total, row.source, row.places_on) for row in Service.select()]}
    assert after == before


@pytest.mark.parametrize("touch", [
    lambda cast, row: records.change(cast.kora, row, {"phone": "333"}, "form"),
    lambda cast, row: records.add(cast.kora, Service, row, {"name": "Přidaná"}, "form", slug="pridana",
                                  confidence=Confidence.PARTLY),
    lambda cast, row: FactCheck.update(confirmed_by=cast.nela).where(FactCheck.organisation == row.id).execute(),
])
def test_what_somebody_changed_since_is_not_undone(app, cast, touch):
    run = confirm(cast.kora, send(cast.kora, xlsx(line("Nový", NUMBERS[0]), line("Druhý", NUMBERS[1]))))
    with db.writing():
        touch(cast, Organisation.get(Organisation.name == "Nový"))
    run = undo(cast.kora, run)
    assert run.state is ImportState.DONE and "Nový" in imports.problem_of(run)
    assert Organisation.select().where(Organisation.name == "Druhý").exists()


def test_what_changed_since_the_preview_refuses_the_whole(app, cast):
    records.change(cast.kora, cast.ngo, {"ico": NUMBERS[0]}, "form")
    run = send(cast.kora, xlsx(line("Jiné jméno", NUMBERS[0]), line("Nový", NUMBERS[1])))
    records.change(cast.kora, Organisation.get_by_id(cast.ngo.id), {"city": "Mezitím"}, "form")
    run = confirm(cast.kora, run)
    assert run.state is ImportState.READY and "Jiné jméno" in imports.problem_of(run)
    assert not Organisation.select().where(Organisation.name == "Nový").exists()


# Who may

def test_anybody_of_the_book_previews_and_the_coordinator_confirms(app, cast):
    run = send(cast.nela, xlsx(line("Nový", NUMBERS[0])))
    with pytest.raises(Missing):
        imports.confirm(cast.nela, run.public_id)
    with pytest.raises(Missing):
        imports.find(cast.pavel, run.public_id)
    assert confirm(cast.kora, run).state is ImportState.DONE
    with pytest.raises(Missing):
        imports.undo(cast.nela, run.public_id)


def test_it_is_in_the_journal(app, cast):
    run = undo(cast.kora, confirm(cast.kora, send(cast.kora, xlsx(line("Nový")))))
    said = [what for what, in Journal.select(Journal.what).where(Journal.record == run.public_id).tuples()]
    assert said == ["import.send", "import.confirm", "import.write", "import.undo_asked", "import.undo"]


# The register

def test_the_register_leaves_out_what_ended_what_is_secret_and_who_leads(app, cast):
    ended = item(9900002, "45274649", "Skončený", datumPoskytovaniDo="2020-01-01")
    secret = item(9900003, zarizeni=[{"nazev": "Tajné", "adresa": None, "utajenaAdresa": True}])
    confirm(cast.kora, send(cast.kora, register(item(), ended, secret), "rpss.json"))
    assert not Organisation.select().where(Organisation.name == "Skončený").exists()
    assert Service.get(slug="rpss-9900001").places_total == 10
    assert RegisterRecord.get(number="9900003").street == ""
    assert RegisterRecord.get(number="9900002").ended_on.year == 2020
    everything_kept = "".join(str(row) for model in (Import, ImportRow, RegisterRecord, Organisation, FieldChange)
                              for row in model.select().tuples())
    assert "Statut" not in everything_kept


def test_what_is_missing_in_the_next_register_is_marked(app, cast):
    confirm(cast.kora, send(cast.kora, register(item(), item(9900002, "45274649", "Druhý spolek")), "rpss.json"))
    assert import_register.not_in_register() == ([], 0)
    confirm(cast.kora, send(cast.kora, register(item(places=12)), "rpss.json"))
    found, count = import_register.not_in_register()
    assert (count, found[0].name) == (1, "Druhý spolek")


# The command

def run_command(app, *args):
    result = app.test_cli_runner().invoke(args=["import-organisations", *map(str, args)])
    return result, json.loads(result.output.strip().splitlines()[-1])


def test_the_command_imports_a_register_and_says_so_in_its_last_line(app, tmp_path):
    file = tmp_path / "rpss.json"
    file.write_bytes(register(item(), item(9900002)))
    nothing = dict.fromkeys(("new", "changed", "unchanged", "wrong", "undecided"), 0)
    expected = {"organisations": {**nothing, "new": 1}, "services": {**nothing, "new": 2}}
    assert run_command(app, file, "--dry-run")[1] == expected
    assert not Service.select().where(Service.slug == "rpss-9900001").exists()
    result, counts = run_command(app, file, "--format", "rpss")
    assert (result.exit_code, counts) == (0, expected)
    again = {"organisations": {**nothing, "unchanged": 1}, "services": {**nothing, "unchanged": 2}}
    assert run_command(app, file)[1] == again


def test_the_command_writes_nothing_where_a_row_is_wrong(app, tmp_path):
    file = tmp_path / "seznam.xlsx"
    file.write_bytes(xlsx(line("Dobrý", NUMBERS[0]), line("Špatný", "12345678")))
    result, counts = run_command(app, file)
    assert (result.exit_code, counts["organisations"]["wrong"]) == (1, 1)
    assert "IČO" in result.output and "3" in result.output
    assert not Organisation.select().where(Organisation.name == "Dobrý").exists()
