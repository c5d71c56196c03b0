"""Compares rows of a file with the book: which record each means, what it would change, what a person must decide.

A row means the organisation with its company number; among several with that number, the one of its name (and place);
without a number, the one of its name and place. Anything less sure is a question. A field that a person confirmed here
is not overwritten without being asked.
"""
import base64
import json
import uuid
from collections import defaultdict
from dataclasses import asdict, dataclass, field

from flask_babel import force_locale
from peewee import chunked

from importers.rows import Row, kind_of
from importers.tables import Problem, later
from labels import label
from models import (
    FactCheck,
    Fate,
    ImportMatch,
    ImportRow,
    Kind,
    Municipality,
    Organisation,
    RecordKind,
    Region,
    Service,
    ServiceArea,
    ServiceNeed,
    ServiceRegion,
)
from services import records
from text import fold

WHO, CONFIRMED = "who", "confirmed"  # questions
NEW, SKIP, FILE, OURS = "new", "skip", "file", "ours"  # decisions beside a public id
MOST_CANDIDATES = 8
SETS = {"areas": (ServiceArea, "area"), "needs": (ServiceNeed, "need"), "regions": (ServiceRegion, "region")}
ONLY_OF_NEW = {"kind"}  # of a record that the book has, a file does not say what it is


@dataclass
class Known:
    """A record of the book as far as it is compared: its values as text, sets as sets."""

    id: int
    public_id: str
    slug: str
    name: str
    version: int
    values: dict[str, str]
    sets: dict[str, set[str]] = field(default_factory=dict)
    confirmed: frozenset = frozenset()  # fields that a person confirmed


class Book:
    """The organisations of the book by number, name and place; services are read when they are asked for."""

    def __init__(self, lenient: bool):
        with force_locale("cs"):
            self.kinds = {fold(str(label(kind))) for kind in Kind}
        self.lenient = lenient  # of a file whose makers we cannot ask, an unknown region is left out
        self.regions = {}
        for region in Region.select():
            for word in (region.code, region.name, region.name_en, region.name.replace("kraj", ""),
                         region.name.replace("Hlavní město ", "")):
                self.regions[fold(word).strip()] = region.code
        self.towns = {town.code: town for town in Municipality.select()}
        self.remembered = dict(ImportMatch.select(ImportMatch.key, Organisation.public_id).join(Organisation).tuples())
        self._read_organisations()
        self.services: dict[int, list[Known]] = {}

    def _read_organisations(self):
        confirmed = defaultdict(set)
        for owner, group in FactCheck.select(FactCheck.organisation, FactCheck.group).where(
                FactCheck.confirmed_by.is_null(False)).tuples():
            confirmed[owner].update(records.GROUP_FIELDS.get(group, ()))
        self.organisations, self.by_number = {}, defaultdict(list)
        self.by_name, self.by_id = defaultdict(list), {}
        for row in Organisation.select().iterator():
            known = _known(row, frozenset(confirmed[row.id]))
            self.organisations[known.public_id] = self.by_id[known.id] = known
            self.by_name[fold(known.name)].append(known)
            if known.values["ico"]:
                self.by_number[known.values["ico"]].append(known)

    def read_services(self, owners: list[int]) -> None:
        """Reads the services of these organisations (ids)."""
        for some in chunked(sorted(set(owners) - self.services.keys()), 300):
            found = {owner: [] for owner in some}
            rows = {row.id: row for row in Service.select().where(Service.organisation.in_(some))}
            sets = {name: _set_of(model, column, rows) for name, (model, column) in SETS.items()}
            for row in rows.values():
                fields = frozenset(records.fields_of(Service)) if row.confirmed_by_id else frozenset()
                known = _known(row, fields)
                known.sets = {name: values[row.id] for name, values in sets.items()}
                found[row.organisation_id].append(known)
            self.services.update(found)


TEXTS = {model: [name for name in records.fields_of(model) if name in model._meta.fields]
         for model in (Organisation, Service)}


def _known(row, confirmed) -> Known:
    model = type(row)
    return Known(row.id, row.public_id, row.slug, row.name, row.version,
                 {name: records.as_text(model, name, row.__data__[name]) for name in TEXTS[model]}, {}, confirmed)


def _set_of(model, column, rows) -> dict[int, set[str]]:
    found = defaultdict(set)
    query = model.select(model.service, getattr(model, column)).where(model.service.in_(list(rows) or [0])).tuples()
    for owner, value in query:
        found[owner].add(str(value))
    return found


# A whole file

