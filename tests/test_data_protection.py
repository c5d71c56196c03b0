"""The page for a data-protection officer says what the application is."""
import models
from db import SealedColumn
from tools import data_protection


def test_every_table_stands_in_the_dictionary_once():
    tables = [row["table"] for row in data_protection.rows()]
    assert sorted(tables) == sorted({model._meta.table_name for model in models.MODELS})


def test_every_line_of_the_dictionary_is_whole():
    rows = data_protection.rows()
    assert all(all(row.values()) for row in rows)
    assert {row["level"] for row in rows} == set(data_protection.LEVELS)


def test_the_page_is_the_one_that_is_made():
    assert data_protection.PAGE.read_text(encoding="utf-8") == data_protection.page(), \
        "run: python tools/data_protection.py"


def test_what_is_sealed_belongs_to_no_table_that_everybody_reads():
    open_tables = {row["table"] for row in data_protection.rows() if row["level"] == "S0"}
    sealed = {model._meta.table_name for model in models.MODELS
              if any(isinstance(field, SealedColumn) for field in model._meta.sorted_fields)}
    assert sealed & open_tables == {"booking"}, "a visit's texts are for its two sides"
