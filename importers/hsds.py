"""Human Services Data Specification, an Open Referral resource (https://openreferral.org/), CC BY-SA 4.0.

Versions 3.0 and 3.1 as JSON (one organisation or service, a list, or a page with `contents`) and as a package of CSV
files; and the older names that publishers still send: `regular_schedules`, `postal_addresses`, `physical_addresses`,
`services_at_location`, `url` for `website`; ids that are blank, a status that is missing. The first place with an
address is where an organisation sits, the others are sites. What our own export keeps in attributes comes back.
"""
import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ijson

from exporters.cells import plain
from importers.limits import MOST_ROWS, check_package
from importers.rows import Row, as_cell
from importers.tables import Wrong, later
from models import Area, Need, TargetGroup

OVER = {"inactive", "defunct"}
ALIASES = {"organization": "organizations", "service": "services", "location": "locations", "phone": "phones",
           "postal_addresses": "addresses", "physical_addresses": "addresses", "address": "addresses",
           "services_at_location": "service_at_location", "services_at_locations": "service_at_location",
           "service_at_locations": "service_at_location", "regular_schedules": "schedules", "schedule": "schedules",
           "regular_schedule": "schedules", "contact": "contacts", "fundings": "funding",
           "service_capacity": "service_capacities", "cost_option": "cost_options", "language": "languages",
           "attribute": "attributes", "taxonomy_term": "taxonomy_terms",
           "organization_identifier": "organization_identifiers"}
OLDER = {"services_at_location": "service_at_locations", "services_at_locations": "service_at_locations",
         "service_at_location": "service_at_locations", "regular_schedules": "schedules"}  # inside of JSON
TABLES = ("organizations", "services", "locations", "addresses", "phones", "contacts", "schedules", "funding",
          "service_at_location", "languages", "service_areas", "service_capacities", "organization_identifiers",
          "attributes", "taxonomy_terms")
DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), ("po", "út", "st", "čt", "pá", "so", "ne"), strict=True))
# link types of attributes of our own export, and the fields they are
OWN_ORGANISATION = {"organisation kind": "kind", "street": "street", "city": "city", "postal code": "postal_code",
                    "district": "district", "region": "region", "municipality": "municipality"}
OWN_SITE = {"secret address": "secret", "street": "street", "city": "city", "postal code": "postal_code",
            "district": "district"}
OWN_CONTACT = {"topics": "topics", "days": "days"}
OWN_SERVICE = {"form": "form", "easy language": "plain", "not for whom": "not_for_whom",
               "before release": "before_release", "after release": "after_release", "capacity": "capacity_state",
               "places in all": "places_total", "free places": "places_free", "people waiting": "waiting",
               "places on": "places_on", "ended on": "ended_on"}
OWN_SETS = {"for_groups": TargetGroup, "not_groups": TargetGroup, "never_groups": TargetGroup, "areas": Area,
            "needs": Need}
OTHER_OBJECTS = {"location_type", "service_id", "taxonomy", "version"}  # what only objects of other kinds have
AREA_KINDS = {"lau1": "districts", "orp": "municipalities"}  # all others are regions
COMPANY_NUMBER = re.compile(r"ico|iČo|company|cz-ico|cz-res", re.IGNORECASE)


def rows(path: Path, name: str) -> Iterator[Row]:
    """Organisations and services of a JSON file, a ZIP of CSV files, or a folder of either. Raises Wrong."""
    if path.is_dir() and not any(path.glob("*.csv")) and any(path.glob("*.json")):
        yield from _of_json_files(sorted(path.glob("*.json")))
    elif path.is_dir():
        yield from _of_tables({each.stem: each.read_bytes() for each in sorted(path.glob("*.csv"))})
    elif zipfile.is_zipfile(path):
        with check_package(path) as package:
            yield from _of_tables(_parts(package))
    elif path.open("rb").read(4) == b"PK\x03\x04":
        raise Wrong(later("it is damaged or it is not a package of this kind."))
    else:
        yield from _of_json(path, name, {})


# JSON

