"""Whether those who were told of a visit got the mail."""
import enum
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from peewee import JOIN, fn

import db
from models import DeadAddress, DigestLine, Organisation, Outbox, OutboxState, User


class Arrived(enum.StrEnum):
    SENT = "sent"
    WAITING = "waiting"
    IN_DIGEST = "in_digest"
    DEAD = "dead"  # a server refused the address for good, at once or by a mail that came back
    NOT_SENT = "not_sent"  # failed, or not allowed any more when its turn came


WORDS = {Arrived.SENT: _l("sent"), Arrived.WAITING: _l("waits to be sent"),
         Arrived.IN_DIGEST: _l("waits for the morning summary"), Arrived.DEAD: _l("the address does not work"),
         Arrived.NOT_SENT: _l("was not sent")}
OF_STATE = {OutboxState.WAITING: Arrived.WAITING, OutboxState.SENDING: Arrived.WAITING,
            OutboxState.SENT: Arrived.SENT, OutboxState.FAILED: Arrived.NOT_SENT,
            OutboxState.CANCELLED: Arrived.NOT_SENT}


@dataclass(frozen=True)
class Delivery:
    """The last that one person was told of a visit; `at` is when it was sent, or written where it was not."""

    name: str
    organisation: str
    arrived: Arrived
    at: datetime

    @property
    def word(self):
        return WORDS[self.arrived]


def deliveries(booking) -> list[Delivery]:
    """Who was told last when, and whether it arrived; for both sides of the visit."""
    told = [*map(_of_mail, db.kept(_mails_of, booking=booking.id)),
            *map(_of_line, db.kept(_lines_of, booking=booking.id))]
    last = {each.name: each for each in sorted(told, key=lambda each: each.at)}
    return sorted(last.values(), key=lambda each: (each.organisation, each.name))


def _of_mail(row):
    state, at, sent_at, dead, *person = row
    return Delivery(*_named(*person), Arrived.DEAD if dead else OF_STATE[state], sent_at or at)


def _of_line(row):
    at, *person = row
    return Delivery(*_named(*person), Arrived.IN_DIGEST, at)


def _named(name, organisation, short):
    return name, short or organisation or ""


PERSON = (User.name, Organisation.name, Organisation.short_name)


def _mails_of(booking):
    return (Outbox.select(Outbox.state, Outbox.created_at, Outbox.sent_at, DeadAddress.id, *PERSON)
            .join(User).join(Organisation, JOIN.LEFT_OUTER)
            .join_from(Outbox, DeadAddress, JOIN.LEFT_OUTER, on=(DeadAddress.address == fn.LOWER(Outbox.recipient)))
            .where(Outbox.booking == booking).order_by(Outbox.id).tuples())


def _lines_of(booking):
    return (DigestLine.select(DigestLine.at, *PERSON).join(User).join(Organisation, JOIN.LEFT_OUTER)
            .where(DigestLine.booking == booking).order_by(DigestLine.id).tuples())
