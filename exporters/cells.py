"""Values as the text of a cell, and cells that a spreadsheet cannot take for a formula.

A text that begins as a formula gets an apostrophe before it, as spreadsheets write such a text themselves; `plain`
takes it off again, so that what was written out can be read back unchanged.
"""
import enum
import re
from datetime import date

from text import clean_text

# signs that begin a formula in some spreadsheet, full-width ones too; blanks and apostrophes before them may be dropped
FORMULA = re.compile(r"['\s\xa0\ufeff]*[=+\-@|%\t\r\n＝＋－＠]")


def neutral(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet could compute."""
    return f"'{text}" if FORMULA.match(text) else text


def plain(cell: str) -> str:
    """What `neutral` was given; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def written(value) -> str:
    """A value of the book as importers read it: 2026-11-22, 1 or 0, several values with semicolons between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ";".join(written(each) for each in value)
    return clean_text(str(value), lines=True)
