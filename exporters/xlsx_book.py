"""Tables as one XLSX workbook, a sheet each. Every cell is text: an IČO keeps its zeros and nothing is computed.

The apostrophe of `cells.neutral` is here a mark of the cell (quotePrefix), so that a text stays a text when somebody
edits it.
"""
import io

from exporters.cells import FORMULA
from text import clean_text

LONGEST = 32_767  # code units of UTF-16 that a cell holds
WIDTHS = (10, 50)


def workbook(tables: dict[str, list[list[str]]]) -> bytes:
    """The workbook; the first row of each table is its header."""
    from openpyxl import Workbook  # 7 MB that most processes never need
    from openpyxl.utils import get_column_letter
    book = Workbook(write_only=True)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, header in enumerate(rows[0], start=1):
            width = max([len(header), *(len(row[number - 1]) for row in rows[1:50])]) + 2
            sheet.column_dimensions[get_column_letter(number)].width = min(max(width, WIDTHS[0]), WIDTHS[1])
        for row in rows:
            sheet.append([_cell(sheet, text, header=row is rows[0]) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, text, header):
    """A cell of text; an empty one costs nothing."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    if not text:
        return None
    cell = WriteOnlyCell(sheet, _short(clean_text(text, lines=True)))
    cell.data_type, cell.number_format = "s", "@"
    if FORMULA.match(text):
        cell.quotePrefix = True
    if header:
        cell.font = Font(bold=True)
    return cell


def _short(text):
    return text.encode("utf-16-le")[:2 * LONGEST].decode("utf-16-le", "ignore")
