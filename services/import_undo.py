"""Takes an import back as a whole.

Nothing that somebody wrote, confirmed or hung on its records since may be lost: then it is refused, and records are
named. What the import changed is put back, and what it brought in becomes invisible, in one short transaction; the
rows that nobody sees any more are deleted afterwards, some at a time, so that others can write.
"""
import json

from flask_babel import gettext as _
from peewee import chunked

import clock
import db
import models
from errors import RuleBroken
from models import (
    Confidence,
    ContactPerson,
    FactCheck,
    FactGroup,
    Fate,
    FieldChange,
    ImportMatch,
    ImportRow,
    ImportState,
    Location,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    RecordKind,
    SearchEntry,
    Service,
    ServiceCondition,
    ServiceLocation,
)
from services import journal, records
from services.import_compare import MODELS, POINTERS, SKIP
from services.import_write import (
    INDEXED_AT_ONCE,
    SURE,
    Statements,
    add_pointers,
    add_sets,
    ids,
    let_others_write,
    named,
    reindex,
)
from text import sort_key

OWNED = (RecordKind.SERVICE, RecordKind.CONTACT, RecordKind.LOCATION)
# what points at a record because of an import and of the search
MADE = {Organisation: {SearchEntry, FactCheck, ImportMatch, Service, ContactPerson, Location,
                       OrganisationRegion},
        Service: {rows.model for name, rows in records.SETS[Service].items() if name != "entry"}
        | {ServiceCondition}, ContactPerson: set(), Location: {ServiceLocation}}


AT_ONCE = 50  # organisations deleted in one transaction


def undo(run, progress) -> None:
    """Puts everything back that an import wrote. Raises RuleBroken, naming records, where somebody changed them.

    The search forgets what is to go first, a few organisations at a time.
    """
    rows = _rows_of(run)
    new = _new_of(rows)
    owners, versions = _owners_of(rows), _versions(rows)
    _refuse(_somebodys(rows, new, versions))
    statements = _statements(run, [row for row in rows if row.fate is Fate.CHANGED], owners, versions)
    progress(20)
    gone = ids(Organisation, new[RecordKind.ORGANISATION])
    _forget(gone.values())
    try:
        touched = _put_back(run, rows, new, versions, statements, owners)
    except RuleBroken:
        reindex(gone.values(), progress)
        raise
    progress(60)
    clear_away(run)
    reindex(touched, progress)


def _rows_of(run) -> list[ImportRow]:
    return list(ImportRow.select().where(
        ImportRow.run == run.id, ImportRow.fate.in_([Fate.NEW, Fate.CHANGED]), ImportRow.decision != SKIP,
        ImportRow.record != "").order_by(ImportRow.number))


def _new_of(rows) -> dict[RecordKind, dict[str, ImportRow]]:
    return {kind: {row.record: row for row in rows if row.fate is Fate.NEW and row.kind is kind} for kind in MODELS}


def _put_back(run, rows, new, versions, statements, owners) -> list[int]:
    """One transaction; returns the organisations (ids) that stay and that the search must learn anew."""
    with db.writing():
        _refuse(_somebodys(rows, new, versions) + statements.run(_numbers(rows, owners)))
        touched = ids(Organisation, set(owners.values()) - new[RecordKind.ORGANISATION].keys())
        for kind in OWNED:
            _delete(MODELS[kind], [record for record in new[kind] if owners.get(record) in touched])
        for some in chunked(new[RecordKind.ORGANISATION], 500):
            Organisation.update(state=OrganisationState.CLOSED).where(Organisation.public_id.in_(list(some))).execute()
        run.state, run.done, run.finished_at = ImportState.UNDONE, 60, clock.now()
        run.save(only=[type(run).state, type(run).done, type(run).finished_at])
        journal.wrote(run.confirmed_by, "import.undo", run.public_id, parts=str(len(rows)))
        return list(touched.values())


def clear_away(run) -> None:
    """Deletes the organisations that an undone import had brought in, some at a time. They are closed; what somebody
    hung on one of them in the meantime keeps it."""
    new = _new_of(_rows_of(run))
    for some in chunked(new[RecordKind.ORGANISATION], AT_ONCE):
        with db.writing():
            here = {record: new[RecordKind.ORGANISATION][record] for record in some}
            kept = set(_leaned_on_organisations({**new, RecordKind.ORGANISATION: here}))
            _delete(Organisation, [record for record in here if record not in kept])
        let_others_write()


