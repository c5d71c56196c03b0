"""How people fare after release, in rounded figures that are frozen once a month.

Nobody who may not open the entries sees an exact count of them. What is published, and why it tells of no single
person, stands in docs/decisions/0003-rounded-figures.md; tests/test_figures.py attacks it with a solver.
"""
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import (
    MILESTONES,
    Client,
    FollowUp,
    FollowUpNeed,
    Need,
    NeedState,
    Organisation,
    RefusalReason,
    ReleaseOffer,
    Snapshot,
    SnapshotCell,
)
from policy import visible_snapshots
from services import journal

BASE = 5  # counts are multiples of this; fewer people than this are "< 5"
SMALL = -1  # how "< 5" is kept
UNSURE = 3  # a small cell must keep at least so many possible values
WINDOW_MONTHS = 24  # observations older than this no longer count
PEOPLE, ALL = "people", "all"
# Who wants no help needs it still: a sixth column would hold too few people to be shown.
COUNTED_AS = {NeedState.DECLINED: NeedState.NEEDED}
STATES = tuple(state for state in NeedState if state not in COUNTED_AS)
# Why help was not taken: as many columns as states, so that what was tried of five holds here too.
REASON_AS = {RefusalReason.OTHER: RefusalReason.REFUSED}
REASONS = tuple(reason for reason in RefusalReason if reason not in REASON_AS)
NOT_TAKEN = (0, "not_taken")  # the key of their row: of no milestone and no need


# What may be shown: pure arithmetic

