"""Compares rows of a file with the book: which record each means, what it would change, what a person must decide.

A row means the organisation with its company number, unless both name and place are others; among several with that
number, the one of its name (and place); without a number, the one of its name and place. Anything less sure is a
question. A field that a person confirmed here
is not overwritten without being asked. A site, a person or a service is known by its number, then by its name within
its organisation. Where a row names another row of its file (a parent, a deputy, sites of a service) that is new, its
value is `#` and the number of that row until it is written.
"""
import base64
import json
import uuid
from collections import defaultdict
from dataclasses import asdict, dataclass

from flask_babel import force_locale
from peewee import chunked

from importers.rows import Row, kind_of
from importers.tables import Problem, later
from labels import label
from models import (
    ContactPerson,
    District,
    FactCheck,
    Fate,
    ImportMatch,
    ImportRow,
    Kind,
    Location,
    Municipality,
    Organisation,
    OrganisationRegion,
    RecordKind,
    Region,
    Service,
    Table,
)
from services import records
from text import fold

WHO, CONFIRMED = "who", "confirmed"  # questions
NEW, SKIP, FILE, OURS = "new", "skip", "file", "ours"  # decisions beside a public id
MOST_CANDIDATES = 8
KINDS = {"organisation": RecordKind.ORGANISATION, "location": RecordKind.LOCATION, "contact": RecordKind.CONTACT,
         "service": RecordKind.SERVICE}
MODELS = {RecordKind.ORGANISATION: Organisation, RecordKind.LOCATION: Location, RecordKind.CONTACT: ContactPerson,
          RecordKind.SERVICE: Service}
OWNED = {"location": Location, "contact": ContactPerson, "service": Service}  # what hangs on an organisation
GROW = {"areas", "needs", "regions", "districts", "municipalities", "locations"}  # sets that a file only adds to
GROUPS = ("for_groups", "not_groups", "never_groups")  # a target group is in one of them
POINTERS = {"parent": "organisation", "deputy": "contact"}  # fields that name a row of this kind
ONLY_OF_NEW = {"kind"}  # of a record that the book has, a file does not say what it is
NEW_ROW = "#"


@dataclass
class Known:
    """A record of the book as far as it is compared: its values as text, sets as lines of it."""

    id: int
    public_id: str
    slug: str
    name: str
    version: int
    values: dict[str, str]
    confirmed: frozenset = frozenset()  # fields that a person confirmed


class Book:
    """The organisations of the book by number, name and place; what hangs on them is read when it is asked for."""

    def __init__(self, lenient: bool):
        with force_locale("cs"):
            self.kinds = {fold(str(label(kind))) for kind in Kind}
        self.lenient = lenient  # of a file whose makers we cannot ask, an unknown place is left out
        self.towns = {town.code: town for town in Municipality.select()}
        self.codes = {"regions": _region_codes(), "districts": _codes(District), "municipalities": _codes(Municipality)}
        self.remembered = dict(ImportMatch.select(ImportMatch.key, Organisation.public_id).join(Organisation).tuples())
        self._read_organisations()
        self.owned: dict[int, dict[str, list[Known]]] = {}

    def _read_organisations(self):
        confirmed = defaultdict(set)
        for owner, group in FactCheck.select(FactCheck.organisation, FactCheck.group).where(
                FactCheck.confirmed_by.is_null(False)).tuples():
            confirmed[owner].update(records.GROUP_FIELDS.get(group, ()))
        self.organisations, self.by_number, self.by_slug = {}, defaultdict(list), {}
        self.by_name, parents = defaultdict(list), dict(Organisation.select(Organisation.id,
                                                                            Organisation.public_id).tuples())
        regions = defaultdict(list)
        for owner, region in OrganisationRegion.select(OrganisationRegion.organisation,
                                                       OrganisationRegion.region).tuples():
            regions[owner].append(region)
        for row in Organisation.select().iterator():
            known = _known(row, frozenset(confirmed[row.id]), {"parent": parents.get(row.parent_id, "")})
            known.values["regions"] = "\n".join(sorted(regions[row.id]))
            self.organisations[known.public_id] = self.by_slug[known.slug] = known
            self.by_name[fold(known.name)].append(known)
            if known.values["ico"]:
                self.by_number[known.values["ico"]].append(known)

    def read_owned(self, owners: list[int]) -> None:
        """Reads the sites, people and services of these organisations (ids)."""
        for some in chunked(sorted(set(owners) - self.owned.keys()), 300):
            found = {owner: {kind: [] for kind in OWNED} for owner in some}
            for kind, model in OWNED.items():
                rows = list(model.select().where(model.organisation.in_(some)).order_by(model.id))
                for known, owner in zip(_all_known(model, rows), rows, strict=True):
                    found[owner.organisation_id][kind].append(known)
            self.owned.update(found)

    def mine(self, owner: Known | None, kind: str) -> list[Known]:
        return self.owned[owner.id][kind] if owner else []


