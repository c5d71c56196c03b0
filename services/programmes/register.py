"""Writing down a programme: what it is, who else takes part, its targets and its sites."""
from datetime import date, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Kind,
    Organisation,
    OrganisationState,
    Programme,
    ProgrammePartner,
    ProgrammeSite,
    ProgrammeState,
    ProgrammeTarget,
    Service,
)
from policy import Can, may, visible_programmes
from services import journal, prisons
from services.programmes.machine import AlreadyDecided, note
from text import clean_text

FURTHEST = timedelta(days=10 * 365)
MOST_ROWS = 60  # partners, targets or sites of one programme
LIMITS = {"code": 40, "name": 200, "funder": 200, "registration_number": 100, "about": 4000, "activities": 2000}
LINES = {"about", "activities"}


def own(actor, public_id: str) -> Programme:
    """A programme that the actor's organisation runs. Raises Missing."""
    found = _own(actor).where(Programme.public_id == public_id).first()
    if found is None:
        raise Missing(public_id)
    return found


def led(actor, public_id: str) -> Programme:
    """The same, for its lead, who alone may end it. Raises Missing."""
    if not actor.lead:
        raise Missing(public_id)
    return own(actor, public_id)


def locked(actor, public_id: str) -> Programme:
    """The same, for a change. Inside `db.writing()`."""
    found = db.locked(_own(actor).where(Programme.public_id == public_id)).first()
    if found is None:
        raise Missing(public_id)
    return found


def _own(actor):
    if not may(actor, Can.RUN_PROGRAMMES):
        raise Missing
    return visible_programmes(actor).where(Programme.kept_by == actor.organisation_id)


kept = own


def draft(actor) -> dict:
    """What a form for a new programme begins with. Raises Missing."""
    if not may(actor, Can.RUN_PROGRAMMES):
        raise Missing
    return {"starts_on": clock.today()}


def services_of(actor) -> list[tuple[str, str]]:
    """Services of the actor's organisation that referrals may come to: (public id, name)."""
    rows = Service.select(Service.public_id, Service.name).where(
        Service.organisation == actor.organisation_id, Service.ended_on.is_null()).order_by(Service.name)
    return list(rows.tuples())


def changed_since(row: Programme, version: int) -> bool:
    return bool(version) and row.version != version


def save(actor, public_id: str | None, values: dict, version: int = 0) -> Programme:
    """Writes a programme down (None: a new one). Raises Missing, RuleBroken."""
    draft(actor)
    with db.writing():
        row = locked(actor, public_id) if public_id else Programme(kept_by=actor.organisation_id)
        if public_id and changed_since(row, version):
            raise AlreadyDecided(_("Somebody has changed this programme meanwhile. Open it again and compare."))
        _fill(actor, row, values)
        row.save(force_insert=row.id is None)
        if public_id is None:
            note(actor, row, "write", "")
        journal.wrote(actor, "programme.save", row.public_id, parts=",".join(values))
        return row


def _fill(actor, row, values):
    _check_days(row, values["starts_on"], values["ends_on"])
    for name, value in values.items():
        limit = LIMITS.get(name)
        setattr(row, name, clean_text(value, lines=name in LINES, limit=limit) if limit else value)
    row.service = _service(actor, values.get("service"))
    row.leads_to = _leads_to(actor, row, values.get("leads_to"))
    row.version = (row.version or 0) + 1 if row.id else 1
    twin = Programme.select().where(Programme.kept_by == row.kept_by_id, Programme.code == row.code,
                                    Programme.public_id != row.public_id)
    if twin.exists():
        raise RuleBroken(_("You have another programme with this code."), field="code")
    if row.id is None and row.ends_on < clock.today():
        row.state, row.ended_before, row.ended_on = ProgrammeState.ENDED, True, row.ends_on


def _check_days(row, starts: date, ends: date):
    if ends < starts:
        raise RuleBroken(_("The last day is before the first one."), field="ends_on")
    if ends - starts > FURTHEST or abs(starts - clock.today()) > 3 * FURTHEST:
        raise RuleBroken(_("Check the year: a programme lasts at most ten years."), field="ends_on")
    if row.id and ends != row.ends_on and row.state in (ProgrammeState.RUNNING, ProgrammeState.ENDING):
        raise RuleBroken(_("The last day of a programme that runs is changed by prolonging it."), field="ends_on")


def _service(actor, public_id):
    if not public_id:
        return None
    found = Service.get_or_none(Service.public_id == public_id, Service.organisation == actor.organisation_id)
    if found is None:
        raise RuleBroken(_("Choose one of your services."), field="service")
    return found


def _leads_to(actor, row, public_id):
    if not public_id:
        return None
    found = visible_programmes(actor).where(Programme.public_id == public_id).first()
    if found is None or found.public_id == row.public_id:
        raise RuleBroken(_("Choose another programme."), field="leads_to")
    return found


# What belongs to it

def add_partner(actor, public_id: str, organisation: str, name: str, part: str) -> None:
    """`organisation` is a public id of the book, or empty where only a name is known. Raises Missing, RuleBroken."""
    with db.writing():
        row = _roomy(actor, public_id, ProgrammePartner)
        partner = _in_book(organisation) if organisation else None
        name = clean_text(name, limit=200)
        if partner is None and not name:
            raise RuleBroken(_("Write the name of the partner."), field="name")
        _once(ProgrammePartner, programme=row, organisation=partner, name="" if partner else name,
              part=clean_text(part, limit=300))
        _wrote(actor, row, "partners")


