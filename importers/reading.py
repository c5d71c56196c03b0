"""Reads a foreign file in a process of its own, with little memory and little time, and takes rows from it as JSON.

The child (`python -m importers.reading`) bounds itself, parses, and writes a line for each row; whatever it meets, its
last line says how it ended. A child that dies is a file that cannot be read.
"""
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import config
from importers import book_files, limits
from importers.rows import Row
from importers.tables import Wrong, later

FORMATS = ("csv", "xlsx", "hsds", "rpss", "book")
EVERY = 200  # rows between two words of progress
SECONDS = 300  # of waiting for a child


def format_of(path: Path, name: str) -> str:
    """The format of a file by its name and first bytes; this book's own tables are `book`."""
    suffix = Path(name).suffix.lower()
    if suffix in {".zip", ".xlsx", ".xlsm"} and book_files.holds_tables(path):
        return "book"
    if path.is_dir() or suffix == ".zip":
        return "hsds"
    if suffix in {".xlsx", ".xlsm"}:
        return "xlsx"
    with path.open("rb") as file:
        start = file.read(200_000)
    if suffix == ".json" or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return "rpss" if b'"polozky"' in start else "hsds"
    return "xlsx" if start.startswith(b"PK") else "csv"


def look(path: Path, format: str, name: str) -> dict:
    """The first look at a table, as spreadsheet.Look; raises Wrong."""
    return next(_child(path, format, name, {"look": True}))


def read(path: Path, format: str, name: str, options: dict, progress: Callable[[int], None] = lambda done: None,
         ) -> Iterator[Row]:
    """Rows of a file. `options`: `mapping` of a table, `only_useful` of the register. Raises Wrong.

    `progress` is told now and then how many rows there were.
    """
    for count, given in enumerate(_child(path, format, name, options)):
        if count % EVERY == 0:
            progress(count)
        yield Row.from_json(given)


def start(folder: Path) -> subprocess.Popen:
    """A process that waits to be told what to read; it knows nothing of the settings of the application."""
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(config.ROOT), "LANG": "C.UTF-8",
                   "DATA_DIR": str(folder)}
    return subprocess.Popen([sys.executable, "-m", "importers.reading"], cwd=config.ROOT, env=environment, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _child(path, format, name, options) -> Iterator[dict]:
    ask = json.dumps({"path": str(path), "format": format, "name": name, **options})
    child = start(path.parent)
    try:
        child.stdin.write(ask)
        child.stdin.close()
        for line in child.stdout:
            given = json.loads(line)
            if "end" in given:
                _ended(given["end"])
                return
            yield given
        raise Wrong(later("it needs more memory or time than reading a file may take."))
    finally:
        child.kill()
        child.wait(timeout=SECONDS)
        child.stdout.close()


def _ended(problem):
    if problem:
        raise Wrong(problem[0], **problem[1])


# In the child

def _main() -> None:
    ask = json.load(sys.stdin)
    limits.limit_process()
    problem = None
    try:
        for line in _lines(Path(ask["path"]), ask):
            print(json.dumps(line, ensure_ascii=True, default=str))
    except Wrong as wrong:
        problem = [wrong.message, wrong.details]
    except (MemoryError, RecursionError):
        problem = [later("it needs more memory or time than reading a file may take."), {}]
    print(json.dumps({"end": problem}), flush=True)


def _lines(path, ask):
    format, name = ask["format"], ask["name"]
    if not path.is_dir():
        limits.check_size(path, format)
    if format in {"csv", "xlsx"}:
        from importers import spreadsheet
        if ask.get("look"):
            yield asdict(spreadsheet.look(path, format, name))
            return
        rows = spreadsheet.rows(path, format, name, ask.get("mapping", {}))
    elif format == "rpss":
        from importers import rpss
        rows = rpss.rows(path, ask.get("only_useful", False))
    elif format == "book":
        from importers import book_rows
        rows = book_rows.rows(path)
    else:
        from importers import hsds
        rows = hsds.rows(path, name)
    yield from (row.as_json() for row in rows)


if __name__ == "__main__":
    _main()
