"""Who works on a client's case: the worker of each organisation, and the one who leads it, with a handover."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import Missing, RuleBroken
from models import Client, LeadEvent, Membership, Organisation, Scope, StandIn, Task, User
from policy import OWN, Can, consented, may, membership_holds
from services import files, journal


def colleagues(actor) -> list[User]:
    """Those of the actor's organisation who work with clients, by name."""
    rows = User.select().where(User.organisation == actor.organisation_id, User.active == True)  # noqa: E712
    return [user for user in rows.order_by(User.name) if may(user, Can.OPEN_CLIENTS)]


def to_assign(actor, public_id: str) -> Client:
    """A client to whom the actor, a lead, gives a worker. Raises Missing."""
    if not actor.lead:
        raise Missing(public_id)
    return files.own_client_of(actor, public_id)


def workers(actor, client: Client) -> tuple[str, list[str]]:
    """Who of the actor's organisation works with a client: the first of all and those beside them, by public id."""
    row = (Membership.select(Membership, User).join(User, JOIN.LEFT_OUTER)
           .where(Membership.client == client, Membership.organisation == actor.organisation_id).first())
    others = User.select().join(StandIn, on=(StandIn.worker == User.id)).where(StandIn.membership == row)
    return row.worker.public_id if row.worker_id else "", [user.public_id for user in others]


def assign(actor, public_id: str, worker: str, others: Iterable[str] = ()) -> None:
    """A lead says who of their organisation works with the client (public ids). Raises Missing, RuleBroken."""
    with db.writing():
        client = to_assign(actor, public_id)
        people = colleagues(actor)
        chosen, beside = _one_of(people, worker), [_one_of(people, each) for each in others]
        _assign(client, actor.organisation_id, chosen)
        _stand_in(client, actor.organisation_id, {user.id for user in beside} - {chosen.id})
        journal.wrote(actor, "client.assign", public_id, client, "worker", OWN)


def _assign(client, organisation_id, worker):
    Membership.update(worker=worker.id).where(
        Membership.client == client, Membership.organisation == organisation_id, membership_holds()).execute()


def _stand_in(client, organisation_id, user_ids):
    row = Membership.get(Membership.client == client, Membership.organisation == organisation_id)
    StandIn.delete().where(StandIn.membership == row).execute()
    for user_id in sorted(user_ids):
        StandIn.create(membership=row, worker=user_id)


def _one_of(people, public_id) -> User:
    chosen = next((user for user in people if user.public_id == public_id), None)
    if chosen is None:
        raise RuleBroken(_("Choose somebody from the list."), field="worker")
    return chosen


# Who leads the case

def key_worker(client_id: int) -> User | None:
    """Who leads a case, with their organisation."""
    return (User.select(User, Organisation).join(Organisation)
            .join_from(User, Client, on=(Client.key_worker == User.id)).where(Client.id == client_id).first())


def successors(actor, public_id: str) -> list[User]:
    """To whom the actor can give the lead: colleagues, and those of whom they may know that they work with the client.

    Who else works with somebody is told by the client only (the scope `network`).
    """
    client = files.own_client_of(actor, public_id)
    found = {user.id: user for user in colleagues(actor)}
    others = (User.select(User, Organisation).join(Organisation)
              .join_from(User, Membership, on=(Membership.worker == User.id))
              .where(Membership.client == client, Membership.ground == OWN, membership_holds(),
                     User.active == True, consented(actor, Membership.client, Scope.NETWORK)))  # noqa: E712
    found.update({user.id: user for user in others if may(user, Can.OPEN_CLIENTS)})
    return sorted(found.values(), key=lambda user: user.name)


def hand_over(actor, public_id: str, worker: str) -> User:
    """Gives the lead of a case to somebody: by who has it, a lead of theirs, or anybody with the client if nobody has.

    What the old one had to do for the client is the new one's. Raises Missing, RuleBroken.
    """
    with db.writing():
        files.own_client_of(actor, public_id)
        client = db.locked(Client.select().where(Client.public_id == public_id)).first()
        old = key_worker(client.id)
        if not may_hand_over(actor, old):
            raise RuleBroken(_("Only who leads the case, or the head of their organisation, gives the lead on."))
        new = _one_of(successors(actor, public_id), worker)
        if old is None or old.id != new.id:
            _hand_over(actor, client, old, new)
        return new


def may_hand_over(actor, old: User | None) -> bool:
    return old is None or old.id == actor.id or (actor.lead and old.organisation_id == actor.organisation_id)


def _hand_over(actor, client, old, new):
    Client.update(key_worker=new.id).where(Client.id == client.id).execute()
    LeadEvent.create(client=client, at=clock.now(), actor=actor.id, old_worker=old, new_worker=new)
    if new.organisation_id == actor.organisation_id and not new.lead:
        _assign(client, new.organisation_id, new)  # who leads a case can open it
    if old is not None:
        Task.update(organisation=new.organisation_id, owner=new.id).where(
            Task.client == client, Task.owner == old.id, Task.done_at.is_null()).execute()
    journal.wrote(actor, "client.lead", client.public_id, client, "key_worker,tasks", OWN)


def leader_shown(actor, public_id: str) -> User | None:
    """Who leads the case, as far as the actor may know it: their own organisation's, others by the client's word."""
    client = files.own_client_of(actor, public_id)
    leader = key_worker(client.id) if client.key_worker_id else None
    return leader if leader and _may_know(actor, client)(leader) else None


def _may_know(actor, client):
    """Whether the actor may know that somebody works with the client: a function of users."""
    told = Client.select().where(Client.id == client, consented(actor, Client.id, Scope.NETWORK)).exists()
    return lambda user: user is not None and (told or user.organisation_id == actor.organisation_id)


@dataclass(frozen=True)
class Handover:
    """One change of who leads a case; a name is empty where the reader may not know it, or there was nobody."""

    at: datetime
    old: str
    new: str


def history(actor, public_id: str) -> list[Handover]:
    """Who led the case and when it changed, the newest first."""
    client = files.own_client_of(actor, public_id)
    known, people = _may_know(actor, client), {}
    events = list(LeadEvent.select().where(LeadEvent.client == client).order_by(LeadEvent.id.desc()))
    ids = {each for event in events for each in (event.old_worker_id, event.new_worker_id) if each}
    for user in User.select(User, Organisation).join(Organisation).where(User.id.in_(list(ids))) if ids else ():
        people[user.id] = f"{user.name}, {user.organisation.label}" if known(user) else ""
    return [Handover(event.at, people.get(event.old_worker_id, ""), people.get(event.new_worker_id, ""))
            for event in events]
