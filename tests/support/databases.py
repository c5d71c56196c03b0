"""A database of each kind with the schema and the cast, put back as it was before every test.

SQLite: the file is copied. PostgreSQL: rows are copied back from a second schema; the journals, which refuse every
change, let this pass because the connection acts as a replica, for which triggers do not fire.
"""
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

import app as application
import config
import db
from tests.support import needed
from tests.support.servers import die_with_the_tests

MIGRATIONS = str(config.ROOT / "migrations")
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "listen_addresses=",
        "max_connections=60", "shared_buffers=64MB"]


class Cluster:
    """A PostgreSQL server of this process alone, reached through a socket in a temporary directory."""

    def __init__(self):
        binaries = needed.postgresql_binaries()
        self.directory = Path(tempfile.mkdtemp(prefix="navaznost-pg-", dir="/tmp"))
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(self.directory, "postgres", "postgres")
        self._run(binaries / "initdb", "-D", self.directory / "data", "-U", "postgres", "-A", "trust", "--locale=C",
                  "--encoding=UTF8", "--no-sync")
        settings = [word for setting in FAST for word in ("-c", setting)]
        with open(self.directory / "log", "wb") as log:
            self.server = subprocess.Popen(
                [binaries / "postgres", "-D", self.directory / "data", "-k", self.directory, *settings],
                stdout=log, stderr=log, cwd="/", preexec_fn=lambda: die_with_the_tests(signal.SIGQUIT), **self.user)
        self.url = f"postgresql://postgres@/postgres?host={self.directory}"
        self._wait()

    def _run(self, *command):
        subprocess.run(command, check=True, capture_output=True, cwd="/", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                       **self.user)

    def _wait(self):
        for _ in range(200):
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.directory / "log").read_text(errors="replace"))

    def stop(self):
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(timeout=20)
        shutil.rmtree(self.directory, ignore_errors=True)


def own_database(server_url: str) -> str:
    """The URL of a new, empty database on a server."""
    name = f"navaznost_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
        connection.execute(statement.format(sql.Identifier(name)))
    return _with_name(server_url, name)


def drop_database(server_url: str, url: str) -> None:
    name = url.split("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _with_name(url, name):
    address, _, query = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}{'?' + query if query else ''}"


class Engine:
    """One database with the application bound to it.

    `keep` remembers all that is in it under a name, `restore` puts that back; without a name it is the cast.
    """

    def __init__(self, name: str, folder: Path, url: str, settings: dict):
        self.name, self.folder, self.url = name, folder, url
        self.app = application.create_app(data_dir=str(folder), database_url=url, **settings)
        self.config = self.app.config["NAVAZNOST"]
        db.migrate(MIGRATIONS)

    def bind(self):
        """The models, keys and mail of this application again, whatever a test bound them to."""
        db.database.close()
        application._connect(self.config)
        db.open_connection()
        db.limit(None)

    def close(self):
        db.database.close()


class SqliteEngine(Engine):
    """Keeps a copy of the file."""

    def __init__(self, folder: Path, settings: dict):
        super().__init__("sqlite", folder, f"sqlite:///{folder / 'test.db'}", settings)
        self.path = folder / "test.db"

    def keep(self, name="kept"):
        db.database.close()  # which empties the write-ahead log into the file
        shutil.copyfile(self.path, self.folder / f"{name}.db")
        self.bind()

    def restore(self, name="kept"):
        db.database.close()
        for leftover in self.folder.glob("test.db-*"):
            leftover.unlink()
        shutil.copyfile(self.folder / f"{name}.db", self.path)
        self.bind()


class PostgresqlEngine(Engine):
    """Keeps a copy of the rows in a schema of that name."""

    def __init__(self, folder: Path, url: str, settings: dict):
        super().__init__("postgresql", folder, url, settings)
        self.restoring = {}

    def keep(self, name="kept"):
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = [row[0] for row in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")]
            connection.execute(f"CREATE SCHEMA {name}")
            for table in tables:
                connection.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')
            filled = [table for table in tables
                      if connection.execute(f'SELECT EXISTS (TABLE {name}."{table}")').fetchone()[0]]
            numbered = connection.execute(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND column_name = 'id' AND column_default LIKE 'nextval%'").fetchall()
        statements = ["SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '5s'"]
        statements += [f'DELETE FROM public."{table}"' for table in tables]
        statements += [f'INSERT INTO public."{table}" TABLE {name}."{table}"' for table in filled]
        statements += [f"SELECT setval('public.\"{table}_id_seq\"', (SELECT COALESCE(MAX(id), 0) + 1 "
                       f'FROM public."{table}"), false)' for (table,) in numbered]
        self.restoring[name] = ";".join(statements)

    def restore(self, name="kept"):
        db.database.close()
        with psycopg.connect(self.url) as connection:
            connection.execute(self.restoring[name])
        self.bind()
