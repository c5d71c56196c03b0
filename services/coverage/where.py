"""A cell of coverage by its place: an area in a prison, or a need in a region, of everybody or of one target group."""
from dataclasses import dataclass

from errors import Missing
from models import Area, Kind, Need, Organisation, OrganisationState, Region, TargetGroup
from policy import Can, may
from services.coverage import prisons, regions
from services.coverage.cell import Cell


@dataclass(frozen=True)
class Where:
    prison: Organisation | None = None
    area: Area | None = None
    region: Region | None = None
    need: Need | None = None
    group: TargetGroup | None = None

    @property
    def key(self) -> str:
        """How a gap is found by it: one for each cell."""
        return f"prison:{self.prison.id}:{self.area}" if self.prison else f"region:{self.region.code}:{self.need}:" + (
            self.group or "")

    @property
    def address(self) -> dict[str, str]:
        """What leads to its page, as values of an address."""
        if self.prison:
            return {"prison": self.prison.public_id, "area": self.area.value}
        group = {"group": self.group.value} if self.group else {}
        return {"region": self.region.code, "need": self.need.value, **group}


def in_prison(actor, public_id: str, area: Area) -> Where:
    """Raises Missing."""
    prison = Organisation.get_or_none(Organisation.public_id == public_id, Organisation.kind == Kind.PRISON,
                                      Organisation.state != OrganisationState.CLOSED)
    if prison is None or not may(actor, Can.SEE_BOOK):
        raise Missing
    return Where(prison=prison, area=area)


def in_region(actor, code: str, need: Need, group: TargetGroup | None = None) -> Where:
    """Raises Missing."""
    region = Region.get_or_none(Region.code == code)
    if region is None or not may(actor, Can.SEE_BOOK):
        raise Missing
    return Where(region=region, need=need, group=group)


def of_gap(row) -> Where:
    return Where(row.prison, row.area, row.region, row.need, row.group)


def cells(places: list[Where]) -> list[Cell]:
    """What runs in each of these places now; an empty cell where the prison is closed."""
    tables, found = {}, []
    for place in places:
        asked = "prisons" if place.prison else place.group
        if asked not in tables:
            tables[asked] = _lines(asked)
        line = tables[asked].get(place.prison.public_id if place.prison else place.region.code, {})
        found.append(line.get(place.area or place.need) or Cell())
    return found


def _lines(asked):
    if asked == "prisons":
        return {line.prison_id: line.cells for line in prisons.counted().lines}
    return {line.code: line.cells for line in regions.counted(asked).lines}
