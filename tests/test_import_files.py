"""Two hundred broken files: no error of ours, nothing written, and each told in Czech with where and why."""
import io
import random
import re
import zipfile

import pytest
from openpyxl import Workbook

from importers import limits, reading
from models import FactCheck, ImportRow, ImportState, Organisation, RegisterRecord, Service
from services import import_command, import_jobs, imports
from tests.test_importing import HEADER, item, line, register, xlsx

GOOD = ";".join(HEADER) + "\n" + "\n".join(";".join(line(f"Spolek {n}")) for n in range(3))
CZECH = re.compile(r"řád|sloup|list|soubor|polož|prázdn|poškozen|rozbalen|text|údaj|heslem|patří|chybí|registr|HSDS|"
                   r"smí|nelze|není|víc|IČO|známe|znám|stojí|dlouh|delší|název|čtení", re.IGNORECASE)


def csv_with(number, cells: dict) -> bytes:
    rows = [dict(zip(HEADER, line(f"Spolek {n}"), strict=True)) for n in range(6)]
    rows[number].update(cells)
    return (";".join(HEADER) + "\n" + "\n".join(";".join(map(str, row.values())) for row in rows)).encode()


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


def changed_part(part: str, content: bytes) -> bytes:
    """A good XLSX with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(xlsx(line("Spolek")))) as package:
        files = {name: package.read(name) for name in package.namelist()}
    return packed({**files, part: content})


BAD_CELLS = [
    ("IČO", "12345678"), ("IČO", "dvanáct"), ("IČO", "123456789"), ("IČO", "1+1"), ("E-mail", "nikdo"),
    ("E-mail", "a@b"), ("E-mail", "@x.cz"), ("Web", "javascript:alert(1)"), ("Web", "data:text/html,x"),
    ("Web", "není odkaz"), ("Kraj", "Atlantida"), ("Kraj", "CZ999"), ("Název organizace", ""),
    ("Název organizace", "\u200b"), ("Název organizace", "x" * 201), ("Telefon", "1" * 300), ("Město", "m" * 500),
]
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%b">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(98, 108)) + b"]><x>&k;</x>"


def broken_files():
    """Pairs (name of the file, content), the same in each run; each is wrong in one way."""
    chance = random.Random(43)
    for number, (column, cell) in enumerate(BAD_CELLS):
        yield f"cell-{number}.csv", csv_with(number % 6, {column: cell})
        yield f"cell-{number}.xlsx", xlsx(line("Dobrý"), line(**{"name": "Spolek", column: cell} if column !=
                                                             "Název organizace" else {"name": cell}))
    good_xlsx, good_json = xlsx(*[line(f"S {n}") for n in range(9)]), register(item(), item(9900002))
    for cut in range(10):
        yield f"cut-{cut}.xlsx", good_xlsx[:len(good_xlsx) * (cut + 1) // 12]
        yield f"cut-{cut}.json", good_json[:len(good_json) * (cut + 1) // 12]
    for number in range(20):
        yield f"noise-{number}.{'xlsx' if number % 2 else 'json'}", chance.randbytes(400)
        yield f"noise-{number}.csv", b"\0" + chance.randbytes(400)
    for number, content in enumerate([b"", b"\n\n\n", b";;;;\n;;;;", b"\xff\xfe\x00", b"\xef\xbb\xbf",
                                      b"jen jeden sloupec\nx",
                                      b"A;A\n1;2", b"a;b\n1;2", b'N\xe1zev;I\xc8O\n"x;1', ";".join(HEADER).encode(),
                                      (";".join(HEADER) + "\n;;;;;;;;").encode(), b"\x81\x8d\x90;x\n",
                                      b"Nazev" + b";" * 1_000_000, b"Nazev;ICO\n" + b";" * 1_000_000 + b"x",
                                      b'Nazev;ICO\n"' + b"x" * 300_000 + b'";',
                                      (GOOD + "\n" + ";" * 12 + "x").encode()]):
        yield f"table-{number}.csv", content
    for number, (part, content) in enumerate([
            ("xl/worksheets/sheet1.xml", b"<broken"), ("xl/worksheets/sheet1.xml", ENTITIES), ("xl/workbook.xml", b""),
            ("xl/workbook.xml", ENTITIES), ("[Content_Types].xml", b"<x/>"), ("xl/_rels/workbook.xml.rels", ENTITIES),
            ("xl/worksheets/sheet1.xml", b" " * 30_000_000), ("xl/styles.xml", b"<not"),
            ("xl/worksheets/sheet1.xml", b"\0" * 200_000_000)]):
        yield f"part-{number}.xlsx", changed_part(part, content)
    yield "bomb.zip", packed({"organizations.csv": b"id,name\n" + b"a" * 160_000_000})
    yield "many.zip", packed({f"{n}.csv": b"" for n in range(limits.MOST_PARTS + 1)})
    yield "empty.zip", packed({})
    yield "other.zip", packed({"readme.csv": b"x"})
    yield "orphan.zip", packed({"services.csv": b"id,organization_id,name\n1,nobody,Sluzba\n"})
    yield "nameless.zip", packed({"organizations.csv": b"id,name\n1,\n"})
    book = Workbook()
    yield "empty.xlsx", _saved(book)
    book.active.append([f"sloupec {n}" for n in range(300)])
    yield "wide.xlsx", _saved(book)
    for number, content in enumerate([b"{}", b"[]", b"null", b'{"polozky": {}}', b'{"polozky": [1, 2]}',
                                      b'{"polozky": [{}]}', b'{"polozky": [{"poskytovatel": 1}]}', b"[1, \"x\", null]",
                                      b"[" * 200_000, b'{"a":' * 100_000, b'[{"name": ' + b"[" * 50_000,
                                      b'[{"name": 1e999999}]', b'[{"name": {"a": 1}}]', b'{"contents": [{}]}',
                                      b'[{"id": "x"}]',
                                      b'{"polozky": [' + b'{"poskytovatel": {"nazev": "x"}},' * 3 + b"]}"]):
        yield f"shape-{number}.json", content
    changes = [{"identifikator": "x"}, {"identifikator": None}, {"druhSocialniSluzby": None},
               {"druhSocialniSluzby": {"id": "DruhSocialniSluzby/999"}}, {"poskytovatel": None}, {"poskytovatel": []},
               {"formy": [{"kapacity": [{"pocet": -1}]}]}, {"formy": [{"kapacity": [{"pocet": "mnoho"}]}]},
               {"poskytovatel": {"nazev": "", "ico": "45274649"}}, {"poskytovatel": {"nazev": "x", "ico": "abc"}},
               {"poskytovatel": {"nazev": "x" * 999}}, {"poskytovatel": {"nazev": ["pole"]}},
               {"druhSocialniSluzby": [1]}, {"druhSocialniSluzby": {"id": 7}}, {"identifikator": "9" * 99}]
    for number, change in enumerate(changes):
        yield f"item-{number}.json", register(item(**change))
        yield f"item-{number}-later.json", register(item(), {**item(9900002), **change})
    for number in range(30):
        content = bytearray(good_json)
        content[chance.randrange(len(content) // 3)] = chance.choice(b"{}[]\"\0\xff")
        yield f"flipped-{number}.json", bytes(content) + b"}"


def _saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def counted():
    return [model.select().count() for model in (Organisation, Service, FactCheck, RegisterRecord)]


def told(kora, name, content) -> list[str]:
    """Sends a file by its page and confirms it if it can; the sentences that the person is shown."""
    token = kora.get("/imports").page.token
    answer = kora.post("/imports/send", {"file": (io.BytesIO(content), name), "csrf_token": token},
                       content_type="multipart/form-data")
    assert answer.status in {303, 422}, f"{name}: {answer.status}"
    if answer.status == 422:
        return [answer.text]
    here = answer.location
    for _turn in range(2):
        import_jobs.work_due()
        page = kora.get(here)
        assert page.status == 200, f"{name}: {page.status}"
        if page.page.form(f"{here}/columns"):
            answer = kora.send(f"{here}/columns", page=here)
            assert answer.status in {303, 422}, f"{name}: {answer.status}"
            if answer.status == 422:
                return [answer.text]
    if page.page.form(f"{here}/confirm"):
        answer = kora.send(f"{here}/confirm", page=here)
        assert answer.status == 422, f"{name} could be confirmed"
    return [kora.get(f"{here}?fate=wrong").text]


FILES = list(broken_files())


def sentence_of(name, content, folder):
    """What reading alone says of a file, in Czech: where and why."""
    path = folder / name
    path.write_bytes(content)
    _counts, problems = import_command.load(path)
    return problems


def test_broken_files_write_nothing_and_are_told(app, cast, sign_in, figure, engine):
    """All of them on SQLite; on PostgreSQL, where reading is the same and only writing differs, each fourth."""
    kora, before, failed, spoken = sign_in("kora"), counted(), [], 0
    files = FILES if engine.name == "sqlite" else FILES[::4]
    for name, content in files:
        try:
            page = " ".join(told(kora, name, content))
        except AssertionError as error:
            failed.append(str(error))
            continue
        spoken += bool(CZECH.search(page))
        for run in imports.recent(cast.kora, 1)[0]:
            if run.state in {ImportState.MAPPING, ImportState.READY, ImportState.FAILED}:
                imports.drop(cast.kora, run.public_id)
        if counted() != before:
            failed.append(f"{name} wrote something")
            before = counted()
    assert not failed, failed[:10]
    assert spoken == len(files)
    figure("fig-F1 broken import files that broke us or wrote something", len(failed), "files", n=len(files),
           control=_control(kora))


def _control(kora):
    """A whole file of the same kind goes through the same steps and can be confirmed."""
    try:
        told(kora, "dobry.csv", GOOD.encode())
    except AssertionError as error:
        return f"a whole file: {error}"
    return False


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # nothing is asked of the database
@pytest.mark.parametrize("name, content", FILES[:34], ids=[name for name, _content in FILES[:34]])
def test_a_bad_cell_is_named_by_sheet_row_column_and_reason(app, engine, tmp_path, name, content):
    problems = sentence_of(name, content, tmp_path)
    assert len(problems) == 1, problems
    assert re.search(r"řádek \d+", problems[0]) and "sloupec" in problems[0] and CZECH.search(problems[0])
    assert ("Sheet" if name.endswith("xlsx") else name) in problems[0]
    assert not ImportRow.select().exists()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_reader_that_wants_too_much_memory_is_stopped(app, engine, tmp_path, real_readers):
    problems = sentence_of("bomb.json", b'[{"name": "' + b"x" * 45_000_000 + b'"}]', tmp_path)
    assert len(problems) == 1 and CZECH.search(problems[0])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name, content", [("whole.csv", GOOD.encode()), *FILES[1::40]])
def test_a_reader_as_the_application_begins_it_says_the_same(app, engine, tmp_path, real_readers, quick_readers,
                                                             monkeypatch, name, content):
    """The other tests read by forks of one process."""
    said = sentence_of(name, content, tmp_path)
    monkeypatch.undo()
    assert reading.start != quick_readers
    assert said == sentence_of(name, content, tmp_path)
