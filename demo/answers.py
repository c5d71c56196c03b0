"""Visits that wait for more than a yes: several times, a proposal, a waiting list, a change of the world."""
from datetime import timedelta

import clock
from demo import cast
from models import AutomaticYes, Booking, BookingState, FlagCause, Outbox, WindowKind
from services import slots, visits
from services.visits import Event, Wish, review, series

DAYS = timedelta(days=28)


def create(people) -> None:
    """After the visits of two years. Inside `db.writing()`; nobody is written to."""
    prison, users = people.organisations[cast.PRISON], people.users
    AutomaticYes.create(prison=prison, organisation=users["nela"].organisation, kind=WindowKind.INFORMATION,
                        created_by=users["pavel"])
    free = _free(prison)
    _ask(users["kamila"], prison, free[0], others=[free[4].key, free[8].key], equipment="notebook a dataprojektor",
         plate="UKA 2026", staff_note="Prosíme o místnost s tabulí.")
    _propose(users, prison)
    _wait(users["petra"], prison)
    _flag(users, prison)
    _every_other_week(users["petra"], prison)
    Outbox.delete().where(Outbox.booking.is_null(False)).execute()


def _free(prison):
    ahead = slots.free_slots(prison, clock.today() + timedelta(days=2), clock.today() + DAYS, WindowKind.INDIVIDUAL)
    return ahead[2:]


def _ask(actor, prison, slot, **wish):
    return visits.ask(actor, prison, visits.new_request_key(), Wish(
        slot=slot.key, colleagues=[actor.public_id], purpose="dluhové poradenství", **wish))


def _propose(users, prison):
    """The prison offers a call by video instead of one that Nela's organisation asked for."""
    booking = _of(users["nela"].organisation, prison, BookingState.REQUESTED)
    video = next(each for each in visits.to_propose(booking, WindowKind.VIDEO))
    visits.advance(users["pavel"], booking.public_id, Event.COUNTER, message="V tu dobu je klient v práci.",
                   time=video.key)


def _wait(actor, prison):
    """One in line for a time whose seats are all held."""
    ahead = slots.slots_between([prison], clock.today() + timedelta(days=3), clock.today() + DAYS)
    full = next(slot for slot in ahead if not slot.free and slots.keeps_notice(slot))
    _ask(actor, prison, full, wait=True)


def _every_other_week(actor, prison):
    """Three visits as one series; none of them is decided."""
    first = _free(prison)[-1]
    wish = Wish(slot=first.key, colleagues=[actor.public_id], purpose="příprava podmíněného propuštění")
    rhythm = series.Rhythm(every_weeks=2, times=3)
    seen = series.keys_of(series.plan(actor, prison, wish, rhythm))
    series.ask_series(actor, prison, visits.new_request_key(), wish, rhythm, seen)


def _flag(users, prison):
    booking = _of(users["nela"].organisation, prison, BookingState.CONFIRMED)
    review.flag(None, [booking.id], FlagCause.CLIENT_MOVED)


def _of(organisation, prison, state) -> Booking:
    """The last visit to come of an organisation in a state."""
    return visits.with_names(Booking.select().where(
        Booking.prison == prison, Booking.state == state, Booking.kind == WindowKind.INDIVIDUAL,
        Booking.organisation == organisation, Booking.starts_at > clock.now())).order_by(
        Booking.starts_at.desc()).first()
