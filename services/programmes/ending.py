"""The end of a programme: warnings, a continuity plan, a successor, and nobody left in it.

The coordinator names the successor and sees numbers only; the lead of who runs it hands its people on, each once.
"""
from datetime import date

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Client,
    Level,
    Need,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeSite,
    ProgrammeState,
    ReferralKind,
    ReferralState,
)
from policy import Can, may, visible_programmes
from services import journal
from services.programmes import people, register, telling
from services.programmes.machine import NOW_IN, Event, Side, move, note, side_of
from services.referrals import handing, sending
from text import clean_text

WARNED = (12, 6, 3)  # months before the end
RUNS = (ProgrammeState.RUNNING, ProgrammeState.ENDING)
LONGEST_PLAN = 4000


def months_left(row: Programme, today: date) -> int:
    """Whole months from today to the last day, -1 when it has passed."""
    months = (row.ends_on.year - today.year) * 12 + row.ends_on.month - today.month - (row.ends_on.day < today.day)
    return max(months, -1) if row.ends_on >= today else -1


def _due(row: Programme, today: date) -> int | None:
    """The warning that is due: the nearest threshold reached, unless it was given or is longer than the programme."""
    lasts = (row.ends_on.year - row.starts_on.year) * 12 + row.ends_on.month - row.starts_on.month
    reached = [months for months in WARNED
               if months < lasts and (months_left(row, today), row.ends_on.day > today.day) <= (months, False)]
    nearest = min(reached, default=None)
    return nearest if nearest and (row.warned_months is None or nearest < row.warned_months) else None


def warn_due() -> int:
    """Tells of programmes that end in 12, 6, 3 months, each once; returns how many."""
    told = 0
    for each in list(Programme.select().where(Programme.state.in_(RUNS))):
        with db.writing():
            row = db.locked(Programme.select().where(Programme.id == each.id)).get()
            months = _due(row, clock.today()) if row.state in RUNS else None
            if months:
                move(None, row, Event.WARN, warned_months=months)
                journal.wrote(None, "programme.warn", row.public_id)
                telling.it_ends(row, months)
                told += 1
    return told


def step(actor, public_id: str, event: Event) -> Programme:
    """Starts a programme. Raises Missing, RuleBroken."""
    with db.writing():
        row = register.locked(actor, public_id)
        move(actor, row, event)
        journal.wrote(actor, f"programme.{event}", row.public_id)
        return row


def prolong(actor, public_id: str, until: date) -> Programme:
    """A later last day; warnings begin anew. Raises Missing, RuleBroken."""
    with db.writing():
        row = register.locked(actor, public_id)
        if until <= row.ends_on or until <= clock.today():
            raise RuleBroken(_("Choose a day after the last one."), field="until")
        if until - row.starts_on > register.FURTHEST:
            raise RuleBroken(_("Check the year: a programme lasts at most ten years."), field="until")
        move(actor, row, Event.PROLONG, ends_on=until, warned_months=None)
        journal.wrote(actor, "programme.prolong", row.public_id, parts="ends_on")
        return row


def write_plan(actor, public_id: str, text: str) -> Programme:
    """What becomes of the people and the places after the end. Raises Missing."""
    with db.writing():
        row = register.locked(actor, public_id)
        if row.state not in RUNS:
            raise RuleBroken(_("This cannot be done any more. See how the programme stands now."))
        row.continuity = clean_text(text, lines=True, limit=LONGEST_PLAN)
        row.save()
        note(actor, row, "plan", row.state)
        journal.wrote(actor, "programme.plan", row.public_id, parts="continuity")
        return row


# The successor

