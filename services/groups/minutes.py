"""The minutes of a meeting: writing, sending them to the members, approval, correction in a new version.

Each item has its own minutes. Who writes over words that they have not seen is shown both, and every writing is kept
until 90 days after approval, so that no line is lost. The lead approves, or the members by saying nothing for a week.
"""
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN

import clock
import db
from errors import Missing, RuleBroken
from models import AgendaItem, Meeting, MinutesText, MinutesVersion, User, WorkingGroup
from policy import visible_minutes
from services import journal
from services.coverage import snapshots
from services.groups import agenda, freezing, meetings, telling
from services.groups.machine import Event, State, may_write_minutes, move
from text import clean_text

SILENCE_DAYS = 7
LONGEST = 20_000


class Changed(Exception):
    """Somebody else wrote the minutes of this item in the meantime: what stands now, and who wrote it."""

    def __init__(self, item: AgendaItem, by: MinutesText):
        super().__init__(f"{item} is at version {item.version}")
        self.item, self.by = item, by


# Writing

def to_write(actor, public_id: str, lock: bool = False) -> AgendaItem:
    """An item whose minutes the actor may write now. Raises Missing."""
    row = agenda.find(actor, public_id, lock)
    if row.taken_out_at or not may_write_minutes(row.meeting):
        raise Missing(public_id)
    return row


def write(actor, public_id: str, text: str, decisions: str, version: int) -> AgendaItem:
    """Writes the minutes of an item; `version` is the one that the writer saw. Raises Missing, RuleBroken, Changed."""
    with db.writing():
        meetings.own(actor, to_write(actor, public_id).meeting.public_id, lock=True)
        row = to_write(actor, public_id, lock=True)
        wanted = (clean_text(text, lines=True), clean_text(decisions, lines=True))
        if max(len(each.encode()) for each in wanted) > LONGEST:
            raise RuleBroken(_("That is too long. Put a part of it into another item."), "text")
        if wanted == (row.text, row.decisions):
            return row
        if version != row.version:
            raise Changed(row, _texts(row).get())
        row.text, row.decisions, row.version = *wanted, row.version + 1
        row.save(only=[AgendaItem.text, AgendaItem.decisions, AgendaItem.version])
        MinutesText.create(item=row, version=row.version, text=row.text, decisions=row.decisions, author=actor.id,
                           at=clock.now())
        journal.wrote(actor, "meeting.minutes", row.public_id, parts="text,decisions")
        _wait_again(row.meeting)
    return row


def _wait_again(meeting):
    """Who agreed by silence agreed to other words: the week begins anew."""
    if meeting.state is State.REVIEW:
        Meeting.update(review_until=clock.today() + timedelta(days=SILENCE_DAYS)).where(
            Meeting.id == meeting.id).execute()


def _texts(item):
    return (MinutesText.select(MinutesText, User).join(User).where(MinutesText.item == item)
            .order_by(MinutesText.version.desc()))


def both(theirs: str, mine: str) -> str:
    """All lines of two texts, each once: theirs, then those that only mine has."""
    known = {line.strip() for line in theirs.split("\n")}
    added = [line for line in mine.split("\n") if line.strip() and line.strip() not in known]
    return "\n".join([*theirs.split("\n"), *added]).strip("\n") if theirs else mine


def writings(actor, public_id: str) -> tuple[AgendaItem, list[MinutesText]]:
    """Every writing of an item's minutes, the newest first. Raises Missing."""
    row = agenda.find(actor, public_id)
    return row, list(_texts(row))


# Approval

def send(actor, public_id: str) -> Meeting:
    """Sends the minutes to the members. Raises Missing, RuleBroken."""
    with db.writing():
        row = meetings.led(actor, public_id, lock=True)
        if not any(each.text or each.decisions for each in agenda.items(row)):
            raise RuleBroken(_("There is nothing in the minutes yet."))
        move(actor, row, Event.SEND_MINUTES, review_until=clock.today() + timedelta(days=SILENCE_DAYS),
             snapshot=row.snapshot or snapshots.take())
        journal.wrote(actor, "meeting.send_minutes", row.public_id)
        telling.minutes_told(row, _l("Minutes to be read"), _l(
            "Read the minutes and put right what is wrong. Who writes nothing within a week agrees."))
    return row


def approve(actor, public_id: str) -> Meeting:
    with db.writing():
        row = meetings.led(actor, public_id, lock=True)
        move(actor, row, Event.APPROVE)
        _freeze(actor, row)
    return row


def approve_due() -> int:
    """By night: approves minutes to which nobody wrote anything in time; returns how many."""
    due = (Meeting.state == State.REVIEW) & (Meeting.review_until < clock.today())
    return sum(_run_out(row.id, due) for row in list(Meeting.select(Meeting.id).where(due)))


def _run_out(meeting_id, due) -> bool:
    with db.writing():
        db.locked(Meeting.select().where(Meeting.id == meeting_id)).first()
        row = (Meeting.select(Meeting, WorkingGroup).join(WorkingGroup)
               .where(due, Meeting.id == meeting_id, WorkingGroup.closed_at.is_null()).first())
        if row is None:
            return False
        move(None, row, Event.RUN_OUT)
        _freeze(None, row)
        return True


def _freeze(actor, meeting):
    number = MinutesVersion.select().where(MinutesVersion.meeting == meeting).count() + 1
    MinutesVersion.create(meeting=meeting, number=number, content=freezing.frozen(meeting), reason=meeting.reason,
                          approved_by=getattr(actor, "id", None), approved_at=clock.now())
    Meeting.update(reason="", review_until=None).where(Meeting.id == meeting.id).execute()
    journal.wrote(actor, "meeting.approve", meeting.public_id)
    telling.minutes_told(meeting, _l("Minutes are approved"), _l(
        "The minutes are closed. What is put right later is a new version; both can be read."))


def correct(actor, public_id: str, reason: str) -> Meeting:
    """Opens approved minutes to be put right; the approved version stays as it is. Raises Missing, RuleBroken."""
    with db.writing():
        row = meetings.led(actor, public_id, lock=True)
        wanted = clean_text(reason, limit=500)
        if not wanted:
            raise RuleBroken(_("Write what is to be put right."), "reason")
        move(actor, row, Event.CORRECT, reason=wanted)
        journal.wrote(actor, "meeting.correct", row.public_id)
    return row


# Versions

def versions(actor, meeting) -> list[MinutesVersion]:
    """Approved versions that the actor may read, the newest first: who left reads those of their time."""
    return list(_versions(actor, meeting).order_by(MinutesVersion.number.desc()))


def version(actor, public_id: str, number: int) -> tuple[Meeting, MinutesVersion, dict]:
    """One approved version and what it says. Raises Missing."""
    meeting = meetings.find(actor, public_id)
    row = _versions(actor, meeting).where(MinutesVersion.number == number).first()
    if row is None:
        raise Missing(public_id)
    return meeting, row, freezing.opened(row.content)


def _versions(actor, meeting):
    return (visible_minutes(actor).select(MinutesVersion, User).join_from(MinutesVersion, User, JOIN.LEFT_OUTER)
            .where(MinutesVersion.meeting == meeting))
