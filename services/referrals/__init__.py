"""Referrals: a client is sent to a service, which answers; the receiver gets a view of one record, never a copy."""
from services.referrals.answering import (
    RESULTS,
    accept,
    answer,
    ask,
    close,
    contact,
    decline,
    end_all,
    go_on,
    reopen,
    tell_line,
    wait,
    withdraw,
    workers,
)
from services.referrals.clocks import release_changed, run_due, unanswered
from services.referrals.fitting import (
    DoesNotFit,
    conditions,
    helps_with,
    next_best,
    offered,
    offices,
    own_service,
    own_services,
    questions,
    service_for_clients,
    set_questions,
)
from services.referrals.handing import hand_all_on, hand_on, name_successor, successors, to_hand_on, to_succeed
from services.referrals.levels import granted, highest
from services.referrals.machine import REASONS, TRANSITIONS, Event, Side, sides_of
from services.referrals.overlap import Overlap, note_told
from services.referrals.reading import lists, of_client, of_draft, overlap_reason, seen_for, stirs, today, view
from services.referrals.sending import (
    AGAIN_AFTER,
    Content,
    again,
    amend,
    ask_for_self,
    cannot_be_met,
    cannot_meet,
    change_service,
    drop_old,
    has_channel,
    send,
    start,
    start_to_office,
    write,
    write_and_send,
)
