"""What people needed and did not get, by region and need: frozen each month and rounded as published figures are.

One person counts once in a row, by what was known of them last in two years: a referral that was declined, left without
an answer or waits for a place; a need that is stuck, by whether a condition of the service is what cannot be met. Who
was taken on, or whose need is met, counts no more. The rules stand in docs/decisions/0003-rounded-figures.md.
"""
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta

from flask_babel import gettext as _
from peewee import SQL, fn

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Area,
    Barrier,
    Client,
    FollowUp,
    FollowUpNeed,
    Need,
    NeedState,
    Organisation,
    Referral,
    ReferralEvent,
    ReferralNeed,
    ReferralReason,
    ReferralState,
    Region,
    UnmetCell,
    UnmetSnapshot,
    Wanted,
)
from policy import Can, may
from services import figures, journal
from services import prisons as published
from services.coverage import prisons, regions
from services.coverage.cell import Cell
from services.figures.rows import WINDOW_MONTHS, end_of, months_after
from services.referrals.machine import Event

CONDITION, DECLINED, UNANSWERED, WAITING, STUCK = "condition", "declined", "unanswered", "waiting", "stuck"
CAUSES = (CONDITION, DECLINED, UNANSWERED, WAITING, STUCK)
ALL = "all"
OF_REFERRAL = {ReferralState.DECLINED: DECLINED, ReferralState.UNANSWERED: UNANSWERED, ReferralState.WAITING: WAITING,
               ReferralState.ACCEPTED: None, ReferralState.IN_CARE: None}
UNFIT = (ReferralState.DECLINED, ReferralState.DRAFT)  # where a condition is the reason


