"""Clearing visitors: asked for, cleared until a day, refused, taken back, run out."""
import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
import formats
import policy
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingState,
    BookingVisitor,
    Clearance,
    ClearanceEvent,
    ClearanceReason,
    ClearanceState,
    FlagCause,
    Organisation,
    PrisonProfile,
    Task,
    TaskKind,
    Topic,
    User,
    Visitor,
    new_public_id,
)
from services import journal, mail
from services.visitors.listed import with_names
from services.visitors.machine import Event, Side, holds, line, side_of, waits

WARNED = timedelta(days=31)  # before the end
LONGEST = timedelta(days=5 * 366)


def months(prison_id: int) -> int | None:
    """For how many months a prison clears visitors; None where it lets them in without."""
    for number, in db.kept(_months, prison=prison_id):
        return number
    return None


def _months(prison):
    return PrisonProfile.select(PrisonProfile.clearance_months).where(PrisonProfile.organisation == prison).tuples()


def usual_end(prison_id: int) -> date:
    """The day until which a clearance given today usually holds."""
    return months_after(clock.today(), months(prison_id) or 12)


def months_after(day: date, count: int) -> date:
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.month - 1 + count, 12)
    last = calendar.monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


# Asking

def ask(actor, public_id: str, prison_id: str) -> Clearance:
    """Asks a prison (public id) to clear a visitor of the actor's organisation. Missing, RuleBroken."""
    with db.writing():
        visitor = policy.visible_visitors(actor).where(Visitor.public_id == public_id,
                                                       Visitor.active == True).first()  # noqa: E712
        prison = next((each for each in prisons(actor) if each.public_id == prison_id), None)
        if visitor is None:
            raise Missing
        if prison is None:
            raise RuleBroken(_("Choose a prison."), field="prison")
        clearance = ask_for(actor, visitor, prison.id)
        _tell_prison(clearance)
        return clearance


def prisons(actor) -> list[Organisation]:
    """Prisons that clear visitors before they let them in."""
    return list(policy.visible_organisations(actor).join(PrisonProfile, on=(
        PrisonProfile.organisation == Organisation.id)).where(
            PrisonProfile.clearance_months.is_null(False)).order_by(Organisation.sort))


def ask_for(actor, visitor: Visitor, prison_id: int) -> Clearance:
    """Asks for a clearance inside a request; one that waits already stays as it is. Inside `db.writing()`."""
    clearance = Clearance(public_id=new_public_id(), visitor=visitor.id, prison=prison_id, asked_by=actor.id,
                          asked_at=clock.now())
    if db.add(clearance, ignore=True):
        _remember(actor, clearance, Event.ASK)
        return clearance
    clearance = db.locked(Clearance.select().where(Clearance.visitor == visitor.id,
                                                   Clearance.prison == prison_id)).get()
    if not waits(clearance):
        clearance.state = line(clearance.state, Event.ASK, Side.SENDER).new
        clearance.asked_at, clearance.asked_by = clock.now(), actor.id
        if clearance.state is ClearanceState.ASKED:
            clearance.reason = clearance.until_on = None
        clearance.save()
        _remember(actor, clearance, Event.ASK)
    return clearance


def _remember(actor, clearance, event):
    db.add(ClearanceEvent(clearance=clearance.id, at=clock.now(), actor=getattr(actor, "id", None), event=event,
                          new_state=clearance.state, reason=clearance.reason or ""))
    journal.wrote(actor, f"clearance.{event}", clearance.public_id)


# Answering

@dataclass(frozen=True)
class Asked:
    """A clearance as a prison looks at it; `elsewhere` are (prison, until when) that cleared the same visitor."""

    clearance: Clearance
    elsewhere: list[tuple[str, date]] = field(default_factory=list)


def one(actor, public_id: str) -> Asked:
    """A clearance by its public id, for either side. Missing where it is not theirs."""
    row = with_names(policy.visible_clearances(actor).where(Clearance.public_id == public_id)).first()
    if row is None:
        raise Missing
    return _with_elsewhere(actor, [row])[0]


