"""Programmes: what runs where and until when, its targets, its people, and what becomes of both at the end.

Who runs a programme sees its numbers exactly; everybody else sees those of the last frozen month, rounded.
Which state follows which stands in machine.TRANSITIONS. Each room of this package has one job.
"""
from services.programmes.ending import (
    WARNED,
    finish_all,
    hand_people_on,
    name_successor,
    prolong,
    step,
    successors,
    warn_due,
    write_plan,
)
from services.programmes.machine import TRANSITIONS, Event, Side, open_events
from services.programmes.numbers import Counted, freeze_due, wrong_sums
from services.programmes.on_today import Today, stirs, today
from services.programmes.people import (
    LEAVING,
    change,
    enrol,
    enrol_referral,
    let_go_due,
    move_on,
    of_client,
    participant,
    people_of,
    take_in,
)
from services.programmes.places import Fit, fits_of, free_for, give_back, hold, lapse_due, settle
from services.programmes.register import (
    ADD,
    draft,
    kept,
    led,
    offered,
    others,
    remove,
    save,
    services_of,
    sites_offered,
    to_remove,
)
from services.programmes.sessions import Plan, attendance_of, plan_session, record, session, sessions_of
from services.programmes.showing import Line, Page, Shelf, page, shelf
from services.programmes.worked import Worked, endorse, take_back, to_endorse, to_take_back, worked
