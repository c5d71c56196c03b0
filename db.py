"""The database: SQLite or PostgreSQL from one URL; field types that mean the same on both; reading and writing.

A connection belongs to a thread and only reads. `writing()` is the one way to write, `recording()` the one way to
write the access log where a route only reads. Both open a single outer transaction that holds the write lock from
its first statement, so that the loser of a race gets our sentence and not "database is locked".
"""
import enum
import fcntl
import itertools
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from peewee import (
    SQL,
    BlobField,
    Check,
    DatabaseProxy,
    Expression,
    OperationalError,
    Select,
    TextField,
    fn,
)
from playhouse.fields import EnumFieldMixin
from playhouse.migrations import Runner

import engines
import rows
from crypto import Sealed
from errors import Forbidden

database = DatabaseProxy()


class _Thread(threading.local):
    """What a thread may do now, and what its transaction has learned."""

    mode = learned = None


_thread = _Thread()
SCHEMA_LOCK = 7100  # the advisory lock of migrations on PostgreSQL


class Mode(enum.StrEnum):
    """What a route may do to the database."""

    READS = "reads"
    READS_FILE = "reads_file"  # reads a client's file, and so writes the access log
    WRITES = "writes"


def connect(url: str) -> None:
    """Binds the models to the database of `url` (`sqlite:///path` or `postgresql://user:password@host/name`)."""
    database.initialize(engines.opened(url))


def is_sqlite() -> bool:
    return isinstance(database.obj, engines.Sqlite)


def open_connection() -> None:
    """Gives this thread a working connection; costs nothing where it has one."""
    if not database.is_closed() and not database.is_connection_usable():
        database.close()
    database.connect(reuse_if_open=True)


def check_settings() -> list[str]:
    """Settings of this thread's connections that are not as they must be, as `name: found`."""
    if not is_sqlite():
        found = database.execute_sql("SHOW default_transaction_read_only").fetchone()[0]
        return [] if found == "on" else [f"default_transaction_read_only: {found}"]
    wrong = _wrong_pragmas(dict(engines.sqlite_pragmas()))
    with unlocked():
        return wrong or _wrong_pragmas({**dict(engines.sqlite_pragmas()), "query_only": 0})


