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
from models import Booking, BookingState, Kind, Organisation, PrisonProfile, Reason, User
from policy import Can, may
from services import journal, keys, prisons
from services.visits import holding
from services.visits.deciding import advance
from services.visits.gate import Line, gate_lines
from services.visits.machine import Event, Side, side_of
from services.visits.rows import with_names


@dataclass(frozen=True)
class Kit:
    """What is printed for one request: a letter, a form for the answer, the sheet for the gate."""

    booking: Booking
    sender: Organisation
    times: list
    line: Line
    purpose: str
    answer_by: date
    asked_by: User
    printed_by: str
    printed_at: datetime


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
    """The sheets of one request; that documents were read for them is journalled. Missing."""
    with db.recording():
        booking = one(actor, public_id)
        (line,) = gate_lines([booking])
        journal.read(actor, "paper.kit", booking.public_id, parts="document,plate")
    asked = holding.wished(booking) if booking.state is BookingState.REQUESTED else [booking]
    purpose = keys.unseal(booking, "purpose", booking.organisation)
    return Kit(booking, Organisation.get_by_id(booking.organisation_id), asked, line, purpose, booking.answer_by,
               User.get_by_id(booking.requested_by_id), actor.name, clock.now())


def choices(booking) -> list:
    """The times of which the prison could choose one."""
    return holding.wished(booking)


def answer(actor, public_id: str, yes: bool, time: str = "", reason: Reason | None = None,
           message: str = "") -> Booking:
    """Writes down what the prison answered on paper. Missing, AlreadyDecided, RuleBroken as of any answer."""
    with db.writing():
        booking = one(actor, public_id)
        Booking.update(on_paper=True).where(Booking.id == booking.id).execute()
        event = Event.CONFIRM if yes else Event.DECLINE
        return advance(actor, public_id, event, None if yes else reason, message, time=time, looked=True)


# Which prisons are on paper

def prisons_on_paper(actor) -> list[tuple[Organisation, bool, bool]]:
    """All prisons for the coordinator: (prison, whether it is on paper, whether somebody of it has an account)."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    on_paper = {row.organisation_id for row in PrisonProfile.select().where(PrisonProfile.on_paper == True)}  # noqa: E712
    with_accounts = {number for number, in User.select(User.organisation).where(User.active == True).tuples()}  # noqa: E712
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