def _in_book(public_id):
    found = Organisation.get_or_none(Organisation.public_id == public_id,
                                     Organisation.state != OrganisationState.CLOSED)
    if found is None:
        raise RuleBroken(_("This organisation is not in the book."), field="name")
    return found


def add_target(actor, public_id: str, name: str, people: int, parent: str = "") -> None:
    """A target, or a part of one (`parent`, a public id). Raises Missing, RuleBroken."""
    with db.writing():
        row = _roomy(actor, public_id, ProgrammeTarget)
        whole = _part(row, ProgrammeTarget, parent, "parent")
        position = ProgrammeTarget.select().where(ProgrammeTarget.programme == row).count() + 1
        _once(ProgrammeTarget, defaults={"position": position}, programme=row, parent=whole,
              name=clean_text(name, limit=120), people=people)
        _wrote(actor, row, "targets")


def add_site(actor, public_id: str, prison: str, town: str, pilot: bool, target: str = "") -> None:
    """A prison of the book (public id) or a town. Raises Missing, RuleBroken."""
    with db.writing():
        row = _roomy(actor, public_id, ProgrammeSite)
        home, town = prisons.prison(actor, prison) if prison else None, clean_text(town, limit=120)
        if (home is None) == (not town):
            raise RuleBroken(_("Choose a prison, or write a town."), field="town")
        same = ProgrammeSite.prison.is_null() if home is None else ProgrammeSite.prison == home
        if ProgrammeSite.select().where(ProgrammeSite.programme == row, same, ProgrammeSite.town == town).exists():
            raise RuleBroken(_("This site is there already."), field="town")
        ProgrammeSite.create(programme=row, prison=home, town=town, pilot=pilot,
                             target=_part(row, ProgrammeTarget, target, "target"))
        _wrote(actor, row, "sites")


def _once(model, defaults=None, **columns) -> None:
    """Writes a row unless the very same stands there: a second click finds it."""
    if not model.select().where(*(getattr(model, name) == value if value is not None else getattr(model, name).is_null()
                                  for name, value in columns.items())).exists():
        model.create(**columns, **(defaults or {}))


def _part(row, model, public_id, field):
    if not public_id:
        return None
    found = model.get_or_none(model.public_id == public_id, model.programme == row)
    if found is None:
        raise RuleBroken(_("Choose one of the list."), field=field)
    return found


def _roomy(actor, public_id, model) -> Programme:
    row = locked(actor, public_id)
    if model.select().where(model.programme == row).count() >= MOST_ROWS:
        raise RuleBroken(_("There may be at most %(count)d of them.", count=MOST_ROWS))
    return row


def _wrote(actor, row, parts):
    journal.wrote(actor, "programme.save", row.public_id, parts=parts)


ADD = {"partners": add_partner, "targets": add_target, "sites": add_site}


def offered(actor, public_id: str, what: str) -> list[list[tuple[str, str]]]:
    """What the selects of a form offer to choose from, as (public id, name). Raises Missing."""
    row = own(actor, public_id)
    targets = [(each.public_id, each.name) for each in ProgrammeTarget.select().where(
        ProgrammeTarget.programme == row).order_by(ProgrammeTarget.position)]
    return {"partners": [_organisations()], "targets": [targets],
            "sites": [_organisations(Organisation.kind == Kind.PRISON), targets]}[what]


def _organisations(*conditions):
    rows = Organisation.select(Organisation.public_id, Organisation.name).where(
        Organisation.state != OrganisationState.CLOSED, *conditions).order_by(Organisation.sort)
    return list(rows.tuples())


def sites_offered(actor, public_id: str) -> list[tuple[str, str]]:
    """Sites of one's own programme: (public id, name). Raises Missing."""
    rows = ProgrammeSite.select(ProgrammeSite, Organisation).left_outer_join(Organisation).where(
        ProgrammeSite.programme == own(actor, public_id)).order_by(Organisation.sort, ProgrammeSite.town)
    return [(each.public_id, each.prison.label if each.prison_id else each.town) for each in rows]


def others(actor, public_id: str | None) -> list[tuple[str, str]]:
    """Programmes that another one may lead to: (public id, name)."""
    rows = visible_programmes(actor).where(Programme.state.in_(
        (ProgrammeState.PREPARING, ProgrammeState.RUNNING, ProgrammeState.ENDING))).order_by(Programme.name)
    return [(row.public_id, row.name) for row in rows if row.public_id != public_id]


REMOVABLE = {"partner": ProgrammePartner, "target": ProgrammeTarget, "site": ProgrammeSite}


def to_remove(actor, public_id: str, what: str, part: str) -> tuple[Programme, str, int]:
    """Before something is taken away: the programme, what it is called, of how many parts. Raises Missing."""
    row, model = own(actor, public_id), REMOVABLE[what]
    found = model.get_or_none(model.public_id == part, model.programme == row)
    if found is None:
        raise Missing(part)
    parts = ProgrammeTarget.select().where(ProgrammeTarget.parent == found).count() if what == "target" else 0
    return row, _called(found, what), parts


def _called(row, what) -> str:
    if what == "target":
        return row.name
    place = row.prison if what == "site" else row.organisation
    return place.name if place else row.town if what == "site" else row.name


def remove(actor, public_id: str, what: str, part: str) -> None:
    """Takes away a partner, a target with its parts, or a site, whose people stay. Raises Missing."""
    with db.writing():
        row, model = locked(actor, public_id), REMOVABLE[what]
        gone = model.delete().where(model.public_id == part, model.programme == row).execute()
        if not gone:
            raise Missing(part)
        _wrote(actor, row, what)
