"""The client's own page behind the link they were sent: it shows nothing of them, takes one answer and asks a PIN.

The link opens this one follow-up and nothing else; it dies with the answer, with the three weeks, with a return, with
a death.
"""
from datetime import timedelta

import clock
import db
from crypto import token_hash
from errors import Missing, RuleBroken
from models import Client, FollowUp, Prompt, PromptState, Reached, TaskKind, User
from services import accounts
from services.feedback import ending, helping
from services.feedback.machine import Event, Side, line_of
from services.feedback.recording import Content, keep

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
        found = _find(token, lock=True)
        key = f"{client.user_id}:{found.id}:{request_key}"
        if FollowUp.select().where(FollowUp.request_key == key).exists():
            return None
        line = line_of(found, Event.ANSWER, Side.CLIENT)
        keep(client.user, found, key, content, by_client=True)
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


def _checked(token, pin) -> Client:
    client = _find(token).client
    try:
        accounts.check_pin(client.user, pin)
    except RuleBroken as refused:
        raise RuleBroken(refused.sentence, field="pin") from refused
    return client


def content_of(observed: dict, said: str, needs_help: bool) -> Content:
    return Content(Reached.WRITTEN, observed, said=said, needs_help=needs_help)
