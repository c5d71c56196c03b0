"""Gaps in coverage: somebody reports a cell, somebody takes it until a day; what turns empty again opens by itself."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import formats
from errors import Missing, RuleBroken
from labels import label, language
from models import Gap, GapEvent, GapReason, GapState, Organisation, Region, Role, User
from policy import ROLE_CAN, Can, ask, may
from services import journal, mail
from services.coverage.cell import EMPTY, Cell
from services.coverage.gap_machine import CLOSED, HELD, OPEN, Event, line, open_events
from services.coverage.where import Where, cells, of_gap
from text import clean_text

LONGEST = 2000
FURTHEST = timedelta(days=5 * 365)
SHOWN = 500


@dataclass(frozen=True)
class Asked:
    """What somebody writes with an event; `version` is that of the page they saw, None where they saw none."""

    proposal: str | None = None
    owner: str | None = None  # public id of a user
    due_on: date | None = None
    reason: GapReason | None = None
    version: int | None = None


@dataclass(frozen=True)
class Opened:
    """A gap with what runs in its cell now, what the actor may do with it, and what happened to it."""

    row: Gap
    where: Where
    cell: Cell
    events: list[Event]
    history: list[GapEvent]
    late: bool


# Reading

def visible(actor):
    """Gaps with their prison, region and owner: all of them, for whoever works in the network."""
    if not may(actor, Can.KEEP_GAPS):
        raise Missing
    return _rows()


def _rows():
    return (Gap.select(Gap, Organisation, Region, User)
            .join_from(Gap, Organisation, JOIN.LEFT_OUTER, on=(Gap.prison == Organisation.id), attr="prison")
            .join_from(Gap, Region, JOIN.LEFT_OUTER, on=(Gap.region == Region.code), attr="region")
            .join_from(Gap, User, JOIN.LEFT_OUTER, on=(Gap.owner == User.id), attr="owner"))


def every(actor, closed: bool = False) -> list[Gap]:
    """Gaps that are open, those without a day last; or those that are closed, the newest first."""
    if closed:
        return list(visible(actor).where(Gap.state.in_(CLOSED)).order_by(Gap.changed_at.desc(), Gap.id).limit(SHOWN))
    return list(visible(actor).where(Gap.state.in_(OPEN)).order_by(Gap.due_on.is_null(), Gap.due_on, Gap.id)
                .limit(SHOWN))


def open_of(regions: Iterable[str] = (), since: date | None = None) -> list[Gap]:
    """Open gaps of regions (codes; none: all), also in prisons that sit there, for the agenda of a meeting.

    `since` leaves those that were found, or found again, on that day or later.
    """
    codes = list(regions)
    query = _rows().where(Gap.state.in_(OPEN))
    if codes:
        query = query.where(Gap.region.in_(codes) | Organisation.region.in_(codes))
    if since:
        found = GapEvent.select(GapEvent.gap).where(GapEvent.new_state == GapState.FOUND,
                                                    GapEvent.at >= clock.at(since, time(0)))
        query = query.where(Gap.id.in_(found))
    return list(query.order_by(Gap.due_on.is_null(), Gap.due_on, Gap.id))


def by_cell(actor) -> dict[str, Gap]:
    """Open gaps by the key of their cell, for the tables of coverage; nothing for who sees none."""
    if not may(actor, Can.KEEP_GAPS):
        return {}
    return {row.cell: row for row in db.kept(_all_open)}


def _all_open():
    return Gap.select().where(Gap.state.in_(OPEN))


def of_cell(actor, where: Where) -> Gap | None:
    return next(iter(db.kept(_in_cell, cell=where.key)), None) if may(actor, Can.KEEP_GAPS) else None


def _in_cell(cell):
    return _rows().where(Gap.cell == cell)


def one(actor, public_id: str) -> Opened:
    """Raises Missing."""
    row = visible(actor).where(Gap.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    where = of_gap(row)
    cell = cells([where])[0]
    history = list(GapEvent.select(GapEvent, User).join(User, JOIN.LEFT_OUTER).where(GapEvent.gap == row)
                   .order_by(GapEvent.id.desc()))
    return Opened(row, where, cell, open_events(actor, row, cell), history, is_late(row))


def is_late(row) -> bool:
    return row.state in OPEN and row.due_on is not None and row.due_on < clock.today()


def possible_owners(actor) -> list[User]:
    """Whom the actor may name: the coordinator anybody who works in the network, others themself and colleagues."""
    roles = [role for role in Role if Can.KEEP_GAPS in ROLE_CAN[role]]
    people = User.select(User, Organisation).join(Organisation, JOIN.LEFT_OUTER).where(
        User.active == True, User.role.in_(roles)).order_by(User.name)  # noqa: E712
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return list(people)
    return list(people.where((User.id == actor.id) | (User.organisation == actor.organisation_id)))


# Writing

def report(actor, where: Where, asked: Asked) -> Gap:
    """Reports a cell, with an owner and a day where somebody takes it at once. Raises Missing, RuleBroken.

    A cell whose gap was closed is opened again; one that is open already is refused, with what is known of it.
    """
    if not may(actor, Can.KEEP_GAPS):
        raise Missing
    _check(actor, asked)
    with db.writing():
        row = db.locked(Gap.select().where(Gap.cell == where.key)).first()
        if row is not None and row.state in OPEN:
            raise RuleBroken(_("Somebody has reported this already: %(state)s.", state=label(row.state)))
        if row is None:
            row = Gap(cell=where.key, prison=where.prison, area=where.area, region=where.region, need=where.need,
                      group=where.group, state=None, opened_by=actor.id)
        _go(actor, row, Event.REOPEN if row.id else Event.REPORT, Asked(asked.proposal))
        if asked.owner:
            _go(actor, row, _taking(actor, asked), Asked(owner=asked.owner, due_on=asked.due_on))
        elif asked.due_on:
            _go(actor, row, Event.AMEND, Asked(due_on=asked.due_on))
        return row


def advance(actor, public_id: str, event: Event, asked: Asked) -> Gap:
    """Takes a gap along one line of the table. Raises Missing, RuleBroken."""
    if not may(actor, Can.KEEP_GAPS) or event is Event.REPORT:
        raise Missing
    if event is Event.TAKE:
        asked = Asked(asked.proposal, actor.public_id, asked.due_on, version=asked.version)
    if event in {Event.TAKE, Event.ASSIGN} and not asked.owner:
        raise RuleBroken(_("Choose who takes it."), "owner")
    if event is Event.GIVE_UP and asked.reason is None:
        raise RuleBroken(_("Choose a reason."), "reason")
    _check(actor, asked)
    with db.writing():
        row = db.locked(Gap.select().where(Gap.public_id == public_id)).first()
        if row is None:
            raise Missing(public_id)
        if asked.version is not None and asked.version != row.version:
            raise RuleBroken(_("Somebody has changed this gap in the meantime. See how it stands now; what you wrote "
                               "is kept below."))
        return _go(actor, row, event, asked)


def _taking(actor, asked) -> Event:
    return Event.TAKE if asked.owner == actor.public_id else Event.ASSIGN


def _check(actor, asked):
    if asked.owner:
        if not may(actor, Can.VERIFY_ORGANISATIONS) and asked.owner != actor.public_id:
            raise RuleBroken(_("Only the coordinator gives a gap to somebody else."), "owner")
        if asked.owner not in {user.public_id for user in possible_owners(actor)}:
            raise RuleBroken(_("Choose one of the people in the list."), "owner")
        if asked.due_on is None:
            raise RuleBroken(_("Enter until when."), "due_on")
    if asked.due_on and not clock.today() <= asked.due_on <= clock.today() + FURTHEST:
        raise RuleBroken(_("Choose a day from today to five years on."), "due_on")


def _go(actor, row, event, asked) -> Gap:
    cell = cells([of_gap(row)])[0]
    found = line(actor, row, event, cell)
    before = row.owner_id
    old, row.state = row.state, found.new
    changed = _write(row, event, asked, cell)
    row.changed_at, row.version = clock.now(), (row.version + 1 if row.id else 1)
    row.save(force_insert=row.id is None)
    GapEvent.create(gap=row, actor=getattr(actor, "id", None), event=event, old_state=old or "", new_state=row.state,
                    reason=row.reason if found.needs_reason else "", changes=",".join(changed), at=clock.now())
    _tell(actor, row, event, before)
    journal.wrote(actor, f"gap.{event}", row.public_id, parts=",".join(changed))
    return row


def _write(row, event, asked, cell) -> list[str]:
    """Writes what came with an event; returns the names of what has changed."""
    new = {"reason": asked.reason if event is Event.GIVE_UP else None}
    if asked.proposal is not None:
        new["proposal"] = clean_text(asked.proposal, lines=True, limit=LONGEST)
    if asked.owner:
        new["owner_id"] = User.get(User.public_id == asked.owner).id
    if asked.due_on:
        new["due_on"] = asked.due_on
    if row.state in CLOSED:
        new["filled"] = cell.state != EMPTY
    if row.state is GapState.FOUND and event is not Event.AMEND:
        new |= {"owner_id": None, "due_on": asked.due_on, "filled": False}
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name.removesuffix("_id"), new[name])
    return [name.removesuffix("_id") for name in changed]


# By night

def watch() -> int:
    """Opens closed gaps whose cell has turned empty again; returns how many."""
    with db.writing():
        rows = list(db.locked(Gap.select().where(Gap.state.in_(CLOSED)).order_by(Gap.id)))
        now = cells([of_gap(row) for row in rows])
        for row, cell in zip(rows, now, strict=True):
            if cell.state != EMPTY and not row.filled:
                Gap.update(filled=True).where(Gap.id == row.id).execute()
        again = [row for row, cell in zip(rows, now, strict=True) if cell.state == EMPTY and row.filled]
        for row in again:
            _go(None, row, Event.REOPEN, Asked())
        return len(again)


# Who is told

def _tell(actor, row, event, before):
    """The new owner that it is theirs; who had it and the coordinators that it has opened by itself."""
    if event is Event.ASSIGN and row.owner_id not in {before, getattr(actor, "id", None)}:
        _write_to([row.owner], row, _given)
    if event is Event.REOPEN and actor is None:
        _write_to(_keepers(before), row, _opened_again)


def _keepers(before):
    return list(User.select().where(User.active == True,  # noqa: E712
                                    (User.role == Role.COORDINATOR) | (User.id == before)).order_by(User.id))


def _given(row):
    return _("A gap in coverage was given to you"), _("Please see to it by %(day)s.", day=formats.day(
        row.due_on, language=language()))


def _opened_again(row):
    return _("A gap in coverage has opened again"), _("What ran there has ended and nothing runs there now. Nobody "
                                                      "has taken the gap yet.")


def _write_to(people, row, words):
    for person in people:
        with force_locale(person.language):
            subject, sentence = words(row)
            place = name_of(of_gap(row))
            mail.post(person, subject, f"{place}\n\n{sentence}\n\n{mail.link(f'/coverage/gaps/{row.public_id}')}\n")


def name_of(where: Where) -> str:
    """A cell in words: where and what, in the language of the moment."""
    if where.prison:
        return f"{where.prison.name}: {label(where.area)}"
    group = f" ({label(where.group)})" if where.group else ""
    return f"{where.region.name}: {label(where.need)}{group}"


# Today

@dataclass(frozen=True)
class Today:
    """`mine`: gaps the actor has taken, the soonest first; `free`: how many nobody has, for the coordinator."""

    mine: list[tuple[Gap, str]]  # each with its cell in words
    free: int


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not may(actor, Can.KEEP_GAPS):
        return []
    free = [db.HowMany(_free())] if may(actor, Can.VERIFY_ORGANISATIONS) else []
    return [Gap.select().where(Gap.owner == actor.id, Gap.state.in_(HELD)), *free]


def _free():
    return Gap.select().where(Gap.state == GapState.FOUND)


def today(actor, some_own=True, free=None) -> Today | None:
    """What waits; own gaps are not asked for where there are said to be none, `free` ones counted if nobody tells."""
    if not may(actor, Can.KEEP_GAPS):
        return None
    rows = ask(actor, _mine) if some_own else []
    if free is None:
        free = _free().count() if may(actor, Can.VERIFY_ORGANISATIONS) else 0
    return Today([(row, name_of(of_gap(row))) for row in rows], free) if rows or free else None


def _mine(actor):
    return _rows().where(Gap.owner == actor.id, Gap.state.in_(HELD)).order_by(Gap.due_on, Gap.id).limit(20)
