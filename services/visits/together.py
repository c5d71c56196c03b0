"""Visits that belong together: a series, every so many weeks, or one trip with several times after each other.

A group is named by the public id of its series, or by that of its trip.
"""
from dataclasses import dataclass

from flask_babel import gettext as _

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Booking, BookingSeries, BookingState, Equipment
from services import visitors
from services.visits import telling
from services.visits.deciding import advance
from services.visits.machine import AlreadyDecided, Event, Side, side_of
from services.visits.rows import with_names


@dataclass(frozen=True)
class Group:
    """`visits` in order of time; `every_weeks` of a series, None of a trip."""

    public_id: str
    every_weeks: int | None
    visits: list[Booking]
    side: Side | None

    @property
    def waiting(self) -> list[Booking]:
        """Those that the prison has not decided yet."""
        return [visit for visit in self.visits
                if visit.state is BookingState.REQUESTED and visit.starts_at > clock.now()]

    @property
    def ahead(self) -> list[Booking]:
        """Those that can still be called off."""
        return [visit for visit in self.visits if visit.starts_at > clock.now() and visit.state in OPEN]


OPEN = (BookingState.REQUESTED, BookingState.COUNTERED, BookingState.WAITING, BookingState.CONFIRMED)


def path_of(public_id: str) -> str:
    return f"/visits/together/{public_id}"


def group(actor, public_id: str) -> Group:
    """A group as far as the actor may see its visits. Raises Missing."""
    visits = _sorted(policy.ask(actor, _of_group, public_id=public_id))
    if not visits:
        raise Missing
    weeks = BookingSeries.get_or_none(BookingSeries.public_id == public_id)
    return Group(public_id, weeks and weeks.every_weeks, visits, side_of(actor, visits[0]))


def _of_group(actor, public_id):
    series = BookingSeries.select(BookingSeries.id).where(BookingSeries.public_id == public_id)
    return with_names(policy.visible_bookings(actor).where(Booking.series.in_(series) | (Booking.trip == public_id)))


def _sorted(visits):
    return sorted(visits, key=lambda visit: (visit.starts_at, visit.id))


# The prison's yes

def asks(actor, found: Group) -> tuple[bool, list]:
    """What a yes to all has to answer too: whether something may be brought in, and who is to be let in."""
    questions = {}
    for visit in found.waiting:
        questions.update({each.public_id: each for each in visitors.questions(actor, visit)})
    return any(visit.equipment_state is Equipment.ASKED for visit in found.waiting), list(questions.values())


def confirm_all(actor, public_id: str, **answer) -> tuple[int, list[tuple[Booking, str]]]:
    """Confirms all of a group that waits; returns how many, and those left with the sentence that says why.

    Of a trip all or none: then RuleBroken. `answer` is what else stands in an Answer.
    """
    with db.writing(), telling.together(path_of(public_id)):
        found, left = group(actor, public_id), []
        if not found.waiting:
            raise AlreadyDecided(_("This was settled meanwhile. Here is how it stands now."))
        for visit in found.waiting:
            try:
                with db.writing():
                    advance(actor, visit.public_id, Event.CONFIRM, **answer)
            except AlreadyDecided:
                continue
            except RuleBroken as refusal:
                if found.every_weeks is None or len(found.waiting) == 1 or refusal.field in {"equipment", "refused"}:
                    raise
                left.append((visit, str(refusal.sentence)))
        return len(found.waiting) - len(left), left