def rounded(count: int) -> int:
    """The multiple of five nearest to a count, or SMALL below five."""
    return SMALL if count < BASE else BASE * ((count + BASE // 2) // BASE)


def possible(shown: int) -> tuple[int, int]:
    """The least and the greatest count behind a shown one."""
    return (0, BASE - 1) if shown == SMALL else (max(BASE, shown - 2), shown + 2)


def publish(counts: list[int], people: int) -> tuple[list[int] | None, int]:
    """What is shown of a row of counts, and of how many people they are. None where even that would tell too much.

    That is decided from the rounded numbers alone, so that holding a row back says no more than they would.
    """
    shown, total = [rounded(count) for count in counts], rounded(people)
    return (None if tells_too_much(shown, total) else shown), total


def tells_too_much(shown: list[int], total: int) -> bool:
    """Whether all could share one state, or arithmetic would leave a small count fewer than UNSURE values."""
    bounds = [possible(each) for each in shown]
    least, most = sum(low for low, high in bounds), sum(high for low, high in bounds)
    total_least, total_most = possible(total)
    if total == SMALL:
        return False
    numbers = [high for each, (low, high) in zip(shown, bounds, strict=True) if each != SMALL]
    if len(numbers) == 1 and numbers[0] >= total_least:
        return True
    return any(min(high, total_most - (least - low)) - max(low, total_least - (most - high)) + 1 < UNSURE
               for each, (low, high) in zip(shown, bounds, strict=True) if each == SMALL)


@dataclass(frozen=True)
class Row:
    """A published row: numbers by state (None: held back), its total, and the month it was last counted."""

    states: tuple[int, ...] | None
    total: int
    since: date


def next_row(before: Row | None, then: dict[int, str], now: dict[int, str], month: date, columns=STATES) -> Row:
    """The row of `month`. `then` and `now` are client -> state, when `before` was counted and at the month's end.

    Until at least five people differ it stays as it was, to the letter: no difference between two publications
    comes from fewer.
    """
    changed = sum(then.get(client) != now.get(client) for client in then.keys() | now.keys())
    if before and changed < BASE:
        return before
    values = list(now.values())
    states, total = publish([values.count(column) for column in columns], len(values))
    return Row(tuple(states) if states else None, total, month)


# Freezing a month

def freeze(month: date | None = None) -> int:
    """Freezes the figures of a month that is over (the last one, if none is named); returns of how many prisons.

    What is frozen stays; running it again adds nothing. RuleBroken for a month that is not over.
    """
    month = (month or clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    if _end(month) > clock.now():
        raise RuleBroken(_("Figures are frozen when the month is over."))
    frozen = Snapshot.select(Snapshot.prison).where(Snapshot.month >= month)
    prisons = Organisation.select().where(
        Organisation.id.in_(Client.select(Client.prison).where(Client.released_on.is_null(False))),
        Organisation.id.not_in(frozen))
    return sum(_freeze_prison(prison, month) for prison in list(prisons))


def _freeze_prison(prison, month) -> bool:
    with db.writing():
        if Snapshot.select().where(Snapshot.prison == prison, Snapshot.month >= month).exists():
            return False
        rows, answers, before = _observations(prison), _answers(prison), _rows(_latest(prison))
        standing = {since: _standing(rows, since) | {NOT_TAKEN: _not_taken(answers, since)}
                    for since in {month, *(row.since for row in before.values())}}
        snapshot = Snapshot.create(prison=prison, month=month, made_at=clock.now())
        cells = []
        for key in _keys():
            old = before.get(key)
            then = standing[old.since][key] if old else {}
            cells += _cells(snapshot, key, next_row(old, then, standing[month][key], month, _columns(key)))
        SnapshotCell.insert_many(cells).execute()
        journal.wrote(None, "figures.freeze", prison.public_id, parts="shown")
        return True


def _keys():
    return [NOT_TAKEN, *((milestone, need) for milestone in MILESTONES for need in (PEOPLE, *Need))]


def _columns(key):
    return REASONS if key == NOT_TAKEN else STATES


def _end(month: date):
    """The moment a month ends."""
    return clock.at(_months_after(month, 1), time(0))


def _months_after(month: date, number: int) -> date:
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def _observations(prison) -> list[tuple]:
    """(client, milestone, need, state, when) for people released from a prison, the earliest first."""
    return list(FollowUpNeed.select(FollowUp.client, FollowUp.milestone, FollowUpNeed.need, FollowUpNeed.state,
                                    FollowUp.created_at)
                .join(FollowUp).join(Client)
                .where(Client.prison == prison, Client.released_on.is_null(False), Client.erased_at.is_null(),
                       FollowUp.milestone.in_(MILESTONES), FollowUpNeed.unchanged == False)  # noqa: E712
                .order_by(FollowUp.created_at, FollowUp.id).tuples())


def _standing(rows, month) -> dict[tuple, dict[int, str]]:
    """How people stood at the end of a month: (milestone, need) -> client -> state, the last observation of each."""
    start, end = clock.at(_months_after(month, 1 - WINDOW_MONTHS), time(0)), _end(month)
    standing = defaultdict(dict)
    for client, milestone, need, state, when in rows:
        if start <= when < end:
            standing[milestone, need][client] = COUNTED_AS.get(state, state)
            standing[milestone, PEOPLE][client] = PEOPLE
    return standing


def _answers(prison) -> list[tuple]:
    """(client, accepted, reason, day) of help offered to people released from a prison, the earliest first.

    Without what the prison wrote down itself: who knows a part of a row exactly could subtract it.
    """
    return list(ReleaseOffer.select(ReleaseOffer.client, ReleaseOffer.accepted, ReleaseOffer.reason,
                                    ReleaseOffer.offered_on)
                .join(Client)
                .where(Client.prison == prison, Client.released_on.is_null(False), Client.erased_at.is_null(),
                       ReleaseOffer.organisation != prison, ReleaseOffer.accepted.is_null(False))
                .order_by(ReleaseOffer.offered_on, ReleaseOffer.id).tuples())


def _not_taken(answers, month) -> dict[int, str]:
    """client -> reason, of those whose last answer by the end of a month was no."""
    start, end = _months_after(month, 1 - WINDOW_MONTHS), _months_after(month, 1)
    last = {client: None if accepted else REASON_AS.get(reason, reason)
            for client, accepted, reason, day in answers if start <= day < end}
    return {client: reason for client, reason in last.items() if reason}


def _cells(snapshot, key, row) -> list[dict]:
    milestone, need = key
    columns = dict(zip(_columns(key), row.states, strict=True)) if row.states and need != PEOPLE else {}
    shown = {ALL: row.total, **columns}
    return [{"snapshot": snapshot, "milestone": milestone, "need": str(need), "state": str(state),
             "since": row.since, "shown": number} for state, number in shown.items()]


def _latest(prison):
    return Snapshot.select().where(Snapshot.prison == prison).order_by(Snapshot.month.desc()).first()


def _rows(snapshot, milestone: int | None = None) -> dict[tuple, Row]:
    """The published rows of a snapshot by (milestone, need)."""
    if snapshot is None:
        return {}
    cells = SnapshotCell.select().where(SnapshotCell.snapshot == snapshot)
    found = defaultdict(dict)
    wanted = (milestone, NOT_TAKEN[0])
    for cell in cells if milestone is None else cells.where(SnapshotCell.milestone.in_(wanted)):
        found[cell.milestone, cell.need][cell.state] = cell
    return {key: _row(row, _columns(key)) for key, row in found.items()}


def _row(cells, columns) -> Row:
    states = tuple(cells[column].shown for column in columns) if columns[0] in cells else None
    return Row(states, cells[ALL].shown, cells[ALL].since)


# Reading

@dataclass(frozen=True)
class Line:
    """One need of a table: shown numbers by state (None: held back), people, and the month it was counted."""

    need: Need
    states: tuple[int, ...] | None
    people: int
    since: date


@dataclass(frozen=True)
class Table:
    """The figures of one prison at one milestone, from the last frozen month."""

    prison: Organisation
    month: date
    milestone: int
    people: int
    lines: list[Line]
    not_taken: Row | None  # why help was not taken, by REASONS; None in a month frozen before they were counted


def prisons(actor) -> list[Organisation]:
    """The prisons of which the actor may see figures, in Czech order."""
    return list(Organisation.select().where(Organisation.id.in_(visible_snapshots(actor).select(Snapshot.prison)))
                .order_by(Organisation.sort))


def table(actor, milestone: int, prison_id: str | None = None) -> Table | None:
    """The last frozen figures of a prison (the first the actor may see, if none is named); None before any month.

    Missing for a prison the actor may not see, and for a milestone that is not ours.
    """
    if milestone not in MILESTONES:
        raise Missing(str(milestone))
    query = (visible_snapshots(actor).select(Snapshot, Organisation).join(Organisation)
             .order_by(Organisation.sort, Snapshot.month.desc()))
    snapshot = query.where(Organisation.public_id == prison_id).first() if prison_id else query.first()
    if snapshot is None and prison_id:
        raise Missing(prison_id)
    return _table(snapshot, milestone) if snapshot else None


def _table(snapshot, milestone):
    rows = _rows(snapshot, milestone)
    lines = [Line(need, row.states, row.total, row.since)
             for need in Need for row in [rows[milestone, need]]]
    return Table(snapshot.prison, snapshot.month, milestone, rows[milestone, PEOPLE].total, lines, rows.get(NOT_TAKEN))
