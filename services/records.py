"""Writing records of the contact book: one function for forms, corrections, imports and confirmations.

A record is an organisation, a prison's profile, a service, a contact person, work in a prison, a location or a job
offer. Its fields are the columns of FIELDS and, of a service and an organisation, sets of rows that hang on it (areas,
regions, target groups, conditions of entry). `change` writes what differs, counts the version up, and keeps each
field's old and new value as text (`as_text`, back by `value_of`).
"""
import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from flask_babel import gettext as _
from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, chunked

import clock
import db
from db import Choice, Day
from errors import Missing, RuleBroken
from models import (
    Area,
    ConditionWhen,
    Confidence,
    ContactPerson,
    FactCheck,
    FactGroup,
    FieldChange,
    Fit,
    JobOffer,
    Location,
    Need,
    Organisation,
    OrganisationRegion,
    PrisonProfile,
    PrisonWork,
    RecordKind,
    Service,
    ServiceArea,
    ServiceCondition,
    ServiceDistrict,
    ServiceGroup,
    ServiceLocation,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
)
from services import journal, search_index
from text import sort_key

MODELS = {
    RecordKind.ORGANISATION: Organisation, RecordKind.PRISON_PROFILE: PrisonProfile, RecordKind.SERVICE: Service,
    RecordKind.CONTACT: ContactPerson, RecordKind.PRISON_WORK: PrisonWork, RecordKind.LOCATION: Location,
    RecordKind.JOB_OFFER: JobOffer,
}
KINDS = {model: kind for kind, model in MODELS.items()}
NOT_FIELDS = {"id", "public_id", "slug", "sort", "version", "created_at", "verified_at", "state", "invented",
              "organisation", "source", "confidence", "confirmed_on", "confirmed_by"}
SORTED_BY = {Organisation: "name", Service: "name", ContactPerson: "name", Location: "name", JobOffer: "title"}
ENDS = {Service: "ended_on", ContactPerson: "ended_on", Location: "ended_on", PrisonWork: "until_on",
        JobOffer: "until_on"}


@dataclass(frozen=True)
class Rows:
    """A field that is a set of rows of another table: each a value of `column` (of type `kind`)."""

    model: type
    owner: str
    column: str
    kind: type = str
    fit: Fit | None = None  # of target groups: which of the three sets

    def read(self, record) -> list:
        """The values in a stable order."""
        values = [row for row, in self._mine(self.model.select(getattr(self.model, self.column)), record).tuples()]
        return sorted(values, key=str)

    def write(self, record, values) -> None:
        self._mine(self.model.delete(), record, [getattr(value, "value", value) for value in values]).execute()
        fixed = {self.owner: record.id, **({"fit": self.fit} if self.fit else {})}
        if values:
            self.model.insert_many([{**fixed, self.column: value} for value in values]).execute()

    def _mine(self, query, record, also=()):
        """Rows of this set; `also` values that are in another of the three sets of groups."""
        query = query.where(getattr(self.model, self.owner) == record.id)
        return query.where((self.model.fit == self.fit) | self.model.group.in_(list(also))) if self.fit else query

    def clean(self, values) -> list:
        return sorted({self.kind(value) for value in values or ()}, key=str)

    @staticmethod
    def text(values) -> str:
        return "\n".join(values)

    def value(self, text: str) -> list:
        return self.clean(text.split("\n")) if text else []


class Conditions:
    """The conditions of entry of a service: `(text, when, waivable)` in the order of the page."""

    def read(self, record) -> list:
        rows = ServiceCondition.select().where(ServiceCondition.service == record.id).order_by(ServiceCondition.place)
        return [(row.text, row.when, row.waivable) for row in rows]

    def write(self, record, values) -> None:
        ServiceCondition.delete().where(ServiceCondition.service == record.id).execute()
        for place, (text, when, waivable) in enumerate(values):
            ServiceCondition.create(service=record.id, place=place, text=text, when=when, waivable=waivable)

    def clean(self, values) -> list:
        return [(text, ConditionWhen(when), bool(waivable)) for text, when, waivable in values or () if text]

    @staticmethod
    def text(values) -> str:
        return "\n".join(f"{when}|{'waivable' if waivable else ''}|{text}" for text, when, waivable in values)

    def value(self, text: str) -> list:
        lines = [line.split("|", 2) for line in text.split("\n") if line]
        return self.clean([(words, when, waivable) for when, waivable, words in lines])