def _of_json_files(paths):
    """What stands in several files comes from the first; objects of other kinds stand in such a folder by right."""
    seen, given = {}, set()
    for path in paths:
        here = [row for row in _of_json(path, path.name, seen, OTHER_OBJECTS)
                if (row.kind, row.key, row.number or row.title) not in given]
        given |= {(row.kind, row.key, row.number or row.title) for row in here}
        yield from here


def _of_json(path, name, seen, passed_over=frozenset()):
    """`seen`: organisations by their key; objects with one of the names in `passed_over` are left out."""
    number = 0
    for number, item in enumerate(_items(path), start=1):
        if number > MOST_ROWS:
            raise Wrong(later("it has more than %(most)s rows."), most=MOST_ROWS)
        if not (isinstance(item, dict) and passed_over & item.keys()):
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
    item = _named_as_now(item)
    if isinstance(item, dict) and isinstance(item.get("service"), dict):  # a service at a location
        item = {**item["service"], "service_at_locations": [item]}
    if not isinstance(item, dict) or OTHER_OBJECTS & item.keys():
        row = Row("organisation", name, number, "")
        row.wrong("", later("an object of HSDS belongs here."))
        yield row
    elif isinstance(item.get("organization"), dict) or "organization_id" in item or "status" in item:
        yield from _service_with_owner(name, number, item, seen)
    else:
        owner = _organisation(name, number, item, as_cell(item.get("id")) or f"{number}")
        seen[owner.key] = owner
        yield owner
        yield from _owned(name, number, item, owner, seen)
        hours = {as_cell(each.get("id")): _schedules(each) for each in _dicts(item.get("locations")) if each.get("id")}
        for service in _dicts(item.get("services")):
            service["service_at_locations"] = _with_hours(service.get("service_at_locations"), hours)
            yield from _service_rows(name, number, service, owner, seen)


def _named_as_now(given):
    """What an object says under the older names, under the present ones, in all its depth."""
    if isinstance(given, list):
        return [_named_as_now(each) for each in given]
    if not isinstance(given, dict):
        return given
    return {name if OLDER.get(name, name) in given else OLDER[name]: _named_as_now(value)
            for name, value in given.items()}


def _service_with_owner(name, number, item, seen):
    given = item.get("organization") if isinstance(item.get("organization"), dict) else {}
    key = as_cell(given.get("id") or item.get("organization_id")) or as_cell(given.get("name")) or f"{number}"
    if key not in seen:
        seen[key] = _organisation(name, number, given, key)
        places = [each.get("location") for each in _dicts(item.get("service_at_locations"))]
        _locate(seen[key], places)
        yield seen[key]
        yield from _owned(name, number, given, seen[key], seen)
    yield from _service_rows(name, number, item, seen[key], seen)


def _service_rows(sheet, number, given, owner, seen):
    """A service after the people and sites that hang on it."""
    places = [each["location"] for each in _dicts(given.get("service_at_locations"))
              if isinstance(each.get("location"), dict)]
    service = _service(sheet, number, given, owner)
    if service is not None:
        yield from _owned(sheet, number, {"contacts": given.get("contacts"), "locations": places}, owner, seen)
        yield service


def _owned(sheet, number, given, owner, seen):
    """Sites and people of an organisation, each once."""
    for kind, rows in (("location", _sites(sheet, number, given, owner)),
                       ("contact", _people(sheet, number, given, owner))):
        for row in rows:
            if row.title and (owner.key, kind, row.number) not in seen:
                seen[owner.key, kind, row.number] = row
                yield row


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
    _take_own(row, given, OWN_ORGANISATION)
    works_in = [value for _code, kind, value in _terms(given) if kind == "works in"]
    row.take("regions", ";".join(works_in), "attributes", forgiving=True)
    row.take("parent", given.get("parent_organization_id"), "parent_organization_id", forgiving=True)
    row.take("funding", _funding(given), "funding", forgiving=True)
    row.title = row.values.get("name", "")
    if not row.title and not row.problems:
        row.wrong("name", later("it must not be empty."))
    return row


def _funding(given) -> str:
    return "\n".join(filter(None, (as_cell(each.get("source")) for each in _dicts(given.get("funding")))))


