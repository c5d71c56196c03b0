"""The CSV package of HSDS against what the standard asks of each table; each rule is seen to find a broken row."""
import copy
import hashlib
import json

import pytest

from exporters import hsds_book
from exporters.hsds_tables import description
from tests.support import hsds_tables
from tests.test_exports import SCHEMAS, book  # noqa: F401 -- a fixture

RULES_OF_THE_STANDARD = "86e52f029612925b28efc5aef62a29f076034705e66cea910356a04b2693222a"
BROKEN = [("attribute", "taxonomy_term_id", "", "empty"), ("organization", "description", "", "empty"),
          ("address", "state_province", "", "empty"), ("service", "status", "open", "enum"),
          ("location", "location_type", "house", "enum"), ("service", "id", "1", "format"),
          ("organization", "website", "example", "format"), ("contact", "email", "nobody", "format"),
          ("service", "assured_date", "3. 4. 2026", "format"),
          *[(table, column, "00000000-0000-4000-8000-000000000000", "link") for table, column in (
              ("service", "organization_id"), ("attribute", "taxonomy_term_id"), ("taxonomy_term", "taxonomy_id"),
              ("service_at_location", "location_id"), ("phone", "contact_id"), ("schedule", "service_id"))]]


@pytest.fixture
def package(book):  # noqa: F811
    return hsds_book.package()


@pytest.fixture
def said(package):
    return hsds_tables.rules(hsds_tables.described(package))


@pytest.fixture
def rows(package):
    return hsds_tables.tables(package)


def test_every_row_keeps_the_rules_that_the_package_states(said, rows):
    assert all(rows[table] for table in said), "a table without rows says nothing"
    assert hsds_tables.faults(said, rows) == []


@pytest.mark.parametrize("table, column, value, why", BROKEN)
def test_a_broken_row_is_found(said, rows, table, column, value, why):
    broken = copy.deepcopy(rows)
    broken[table][0][column] = value
    assert (table, column, why) in hsds_tables.faults(said, broken)


def test_a_code_that_stands_twice_is_found(said, rows):
    rows["taxonomy_term"][1]["code"] = rows["taxonomy_term"][0]["code"]
    assert ("taxonomy_term", "code", "twice") in hsds_tables.faults(said, rows)


def test_the_package_states_the_rules_of_the_standard():
    """Types, rules and references: against the digest of the published package's, and itself where it is at hand."""
    ours = hsds_tables.rules(json.loads(description(hsds_book.VERSION)))
    assert hashlib.sha256(repr(plain(ours)).encode()).hexdigest() == RULES_OF_THE_STANDARD
    if SCHEMAS.is_dir():
        theirs = json.loads((SCHEMAS / "datapackage.json").read_text())
        assert ours == hsds_tables.rules(theirs, of=ours)


def plain(rules):
    """Rules in an order that does not change from run to run."""
    if isinstance(rules, dict):
        return sorted((key, plain(value)) for key, value in rules.items())
    return sorted(map(plain, rules), key=repr) if isinstance(rules, list | tuple | set | frozenset) else rules
