"""How much of the help goes where: shares that anybody can check by hand, and how they have moved.

A share is a count divided by all that could be counted. A service of two regions counts in both, as does work in a
prison of two levels of security, so shares of one table may come to more than a whole; the page says so.
"""
from collections import Counter
from dataclasses import dataclass

from errors import Missing
from models import TargetGroup
from policy import Can, may
from services.coverage import prisons, regions
from services.coverage.kept import kept
from services.coverage.prisons import LEVELS

BY_REGION, WORK_BY_REGION, WORK_BY_LEVEL, BY_GROUP = "share_region", "share_work", "share_level", "share_group"
KINDS = (BY_REGION, WORK_BY_REGION, WORK_BY_LEVEL, BY_GROUP)
ALL = "all"


@dataclass(frozen=True)
class Share:
    """One line: a region's code, a level or a target group, how many have it, and of how many."""

    line: str
    count: int
    total: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.count / self.total) if self.total else None


def shares(actor) -> dict[str, list[Share]]:
    """The shares of today by KINDS, each in the order of its lines. Raises Missing."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    return counted()


def counted() -> dict[str, list[Share]]:
    return kept(_counted)


def _counted():
    codes = [code for code, _name, _name_en in regions.all_regions()]
    places = [service.has["region"] for service in regions.services()]
    targets = [service.has["group"] for service in regions.services()]
    where = [line for line, _work in prisons.works()]
    return {BY_REGION: _shares(codes, [each for each in places if each]),
            WORK_BY_REGION: _shares(codes, [{line.region} for line in where if line.region]),
            WORK_BY_LEVEL: _shares(LEVELS, [line.levels for line in where if line.levels]),
            BY_GROUP: _shares(list(TargetGroup), [each for each in targets if each])}


def _shares(lines, having: list) -> list[Share]:
    """How many of `having` (what each of them has) have each line, of all that have any."""
    counts = Counter(value for each in having for value in set(each))
    return [Share(str(line), counts[line], len(having)) for line in lines]