def _take_company_number(row, given):
    known = [each for each in _dicts(given.get("organization_identifiers"))
             if COMPANY_NUMBER.search(as_cell(each.get("identifier_type")) + as_cell(each.get("identifier_scheme")))]
    number = as_cell(known[0].get("identifier")) if known else as_cell(given.get("tax_id"))
    row.take("ico", number, "organization_identifiers.identifier" if known else "tax_id", forgiving=True)
    boxes = [each for each in _dicts(given.get("organization_identifiers"))
             if "schr" in as_cell(each.get("identifier_scheme")).lower()]
    row.take("data_box", boxes[0].get("identifier") if boxes else "", "organization_identifiers", forgiving=True)


def _locate(row, locations) -> None:
    """The address: of the first place that has one and that our own export does not call a site."""
    seat = _seat(locations)
    if seat and "city" not in row.values:
        _take_address(row, seat, ("region", "state_province"), ("district", "region"))


def _seat(locations) -> dict | None:
    return next((place for place in _dicts(locations) if _addresses(place) and not _is_site(place)), None)


def _is_site(place) -> bool:
    return any(kind == "site" for _code, kind, _value in _terms(place))


def _addresses(place) -> list[dict]:
    return [*_dicts(place.get("addresses")), *_dicts(place.get("physical_addresses")),
            *_dicts(place.get("postal_addresses"))]


def _take_address(row, place, *more):
    for address in _addresses(place)[:1]:
        for field, column in (("street", "address_1"), ("city", "city"), ("postal_code", "postal_code"), *more):
            row.take(field, address.get(column), f"addresses.{column}", forgiving=True)


def _sites(sheet, number, given, owner):
    """Places beside the seat. Of a secret one the address is not read at all."""
    seat = _seat(given.get("locations")) if "name" in given else None
    for place in _dicts(given.get("locations")):
        if place is seat or (as_cell(place.get("name")) in {"", owner.title} and not _is_site(place)):
            continue
        row = Row("location", sheet, number, owner.key, number=as_cell(place.get("id")) or as_cell(place.get("name")))
        row.take("name", place.get("name"), "locations.name", forgiving=True)
        row.take("access", place.get("transportation"), "locations.transportation", forgiving=True)
        _take_own(row, place, OWN_SITE)
        if "secret" not in row.values:
            _take_address(row, place, *(() if "district" in row.values else (("district", "region"),)))
        row.title = row.values.get("name", "")
        yield row


def _people(sheet, number, given, owner):
    """Contact persons; one without a name goes by the post, the department or the address."""
    for each in _dicts(given.get("contacts")):
        called = next((as_cell(each.get(name)) for name in ("name", "title", "department", "email")
                       if as_cell(each.get(name))), "")
        row = Row("contact", sheet, number, owner.key, number=as_cell(each.get("id")) or called)
        row.take("name", called, "contacts.name", forgiving=True)
        post = ", ".join(filter(None, (as_cell(each.get(name)) for name in ("title", "department"))))
        row.take("post", post, "contacts.title", forgiving=True)
        row.take("email", each.get("email"), "contacts.email", forgiving=True)
        phones = _dicts(each.get("phones"))
        row.take("phone", as_cell(phones[0].get("number")) if phones else "", "contacts.phones", forgiving=True)
        _take_own(row, each, OWN_CONTACT)
        deputy = [value for _code, kind, value in _terms(each) if kind == "deputy"]
        row.take("deputy", deputy[0] if deputy else "", "attributes", forgiving=True)
        row.title = row.values.get("name", "")
        yield row