def _delete(model, public_ids):
    for some in chunked(public_ids, 500):
        model.delete().where(model.public_id.in_(list(some))).execute()


def _refuse(missed):
    if missed:
        raise RuleBroken(_("It cannot be undone, for somebody has changed since: %(names)s. Nothing was undone.",
                           names=named(list(dict.fromkeys(missed)))))


def _forget(numbers):
    for some in chunked(sorted(numbers), INDEXED_AT_ONCE):
        with db.writing():
            SearchEntry.delete().where(SearchEntry.organisation.in_(list(some))).execute()
        let_others_write()


# Whether anybody has touched it since

def _versions(rows) -> dict[str, int]:
    """The version of each record as it stands; 0 where it is gone."""
    found = {row.record: 0 for row in rows}
    for kind, model in MODELS.items():
        for some in chunked([row.record for row in rows if row.kind is kind], 500):
            found.update(model.select(model.public_id, model.version).where(
                model.public_id.in_(list(some))).tuples())
    return found


def _somebodys(rows, new, versions) -> list[str]:
    """Titles of what is no longer as the import left it."""
    titles = {row.record: row.title for row in rows}
    missed = [title for record, title in titles.items() if not versions[record]]
    later = {row.record: row.version for row in rows if versions[row.record] > row.version}
    missed += [titles[record] for record in _really_changed(later)]
    for some in chunked(new[RecordKind.ORGANISATION], 500):
        missed += [titles[each] for each, in Organisation.select(Organisation.public_id).where(
            Organisation.public_id.in_(list(some)), Organisation.state != OrganisationState.PROPOSED).tuples()]
    leaned = _leaned_on_organisations(new).union(*(_leaned_on_owned(kind, new, rows) for kind in OWNED))
    return missed + _confirmed_since(rows) + [titles[record] for record in leaned]


def _really_changed(versions) -> set[str]:
    """Of records written since this version those that say something else now: not what was written and put back."""
    first, last = {}, {}
    for some in chunked(versions, 500):
        lines = FieldChange.select().where(FieldChange.record.in_(list(some))).order_by(FieldChange.id)
        for line in lines:
            if line.version > versions[line.record]:
                first.setdefault((line.record, line.field), line.old)
                last[line.record, line.field] = line.new
    told = {record for record, _field in first}
    return {record for record, name in first if first[record, name] != last[record, name]} | (set(versions) - told)


def _confirmed_since(rows) -> list[str]:
    """Records of which somebody has said that they are true after the import wrote them."""
    titles, found = {row.record: row.title for row in rows}, []
    groups = {row.record: json.loads(row.kept or "{}").keys() for row in rows}
    for kind in OWNED:
        model = MODELS[kind]
        for some in chunked([row.record for row in rows if row.kind is kind], 500):
            found += [each for each, in model.select(model.public_id).where(
                model.public_id.in_(list(some)), model.confirmed_by.is_null(False)).tuples()]
    for some in chunked([row.record for row in rows if row.kind is RecordKind.ORGANISATION], 500):
        facts = (FactCheck.select(Organisation.public_id, FactCheck.group).join(Organisation)
                 .where(Organisation.public_id.in_(list(some)), FactCheck.confirmed_by.is_null(False)))
        found += [owner for owner, group in facts.tuples() if group.value in groups[owner]]
    return [titles[each] for each in found]


def _leaned_on_organisations(new) -> set[str]:
    """Public ids of new organisations on which somebody else's rows hang."""
    numbers = {number: record for record, number in ids(Organisation, new[RecordKind.ORGANISATION]).items()}
    found = {numbers[each] for each in _leaned_on(Organisation, numbers)}
    for kind in OWNED:
        model = MODELS[kind]
        for some in chunked(numbers, 500):
            owned = model.select(model.organisation, model.public_id).where(model.organisation.in_(list(some)))
            found |= {numbers[owner] for owner, each in owned.tuples() if each not in new[kind]}
    return found


def _leaned_on_owned(kind, new, rows) -> set[str]:
    model = MODELS[kind]
    numbers = {number: record for record, number in ids(model, new[kind]).items()}
    found = {numbers[each] for each in _leaned_on(model, numbers)}
    if model is Location:
        ours = {row.record for row in rows if row.kind is RecordKind.SERVICE}
        for some in chunked(new[kind], 500):
            links = ServiceLocation.select(ServiceLocation.location, Service.public_id).join(Service)
            found |= {site for site, service in links.where(ServiceLocation.location.in_(list(some))).tuples()
                      if service not in ours}
    return found


