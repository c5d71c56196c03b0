"""Files into the book from a command: at once, as the system, without a preview that somebody confirms."""
import zipfile
from pathlib import Path

from peewee import chunked

import clock
import db
from errors import RuleBroken
from importers import book_files, directory_csv, reading
from importers.tables import Problem, Wrong
from models import Fate, Import, ImportRow, ImportState
from services import import_compare, import_register, import_write
from services.imports import COUNTED, TABLES, no_counts

OWN = {"", "csv", "xlsx"}  # what this book's own tables may be called


def load(path: Path, format: str = "", dry_run: bool = False) -> tuple[dict, list[str]]:
    """Imports a file or a folder; `({organisations|services: {new, changed, unchanged, wrong, undecided}}, sentences of
    what is wrong)`.

    Where anything is wrong nothing is written. This book's own tables are taken whole, prisons and work in them too.
    Of anything else rows that need a decision are left out, and columns of a table are guessed by their names. Raises
    RuleBroken where somebody changed the book at the same time, OSError where the file cannot be read.
    """
    try:
        if format in OWN and book_files.holds_tables(path) and (format != "xlsx" or zipfile.is_zipfile(path)):
            return _own(path, dry_run)
        return _foreign(path, format or reading.format_of(path, path.name), dry_run)
    except Wrong as wrong:
        return _two(no_counts()), [str(Problem(path.name, None, "", wrong.message, wrong.details))]


def _two(found) -> dict:
    return {name: found[name] for name in ("organisations", "services")}


def _own(path, dry_run):
    report = directory_csv.load(path, dry_run=dry_run)
    found = no_counts()
    for name in ("organisations", "services"):
        found[name].update(report.counts.get(name, {}))
    return _two(found), [str(problem) for problem in report.problems]


def _foreign(path, format, dry_run):
    run = Import(file=path.name, format=format, state=ImportState.READY)
    path.open("rb").close() if path.is_file() else None
    options = {"mapping": reading.look(path, format, path.name)["guess"]} if format in TABLES else {}
    rows = list(reading.read(path, format, path.name, options))
    lines = import_compare.compare(run, [row for row in rows if row.kind != "register"])
    problems = [str(problem) for row in rows for problem in row.problems if row.kind != "register"]
    if not problems and not dry_run:
        _write(run, lines)
        if format == "rpss":
            import_register.keep_register([row.register for row in rows if row.register], clock.now())
    found = no_counts()
    for line in lines:
        found[COUNTED[line["kind"]]][line["fate"].value] += 1
    return _two(found), problems


def _write(run, lines):
    if not any(line["fate"] in {Fate.NEW, Fate.CHANGED} for line in lines):
        return
    with db.writing():
        run.save(force_insert=True)
    for some in chunked(lines, 200):
        with db.writing():
            ImportRow.insert_many([{**line, "run": run.id} for line in some]).execute()
    try:
        import_write.write(run, lambda done: None)
    except RuleBroken:
        with db.writing():
            run.delete_instance()
        raise
    with db.writing():
        Import.update(done=100).where(Import.id == run.id).execute()
