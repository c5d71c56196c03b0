"""Who is told of a change. A mail names the two sides and what happened, and nothing that somebody wrote."""
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import formats
from labels import label
from models import Topic, User
from services import mail
from services.cooperation.machine import Event, Side

SUBJECTS = {
    Event.START: _l("%(organisation)s and %(prison)s: interest in co-operation"),
    Event.TAKE_UP: _l("%(organisation)s and %(prison)s: the prison has taken it up"),
    Event.STEP: _l("%(organisation)s and %(prison)s: a step is done"),
    Event.ACTIVATE: _l("%(organisation)s and %(prison)s: the co-operation is active"),
    Event.AMEND: _l("%(organisation)s and %(prison)s: what was agreed has changed"),
    Event.PAUSE: _l("%(organisation)s and %(prison)s: the co-operation is paused"),
    Event.RESUME: _l("%(organisation)s and %(prison)s: the co-operation goes on"),
    Event.DECLINE: _l("%(organisation)s and %(prison)s: the prison has declined"),
    Event.WITHDRAW: _l("%(organisation)s and %(prison)s: the organisation has withdrawn"),
    Event.END: _l("%(organisation)s and %(prison)s: the co-operation has ended"),
    Event.RUN_OUT: _l("%(organisation)s and %(prison)s: the co-operation has run out"),
}


def people(organisation_id: int) -> list[User]:
    """Who in an organisation is told: its leads; where it has none, all its people."""
    found = list(User.select().where(User.organisation == organisation_id, User.active == True,  # noqa: E712
                                     User.email.is_null(False)).order_by(User.name))
    return [person for person in found if person.lead] or found


def tell(row, event, side):
    """Tells the other side; when nobody acted, both. Of a step only where it is the other side's turn now."""
    if event not in SUBJECTS or (event is Event.STEP and (row.turn is None or row.turn.value == side.value)):
        return
    told = {Side.PRISON: [row.organisation_id], Side.ORGANISATION: [row.prison_id]}.get(
        side, [row.organisation_id, row.prison_id])
    for person in [person for organisation in told for person in people(organisation)]:
        with force_locale(person.language):
            names = {"organisation": row.organisation.label, "prison": row.prison.label}
            mail.tell(person, Topic.COOPERATION, str(SUBJECTS[event]) % names, "\n".join(_body(row, person)),
                      f"/cooperation/{row.public_id}")


def _body(row, person):
    if row.reason:
        yield _("Reason: %(reason)s", reason=label(row.reason))
    if row.turn:
        yield _("It is the turn of: %(side)s", side=label(row.turn))
        yield _("Until: %(day)s", day=formats.day(row.due_on, language=person.language))
    yield from ("", mail.link(f"/cooperation/{row.public_id}"), "")