def _leaned_on(model, numbers: dict[int, str]) -> set[int]:
    """Which of these records (public ids by id) other rows point at, beside tables of MADE and these records.

    Rows of one import lie side by side, so each table is asked once, for all from the first to the last of them.
    """
    if not numbers:
        return set()
    found, records_of = set(), {record: number for number, record in numbers.items()}
    for table in models.MODELS:
        columns = [column for column in table._meta.refs if column.rel_model is model] \
            if table not in MADE[model] else ()
        for column in columns:
            by_public_id = column.rel_field is model.public_id
            low, high = (min(records_of), max(records_of)) if by_public_id else (min(numbers), max(numbers))
            query = table.select(column, table._meta.primary_key).where(column.between(low, high))
            own = numbers if table is model else ()  # a parent or a deputy that goes as well
            hits = {each for each, source in query.tuples() if source not in own}
            found |= {records_of[each] for each in hits & records_of.keys()} if by_public_id else hits & numbers.keys()
    return found


# Statements that put changes back

def _owners_of(rows) -> dict[str, str]:
    """Public id of the organisation of each record."""
    found = {row.record: row.record for row in rows if row.kind is RecordKind.ORGANISATION}
    for kind in OWNED:
        model = MODELS[kind]
        for some in chunked([row.record for row in rows if row.kind is kind], 500):
            found.update(model.select(model.public_id, Organisation.public_id).join(Organisation)
                         .where(model.public_id.in_(list(some))).tuples())
    return found


def _numbers(rows, owners) -> dict[str, int]:
    changed = [row for row in rows if row.fate is Fate.CHANGED]
    found = ids(Organisation, set(owners.values()))
    for model in (Service, ContactPerson):
        found |= ids(model, {row.record for row in changed if MODELS[row.kind] is model})
    for name, model in (("parent", Organisation), ("deputy", ContactPerson)):
        found |= ids(model, {json.loads(row.changes)[name][0] for row in changed if f'"{name}"' in row.changes} - {""})
    return found


def _statements(run, rows, owners, versions) -> Statements:
    statements = Statements()
    for row in rows:
        _add_return(statements, row, versions[row.record])
    add_sets(statements, [(MODELS[row.kind], row.record, _returned(row)) for row in rows])
    for row in rows:
        add_pointers(statements, MODELS[row.kind], row.record, _returned(row), row.title)
    statements.insert(FieldChange, [
        {"record_kind": row.kind, "record": row.record, "organisation": owners.get(row.record, ""), "field": name,
         "old": old, "new": new, "version": versions[row.record] + 1, "actor": run.confirmed_by_id,
         "via": f"import-undone:{run.public_id}", "at": clock.now()}
        for row in rows for name, (old, new) in _returned(row).items()])
    return statements


def _returned(row) -> dict[str, list]:
    """What each field is now and what it was."""
    return {name: [new, old] for name, (old, new) in json.loads(row.changes).items()}


def _add_return(statements, row, version):
    model = MODELS[row.kind]
    columns = {name: records.value_of(model, name, old) for name, (_new, old) in _returned(row).items()
               if name in model._meta.fields and name not in POINTERS}
    if "name" in columns:
        columns["sort"] = sort_key(columns["name"])
    kept = json.loads(row.kept or "{}")
    if SURE in kept:
        *sure, places_on = kept.pop(SURE)
        columns.update(zip(("source", "confidence", "confirmed_on", "confirmed_by"), sure, strict=True))
        columns["confidence"] = Confidence(columns["confidence"])
        if model is Service:
            columns["places_on"] = places_on
    same = (model.public_id == row.record) & (model.version == version)
    statements.add(model.update(version=model.version + 1, **columns).where(same), row.title)
    number = model.select(model.id).where(model.public_id == row.record)
    for group, image in kept.items():
        _add_fact_return(statements, number, FactGroup(group), image)


def _add_fact_return(statements, number, group, image):
    here = (FactCheck.organisation.in_(number)) & (FactCheck.group == group)
    if image is None:
        statements.add(FactCheck.delete().where(here))
        return
    source, confidence, confirmed_on, confirmed_by = image
    statements.add(FactCheck.update(source=source, confidence=Confidence(confidence), confirmed_by=confirmed_by,
                                    confirmed_on=confirmed_on).where(here))
