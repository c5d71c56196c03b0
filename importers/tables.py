"""CSV files as cleaned and bounded rows. What is wrong is told by file, row and column, all of it at once.

A sheet says for each of its columns what it takes: a function from the cell's text to a value that raises Wrong with
the reason. Columns without one are left out; a column that a file does not have leaves the book as it is.
"""
import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

import identifiers
from exporters.cells import plain
from text import clean_text

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 50_000_000, 100_000, 60


class Wrong(Exception):
    """A cell that cannot be taken. It keeps the sentence as it is written here, so that whoever reads it does so in
    their own language: a file is read by a process that does not know theirs."""

    def __init__(self, message: str, /, **details):
        super().__init__(message)
        self.message, self.details = message, details

    def __str__(self):
        return _(self.message, **self.details)


def later(message: str) -> str:
    """Marks a sentence that is translated when somebody reads it."""
    return message


@dataclass(frozen=True)
class Problem:
    """What is wrong and where; row 1 is the header, None the whole file; column "" the whole row.

    `message` is a sentence before translation, filled in from `details`.
    """

    file: str
    row: int | None
    column: str
    message: str
    details: dict = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return _(self.message, **self.details)

    def __str__(self):
        if self.row is None:
            return _("File %(file)s: %(reason)s", file=self.file, reason=self.reason)
        if not self.column:
            return _("File %(file)s, row %(row)s: %(reason)s", file=self.file, row=self.row, reason=self.reason)
        return _("File %(file)s, row %(row)s, column %(column)s: %(reason)s", file=self.file, row=self.row,
                 column=self.column, reason=self.reason)


@dataclass(frozen=True)
class Sheet:
    """What a file of one kind holds: `{column: function}`, the columns that every row fills, and what they are of a
    row of `model` (see importers/book_sheets.py)."""

    name: str
    columns: dict[str, Callable[[str], object]]
    required: tuple[str, ...]
    model: type | None = None
    key: tuple[str, ...] = ()  # attributes that say which row it is
    named: dict[str, str] = field(default_factory=dict)  # attributes of columns that are called otherwise
    sets: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def attribute(self, column: str) -> str:
        return self.named.get(column, column)

    def own(self) -> list[str]:
        """Columns that are attributes of the row itself."""
        return [column for column in self.columns if column not in self.sets and column not in self.apart]


@dataclass
class Table:
    """The rows of a file: `{column: value}` with `row`, the number of the line as spreadsheets count them. A column
    that the file does not have is in no row."""

    sheet: Sheet
    file: str
    rows: list[dict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, row: int | None, column: str, message: str, /, **details) -> None:
        self.problems.append(Problem(self.file, row, column, message, details))


def of_csv(content: bytes, sheet: Sheet, file: str) -> Table:
    """CSV as rows; its problems stand in the table and nothing is raised for what is inside it."""
    table = Table(sheet, file)
    if len(content) > MOST_BYTES:
        table.wrong(None, "", later("it is larger than %(most)s MB."), most=MOST_BYTES // 1_000_000)
        return table
    try:
        text = _decoded(content)
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text)))
    except (csv.Error, UnicodeDecodeError) as error:
        table.wrong(None, "", later("it cannot be read as CSV (%(error)s)."), error=str(error)[:100])
        return table
    return taken(table, lines)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250")


