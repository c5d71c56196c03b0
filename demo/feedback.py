"""How the invented clients fared: prompts by milestones, entries of the feedback log, frozen monthly figures."""
from datetime import time, timedelta
from functools import partial
from random import Random

import clock
from demo import cast, words
from demo.bulk import insert
from demo.people import HISTORY
from models import (
    MILESTONES,
    Barrier,
    FollowUp,
    FollowUpNeed,
    Need,
    NeedState,
    Prompt,
    PromptState,
    Reached,
    Step,
    new_public_id,
)
from services import figures, keys

OPEN_FOR = timedelta(days=21)  # then a prompt counts as unanswered
MADE = [PromptState.RECORDED] * 16 + [PromptState.UNANSWERED] * 3 + [PromptState.NOT_REACHED] * 2 + [
    PromptState.DECLINED]
REACHED = [Reached.IN_PERSON] * 3 + [Reached.TELEPHONE] * 4 + [Reached.WRITTEN]
LADDER = [Step.CRISIS, Step.POOR, Step.UNSURE, Step.GOOD, Step.STEADY]
# how many of a hundred begin with this need; in the order of Need
NEEDED = dict(zip(Need, (70, 80, 75, 85, 45, 50, 45, 55, 40, 30, 50), strict=True))
BARRIERS = {Need.HOUSING: Barrier.NO_AFFORDABLE_HOUSING, Need.FINANCIAL_SECURITY: Barrier.BENEFIT_NOT_REACHABLE,
            Need.ADDICTION: Barrier.NO_INSIGHT, Need.MENTAL_HEALTH: Barrier.NO_CAPACITY,
            Need.WORK: Barrier.CONDITION_CANNOT_BE_MET}
COURSES = [0.75] * 5 + [0.5] * 3 + [0.25] * 2  # the chance that a need gets better from one milestone to the next


def create(people, random: Random) -> None:
    """Prompts of all released clients but Karel, and entries behind those recorded. Inside `db.writing()`."""
    others = people.clients[1:]
    prompts = insert([prompt for client in others for prompt in _prompts(people, client, random)])
    entries = []
    for client in others:
        entries += _entries(client, [row for row in prompts if row.client_id == client.id], people, random)
    entries.sort(key=lambda pair: pair[0].created_at)
    insert([entry for entry, _needs in entries])
    insert([need for _entry, needs in entries for need in needs])


def frozen_months():
    """`(moment, what happened then)`: the figures of each month that is over, frozen in the night after it."""
    month = (clock.today() - HISTORY).replace(day=1)
    while (following := (month + timedelta(days=31)).replace(day=1)) <= clock.today():
        night = clock.at(following, time(3, 10))
        if night <= clock.now():
            yield night, partial(figures.freeze, month)
        month = following


# Prompts

def _prompts(people, client, random):
    """The five prompts of a released client, with the organisation that asks: the town, else an NGO."""
    tie = _who_asks(people, client)
    if client.released_on is None or tie is None:
        return
    for milestone in MILESTONES:
        due = client.released_on + timedelta(days=milestone)
        yield Prompt(client=client, organisation=tie.organisation, worker=tie.worker, milestone=milestone, due_on=due,
                     state=_state(due, random))


def _who_asks(people, client):
    asking = (cast.TOWN, cast.NGO, cast.OTHER_NGO)
    ties = {row.organisation.slug: row for row in people.memberships if row.client_id == client.id and row.worker_id}
    return next((ties[slug] for slug in asking if slug in ties), None)


def _state(due, random):
    """What was due before three weeks is settled, what was due lately mostly too, the rest is to come."""
    if due > clock.today():
        return PromptState.PLANNED
    fresh = clock.today() - due < OPEN_FOR
    return PromptState.OPEN if fresh and (due == clock.today() or random.random() < 0.3) else random.choice(
        [PromptState.RECORDED] if fresh else MADE)


def _answers(client, prompt) -> bool:
    """Whether the client answered this one by the link: every third client, now and then."""
    return client.id % 3 == 0 and prompt.milestone in (30, 180)


# Entries

def _entries(client, prompts, people, random):
    """`(entry, rows of its needs)` of the prompts that somebody answered or tried to."""
    course = Course(random)
    for prompt in prompts:
        if prompt.state is PromptState.RECORDED:
            change = course.go_on()
            entry = _entry(client, prompt, random.choice(REACHED), change, random)
            if _answers(client, prompt):
                _by_client(entry, prompt, client)
            yield entry, course.rows(entry)
        elif prompt.state is PromptState.NOT_REACHED:
            yield _entry(client, prompt, Reached.NOT_REACHED, None, random), []


def _by_client(entry, prompt, client):
    """The same, as the client wrote it behind their link."""
    entry.by_client, entry.author, entry.reached = True, client.user_id or prompt.worker_id, Reached.WRITTEN
    entry.said = keys.seal(entry, "said", words.SAID[client.id % len(words.SAID)], client)
    entry.note = entry.next_step = entry.next_on = None
    Prompt.update(state=PromptState.ANSWERED).where(Prompt.id == prompt.id).execute()


def _entry(client, prompt, reached, change, random) -> FollowUp:
    day = min(prompt.due_on + timedelta(days=random.randint(0, 6)), clock.today())
    at = min(clock.at(day, time(random.randint(8, 16), random.randint(0, 59))), clock.now())
    entry = FollowUp(client=client, organisation=prompt.organisation_id, author=prompt.worker_id, prompt=prompt,
                     request_key=new_public_id(), milestone=prompt.milestone, reached=reached, created_at=at)
    if change is not None:
        notes = words.NOTES_BETTER if change > 1 else words.NOTES_WORSE if change < -1 else words.NOTES_SAME
        entry.note = keys.seal(entry, "note", random.choice(notes), client)
        entry.next_step = keys.seal(entry, "next_step", random.choice(words.NEXT_STEPS), client)
        entry.next_on = day + timedelta(days=random.randint(7, 28))
    return entry


class Course:
    """How the eleven needs of one client go from milestone to milestone."""

    def __init__(self, random: Random):
        self.random, self.better = random, random.choice(COURSES)
        self.height = {need: random.randint(0, 3) for need in Need if random.randint(1, 100) <= NEEDED[need]}
        self.before = {}

    def go_on(self) -> int:
        """Takes every need a step up or down; returns how many more rose than fell."""
        self.before, change = dict(self.height), 0
        for need, height in self.height.items():
            move = 0 if self.random.random() < 0.35 else 1 if self.random.random() < self.better else -1
            self.height[need] = max(0, min(height + move, 5))
            change += self.height[need] - height
        return change

    def rows(self, entry):
        return [FollowUpNeed(follow_up=entry, need=need, **self._how(need)) for need in Need]

    def _how(self, need):
        """Height 5 is met; 0 and 1 are stuck now and then; what lies between is in progress."""
        height = self.height.get(need)
        if height is None:
            return {"state": NeedState.NOT_NEEDED, "unchanged": self.random.random() < 0.5}
        if height == 5:
            return {"state": NeedState.MET, "unchanged": self.before[need] == 5 and self.random.random() < 0.5}
        stuck = height < 2 and self.random.random() < 0.5
        return {"state": NeedState.STUCK if stuck else NeedState.IN_PROGRESS, "step": LADDER[height],
                "barrier": BARRIERS.get(need, Barrier.SERVICES_FRAGMENTED) if stuck else None,
                "unchanged": False}