def of_prison(actor) -> list[Asked]:
    """All clearances that the actor's prison was asked for, what waits first, then by the day on which it ends."""
    rows = with_names(policy.visible_clearances(actor)).order_by(Visitor.name)
    rows = sorted(rows, key=lambda row: (not waits(row), row.state is not ClearanceState.CLEARED,
                                         row.until_on or date.max))
    return _with_elsewhere(actor, rows)


def _with_elsewhere(actor, rows):
    """What other prisons cleared is information for a prison, never a clearance; the sender knows it anyway."""
    found, visitors = {}, [row.visitor_id for row in rows]
    for visitor, prison, name, short, until_on in db.kept(
            _cleared, clock.today(), visitors=visitors) if visitors else ():
        if prison != actor.organisation_id:
            found.setdefault(visitor, []).append((short or name, until_on))
    return [Asked(row, found.get(row.visitor_id, [])) for row in rows]


def _cleared(today, visitors):
    return (Clearance.select(Clearance.visitor, Clearance.prison, Organisation.name, Organisation.short_name,
                             Clearance.until_on)
            .join(Organisation, on=(Clearance.prison == Organisation.id))
            .where(Clearance.visitor.in_(visitors), Clearance.state == ClearanceState.CLEARED,
                   Clearance.until_on >= today).order_by(Organisation.sort).tuples())


def decide(actor, public_id: str, event: Event, until_on: date | None = None,
           reason: ClearanceReason | None = None) -> Clearance:
    """The prison's word on a clearance. Missing where it is not theirs, RuleBroken where it may not be said now."""
    with db.writing():
        row = db.locked(policy.visible_clearances(actor).select(Clearance.id)
                        .where(Clearance.public_id == public_id)).first()
        if row is None:
            raise Missing
        clearance = with_names(policy.visible_clearances(actor).where(Clearance.id == row.id)).get()
        change(actor, clearance, event, until_on, reason)
        _tell_sender(clearance, event)
        return clearance


def change(actor, clearance, event: Event, until_on=None, reason=None, side: Side | None = None) -> None:
    """One step of the table with all that follows; `clearance` is locked and knows its visitor.

    `side` is given where the actor writes down what another side said on paper.
    """
    step = line(clearance.state, event, side or (side_of(actor, clearance) if actor else Side.SYSTEM))
    if step is None:
        raise RuleBroken(_("This was settled meanwhile. Here is how it stands now."))
    if step.needs_reason and reason is None:
        raise RuleBroken(_("Choose a reason."), field="reason")
    clearance.state, clearance.reason = step.new, reason if step.needs_reason else None
    if event is Event.CLEAR:
        clearance.until_on, clearance.warned_at = _end(until_on), None
    if event is not Event.EXPIRE:
        clearance.decided_by, clearance.decided_at = actor.id, clock.now()
    clearance.save()
    _remember(actor, clearance, event)
    _close_tasks(clearance)
    if event in {Event.REVOKE, Event.EXPIRE}:
        _flag_visits(actor, clearance)
    elif event is Event.CLEAR:
        from services.visits import review
        review.settle_gone(clearance.prison_id, FlagCause.CLEARANCE_ENDED)


def _end(until_on):
    if until_on is None or not clock.today() <= until_on <= clock.today() + LONGEST:
        raise RuleBroken(_("Choose a day from today on, at most five years ahead."), field="until_on")
    return until_on


def _close_tasks(clearance):
    Task.update(done_at=clock.now()).where(Task.about == clearance.public_id, Task.done_at.is_null(),
                                           Task.kind == TaskKind.CLEARANCE_ENDS).execute()


