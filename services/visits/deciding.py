"""One step of a visit with all that follows: seats, colliding requests, the waiting list, who is told."""
import json

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingClient,
    BookingEvent,
    BookingFlag,
    BookingState,
    BookingVisitor,
    Client,
    Reason,
    User,
)
from services import journal, slots
from services.visits import budget, holding
from services.visits.changing import change_visit
from services.visits.effects import EFFECTS, Answer, people_of, write
from services.visits.machine import (
    HOLDS_SEAT,
    REASONS,
    TRANSITIONS,
    UNDECIDED,
    AlreadyDecided,
    Event,
    Side,
    Transition,
    fits,
    side_of,
)
from services.visits.rows import with_names
from services.visits.telling import TELLS

SAVED = [Booking.state, Booking.reason, Booking.message, Booking.changed_at, Booking.decided_by, Booking.decided_at,
         Booking.sequence, Booking.offer_until, Booking.waiting_since, Booking.answer_by, Booking.overdue_at,
         Booking.escalated_at, Booking.equipment, Booking.equipment_state, Booking.purpose, Booking.plate,
         Booking.staff_note, Booking.client_note, Booking.finds_clients, *holding.OF_TIME]
ALL_EFFECTS = {**EFFECTS, Event.CHANGE: change_visit}
TAKES_OF_WEEK = {Event.CONFIRM, Event.ACCEPT}  # a limit of the prison is counted under its lock
FREES = {Event.CONFIRM, Event.ACCEPT, Event.DECLINE, Event.REFUSE, Event.RUN_OUT, Event.WITHDRAW, Event.CANCEL,
         Event.PASS, Event.LOSE}
MOVES_SEATS = FREES | {Event.CHANGE, Event.COUNTER, Event.TAKE}  # while nobody changes the windows they are in
SETTLES_FLAGS = {Event.KEEP, Event.CHANGE, Event.CANCEL, Event.CONFIRM}
MARKS = frozenset({Event.FLAG, Event.UNFLAG, Event.OVERDUE, Event.ESCALATE})  # decide nothing
UNTOLD = {Event.ESCALATE}  # the coordinator finds it on Today
KEEPS_CALENDAR = {Event.NOTE, Event.FLAG, Event.UNFLAG, Event.KEEP, Event.OVERDUE, Event.ESCALATE}


def advance(actor, public_id: str, event: Event, reason: Reason | None = None, message: str = "", **more) -> Booking:
    """Brings a booking to its next state; `more` is what else stands in an Answer.

    AlreadyDecided where somebody was quicker, Missing where it is not theirs, RuleBroken where it is refused.
    """
    with db.writing():
        booking = _locked_for(actor, public_id, event)
        side = side_of(actor, booking)
        if side is None:
            raise Missing
        try:
            step = step_of(booking, event, side)
        except AlreadyDecided:
            if _is_echo(actor, booking, event):
                return booking
            raise
        _check_reason(step, reason, REASONS.get((event, side), ()))
        change(actor, booking, step, Answer(reason, message, **more))
        return booking


def _locked_for(actor, public_id, event):
    """First the prison's windows, then its limits, then bookings: always in this order."""
    query = policy.visible_bookings(actor).where(Booking.public_id == public_id)
    found = query.first() if event in TAKES_OF_WEEK or (event in MOVES_SEATS and not db.is_sqlite()) else None
    if found is not None:
        slots.keep_still(found.prison_id)
        if event in TAKES_OF_WEEK:
            budget.hold(found.prison_id)
    return locked(query)


def locked(query) -> Booking:
    """The booking of a query with its names, its row locked first. Missing where there is none."""
    row = db.locked(query).first()
    if row is None:
        raise Missing
    return with_names(Booking.select().where(Booking.id == row.id)).get()


def _is_echo(actor, booking, event) -> bool:
    """Whether the actor has just done the very same: a double click is no second decision, though marked since."""
    last = last_event(booking, but=MARKS)
    return last is not None and (last.event, last.actor_id) == (event, actor.id) \
        and event not in {Event.REQUEST, Event.WAIT}


def last_event(booking, but=frozenset()):
    return (BookingEvent.select(BookingEvent, User).join(User, JOIN.LEFT_OUTER)
            .where(BookingEvent.booking == booking.id, BookingEvent.event.not_in(but))
            .order_by(BookingEvent.id.desc()).first())


