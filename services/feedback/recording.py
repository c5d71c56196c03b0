"""Entries of the feedback log, by a worker or by the client.

An entry is never edited; a correction is a new version. What a worker left alone is kept as `unchanged` and is no
observation. Only what their own organisation observed is carried on so: what was read through a consent is shown,
never copied, or it would outlive the consent.
"""
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from models import Client, FollowUp, FollowUpNeed, Need, NeedState, Prompt, PromptState, Reached, Scope
from policy import Can, ask, may, visible_prompts
from services import drafts, files, journal, keys
from services.feedback.machine import Event, Side, line_of
from text import clean_text

FORM = "feedback.log"  # the name of its drafts
ASKS_STEP = (NeedState.IN_PROGRESS, NeedState.STUCK)
LONGEST_NOTE, LONGEST_STEP = 4000, 300


# What waits for a worker

@dataclass(frozen=True)
class Due:
    """A follow-up that waits; `days` since its day came."""

    public_id: str
    code: str
    milestone: int
    due_on: date
    days: int


def stirs(actor) -> list:
    """The query whose rows `today` shows."""
    return [db.Rows(_due(actor))] if may(actor, Can.LOG_FOLLOW_UPS) else []


def today(actor, rows=None) -> list[Due]:
    """The follow-ups that wait for the actor, the longest due first; in one query where their rows are not given."""
    if not may(actor, Can.LOG_FOLLOW_UPS):
        return []
    found = ask(actor, _due) if rows is None else rows
    return [Due(*row, due_on=db.day_of(due_on), days=(clock.today() - db.day_of(due_on)).days)
            for *row, due_on in found]


def _due(actor):
    return (visible_prompts(actor)
            .select(Prompt.public_id.alias("which"), Client.code.alias("code"), Prompt.milestone.alias("milestone"),
                    Prompt.due_on.alias("due")).join(Client)
            .where(Client.erased_at.is_null(), Prompt.state == PromptState.OPEN, Prompt.due_on <= clock.today())
            .order_by(Prompt.due_on, Prompt.milestone, Client.code).tuples())


# One entry

@dataclass(frozen=True)
class Said:
    """How one need stands."""

    state: NeedState
    step: object = None  # a Step, for needs in progress or stuck
    barrier: object = None  # a Barrier, for stuck ones


def prompt(actor, public_id: str) -> Prompt:
    """A follow-up of the actor's organisation with its client; Missing where there is none for them."""
    found = ask(actor, _prompt, public_id=public_id)
    if not found:
        raise Missing(public_id)
    return found[0]


def _prompt(actor, public_id):
    return (visible_prompts(actor)
            .select(Prompt.id, Prompt.public_id, Prompt.client, Prompt.organisation, Prompt.milestone, Prompt.due_on,
                    Prompt.state, Prompt.opened_on, Client.id, Client.public_id, Client.user).join(Client)
            .where(Client.erased_at.is_null(), Prompt.public_id == public_id))


def prompt_locked(actor, public_id):
    return db.locked(_prompt(actor, public_id))


def open_client(actor, found: Prompt) -> files.ClientFile:
    """The parts of the client's file that an entry needs; the reading is journalled."""
    return files.open_file(actor, found.client.public_id, Scope.IDENTITY, Scope.FOLLOW_UP, what="feedback.open")


def last_observed(file: files.ClientFile) -> dict[Need, Said]:
    """How each need stood when somebody last observed it, as far as this reader may know."""
    last = {}
    for entry in file[Scope.FOLLOW_UP].value or []:
        for row in entry.needs:
            if not row.unchanged:
                last.setdefault(row.need, Said(row.state, row.step, row.barrier))
    return last


@dataclass(frozen=True)
class Content:
    """What an entry says. `observed` holds only needs that were spoken to; `said` are the client's words."""

    reached: Reached
    observed: dict[Need, Said]
    note: str = ""
    said: str = ""
    next_step: str = ""
    next_on: date | None = None
    needs_help: bool = False


