"""The contact book as tables of text, with the columns of importers/book_sheets.py, which importers read.

The address of a secret site is in no file.
"""
from collections import defaultdict

from peewee import chunked

from exporters.cells import written
from importers.book_sheets import GROUPS, PRISON_GROUPS, SHEETS
from models import (
    ContactPerson,
    District,
    FactCheck,
    FactGroup,
    Location,
    Municipality,
    Organisation,
    OrganisationRegion,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
)
from services.records import Conditions, sets_of_services

AT_ONCE = 500
PREFIXES = {group: prefix for prefix, group in {**GROUPS, **PRISON_GROUPS}.items()}
HIDDEN = dict.fromkeys(("street", "city", "postal_code", "district"), "")


def tables(organisations: list[int] | None = None) -> dict[str, list[list[str]]]:
    """`{sheet: rows}`, the first row being the header; of these organisations, or (None) of the whole book."""
    reader = _Reader(organisations)
    return {name: [list(sheet.columns), *(_line(name, row, found) for row, found in getattr(reader, name)())]
            for name, sheet in SHEETS.items()}


def _line(name, row, found) -> list[str]:
    """`found` are values by column that do not stand in the row itself."""
    sheet = SHEETS[name]
    return [written(found[column] if column in found else row.__data__.get(sheet.attribute(column)))
            for column in sheet.columns]


class _Reader:
    """Rows of each sheet with what belongs to them, read some organisations at a time."""

    def __init__(self, organisations):
        self.slugs = dict(Organisation.select(Organisation.id, Organisation.slug).tuples())
        self.chosen = None if organisations is None else sorted(set(organisations))

    def _rows(self, model, column, *order):
        """Rows of a model that belong to the chosen organisations."""
        for some in [None] if self.chosen is None else chunked(self.chosen, AT_ONCE):
            query = model.select().order_by(*order)
            yield from query if some is None else query.where(column.in_(list(some)))

    def regions(self):
        return ((row, {}) for row in Region.select().order_by(Region.code))

    def districts(self):
        return ((row, {}) for row in District.select().order_by(District.code))

    def municipalities(self):
        return ((row, {}) for row in Municipality.select().order_by(Municipality.code))

    def organisations(self):
        regions, facts = _sets(OrganisationRegion, "organisation", "region"), _facts()
        for row in self._rows(Organisation, Organisation.id, Organisation.sort, Organisation.id):
            yield row, {"regions": regions[row.id], "parent": self.slugs.get(row.parent_id), **facts[row.id]}

    def prisons(self):
        facts = _facts(FactGroup.SECURITY)
        for row in self._rows(PrisonProfile, PrisonProfile.organisation, PrisonProfile.organisation):
            yield row, {**facts[row.organisation_id], "organisation": self.slugs[row.organisation_id]}

    def locations(self):
        for row in self._rows(Location, Location.organisation, Location.organisation, Location.sort, Location.id):
            yield row, {"organisation": self.slugs[row.organisation_id], **(HIDDEN if row.secret else {})}

    def contacts(self):
        names = dict(ContactPerson.select(ContactPerson.id, ContactPerson.name).tuples())
        for row in self._rows(ContactPerson, ContactPerson.organisation, ContactPerson.organisation,
                              ContactPerson.sort, ContactPerson.id):
            yield row, {"organisation": self.slugs[row.organisation_id], "deputy": names.get(row.deputy_id)}

    def services(self):
        sets = {name: sets_of_services(name) for name in SHEETS["services"].sets}
        for row in self._rows(Service, Service.organisation, Service.organisation, Service.sort, Service.id):
            yield row, {"organisation": self.slugs[row.organisation_id],
                        **{name: values.get(row.id, []) for name, values in sets.items()},
                        "entry": Conditions.text(sets["entry"].get(row.id, []))}

    def prison_work(self):
        services = dict(Service.select(Service.id, Service.slug).tuples())
        for row in self._rows(PrisonWork, PrisonWork.organisation, PrisonWork.organisation, PrisonWork.id):
            yield row, {"organisation": self.slugs[row.organisation_id], "prison": self.slugs[row.prison_id],
                        "service": services.get(row.service_id)}


def _sets(model, owner: str, column: str) -> dict[int, list[str]]:
    """`{owner: values}` in the order of their values."""
    found = defaultdict(list)
    names = getattr(model, owner), getattr(model, column)
    for number, value in model.select(*names).order_by(*names).tuples():
        found[number].append(value)
    return found


def _facts(main=FactGroup.BASICS) -> dict[int, dict]:
    """Columns of where facts come from, by organisation; the note and the day are those of the `main` group."""
    found = defaultdict(dict)
    for fact in FactCheck.select():
        columns = found[fact.organisation_id]
        if prefix := PREFIXES.get(fact.group):
            columns.update({f"{prefix}_source": fact.source, f"{prefix}_confidence": fact.confidence,
                            f"{prefix}_confirmed_on": fact.confirmed_on})
        if fact.group is main:
            columns.update(note=fact.note, confirmed_on=fact.confirmed_on)
    return found