def _service(sheet, number, given, owner) -> Row | None:
    """None for a service that has ended without our saying when; a missing status means that it has not."""
    ended = [value for _code, kind, value in _terms(given) if kind == "ended on"]
    if as_cell(given.get("status")).lower() in OVER and not ended:
        return None
    row = Row("service", sheet, number, owner.key, number=as_cell(given.get("id")))
    row.take("name", given.get("name"))
    conditions = [as_cell(given.get(name)) for name in ("eligibility_description", "application_process")]
    row.take("conditions", "\n\n".join(filter(None, conditions)), "eligibility_description", forgiving=True)
    for field, column in (("for_whom", "description"), ("cost", "fees_description")):
        row.take(field, given.get(column), column, forgiving=True)
    _take_areas(row, given)
    codes = [as_cell(each.get("code") or each.get("name") or each.get("language"))
             for each in _dicts(given.get("languages"))]
    row.take("languages", ";".join(filter(None, codes)), "languages.code", forgiving=True)
    row.take("hours", _hours(given), "schedules", forgiving=True)
    row.take("funding", _funding(given), "funding", forgiving=True)
    sites = [as_cell(each.get("location_id")) or as_cell((each.get("location") or {}).get("id"))
             for each in _dicts(given.get("service_at_locations"))]
    row.take("locations", ";".join(filter(None, sites)), "service_at_locations", forgiving=True)
    row.assured = _day(given.get("assured_date"))
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


def _take_areas(row, given):
    found = defaultdict(list)
    for each in _dicts(given.get("service_areas")):
        found[AREA_KINDS.get(as_cell(each.get("extent_type")), "regions")].append(
            as_cell(each.get("extent") or each.get("name")))
    for field, places in found.items():
        row.take(field, ";".join(filter(None, places)), "service_areas", forgiving=True)


def _with_hours(places, hours) -> list[dict]:
    """Places of a service that only names them by id, each with the schedules of that place from `{id: schedules}`."""
    return [{**each, "location_schedules": hours.get(as_cell(each.get("location_id")), [])} for each in _dicts(places)]


def _hours(given) -> str:
    """Opening hours in lines: as they are described, or days and times; those of its places where it has none."""
    places = _dicts(given.get("service_at_locations"))
    all_of = [each for one in (given, *places) for each in _schedules(one)] or [
        each for place in places
        for each in [*_schedules(place.get("location")), *_dicts(place.get("location_schedules"))]]
    return "\n".join(dict.fromkeys(filter(None, map(_opening, all_of))))


def _schedules(given) -> list[dict]:
    given = given if isinstance(given, dict) else {}
    return _dicts(given.get("schedules")) + _dicts(given.get("regular_schedules"))


def _opening(each) -> str:
    if as_cell(each.get("description")):
        return as_cell(each.get("description"))
    days = [DAYS.get(day.strip()[-2:].upper(), "") for day in as_cell(each.get("byday")).split(",")]
    weekday = as_cell(each.get("weekday")).lower()
    number = int(weekday) if weekday in {*"1234567"} else 0
    days += [list(DAYS.values())[number - 1] if number else DAYS.get(weekday[:2].upper(), "")]
    times = [as_cell(each.get(name))[:5].lstrip("0") for name in ("opens_at", "closes_at")]
    said = [", ".join(filter(None, days)), "–".join(times) if all(times) else "", as_cell(each.get("notes"))]
    return " ".join(filter(None, said)) if said[1] else ""


def _day(given) -> str:
    try:
        return date.fromisoformat(as_cell(given)[:10]).isoformat()
    except ValueError:
        return ""


def _take_terms(row, given):
    """Sets where the publisher uses our words for them, and what our own export has no other place for."""
    for field, enum in OWN_SETS.items():
        known = {member.value for member in enum}
        found = [code for code, kind, _value in _terms(given) if code in known
                 and (kind == field or (field in {"areas", "needs"} and kind not in OWN_SETS))]
        if found:
            row.values[field] = list(dict.fromkeys(found))
    _take_own(row, given, OWN_SERVICE)
    entry = [value for _code, kind, value in _terms(given) if kind == "entry condition"]
    row.take("entry", "\n".join(entry), "attributes", forgiving=True)


def _take_own(row, given, fields):
    for _code, kind, value in _terms(given):
        if kind in fields:
            row.take(fields[kind], value, "attributes", forgiving=True)


def _terms(given) -> list[tuple[str, str, str]]:
    """(code, link type, value) of the attributes."""
    found = []
    for each in _dicts(given.get("attributes")):
        term = each.get("taxonomy_term") if isinstance(each.get("taxonomy_term"), dict) else {}
        code = as_cell(term.get("code") or term.get("name")).removeprefix("groups:")
        found.append((code, as_cell(each.get("link_type")),
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
                             **dict(zip(header, map(plain, cells), strict=False))})
        return rows
    except csv.Error as error:
        raise Wrong(later("file %(file)s, row %(row)s: it cannot be read as CSV (%(error)s)."), file=f"{stem}.csv",
                    row=reader.line_num, error=str(error)[:100]) from error


