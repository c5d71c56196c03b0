"""The CSV package of HSDS against what the standard asks of each table; each rule is seen to find a broken row."""
import copy
import hashlib

import pytest

from exporters import hsds_book
from tests.support import hsds_tables
from tests.test_exports import SCHEMAS, book  # noqa: F401 -- a fixture

RULES_OF_THE_STANDARD = "185a4dc01506a86fd6ff827d6848c983584a05d3430a784f52134f67b279ce60"
BROKEN = [("attribute", "taxonomy_term_id", "", "empty"), ("organization", "description", "", "empty"),
          ("address", "state_province", "", "empty"), ("service", "status", "open", "enum"),
          ("location", "location_type", "house", "enum"), ("service", "id", "1", "format"),
          ("organization", "website", "example", "format"), ("contact", "email", "nobody", "format"),
          ("service", "assured_date", "3. 4. 2026", "format"),
          *[(table, column, "00000000-0000-4000-8000-000000000000", "link") for table, column in (
              ("service", "organization_id"), ("attribute", "taxonomy_term_id"), ("taxonomy_term", "taxonomy_id"),
              ("service_at_location", "location_id"), ("phone", "contact_id"), ("schedule", "service_id"))]]


@pytest.fixture
def rows(book):  # noqa: F811
    return hsds_tables.tables(hsds_book.package())


def test_every_table_keeps_the_rules_of_the_standard(rows):
    assert all(rows[table] for table in hsds_tables.REQUIRED), "a table without rows says nothing"
    assert hsds_tables.faults(rows) == []


@pytest.mark.parametrize("table, column, value, why", BROKEN)
def test_a_broken_row_is_found(rows, table, column, value, why):
    broken = copy.deepcopy(rows)
    broken[table][0][column] = value
    assert (table, column, why) in hsds_tables.faults(broken)


def test_a_code_that_stands_twice_is_found(rows):
    rows["taxonomy_term"][1]["code"] = rows["taxonomy_term"][0]["code"]
    assert ("taxonomy_term", "code", "twice") in hsds_tables.faults(rows)


def test_the_rules_are_those_of_the_published_package():
    """Against the digest of the published package's rules, and the package itself where it is at hand."""
    ours = hsds_tables.own_rules()
    assert hashlib.sha256(repr(plain(ours)).encode()).hexdigest() == RULES_OF_THE_STANDARD
    if SCHEMAS.is_dir():
        theirs = hsds_tables.published_rules(SCHEMAS / "datapackage.json")
        assert ours == {table: theirs[table] for table in hsds_tables.REQUIRED}


def plain(rules):
    """Rules in an order that does not change from run to run."""
    if isinstance(rules, dict):
        return sorted((key, plain(value)) for key, value in rules.items())
    return sorted(map(plain, rules), key=repr) if isinstance(rules, list | tuple | set | frozenset) else rules
