"""Free times for one client, those first that fit their work and what else they have."""
import enum
from dataclasses import dataclass, field
from datetime import datetime, time

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Client, Organisation, Scope, WindowKind
from policy import Can, may
from services import journal, slots
from services.visits import conflicts
from services.visits.choosing import AHEAD, prisons_for, stops

FROM_AFAR = {WindowKind.VIDEO, WindowKind.TELEPHONE}
SHOWN = 12  # times of one prison that fit, and as many that do not
SHOWN_AFAR = 3  # calls beside those


class Warn(enum.StrEnum):
    """Why a time does not suit a client."""

    BUSY = "busy"
    WORK = "work"
    LATE = "late"


@dataclass(frozen=True)
class Fitting:
    """A free time, and why it does not suit: nothing, where it does."""

    slot: slots.Slot
    warns: tuple[Warn, ...]


@dataclass
class OfPrison:
    """The free times of one prison for a client: `good` fit, `poor` do not; `afar` are calls among the good ones."""

    prison: Organisation
    most: int  # of the good and of the poor ones
    good: list[Fitting] = field(default_factory=list)
    poor: list[Fitting] = field(default_factory=list)
    afar: list[Fitting] = field(default_factory=list)

    def take(self, fitting: Fitting) -> None:
        some = self.poor if fitting.warns else self.good
        if len(some) < self.most:
            some.append(fitting)
        if not fitting.warns and fitting.slot.window.kind in FROM_AFAR and len(self.afar) < SHOWN_AFAR:
            self.afar.append(fitting)


@dataclass(frozen=True)
class ForClient:
    """`here` is the prison where the client is, None where nothing can be asked for there; `elsewhere` the others."""

    client: Client
    here: OfPrison | None
    elsewhere: list[OfPrison]
    stops: list


def for_client(actor, public_id: str) -> ForClient:
    """The free times of the next 60 days of all prisons where the actor may ask, judged for one client.

    Missing where the actor may not read the client's visits. That they were read is journalled.
    """
    client, prisons, now = _readable(actor, public_id), prisons_for(actor), clock.now()
    with db.recording():
        busy = conflicts.of_client(actor, [client.id], now, now + AHEAD)[client.id]
        journal.read(actor, "client.times", public_id, client=client, parts="visits")
    found = _judged(client, prisons, busy)
    elsewhere = [each for each in found.values() if each.prison.id != client.prison_id and each.good]
    return ForClient(client, found.get(client.prison_id), elsewhere, stops(client.prison) if client.prison_id else [])


def _readable(actor, public_id) -> Client:
    found = policy.ask(actor, _clients, public_id=public_id)
    if not found:
        raise Missing
    return found[0]


def _clients(actor, public_id):
    return (policy.visible_clients(actor).select(Client, Organisation).join(Organisation, JOIN.LEFT_OUTER, on=(
        Client.prison == Organisation.id), attr="prison").where(
        Client.public_id == public_id, policy.readable(actor, Client.id, Scope.VISITS)))


def _judged(client, prisons, busy) -> dict[int, OfPrison]:
    """Of the client's prison all that is shown; of another one it is enough to know the first that fits."""
    found = {each.id: OfPrison(each, SHOWN if each.id == client.prison_id else 1) for each in prisons}
    today = clock.today()
    for slot in slots.open_slots(found, today, today + AHEAD) if found else ():
        prison = found[slot.window.place.prison_id]
        if prison.most > 1 or not prison.good:
            prison.take(Fitting(slot, warns(client, slot.starts_at, slot.ends_at, busy)))
    return found


def warns(client, starts_at: datetime, ends_at: datetime, busy) -> tuple[Warn, ...]:
    """Why a time does not suit a client, who is `busy` at some (conflicts.Busy)."""
    found = []
    if any(each.touches(starts_at, ends_at) for each in busy):
        found.append(Warn.BUSY)
    if conflicts.at_work(client, starts_at, ends_at):
        found.append(Warn.WORK)
    elif conflicts.is_late(client, starts_at):
        found.append(Warn.LATE)
    return tuple(found)


# The shift

def client_of_prison(actor, public_id: str) -> Client:
    """A client whom the actor's prison has itself and who is there. Raises Missing."""
    found = policy.ask(actor, _of_prison, public_id=public_id) if may(actor, Can.KEEP_TIMES) else None
    if not found:
        raise Missing
    return found[0]


def keeps_shift(actor, public_id: str) -> bool:
    """Whether the actor says when this client works."""
    return may(actor, Can.KEEP_TIMES) and bool(policy.ask(actor, _of_prison, public_id=public_id))


def _of_prison(actor, public_id):
    return policy.visible_clients(actor).where(
        Client.public_id == public_id, policy.own_client(actor, Client.id), Client.prison == actor.organisation_id,
        Client.released_on.is_null())


def set_shift(actor, public_id: str, days: list[int], starts: time | None, ends: time | None) -> None:
    """Writes when a client works; no day and no times: that they do not."""
    with db.writing():
        client = client_of_prison(actor, public_id)
        _check_shift(days, starts, ends)
        client.shift_days = ";".join(str(day) for day in sorted(set(days)))
        client.shift_starts, client.shift_ends = starts, ends
        client.save(only=[Client.shift_days, Client.shift_starts, Client.shift_ends])
        journal.wrote(actor, "client.shift", public_id, client=client, parts="shift")


def _check_shift(days, starts, ends):
    if (starts is None) != (ends is None) or bool(days) == (starts is None):
        raise RuleBroken(_("Fill in the days and both times, or none of them."),
                         field="days" if not days else "starts" if starts is None else "ends")
    if starts is not None and starts == ends:
        raise RuleBroken(_("A shift that ends when it begins is none."), field="ends")