SETS = {
    Organisation: {"regions": Rows(OrganisationRegion, "organisation", "region")},
    Service: {
        "areas": Rows(ServiceArea, "service", "area", Area), "needs": Rows(ServiceNeed, "service", "need", Need),
        "regions": Rows(ServiceRegion, "service", "region"),
        "districts": Rows(ServiceDistrict, "service", "district"),
        "municipalities": Rows(ServiceMunicipality, "service", "municipality"),
        "for_groups": Rows(ServiceGroup, "service", "group", TargetGroup, Fit.FOR),
        "not_groups": Rows(ServiceGroup, "service", "group", TargetGroup, Fit.NOT_FOR),
        "never_groups": Rows(ServiceGroup, "service", "group", TargetGroup, Fit.NEVER),
        "entry": Conditions(), "locations": Rows(ServiceLocation, "service", "location"),
    },
}


GROUPS = tuple(name for name, rows in SETS[Service].items() if isinstance(rows, Rows) and rows.fit)


def one_set_each(given: dict[str, list], row=None) -> dict[str, list]:
    """The sets of target groups so that each group is in one: where it was put, of two in the stricter (the later)."""
    sets = {name: [] for name in GROUPS} | (read(row, GROUPS) if row is not None else {}) if given else {}
    for put in [name for name in GROUPS if name in given]:
        sets = {name: given[put] if name == put else [each for each in members if each not in given[put]]
                for name, members in sets.items()}
    return sets


def sets_of_services(name: str, services: list[int] | None = None) -> dict[int, list]:
    """The values of a set by service (id), in the order that `read` gives; of these services, or (None) of all."""
    rows, found = SETS[Service][name], defaultdict(list)
    for some in [None] if services is None else chunked(services, 500):
        model = ServiceCondition if name == "entry" else rows.model
        columns = (model.text, model.when, model.waivable) if name == "entry" else (getattr(model, rows.column),)
        query = model.select(model.service, *columns)
        query = query if some is None else query.where(model.service.in_(list(some)))
        if name == "entry":
            query = query.order_by(model.service, model.place)
        elif rows.fit:
            query = query.where(model.fit == rows.fit)
        for number, *values in query.tuples():
            found[number].append(tuple(values) if name == "entry" else values[0])
    return found if name == "entry" else {number: sorted(values, key=str) for number, values in found.items()}


# the fields of an organisation and of a prison's profile in the group of facts they belong to
GROUP_FIELDS = {
    FactGroup.BASICS: ("name", "short_name", "legal_form", "description", "funding", "parent", "regions", "kind"),
    FactGroup.ADDRESS: ("street", "city", "postal_code", "district", "region", "municipality"),
    FactGroup.CONTACT: ("phone", "email", "web", "data_box"),
    FactGroup.REGISTRATION: ("ico",),
}
PROFILE_CAPACITY = ("capacity",)
PROFILE_TEXTS = (FactGroup.ENTRY, FactGroup.FORBIDDEN, FactGroup.ROOMS, FactGroup.REGIME, FactGroup.REACH)
PLACES = ("capacity_state", "places_total", "places_free", "waiting", "places_on")  # their day is places_on
ROW_GROUPS = {Service: FactGroup.SERVICES, ContactPerson: FactGroup.PEOPLE, PrisonWork: FactGroup.WORK}


class Changed(Exception):
    """Somebody else wrote the same fields in the meantime.

    `fields` are triples by name: (what it was when the form was opened, what it is now, what is wanted), as text;
    `change` is the newest FieldChange of the other, `version` the one that stands now.
    """

    def __init__(self, record, fields: dict[str, tuple[str, str, str]], change: FieldChange):
        super().__init__(f"{record} is at version {record.version}")
        self.record, self.fields, self.change, self.version = record, fields, change, record.version


# Finding

def find(kind: RecordKind, public_id: str, lock: bool = False):
    """A record by its address. Raises Missing. Whether somebody may see or write it is asked elsewhere."""
    model = MODELS[RecordKind(kind)]
    query = model.select().where(model.public_id == public_id) if model is not PrisonProfile else (
        PrisonProfile.select().join(Organisation).where(Organisation.public_id == public_id))
    row = (db.locked(query) if lock and model is not PrisonProfile else query).first()
    if row is None:
        raise Missing
    return row


def organisation_of(record) -> Organisation:
    return record if isinstance(record, Organisation) else record.organisation


