"""Visits: times, requests, decisions, and who is told what. Each room of this package has one of these jobs;
machine.py holds the table of what may follow on what."""
from services.visits import holding, review
from services.visits.asking import Wish, ask, look_over, new_request_key, open_time, take_offer
from services.visits.calendars import calendar_event, calendar_events
from services.visits.changing import Change
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
    stops,
    times,
)
from services.visits.clocks import lapse_due, overdue_due, run_out_due
from services.visits.conflicts import shift_days
from services.visits.deciding import advance, confirm_many, offer_seats
from services.visits.delivery import deliveries
from services.visits.editing import edit, write_notes
from services.visits.effects import to_propose, write
from services.visits.fitting import Warn, client_of_prison, for_client, keeps_shift, set_shift
from services.visits.machine import (
    HOLDS_SEAT,
    REASONS,
    TRANSITIONS,
    AlreadyDecided,
    Event,
    Side,
    SlotTaken,
    open_events,
    proposing,
    reasons_for,
    side_of,
)
from services.visits.months import month
from services.visits.on_today import NEWS, next_of_client, stirs, today, waiting, whole_days
from services.visits.reminding import remind_coming
from services.visits.rows import lines, one, with_names
from services.visits.showing import LIVE, PAGE, Opened, earlier, open_booking, upcoming
from services.visits.telling import deciders
from services.visits.warning import people_with_standing, warnings
from services.visits.weeks import day, week
