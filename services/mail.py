"""The outbox: a mail is written in the transaction of its cause and sent by a job, once.

No client's name ever stands in a mail. A mail that rests on a consent is checked against it again when it goes out.
An address that a server refused for good gets none any more (services/bounces.py).
"""
import smtplib
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import fn

import clock
import db
from errors import SealBroken
from models import Consent, ConsentState, Outbox, OutboxState, TokenKind, User
from services import bounces, keys
from text import clean_text

BATCH = 50
STUCK_AFTER = timedelta(minutes=10)
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]


class Settings:
    """Where mail goes out; set once by the application."""

    base_url = host = user = password = tls = sender = ""
    port = 25


def configure(**settings) -> None:
    for name, value in settings.items():
        setattr(Settings, name, value)


def link(path: str) -> str:
    return Settings.base_url + path


# Into the outbox

def post(user: User, subject: str, body: str, calendar: str = "", consent: Consent | None = None) -> Outbox:
    """Puts a mail to `user` into the outbox; belongs inside the transaction of its cause."""
    row = Outbox(recipient=user.email, subject=clean_text(subject, limit=200), user=user, calendar=calendar,
                 consent=consent, created_at=clock.now(), next_try_at=clock.now())
    row.body = keys.seal(row, "body", clean_text(body, lines=True, limit=20_000), keys.SYSTEM)
    db.add(row)
    return row


def post_to(address: str, subject: str, body: str, reply_to: str = "") -> Outbox:
    """A mail to somebody who has no account; answers go to `reply_to`. Inside a transaction too."""
    row = Outbox(recipient=clean_text(address, limit=254), subject=clean_text(subject, limit=200),
                 reply_to=clean_text(reply_to, limit=254), created_at=clock.now(), next_try_at=clock.now())
    row.body = keys.seal(row, "body", clean_text(body, lines=True, limit=20_000), keys.SYSTEM)
    db.add(row)
    return row


def account_link(user: User, kind: TokenKind, token: str) -> None:
    """The mail with a link to set a password."""
    with force_locale(user.language):
        if kind is TokenKind.INVITATION:
            subject = _("Invitation to Návaznost")
            opening = _("You have been invited to Návaznost. Set your password here within 7 days:")
        else:
            subject = _("New password for Návaznost")
            opening = _("Somebody, probably you, asked for a new password. Set it here within an hour:")
        ignore = _("If you did not expect this mail, ignore it. Nothing happens.")
        post(user, subject, f"{opening}\n\n{link('/password/' + token)}\n\n{ignore}\n")


def new_colleague(lead: User, user: User) -> None:
    """Tells a lead that somebody got an account in their organisation."""
    with force_locale(lead.language):
        body = _("%(name)s (%(email)s) has been invited to Návaznost in your organisation. If you do not know of it, "
                 "tell the administrator of the network at once.", name=user.name, email=user.email)
        post(lead, _("A new account in your organisation"), body + "\n")


# Out of the outbox

def deliver_due(limit: int = BATCH) -> int:
    """Sends what is due; returns how many mails went out. A dead server leaves them waiting."""
    rows = _claim(limit)
    if not rows:
        return 0
    try:
        server = _server()
    except (OSError, smtplib.SMTPException) as error:
        for row in rows:
            _put_off(row, error)
        return 0
    with closing(server):
        return sum(_send(server, row) for row in rows)


def _claim(limit):
    """Takes due mails for this sender, so that no other sends them too."""
    now = clock.now()
    with db.writing():
        Outbox.update(state=OutboxState.WAITING).where(
            Outbox.state == OutboxState.SENDING, Outbox.next_try_at < now - STUCK_AFTER).execute()
        due = Outbox.select().where(Outbox.state == OutboxState.WAITING, Outbox.next_try_at <= now) \
            .order_by(Outbox.id).limit(limit)
        rows = list(db.locked(due))
        Outbox.update(state=OutboxState.SENDING, attempts=Outbox.attempts + 1, next_try_at=now).where(
            Outbox.id.in_([row.id for row in rows])).execute()
    return rows


def _server():
    secure = smtplib.SMTP_SSL if Settings.tls == "tls" else smtplib.SMTP
    server = secure(Settings.host, Settings.port, timeout=10)
    if Settings.tls == "starttls":
        server.starttls()
    if Settings.user:
        server.login(Settings.user, Settings.password)
    return server


def _send(server, row) -> bool:
    if not _still_allowed(row):
        _finish(row, OutboxState.CANCELLED)
        return False
    try:
        server.send_message(_message(row))
    except smtplib.SMTPRecipientsRefused as error:
        _refused(row, error)
        return False
    except SealBroken:
        _finish(row, OutboxState.FAILED, last_error="SealBroken")
        return False
    except (OSError, smtplib.SMTPException) as error:
        _put_off(row, error)
        return False
    _finish(row, OutboxState.SENT, sent_at=clock.now())
    return True


def _still_allowed(row) -> bool:
    if (row.user and not row.user.active) or bounces.is_dead(row.recipient):
        return False
    today = clock.today()
    return row.consent_id is None or Consent.select().where(
        Consent.id == row.consent_id, Consent.state == ConsentState.ACTIVE,
        Consent.from_on <= today, Consent.until_on >= today).exists()


def _message(row) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = Settings.sender, row.recipient, row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.public_id}@{make_msgid(domain=_domain()).split('@')[1]}"
    if row.reply_to:  # somebody wrote it
        message["Reply-To"] = row.reply_to
    else:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(keys.unseal(row, "body", keys.SYSTEM))
    if row.calendar:
        message.add_attachment(row.calendar.encode(), maintype="text", subtype="calendar", filename="schuzka.ics",
                               params={"method": "PUBLISH", "charset": "utf-8"})
    return message


def _domain():
    return Settings.sender.rsplit("@", 1)[-1].strip("> ") or "localhost"


def _refused(row, error):
    code, said = next(iter(error.recipients.values()))
    if code >= 500:
        _finish(row, OutboxState.FAILED, last_error=f"{code}")
        bounces.note_refusal(row.recipient, code, said)
    else:
        _put_off(row, error)


def _put_off(row, error):
    wait = WAITS[min(row.attempts, len(WAITS) - 1)]
    _finish(row, OutboxState.WAITING, next_try_at=clock.now() + wait, last_error=type(error).__name__)


def _finish(row, state, **columns):
    with db.writing():
        Outbox.update(state=state, **columns).where(Outbox.id == row.id).execute()


def waiting() -> int:
    """How many mails wait, for the health page."""
    unsent = Outbox.state.in_([OutboxState.WAITING, OutboxState.SENDING])
    return Outbox.select(fn.COUNT(Outbox.id)).where(unsent).scalar()
