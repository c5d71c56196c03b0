"""How a client wants to be asked: by whom, when, and whether at all."""
from flask_babel import gettext as _

import db
from errors import Missing, RuleBroken
from models import MILESTONES, Channel, Client, Organisation, Prompt, PromptState, StoppedBy, User, Wish
from policy import Can, follows_up, may
from services import accounts, files, journal, keys
from services.feedback import ending
from services.feedback.machine import Event
from services.feedback.planning import plan_prompts, wanted

LONGEST_ADDRESS = 254


def of_client(actor, public_id: str) -> tuple[Client, Wish, str]:
    """A client with whom the actor works, their wish and the address they gave; recorded. Raises Missing."""
    with db.recording():
        client = files.client_worked_with(actor, public_id)
        wish = Wish.get_or_none(Wish.client == client) or Wish(client=client)
        journal.read(actor, "feedback.wish_open", public_id, client, "address")
        return client, wish, keys.unseal(wish, "address", client)


def set_wish(actor, public_id: str, channel: Channel, address: str, milestones: list[int]) -> None:
    """Keeps what the client wishes; what is planned for other days is taken back. Raises Missing, RuleBroken."""
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        wish = ending.wish_of(client)
        wish.channel = channel
        wish.milestones = ";".join(str(each) for each in MILESTONES if each in milestones)
        wish.address = keys.seal(wish, "address", _address(client, channel, address), client)
        wish.save()
        _replan(client, wish, actor.organisation, actor)
        journal.wrote(actor, "feedback.wish", public_id, client, "channel,address,milestones")


def own_wish(actor) -> Wish:
    """How the client who has signed in wants to be asked. Raises Missing."""
    client = _own(actor, lock=False)
    return Wish.get_or_none(Wish.client == client) or Wish(client=client)


def set_own_wish(actor, milestones: list[int], stop: bool = False) -> None:
    """The client chooses in their app when they are asked, or that nobody asks at all; nobody is alerted."""
    with db.writing():
        client = _own(actor)
        wish = ending.wish_of(client)
        wish.milestones = ";".join(str(each) for each in MILESTONES if each in milestones)
        wish.save(only=[Wish.milestones])
        if stop:
            ending.end_all(client, Event.STOP)
        elif wish.stopped_by is StoppedBy.CLIENT:
            wish.stopped_at = wish.stopped_by = None
            wish.save(only=[Wish.stopped_at, Wish.stopped_by])
        for organisation in [] if stop else _who_asks(client):
            _replan(client, wish, organisation, None)
        journal.wrote(actor, "feedback.wish", client.public_id, client, "milestones")


def _own(actor, lock=True) -> Client:
    """The client behind an account; with their row locked, for a job may plan at the same time."""
    if not may(actor, Can.USE_OWN_APP):
        raise Missing
    query = Client.select().where(Client.user == actor.id, Client.erased_at.is_null())
    found = (db.locked(query) if lock else query).first()
    if found is None:
        raise Missing
    return found


def _who_asks(client) -> list[Organisation]:
    """Organisations that asked before and may ask still."""
    asks = Prompt.select(Prompt.organisation).where(Prompt.client == client)
    return list(Organisation.select().where(
        Organisation.id.in_(asks), follows_up(client.id, Organisation.id)).order_by(Organisation.id))


def _address(client, channel, address) -> str:
    """Where to write. A link is asked a PIN, so it takes one that the client has chosen."""
    if channel is not Channel.MAIL:
        return ""
    if not User.select().where(User.id == client.user_id, User.password_hash != "").exists():
        raise RuleBroken(_("The client has no PIN yet, and the page behind the link asks for it. Print a card and a "
                           "slip for them first."), field="channel")
    return accounts.checked_address(address)


def _replan(client, wish, organisation, worker):
    """Plans what is missing and takes back what is not wanted; what was taken back and is wanted waits again."""
    kept = wanted(wish)
    of_client = Prompt.client == client
    Prompt.update(state=PromptState.CANCELLED).where(
        of_client, Prompt.state == PromptState.PLANNED, Prompt.milestone.not_in(kept)).execute()
    if wish.stopped_at is None:
        Prompt.update(state=PromptState.PLANNED).where(
            of_client, Prompt.state == PromptState.CANCELLED, Prompt.milestone.in_(kept),
            Prompt.organisation == organisation, Prompt.opened_on.is_null()).execute()
        plan_prompts(client, organisation, worker)


def start_again(actor, public_id: str) -> None:
    """Follow-ups that were stopped go on. Raises Missing."""
    with db.writing():
        ending.go_on(actor, files.client_worked_with(actor, public_id))
