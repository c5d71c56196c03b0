"""What somebody may claim and choose when they are released, in easy words, by the route on which they come back.

It is given before release, and it is written down that it was: an item of the steps before release.
"""
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

import clock
import db
from models import Claim, Client, PlanItem, PlanItemState, PlanList, Route, Scope
from services import files, journal, keys
from services.plans import defaults
from services.plans.changing import new_item

KEY = "rights"
Part = tuple[object, tuple]  # a heading and its sentences
BEGINNING: list[Part] = [
    (_l("The first day"), (
        _l("You get your things, your money and a paper about your release. Keep the paper. Offices ask for it."),
        _l("A social curator helps everybody who leaves prison. It costs nothing. You find one at the office of a "
           "larger town."),
    )),
    (_l("Money"), (
        _l("Go to the Labour Office within three days. Then the state pays your health insurance."),
        _l("Ask there for immediate help (MOP). You can get it when you have no money for food or a bed."),
        _l("You can ask for a benefit when you have little or no income."),
    )),
    (_l("Papers, health, debts"), (
        _l("You get a new identity card at the office of a larger town."),
        _l("You have a right to a doctor. Take your prescriptions with you."),
        _l("A debt adviser helps for free. Large debts have a way out too."),
    )),
]
OF_ROUTE: dict[Route, Part] = {
    Route.PRISON: (_l("Supervision"), (
        _l("Are you released on parole? Go to the probation office by the day that stands on your paper."),
    )),
    Route.THERAPEUTIC_COMMUNITY: (_l("After the community"), (
        _l("You can ask for after-care. Somebody goes on with you for some months."),
        _l("When it gets worse, say it early. You can come back for help."),
    )),
    Route.OUTPATIENT: (_l("Treatment"), (
        _l("Ask your doctor where your treatment goes on and from what day."),
        _l("Did a court order your treatment? Go there by the day that stands on your paper."),
    )),
}
YOUR_DATA: Part = (_l("You decide"), (
    _l("You can take help or not. You can come later too. Nobody may punish you for it."),
    _l("Others read about you when you agree. Without it they may only by an agreement of offices, or to save a life."),
    _l("You can take your consent back at any time. You can see who looked."),
    _l("You can have a copy of all that is written about you. You can ask that it be deleted."),
))


def parts(route: Route) -> list[Part]:
    """The sheet for a route: headings with their sentences."""
    return [*BEGINNING, OF_ROUTE[route], YOUR_DATA]


def opened(actor, public_id: str) -> tuple[Client, PlanItem | None]:
    """The client, and the item that says when it was given; that the sheet was opened is journalled. Raises Missing."""
    with db.recording():
        client = files.client_worked_with(actor, public_id)
        journal.read(actor, "rights.print", public_id, client, Scope.PLAN, "own")
        return client, _item(actor, client)


def _item(actor, client) -> PlanItem | None:
    return PlanItem.select().where(PlanItem.client == client, PlanItem.organisation == actor.organisation_id,
                                   PlanItem.key == KEY).order_by(PlanItem.id).first()


def give(actor, public_id: str) -> PlanItem:
    """Writes down that the actor explained the sheet to the client and gave it to them. Raises Missing, RuleBroken."""
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        row = _item(actor, client)
        made = row is None
        row = row or new_item(actor, client, PlanList.BEFORE_RELEASE, KEY)
        row.need, row.state, row.done_at = defaults.need_of(KEY), PlanItemState.DONE, clock.now()
        row.what = keys.seal(row, "what", _("the sheet was given and explained"), client)
        row.claim, row.claim_by, row.claim_on = Claim.CONFIRMED, actor.organisation_id, clock.today()
        row.version += not made
        row.save(force_insert=made)
        journal.wrote(actor, "rights.give", public_id, client, Scope.PLAN, "own")
        return row
