"""Reading a plan: its sheets, need by need who works on it, the card of the first hours, what happened in order."""
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

import policy
from errors import Missing
from labels import label
from models import (
    Client,
    Need,
    Organisation,
    PlanApproval,
    PlanItem,
    PlanItemState,
    PlanList,
    Scope,
)
from services import clients, files
from services.plans import defaults


@dataclass(frozen=True)
class Worked:
    """That an organisation works on a need since a day. `mutual`: another one does too."""

    organisation: Organisation
    since_on: date


@dataclass(frozen=True)
class Sheet:
    """What one reader sees of a client's plan. `needs`: need -> who works on it; `bodies`: who works with them."""

    file: files.ClientFile
    items: dict[PlanList, list[PlanItem]]
    needs: dict[Need, list[Worked]]
    conferences: list
    bodies: list
    writes: bool


def open_sheet(actor, public_id: str) -> Sheet:
    """The plan as far as the actor may read it, in one journalled look. Raises Missing."""
    file = files.open_file(actor, public_id, Scope.PLAN, Scope.NETWORK, what="plan.open")
    part, network = file[Scope.PLAN], file[Scope.NETWORK]
    if part.closed and network.closed:
        raise Missing(public_id)
    plan = part.value or files.Plan([], [])
    items = {sheet: [row for row in plan.items if row.sheet is sheet] for sheet in PlanList}
    for row in plan.items:
        row.title = defaults.words_of(row.key) or row.what_text
        row.mine = row.organisation_id == actor.organisation_id
    client = policy.visible_clients(actor).where(Client.public_id == public_id).get()
    return Sheet(file, items, _needs(actor, client, items[PlanList.PLAN]), plan.conferences, network.value or [],
                 _writes(actor, client))


def _writes(actor, client) -> bool:
    return Client.select().where(Client.id == client, policy.works_with(actor, Client.id)).exists()


def _needs(actor, client, items) -> dict[Need, list[Worked]]:
    """Who works on which need: of plans the reader may read, and of all where the client lets them know who helps."""
    rows = [row for row in items if row.state is PlanItemState.OPEN]
    told = Client.select().where(Client.id == client, policy.consented(actor, Client.id, Scope.NETWORK)).exists()
    if told:
        rows += list(PlanItem.select(PlanItem, Organisation).join(Organisation, on=(PlanItem.who == Organisation.id),
                                                                  attr="who")
                     .where(PlanItem.client == client, PlanItem.sheet == PlanList.PLAN,
                            PlanItem.state == PlanItemState.OPEN, policy.not_withheld(actor, PlanItem.public_id),
                            policy.made_in_time(actor, client, PlanItem.created_at)))
    found: dict[Need, dict[int, Worked]] = {}
    for row in rows:
        if row.need and row.who_id:
            there = found.setdefault(Need(row.need), {})
            if row.who_id not in there or row.since_on < there[row.who_id].since_on:
                there[row.who_id] = Worked(row.who, row.since_on)
    return {need: sorted(found[need].values(), key=lambda each: each.since_on) for need in Need if need in found}


def approvals(actor, public_id: str) -> list[PlanApproval]:
    """When the client agreed with the plan of the actor's organisation, the newest first."""
    return list(PlanApproval.select().join(Client).where(
        Client.public_id == public_id, PlanApproval.organisation == actor.organisation_id,
        policy.works_with(actor, Client.id)).order_by(PlanApproval.id.desc()).limit(5))


def card(sheet: Sheet) -> tuple[list[PlanItem], bool]:
    """The rows of the card of the first 72 hours, and whether the three that it cannot be without are filled in."""
    rows = [row for row in sheet.items[PlanList.FIRST_HOURS] if row.state is not PlanItemState.DROPPED]
    filled = {row.key for row in rows if row.what_text}
    return rows, set(defaults.CARD) <= filled


@dataclass(frozen=True)
class Happened:
    """One line of a timeline."""

    on: date
    what: str
    who: str


def timeline(actor, public_id: str) -> tuple[files.ClientFile, list[Happened]]:
    """All that the reader may see of a client, the newest first: meetings, entries, plan, conferences, who leads."""
    file = files.open_file(actor, public_id, *files.PARTS, Scope.PLAN, what="plan.timeline")
    found = [*_of_visits(file), *_of_entries(file), *_of_network(file), *_of_plan(file)]
    if file.own:
        found += [Happened(each.at.date(), _("Another person leads the case"), each.new)
                  for each in clients.history(actor, public_id)]
    return file, sorted(found, key=lambda each: each.on, reverse=True)


def _values(file, scope):
    return file[scope].value or []


def _of_visits(file):
    meeting = _("Meeting in prison")
    return [Happened(row.starts_at.date(), f"{meeting}: {label(row.state)}", row.prison.label)
            for row in _values(file, Scope.VISITS)]


def _of_entries(file):
    return [Happened(entry.at.date(), _("How the client fares was written down"), entry.organisation)
            for entry in _values(file, Scope.FOLLOW_UP)]


def _of_network(file):
    return [Happened(row.since_on, _("Began to work with the client"), row.organisation.label)
            for row in _values(file, Scope.NETWORK)]


def _of_plan(file):
    plan = file[Scope.PLAN].value or files.Plan([], [])
    planned, done = _("Plan"), _("Done")
    for row in plan.items:
        title = defaults.words_of(row.key) or row.what_text
        yield Happened(row.since_on, f"{planned}: {title}", row.organisation.label)
        if row.done_at:
            yield Happened(row.done_at.date(), f"{done}: {title}", row.organisation.label)
    for row in plan.conferences:
        yield Happened(row.held_on, _("Case conference"), row.organisation.label)
