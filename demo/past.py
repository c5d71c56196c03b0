"""The clock turned back, so that the ordinary functions can write what happened then."""
from contextlib import contextmanager
from operator import itemgetter

import clock
from models import Outbox


@contextmanager
def at(moment):
    """`clock.now()` is `moment` inside. For a command that runs alone, never for a server."""
    present = clock.now
    clock.now = lambda: moment
    try:
        yield
    finally:
        clock.now = present


def happen(story) -> None:
    """Does each of `(moment, step)` at its moment, in the order of time. Mails of then are not sent now."""
    now = clock.now()
    for moment, step in sorted(story, key=itemgetter(0)):
        with at(moment):
            step()
    Outbox.delete().where(Outbox.created_at <= now).execute()
