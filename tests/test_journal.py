"""The journal only grows, its chain shows tampering, and no seal closes over a row that is still on its way."""
import threading

import peewee
import pytest

import db
from models import APPEND_ONLY, Journal, JournalSeal
from services import journal


def write(cast, times, start=0):
    with db.writing():
        for number in range(start, start + times):
            journal.wrote(cast.nela, "test.wrote", f"record{number}", parts="a,b", ground="own")


def test_a_row_says_who_did_what_when(cast):
    with db.writing():
        journal.read(cast.kamila, "client.open", "x", client=cast.karel, parts="needs", ground="own")
    row = Journal.select().order_by(Journal.id.desc()).get()
    assert (row.actor, row.organisation) == (cast.kamila, cast.municipality)
    assert (row.action, row.what, row.client) == ("read", "client.open", cast.karel.id)
    assert (row.parts, row.ground) == ("needs", "own")
    assert abs((row.at - cast.now).total_seconds()) < 60


@pytest.mark.parametrize("table", [model._meta.table_name for model in APPEND_ONLY])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_journals_refuse_every_change(app, cast, table, statement):
    if table == "journal":
        write(cast, 1)
    elif db.is_sqlite():  # row triggers need a row
        fill(table)
    with pytest.raises(peewee.DatabaseError, match="only grows"), db.writing():
        db.database.execute_sql(statement.format(table))


def fill(table):
    with db.unlocked():
        db.database.execute_sql("PRAGMA foreign_keys = 0")
        with db.database.atomic():
            columns = db.database.execute_sql(f"PRAGMA table_info({table})").fetchall()
            values = ["'2026-11-23T09:00:00Z'" if name.endswith("at") else "1" if kind == "INTEGER" else "'x'"
                      for _number, name, kind, *_rest in columns]
            db.database.execute_sql(f"INSERT INTO {table} VALUES ({', '.join(values)})")
        db.database.execute_sql("PRAGMA foreign_keys = 1")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_a_journal_at_once(app):
    with pytest.raises(peewee.DatabaseError, match="only grows"), db.writing():
        db.database.execute_sql("TRUNCATE journal")


def test_rows_are_sealed_once_and_verify(cast):
    write(cast, 5)
    sealed = journal.seal()
    assert sealed == Journal.select().count() and journal.seal() == 0
    write(cast, 3)
    assert (journal.unsealed(), list(journal.verify())) == (3, [])
    assert journal.seal() == 3
    assert (journal.unsealed(), list(journal.verify())) == (0, [])


def tamperings(rows=20):
    """Statements that somebody with the database in their hands could run over the sealed rows, nine for each row."""
    for row in range(2, rows + 2):
        for change in ("what = 'test.other'", "record = 'else'", "parts = ''", "ground = 'consent'", "action = 'read'",
                       "actor_id = NULL", "organisation_id = NULL", "client = 7"):
            yield f"UPDATE journal SET {change} WHERE id = (SELECT MIN(id) + {row} FROM journal)"
        yield f"DELETE FROM journal WHERE id = (SELECT MIN(id) + {row} FROM journal)"
    yield "UPDATE journal SET id = -id WHERE id = (SELECT MIN(id) + 3 FROM journal)"
    yield "DELETE FROM journal"
    yield "DELETE FROM journal_seal WHERE id = (SELECT MIN(id) FROM journal_seal)"
    yield "UPDATE journal_seal SET digest = 'x' WHERE id = (SELECT MIN(id) FROM journal_seal)"
    yield "UPDATE journal_seal SET last = last - 1 WHERE id = (SELECT MIN(id) FROM journal_seal)"
    yield "UPDATE journal_seal SET first = first + 1 WHERE id = (SELECT MAX(id) FROM journal_seal)"


def found_after(statement):
    """What verifying finds after a tampering, which is then undone."""
    with db.unlocked(), db.database.atomic() as transaction:
        if db.is_sqlite():
            for table in ("journal", "journal_seal"):
                for verb in ("update", "delete"):
                    db.database.execute_sql(f"DROP TRIGGER {table}_no_{verb}")
        else:
            db.database.execute_sql("SET LOCAL session_replication_role = replica")
        db.database.execute_sql(statement)
        found = list(journal.verify())
        transaction.rollback()
    return found


def check_tampering(cast, figure, rows):
    write(cast, rows // 2 + 2)
    journal.seal()
    write(cast, rows // 2 + 4)
    journal.seal()
    tried = list(tamperings(rows))
    missed = [statement for statement in tried if not found_after(statement)]
    assert list(journal.verify()) == []
    write(cast, 1)
    control = not found_after("UPDATE journal SET what = 'x' WHERE id = (SELECT MAX(id) FROM journal)")
    assert not missed
    figure("fig-J1 tamperings with the sealed journal that are not found", len(missed), "tamperings", n=len(tried),
           control=control and "the same with a row not sealed yet is not found")


def test_tampering_with_sealed_rows_is_found(cast, figure):
    check_tampering(cast, figure, 20)


@pytest.mark.long
def test_a_thousand_tamperings_are_found(cast, figure):
    check_tampering(cast, figure, 111)


def test_a_seal_waits_for_a_row_that_is_still_on_its_way(app, cast):
    """On PostgreSQL a row can get its number first and be committed last."""
    nela, has_a_row, may_commit = cast.nela, threading.Event(), threading.Event()

    def slow():
        db.open_connection()
        with db.writing():
            journal.wrote(nela, "test.slow")
            has_a_row.set()
            may_commit.wait(5)
        db.database.close()
    thread = threading.Thread(target=slow)
    thread.start()
    has_a_row.wait(5)
    threading.Timer(0.3, may_commit.set).start()
    if not db.is_sqlite():  # on SQLite nobody else can write meanwhile
        write(cast, 1)
    journal.seal()
    thread.join()
    journal.seal()
    assert list(journal.verify()) == []
    assert Journal.select().where(Journal.what == "test.slow").count() == 1


def test_two_seals_at_once_seal_each_row_once(app, cast):
    write(cast, 6)
    counts = []

    def seal():
        db.open_connection()
        counts.append(journal.seal())
        db.database.close()
    threads = [threading.Thread(target=seal) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(counts) == Journal.select().count()
    assert JournalSeal.select().count() == 1 and list(journal.verify()) == []
