"""Writing a plan: items, what is so and what the client only says, approval by the client, case conferences."""
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from peewee import fn

import clock
import db
import policy
from errors import Missing, RuleBroken
from models import (
    Claim,
    Client,
    Conference,
    Organisation,
    PlanApproval,
    PlanItem,
    PlanItemState,
    PlanList,
    Scope,
    Verification,
)
from services import consents, files, journal, keys
from services.plans import defaults
from text import clean_text

LONGEST_GOAL, LONGEST_WHAT, LONGEST_RECORD = 300, 500, 3000
MOST_ITEMS = 60  # on all sheets of one organisation
THE_CLIENT = "client"


@dataclass(frozen=True)
class Wanted:
    """One item as the form says it. `who`: empty, `client`, or the public id of an organisation."""

    sheet: PlanList = PlanList.PLAN
    need: str = ""
    goal: str = ""
    what: str = ""
    who: str = ""
    due_on: date | None = None
    state: PlanItemState = PlanItemState.OPEN
    from_paper: bool = False


def whom() -> list[Organisation]:
    """Organisations that a plan can name."""
    return list(consents.recipients())


def add(actor, public_id: str, wanted: Wanted) -> PlanItem:
    """A new item of the actor's organisation. Raises Missing, RuleBroken."""
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        row = new_item(actor, client, wanted.sheet)
        _fill(row, client, _checked(wanted, row.key))
        row.save(force_insert=True)
        journal.wrote(actor, "plan.add", row.public_id, client, Scope.PLAN, "own")
        return row


def new_item(actor, client, sheet, key="") -> PlanItem:
    """An item of the actor's organisation at the end of a sheet, not saved yet. RuleBroken where there are too many."""
    own = PlanItem.select(fn.COUNT(PlanItem.id)).where(PlanItem.client == client,
                                                       PlanItem.organisation == actor.organisation_id)
    if own.scalar() >= MOST_ITEMS:
        raise RuleBroken(_("The plan has many items already. Finish some of them first."))
    last = PlanItem.select(fn.MAX(PlanItem.position)).where(PlanItem.client == client, PlanItem.sheet == sheet).scalar()
    return PlanItem(client=client, organisation=actor.organisation_id, author=actor.id, sheet=sheet, key=key,
                    position=(last or 0) + 1, since_on=clock.today(), created_at=clock.now())


def _checked(wanted, key) -> Wanted:
    goal, what = clean_text(wanted.goal, limit=LONGEST_GOAL), clean_text(wanted.what, limit=LONGEST_WHAT, lines=True)
    if not (what or key):
        raise RuleBroken(_("Write what is to be done."), field="what")
    if wanted.due_on and abs((wanted.due_on - clock.today()).days) > 3650:
        raise RuleBroken(_("Check the year."), field="due_on")
    return Wanted(wanted.sheet, wanted.need, goal, what, wanted.who, wanted.due_on, wanted.state, wanted.from_paper)


def _fill(row, client, wanted):
    row.goal = keys.seal(row, "goal", wanted.goal, client)
    row.what = keys.seal(row, "what", wanted.what, client)
    row.need, row.sheet, row.due_on, row.from_paper = wanted.need, wanted.sheet, wanted.due_on, wanted.from_paper
    row.by_client = wanted.who == THE_CLIENT
    row.who = None if wanted.who in {"", THE_CLIENT} else _organisation(wanted.who)
    if wanted.state is not row.state:
        row.state = wanted.state
        row.done_at = clock.now() if wanted.state is PlanItemState.DONE else None


def _organisation(public_id):
    found = next((row for row in whom() if row.public_id == public_id), None)
    if found is None:
        raise RuleBroken(_("Choose an organisation from the list."), field="who")
    return found.id


def fill_in(actor, public_id: str, sheet: PlanList) -> int:
    """Adds what a sheet has from the beginning on the client's route; what is there stays. Returns how many are new."""
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        there = {key for key, in PlanItem.select(PlanItem.key).where(
            PlanItem.client == client, PlanItem.sheet == sheet,
            PlanItem.organisation == actor.organisation_id).tuples()}
        new = [key for key in defaults.of_route(client.route, sheet) if key not in there]
        for key in new:
            row = new_item(actor, client, sheet, key)
            row.need = defaults.need_of(key)
            row.save(force_insert=True)
        if new:
            journal.wrote(actor, "plan.add", public_id, client, Scope.PLAN, "own")
        return len(new)


def item_of(actor, public_id: str) -> PlanItem:
    """An item that the actor may write, its texts opened; that it was read is journalled. Raises Missing."""
    with db.recording():
        row = _own_item(actor, public_id)
        opened = keys.opener(row.client)
        row.goal_text, row.what_text = opened(row, "goal"), opened(row, "what")
        journal.read(actor, "plan.item", public_id, row.client, Scope.PLAN, "own")
        return row


