"""A joint day of organisations in a prison: one block, one escort, several organisations, many clients.

Its extra window holds the seats, one for each organisation; they ask for it like for any other time. Clients sign up
on paper, the staff of the prison enters their codes, and whoever works with them gets a task for afterwards.
"""
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from peewee import fn

import clock
import db
import policy
from crypto import ALPHABET, check_sign
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingState,
    Client,
    JointDay,
    JointDayClient,
    Membership,
    Organisation,
    Place,
    Task,
    TaskKind,
    Window,
    WindowKind,
)
from policy import Can, may
from services import journal, slots
from services.visits.machine import AlreadyDecided
from services.visits.recording import Went, record
from services.visits.rows import lines
from text import clean_text

MOST_CODES = 200  # in one form
MOST_MINUTES = 9999
TASK_DAYS = 5  # working days after the day in which clients are spoken to
LONGEST_BLOCK = timedelta(hours=12)


@dataclass(frozen=True)
class Plan:
    """What a prison writes when it makes a joint day; `place` is a public id, `seats` how many organisations."""

    name: str
    place: str
    day: date
    starts: time
    ends: time
    seats: int
    minutes: int | None = None
    note: str = ""


def visible(actor):
    """Joint days of the actor's prison; to an organisation those of prisons, for their times stand among the free."""
    query = (JointDay.select(JointDay, Window, Place, Organisation).join(Window).join(Place)
             .join(Organisation, on=(Place.prison == Organisation.id), attr="prison"))
    return query.where(Place.prison == actor.organisation_id if may(actor, Can.DECIDE_VISITS) else policy.NOBODY)


def places(actor) -> list[Place]:
    """Rooms of the actor's prison."""
    return list(Place.select().where(Place.prison == actor.organisation_id, Place.active == True)  # noqa: E712
                .order_by(Place.name))


def create(actor, plan: Plan) -> JointDay:
    """Makes a joint day of the actor's prison and its window. RuleBroken, each with its field."""
    if not may(actor, Can.DECIDE_VISITS):
        raise Missing
    with db.writing():
        place = Place.select().where(Place.public_id == plan.place, Place.prison == actor.organisation_id).first()
        _check(plan, place)
        length = _length(plan)
        window = Window.create(
            place=place, kind=WindowKind.GROUP, weekday=plan.day.weekday(), starts=plan.starts, ends=plan.ends,
            slot_minutes=length, seats=plan.seats, extra=True, notice_days=0, valid_from=plan.day,
            valid_until=plan.day, staff_minutes=math.ceil((plan.minutes or length) / plan.seats))
        row = JointDay.create(window=window, name=clean_text(plan.name, limit=100), staff_minutes=plan.minutes,
                              note=clean_text(plan.note, lines=True, limit=1000), created_by=actor.id)
        journal.wrote(actor, "joint_day.create", row.public_id)
        return row


def _check(plan, place):
    if place is None:
        raise RuleBroken(_("Choose a room."), field="place")
    if not clean_text(plan.name):
        raise RuleBroken(_("Write a name."), field="name")
    if not clock.today() <= plan.day <= clock.today() + timedelta(days=366):
        raise RuleBroken(_("Choose a day from today on, at most a year ahead."), field="day")
    if not timedelta(minutes=5) <= timedelta(minutes=_length(plan)) <= LONGEST_BLOCK:
        raise RuleBroken(_("It must end later than it begins, on the same day, within 12 hours."), field="ends")
    if clock.at(plan.day, plan.starts) <= clock.now():
        raise RuleBroken(_("This time has come already."), field="starts")


def _length(plan) -> int:
    return (plan.ends.hour - plan.starts.hour) * 60 + plan.ends.minute - plan.starts.minute


# Looking at it

