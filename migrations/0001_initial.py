"""The first schema. The statements stand beside this file, one set for each database."""
from pathlib import Path

from peewee import SqliteDatabase


def _statements(db):
    name = "sqlite" if isinstance(getattr(db, "obj", db), SqliteDatabase) else "postgresql"
    return Path(__file__).with_suffix(f".{name}.sql").read_text().split(";\n")


def up(migrator, db):
    for statement in _statements(db):
        if statement.strip():
            db.execute_sql(statement)


def down(migrator, db):
    tables = [line.split('"')[1] for line in _statements(db) if line.startswith("CREATE TABLE")]
    for table in reversed(tables):
        db.execute_sql(f'DROP TABLE "{table}"')
    for line in _statements(db):
        if line.startswith("CREATE FUNCTION"):
            db.execute_sql(f"DROP FUNCTION {line.split()[2]}")
