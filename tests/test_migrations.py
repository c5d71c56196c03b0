"""Migrations: up, down and up again, no drift from the models, several at once, settings as they must be."""
import os
import re
import subprocess
import sys

import psycopg
import pytest
from playhouse.migrations import Runner

import config
import db
import models
from services import drafts_of_schema
from tests.support import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request, tmp_path):
    """`new_database()` is the URL of an empty database, bound and open."""
    made, server = [], None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")

    def new():
        url = databases.own_database(server) if server else f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        made.append(url)
        use(url)
        return url
    yield new
    db.database.close()
    for url in made if server else ():
        databases.drop_database(server, url)


def use(url):
    if db.database.obj is not None:
        db.database.close()
    db.connect(url)
    db.open_connection()
    db.limit(None)


def rows(statement):
    return sorted(tuple(map(str, row)) for row in db.database.execute_sql(statement).fetchall())


def history_table():
    return Runner(db.database.obj, databases.MIGRATIONS).History._meta.table_name


def the_schema():
    """All that defines the schema, but for the runner's own table."""
    own = history_table()
    if db.is_sqlite():
        found = rows("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return [row for row in found if row[2] != own]
    statements = [
        "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "SELECT tgrelid::regclass, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ]
    return [row for statement in statements for row in rows(statement) if row[0].strip('"') != own]


def make_from_models():
    with db.unlocked(), db.database.atomic():
        for statement in db.schema(models.MODELS, models.APPEND_ONLY):
            db.database.execute_sql(statement)


def test_up_down_and_up_again(new_database):
    new_database()
    names = db.migrate(databases.MIGRATIONS)
    full = the_schema()
    assert full and db.migrate(databases.MIGRATIONS) == []
    assert db.migrate(databases.MIGRATIONS, target=names[0], down=True) == names[::-1]
    assert the_schema() == []
    assert db.migrate(databases.MIGRATIONS) == names
    assert the_schema() == full


def test_no_drift_between_migrations_and_models(new_database):
    new_database()
    db.migrate(databases.MIGRATIONS)
    migrated = the_schema()
    new_database()
    make_from_models()
    fresh = the_schema()
    assert [row for row in migrated if row not in fresh] == []
    assert [row for row in fresh if row not in migrated] == []


def test_drift_would_be_seen(new_database):
    new_database()
    make_from_models()
    before = the_schema()
    with db.unlocked(), db.database.atomic():
        db.database.execute_sql('ALTER TABLE "user" ADD COLUMN nickname TEXT')
    assert the_schema() != before


def environment(url, tmp_path, **more):
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYTHONPATH"}}
    return {**clean, "DATABASE_URL": url, "DATA_DIR": str(tmp_path), "ARGON2_MEMORY_KIB": "8", **more}


def flask(command, env):
    return subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", command], cwd=config.ROOT, env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_four_processes_at_once_apply_each_migration_once(new_database, tmp_path):
    env = environment(new_database(), tmp_path / "data")
    started = [flask("migrate", env) for _ in range(4)]
    said = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    assert sorted("nothing to do" in out for out, _err in said) == [False, True, True, True], said


def made_by_a_draft(new_database):
    url = new_database()
    make_from_models()
    with db.unlocked(), db.database.atomic():
        db.database.execute_sql("DROP TABLE mail_preference")
        db.database.execute_sql('ALTER TABLE booking DROP COLUMN on_paper')
        Runner(db.database.obj, databases.MIGRATIONS).History.create_table(safe=True)
        Runner(db.database.obj, databases.MIGRATIONS).History.create(name="0001_initial")
    return url


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_a_demonstration_of_an_older_draft_is_kept_aside_and_begun_anew(new_database, tmp_path):
    process = flask("migrate", environment(made_by_a_draft(new_database), tmp_path / "data"))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "was kept as" in out, err
    assert len(list(tmp_path.glob("0-until-*.db"))) == 1
    db.database.close()  # of the file that was there before
    db.open_connection()
    assert drafts_of_schema.lacking() == []


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_on_a_server_of_databases_that_of_an_older_draft_is_left_as_it_is(new_database, tmp_path):
    url = made_by_a_draft(new_database)
    before = the_schema()
    process = flask("migrate", environment(url, tmp_path / "data"))
    _out, err = process.communicate(timeout=60)
    assert process.returncode != 0 and "Nothing was changed" in err, err
    assert the_schema() == before and "mail_preference" in drafts_of_schema.lacking()


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_the_applications_role_uses_the_tables_and_owns_none(new_database, tmp_path, request):
    url = new_database()
    role = f"only_uses_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN")
        request.addfinalizer(lambda: drop_role(request.getfixturevalue("postgresql_server"), role))
    application = re.sub(r"//[^@/]*@", f"//{role}@", url)
    process = flask("migrate", environment(application, tmp_path, MIGRATE_DATABASE_URL=url))
    assert process.wait(timeout=60) == 0, process.communicate()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        connection.execute("INSERT INTO region VALUES ('X', 'X', 'X', 'X')")
        assert connection.execute("SELECT count(*) FROM region").fetchone() == (1,)
        for forbidden in ('DROP TABLE "user"', "ALTER TABLE journal DISABLE TRIGGER ALL", "TRUNCATE journal",
                          "DROP TRIGGER journal_only_grows ON journal", "CREATE TABLE public.x (a int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def drop_role(server, role):
    with psycopg.connect(server, autocommit=True) as connection:
        ours = "SELECT datname FROM pg_database WHERE datname LIKE 'navaznost_%'"
        names = [name for (name,) in connection.execute(ours)]
    for name in names:
        with psycopg.connect(databases._with_name(server, name), autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {role}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {role}")


# Settings

@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_every_table_on_sqlite_is_strict(new_database):
    new_database()
    db.migrate(databases.MIGRATIONS)
    loose = rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'")
    assert loose == [(history_table(),)]


def test_settings_are_as_they_must_be(new_database):
    new_database()
    assert db.check_settings() == []


def test_a_setting_that_is_off_is_named(new_database):
    new_database()
    off = "PRAGMA foreign_keys = 0" if db.is_sqlite() else "SET default_transaction_read_only = off"
    db.database.execute_sql(off)
    (problem,) = db.check_settings()
    assert "foreign_keys" in problem or "read_only" in problem


def test_foreign_keys_are_held(cast):
    with pytest.raises(Exception, match=r"(?i)foreign key"), db.writing():
        models.ServiceArea.create(service=999_999, area="debts")
