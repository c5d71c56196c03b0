"""Co-operation of an organisation and a prison: from interest to its end, whose turn it is, and for how long.

What may follow on what stands in machine.TRANSITIONS. A co-operation that starts gets a copy of the prison's
checklist, so that a later change of the checklist moves nobody's goal. Each room of this package has one job.
"""
from services.cooperation.changing import (
    FURTHEST,
    Refusal,
    Terms,
    advance,
    begin,
    end_due,
    exists,
    log_mail,
)
from services.cooperation.lasting import Usual, usual
from services.cooperation.limits import Limits, holds, limits
from services.cooperation.machine import (
    REASONS,
    TRANSITIONS,
    AlreadyDecided,
    Event,
    Side,
    Transition,
    closed_until,
    open_events,
    side_of,
)
from services.cooperation.on_today import Today, my_turn, stirs, today
from services.cooperation.showing import (
    Board,
    BookPart,
    Line,
    Opened,
    Starting,
    board,
    on_book_page,
    one,
    open_cooperation,
    own,
    starting,
)
from services.cooperation.steps import ANSWER_DAYS
from services.cooperation.telling import SUBJECTS, people
from services.cooperation.waiting import close, open_due, reopen, waiting_list
