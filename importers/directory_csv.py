"""The contact book from CSV files, as they lie in data/: one folder, or the organisations alone.

Everything is read and checked before anything is written, and written in one transaction. A row is known by its slug
(`id`); a second run changes nothing. Whatever a person has confirmed in the book is theirs: a file does not overwrite
it. What is missing in a file stays in the book.
"""
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext as _
from peewee import chunked
from stdnum.cz import dic

import db
from importers import tables
from importers.tables import Sheet, Table, Wrong
from models import (
    Area,
    Confidence,
    ContactPerson,
    District,
    FactCheck,
    FactGroup,
    Form,
    Kind,
    Municipality,
    Need,
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
from services import journal, search_index
from text import fold, sort_key

LEVELS = ("level_low", "level_medium", "level_high", "level_increased")
HELD = ("men", "women", "juveniles", "remand", "forensic_detention")


def company_number(cell: str) -> str:
    """IČO: eight digits, the last of which checks the others."""
    cleaned = tables.text(20)(cell)
    if cleaned and not (len(cleaned) == 8 and dic.is_valid(cleaned)):
        raise Wrong(_("this is not a valid company number (IČO)."))
    return cleaned


_short, _long = tables.text(200), tables.text(5000, lines=True)
_source, _confidence = tables.text(1000), tables.one_of(Confidence)
_CHECKED = {"source": _source, "confidence": _confidence, "confirmed_on": tables.day}
_GROUPS = {"basics": FactGroup.BASICS, "address": FactGroup.ADDRESS, "contact": FactGroup.CONTACT,
           "ico": FactGroup.REGISTRATION}

SHEETS = {sheet.name: sheet for sheet in (
    Sheet("regions", {"code": _short, "name_cs": _short, "name_en": _short, "seat": _short},
          ("code", "name_cs", "name_en", "seat")),
    Sheet("districts", {"code": _short, "name": _short, "region": _short}, ("code", "name", "region")),
    Sheet("municipalities", {"code": _short, "name": _short, "district": _short, "region": _short},
          ("code", "name", "region")),
    Sheet("organisations", {
        "id": tables.slug, "kind": tables.one_of(Kind), "name": _short, "short_name": _short, "legal_form": _short,
        "ico": company_number, "street": _short, "city": _short, "postal_code": tables.text(20), "district": _short,
        "region": _short, "municipality": _short, "regions": tables.listed, "web": tables.web_address,
        "phone": _short, "email": tables.email, "data_box": tables.text(20), "parent": tables.slug,
        "description": _long, "invented": tables.flag, "confirmed_on": tables.day, "note": _long,
        **{f"{group}_source": _source for group in _GROUPS},
        **{f"{group}_confidence": _confidence for group in _GROUPS},
    }, ("id", "kind", "name")),
    Sheet("prisons", {
        "organisation": tables.slug, "kind": _short, **dict.fromkeys([*LEVELS, *HELD], tables.flag),
        "capacity": tables.whole_number(0, 10_000), "visit_rules": _long, "lead_days": tables.whole_number(1, 30),
        "lat": tables.decimal(-90, 90), "lon": tables.decimal(-180, 180), "note": _long, "confirmed_on": tables.day,
        "capacity_source": _source, "capacity_confidence": _confidence,
        "security_source": _source, "security_confidence": _confidence,
    }, ("organisation", "kind")),
    Sheet("contacts", {
        "organisation": tables.slug, "name": _short, "post": _short, "topics": tables.listed, "days": _short,
        "phone": _short, "email": tables.email, "ended_on": tables.day, **_CHECKED,
    }, ("organisation", "name", "confidence")),
    Sheet("services", {
        "id": tables.slug, "organisation": tables.slug, "name_cs": _short, "areas": tables.several_of(Area),
        "needs": tables.several_of(Need), "regions": tables.listed, "form": tables.one_of(Form, Form.UNKNOWN),
        "for_whom": _long, "not_for_whom": _long, "conditions": _long, "plain": _long,
        "places_free": tables.whole_number(0, 10_000), "places_on": tables.day, "ended_on": tables.day, **_CHECKED,
    }, ("id", "organisation", "name_cs", "confidence")),
    Sheet("prison_work", {
        "id": tables.slug, "organisation": tables.slug, "prison": tables.slug, "activity_cs": tables.text(500),
        "activity_en": tables.text(500), "areas": tables.several_of(Area),
        "form": tables.one_of(Form, Form.UNKNOWN), "frequency_cs": _short, "since": _short, "until": tables.day,
        **_CHECKED,
    }, ("id", "organisation", "prison", "activity_cs", "confidence")),
)}
# columns of Organisation in the group of facts they belong to; the note belongs to the group's FactCheck
GROUP_COLUMNS = {
    FactGroup.BASICS: ("kind", "name", "short_name", "sort", "legal_form", "description"),
    FactGroup.ADDRESS: ("street", "city", "postal_code", "district", "region", "municipality"),
    FactGroup.CONTACT: ("web", "phone", "email", "data_box"),
    FactGroup.REGISTRATION: ("ico",),
}


@dataclass
class Report:
    """What an import did: `counts[table]` has new, changed, unchanged and wrong; nothing is written if any is wrong."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[tables.Problem] = field(default_factory=list)


class _OnlyTrying(Exception):
    """Rolls back a dry run."""


def load(path: Path, actor=None, dry_run: bool = False) -> Report:
    """Loads a folder of CSV files, or one file of organisations; see Report. Missing files are left out.

    Raises FileNotFoundError where there is nothing to load.
    """
    given = _read_files(path)
    _check(given)
    report = Report({name: _untouched(table) for name, table in given.items()},
                    [problem for table in given.values() for problem in table.problems])
    if report.problems:
        return report
    try:
        with db.writing():
            _Loader(given, report.counts).load(actor)
            if dry_run:
                raise _OnlyTrying
    except _OnlyTrying:
        pass
    return report


def is_own(path: Path) -> bool:
    """Whether a file or folder is in this book's own shape, rather than somebody's list."""
    if path.is_dir():
        return any((path / f"{name}.csv").is_file() for name in SHEETS) and not (path / "organizations.csv").is_file()
    if path.suffix.lower() != ".csv":
        return False
    header = path.open("rb").readline(10_000).decode("utf-8-sig", errors="replace").strip()
    return set(SHEETS["organisations"].required) <= set(header.replace(";", ",").replace('"', "").split(","))


def _read_files(path: Path) -> dict[str, Table]:
    if path.is_file():
        return {"organisations": tables.read(path, SHEETS["organisations"])}
    files = {name: path / f"{name}.csv" for name in SHEETS}
    given = {name: tables.read(file, SHEETS[name]) for name, file in files.items() if file.is_file()}
    if not given:
        raise FileNotFoundError(path)
    return given


def _untouched(table) -> dict[str, int]:
    wrong = len({problem.row for problem in table.problems})
    return {"new": 0, "changed": 0, "unchanged": len(table.rows) if wrong else 0, "wrong": wrong}


# What a row may refer to, and what must not stand twice

KEYS = {"regions": ("code",), "districts": ("code",), "municipalities": ("code",), "organisations": ("id",),
        "prisons": ("organisation",), "contacts": ("organisation", "name"), "services": ("id",), "prison_work": ("id",)}
REFERENCES = {"organisation": "organisations", "parent": "organisations", "prison": "organisations",
              "region": "regions", "regions": "regions", "municipality": "municipalities"}


def _check(given: dict[str, Table]) -> None:
    known = {"organisations": _values(Organisation.slug), "regions": _values(Region.code),
             "municipalities": _values(Municipality.code)}
    for name in known:
        if name in given:
            known[name].update(row[KEYS[name][0]] for row in given[name].rows)
    for name, table in given.items():
        _check_references(table, known)
        _check_repeated(table, KEYS[name])
    if "organisations" in given:
        _check_facts(given["organisations"])


def _values(column) -> set:
    return {value for value, in column.model.select(column).tuples()}


def _check_references(table, known):
    for row in table.rows:
        for column, target in REFERENCES.items():
            values = row.get(column) or []
            for value in [values] if isinstance(values, str) else values:
                if value not in known[target]:
                    table.wrong(row["row"], column, _("“%(value)s” is not known.", value=value[:60]))


def _check_repeated(table, key):
    seen = {}
    for row in table.rows:
        first = seen.setdefault(tuple(row[column] for column in key), row["row"])
        if first != row["row"]:
            table.wrong(row["row"], key[-1], _("the same stands in row %(row)s already.", row=first))


def _check_facts(table):
    for row in table.rows:
        if row["basics_confidence"] is None:
            table.wrong(row["row"], "basics_confidence", _("it must not be empty."))


# Writing

class _Loader:
    """One import: writes the tables in their order and remembers which organisations the search must learn anew."""

    def __init__(self, given: dict[str, Table], counts: dict):
        self.given, self.counts, self.touched = given, counts, set()

    def load(self, actor) -> None:
        for name in SHEETS:
            if name in self.given:
                fates = getattr(self, f"_{name}")(self.given[name].rows)
                self.counts[name].update(Counter(fates.values()))
            if name == "organisations":
                self.ids = dict(Organisation.select(Organisation.slug, Organisation.id).tuples())
        if self.touched:
            search_index.reindex(*self.touched)
            journal.wrote(actor, "directory.import", parts=",".join(self.given))

    def _regions(self, rows):
        return _upsert(Region, ("code",), {(row["code"],): {"name": row["name_cs"], "name_en": row["name_en"],
                                                            "seat": row["seat"]} for row in rows})

    def _districts(self, rows):
        return _upsert(District, ("code",), {
            (row["code"],): {"name": row["name"], "fold": fold(row["name"]), "region": row["region"]} for row in rows})

    def _municipalities(self, rows):
        return _upsert(Municipality, ("code",), {
            (row["code"],): {"name": row["name"], "fold": fold(row["name"]), "district": row["district"],
                             "region": row["region"]} for row in rows})

    def _organisations(self, rows):
        towns = {(town.name, town.district): town.code for town in Municipality.select()}
        wanted = {(row["id"],): _organisation(row, towns) for row in rows}
        fates = _upsert(Organisation, ("slug",), wanted, without=_confirmed_columns())
        ids = dict(Organisation.select(Organisation.slug, Organisation.id).tuples())
        parents = {(row["id"],): {"parent": ids[row["parent"]]} for row in rows if row["parent"]}
        others = [
            _upsert(Organisation, ("slug",), parents),
            _own_slugs(ids, _replace_sets(OrganisationRegion, "organisation", "region",
                                          {ids[row["id"]]: row["regions"] for row in rows})),
            _own_slugs(ids, _upsert(FactCheck, ("organisation", "group"),
                                    {key: facts for row in rows for key, facts in _facts(ids[row["id"]], row)})),
        ]
        return self._touch(_merged(fates, *others), {(slug,): number for slug, number in ids.items()})

    def _prisons(self, rows):
        profiles = {(self.ids[row["organisation"]],): _profile(row) for row in rows}
        facts = {key: values for row in rows for key, values in _prison_facts(self.ids[row["organisation"]], row)}
        checks = {key[:1]: fate for key, fate in _upsert(FactCheck, ("organisation", "group"), facts).items()
                  if fate != "unchanged"}
        return self._touch(_merged(_upsert(PrisonProfile, ("organisation",), profiles), checks),
                           {key: key[0] for key in profiles})

    def _contacts(self, rows):
        wanted = {(self.ids[row["organisation"]], row["name"]): _contact(row) for row in rows}
        return self._touch(_upsert(ContactPerson, ("organisation", "name"), wanted), {key: key[0] for key in wanted})

    def _services(self, rows):
        wanted = {(row["id"],): _service(row, self.ids[row["organisation"]]) for row in rows}
        fates = _upsert(Service, ("slug",), wanted)
        ids = dict(Service.select(Service.slug, Service.id).tuples())
        sets = [_own_slugs(ids, _replace_sets(model, "service", column, {ids[row["id"]]: row[name] for row in rows}))
                for model, column, name in ((ServiceArea, "area", "areas"), (ServiceNeed, "need", "needs"),
                                            (ServiceRegion, "region", "regions"))]
        return self._touch(_merged(fates, *sets), {key: values["organisation"] for key, values in wanted.items()})

    def _prison_work(self, rows):
        wanted = {(row["id"],): _work(row, self.ids) for row in rows}
        return self._touch(_upsert(PrisonWork, ("slug",), wanted),
                           {key: values["organisation"] for key, values in wanted.items()})

    def _touch(self, fates, organisations):
        self.touched.update(organisations[key] for key, fate in fates.items() if fate != "unchanged")
        return fates


def _upsert(model, key: tuple, wanted: dict[tuple, dict], without=None) -> dict[tuple, str]:
    """Writes what is new or different; `{key: "new" | "changed" | "unchanged"}`.

    A row that a person has confirmed stays; of an organisation the columns that `without` names for its slug.
    """
    existing = {tuple(row.__data__[column] for column in key): row for row in model.select()}
    fates, new = {}, []
    for place, values in wanted.items():
        row = existing.get(place)
        if row is None:
            new.append({**dict(zip(key, place, strict=True)), **values})
        kept = (without or {}).get(place[0], ())
        different = {} if row is None or row.__data__.get("confirmed_by") else {
            name: value for name, value in values.items() if row.__data__[name] != value and name not in kept}
        if different:
            model.update(**different).where(model._meta.primary_key == row._pk).execute()
        fates[place] = "new" if row is None else "changed" if different else "unchanged"
    for some in chunked(new, 500):
        model.insert_many(some).execute()
    return fates


def _replace_sets(model, owner: str, column: str, wanted: dict[int, list]) -> dict[int, str]:
    """Makes the values of each owner those that are wanted; returns the owners that changed."""
    existing = defaultdict(set)
    for row in model.select():
        existing[row.__data__[owner]].add(row.__data__[column])
    changed = {number: values for number, values in wanted.items() if existing[number] != set(values)}
    for some in chunked(changed, 500):
        model.delete().where(getattr(model, owner).in_(some)).execute()
    rows = ({owner: number, column: value} for number, values in changed.items() for value in values)
    for some in chunked(rows, 1000):
        model.insert_many(some).execute()
    return dict.fromkeys(changed, "changed")


def _own_slugs(ids: dict[str, int], fates: dict) -> dict[tuple, str]:
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
        found[slug].update(GROUP_COLUMNS.get(group, ()))
    return found


# From a row of a file to the columns of a table

def _organisation(row, towns) -> dict:
    columns = ("kind", "name", "short_name", "legal_form", "ico", "street", "city", "postal_code", "district", "web",
               "phone", "email", "data_box", "description")
    town = row["municipality"]
    if row["kind"] is Kind.MUNICIPALITY and not town:
        town = towns.get((row["short_name"], row["district"]))
    return {**{name: row[name] for name in columns}, "sort": sort_key(row["name"]), "region": row["region"] or None,
            "municipality": town or None, "invented": bool(row["invented"])}


def _facts(organisation: int, row):
    """`((organisation, group), columns)` of each group of facts that the row fills."""
    for prefix, group in _GROUPS.items():
        if row[f"{prefix}_confidence"]:
            yield (organisation, group), {
                "source": row[f"{prefix}_source"], "confidence": row[f"{prefix}_confidence"],
                "note": row["note"] if group is FactGroup.BASICS else "", "confirmed_on": row["confirmed_on"]}


def _profile(row) -> dict:
    return {"type": row["kind"], **{name: row[name] for name in [*LEVELS, *HELD, "capacity", "visit_rules"]},
            "latitude": row["lat"], "longitude": row["lon"], "lead_days": row["lead_days"] or 3}


def _prison_facts(organisation: int, row):
    for prefix, group in (("security", FactGroup.SECURITY), ("capacity", FactGroup.CAPACITY)):
        if row[f"{prefix}_confidence"]:
            yield (organisation, group), {
                "source": row[f"{prefix}_source"], "confidence": row[f"{prefix}_confidence"],
                "note": row["note"] if group is FactGroup.SECURITY else "", "confirmed_on": row["confirmed_on"]}


def _contact(row) -> dict:
    columns = ("post", "days", "phone", "email", "ended_on", "source", "confidence", "confirmed_on")
    return {**{name: row[name] for name in columns}, "topics": ";".join(row["topics"]), "sort": sort_key(row["name"])}


def _service(row, organisation: int) -> dict:
    columns = ("form", "for_whom", "not_for_whom", "conditions", "plain", "places_free", "places_on", "ended_on",
               "source", "confidence", "confirmed_on")
    return {**{name: row[name] for name in columns}, "organisation": organisation, "name": row["name_cs"],
            "sort": sort_key(row["name_cs"])}


def _work(row, ids: dict[str, int]) -> dict:
    return {"organisation": ids[row["organisation"]], "prison": ids[row["prison"]], "activity": row["activity_cs"],
            "activity_en": row["activity_en"], "areas": ";".join(row["areas"]), "form": row["form"],
            "days": row["frequency_cs"], "since": row["since"], "until_on": row["until"], "source": row["source"],
            "confidence": row["confidence"], "confirmed_on": row["confirmed_on"]}
