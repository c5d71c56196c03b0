"""An import of 10,000 organisations with 10,000 services by the worker while somebody else writes: how long they wait,
how much memory it needs, whether progress is shown; then all of it is undone.

The other writer does the smallest real write there is, a line in the journal, one after another.
"""
import io
import os
import random
import threading
import time
from pathlib import Path

from openpyxl import Workbook

import db
from benchmarks import serving, world
from models import Import, ImportState, Organisation
from services import imports, journal

ROWS = 10_000
HEADER = ["Název organizace", "Město", "Ulice", "E-mail", "Telefon", "Web", "Název služby", "Pro koho",
          "Cílové skupiny"]
PATIENCE = 600  # seconds for one step


def workbook(rows: int) -> bytes:
    """A list of so many organisations, each with a service."""
    chance, book, out = random.Random(rows), Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Seznam")
    sheet.append(HEADER)
    for number in range(rows):
        sheet.append([f"Spolek zkušební {number}", f"Obec {chance.randrange(500)}", f"Dlouhá {number}",
                      f"spolek{number}@example.org", f"+420 777 {number:06}", f"https://s{number}.example.org",
                      f"Poradna {number}", "lidé po výkonu trestu", "muži; ženy"])
    book.save(out)
    return out.getvalue()


class OtherWriter(threading.Thread):
    """Somebody who writes all the time; `longest` is the longest wait in seconds, `count` how many writes."""

    def __init__(self, app):
        super().__init__(daemon=True)
        self.app, self.longest, self.count, self.stopped = app, 0.0, 0, False

    def run(self):
        with self.app.app_context():
            db.open_connection()
            while not self.stopped:
                began = time.perf_counter()
                with db.writing():
                    journal.wrote(None, "bench.write")
                self.longest = max(self.longest, time.perf_counter() - began)
                self.count += 1
                time.sleep(0.01)
            db.database.close()


class Memory(threading.Thread):
    """The most that a process and its children held at once, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.stopped = pid, 0.0, False

    def run(self):
        while not self.stopped:
            self.most = max(self.most, sum(map(_held, [self.pid, *_children(self.pid)])))
            time.sleep(0.05)


def _children(pid) -> list[int]:
    found = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in each.read_text().split()]
        except OSError:  # a thread that has ended
            continue
    return found


def _held(pid) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended meanwhile
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(app, folder: Path, url: str, report, rows: int = ROWS) -> None:
    """Prints the figures of importing and of undoing."""
    actor = world.account("kora")
    with serving.worker(folder, url) as worker, app.app_context():
        memory = Memory(worker.pid)
        memory.start()
        run = imports.send(actor, io.BytesIO(workbook(rows)), "seznam.xlsx")
        _until(run, ImportState.MAPPING)
        imports.map_columns(actor, run.public_id, imports.look_of(run)["mapping"])
        steps = _until(run, ImportState.READY)
        imports.confirm(actor, run.public_id)
        _watched(app, run, ImportState.DONE, "import", report, rows, steps)
        assert Organisation.select().where(Organisation.name.startswith("Spolek zkušební ")).count() == rows
        imports.undo(actor, run.public_id)
        _watched(app, run, ImportState.UNDONE, "undo", report, rows, [])
        assert not Organisation.select().where(Organisation.name.startswith("Spolek zkušební ")).exists()
        memory.stopped = True
        memory.join()
        report.line(f"import of {rows:,} rows: memory of worker and reader", memory.most, "MB", rows, 300)


def _watched(app, run, state, name, report, rows, steps):
    writer, began = OtherWriter(app), time.perf_counter()
    writer.start()
    seen = steps + _until(run, state)
    writer.stopped = True
    writer.join()
    took = time.perf_counter() - began
    report.line(f"{name} of {rows:,} rows: longest wait of another writer", writer.longest, "s", writer.count, 1,
                seconds=round(took, 1), steps_of_progress=len(set(seen)))


def _until(run, state) -> list[int]:
    """Waits for a state; returns what the progress said on the way."""
    seen, ends = [], time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        now = Import.select().where(Import.id == run.id).get()
        seen.append((now.state.value, now.done))
        if now.state is state and (now.done == 100 or state not in {ImportState.DONE, ImportState.UNDONE}):
            run.__data__.update(now.__data__)
            return seen
        if now.state is ImportState.FAILED or now.problem:
            raise RuntimeError(now.problem)
        time.sleep(0.2)
    raise TimeoutError(f"{state} was not reached in {PATIENCE} s (pid {os.getpid()})")
