"""What the standard's tabular package (HSDS 3.0) asks of the rows of each table, and what is wrong with a package."""
import csv
import io
import json
import re
import uuid
import zipfile
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

# columns that must have a value, beside `id`, which is a UUID and unique in every table
REQUIRED = {
    "organization": "name description", "service": "organization_id name status",
    "attribute": "link_id taxonomy_term_id link_entity", "service_at_location": "service_id location_id",
    "location": "location_type", "phone": "number", "contact": "",
    "address": "address_1 city state_province postal_code country address_type", "schedule": "", "funding": "",
    "service_area": "", "language": "", "taxonomy_term": "name description",
    "organization_identifier": "organization_id identifier_type identifier", "taxonomy": "name description"}
PLACES = ["physical", "postal", "virtual"]
ENUMS = {("service", "status"): ["active", "inactive", "defunct", "temporarily closed"],
         ("location", "location_type"): PLACES, ("address", "address_type"): PLACES,
         ("schedule", "wkst"): ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], ("schedule", "freq"): ["WEEKLY", "MONTHLY"]}
UNIQUE = {("taxonomy_term", "code")}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
FORMATS = {"uuid": uuid.UUID, "date": date.fromisoformat, "number": float, "email": ADDRESS.fullmatch,
           "uri": lambda text: urlsplit(text).scheme and urlsplit(text).netloc}
FORMAT_OF = {"website": "uri", "url": "uri", "uri": "uri", "email": "email", "assured_date": "date"}


def own_rules() -> dict:
    """The rules above in the shape of `published_rules`."""
    return {table: {"required": sorted({"id", *columns.split()}), "enums": {
        column: values for (owner, column), values in ENUMS.items() if owner == table},
        "unique": sorted({"id"} | {column for owner, column in UNIQUE if owner == table})}
        for table, columns in REQUIRED.items()}


def published_rules(path) -> dict:
    """The same out of the published datapackage.json."""
    found = {}
    for each in json.loads(path.read_text())["resources"]:
        fields = {field["name"]: field.get("constraints", {}) for field in each["schema"]["fields"]}
        found[each["name"]] = {"required": sorted(name for name, rule in fields.items() if rule.get("required")),
                               "enums": {name: rule["enum"] for name, rule in fields.items() if "enum" in rule},
                               "unique": sorted(name for name, rule in fields.items() if rule.get("unique"))}
    return found


def tables(package: bytes) -> dict[str, list[dict]]:
    """Rows of each resource that the package itself names."""
    archive = zipfile.ZipFile(io.BytesIO(package))
    return {each["name"]: list(csv.DictReader(io.StringIO(archive.read(each["path"]).decode(), newline="")))
            for each in json.loads(archive.read("datapackage.json"))["resources"]}


def faults(found: dict[str, list[dict]]) -> list[tuple[str, str, str]]:
    """(table, column, what is wrong) of every value that breaks a rule."""
    known = {table: {row["id"] for row in rows} for table, rows in found.items()}
    wrong = []
    for table, rules in own_rules().items():
        for row in found[table]:
            wrong += [(table, column, "empty") for column in rules["required"] if not row.get(column)]
            wrong += [(table, column, "enum") for column, values in rules["enums"].items()
                      if row[column] and row[column] not in values]
            wrong += [(table, column, why) for column, value in row.items() if value
                      for why in [_wrong(column, value, known)] if why]
        for column in rules["unique"]:
            counted = Counter(row[column] for row in found[table] if row[column])
            wrong += [(table, column, "twice") for times in counted.values() if times > 1]
    return wrong


def _wrong(column, value, known) -> str:
    """A value of another format, or one that names a row that is not there."""
    form = "uuid" if column == "id" or (column.endswith("_id") and column != "tax_id") else FORMAT_OF.get(column)
    try:
        if form and not FORMATS[form](value):
            return "format"
    except ValueError:
        return "format"
    target = column.removesuffix("_id")
    return "link" if target != column and target in known and value not in known[target] else ""
