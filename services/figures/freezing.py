"""Freezing a month: each group in a transaction of its own, so a run that was stopped goes on where it was."""
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import Client, FigureGroup, Organisation, PartnerView, Referral, Snapshot, SnapshotCell
from services import journal
from services.figures.rounding import Row, next_row
from services.figures.rows import ALL, PEOPLE, Past, columns_of, end_of, keys_of


def freeze(month: date | None = None, tell: Callable[[int, int], None] | None = None) -> int:
    """Freezes the figures of a month that is over (the last one, if none is named); returns of how many groups.

    What is frozen stays; running it again adds nothing. `tell` hears after each group how many are done, of how many.
    RuleBroken for a month that is not over.
    """
    month = (month or clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    if end_of(month) > clock.now():
        raise RuleBroken(_("Figures are frozen when the month is over."))
    found, frozen = groups(month), 0
    for number, (kind, organisation) in enumerate(found, 1):
        frozen += _freeze_group(kind, organisation, month)
        if tell:
            tell(number, len(found))
    return frozen


def groups(month: date) -> list[tuple[FigureGroup, Organisation]]:
    """The groups of which a month is still to be frozen."""
    released = Client.released_on.is_null(False)
    prisons = Client.select(Client.prison).where(released)
    rated = [PartnerView.select(PartnerView.organisation), PartnerView.select(PartnerView.about)]
    senders = Referral.select(Referral.sender).join(Client).where(released, Referral.accepted_at.is_null(False))
    is_prison = Organisation.kind == "prison"
    in_prisons = is_prison & (Organisation.id.in_(prisons) | Organisation.id.in_(rated[0])
                              | Organisation.id.in_(rated[1]))
    return [*_unfrozen(FigureGroup.PRISON, month, in_prisons),
            *_unfrozen(FigureGroup.REFERRER, month, Organisation.id.in_(senders) & ~is_prison)]


def _unfrozen(kind, month, condition):
    frozen = Snapshot.select(Snapshot.organisation).where(Snapshot.kind == kind, Snapshot.month >= month)
    rows = Organisation.select().where(condition, Organisation.id.not_in(frozen)).order_by(Organisation.id)
    return [(kind, row) for row in rows]


def _freeze_group(kind, organisation, month) -> bool:
    with db.writing():
        of_group = (Snapshot.kind == kind) & (Snapshot.organisation == organisation)
        if Snapshot.select().where(of_group, Snapshot.month >= month).exists():
            return False
        before = rows_of(Snapshot.select().where(of_group).order_by(Snapshot.month.desc()).first())
        now = _rows_of_month(kind, organisation, month, before)
        snapshot = Snapshot.create(kind=kind, organisation=organisation, month=month, made_at=clock.now())
        SnapshotCell.insert_many([cell for key, row in now for cell in _cells(snapshot, key, row)]).execute()
        journal.wrote(None, "figures.freeze", organisation.public_id, parts="shown")
        return True


def _rows_of_month(kind, organisation, month, before) -> list[tuple[tuple, Row]]:
    """The rows as they are published of a month: those of before where fewer than five have changed."""
    past = Past(kind, organisation)
    standing = {since: past.standing(since) for since in {month, *(row.since for row in before.values())}}
    return [(key, next_row(before.get(key), standing[before[key].since][key] if key in before else {},
                           standing[month][key], month, columns_of(key))) for key in keys_of(kind)]


def _cells(snapshot, key, row) -> list[dict]:
    milestone, need = key
    columns = dict(zip(columns_of(key), row.states, strict=True)) if row.states and need != PEOPLE else {}
    shown = {ALL: row.total, **columns}
    return [{"snapshot": snapshot, "milestone": milestone, "need": str(need), "state": str(state),
             "since": row.since, "shown": number} for state, number in shown.items()]


def rows_of(snapshot, milestone: int | None = None) -> dict[tuple, Row]:
    """The published rows of a snapshot by (milestone, need): all, or those of one milestone and of none."""
    return rows_of_many([snapshot], None if milestone is None else (milestone, 0))[snapshot.id] if snapshot else {}


def rows_of_many(snapshots, milestones: tuple[int, ...] | None = None, need: str | None = None) -> dict[int, dict]:
    """The rows of several by the ids of their snapshots, in one query: all, or those of some milestones or one need.

    No models are made of so many cells.
    """
    found, since = {each.id: defaultdict(dict) for each in snapshots}, {}
    cells = db.kept(_cells_of, milestones, need, snapshots=list(found)) if found else ()
    for snapshot, at, need, state, shown, month in cells:
        found[snapshot][at, need][state] = shown
        since[snapshot, at, need] = month
    return {of: {key: _row(row, columns_of(key), since[of, *key]) for key, row in rows.items()}
            for of, rows in found.items()}


def _cells_of(milestones, need, snapshots):
    cells = SnapshotCell.select(SnapshotCell.snapshot, SnapshotCell.milestone, SnapshotCell.need, SnapshotCell.state,
                                SnapshotCell.shown, SnapshotCell.since).where(SnapshotCell.snapshot.in_(snapshots))
    if milestones:
        cells = cells.where(SnapshotCell.milestone.in_(milestones))
    return (cells.where(SnapshotCell.need == need) if need else cells).tuples()


def _row(cells, columns, since) -> Row:
    states = tuple(cells[column] for column in columns) if columns[0] in cells else None
    return Row(states, cells[ALL], since)
