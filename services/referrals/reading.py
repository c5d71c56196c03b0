"""A referral as one reader may see it: one record, views of it; nothing is copied to the receiver.

Every look at a referral is written into the client's log in the same transaction.
"""
import json
from dataclasses import dataclass, field
from datetime import timedelta

from peewee import JOIN

import clock
import db
from errors import Missing
from models import Client, Level, Need, Organisation, Referral, ReferralEvent, ReferralLine, ReferralNeed, Service
from policy import OWN, Can, ask, made_in_time, may, visible_clients, visible_referrals
from services import journal, keys
from services.referrals import clocks, fitting, levels
from services.referrals.machine import OPEN, Event, Side, State, ever_may, open_events, sides_of
from services.referrals.sending import AGAIN_AFTER, answers_of

SENT_IT = {Side.AUTHOR, Side.FORMER, Side.CLIENT}
PER_PAGE, LATELY = 50, timedelta(days=14)
ANSWERED = (State.QUESTION, State.DECLINED, State.UNANSWERED, State.CLOSED)


@dataclass(frozen=True)
class View:
    """What a reader sees. Texts are empty and lists are none where their level, or their side, does not reach."""

    row: Referral
    level: Level
    sides: frozenset[Side]
    events: set[Event]
    needs: list[tuple[Need, str]]
    region: str
    code: str = ""
    client: str = ""  # public id, where the reader may open the file
    channel: str = ""
    message: str = ""
    name: str = ""
    born: str = ""
    contact: str = ""
    prison: object = None
    answers: list[tuple[str, str]] = field(default_factory=list)
    conditions: dict = field(default_factory=dict)
    lines: list[tuple[ReferralLine, str]] = field(default_factory=list)
    history: list = field(default_factory=list)

    @property
    def is_sender(self) -> bool:
        return bool(self.sides & SENT_IT)


def view(actor, public_id: str) -> View:
    """One referral, its reading recorded. Raises Missing."""
    with db.recording():
        row = visible_referrals(actor).where(Referral.public_id == public_id).first()
        if row is None:
            raise Missing(public_id)
        sides = sides_of(actor, row)
        own = bool(sides & {Side.AUTHOR, Side.CLIENT})
        level = _level(actor, row, sides, own)
        parts = "needs,identity" if level >= Level.IDENTITY and not own else "needs"
        journal.read(actor, "referral.open", row.public_id, row.client, parts,
                     OWN if own else f"referral:{row.number}")
        return of_level(actor, row, level, sides)


def _level(actor, row, sides, own) -> Level:
    if own:
        return Level(row.level)
    return Level.CHOICES if Side.FORMER in sides else levels.shown_to_receiver(actor, row)


def of_level(actor, row: Referral, level: Level, sides) -> View:
    """The view of a level; who wrote it sees what they wrote, whatever it shows to the receiver."""
    own = bool(sides & {Side.AUTHOR, Side.CLIENT})
    client, opened = row.client, keys.opener(row.client)
    values = {"conditions": fitting.known(row) if own or level >= Level.DETAILS else {}, "history": _history(row, own)}
    if own or level >= Level.CODE:
        values |= {"code": client.code, "channel": opened(row, "channel"), "message": opened(row, "message"),
                   "answers": [(each.question, opened(each, "answer")) for each in answers_of(row)],
                   "client": client.public_id if _opens_file(actor, client) else ""}
    if level >= Level.IDENTITY and not own:
        values |= {name: opened(client, name) for name in ("name", "born", "contact")}
        values["prison"] = client.prison if client.prison_id and client.released_on is None else None
    return View(row, level, sides, open_events(row, sides), _needs(row, bool(sides & SENT_IT)),
                row.region.name if row.region_id else "", lines=_lines(actor, row, opened, sides), **values)


def _opens_file(actor, client) -> bool:
    return may(actor, Can.OPEN_CLIENTS) and visible_clients(actor).where(Client.id == client.id).exists()


def _needs(row, own):
    """The needs with their results, which are the receiver's: the sender sees how it ended and nothing more."""
    rows = {each.need: "" if own else each.result
            for each in ReferralNeed.select().where(ReferralNeed.referral == row)}
    return [(need, rows[need]) for need in Need if need in rows]


def _lines(actor, row, opened, sides):
    if Side.FORMER in sides or (not sides & SENT_IT and levels.is_over(row)):
        return []
    rows = ReferralLine.select().where(ReferralLine.referral == row,
                                       made_in_time(actor, row.client_id, ReferralLine.at))
    return [(each, opened(each, "text")) for each in rows.order_by(ReferralLine.id)]


