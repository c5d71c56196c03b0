"""What a client answers themself: behind the link they were sent, which asks a PIN and shows nothing, or in their app.

The link opens this one follow-up and nothing else; it dies with the answer, with the three weeks, with a return, with
a death.
"""
from datetime import timedelta

from flask_babel import gettext as _
from peewee import Case

import clock
import db
from crypto import token_hash
from errors import Missing, RuleBroken
from models import Client, FollowUp, FollowUpNeed, Need, Prompt, PromptState, Reached, TaskKind, User
from services import accounts, keys
from services.feedback import ending, helping
from services.feedback.machine import Event, Side, line_of
from services.feedback.recording import Content, Said, keep

READ_WITHIN_DAYS = 5
SHOWN = (PromptState.OPEN, PromptState.ANSWERED, PromptState.DECLINED)


def find(token: str) -> Prompt:
    """The follow-up that a link opens, or that was answered by it. Raises Missing."""
    return _find(token)


def _find(token, lock=False):
    query = (Prompt.select(Prompt, Client, User).join(Client).join(User, on=(Client.user == User.id))
             .where(Prompt.token_hash == token_hash(token), Prompt.state.in_(SHOWN), Client.erased_at.is_null(),
                    User.active == True))  # noqa: E712
    found = (db.locked(query) if lock else query).first()
    if found is None:
        raise Missing
    return found


def answer(token: str, pin: str, request_key: str, content: Content):
    """Keeps what the client says; returns (who helps, by which day) where they asked for help. Raises RuleBroken."""
    client = _checked(token, pin)
    with db.writing():
        return _answer(client.user, _find(token, lock=True), request_key, content)


def _answer(actor, found, request_key, content, event=Event.ANSWER):
    key = f"{actor.id}:{found.id}:{request_key}"
    if FollowUp.select().where(FollowUp.request_key == key).exists():
        return None
    line = line_of(found, event, Side.CLIENT)
    keep(actor, found, key, content, by_client=True)
    Prompt.update(state=line.new).where(Prompt.id == found.id).execute()
    if content.needs_help:
        return helping.call(found)
    helping.have_read(found, TaskKind.ANSWERED, clock.today() + timedelta(days=READ_WITHIN_DAYS))
    return None


def say_no(token: str, pin: str, event: Event) -> bool:
    """The client does not want to answer, or to be asked at all; returns whether to ask if all are to stop."""
    client = _checked(token, pin)
    if event not in (Event.DECLINE, Event.STOP):
        raise Missing
    with db.writing():
        return ending.step(client.user, _find(token, lock=True), event, Side.CLIENT)


# In the client's own app, where they have signed in

def newest(actor) -> Prompt | None:
    """The client's follow-up that waits for an answer, else the one that they answered or declined last."""
    return _of_client(actor).first()


def _of_client(actor):
    waits = Case(None, [(Prompt.state == PromptState.OPEN, 0)], 1)
    return (Prompt.select(Prompt, Client, User).join(Client).join(User, on=(Client.user == User.id))
            .where(Client.user == actor.id, Client.erased_at.is_null(), Prompt.state.in_(SHOWN))
            .order_by(waits, Prompt.due_on.desc(), Prompt.id.desc()))


def said_last(actor) -> tuple[FollowUp, str] | None:
    """The client's newest own answer, and what they wrote."""
    row = (FollowUp.select(FollowUp, Client).join(Client).where(
        Client.user == actor.id, Client.erased_at.is_null(), FollowUp.by_client == True)  # noqa: E712
        .order_by(FollowUp.created_at.desc(), FollowUp.id.desc()).first())
    return (row, keys.unseal(row, "said", row.client)) if row else None


def answer_own(actor, request_key: str, content: Content):
    """The same as `answer`. Raises RuleBroken where nobody asks."""
    with db.writing():
        return _answer(actor, _locked(actor), request_key, content)


def correct_own(actor, request_key: str, content: Content):
    """A new version of the client's newest answer, until they are asked again. Raises RuleBroken."""
    with db.writing():
        return _answer(actor, _locked(actor), request_key, content, Event.CORRECT)


def needs_last(actor) -> dict[Need, Said]:
    """How each need stands in the client's newest own answer."""
    last = said_last(actor)
    rows = FollowUpNeed.select().where(FollowUpNeed.follow_up == last[0]) if last else []
    return {row.need: Said(row.state, row.step, row.barrier) for row in rows}


def say_no_own(actor, event: Event) -> bool:
    """The same as `say_no`."""
    if event not in (Event.DECLINE, Event.STOP):
        raise Missing
    with db.writing():
        return ending.step(actor, _locked(actor), event, Side.CLIENT)


def _locked(actor):
    row = db.locked(_of_client(actor)).first()
    if row is None:
        raise RuleBroken(_("Nobody asks you now."))
    return row


def _checked(token, pin) -> Client:
    client = _find(token).client
    try:
        accounts.check_pin(client.user, pin)
    except RuleBroken as refused:
        raise RuleBroken(refused.sentence, field="pin") from refused
    return client


def content_of(observed: dict, said: str, needs_help: bool) -> Content:
    return Content(Reached.WRITTEN, observed, said=said, needs_help=needs_help)