def step_of(booking, event, side, new: BookingState | None = None) -> Transition:
    """The line of the table for an event (where it leads to several states, to `new`); refuses where there is none."""
    refusal = None
    for step in TRANSITIONS:
        if step.event is event and new in {None, step.new} and fits(step, booking, side):
            refusal = step.guard(booking, side) if step.guard else None
            if not refusal:
                return step
    if refusal:
        raise AlreadyDecided(refusal, booking=booking)
    if not any(step.event is event and side in step.sides for step in TRANSITIONS):
        raise RuleBroken(_("Your account may not do this."))
    raise AlreadyDecided(_why_not(booking), booking=booking)


def _why_not(booking):
    last = last_event(booking)
    if booking.starts_at <= clock.now() and booking.state in {*UNDECIDED, BookingState.CONFIRMED}:
        return _("The time of this visit has come already. Nothing was changed.")
    if last is None or last.actor is None:
        return _("This was settled meanwhile. Here is how it stands now.")
    return _("%(who)s was quicker. Here is how it stands now.", who=last.actor.name)


def _check_reason(step, reason, possible):
    if step.needs_reason and reason not in possible:
        raise RuleBroken(_("Choose a reason."), field="reason")


def change(actor, booking, step, answer: Answer) -> None:
    """One line of the table carried out on a locked booking (actor None: the system), and what follows on it."""
    old, before = booking.state, shown(booking)
    changes = ALL_EFFECTS[step.event](actor, booking, answer) or {} if step.event in ALL_EFFECTS else {}
    booking.state, booking.changed_at = step.new, clock.now()
    if step.new not in {BookingState.COUNTERED, BookingState.WAITING}:
        booking.offer_until = None
    booking.reason = answer.reason if step.needs_reason else None
    if answer.message:
        write(booking, "message", answer.message)
    moved = differing(before, shown(booking))
    booking.sequence += bool(moved) or _is_seen_in_calendars(booking, step.event)
    booking.save(only=SAVED)
    if step.new not in HOLDS_SEAT and step.new is not BookingState.WAITING:
        holding.forget_others(booking)
        slots.release_seats(booking)
    record(actor, booking, step.event, old, clients_of(booking), {**moved, **changes})
    if step.event not in UNTOLD:
        TELLS[step.event](booking, step.event)
    _follow(actor, booking, step)


def _is_seen_in_calendars(booking, event) -> bool:
    """Whether its entry has a later version: once it was changed or cancelled after a yes, whatever follows is one."""
    return event in {Event.CHANGE, Event.CANCEL} or (booking.sequence > 0 and event not in KEEPS_CALENDAR)


def shown(booking) -> dict:
    """What of a booking is told as old and new; never a client, never anybody's words."""
    return {"starts_at": booking.starts_at.isoformat(), "ends_at": booking.ends_at.isoformat(),
            "place": booking.place.name, "kind": booking.kind.value}


def differing(before: dict, after: dict) -> dict:
    return {name: [before[name], after[name]] for name in after if before.get(name) != after[name]}


def clients_of(booking):
    return list(Client.select().join(BookingClient).where(BookingClient.booking == booking.id))


def record(actor, booking, event, old, clients, changes: dict | None = None):
    """The booking's own event and the journal's rows, one for each client so that each can read theirs."""
    booking.last_event = BookingEvent(
        booking=booking.id, at=clock.now(), actor=actor, event=event, old_state=old or "", new_state=booking.state,
        reason=booking.reason or "", changes=json.dumps(changes) if changes else "")
    db.add(booking.last_event)
    for client in clients or [None]:
        journal.wrote(actor, f"booking.{event}", booking.public_id, client=client, parts="visits")


# What follows

def _follow(actor, booking, step):
    if step.event in SETTLES_FLAGS:
        BookingFlag.update(settled_at=clock.now(), settled_by=getattr(actor, "id", None), settled_how=step.event).where(
            BookingFlag.booking == booking.id, BookingFlag.settled_at.is_null()).execute()
    if step.new is BookingState.CONFIRMED and step.event in TAKES_OF_WEEK:
        _settle_collisions(booking)
    if step.event in FREES:
        offer_seats(booking.prison_id, but=booking.id)


