"""Human Services Data Specification, an Open Referral resource (https://openreferral.org/), CC BY-SA 4.0.

Versions 3.0 and 3.1 as JSON (one organisation or service, a list, or a page with `contents`) and as a package of CSV
files; and the older names that publishers still send: `regular_schedules`, `postal_addresses`, `physical_addresses`,
`services_at_location`, `url` for `website`; ids that are blank, a status that is missing. Opening hours, contact
persons and funding are not taken: the book has no place for them that an import may fill.
"""
import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import ijson

from importers.limits import MOST_ROWS, check_package
from importers.rows import Row, as_cell
from importers.tables import Wrong, later
from models import Area, Need

OVER = {"inactive", "defunct"}
ALIASES = {"organization": "organizations", "service": "services", "location": "locations", "phone": "phones",
           "postal_addresses": "addresses", "physical_addresses": "addresses", "address": "addresses",
           "services_at_location": "service_at_location", "services_at_locations": "service_at_location",
           "service_at_locations": "service_at_location", "regular_schedules": "schedules",
           "service_capacity": "service_capacities", "cost_option": "cost_options", "language": "languages",
           "attribute": "attributes", "taxonomy_term": "taxonomy_terms",
           "organization_identifier": "organization_identifiers"}
TABLES = ("organizations", "services", "locations", "addresses", "phones", "service_at_location", "languages",
          "service_areas", "service_capacities", "organization_identifiers", "attributes", "taxonomy_terms")
COMPANY_NUMBER = re.compile(r"ico|iČo|company|cz-ico|cz-res", re.IGNORECASE)


def rows(path: Path, name: str) -> Iterator[Row]:
    """Organisations and services of a JSON file, a ZIP of CSV files or a folder of them. Raises Wrong."""
    if path.is_dir():
        yield from _of_tables({each.stem: each.read_bytes() for each in sorted(path.glob("*.csv"))})
    elif zipfile.is_zipfile(path):
        with check_package(path) as package:
            yield from _of_tables(_parts(package))
    elif path.open("rb").read(4) == b"PK\x03\x04":
        raise Wrong(later("it is damaged or it is not a package of this kind."))
    else:
        yield from _of_json(path, name)


# JSON

def _of_json(path, name):
    seen, number = {}, 0  # organisations by their key
    for number, item in enumerate(_items(path), start=1):
        if number > MOST_ROWS:
            raise Wrong(later("it has more than %(most)s rows."), most=MOST_ROWS)
        yield from _item(name, number, item, seen)
    if number == 0:
        raise Wrong(later("it has no organisation and no service in the shape of HSDS."))


def _items(path):
    """Objects of a list, of a page's `contents`, or the one object itself; each is held alone."""
    with path.open("rb") as file:
        start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        mark = 3 if file.seek(0) == 0 and file.read(3) == b"\xef\xbb\xbf" else 0
        try:
            for prefix in _prefixes(start):
                file.seek(mark)
                yield from ijson.items(file, prefix, use_float=True)
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Wrong(later("it is not valid JSON after item %(row)s (%(error)s)."), row=0,
                        error=str(error).split("\n")[0][:80]) from error


def _prefixes(start: bytes) -> tuple[str, ...]:
    """Where the objects are: in a list, in a page, in two lists of a whole directory, or it is one object."""
    if start.startswith(b"["):
        return ("item",)
    if b'"organizations"' in start:
        return "organizations.item", "services.item"
    return ("contents.item",) if b'"contents"' in start else ("",)


def _item(name, number, item, seen):
    if not isinstance(item, dict) or "location_type" in item or "service_id" in item or "taxonomy" in item:
        row = Row("organisation", name, number, "")
        row.wrong("", later("an object of HSDS belongs here."))
        yield row
    elif isinstance(item.get("organization"), dict) or "organization_id" in item or "status" in item:
        yield from _service_with_owner(name, number, item, seen)
    else:
        owner = _organisation(name, number, item, as_cell(item.get("id")) or f"{number}")
        seen[owner.key] = owner
        yield owner
        for service in _dicts(item.get("services")):
            yield from _kept(_service(name, number, service, owner))


def _service_with_owner(name, number, item, seen):
    given = item.get("organization") if isinstance(item.get("organization"), dict) else {}
    key = as_cell(given.get("id") or item.get("organization_id")) or as_cell(given.get("name")) or f"{number}"
    if key not in seen:
        seen[key] = _organisation(name, number, given, key)
        _locate(seen[key], [each.get("location") for each in _dicts(item.get("service_at_locations"))])
        yield seen[key]
    yield from _kept(_service(name, number, item, seen[key]))


