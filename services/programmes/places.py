"""Free places of programmes and what prisons look for: how far they fit, and keeping places for 48 hours."""
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from peewee import fn

import clock
import db
from errors import Missing, RuleBroken
from models import (
    HeldPlaces,
    HeldState,
    Organisation,
    Participant,
    ParticipantState,
    PrisonProfile,
    Programme,
    ProgrammeSite,
    ProgrammeState,
    TargetGroup,
    Wanted,
)
from policy import visible_programmes
from services import journal, prisons
from services.coverage import LEVELS
from services.programmes import people, register, telling
from services.programmes.machine import AlreadyDecided

KEPT_FOR = timedelta(hours=48)
RUNS = (ProgrammeState.RUNNING, ProgrammeState.ENDING)


@dataclass(frozen=True)
class Fit:
    """How a programme fits what one prison looks for: conditions that are met, of how many, and those that are not."""

    programme: Programme
    wanted: Wanted
    met: list[TargetGroup]
    missing: list[TargetGroup]
    other_level: bool  # it is meant for prisons of another security
    here: bool  # it runs in this prison already
    free: int | None
    held: HeldPlaces | None = None  # by this prison

    @property
    def of(self) -> int:
        return len(self.met) + len(self.missing)

    @property
    def whole(self) -> bool:
        return not self.missing and not self.other_level


@dataclass(frozen=True)
class Known:
    """What fits are counted from, read at once: security levels by prison, sites and places held by programme and
    prison, free places by programme."""

    levels: dict[int, set[str]]
    sites: set[tuple[int, int]]
    held: dict[tuple[int, int], HeldPlaces]
    free: dict[int, int | None]

    def fit(self, row: Programme, wanted: Wanted) -> Fit:
        groups = [TargetGroup(value) for value in wanted.groups.split(";") if value]
        offered, meant = set(row.groups.split(";")) - {""}, set(row.levels.split(";")) - {""}
        met = [group for group in groups if not offered or group in offered]
        has, key = self.levels.get(wanted.prison_id, set()), (row.id, wanted.prison_id)
        return Fit(row, wanted, met, [group for group in groups if group not in met],
                   bool(meant and has and not meant & has), key in self.sites, self.free[row.id], self.held.get(key))


def _known(rows: list[Programme]) -> Known:
    ids, now = [row.id for row in rows], clock.now()
    profiles = PrisonProfile.select().where(PrisonProfile.organisation.is_null(False))
    holds = HeldPlaces.select().where(HeldPlaces.programme.in_(ids), running(now))
    sites = ProgrammeSite.select(ProgrammeSite.programme, ProgrammeSite.prison).where(ProgrammeSite.programme.in_(ids))
    return Known({each.organisation_id: {level for level in LEVELS if getattr(each, f"level_{level}")}
                  for each in profiles}, set(sites.tuples()),
                 {(each.programme_id, each.prison_id): each for each in holds}, free_of(rows))


def free_of(rows: list[Programme]) -> dict[int, int | None]:
    """How many more may take part in each programme that runs, by its id; None where there is no limit."""
    counted = Programme.select(Programme.id, TAKEN, held_at(clock.now())).where(
        Programme.id.in_([row.id for row in rows])).tuples()
    known = {programme: (taken, held) for programme, taken, held in counted}
    return {row.id: left(row, *known[row.id]) for row in rows}


def left(row, taken: int, held: int) -> int | None:
    """How many more may take part beside those who do and the places that are held; None: no limit."""
    return max(0, row.places - taken - held) if row.places and row.state in RUNS else None


# Columns beside a programme
TAKEN = Participant.select(fn.COUNT(Participant.id)).where(
    Participant.programme == Programme.id, Participant.state == ParticipantState.TAKES_PART)


def held_at(now):
    return HeldPlaces.select(fn.COALESCE(fn.SUM(HeldPlaces.places), 0)).where(
        HeldPlaces.programme == Programme.id, running(now))


