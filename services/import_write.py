"""Writes a confirmed import into the book in one transaction.

services/records.change writes one record; here thousands are written while everybody else waits. So all statements are
made before the transaction begins, and inside it they only run: each update names the version that was compared, and
one that finds another version refuses the whole import. The search learns of it afterwards, a few organisations at a
time. services/import_undo.py takes it back.
"""
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext
from peewee import chunked

import clock
import db
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
    RecordKind,
    Service,
    ServiceCondition,
    Table,
    new_public_id,
)
from services import journal, records, search_index
from services.import_compare import (
    MODELS,
    NEW,
    NEW_ROW,
    POINTERS,
    SKIP,
    columns_of_new,
    dumped,
    match_key,
    public_id_of,
    unpacked,
)
from text import fold, sort_key

AT_ONCE = 200
INDEXED_AT_ONCE = 25
PAUSE = 0.02  # seconds
SURE = "sure"  # the key under which a row keeps how sure a site, a person or a service was
PLACES = {"places_total", "places_free"}  # a count is of a day: of places_on, or of that of the import
TOLD = 5  # records named where it refuses


@dataclass
class Written:
    """A row of an import that writes: the record's public id, pairs of texts of what changes, and its new slug."""

    row: ImportRow
    public_id: str
    changes: dict[str, list]
    new: bool
    owner: str  # public id of the organisation
    values: dict[str, str] = field(default_factory=dict)  # of a new record
    source: str = ""
    number: str = ""
    key: str = ""
    assured: str = ""  # the day on which its source last made sure of it

    @property
    def model(self) -> type[Table]:
        return MODELS[self.row.kind]

    @property
    def owns(self) -> bool:
        """Whether it is an organisation, on which the others hang."""
        return self.model is Organisation

    def texts(self) -> dict[str, list]:
        """What each field was and is to be."""
        return {name: ["", value] for name, value in self.values.items()} if self.new else self.changes

    def columns(self) -> dict:
        """The columns of its own table among them, as the database takes them."""
        return {name: records.value_of(self.model, name, new) for name, (_old, new) in self.texts().items()
                if name in self.model._meta.fields and name not in POINTERS}

    def assured_on(self) -> date | None:
        """Never a day to come."""
        day = date.fromisoformat(self.assured) if self.assured else None
        return day if day and day <= clock.today() else None


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
            if any(isinstance(each, db.Blank) and each not in numbers for each in params):
                missed.append(must_find or "")
                continue
            filled = [numbers[each] if isinstance(each, db.Blank) else each for each in params]
            cursor = db.database.execute_sql(sql, filled)
            if must_find is not None and cursor.rowcount != 1:
                missed.append(must_find)
        return missed


def write(run, progress) -> None:
    """Writes what was confirmed; the import is then done. Raises RuleBroken where the book has changed since."""
    plan = _plan(run)
    _keep_sureness(plan)
    organisations, owned, linked = _statements(run, plan)
    _note(plan)
    progress(20)
    with db.writing():
        missed = organisations.run({})
        numbers = ids(Organisation, {each.owner for each in plan} | _pointed(plan, "parent"))
        missed += owned.run(numbers)
        for model in (ContactPerson, Service):
            mine = {each.public_id for each in plan if each.model is model}
            numbers |= ids(model, mine | (_pointed(plan, "deputy") if model is ContactPerson else set()))
        missed += linked.run(numbers)
        if missed:
            raise RuleBroken(_refusal(missed))
        _finish(run, plan)
    reindex({numbers[each.owner] for each in plan}, progress)


def _statements(run, plan) -> tuple[Statements, Statements, Statements]:
    """New organisations; what hangs on them and what changes; sets, and rows that point at new rows."""
    confidence = Confidence.VERIFIED if run.format == "rpss" else Confidence.PARTLY
    organisations, owned, linked = Statements(), Statements(), Statements()
    organisations.insert(Organisation, [_new_organisation(each) for each in plan if each.new and each.owns])
    for model in (Location, ContactPerson, Service):
        owned.insert(model, [_new_owned(each, confidence) for each in plan if each.new and each.model is model])
    for each in plan:
        if not each.new:
            _add_update(owned, each, confidence)
        add_pointers(linked, each.model, each.public_id, each.texts(), each.row.title)
    _add_facts(owned, plan, confidence)
    add_sets(linked, [(each.model, each.public_id, each.texts()) for each in plan])
    via = f"import:{run.public_id}"
    owned.insert(FieldChange, [line for each in plan for line in _history(run, each, via)])
    owned.insert(ImportMatch, _matches(plan))
    for fate, version in ((Fate.NEW, 1), (Fate.CHANGED, ImportRow.version + 1)):
        owned.add(ImportRow.update(version=version).where(ImportRow.run == run.id, ImportRow.fate == fate,
                                                          ImportRow.decision != SKIP))
    return organisations, owned, linked