def freeze(month: date | None = None) -> int:
    """Freezes a month that is over (the last one, if none is named); returns of how many regions.

    What is frozen stays; running it again adds nothing. RuleBroken for a month that is not over.
    """
    month = (month or clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    if end_of(month) > clock.now():
        raise RuleBroken(_("Figures are frozen when the month is over."))
    known = _known()
    if not known:
        return 0
    frozen = {region for region, in UnmetSnapshot.select(UnmetSnapshot.region).where(
        UnmetSnapshot.month >= month).tuples()}
    codes = [code for code, in Region.select(Region.code).order_by(Region.code).tuples() if code not in frozen]
    return sum(_freeze_region(code, month, known) for code in codes)


def _freeze_region(region, month, known) -> bool:
    with db.writing():
        db.locked(Region.select().where(Region.code == region)).get()
        if UnmetSnapshot.select().where(UnmetSnapshot.region == region, UnmetSnapshot.month >= month).exists():
            return False
        before = _rows(UnmetSnapshot.select().where(UnmetSnapshot.region == region)
                       .order_by(UnmetSnapshot.month.desc()).first())
        months = {month, *(row.since for row in before.values())}
        standing = {since: _standing(known, region, since) for since in months}
        snapshot = UnmetSnapshot.create(region=region, month=month, made_at=clock.now())
        cells = []
        for need in Need:
            old = before.get(need)
            then = standing[old.since][need] if old else {}
            cells += _cells(snapshot, need, figures.next_row(old, then, standing[month][need], month, CAUSES))
        UnmetCell.insert_many(cells).execute()
        journal.wrote(None, "unmet.freeze", region, parts="shown")
        return True


def _known() -> dict:
    """`{(region, need, client): [(moment, cause or None)]}`, the earliest first."""
    found = defaultdict(list)
    for region, need, client, when, cause in [*_of_referrals(), *_of_follow_ups()]:
        found[region, need, client].append((when, cause))
    return {key: sorted(entries, key=lambda entry: entry[0]) for key, entries in found.items()}


def _of_referrals():
    """What came of referrals, and drafts whose author wrote that a condition of the service cannot be met."""
    query = (ReferralEvent.select(ReferralEvent.at, ReferralEvent.new_state, ReferralEvent.reason, ReferralNeed.need,
                                  Referral.client, Referral.region, Client.region)
             .join(Referral).join(Client).join_from(Referral, ReferralNeed)
             .where(Client.erased_at.is_null(), ReferralEvent.new_state.in_(list(OF_REFERRAL))
                    | (ReferralEvent.event == Event.CANNOT_MEET)))
    for when, state, reason, need, client, region, home in query.tuples():
        if code := region or home:
            out = state in UNFIT and reason == ReferralReason.CONDITIONS
            yield code, Need(need), client, when, CONDITION if out else OF_REFERRAL[ReferralState(state)]


def _of_follow_ups():
    query = (FollowUpNeed.select(FollowUp.created_at, FollowUpNeed.need, FollowUpNeed.state, FollowUpNeed.barrier,
                                 FollowUp.client, Client.region)
             .join(FollowUp).join(Client)
             .where(Client.erased_at.is_null(), Client.region.is_null(False),
                    FollowUpNeed.unchanged == False))  # noqa: E712
    for when, need, state, barrier, client, home in query.tuples():
        cause = (CONDITION if barrier == Barrier.CONDITION_CANNOT_BE_MET else STUCK) \
            if state == NeedState.STUCK else None
        yield home, Need(need), client, when, cause


def _standing(known, region, month) -> dict[Need, dict[int, str]]:
    """Who lacked what at the end of a month: need -> client -> cause."""
    start, end = clock.at(months_after(month, 1 - WINDOW_MONTHS), time(0)), end_of(month)
    found = {need: {} for need in Need}
    for (code, need, client), entries in known.items():
        if code == region:
            last = next((entry for entry in reversed(entries) if entry[0] < end), None)
            if last and last[0] >= start and last[1]:
                found[need][client] = last[1]
    return found


def _cells(snapshot, need, row) -> list[dict]:
    columns = dict(zip(CAUSES, row.states, strict=True)) if row.states else {}
    return [{"snapshot": snapshot, "need": need, "cause": cause, "since": row.since, "shown": number}
            for cause, number in {ALL: row.total, **columns}.items()]


def _rows(snapshot) -> dict[Need, figures.Row]:
    return _by_region(db.kept(_of_snapshot, snapshot=snapshot.id)).get(snapshot.region_id, {}) if snapshot else {}


def _all_cells():
    return UnmetCell.select(UnmetSnapshot.region, UnmetCell.need, UnmetCell.cause, UnmetCell.shown,
                            UnmetCell.since).join(UnmetSnapshot).tuples()


def _of_snapshot(snapshot):
    return _all_cells().where(UnmetCell.snapshot == snapshot)


def _by_region(rows) -> dict[str, dict[Need, figures.Row]]:
    """Rows of `_all_cells`, by region and need."""
    cells = defaultdict(dict)
    for region, need, cause, shown, since in rows:
        cells[region, need][cause] = shown, since
    found = defaultdict(dict)
    for (region, need), row in cells.items():
        states = tuple(row[cause][0] for cause in CAUSES) if CAUSES[0] in row else None
        shown, since = row[ALL]
        found[region][Need(need)] = figures.Row(states, shown, since)
    return found


# Reading

@dataclass(frozen=True)
class Lacking:
    """The last frozen rows of all regions, and the month they were frozen for (None: none was yet)."""

    rows: dict[str, dict[Need, figures.Row]]
    month: date | None


def latest(actor) -> Lacking:
    """Raises Missing for whoever does not see unmet needs."""
    if not may(actor, Can.SEE_UNMET):
        raise Missing
    months = [month for month, in db.kept(_newest_months)]
    return Lacking(_by_region(db.kept(_newest_cells)), max(months, default=None))


def _newest_months():
    return UnmetSnapshot.select(UnmetSnapshot.month).where(_is_newest()).tuples()


def _newest_cells():
    return _all_cells().where(_is_newest())


def of_cell(actor, region: str, need: Need) -> figures.Row | None:
    """The last frozen row of one cell; None where there is none, and for who sees none."""
    if not may(actor, Can.SEE_UNMET):
        return None
    return _by_region(db.kept(_newest_cell, need, region=region)).get(region, {}).get(need)


def _newest_cell(need, region):
    return _newest_cells().where(UnmetSnapshot.region == region, UnmetCell.need == need)


def _is_newest():
    later = UnmetSnapshot.alias()
    return ~fn.EXISTS(later.select(SQL("1")).where(later.region == UnmetSnapshot.region,
                                                   later.month > UnmetSnapshot.month))


@dataclass(frozen=True)
class Beside:
    """A need of a region: what people lacked (None: nothing published), and what there is."""

    need: Need
    row: figures.Row | None
    cell: Cell


@dataclass(frozen=True)
class Page:
    """Unmet needs beside supply, by regions; what prisons' former clients lack; what prisons publish they look for."""

    month: date | None
    regions: list[tuple[regions.Line, list[Beside]]]
    prisons: list[figures.Unmet]
    barriers: list[tuple[Organisation, figures.Row]]
    wanted: list[tuple[Wanted, dict[Area, Cell]]]


def page(actor) -> Page:
    """Raises Missing for whoever does not see unmet needs."""
    lacking = latest(actor)
    of_regions = [(line, [Beside(need, lacking.rows.get(line.code, {}).get(need), cell)
                          for need, cell in line.cells.items()]) for line in regions.table(actor).lines]
    cells = {line.id: line.cells for line in prisons.counted().lines}
    wanted = [(row, {area: cells[row.prison_id][area] for area in row.areas_of})
              for row in published.wanted(actor) if row.prison_id in cells]
    return Page(lacking.month, of_regions, figures.unmet(actor), figures.barriers(actor), wanted)
