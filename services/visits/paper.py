"""A prison without access to the network: what is sent to it is printed, what comes back on paper is written down.

The sender, or a colleague, enters the prison's answer. It is marked as from paper with who entered it; nobody ever
reads that the prison itself confirmed it here.
"""
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Booking, BookingState, Equipment, Kind, Organisation, PrisonProfile, Reason, User
from policy import Can, may
from services import journal, keys, prisons, slots, visitors
from services.visits import holding
from services.visits.deciding import advance, locked
from services.visits.effects import free_instead, people_of
from services.visits.gate import Line, gate_lines
from services.visits.machine import Event, Side, SlotTaken, side_of
from services.visits.rows import with_names


@dataclass(frozen=True)
class Kit:
    """What is printed: a letter and a form for the answer, or the confirmation; and the sheet for the gate."""

    booking: Booking
    sender: Organisation
    times: list
    line: Line
    purpose: str
    answer_by: date
    asked_by: User
    written_by: User | None  # who wrote down the prison's answer
    printed_by: str
    printed_at: datetime

    @property
    def confirmed(self) -> bool:
        return self.booking.state is BookingState.CONFIRMED


def is_on_paper(prison_id: int) -> bool:
    """Whether a prison has no access to the network."""
    return bool(db.kept(_on_paper, prison=prison_id))


def _on_paper(prison):
    return PrisonProfile.select(PrisonProfile.id).where(
        PrisonProfile.organisation == prison, PrisonProfile.on_paper == True).tuples()  # noqa: E712


def one(actor, public_id: str) -> Booking:
    """A visit of the actor's organisation in a prison on paper. Missing for all others."""
    booking = with_names(policy.visible_bookings(actor).where(Booking.public_id == public_id)).first()
    if booking is None or side_of(actor, booking) is not Side.SENDER or not is_on_paper(booking.prison_id):
        raise Missing
    return booking


def kit(actor, public_id: str) -> Kit:
    """The sheets of a request, or of a visit that was confirmed; that documents were read is journalled. Missing."""
    with db.recording():
        booking = one(actor, public_id)
        if booking.state not in {BookingState.REQUESTED, BookingState.CONFIRMED}:
            raise Missing
        (line,) = gate_lines([booking])
        journal.read(actor, "paper.kit", booking.public_id, parts="document,plate")
    wished = holding.wished(booking) if booking.state is BookingState.REQUESTED else [booking]
    purpose = keys.unseal(booking, "purpose", booking.organisation)
    return Kit(booking, Organisation.get_by_id(booking.organisation_id), wished, line, purpose, booking.answer_by,
               User.get_by_id(booking.requested_by_id), User.get_or_none(User.id == booking.decided_by_id),
               actor.name, clock.now())


@dataclass(frozen=True)
class Asked:
    """What the paper of a request has an answer to: which time, another free one, what is brought in, who comes."""

    booking: Booking
    times: list[holding.Time]
    others: list[slots.Slot]
    questions: list

    @property
    def open(self) -> bool:
        return self.booking.state is BookingState.REQUESTED

    @property
    def equipment(self) -> bool:
        return self.open and self.booking.equipment_state is Equipment.ASKED


def asked(actor, public_id: str) -> Asked:
    """Missing as of `one`."""
    booking = one(actor, public_id)
    if booking.state is not BookingState.REQUESTED:
        return Asked(booking, [], [], [])
    return Asked(booking, holding.wished(booking), free_instead(booking), visitors.questions(actor, booking))


def answer(actor, public_id: str, yes: bool, time: str = "", other: str = "", reason: Reason | None = None,
           **more) -> Booking:
    """Writes down what the prison answered on paper; `other` is a free time that it chose instead of those asked for.

    `more` is what else stands in an Answer. Missing, AlreadyDecided, RuleBroken as of any answer.
    """
    with db.writing():
        booking = _on_its_paper(actor, public_id)
        if yes and other:
            _add_time(booking, other)
        event = Event.CONFIRM if yes else Event.DECLINE
        return advance(actor, public_id, event, None if yes else reason, time=other or time, looked=True, **more)


def _on_its_paper(actor, public_id):
    booking = one(actor, public_id)
    Booking.update(on_paper=True).where(Booking.id == booking.id).execute()
    return booking


def _add_time(booking, key):
    """A time that the prison wrote in itself stands among those that it may confirm, and its seat is taken."""
    booking = locked(Booking.select().where(Booking.id == booking.id))
    slot = next((slot for slot in free_instead(booking) if slot.key == key), None)
    if booking.state is not BookingState.REQUESTED:
        return  # `advance` says who was quicker
    if slot is None or not slots.take_seat(slot, booking, people_of(booking)):
        raise SlotTaken(_("This time has just been taken. Choose another one."), field="other")
    holding.add(booking, slot, holding.WRITTEN_IN)


def keep(actor, public_id: str) -> Booking:
    """Writes down that the prison lets a marked visit stand. Missing, AlreadyDecided."""
    with db.writing():
        _on_its_paper(actor, public_id)
        return advance(actor, public_id, Event.KEEP)


# Which prisons are on paper

def prisons_on_paper(actor) -> list[tuple[Organisation, bool, bool]]:
    """All prisons for the coordinator: (prison, whether it is on paper, whether somebody of it can sign in)."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    on_paper = {row.organisation_id for row in PrisonProfile.select().where(PrisonProfile.on_paper == True)}  # noqa: E712
    with_accounts = prisons.with_accounts()
    rows = policy.visible_organisations(actor).where(Organisation.kind == Kind.PRISON).order_by(Organisation.sort)
    return [(row, row.id in on_paper, row.id in with_accounts) for row in rows]


def put_on_paper(actor, public_id: str, on_paper: bool) -> Organisation:
    """Says whether a prison has no access. One whose people have accounts answers itself: RuleBroken. Missing."""
    with db.writing():
        found = {row.public_id: (row, has) for row, _on_paper, has in prisons_on_paper(actor)}
        if public_id not in found:
            raise Missing
        prison, has_accounts = found[public_id]
        if on_paper and has_accounts:
            raise RuleBroken(_("People of this prison have accounts, so it answers itself."))
        profile = prisons.writable_profile(prison)
        profile.on_paper = on_paper
        profile.save(only=[PrisonProfile.on_paper])
        journal.wrote(actor, "prison.on_paper", public_id, parts="on_paper")
        return prison
