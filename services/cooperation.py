"""Co-operation of an organisation and a prison: from interest to its end, whose turn it is, and for how long.

What may follow on what stands in TRANSITIONS. A co-operation that starts gets a copy of the prison's checklist, so
that a later change of the checklist moves nobody's goal. Each change is one transaction with its event, journal row
and mails; a mail names the two sides and what happened, and nothing that somebody wrote.
"""
import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import JOIN

import clock
import db
import formats
import policy
from errors import Missing, RuleBroken
from labels import label
from models import (
    ChecklistStep,
    Cooperation,
    CooperationEvent,
    CooperationReason,
    CooperationState,
    CooperationStep,
    Kind,
    Organisation,
    Party,
    PrisonProfile,
    Role,
    User,
)
from policy import Can, may, visible_cooperations
from services import journal, mail, prisons, records
from services.slots import names_of
from text import clean_text

ANSWER_DAYS = 14  # in which a prison answers interest, and confirms what is ready
FURTHEST = timedelta(days=5 * 365)  # how far a day may lie that somebody sets
MOST_ROWS = 200


# What follows on what

class Event(enum.StrEnum):
    START = "start"
    WAIT = "wait"
    TAKE_UP = "take_up"
    STEP = "step"
    REOPEN = "reopen"
    ACTIVATE = "activate"
    AMEND = "amend"
    PAUSE = "pause"
    RESUME = "resume"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    END = "end"
    RUN_OUT = "run_out"


class Side(enum.StrEnum):
    """From where somebody acts on a co-operation."""

    PRISON = "prison"
    ORGANISATION = "organisation"
    SYSTEM = "system"


