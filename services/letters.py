"""Mails that an organisation writes again and again: templates with fields, filled from the book, sent and logged.

A field is a name in double braces. Filling is one pass of plain replacement: what is filled in is never looked at
again, and nothing in a template is ever run.
"""
import re
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
import formats
from errors import Missing, RuleBroken
from models import ContactPerson, Kind, MailTemplate, Organisation, Outbox, Role
from policy import Can, may, visible_organisations
from services import cooperation, journal, mail
from text import clean_text, sort_key

FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
FIELDS = {
    "organisation": _l("your organisation"),
    "sender": _l("your name"),
    "post": _l("your post"),
    "email": _l("your e-mail"),
    "addressee": _l("the organisation you write to"),
    "prison": _l("the prison you write to"),
    "contact": _l("the person you write to"),
    "today": _l("today's date"),
}
MOST_TEMPLATES = 50
MOST_A_DAY = 40  # mails of one person
TWICE_WITHIN = timedelta(minutes=2)  # the same mail again is a second press of the button


# Templates

def templates(actor) -> list[MailTemplate]:
    """The templates of the actor's organisation, in Czech order."""
    if not may(actor, Can.WRITE_TEMPLATES):
        raise Missing
    rows = MailTemplate.select().where(MailTemplate.organisation == actor.organisation_id)
    return sorted(rows, key=lambda row: sort_key(row.name))


def template(actor, public_id: str) -> MailTemplate:
    """Raises Missing."""
    found = next((row for row in templates(actor) if row.public_id == public_id), None)
    if found is None:
        raise Missing
    return found


def save(actor, public_id: str | None, name: str, subject: str, body: str) -> MailTemplate:
    """Writes a template (None: a new one). Raises RuleBroken for a field that there is not, and for a name twice."""
    name = clean_text(name, limit=100)
    for column, text in (("subject", subject), ("body", body)):
        _refuse_unknown(text, column)
    with db.writing():
        others = [row for row in templates(actor) if row.public_id != public_id]
        if any(row.name == name for row in others):
            raise RuleBroken(_("There is a template of this name already."), "name")
        if len(others) >= MOST_TEMPLATES:
            raise RuleBroken(_("There are %(count)d templates. Remove one first.", count=MOST_TEMPLATES))
        row = template(actor, public_id) if public_id else MailTemplate(organisation=actor.organisation_id)
        row.name, row.subject = name, clean_text(subject, limit=200)
        row.body = clean_text(body, lines=True, limit=10_000)
        row.changed_by, row.changed_at = actor, clock.now()
        row.save()
        journal.wrote(actor, "template.save", row.public_id)
        return row


def remove(actor, public_id: str) -> None:
    with db.writing():
        template(actor, public_id).delete_instance()
        journal.wrote(actor, "template.remove", public_id)


def _refuse_unknown(text, column):
    unknown = [name for name in FIELD.findall(text or "") if name not in FIELDS]
    if unknown:
        raise RuleBroken(_("There is no field %(name)s.", name="{{" + unknown[0] + "}}"), column)


def fill(text: str, values: dict[str, str]) -> str:
    """`text` with its fields filled in; a field without a value stays as it is, so that it is seen."""
    return FIELD.sub(lambda field: values.get(field[1]) or field[0], text)


# Writing to somebody of the book

@dataclass(frozen=True)
class Addressee:
    """Who can be written to: a contact person, or the organisation itself (no public id)."""

    public_id: str
    name: str
    post: str
    email: str


@dataclass(frozen=True)
class Letter:
    """A mail to look over. `logged` is what its sending writes on a co-operation: log, start, wait or nothing."""

    organisation: Organisation
    addressees: list[Addressee]
    chosen: Addressee | None
    templates: list[MailTemplate]
    template: MailTemplate | None
    subject: str
    body: str
    logged: str


def letter(actor, organisation_id: str, contact_id: str | None = None, template_id: str | None = None) -> Letter:
    """The mail as the template has it, filled from the book; nothing chosen is the first. Raises Missing."""
    rows = templates(actor)
    target = _target(actor, organisation_id)
    to = _addressees(target)
    chosen = next((each for each in to if each.public_id == contact_id), to[0] if to else None)
    picked = next((row for row in rows if row.public_id == template_id), rows[0] if rows else None)
    values = _values(actor, target, chosen) if chosen else {}
    return Letter(target, to, chosen, rows, picked, fill(picked.subject, values) if picked else "",
                  fill(picked.body, values) if picked else "", _what_is_logged(actor, target))


