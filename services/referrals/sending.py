"""Writing a referral, sending it, amending it. What was typed for one service is taken along to the next."""
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _

import clock
import db
from crypto import ALPHABET
from errors import Missing, RuleBroken
from models import (
    Level,
    Need,
    Referral,
    ReferralAnswer,
    ReferralCondition,
    ReferralEvent,
    ReferralKind,
    ReferralNeed,
    ReferralReason,
)
from services import consents, files, journal, keys
from services.referrals import fitting, levels, overlap, telling
from services.referrals.changing import begin, end_access, locked, move
from services.referrals.machine import OPEN, Event, Side, State
from services.slots import working_days_after
from text import clean_text

ANSWER_DAYS = 5  # working days
MOST_A_DAY = 5  # services that a client asks by themself
LONGEST_MESSAGE, LONGEST_CHANNEL, LONGEST_ANSWER = 2000, 200, 500
DROPPED_AFTER_DAYS = 90
COUNTED_FOR = timedelta(days=2 * 366)  # among unmet needs


@dataclass(frozen=True)
class Content:
    """What a referral says. `conditions`: text → (met or None, why go on); `answers` to the service's questions."""

    needs: list[Need] = field(default_factory=list)
    level: Level = Level.CHOICES
    kind: ReferralKind = ReferralKind.SHARE
    release_month: str = ""
    language: str = ""
    channel: str = ""
    message: str = ""
    conditions: dict[str, tuple[bool | None, str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    overlap_reason: str = ""


def start(actor, client_public_id: str, service_public_id: str, request_key: str, needs: list[Need] = ()) -> Referral:
    """A draft for one of the actor's own clients; the same key again gives the same draft. Raises Missing."""
    with db.writing():
        client = files.own_client_of(actor, client_public_id)
        found = Referral.get_or_none(Referral.request_key == request_key, Referral.author == actor.id)
        return found or _create(actor, client, fitting.service(service_public_id), request_key,
                                sender=actor.organisation_id, needs=needs)


def start_to_office(actor, client_public_id: str) -> Referral:
    """A draft for the curator of the town to which an own client returns, with the needs of the actor's plan; where
    one is there or on its way, that one. Raises Missing."""
    with db.writing():
        client = files.own_client_of(actor, client_public_id)
        office = fitting.office_of(actor, client)
        found = Referral.select().where(
            Referral.client == client, Referral.sender == actor.organisation_id, Referral.receiver == office,
            Referral.state.in_([State.DRAFT, *OPEN])).order_by(Referral.id.desc()).first()
        return found or _create(actor, client, None, "", actor.organisation_id, fitting.planned(actor, client),
                                receiver=office)


def _create(actor, client, service, request_key, sender, needs, kind=ReferralKind.SHARE, parent=None,
            receiver=None) -> Referral:
    if service and service.organisation_id == sender:
        raise RuleBroken(_("This is a service of your own organisation."), field="service")
    release = client.planned_release_on if client.released_on is None else None
    row = Referral.create(
        number=_number(), request_key=_key(request_key), client=client, kind=kind, sender=sender, author=actor.id,
        service=service, receiver=receiver or service.organisation, region=client.region_id, parent=parent,
        release_month=f"{release:%Y-%m}" if release else "", language=client.languages.split(";")[0] or "cs")
    _set_needs(row, needs)
    journal.wrote(actor, "referral.start", row.public_id, client, "needs")
    return row


def _number():
    return f"P-{clock.today().year}-" + "".join(secrets.choice(ALPHABET) for _sign in range(6))


def _key(given: str) -> str:
    """A key of a form; one that is taken, or none, is nobody's business: a new one."""
    given = clean_text(given, limit=64)
    taken = not given or Referral.select().where(Referral.request_key == given).exists()
    return secrets.token_urlsafe(16) if taken else given


def _set_needs(row, needs):
    ReferralNeed.delete().where(ReferralNeed.referral == row).execute()
    for need in needs:
        ReferralNeed.create(referral=row, need=need)


def write(actor, public_id: str, content: Content) -> Referral:
    """Keeps what is typed into a draft. Raises Missing, and RuleBroken where a text names the client."""
    with db.writing():
        row = _draft(actor, public_id)
        _fill(row, content)
        fitting.keep(row, content.conditions)
        _keep_answers(row, content.answers if content.level >= Level.CODE else {})
        journal.wrote(actor, "referral.write", row.public_id, row.client, "needs")
        return row


def _draft(actor, public_id) -> Referral:
    row, sides = locked(actor, public_id)
    if not sides & {Side.AUTHOR, Side.CLIENT}:
        raise Missing(public_id)
    if row.state is not State.DRAFT:
        raise RuleBroken(_("This referral has been sent. Amend it instead."))
    return row


def _fill(row, content):
    levels.check(row, content.level)
    row.level, row.kind = content.level, row.kind if row.kind is ReferralKind.SELF else content.kind
    row.release_month, row.language = content.release_month, content.language
    row.overlap_reason = _sealed(row, "overlap_reason", content.overlap_reason, LONGEST_ANSWER)
    _fill_texts(row, content)
    _set_needs(row, content.needs)
    row.changed_at = clock.now()
    row.save()


def _fill_texts(row, content):
    """L0 is choices only; who has no field for a channel, as a town's curator, gives none."""
    with_text = content.level >= Level.CODE
    row.message = _sealed(row, "message", content.message if with_text else "", LONGEST_MESSAGE)
    row.channel = _sealed(row, "channel", content.channel if with_text and has_channel(row) else "", LONGEST_CHANNEL)


def has_channel(row: Referral) -> bool:
    """Whether the form asks how to reach the person: not where only the client may bring who they are."""
    return row.sender is None or levels.highest(row.sender, row.receiver) > Level.CODE


def _sealed(row, column, text, limit):
    return keys.seal(row, column, levels.words(row.client, text, column, limit), row.client)


def _keep_answers(row, answers):
    ReferralAnswer.delete().where(ReferralAnswer.referral == row).execute()
    for question, text in answers.items():
        each = ReferralAnswer(referral=row, question=question)
        each.answer = keys.seal(each, "answer", levels.words(row.client, text, "answers", LONGEST_ANSWER), row.client)
        if each.answer:
            each.save(force_insert=True)


def send(actor, public_id: str) -> Referral:
    """Sends a draft. Raises Missing, RuleBroken (fitting.DoesNotFit, overlap.Overlap). A second form finds it sent."""
    with db.writing():
        row, sides = locked(actor, public_id)
        if not sides & {Side.AUTHOR, Side.CLIENT}:
            raise Missing(public_id)
        if row.state is State.SENT:
            return row
        check(actor, row)
        _go(actor, row, sides)
        return row


def check(actor, row: Referral) -> None:
    if not fitting.needs_of(row):
        raise RuleBroken(_("Choose what the client needs."), field="needs")
    if not fitting.is_there(row):
        raise RuleBroken(_("This service has ended. Choose another one."), field="conditions")
    levels.check(row, Level(row.level))
    fitting.check(row)
    if row.kind is not ReferralKind.SELF:
        overlap.check(actor, row)


def _go(actor, row, sides):
    now, desk = clock.now(), levels.has_desk(row.receiver)
    if not desk and not row.receiver.email:
        raise RuleBroken(_("This organisation has neither an account nor a mail address. Telephone it."))
    if not desk:
        telling.send_link(row)
    move(actor, row, Event.SEND, sides, sent_at=now, answer_by=working_days_after(clock.today(), ANSWER_DAYS))
    telling.tell(telling.receivers(row), row, lambda: _("A referral to your service"),
                 lambda: _("A referral to your service waits for an answer within five working days."))
    overlap.tell_quietly(actor, row)


def cannot_meet(actor, public_id: str, content: Content) -> Referral:
    """Keeps a draft, and that a condition of the service cannot be met: the need counts as unmet. Nothing is sent.

    A second form finds it written down. Raises as `write`, and RuleBroken where no condition is ticked as not met.
    """
    with db.writing():
        row = write(actor, public_id, content)
        _row, sides = locked(actor, public_id)
        if not fitting.needs_of(row):
            raise RuleBroken(_("Choose what the client needs."), field="needs")
        if not any(met is False for met, _why in content.conditions.values()):
            raise RuleBroken(_("Mark which condition is not met."), field="conditions")
        if not cannot_be_met(row):
            move(actor, row, Event.CANNOT_MEET, sides, reason=ReferralReason.CONDITIONS, changes=_of_service(row))
        return row


def cannot_be_met(row: Referral) -> bool:
    """Whether its author wrote down that a condition of the service that it is for now cannot be met."""
    return ReferralEvent.select().where(
        ReferralEvent.referral == row, ReferralEvent.event == Event.CANNOT_MEET,
        ReferralEvent.changes == json.dumps(_of_service(row))).exists()


def _of_service(row):
    return {"service": [row.service_id]}


def change_service(actor, public_id: str, service_public_id: str) -> Referral:
    """Another service for a draft; everything typed stays."""
    with db.writing():
        row, service = _draft(actor, public_id), fitting.service(service_public_id)
        _aim_at(row, service)
        journal.wrote(actor, "referral.write", row.public_id, row.client, "needs")
        return row


def _aim_at(row, service):
    if service.organisation_id == row.sender_id:
        raise RuleBroken(_("This is a service of your own organisation."), field="service")
    row.service, row.receiver = service, service.organisation
    row.level = min(row.level, levels.highest(row.sender, row.receiver), levels.granted(row.client, row.receiver))
    if not has_channel(row):
        row.channel = None
    row.save()


def again(actor, public_id: str, service_public_id: str) -> Referral:
    """A new draft for another service, with all that the first one said. Twice gives the same draft."""
    with db.writing():
        row, sides = locked(actor, public_id)
        if not sides & {Side.AUTHOR, Side.CLIENT} or row.state not in AGAIN_AFTER:
            raise Missing(public_id)
        service = fitting.service(service_public_id)
        return _child(row, service) or copy(actor, row, service, row.sender_id)


AGAIN_AFTER = (State.DECLINED, State.UNANSWERED, State.WITHDRAWN)


def _child(row, service):
    return Referral.get_or_none(Referral.parent == row, Referral.service == service, Referral.state == State.DRAFT)


def copy(actor, row: Referral, service, sender) -> Referral:
    """The same for another service, as a draft. Sealed texts are sealed anew: they are bound to their row."""
    new = _create(actor, row.client, service, "", sender, fitting.needs_of(row), row.kind, row)
    opened = keys.opener(row.client)
    content = Content(
        fitting.needs_of(row), min(Level(row.level), levels.highest(new.sender, new.receiver),
                                   levels.granted(row.client, new.receiver)),
        row.kind, row.release_month, row.language, opened(row, "channel"), opened(row, "message"),
        fitting.known(row), {each.question: opened(each, "answer") for each in answers_of(row)})
    _fill(new, content)
    fitting.keep(new, content.conditions)
    _keep_answers(new, content.answers if content.level >= Level.CODE else {})
    return new


def answers_of(row: Referral) -> list[ReferralAnswer]:
    return list(ReferralAnswer.select().where(ReferralAnswer.referral == row).order_by(ReferralAnswer.id))


def amend(actor, public_id: str, content: Content) -> Referral:
    """Changes what a sent referral says; the receiver is told what changed. Going down is immediate."""
    with db.writing():
        row, sides = begin(actor, public_id, Event.AMEND)
        if content.level > row.level:
            levels.check(row, content.level)
        old = _choices(row)
        texts = {name: keys.unseal(row, name, row.client) for name in ("message", "channel")}
        row.level, row.release_month, row.language = content.level, content.release_month, content.language
        _fill_texts(row, content)
        changes = {name: [was, value] for name, value in _choices(row).items() if value != (was := old[name])}
        changes |= {name: [] for name, text in texts.items() if keys.unseal(row, name, row.client) != text}
        if changes:
            _amended(actor, row, sides, old["level"], changes)
        return row


def _choices(row):
    return {"level": int(row.level), "release_month": row.release_month, "language": row.language}


def _amended(actor, row, sides, old_level, changes):
    move(actor, row, Event.AMEND, sides, changes=changes)
    if row.level < old_level:
        _went_down(row, old_level)
    elif row.state in (State.ACCEPTED, State.IN_CARE):
        levels.join(row)
    telling.tell(telling.receivers(row), row, lambda: _("A referral has changed"),
                 lambda: _("The sender changed a referral to your service. See what is new."))


def _went_down(row, old_level):
    if row.level < Level.CODE:
        levels.leave(row)
    if old_level >= Level.IDENTITY > row.level:
        shown, row.level = row.level, old_level
        end_access(row)
        row.level = shown
        if shown >= Level.CODE and row.state in (State.ACCEPTED, State.IN_CARE):
            levels.join(row)


def ask_for_self(actor, service_public_id: str, needs: list[Need], level: Level, channel: str, message: str,
                 request_key: str) -> Referral:
    """The client asks a service by themself, showing as much as they choose; their own word is the ground.

    The same form again finds what was sent. Raises Missing, RuleBroken.
    """
    with db.writing():
        found = Referral.get_or_none(Referral.request_key == request_key, Referral.author == actor.id)
        if found:
            return found
        _not_too_many(actor)
        client, service = consents.client_of(actor), fitting.service_for_clients(service_public_id)
        row = _create(actor, client, service, request_key, None, needs, ReferralKind.SELF)
        write(actor, row.public_id, Content(needs, level, ReferralKind.SELF, row.release_month, row.language, channel,
                                            message))
        return send(actor, row.public_id)


def _not_too_many(actor):
    lately = Referral.select().where(Referral.author == actor.id, Referral.created_at > clock.now() - timedelta(days=1))
    if lately.count() >= MOST_A_DAY:
        raise RuleBroken(_("You have asked %(num)d services today. Wait for their answer, or telephone.",
                           num=MOST_A_DAY))


def write_and_send(actor, public_id: str, content: Content) -> Referral:
    """Sends what is typed; where it may not be sent it is kept, for another service. Raises as `write` and `send`."""
    with db.writing():
        write(actor, public_id, content)
        try:
            with db.writing():
                return send(actor, public_id)
        except RuleBroken as error:
            refused = error
    raise refused


def drop_old() -> int:
    """Drafts go after 90 days; of one whose condition could not be met what was written goes, the count stays."""
    before = clock.now() - timedelta(days=DROPPED_AFTER_DAYS)
    old = (Referral.state == State.DRAFT) & (Referral.changed_at < before)
    counted = ReferralEvent.select(ReferralEvent.referral).where(
        ReferralEvent.event == Event.CANNOT_MEET, ReferralEvent.at > clock.now() - COUNTED_FOR)
    with db.writing():
        emptied = Referral.select(Referral.id).where(old, Referral.id.in_(counted))
        for model in (ReferralCondition, ReferralAnswer):
            model.delete().where(model.referral.in_(emptied)).execute()
        Referral.update(message=None, channel=None, overlap_reason=None).where(old, Referral.id.in_(counted)).execute()
        return Referral.delete().where(old, Referral.id.not_in(counted)).execute()
