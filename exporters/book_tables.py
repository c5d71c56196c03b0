"""The contact book as tables of text, with exactly the columns that importers/directory_csv.py reads.

A column is the attribute of its row of the same name, but for those that FROM names. What an importer learns to read
under a new name is written as soon as the row has it.
"""
from collections import defaultdict

from peewee import chunked

from exporters.cells import written
from importers.directory_csv import SHEETS
from models import (
    ContactPerson,
    District,
    FactCheck,
    FactGroup,
    Municipality,
    Organisation,
    OrganisationRegion,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    ServiceArea,
    ServiceNeed,
    ServiceRegion,
)

AT_ONCE = 500
GROUPS = {"basics": FactGroup.BASICS, "address": FactGroup.ADDRESS, "contact": FactGroup.CONTACT,
          "ico": FactGroup.REGISTRATION, "security": FactGroup.SECURITY, "capacity": FactGroup.CAPACITY}
# attributes of rows whose column is called otherwise, by sheet
FROM = {
    "regions": {"name_cs": "name"},
    "districts": {"region": "region_id"},
    "municipalities": {"region": "region_id"},
    "organisations": {"id": "slug", "region": "region_id", "municipality": "municipality_id"},
    "prisons": {"kind": "type", "lat": "latitude", "lon": "longitude"},
    "services": {"id": "slug", "name_cs": "name"},
    "prison_work": {"id": "slug", "activity_cs": "activity", "frequency_cs": "days", "until": "until_on"},
}


def tables(organisations: list[int] | None = None) -> dict[str, list[list[str]]]:
    """`{sheet: rows}`, the first row being the header; of these organisations, or (None) of the whole book."""
    reader = _Reader(organisations)
    return {name: [list(sheet.columns), *(_line(name, row, found) for row, found in getattr(reader, name)())]
            for name, sheet in SHEETS.items()}


def _line(name, row, found) -> list[str]:
    """`found` are values by column that do not stand in the row itself."""
    names = FROM.get(name, {})
    return [written(found[column] if column in found else getattr(row, names.get(column, column), None))
            for column in SHEETS[name].columns]


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

    def contacts(self):
        for row in self._rows(ContactPerson, ContactPerson.organisation, ContactPerson.organisation,
                              ContactPerson.id):
            yield row, {"organisation": self.slugs[row.organisation_id]}

    def services(self):
        areas, needs = _sets(ServiceArea, "service", "area"), _sets(ServiceNeed, "service", "need")
        regions = _sets(ServiceRegion, "service", "region")
        for row in self._rows(Service, Service.organisation, Service.organisation, Service.sort, Service.id):
            yield row, {"organisation": self.slugs[row.organisation_id], "areas": areas[row.id],
                        "needs": needs[row.id], "regions": regions[row.id]}

    def prison_work(self):
        for row in self._rows(PrisonWork, PrisonWork.organisation, PrisonWork.organisation, PrisonWork.id):
            yield row, {"organisation": self.slugs[row.organisation_id], "prison": self.slugs[row.prison_id]}


def _sets(model, owner: str, column: str) -> dict[int, list[str]]:
    """`{owner: values}` in the order of their values."""
    found = defaultdict(list)
    names = getattr(model, owner), getattr(model, column)
    for number, value in model.select(*names).order_by(*names).tuples():
        found[number].append(value)
    return found


def _facts(main=FactGroup.BASICS) -> dict[int, dict]:
    """Columns of where facts come from, by organisation; the note and the day are those of the `main` group."""
    prefixes, found = {group: prefix for prefix, group in GROUPS.items()}, defaultdict(dict)
    for fact in FactCheck.select():
        columns = found[fact.organisation_id]
        if prefix := prefixes.get(fact.group):
            columns.update({f"{prefix}_source": fact.source, f"{prefix}_confidence": fact.confidence})
        if fact.group is main:
            columns.update(note=fact.note, confirmed_on=fact.confirmed_on)
    return found
