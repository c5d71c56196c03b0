"""Counting what the database is asked."""
from contextlib import contextmanager

import db

FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def counted():
    """Inside it the list that it gives fills with the statements that ask or write; `COMMIT` stands in it too."""
    seen = []

    def note(event):
        if not event.sql.startswith(FRAME) or event.sql == "COMMIT":
            seen.append(event.sql)
    hooks = db.database.obj.query_hooks
    hooks.append(note)
    try:
        yield seen
    finally:
        hooks.remove(note)
