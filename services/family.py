"""What somebody close to a client writes for them, without an account, by the code on the client's card.

The client decides what becomes of it; workers see it only where the client shows it to them. Whether the code exists
is told to nobody: as much is written and the same sentence said either way.
"""
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import crypto
import db
from errors import Missing, RuleBroken
from models import (
    Attempt,
    Client,
    FamilyRequest,
    Kind,
    Membership,
    Organisation,
    Outbox,
    Service,
    Task,
    TaskKind,
    new_public_id,
)
from policy import PRISON_READS_DAYS, membership_holds, visible_notes
from services import consents, journal, keys, mail, public_book
from services.slots import working_days_after
from text import clean_text

LONGEST = {"sender": 60, "message": 1000}
FROM_ONE_PLACE, WITHIN = 5, timedelta(minutes=15)
A_DAY, DAY = 20, timedelta(days=1)
MOST_WAITING = 10  # for one client at once; more are not kept
READ_WITHIN_DAYS, KEPT_DAYS = 5, 90


@dataclass(frozen=True)
class Note:
    """A note as its reader sees it."""

    row: FamilyRequest
    sender: str
    message: str

    @property
    def public_id(self) -> str:
        return self.row.public_id

    @property
    def until_on(self) -> date:
        return clock.local(self.row.at).date() + timedelta(days=KEPT_DAYS)

    @property
    def state(self) -> str:
        return "waiting" if self.row.decided_at is None else "accepted" if self.row.accepted else "dismissed"


# Writing, without an account

def write(values: dict, request_key: str, service: Service | None, address: str) -> None:
    """Leaves a note for whom the code is, if there is anybody. Raises RuleBroken for what is no whole note.

    `values`: code, sender, message; `address` is where it comes from, for the brake.
    """
    code = crypto.read_code(values["code"])
    if code is None:
        raise RuleBroken(_("This is not a whole code. It has six signs; check it with the card."), field="code")
    texts = {name: clean_text(values[name], lines=name == "message", limit=limit) for name, limit in LONGEST.items()}
    for name, text in texts.items():
        if not text:
            raise RuleBroken(_("Fill in this field."), field=name)
    with db.writing():
        _brake(address)
        _leave(code, keys.fingerprint("note", request_key)[:22], service, texts)


def _brake(address):
    """At most so many notes from one place, to whomever; a keyed digest counts them."""
    place, now = keys.fingerprint("note from", address), clock.now()
    tries = Attempt.select().where(Attempt.subject == place)
    if tries.where(Attempt.at > now - WITHIN).count() >= FROM_ONE_PLACE \
            or tries.where(Attempt.at > now - DAY).count() >= A_DAY:
        raise RuleBroken(_("Many notes came from your network. Try it again later, or tomorrow."))
    Attempt.create(subject=place, at=now)


def _leave(code, public_id, service, texts):
    """Where there is nobody, as much is written for nobody, without a word of it: it takes as long."""
    client = (Client.select(Client.id, Client.public_id)  # of `get`, what is missing takes longer
              .where(Client.code == code, Client.erased_at.is_null(), Client.died_on.is_null()).first())
    mine = FamilyRequest.client == (client.id if client else -1)
    sent = FamilyRequest.select().where(FamilyRequest.public_id == public_id).exists()
    waiting = FamilyRequest.select().where(mine, FamilyRequest.decided_at.is_null()).count()
    if client and not sent and waiting < MOST_WAITING:
        _write(client, public_id, service, texts)
    else:
        _write(None, new_public_id(), service, {name: "x" * len(text) for name, text in texts.items()})


def _write(client, public_id, service, texts):
    row = FamilyRequest(public_id=public_id, client=client, service=service, at=clock.now())
    for name, text in texts.items():
        setattr(row, name, keys.seal(row, name, text, client or keys.SYSTEM))
    row.save(force_insert=True)
    journal.wrote(None, "family.write", public_id, client)


def about(public_id: str, invented: bool) -> Service | None:
    """The service that a note is about, where its page offered one. Raises Missing for one that nobody may see."""
    return public_book.published(public_id, invented) if public_id else None


# The client's part

def of_client(actor) -> list[Note]:
    """The client's notes, those that wait first, then the newest."""
    client = consents.client_of(actor)
    opened = keys.opener(client)
    rows = visible_notes(actor).order_by(FamilyRequest.decided_at.is_null().desc(), FamilyRequest.at.desc())
    return [_note(row, opened) for row in rows]


def waiting(actor) -> int:
    """How many notes the client has not decided about."""
    return visible_notes(actor).where(FamilyRequest.decided_at.is_null()).count()