def log(actor, public_id: str, request_key: str, reached: Reached, observed: dict[Need, Said],
        **words) -> FollowUp:
    """Makes an entry to a follow-up of the actor's organisation; `words` as of Content.

    The same `request_key` again is the same entry. Where the client was not reached nothing is observed.
    """
    content = Content(reached, observed if reached is not Reached.NOT_REACHED else {}, **words)
    with db.writing():
        found = next(iter(ask(actor, prompt_locked, public_id=public_id)), None)
        if found is None:
            raise Missing(public_id)
        key = f"{actor.id}:{found.id}:{request_key}"
        for made in db.kept(_of_request, key=key):
            return made
        line = line_of(found, Event.MISS if reached is Reached.NOT_REACHED else Event.RECORD, Side.WORKER)
        entry = keep(actor, found, key, content)
        db.run(_settle, line.new, prompt=found.id)
        drafts.drop(actor, FORM, public_id)
        return entry


def keep(actor, found: Prompt, key: str, content: Content, by_client: bool = False) -> FollowUp:
    """Writes an entry with its needs; the version before it is named. Inside `db.writing()`."""
    if content.next_on and content.next_on < clock.today():
        raise RuleBroken(_("This day is over. Enter today or a later day."), field="next_on")
    entry = FollowUp(client=found.client, organisation=found.organisation_id, author=actor.id, prompt=found,
                     request_key=key, milestone=found.milestone, reached=content.reached, next_on=content.next_on,
                     by_client=by_client, needs_help=content.needs_help, created_at=clock.now())
    for corrected, in db.kept(_version_before, prompt=found.id, by_client=by_client):
        entry.corrects = corrected
    for column, lines, limit in (("note", True, LONGEST_NOTE), ("said", True, LONGEST_NOTE),
                                 ("next_step", False, LONGEST_STEP)):
        text = clean_text(getattr(content, column), lines=lines, limit=limit)
        setattr(entry, column, keys.seal(entry, column, text, found.client))
    db.add(entry)
    if content.reached is not Reached.NOT_REACHED:
        _keep_needs(entry, content.observed)
    journal.wrote(actor, "feedback.answer" if by_client else "feedback.log", entry.public_id, found.client,
                  _parts(entry, content.observed))
    return entry


def _of_request(key):
    return FollowUp.select().where(FollowUp.request_key == key)


def _version_before(prompt, by_client):
    return (FollowUp.select(FollowUp.id).where(FollowUp.prompt == prompt, FollowUp.by_client == by_client)
            .order_by(FollowUp.id.desc()).limit(1).tuples())


def _settle(state, prompt):
    return Prompt.update(state=state).where(Prompt.id == prompt)


def _keep_needs(entry, observed):
    rows = [_row(entry, need, said) for need, said in observed.items()]
    if not entry.by_client:
        rows += [_row(entry, need, said, unchanged=True)
                 for need, said in _observed_by(entry.organisation_id, entry.client_id).items() if need not in observed]
    if rows:
        db.add(*[FollowUpNeed(**row) for row in rows])


def _row(entry, need, said, unchanged=False):
    return {"follow_up": entry.id, "need": need, "state": said.state, "unchanged": unchanged,
            "step": said.step if said.state in ASKS_STEP else None,
            "barrier": said.barrier if said.state is NeedState.STUCK else None}


def _observed_by(organisation_id, client_id) -> dict[Need, Said]:
    """How each need stood when this organisation itself last observed it."""
    return {need: Said(*said) for need, *said in db.kept(_observations, organisation=organisation_id, client=client_id)}


def _observations(organisation, client):
    return (FollowUpNeed.select(FollowUpNeed.need, FollowUpNeed.state, FollowUpNeed.step, FollowUpNeed.barrier)
            .join(FollowUp).where(FollowUp.client == client, FollowUp.organisation == organisation,
                                  FollowUpNeed.unchanged == False)  # noqa: E712
            .order_by(FollowUp.created_at, FollowUp.id).tuples())


def _parts(entry, observed):
    filled = {"needs": observed, **{name: getattr(entry, name) for name in ("said", "note", "next_step", "next_on",
                                                                             "needs_help")}}
    return ",".join(["reached", *(name for name, value in filled.items() if value)])


def versions(actor, found: Prompt, file: files.ClientFile) -> list[files.Entry]:
    """The entries made to a follow-up, the newest first, as its file shows them: what the client answered too."""
    return [entry for entry in file[Scope.FOLLOW_UP].value or [] if entry.prompt == found.id]


def next_planned(found: Prompt) -> Prompt | None:
    """The next follow-up of the same client by the same organisation."""
    return (Prompt.select().where(Prompt.client == found.client_id, Prompt.organisation == found.organisation_id,
                                  Prompt.state == PromptState.PLANNED, Prompt.due_on > found.due_on)
            .order_by(Prompt.due_on).first())
