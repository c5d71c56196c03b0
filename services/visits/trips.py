"""One trip, several times after each other in one place: one for each client, all of them or none."""
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from flask_babel import gettext as _
from flask_babel import ngettext

import clock
import db
from errors import RuleBroken
from models import Organisation, new_public_id
from services import slots, visitors
from services.visits.asking import Wish, check_people
from services.visits.choosing import AHEAD, check_ceiling, check_cooperation, slot_to_take
from services.visits.machine import SlotTaken
from services.visits.series import ask_together, asked_before

MOST = 8  # times of a trip


def look_over_trip(actor, prison: Organisation, wish: Wish, number: int) -> list[tuple[slots.Slot, Wish]]:
    """The times of a trip after each other, each with its own part of the wish. Refuses what cannot be had."""
    check_cooperation(actor, prison)
    if wish.others:
        raise RuleBroken(_("A trip has one first time. Leave the other times out."), field="others")
    found = after_each_other(prison, wish.slot, number)
    people = visitors.chosen(actor, wish)
    check_people(people, [slot.window.place for slot in found])
    for slot in found:
        check_ceiling(actor, prison, slot, len(people))
    return list(zip(found, _shared_out(wish, found), strict=True))


def after_each_other(prison, key: str, number: int) -> list[slots.Slot]:
    """So many free slots of one place without a gap, from the one that a key names."""
    first = slot_to_take(prison, key)
    day, kept = clock.local(first.starts_at).date(), slots.notice_kept()
    coming = {slot.starts_at: slot for slot in slots.slots_between(
        [prison], day, day + timedelta(days=1), first.window.kind)
        if slot.window.place_id == first.window.place_id and slots.has_room(slot) and kept(slot)}
    found = [first]
    while len(found) < number:
        following = coming.get(found[-1].ends_at)
        if following is None:
            raise SlotTaken(ngettext(
                "From that time on only %(num)d is free after each other. Choose fewer, or another first time.",
                "From that time on only %(num)d are free after each other. Choose fewer, or another first time.",
                len(found)), field="after", slots=beginnings(prison, first, number))
        found.append(following)
    return found


def beginnings(prison, wanted: slots.Slot, number: int, limit: int = 3) -> list[slots.Slot]:
    """The next times of a kind from which so many are free after each other, those in the wanted place first."""
    kept = slots.notice_kept()
    free = {(slot.window.place_id, slot.starts_at): slot for slot in slots.slots_between(
        [prison], clock.today(), clock.today() + AHEAD, wanted.window.kind) if slots.has_room(slot) and kept(slot)}
    nearest = sorted(free.values(), key=lambda slot: slot.window.place_id != wanted.window.place_id)
    return list(islice((slot for slot in nearest if _goes_on(free, slot, number)), limit))


def _goes_on(free, slot, number) -> bool:
    for _again in range(number - 1):
        slot = free.get((slot.window.place_id, slot.ends_at))
        if slot is None:
            return False
    return True


def _shared_out(wish, found):
    """A client for each time, in the order of the form, then those whom the prison finds; or nobody for any."""
    finds = wish.finds_clients or 0
    if not wish.clients and not finds:
        return [replace(wish, slot=slot.key, others=[]) for slot in found]
    if len(wish.clients) + finds != len(found):
        raise RuleBroken(_("Each time of a trip is for one client. Choose as many clients as times, or say how many "
                           "the prison is to find."), field="after")
    whom = [*wish.clients, *[""] * finds]
    return [replace(wish, slot=slot.key, others=[], clients=[each] if each else [], finds_clients=None if each else 1)
            for slot, each in zip(found, whom, strict=True)]


def ask_trip(actor, prison: Organisation, request_key: str, wish: Wish, number: int) -> str:
    """Asks for all times of a trip, or none; returns the group's public id. The same request_key, the same trip."""
    with db.writing():
        slots.keep_still(prison)
        if earlier := asked_before(actor, request_key):
            return earlier
        wishes, trip = [each for _slot, each in look_over_trip(actor, prison, wish, number)], new_public_id()
        ask_together(actor, prison, request_key, wishes, trip, trip=trip)
        return trip
