"""Coverage as CSV: exactly the numbers of the page, a line for each prison and area, so that it can be pivoted."""
from flask_babel import gettext as _

from exporters.cells import written
from exporters.csv_book import csv_of
from labels import label
from services.coverage import Table


def csv_of_table(table: Table, words: dict[str, str], english: bool) -> bytes:
    """`words` name the states of cells."""
    header = [_("Prison"), _("Region"), _("Area of help"), _("Work that runs"), _("Organisations"), _("State"),
              _("Free places"), _("Free places as of"), _("Last confirmed")]
    return csv_of([header, *[
        [line.name, line.region_name_en if english else line.region_name, str(label(area)), str(cell.works),
         str(len(cell.organisations)), str(words[cell.state]), written(cell.free), written(cell.free_on),
         written(cell.checked_on)]
        for line in table.lines for area, cell in line.cells.items()]])