def _wrong_pragmas(wanted):
    found = {name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    return [f"{name}: {found[name]}" for name in wanted if found[name] != wanted[name]]


# Reading and writing

def limit(mode: Mode | None) -> None:
    """What this thread may do until told otherwise; None lifts the limit (commands and jobs)."""
    _thread.mode = mode


def _require(*modes: Mode) -> None:
    mode = _thread.mode
    if mode is not None and mode not in modes:
        raise Forbidden(f"a route that only {mode} tried to write")


@contextmanager
def writing():
    """One write transaction; inside another one a savepoint. Forbidden where the route only reads."""
    _require(Mode.WRITES)
    with _transaction():
        yield


@contextmanager
def recording():
    """The write transaction of an access log: opens a client's file and records that it was opened."""
    _require(Mode.READS_FILE, Mode.WRITES)
    with _transaction():
        yield


@contextmanager
def noting():
    """The short transaction that notes when a session or a feed was last seen, before any view runs."""
    with _transaction():
        yield


@contextmanager
def _transaction():
    if database.transaction_depth():
        with _forgotten_if_undone(), database.atomic():
            yield
        return
    _thread.learned = {}
    try:
        with _turn(), unlocked(), database.atomic():
            yield
    finally:
        _thread.learned = None


@contextmanager
def _forgotten_if_undone():
    try:
        yield
    except BaseException:
        learned().clear()
        raise


def learned() -> dict:
    """What this transaction has read and need not ask again: empty once a part of it is undone."""
    return {} if _thread.learned is None else _thread.learned


@contextmanager
def unlocked():
    """The connection may write. Only transactions above and schema changes come here."""
    with database.obj.writable():
        yield


@contextmanager
def _turn():
    """Writers on SQLite queue at a file lock: its own busy handler lets some of many writers starve."""
    if not is_sqlite():
        yield
        return
    with open(f"{database.database}.lock", "a") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        yield


def locked(query):
    """The query with its rows locked until the transaction ends. SQLite holds one lock for all."""
    return query if is_sqlite() else query.for_update()


def hold(lock: int, number: int, shared: bool = False) -> None:
    """Waits for a lock of our own making and keeps it until the transaction ends; shared ones keep only others out.

    SQLite holds one lock for all.
    """
    if not is_sqlite():
        database.execute_sql(f"SELECT pg_advisory_xact_lock{'_shared' * shared}(%s, %s)", (lock, number))


def let_writers_finish(model) -> None:
    """Waits until no transaction has an unfinished row of this table, and keeps new ones out until this one ends.

    On PostgreSQL a row with a lower number can be committed after one with a higher number; on SQLite it cannot.
    """
    if not is_sqlite():
        database.execute_sql(f'LOCK TABLE "{model._meta.table_name}" IN SHARE ROW EXCLUSIVE MODE')


def joined(column):
    """The values of a column in a group, as one text with a line each."""
    return fn.GROUP_CONCAT(column, "\n") if is_sqlite() else fn.STRING_AGG(column, "\n")


# Queries that are kept: Peewee takes ten times longer to write a query than the database to answer it

class Blank(str):
    """The name of a value of a kept query that is filled in each time it is asked. Fields leave it as it is."""


_kept: dict[tuple, object] = {}
MOST_KEPT = 1000
PLAIN_WORD = re.compile("[a-z_]+")  # may stand in a statement as it is


def forget_kept() -> None:
    """Queries are written anew: what they were made from is set differently."""
    _kept.clear()


def kept(build, *shape, filled: dict | None = None, **values) -> list:
    """The rows of the query `build(*shape, **blanks)`, whose SQL is made once for each `shape`.

    `build` is a function of a module that depends on nothing but its arguments; ids and moments are blanks, filled in
    from `values`, and from `filled` where the shape holds blanks itself. The day belongs into the shape. A list among
    the values is a list of blanks.
    """
    cursor, query = _asked(build, shape, filled, values)
    if query.make is None:
        query.make = rows.maker(query.written._get_cursor_wrapper(cursor))
    return [query.make(row) for row in cursor.fetchall()]


def run(build, *shape, **values) -> int:
    """How many rows the UPDATE or DELETE `build(*shape, **blanks)` touched, its SQL kept as that of `kept`."""
    return _asked(build, shape, None, values)[0].rowcount


@dataclass
class _Kept:
    """A query that is kept: its SQL, its parameters, the names of those that are blank, what makes its rows."""

    written: object
    sql: str
    params: list
    blanks: list[tuple[int, str]]
    make: object = None


def _asked(build, shape, filled, values):
    lists = {name: len(value) for name, value in values.items() if isinstance(value, list)}
    key = (build, shape, *lists.items(), is_sqlite())
    query = _kept.get(key)
    if query is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        query = _kept[key] = _written(build(*shape, **{name: _blank(name, lists.get(name)) for name in values}))
    for name in lists:
        values.update(zip(_blank(name, lists[name]), values[name], strict=True))
    if filled:
        values.update(filled)
    params = query.params.copy()
    for place, name in query.blanks:
        params[place] = _fitting(values[name])
    return database.execute_sql(query.sql, params), query


def _blank(name, length):
    return Blank(name) if length is None else [Blank(f"{name} {number}") for number in range(length)]


def _written(query) -> _Kept:
    sql, params = query.sql()
    frozen = [each for each in params if isinstance(each, datetime) or _is_moment(each)]
    if frozen:
        raise ValueError(f"a kept query would keep the moment {frozen[0]}")
    sql, params = _said(sql, list(params))
    blanks = [(place, each) for place, each in enumerate(params) if isinstance(each, Blank)]
    return _Kept(query, sql, params, blanks)


def _said(sql: str, params: list) -> tuple[str, list]:
    """The statement with its words (`state = 'open'`) written out, and the parameters that are left.

    SQLite looks at a parameter that a partial index asks for, and then prepares the statement anew for each run.
    """
    pieces = sql.split(database.param)
    if len(pieces) != len(params) + 1:
        return sql, params
    words = [type(each) is str and PLAIN_WORD.fullmatch(each) for each in params]
    places = [f"'{each}'" if word else database.param for each, word in zip(params, words, strict=True)]
    return ("".join(itertools.chain(*zip(pieces, [*places, ""], strict=True))),
            [each for each, word in zip(params, words, strict=True) if not word])


def _is_moment(value) -> bool:
    return isinstance(value, str) and len(value) == len("2026-11-22T18:00:00Z") and value[10:11] + value[-1:] == "TZ"


def _fitting(value):
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, datetime):
        return Moment.db_value(None, value)
    return value.isoformat() if isinstance(value, date) and is_sqlite() else value


