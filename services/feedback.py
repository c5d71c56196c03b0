"""Follow-ups after release: when they are due, and the entries of the feedback log.

An entry is never edited; a correction is a new one. What a worker left alone is kept as `unchanged` and is no
observation. Only what their own organisation observed is carried on so: what was read through a consent is shown,
never copied, or it would outlive the consent.
"""
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import get_locale
from flask_babel import gettext as _

import clock
import db
from errors import Missing, RuleBroken
from formats import day
from models import (
    MILESTONES,
    Client,
    FollowUp,
    FollowUpNeed,
    Kind,
    Need,
    NeedState,
    Prompt,
    PromptState,
    Reached,
    Scope,
)
from policy import PRISON_READS_DAYS, Can, ask, may, visible_follow_ups, visible_prompts
from services import drafts, files, journal, keys
from text import clean_text

FORM = "feedback.log"  # the name of its drafts
OPEN_DAYS = 21  # unanswered after that
EARLY_DAYS = 7  # an entry may be made so long before its day, not before release
ASKS_STEP = (NeedState.IN_PROGRESS, NeedState.STUCK)
LONGEST_NOTE, LONGEST_STEP = 4000, 300

# What becomes of a prompt when an entry is made; states that are not here take none. An entry after an entry corrects.
TAKES_ENTRY = (PromptState.PLANNED, PromptState.OPEN, PromptState.UNANSWERED, PromptState.RECORDED,
               PromptState.NOT_REACHED)


def after_entry(reached: Reached) -> PromptState:
    return PromptState.NOT_REACHED if reached is Reached.NOT_REACHED else PromptState.RECORDED


# When follow-ups are due

@dataclass(frozen=True)
class Due:
    """A follow-up that waits; `days` since its day came."""

    public_id: str
    code: str
    milestone: int
    due_on: date
    days: int


def plan_prompts(client: Client, organisation, worker) -> int:
    """Plans the follow-ups that `organisation` is to make after the client's release; returns how many are new.

    Milestones that are long over are left out, and for a prison those it could not read afterwards. Running it again
    adds nothing. The caller has the basis to ask: an own client, or a consent to follow up.
    """
    if client.released_on is None:
        return 0
    today, rows = clock.today(), []
    for milestone in MILESTONES:
        due_on = client.released_on + timedelta(days=milestone)
        if due_on > today - timedelta(days=OPEN_DAYS) and _may_follow(organisation, milestone):
            state = PromptState.OPEN if due_on <= today else PromptState.PLANNED
            rows.append(Prompt(client=client, organisation=organisation, worker=worker, milestone=milestone,
                               due_on=due_on, state=state).__data__)
    with db.writing():
        before = _prompts_of(client, organisation)
        if rows:
            Prompt.insert_many(rows).on_conflict_ignore().execute()
        added = _prompts_of(client, organisation) - before
        if added:
            journal.wrote(worker, "feedback.plan", client.public_id, client, "prompts")
        return added


def _may_follow(organisation, milestone):
    return organisation.kind is not Kind.PRISON or milestone <= PRISON_READS_DAYS


def _prompts_of(client, organisation):
    return Prompt.select().where(Prompt.client == client, Prompt.organisation == organisation).count()


def open_due() -> tuple[int, int]:
    """Opens the follow-ups whose day has come and lets old ones lapse; returns how many of each. For the night."""
    today = clock.today()
    over = today - timedelta(days=OPEN_DAYS)
    with db.writing():
        lapsed = Prompt.update(state=PromptState.UNANSWERED).where(
            Prompt.state.in_([PromptState.PLANNED, PromptState.OPEN]), Prompt.due_on <= over).execute()
        opened = Prompt.update(state=PromptState.OPEN).where(
            Prompt.state == PromptState.PLANNED, Prompt.due_on <= today).execute()
        if opened or lapsed:
            journal.wrote(None, "feedback.open_due", parts="state")
        return opened, lapsed


def today(actor) -> list[Due]:
    """The follow-ups that wait for the actor, the longest due first. One query."""
    if not may(actor, Can.LOG_FOLLOW_UPS):
        return []
    return [Due(*row, days=(clock.today() - row[3]).days) for row in ask(actor, _due)]


def _due(actor):
    return (visible_prompts(actor).select(Prompt.public_id, Client.code, Prompt.milestone, Prompt.due_on).join(Client)
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
                    Prompt.state, Client.id, Client.public_id).join(Client)
            .where(Client.erased_at.is_null(), Prompt.public_id == public_id))


