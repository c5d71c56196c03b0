"""This book's own tables as rows of a preview: organisations, sites, people and services.

Prisons, work in prisons, and how sure facts are come into the book by the command only (importers/directory_csv.py).
"""
from collections.abc import Iterator
from pathlib import Path

from importers import book_files
from importers.rows import TAKE, Row
from importers.tables import Table, Wrong, later

# columns whose field is called otherwise in services/records.py
FIELDS = {"name_cs": "name"}
KINDS = {"organisations": "organisation", "locations": "location", "contacts": "contact", "services": "service"}


def rows(path: Path) -> Iterator[Row]:
    """Raises Wrong where it holds none of these tables."""
    tables = book_files.read(path)
    if not tables.keys() & KINDS.keys():
        raise Wrong(later("it has no rows."))
    for name, kind in KINDS.items():
        if name in tables:
            yield from _problems(tables[name], kind)
            yield from (_row(kind, tables[name].file, given) for given in tables[name].rows)


def _problems(table: Table, kind) -> Iterator[Row]:
    """A row for each line that is wrong; what is wrong with the whole table is a row without a number."""
    found = {}
    for problem in table.problems:
        row = found.setdefault(problem.row, Row(kind, table.file, problem.row, ""))
        row.problems.append(problem)
    yield from found.values()


def _row(kind, file, given) -> Row:
    slug = given["id"] if kind == "organisation" else given["organisation"]
    row = Row(kind, file, given["row"], slug, number=given.get("id", ""))
    if kind == "contact":
        row.number = given["name"]
    row.values = {field: _value(field, value) for column, value in given.items()
                  if (field := FIELDS.get(column, column)) in TAKE[kind] and value not in (None, "", [])}
    row.title = row.values.get("name", "")
    if kind != "organisation" and given.get("confirmed_on"):
        row.assured = given["confirmed_on"].isoformat()
    return row


def _value(field, value):
    """What services/records.py keeps as text; sets as lists."""
    if isinstance(value, bool):
        return f"{value:d}"
    if isinstance(value, list):
        return ";".join(value) if field in {"topics", "languages"} else [
            list(each) if isinstance(each, tuple) else f"{each}" for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else f"{value}"
