"""The contact book from its own tables, as they lie in data/ and as it is written out: a folder, a ZIP, a workbook, or
the organisations alone.

Everything is read and checked before anything is written, and written in one transaction. A row is known by its key
(book_sheets); a second run changes nothing. Whatever a person has confirmed in the book is theirs: a file does not
overwrite it. What is missing in a file stays in the book. The search learns of it afterwards, a few organisations at a
time.
"""
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from peewee import chunked

import clock
import db
from errors import RuleBroken
from importers import book_files, tables
from importers.book_sheets import GROUPS, PRISON_GROUPS, SHEETS
from importers.tables import Table, Wrong, later
from models import (
    ContactPerson,
    District,
    FactCheck,
    FactGroup,
    FieldChange,
    Kind,
    Location,
    Municipality,
    Organisation,
    OrganisationRegion,
    RecordKind,
    Region,
    Service,
    ServiceCondition,
)
from services import journal, records, search_index
from text import fold, sort_key

VIA = "file"
AT_ONCE, INDEXED_AT_ONCE = 500, 50


@dataclass
class Report:
    """What an import did: `counts[table]` has new, changed, unchanged and wrong; nothing is written if any is wrong."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[tables.Problem] = field(default_factory=list)


class _OnlyTrying(Exception):
    """Rolls back a dry run."""


def load(path: Path, actor=None, dry_run: bool = False) -> Report:
    """Loads the tables that are at `path`; see Report. Missing tables are left out.

    Raises FileNotFoundError where there is nothing to load, Wrong where a package cannot be read at all.
    """
    given = book_files.read(path)
    if not given:
        raise FileNotFoundError(path)
    _check(given)
    report = Report({name: _untouched(table) for name, table in given.items()},
                    [problem for table in given.values() for problem in table.problems])
    if report.problems:
        return report
    loader = _Loader(given, report.counts)
    try:
        with db.writing():
            loader.load(actor)
            if dry_run:
                raise _OnlyTrying
    except _OnlyTrying:
        return report
    _index(loader.touched)
    return report


def _index(touched):
    """All at once where the caller writes more in the same transaction; else so that others can write between."""
    for some in chunked(sorted(touched), INDEXED_AT_ONCE):
        search_index.reindex(*some)


def _untouched(table) -> dict[str, int]:
    """Before anything is written: where something is wrong, the other rows stay as they are."""
    wrong = {problem.row for problem in table.problems}
    fine = sum(row["row"] not in wrong for row in table.rows) if wrong else 0
    return {"new": 0, "changed": 0, "unchanged": fine, "wrong": len(wrong)}


# What a row may refer to, and what must not stand twice

REFERENCES = {"organisation": "organisations", "parent": "organisations", "prison": "organisations",
              "region": "regions", "regions": "regions", "municipality": "municipalities",
              "municipalities": "municipalities", "districts": "districts", "locations": "locations",
              "service": "services"}
NAMES_OF = {"organisations": ("id", Organisation.slug), "regions": ("code", Region.code),
            "municipalities": ("code", Municipality.code), "districts": ("code", District.code),
            "locations": ("id", Location.public_id), "services": ("id", Service.slug)}


def _check(given: dict[str, Table]) -> None:
    known = {name: {value for value, in column.model.select(column).tuples()}
             for name, (_key, column) in NAMES_OF.items()}
    for name, (key, _column) in NAMES_OF.items():
        if name in given:
            known[name].update(row[key] for row in given[name].rows)
    for name, table in given.items():
        _check_references(table, known, REFERENCES if name != "locations" else {**REFERENCES, "district": "districts"})
        _check_repeated(table)
    if "organisations" in given:
        _check_facts(given["organisations"])
    if "services" in given:
        _check_published(given["services"])


def _check_references(table, known, references):
    for row in table.rows:
        for column, target in references.items():
            values = row.get(column) or []
            for value in [values] if isinstance(values, str) else values:
                if value not in known[target]:
                    table.wrong(row["row"], column, later("“%(value)s” is not known."), value=value[:60])


def _check_repeated(table):
    columns = {table.sheet.attribute(column): column for column in table.sheet.columns}
    key, seen = [columns[attribute] for attribute in table.sheet.key], {}
    for row in table.rows:
        first = seen.setdefault(tuple(row[column] for column in key), row["row"])
        if first != row["row"]:
            table.wrong(row["row"], key[-1], later("the same stands in row %(row)s already."), row=first)


def _check_facts(table):
    for row in table.rows:
        if not row.get("basics_confidence"):
            table.wrong(row["row"], "basics_confidence", later("it must not be empty."))


def _check_published(table):
    """A published service says whom it is for and whom not, where the file has the columns for it."""
    for row in table.rows:
        if "for_whom" in row and "not_for_whom" in row:
            try:
                records.refuse_unpublishable(row)
            except RuleBroken as refusal:
                table.wrong(row["row"], refusal.field, later("%(reason)s"), reason=refusal.sentence)


# Writing

class _Loader:
    """One import: writes the tables in their order and remembers which organisations the search must learn anew."""

    def __init__(self, given: dict[str, Table], counts: dict):
        self.given, self.counts, self.touched, self.history = given, counts, set(), []
        self.ids = {}

    def load(self, actor) -> None:
        for name, sheet in SHEETS.items():
            if name in self.given:
                fates = getattr(self, f"_{name}", self._plain)(sheet, self.given[name].rows)
                self.counts[name].update(Counter(fates.values()))
            if name == "organisations":
                self.ids = dict(Organisation.select(Organisation.slug, Organisation.id).tuples())
        if self.touched:
            journal.wrote(actor, "directory.import", parts=",".join(self.given))
        self._keep_history(actor)

    def _keep_history(self, actor):
        slugs = dict(Organisation.select(Organisation.id, Organisation.public_id).tuples())
        rows = [{**line, "organisation": slugs[line["organisation"]], "actor": actor, "via": VIA, "at": clock.now()}
                for line in self.history]
        for some in chunked(rows, AT_ONCE):
            FieldChange.insert_many(some).execute()

    def _plain(self, sheet, rows):
        return self._upsert(sheet, [self._values(sheet, row) for row in rows])

    def _districts(self, sheet, rows):
        return self._upsert(sheet, [{**self._values(sheet, row), "fold": fold(row["name"])} for row in rows])

    _municipalities = _districts

    def _organisations(self, sheet, rows):
        towns = {(town.name, town.district): town.code for town in Municipality.select()}
        wanted = [_with_town(self._values(sheet, row), towns) for row in rows]
        fates = self._upsert(sheet, wanted, without=_confirmed_columns())
        ids = dict(Organisation.select(Organisation.slug, Organisation.id).tuples())
        parents = {row["id"]: ids[row["parent"]] for row in rows if row.get("parent")}
        regions = {ids[row["id"]]: set(row["regions"]) for row in rows if "regions" in row}
        others = [self._point(Organisation, Organisation.slug, "parent", parents),
                  _by_slug(ids, _replace_regions(regions)),
                  _by_slug(ids, _put_facts({key: facts for row in rows
                                            for key, facts in _facts(ids[row["id"]], row, GROUPS, FactGroup.BASICS)}))]
        return self._touch(_merged(fates, *others), {(slug,): number for slug, number in ids.items()})

    def _prisons(self, sheet, rows):
        fates = self._upsert(sheet, [self._values(sheet, row) for row in rows])
        owners = [self.ids[row["organisation"]] for row in rows]
        facts = _put_facts({key: facts for owner, row in zip(owners, rows, strict=True)
                            for key, facts in _facts(owner, row, PRISON_GROUPS, FactGroup.SECURITY)})
        return self._touch(_merged(fates, {key[:1]: fate for key, fate in facts.items() if fate != "unchanged"}),
                           {(owner,): owner for owner in owners})

    def _locations(self, sheet, rows):
        known = {each for each, in Location.select(Location.public_id).tuples()}
        wanted = [self._values(sheet, row) for row in rows]
        wanted = [_hidden(values) if values["public_id"] in known else values for values in wanted]
        return self._touch(self._upsert(sheet, wanted), {(row["public_id"],): row["organisation"] for row in wanted})

    def _contacts(self, sheet, rows):
        wanted = [self._values(sheet, row) for row in rows]
        fates = self._upsert(sheet, wanted)
        ids = {(owner, name): number for owner, name, number in ContactPerson.select(
            ContactPerson.organisation, ContactPerson.name, ContactPerson.id).tuples()}
        deputies = {ids[each["organisation"], row["name"]]: ids.get((each["organisation"], row["deputy"]))
                    for each, row in zip(wanted, rows, strict=True) if "deputy" in row}
        changed = self._point(ContactPerson, ContactPerson.id, "deputy", deputies)
        back = {number: key for key, number in ids.items()}
        return self._touch(_merged(fates, {back[number]: fate for (number,), fate in changed.items()}),
                           {(each["organisation"], each["name"]): each["organisation"] for each in wanted})

    def _services(self, sheet, rows):
        wanted = [self._values(sheet, row) for row in rows]
        fates = self._upsert(sheet, wanted)
        stored = {row.slug: row for row in Service.select()}
        changed = replace_sets({name: {stored[row["id"]].id: row[name] for row in rows
                                       if name in row and not stored[row["id"]].confirmed_by_id}
                                for name in sheet.sets})
        self._keep_sets(changed, {row.id: row for row in stored.values()}, fates)
        sets = [_by_slug({slug: row.id for slug, row in stored.items()}, dict.fromkeys(changed, "changed"))]
        return self._touch(_merged(fates, *sets), {(each["slug"],): each["organisation"] for each in wanted})

    def _keep_sets(self, changed, stored, fates):
        """Version and history of services whose sets changed; those of new ones begin with the service."""
        for number, sets in changed.items():
            row = stored[number]
            fate = fates[row.slug,]
            if fate == "unchanged":
                Service.update(version=row.version + 1).where(Service.id == number).execute()
            version = row.version + (fate == "unchanged")
            self.history += [{"record_kind": RecordKind.SERVICE, "record": row.public_id, "field": name,
                              "version": version, "organisation": row.organisation_id, "old": old, "new": new}
                             for name, (old, new) in sets.items() if fate != "new"]

    def _prison_work(self, sheet, rows):
        services = dict(Service.select(Service.slug, Service.id).tuples())
        wanted = [self._values(sheet, row) for row in rows]
        for each in wanted:
            each["prison"] = self.ids[each["prison"]]
            if "service" in each:
                each["service"] = services.get(each["service"])
        return self._touch(self._upsert(sheet, wanted), {(each["slug"],): each["organisation"] for each in wanted})

    def _touch(self, fates, organisations):
        self.touched.update(organisations[key] for key, fate in fates.items() if fate != "unchanged")
        return fates

    def _values(self, sheet, row) -> dict:
        """Attributes of a row of `sheet.model`; of references to organisations their numbers."""
        found = {sheet.attribute(column): row[column] for column in sheet.own() if column in row}
        for name, value in found.items():
            column = sheet.model._meta.fields[name]
            if isinstance(value, list):
                found[name] = ";".join(value)
            elif (value == "" and column.null) or (value is None and not column.null):
                found[name] = None if column.null else column.default
        if "organisation" in found:
            found["organisation"] = self.ids[found["organisation"]]
        if sheet.model in records.SORTED_BY:
            found["sort"] = sort_key(found[records.SORTED_BY[sheet.model]])
        return found

    def _upsert(self, sheet, wanted: list[dict], without=None) -> dict[tuple, str]:
        """Writes what is new or different; `{key: "new" | "changed" | "unchanged"}`.

        A row that a person has confirmed stays; of an organisation the columns that `without` names for its slug.
        """
        existing = {tuple(row.__data__[column] for column in sheet.key): row for row in sheet.model.select()}
        fates, new = {}, []
        for values in wanted:
            place = tuple(values[column] for column in sheet.key)
            row = existing.get(place)
            if row is None:
                new.append(values)
            kept = (without or {}).get(place[0], ())
            different = {} if row is None or row.__data__.get("confirmed_by") else {
                name: value for name, value in values.items() if row.__data__[name] != value and name not in kept}
            if different:
                self._change(row, different)
            fates[place] = "new" if row is None else "changed" if different else "unchanged"
        alike = defaultdict(list)  # a statement takes rows with the same columns
        for values in new:
            alike[tuple(values)].append(values)
        for some in (part for rows in alike.values() for part in chunked(rows, AT_ONCE)):
            sheet.model.insert_many(list(some)).execute()
        return fates

    def _change(self, row, values: dict) -> None:
        """Writes values of a row; of a record of the book also its version and its history."""
        model = type(row)
        kind = records.KINDS.get(model)
        if kind is not None:
            self.history += [
                {"record_kind": kind, "record": records.public_id_of(row), "field": name, "version": row.version + 1,
                 "organisation": row.id if kind is RecordKind.ORGANISATION else row.organisation_id,
                 "old": records.as_text(model, name, row.__data__[name]), "new": records.as_text(model, name, value)}
                for name, value in values.items() if name in records.fields_of(model)]
            values = {**values, "version": row.version + 1}
        model.update(**values).where(model._meta.primary_key == row._pk).execute()

    def _point(self, model, key, column, wanted: dict) -> dict[tuple, str]:
        """Makes rows, known by their `key`, point at other rows of the same table."""
        rows = {row.__data__[key.name]: row for row in model.select()}
        different = {place: value for place, value in wanted.items() if rows[place].__data__[column] != value
                     and not rows[place].__data__.get("confirmed_by")}
        for place, value in different.items():
            self._change(rows[place], {column: value})
        return {(place,): "changed" for place in different}


def _hidden(values) -> dict:
    """Of a secret site the file has no address; what the book has stays."""
    if not values.get("secret"):
        return values
    return {name: value for name, value in values.items()
            if value or name not in {"street", "city", "postal_code", "district"}}


def _with_town(values, towns) -> dict:
    """A town's own office is in its own municipality, and need not say so."""
    if values["kind"] is Kind.MUNICIPALITY and not values.get("municipality"):
        values["municipality"] = towns.get((values.get("short_name"), values.get("district")))
    return {**values, "invented": bool(values.get("invented"))}