def compare(run, rows: list[Row]) -> list[dict]:
    """Columns of an ImportRow for each row of a file that is an organisation or a service, in their order."""
    book = Book(run.format in {"hsds", "rpss"})
    lines = [_line(run, number, row) for number, row in enumerate(rows, start=1)]
    owners = {row.key: line for row, line in zip(rows, lines, strict=True) if row.kind == "organisation"}
    _find_repeated(rows, lines)
    claimed = defaultdict(list)
    for row, line in zip(rows, lines, strict=True):
        if row.kind == "organisation" and line["fate"] is not Fate.WRONG:
            _settle_values(book, row, line)
            if line["fate"] is not Fate.WRONG and (known := _find_organisation(book, row, line)) is not None:
                claimed[known.public_id].append((row, line, known))
    for claims in claimed.values():
        _share(book, claims)
    book.read_services([book.organisations[line["record"]].id for line in owners.values() if line["record"]])
    mine = defaultdict(list)
    for row, line in zip(rows, lines, strict=True):
        if row.kind == "service":
            line["owner"] = owners[row.key]["number"] if row.key in owners else None
            mine[row.key].append((row, line))
    for key, pairs in mine.items():
        compare_services(book, owners.get(key), pairs)
    return [_packed(line) for line in lines]


def _line(run, number, row) -> dict:
    kind = RecordKind.ORGANISATION if row.kind == "organisation" else RecordKind.SERVICE
    return {"run": run.id, "number": number, "kind": kind, "sheet": row.sheet, "row": row.row, "owner": None,
            "title": row.title, "fate": Fate.WRONG if row.problems else Fate.NEW, "record": "", "version": None,
            "content": row, "changes": {}, "question": "", "candidates": [], "decision": ""}


def _packed(line) -> dict:
    row = line["content"]
    problems = {"wrong": [asdict(each) for each in row.problems], "notes": [asdict(each) for each in row.notes]}
    return {**line, "content": dumped({"values": row.values, "number": row.number, "key": row.key}),
            "changes": dumped(line["changes"]) if line["changes"] else "",
            "problems": dumped(problems) if row.problems or row.notes else "",
            "candidates": dumped(line["candidates"]) if line["candidates"] else ""}


def unpacked(stored: ImportRow) -> tuple[Row, dict]:
    """A stored row and its line, to be compared again."""
    given, problems = json.loads(stored.content), json.loads(stored.problems or "{}")
    row = Row("organisation" if stored.kind is RecordKind.ORGANISATION else "service", stored.sheet, stored.row,
              given["key"], stored.title, given["values"], given["number"],
              [Problem(**each) for each in problems.get("wrong", ())],
              [Problem(**each) for each in problems.get("notes", ())])
    line = {"number": stored.number, "fate": stored.fate, "record": stored.record, "version": stored.version,
            "content": row, "changes": {}, "question": stored.question, "decision": stored.decision,
            "candidates": json.loads(stored.candidates or "[]")}
    return row, line


