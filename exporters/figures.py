"""Figures as CSV: exactly the numbers of the page. For Czech spreadsheets: semicolons, UTF-8 with a mark."""
import csv
import io
from dataclasses import dataclass

from flask_babel import gettext as _

from labels import label
from services.figures import BARRIER_AS, BARRIERS, NO_SHOWS, REASON_AS, REASONS, SMALL, STATES, VERDICTS, Row, Table


@dataclass(frozen=True)
class Part:
    """A table below the first one, of no milestone: columns of its own, rows with their names."""

    heading: str
    about: str
    columns: list[str]
    counted: str  # what the last number counts
    rows: list[tuple[str, Row]]


def parts_of(table: Table) -> list[Part]:
    """What is shown below the needs, on the page and in the file."""
    found = []
    if table.stuck_on:
        found.append(Part(_("Why a need is stuck"), _(
            "People for whom a need was stuck, two years back, on whatever day after release, each by the barrier that "
            "was last written down."), [words_with(each, BARRIER_AS) for each in BARRIERS], _("people"),
            [(_("people with a stuck need"), table.stuck_on)]))
    if table.not_held:
        found.append(Part(_("Why visits did not take place"), _(
            "Clients whose visit in %(prison)s did not take place, two years back, each by the reason of the last one.",
            prison=table.name), [str(label(each)) for each in NO_SHOWS], _("people"),
            [(_("clients whose visit did not take place"), table.not_held)]))
    if table.helped:
        found.append(Part(_("How far help came after release"), _(
            "People released from %(prison)s whose need was written down or to whom help was offered, two years back, "
            "each by their last answer. What the prison wrote down itself is not counted here.", prison=table.name),
            [str(word) for word in help_words()], _("people"), [(_("people who needed help"), table.helped)]))
    if table.not_taken:
        found.append(Part(_("Why help was not taken"), _(
            "People released from %(prison)s whose last answer to an offer of help was no, two years back, on whatever "
            "day after release. What the prison offered itself is not counted here.", prison=table.name),
            [words_with(each, REASON_AS) for each in REASONS], _("people"), [(_("people who said no"),
                                                                              table.not_taken)]))
    about = _("Each organisation counts once, as it was last said after a visit or a referral, two years back.")
    for heading, rows in ((_("What the prison says of organisations"), table.by_prison),
                          (_("What organisations say of the prison"), table.of_prison)):
        if rows:
            found.append(Part(heading, about, [str(label(each)) for each in VERDICTS], _("organisations"),
                              [(str(question_words()[question]), row) for question, row in rows.items()]))
    return found


def question_words() -> dict[str, str]:
    """The questions that partners answer of each other, as short as a row's name."""
    return {"as_agreed": _("came, or was let in, as agreed"), "on_time": _("was prepared and on time"),
            "told_changes": _("told changes in time"), "again": _("would go on together")}


def help_words() -> list:
    """The columns of HELP."""
    return [_("offered and accepted"), _("offered and declined"), _("need known, no answer yet")]


def csv_of(table: Table) -> bytes:
    """The table as CSV: a line a need, a column a state, the people behind it, the month it was counted."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Need"), *(str(label(state)) for state in STATES), _("people"), _("month")])
    writer.writerow([_("all needs"), *[""] * len(STATES), words(table.people), f"{table.month:%Y-%m}"])
    for line in table.lines:
        _write(writer, str(label(line.need)), line.states, len(STATES), line.people, line.since)
    for part in parts_of(table):
        writer.writerow([])
        writer.writerow([part.heading, *part.columns, part.counted, _("month")])
        for name, row in part.rows:
            _write(writer, name, row.states, len(part.columns), row.total, row.since)
    return out.getvalue().encode("utf-8-sig")


def _write(writer, name, states, columns, total, since):
    writer.writerow([name, *map(words, states or [None] * columns), words(total), f"{since:%Y-%m}"])


def words_with(each, counted_as) -> str:
    """A column of reasons, with those that are counted in it."""
    also = [other for other, column in counted_as.items() if column == each]
    return ", ".join(str(label(word)) for word in (each, *also))


def words(number: int | tuple[int, int] | None) -> str:
    """A shown number as it stands on the page; of a region the least and the most."""
    if isinstance(number, tuple):
        return f"{number[0]}–{number[1]}"
    return "·" if number is None else "< 5" if number == SMALL else str(number)