def successors(actor, public_id: str) -> tuple[Programme, list[Programme]]:
    """A programme that ends, for the coordinator, and what may take over from it. Raises Missing."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing(public_id)
    row = visible_programmes(actor).where(Programme.public_id == public_id, Programme.state.in_(RUNS)).first()
    if row is None:
        raise Missing(public_id)
    fitting = Programme.state.in_((ProgrammeState.PREPARING, ProgrammeState.RUNNING)) & (
        Programme.ends_on > row.ends_on) & (Programme.id != row.id)
    return row, list(Programme.select().where(fitting).order_by(Programme.name))


def name_successor(actor, public_id: str, successor: str) -> Programme:
    """Raises Missing, RuleBroken."""
    with db.writing():
        found, offered = successors(actor, public_id)
        row = db.locked(Programme.select().where(Programme.id == found.id)).get()
        chosen = next((each for each in offered if each.public_id == successor), None)
        if chosen is None:
            raise RuleBroken(_("Choose a programme that goes on for longer."), field="successor")
        row.successor = chosen
        row.save()
        note(actor, row, "successor", row.state)
        journal.wrote(actor, "programme.successor", row.public_id, parts="successor")
        telling.successor_named(row)
        return row


# Handing on

def hand_people_on(actor, public_id: str, needs: list[Need]) -> int:
    """Hands everybody in a programme on to its successor; returns how many. Twice hands nobody on twice.

    Inside one organisation they wait in the successor's line. To another one goes a referral each: the one they came
    by is handed on, who came otherwise gets a new one that shows only what it is about (`needs`), no name.
    """
    with db.writing():
        row = register.locked(actor, public_id)
        _check_handing(actor, row)
        people.let_go(row)
        rows = list(db.locked(Participant.select().where(Participant.programme == row, Participant.state.in_(NOW_IN))))
        for each in rows:
            _hand_on(actor, each, row.successor, needs)
        note(actor, row, "hand_on", row.state)
        journal.wrote(actor, "programme.hand_on", row.public_id)
        return len(rows)


def _check_handing(actor, row):
    if side_of(actor, row) is not Side.LEAD:
        raise Missing(row.public_id)
    if row.successor_id is None:
        raise RuleBroken(_("The coordinator has not named a successor yet."))
    if row.successor.kept_by_id != row.kept_by_id and row.successor.service_id is None:
        raise RuleBroken(_("The successor names no service that referrals could go to. Ask them to choose one."))


def _hand_on(actor, person, successor, needs):
    if successor.kept_by_id == actor.organisation_id:
        Participant.create(programme=successor, client=person.client, now_in=person.client,
                           state=ParticipantState.WAITING, referral=person.referral) \
            if not _is_there(person, successor) else None
        new = None
    elif person.referral_id and person.referral.state is ReferralState.IN_CARE:
        new = handing.hand_on(actor, person.referral.public_id, successor.service.public_id)
    else:
        new = _new_referral(actor, person.client, successor, needs)
    people.end(actor, person, "programme.handed_on", ParticipantState.HANDED_ON, handed_referral=new)


def _is_there(person, successor) -> bool:
    return Participant.select().where(Participant.programme == successor,
                                      Participant.now_in == person.client_id).exists()


def _new_referral(actor, client: Client, successor, needs):
    if not needs:
        raise RuleBroken(_("Choose what the people need who came without a referral."), field="needs")
    row = sending.start(actor, client.public_id, successor.service.public_id, "", needs)
    return sending.write_and_send(actor, row.public_id, sending.Content(
        needs, Level.CHOICES, ReferralKind.TRANSFER, row.release_month, row.language))


def finish_all(actor, public_id: str, event: Event) -> Programme:
    """Ends a programme, or lets its successor continue it and take its sites over. Raises Missing, RuleBroken."""
    with db.writing():
        row = register.locked(actor, public_id)
        if side_of(actor, row) is Side.LEAD:
            people.let_go(row)
        if event is Event.END and row.successor_id:
            event = Event.CONTINUE
        move(actor, row, event, ended_on=clock.today())
        if event is Event.CONTINUE:
            _take_sites_over(row)
        journal.wrote(actor, f"programme.{event}", row.public_id)
        telling.is_over(row)
        return row


def _take_sites_over(row):
    there = {(site.prison_id, site.town) for site in ProgrammeSite.select().where(
        ProgrammeSite.programme == row.successor)}
    for site in ProgrammeSite.select().where(ProgrammeSite.programme == row):
        if (site.prison_id, site.town) not in there:
            ProgrammeSite.create(programme=row.successor, prison=site.prison, town=site.town, taken_from=row)