def _own_item(actor, public_id, locked=False) -> PlanItem:
    query = policy.own_plan_items(actor).select(PlanItem, Client).where(PlanItem.public_id == public_id)
    row = (db.locked(query) if locked else query).first()
    if row is None:
        raise Missing(public_id)
    return row


def wanted_of(row: PlanItem) -> Wanted:
    """What an opened item says now."""
    who = THE_CLIENT if row.by_client else row.who.public_id if row.who_id else ""
    return Wanted(row.sheet, row.need, row.goal_text, row.what_text, who, row.due_on, row.state, row.from_paper)


def change(actor, public_id: str, version: int, wanted: Wanted) -> PlanItem:
    """Writes an item. RuleBroken where a colleague has changed it since it was opened."""
    with db.writing():
        row = _own_item(actor, public_id, locked=True)
        if row.version != version:
            raise RuleBroken(_("A colleague has changed this item since you opened it. Look at it again."),
                             version=row.version)
        _unsettle(row, _fill_checked(row, wanted))
        row.version += 1
        row.save()
        journal.wrote(actor, "plan.change", public_id, row.client, Scope.PLAN, "own")
        return row


def _fill_checked(row, wanted) -> bool:
    """Fills an item; whether what it claims is now another thing."""
    before = keys.unseal(row, "what", row.client)
    checked = _checked(wanted, row.key)
    _fill(row, row.client, checked)
    return before != checked.what


def _unsettle(row, differs):
    """What was confirmed, refuted or asked was so of the old words."""
    if differs:
        Verification.delete().where(Verification.item == row, Verification.answered_at.is_null()).execute()
    if differs and row.claim is not Claim.SAID:
        row.claim, row.claim_by, row.claim_on = Claim.SAID, None, None


def judge(actor, public_id: str, claim: Claim) -> PlanItem:
    """The actor's organisation says that what the client says is so, or is not, or takes that back."""
    with db.writing():
        row = _own_item(actor, public_id, locked=True)
        stamp(row, claim, actor.organisation_id)
        journal.wrote(actor, "plan.judge", public_id, row.client, Scope.PLAN, "own")
        return row


def stamp(row, claim: Claim, organisation_id: int) -> None:
    settled = claim is not Claim.SAID
    row.claim, row.claim_by = claim, organisation_id if settled else None
    row.claim_on = clock.today() if settled else None
    row.version += 1
    row.save(only=[PlanItem.claim, PlanItem.claim_by, PlanItem.claim_on, PlanItem.version])


# The client's word, and meetings

def approve(actor, public_id: str) -> None:
    """A worker writes down that the client read the plan on paper and agrees with it."""
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        PlanApproval.create(client=client, organisation=actor.organisation_id, actor=actor.id, at=clock.now(),
                            how="paper")
        journal.wrote(actor, "plan.approve", public_id, client, Scope.PLAN, "own")


def approve_own(actor, organisation_public_id: str) -> None:
    """The client agrees in the application with the plan that an organisation wrote with them. Raises Missing."""
    with db.writing():
        client = consents.client_of(actor)
        organisation = Organisation.select().join(PlanItem, on=(PlanItem.organisation == Organisation.id)).where(
            Organisation.public_id == organisation_public_id, PlanItem.client == client).first()
        if organisation is None:
            raise Missing(organisation_public_id)
        PlanApproval.create(client=client, organisation=organisation, actor=actor.id, at=clock.now(), how="app")
        journal.wrote(actor, "plan.approve", client.public_id, client, Scope.PLAN)


def confer(actor, public_id: str, held_on: date, participants: str, agreed: str) -> Conference:
    """The record of a case conference: who was there and what was agreed. Raises Missing, RuleBroken."""
    participants = clean_text(participants, limit=LONGEST_RECORD, lines=True)
    agreed = clean_text(agreed, limit=LONGEST_RECORD, lines=True)
    if held_on > clock.today():
        raise RuleBroken(_("The meeting has not been held yet."), field="held_on")
    if not participants:
        raise RuleBroken(_("Write who was there."), field="participants")
    with db.writing():
        client = files.client_worked_with(actor, public_id)
        row = Conference(client=client, organisation=actor.organisation_id, author=actor.id, held_on=held_on,
                         created_at=clock.now())
        row.participants = keys.seal(row, "participants", participants, client)
        row.agreed = keys.seal(row, "agreed", agreed, client)
        row.save(force_insert=True)
        journal.wrote(actor, "plan.confer", row.public_id, client, Scope.PLAN, "own")
        return row
