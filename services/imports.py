"""Files on their way into the book: sent, read, compared, shown, decided, confirmed, written, undone.

Anybody who sees the book may send a file and look at what it would change; the coordinator confirms and undoes. What
takes long is done by a job (`work_due`), which finds its work in the state of the import: a server that stops in the
middle goes on where it was. Nothing is written into the book before somebody confirms, and then all of it at once. The
file is kept, readable by its owner alone, until the import ends.
"""
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask_babel import gettext as _
from peewee import chunked, fn

import clock
import db
from errors import Missing, RuleBroken
from importers import limits, reading
from importers.rows import TAKE
from importers.spreadsheet import FIELDS, SERVICE
from importers.tables import Problem, Wrong, later
from models import (
    Fate,
    Import,
    ImportMapping,
    ImportRow,
    ImportState,
    Organisation,
    OrganisationState,
    RecordKind,
    RegisterRecord,
)
from policy import Can, may, visible_imports
from services import import_compare, import_write, journal, records
from services.import_compare import CONFIRMED, FILE, NEW, OURS, SKIP, WHO, dumped, unpacked
from services.record_words import field_word, value_words
from text import clean_text

PER_PAGE = 50
MOST_OPEN = 5  # unfinished imports of one person
KEPT_DAYS = 30  # an import that nobody confirms or drops
WORKING = (ImportState.LOOKING, ImportState.READING, ImportState.WRITING, ImportState.UNDOING)
OPEN = (*WORKING, ImportState.MAPPING, ImportState.READY)
TABLES = {"csv", "xlsx"}
COUNTED = {RecordKind.ORGANISATION: "organisations", RecordKind.SERVICE: "services"}
SUFFIXES = {".csv", ".txt", ".xlsx", ".xlsm", ".json", ".zip"}


@dataclass
class _Settings:
    folder: Path = Path(tempfile.gettempdir())
    start: Callable[[], None] = lambda: None


_settings = _Settings()


def configure(data: Path, start: Callable[[], None]) -> None:
    """Where files wait, and what wakes the worker."""
    _settings.folder, _settings.start = Path(data) / "imports", start


# Sending

def send(actor, stream, name: str, format: str = "", only_useful: bool = False) -> Import:
    """Takes a file (a stream of bytes) and has it looked at. Raises RuleBroken with field `file`."""
    name = clean_text(Path(name or "").name, limit=120)
    if Path(name).suffix.lower() not in SUFFIXES:
        raise RuleBroken(_("Choose a file that ends with .csv, .xlsx, .json or .zip."), field="file")
    if Import.select().where(Import.user == actor.id, Import.state.in_(OPEN)).count() >= MOST_OPEN:
        raise RuleBroken(_("Finish or throw away one of your imports first."), field="file")
    run = Import(user=actor, file=name, format="", options=dumped({"only_useful": only_useful}))
    path = path_of(run)
    try:
        _keep(stream, path)
        run.format = format or reading.format_of(path, name)
        limits.check_size(path, run.format)
    except Wrong as wrong:
        path.unlink(missing_ok=True)
        raise RuleBroken(_("This file cannot be taken: %(reason)s", reason=str(wrong)), field="file") from wrong
    run.state = ImportState.LOOKING if run.format in TABLES else ImportState.READING
    with db.writing():
        run.save(force_insert=True)
        journal.wrote(actor, "import.send", run.public_id, parts=run.format)
    _settings.start()
    return run


def path_of(run) -> Path:
    return _settings.folder / run.public_id


def _keep(stream, path):
    """Copies what was sent; it may be longer than any format takes, so it stops there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        most = max(limits.MOST_BYTES.values()) + 1
        while most > 0 and (piece := stream.read(min(1 << 20, most))):
            file.write(piece)
            most -= len(piece)


# Looking at an import

def find(actor, public_id: str, lock: bool = False) -> Import:
    """An import that the actor may see. Raises Missing."""
    query = visible_imports(actor).where(Import.public_id == public_id)
    run = (db.locked(query) if lock else query).first()
    if run is None:
        raise Missing
    return run


def recent(actor, page: int) -> tuple[list[Import], int]:
    """Imports the actor may see, newest first, and how many there are."""
    query = visible_imports(actor).where(Import.state != ImportState.DROPPED)
    return list(query.order_by(Import.id.desc()).paginate(page, PER_PAGE)), query.count()


def waiting(actor) -> int:
    """How many imports wait for the coordinator to confirm them."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        return 0
    return Import.select().where(Import.state == ImportState.READY).count()


