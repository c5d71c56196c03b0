"""A prison without access to the network: a request that is to be printed, and a visit confirmed on paper."""
from datetime import time, timedelta

import clock
from demo import cast
from models import Cooperation, CooperationState, Outbox, Place, PrisonProfile, Reason, Window, WindowKind
from services import prisons, slots, visits
from services.visits import Wish, paper

SINCE = timedelta(days=400)
TUESDAY = 1


def create(people) -> None:
    """After the visits of two years. Inside `db.writing()`; nobody is written to."""
    prison, nela = people.organisations[cast.PAPER_PRISON], people.users["nela"]
    profile = prisons.writable_profile(prison)
    profile.on_paper = True
    profile.save(only=[PrisonProfile.on_paper])
    Cooperation.create(
        organisation=nela.organisation, prison=prison, state=CooperationState.ACTIVE, since_on=clock.today() - SINCE,
        started_at=clock.now() - SINCE, activated_at=clock.now() - SINCE, valid_from=clock.today() - SINCE,
        about="Bydlení po propuštění a doprovod v první den.", scope="Bydlení po propuštění.")
    room = Place.create(prison=prison, name="Návštěvní místnost", capacity=4)
    Window.create(place=room, kind=WindowKind.INDIVIDUAL, weekday=TUESDAY, starts=time(8), ends=time(11),
                  slot_minutes=60, seats=1, notice_days=5, valid_from=clock.today() - SINCE)
    _requests(nela, prison)
    Outbox.delete().where(Outbox.booking.is_null(False)).execute()


def _requests(nela, prison):
    """One waits to be printed; of two others the answer came on paper, a yes and a no."""
    free = slots.free_slots(prison, clock.today(), clock.today() + timedelta(days=40))
    _ask(nela, prison, free[0], others=[free[2].key])
    yes, no = _ask(nela, prison, free[1]), _ask(nela, prison, free[4])
    paper.answer(nela, yes.public_id, True)
    paper.answer(nela, no.public_id, False, reason=Reason.STAFF)


def _ask(nela, prison, slot, **wish):
    return visits.ask(nela, prison, visits.new_request_key(), Wish(
        slot=slot.key, colleagues=[nela.public_id], purpose="příprava na bydlení", finds_clients=2, **wish))
