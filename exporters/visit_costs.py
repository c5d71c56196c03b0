"""What visits cost, as CSV: exactly the numbers of the page. For Czech spreadsheets: semicolons, UTF-8 with a mark."""
import csv
import io

from flask_babel import gettext as _

from labels import language


def csv_of(costs) -> bytes:
    """A line for each month and kind: visits, people reached, minutes of staff, minutes and crowns a person."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("month"), _("kind"), _("visits held"), _("people reached"), _("minutes of staff"),
                     _("minutes a person"), _("crowns a person"), _("visits with an unknown number of people")])
    for month in costs.months:
        for name, found in ((_("single visits"), month.single), (_("joint days"), month.joint),
                            (_("all together"), month.total)):
            writer.writerow([f"{month.first:%Y-%m}", name, found.visits, found.reached, found.minutes,
                             _tenths(found.minutes_a_person), _tenths(found.crowns_a_person), found.uncounted])
    return out.getvalue().encode("utf-8-sig")


def _tenths(number: float | None) -> str:
    """A number with one decimal, as spreadsheets of the reader's language read it."""
    if number is None:
        return ""
    return f"{number:.1f}".replace(".", "," if language() == "cs" else ".")
