"""Figures as CSV: exactly the numbers of the page. For Czech spreadsheets: semicolons, UTF-8 with a mark."""
import csv
import io

from flask_babel import gettext as _

from labels import label
from services.figures import SMALL, STATES, Table


def csv_of(table: Table) -> bytes:
    """The table as CSV: a line a need, a column a state, the people behind it, the month it was counted."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Need"), *(str(label(state)) for state in STATES), _("people"), _("month")])
    writer.writerow([_("all needs"), *[""] * len(STATES), words(table.people), f"{table.month:%Y-%m}"])
    for line in table.lines:
        states = line.states or [None] * len(STATES)
        writer.writerow([str(label(line.need)), *map(words, states), words(line.people), f"{line.since:%Y-%m}"])
    return out.getvalue().encode("utf-8-sig")


def words(number: int | None) -> str:
    """A shown number as it stands on the page."""
    return "·" if number is None else "< 5" if number == SMALL else str(number)
