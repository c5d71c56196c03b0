"""The record of a client: made and changed, who of an organisation works on it, who leads the case, linking, cards."""
from services.clients.cards import Slip, slip
from services.clients.ending import died, end, ends_on, go_on
from services.clients.leading import (
    assign,
    colleagues,
    hand_over,
    history,
    key_worker,
    leader_shown,
    may_hand_over,
    successors,
    to_assign,
    workers,
)
from services.clients.linking import ask_by_code
from services.clients.recording import (
    Wanted,
    change,
    imprint,
    new_key,
    open_record,
    prisons,
    record,
    regions,
    towns,
    wanted_of,
)