def _codes(model: type[Table]) -> dict[str, str]:
    """Codes by themselves and by names that only one place has."""
    found, names = {}, defaultdict(list)
    for row in model.select():
        found[fold(row.code)] = row.code
        names[fold(row.name)].append(row.code)
    return {**{name: codes[0] for name, codes in names.items() if len(codes) == 1}, **found}


def _region_codes() -> dict[str, str]:
    found = {}
    for region in Region.select():
        for word in (region.code, region.name, region.name_en, region.name.replace("kraj", ""),
                     region.name.replace("Hlavní město ", "")):
            found[fold(word).strip()] = region.code
    return found


TEXTS = {model: [name for name in records.fields_of(model) if name in model._meta.fields and name not in POINTERS]
         for model in MODELS.values()}


def _known(row, confirmed, more: dict[str, str]) -> Known:
    model = type(row)
    values = {name: records.as_text(model, name, row.__data__[name]) for name in TEXTS[model]}
    return Known(row.id, row.public_id, row.__data__.get("slug", ""), row.name, row.version, {**values, **more},
                 confirmed)


def _all_known(model, rows) -> list[Known]:
    """Rows of sites, people or services; what a person confirmed is theirs as a whole."""
    fields, numbers = frozenset(records.fields_of(model)), [row.id for row in rows]
    more = {row.id: {} for row in rows}
    if model is Service:
        for name, kind in records.SETS[Service].items():
            values = records.sets_of_services(name, numbers)
            for row in rows:
                more[row.id][name] = kind.text(values.get(row.id, []))
    if model is ContactPerson:
        deputies = dict(ContactPerson.select(ContactPerson.id, ContactPerson.public_id).where(
            ContactPerson.id.in_([row.deputy_id for row in rows if row.deputy_id] or [0])).tuples())
        more = {row.id: {"deputy": deputies.get(row.deputy_id, "")} for row in rows}
    return [_known(row, fields if row.confirmed_by_id else frozenset(), more[row.id]) for row in rows]


# A whole file

def compare(run, rows: list[Row]) -> list[dict]:
    """Columns of an ImportRow for each row of a file that becomes a record of the book, in their order."""
    book = Book(run.format in {"hsds", "rpss"})
    lines = [_line(run, number, row) for number, row in enumerate(rows, start=1)]
    owners = {row.key: line for row, line in zip(rows, lines, strict=True) if row.kind == "organisation"}
    _find_repeated(rows, lines)
    _find_organisations(book, rows, lines)
    book.read_owned([book.organisations[line["record"]].id for line in owners.values() if line["record"]])
    _point_to_parents(book, rows, lines, owners)
    mine = defaultdict(list)
    for row, line in zip(rows, lines, strict=True):
        if row.kind != "organisation":
            line["owner"] = owners[row.key]["number"] if row.key in owners else None
            mine[row.key].append((row, line))
    for key, pairs in mine.items():
        compare_owned(book, owners.get(key), pairs)
    return [_packed(line) for line in lines]


def _find_organisations(book, rows, lines):
    claimed = defaultdict(list)
    for row, line in zip(rows, lines, strict=True):
        if row.kind == "organisation" and line["fate"] is not Fate.WRONG:
            _settle_values(book, row, line)
            if line["fate"] is not Fate.WRONG and (known := _find_organisation(book, row, line)) is not None:
                claimed[known.public_id].append((row, line, known))
    for claims in claimed.values():
        _share(book, claims)


def _point_to_parents(book, rows, lines, owners):
    """A parent is named by its key in the file; an organisation is compared again when it is known."""
    for row, line in zip(rows, lines, strict=True):
        if row.kind == "organisation" and "parent" in row.values:
            _point(row, "parent", owners)
            if line["record"] and line["fate"] is not Fate.WRONG:
                compare_organisation(row, line, book.organisations[line["record"]])


def _point(row, name, lines: dict[str, dict]) -> None:
    """A key of the file as `_pointed` gives it; nothing where the file has no such row."""
    line = lines.get(row.values[name])
    found = _pointed(row.values.pop(name), lines)
    if found and (line is None or line["content"] is not row):  # nobody is above themselves
        row.values[name] = found


