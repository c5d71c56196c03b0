"""Writes a confirmed import into the book in one transaction, and takes it back as a whole.

services/records.change writes one record; here thousands are written while everybody else waits. So all statements are
made before the transaction begins, and inside it they only run: each update names the version that was compared, and
one that finds another version refuses the whole import. The search learns of it afterwards, a few organisations at a
time.
"""
import json
from collections import defaultdict
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from peewee import chunked

import clock
import db
import models
from errors import RuleBroken
from models import (
    Confidence,
    FactCheck,
    FactGroup,
    Fate,
    FieldChange,
    ImportMatch,
    ImportRow,
    ImportState,
    Organisation,
    OrganisationState,
    RecordKind,
    RegisterRecord,
    SearchEntry,
    Service,
    new_public_id,
)
from services import journal, records, search_index
from services.import_compare import FILE, NEW, SETS, SKIP, WHO, columns_of_new, dumped, match_key, unpacked
from text import fold, sort_key

TABLES = {RecordKind.ORGANISATION: Organisation, RecordKind.SERVICE: Service}
MADE = {SearchEntry, FactCheck, ImportMatch, Service}  # what points at an organisation because of an import
AT_ONCE = 200
INDEXED_AT_ONCE = 50
SERVICE = "service"  # the key under which a row keeps how sure a service was
TOLD = 5  # records named where it refuses


@dataclass
class Written:
    """A row of an import that writes: the record's public id, pairs of texts of what changes, and its new slug."""

    row: ImportRow
    public_id: str
    changes: dict[str, list]
    new: bool
    owner: str  # public id of the organisation
    values: dict = field(default_factory=dict)
    source: str = ""
    number: str = ""
    key: str = ""


class Statements:
    """SQL that is made now and run later, when the numbers of new organisations are known."""

    def __init__(self):
        self.made = []  # (sql, params, what must be found: a title or None)

    def add(self, query, must_find: str | None = None) -> None:
        sql, params = query.sql()
        self.made.append((sql, params, must_find))

    def insert(self, model, rows: list[dict]) -> None:
        """Rows with the same columns are put into one statement."""
        alike = defaultdict(list)
        for row in rows:
            alike[tuple(row)].append(row)
        for group in alike.values():
            for some in chunked(group, AT_ONCE):
                self.add(model.insert_many(list(some)))

    def run(self, numbers: dict[str, int]) -> list[str]:
        """Runs them with the numbers of organisations by public id; returns what was not found as it should be."""
        missed = []
        for sql, params, must_find in self.made:
            cursor = db.database.execute_sql(sql, [numbers[p] if isinstance(p, db.Blank) else p for p in params])
            if must_find is not None and cursor.rowcount != 1:
                missed.append(must_find)
        return missed


def write(run, progress) -> None:
    """Writes what was confirmed; the import is then done. Raises RuleBroken where the book has changed since."""
    via, plan = f"import:{run.public_id}", _plan(run)
    confidence = Confidence.VERIFIED if run.format == "rpss" else Confidence.PARTLY
    first, then = Statements(), Statements()
    first.insert(Organisation, [_new_organisation(each) for each in plan if each.new and _is_organisation(each)])
    then.insert(Service, [_new_service(each, confidence) for each in plan if each.new and not _is_organisation(each)])
    sets = Statements()
    _keep_services(plan)
    for each in plan:
        if not each.new:
            _add_update(then, each, confidence)
    _add_facts(then, plan, confidence)
    _add_sets(sets, plan)
    then.insert(FieldChange, [line for each in plan for line in _history(run, each, via)])
    then.insert(ImportMatch, _matches(plan))
    for each in plan:
        version = 1 if each.new else each.row.version + 1
        then.add(ImportRow.update(record=each.public_id, kept=each.row.kept, version=version)
                 .where(ImportRow.id == each.row.id))
    progress(20)
    with db.writing():
        missed = first.run({})
        numbers = _numbers(plan)
        missed += then.run(numbers)
        missed += sets.run(_service_numbers(plan))
        if missed:
            raise RuleBroken(_refusal(missed))
        _finish(run, ImportState.DONE, plan, "import.write")
    reindex({numbers[each.owner] for each in plan}, progress)


