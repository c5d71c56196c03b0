"""Deciding about requests, and what follows at once."""
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Booking, BookingClient, BookingEvent, BookingState, Client, Reason, User
from services import journal, slots
from services.visits.machine import (
    HOLDS_SEAT,
    TRANSITIONS,
    AlreadyDecided,
    Event,
    Side,
    Transition,
    fits,
    reasons_for,
    side_of,
)
from services.visits.rows import with_names
from services.visits.telling import TELLS
from text import clean_text


def advance(actor, public_id: str, event: Event, reason: Reason | None = None, message: str = "") -> Booking:
    """Brings a booking to its next state. AlreadyDecided where somebody was quicker, Missing where it is not theirs."""
    with db.writing():
        booking = locked(policy.visible_bookings(actor).where(Booking.public_id == public_id))
        if side_of(actor, booking) is None:
            raise Missing
        if _is_echo(actor, booking, event):
            return booking
        step = step_of(booking, event, side_of(actor, booking))
        _check_reason(step, reason, reasons_for(actor, booking, event))
        change(actor, booking, step, reason if step.needs_reason else None, message)
        return booking


def locked(query) -> Booking:
    """The booking of a query with its names, its row locked first. Missing where there is none."""
    row = db.locked(query).first()
    if row is None:
        raise Missing
    return with_names(Booking.select().where(Booking.id == row.id)).get()

def _is_echo(actor, booking, event) -> bool:
    """Whether the actor has just done the very same: a double click is no second decision."""
    last = last_event(booking)
    return event is not Event.REQUEST and last is not None and (last.event, last.actor_id) == (event, actor.id)


def last_event(booking):
    return (BookingEvent.select(BookingEvent, User).join(User, JOIN.LEFT_OUTER)
            .where(BookingEvent.booking == booking.id).order_by(BookingEvent.id.desc()).first())


def step_of(booking, event, side) -> Transition:
    for step in TRANSITIONS:
        if step.event is event and fits(step, booking, side):
            return step
    if not any(step.event is event and side in step.sides for step in TRANSITIONS):
        raise RuleBroken(_("Your account may not do this."))
    raise AlreadyDecided(_why_not(booking), booking=booking)


def _why_not(booking):
    last = last_event(booking)
    if booking.starts_at <= clock.now() and booking.state in {BookingState.REQUESTED, BookingState.CONFIRMED}:
        return _("The time of this visit has come already. Nothing was changed.")
    if last is None or last.actor is None:
        return _("This was settled meanwhile. Here is how it stands now.")
    return _("%(who)s was quicker. Here is how it stands now.", who=last.actor.name)


def _check_reason(step, reason, possible):
    if step.needs_reason and reason not in possible:
        raise RuleBroken(_("Choose a reason."), field="reason")


def change(actor, booking, step, reason, message):
    old, now = booking.state, clock.now()
    booking.state, booking.reason, booking.changed_at = step.new, reason, now
    booking.message = clean_text(message, lines=True, limit=1000) or booking.message
    if step.event in {Event.CONFIRM, Event.DECLINE}:
        booking.decided_by, booking.decided_at = actor.id, now
    if step.event is Event.CANCEL:
        booking.sequence += 1
    booking.save(only=[Booking.state, Booking.reason, Booking.message, Booking.changed_at, Booking.decided_by,
                       Booking.decided_at, Booking.sequence])
    if step.new not in HOLDS_SEAT:
        slots.release_seats(booking)
    record(actor, booking, step.event, old, clients_of(booking))
    TELLS[step.event](booking, step.event)


def clients_of(booking):
    return list(Client.select().join(BookingClient).where(BookingClient.booking == booking.id))


def record(actor, booking, event, old, clients):
    """The booking's own event and the journal's rows, one for each client so that each can read theirs."""
    db.add(BookingEvent(booking=booking.id, at=clock.now(), actor=getattr(actor, "id", None), event=event,
                        old_state=old or "", new_state=booking.state, reason=booking.reason or ""))
    for client in clients or [None]:
        journal.wrote(actor, f"booking.{event}", booking.public_id, client=client, parts="visits")


def confirm_many(actor, public_ids: list[str]) -> tuple[int, int]:
    """Confirms several requests at once; returns how many were confirmed and how many were settled before."""
    if not public_ids:
        raise RuleBroken(_("Choose at least one request."), field="bookings")
    settled = 0
    with db.writing():
        for public_id in sorted(set(public_ids)):
            try:
                advance(actor, public_id, Event.CONFIRM)
            except AlreadyDecided:
                settled += 1
    return len(set(public_ids)) - settled, settled


def lapse_due() -> int:
    """Ends requests that nobody answered before their time came; returns how many."""
    due = Booking.select(Booking.id).where(Booking.state == BookingState.REQUESTED, Booking.starts_at <= clock.now())
    return sum(_lapse(row.id) for row in list(due))


def _lapse(booking_id) -> bool:
    with db.writing():
        booking = locked(Booking.select().where(Booking.id == booking_id))
        if booking.state is not BookingState.REQUESTED:
            return False
        change(None, booking, step_of(booking, Event.LAPSE, Side.SYSTEM), None, "")
        return True