def problem_of(run) -> str:
    """Why it failed, or was not written, in the reader's language."""
    if not run.problem:
        return ""
    given = json.loads(run.problem)
    return _(given["message"], **given["details"])


def counts(run) -> dict[str, dict[str, int]]:
    """`{organisations|services: {new, changed, unchanged, wrong, undecided}}` of the rows of an import."""
    found = {name: {fate.value: 0 for fate in Fate} for name in COUNTED.values()}
    query = (ImportRow.select(ImportRow.kind, ImportRow.fate, fn.COUNT(ImportRow.id)).where(ImportRow.run == run.id)
             .group_by(ImportRow.kind, ImportRow.fate).tuples())
    for kind, fate, count in query:
        found[COUNTED[RecordKind(kind)]][Fate(fate).value] = count
    return found


@dataclass(frozen=True)
class Shown:
    """A row of the preview. `changes`: (field, old, new) as people read them; `values` of a new record likewise;
    `candidates`: organisations it may mean."""

    row: ImportRow
    changes: list[tuple[str, str, str]]
    values: list[tuple[str, str]]
    wrong: list[Problem]
    notes: list[Problem]
    candidates: list[Organisation]


def preview(run, fate: Fate | None, page: int) -> tuple[list[Shown], int]:
    """A page of rows with this fate (or all), and how many there are."""
    query = ImportRow.select().where(ImportRow.run == run.id)
    query = query if fate is None else query.where(ImportRow.fate == fate)
    rows = list(query.order_by(ImportRow.number).paginate(page, PER_PAGE))
    wanted = {each for row in rows for each in json.loads(row.candidates or "[]")}
    known = {each.public_id: each for each in Organisation.select().where(
        Organisation.public_id.in_(list(wanted) or [""]))}
    return [_shown(row, known) for row in rows], query.count()


def _shown(row, known) -> Shown:
    content, line = unpacked(row)
    told = row.fate in {Fate.NEW, Fate.UNDECIDED} and not row.changes
    values = [(_field(row.kind, name), _words(row.kind, name, value)) for name, value in content.values.items()
              if told and name in TAKE[content.kind] and name != "name"]
    changes = [(_field(row.kind, name), value_words(row.kind, name, old), value_words(row.kind, name, new))
               for name, (old, new) in json.loads(row.changes or "{}").items()]
    return Shown(row, changes, values, content.problems, content.notes,
                 [known[each] for each in line["candidates"] if each in known])


def _field(kind, name) -> str:
    if name != "name":
        return field_word(name)
    return _("Name of the organisation") if kind is RecordKind.ORGANISATION else _("Name of the service")


def _words(kind, name, value) -> str:
    text = "\n".join(value) if isinstance(value, list) else str(value)
    return value_words(kind, name, text).replace("\n", ", ")


# Which column is what

def look_of(run) -> dict:
    """The first look at a table (spreadsheet.Look as a dict) with `mapping`: what to offer for each column, `shown`:
    some values of each, `remembered`: whether the person chose it before."""
    found = json.loads(run.header)
    kept = ImportMapping.get_or_none(ImportMapping.user == run.user_id,
                                     ImportMapping.fingerprint == found["fingerprint"])
    shown = [" · ".join([cells[place][:60] for cells in found["examples"] if place < len(cells) and cells[place]][:2])
             for place in range(len(found["header"]))]
    return {**found, "mapping": json.loads(kept.mapping) if kept else found["guess"], "remembered": kept is not None,
            "shown": shown}


def field_choices() -> list[tuple[str, str]]:
    """The fields a column may be, with their names."""
    words = {"house": _("House number"), "orientation": _("Orientation number"), "name": _("Name of the organisation"),
             f"{SERVICE}name": _("Name of the service")}
    return [(name, words.get(name) or (_("%(field)s (of the service)", field=field_word(name.removeprefix(SERVICE)))
                                       if name.startswith(SERVICE) else field_word(name)))
            for name in sorted(FIELDS, key=lambda name: name.startswith(SERVICE))]


