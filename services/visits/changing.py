"""Changing what was agreed: another time, other people, other equipment ask for a new yes; notes do not."""
from dataclasses import dataclass, field

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import BookingVisitor, Equipment
from services import slots, visitors
from services.visits import holding
from services.visits.choosing import slot_to_take, taken
from services.visits.effects import answer_by, note, people_of, propose
from text import clean_text

LONGEST_EQUIPMENT = 200


@dataclass(frozen=True)
class Change:
    """What the sender wants instead; as it was where nothing is changed. People as in a Wish."""

    slot: str = ""
    colleagues: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    equipment: str = ""


def change_visit(actor, booking, answer) -> dict:
    """The prison proposes another time; or the sender asks anew, and what was agreed is held until the answer."""
    if answer.change is None:
        propose(actor, booking, answer)
        return {}
    told = {**_other_people(actor, booking, answer.change), **_other_equipment(booking, answer.change.equipment)}
    _other_time(booking, answer.change.slot, told)
    note(actor, booking, answer)
    booking.answer_by = answer_by(booking.prison_id, [booking])
    booking.overdue_at = booking.escalated_at = None
    return told


def _other_people(actor, booking, wanted):
    old = {row.visitor_id: row for row in BookingVisitor.select().where(BookingVisitor.booking == booking.id)}
    rows = visitors.for_request(actor, booking.prison, wanted, clock.local(booking.starts_at).date())
    if not rows:
        raise RuleBroken(_("Choose who comes."), field="colleagues")
    if {row["visitor"] for row in rows} == set(old):
        return {}
    BookingVisitor.delete().where(BookingVisitor.booking == booking.id).execute()
    db.add(*[BookingVisitor(booking=booking.id, **row) for row in rows])
    return {"visitors": True, **({"people": [len(old), len(rows)]} if len(old) != len(rows) else {})}


def _other_equipment(booking, wanted):
    wanted = clean_text(wanted, limit=LONGEST_EQUIPMENT)
    if wanted == booking.equipment:
        return {}
    booking.equipment = wanted
    booking.equipment_state = Equipment.ASKED if wanted else Equipment.NONE
    return {"equipment": True}


def _other_time(booking, key, told):
    before = holding.own(booking)
    if key and key != before.key:
        slot = slot_to_take(booking.prison_id, key, count=False)
        holding.add(booking, holding.slot_of(before), holding.BEFORE)
        holding.take(booking, slot)
    elif "people" not in told or before.window.people is None:
        return
    else:  # the same time for more or fewer people
        slots.release_seats(booking)
        slot = holding.slot_of(before)
    if not slots.take_seat(slot, booking, people_of(booking)):
        raise taken()


def differs(booking, rows: list[BookingVisitor], wanted: Change, chosen: list) -> bool:
    """Whether what the sender wants needs a new yes. `chosen` are the people as visitors.chosen gives them."""
    names = sorted(each.name for each in chosen)
    return (wanted.slot not in {"", holding.own(booking).key} or names != sorted(row.name for row in rows)
            or clean_text(wanted.equipment, limit=LONGEST_EQUIPMENT) != booking.equipment)
