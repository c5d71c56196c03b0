"""Coverage as CSV: exactly the numbers of the pages, a line for each cell, so that they can be pivoted."""
from flask_babel import gettext as _

from exporters.cells import written
from exporters.csv_book import csv_of
from labels import label
from models import TargetGroup
from services.coverage import concentration, snapshots, unmet
from services.figures import SMALL


def csv_of_table(table, words: dict[str, str], english: bool) -> bytes:
    """`words` name the states of cells."""
    header = [_("Prison"), _("Region"), _("Area of help"), _("Work that runs"), *_of_cells()]
    return csv_of([header, *[
        [line.name, line.region_name_en if english else line.region_name, str(label(area)), *_cell(cell, words)]
        for line in table.lines for area, cell in line.cells.items()]])


def _of_cells():
    return [_("Organisations"), _("State"), _("Free places"), _("Free places as of"), _("Last confirmed"),
            _("Days a week"), _("Without days")]


def _cell(cell, words) -> list[str]:
    days = cell.days_a_week
    return [str(cell.works), str(len(cell.organisations)), str(words[cell.state]), written(cell.free),
            written(cell.free_on), written(cell.checked_on), "" if days is None else f"{days:g}", str(cell.silent)]


def csv_of_regions(table, words: dict[str, str], english: bool, lacking: dict) -> bytes:
    """`lacking` are published rows of unmet needs by region and need."""
    header = [_("Region"), _("Need"), _("Services that run"), *_of_cells(), _("People who lacked it, rounded")]
    return csv_of([header, *[
        [line.name_en if english else line.name, str(label(need)), *_cell(cell, words),
         _people(lacking.get(line.code, {}).get(need))] for line in table.lines for need, cell in line.cells.items()]])


def _people(row) -> str:
    return "" if row is None else _shown(row.total)


def _shown(number) -> str:
    return _("fewer than 5") if number == SMALL else str(number)


def csv_of_shares(shares, trend, words, names) -> bytes:
    """The shares of today, and those of each snapshot."""
    rows = [["", str(words[kind][0]), str(names.get(share.line) or _group(share.line)), str(share.count),
             str(share.total), written(share.percent)] for kind in concentration.KINDS for share in shares[kind]]
    rows += [[moment.day.isoformat(), str(words[kind][0]), str(names.get(line) or _group(line)), str(count),
              str(total), written(round(100 * count / total) if total else None)]
             for moment in trend for (kind, line), (count, total) in moment.shares.items()
             if line != concentration.ALL]
    rows += [[moment.day.isoformat(), title, word, str(number[kind]), "", ""] for moment in trend
             for kind, title in ((snapshots.PRISONS, _("Cells of prisons")), (snapshots.REGIONS, _("Cells of regions")))
             for word, number in ((_("nothing"), moment.empty), (_("thin"), moment.thin))]
    return csv_of([[_("Day (empty: today)"), _("What"), _("Line"), _("Count"), _("Of all"), _("Per cent")], *rows])


def _group(line) -> str:
    return label(TargetGroup(line))


def csv_of_unmet(page, words, english: bool) -> bytes:
    header = [_("Where"), _("Need"), _("What"), _("People, rounded"), _("Counted at the end of"),
              _("Services that run"), _("Free places")]
    rows = []
    for line, needs in page.regions:
        where = line.name_en if english else line.name
        for each in needs:
            supply = [str(each.cell.works), written(each.cell.free)]
            if each.row is None:
                rows.append([where, str(label(each.need)), "", "", "", *supply])
                continue
            since = each.row.since.isoformat()
            rows.append([where, str(label(each.need)), _("for all causes together"), _shown(each.row.total), since,
                         *supply])
            rows += [[where, str(label(each.need)), str(words[cause]), _shown(number), since, *supply]
                     for cause, number in zip(unmet.CAUSES, each.row.states or (), strict=False)]
    for each in page.prisons:
        rows += [[each.prison.name, str(label(each.need)), word, _shown(number), each.since.isoformat(), "", ""]
                 for word, number in ((_("needed"), each.needed), (_("stuck"), each.stuck))]
    rows += [[row.prison.name, str(label(area)), _("the prison looks for it"), written(row.places), "",
              str(cell.works), written(cell.free)] for row, cells in page.wanted for area, cell in cells.items()]
    return csv_of([header, *rows])


def csv_of_gaps(gaps, name_of) -> bytes:
    header = [_("Gap"), _("State"), _("Proposal"), _("Who has it"), _("Until when"), _("Reason"), _("Found on")]
    return csv_of([header, *[
        [name_of(row), str(label(row.state)), row.proposal, row.owner.name if row.owner_id else "",
         written(row.due_on), str(label(row.reason)) if row.reason else "", row.opened_at.date().isoformat()]
        for row in gaps]])
