"""A database made by a draft of the first schema, before the first release, which no migration brings further."""
from pathlib import Path

import clock
import db
import models


def lacking() -> list[str]:
    """Tables and columns (`table`, `table.column`) of models.py that the database lacks although it is migrated."""
    tables = set(db.database.get_tables())
    return [name for model in models.MODELS for name in _lacking(model._meta, tables)]


def _lacking(meta, tables):
    if meta.table_name not in tables:
        return [meta.table_name]
    columns = {column.name for column in db.database.get_columns(meta.table_name)}
    return [f"{meta.table_name}.{name}" for name in meta.columns if name not in columns]


def set_aside(url: str) -> Path:
    """Renames an SQLite database, so that a new one can stand in its place; the path it has now."""
    path = Path(url.removeprefix("sqlite:///"))
    aside = path.with_name(f"{path.stem}-until-{clock.now():%Y%m%d-%H%M%S}{path.suffix}")
    db.database.close()
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists():
            part.rename(aside.with_name(aside.name + end))
    return aside