def _kept(row):
    return [] if row is None else [row]


def _dicts(value) -> list[dict]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


# One organisation or service; the tables below are made into the same nested shape

def _organisation(sheet, number, given, key) -> Row:
    row = Row("organisation", sheet, number, key, number=as_cell(given.get("id")))
    row.take("name", given.get("name"))
    for field, columns in (("short_name", ("alternate_name",)), ("description", ("description",)),
                           ("email", ("email",)), ("web", ("website", "url")), ("legal_form", ("legal_status",))):
        column = next((each for each in columns if given.get(each)), columns[0])
        row.take(field, given.get(column), column, forgiving=True)
    _take_company_number(row, given)
    _locate(row, given.get("locations"))
    phones = _dicts(given.get("phones"))
    row.take("phone", as_cell(phones[0].get("number")).strip('"') if phones else "", "phones.number", forgiving=True)
    _take_own(row, given, {"organisation kind": "kind"})
    row.title = row.values.get("name", "")
    if not row.title and not row.problems:
        row.wrong("name", later("it must not be empty."))
    return row


def _take_company_number(row, given):
    known = [each for each in _dicts(given.get("organization_identifiers"))
             if COMPANY_NUMBER.search(as_cell(each.get("identifier_type")) + as_cell(each.get("identifier_scheme")))]
    number = as_cell(known[0].get("identifier")) if known else as_cell(given.get("tax_id"))
    row.take("ico", number, "organization_identifiers.identifier" if known else "tax_id", forgiving=True)
    boxes = [each for each in _dicts(given.get("organization_identifiers"))
             if "schr" in as_cell(each.get("identifier_scheme")).lower()]
    row.take("data_box", boxes[0].get("identifier") if boxes else "", "organization_identifiers", forgiving=True)


def _locate(row, locations):
    """The address: of the first place that has one."""
    for place in _dicts(locations):
        addresses = [*_dicts(place.get("addresses")), *_dicts(place.get("physical_addresses")),
                     *_dicts(place.get("postal_addresses"))]
        if addresses and "city" not in row.values:
            for field, column in (("street", "address_1"), ("city", "city"), ("postal_code", "postal_code"),
                                  ("region", "state_province"), ("district", "region")):
                row.take(field, addresses[0].get(column), f"addresses.{column}", forgiving=True)
            return


def _service(sheet, number, given, owner) -> Row | None:
    """None for a service that has ended; a missing status means that it has not."""
    if as_cell(given.get("status")).lower() in OVER:
        return None
    row = Row("service", sheet, number, owner.key, number=as_cell(given.get("id")))
    row.take("name", given.get("name"))
    conditions = [as_cell(given.get(name)) for name in ("eligibility_description", "application_process")]
    row.take("conditions", "\n\n".join(filter(None, conditions)), "eligibility_description", forgiving=True)
    for field, column in (("for_whom", "description"), ("cost", "fees_description")):
        row.take(field, given.get(column), column, forgiving=True)
    regions = [as_cell(each.get("extent") or each.get("name")) for each in _dicts(given.get("service_areas"))]
    row.take("regions", ";".join(filter(None, regions)), "service_areas", forgiving=True)
    codes = [as_cell(each.get("code")) for each in _dicts(given.get("languages"))]
    row.take("languages", ";".join(filter(None, codes)), "languages.code", forgiving=True)
    _take_capacity(row, given)
    _take_terms(row, given)
    row.title = row.values.get("name", "")
    if not row.title and not row.problems:
        row.wrong("name", later("it must not be empty."))
    return row


def _take_capacity(row, given):
    capacities = _dicts(given.get("capacities")) or _dicts(given.get("service_capacities"))
    if capacities:
        row.take("places_total", capacities[0].get("maximum"), "capacities.maximum", forgiving=True)
        row.take("places_free", capacities[0].get("available"), "capacities.available", forgiving=True)


def _take_terms(row, given):
    """Areas and needs where the publisher uses our words for them, and what our own export has no other place for."""
    for field, enum in (("areas", Area), ("needs", Need)):
        known = {member.value for member in enum}
        found = [code for code, _kind, _value in _terms(given) if code in known]
        if found:
            row.values[field] = list(dict.fromkeys(found))
    _take_own(row, given, {"form": "form", "easy language": "plain", "not for whom": "not_for_whom",
                           "free places": "places_free"})


def _take_own(row, given, fields):
    for _code, kind, value in _terms(given):
        if kind in fields:
            row.take(fields[kind], value, "attributes", forgiving=True)