@dataclass(frozen=True)
class Opened:
    """A joint day as its prison sees it; `clients` are those whom the reader may know, `others` how many more."""

    row: JointDay
    starts_at: datetime
    ends_at: datetime
    bookings: list
    clients: list[JointDayClient]
    others: int

    @property
    def begun(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def signed_up(self) -> int:
        return len(self.clients) + self.others


def all_of(actor) -> list[tuple[JointDay, int, int]]:
    """Joint days of the actor's prison, the latest first: (day, how many organisations, how many clients)."""
    asked = Booking.select(fn.COUNT(Booking.id)).where(Booking.window == JointDay.window,
                                                       Booking.state.in_(COMING))
    signed = JointDayClient.select(fn.COUNT(JointDayClient.id)).where(JointDayClient.joint_day == JointDay.id)
    rows = visible(actor).select_extend(asked.alias("organisations"), signed.alias("signed")).order_by(
        Window.valid_from.desc(), JointDay.id.desc()).limit(100)
    return [(row, row.organisations, row.signed) for row in rows]


COMING = [BookingState.REQUESTED, BookingState.COUNTERED, BookingState.CONFIRMED, BookingState.HELD,
          BookingState.NOT_HELD, BookingState.DISPUTED, BookingState.UNRECORDED]


def open_day(actor, public_id: str) -> Opened:
    """A joint day with its organisations and clients; that codes were shown is journalled. Missing."""
    with db.recording():
        row = _one(actor, public_id)
        clients = list(_signed_up(actor, row))
        for each in clients:
            journal.read(actor, "joint_day.open", row.public_id, client=each.client, parts="visits")
    in_all = JointDayClient.select().where(JointDayClient.joint_day == row.id).count()
    starts, ends = times_of(row)
    asked = lines(policy.visible_bookings(actor).where(Booking.window == row.window_id, Booking.state.in_(COMING)))
    return Opened(row, starts, ends, list(asked), clients, in_all - len(clients))


def _one(actor, public_id) -> JointDay:
    row = visible(actor).where(JointDay.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


def times_of(row) -> tuple[datetime, datetime]:
    """When a joint day begins and ends."""
    window = row.window
    return clock.at(window.valid_from, window.starts), clock.at(window.valid_from, window.ends)


def _signed_up(actor, row):
    return (JointDayClient.select(JointDayClient, Client).join(Client)
            .where(JointDayClient.joint_day == row.id, Client.erased_at.is_null(),
                   Client.id.in_(policy.visible_clients(actor).select(Client.id))).order_by(Client.code))


# Signing up

@dataclass(frozen=True)
class Entered:
    """What became of codes: those that are signed up now, those that were before, and each bad one with why."""

    added: list[str]
    before: list[str]
    bad: list[tuple[str, str]]


def sign_up(actor, public_id: str, codes: str) -> Entered:
    """Signs up the clients of many codes; good ones are kept whatever the others are. Missing, RuleBroken."""
    wanted = read_codes(codes)
    if not wanted:
        raise RuleBroken(_("Write at least one code."), field="codes")
    if len(wanted) > MOST_CODES:
        raise RuleBroken(_("Enter at most %(most)s codes at once.", most=MOST_CODES), field="codes")
    with db.writing():
        row = _one(actor, public_id)
        known = {client.code: client for client in _clients_here(actor, row, wanted)}
        entered = Entered([], [], [])
        for code in wanted:
            _sign_up(actor, row, code, known.get(code), entered)
        return entered


def read_codes(text: str) -> list[str]:
    """The codes of a text, each once, in its order, as they are kept: large letters, nothing between."""
    return list(dict.fromkeys(re.sub(r"[^0-9A-Z]", "", word.upper()) or word[:20]
                              for word in re.split(r"[\s,;]+", clean_text(text, lines=True, limit=20_000)) if word))


def _clients_here(actor, row, codes):
    return policy.visible_clients(actor).where(
        Client.code.in_(codes), Client.prison == row.window.place.prison_id, Client.released_on.is_null(),
        policy.own_client(actor, Client.id))


def _sign_up(actor, row, code, client, entered):
    if client is None:
        entered.bad.append((code, why_bad(code)))
    elif db.add(JointDayClient(joint_day=row.id, client=client.id, added_by=actor.id, added_at=clock.now()),
                ignore=True):
        _plan_talk(actor, row, client)
        journal.wrote(actor, "joint_day.sign_up", row.public_id, client=client, parts="visits")
        entered.added.append(code)
    else:
        entered.before.append(code)


def why_bad(code: str) -> str:
    """Why no client is found by a code: it was mistyped, or there is no such client here."""
    if len(code) != 6 or not set(code) <= set(ALPHABET) or check_sign(code[:5]) != code[5]:
        return _("%(code)s: this is no code, a sign is wrong.", code=code)
    return _("%(code)s: none of your clients here has this code.", code=code)


def _plan_talk(actor, row, client):
    """A task for who works with the client in this prison, within some working days after the day."""
    worker = Membership.select(Membership.worker).where(
        Membership.client == client.id, Membership.organisation == actor.organisation_id,
        policy.membership_holds()).scalar()
    db.add(Task(organisation=actor.organisation_id, owner=worker, client=client.id, kind=TaskKind.AFTER_JOINT_DAY,
                about=row.public_id, due_on=slots.working_days_after(row.window.valid_from, TASK_DAYS)))


def take_off(actor, public_id: str, client_id: str) -> None:
    """Takes a client (public id) off a joint day, and the task with it. Missing."""
    with db.writing():
        row = _one(actor, public_id)
        signed = _signed_up(actor, row).where(Client.public_id == client_id).first()
        if signed is None:
            raise Missing
        signed.delete_instance()
        Task.delete().where(Task.about == row.public_id, Task.client == signed.client_id,
                            Task.done_at.is_null()).execute()
        journal.wrote(actor, "joint_day.take_off", row.public_id, client=signed.client, parts="visits")


# How it went

def record_day(actor, public_id: str, minutes: int, came: list[str]) -> int:
    """One record for all: minutes of the escort, who of the clients came; each confirmed visit was held.

    Returns how many visits were written down now. Missing, RuleBroken.
    """
    with db.writing():
        row = _one(actor, public_id)
        if not 0 <= minutes <= MOST_MINUTES:
            raise RuleBroken(_("Write a number from 0 to %(most)s.", most=MOST_MINUTES), field="minutes")
        if times_of(row)[0] > clock.now():
            raise RuleBroken(_("This day has not come yet."))
        JointDay.update(staff_minutes=minutes).where(JointDay.id == row.id).execute()
        chosen = set(came)
        for signed in _signed_up(actor, row):
            JointDayClient.update(came=signed.client.public_id in chosen).where(
                JointDayClient.id == signed.id).execute()
        journal.wrote(actor, "joint_day.record", row.public_id)
        return _hold_visits(actor, row)


def _hold_visits(actor, row) -> int:
    """The minutes and people stand with the day, so that three organisations do not count them three times."""
    held, recordable = 0, [BookingState.CONFIRMED, BookingState.UNRECORDED]
    for booking in Booking.select().where(Booking.window == row.window_id, Booking.state.in_(recordable)):
        try:
            record(actor, booking.public_id, Went(True, reached=None, minutes=0))
            held += 1
        except AlreadyDecided:
            continue
    return held



# The organisations' side

def coming(prison) -> list[tuple[JointDay, slots.Slot]]:
    """Joint days of a prison that can still be asked for, the soonest first, with their times."""
    rows = db.kept(_coming, clock.today(), prison=prison.id)
    found = [(row, slots.find(prison, key_of(row))) for row in rows]
    return [(row, slot) for row, slot in found if slot and slots.is_open(slot)]


def _coming(today, prison):
    return (JointDay.select(JointDay, Window).join(Window).join(Place).where(
        Place.prison == prison, Window.valid_from >= today).order_by(Window.valid_from, Window.starts))


def key_of(row) -> str:
    """The key by which a request names the time of a joint day."""
    return f"{row.window.public_id}.{times_of(row)[0].strftime(slots.STAMP)}"


def of_window(window) -> int | None:
    """The joint day (its id) whose window this is; costs nothing for the weekly ones."""
    found = db.kept(_of_window, window=window.id) if window.extra else ()
    return next((number for number, in found), None)


def _of_window(window):
    return JointDay.select(JointDay.id).where(JointDay.window == window).tuples()
