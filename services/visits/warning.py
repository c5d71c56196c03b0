"""What to know before a request is sent: what else people and clients have at those times, and who is let in.

That there is something is said, never what.
"""
from flask_babel import gettext as _

import clock
import formats
from labels import label, language
from services import slots, visitors
from services.visitors import holds
from services.visits import conflicts
from services.visits.choosing import clients_in


def warnings(actor, prison, wish, found: list[slots.Slot]) -> list[str]:
    """Sentences for the page on which a request is checked; clients by code, visitors by name."""
    return [*_of_clients(actor, prison, wish, found), *_of_people(actor, wish, found),
            *_of_clearances(actor, prison, wish, found)]


def _of_clients(actor, prison, wish, found):
    clients = [each for each in clients_in(actor, prison) if each.public_id in set(wish.clients)]
    busy = conflicts.of_client(actor, [each.id for each in clients], *_span(found))
    for client in clients:
        if _any_touches(busy[client.id], found):
            yield _("%(who)s has something else at that time.", who=client.code)
        if any(conflicts.at_work(client, slot.starts_at, slot.ends_at) for slot in found):
            yield _("%(who)s works at that time.", who=client.code)


def _of_people(actor, wish, found):
    people = {each.user.id: each.name for each in visitors.chosen(actor, wish) if each.user}
    busy = conflicts.of_visitors(actor, list(people), *_span(found))
    return [_("%(who)s has something else at that time.", who=name) for user, name in people.items()
            if _any_touches(busy[user], found)]


def _of_clearances(actor, prison, wish, found):
    """Who is not let in yet; with the request the prison is asked."""
    if visitors.months(prison.id) is None:
        return
    day = clock.local(found[0].starts_at).date()
    cleared = {public_id for public_id, _name, clearance in visitors.choices(actor, prison) if holds(clearance, day)}
    for each in visitors.chosen(actor, wish):
        if getattr(each.user or each.visitor, "public_id", None) not in cleared:
            yield _("%(who)s is not cleared by this prison for that day. The prison is asked with the request.",
                    who=each.name)


def _span(found):
    return min(slot.starts_at for slot in found), max(slot.ends_at for slot in found)


def _any_touches(busy, found):
    return any(each.touches(slot.starts_at, slot.ends_at) for each in busy for slot in found)


def people_with_standing(actor, prison) -> list[tuple[str, str]]:
    """Who can come: (public id, name), with their standing where the prison lets in only whom it has cleared."""
    people = visitors.choices(actor, prison)
    if visitors.months(prison.id) is None:
        return [(public_id, name) for public_id, name, _clearance in people]
    return [(public_id, f"{name} ({_standing(clearance)})") for public_id, name, clearance in people]


def _standing(clearance):
    if holds(clearance):
        return _("cleared until %(day)s", day=formats.day(clearance.until_on, language=language()))
    return label(clearance.state) if clearance is not None else _("not cleared here yet")
