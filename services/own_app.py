"""What a client has in their own app beside consents: what to do, what is written, and from whom they keep it."""
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
from errors import Missing
from models import Consent, FollowUp, Organisation, PlanItem, PlanItemState, Withheld
from policy import in_force
from services import files, journal, keys
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
    return [(row, opened(row, "what") or opened(row, "goal")) for row in rows]


# What is written, and from whom it is kept

def items(actor) -> list[Item]:
    """Entries on how the client fares and items of the plan, the newest first."""
    client = client_of(actor)
    opened, kept = keys.opener(client), _kept(client)
    entries = FollowUp.select(FollowUp, Organisation).join(Organisation).where(FollowUp.client == client)
    plan = (PlanItem.select(PlanItem, Organisation)
            .join(Organisation, JOIN.LEFT_OUTER, on=(PlanItem.organisation == Organisation.id))
            .where(PlanItem.client == client))
    found = [*((row, ("note", "next_step")) for row in entries), *((row, ("goal", "what")) for row in plan)]
    return sorted((Item(row.public_id, row.created_at, row.organisation,
                        [words for column in columns if (words := opened(row, column))],
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
