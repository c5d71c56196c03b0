"""What belongs to a client, made from the schema: whatever must reach all of it cannot forget a new table."""
import functools

import models
from models import Booking, BookingClient, Client, DataKey, OneTimeToken, Outbox

# tables that hold no fact about a client: keys, digests of secrets
LEFT_OUT = {DataKey, OneTimeToken, Outbox}  # and mails to others, which name no client


@functools.cache
def ways() -> dict[type, tuple[str, ...]]:
    """Each table that belongs to a client -> the columns that lead from it to the client."""
    found: dict[type, tuple[str, ...]] = {Client: ()}
    while True:
        more = {model: (field.name, *found[field.rel_model])
                for model in models.MODELS if model not in found and model not in LEFT_OUT
                for field in model._meta.sorted_fields
                if field in model._meta.refs and field.rel_model in found and _belongs(model, field)}
        if not more:
            return found
        found |= more


def _belongs(model, field) -> bool:
    """A row belongs to the client whom its own column names, or to the thing of which it is a part."""
    return field.name == "client" or (field.rel_model is not Client and field.rel_model in _PARENTS
                                      and field.name in _PARENTS[field.rel_model])


# a part of a thing names it by this column
_PARENTS = {models.Consent: {"consent"}, models.FollowUp: {"follow_up"}, models.Referral: {"referral"},
            models.Report: {"report"}, models.PlanItem: {"item"}, models.Membership: {"membership"},
            models.Participant: {"participant"}}


def rows(model, way, client):
    """The rows of a table that belong to a client; `way` as `ways` gives it."""
    query, column = _led(model, way)
    return query.where(column == client.id).order_by(model._meta.primary_key)


def _led(model, way):
    """A query of a table, joined as far as the column that names the client; and that column."""
    query, before = model.select(), model
    for name in way[:-1]:
        field = before._meta.fields[name]
        query, before = query.join_from(before, field.rel_model, on=(field == field.rel_model.id)), field.rel_model
    return query, before._meta.fields[way[-1]] if way else Client.id


def named(ids: set[str]) -> list[str]:
    """Public ids of the clients whom other public ids mean: their own, or that of anything that belongs to them."""
    found = {client for model, way in ways().items() if "public_id" in model._meta.fields
             for client in _ids(model, way, ids)}
    of_visits = BookingClient.select(BookingClient.client).join(Booking).where(Booking.public_id.in_(list(ids)))
    found |= {client for client, in of_visits.tuples()}
    return [each for each, in Client.select(Client.public_id).where(Client.id.in_(list(found))).order_by(
        Client.id).tuples()] if found else []


def _ids(model, way, ids):
    query, column = _led(model, way)
    return [client for client, in query.select(column).where(model.public_id.in_(list(ids))).tuples()]