def _note(row, opened) -> Note:
    return Note(row, opened(row, "sender"), opened(row, "message"))


def _found(actor, public_id) -> FamilyRequest:
    row = visible_notes(actor).where(FamilyRequest.public_id == public_id).first()
    if row is None:
        raise Missing(public_id)
    return row


def one(actor, public_id: str) -> Note:
    """A note of the client. Raises Missing."""
    row = _found(actor, public_id)
    return _note(row, keys.opener(row.client))


def helpers(actor, note: Note) -> list[Organisation]:
    """To whom the client can show a note: who works with them, does not see it yet, and may read what is so late."""
    client = consents.client_of(actor)
    late = client.released_on and clock.local(note.row.at).date() > client.released_on + timedelta(PRISON_READS_DAYS)
    return [each for each in consents.helpers_of(client)
            if each.id != note.row.shown_to_id and not (late and each.kind is Kind.PRISON)]


def decide(actor, public_id: str, accepted: bool) -> None:
    """The client takes a note into account or puts it aside, as often as they change their mind. Nobody is told."""
    with db.writing():
        row = _found(actor, public_id)
        if not accepted:
            _hide(row)
        row.decided_at, row.accepted = clock.now(), accepted
        row.save()
        if accepted:
            journal.wrote(actor, "family.accept", public_id, row.client)
        else:
            journal.wrote(actor, "family.dismiss", public_id, row.client)


def show(actor, public_id: str, organisation: str) -> Organisation:
    """The client shows a note to an organisation (a public id) that works with them: a task for their worker there."""
    with db.writing():
        note = one(actor, public_id)
        reader = next((each for each in helpers(actor, note) if each.public_id == organisation), None)
        if reader is None:
            raise Missing(organisation)
        _hide(note.row)
        note.row.shown_to, note.row.accepted, note.row.decided_at = reader, True, clock.now()
        note.row.save()
        _task(note.row, reader)
        journal.wrote(actor, "family.show", public_id, note.row.client)
        return reader


def _task(row, reader):
    tie = Membership.get(Membership.client == row.client, Membership.organisation == reader, membership_holds())
    Task.create(organisation=reader, owner=tie.worker_id, client=row.client, kind=TaskKind.FAMILY_NOTE,
                about=row.public_id, due_on=working_days_after(clock.today(), READ_WITHIN_DAYS),
                created_at=clock.now())


def hide(actor, public_id: str) -> None:
    """Nobody but the client reads the note from now on."""
    with db.writing():
        row = _found(actor, public_id)
        _hide(row)
        row.save()
        journal.wrote(actor, "family.hide", public_id, row.client)


def _hide(row):
    row.shown_to = None
    Task.delete().where(Task.kind == TaskKind.FAMILY_NOTE, Task.about == row.public_id).execute()


# A worker's part

def shown(actor, public_id: str) -> Note:
    """A note that a client shows the actor's organisation; the client's log says that it was read. Raises Missing."""
    with db.recording():
        note = one(actor, public_id)
        journal.read(actor, "family.open", public_id, note.row.client, ground="own")
        return note


# By itself

def tell_due() -> int:
    """A mail without a word of it to clients for whom a new note waits, one a day at most; returns how many."""
    with db.writing():
        fresh = FamilyRequest.select(FamilyRequest.client).where(
            FamilyRequest.told_at.is_null(), FamilyRequest.decided_at.is_null())
        clients = list(Client.select().where(Client.id.in_(fresh), Client.erased_at.is_null()))
        return sum(_tell(client) for client in clients)


def _tell(client) -> bool:
    user = client.user
    lately = Outbox.select().where(Outbox.user == user, Outbox.created_at > clock.now() - DAY)
    if not (user and user.active and user.email) or lately.exists():
        return False
    with force_locale(user.language):
        body = _("Something new waits for you.")
        mail.post(user, "", f"{body}\n\n{mail.link('/me')}\n")
    FamilyRequest.update(told_at=clock.now()).where(FamilyRequest.client == client).execute()
    journal.wrote(None, "family.tell", client.public_id, client)
    return True


def drop(old) -> int:
    """Deletes notes of a condition with the tasks about them, and those for nobody; belongs inside `db.writing()`."""
    old = old | FamilyRequest.client.is_null()
    Task.delete().where(Task.kind == TaskKind.FAMILY_NOTE,
                        Task.about.in_(FamilyRequest.select(FamilyRequest.public_id).where(old))).execute()
    return FamilyRequest.delete().where(old).execute()