def _prompt_locked(actor, public_id):
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


def log(actor, public_id: str, request_key: str, reached: Reached, observed: dict[Need, Said], note: str = "",
        next_step: str = "", next_on: date | None = None) -> FollowUp:
    """Makes an entry to a follow-up of the actor's organisation. `observed` holds only needs the worker spoke to.

    The same `request_key` again is the same entry. Where the client was not reached nothing is observed.
    """
    with db.writing():
        found = next(iter(ask(actor, _prompt_locked, public_id=public_id)), None)
        if found is None:
            raise Missing(public_id)
        key = f"{actor.id}:{found.id}:{request_key}"
        for made in db.kept(_of_request, key=key):
            return made
        _check(found, next_on)
        entry = _entry(actor, found, key, reached, note, next_step, next_on)
        if reached is not Reached.NOT_REACHED:
            _keep_needs(entry, observed)
        db.run(_settle, after_entry(reached), prompt=found.id)
        journal.wrote(actor, "feedback.log", entry.public_id, found.client, _parts(entry, observed))
        drafts.drop(actor, FORM, public_id)
        return entry


def _of_request(key):
    return FollowUp.select().where(FollowUp.request_key == key)


def _settle(state, prompt):
    return Prompt.update(state=state).where(Prompt.id == prompt)


def _check(found, next_on):
    if found.state not in TAKES_ENTRY:
        raise RuleBroken(_("This follow-up is closed and takes no entries."))
    opens_on = found.due_on - timedelta(days=min(EARLY_DAYS, found.milestone))
    if clock.today() < opens_on:
        raise RuleBroken(_("This follow-up is not due yet. It can be filled in from %(day)s.",
                           day=day(opens_on, language=str(get_locale() or "cs"))))
    if next_on and next_on < clock.today():
        raise RuleBroken(_("This day is over. Enter today or a later day."), field="next_on")


def _entry(actor, found, key, reached, note, next_step, next_on):
    entry = FollowUp(client=found.client, organisation=found.organisation_id, author=actor.id, prompt=found,
                     request_key=key, milestone=found.milestone, reached=reached, next_on=next_on,
                     created_at=clock.now())
    entry.note = keys.seal(entry, "note", clean_text(note, lines=True, limit=LONGEST_NOTE), found.client)
    entry.next_step = keys.seal(entry, "next_step", clean_text(next_step, limit=LONGEST_STEP), found.client)
    db.add(entry)
    return entry


def _keep_needs(entry, observed):
    rows = [_row(entry, need, said) for need, said in observed.items()]
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
    filled = {"needs": observed, "note": entry.note, "next_step": entry.next_step, "next_on": entry.next_on}
    return ",".join(["reached", *(name for name, value in filled.items() if value)])


def saved_entry(actor, found: Prompt, file: files.ClientFile) -> files.Entry | None:
    """The last entry made to a follow-up, as its file shows it. None where there is none, or no more to be read."""
    row = (visible_follow_ups(actor).where(FollowUp.prompt == found)
           .order_by(FollowUp.created_at.desc(), FollowUp.id.desc()).first())
    entries = {entry.public_id: entry for entry in file[Scope.FOLLOW_UP].value or []}
    return entries.get(row.public_id) if row else None


@dataclass(frozen=True)
class Course:
    """How each need went: days of entries, and (need, a row or None for each day) for needs somebody observed."""

    days: list[date]
    needs: list[tuple]


def course(entries: list[files.Entry], last: int = 5) -> Course:
    """The course over the `last` entries in which something was observed, the oldest first."""
    observed = [(entry.at, {row.need: row for row in entry.needs if not row.unchanged}) for entry in entries]
    shown = [pair for pair in observed if pair[1]][:last][::-1]
    known = [need for need in Need if any(need in rows for _at, rows in shown)]
    return Course([clock.local(at).date() for at, _rows in shown],
                  [(need, [rows.get(need) for _at, rows in shown]) for need in known])


def next_planned(found: Prompt) -> Prompt | None:
    """The next follow-up of the same client by the same organisation."""
    return (Prompt.select().where(Prompt.client == found.client_id, Prompt.organisation == found.organisation_id,
                                  Prompt.state == PromptState.PLANNED, Prompt.due_on > found.due_on)
            .order_by(Prompt.due_on).first())
