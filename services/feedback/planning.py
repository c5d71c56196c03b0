"""When it is asked how a client fares: planned with release, one at a time, given up after three weeks.

A client has one open follow-up at most, whichever organisation asks. One that waits its turn for longer than it could
have stood open is cancelled: nobody was asked, so it is no silence.
"""
from datetime import timedelta

from peewee import fn

import clock
import db
from models import MILESTONES, Client, Kind, Organisation, Prompt, PromptState, StoppedBy, User, Wish
from policy import PRISON_READS_DAYS, follows_up
from services import journal
from services.feedback.machine import OPEN_DAYS, WAITING


def plan_prompts(client: Client, organisation: Organisation, worker: User | None) -> int:
    """Plans the follow-ups that `organisation` is to make after the client's release; returns how many are new.

    Milestones that are long over are left out, those that the client does not want, and for a prison those it could
    not read afterwards. Running it again adds nothing. The caller has the basis to ask.
    """
    wish = Wish.get_or_none(Wish.client == client)
    if client.released_on is None or client.died_on or (wish and wish.stopped_at):
        return 0
    rows = [_row(client, organisation, worker, milestone) for milestone in wanted(wish)
            if _may_follow(organisation, milestone)]
    rows = [row for row in rows if row["due_on"] > clock.today() - timedelta(days=OPEN_DAYS)]
    with db.writing():
        before = _count(client, organisation)
        if rows:
            Prompt.insert_many(rows).on_conflict_ignore().execute()
            _open(client.id)
        added = _count(client, organisation) - before
        if added:
            journal.wrote(worker, "feedback.plan", client.public_id, client, "prompts")
        return added


def wanted(wish: Wish | None) -> list[int]:
    """The milestones at which a client wants to be asked."""
    chosen = wish.milestones.split(";") if wish else [str(each) for each in MILESTONES]
    return [each for each in MILESTONES if str(each) in chosen]


def _row(client, organisation, worker, milestone):
    return Prompt(client=client, organisation=organisation, worker=worker, milestone=milestone,
                  series=_series(client), due_on=client.released_on + timedelta(days=milestone)).__data__


def _series(client) -> int:
    """Each return to prison begins another series with the next release."""
    last = Prompt.select(fn.MAX(Prompt.series)).where(Prompt.client == client).scalar() or 1
    paused = Prompt.select().where(Prompt.client == client, Prompt.series == last,
                                   Prompt.state == PromptState.RETURNED).exists()
    return last + 1 if paused else last


def _may_follow(organisation, milestone):
    return organisation.kind is not Kind.PRISON or milestone <= PRISON_READS_DAYS


def _count(client, organisation):
    return Prompt.select().where(Prompt.client == client, Prompt.organisation == organisation).count()


def released(client: Client, organisation: Organisation, worker: User | None) -> int:
    """The day of release is known, or another one: what waits moves with it; after a return it begins anew.

    Belongs inside `db.writing()`.
    """
    Wish.update(stopped_at=None, stopped_by=None).where(
        Wish.client == client, Wish.stopped_by == StoppedBy.RETURN).execute()
    for prompt in Prompt.select().where(Prompt.client == client, Prompt.state == PromptState.PLANNED):
        prompt.due_on = client.released_on + timedelta(days=prompt.milestone)
        prompt.save(only=[Prompt.due_on])
    return plan_prompts(client, organisation, worker)


# What time does

def open_due() -> tuple[int, int]:
    """Lets old follow-ups lapse and opens those whose day has come; returns how many it opened and let lapse."""
    with db.writing():
        ended = _lapse() + cancel_groundless()
        opened = _open()
        if opened or ended:
            journal.wrote(None, "feedback.open_due", parts="state")
        return opened, ended


def _lapse() -> int:
    over = clock.today() - timedelta(days=OPEN_DAYS)
    lapsed = Prompt.update(state=PromptState.UNANSWERED).where(
        Prompt.state == PromptState.OPEN, Prompt.due_on <= over,
        Prompt.opened_on.is_null() | (Prompt.opened_on <= over)).execute()
    return lapsed + Prompt.update(state=PromptState.CANCELLED).where(
        Prompt.state == PromptState.PLANNED, Prompt.due_on <= over).execute()


def _open(client: int | None = None) -> int:
    """Opens the first follow-up that is due of each client (of one) who has none open."""
    due = Prompt.select(Prompt.id, Prompt.client).where(Prompt.state == PromptState.PLANNED,
                                                        Prompt.due_on <= clock.today())
    if client is not None:
        due = due.where(Prompt.client == client)
    busy = Prompt.alias()
    due = due.where(~fn.EXISTS(busy.select(1).where(busy.client == Prompt.client, busy.state == PromptState.OPEN)))
    _hold({row.client_id for row in due})
    first = {row.client_id: row.id for row in db.locked(due.order_by(Prompt.due_on.desc(), Prompt.id.desc()))}
    return Prompt.update(state=PromptState.OPEN, opened_on=clock.today()).where(
        Prompt.id.in_(list(first.values())), Prompt.state == PromptState.PLANNED).execute() if first else 0


def _hold(clients: set[int]) -> None:
    """Keeps others from opening a follow-up of the same clients meanwhile: the database lets one stand open."""
    list(db.locked(Client.select(Client.id).where(Client.id.in_(list(clients))).order_by(Client.id)))


def cancel_groundless(client: Client | None = None) -> int:
    """Cancels what waits of organisations that have no ground any more to ask. Belongs inside `db.writing()`."""
    waiting = Prompt.select(Prompt.id).where(Prompt.state.in_(WAITING), ~follows_up(Prompt.client, Prompt.organisation))
    if client is not None:
        waiting = waiting.where(Prompt.client == client)
    ids = [row.id for row in waiting]
    return Prompt.update(state=PromptState.CANCELLED).where(Prompt.id.in_(ids)).execute() if ids else 0