# Sets of rows

def replace_sets(wanted: dict[str, dict[int, list]]) -> dict[int, dict[str, tuple[str, str]]]:
    """Makes sets of services (records.SETS) what is wanted, by name and service.

    Returns the texts before and after of those that changed, by service and name. All that goes is deleted before
    anything is added: a target group goes from one set to another.
    """
    found, changed = defaultdict(dict), {}
    for name, values in wanted.items():
        rows, existing = records.SETS[Service][name], records.sets_of_services(name)
        clean = {number: rows.clean(each) for number, each in values.items()}
        changed[name] = {number: each for number, each in clean.items() if existing.get(number, []) != each}
        for number, each in changed[name].items():
            found[number][name] = (rows.text(existing.get(number, [])), rows.text(each))
    for name, values in changed.items():
        _delete_values(name, list(values))
    for name, values in changed.items():
        model, lines = _lines_of(name, values)
        for some in chunked(lines, 1000):
            model.insert_many(list(some)).execute()
    return found


def _delete_values(name, services):
    rows = records.SETS[Service][name]
    model = ServiceCondition if name == "entry" else rows.model
    for some in chunked(services, AT_ONCE):
        query = model.delete().where(model.service.in_(list(some)))
        (query.where(model.fit == rows.fit) if name != "entry" and rows.fit else query).execute()