def add(*rows, ignore: bool = False) -> bool:
    """Inserts new rows of one model; with `ignore` False where a unique constraint kept them out.

    As `save(force_insert=True)`, without writing the statement anew: a row alone learns its id.
    """
    model, fields = type(rows[0]), tuple(rows[0].__data__)
    key = (model, fields, len(rows), ignore)
    if key not in _kept:
        _kept[key] = _insertion(*key)
    sql, converters = _kept[key]
    values = [convert(row.__data__[name]) for row in rows for name, convert in zip(fields, converters, strict=True)]
    ids = database.execute_sql(sql.replace("?", database.param), values).fetchall()
    if len(ids) == 1 == len(rows):
        rows[0]._pk = ids[0][0]
    return len(ids) == len(rows)


def _insertion(model, names, count, ignore) -> tuple:
    meta = model._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    places = ", ".join([f"({', '.join('?' * len(names))})"] * count)
    return (f'INSERT INTO "{meta.table_name}" ({columns}) VALUES {places}{" ON CONFLICT DO NOTHING" * ignore} '
            f'RETURNING "{meta.primary_key.column_name}"', [meta.fields[name].db_value for name in names])


@dataclass(frozen=True)
class HowMany:
    """A query of a model of which the number of rows is wanted, not whether it has one."""

    query: object


@dataclass(frozen=True)
class Rows:
    """A query of plain columns, each with an alias, of which the rows are wanted: within another query, as JSON."""

    query: object

    def in_json(self):
        """The rows in their order as one value: text of an array of arrays, days as text (see `day_of`)."""
        row = [getattr(self.query.c, column._alias) for column in self.query._returning]
        each, all_of = (fn.json_array, fn.json_group_array) if is_sqlite() else (fn.json_build_array, fn.json_agg)
        return Select([self.query], [fn.COALESCE(all_of(each(*row)).cast("TEXT"), "[]")])


