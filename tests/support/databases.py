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
    """Keeps a copy of the rows in a schema of that name.

    They are put back by a function of that schema over one connection, which goes on knowing its plans: a new
    connection would look up a hundred and forty tables again for each test.
    """

    def __init__(self, folder: Path, url: str, settings: dict):
        super().__init__("postgresql", folder, url, settings)
        self.connection = psycopg.connect(self.url, autocommit=True)

    def close(self):
        super().close()
        self.connection.close()

    def keep(self, name="kept"):
        fetched = self.connection.execute("SELECT table_name FROM information_schema.tables "
                                          "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        tables = [row[0] for row in fetched]
        self.connection.execute(f"CREATE SCHEMA {name}")
        for table in tables:
            self.connection.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')
        filled = [table for table in tables if self._one(f'SELECT EXISTS (TABLE {name}."{table}")')]
        statements = [f'DELETE FROM public."{table}"' for table in tables]
        statements += [f'INSERT INTO public."{table}" TABLE {name}."{table}"' for table in filled]
        statements += self._numbers()
        self.connection.execute(
            f"CREATE FUNCTION {name}.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica "
            f"SET lock_timeout = '5s' AS $$ BEGIN {'; '.join(statements)}; END $$")

    def _numbers(self):
        """Statements that let each table number its rows on as they would be now."""
        numbered = self.connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name = 'id' AND column_default LIKE 'nextval%'").fetchall()
        for (table,) in numbered:
            following = self._one(f'SELECT COALESCE(MAX(id), 0) + 1 FROM public."{table}"')
            yield f"PERFORM setval('public.\"{table}_id_seq\"', {following}, false)"

    def _one(self, query):
        return self.connection.execute(query).fetchone()[0]

    def restore(self, name="kept"):
        db.database.close()
        self.connection.execute(f"SELECT {name}.restore()")
        self.bind()