State = CooperationState


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard` is asked with the co-operation and says in a sentence why not, or nothing."""

    old: State | None
    event: Event
    new: State
    sides: frozenset[Side]
    needs_reason: bool = False
    guard: Callable | None = None


def _is_open(row):
    """Whether the prison takes new partners, and an organisation that was declined may ask again."""
    until = closed_until(prisons.profile_of(row.prison_id))
    if until:
        return _("This prison takes no new partners until %(day)s.", day=formats.day(until, language=_language()))
    return _may_ask_again(row)


def _is_closed(row):
    if closed_until(prisons.profile_of(row.prison_id)) is None:
        return _("This prison takes new partners now. You can start.")
    return _may_ask_again(row)


def _may_ask_again(row):
    if row.state is State.DECLINED and row.not_before and clock.today() < row.not_before:
        return _("The prison declined. You can ask again from %(day)s.",
                 day=formats.day(row.not_before, language=_language()))
    return None


def _all_done(row):
    return _("Some steps are not done yet.") if _open_step(row) else None


def _has_open_step(row):
    return None if _open_step(row) else _("All steps are done.")


def _has_done_step(row):
    return None if _last_done(row) else _("No step is done yet.")


def _has_run_out(row):
    over = row.valid_until and row.valid_until < clock.today()
    return None if over else _("It has not run out yet.")


_PRISON, _ORGANISATION = frozenset({Side.PRISON}), frozenset({Side.ORGANISATION})
_EITHER, _SYSTEM = _PRISON | _ORGANISATION, frozenset({Side.SYSTEM})
_BEFORE_IT_RUNS, _RUNS = (State.WAITING, State.INTEREST, State.NEGOTIATING), (State.ACTIVE, State.PAUSED)
TRANSITIONS = [
    *[Transition(old, Event.START, State.INTEREST, _ORGANISATION, guard=_is_open)
      for old in (None, State.WAITING, State.DECLINED, State.ENDED)],
    *[Transition(old, Event.WAIT, State.WAITING, _ORGANISATION, guard=_is_closed)
      for old in (None, State.DECLINED, State.ENDED)],
    Transition(State.INTEREST, Event.TAKE_UP, State.NEGOTIATING, _PRISON),
    Transition(State.NEGOTIATING, Event.STEP, State.NEGOTIATING, _EITHER, guard=_has_open_step),
    Transition(State.NEGOTIATING, Event.REOPEN, State.NEGOTIATING, _EITHER, guard=_has_done_step),
    Transition(State.NEGOTIATING, Event.ACTIVATE, State.ACTIVE, _PRISON, guard=_all_done),
    Transition(State.ACTIVE, Event.AMEND, State.ACTIVE, _PRISON),
    Transition(State.ACTIVE, Event.PAUSE, State.PAUSED, _EITHER, needs_reason=True),
    Transition(State.PAUSED, Event.RESUME, State.ACTIVE, _PRISON),
    *[Transition(old, Event.DECLINE, State.DECLINED, _PRISON, needs_reason=True) for old in _BEFORE_IT_RUNS],
    *[Transition(old, Event.WITHDRAW, State.ENDED, _ORGANISATION) for old in _BEFORE_IT_RUNS],
    *[Transition(old, Event.END, State.ENDED, _EITHER, needs_reason=True) for old in _RUNS],
    *[Transition(old, Event.RUN_OUT, State.ENDED, _SYSTEM, guard=_has_run_out) for old in _RUNS],
]
REASONS = {
    Event.DECLINE: (CooperationReason.CAPACITY, CooperationReason.COVERED, CooperationReason.DOCUMENTS,
                    CooperationReason.SECURITY, CooperationReason.OTHER),
    Event.PAUSE: (CooperationReason.STAFF, CooperationReason.FUNDING, CooperationReason.CAPACITY,
                  CooperationReason.SECURITY, CooperationReason.OTHER),
    Event.END: (CooperationReason.AGREED, CooperationReason.FUNDING, CooperationReason.STAFF,
                CooperationReason.CAPACITY, CooperationReason.SECURITY, CooperationReason.OTHER),
}


class AlreadyDecided(RuleBroken):
    """Somebody was quicker, or it cannot be done from the state it is in."""


def side_of(actor, row) -> Side | None:
    """From which side the actor may act on a co-operation, if from any."""
    if may(actor, Can.KEEP_PRISON) and actor.organisation_id == row.prison_id:
        return Side.PRISON
    if may(actor, Can.START_COOPERATIONS) and actor.organisation_id == row.organisation_id:
        return Side.ORGANISATION
    return None


def open_events(actor, row) -> set[Event]:
    """What the actor may do with a co-operation now; the buttons of its page."""
    side = side_of(actor, row)
    return {each.event for each in TRANSITIONS if each.old is row.state and side in each.sides
            and not (each.guard and each.guard(row)) and _fits_step(row, each.event, side)}


def _fits_step(row, event, side) -> bool:
    """A side ticks its own steps; the prison, whose checklist it is, ticks any. What one has ticked one can undo."""
    if side is Side.PRISON or event not in {Event.STEP, Event.REOPEN}:
        return True
    turn = _open_step(row) if event is Event.STEP else _last_done(row)
    return turn is not None and turn.turn is Party.ORGANISATION


def closed_until(profile: PrisonProfile | None) -> date | None:
    """The last day on which the prison takes no new partners; None where it takes some today."""
    until = profile.no_new_partners_until if profile else None
    return until if until and until >= clock.today() else None


# Changing it

@dataclass(frozen=True)
class Terms:
    """What is agreed when a co-operation becomes active. `ceiling` says how much at most, in words."""

    scope: str = ""
    ceiling: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


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
        row = _between(actor.organisation_id, home.id) or Cooperation(
            organisation=actor.organisation_id, prison=home.id, state=None)
        if row.state is (State.INTEREST if event is Event.START else State.WAITING):
            return row
        _change(actor, row, event, Side.ORGANISATION, about=about)
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
        _change(actor, row, event, side, terms, refusal)
        return row


def _change(actor, row, event, side, terms=None, refusal=None, about=""):
    line = _line(row, event, side)
    _check(line, row, terms, refusal)
    old, row.state = row.state, line.new
    row.since_on = row.since_on if old is line.new else clock.today()
    told = EFFECTS.get(event, _nothing)(actor, row, terms, refusal, about) or ""
    row.reason, row.message = (refusal.reason, clean_text(refusal.message, lines=True, limit=1000)) \
        if line.needs_reason else (None, "")
    _set_clock(row)
    row.save(force_insert=row.id is None)
    if event in {Event.START, Event.WAIT}:
        _copy_checklist(row)
    _record(actor, row, event, old, told)
    _tell(row, event, side)


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
    if not _fits_step(row, event, side):
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
    row.scope, row.ceiling, row.valid_from, row.valid_until = "", "", None, None


def _tick(actor, row, terms, refusal, about):
    step = _open_step(row)
    step.done_at, step.done_by = clock.now(), actor
    step.save(only=[CooperationStep.done_at, CooperationStep.done_by])
    return step.name


def _untick(actor, row, terms, refusal, about):
    CooperationStep.update(begun_at=None).where(CooperationStep.id == getattr(_open_step(row), "id", None)).execute()
    step = _last_done(row)
    step.done_at = step.done_by = None
    step.save(only=[CooperationStep.done_at, CooperationStep.done_by])
    return step.name


def _agree(actor, row, terms, refusal, about):
    terms = terms or Terms()
    row.activated_at = row.activated_at or clock.now()
    row.scope, row.ceiling = clean_text(terms.scope, lines=True, limit=1000), clean_text(terms.ceiling, limit=200)
    row.valid_from, row.valid_until = terms.valid_from, terms.valid_until


def _put_off(actor, row, terms, refusal, about):
    row.not_before = refusal.not_before


EFFECTS = {Event.START: _starts, Event.WAIT: _starts, Event.STEP: _tick, Event.REOPEN: _untick,
           Event.ACTIVATE: _agree, Event.AMEND: _agree, Event.DECLINE: _put_off}


def _copy_checklist(row):
    """Each start copies the prison's checklist as it is that day."""
    CooperationStep.delete().where(CooperationStep.cooperation == row.id).execute()
    for number, step in enumerate(prisons.checklist(row.prison_id), 1):
        CooperationStep.create(cooperation=row, position=number, name=step.name, document=step.document,
                               signatory=step.signatory, turn=step.turn, limit_days=step.limit_days)


def _set_clock(row):
    """Whose turn it is, since when, until when; an open step's clock begins when the one before it is done."""
    step = _open_step(row) if row.state is State.NEGOTIATING else None
    if step:
        step.begun_at = step.begun_at or clock.now()
        step.save(only=[CooperationStep.begun_at])
        row.turn, row.turn_since = step.turn, step.begun_at
        row.due_on = clock.local(step.begun_at).date() + timedelta(days=step.limit_days)
    elif row.state in {State.INTEREST, State.NEGOTIATING}:
        row.turn, row.turn_since, row.due_on = Party.PRISON, clock.now(), clock.today() + timedelta(days=ANSWER_DAYS)
    else:
        row.turn = row.turn_since = row.due_on = None


def _steps(row):
    return CooperationStep.select().where(CooperationStep.cooperation == row.id).order_by(CooperationStep.position)


def _open_step(row) -> CooperationStep | None:
    return _steps(row).where(CooperationStep.done_at.is_null()).first()


def _last_done(row) -> CooperationStep | None:
    return _steps(row).where(CooperationStep.done_at.is_null(False)).order_by(CooperationStep.position.desc()).first()


def _between(organisation_id, prison_id) -> Cooperation | None:
    return Cooperation.get_or_none(Cooperation.organisation == organisation_id, Cooperation.prison == prison_id)


def _record(actor, row, event, old, about=""):
    CooperationEvent.create(cooperation=row, actor=actor, event=event, old_state=old or "", new_state=row.state,
                            about=about, at=clock.now())
    journal.wrote(actor, f"cooperation.{event}", row.public_id, parts="state")


def log_mail(actor, organisation_id: int, prison_id: int, about: str) -> Cooperation | None:
    """Notes on the record of two sides that a mail went out; None where there is no such record. In a transaction."""
    row = _between(organisation_id, prison_id)
    if row:
        _record(actor, row, "mail", row.state, clean_text(about, limit=300))
    return row


def exists(organisation_id: int, prison_id: int) -> bool:
    return _between(organisation_id, prison_id) is not None


def end_due() -> int:
    """Ends what has run out; returns how many. A job calls it each night."""
    running = Cooperation.select(Cooperation.id).where(Cooperation.state.in_(_RUNS),
                                                       Cooperation.valid_until < clock.today())
    return sum(_run_out(row.id) for row in running)


def _run_out(row_id) -> bool:
    with db.writing():
        row = db.locked(Cooperation.select().where(Cooperation.id == row_id)).first()
        if row is None or row.state not in _RUNS or _has_run_out(row):
            return False
        _change(None, row, Event.RUN_OUT, Side.SYSTEM)
        return True


# No new partners until

def close(actor, until: date) -> None:
    """The actor's prison takes no new partners until the end of a day. Raises RuleBroken."""
    if not clock.today() <= until <= clock.today() + FURTHEST:
        raise RuleBroken(_("Choose a day to come, at most five years ahead."), "until")
    _set_stop(actor, until)


def reopen(actor) -> int:
    """The actor's prison takes new partners again; those who wait are told. Returns how many they are."""
    return _set_stop(actor, None)


def _set_stop(actor, until) -> int:
    with db.writing():
        profile = prisons.writable_profile(prisons.own(actor))
        was = closed_until(profile)
        records.change(actor, profile, {"no_new_partners_until": until}, "page")
        return _tell_waiting(profile.organisation_id) if was and until is None else 0


def open_due() -> int:
    """Opens prisons whose day has passed and tells those who wait; returns how many mails. Each night."""
    passed = PrisonProfile.select().where(PrisonProfile.no_new_partners_until < clock.today())
    return sum(_open(profile.organisation_id) for profile in passed)


def _open(prison_id) -> int:
    with db.writing():
        profile = prisons.profile_of(prison_id)
        if profile.no_new_partners_until is None or closed_until(profile):
            return 0
        records.change(None, profile, {"no_new_partners_until": None}, "job")
        return _tell_waiting(prison_id)


def _tell_waiting(prison_id) -> int:
    for place, row in enumerate(waiting_list(prison_id), 1):
        for person in people(row.organisation_id):
            with force_locale(person.language):
                mail.post(person, _("%(prison)s takes new partners again", prison=row.prison.label), _(
                    "The prison takes new partners again. You are number %(place)d on its waiting list. "
                    "Start the co-operation here:", place=place)
                    + f"\n\n{mail.link('/cooperation/start/' + row.prison.public_id)}\n")
    return len(waiting_list(prison_id))


def waiting_list(prison_id: int) -> list[Cooperation]:
    """Who waits for a prison, in the order in which they came."""
    return list(Cooperation.select(Cooperation, Organisation)
                .join(Organisation, on=(Cooperation.organisation == Organisation.id))
                .where(Cooperation.prison == prison_id, Cooperation.state == State.WAITING)
                .order_by(Cooperation.started_at, Cooperation.id))


# Who is told

SUBJECTS = {
    Event.START: _l("%(organisation)s and %(prison)s: interest in co-operation"),
    Event.TAKE_UP: _l("%(organisation)s and %(prison)s: the prison has taken it up"),
    Event.STEP: _l("%(organisation)s and %(prison)s: a step is done"),
    Event.ACTIVATE: _l("%(organisation)s and %(prison)s: the co-operation is active"),
    Event.AMEND: _l("%(organisation)s and %(prison)s: what was agreed has changed"),
    Event.PAUSE: _l("%(organisation)s and %(prison)s: the co-operation is paused"),
    Event.RESUME: _l("%(organisation)s and %(prison)s: the co-operation goes on"),
    Event.DECLINE: _l("%(organisation)s and %(prison)s: the prison has declined"),
    Event.WITHDRAW: _l("%(organisation)s and %(prison)s: the organisation has withdrawn"),
    Event.END: _l("%(organisation)s and %(prison)s: the co-operation has ended"),
    Event.RUN_OUT: _l("%(organisation)s and %(prison)s: the co-operation has run out"),
}


def people(organisation_id: int) -> list[User]:
    """Who in an organisation is told: its leads; where it has none, all its people."""
    found = list(User.select().where(User.organisation == organisation_id, User.active == True,  # noqa: E712
                                     User.email.is_null(False)).order_by(User.name))
    return [person for person in found if person.lead] or found


def _tell(row, event, side):
    """Tells the other side; when nobody acted, both. Of a step only where it is the other side's turn now."""
    if event not in SUBJECTS or (event is Event.STEP and (row.turn is None or row.turn.value == side.value)):
        return
    told = {Side.PRISON: [row.organisation_id], Side.ORGANISATION: [row.prison_id]}.get(
        side, [row.organisation_id, row.prison_id])
    for person in [person for organisation in told for person in people(organisation)]:
        with force_locale(person.language):
            names = {"organisation": row.organisation.label, "prison": row.prison.label}
            mail.post(person, str(SUBJECTS[event]) % names, "\n".join(_body(row, person)))


def _body(row, person):
    if row.reason:
        yield _("Reason: %(reason)s", reason=label(row.reason))
    if row.turn:
        yield _("It is the turn of: %(side)s", side=label(row.turn))
        yield _("Until: %(day)s", day=formats.day(row.due_on, language=person.language))
    yield from ("", mail.link(f"/cooperation/{row.public_id}"), "")


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "cs"


# How long it usually takes

@dataclass(frozen=True)
class Usual:
    """The median of days from interest to an active co-operation, of how many."""

    days: int
    of: int


def usual(prison_id: int) -> Usual | None:
    """How long it took until co-operations with this prison became active; None where none has yet."""
    return _usual_of(Cooperation.select().where(Cooperation.prison == prison_id))


def _usual_of(rows) -> Usual | None:
    took = [(clock.local(row.activated_at).date() - clock.local(row.started_at).date()).days
            for row in rows if row.started_at and row.activated_at]
    return Usual(math.floor(median(took) + .5), len(took)) if took else None


# Pages

@dataclass
class Line:
    """A co-operation in a list. `mine`: it is the reader's turn. `late`: past its day."""

    public_id: str
    title: str
    state: State
    turn: Party | None
    step: str
    days: int  # that it has waited for whoever's turn it is
    due_on: date | None
    since_on: date | None
    mine: bool
    late: bool
    order: int = 0  # its place on the waiting list


@dataclass
class Board:
    """The co-operations that the reader may see, by what is to be done."""

    side: Side | None = None  # the reader's
    mine: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)
    running: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    over: list[Line] = field(default_factory=list)


def board(actor) -> Board:
    """All co-operations of the actor's side, in one query; the longest waiting first."""
    found = Board(_side_by_role(actor))
    for line in _lines(actor, _on_board):
        _where(found, line).append(line)
    return found


def _on_board(actor):
    return _line_rows(visible_cooperations(actor)).limit(MOST_ROWS)


def _side_by_role(actor) -> Side | None:
    return Side.PRISON if may(actor, Can.KEEP_PRISON) else Side.ORGANISATION if may(actor, Can.START_COOPERATIONS) \
        else None


def _where(found, line):
    if line.turn:
        return found.mine if line.mine else found.theirs
    return found.waiting if line.state is State.WAITING else found.running if line.state in _RUNS else found.over


def _lines(actor, build) -> list[Line]:
    """Lines of the co-operations that the query `build(actor)` is of."""
    return [_as_line(actor, row) for row in policy.ask(actor, build)]


def _line_rows(query):
    organisation, prison = Organisation.alias("o"), Organisation.alias("p")
    step = (CooperationStep.select(CooperationStep.name)
            .where(CooperationStep.cooperation == Cooperation.id, CooperationStep.done_at.is_null())
            .order_by(CooperationStep.position).limit(1))
    return (query.select(Cooperation, *names_of(organisation), *names_of(prison), step.alias("step"))
            .join(organisation, on=(Cooperation.organisation == organisation.id), attr="organisation")
            .switch(Cooperation).join(prison, on=(Cooperation.prison == prison.id), attr="prison")
            .order_by(Cooperation.turn_since, Cooperation.started_at, Cooperation.id))


def _as_line(actor, row) -> Line:
    side = side_of(actor, row)
    title = {Side.PRISON: row.organisation.label, Side.ORGANISATION: row.prison.label}.get(
        side, f"{row.organisation.label} – {row.prison.label}")
    return Line(row.public_id, title, row.state, row.turn, row.step if row.state is State.NEGOTIATING else None,
                days_waited(row), row.due_on, row.since_on,
                mine=bool(row.turn and side and row.turn.value == side.value), late=is_late(row))


def days_waited(row) -> int:
    return (clock.today() - clock.local(row.turn_since).date()).days if row.turn_since else 0


def is_late(row) -> bool:
    return bool(row.due_on and row.due_on < clock.today())


@dataclass(frozen=True)
class Opened:
    """One co-operation as its page shows it. `events` are flat rows of what happened, the newest first."""

    row: Cooperation
    steps: list[CooperationStep]
    current: CooperationStep | None
    history: list
    may: set[Event]
    side: Side | None
    days: int
    late: bool
    usual: Usual | None
    place: int  # on the waiting list; 0: not on it
    closed_until: date | None

    @property
    def mine(self) -> bool:
        return bool(self.row.turn and self.side and self.row.turn.value == self.side.value)


def one(actor, public_id: str) -> Cooperation:
    row = visible_cooperations(actor).where(Cooperation.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


def own(actor, public_id: str) -> Cooperation:
    """A co-operation of the actor's own side, in which they can act. Raises Missing."""
    row = one(actor, public_id)
    if side_of(actor, row) is None:
        raise Missing
    return row


def open_cooperation(actor, public_id: str) -> Opened:
    """Raises Missing."""
    row = one(actor, public_id)
    steps = list(_steps(row).select(CooperationStep, User).join(User, JOIN.LEFT_OUTER))
    in_line = [each.id for each in waiting_list(row.prison_id)] if row.state is State.WAITING else []
    current = next((step for step in steps if step.done_at is None), None)
    return Opened(row, steps, current if row.state is State.NEGOTIATING else None, _history(row),
                  open_events(actor, row), side_of(actor, row), days_waited(row), is_late(row), usual(row.prison_id),
                  in_line.index(row.id) + 1 if in_line else 0, closed_until(prisons.profile_of(row.prison_id)))


def _history(row):
    home = Organisation.alias("home")
    return list(CooperationEvent.select(CooperationEvent, User.name.alias("who"), home.short_name.alias("home_short"),
                                        home.name.alias("home_name"))
                .join(User, JOIN.LEFT_OUTER).join(home, JOIN.LEFT_OUTER, on=(User.organisation == home.id))
                .where(CooperationEvent.cooperation == row.id)
                .order_by(CooperationEvent.at.desc(), CooperationEvent.id.desc()).limit(MOST_ROWS).objects())


@dataclass(frozen=True)
class Starting:
    """What somebody sees before a co-operation starts. `event` is what they may do now; `refusal` says why nothing."""

    prison: Organisation
    checklist: list[ChecklistStep]
    usual: Usual | None
    closed_until: date | None
    existing: Cooperation | None
    event: Event | None
    refusal: str


def starting(actor, prison_id: str) -> Starting:
    """Raises Missing."""
    if not may(actor, Can.START_COOPERATIONS):
        raise Missing
    home = prisons.prison(actor, prison_id)
    row = _between(actor.organisation_id, home.id)
    probe = row or Cooperation(organisation=actor.organisation_id, prison=home.id, state=None)
    offered = [event for event in (Event.START, Event.WAIT) if event in open_events(actor, probe)]
    refusal = "" if offered or row is None else _may_ask_again(row) or ""
    return Starting(home, prisons.checklist(home.id), usual(home.id), closed_until(prisons.profile_of(home.id)), row,
                    offered[0] if offered else None, refusal)


@dataclass(frozen=True)
class BookPart:
    """What the page of a prison in the book says of co-operation. `texts` are the profile's, by group of facts."""

    texts: dict
    checklist: list[ChecklistStep]
    wanted: list
    usual: Usual | None
    closed_until: date | None
    existing: Cooperation | None
    may_start: bool
    own: bool


def on_book_page(actor, organisation, profile: PrisonProfile | None) -> BookPart | None:
    """None for what is no prison. In three queries."""
    if organisation.kind is not Kind.PRISON:
        return None
    starts, rows = may(actor, Can.START_COOPERATIONS), list(Cooperation.select().where(
        Cooperation.prison == organisation.id))
    mine = next((row for row in rows if starts and row.organisation_id == actor.organisation_id), None)
    return BookPart(
        {group: getattr(profile, group.value, "") for group in prisons.PARTS}, prisons.checklist(organisation.id),
        prisons.wanted_by(organisation.id), _usual_of(rows), closed_until(profile), mine, starts,
        may(actor, Can.KEEP_PRISON) and actor.organisation_id == organisation.id)


# Today

@dataclass(frozen=True)
class Today:
    """`mine`: the reader's turn. `opened`: prisons waited for that take partners again. `late`: a coordinator's."""

    mine: list[Line]
    opened: list[Line]
    late: list[Line]


def today(actor) -> Today | None:
    """What waits for the actor; for the coordinator what has waited past its day. None: nothing."""
    if not may(actor, Can.SEE_COOPERATIONS):
        return None
    if actor.role is Role.COORDINATOR:
        late = _lines(actor, _late)
        return Today([], [], late) if late else None
    mine = _lines(actor, _my_lines)
    opened = _lines(actor, _opened_to) if may(actor, Can.START_COOPERATIONS) else []
    return Today(mine, opened, []) if mine or opened else None


def _late(actor):
    return _line_rows(visible_cooperations(actor).where(Cooperation.due_on < clock.today())).limit(MOST_ROWS)


def _my_lines(actor):
    return _line_rows(my_turn(actor)).limit(MOST_ROWS)


def _opened_to(actor):
    """Waiting, though the prison takes new partners now."""
    closed = PrisonProfile.select(PrisonProfile.organisation).where(
        PrisonProfile.no_new_partners_until >= clock.today())
    return _line_rows(visible_cooperations(actor).where(
        Cooperation.state == State.WAITING, Cooperation.prison.not_in(closed))).limit(MOST_ROWS)


def my_turn(actor):
    """The query of co-operations in which it is the turn of the actor's side."""
    turn = Party.PRISON if actor.role is Role.PRISON else Party.ORGANISATION
    return visible_cooperations(actor).where(Cooperation.turn == turn)
