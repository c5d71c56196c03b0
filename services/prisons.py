"""What a prison says of itself: its profile, the steps to a co-operation with it, what it looks for."""
from datetime import date

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Area, ChecklistStep, Kind, Organisation, PrisonProfile, TargetGroup, User, Wanted
from policy import Can, ask, may, visible_organisations
from services import journal, records
from text import clean_text

# groups of facts that are one text each, in a column of PrisonProfile of the same name
PARTS = records.PROFILE_TEXTS
LONGEST = 4000
MOST_STEPS, MOST_WANTED = 30, 30


def own(actor) -> Organisation:
    """The actor's own prison. Raises Missing where they have none."""
    if not may(actor, Can.KEEP_PRISON) or actor.organisation.kind is not Kind.PRISON:
        raise Missing
    return actor.organisation


def prison(actor, public_id: str) -> Organisation:
    """A prison of the book. Raises Missing."""
    found = visible_organisations(actor).where(Organisation.kind == Kind.PRISON,
                                               Organisation.public_id == public_id).first()
    if found is None:
        raise Missing
    return found


# The profile

def profile_of(prison_id: int) -> PrisonProfile | None:
    return PrisonProfile.get_or_none(PrisonProfile.organisation == prison_id)


def writable_profile(home: Organisation) -> PrisonProfile:
    """The profile to be written, made where there is none. Inside `db.writing()`."""
    return profile_of(home.id) or PrisonProfile.create(organisation=home, type="prison")


# Prisons without access to the network

def with_accounts() -> set[int]:
    """Ids of the organisations of which somebody can sign in: they answer themselves."""
    return {number for number, in _who_sign_in().tuples().distinct()}


def _who_sign_in():
    return User.select(User.organisation).where(
        User.organisation.is_null(False), User.active == True, User.password_hash.is_null(False))  # noqa: E712


def on_paper_alone(prison_id: int) -> bool:
    """Whether a prison is on paper and nobody of it can sign in."""
    return PrisonProfile.select().where(PrisonProfile.organisation == prison_id,
                                        PrisonProfile.on_paper == True,  # noqa: E712
                                        PrisonProfile.organisation.not_in(_who_sign_in())).exists()


def answers_itself(actor, prison: Organisation) -> None:
    """Takes a prison off paper, as soon as the actor, one of its people, can sign in. Inside `db.writing()`."""
    if PrisonProfile.update(on_paper=False).where(PrisonProfile.organisation == prison,
                                                  PrisonProfile.on_paper == True).execute():  # noqa: E712
        journal.wrote(actor, "prison.on_paper", prison.public_id, parts="on_paper")


# The checklist

def checklist(prison_id: int) -> list[ChecklistStep]:
    return list(ChecklistStep.select().where(ChecklistStep.prison == prison_id)
                .order_by(ChecklistStep.position, ChecklistStep.id))


def step(actor, public_id: str) -> ChecklistStep:
    """A step of the checklist of the actor's own prison. Raises Missing."""
    return _mine(actor, ChecklistStep, public_id)


def _mine(actor, model, public_id):
    found = model.select().where(model.prison == own(actor).id, model.public_id == public_id).first()
    if found is None:
        raise Missing
    return found


def save_step(actor, public_id: str | None, values: dict) -> ChecklistStep:
    """Adds a step at the end of the checklist (None), or changes one. Running co-operations keep their copies."""
    with db.writing():
        home = own(actor)
        values = {name: clean_text(value, limit=200) if isinstance(value, str) else value
                  for name, value in values.items()}
        if public_id is None:
            if twin := journal.again(actor, "checklist.save", ChecklistStep, prison=home, **values):
                return twin
            steps = checklist(home.id)
            if len(steps) >= MOST_STEPS:
                raise RuleBroken(_("A checklist has at most %(count)d steps.", count=MOST_STEPS))
            row = ChecklistStep(prison=home, position=steps[-1].position + 1 if steps else 1)
        else:
            row = step(actor, public_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        journal.wrote(actor, "checklist.save", row.public_id, parts=",".join(values))
        return row


def remove_step(actor, public_id: str) -> None:
    with db.writing():
        row = step(actor, public_id)
        row.delete_instance()
        journal.wrote(actor, "checklist.remove", public_id)


def move_step(actor, public_id: str) -> None:
    """Moves a step one place up."""
    with db.writing():
        row, steps = step(actor, public_id), checklist(own(actor).id)
        place = [each.id for each in steps].index(row.id)
        steps.insert(max(0, place - 1), steps.pop(place))
        for number, each in enumerate(steps, 1):
            ChecklistStep.update(position=number).where(ChecklistStep.id == each.id).execute()
        journal.wrote(actor, "checklist.move", public_id, parts="position")


# What prisons look for

def wanted_by(prison_id: int) -> list[Wanted]:
    """What a prison looks for today, each with `areas_of` and `groups_of`."""
    return _told(_open_wanted(clock.today()).where(Wanted.prison == prison_id))


def wanted(actor, area: Area | None = None) -> list[Wanted]:
    """What all prisons look for, those that soon stop looking first; each with its `prison`."""
    rows = _told(ask(actor, _wanted, today=clock.today()))
    return [row for row in rows if area is None or area in row.areas_of]


def _wanted(actor, today):
    seen = visible_organisations(actor).select(Organisation.id)
    return _open_wanted(today).select(Wanted, Organisation).join(Organisation).where(Wanted.prison.in_(seen))


def _open_wanted(today):
    open_today = Wanted.until_on.is_null() | (Wanted.until_on >= today)
    return Wanted.select().where(open_today).order_by(Wanted.until_on.is_null(), Wanted.until_on, Wanted.id)


def _told(query) -> list[Wanted]:
    rows = list(query)
    for row in rows:
        row.areas_of = [Area(value) for value in row.areas.split(";") if value]
        row.groups_of = [TargetGroup(value) for value in row.groups.split(";") if value]
    return rows


def own_wanted(actor, public_id: str) -> Wanted:
    return _told([_mine(actor, Wanted, public_id)])[0]


def save_wanted(actor, public_id: str | None, areas: list[Area], groups: list[TargetGroup], places: int | None,
                note: str, until_on: date | None) -> Wanted:
    """Says what the actor's prison looks for (None: something new). Raises RuleBroken where the day has passed."""
    if until_on and until_on < clock.today():
        raise RuleBroken(_("This day has passed. Choose a day to come, or leave it empty."), "until_on")
    with db.writing():
        home = own(actor)
        said = {"areas": ";".join(sorted(areas)), "groups": ";".join(sorted(groups)), "places": places,
                "note": clean_text(note, lines=True, limit=500), "until_on": until_on}
        if public_id is None and (twin := journal.again(actor, "wanted.save", Wanted, prison=home, **said)):
            return twin
        if public_id is None and len(wanted_by(home.id)) >= MOST_WANTED:
            raise RuleBroken(_("There are %(count)d of them already. Take one away first.", count=MOST_WANTED))
        row = Wanted(prison=home) if public_id is None else own_wanted(actor, public_id)
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
        journal.wrote(actor, "wanted.save", row.public_id)
        return row


def remove_wanted(actor, public_id: str) -> None:
    with db.writing():
        own_wanted(actor, public_id).delete_instance()
        journal.wrote(actor, "wanted.remove", public_id)
