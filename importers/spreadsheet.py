"""Anybody's own list, CSV or XLSX: a header, rows of text, and which column is which field of the book.

A row is an organisation; with a column for the name of a service it is a service of that organisation, which may then
stand in several rows.
"""
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from importers.limits import MOST_COLUMNS, MOST_ROWS, check_package
from importers.rows import Row, as_cell
from importers.tables import Problem, Wrong, later
from text import clean_text, fold

SERVICE = "service."  # before the names of fields of a service
# field: words that headers of such columns begin with, folded
GUESSES = {
    "service.name": ("nazev sluzby", "sluzba", "poskytovana sluzba", "druh sluzby", "service"),
    "service.form": ("forma", "form"),
    "service.not_groups": ("cilove skupiny ne", "nejsou cilove skupiny", "not target groups"),
    "service.never_groups": ("cilove skupiny nikdy", "nikdy pro", "never"),
    "service.for_groups": ("cilove skupiny", "target groups"),
    "service.not_for_whom": ("pro koho ne", "not for whom"),
    "service.for_whom": ("cilova skupina", "pro koho", "typ klienta", "komu", "eligibility", "for whom"),
    "service.entry": ("vstupni podminky", "podminky prijeti", "conditions of entry"),
    "service.conditions": ("podminky", "conditions"),
    "service.plain": ("text pro klienta", "plain language"),
    "service.cost": ("cena", "uhrada", "cost", "price"),
    "service.hours": ("oteviraci doba", "provozni doba", "opening hours"),
    "service.funding": ("financovani", "kdo plati", "funding"),
    "service.languages": ("jazyky", "jazyk", "languages", "language"),
    "service.before_release": ("pred propustenim", "before release"),
    "service.after_release": ("po propusteni", "after release"),
    "service.places_free": ("volna mista", "volnych mist", "free places"),
    "service.places_total": ("kapacita", "capacity", "pocet mist"),
    "service.waiting": ("cekatele", "pocet cekatelu", "waiting"),
    "service.capacity_state": ("prijima", "stav kapacity", "capacity state"),
    "service.places_on": ("kapacita k", "stav ke dni", "as of"),
    "service.areas": ("oblasti pomoci", "oblast pomoci", "areas"),
    "service.needs": ("potreby", "needs"),
    "service.regions": ("pusobi v krajich", "kraje pusobnosti", "regions"),
    "service.districts": ("okresy pusobnosti", "pusobi v okresech", "districts"),
    "service.municipalities": ("orp", "obce s rozsirenou pusobnosti", "municipalities"),
    "service.locations": ("mista poskytovani", "misto poskytovani", "mista sluzby", "sites"),
    "ico": ("ico", "ic", "identifikacni cislo", "company number", "provozovatel ic"),
    "name": ("nazev organizace", "provozovatel nazev", "poskytovatel", "organizace", "nazev", "jmeno", "subjekt",
             "name", "organisation", "organization"),
    "short_name": ("zkratka", "kratky nazev", "short name"),
    "kind": ("druh", "typ organizace", "typ subjektu", "kind", "typ"),
    "legal_form": ("pravni forma", "legal form"),
    "street": ("ulice", "adresa nazev ulice", "adresa", "sidlo", "street", "address"),
    "house": ("cislo domovni", "adresa cislo domovni", "cp", "cislo popisne"),
    "orientation": ("cislo orientacni", "adresa cislo orientacni"),
    "city": ("mesto", "obec", "adresa nazev obce", "misto", "city", "town"),
    "postal_code": ("psc", "adresa psc", "postal code", "zip"),
    "district": ("okres", "district"),
    "region": ("kraj", "region"),
    "web": ("web", "www", "internet", "stranky", "url"),
    "email": ("e mail", "email", "mail"),
    "phone": ("telefon", "tel", "mobil", "phone"),
    "data_box": ("datova schranka", "data box", "ds"),
    "description": ("popis", "poznamka", "cinnost", "description", "note"),
}
FIELDS = tuple(GUESSES)
PARTS_OF_STREET = ("house", "orientation")


@dataclass
class Look:
    """The first look at a table: its sheet, header, the line it stands on, some rows, and our guess of the columns."""

    sheet: str
    header: list[str]
    header_row: int
    examples: list[list[str]]
    fingerprint: str
    guess: dict[str, str] = field(default_factory=dict)  # column -> field


def look(path: Path, format: str, name: str) -> Look:
    """What a person needs to say which column is what. Raises Wrong, with the row of the header where it has one."""
    sheet, lines = _lines(path, format, name)
    number, header = _header(lines)
    examples = [cells for _number, cells in _some(lines, 5)]
    folded = "\n".join(map(fold, header))
    return Look(sheet, header, number, examples, hashlib.sha256(folded.encode()).hexdigest()[:32], guess(header))


def guess(header: list[str]) -> dict[str, str]:
    """`{column: field}`: first headers that say a field's word exactly, then those that begin with it."""
    found, words = {}, {name: " ".join(fold(name).replace("_", " ").replace("-", " ").split()) for name in header}
    for fits in (lambda said, word: said == word, lambda said, word: said.startswith(f"{word} "),
                 lambda said, word: f" {word}" in f" {said}" and len(word) > 3):
        for name in FIELDS:
            for column, said in words.items():
                if name not in found.values() and column not in found and said and any(
                        fits(said, word) for word in GUESSES[name]):
                    found[column] = name
    return found