def _target(actor, public_id) -> Organisation:
    found = visible_organisations(actor).where(Organisation.public_id == public_id).first()
    if found is None:
        raise Missing
    return found


def _addressees(target) -> list[Addressee]:
    people = ContactPerson.select().where(
        ContactPerson.organisation == target.id, ContactPerson.email != "",
        ContactPerson.ended_on.is_null() | (ContactPerson.ended_on >= clock.today())).order_by(ContactPerson.sort)
    found = [Addressee(person.public_id, person.name, person.post, person.email) for person in people]
    general = [Addressee("", target.name, "", target.email)] if target.email else []
    return [each for each in found + general if ADDRESS.fullmatch(each.email)]


def _values(actor, target, to) -> dict[str, str]:
    return {"organisation": actor.organisation.name, "sender": actor.name, "post": actor.post, "email": actor.email,
            "addressee": target.name, "prison": target.name if target.kind is Kind.PRISON else "", "contact": to.name,
            "today": formats.day(clock.today())}


def send(actor, organisation_id: str, contact_id: str, subject: str, body: str) -> str:
    """Sends the mail, logs it on the co-operation of the two and returns the name of whoever gets it.

    An organisation's first mail to a prison starts their record: interest, or a place on the waiting list.
    Raises Missing, RuleBroken.
    """
    if not may(actor, Can.WRITE_TEMPLATES):
        raise Missing
    with db.writing():
        target = _target(actor, organisation_id)
        to = next((each for each in _addressees(target) if each.public_id == contact_id), None)
        if to is None:
            raise RuleBroken(_("Choose whom to write to."), "contact")
        subject = clean_text(subject, limit=200)
        _check(actor, subject, body)
        if not _sent_just_now(actor, to, subject):
            mail.post_to(to.email, subject, f"{body.rstrip()}\n\n{_footer(actor)}\n", actor.email)
            journal.wrote(actor, "letter.send", target.public_id)
            _log(actor, target, f"{subject} – {to.name}")
        return to.name


def _check(actor, subject, body):
    for column, text in (("subject", subject), ("body", body)):
        left = FIELD.findall(text)
        if left:
            raise RuleBroken(_("Fill in %(name)s, or delete it.", name="{{" + left[0] + "}}"), column)
    since = clock.now() - timedelta(days=1)
    letters = Outbox.select().where(Outbox.reply_to == actor.email, Outbox.user.is_null())  # what we send has a user
    if letters.where(Outbox.created_at > since).count() >= MOST_A_DAY:
        raise RuleBroken(_("You have sent %(count)d mails today. Go on tomorrow.", count=MOST_A_DAY))


def _sent_just_now(actor, to, subject) -> bool:
    return Outbox.select().where(Outbox.reply_to == actor.email, Outbox.recipient == to.email,
                                 Outbox.subject == subject,
                                 Outbox.created_at > clock.now() - TWICE_WITHIN).exists()


def _footer(actor) -> str:
    return _("Sent through Návaznost by %(name)s, %(organisation)s. Your answer goes to %(email)s.", name=actor.name,
             organisation=actor.organisation.name, email=actor.email)


def _sides(actor, target) -> tuple[int, int] | None:
    """(organisation, prison) of a mail between the two sides of a co-operation, either way."""
    if actor.role is Role.NGO and target.kind is Kind.PRISON:
        return actor.organisation_id, target.id
    if actor.role is Role.PRISON and target.kind is Kind.NGO:
        return target.id, actor.organisation_id
    return None


def _what_is_logged(actor, target) -> str:
    sides = _sides(actor, target)
    if sides is None:
        return ""
    if cooperation.exists(*sides):
        return "log"
    if actor.role is Role.PRISON:
        return ""
    return cooperation.starting(actor, target.public_id).event or ""


def _log(actor, target, about):
    event = _what_is_logged(actor, target)
    if event in {cooperation.Event.START, cooperation.Event.WAIT}:
        cooperation.begin(actor, target.public_id, cooperation.Event(event))
    if event:
        cooperation.log_mail(actor, *_sides(actor, target), about)
