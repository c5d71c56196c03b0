"""What was counted is kept until the book is written: the same mark as the search's (services/search_kept.py)."""
from collections.abc import Callable

import clock
import db
from services.search_kept import MARK

MOST_KEPT = 60
_answers: dict = {}  # by database: the mark of the book, and what was counted of it


def kept(count: Callable, *asked):
    """`count(*asked)`, counted once for each day and each state of the book; one query where it was."""
    mark = db.database.execute_sql(f"SELECT {MARK}").fetchone()[0]
    known, answers = _answers.get(db.database.obj, (None, {}))
    if known != mark or len(answers) >= MOST_KEPT:
        answers = {}
        _answers.clear()
        _answers[db.database.obj] = mark, answers
    key = count, clock.today(), *asked
    if key not in answers:
        answers[key] = count(*asked)
    return answers[key]