def _is_organisation(each) -> bool:
    return each.row.kind is RecordKind.ORGANISATION


def _plan(run) -> list[Written]:
    """What is to be written, organisations before their services."""
    owners, plan = {}, []
    stored = list(ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.number))
    for row in stored:
        if row.kind is RecordKind.ORGANISATION and row.record:
            owners[row.number] = row.record
    for row in stored:
        is_new = row.fate is Fate.NEW
        if row.fate not in {Fate.NEW, Fate.CHANGED} or row.decision == SKIP:
            continue
        content, _line = unpacked(row)
        public_id = new_public_id() if is_new else row.record
        if row.kind is RecordKind.ORGANISATION:
            owners[row.number] = public_id
        plan.append(Written(row, public_id, json.loads(row.changes or "{}"), is_new,
                            public_id if row.kind is RecordKind.ORGANISATION else owners[row.owner],
                            columns_of_new(content), _source(run), content.number, match_key(content)))
    return plan


def _source(run) -> str:
    return {"rpss": "RPSS"}.get(run.format, run.file)


def _new_organisation(each) -> dict:
    values = {name: value for name, value in each.values.items() if name in Organisation._meta.fields}
    return {"public_id": each.public_id, "slug": _slug(each), "sort": sort_key(values["name"]),
            "created_at": clock.now(), **values}


def _new_service(each, confidence) -> dict:
    values = {name: value for name, value in each.values.items() if name in Service._meta.fields}
    prefix = "rpss" if each.source == "RPSS" else "hsds"
    slug = f"{prefix}-{each.number}" if each.number and each.number.replace("-", "").isalnum() else _slug(each)
    if "places_total" in values:
        values["places_on"] = clock.today()
    return {"public_id": each.public_id, "slug": slug, "sort": sort_key(values["name"]), **values,
            "organisation": db.Blank(each.owner), "source": each.source, "confidence": confidence}


def _slug(each) -> str:
    """A stable name for files; the end of the public id keeps it apart from all others."""
    words = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(each.values["name"])).split())
    tail = "".join(c for c in each.public_id.lower() if c.isalnum())[:8]
    return f"{words[:60].strip('-')}-{tail}".lstrip("-")


def _add_update(statements, each, confidence):
    model = TABLES[each.row.kind]
    columns = {name: records.value_of(model, name, new) for name, (_old, new) in each.changes.items()
               if name not in SETS}
    if "name" in columns:
        columns["sort"] = sort_key(columns["name"])
    if model is Service:
        columns.update(source=each.source, confidence=confidence, confirmed_on=None, confirmed_by=None)
        if "places_total" in columns or "places_free" in columns:
            columns["places_on"] = clock.today()
    same = (model.public_id == each.public_id) & (model.version == each.row.version)
    statements.add(model.update(version=model.version + 1, **columns).where(same), each.row.title)


def _keep_services(plan):
    """What stood beside the values of services that change: how sure they were, and the day of their capacity."""
    changing = {each.public_id: each for each in plan if not each.new and not _is_organisation(each)}
    for some in chunked(changing, 500):
        for row in Service.select().where(Service.public_id.in_(list(some))):
            changing[row.public_id].row.kept = dumped({SERVICE: [*_image(row), _iso(row.places_on)]})


def _iso(day):
    return day.isoformat() if day else None


def _add_sets(statements, plan):
    for name, (model, column) in SETS.items():
        rows = []
        for each in plan:
            if _is_organisation(each):
                continue
            before, after = each.changes.get(name, ("", "")) if not each.new else ("", "")
            added = each.values.get(name, ()) if each.new else set(after.split("\n")) - set(before.split("\n"))
            rows += [{"service": db.Blank(each.public_id), column: value} for value in sorted(added) if value]
        statements.insert(model, rows)


