"""How each person wants to be told: of every topic by a mail each, in one digest a day, or not by mail.

What keeps an account safe, and what the law wants told (a consent that ended), is no topic: it always goes by mail.
"""
from flask_babel import gettext as _

import db
from errors import RuleBroken
from models import MailPreference, Telling, Topic, User
from policy import Can, may
from services import journal

PUBLISH, REQUEST = "PUBLISH", "REQUEST"
METHODS = (PUBLISH, REQUEST)  # of calendars in mails: an entry to take or leave, or invitations that keep themselves
CONCERNS = {
    Topic.VISITS: (Can.SEE_VISITS,), Topic.REMINDERS: (Can.REQUEST_VISITS,), Topic.CLEARANCES: (Can.SEE_VISITS,),
    Topic.COOPERATION: (Can.START_COOPERATIONS, Can.KEEP_PRISON), Topic.FACTS: (Can.SEE_BOOK,),
    Topic.OFFERS: (Can.KEEP_PRISON,),
    Topic.MEETINGS: (Can.WORK_IN_GROUPS,),
    Topic.PROGRAMMES: (Can.RUN_PROGRAMMES, Can.VERIFY_ORGANISATIONS),
}


def topics(actor) -> list[Topic]:
    """What mails to the actor can be about, in the order of the page."""
    return [topic for topic in Topic if any(may(actor, can) for can in CONCERNS[topic])]


def telling(user: User, topic: Topic) -> Telling:
    """How a person wants to be told of a topic; who was read with their choice (`tellings`) is not asked again."""
    if topic in getattr(user, "tellings", ()):
        return user.tellings[topic]
    rows = db.kept(_telling, topic, user=user.id)
    return rows[0].telling if rows else Telling.EACH


def _telling(topic, user):
    return MailPreference.select(MailPreference.telling).where(
        MailPreference.user == user, MailPreference.topic == topic)


def chosen(actor) -> dict[Topic, Telling]:
    """What the actor chose for each topic that concerns them."""
    rows = {row.topic: row.telling for row in MailPreference.select().where(MailPreference.user == actor.id)}
    return {topic: rows.get(topic, Telling.EACH) for topic in topics(actor)}


def choose(actor, tellings: dict[Topic, Telling], calendar_method: str) -> None:
    """Writes the actor's choices down; topics that do not concern them are left out. Raises RuleBroken."""
    if calendar_method not in METHODS:
        raise RuleBroken(_("Choose one of the answers."), field="calendar_method")
    with db.writing():
        for topic in topics(actor):
            _write(actor, topic, tellings.get(topic, Telling.EACH))
        User.update(calendar_method=calendar_method).where(User.id == actor.id).execute()
        journal.wrote(actor, "account.notifications", actor.public_id)


def _write(actor, topic, how):
    (MailPreference.insert(user=actor.id, topic=topic, telling=how)
     .on_conflict(conflict_target=[MailPreference.user, MailPreference.topic], update={MailPreference.telling: how})
     .execute())
