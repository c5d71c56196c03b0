"""What may follow on what in a referral, and from which side. The table is data."""
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

import clock
from errors import RuleBroken
from models import Client, Referral, ReferralReason, ReferralState
from policy import Can, may, speaks_for, works_with_clients

State = ReferralState
MOST_QUESTIONS = 2
REOPENS_WITHIN = timedelta(days=30)


class Event(enum.StrEnum):
    SEND = "send"
    CANNOT_MEET = "cannot_meet"
    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    WAIT = "wait"
    STILL_WAIT = "still_wait"
    FALL_BACK = "fall_back"
    DECLINE = "decline"
    FLAG_LATE = "flag_late"
    RUN_OUT = "run_out"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    CONTACT = "contact"
    NO_CONTACT = "no_contact"
    REVIEW = "review"
    GO_ON = "go_on"
    ASK_LINE = "ask_line"
    LINE = "line"
    CLOSE = "close"
    HAND_ON = "hand_on"
    REOPEN = "reopen"


class Side(enum.StrEnum):
    """From where somebody acts on a referral. The receiver's lead is a receiver too."""

    AUTHOR = "author"
    FORMER = "author who works with the client no more"
    RECEIVER = "receiver"
    LEAD = "receiver's lead"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table. `guard` is asked with the referral and says in a sentence why not, or nothing."""

    old: State
    event: Event
    new: State
    sides: frozenset[Side]
    needs_reason: bool = False
    guard: Callable | None = None


class AlreadyDecided(RuleBroken):
    """Somebody was quicker, or it cannot be done from the state it is in."""


def _may_ask(row):
    return _("You have asked twice. Accept, wait or decline now.") if row.questions >= MOST_QUESTIONS else None


def _lately_closed(row):
    if row.closed_at and row.closed_at > clock.now() - REOPENS_WITHIN:
        return None
    return _("It ended more than 30 days ago. Write a new referral.")


def _is_flagged(row):
    return None if row.review_at else _("There is nothing to look at again.")


_AUTHOR, _FORMER = frozenset({Side.AUTHOR}), frozenset({Side.FORMER})
_RECEIVER, _LEAD = frozenset({Side.RECEIVER}), frozenset({Side.LEAD})
_CLIENT, _SYSTEM = frozenset({Side.CLIENT}), frozenset({Side.SYSTEM})
OPEN = (State.SENT, State.QUESTION, State.WAITING, State.ACCEPTED, State.IN_CARE)
SERVED = (State.ACCEPTED, State.IN_CARE)
TRANSITIONS = [
    Transition(State.DRAFT, Event.SEND, State.SENT, _AUTHOR | _CLIENT),
    Transition(State.DRAFT, Event.CANNOT_MEET, State.DRAFT, _AUTHOR),
    Transition(State.SENT, Event.ASK, State.QUESTION, _RECEIVER, guard=_may_ask),
    Transition(State.QUESTION, Event.ANSWER, State.SENT, _AUTHOR | _CLIENT),
    *[Transition(old, Event.ACCEPT, State.ACCEPTED, _RECEIVER) for old in (State.SENT, State.WAITING)],
    Transition(State.SENT, Event.WAIT, State.WAITING, _RECEIVER),
    Transition(State.WAITING, Event.STILL_WAIT, State.WAITING, _RECEIVER),
    Transition(State.WAITING, Event.FALL_BACK, State.SENT, _SYSTEM),
    *[Transition(old, Event.DECLINE, State.DECLINED, _RECEIVER, needs_reason=True)
      for old in (State.SENT, State.WAITING)],
    Transition(State.SENT, Event.FLAG_LATE, State.SENT, _SYSTEM),
    Transition(State.SENT, Event.RUN_OUT, State.UNANSWERED, _SYSTEM),
    *[Transition(old, Event.WITHDRAW, State.WITHDRAWN, _AUTHOR | _FORMER | _CLIENT, needs_reason=True) for old in OPEN],
    *[Transition(old, Event.AMEND, old, _AUTHOR) for old in OPEN],
    Transition(State.ACCEPTED, Event.CONTACT, State.IN_CARE, _RECEIVER),
    Transition(State.ACCEPTED, Event.NO_CONTACT, State.ACCEPTED, _SYSTEM),
    *[Transition(old, Event.REVIEW, old, _SYSTEM) for old in OPEN],
    *[Transition(old, Event.GO_ON, old, _RECEIVER, guard=_is_flagged) for old in SERVED],
    *[Transition(old, Event.ASK_LINE, old, _SYSTEM) for old in SERVED],
    *[Transition(old, Event.LINE, old, _RECEIVER) for old in SERVED],
    *[Transition(old, Event.CLOSE, State.CLOSED, _RECEIVER) for old in SERVED],
    Transition(State.IN_CARE, Event.HAND_ON, State.HANDED_ON, _LEAD),
    Transition(State.CLOSED, Event.REOPEN, State.IN_CARE, _RECEIVER, guard=_lately_closed),
]
REASONS = {
    Event.DECLINE: (ReferralReason.CONDITIONS, ReferralReason.CAPACITY, ReferralReason.REGION,
                    ReferralReason.DUPLICATE, ReferralReason.OTHER),
    Event.WITHDRAW: (ReferralReason.PROBLEM, ReferralReason.CLIENT, ReferralReason.SENTENCE, ReferralReason.OTHER),
}


def sides_of(actor, row: Referral) -> frozenset[Side]:
    """From which sides the actor may act on a referral that they see; none where they do not see it."""
    if may(actor, Can.USE_OWN_APP):
        return _CLIENT if Client.select().where(Client.id == row.client_id, Client.user == actor.id).exists() \
            else frozenset()
    if not works_with_clients(actor):
        return frozenset()
    sides = set()
    if row.sender_id == actor.organisation_id and (actor.lead or row.author_id == actor.id):
        speaks = Referral.select().where(Referral.id == row.id, speaks_for(actor)).exists()
        sides.add(Side.AUTHOR if speaks else Side.FORMER)
    if row.receiver_id == actor.organisation_id and row.state is not State.DRAFT:
        sides |= {Side.RECEIVER, Side.LEAD} if actor.lead else {Side.RECEIVER} if row.worker_id == actor.id else set()
    return frozenset(sides)


def line_of(row: Referral, event: Event, sides) -> Transition:
    """The line of the table that applies. Raises RuleBroken where there is none now."""
    mine = [each for each in TRANSITIONS if each.event is event and each.sides & sides]
    found = next((each for each in mine if each.old is row.state), None)
    if found is None:
        raise AlreadyDecided(_("This cannot be done any more. See how the referral stands now."))
    refused = found.guard(row) if found.guard else None
    if refused:
        raise RuleBroken(refused)
    return found


def ever_may(event: Event, sides) -> bool:
    """Whether somebody on these sides may do it at all, whatever the state."""
    return any(each.event is event and each.sides & sides for each in TRANSITIONS)


def open_events(row: Referral, sides) -> set[Event]:
    """What may be done now; the buttons of the page."""
    return {each.event for each in TRANSITIONS if each.old is row.state and each.sides & sides
            and not (each.guard and each.guard(row))}