def _note(plan):
    """Keeps in the rows which records they become and what stood there before, some at a time: it is needed only when
    the import is undone, and nobody waits for it."""
    for some in chunked(plan, AT_ONCE):
        statements = Statements()
        for each in some:
            statements.add(ImportRow.update(record=each.public_id, kept=each.row.kept)
                           .where(ImportRow.id == each.row.id))
        with db.writing():
            statements.run({})
        let_others_write()


def _pointed(plan, name) -> set[str]:
    return {each.texts()[name][1] for each in plan if name in each.texts()} - {""}


def _plan(run) -> list[Written]:
    """What is to be written, organisations before what hangs on them."""
    stored = list(ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.number))
    records_of, taken = {row.number: row.record for row in stored if row.record}, set()
    chosen = [row for row in stored if row.fate in {Fate.NEW, Fate.CHANGED} and row.decision != SKIP]
    contents = {row.number: unpacked(row)[0] for row in chosen}
    free = _free_ids(contents.values())
    for row in chosen:
        if row.fate is Fate.NEW:
            wanted = public_id_of(contents[row.number].number)
            records_of[row.number] = wanted if wanted in free and wanted not in taken else new_public_id()
            taken.add(records_of[row.number])
    plan = []
    for row in chosen:
        content = contents[row.number]
        owner = row.number if row.kind is RecordKind.ORGANISATION else row.owner
        each = Written(row, records_of[row.number], json.loads(row.changes or "{}"), row.fate is Fate.NEW,
                       records_of[owner], columns_of_new(content) if row.fate is Fate.NEW else {}, _source(run),
                       content.number, match_key(content), content.assured)
        plan.append(_with_rows(each, records_of))
    return plan


def _free_ids(contents) -> set[str]:
    """Public ids that records of a file had where it was written, as far as no record of the book has them."""
    wanted = {public_id_of(content.number) for content in contents} - {""}
    used = {each for model in MODELS.values() for some in chunked(sorted(wanted), 500)
            for each, in model.select(model.public_id).where(model.public_id.in_(list(some))).tuples()}
    return wanted - used


def _with_rows(each, records_of):
    """With public ids in place of `#` and the number of a row; a row that is not written is left out."""
    for name in {*POINTERS, "locations"}:
        if name in each.values:
            each.values[name] = _without_numbers(each.values[name], records_of)
        if name in each.changes:
            each.changes[name][1] = _without_numbers(each.changes[name][1], records_of)
    return each


def _without_numbers(text, records_of) -> str:
    found = [records_of.get(int(line[1:]), "") if line.startswith(NEW_ROW) else line for line in text.split("\n")]
    return "\n".join(filter(None, found))


def _source(run) -> str:
    return {"rpss": "RPSS"}.get(run.format, run.file)


def _new_organisation(each) -> dict:
    values = each.columns()
    return {"public_id": each.public_id, "slug": _slug(each), "sort": sort_key(values["name"]),
            "created_at": clock.now(), **values}


def _new_owned(each, confidence) -> dict:
    values = each.columns()
    if each.model is Service:
        values["slug"] = _slug_of_service(each)
        if PLACES & values.keys():
            values.setdefault("places_on", clock.today())
    return {"public_id": each.public_id, "sort": sort_key(values["name"]), **values,
            "organisation": db.Blank(each.owner), "source": each.source, "confidence": confidence,
            "confirmed_on": each.assured_on()}


def _slug_of_service(each) -> str:
    prefix = "rpss" if each.source == "RPSS" else "hsds"
    known = each.number and each.number.replace("-", "").isascii() and each.number.replace("-", "").isalnum()
    return f"{prefix}-{each.number}" if known and not public_id_of(each.number) else _slug(each)


def _slug(each) -> str:
    """A stable name for files; the end of the public id keeps it apart from all others."""
    words = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(each.values["name"])).split())
    tail = "".join(c for c in each.public_id.lower() if c.isalnum())[:8]
    return f"{words[:60].strip('-')}-{tail}".lstrip("-")


def _add_update(statements, each, confidence):
    model, columns = each.model, each.columns()
    if "name" in columns:
        columns["sort"] = sort_key(columns["name"])
    if model is not Organisation:
        columns.update(source=each.source, confidence=confidence, confirmed_on=each.assured_on(), confirmed_by=None)
    if PLACES & columns.keys():
        columns.setdefault("places_on", clock.today())
    same = (model.public_id == each.public_id) & (model.version == each.row.version)
    statements.add(model.update(version=model.version + 1, **columns).where(same), each.row.title)