def _add_facts(statements, plan, confidence):
    """How sure the groups of facts are that an organisation's row fills; what stood before is kept in the row."""
    present = _facts_of([each.public_id for each in plan if _is_organisation(each) and not each.new])
    added = []
    for each in plan:
        if not _is_organisation(each):
            continue
        before, kept = present.get(each.public_id, {}), {}
        for group in _groups(each):
            told = {"source": each.source, "confidence": confidence, "confirmed_on": None, "confirmed_by": None}
            fact = before.get(group)
            kept[group.value] = None if fact is None else _image(fact)
            if fact is None:
                added.append({"organisation": db.Blank(each.owner), "group": group, **told})
            else:
                statements.add(FactCheck.update(**told).where(FactCheck.id == fact.id))
        each.row.kept = dumped(kept)
    statements.insert(FactCheck, added)


def _groups(each) -> list[FactGroup]:
    fields = set(each.values) if each.new else set(each.changes)
    return [group for group, names in records.GROUP_FIELDS.items() if fields & set(names)]


def _image(fact) -> list:
    return [fact.source, fact.confidence.value, _iso(fact.confirmed_on), fact.confirmed_by_id]


def _facts_of(public_ids) -> dict[str, dict]:
    found = defaultdict(dict)
    for some in chunked(public_ids, 500):
        for fact in FactCheck.select(FactCheck, Organisation.public_id).join(Organisation).where(
                Organisation.public_id.in_(list(some))):
            found[fact.organisation.public_id][fact.group] = fact
    return found


def _history(run, each, via):
    """Lines of history: of what changed each field, of a new record its name."""
    changes = each.changes if not each.new else {"name": ["", each.values["name"]]}
    version = 1 if each.new else each.row.version + 1
    for name, (old, new) in changes.items():
        yield {"record_kind": each.row.kind, "record": each.public_id, "organisation": each.owner, "field": name,
               "old": old, "new": new, "version": version, "actor": run.confirmed_by_id, "via": via,
               "at": clock.now()}


def _matches(plan) -> list[dict]:
    """Decisions that the next run need not ask for again."""
    known = {key for key, in ImportMatch.select(ImportMatch.key).tuples()}
    return [{"key": each.key, "organisation": db.Blank(each.public_id)} for each in plan
            if each.row.question == WHO and each.row.decision not in {"", NEW, SKIP} and each.key not in known]


def _numbers(plan) -> dict[str, int]:
    return _ids(Organisation, {each.owner for each in plan})


def _service_numbers(plan) -> dict[str, int]:
    return _ids(Service, {each.public_id for each in plan if not _is_organisation(each)})


def _ids(model, public_ids) -> dict[str, int]:
    found = {}
    for some in chunked(sorted(public_ids), 500):
        found.update(model.select(model.public_id, model.id).where(model.public_id.in_(list(some))).tuples())
    return found


def _refusal(titles) -> str:
    return _("The book has changed since the preview was made: %(names)s. Nothing was written. Read the file again.",
             names=_named(titles))


def _named(titles) -> str:
    named, more = ", ".join(titles[:TOLD]), len(titles) - TOLD
    return named if more <= 0 else ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more,
                                            names=named)


def _finish(run, state, plan, verb):
    """Notes in the import that it was written."""
    run.state, run.done, run.finished_at = state, 50, clock.now()
    run.save(only=[type(run).state, type(run).done, type(run).finished_at])
    journal.wrote(run.confirmed_by, verb, run.public_id, parts=str(len(plan)))