def _lines_of(name, values) -> tuple[type, list[dict]]:
    if name == "entry":
        return ServiceCondition, [
            {"service": number, "place": place, "text": text, "when": when, "waivable": waivable}
            for number, lines in values.items() for place, (text, when, waivable) in enumerate(lines)]
    rows = records.SETS[Service][name]
    fixed = {"fit": rows.fit} if rows.fit else {}
    return rows.model, [{"service": number, rows.column: value, **fixed} for number, each in values.items()
                        for value in each]


def _replace_regions(wanted: dict[int, set]) -> dict[int, str]:
    """Makes the regions of organisations those that are wanted; returns the organisations that changed."""
    existing = defaultdict(set)
    for owner, region in OrganisationRegion.select(OrganisationRegion.organisation,
                                                   OrganisationRegion.region).tuples():
        existing[owner].add(region)
    changed = {owner: regions for owner, regions in wanted.items() if existing[owner] != regions}
    for some in chunked(changed, AT_ONCE):
        OrganisationRegion.delete().where(OrganisationRegion.organisation.in_(list(some))).execute()
    rows = ({"organisation": owner, "region": region} for owner, regions in changed.items()
            for region in sorted(regions))
    for some in chunked(rows, 1000):
        OrganisationRegion.insert_many(list(some)).execute()
    return dict.fromkeys(changed, "changed")