def _header(lines) -> tuple[int, list[str]]:
    """The first line in which at least two cells are filled."""
    for number, cells in lines:
        header = [clean_text(cell, limit=200) for cell in cells]
        if sum(map(bool, header)) >= 2:
            while header and not header[-1]:
                header.pop()
            _check_header(number, header)
            return number, header
    raise Wrong(later("it has no row with the names of columns."))


def _check_header(number, header):
    named = [name for name in header if name]
    if len(header) > MOST_COLUMNS:
        raise Wrong(later("row %(row)s: it has more than %(most)s columns."), row=number, most=MOST_COLUMNS)
    repeated = next((name for name in named if named.count(name) > 1), None)
    if repeated:
        raise Wrong(later("row %(row)s: two columns are called “%(name)s”."), row=number, name=repeated[:60])


def _some(lines, most):
    for count, line in enumerate(lines):
        if count == most:
            return
        yield line


# Lines of text: (number as a spreadsheet counts, cells)

def _lines(path, format, name) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    return (name, _csv_lines(path)) if format == "csv" else _xlsx_lines(path)


def _csv_lines(path):
    text = _decoded(path.read_bytes())
    first = text[:100_000].split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    csv.field_size_limit(200_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, _bounded(reader.line_num, cells)
    except csv.Error as error:
        raise Wrong(later("row %(row)s: it cannot be read as CSV (%(error)s)."), row=reader.line_num,
                    error=str(error)[:100]) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Wrong(later("it is no text in UTF-8 or Windows-1250."))


def _bounded(number, cells):
    if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
        raise Wrong(later("row %(row)s: it has more than %(most)s columns."), row=number, most=MOST_COLUMNS)
    return cells[:MOST_COLUMNS + 1] if len(cells) > 100_000 else cells


def _xlsx_lines(path):
    check_package(path).close()
    from openpyxl import load_workbook
    try:
        book = load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
    except MemoryError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile, SyntaxError,
            NotImplementedError, AssertionError, EOFError) as error:
        raise Wrong(later("it is damaged or it is not a package of this kind.")) from error
    return sheet.title, _sheet_lines(sheet)


def _sheet_lines(sheet):
    sheet.reset_dimensions()
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_typed(cell) for cell in _bounded(number, list(cells))]
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, zipfile.BadZipFile,
            SyntaxError, EOFError) as error:
        raise Wrong(later("sheet %(sheet)s cannot be read."), sheet=sheet.title) from error


def _typed(value) -> str:
    """A cell of a spreadsheet as text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else as_cell(value)


# Rows of the book

def rows(path: Path, format: str, name: str, mapping: dict[str, str]) -> Iterator[Row]:
    """Rows of a list by a mapping `{column: field}`. Raises Wrong for what is wrong with the whole file."""
    sheet, lines = _lines(path, format, name)
    _number, header = _header(lines)
    places = {field: header.index(column) for column, field in mapping.items() if column in header}
    if "name" not in places:
        raise Wrong(later("no column is the name of the organisation."))
    seen, count = {}, 0
    for number, cells in lines:
        if any(clean_text(cell) for cell in cells):
            count += 1
            if count > MOST_ROWS:
                raise Wrong(later("it has more than %(most)s rows."), most=MOST_ROWS)
            yield from _rows_of(sheet, number, header, cells, places, seen)


def _rows_of(sheet, number, header, cells, places, seen):
    found = {field: cells[place] if place < len(cells) else "" for field, place in places.items()}
    own = _organisation(sheet, number, found, {field: header[place] for field, place in places.items()})
    if len(cells) > len(header) and any(clean_text(cell) for cell in cells[len(header):]):
        own.wrong("", later("it has %(found)s cells, the header has %(wanted)s."), found=len(cells),
                  wanted=len(header))
    if "service.name" not in places:
        yield own
        return
    if own.key not in seen:
        seen[own.key] = True
        yield own
    service = Row("service", sheet, number, own.key)
    for name in places:
        if name.startswith(SERVICE):
            service.take(name.removeprefix(SERVICE), found[name], header[places[name]],
                         forgiving=name != "service.name")
    service.title = service.values.get("name", "")
    if service.title:
        yield from _sites(service, seen)
        yield service


def _sites(service, seen):
    """A site for each name that a service gives, once in each organisation."""
    for name in service.values.get("locations", ()):
        if (service.key, name) not in seen:
            seen[service.key, name] = True
            yield Row("location", service.sheet, service.row, service.key, name, {"name": name}, name)


def _organisation(sheet, number, found, columns) -> Row:
    row = Row("organisation", sheet, number, "")
    for name, cell in found.items():
        if name not in PARTS_OF_STREET and not name.startswith(SERVICE) and name != "street":
            row.take(name, cell, columns[name])
    row.take("street", _street(found), columns.get("street", ""))
    row.title = row.values.get("name", "")
    if not row.title and not any(problem.column == columns["name"] for problem in row.problems):
        row.problems.append(Problem(sheet, number, columns["name"], later("it must not be empty.")))
    row.key = "|".join([row.values.get("ico", ""), fold(row.title), fold(row.values.get("city", ""))])
    return row


def _street(found) -> str:
    """Street and numbers where they stand in columns of their own; a village without streets goes by its name."""
    street, house, orientation = (clean_text(found.get(name, "")) for name in ("street", "house", "orientation"))
    if not house:
        return street
    return f"{street or clean_text(found.get('city', ''))} {house}" + (f"/{orientation}" if orientation else "")
