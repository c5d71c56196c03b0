"""A prison takes no new partners until a day; who waits for it is told when it does again."""
from datetime import date

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
from errors import RuleBroken
from models import Cooperation, Organisation, PrisonProfile, Topic
from services import mail, prisons, records
from services.cooperation.changing import FURTHEST
from services.cooperation.machine import State, closed_until
from services.cooperation.telling import people


def close(actor, until: date) -> None:
    """The actor's prison takes no new partners until the end of a day. Raises RuleBroken."""
    if not clock.today() <= until <= clock.today() + FURTHEST:
        raise RuleBroken(_("Choose a day to come, at most five years ahead."), "until")
    _set_stop(actor, until)


def reopen(actor) -> int:
    """The actor's prison takes new partners again; those who wait are told. Returns how many they are."""
    return _set_stop(actor, None)


def _set_stop(actor, until) -> int:
    with db.writing():
        profile = prisons.writable_profile(prisons.own(actor))
        was = closed_until(profile)
        records.change(actor, profile, {"no_new_partners_until": until}, "page")
        return _tell_waiting(profile.organisation_id) if was and until is None else 0


def open_due() -> int:
    """Opens prisons whose day has passed and tells those who wait; returns how many mails. Each night."""
    passed = PrisonProfile.select().where(PrisonProfile.no_new_partners_until < clock.today())
    return sum(_open(profile.organisation_id) for profile in passed)


def _open(prison_id) -> int:
    with db.writing():
        profile = prisons.profile_of(prison_id)
        if profile.no_new_partners_until is None or closed_until(profile):
            return 0
        records.change(None, profile, {"no_new_partners_until": None}, "job")
        return _tell_waiting(prison_id)


def _tell_waiting(prison_id) -> int:
    for place, row in enumerate(waiting_list(prison_id), 1):
        for person in people(row.organisation_id):
            with force_locale(person.language):
                path = f"/cooperation/start/{row.prison.public_id}"
                mail.tell(person, Topic.COOPERATION, _("%(prison)s takes new partners again", prison=row.prison.label),
                          _("The prison takes new partners again. You are number %(place)d on its waiting list. "
                            "Start the co-operation here:", place=place) + f"\n\n{mail.link(path)}\n", path)
    return len(waiting_list(prison_id))


def waiting_list(prison_id: int) -> list[Cooperation]:
    """Who waits for a prison, in the order in which they came."""
    return list(Cooperation.select(Cooperation, Organisation)
                .join(Organisation, on=(Cooperation.organisation == Organisation.id))
                .where(Cooperation.prison == prison_id, Cooperation.state == State.WAITING)
                .order_by(Cooperation.started_at, Cooperation.id))