def _put_facts(wanted: dict[tuple, dict]) -> dict[tuple, str]:
    """Writes where groups of facts come from; what a person has confirmed stays."""
    existing = {(row.organisation_id, row.group): row for row in FactCheck.select()}
    different = {key: facts for key, facts in wanted.items() if key in existing and not existing[key].confirmed_by_id
                 and any(getattr(existing[key], name) != value for name, value in facts.items())}
    for key, facts in different.items():
        FactCheck.update(**facts).where(FactCheck.id == existing[key].id).execute()
    new = [{"organisation": owner, "group": group, **facts} for (owner, group), facts in wanted.items()
           if (owner, group) not in existing]
    for some in chunked(new, AT_ONCE):
        FactCheck.insert_many(list(some)).execute()
    return {key: "changed" if key in different else "unchanged" if key in existing else "new" for key in wanted}


def _facts(organisation: int, row, groups, main):
    """`((organisation, group), columns)` of each group of facts that the row fills."""
    for prefix, group in groups.items():
        if row.get(f"{prefix}_confidence"):
            own, whole = f"{prefix}_confirmed_on", row.get("confirmed_on")
            yield (organisation, group), {
                "source": row.get(f"{prefix}_source", ""), "confidence": row[f"{prefix}_confidence"],
                "note": row.get("note", "") if group is main else "",
                "confirmed_on": row.get(own, whole)}


def _by_slug(ids: dict[str, int], fates: dict) -> dict[tuple, str]:
    """Fates by the id of an owner (or a tuple that begins with it) as changes of its slug."""
    slugs = {number: slug for slug, number in ids.items()}
    numbers = {key[0] if isinstance(key, tuple) else key for key, fate in fates.items() if fate != "unchanged"}
    return {(slugs[number],): "changed" for number in numbers}


def _merged(fates: dict, *others: dict) -> dict:
    """A row is changed as well when something that hangs on it is."""
    for other in others:
        for key, fate in other.items():
            if fate != "unchanged" and fates.get(key) == "unchanged":
                fates[key] = "changed"
    return fates


def _confirmed_columns() -> dict[str, set[str]]:
    """Columns of organisations that people have confirmed, by slug."""
    found = defaultdict(set)
    checks = (FactCheck.select(Organisation.slug, FactCheck.group).join(Organisation)
              .where(FactCheck.confirmed_by.is_null(False)))
    for slug, group in checks.tuples():
        found[slug].update(records.GROUP_FIELDS.get(group, ()))
        if group is FactGroup.BASICS:
            found[slug].add("sort")
    return found


__all__ = ["SHEETS", "Report", "Wrong", "load"]
