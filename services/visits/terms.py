"""What holds between an organisation and a prison today, and whether a wanted time is full: all in one question."""
from dataclasses import dataclass, field
from types import SimpleNamespace

from peewee import JOIN

import clock
import db
from models import AutomaticYes, Cooperation, Kind, Organisation, PrisonProfile, WindowKind
from services import cooperation, slots


@dataclass(frozen=True)
class Terms:
    """`agreed` is None where the two do not co-operate; `week` are visits and minutes at most, None without a limit."""

    agreed: cooperation.Limits | None = None
    clearance_months: int | None = None
    week: tuple[int | None, int | None] = (None, None)
    lead_days: int | None = None
    automatic: set[WindowKind] = field(default_factory=set)  # kinds to which the prison says yes in advance
    full: bool = False  # a guess: nobody is kept from taking a seat meanwhile


def terms(organisation: Organisation, prison_id: int, key: str = "") -> Terms:
    """Read before the write begins, so that who comes late need not wait for the lock to learn it."""
    window, starts_at = slots.read_key(key) or ("", clock.now())
    rows = db.kept(_terms, clock.today(), prison=prison_id, organisation=organisation.id, window=window,
                   starts_at=starts_at)
    if not rows:
        return Terms()
    row = rows[0]
    agreed = cooperation.Limits(row.most_visits_a_month, row.most_people, row.valid_from, row.valid_until)
    return Terms(agreed if row.cooperation else None, row.clearance_months, (row.week_visits, row.week_minutes),
                 row.lead_days, {each.said for each in rows if each.said}, bool(row.full))


def _terms(today, prison, organisation, window, starts_at):
    agreed = (Cooperation.prison == prison) & (Cooperation.organisation == organisation) & cooperation.holds(today)
    said = (AutomaticYes.prison == prison) & (AutomaticYes.organisation == organisation)
    return (Organisation.select(
        PrisonProfile.clearance_months, PrisonProfile.week_visits, PrisonProfile.week_minutes, PrisonProfile.lead_days,
        Cooperation.id.alias("cooperation"), Cooperation.most_visits_a_month, Cooperation.most_people,
        Cooperation.valid_from, Cooperation.valid_until, AutomaticYes.kind.alias("said"),
        slots.fullness(window, starts_at).alias("full"))
        .join(PrisonProfile, JOIN.LEFT_OUTER, on=(PrisonProfile.organisation == Organisation.id))
        .join_from(Organisation, Cooperation, JOIN.LEFT_OUTER, on=agreed)
        .join_from(Organisation, AutomaticYes, JOIN.LEFT_OUTER, on=said)
        .where(Organisation.id == prison, Organisation.kind == Kind.PRISON).objects(SimpleNamespace))
