"""Files on their way into the book: sent, mapped, looked at, decided, confirmed, thrown away, taken back.

Anybody who sees the book may send a file and look at what it would change; the coordinator confirms and undoes. What
takes long is done by a job (services/import_jobs.py). Nothing is written into the book before somebody confirms, and
then all of it at once. The file is kept, readable by its owner alone, until the import ends.
"""
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from peewee import fn

import db
from errors import Missing, RuleBroken
from importers import limits, reading
from importers.rows import TAKE
from importers.spreadsheet import FIELDS, SERVICE
from importers.tables import Problem, Wrong
from models import (
    Fate,
    Import,
    ImportMapping,
    ImportRow,
    ImportState,
    Organisation,
    RecordKind,
)
from policy import Can, may, visible_imports
from services import import_compare, journal
from services.import_compare import CONFIRMED, FILE, KINDS, MODELS, NEW, OURS, SKIP, WHO, dumped, unpacked
from services.record_words import field_word, value_words
from text import clean_text

PER_PAGE = 50
MOST_OPEN = 5  # unfinished imports of one person
WORKING = (ImportState.LOOKING, ImportState.READING, ImportState.WRITING, ImportState.UNDOING)
OPEN = (*WORKING, ImportState.MAPPING, ImportState.READY)
TABLES = {"csv", "xlsx"}
COUNTED = {RecordKind.ORGANISATION: "organisations", RecordKind.SERVICE: "services", RecordKind.LOCATION: "others",
           RecordKind.CONTACT: "others"}
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


def folder() -> Path:
    """Where files wait."""
    return _settings.folder


def path_of(run) -> Path:
    return folder() / run.public_id


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
    """`{organisations|services|others: {new, changed, unchanged, wrong, undecided}}` of the rows of an import; others
    are sites and people."""
    found = no_counts()
    query = (ImportRow.select(ImportRow.kind, ImportRow.fate, fn.COUNT(ImportRow.id)).where(ImportRow.run == run.id)
             .group_by(ImportRow.kind, ImportRow.fate).tuples())
    for kind, fate, count in query:
        found[COUNTED[RecordKind(kind)]][Fate(fate).value] += count
    return found


def no_counts() -> dict[str, dict[str, int]]:
    return {name: {fate.value: 0 for fate in Fate} for name in COUNTED.values()}


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
    texts = import_compare.text_values(content) if told and not content.problems else {}
    values = [(_field(row.kind, name), _words(row.kind, name, text)) for name, text in texts.items()
              if name in TAKE[content.kind] and name not in {"name", *import_compare.POINTERS, "locations"}]
    changes = [(_field(row.kind, name), _words(row.kind, name, old), _words(row.kind, name, new))
               for name, (old, new) in json.loads(row.changes or "{}").items()]
    return Shown(row, changes, values, content.problems, content.notes,
                 [known[each] for each in line["candidates"] if each in known])


def _field(kind, name) -> str:
    if name != "name":
        return field_word(name)
    return _("Name of the organisation") if kind is RecordKind.ORGANISATION else _("Name of the service")


def _words(kind, name, text) -> str:
    """A value for people; rows of the file that are new have no name of their own yet."""
    lines = [line for line in text.split("\n") if not (line.startswith(import_compare.NEW_ROW) and line[1:].isdigit())]
    new = len(text.split("\n")) - len(lines) if name in {*import_compare.POINTERS, "locations"} else 0
    said = value_words(kind, name, "\n".join(lines) if new else text).replace("\n", ", ")
    return ", ".join(filter(None, [said, _("new in this file") if new else ""]))


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
        go(run, ImportState.READING)
    _settings.start()
    return run


def go(run, state, problem=None):
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
        else:
            import_compare.compare_again(row, line, _known_of(book, stored))
        if stored.question == CONFIRMED:
            line["question"] = CONFIRMED
        _store(stored, line)
        if stored.kind is RecordKind.ORGANISATION:
            _answer_owned(run, book, stored, line)


def _known_of(book, stored):
    """The record of the book that a row was matched with."""
    if stored.kind is RecordKind.ORGANISATION:
        return book.organisations[stored.record]
    model, kind = MODELS[stored.kind], next(name for name, kind in KINDS.items() if kind is stored.kind)
    owner = model.select(model.organisation).where(model.public_id == stored.record).scalar()
    book.read_owned([owner])
    return next(each for each in book.owned[owner][kind] if each.public_id == stored.record)


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


def _answer_owned(run, book, stored, line):
    """The sites, people and services of an organisation of which is now known who it is."""
    mine = list(ImportRow.select().where(ImportRow.run == run.id, ImportRow.owner == stored.number)
                .order_by(ImportRow.number))
    pairs = [unpacked(each) for each in mine]
    if line["record"]:
        book.read_owned([book.organisations[line["record"]].id])
    for _row, owned in pairs:
        owned["decision"] = ""
    import_compare.compare_owned(book, line, pairs)
    for each, (_row, owned) in zip(mine, pairs, strict=True):
        _store(each, owned)


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
        go(run, ImportState.WRITING)
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
        go(run, ImportState.DROPPED)
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
        go(run, ImportState.UNDOING)
        journal.wrote(actor, "import.undo_asked", run.public_id)
    _settings.start()
    return run


__all__ = ["FILE", "NEW", "OURS", "SKIP"]
