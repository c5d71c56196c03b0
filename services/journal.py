"""The journal: one row for each sensitive read and each write, and the chain that shows tampering.

Fields are named, values are not kept. A row is written in the transaction of what it records; a job seals rows in
batches, so that nobody who reads waits for the chain.
"""
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

from peewee import fn

import clock
import db
from models import Action, Client, Journal, JournalSeal
from services import keys

FIRST_DIGEST = "0" * 64
AGAIN, LOOKED_AT, AGAIN_LOCK = timedelta(seconds=30), 20, 7105  # two clicks on one button; the lock of who clicks


def wrote(actor, what: str, record="", client: Client | None = None, parts: str = "", ground: str = "") -> None:
    """Records a write by `actor` (None: the system). `what` is `area.verb`, `record` a public id."""
    _add(Action.WRITE, actor, what, record, client, parts, ground)


def read(actor, what: str, record="", client: Client | None = None, parts: str = "", ground: str = "") -> None:
    """Records that `actor` was shown something sensitive, and on which ground."""
    _add(Action.READ, actor, what, record, client, parts, ground)


def just_wrote(actor, what: str) -> list[str]:
    """Records (public ids) that the actor wrote so in the last half a minute, the newest first.

    Two clicks on one button send the same twice: who adds something looks here whether it is there. The actor's other
    such writes wait until the transaction ends.
    """
    db.hold(AGAIN_LOCK, actor.id)
    rows = (Journal.select(Journal.at, Journal.what, Journal.record).where(Journal.actor == actor.id)
            .order_by(Journal.id.desc()).limit(LOOKED_AT))
    return [row.record for row in rows if row.what == what and row.at > clock.now() - AGAIN]


def again(actor, what: str, model, **columns):
    """The row of `model` that the actor wrote so in the last half a minute with the same `columns`, or None."""
    for public_id in just_wrote(actor, what):
        if row := model.get_or_none(public_id=public_id, **columns):
            return row
    return None


def _add(action, actor, what, record, client, parts, ground):
    db.add(Journal(
        action=action, actor=getattr(actor, "id", None), organisation=getattr(actor, "organisation_id", None),
        what=what, record=record, client=getattr(client, "id", None), parts=parts, ground=ground, at=clock.now()))


def seal() -> int:
    """Binds the rows since the last seal into the chain; returns how many there were."""
    with db.writing():
        db.let_writers_finish(Journal)
        before = db.locked(JournalSeal.select().order_by(JournalSeal.last.desc()).limit(1)).first()
        first = before.last + 1 if before else 1
        last = Journal.select(fn.MAX(Journal.id)).scalar() or 0
        if last < first:
            return 0
        now = clock.now()
        digest = _digest(before.digest if before else FIRST_DIGEST, first, last, now)
        JournalSeal.create(first=first, last=last, digest=digest, sealed_at=now)
        return last - first + 1


def verify() -> Iterator[str]:
    """What is wrong with the sealed journal, a sentence each; nothing where all is well."""
    digest, expected_first = FIRST_DIGEST, 1
    if Journal.select().where(Journal.id < 1).exists():
        yield "there are rows before the first, which no seal ever covers"
    for seal_row in JournalSeal.select().order_by(JournalSeal.first):
        if seal_row.first != expected_first:
            yield f"rows {expected_first} to {seal_row.first - 1} have no seal"
        digest = _digest(digest, seal_row.first, seal_row.last, seal_row.sealed_at)
        if digest != seal_row.digest:
            yield f"rows {seal_row.first} to {seal_row.last} are not what was sealed at {seal_row.sealed_at}"
            digest = seal_row.digest
        expected_first = seal_row.last + 1


def unsealed() -> int:
    """How many rows wait for a seal."""
    last = JournalSeal.select(fn.MAX(JournalSeal.last)).scalar() or 0
    return Journal.select().where(Journal.id > last).count()


def _digest(before: str, first: int, last: int, sealed_at) -> str:
    """A keyed digest of the rows, of the seal before and of the moment: without the key nobody makes another."""
    rows = Journal.select(*COLUMNS).where(Journal.id.between(first, last)).order_by(Journal.id).tuples()
    digest = hashlib.sha256(f"{before} {sealed_at}".encode())
    for row in rows:
        digest.update(json.dumps([str(value) for value in row]).encode() + b"\n")
    return keys.fingerprint("journal", digest.hexdigest())


COLUMNS = (Journal.id, Journal.at, Journal.actor, Journal.organisation, Journal.action, Journal.what,
           Journal.record, Journal.client, Journal.parts, Journal.ground)