def reindex(organisations, progress) -> None:
    """Lets the search learn of organisations (ids), a few in a transaction."""
    some = sorted(organisations)
    for place, numbers in enumerate(chunked(some, INDEXED_AT_ONCE)):
        search_index.reindex(*numbers)
        progress(50 + 50 * place * INDEXED_AT_ONCE // max(1, len(some)))


# Taking it back

def undo(run, progress) -> None:
    """Puts everything back that an import wrote. Raises RuleBroken, naming records, where somebody changed them.

    The search forgets what is to go first, a few organisations at a time, so that the transaction is short.
    """
    rows = list(ImportRow.select().where(ImportRow.run == run.id, ImportRow.fate.in_([Fate.NEW, Fate.CHANGED]),
                                         ImportRow.decision != SKIP, ImportRow.record != "").order_by(ImportRow.number))
    new = {kind: {row.record: row for row in rows if row.fate is Fate.NEW and row.kind is kind} for kind in TABLES}
    owners, versions = _owners_of(rows), _versions(rows)
    _refuse_undoing(_somebodys(rows, new, versions))
    statements = Statements()
    for row in rows:
        if row.fate is Fate.CHANGED:
            _add_return(run, statements, row, owners, versions[row.record])
    progress(20)
    _forget(_ids(Organisation, new[RecordKind.ORGANISATION]))
    try:
        touched = _put_back(run, rows, new, versions, statements, owners)
    except RuleBroken:
        reindex(_ids(Organisation, new[RecordKind.ORGANISATION]).values(), progress)
        raise
    reindex(set(touched.values()), progress)


def _put_back(run, rows, new, versions, statements, owners) -> dict[str, int]:
    with db.writing():
        _refuse_undoing(_somebodys(rows, new, versions) + statements.run({}))
        touched = _ids(Organisation, set(owners.values()) - new[RecordKind.ORGANISATION].keys())
        _delete(new)
        run.state, run.done, run.finished_at = ImportState.UNDONE, 50, clock.now()
        run.save(only=[type(run).state, type(run).done, type(run).finished_at])
        journal.wrote(run.confirmed_by, "import.undo", run.public_id, parts=str(len(rows)))
        return touched


def _refuse_undoing(missed):
    if missed:
        raise RuleBroken(_("It cannot be undone, for somebody has changed since: %(names)s. Nothing was undone.",
                           names=_named(list(dict.fromkeys(missed)))))


def _forget(numbers):
    for some in chunked(sorted(numbers.values()), INDEXED_AT_ONCE):
        with db.writing():
            SearchEntry.delete().where(SearchEntry.organisation.in_(list(some))).execute()
            search_index.changed()


def _versions(rows) -> dict[str, int]:
    """The version of each record as it stands; 0 where it is gone."""
    found = {row.record: 0 for row in rows}
    for model in TABLES.values():
        for some in chunked(list(found), 500):
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
    return (missed + _confirmed_since(rows) + _leaned_on_organisations(new)
            + _leaned_on_services(new[RecordKind.SERVICE]))


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


def _owners_of(rows) -> dict[str, str]:
    """Public id of the organisation of each record."""
    found = {row.record: row.record for row in rows if row.kind is RecordKind.ORGANISATION}
    services = [row.record for row in rows if row.kind is RecordKind.SERVICE]
    for some in chunked(services, 500):
        found.update(Service.select(Service.public_id, Organisation.public_id).join(Organisation)
                     .where(Service.public_id.in_(list(some))).tuples())
    return found


def _add_return(run, statements, row, owners, version):
    model, changes = TABLES[row.kind], json.loads(row.changes)
    columns = {name: records.value_of(model, name, old) for name, (old, _new) in changes.items() if name not in SETS}
    if "name" in columns:
        columns["sort"] = sort_key(columns["name"])
    kept = json.loads(row.kept or "{}")
    if SERVICE in kept:
        names = ("source", "confidence", "confirmed_on", "confirmed_by", "places_on")
        columns.update(zip(names, kept.pop(SERVICE), strict=True))
        columns["confidence"] = Confidence(columns["confidence"])
    same = (model.public_id == row.record) & (model.version == version)
    statements.add(model.update(version=model.version + 1, **columns).where(same), row.title)
    number = model.select(model.id).where(model.public_id == row.record)
    for name in changes.keys() & SETS.keys():
        table, column = SETS[name]
        added = set(changes[name][1].split("\n")) - set(changes[name][0].split("\n"))
        statements.add(table.delete().where(table.service.in_(number), getattr(table, column).in_(sorted(added))))
    for group, image in kept.items():
        _add_fact_return(statements, number, FactGroup(group), image)
    statements.insert(FieldChange, [
        {"record_kind": row.kind, "record": row.record, "organisation": owners.get(row.record, ""), "field": name,
         "old": new, "new": old, "version": version + 1, "actor": run.confirmed_by_id,
         "via": f"import-undone:{run.public_id}", "at": clock.now()} for name, (old, new) in changes.items()])


def _add_fact_return(statements, number, group, image):
    here = (FactCheck.organisation.in_(number)) & (FactCheck.group == group)
    if image is None:
        statements.add(FactCheck.delete().where(here))
        return
    source, confidence, confirmed_on, confirmed_by = image
    statements.add(FactCheck.update(source=source, confidence=Confidence(confidence), confirmed_by=confirmed_by,
                                    confirmed_on=confirmed_on).where(here))


def _confirmed_since(rows) -> list[str]:
    """Records of which somebody has said that they are true after the import wrote them."""
    titles, found = {row.record: row.title for row in rows}, []
    groups = {row.record: json.loads(row.kept or "{}").keys() for row in rows}
    for some in chunked(titles, 500):
        found += [each for each, in Service.select(Service.public_id).where(
            Service.public_id.in_(list(some)), Service.confirmed_by.is_null(False)).tuples()]
        facts = (FactCheck.select(Organisation.public_id, FactCheck.group).join(Organisation)
                 .where(Organisation.public_id.in_(list(some)), FactCheck.confirmed_by.is_null(False)))
        found += [owner for owner, group in facts.tuples() if group.value in groups[owner]]
    return [titles[each] for each in found]


def _leaned_on_organisations(new) -> list[str]:
    rows = new[RecordKind.ORGANISATION]
    numbers = {number: public_id for public_id, number in _ids(Organisation, rows).items()}
    found = {numbers[each] for each in _leaned_on(Organisation, numbers, MADE)}
    for some in chunked(numbers, 500):
        services = Service.select(Service.organisation, Service.public_id).where(Service.organisation.in_(list(some)))
        found |= {numbers[owner] for owner, each in services.tuples() if each not in new[RecordKind.SERVICE]}
    return [rows[each].title for each in found]


def _leaned_on_services(rows) -> list[str]:
    numbers = {number: public_id for public_id, number in _ids(Service, rows).items()}
    own = {table for table, _column in SETS.values()}
    return [rows[numbers[each]].title for each in _leaned_on(Service, numbers, own)]


def _leaned_on(model, numbers, own) -> set[int]:
    """Which of these records (ids) other rows point at, beside tables of `own`: what the import and the search made."""
    found = set()
    for table in models.MODELS:
        columns = [column for column in table._meta.refs if column.rel_model is model] if table not in own else ()
        for column in columns:
            by_public_id = column.rel_field is model.public_id
            names = [*numbers.values()] if by_public_id else [*numbers]
            back = {public_id: number for number, public_id in numbers.items()}
            for some in chunked(names, 500):
                hits = {each for each, in table.select(column).where(column.in_(list(some))).tuples()}
                found |= {back[each] for each in hits} if by_public_id else hits
    return found


def _delete(new):
    for kind in (RecordKind.SERVICE, RecordKind.ORGANISATION):
        for some in chunked(new[kind], 500):
            TABLES[kind].delete().where(TABLES[kind].public_id.in_(list(some))).execute()


# What a register says

def keep_register(found: list[dict], at) -> None:
    """Keeps what the register of social services said today; a service that it no longer has is marked missing."""
    lines = {each["number"]: {"register": "rpss", "seen_at": at, "missing_at": None, **_told(each)} for each in found
             if each["number"]}
    statements = Statements()
    known = dict(RegisterRecord.select(RegisterRecord.number, RegisterRecord.id)
                 .where(RegisterRecord.register == "rpss").tuples())
    statements.insert(RegisterRecord, [line for number, line in lines.items() if number not in known])
    for number in lines.keys() & known.keys():
        statements.add(RegisterRecord.update(**lines[number]).where(RegisterRecord.id == known[number]))
    for some in chunked(sorted(known.keys() - lines.keys()), 500):
        statements.add(RegisterRecord.update(missing_at=at).where(
            RegisterRecord.register == "rpss", RegisterRecord.number.in_(list(some)),
            RegisterRecord.missing_at.is_null()))
    with db.writing():
        statements.run({})


def _told(each) -> dict:
    empty = dict.fromkeys(("street", "city", "postal_code", "web", "email", "phone"), "")
    return {**empty, **each}


__all__ = ["FILE", "keep_register", "reindex", "undo", "write"]
