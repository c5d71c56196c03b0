"""What a client has in their own app beside consents: what to do, what is written, and from whom they keep it."""
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import Missing, RuleBroken
from models import Conference, Consent, FollowUp, Organisation, PlanApproval, PlanItem, PlanItemState, Withheld
from policy import in_force
from services import files, journal, keys, plans
from services.consents import client_of


@dataclass(frozen=True)
class Item:
    """One thing that somebody wrote about the client; `kept_from` are organisations that do not see it."""

    public_id: str
    at: datetime
    organisation: Organisation
    words: list[str]
    kept_from: list[Organisation]


def to_do(actor) -> list[tuple[PlanItem, str]]:
    """What the client is to do themself: open items of the plan with their words, the soonest first."""
    client = client_of(actor)
    opened = keys.opener(client)
    rows = PlanItem.select().where(PlanItem.client == client, PlanItem.by_client == True,  # noqa: E712
                                   PlanItem.state == PlanItemState.OPEN).order_by(PlanItem.due_on, PlanItem.id)
    return [(row, ": ".join(_words(opened, row, ("what",))) or opened(row, "goal")) for row in rows]


def _words(opened, row, columns) -> list[str]:
    """What stands in a row: the name of a usual item, then the texts that are filled in."""
    name = plans.words_of(row.key) if isinstance(row, PlanItem) else ""
    return [words for words in (name, *(opened(row, column) for column in columns)) if words]


# The plan, which the client reads and agrees with

@dataclass(frozen=True)
class OwnPlan:
    """What one organisation plans with the client: rows with their words."""

    organisation: Organisation
    rows: list[tuple[PlanItem, str]]
    agreed_at: datetime | None

    @property
    def imprint(self) -> str:
        """Of the words that are shown: who agrees, agrees with these."""
        return sha256(repr([(row.public_id, row.state, str(row.due_on), words) for row, words in self.rows])
                      .encode()).hexdigest()


def plans_of(actor) -> list[OwnPlan]:
    """The client's plans, an organisation each."""
    client = client_of(actor)
    opened = keys.opener(client)
    rows = (PlanItem.select(PlanItem, Organisation)
            .join(Organisation, on=(PlanItem.organisation == Organisation.id), attr="organisation")
            .where(PlanItem.client == client, PlanItem.state != PlanItemState.DROPPED)
            .order_by(Organisation.sort, PlanItem.sheet, PlanItem.position, PlanItem.id))
    agreed = {row.organisation_id: row.at for row in PlanApproval.select().where(
        PlanApproval.client == client).order_by(PlanApproval.id)}
    return [OwnPlan(organisation, [(row, ": ".join(_words(opened, row, ("goal", "what")))) for row in items],
                    agreed.get(organisation.id))
            for organisation, items in _by_organisation(rows)]


def _by_organisation(rows):
    return [(items[0].organisation, items) for _key, group in groupby(rows, lambda row: row.organisation_id)
            for items in [list(group)]]


def agree_with_plan(actor, organisation: str, imprint: str) -> None:
    """The client agrees with the plan as it was shown to them. Raises Missing, RuleBroken."""
    with db.writing():
        found = next((each for each in plans_of(actor) if each.organisation.public_id == organisation), None)
        if found is None:
            raise Missing(organisation)
        if found.imprint != imprint:
            raise RuleBroken(_("The plan has changed since. Please read it again."))
        plans.approve_own(actor, organisation)


# What is written, and from whom it is kept

def items(actor) -> list[Item]:
    """Entries on how the client fares, items of the plan, meetings over the case; the newest first."""
    client = client_of(actor)
    opened, kept = keys.opener(client), _kept(client)
    entries = FollowUp.select(FollowUp, Organisation).join(Organisation).where(FollowUp.client == client)
    plan = (PlanItem.select(PlanItem, Organisation)
            .join(Organisation, JOIN.LEFT_OUTER, on=(PlanItem.organisation == Organisation.id))
            .where(PlanItem.client == client))
    meetings = Conference.select(Conference, Organisation).join(Organisation).where(Conference.client == client)
    found = [*((row, ("said", "note", "next_step")) for row in entries), *((row, ("goal", "what")) for row in plan),
             *((row, ("participants", "agreed")) for row in meetings)]
    return sorted((Item(row.public_id, row.created_at, row.organisation, _words(opened, row, columns),
                        kept.get(row.public_id, [])) for row, columns in found),
                  key=lambda item: item.at, reverse=True)


def _kept(client) -> dict[str, list[Organisation]]:
    kept: dict[str, list[Organisation]] = {}
    for row in Withheld.select(Withheld, Organisation).join(Organisation).where(Withheld.client == client):
        kept.setdefault(row.record, []).append(row.recipient)
    return kept


def item(actor, public_id: str) -> Item:
    found = next((each for each in items(actor) if each.public_id == public_id), None)
    if found is None:
        raise Missing(public_id)
    return found


def readers(actor, of: Item) -> list[Organisation]:
    """Who may see it, or from whom it is kept: all who work with the client or have their consent, but its author."""
    client = client_of(actor)
    agreed = Consent.select(Consent.recipient).where(Consent.client == client, in_force(clock.today()))
    near = {row.organisation_id for row in files.memberships(client)}
    kept = {row.id for row in of.kept_from}
    return list(Organisation.select().where(
        Organisation.id.in_(near | kept) | Organisation.id.in_(agreed), Organisation.id != of.organisation.id)
        .order_by(Organisation.sort))


def withhold(actor, public_id: str, organisation: str, keep: bool) -> str:
    """Keeps an item from an organisation (a public id), or gives it back; it holds with the next request."""
    with db.writing():
        client, found = client_of(actor), item(actor, public_id)
        reader = next((row for row in readers(actor, found) if row.public_id == organisation), None)
        if reader is None:
            raise Missing(organisation)
        one = (Withheld.client == client) & (Withheld.recipient == reader) & (Withheld.record == public_id)
        if not keep:
            Withheld.delete().where(one).execute()
        elif not Withheld.select().where(one).exists():
            Withheld.create(client=client, recipient=reader, record=public_id, at=clock.now())
        if keep:
            journal.wrote(actor, "item.withhold", public_id, client)
            return _("%(name)s does not see it from now on.", name=reader.name)
        journal.wrote(actor, "item.give", public_id, client)
        return _("%(name)s may see it again, if you agreed to that.", name=reader.name)