def _history(row, own):
    """Events with what changed: (event, {name: [old, new]}). What was written before it was sent is its author's."""
    rows = ReferralEvent.select().where(ReferralEvent.referral == row).order_by(ReferralEvent.id)
    if not own:
        rows = rows.where(ReferralEvent.event != Event.CANNOT_MEET)
    return [(each, json.loads(each.changes) if each.changes else {}) for each in rows]


def of_draft(actor, public_id: str) -> View:
    """A draft to go on with, or a sent referral to amend, as its author. Raises Missing."""
    found = view(actor, public_id)
    if Side.AUTHOR not in found.sides:
        raise Missing(public_id)
    return found


def seen_for(actor, public_id: str, event: Event) -> View:
    """The view of who may do a thing at all, whatever the state. Raises Missing."""
    found = view(actor, public_id)
    if not ever_may(event, found.sides):
        raise Missing(public_id)
    return found


def overlap_reason(row: Referral) -> str:
    """Why its author goes on although somebody serves the need; for its author."""
    return keys.unseal(row, "overlap_reason", row.client)


# Lists

@dataclass(frozen=True)
class Lists:
    to_answer: list
    waiting: list
    with_us: list
    sent: list
    ended: list


def lists(actor) -> Lists:
    """What the actor's organisation got and sent, the most urgent first; nothing of a client stands in a list."""
    rows = list(_listed(visible_referrals(actor)).order_by(Referral.answer_by, Referral.id).limit(500))
    got = [row for row in rows if row.receiver_id == actor.organisation_id and row.state is not State.DRAFT]
    sent = [row for row in rows if row.sender_id == actor.organisation_id]
    return Lists(
        [row for row in got if row.state in (State.SENT, State.QUESTION)],
        [row for row in got if row.state is State.WAITING],
        [row for row in got if row.state in (State.ACCEPTED, State.IN_CARE)],
        [row for row in sent if row.state in (*OPEN, State.DRAFT, *AGAIN_AFTER)],
        sorted((row for row in {each.id: each for each in got + sent}.values()
                if row.state in (State.CLOSED, State.HANDED_ON) or (row in got and row.state in AGAIN_AFTER)),
               key=lambda row: row.id, reverse=True)[:PER_PAGE])


def _listed(query):
    return (query.select(Referral, Service, Organisation).join_from(Referral, Service, JOIN.LEFT_OUTER)
            .join_from(Referral, Organisation, JOIN.LEFT_OUTER, on=(Referral.receiver == Organisation.id),
                       attr="receiver"))


def of_client(actor) -> list[tuple[Referral, list[Need], set[Event]]]:
    """The client's own referrals, the newest first."""
    rows = list(_listed(visible_referrals(actor)).order_by(Referral.id.desc()).limit(PER_PAGE)) \
        if may(actor, Can.USE_OWN_APP) else []
    return [(row, fitting.needs_of(row), open_events(row, frozenset({Side.CLIENT}))) for row in rows]


# Today

@dataclass(frozen=True)
class Today:
    to_answer: list
    answered: list
    contacts: list
    lines: list
    late: int = 0  # answers that are missing, for the coordinator


def stirs(actor) -> list:
    """Queries that tell what `today` has: referrals of the actor, answers that are missing."""
    return [_waits(actor), db.HowMany(clocks.late(actor))]


def _waits(actor):
    receives = Referral.receiver == actor.organisation_id
    sends = Referral.sender == actor.organisation_id
    ended = (Referral.state == State.CLOSED) & (Referral.closed_at >= db.beginning_of(clock.today() - LATELY))
    return visible_referrals(actor).where(
        (receives & (Referral.state.in_([State.SENT, State.ACCEPTED]) | Referral.line_asked_at.is_null(False))) |
        (sends & (Referral.state.in_([State.QUESTION, State.DECLINED, State.UNANSWERED]) | ended)))


def _todays(actor):
    return _listed(_waits(actor)).order_by(Referral.answer_by, Referral.id).limit(60)


def today(actor, some=True, late=None) -> Today | None:
    """Referrals to answer, answers to the actor's own of the last fortnight, first contacts that are due.

    Where the actor is said to have none they are not asked for; `late` answers are counted where they are not told.
    """
    if not may(actor, Can.OPEN_CLIENTS):
        late = clocks.late(actor).count() if late is None else late
        return Today([], [], [], [], late) if late else None
    rows = ask(actor, _todays) if some else []
    got = [row for row in rows if row.receiver_id == actor.organisation_id]
    lately = clock.now() - LATELY
    found = Today([row for row in got if row.state is State.SENT],
                  [row for row in rows if row.sender_id == actor.organisation_id and row.state in ANSWERED
                   and row.changed_at > lately],
                  [row for row in got if row.state is State.ACCEPTED and row.line_asked_at is None],
                  [row for row in got if row.line_asked_at])
    return found if found.to_answer or found.answered or found.contacts or found.lines else None
