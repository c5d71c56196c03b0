"""The outbox: a mail is written in the transaction of its cause and sent by a job, once.

No client's name ever stands in a mail, and a client's own mails all have the same subject. A mail that rests on a
consent, or is about a visit, is checked against that again when it goes out. An address that a server refused for
good gets none any more (services/bounces.py). `tell` asks how a person wants to be told; `post` is for what has to go.
"""
import smtplib
from contextlib import closing
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from flask_babel import force_locale
from flask_babel import gettext as _
from peewee import fn

import clock
import db
import policy
from errors import SealBroken
from exporters import ics
from models import (
    Booking,
    Consent,
    DigestLine,
    Outbox,
    OutboxState,
    Prompt,
    PromptState,
    Referral,
    ReferralState,
    Role,
    Telling,
    TokenKind,
    Topic,
    User,
)
from services import bounces, keys, preferences
from text import clean_text

BATCH = 50
# what does not open, or whose addresses the library of headers stumbles over: it fails alone, the others go out
UNWRITABLE = (SealBroken, MessageError, ValueError, LookupError, AttributeError)
ANSWERABLE = (ReferralState.SENT, ReferralState.QUESTION)
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


def own_address() -> str:
    """The network's address, which mails come from."""
    return parseaddr(Settings.sender)[1]


# Into the outbox

def tell(user: User, topic: Topic, subject: str, body: str, path: str = "", **about) -> Outbox | None:
    """Tells a person as they chose for the topic: a mail now, a line of the next digest, or neither.

    `path` is where the line leads; `about` as of `post`. Inside the transaction of its cause, in the user's language.
    """
    how = preferences.telling(user, topic) if user.email else Telling.NONE
    if how is Telling.DIGEST:
        db.add(DigestLine(user=user.id, topic=topic, subject=clean_text(subject, limit=200), path=path,
                          booking=about.get("booking"), at=clock.now()))
    return post(user, subject, body, **about) if how is Telling.EACH else None


def post(user: User, subject: str, body: str, calendar: str = "", consent: Consent | None = None,
         booking: Booking | None = None, reply_to: str = "", referral: Referral | None = None) -> Outbox:
    """Puts a mail to `user` into the outbox; belongs inside the transaction of its cause.

    It goes out only while `consent` holds and while the user may see `booking` and `referral`. `calendar` is what
    `ics.noted` gave: the worker that sends makes the file.
    """
    if user.role is Role.CLIENT:  # others see a telephone's screen; there only this may stand
        subject = _("Message from Návaznost")
    row = Outbox(recipient=user.email, subject=clean_text(subject, limit=200), user=user, calendar=calendar,
                 consent=consent, booking=booking, referral=referral, reply_to=clean_text(reply_to, limit=254),
                 created_at=clock.now(), next_try_at=clock.now())
    row.body = keys.seal(row, "body", clean_text(body, lines=True, limit=20_000), keys.SYSTEM)
    db.add(row)
    return row


def post_to(address: str, subject: str, body: str, reply_to: str = "", referral: Referral | None = None,
            prompt: Prompt | None = None) -> Outbox:
    """A mail to somebody who has no account, or to a client's own address; answers go to `reply_to`. Inside a
    transaction too.

    It goes out only while `referral` waits for their answer, and while `prompt` does.
    """
    row = Outbox(recipient=clean_text(address, limit=254), subject=clean_text(subject, limit=200), referral=referral,
                 prompt=prompt, reply_to=clean_text(reply_to, limit=254), created_at=clock.now(),
                 next_try_at=clock.now())
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
    except UNWRITABLE as error:
        _finish(row, OutboxState.FAILED, last_error=type(error).__name__)
        return False
    except (OSError, smtplib.SMTPException) as error:
        _put_off(row, error)
        return False
    with db.writing():
        _finish(row, OutboxState.SENT, sent_at=clock.now())
        if row.calendar and row.booking_id:
            note_told(row.booking_id, ics.sequence_of(row.calendar))
    return True


def note_told(booking_id: int, sequence: int) -> None:
    """Writes down that somebody was told of a booking as it was at `sequence`. Inside `db.writing()`."""
    Booking.update(told_sequence=sequence).where(
        Booking.id == booking_id, Booking.told_sequence < sequence).execute()


def _still_allowed(row) -> bool:
    if (row.user and not row.user.active) or bounces.is_dead(row.recipient):
        return False
    return (_consent_holds(row.consent_id) and (row.booking_id is None or _may_see(row.user, row.booking_id))
            and (row.referral_id is None or _referral_stands(row.user, row.referral_id))
            and (row.prompt_id is None or _prompt_is_open(row.prompt_id)))


def _prompt_is_open(prompt_id) -> bool:
    return Prompt.select().where(Prompt.id == prompt_id, Prompt.state == PromptState.OPEN).exists()


def _consent_holds(consent_id) -> bool:
    return consent_id is None or Consent.select().where(
        Consent.id == consent_id, policy.in_force(clock.today())).exists()


def _may_see(user, booking_id) -> bool:
    return policy.visible_bookings(user).where(Booking.id == booking_id).exists()


def _referral_stands(user, referral_id) -> bool:
    """Whether a referral is not taken back, and its reader still sees it; of one without account, whether it waits."""
    if user is None:
        return Referral.select().where(Referral.id == referral_id, Referral.state.in_(ANSWERABLE)).exists()
    return policy.visible_referrals(user).where(
        Referral.id == referral_id, Referral.state != ReferralState.WITHDRAWN).exists()


def _message(row) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = Settings.sender, row.recipient, row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.public_id}@{make_msgid(domain=_domain()).split('@')[1]}"
    if row.reply_to:
        message["Reply-To"] = Address(addr_spec=row.reply_to)  # folding what is no address could add a header
    if row.user_id or not row.reply_to:  # otherwise somebody wrote it
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(keys.unseal(row, "body", keys.SYSTEM))
    if row.calendar:
        _add_calendar(message, row.calendar)
    return message


def _add_calendar(message, calendar):
    """An entry to keep is a file; an invitation is another form of the text, as programs expect it (RFC 6047)."""
    method = ics.method_of(calendar)
    part = {"maintype": "text", "subtype": "calendar", "filename": "schuzka.ics",
            "params": {"method": method, "charset": "utf-8"}}
    if method == "PUBLISH":
        message.add_attachment(ics.written(calendar), **part)
    else:
        message.add_alternative(ics.written(calendar), disposition="inline", **part)


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
