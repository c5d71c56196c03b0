"""The feedback log at the size it is promised for: 200,000 entries of 10,000 people, and the night's figures."""
import os
import subprocess
import sys
import time
from datetime import timedelta
from random import Random

from peewee import chunked

import clock
import config
import db
from benchmarks import copies, measure
from benchmarks.pages import read
from models import (
    MILESTONES,
    Barrier,
    Client,
    FollowUp,
    FollowUpNeed,
    Kind,
    Membership,
    Need,
    NeedState,
    Organisation,
    Prompt,
    PromptState,
    Reached,
    Snapshot,
    SnapshotCell,
    User,
    new_public_id,
)
from services import feedback

PEOPLE, ENTRIES = 10_000, 200_000
OBSERVED = 4  # needs of an entry that were spoken of; the other seven are kept as unchanged
OFTEN = 20  # each so many-th client is of the curator who is measured
STATES = [NeedState.NOT_NEEDED, NeedState.NEEDED, NeedState.IN_PROGRESS, NeedState.MET, NeedState.STUCK]
NIGHT, MOST_SECONDS = ("freeze-figures",), 60


def fill() -> tuple[int, int]:
    """Adds released people of all prisons, their follow-ups and entries; returns how many people and entries there are.

    Entries hold no words, so there is nothing to seal. Drawn from a seed.
    """
    random, curator = Random(6), User.get(User.email == "kamila@demo.test")
    others = list(User.select().where(User.role == "ngo", User.organisation.is_null(False)).limit(8))
    prisons = [row.id for row in Organisation.select().where(Organisation.kind == Kind.PRISON)]
    with db.writing():
        first = _last(Client) + 1
        _add(Client, (_client(number, prisons, curator, random) for number in range(PEOPLE)))
        people = list(Client.select(Client.id, Client.released_on).where(Client.id >= first).tuples())
        asks = {person: curator if person % OFTEN == 0 else others[person % len(others)] for person, _day in people}
        _add(Membership, ({"client": person, "organisation": who.organisation_id, "worker": who.id,
                           "since_on": clock.today() - timedelta(days=900)} for person, who in asks.items()))
        _add(Prompt, (row for person in people for row in _prompts(person, asks[person[0]])))
        entries, before = _last(FollowUp) + 1, ENTRIES // PEOPLE // len(MILESTONES)
        _add(FollowUp, (row for person in people for row in _entries(person, asks[person[0]], before)))
        _add(FollowUpNeed, (row for number in range(entries, _last(FollowUp) + 1) for row in _needs(number, random)))
    copies.analyse()
    return Client.select().count(), FollowUp.select().count()


def _last(model) -> int:
    return db.database.execute_sql(f'SELECT MAX(id) FROM "{model._meta.table_name}"').fetchone()[0] or 0


def _add(model, rows):
    for some in chunked(rows, 2_000):
        model.insert_many(some).execute()


def _client(number, prisons, curator, random):
    prison = prisons[int(random.random() ** 2 * len(prisons))]  # some are large
    return {"public_id": new_public_id(), "code": f"N{number:05}", "prison": prison,
            "region": "CZ020", "recorded_by": curator.organisation_id,
            "released_on": clock.today() - timedelta(days=random.randint(1, 1_000))}


def _prompts(person, who):
    """Those to come are planned; of those that are over one is open at most."""
    client, released = person
    passed = [each for each in MILESTONES if released + timedelta(days=each) <= clock.today()]
    for milestone in MILESTONES:
        state = PromptState.RECORDED if milestone in passed else PromptState.PLANNED
        if passed and milestone == passed[-1] and client % 7 == 0:
            state = PromptState.OPEN
        yield {"public_id": new_public_id(), "client": client, "organisation": who.organisation_id, "worker": who.id,
               "milestone": milestone, "due_on": released + timedelta(days=milestone), "state": state,
               "opened_on": clock.today() if state is PromptState.OPEN else None}


