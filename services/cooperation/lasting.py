"""How long it usually takes until a co-operation with a prison is active."""
import math
from dataclasses import dataclass
from statistics import median

import clock
from models import Cooperation


@dataclass(frozen=True)
class Usual:
    """The median of days from interest to an active co-operation, of how many."""

    days: int
    of: int


def usual(prison_id: int) -> Usual | None:
    """How long it took until co-operations with this prison became active; None where none has yet."""
    return usual_of(Cooperation.select().where(Cooperation.prison == prison_id))


def usual_of(rows) -> Usual | None:
    took = [(clock.local(row.activated_at).date() - clock.local(row.started_at).date()).days
            for row in rows if row.started_at and row.activated_at]
    return Usual(math.floor(median(took) + .5), len(took)) if took else None
