"""What happens to visits by itself: they lapse, answers are overdue, offers and proposals run out."""
import clock
import db
from models import Booking, BookingState
from services import slots
from services.visits import holding
from services.visits.deciding import change, locked, step_of
from services.visits.effects import Answer
from services.visits.machine import ESCALATE_DAYS, UNDECIDED, AlreadyDecided, Event, Side


def lapse_due() -> int:
    """Ends requests that nobody answered before the last of their times came; returns how many."""
    later = holding.later_than(clock.now())
    return _each(Event.LAPSE, Booking.select(Booking.id).where(
        Booking.state.in_(UNDECIDED), Booking.starts_at <= clock.now(), Booking.id.not_in(later)))


def run_out_due() -> int:
    """Ends offers of freed seats and proposals of other times that nobody took in time; returns how many."""
    over = Booking.select(Booking.id).where(Booking.offer_until.is_null(False), Booking.offer_until <= clock.now())
    return (_each(Event.RUN_OUT, over.where(Booking.state == BookingState.COUNTERED))
            + _each(Event.PASS, over.where(Booking.state == BookingState.WAITING)))


def overdue_due() -> int:
    """Marks requests whose answer is late, and those so late that the coordinator is to know; returns how many."""
    late = Booking.select(Booking.id).where(Booking.state == BookingState.REQUESTED,
                                            Booking.answer_by < clock.today())
    longest = clock.today() - ESCALATE_DAYS * slots.DAY
    return (_each(Event.OVERDUE, late.where(Booking.overdue_at.is_null()))
            + _each(Event.ESCALATE, late.where(Booking.overdue_at.is_null(False), Booking.escalated_at.is_null(),
                                               Booking.answer_by < longest)))


def _each(event, query) -> int:
    return sum(_one(event, row.id) for row in list(query.order_by(Booking.id)))


def _one(event, booking_id) -> bool:
    """One booking in its own transaction; what changed meanwhile stays as it is."""
    with db.writing():
        booking = locked(Booking.select().where(Booking.id == booking_id))
        try:
            step = step_of(booking, event, Side.SYSTEM)
        except AlreadyDecided:
            return False
        change(None, booking, step, Answer())
        return True
