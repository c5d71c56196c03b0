"""How a consent goes from state to state: the table, and the one function that writes a step of it."""
import enum
from dataclasses import dataclass

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Client, Consent, ConsentEvent, ConsentState
from services import journal


class Event(enum.StrEnum):
    AGREE = "agree"  # by the client, alone
    AGREE_ON_PAPER = "agree_on_paper"  # before a witness, or with somebody's help
    CONFIRM = "confirm"  # what was given on paper or with help
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPLACE = "replace"  # by a narrower or a corrected one
    LAPSE = "lapse"
    EXPIRE = "expire"


class By(enum.StrEnum):
    CLIENT = "client"
    STAFF = "staff"  # on the client's word
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    old: ConsentState
    event: Event
    new: ConsentState
    by: frozenset[By]


_S, _EITHER = ConsentState, frozenset({By.CLIENT, By.STAFF})
TRANSITIONS = [
    Transition(_S.DRAFT, Event.AGREE, _S.ACTIVE, frozenset({By.CLIENT})),
    Transition(_S.DRAFT, Event.AGREE_ON_PAPER, _S.PROVISIONAL, _EITHER),
    Transition(_S.DRAFT, Event.REFUSE, _S.REFUSED, _EITHER),
    Transition(_S.PROVISIONAL, Event.CONFIRM, _S.ACTIVE, _EITHER),
    Transition(_S.PROVISIONAL, Event.LAPSE, _S.LAPSED, frozenset({By.SYSTEM})),
    *[Transition(old, Event.WITHDRAW, _S.WITHDRAWN, _EITHER) for old in (_S.ACTIVE, _S.PROVISIONAL)],
    *[Transition(old, Event.REPLACE, _S.REPLACED, _EITHER) for old in (_S.DRAFT, _S.ACTIVE, _S.PROVISIONAL)],
    *[Transition(old, Event.EXPIRE, _S.EXPIRED, frozenset({By.SYSTEM})) for old in (_S.ACTIVE, _S.PROVISIONAL)],
]


def move(actor, consent: Consent, event: Event, by: By, **columns) -> None:
    """Takes a consent one step of the table. Of two at once one finds nothing to change, and RuleBroken says so."""
    step = next((step for step in TRANSITIONS if (step.old, step.event) == (consent.state, event)
                 and by in step.by), None)
    if step is None or not Consent.update(state=step.new, **columns).where(
            Consent.id == consent.id, Consent.state == step.old).execute():
        raise RuleBroken(_("This has been decided already. See how it stands now."))
    consent.state = step.new
    note(actor, consent, event)
    journal.wrote(actor, f"consent.{event}", consent.public_id, consent.client, "state")


def note(actor, consent: Consent, event: str) -> None:
    ConsentEvent.insert(consent=consent.id, actor=getattr(actor, "id", None), event=event, new_state=consent.state,
                        at=clock.now()).execute()


def own_of_client(actor, public_id: str) -> Consent:
    """A consent of the client who acts, its row locked. Raises Missing."""
    return _locked(public_id, Client.user == actor.id)


def locked(public_id: str, *conditions) -> Consent:
    return _locked(public_id, *conditions)


def _locked(public_id, *conditions):
    consent = db.locked(Consent.select(Consent, Client).join(Client).where(
        Consent.public_id == public_id, *conditions)).first()
    if consent is None:
        raise Missing(public_id)
    return consent