def public_id_of(record) -> str:
    """The address of a record; a prison's profile goes by its organisation's."""
    return record.organisation.public_id if isinstance(record, PrisonProfile) else record.public_id


def group_of(kind: RecordKind, field: str) -> FactGroup | None:
    """The group of facts that a field belongs to; None for records whose facts have no age (job offers, sites)."""
    if kind is RecordKind.ORGANISATION:
        return next((group for group, fields in GROUP_FIELDS.items() if field in fields), None)
    if kind is RecordKind.PRISON_PROFILE:
        if field in PROFILE_TEXTS:
            return FactGroup(field)
        return FactGroup.CAPACITY if field in PROFILE_CAPACITY else FactGroup.SECURITY
    return FactGroup.PLACES if field in PLACES else ROW_GROUPS.get(MODELS[kind])


# Fields and their values as text

@cache
def fields_of(model) -> tuple[str, ...]:
    """The names of all fields of a kind of record that `change` writes."""
    columns = [name for name in model._meta.fields if name not in NOT_FIELDS]
    return (*columns, *SETS.get(model, {}))


def read(record, names: Iterable[str] | None = None) -> dict:
    """`{field: value}` as the database has them; foreign keys as their ids."""
    sets = SETS.get(type(record), {})
    wanted = fields_of(type(record)) if names is None else names
    return {name: sets[name].read(record) if name in sets else record.__data__.get(name) for name in wanted}


def texts(record, names: Iterable[str] | None = None) -> dict[str, str]:
    return {name: as_text(type(record), name, value) for name, value in read(record, names).items()}


def as_text(model, name: str, value) -> str:
    """A value of a field as history keeps it: enum values, ISO days, 1 and 0, lines of a set; empty is nothing."""
    if name in SETS.get(model, {}):
        return SETS[model][name].text(value)
    if value is None:
        return ""
    if _points(model, name):  # history outlives the numbers of rows
        target = model._meta.fields[name].rel_model
        return target.select(target.public_id).where(target.id == value).scalar() or ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.value if isinstance(value, enum.Enum) else value.isoformat() if isinstance(value, date) else str(value)


def _points(model, name) -> bool:
    """Whether a field points at a record by the number of its row."""
    column = model._meta.fields[name]
    return isinstance(column, ForeignKeyField) and isinstance(column.rel_field, AutoField)


def value_of(model, name: str, text: str):
    """The value that a text of history stands for."""
    if name in SETS.get(model, {}):
        return SETS[model][name].value(text)
    column = model._meta.fields[name]
    if text == "" and column.null:
        return None
    if _points(model, name):
        target = column.rel_model
        return target.select(target.id).where(target.public_id == text).scalar()
    if isinstance(column, BooleanField):
        return text == "1"
    if isinstance(column, Choice | Day):
        return column.python_value(text)
    return int(text) if isinstance(column, IntegerField) else float(text) if column.field_type == "FLOAT" else text


def cleaned(model, name: str, value):
    """A value as the database will give it back, so that it can be compared."""
    if name in SETS.get(model, {}):
        return SETS[model][name].clean(value)
    if name not in fields_of(model):
        raise ValueError(f"{model.__name__} has no field {name}")
    column = model._meta.fields[name]
    if isinstance(column, ForeignKeyField) and hasattr(value, "_meta"):
        return getattr(value, column.rel_field.name)
    if isinstance(column, ForeignKeyField):
        return value or None
    return column.python_value(value) if isinstance(column, Choice) and value is not None else value


# Writing

def change(actor, record, values: dict, via: str, expected_version: int | None = None,
           reindex: bool = True) -> list[FieldChange]:
    """Writes those of `values` that differ; returns what was written, field by field (nothing: an empty list).

    `expected_version` is the version that the writer saw: raises Changed where a field of `values` has been written
    since then and is not what is wanted. Whoever writes many records says reindex=False and reindexes at the end.
    Raises Missing where the record is gone, RuleBroken where a published service would lose whom it is for. Who may
    write is asked by the caller.
    """
    with db.writing():
        row = find(KINDS[type(record)], public_id_of(record), lock=True)
        wanted = {name: cleaned(type(row), name, value) for name, value in values.items()}
        wanted |= one_set_each({name: members for name, members in wanted.items() if name in GROUPS}, row)
        before = {name: value for name, value in read(row, wanted).items() if value != wanted[name]}
        _refuse_race(row, before, wanted, expected_version)
        if not before:
            return []
        if isinstance(row, Service):
            refuse_unpublishable({**read(row), **wanted})
        changes = _write(actor, row, before, {name: wanted[name] for name in before}, via)
        record.__data__.update(row.__data__)
        if reindex:
            search_index.reindex(organisation_of(row).id)
        return changes