def _keep_sureness(plan):
    """What stood beside the values of sites, people and services that change: how sure they were, the day of places."""
    for model in (Location, ContactPerson, Service):
        changing = {each.public_id: each for each in plan if not each.new and each.model is model}
        for some in chunked(changing, 500):
            for row in model.select().where(model.public_id.in_(list(some))):
                changing[row.public_id].row.kept = dumped({SURE: [*image(row), iso(getattr(row, "places_on", None))]})


def iso(day):
    return day.isoformat() if day else None


def add_sets(statements, wanted) -> None:
    """Makes sets what is wanted: (model, public id, {field: [text before, text after]}) of each record.

    All that goes is deleted before anything is added: a target group goes from one set to another.
    """
    added = defaultdict(list)
    for model, public_id, texts in wanted:
        for name in texts.keys() & records.SETS.get(model, {}).keys():
            rows = records.SETS[model][name]
            before, after = (rows.value(text) for text in texts[name])
            add = _add_conditions if name == "entry" else _add_members
            add(statements, added, rows, db.Blank(public_id), before, after)
    for model, lines in added.items():
        statements.insert(model, lines)


def _add_conditions(statements, added, _rows, owner, before, after):
    if before:
        statements.add(ServiceCondition.delete().where(ServiceCondition.service == owner))
    added[ServiceCondition] += [{"service": owner, "place": place, "text": text, "when": when, "waivable": waivable}
                                for place, (text, when, waivable) in enumerate(after)]


def _add_members(statements, added, rows, owner, before, after):
    fixed = {"fit": rows.fit} if rows.fit else {}
    added[rows.model] += [{rows.owner: owner, rows.column: each, **fixed} for each in after if each not in before]
    if gone := [each for each in before if each not in after]:
        statements.add(rows.model.delete().where(getattr(rows.model, rows.owner) == owner,
                                                 getattr(rows.model, rows.column).in_(gone)))


def add_pointers(statements, model, public_id, texts, title) -> None:
    """Makes a record point at others (public ids), or at none; `texts` are {field: [text before, text after]}."""
    for name in POINTERS.keys() & texts.keys():
        target = texts[name][1]
        statements.add(model.update({name: db.Blank(target) if target else None})
                       .where(model.public_id == public_id), title)


def _add_facts(statements, plan, confidence):
    """How sure the groups of facts are that an organisation's row fills; what stood before is kept in the row."""
    present = _facts_of([each.public_id for each in plan if each.owns and not each.new])
    added = []
    for each in plan:
        if not each.owns:
            continue
        before, kept = present.get(each.public_id, {}), {}
        for group in _groups(each):
            told = {"source": each.source, "confidence": confidence, "confirmed_on": None, "confirmed_by": None}
            fact = before.get(group)
            kept[group.value] = None if fact is None else image(fact)
            if fact is None:
                added.append({"organisation": db.Blank(each.owner), "group": group, **told})
            else:
                statements.add(FactCheck.update(**told).where(FactCheck.id == fact.id))
        each.row.kept = dumped(kept)
    statements.insert(FactCheck, added)


def _groups(each) -> list[FactGroup]:
    return [group for group, names in records.GROUP_FIELDS.items() if each.texts().keys() & set(names)]


def image(fact) -> list:
    return [fact.source, fact.confidence.value, iso(fact.confirmed_on), fact.confirmed_by_id]


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
            if each.row.candidates and each.row.decision not in {"", NEW, SKIP} and each.key not in known]


def ids(model, public_ids) -> dict[str, int]:
    found = {}
    for some in chunked(sorted(public_ids), 500):
        found.update(model.select(model.public_id, model.id).where(model.public_id.in_(list(some))).tuples())
    return found


def _refusal(titles) -> str:
    return _("The book has changed since the preview was made: %(names)s. Nothing was written. Read the file again.",
             names=named(titles))


def named(titles) -> str:
    named, more = ", ".join(titles[:TOLD]), len(titles) - TOLD
    return named if more <= 0 else ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more,
                                            names=named)


def _finish(run, plan):
    """Notes in the import that it was written."""
    run.state, run.done, run.finished_at = ImportState.DONE, 50, clock.now()
    run.save(only=[type(run).state, type(run).done, type(run).finished_at])
    journal.wrote(run.confirmed_by, "import.write", run.public_id, parts=str(len(plan)))


def let_others_write() -> None:
    """Between two of many transactions: the lock of SQLite goes to whoever asks first, and that would be this job."""
    time.sleep(PAUSE)


def reindex(organisations, progress) -> None:
    """Lets the search learn of organisations (ids), a few in a transaction."""
    some = sorted(organisations)
    for place, numbers in enumerate(chunked(some, INDEXED_AT_ONCE)):
        search_index.reindex(*numbers)
        let_others_write()
        progress(50 + 50 * place * INDEXED_AT_ONCE // max(1, len(some)))


