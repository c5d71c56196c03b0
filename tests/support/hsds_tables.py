"""What a tabular package says of its own rows (datapackage.json), and what is wrong with them."""
import csv
import io
import json
import re
import uuid
import zipfile
from collections import Counter
from datetime import date, datetime, time
from urllib.parse import urlsplit

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
FORMS = {"uuid": uuid.UUID, "date": date.fromisoformat, "datetime": datetime.fromisoformat, "time": time.fromisoformat,
         "number": float, "email": ADDRESS.fullmatch,
         "uri": lambda text: urlsplit(text).scheme and urlsplit(text).netloc}


def rules(description: dict, of=None) -> dict:
    """What a datapackage.json says of each table (of those given): file, key, columns and references."""
    resources = {each["name"]: each for each in description["resources"] if of is None or each["name"] in of}
    return {name: {"path": each["path"], "key": each["schema"]["primaryKey"],
                   "columns": {field["name"]: _column(field) for field in each["schema"]["fields"]},
                   "references": {link["fields"]: link["reference"] for link in each["schema"].get("foreignKeys", [])
                                  if link["reference"]["resource"] in resources}}
            for name, each in resources.items()}


def _column(field) -> dict:
    """A column without what says nothing (a rule that is false)."""
    held = {name: value for name, value in field.get("constraints", {}).items() if value}
    return {"form": field.get("format") or field["type"], "type": field["type"], **held}


def described(package: bytes) -> dict:
    return json.loads(zipfile.ZipFile(io.BytesIO(package)).read("datapackage.json"))


def tables(package: bytes) -> dict[str, list[dict]]:
    """Rows of each resource that the package itself names."""
    archive = zipfile.ZipFile(io.BytesIO(package))
    return {each["name"]: list(csv.DictReader(io.StringIO(archive.read(each["path"]).decode(), newline="")))
            for each in json.loads(archive.read("datapackage.json"))["resources"]}


def faults(package_rules: dict, found: dict[str, list[dict]]) -> list[tuple[str, str, str]]:
    """(table, column, what is wrong) of every value that breaks a rule the package itself states."""
    known = {table: {row["id"] for row in rows} for table, rows in found.items()}
    wrong = []
    for table, said in package_rules.items():
        for column, rule in said["columns"].items():
            values = [row[column] for row in found[table]]
            target = said["references"].get(column, {}).get("resource")
            wrong += [(table, column, why) for value in values
                      for why in [_wrong(value, rule, known[target] if target else None)] if why]
            if rule.get("unique") and any(times > 1 for value, times in Counter(values).items() if value):
                wrong.append((table, column, "twice"))
    return wrong


def _wrong(value, rule, known) -> str:
    """A value that is missing, not allowed, of another form, or that names a row that is not there."""
    if not value:
        return "empty" if rule.get("required") else ""
    if "enum" in rule and value not in rule["enum"]:
        return "enum"
    if known is not None and value not in known:
        return "link"
    try:
        return "" if rule["form"] == "string" or FORMS[rule["form"]](value) else "format"
    except ValueError:
        return "format"