def _flag_visits(actor, clearance):
    """Confirmed visits to which the visitor can no longer come are to be looked at by the prison."""
    touched = (Booking.select(Booking.id).join(BookingVisitor)
               .where(BookingVisitor.visitor == clearance.visitor_id, BookingVisitor.refused.is_null(),
                      Booking.prison == clearance.prison_id, Booking.state == BookingState.CONFIRMED,
                      Booking.starts_at > clock.now()).distinct().tuples())
    if ids := [booking for booking, in touched]:
        from services.visits import review  # visits ask who may come, so they are loaded after this
        review.flag(actor, ids, FlagCause.CLEARANCE_ENDED)


# What runs on a clock

def expire_due() -> int:
    """Ends clearances whose last day is over; returns how many."""
    over = Clearance.select(Clearance.id).where(Clearance.state == ClearanceState.CLEARED,
                                                Clearance.until_on < clock.today())
    return sum(_each(row.id, _expire) for row in list(over))


def _each(clearance_id, work) -> bool:
    with db.writing():
        db.locked(Clearance.select(Clearance.id).where(Clearance.id == clearance_id)).get()
        return work(with_names(Clearance.select().join(Visitor).where(Clearance.id == clearance_id)).get())


def _expire(clearance) -> bool:
    if clearance.state is not ClearanceState.CLEARED or holds(clearance):
        return False
    change(None, clearance, Event.EXPIRE)
    _tell_sender(clearance, Event.EXPIRE)
    return True


def warn_due() -> int:
    """Warns of clearances that end within a month: a task and a mail, once; returns how many."""
    ending = Clearance.select(Clearance.id).join(Visitor).where(
        Clearance.state == ClearanceState.CLEARED, Clearance.warned_at.is_null(), Visitor.active == True,  # noqa: E712
        Clearance.until_on <= clock.today() + WARNED, Clearance.until_on >= clock.today())
    return sum(_each(row.id, _warn) for row in list(ending))


def _warn(clearance) -> bool:
    if clearance.warned_at is not None or waits(clearance):
        return False
    clearance.warned_at = clock.now()
    clearance.save(only=[Clearance.warned_at])
    owner = clearance.visitor.user_id or clearance.asked_by_id
    Task.create(organisation=clearance.visitor.organisation_id, owner=owner, kind=TaskKind.CLEARANCE_ENDS,
                about=clearance.public_id, due_on=clearance.until_on)
    _tell_sender(clearance, "warn")
    return True


# Who is told

def _subjects(event):
    return {
        Event.CLEAR: _("Entry to a prison: cleared"), Event.REFUSE: _("Entry to a prison: not cleared"),
        Event.REVOKE: _("Entry to a prison: clearance taken back"), Event.EXPIRE: _("Entry to a prison: ran out"),
        "warn": _("Entry to a prison: ends soon")}[event]


def _tell_sender(clearance, event):
    asked = [clearance.asked_by_id, clearance.visitor.user_id]
    for person in User.select().where(User.id.in_(asked), User.active == True):  # noqa: E712
        with force_locale(person.language):
            _post(person, _subjects(event), _about(clearance, person.language))


def _about(clearance, language) -> list[str]:
    lines = [_("Visitor: %(name)s", name=clearance.visitor.name), clearance.prison.label]
    if clearance.state is ClearanceState.CLEARED:
        lines.append(_("Cleared until %(day)s.", day=formats.day(clearance.until_on, language=language)))
    if clearance.reason:
        lines.append(_("Reason: %(reason)s", reason=_label(clearance.reason)))
    return lines


def _label(reason):
    from labels import label
    return label(reason)


def _tell_prison(clearance):
    from services.visits.telling import deciders
    visitor, organisation = clearance.visitor, clearance.visitor.organisation
    for person in deciders(clearance.prison_id):
        with force_locale(person.language):
            _post(person, _("Entry to the prison: asked for"),
                  [_("Visitor: %(name)s", name=visitor.name), organisation.label])


def _post(person: User, subject: str, lines: Iterable[str]):
    """A mail about a clearance; it never carries the number of a document."""
    if person.email:
        mail.tell(person, Topic.CLEARANCES, subject, "\n".join([*lines, "", mail.link("/visitors")]), "/visitors")
