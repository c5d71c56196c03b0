"""Visits: times, requests, decisions, and who is told what. Each room of this package has one of these jobs;
machine.py holds the table of what may follow on what."""
from services.visits.asking import Wish, answer_by, ask, look_over, new_request_key
from services.visits.calendars import calendar_event, calendar_events
from services.visits.choosing import (
    AHEAD,
    OFFERED,
    YEARS,
    Times,
    check_cooperation,
    clients_in,
    colleagues,
    day_in_view,
    find_slot,
    monday_of,
    next_free,
    open_slot,
    prison,
    prisons_for,
    prisons_with_times,
    times,
)
from services.visits.deciding import advance, confirm_many, lapse_due
from services.visits.delivery import deliveries
from services.visits.machine import (
    HOLDS_SEAT,
    REASONS,
    TRANSITIONS,
    AlreadyDecided,
    Event,
    Side,
    SlotTaken,
    open_events,
    reasons_for,
    side_of,
)
from services.visits.on_today import NEWS, next_of_client, today, waiting
from services.visits.reminding import remind_coming
from services.visits.rows import lines, one, with_names
from services.visits.showing import LIVE, PAGE, Opened, earlier, open_booking, upcoming, week
from services.visits.telling import deciders
