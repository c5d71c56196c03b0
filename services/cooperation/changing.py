"""Changing a co-operation: one transaction with its event, journal row and mails."""
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Cooperation,
    CooperationEvent,
    CooperationReason,
    CooperationStep,
    FlagCause,
    Organisation,
)
from policy import Can, may, visible_cooperations
from services import journal, prisons
from services.cooperation.machine import (
    REASONS,
    RUNS,
    TRANSITIONS,
    AlreadyDecided,
    Event,
    Side,
    State,
    Transition,
    fits_step,
    has_run_out,
    side_of,
)
from services.cooperation.steps import copy_checklist, last_done, open_step, set_clock
from services.cooperation.telling import tell
from text import clean_text

FURTHEST = timedelta(days=5 * 365)  # how far a day may lie that somebody sets


@dataclass(frozen=True)
class Terms:
    """What is agreed when a co-operation becomes active. `ceiling` says how much at most in words; None: no limit."""

    scope: str = ""
    ceiling: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    most_visits_a_month: int | None = None
    most_people: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A reason, words to go with it and, of one that is declined, the day from which to ask again."""

    reason: CooperationReason | None = None
    message: str = ""
    not_before: date | None = None


def begin(actor, prison_id: str, event: Event, about: str = "") -> Cooperation:
    """Shows interest in a prison, or waits until it takes new partners (Event.START, Event.WAIT).

    Raises Missing, RuleBroken. A second form of the same finds it done.
    """
    if not may(actor, Can.START_COOPERATIONS):
        raise Missing
    with db.writing():
        home = prisons.prison(actor, prison_id)
        _lock(home)
        row = between(actor.organisation_id, home.id) or Cooperation(
            organisation=actor.organisation_id, prison=home.id, state=None)
        _settle(row)
        if row.state is (State.INTEREST if event is Event.START else State.WAITING):
            return row
        change(actor, row, event, Side.ORGANISATION, about=about)
        return row


def _lock(prison) -> None:
    """One after another: PostgreSQL would let two colleagues begin at once."""
    db.locked(Organisation.select(Organisation.id).where(Organisation.id == prison.id)).first()


def advance(actor, public_id: str, event: Event, terms: Terms | None = None,
            refusal: Refusal | None = None) -> Cooperation:
    """Takes a co-operation along one line of TRANSITIONS. Raises Missing, RuleBroken."""
    with db.writing():
        row = db.locked(visible_cooperations(actor).where(Cooperation.public_id == public_id)).first()
        side = row and side_of(actor, row)
        if side is None:
            raise Missing
        _settle(row)
        change(actor, row, event, side, terms, refusal)
        return row


def _settle(row) -> None:
    """What is past its last day ends before anything else is done with it."""
    if has_run_out(row):
        change(None, row, Event.RUN_OUT, Side.SYSTEM)


def change(actor, row, event, side, terms=None, refusal=None, about=""):
    line = _line(row, event, side)
    _check(line, row, terms, refusal)
    old, row.state = row.state, line.new
    row.since_on = row.since_on if old is line.new else clock.today()
    told = EFFECTS.get(event, _nothing)(actor, row, terms, refusal, about) or ""
    row.reason, row.message = (refusal.reason, clean_text(refusal.message, lines=True, limit=1000)) \
        if line.needs_reason else (None, "")
    set_clock(row)
    row.save(force_insert=row.id is None)
    if event in {Event.START, Event.WAIT}:
        copy_checklist(row)
    record(actor, row, event, old, told)
    tell(row, event, side)
    if old is State.ACTIVE and line.new is not State.ACTIVE:
        from services.visits import review  # visits ask for co-operation, so they are loaded after it
        review.flag_cooperation(actor, row.organisation_id, row.prison_id)
    elif line.new is State.ACTIVE and old is not State.ACTIVE:
        from services.visits import review
        review.settle_gone(row.prison_id, FlagCause.COOPERATION_ENDED)


def _line(row, event, side) -> Transition:
    """The line of the table that applies. Raises Missing where this side never may, else AlreadyDecided."""
    found = next((each for each in TRANSITIONS if each.old is row.state and each.event is event
                  and side in each.sides), None)
    if found is None and not any(each.event is event and side in each.sides for each in TRANSITIONS):
        raise Missing
    if found is None:
        raise AlreadyDecided(_("This cannot be done any more. See how the co-operation stands now."))
    refused = found.guard(row) if found.guard else None
    if refused:
        raise RuleBroken(refused)
    if not fits_step(row, event, side):
        raise RuleBroken(_("This step is the prison's."))
    return found


def _check(line, row, terms, refusal):
    if line.needs_reason and (refusal is None or refusal.reason not in REASONS[line.event]):
        raise RuleBroken(_("Choose a reason."), "reason")
    for name, day in _days_of(terms, refusal):
        if day and ((day < clock.today() and name != "valid_from") or day > clock.today() + FURTHEST):
            raise RuleBroken(_("Choose a day to come, at most five years ahead."), name)
    if terms and terms.valid_from and terms.valid_until and terms.valid_until < terms.valid_from:
        raise RuleBroken(_("The last day is before the first."), "valid_until")


def _days_of(terms, refusal):
    days = [("valid_from", terms.valid_from), ("valid_until", terms.valid_until)] if terms else []
    return days + ([("not_before", refusal.not_before)] if refusal else [])


def _nothing(actor, row, terms, refusal, about):
    """Most events only change the state."""


def _starts(actor, row, terms, refusal, about):
    row.about = clean_text(about, lines=True, limit=1000) or row.about or ""
    row.started_at, row.activated_at, row.not_before = clock.now(), None, None
    _write_terms(row, Terms())


def _tick(actor, row, terms, refusal, about):
    step = open_step(row)
    step.done_at, step.done_by = clock.now(), actor
    step.save(only=[CooperationStep.done_at, CooperationStep.done_by])
    return step.name


def _untick(actor, row, terms, refusal, about):
    CooperationStep.update(begun_at=None).where(CooperationStep.id == getattr(open_step(row), "id", None)).execute()
    step = last_done(row)
    step.done_at = step.done_by = None
    step.save(only=[CooperationStep.done_at, CooperationStep.done_by])
    return step.name


def _agree(actor, row, terms, refusal, about):
    row.activated_at = row.activated_at or clock.now()
    _write_terms(row, terms or Terms())


def _write_terms(row, terms):
    row.scope, row.ceiling = clean_text(terms.scope, lines=True, limit=1000), clean_text(terms.ceiling, limit=200)
    row.valid_from, row.valid_until = terms.valid_from, terms.valid_until
    row.most_visits_a_month, row.most_people = terms.most_visits_a_month, terms.most_people


def _put_off(actor, row, terms, refusal, about):
    row.not_before = refusal.not_before


EFFECTS = {Event.START: _starts, Event.WAIT: _starts, Event.STEP: _tick, Event.REOPEN: _untick,
           Event.ACTIVATE: _agree, Event.AMEND: _agree, Event.DECLINE: _put_off}


def between(organisation_id, prison_id) -> Cooperation | None:
    return Cooperation.get_or_none(Cooperation.organisation == organisation_id, Cooperation.prison == prison_id)


def record(actor, row, event, old, about=""):
    CooperationEvent.create(cooperation=row, actor=actor, event=event, old_state=old or "", new_state=row.state,
                            about=about, at=clock.now())
    journal.wrote(actor, f"cooperation.{event}", row.public_id, parts="state")


def log_mail(actor, organisation_id: int, prison_id: int, about: str) -> Cooperation | None:
    """Notes on the record of two sides that a mail went out; None where there is no such record. In a transaction."""
    row = between(organisation_id, prison_id)
    if row:
        record(actor, row, "mail", row.state, clean_text(about, limit=300))
    return row


def exists(organisation_id: int, prison_id: int) -> bool:
    return between(organisation_id, prison_id) is not None


def end_due() -> int:
    """Ends what has run out; returns how many. A job calls it each night."""
    running = Cooperation.select(Cooperation.id).where(Cooperation.state.in_(RUNS),
                                                       Cooperation.valid_until < clock.today())
    return sum(_run_out(row.id) for row in running)


def _run_out(row_id) -> bool:
    with db.writing():
        row = db.locked(Cooperation.select().where(Cooperation.id == row_id)).first()
        if row is None or not has_run_out(row):
            return False
        change(None, row, Event.RUN_OUT, Side.SYSTEM)
        return True
