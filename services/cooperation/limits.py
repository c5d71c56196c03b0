"""Which co-operations hold today, and what they allow at most: what visits ask."""
from dataclasses import dataclass
from datetime import date

import clock
import db
from models import Cooperation, CooperationState


@dataclass(frozen=True)
class Limits:
    """What an active co-operation allows at most, and the first and last day it is agreed for; None: no limit."""

    most_visits_a_month: int | None = None
    most_people: int | None = None  # at one visit
    valid_from: date | None = None
    valid_until: date | None = None


def limits(organisation_id: int, prison_id: int) -> Limits | None:
    """The limits of two sides that co-operate today; None where they do not."""
    found = db.kept(_limits_of, clock.today(), organisation=organisation_id, prison=prison_id)
    return Limits(*found[0]) if found else None


def _limits_of(today, organisation, prison):
    row = Cooperation
    return row.select(row.most_visits_a_month, row.most_people, row.valid_from, row.valid_until).where(
        holds(today), row.organisation == organisation, row.prison == prison).tuples()


def holds(today: date):
    """Condition: a co-operation is active and its last day, if it has one, has not passed."""
    return (Cooperation.state == CooperationState.ACTIVE) & (
        Cooperation.valid_until.is_null() | (Cooperation.valid_until >= today))