def _pointed(key: str, lines: dict[str, dict]) -> str:
    """The public id of the record that a key of the file means, or `#` and the number of its row; "" where none."""
    line = lines.get(key)
    if line is not None:
        return "" if line["fate"] is Fate.WRONG else line["record"] or f"{NEW_ROW}{line['number']}"
    settled = key.startswith(NEW_ROW) or key in {each["record"] for each in lines.values()}
    return key if settled else ""


def _line(run, number, row) -> dict:
    return {"run": run.id, "number": number, "kind": KINDS[row.kind], "sheet": row.sheet, "row": row.row, "owner": None,
            "title": row.title, "fate": Fate.WRONG if row.problems else Fate.NEW, "record": "", "version": None,
            "content": row, "changes": {}, "question": "", "candidates": [], "decision": ""}


def _packed(line) -> dict:
    row = line["content"]
    problems = {"wrong": [asdict(each) for each in row.problems], "notes": [asdict(each) for each in row.notes]}
    content = {"values": row.values, "number": row.number, "key": row.key, "assured": row.assured}
    return {**line, "content": dumped(content),
            "changes": dumped(line["changes"]) if line["changes"] else "",
            "problems": dumped(problems) if row.problems or row.notes else "",
            "candidates": dumped(line["candidates"]) if line["candidates"] else ""}


