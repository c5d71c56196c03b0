"""The contact book at the size it is promised for: organisations and services copied inside the database.

Writing 50,000 services as people do takes minutes; copies with their lines of the search take seconds, and a search
meets as many of them. Only the random ids and the slugs differ.
"""
from collections.abc import Iterable

import db
from models import Organisation, SearchEntry, Service
from services import search_index

LIMIT = (10_000, 50_000)  # organisations, services
NUMBERS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {times}) "


def up_to(organisations: int = LIMIT[0], services: int = LIMIT[1]) -> tuple[int, int]:
    """Copies what there is until there are at least so many; returns how many there are."""
    with db.writing():
        for model, wanted in ((Service, services), (Organisation, organisations)):
            there = model.select().count()
            _multiply(model, -(-(wanted - there) // there))
        search_index.changed()
    analyse()
    return Organisation.select().count(), Service.select().count()


def analyse() -> None:
    """Tells PostgreSQL how much there is now, as its own jobs would."""
    if not db.is_sqlite():
        with db.unlocked():
            db.database.execute_sql("SET default_transaction_read_only = off")
            db.database.execute_sql("VACUUM ANALYZE")
            db.database.execute_sql("SET default_transaction_read_only = on")


def _multiply(model, times):
    """Adds `times` copies of each row, with its line and the words of that. A service stays where it is."""
    if times < 1:
        return
    kind, numbers = model.__name__.lower(), NUMBERS.format(times=times)
    last, last_line = _last(model), _last(SearchEntry)
    named = {"public_id": _copy("r.public_id"), "slug": "r.slug || '-' || n.k"}
    _run(_copied(model, numbers, named, f"r.id <= {last}"))
    record = {"record": _copy("r.record")}
    if model is Organisation:
        record["organisation_id"] = f"(SELECT id FROM organisation WHERE public_id = {_copy('r.record')})"
    which = f"r.kind = '{kind}' AND r.id <= {last_line}"
    _run(_copied(SearchEntry, numbers, record, which))
    _run(f"INSERT INTO search_word (entry_id, word, rank) {numbers}SELECT new.id, w.word, w.rank "
         f"FROM search_entry AS r CROSS JOIN n JOIN search_entry AS new ON new.kind = '{kind}' "
         f"AND new.record = {_copy('r.record')} JOIN search_word AS w ON w.entry_id = r.id WHERE {which}")


def _copied(model, numbers, others, which) -> str:
    columns = [column for column in _columns(model) if column != "id"]
    values = ", ".join(others.get(column, f'r."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.table_name
    return f'INSERT INTO "{table}" ({names}) {numbers}SELECT {values} FROM "{table}" AS r CROSS JOIN n WHERE {which}'


def _columns(model) -> Iterable[str]:
    return model._meta.columns


def _copy(column) -> str:
    """SQL for the public id of a copy, as long as every other."""
    return f"SUBSTR({column}, 1, 16) || CAST(100000 + n.k AS TEXT)"


def _last(model) -> int:
    return db.database.execute_sql(f'SELECT MAX(id) FROM "{model._meta.table_name}"').fetchone()[0]


def _run(sql):
    db.database.execute_sql(sql)
