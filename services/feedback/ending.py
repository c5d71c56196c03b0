"""What ends follow-ups: a no, a wish not to be asked at all, a return to prison, a death, a ground that is gone."""
import clock
import db
from errors import Missing
from models import Client, Outbox, OutboxState, Prompt, PromptState, StoppedBy, User, UserSession, Wish
from policy import ask, own_client
from services import journal
from services.feedback.machine import MISSED, WAITING, Event, Side, line_of
from services.feedback.planning import cancel_groundless, plan_prompts, wanted
from services.feedback.recording import prompt_locked

ENDS = {Event.STOP: (StoppedBy.CLIENT, WAITING), Event.RETURN: (StoppedBy.RETURN, WAITING),
        Event.DIE: (StoppedBy.DEATH, (*WAITING, *MISSED, PromptState.RETURNED))}


def end(actor, public_id: str, event: Event) -> bool:
    """A worker writes down why a follow-up ends; returns whether to ask if all are to stop. Raises Missing."""
    with db.writing():
        found = next(iter(ask(actor, prompt_locked, public_id=public_id)), None)
        if found is None:
            raise Missing(public_id)
        return step(actor, found, event, Side.WORKER)


def own_client_of(actor, public_id: str) -> str | None:
    """The public id of a follow-up's client, where the actor has the client themself: they write the death down."""
    row = (Prompt.select(Client.public_id).join(Client)
           .where(Prompt.public_id == public_id, own_client(actor, Prompt.client)).tuples().first())
    return row[0] if row else None


def step(actor, prompt: Prompt, event: Event, side: Side) -> bool:
    """Takes a follow-up, and those of its client that the event is about, along the table. Inside `db.writing()`."""
    line = line_of(prompt, event, side)
    Prompt.update(state=line.new).where(Prompt.id == prompt.id).execute()
    if event in ENDS:
        end_all(prompt.client, event)
    _drop_mails(prompt.client)
    journal.wrote(actor, f"feedback.{event}", prompt.public_id, prompt.client, "state")
    return event is Event.DECLINE and _asks_to_stop(prompt.client)


def end_all(client: Client, event: Event) -> None:
    """Stops every follow-up of a client, whichever organisation asks; with death, all that is on its way to them."""
    by, before = ENDS[event]
    new = {StoppedBy.CLIENT: PromptState.CANCELLED, StoppedBy.RETURN: PromptState.RETURNED,
           StoppedBy.DEATH: PromptState.DIED}[by]
    Prompt.update(state=new).where(Prompt.client == client, Prompt.state.in_(before)).execute()
    wish_of(client)
    Wish.update(stopped_at=clock.now(), stopped_by=by).where(Wish.client == client).execute()
    _drop_mails(client)
    if by is StoppedBy.DEATH:
        _say_nothing_more(client)


def _say_nothing_more(client):
    """Nothing is written to who died: the account is closed and what waits for it is not sent."""
    Outbox.update(state=OutboxState.CANCELLED).where(
        Outbox.user == client.user_id, Outbox.state.in_([OutboxState.WAITING, OutboxState.SENDING])).execute()
    User.update(active=False).where(User.id == client.user_id).execute()
    UserSession.update(ended_at=clock.now()).where(UserSession.user == client.user_id,
                                                   UserSession.ended_at.is_null()).execute()


def _drop_mails(client):
    """Mails about follow-ups that are not open any more are not sent."""
    closed = Prompt.select(Prompt.id).where(Prompt.client == client, Prompt.state != PromptState.OPEN)
    Outbox.update(state=OutboxState.CANCELLED).where(
        Outbox.prompt.in_(closed), Outbox.state == OutboxState.WAITING).execute()


def wish_of(client: Client) -> Wish:
    """How a client wants to be asked; made where there was nothing yet. Inside `db.writing()`."""
    return Wish.get_or_none(Wish.client == client) or Wish.create(client=client)


def _asks_to_stop(client) -> bool:
    """Whether a no is the first one: only then it is asked whether to stop all."""
    wish_of(client)
    return bool(Wish.update(asked_to_stop_at=clock.now()).where(
        Wish.client == client, Wish.asked_to_stop_at.is_null()).execute())


def go_on(actor, client: Client) -> None:
    """It was stopped by mistake, or the client wants to be asked again. Inside `db.writing()`."""
    wish = wish_of(client)
    if wish.stopped_by is StoppedBy.DEATH:
        client.died_on = None
        Client.update(died_on=None).where(Client.id == client.id).execute()
        User.update(active=True).where(User.id == client.user_id).execute()
        Prompt.update(state=PromptState.UNANSWERED).where(
            Prompt.client == client, Prompt.state == PromptState.DIED, Prompt.opened_on.is_null(False)).execute()
    back = [PromptState.DIED, PromptState.CANCELLED, PromptState.RETURNED]
    Prompt.update(state=PromptState.PLANNED).where(
        Prompt.client == client, Prompt.state.in_(back), Prompt.due_on > clock.today(),
        Prompt.milestone.in_(wanted(wish))).execute()
    Prompt.update(state=PromptState.CANCELLED).where(
        Prompt.client == client, Prompt.state == PromptState.RETURNED).execute()
    Wish.update(stopped_at=None, stopped_by=None).where(Wish.id == wish.id).execute()
    journal.wrote(actor, "feedback.go_on", client.public_id, client, "state")
    plan_prompts(client, actor.organisation, actor)


def ground_ended(client: Client) -> None:
    """A consent has ended: what its recipient was still to ask is cancelled at once. Inside `db.writing()`."""
    if cancel_groundless(client):
        _drop_mails(client)
        journal.wrote(None, "feedback.cancel", client.public_id, client, "state")
