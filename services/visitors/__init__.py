"""Who may come: the people who go to prisons for an organisation, and which prison cleared them until when."""
from services.visitors.clearing import (
    Asked,
    ask,
    decide,
    expire_due,
    months,
    of_prison,
    one,
    prisons,
    usual_end,
    warn_due,
)
from services.visitors.listed import (
    Person,
    add,
    choices,
    colleagues_to_add,
    keep_document,
    people,
    take_away,
)
from services.visitors.listed import one as one_person
from services.visitors.machine import TRANSITIONS, Event, Side, holds, open_events, side_of, waits
from services.visitors.requesting import (
    MOST_GUESTS,
    Chosen,
    all_cleared,
    answer,
    chosen,
    for_request,
    questions,
    refused_in,
    uncleared,
)
