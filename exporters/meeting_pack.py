"""The pack of a meeting as tables of a workbook: agenda, people, tasks, and a sheet for each standing item."""
from flask_babel import gettext as _

import formats
from exporters.cells import written
from labels import label, language
from models import AgendaKind


def tables(pack) -> dict[str, list[list[str]]]:
    """`{name of the sheet: rows}`, the first row of each its header; `pack` is services.groups.showing.Pack."""
    return {_("Agenda"): _agenda(pack), _("Members"): _people(pack), _("Tasks"): _tasks(pack),
            **{_sheet(kind): _lines(pack, kind) for kind in AgendaKind
               if kind is not AgendaKind.TOPIC and any(item.row.kind is kind for item in pack.items)}}


def _sheet(kind) -> str:
    return str(label(kind)).capitalize()[:31]  # as long as a name of a sheet may be


def _agenda(pack):
    head = [_("Number"), _("Topic"), _("Who speaks"), _("Minutes"), _("To read before")]
    return [head, *[[str(number), item.title, item.row.who, written(item.row.minutes_planned), item.row.note]
                    for number, item in enumerate(pack.items, start=1)]]


def _people(pack):
    said = {True: _("comes"), False: _("does not come"), None: ""}
    return [[_("Name"), _("Organisation"), _("Coming"), _("Attendance")],
            *[[person.name, person.organisation.label if person.organisation_id else "", said[coming],
               str(label(presence)) if presence else ""] for person, coming, presence in pack.members]]


def _tasks(pack):
    return [[_("What the task is"), _("Who does it"), _("By when"), _("State")],
            *[[row.what, row.owner.name, formats.day(row.due_on, language=language()), str(label(row.state))]
              for row in pack.tasks]]


def _lines(pack, kind):
    return [[_("What"), _("Facts"), _("New")],
            *[[line.text, line.facts, _("new") if line.new else ""] for line in pack.lines(kind)]]
