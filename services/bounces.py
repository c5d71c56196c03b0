"""Addresses that mail does not reach: what servers refuse for good, at once or by a mail that comes back.

A mail that comes back (RFC 3464) counts only where it quotes the Message-ID of a mail of ours: the id is random, so
nobody can have somebody else's address struck off with a made-up one. Whose address it is our outbox says.
"""
import email
import email.policy
import mailbox
import re
from collections.abc import Iterator
from pathlib import Path

from peewee import fn

import clock
import db
from models import ContactPerson, DeadAddress, FactGroup, Organisation, Outbox, User
from services import journal

OUR_ID = re.compile(r"<([A-Za-z0-9_-]{22})@")
STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
# full for now, too large, refused for what it says: the address itself may well be right
NOT_THE_ADDRESS = re.compile(r"5\.(2\.[23]|3\.\d+|6\.\d+|7\.\d+)")
GROUPS = (FactGroup.CONTACT, FactGroup.PEOPLE)


def is_dead(address: str) -> bool:
    return DeadAddress.select().where(DeadAddress.address == address.lower()).exists()


def note(address: str, status: str) -> bool:
    """Writes down that an address was refused for good; False where the address itself is not to blame."""
    if NOT_THE_ADDRESS.search(status):
        return False
    with db.writing():
        row = {"address": address.lower(), "status": status[:20], "since": clock.now()}
        DeadAddress.insert(**row).on_conflict_ignore().execute()
        journal.wrote(None, "mail.dead_address")
    return True


def note_refusal(address: str, code: int, said: bytes) -> bool:
    """The answer of a server to a recipient: its code, and the status in its words if it has one."""
    found = STATUS.search(said.decode(errors="replace"))
    return note(address, found[0] if found else str(code))


def forget(organisation: Organisation, group: FactGroup) -> None:
    """Who confirms the contacts of an organisation says that their addresses work. Inside `db.writing()`."""
    if group in GROUPS:
        DeadAddress.delete().where(DeadAddress.address.in_(_addresses(organisation.id))).execute()


def among(organisation):
    """A query of the dead ones among the addresses of an organisation (its id, or a column of it)."""
    return DeadAddress.select().where(DeadAddress.address.in_(_addresses(organisation)))


def _addresses(organisation):
    itself = Organisation.alias("itself")
    people = ContactPerson.select(fn.LOWER(ContactPerson.email)).where(
        ContactPerson.organisation == organisation, ContactPerson.email != "", ContactPerson.ended_on.is_null())
    return people.union_all(itself.select(fn.LOWER(itself.email)).where(itself.id == organisation))


def of(organisation):
    """A query of the dead addresses of an organisation (its id), of its contact persons, of its people's accounts."""
    accounts = User.select(fn.LOWER(User.email)).where(User.organisation == organisation, User.active == True)  # noqa: E712
    everybody = _addresses(organisation).union_all(accounts)
    return DeadAddress.select().where(DeadAddress.address.in_(everybody))


# Mails that came back

def read(path: Path) -> tuple[int, int]:
    """Reads a file of mails (one mail, or an mbox); returns how many mails it has and how many addresses are dead."""
    mails = list(_mails(path))
    return len(mails), sum(note(*refused) for each in mails for refused in _refused_for_good(each))


def _mails(path: Path) -> Iterator[email.message.EmailMessage]:
    content = path.read_bytes()
    if not content.startswith(b"From "):
        yield email.message_from_bytes(content, policy=email.policy.default)
        return
    box = mailbox.mbox(path, create=False)
    for key in box.keys():  # noqa: SIM118 - a mailbox is no dict
        yield email.message_from_bytes(box.get_bytes(key), policy=email.policy.default)


def _refused_for_good(message) -> Iterator[tuple[str, str]]:
    """Pairs (address, status) of a mail that says that mails of ours could not be delivered."""
    if message.get_content_type() != "multipart/report":
        return
    sent = _our_recipient(message)
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            # each mail of ours has one recipient; a server behind an alias names another one
            yield from ((sent, status) for fields in part.get_payload() if sent and (status := _failed(fields)))


def _failed(fields) -> str | None:
    """The status of a recipient who will never get the mail."""
    status = str(fields.get("Status", "")).strip().split(" ")[0]
    failed = str(fields.get("Action", "")).strip().lower() == "failed"
    return status if failed and STATUS.fullmatch(status) else None


def _our_recipient(message) -> str | None:
    """Whom the mail of ours that this one quotes was sent to; None where it quotes none."""
    for part in message.walk():
        quoted = part.get_content_type()
        if quoted not in {"message/rfc822", "text/rfc822-headers"}:
            continue
        text = part.get_payload(0).as_string() if quoted == "message/rfc822" else part.get_content()
        headers = email.message_from_string(text)
        found = OUR_ID.match(headers.get("Message-ID", "").strip())
        row = Outbox.get_or_none(Outbox.public_id == found[1]) if found else None
        if row:
            return row.recipient.lower()
    return None