def dumped(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _wrong(line, column, message, **details):
    line["content"].wrong(column, message, **details)
    line["fate"] = Fate.WRONG


def _find_repeated(rows, lines):
    first = {}
    for row, line in zip(rows, lines, strict=True):
        if line["fate"] is Fate.WRONG:
            continue
        key = match_key(row) if row.kind == "organisation" else f"{row.key}|{row.number or fold(row.title)}|service"
        before = first.setdefault(key, row)
        if before is not row:
            _wrong(line, "", later("the same stands in row %(row)s already."), row=before.row)


def match_key(row) -> str:
    return "|".join([row.values.get("ico", ""), fold(row.title), fold(row.values.get("city", ""))])


def _settle_values(book, row, line):
    """Regions by name or code, a municipality by its number."""
    region = row.values.pop("region", "")
    code = book.regions.get(fold(region).strip())
    if code:
        row.values["region"] = code
    elif region and not book.lenient:
        _wrong(line, "region", later("“%(value)s” is not known."), value=region[:60])
    elif region:
        row.notes.append(Problem(row.sheet, row.row, "region", later("“%(value)s” is not known."),
                                 {"value": region[:60]}))
    if fold(row.values.get("description", "")) in book.kinds:  # HSDS wants a description: ours names the kind
        row.values.pop("description")
    town = book.towns.get(row.values.pop("municipality_code", ""))
    if town:
        row.values.setdefault("city", town.name)


# Which organisation

def _find_organisation(book, row, line) -> Known | None:
    """The organisation a row means; None where it is new, or where `line` now asks who it is."""
    remembered = book.organisations.get(book.remembered.get(match_key(row)) or public_id_of(row.number))
    if remembered:
        return remembered
    number, place = row.values.get("ico"), fold(row.values.get("city", ""))
    named = [known for known in book.by_name.get(fold(row.title), ())
             if not (number and known.values["ico"] and known.values["ico"] != number)]
    numbered = book.by_number.get(number, []) if number else []
    pool = [known for known in named if known in numbered] or numbered or named
    here = [known for known in pool if fold(known.values["city"]) == place]
    if numbered and len(pool) == 1:
        return pool[0]
    if len(here) == 1 and (not numbered or here[0] in named):
        return here[0]
    if pool:
        _ask(line, pool)
    return None


def public_id_of(number: str) -> str:
    """The public id of a record of ours whose number in HSDS is a UUID; of others an id that nothing has."""
    try:
        return base64.urlsafe_b64encode(uuid.UUID(number).bytes).decode().rstrip("=")
    except ValueError:
        return ""


def _ask(line, candidates):
    names = [known.public_id for known in candidates]
    line.update(fate=Fate.UNDECIDED, question=WHO, candidates=names[:MOST_CANDIDATES])


def _share(book, claims):
    """Of several rows that mean one organisation, the one of its name; the others ask."""
    claims.sort(key=lambda claim: fold(claim[0].title) != fold(claim[2].name))
    for row, line, known in claims[:1]:
        compare_organisation(row, line, known)
    for _row, line, known in claims[1:]:
        _ask(line, [known])


def compare_organisation(row, line, known: Known) -> None:
    """Says what a row would change of the organisation it means."""
    line.update(record=known.public_id, version=known.version)
    _compare(row, line, known)


def _compare(row, line, known):
    changes = {}
    for name, value in row.values.items():
        if name in ONLY_OF_NEW:
            continue
        old = "\n".join(sorted(known.sets[name])) if name in known.sets else known.values.get(name, "")
        new = "\n".join(sorted(known.sets[name] | set(value))) if name in known.sets else str(value)
        if old != new:
            changes[name] = [old, new]
    held = set(changes) & known.confirmed
    if held and line["decision"] == OURS:
        changes = {name: pair for name, pair in changes.items() if name not in held}
        held = set()
    line["changes"] = changes
    line["question"] = CONFIRMED if held else "" if line["question"] == CONFIRMED else line["question"]
    undecided = held and line["decision"] != FILE
    line["fate"] = Fate.UNDECIDED if undecided else Fate.CHANGED if changes else Fate.UNCHANGED


# Services

def compare_services(book, owner: dict | None, pairs) -> None:
    """Says what becomes of the services of one organisation; `pairs` are rows and lines."""
    known = book.organisations.get(owner["record"]) if owner and owner["record"] else None
    taken = set()
    for row, line in pairs:
        if line["fate"] is Fate.WRONG:
            continue
        if owner is None or owner["fate"] is Fate.WRONG:
            _wrong(line, "", later("its organisation cannot be taken, see its row."))
        elif owner["decision"] == SKIP:
            line.update(fate=Fate.UNCHANGED, decision=SKIP)
        elif owner["question"] == WHO and not owner["decision"]:
            line["fate"] = Fate.UNDECIDED
        else:
            _compare_service(book, known, row, line, taken)


def _compare_service(book, owner, row, line, taken):
    if "regions" in row.values:
        codes = {book.regions.get(fold(each).strip()) for each in row.values["regions"]}
        row.values["regions"] = sorted(filter(None, codes))
    found = _find_service(book.services.get(owner.id, []) if owner else [], row, taken)
    if found is None:
        line.update(fate=Fate.NEW, record="", changes={})
        return
    taken.add(found.public_id)
    line.update(record=found.public_id, version=found.version)
    _compare(row, line, found)


def _find_service(services, row, taken) -> Known | None:
    free = [known for known in services if known.public_id not in taken]
    if row.number:
        for known in free:
            same = known.public_id in {row.number, public_id_of(row.number)} or known.slug == row.number
            if same or known.slug.endswith(f"-{row.number}"):
                return known
    named = [known for known in free if fold(known.name) == fold(row.title)
             and not (row.number and known.slug.startswith(("rpss-", "hsds-")))]
    return named[0] if named else None


def columns_of_new(row: Row) -> dict:
    """Values of a new record; an organisation of which no file says what it is has the kind its name tells."""
    if row.kind == "organisation" and "kind" not in row.values:
        return {**row.values, "kind": kind_of(row.title)}
    return row.values
