"""The agenda of a meeting: topics that members write, standing items, their order."""
from flask_babel import gettext as _
from peewee import fn

import clock
import db
from errors import Missing, RuleBroken
from models import AgendaItem, AgendaKind, Meeting
from services import journal
from services.groups import founding, meetings
from services.groups.machine import SHUT, Side, side_of
from text import clean_text

MOST = 60


def items(meeting, taken_out: bool = False) -> list[AgendaItem]:
    """What is on the agenda, in its order; or what was taken out."""
    out = AgendaItem.taken_out_at.is_null(not taken_out)
    return list(AgendaItem.select().where(AgendaItem.meeting == meeting, out)
                .order_by(AgendaItem.position, AgendaItem.id))


def find(actor, public_id: str, lock: bool = False) -> AgendaItem:
    """An item of a meeting of a group that the actor is in. Raises Missing."""
    query = AgendaItem.select().where(AgendaItem.public_id == public_id)
    row = (db.locked(query) if lock else query).first()
    if row is None:
        raise Missing(public_id)
    row.meeting = meetings.own(actor, row.meeting.public_id)
    return row


def may_change(actor, item) -> bool:
    """Leads arrange everything; who put a topic on the agenda changes that one."""
    side = side_of(actor, item.meeting.group)
    return side is Side.LEAD or (side is not None and item.author_id == actor.id and item.kind is AgendaKind.TOPIC)


def to_change(actor, public_id: str, lock: bool = False) -> AgendaItem:
    """An item that the actor may write now. Raises Missing."""
    row = find(actor, public_id, lock)
    if not may_change(actor, row) or not is_open(row.meeting):
        raise Missing(public_id)
    return row


def is_open(meeting) -> bool:
    return meeting.state not in SHUT and not meeting.group.closed_at


def add(actor, meeting_id: str, values: dict) -> AgendaItem:
    """A topic at the end of the agenda; a second click finds it. Raises Missing, RuleBroken."""
    with db.writing():
        meeting = meetings.own(actor, meeting_id, lock=True)
        if not is_open(meeting):
            raise Missing(meeting_id)
        given = _given(values)
        if found := founding.same(AgendaItem, meeting=meeting, author=actor.id, kind=AgendaKind.TOPIC,
                                  taken_out_at=None, **given):
            return found
        count, last = AgendaItem.select(fn.COUNT(AgendaItem.id), fn.MAX(AgendaItem.position)).where(
            AgendaItem.meeting == meeting).tuples().get()
        if count >= MOST:
            raise RuleBroken(_("The agenda is full. Put some of it off."))
        row = AgendaItem.create(meeting=meeting, position=(last or 0) + 1, author=actor.id, **given)
        journal.wrote(actor, "meeting.add_item", row.public_id)
    return row


def save(actor, public_id: str, values: dict) -> AgendaItem:
    with db.writing():
        row = to_change(actor, public_id, lock=True)
        for name, value in _given(values).items():
            setattr(row, name, value)
        row.save(only=[AgendaItem.title, AgendaItem.who, AgendaItem.minutes_planned, AgendaItem.note])
        journal.wrote(actor, "meeting.change_item", row.public_id, parts="title,who,minutes,note")
    return row


def _given(values) -> dict:
    return {"title": clean_text(values["title"], limit=200), "who": clean_text(values["who"], limit=200),
            "minutes_planned": values["minutes_planned"],
            "note": clean_text(values["note"], lines=True, limit=10_000)}


def take_out(actor, public_id: str, out: bool) -> AgendaItem:
    """Takes an item off the agenda with all that was written of it, or puts it back."""
    with db.writing():
        row = to_change(actor, public_id, lock=True)
        row.taken_out_at = clock.now() if out else None
        row.save(only=[AgendaItem.taken_out_at])
        journal.wrote(actor, "meeting.take_out_item" if out else "meeting.put_item_back", row.public_id)
    return row


def shift(actor, public_id: str, up: bool) -> Meeting:
    """A lead moves an item a place up or down; at the end of the agenda it stays."""
    with db.writing():
        found = find(actor, public_id)
        meetings.led(actor, found.meeting.public_id, lock=True)
        if not is_open(found.meeting):
            raise Missing(public_id)
        rows = items(found.meeting)
        places = [row.public_id for row in rows]
        if public_id in places:
            here = places.index(public_id)
            there = max(0, here - 1) if up else min(len(rows) - 1, here + 1)
            rows.insert(there, rows.pop(here))
            for position, row in enumerate(rows, start=1):
                AgendaItem.update(position=position).where(AgendaItem.id == row.id).execute()
        journal.wrote(actor, "meeting.order", found.meeting.public_id)
    return found.meeting
