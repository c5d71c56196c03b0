"""Emergency access: closed parts of a client's file are opened to save life or health, at once and for 72 hours.

There is no silent override: it is a record of its own with a written reason; a second person of the organisation
answers within a day or the operator is told, and the client reads who looked and why.
"""
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import Client, EmergencyAccess, Role, User
from policy import Can, may
from services import files, journal, keys, mail
from text import clean_text

LASTS = timedelta(hours=72)
TO_BE_CONFIRMED_IN = timedelta(hours=24)
SHORTEST, LONGEST = 20, 1000  # signs of a reason


def open_all(actor, client_public_id: str, reason: str) -> EmergencyAccess:
    """Opens the file of a client with whom the actor works already. Raises Missing, RuleBroken."""
    reason = clean_text(reason, lines=True, limit=LONGEST)
    if len(reason) < SHORTEST:
        raise RuleBroken(_("Write in a sentence whose life or health is in danger and why you need the file."),
                         field="reason")
    with db.writing():
        known = files.client_worked_with(actor, client_public_id)
        client = db.locked(Client.select().where(Client.id == known.id)).get()
        running = _running(actor, client).first()
        return running or _open_unless_refused(actor, client, reason)


def _open_unless_refused(actor, client, reason):
    refused = EmergencyAccess.select().where(
        EmergencyAccess.client == client, EmergencyAccess.actor == actor.id, EmergencyAccess.refused_at.is_null(False),
        EmergencyAccess.until_at > clock.now())
    if refused.exists():
        raise RuleBroken(_("A colleague said that this was not right. If a life is in danger now, ask another "
                           "colleague to open the file."), field="reason")
    return _open(actor, client, reason)


def _open(actor, client, reason):
    now = clock.now()
    row = EmergencyAccess(client=client, organisation=actor.organisation_id, actor=actor.id, at=now,
                          until_at=now + LASTS)
    row.reason = keys.seal(row, "reason", reason, client)
    db.add(row)
    journal.wrote(actor, "emergency.open", row.public_id, client=client, parts="emergency")
    for person in second_people(actor):
        with force_locale(person.language):
            mail.post(person, _("Emergency access: please confirm"), _opening(row) + "\n\n" + mail.link(
                f"/emergency/{row.public_id}") + "\n")
    return row


def _opening(row):
    return _("A colleague has opened a file to save life or health. Say within 24 hours whether that was right.")


def second_people(actor) -> list[User]:
    """Who can confirm: the other leads of the organisation; where there is none, its other people."""
    others = [person for person in policy.colleagues(actor) if person.id != actor.id and person.email]
    return [person for person in others if person.lead] or others


def _running(actor, client):
    return EmergencyAccess.select().where(
        EmergencyAccess.client == client, EmergencyAccess.actor == actor.id, EmergencyAccess.refused_at.is_null(),
        EmergencyAccess.until_at > clock.now())


def running(actor, client_public_id: str) -> EmergencyAccess | None:
    """The actor's own emergency access to a client that still runs."""
    client = files.client_worked_with(actor, client_public_id)
    return _running(actor, client).first()


def decide(actor, public_id: str, right: bool) -> EmergencyAccess:
    """A second person confirms an emergency access, or ends it at once. Raises Missing, RuleBroken."""
    with db.writing():
        found = _one_to_decide(actor, public_id)
        row = db.locked(EmergencyAccess.select().where(EmergencyAccess.id == found.id)).get()
        if row.confirmed_at or row.refused_at:
            raise RuleBroken(_("This has been decided already. See how it stands now."))
        row.confirmed_by, now = actor.id, clock.now()
        row.confirmed_at, row.refused_at = (now, None) if right else (None, now)
        row.save(only=[EmergencyAccess.confirmed_by, EmergencyAccess.confirmed_at, EmergencyAccess.refused_at])
        journal.wrote(actor, "emergency.confirm" if right else "emergency.refuse", row.public_id, client=row.client,
                      parts="emergency")
        return row


def _to_decide(actor, *conditions) -> list[EmergencyAccess]:
    """Those of the actor's organisation that somebody else began and the actor was asked about."""
    if not may(actor, Can.OPEN_CLIENTS):
        return []
    query = (EmergencyAccess.select(EmergencyAccess, User)
             .join(User, on=(EmergencyAccess.actor == User.id), attr="actor")
             .where(EmergencyAccess.organisation == actor.organisation_id, EmergencyAccess.actor != actor.id,
                    *conditions).order_by(EmergencyAccess.at))
    return [row for row in query if any(person.id == actor.id for person in second_people(row.actor))]


def _one_to_decide(actor, public_id) -> EmergencyAccess:
    found = _to_decide(actor, EmergencyAccess.public_id == public_id)
    if not found:
        raise Missing
    return found[0]


def one(actor, public_id: str) -> tuple[EmergencyAccess, str]:
    """An emergency access to decide and its reason, which is read with a journal row."""
    with db.recording():
        row = _one_to_decide(actor, public_id)
        client = Client.get_by_id(row.client_id)
        journal.read(actor, "emergency.read", row.public_id, client, "emergency")
        return row, keys.unseal(row, "reason", client)


def waiting(actor) -> list[EmergencyAccess]:
    """What the actor has to confirm, the oldest first."""
    return _to_decide(actor, EmergencyAccess.confirmed_at.is_null(), EmergencyAccess.refused_at.is_null())


def report_unconfirmed() -> int:
    """Tells the operators what nobody confirmed within a day: organisation and number, nothing of a client."""
    late = EmergencyAccess.select().where(
        EmergencyAccess.confirmed_at.is_null(), EmergencyAccess.refused_at.is_null(),
        EmergencyAccess.reported_at.is_null(), EmergencyAccess.at < clock.now() - TO_BE_CONFIRMED_IN)
    return sum(_report(row.id) for row in list(late))


def _report(row_id) -> bool:
    with db.writing():
        row = db.locked(EmergencyAccess.select().where(EmergencyAccess.id == row_id)).get()
        if row.reported_at or row.confirmed_at or row.refused_at:
            return False
        EmergencyAccess.update(reported_at=clock.now()).where(EmergencyAccess.id == row.id).execute()
        journal.wrote(None, "emergency.report", row.public_id)
        for person in User.select().where(User.role == Role.ADMIN, User.active == True):  # noqa: E712
            with force_locale(person.language):
                mail.post(person, _("Emergency access that nobody confirmed"), _(
                    "%(organisation)s: an emergency access from %(day)s was not confirmed within 24 hours. Number: "
                    "%(number)s", organisation=row.organisation.label, day=str(row.at.date()), number=row.id) + "\n")
        return True


def of_client(client: Client) -> list[EmergencyAccess]:
    """Every emergency access to a client's file, for the client: who, when, until when."""
    return list(EmergencyAccess.select(EmergencyAccess, User).join(User, on=(EmergencyAccess.actor == User.id),
                                                                    attr="actor")
                .where(EmergencyAccess.client == client).order_by(EmergencyAccess.at.desc()))
