"""The two databases: their connections, which only read until `writable` says otherwise, and our field types."""
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

from peewee import PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import parse

import drivers  # before Peewee

WAL_RESET_FIXED = (3, 51, 3)  # older libraries can lose data in WAL mode


class _Whole(sqlite3.Cursor):
    """Reads all its rows at once, as psycopg does: what is half read keeps a lock, against our own writing too."""

    _rows = iter(())

    def execute(self, sql, params=()):
        super().execute(sql, params)
        self._rows = iter(super().fetchall())
        return self

    def __next__(self):
        return next(self._rows)

    def __iter__(self):
        return self._rows

    def fetchone(self):
        return next(self._rows, None)

    def fetchall(self):
        return list(self._rows)


class _Own(threading.local):
    """What a thread has: its two connections to SQLite, whether it may write now."""

    reader = writer = None
    writes = False


class Sqlite(SqliteDatabase):
    """SQLite with our field types. A thread reads on one connection and writes on another.

    One connection that is switched from reading to writing and back would do, but each switch makes SQLite forget its
    prepared statements, and preparing them again takes longer than a request's whole reading.
    """

    field_types = {**SqliteDatabase.field_types, "FLOAT": "REAL",
                   "WORDS": "TEXT", "MOMENT": "TEXT", "DAY": "TEXT", "TIME_OF_DAY": "TEXT"}
    for_update = False

    def __init__(self, *args, **kwargs):
        self._own = _Own()
        super().__init__(*args, **kwargs)

    @contextmanager
    def writable(self):
        """The thread's connection is the one that writes."""
        if self._own.writes:
            yield
            return
        self.connect(reuse_if_open=True)
        own, state = self._own, self._state
        own.reader, state.conn, own.writes = state.conn, self._writer(), True
        try:
            yield
        finally:
            own.writes = False
            if not state.closed:
                state.conn, own.reader = own.reader, None

    def _writer(self):
        if self._own.writer is None:
            writer = self._connect()
            writer.execute("PRAGMA query_only = 0")
            self._own.writer = writer
        return self._own.writer

    def begin(self, lock_type=None):
        super().begin("IMMEDIATE" if self._own.writes else "DEFERRED")

    def cursor(self, named_cursor=None):
        self.connect(reuse_if_open=True)
        return self._state.conn.cursor(_Whole)

    def _close(self, conn):
        own = self._own
        for each in {conn, own.reader, own.writer} - {None}:
            each.close()
        own.reader = own.writer = None


class Postgresql(PostgresqlDatabase):
    """PostgreSQL through psycopg 3 with our field types; the session is read-only, a write transaction says so."""

    field_types = {**PostgresqlDatabase.field_types, "WORDS": 'TEXT COLLATE "C"',
                   "MOMENT": "TIMESTAMPTZ", "DAY": "DATE", "TIME_OF_DAY": "TIME"}

    def __init__(self, *args, **kwargs):
        self._own = _Own()
        super().__init__(*args, **kwargs)

    @contextmanager
    def writable(self):
        """Transactions that begin meanwhile may write."""
        before, self._own.writes = self._own.writes, True
        try:
            yield
        finally:
            self._own.writes = before

    def begin(self, isolation_level=None):
        self.execute_sql("BEGIN READ WRITE" if self._own.writes else "BEGIN READ ONLY")


def opened(url: str) -> Sqlite | Postgresql:
    """The database of `url` (`sqlite:///path` or `postgresql://user:password@host/name`), not connected yet."""
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


def _sqlite(url: str) -> Sqlite:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    return Sqlite(str(path), pragmas=sqlite_pragmas(), timeout=10, check_same_thread=False)


def sqlite_pragmas() -> list[tuple[str, object]]:
    """The settings of every SQLite connection; `db.check_settings` reads them back."""
    safe_wal = sqlite3.sqlite_version_info >= WAL_RESET_FIXED
    return [
        ("journal_mode", "wal" if safe_wal else "truncate"),
        ("synchronous", 2 if safe_wal else 3),
        ("foreign_keys", 1), ("busy_timeout", 10_000), ("secure_delete", 1), ("query_only", 1),
    ]


def _postgresql(url: str) -> Postgresql:
    drivers.load_postgresql()
    params = parse(url, unquote_user=True, unquote_password=True)
    name = params.pop("database")
    options = "-c timezone=UTC -c default_transaction_read_only=on -c lock_timeout=10s -c search_path=public"
    return Postgresql(name, prefer_psycopg3=True, options=options, **params)
