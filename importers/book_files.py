"""The tables of this book out of a folder of CSV files, a ZIP of them, a workbook, or one CSV file of organisations."""
import zipfile
from pathlib import Path

from exporters.cells import FORMULA
from importers import tables
from importers.book_sheets import SHEETS, is_own
from importers.limits import check_package
from importers.rows import as_cell
from importers.tables import Table, Wrong, later

BROKEN = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile, SyntaxError,
          NotImplementedError, AssertionError, EOFError, OverflowError)


def holds_tables(path: Path) -> bool:
    """Whether it is this book's own tables, rather than somebody's list or HSDS. Looks at names only."""
    if path.is_dir():
        return is_own([each.stem for each in path.glob("*.csv")])
    if zipfile.is_zipfile(path):
        return is_own(_parts(path))
    header = path.open("rb").readline(10_000).decode("utf-8-sig", errors="replace").strip()
    columns = header.replace(";", ",").replace('"', "").split(",")
    return path.suffix.lower() in {".csv", ".txt", ""} and set(SHEETS["organisations"].required) <= set(columns)


def _parts(path) -> list[str]:
    """Names of the CSV files of a package, or of the sheets of a workbook."""
    try:
        with check_package(path) as package:
            names = [Path(name).stem for name in package.namelist() if name.endswith(".csv")]
            return _workbook(path).sheetnames if "[Content_Types].xml" in package.namelist() else names
    except Wrong:
        return []


def read(path: Path) -> dict[str, Table]:
    """`{sheet: table}` of what is there. Raises Wrong where the whole cannot be read."""
    if path.is_dir():
        return {name: tables.of_csv(file.read_bytes(), SHEETS[name], file.name) for name in SHEETS
                if (file := path / f"{name}.csv").is_file()}
    if not zipfile.is_zipfile(path):
        return {"organisations": tables.of_csv(path.read_bytes(), SHEETS["organisations"], path.name)}
    with check_package(path) as package:
        if "[Content_Types].xml" in package.namelist():
            return _of_workbook(path)
        return {name: tables.of_csv(_content(package, part), SHEETS[name], Path(part).name)
                for part in package.namelist() if part.endswith(".csv") and (name := Path(part).stem) in SHEETS}


def _content(package, part) -> bytes:
    try:
        return package.read(part)
    except BROKEN as error:
        raise Wrong(later("it is damaged or it is not a package of this kind.")) from error


def _workbook(path):
    from openpyxl import load_workbook
    try:
        return load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise Wrong(later("it is damaged or it is not a package of this kind.")) from error


def _of_workbook(path) -> dict[str, Table]:
    book = _workbook(path)
    return {name: tables.taken(Table(SHEETS[name], name), _lines(book[name])) for name in SHEETS
            if name in book.sheetnames}


def _lines(sheet) -> list[list[str]]:
    """Lines of text as wide as the header; empty cells at an end are not stored."""
    sheet.reset_dimensions()
    try:
        lines = [[_typed(cell) for cell in cells] for cells in sheet.iter_rows(values_only=True)]
    except BROKEN as error:
        raise Wrong(later("sheet %(sheet)s cannot be read."), sheet=sheet.title) from error
    while lines and lines[0] and not lines[0][-1]:
        lines[0].pop()
    width = len(lines[0]) if lines else 0
    return [_wide(line, width) for line in lines]


def _wide(line, width):
    while len(line) > width and not line[-1]:
        line.pop()
    return line + [""] * (width - len(line))


def _typed(value) -> str:
    """A cell as CSV has it: there the apostrophe before a formula is a sign, here it is a mark of the cell."""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    text = as_cell(value)
    return f"'{text}" if text.startswith("'") and FORMULA.match(text) else text