def _joined(tables):
    if len(tables["organizations"]) > MOST_ROWS:
        raise Wrong(later("it has more than %(most)s rows."), most=MOST_ROWS)
    nested, owners, seen = _nested(tables), {}, {}
    for number, given in enumerate(tables["organizations"]):
        key = given.get("id") or f"{number}"
        given.update({name: nested[name, "organization_id"].get(given.get("id"), [])
                      for name in ("phones", "organization_identifiers", "contacts", "funding")})
        given["locations"] = nested["locations", "organization_id"].get(given.get("id")) or [
            place for service in nested["services", "organization_id"].get(given.get("id"), ())
            for place in nested["places", "service_id"].get(service.get("id"), ())]
        given["attributes"] = nested["attributes", "link_id"].get(given.get("id"), [])
        owners[key] = _organisation(given["_file"], given["_row"], given, key)
        yield owners[key]
        yield from _owned(given["_file"], given["_row"], given, owners[key], seen)
    for given in tables["services"]:
        yield from _service_of_tables(given, owners, nested, seen)


def _service_of_tables(given, owners, nested, seen):
    number = given.get("id")
    given.update({name: nested[name, "service_id"].get(number, [])
                  for name in ("languages", "service_capacities", "service_areas", "schedules", "funding", "contacts")})
    given["service_at_locations"] = _with_hours(nested["service_at_location", "service_id"].get(number),
                                               nested["schedules", "location_id"])
    given["attributes"] = nested["attributes", "link_id"].get(number, [])
    owner = owners.get(given.get("organization_id"))
    if owner is not None:
        yield from _service_rows(given["_file"], given["_row"], given, owner, seen)
    elif row := _service(given["_file"], given["_row"], given, Row("organisation", "", None, "")):
        row.wrong("organization_id", later("“%(value)s” is not known."),
                  value=as_cell(given.get("organization_id"))[:60])
        yield row


def _nested(tables) -> dict:
    """`{(table, column): {value: rows}}` of what hangs on organisations, services, people and places."""
    found = {}
    for name, column in (("locations", "organization_id"), ("locations", "id"), ("addresses", "location_id"),
                         ("phones", "organization_id"), ("phones", "contact_id"),
                         ("organization_identifiers", "organization_id"), ("contacts", "organization_id"),
                         ("contacts", "service_id"), ("funding", "organization_id"), ("funding", "service_id"),
                         ("schedules", "service_id"), ("schedules", "service_at_location_id"),
                         ("schedules", "location_id"),
                         ("services", "organization_id"), ("service_at_location", "service_id"),
                         ("languages", "service_id"), ("service_capacities", "service_id"),
                         ("service_areas", "service_id"), ("attributes", "link_id"), ("taxonomy_terms", "id")):
        found[name, column] = _grouped(tables[name], column)
    for each in tables["attributes"]:
        each["taxonomy_term"] = (found["taxonomy_terms", "id"].get(each.get("taxonomy_term_id")) or [{}])[0]
    for name in ("locations", "contacts"):
        for each in tables[name]:
            each["attributes"] = found["attributes", "link_id"].get(each.get("id"), [])
    for place in tables["locations"]:
        place["addresses"] = found["addresses", "location_id"].get(place.get("id"), [])
    for person in tables["contacts"]:
        person["phones"] = found["phones", "contact_id"].get(person.get("id"), [])
    for each in tables["service_at_location"]:
        each["schedules"] = found["schedules", "service_at_location_id"].get(each.get("id"), [])
    places = [{**place, "service_id": each.get("service_id")} for each in tables["service_at_location"]
              for place in found["locations", "id"].get(each.get("location_id"), ())]
    return {**found, ("places", "service_id"): _grouped(places, "service_id")}


def _grouped(rows, column) -> dict:
    found = defaultdict(list)
    for row in rows:
        if row.get(column):
            found[row[column]].append(row)
    return found