def map_columns(actor, public_id: str, mapping: dict[str, str]) -> Import:
    """Says which column of a table is which field, remembers it, and has the rows read. Raises RuleBroken, Missing."""
    with db.writing():
        run = find(actor, public_id, lock=True)
        if run.state not in {ImportState.MAPPING, ImportState.READY} or run.format not in TABLES:
            raise RuleBroken(_("The columns of this file cannot be chosen now."))
        look = json.loads(run.header)
        chosen = {column: field for column, field in mapping.items() if column in look["header"] and field in FIELDS}
        repeated = [field for field, count in Counter(chosen.values()).items() if count > 1]
        if repeated:
            raise RuleBroken(_("Each field may be one column only."), field=repeated[0])
        if "name" not in chosen.values():
            raise RuleBroken(_("Say which column is the name of the organisation."))
        ImportMapping.delete().where(ImportMapping.user == actor.id,
                                     ImportMapping.fingerprint == look["fingerprint"]).execute()
        ImportMapping.create(user=actor, fingerprint=look["fingerprint"], mapping=dumped(chosen))
        run.mapping = dumped(chosen)
        _go(run, ImportState.READING)
    _settings.start()
    return run


def _go(run, state, problem=None):
    run.state, run.done = state, 0
    run.problem = dumped(problem) if problem else ""
    run.save()


# Deciding

def decide(actor, public_id: str, decisions: dict[int, str]) -> int:
    """Answers questions of rows (by number): a public id, new, skip, file or ours. Returns how many were answered."""
    with db.writing():
        run = find(actor, public_id, lock=True)
        if run.state is not ImportState.READY:
            raise RuleBroken(_("This import is not waiting for decisions."))
        rows = list(ImportRow.select().where(ImportRow.run == run.id, ImportRow.number.in_(list(decisions) or [0]),
                                             ImportRow.question != ""))
        rows = [row for row in rows if _allowed(row, decisions[row.number])]
        if rows:
            _answer(run, rows, decisions)
            journal.wrote(actor, "import.decide", run.public_id, parts=str(len(rows)))
        return len(rows)


def _allowed(row, decision) -> bool:
    known = {FILE, OURS} if row.question == CONFIRMED else {NEW, SKIP, *json.loads(row.candidates or "[]")}
    return decision in known


def _answer(run, rows, decisions):
    book = import_compare.Book(run.format in {"hsds", "rpss"})
    for stored in rows:
        row, line = unpacked(stored)
        line["decision"] = decisions[stored.number]
        if stored.question == WHO:
            _answer_who(book, row, line)
        elif stored.kind is RecordKind.ORGANISATION:
            import_compare.compare_organisation(row, line, book.organisations[stored.record])
        else:
            owner = Organisation.select(Organisation.id).join(records.Service).where(
                records.Service.public_id == stored.record).scalar()
            book.read_services([owner])
            known = next(each for each in book.services[owner] if each.public_id == stored.record)
            import_compare._compare(row, line, known)
        if stored.question == CONFIRMED:
            line["question"] = CONFIRMED
        _store(stored, line)
        if stored.kind is RecordKind.ORGANISATION:
            _answer_services(run, book, stored, line)


def _answer_who(book, row, line):
    decision = line["decision"]
    line["record"], line["changes"], line["version"] = "", {}, None
    if decision == NEW:
        line["fate"] = Fate.NEW
    elif decision == SKIP:
        line["fate"] = Fate.UNCHANGED
    else:
        known = book.organisations[decision]
        line.update(record=known.public_id, version=known.version)
        import_compare.compare_organisation(row, line, known)
        line["question"] = line["question"] or WHO


def _answer_services(run, book, stored, line):
    """The services of an organisation of which is now known who it is."""
    mine = list(ImportRow.select().where(ImportRow.run == run.id, ImportRow.owner == stored.number)
                .order_by(ImportRow.number))
    pairs = [unpacked(each) for each in mine]
    if line["record"]:
        book.read_services([book.organisations[line["record"]].id])
    for _row, service in pairs:
        service["decision"] = ""
    import_compare.compare_services(book, line, pairs)
    for each, (_row, service) in zip(mine, pairs, strict=True):
        _store(each, service)


def _store(stored, line):
    stored.fate, stored.record, stored.version = line["fate"], line["record"], line["version"]
    stored.changes = dumped(line["changes"]) if line["changes"] else ""
    stored.question, stored.decision = line["question"], line["decision"]
    stored.save()


# Confirming, dropping, undoing

def confirm(actor, public_id: str, leave_out: bool = False) -> Import:
    """Has an import written. Rows nobody decided stay out; wrong ones only with `leave_out`. Raises RuleBroken."""
    with db.writing():
        run = _of_coordinator(actor, public_id)
        if run.state is not ImportState.READY:
            raise RuleBroken(_("This import is not waiting to be confirmed."))
        found = Counter()
        for each in counts(run).values():
            found.update(each)
        if found["wrong"] and not leave_out:
            raise RuleBroken(_("Some rows are wrong. Say that they are to be left out, or mend the file."),
                             field="leave_out")
        if not found["new"] + found["changed"]:
            raise RuleBroken(_("There is nothing to write: the book has all of it already."))
        run.confirmed_by = actor
        _go(run, ImportState.WRITING)
        journal.wrote(actor, "import.confirm", run.public_id)
    _settings.start()
    return run