def unpacked(stored: ImportRow) -> tuple[Row, dict]:
    """A stored row and its line, to be compared again."""
    given, problems = json.loads(stored.content), json.loads(stored.problems or "{}")
    row = Row(next(name for name, kind in KINDS.items() if kind is stored.kind), stored.sheet, stored.row,
              given["key"], stored.title, given["values"], given["number"], given["assured"],
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
        key = match_key(row) if row.kind == "organisation" else f"{row.key}|{row.number or fold(row.title)}|{row.kind}"
        before = first.setdefault(key, row)
        if before is not row:
            _wrong(line, "", later("the same stands in row %(row)s already."), row=before.row)


def match_key(row) -> str:
    return "|".join([row.values.get("ico", ""), fold(row.title), fold(row.values.get("city", ""))])


def _settle_values(book, row, line):
    """Regions by name or code, a municipality by its number."""
    _settle_places(book, row, line, {"region": "regions", "regions": "regions", "municipality": "municipalities"})
    if fold(row.values.get("description", "")) in book.kinds:  # HSDS wants a description: ours names the kind
        row.values.pop("description")
    town = book.towns.get(row.values.pop("municipality_code", ""))
    if town:
        row.values.setdefault("city", town.name)


def _settle_places(book, row, line, fields: dict[str, str]) -> None:
    """Names and codes of places as codes. What is not known is wrong, or in a foreign directory left out."""
    for name, kind in fields.items():
        given = row.values.pop(name, None)
        if not given:
            continue
        values = given if isinstance(given, list) else [given]
        codes = {each: book.codes[kind].get(fold(each).strip()) for each in values}
        for each in (each for each, code in codes.items() if code is None):
            if book.lenient:
                row.notes.append(Problem(row.sheet, row.row, name, later("“%(value)s” is not known."),
                                         {"value": each[:60]}))
            else:
                _wrong(line, name, later("“%(value)s” is not known."), value=each[:60])
        found = sorted({code for code in codes.values() if code})
        if found:
            row.values[name] = found if isinstance(given, list) else found[0]


# Which organisation

def _find_organisation(book, row, line) -> Known | None:
    """The organisation a row means; None where it is new, or where `line` now asks who it is."""
    remembered = (book.organisations.get(book.remembered.get(match_key(row)) or public_id_of(row.number))
                  or (book.by_slug.get(row.number) if row.number else None))
    if remembered:
        return remembered
    number, place = row.values.get("ico"), fold(row.values.get("city", ""))
    named = [known for known in book.by_name.get(fold(row.title), ())
             if not (number and known.values["ico"] and known.values["ico"] != number)]
    numbered = book.by_number.get(number, []) if number else []
    pool = [known for known in named if known in numbered] or numbered or named
    here = [known for known in pool if fold(known.values["city"]) == place]
    if numbered and len(pool) == 1 and not _stranger(pool[0], row):
        return pool[0]
    if len(here) == 1 and (not numbered or here[0] in named):
        return here[0]
    if pool:
        _ask(line, pool)
    return None


def _stranger(known, row) -> bool:
    """Whether a row says another name and another town: with the same company number it may be a branch, or a slip."""
    place, here = fold(row.values.get("city", "")), fold(known.values["city"])
    return fold(known.name) != fold(row.title) and bool(place and here) and place != here


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


def compare_again(row, line, known: Known) -> None:
    """Says what a row would change of the record that it was matched with, after a decision."""
    line.update(record=known.public_id, version=known.version)
    _compare(row, line, known)


def _compare(row, line, known):
    changes = {name: [known.values.get(name, ""), new] for name, new in _wanted(row, known).items()
               if name not in ONLY_OF_NEW and known.values.get(name, "") != new}
    held = set(changes) & known.confirmed
    if held and line["decision"] == OURS:
        changes = {name: pair for name, pair in changes.items() if name not in held}
        held = set()
    line["changes"] = changes
    line["question"] = CONFIRMED if held else "" if line["question"] == CONFIRMED else line["question"]
    undecided = held and line["decision"] != FILE
    line["fate"] = Fate.UNDECIDED if undecided else Fate.CHANGED if changes else Fate.UNCHANGED


def _wanted(row, known) -> dict[str, str]:
    """The fields that a row fills as text, as they would be in the book: sets grow, a target group changes its set."""
    values = text_values(row)
    for name in GROW & values.keys():
        values[name] = "\n".join(sorted({*filter(None, known.values.get(name, "").split("\n")),
                                         *values[name].split("\n")}))
    given = [name for name in GROUPS if name in values]
    if given:
        sets = {name: set(filter(None, known.values.get(name, "").split("\n"))) for name in GROUPS}
        for name in given:
            said = set(values[name].split("\n"))
            sets = {each: members | said if each == name else members - said for each, members in sets.items()}
        values |= {name: "\n".join(sorted(members)) for name, members in sets.items()}
    return values


def text_values(row: Row) -> dict[str, str]:
    """The fields that a row fills, as history keeps them."""
    sets = records.SETS.get(MODELS[KINDS[row.kind]], {})
    return {name: sets[name].text(sets[name].clean(value)) if name in sets else str(value)
            for name, value in row.values.items()}


# Sites, people, services

def compare_owned(book, owner: dict | None, pairs) -> None:
    """Says what becomes of the sites, people and services of one organisation; `pairs` are rows and lines."""
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
            _find(book, known, row, line, taken)
    _settle_owned(book, known, pairs)


def _find(book, owner, row, line, taken):
    found = _find_owned(book.mine(owner, row.kind), row, taken)
    if found is None:
        line.update(fate=Fate.NEW, record="", changes={}, version=None)
        return
    taken.add(found.public_id)
    line.update(record=found.public_id, version=found.version, fate=Fate.UNCHANGED)


def _settle_owned(book, owner, pairs):
    """Places and pointers of rows whose records are known now, and what they would change."""
    by_number = {kind: {row.number: line for row, line in pairs if row.kind == kind}
                 for kind in ("contact", "location")}
    for row, line in pairs:
        if line["fate"] not in {Fate.NEW, Fate.UNCHANGED} or line["decision"] == SKIP:
            continue
        _settle_places(book, row, line, {"regions": "regions", "districts": "districts", "district": "districts",
                                         "municipalities": "municipalities"})
        if "deputy" in row.values:
            _point(row, "deputy", by_number["contact"])
        if "locations" in row.values:
            _point_to_sites(row, by_number["location"])
        if line["record"] and line["fate"] is not Fate.WRONG:
            known = next(each for each in book.mine(owner, row.kind) if each.public_id == line["record"])
            _compare(row, line, known)


def _point_to_sites(row, lines):
    found = {_pointed(each, lines) for each in row.values.pop("locations")} - {""}
    if found:
        row.values["locations"] = sorted(found)


def _find_owned(all_known, row, taken) -> Known | None:
    free = [known for known in all_known if known.public_id not in taken]
    if row.number:
        for known in free:
            same = known.public_id in {row.number, public_id_of(row.number)} or known.slug == row.number
            if same or (known.slug and known.slug.endswith(f"-{row.number}")):
                return known
    named = [known for known in free if fold(known.name) == fold(row.title)
             and not (row.number and known.slug.startswith(("rpss-", "hsds-")))]
    return named[0] if named else None


def columns_of_new(row: Row) -> dict:
    """Values of a new record as text; an organisation of which no file says what it is has the kind its name tells."""
    values = text_values(row)
    if row.kind == "organisation" and "kind" not in values:
        values["kind"] = kind_of(row.title)
    return values
