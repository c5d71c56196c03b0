"""The plan of a client on three sheets: needs and goals, steps before release, the first 72 hours."""
from services.plans.changing import (
    MOST_ITEMS,
    Wanted,
    add,
    approve,
    approve_own,
    change,
    confer,
    fill_in,
    item_of,
    judge,
    wanted_of,
    whom,
)
from services.plans.defaults import CARD, words_of
from services.plans.reading import Sheet, approvals, card, open_sheet, timeline
from services.plans.rights import KEY as RIGHTS
from services.plans.rights import give, opened, parts
from services.plans.verifying import answer, ask, askable, question, questions, remind_due, stirs, today