def fits_of(actor, public_id: str) -> list[Fit]:
    """What prisons look for beside one programme, the best fits first. Raises Missing."""
    row = visible_programmes(actor).where(Programme.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    known = _known([row])
    return _best(known.fit(row, wanted) for wanted in prisons.wanted(actor) if _same_area(row, wanted))


def free_for(actor) -> list[Fit]:
    """Programmes of others with free places beside what the actor's prison looks for, the best fits first. Raises
    Missing."""
    home = prisons.own(actor)
    rows = list(visible_programmes(actor).select(Programme, Organisation).join_from(
        Programme, Organisation, on=(Programme.kept_by == Organisation.id), attr="kept_by").where(
        Programme.state.in_(RUNS), Programme.places.is_null(False), Programme.kept_by != home))
    wanted, known = prisons.wanted_by(home.id), _known(rows)
    found = [_best([known.fit(row, each) for each in wanted if _same_area(row, each)]
                   or [known.fit(row, Wanted(prison=home))])[0] for row in rows]
    return _best(each for each in found if each.free or each.held)


def _best(fits):
    return sorted(fits, key=lambda each: (not each.whole, -len(each.met) / (each.of or 1), each.programme.name))


def _same_area(row, wanted) -> bool:
    return not row.areas or bool(set(row.areas.split(";")) & set(wanted.areas.split(";")))


# Places kept for a prison

def running(now):
    """Condition: places are held at a moment."""
    return (HeldPlaces.state == HeldState.HELD) & (HeldPlaces.until_at > now)


def _held_by(row, prison_id):
    return HeldPlaces.select().where(HeldPlaces.programme == row, HeldPlaces.prison == prison_id,
                                     running(clock.now())).first()


def holds_of(row: Programme) -> list[HeldPlaces]:
    """Places of one's own programme that are held now, the soonest to lapse first."""
    return list(HeldPlaces.select(HeldPlaces, Organisation).join(Organisation)
                .where(HeldPlaces.programme == row, running(clock.now())).order_by(HeldPlaces.until_at))


def hold(actor, public_id: str, places: int) -> HeldPlaces:
    """The actor's prison keeps free places for 48 hours. Raises Missing, RuleBroken. A second form finds them held."""
    with db.writing():
        home = prisons.own(actor)
        row = db.locked(visible_programmes(actor).where(Programme.public_id == public_id)).first()
        if row is None or row.places is None or row.state not in people.OPEN:
            raise Missing(public_id)
        already = _held_by(row, home.id)
        if already:
            return already
        if places > people.free_places(row):
            raise RuleBroken(_("Only %(count)d places are free now.", count=people.free_places(row)), field="places")
        new = HeldPlaces.create(programme=row, prison=home, by=actor.id, places=places, until_at=clock.now() + KEPT_FOR)
        journal.wrote(actor, "programme.hold", new.public_id)
        telling.places_held(row, new)
        return new


def give_back(actor, public_id: str) -> None:
    """The prison that holds places lets them go. Raises Missing."""
    with db.writing():
        row = db.locked(HeldPlaces.select().where(HeldPlaces.public_id == public_id,
                                                  HeldPlaces.prison == prisons.own(actor))).first()
        _end(actor, row, public_id, HeldState.FREE)


def settle(actor, public_id: str) -> HeldPlaces:
    """Who runs the programme has taken the prison's people in. Raises Missing."""
    with db.writing():
        row = db.locked(HeldPlaces.select().where(HeldPlaces.public_id == public_id)).first()
        if row:
            register.locked(actor, row.programme.public_id)
        _end(actor, row, public_id, HeldState.TAKEN)
        return row


def _end(actor, row, public_id, state):
    if row is None:
        raise Missing(public_id)
    if row.state is not HeldState.HELD:
        raise AlreadyDecided(_("These places are not held any more."))
    row.state = state
    row.save()
    journal.wrote(actor, f"programme.places_{state}", row.public_id)


def lapse_due() -> int:
    """Places held for longer than 48 hours are free again; returns how many holds lapsed."""
    with db.writing():
        return HeldPlaces.update(state=HeldState.FREE).where(
            HeldPlaces.state == HeldState.HELD, HeldPlaces.until_at <= clock.now()).execute()