def _delimiter(text) -> str:
    """Czech spreadsheets separate by semicolons."""
    header = text[:20_000].split("\n", 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def taken(table: Table, lines: list[list[str]]) -> Table:
    """The table with the rows of these lines, the header first."""
    header = [clean_text(name) for name in lines[0]] if lines else []
    for name in table.sheet.required:
        if name not in header:
            table.wrong(1, name, later("this column is missing."))
    if len(set(header)) < len(header) or len(header) > MOST_COLUMNS:
        table.wrong(1, "", later("the names of columns repeat, or there are too many."))
    if len(lines) > MOST_ROWS + 1:
        table.wrong(None, "", later("it has more than %(most)s rows."), most=MOST_ROWS)
    if not table.problems:
        columns = {name: take for name, take in table.sheet.columns.items() if name in header}
        for number, cells in enumerate(lines[1:], start=2):
            if any(cells):
                _take_row(table, number, header, cells, columns)
    return table


def _take_row(table, number, header, cells, columns):
    if len(cells) != len(header):
        table.wrong(number, "", later("it has %(found)s cells, the header has %(wanted)s."), found=len(cells),
                    wanted=len(header))
        return
    given = dict(zip(header, map(plain, cells), strict=True))
    values, before = {"row": number}, len(table.problems)
    for name, take in columns.items():
        try:
            values[name] = take(given[name])
            if name in table.sheet.required and values[name] in (None, "", []):
                raise Wrong(later("it must not be empty."))
        except Wrong as wrong:
            table.wrong(number, name, wrong.message, **wrong.details)
    if len(table.problems) == before:
        table.rows.append(values)


# What a column takes

def text(limit: int, lines: bool = False) -> Callable[[str], str]:
    """Clean text no longer than `limit`."""
    def take(cell):
        cleaned = clean_text(cell, lines=lines)
        if len(cleaned) > limit:
            raise Wrong(later("it is longer than %(limit)s characters."), limit=limit)
        return cleaned
    return take


def one_of(enum, empty=None) -> Callable[[str], object]:
    """A member of an enum by its value; `empty` where nothing is written."""
    members = {member.value: member for member in enum}

    def take(cell):
        cleaned = clean_text(cell)
        if cleaned and cleaned not in members:
            raise Wrong(later("“%(value)s” is not one of: %(known)s."), value=cleaned[:40], known=", ".join(members))
        return members.get(cleaned, empty)
    return take


def several_of(enum) -> Callable[[str], list]:
    """Members of an enum separated by semicolons, each once."""
    take_one = one_of(enum)
    return lambda cell: [take_one(value) for value in listed(cell)]


def listed(cell: str) -> list[str]:
    """Values separated by semicolons, each once, at most a hundred."""
    values = list(dict.fromkeys(value for value in map(clean_text, cell.split(";")) if value))
    if len(values) > 100 or any(len(value) > 200 for value in values):
        raise Wrong(later("it has too many values, or one of them is too long."))
    return values


def flag(cell: str) -> bool | None:
    """1 or 0; None where nothing is written."""
    known = {"": None, "0": False, "1": True}
    if clean_text(cell) not in known:
        raise Wrong(later("only 1 or 0 can stand here."))
    return known[clean_text(cell)]


def whole_number(low: int, high: int) -> Callable[[str], int | None]:
    def take(cell):
        cleaned = clean_text(cell)
        if not cleaned:
            return None
        if not cleaned.isascii() or not cleaned.isdigit() or len(cleaned) > 9 or not low <= int(cleaned) <= high:
            raise Wrong(later("a whole number from %(low)s to %(high)s belongs here."), low=low, high=high)
        return int(cleaned)
    return take


def decimal(low: float, high: float) -> Callable[[str], float | None]:
    def take(cell):
        cleaned = clean_text(cell).replace(",", ".")
        if not cleaned:
            return None
        try:
            value = float(cleaned[:30])
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise Wrong(later("a number from %(low)s to %(high)s belongs here."), low=low, high=high)
        return value
    return take


def day(cell: str) -> date | None:
    """A day as 2026-11-22."""
    cleaned = clean_text(cell)
    try:
        value = date.fromisoformat(cleaned) if cleaned else None
    except ValueError:
        value = date.min
    if value and (not 1900 <= value.year <= 2100 or len(cleaned) != 10):
        raise Wrong(later("a day belongs here, as 2026-11-22."))
    return value


def web_address(cell: str) -> str:
    """An address of a page; nothing but http and https, for it becomes a link."""
    cleaned = identifiers.web_address(text(500)(cell))
    if cleaned is None:
        raise Wrong(later("an address that begins with https:// belongs here."))
    return cleaned


def email(cell: str) -> str:
    cleaned = text(200)(cell)
    name, at, host = cleaned.partition("@")
    if cleaned and (not name or not at or "." not in host or " " in cleaned):
        raise Wrong(later("an e-mail address belongs here."))
    return cleaned


def slug(cell: str) -> str:
    """A stable name: small letters without diacritics, digits and hyphens."""
    cleaned = text(100)(cell)
    if cleaned and not all(part.isascii() and part.isalnum() and part == part.lower() for part in cleaned.split("-")):
        raise Wrong(later("only small letters without diacritics, digits and hyphens can stand here."))
    return cleaned