def _terms(given) -> list[tuple[str, str, str]]:
    """(code, link type, value) of the attributes."""
    found = []
    for each in _dicts(given.get("attributes")):
        term = each.get("taxonomy_term") if isinstance(each.get("taxonomy_term"), dict) else {}
        found.append((as_cell(term.get("code") or term.get("name")), as_cell(each.get("link_type")),
                      as_cell(each.get("value"))))
    return found


# CSV files

def _parts(package) -> dict[str, bytes]:
    try:
        return {Path(part.filename).stem: package.read(part) for part in package.infolist()
                if part.filename.endswith(".csv")}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise Wrong(later("it is damaged or it is not a package of this kind.")) from error


def _of_tables(files: dict[str, bytes]):
    tables = defaultdict(list)
    for stem, content in files.items():
        name = ALIASES.get(stem, stem)
        if name in TABLES:
            tables[name] += _table(stem, content)
    if not tables["organizations"] and not tables["services"]:
        raise Wrong(later("it has no organizations.csv with rows."))
    yield from _joined(tables)


def _table(stem, content) -> list[dict]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1250", errors="replace")
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), strict=False)
    csv.field_size_limit(1_000_000)
    try:
        header = [cell.strip() for cell in next(reader, [])][:200]
        rows = []
        for cells in reader:
            if len(rows) > 5 * MOST_ROWS:
                raise Wrong(later("file %(file)s: it has more than %(most)s rows."), file=f"{stem}.csv",
                            most=5 * MOST_ROWS)
            if any(cells):
                rows.append({"_row": reader.line_num, "_file": f"{stem}.csv",
                             **dict(zip(header, cells, strict=False))})
        return rows
    except csv.Error as error:
        raise Wrong(later("file %(file)s, row %(row)s: it cannot be read as CSV (%(error)s)."), file=f"{stem}.csv",
                    row=reader.line_num, error=str(error)[:100]) from error


def _joined(tables):
    if len(tables["organizations"]) > MOST_ROWS:
        raise Wrong(later("it has more than %(most)s rows."), most=MOST_ROWS)
    nested = _nested(tables)
    owners = {}
    for number, given in enumerate(tables["organizations"]):
        key = given.get("id") or f"{number}"
        given.update({name: nested[name, "organization_id"].get(given.get("id"), [])
                      for name in ("phones", "organization_identifiers")})
        given["locations"] = nested["locations", "organization_id"].get(given.get("id")) or [
            place for service in nested["services", "organization_id"].get(given.get("id"), ())
            for place in nested["places", "service_id"].get(service.get("id"), ())]
        given["attributes"] = nested["attributes", "link_id"].get(given.get("id"), [])
        owners[key] = _organisation(given["_file"], given["_row"], given, key)
        yield owners[key]
    for given in tables["services"]:
        yield from _kept(_service_of_tables(given, owners, nested))


def _service_of_tables(given, owners, nested):
    number = given.get("id")
    given.update({name: nested[name, "service_id"].get(number, [])
                  for name in ("languages", "service_capacities", "service_areas")})
    given["attributes"] = nested["attributes", "link_id"].get(number, [])
    owner = owners.get(given.get("organization_id"))
    row = _service(given["_file"], given["_row"], given, owner or Row("organisation", "", None, ""))
    if row is not None and owner is None:
        row.wrong("organization_id", later("“%(value)s” is not known."),
                  value=as_cell(given.get("organization_id"))[:60])
    return row


def _nested(tables) -> dict:
    """`{(table, column): {value: rows}}` of what hangs on organisations, services and places."""
    found = {}
    for name, column in (("locations", "organization_id"), ("locations", "id"), ("addresses", "location_id"),
                         ("phones", "organization_id"), ("organization_identifiers", "organization_id"),
                         ("services", "organization_id"), ("languages", "service_id"),
                         ("service_capacities", "service_id"), ("service_areas", "service_id"),
                         ("attributes", "link_id"), ("taxonomy_terms", "id")):
        found[name, column] = _grouped(tables[name], column)
    for place in tables["locations"]:
        place["addresses"] = found["addresses", "location_id"].get(place.get("id"), [])
    for each in tables["attributes"]:
        each["taxonomy_term"] = (found["taxonomy_terms", "id"].get(each.get("taxonomy_term_id")) or [{}])[0]
    places = [{**place, "service_id": each.get("service_id")} for each in tables["service_at_location"]
              for place in found["locations", "id"].get(each.get("location_id"), ())]
    return {**found, ("places", "service_id"): _grouped(places, "service_id")}


def _grouped(rows, column) -> dict:
    found = defaultdict(list)
    for row in rows:
        if row.get(column):
            found[row[column]].append(row)
    return found