def _settle_collisions(booking):
    """Other requests for a client of this visit lose the times at which it takes place."""
    for row in db.kept(_colliding, booking=booking.id, before=booking.starts_at - slots.LONGEST,
                       begin=booking.starts_at, end=booking.ends_at):
        other = locked(Booking.select().where(Booking.id == row.id))
        if other.state in {BookingState.REQUESTED, BookingState.COUNTERED}:
            _lose_times(other, booking)


def _colliding(booking, before, begin, end):
    mine = BookingClient.select(BookingClient.client).where(BookingClient.booking == booking)
    at_that_time = ((Booking.starts_at > before) & (Booking.starts_at < end) & (Booking.ends_at > begin)) \
        | Booking.id.in_(holding.touching(begin, end))
    return (Booking.select(Booking.id).join(BookingClient).where(
        BookingClient.client.in_(mine), Booking.id != booking, at_that_time,
        Booking.state.in_([BookingState.REQUESTED, BookingState.COUNTERED])).distinct().order_by(Booking.id))


def _lose_times(other, booking):
    its = holding.times(other)
    gone = [time for time in its if time.starts_at < booking.ends_at and time.ends_at > booking.starts_at]
    if len(gone) == len(its):
        step = step_of(other, Event.DECLINE, Side.SYSTEM)
        change(None, other, step, Answer(Reason.COLLISION))
        return
    if all(time.by_prison for time in its if time not in gone):  # its own stays until the proposal is answered
        gone = [time for time in gone if time.position]
    if gone:
        new = BookingState.REQUESTED if any(time.by_prison for time in gone) else other.state
        change(None, other, step_of(other, Event.LOSE, Side.SYSTEM, new), Answer(about=tuple(gone)))


# The waiting list

def offer_seats(prison_id: int, but: int = 0) -> int:
    """Offers the seats that are free to who waits for them, the first in line first; returns how many were offered.

    To be called in the transaction that frees them. `but` is who has just let one go.
    """
    offered = 0
    for row in db.kept(_in_line, prison=prison_id, now=clock.now(), but=but):
        booking = locked(Booking.select().where(Booking.id == row.id))
        if booking.state is BookingState.WAITING and booking.offer_until is None and _get_seat(booking):
            change(None, booking, step_of(booking, Event.OFFER, Side.SYSTEM), Answer())
            offered += 1
    return offered


def _in_line(prison, now, but):
    return (Booking.select(Booking.id).where(
        Booking.prison == prison, Booking.state == BookingState.WAITING, Booking.starts_at > now,
        Booking.offer_until.is_null(), Booking.id != but).order_by(Booking.waiting_since, Booking.id))


def _get_seat(booking) -> bool:
    """Whether it has a seat at its time now: in its own window, or in another one of that kind that is open then."""
    people = people_of(booking)
    return any(_take_seat(booking, slot, people) for slot in _slots_of_its_time(booking, people))


def _take_seat(booking, slot, people):
    if budget.concerns(booking.organisation) and not budget.fits(booking.prison_id, slot):
        return False
    if not slots.take_seat(slot, booking, people):
        return False
    holding.take(booking, slot)
    return True


def _slots_of_its_time(booking, people):
    own = booking.window_id and slots.find(booking.prison_id, holding.own(booking).key, counted=False)
    if own:
        yield own
    if booking.joint_day_id:
        return
    day = clock.local(booking.starts_at).date()
    for slot in slots.slots_between([booking.prison_id], day, day, booking.kind):
        if (slot.starts_at, slot.ends_at) == (booking.starts_at, booking.ends_at) and slots.has_room(slot) \
                and slot.window.id != booking.window_id and people <= slot.window.place.capacity:
            yield slot


# Many at once

def confirm_many(actor, public_ids: list[str]) -> tuple[int, int, int]:
    """Confirms several requests at once; returns how many were confirmed, settled before, and left to be looked at.

    What needs an answer to more than yes, or is refused by a rule, is left as it is: nothing is decided unseen.
    """
    if not public_ids:
        raise RuleBroken(_("Choose at least one request."), field="bookings")
    settled = left = 0
    with db.writing():
        for public_id in sorted(set(public_ids)):
            try:
                with db.writing():
                    advance(actor, public_id, Event.CONFIRM)
            except AlreadyDecided:
                settled += 1
            except RuleBroken:
                left += 1
    return len(set(public_ids)) - settled - left, settled, left


def visitors_of(booking) -> list[BookingVisitor]:
    return list(BookingVisitor.select().where(BookingVisitor.booking == booking.id).order_by(BookingVisitor.id))
