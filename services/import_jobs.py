"""What takes long of an import, done by a job: looking at a file, reading it, writing it, taking it back.

A job finds its work in the state of the import: a server that stops in the middle goes on where it was.
"""
import json
import os
from datetime import timedelta
from pathlib import Path

from peewee import chunked

import clock
import db
from errors import RuleBroken
from importers import reading
from importers.tables import Wrong, later
from models import Import, ImportRow, ImportState, Organisation
from services import import_compare, import_register, import_undo, import_write, imports
from services.import_compare import MODELS, dumped
from services.imports import OPEN, WORKING, go, path_of

BEAT = 20  # seconds
KEPT_DAYS = 30  # an import that nobody confirms or drops
OUR_FAULT = later("Something went wrong on our side, and nothing was written.")
NOT_UNDONE = later("Something went wrong on our side, and nothing was undone. Try it again.")


def sign_of_life() -> Path:
    """The file whose time says when the worker was last alive."""
    return imports.folder().parent / "worker-alive"


def beat() -> None:
    """Says that the worker is alive, which it does all the time, also while it is long at one file."""
    file, now = sign_of_life(), clock.now().timestamp()
    file.touch(0o600)
    os.utime(file, (now, now))


def worker_runs() -> bool:
    """Whether anybody goes on with imports; without a worker files wait, and the pages say so."""
    try:
        return clock.now().timestamp() - sign_of_life().stat().st_mtime < 3 * BEAT
    except FileNotFoundError:
        return False


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
             ImportState.UNDOING: _undo, ImportState.DONE: _index_again, ImportState.UNDONE: _clear_away}
    try:
        steps[run.state](run)
    except Wrong as wrong:
        _fail(run, {"message": wrong.message, "details": wrong.details})
    except FileNotFoundError:
        _fail(run, {"message": later("The file is no longer here. Send it again."), "details": {}})
    except Exception:  # whatever it was: the person must not wait for ever. The queue logs it, once for each file.
        _fail(run, {"message": OUR_FAULT, "details": {}})
        raise


def _fail(run, problem):
    """Says why it goes no further. What was written stays so; an import that was not taken back keeps its rows."""
    run = Import.get_by_id(run.id)  # the transaction that failed may have said otherwise before
    if run.state in {ImportState.DONE, ImportState.UNDONE}:
        return
    if run.state is ImportState.UNDOING:
        with db.writing():
            go(run, ImportState.DONE, {**problem, "message": NOT_UNDONE})
        return
    with db.writing():
        ImportRow.delete().where(ImportRow.run == run.id).execute()
        go(run, ImportState.FAILED, problem)
    path_of(run).unlink(missing_ok=True)


def _look(run):
    found = reading.look(path_of(run), run.format, run.file)
    with db.writing():
        run.header = dumped(found)
        go(run, ImportState.MAPPING)


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
        import_write.let_others_write()
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
            go(run, ImportState.READY, {"message": later("%(reason)s"), "details": {"reason": refusal.sentence}})
        return
    if run.format == "rpss":
        told = [row.register for row in _rows_of(run, path_of(run)) if row.register]
        import_register.keep_register(told, clock.now())
    path_of(run).unlink(missing_ok=True)
    _searchable(run)


def _searchable(run):
    with db.writing():
        Import.update(done=100).where(Import.id == run.id).execute()


def _index_again(run):
    """It was written and then the server stopped: the search is behind."""
    numbers = set()
    for kind, model in MODELS.items():
        rows = [row for row, in ImportRow.select(ImportRow.record).where(
            ImportRow.run == run.id, ImportRow.kind == kind, ImportRow.record != "").tuples()]
        owner = Organisation.id if model is Organisation else model.organisation
        for some in chunked(rows, 500):
            numbers.update(each for each, in model.select(owner).where(model.public_id.in_(list(some))).tuples())
    import_write.reindex(numbers, lambda done: None)
    _searchable(run)


def _clear_away(run):
    """It was taken back and then the server stopped: what nobody sees any more is still there."""
    import_undo.clear_away(run)
    _index_again(run)


def _undo(run):
    try:
        import_undo.undo(run, lambda done: _progress(run, done))
    except RuleBroken as refusal:
        with db.writing():
            go(run, ImportState.DONE, {"message": later("%(reason)s"), "details": {"reason": refusal.sentence}})
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
    for file in imports.folder().glob("*"):
        if file.name not in kept:
            file.unlink(missing_ok=True)