def _entries(person, who, versions):
    client, released = person
    for milestone in MILESTONES:
        for version in range(versions):
            at = clock.now() - timedelta(days=(clock.today() - released).days - milestone, hours=versions - version)
            yield {"public_id": new_public_id(), "client": client, "organisation": who.organisation_id,
                   "author": who.id, "request_key": f"bench-{client}-{milestone}-{version}", "milestone": milestone,
                   "reached": Reached.TELEPHONE, "created_at": min(at, clock.now())}


def _needs(entry, random):
    spoken = set(random.sample(list(Need), OBSERVED))
    for need in Need:
        state = random.choice(STATES)
        yield {"follow_up": entry, "need": need, "state": state, "unchanged": need not in spoken,
               "barrier": random.choice(list(Barrier)) if state is NeedState.STUCK else None}


# Measuring

def measure_log(bench) -> None:
    """Prints the lines of the feedback log; `bench` is benchmarks.__main__.Bench, its server not running."""
    with bench.app.app_context():
        curator = User.get(User.email == "kamila@demo.test")
        before = _due(curator)
        people, entries = fill()
        after = _due(curator)
    bench.report.line("follow-ups due, queries", after[1], "queries", after[0], before[1], before=before[0])
    _night(bench, people, entries)


def _due(curator) -> tuple[int, int]:
    """How many follow-ups wait for the curator, and the statements that took."""
    feedback.today(curator)
    with measure.Counter() as counter:
        found = feedback.today(curator)
    return len(found), counter.queries


def pages_of_log() -> list:
    """What is read of it: the frozen figures, a region of several prisons, a long list of what is due."""
    region = Snapshot.select(Organisation.region).join(Organisation).where(
        Organisation.region.is_null(False)).limit(1).scalar()
    return [read("figures of a prison", "prokop", "/figures", 9, 6, 9, 14),
            read("figures, choice of all prisons", "kora", "/figures", 9, 6, 9, 14),
            read("figures of a region", "kora", f"/figures?region={region}", None, None, 20, 14),
            read("today of a curator with 79 due", "kamila", "/", None, None, 9)]


def _night(bench, people, entries) -> None:
    """The nightly snapshot: stopped in its middle, gone on with, run again."""
    command = [sys.executable, "-m", "flask", "--app", "app", *NIGHT]
    where = {"cwd": config.ROOT, "env": {**os.environ, "DATA_DIR": str(bench.folder), "DATABASE_URL": bench.url}}
    with bench.app.app_context():
        _forget()
    stopped = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **where)
    for line in stopped.stdout:
        if line.startswith("10 of"):
            stopped.kill()
            break
    stopped.wait()
    with bench.app.app_context():
        half = Snapshot.select().count()
    began = time.perf_counter()
    told = subprocess.run(command, capture_output=True, text=True, check=True, **where).stdout.splitlines()
    went_on = time.perf_counter() - began
    with bench.app.app_context():
        interrupted = _cells()
        _forget()
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, **where)
    whole = time.perf_counter() - began
    again = subprocess.run(command, capture_output=True, text=True, check=True, **where).stdout.splitlines()
    with bench.app.app_context():
        same = interrupted == _cells()
    bench.report.line("nightly snapshot", whole, "s", entries, MOST_SECONDS, people=people, lines=len(told))
    bench.report.line("nightly snapshot, gone on after a kill", went_on, "s", half, MOST_SECONDS,
                      same and half >= 10 and again[-1].startswith("frozen: 0"))


def _forget():
    with db.writing():
        SnapshotCell.delete().execute()
        Snapshot.delete().execute()


def _cells() -> list:
    """What is published, without when it was made."""
    return sorted(SnapshotCell.select(
        Snapshot.organisation, Snapshot.kind, Snapshot.month, SnapshotCell.milestone, SnapshotCell.need,
        SnapshotCell.state, SnapshotCell.shown).join(Snapshot).tuples())