def day_of(value) -> date | None:
    """A day as an expression or JSON gives it: SQLite has days as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def first_of(query, number: int, *order):
    """The ids of the first rows of a query in an order, such as stand in a union or behind IN: a LIMIT may not."""
    few = query.select(query.model.id).order_by(*order).limit(number)
    return Select([few], [few.c.id])


def days_after(day_column, days: int):
    """The moment that `days` after a day begins (UTC), as an expression to compare a Moment column with."""
    if is_sqlite():
        return fn.strftime("%Y-%m-%dT%H:%M:%SZ", day_column, f"+{days} days")
    return Expression(day_column, "+", SQL(f"interval '{days} days'"))


def beginning_of(day):
    """The moment that a day begins (UTC), as an expression that a query kept for that day may hold."""
    if is_sqlite():
        return fn.strftime("%Y-%m-%dT%H:%M:%SZ", day.isoformat())
    return SQL("CAST(%s AS timestamptz)", [day])


def worth_retrying(error: Exception) -> bool:
    """Whether PostgreSQL gave up a transaction that may well succeed if run again (40001, 40P01)."""
    state = getattr(error.__cause__ or getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, OperationalError) and state in {"40001", "40P01"}


def schema(models, append_only=()) -> list[str]:
    """The statements that make the tables of `models` on the connected database, STRICT on SQLite."""
    statements = []
    for model in models:
        model._meta.strict_tables = is_sqlite()
        builder = model._schema
        for context in [builder._create_table(safe=False), *builder._create_indexes(safe=False)]:
            sql, params = context.query()
            assert not params, sql
            statements.append(sql)
    return statements + [sql for model in append_only for sql in append_only_sql(model._meta.table_name)]


def append_only_sql(table: str) -> list[str]:
    """Statements after which rows of `table` can be added but neither changed nor deleted."""
    if is_sqlite():
        return [f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
                for verb in ("update", "delete")]
    return [f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} only grows'; END $$",
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"]


# Migrations

def migrate(directory: str, target: str | None = None, down: bool = False) -> list[str]:
    """Applies (or reverts, back through `target`) the numbered migrations; returns their names.

    Safe when several processes start at once: one does the work, the others wait and find nothing to do.
    """
    open_connection()
    with _turn(), _schema_lock(), unlocked():
        runner = Runner(database.obj, directory)
        return runner.down(target) if down else runner.up(target)


@contextmanager
def _schema_lock():
    if is_sqlite():
        yield
        return
    database.execute_sql(f"SELECT pg_advisory_lock({SCHEMA_LOCK})")
    database.execute_sql("SET default_transaction_read_only = off")
    try:
        yield
    finally:
        database.execute_sql("SET default_transaction_read_only = on")
        database.execute_sql(f"SELECT pg_advisory_unlock({SCHEMA_LOCK})")


def grant_to(role: str) -> None:
    """Lets the application's role use the tables without owning them (PostgreSQL)."""
    quoted = role.replace('"', '""')
    with unlocked(), database.atomic():
        database.execute_sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{quoted}"')
        database.execute_sql(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{quoted}"')


# Field types: the same order and the same meaning on both databases

class _Shaped:
    """On SQLite a column whose text must have a fixed shape, so that it sorts as what it means."""

    glob = ""

    def ddl(self, context):
        node = super().ddl(context)
        if is_sqlite() and self.glob:
            node.nodes += (Check(f'"{self.column_name}" GLOB \'{self.glob}\''),)
        return node


def without_nul(text: str) -> str:
    return text.replace("\0", "") if "\0" in text else text


class Text(TextField):
    """Text that compares byte by byte on both databases. NUL, which PostgreSQL refuses, is left out on both."""

    field_type = "WORDS"

    def db_value(self, value):
        value = super().db_value(value)
        return without_nul(value) if isinstance(value, str) else value


class Moment(_Shaped, TextField):
    """An aware UTC datetime to whole seconds; `2026-11-22T18:00:00Z` on SQLite."""

    field_type = "MOMENT"
    glob = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"

    def db_value(self, value):
        if not isinstance(value, datetime):
            return value
        value = value.astimezone(UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if is_sqlite() else value

    def python_value(self, value):
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Day(_Shaped, TextField):
    """A date."""

    field_type = "DAY"
    glob = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"

    def db_value(self, value):
        return value.isoformat() if isinstance(value, date) and is_sqlite() else value

    def python_value(self, value):
        return date.fromisoformat(value) if isinstance(value, str) else value


class TimeOfDay(_Shaped, TextField):
    """A time on a wall clock, to minutes; `09:30` on SQLite."""

    field_type = "TIME_OF_DAY"
    glob = "[0-9][0-9]:[0-9][0-9]"

    def db_value(self, value):
        return value.strftime("%H:%M") if isinstance(value, time) and is_sqlite() else value

    def python_value(self, value):
        return time.fromisoformat(value) if isinstance(value, str) else value


class Choice(EnumFieldMixin, Text):
    """A member of an enum, kept as its value."""


class SealedColumn(BlobField):
    """A sealed value; what is read is `Sealed`, which only services/keys.py opens."""

    def db_value(self, value):
        return None if value is None else bytes(value)

    def python_value(self, value):
        return None if value is None else Sealed(value)