def _of_coordinator(actor, public_id):
    run = find(actor, public_id, lock=True)
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    return run


def drop(actor, public_id: str) -> None:
    """Throws an import away that was not written. Raises RuleBroken."""
    with db.writing():
        run = find(actor, public_id, lock=True)
        if run.state not in {ImportState.LOOKING, ImportState.MAPPING, ImportState.READING, ImportState.READY,
                             ImportState.FAILED}:
            raise RuleBroken(_("This import cannot be thrown away any more."))
        _go(run, ImportState.DROPPED)
        ImportRow.delete().where(ImportRow.run == run.id).execute()
        journal.wrote(actor, "import.drop", run.public_id)
    path_of(run).unlink(missing_ok=True)


def undo(actor, public_id: str) -> Import:
    """Has everything put back that an import wrote. Raises RuleBroken."""
    with db.writing():
        run = _of_coordinator(actor, public_id)
        if run.state is not ImportState.DONE:
            raise RuleBroken(_("Only an import that was written can be undone."))
        run.confirmed_by = actor
        _go(run, ImportState.UNDOING)
        journal.wrote(actor, "import.undo_asked", run.public_id)
    _settings.start()
    return run


# The job

def work_due() -> int:
    """Does what waits, the oldest first; returns how many imports it went on with."""
    done = 0
    unsearchable = Import.state.in_([ImportState.DONE, ImportState.UNDONE]) & (Import.done < 100)
    waits = Import.select().where(Import.state.in_(WORKING) | unsearchable).order_by(Import.id)
    while (run := waits.clone().first()) is not None:
        _step(run)
        done += 1
    return done


def _step(run):
    steps = {ImportState.LOOKING: _look, ImportState.READING: _read, ImportState.WRITING: _write,
             ImportState.UNDOING: _undo, ImportState.DONE: _index_again, ImportState.UNDONE: _index_again}
    try:
        steps[run.state](run)
    except Wrong as wrong:
        _fail(run, {"message": wrong.message, "details": wrong.details})
    except FileNotFoundError:
        _fail(run, {"message": later("The file is no longer here. Send it again."), "details": {}})
    except Exception:
        _fail(run, {"message": later("Something went wrong on our side, and nothing was written."), "details": {}})
        raise


def _fail(run, problem):
    if run.state in {ImportState.DONE, ImportState.UNDONE}:
        return
    with db.writing():
        ImportRow.delete().where(ImportRow.run == run.id).execute()
        _go(run, ImportState.FAILED, problem)
    path_of(run).unlink(missing_ok=True)


def _look(run):
    found = reading.look(path_of(run), run.format, run.file)
    with db.writing():
        run.header = dumped(found)
        _go(run, ImportState.MAPPING)


def _options(run) -> dict:
    return {**json.loads(run.options or "{}"), "mapping": json.loads(run.mapping or "{}")}


def _read(run):
    """Reads and compares; the rows of the preview are put down some at a time, so that others can write too."""
    rows = [row for row in _rows_of(run, path_of(run)) if row.kind != "register"]
    lines = import_compare.compare(run, rows)
    with db.writing():
        ImportRow.delete().where(ImportRow.run == run.id).execute()
    for some in chunked(lines, 200):
        query = ImportRow.insert_many(list(some))
        with db.writing():
            query.execute()
    with db.writing():
        if not lines:
            raise Wrong(later("it has no rows."))
        # somebody may have thrown it away meanwhile
        Import.update(state=ImportState.READY, done=0, problem="").where(
            Import.id == run.id, Import.state == ImportState.READING).execute()


