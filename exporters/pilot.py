"""The pilot report as Markdown and as CSV: the same lines in the same order."""
from flask_babel import gettext as _

import formats
from exporters.csv_book import csv_of
from labels import label, language
from services.figures import SMALL
from services.pilot import Report


def lines(report: Report) -> list[tuple[str, str, str]]:
    """Part, line, value."""
    people, steps = _("people"), _("steps in the journal")
    visits, referrals, work = _("Visits"), _("Referrals"), _("Work of the staff")
    found = [(visits, _("asked for in the period"), shown(report.visits)),
             *[(visits, str(label(state)), shown(number)) for state, number in report.visits_by_state.items()],
             (visits, _("median days to an answer"), _median(report.visit_days)),
             (referrals, _("sent in the period"), shown(report.referrals)),
             *[(referrals, str(label(state)), shown(number)) for state, number in report.referrals_by_state.items()],
             (referrals, _("median days to an answer"), _median(report.referral_days)),
             (work, _("minutes at visits"), shown(report.staff_minutes)),
             (work, _("visits whose minutes are known"), shown(report.visits_recorded)),
             (_("Contact book"), _("old facts today"), str(report.old_facts)),
             (_("Contact book"), _("facts in all"), str(report.facts))]
    for use in report.use:
        found += [(_("Use"), f"{label(use.role)}: {people}", shown(use.people)),
                  (_("Use"), f"{label(use.role)}: {steps}", shown(use.written))]
    return found


def shown(number: int) -> str:
    return "< 5" if number == SMALL else str(number)


def _median(days) -> str:
    return _("not given, fewer than five") if days is None else formats.number(days, language=language())


def csv_of_report(report: Report) -> bytes:
    return csv_of([[_("Part"), _("Line"), _("Value")], *map(list, lines(report))])


def markdown(report: Report) -> str:
    tongue = language()
    title = _("Pilot report from %(first)s to %(last)s", first=formats.day(report.first, language=tongue),
              last=formats.day(report.last, language=tongue))
    note = _("Counts are rounded to a multiple of five on their own, so parts need not add up; small ones are “< 5”, "
             "zero too. Facts of the contact book are counted exactly.")
    parts = [f"# {title}", note]
    for part in dict.fromkeys(part for part, _line, _value in lines(report)):
        rows = [f"| {line} | {value} |" for each, line, value in lines(report) if each == part]
        head = [_("Line"), _("Value")]
        parts.append("\n".join([f"## {part}", "", f"| {' | '.join(head)} |", "|---|---:|", *rows]))
    return "\n\n".join(parts) + "\n"
