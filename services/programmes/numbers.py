"""People reached against targets: exact for who runs a programme, rounded and frozen monthly for all others.

A person reached has begun to take part. A number stays as it was published until at least five people differ, and the
parts of a target are held back where arithmetic would tell too much (docs/decisions/0003).
"""
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import clock
import db
from models import Participant, ParticipantState, Programme, ProgrammeMonth, ProgrammeSite, ProgrammeTarget
from services import figures, journal

HELD_BACK = -2  # a number that is not published at all


@dataclass
class Counted:
    """A target and what was reached. `number` None: nothing is published yet; figures.SMALL, HELD_BACK as there."""

    public_id: str
    name: str
    people: int
    depth: int
    number: int | None = None
    site: bool = False

    @property
    def percent(self) -> int | None:
        return None if self.number is None or self.number < 0 else min(100, round(100 * self.number / self.people))


@dataclass
class Tree:
    """Targets of one programme in reading order, and the sites that count towards each."""

    rows: list[ProgrammeTarget]
    parts: dict[int | None, list[ProgrammeTarget]]

    def walk(self, parent=None, depth=0):
        for row in self.parts.get(parent, []):
            yield row, depth
            yield from self.walk(row.id, depth + 1)

    def under(self, row) -> set[int]:
        """Ids of a target and of all its parts."""
        return {row.id}.union(*(self.under(part) for part in self.parts.get(row.id, [])))


def tree(row: Programme) -> Tree:
    rows = list(ProgrammeTarget.select().where(ProgrammeTarget.programme == row)
                .order_by(ProgrammeTarget.position, ProgrammeTarget.id))
    parts = defaultdict(list)
    for each in rows:
        parts[each.parent_id].append(each)
    return Tree(rows, dict(parts))


def wrong_sums(targets: Tree) -> list[tuple[str, int, int]]:
    """Targets whose parts do not add up: (name, sum of the parts, what it should be)."""
    sums = ((row, sum(part.people for part in targets.parts[row.id]))
            for row in targets.rows if row.id in targets.parts)
    return [(row.name, total, row.people) for row, total in sums if total != row.people]


def reached(row: Programme, until: date | None = None) -> tuple[dict[int | None, set[int]], set[int]]:
    """Clients who began by a day (None: today), by the target of their site, and those who finished."""
    by_target, finished = defaultdict(set), set()
    last = until or clock.today()
    rows = (Participant.select(Participant.client, Participant.state, Participant.ended_on, ProgrammeSite.target)
            .left_outer_join(ProgrammeSite)
            .where(Participant.programme == row, Participant.started_on <= last).tuples())
    for client, state, ended, target in rows:
        by_target[target].add(client)
        if state is ParticipantState.FINISHED and ended and ended <= last:
            finished.add(client)
    return by_target, finished


def _under(targets, row, by_target) -> set[int]:
    """Who counts towards a target; a single target at the top counts everybody."""
    if row.parent_id is None and len(targets.parts[None]) == 1:
        return set().union(*by_target.values())
    return set().union(*(by_target.get(target, set()) for target in targets.under(row)))


def exact(row: Programme, targets: Tree) -> list[Counted]:
    by_target, _finished = reached(row)
    return [Counted(each.public_id, each.name, each.people, depth, len(_under(targets, each, by_target)))
            for each, depth in targets.walk()]


def published(row: Programme, targets: Tree) -> list[Counted]:
    """What others see: the last frozen month; `number` None before there is one."""
    newest = (ProgrammeMonth.select(ProgrammeMonth.month).where(ProgrammeMonth.programme == row)
              .order_by(ProgrammeMonth.month.desc()).limit(1))
    shown = {each.target_id: each.reached for each in ProgrammeMonth.select().where(
        ProgrammeMonth.programme == row, ProgrammeMonth.month.in_(newest))}
    return [Counted(each.public_id, each.name, each.people, depth, shown.get(each.id))
            for each, depth in targets.walk()]


def whole(row: Programme) -> ProgrammeMonth | None:
    """The last frozen month of a programme as a whole."""
    return (ProgrammeMonth.select().where(ProgrammeMonth.programme == row, ProgrammeMonth.target.is_null())
            .order_by(ProgrammeMonth.month.desc()).first())


def trend(row: Programme) -> list[ProgrammeMonth]:
    """Frozen months of a programme as a whole, the oldest first."""
    return list(ProgrammeMonth.select().where(ProgrammeMonth.programme == row, ProgrammeMonth.target.is_null())
                .order_by(ProgrammeMonth.month))


# Freezing

def day_after(day: date) -> date:
    return day + timedelta(days=1)


def last_day(month: date) -> date:
    """The last day of the month that begins on a day."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def freeze_due(month: date | None = None) -> int:
    """Freezes the last month that is over of each programme with people; again it adds nothing. Returns how many."""
    month = (month or clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    frozen = ProgrammeMonth.select(ProgrammeMonth.programme).where(ProgrammeMonth.month >= month)
    rows = Programme.select().where(Programme.id.not_in(frozen), Programme.id.in_(
        Participant.select(Participant.programme).where(Participant.started_on.is_null(False))))
    return sum(_freeze(row, month) for row in list(rows))


def _freeze(row, month) -> bool:
    with db.writing():
        if ProgrammeMonth.select().where(ProgrammeMonth.programme == row, ProgrammeMonth.month >= month).exists():
            return False
        targets, last = tree(row), last_day(month)
        by_target, finished = reached(row, last)
        everybody = set().union(*by_target.values())
        _keep(row, None, month, everybody, figures.rounded(len(everybody)), len(finished & everybody))
        for parent in [None, *targets.rows]:
            _freeze_parts(row, targets, parent, by_target, month)
        from services.programmes.worked import freeze_outcomes  # it counts on this room
        freeze_outcomes(row, month)
        journal.wrote(None, "programme.freeze", row.public_id, parts="reached")
        return True


def _freeze_parts(row, targets, parent, by_target, month):
    parts = targets.parts.get(parent and parent.id, [])
    people = [_under(targets, part, by_target) for part in parts]
    total = set().union(*by_target.values()) if parent is None else _under(targets, parent, by_target)
    if not parts or not total:
        return
    alone = parent is None and len(parts) == 1  # it is the whole, which is shown already
    shown = [figures.rounded(len(total))] if alone else figures.publish([len(each) for each in people], len(total))[0]
    for index, part in enumerate(parts):
        _keep(row, part, month, people[index], shown[index] if shown else HELD_BACK, 0)


def _keep(row, target, month, people, shown, finished):
    """Writes what is published of a month. What fewer than five people would change stays as it was."""
    same = ProgrammeMonth.target.is_null() if target is None else ProgrammeMonth.target == target
    before = (ProgrammeMonth.select().where(ProgrammeMonth.programme == row, same)
              .order_by(ProgrammeMonth.month.desc()).first())
    if before and _differ(row, target, before.since, people) < figures.BASE:
        ProgrammeMonth.create(programme=row, target=target, month=month, since=before.since, reached=before.reached,
                              finished=before.finished)
    else:
        ProgrammeMonth.create(programme=row, target=target, month=month, since=month, reached=shown,
                              finished=figures.rounded(finished))


def _differ(row, target, since, people) -> int:
    """How many people differ between what was counted then and now."""
    by_target, _finished = reached(row, last_day(since))
    then = set().union(*by_target.values()) if target is None else _under(tree(row), target, by_target)
    return len(then ^ people)
