"""Figures as CSV: exactly the numbers of the page. For Czech spreadsheets: semicolons, UTF-8 with a mark."""
import csv
import io

from flask_babel import gettext as _

from labels import label
from services.figures import REASON_AS, REASONS, SMALL, STATES, Row, Table


def csv_of(table: Table) -> bytes:
    """The table as CSV: a line a need, a column a state, the people behind it, the month it was counted."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Need"), *(str(label(state)) for state in STATES), _("people"), _("month")])
    writer.writerow([_("all needs"), *[""] * len(STATES), words(table.people), f"{table.month:%Y-%m}"])
    for line in table.lines:
        states = line.states or [None] * len(STATES)
        writer.writerow([str(label(line.need)), *map(words, states), words(line.people), f"{line.since:%Y-%m}"])
    if table.not_taken:
        _not_taken(writer, table.not_taken)
    return out.getvalue().encode("utf-8-sig")


def _not_taken(writer, row: Row):
    """Why help was not taken, below an empty line: columns of their own."""
    writer.writerow([])
    writer.writerow([_("Why help was not taken"), *map(reason_words, REASONS), _("people"), _("month")])
    numbers = row.states or [None] * len(REASONS)
    writer.writerow([_("people who said no"), *map(words, numbers), words(row.total), f"{row.since:%Y-%m}"])


def reason_words(reason) -> str:
    """A column of the reasons, with those that are counted in it."""
    also = [other for other, counted_as in REASON_AS.items() if counted_as == reason]
    return ", ".join(str(label(each)) for each in (reason, *also))


def words(number: int | None) -> str:
    """A shown number as it stands on the page."""
    return "·" if number is None else "< 5" if number == SMALL else str(number)
