"""One mail each morning for those who want their news together: what happened and where to see it."""
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

import db
import policy
from labels import label
from models import Booking, DigestLine, Telling, Topic, User
from services import mail, preferences


def send_due() -> int:
    """Puts the digests into the outbox; returns how many. Each line goes into one digest."""
    waiting = User.select().where(User.id.in_(DigestLine.select(DigestLine.user))).order_by(User.id)
    return sum(_send(user) for user in list(waiting))


def _send(user) -> bool:
    with db.writing():
        lines = list(db.locked(DigestLine.select().where(DigestLine.user == user.id).order_by(DigestLine.id)))
        DigestLine.delete().where(DigestLine.id.in_([line.id for line in lines])).execute()
        told = [line for line in lines if _still_theirs(user, line)]
        if not told or not user.active or not user.email:
            return False
        with force_locale(user.language):
            mail.post(user, _("News from Návaznost"), _letter(told))
        for line in told:
            _note_told(line)
        return True


def _still_theirs(user, line) -> bool:
    """They may have lost the right to it, or said meanwhile that they want no mails about it."""
    if preferences.telling(user, line.topic) is Telling.NONE or line.topic not in preferences.topics(user):
        return False
    return line.booking_id is None or policy.visible_bookings(user).where(Booking.id == line.booking_id).exists()


def _letter(lines) -> str:
    yours = ngettext("%(num)d thing happened since the last mail:", "%(num)d things happened since the last mail:",
                     len(lines))
    topics = [_of_topic(topic, lines) for topic in Topic if any(line.topic is topic for line in lines)]
    return "\n\n".join([yours, *topics, _("You chose to be told once a day. Change it here: %(link)s",
                                          link=mail.link("/account/notifications"))]) + "\n"


def _of_topic(topic, lines):
    """The lines of a topic, each thing that has a page with its address."""
    said = dict.fromkeys(f"- {line.subject}\n  {mail.link(line.path)}" if line.path else f"- {line.subject}"
                         for line in lines if line.topic is topic)
    return "\n".join([f"{label(topic).capitalize()}", *said])


def _note_told(line):
    if line.booking_id:
        mail.note_told(line.booking_id, line.booking.sequence)
