"""The reminder two days before a visit, once."""
from datetime import time, timedelta

import clock
import db
from models import Booking, BookingState
from services.visits.rows import with_names
from services.visits.telling import TELLS
from services.visits.wording import REMIND

AHEAD = 2  # days
MORNING = time(7)


def remind_coming() -> int:
    """Reminds those who come in two days (or sooner, where that morning was missed); returns of how many visits."""
    return sum(_remind(row.id) for row in list(_due().select(Booking.id)))


def _due():
    """Confirmed and not reminded of; one that was confirmed anew since is reminded of again."""
    end = clock.at(clock.today() + timedelta(days=AHEAD + 1), time.min)
    return Booking.select().where(
        Booking.state == BookingState.CONFIRMED, Booking.starts_at > clock.now(), Booking.starts_at < end,
        Booking.reminded_at.is_null() | (Booking.decided_at > Booking.reminded_at))


def _remind(booking_id) -> bool:
    """Nobody needs to be reminded of what was agreed after the reminder would have gone."""
    with db.writing():
        row = db.locked(_due().where(Booking.id == booking_id)).first()
        if row is None:
            return False
        Booking.update(reminded_at=clock.now()).where(Booking.id == booking_id).execute()
        news = row.decided_at is not None and row.decided_at >= _reminder_of(row)
        if not news:
            TELLS[REMIND](with_names(Booking.select().where(Booking.id == booking_id)).get(), REMIND)
        return not news


def _reminder_of(booking):
    return clock.at(clock.local(booking.starts_at).date() - timedelta(days=AHEAD), MORNING)
