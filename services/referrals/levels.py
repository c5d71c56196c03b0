"""How much of a person a referral shows: what each level takes, asked anew each time.

L0 and L1 rest on the sender's own tie: choices, then a code that only the client can open a door with. L2 takes the
client's consent to the receiver that names them, L3 one that speaks of needs or the plan too. A town's curator shows
an NGO L1 at most, and so does anybody whose receiver has no account.
"""
from datetime import timedelta

from flask_babel import gettext as _

import clock
from errors import RuleBroken
from models import (
    Client,
    Consent,
    ConsentScope,
    Kind,
    Level,
    Membership,
    Organisation,
    Referral,
    ReferralState,
    Scope,
    User,
)
from policy import OWN, REFERRAL, consented, in_force
from services import keys
from text import clean_text, search_words

NEEDS_FOR = {Level.IDENTITY: ({Scope.IDENTITY},), Level.DETAILS: ({Scope.IDENTITY}, {Scope.NEEDS, Scope.PLAN})}
OVER = (ReferralState.DECLINED, ReferralState.UNANSWERED, ReferralState.WITHDRAWN, ReferralState.HANDED_ON)
KEPT_AFTER_END = timedelta(days=30)  # a closed case can be opened again so long


def highest(sender: Organisation | None, receiver: Organisation | None) -> Level:
    """What the form offers at most between two organisations."""
    if receiver is None or not has_desk(receiver):
        return Level.CODE
    if sender is not None and sender.kind is Kind.MUNICIPALITY and receiver.kind is Kind.NGO:
        return Level.CODE
    return Level.DETAILS


def has_desk(organisation: Organisation) -> bool:
    """Whether somebody with an account answers for an organisation; else it gets a link by mail."""
    return User.select().where(User.organisation == organisation, User.active == True,  # noqa: E712
                               User.lead == True).exists()  # noqa: E712


def granted(client: Client, receiver: Organisation | None) -> Level:
    """The highest level for which the client's consents to the receiver are there today."""
    if receiver is None:
        return Level.CODE
    rows = (ConsentScope.select(ConsentScope.scope).join(Consent)
            .where(Consent.client == client, Consent.recipient == receiver, in_force(clock.today())))
    scopes = {row.scope for row in rows}
    reached = [level for level, wanted in NEEDS_FOR.items() if all(each & scopes for each in wanted)]
    return max(reached, default=Level.CODE)


def check(row: Referral, level: Level) -> None:
    """Raises RuleBroken where a level is higher than what rests on anything now."""
    if level > highest(row.sender, row.receiver):
        raise RuleBroken(_("To this service only needs, or a code, may be sent."), field="level")
    if level > granted(row.client, row.receiver):
        raise RuleBroken(_("The client has not agreed that this organisation sees this much. Ask for consent first."),
                         field="level")


def shown_to_receiver(actor, row: Referral) -> Level:
    """What the actor, who is on the receiving side, may see of it at this moment."""
    level = Level.CHOICES if is_over(row) else Level(row.level)
    for each, wanted in NEEDS_FOR.items():
        if level >= each and not all(any(_consented(actor, row, scope) for scope in scopes) for scopes in wanted):
            return Level(each - 1)
    return level


def is_over(row: Referral) -> bool:
    """Whether the receiver has no more to do with it: from then on it shows choices only."""
    if row.state is ReferralState.CLOSED:
        return row.closed_at < clock.now() - KEPT_AFTER_END
    return row.state in OVER


def _consented(actor, row, scope) -> bool:
    return Client.select().where(Client.id == row.client_id, consented(actor, Client.id, scope)).exists()


# Whom the receiver works with

def join(row: Referral) -> None:
    """The receiver works with the client now, if the referral says who it is. Belongs inside `db.writing()`."""
    if row.level < Level.CODE or row.worker_id is None:
        return
    today = clock.today()
    found = Membership.get_or_none(Membership.client == row.client_id, Membership.organisation == row.receiver_id)
    if found is None:
        Membership.create(client=row.client_id, organisation=row.receiver_id, worker=row.worker_id, ground=REFERRAL,
                          since_on=today)
    elif found.ground != OWN or (found.until_on and found.until_on < today):
        Membership.update(worker=row.worker_id, ground=REFERRAL, until_on=None).where(
            Membership.id == found.id).execute()


def leave(row: Referral, at_once: bool = True) -> None:
    """The receiver works with the client no more, unless another referral or a tie of its own says so."""
    others = Referral.select().where(Referral.client == row.client_id, Referral.receiver == row.receiver_id,
                                     Referral.id != row.id, Referral.level >= Level.CODE,
                                     Referral.state.in_(["accepted", "in_care"]))
    until = clock.today() + (timedelta(days=-1) if at_once else KEPT_AFTER_END)
    if not others.exists():
        Membership.update(until_on=until).where(
            Membership.client == row.client_id, Membership.organisation == row.receiver_id,
            Membership.ground == REFERRAL).execute()


# Names in free text

def refuse_names(client: Client, field: str, *texts: str) -> None:
    """Raises RuleBroken where one of the texts names the client or their day of birth."""
    names = {word for word in search_words(keys.unseal(client, "name", client)) if len(word) > 2}
    born = keys.unseal(client, "born", client)
    for text in texts:
        if names & search_words(text) or (born and any(day in text.replace(" ", "") for day in _written(born))):
            raise RuleBroken(_("Leave out the name and the day of birth: this text does not need them."), field=field)


def _written(born: str) -> list[str]:
    parts = born.split("-")
    return [born, ".".join(part.lstrip("0") for part in reversed(parts)), ".".join(reversed(parts))] \
        if len(parts) == 3 else [born]


def words(client: Client, text: str, field: str, limit: int, lines: bool = True) -> str:
    """A text about a client as it may be kept with a referral. Raises RuleBroken."""
    text = clean_text(text, lines=lines, limit=limit)
    refuse_names(client, field, text)
    return text
