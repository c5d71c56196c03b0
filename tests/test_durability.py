"""What a sudden death may cost. fig-D1: nothing that was acknowledged, and no half of anything."""
import random
import signal
import subprocess
import sys
import time

import pytest

import config
import db
from models import Booking, BookingEvent, BookingSeat, BookingVisitor, Journal, Outbox


def killed_after(engine, seconds: float) -> list[str]:
    """Starts a writer, kills it (SIGKILL) that long after its first word; the requests it said were taken."""
    child = subprocess.Popen([sys.executable, "-m", "tests.support.writer", str(engine.folder), engine.url],
                             cwd=config.ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().strip() == "ready"
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    said, _nothing = child.communicate()
    return [line for line in said.splitlines() if len(line) == 22]


def half_writes() -> list[str]:
    """Bookings without one of the rows that belong to the same transaction."""
    halves = []
    for booking in Booking.select():
        whole = all((BookingSeat.select().where(BookingSeat.booking == booking).exists(),
                     BookingVisitor.select().where(BookingVisitor.booking == booking).exists(),
                     BookingEvent.select().where(BookingEvent.booking == booking).exists(),
                     Journal.select().where(Journal.record == booking.public_id).exists()))
        if not whole:
            halves.append(booking.public_id)
    return halves


def deaths(engine, times: int, figure):
    dice, acknowledged = random.Random(7), []
    for _time in range(times):
        acknowledged += killed_after(engine, dice.uniform(0.02, 0.5))
    db.database.close()
    db.open_connection()
    lost = set(acknowledged) - {booking.public_id for booking in Booking.select()}
    halves, mails = half_writes(), Outbox.select().count()
    kept = Booking.select().count()
    with db.writing():  # the control: a booking whose seat is gone must be found
        BookingSeat.delete().where(BookingSeat.booking == Booking.select().first()).execute()
    control = len(half_writes())
    figure("fig-D1 acknowledged writes lost or half written after kill -9", value=len(lost) + len(halves),
           unit="bookings", n=len(acknowledged), target=0, ok=not lost and not halves,
           control=f"{times} deaths, {kept} bookings, {mails} mails; one seat taken away by hand: {control} half found")
    assert len(acknowledged) > times and control == 1


def test_ten_sudden_deaths_lose_nothing(engine, app, cast, figure):
    deaths(engine, 10, figure)


@pytest.mark.long
def test_a_hundred_sudden_deaths_lose_nothing(engine, app, cast, figure):
    deaths(engine, 100, figure)