def _rows_of(run, path):
    return reading.read(path, run.format, run.file, _options(run), lambda count: _progress(run, min(90, count // 100)))


def _progress(run, done: int) -> None:
    """Notes how far it is, when that has changed by much."""
    if abs(done - run.done) >= 5:
        run.done = done
        with db.writing():
            Import.update(done=done).where(Import.id == run.id).execute()


def _write(run):
    try:
        import_write.write(run, lambda done: _progress(run, done))
    except RuleBroken as refusal:
        with db.writing():
            _go(run, ImportState.READY, {"message": later("%(reason)s"), "details": {"reason": refusal.sentence}})
        return
    if run.format == "rpss":
        import_write.keep_register([row.register for row in _rows_of(run, path_of(run)) if row.register], clock.now())
    path_of(run).unlink(missing_ok=True)
    _searchable(run)


def _searchable(run):
    with db.writing():
        Import.update(done=100).where(Import.id == run.id).execute()


def _index_again(run):
    """It was written and then the server stopped: the search is behind."""
    rows = [row for row, in ImportRow.select(ImportRow.record).where(ImportRow.run == run.id,
                                                                     ImportRow.record != "").tuples()]
    numbers = set()
    for some in chunked(rows, 500):
        numbers.update(each for each, in Organisation.select(Organisation.id).where(
            Organisation.public_id.in_(list(some))).tuples())
        numbers.update(each for each, in records.Service.select(records.Service.organisation).where(
            records.Service.public_id.in_(list(some))).tuples())
    import_write.reindex(numbers, lambda done: None)
    _searchable(run)


def _undo(run):
    try:
        import_write.undo(run, lambda done: _progress(run, done))
    except RuleBroken as refusal:
        with db.writing():
            _go(run, ImportState.DONE, {"message": later("%(reason)s"), "details": {"reason": refusal.sentence}})
    _searchable(run)


def drop_old() -> None:
    """Throws away what nobody confirmed for a month, and files that belong to no open import."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    with db.writing():
        old = Import.select(Import.id).where(Import.created_at < before, Import.state.in_(
            [ImportState.MAPPING, ImportState.READY, ImportState.FAILED]))
        numbers = [number for number, in old.tuples()]
        ImportRow.delete().where(ImportRow.run.in_(numbers or [0])).execute()
        Import.update(state=ImportState.DROPPED).where(Import.id.in_(numbers or [0])).execute()
    kept = {each for each, in Import.select(Import.public_id).where(Import.state.in_(OPEN)).tuples()}
    for file in _settings.folder.glob("*"):
        if file.name not in kept:
            file.unlink(missing_ok=True)


# What the register lacks

def not_in_register(limit: int = 20) -> tuple[list[Organisation], int]:
    """Organisations of the book with services and a company number that the register no longer has or never had."""
    present = RegisterRecord.select(RegisterRecord.ico).where(RegisterRecord.missing_at.is_null(),
                                                              RegisterRecord.ended_on.is_null())
    with_services = records.Service.select(records.Service.organisation).where(records.Service.ended_on.is_null())
    query = Organisation.select().where(
        Organisation.ico != "", Organisation.ico.not_in(present), Organisation.id.in_(with_services),
        Organisation.state != OrganisationState.CLOSED)
    if not RegisterRecord.select().exists():
        return [], 0
    return list(query.order_by(Organisation.sort).limit(limit)), query.count()


# From a command

def load(path: Path, format: str = "", dry_run: bool = False) -> tuple[dict, list[str]]:
    """Imports a file or a folder at once, as the system; `(counts, sentences of what is wrong)`.

    Where anything is wrong nothing is written. Rows that need a decision are left out. Columns of a table are guessed
    by their names. Raises RuleBroken where somebody changed the book at the same time.
    """
    format = format or reading.format_of(path, path.name)
    run = Import(file=path.name, format=format, state=ImportState.READY)
    try:
        options = {"mapping": reading.look(path, format, path.name)["guess"]} if format in TABLES else {}
        rows = list(reading.read(path, format, path.name, options))
    except Wrong as wrong:
        return _counted([]), [str(Problem(path.name, None, "", wrong.message, wrong.details))]
    lines = import_compare.compare(run, [row for row in rows if row.kind != "register"])
    problems = [str(problem) for row in rows for problem in row.problems if row.kind != "register"]
    if not problems and not dry_run:
        _write_at_once(run, lines)
        if format == "rpss":
            import_write.keep_register([row.register for row in rows if row.register], clock.now())
    return _counted(lines), problems


def _counted(lines) -> dict:
    found = {name: {fate.value: 0 for fate in Fate} for name in COUNTED.values()}
    for line in lines:
        found[COUNTED[line["kind"]]][line["fate"].value] += 1
    return found


def _write_at_once(run, lines):
    if not any(line["fate"] in {Fate.NEW, Fate.CHANGED} for line in lines):
        return
    with db.writing():
        run.save(force_insert=True)
        for some in chunked(lines, 200):
            ImportRow.insert_many([{**line, "run": run.id} for line in some]).execute()
    try:
        import_write.write(run, lambda done: _progress(run, done))
    except RuleBroken:
        with db.writing():
            run.delete_instance()
        raise
    _searchable(run)


__all__ = ["FILE", "NEW", "OURS", "SKIP"]