def _refuse_race(row, before, wanted, expected_version):
    if expected_version is None or expected_version == row.version:
        return
    since = list(FieldChange.select().where(
        FieldChange.record == public_id_of(row), FieldChange.record_kind == KINDS[type(row)],
        FieldChange.version > expected_version, FieldChange.field.in_(list(before) or [""])).order_by(FieldChange.id))
    if since:
        first = {each.field: each.old for each in reversed(since)}
        model = type(row)
        raise Changed(row, {name: (first.get(name, as_text(model, name, old)), as_text(model, name, old),
                                   as_text(model, name, wanted[name])) for name, old in before.items()}, since[-1])


def _write(actor, row, before, after, via) -> list[FieldChange]:
    model, sets = type(row), SETS.get(type(row), {})
    for name, value in after.items():
        if name in sets:
            sets[name].write(row, value)
        else:
            setattr(row, name, value)
    if SORTED_BY.get(model) in after:
        row.sort = sort_key(after[SORTED_BY[model]])
    row.version += 1
    row.save()
    written = _remember(actor, row, {name: (as_text(model, name, old), as_text(model, name, after[name]))
                                     for name, old in before.items()}, via)
    journal.wrote(actor, "book.change", public_id_of(row), parts=",".join(after))
    return written


def _remember(actor, row, pairs, via) -> list[FieldChange]:
    where = {"record_kind": KINDS[type(row)], "record": public_id_of(row),
             "organisation": organisation_of(row).public_id, "version": row.version, "actor": actor, "via": via,
             "at": clock.now()}
    return [FieldChange.create(field=name, old=old, new=new, **where) for name, (old, new) in pairs.items()]


def add(actor, model, organisation, values: dict, via: str, reindex: bool = True, **fixed):
    """A new record of an organisation with these values; `fixed` are columns that are no fields (slug, source, …)."""
    with db.writing():
        wanted = {name: cleaned(model, name, value) for name, value in values.items()}
        wanted |= one_set_each({name: members for name, members in wanted.items() if name in GROUPS})
        if model is Service:
            refuse_unpublishable(wanted)
        sets = SETS.get(model, {})
        columns = {name: value for name, value in wanted.items() if name not in sets}
        if SORTED_BY.get(model):
            fixed["sort"] = sort_key(wanted[SORTED_BY[model]])
        row = model.create(organisation=organisation, **columns, **fixed)
        for name in wanted.keys() & sets.keys():
            sets[name].write(row, wanted[name])
        pairs = {name: ("", as_text(model, name, value)) for name, value in wanted.items()}
        _remember(actor, row, {name: pair for name, pair in pairs.items() if pair[1]}, via)
        journal.wrote(actor, "book.add", public_id_of(row), parts=",".join(wanted))
        if reindex:
            search_index.reindex(organisation.id)
        return row


def confirm_group(actor, record, group: FactGroup | None) -> None:
    """Who writes facts of a group as its owner has confirmed them today, the search included. In `db.writing()`."""
    if group not in {None, FactGroup.PLACES}:
        _confirm(actor, record, group)
        search_index.reindex(organisation_of(record).id)


def _confirm(actor, record, group):
    sure = {"confidence": Confidence.CONFIRMED, "confirmed_on": clock.today(), "confirmed_by": actor.id}
    if type(record) in ROW_GROUPS:
        type(record).update(**sure).where(type(record).id == record.id).execute()
        return
    organisation = organisation_of(record)
    mine = (FactCheck.organisation == organisation.id) & (FactCheck.group == group)
    if not FactCheck.update(**sure).where(mine).execute():
        FactCheck.create(organisation=organisation, group=group, **sure)


def refuse_unpublishable(service: dict) -> None:
    """A published service says whom it is for and whom not, in words or by target groups. Raises RuleBroken."""
    if not service.get("published"):
        return
    if not (service.get("for_whom") or service.get("for_groups")):
        raise RuleBroken(_("Write whom the service is for before you publish it."), "for_whom")
    if not (service.get("not_for_whom") or service.get("not_groups") or service.get("never_groups")):
        raise RuleBroken(_("Write whom the service is not for before you publish it. “Nobody is refused” will do."),
                         "not_for_whom")
