"""The feedback log: when it is asked how a client fares, what they and their workers say, and its course."""
from services.feedback import link
from services.feedback.asking import ask_clients, link_of
from services.feedback.course import TOP, course
from services.feedback.course import of_client as course_of
from services.feedback.ending import end, end_all, ground_ended, own_client_of
from services.feedback.helping import escalate_due
from services.feedback.machine import EARLY_DAYS, OPEN_DAYS, TRANSITIONS, Event, Side, open_events
from services.feedback.planning import cancel_groundless, open_due, plan_prompts, released, wanted
from services.feedback.recording import (
    ASKS_STEP,
    FORM,
    LONGEST_NOTE,
    LONGEST_STEP,
    Content,
    Due,
    Said,
    _due,
    last_observed,
    log,
    next_planned,
    open_client,
    prompt,
    stirs,
    today,
    versions,
)
from services.feedback.wishes import of_client as wish_of
from services.feedback.wishes import own_wish, set_own_wish, set_wish, start_again
