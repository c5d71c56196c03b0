"""Organisations whose requests of a kind a prison confirms without looking, as it said in advance."""
import clock
import db
from errors import Missing
from models import AutomaticYes, Cooperation, Organisation, WindowKind
from policy import Can, may
from services import cooperation, journal


def organisations(actor) -> list[tuple[Organisation, set[WindowKind]]]:
    """Organisations that co-operate with the actor's prison, each with the kinds to which it always says yes."""
    said = {}
    for row in _said(actor):
        said.setdefault(row.organisation_id, set()).add(row.kind)
    working = Cooperation.select(Cooperation.organisation).where(
        Cooperation.prison == actor.organisation_id, cooperation.holds(clock.today()))
    rows = Organisation.select().where(Organisation.id.in_(working) | Organisation.id.in_(list(said)))
    return [(row, said.get(row.id, set())) for row in rows.order_by(Organisation.sort)]


def _said(actor):
    return AutomaticYes.select().where(AutomaticYes.prison == actor.organisation_id)


def keep(actor, chosen: set[tuple[str, WindowKind]]) -> None:
    """Makes the list of the actor's prison exactly this: (public id of an organisation, kind). Missing for others."""
    if not may(actor, Can.DECIDE_VISITS):
        raise Missing
    with db.writing():
        for organisation, old in organisations(actor):
            wanted = {kind for public_id, kind in chosen if public_id == organisation.public_id}
            for kind in wanted - old:
                db.add(AutomaticYes(prison=actor.organisation_id, organisation=organisation.id, kind=kind,
                                    created_by=actor.id, created_at=clock.now()), ignore=True)
            if old - wanted:
                AutomaticYes.delete().where(
                    AutomaticYes.prison == actor.organisation_id, AutomaticYes.organisation == organisation.id,
                    AutomaticYes.kind.in_(list(old - wanted))).execute()
            if wanted != old:
                journal.wrote(actor, "booking.automatic", organisation.public_id, parts=",".join(sorted(wanted)))
