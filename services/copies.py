"""All that is kept about one client, for the client: made from the schema, so that a new table is never forgotten."""
from collections.abc import Iterator

import clock
import db
import models
from db import SealedColumn
from errors import SealBroken
from models import Journal, User, UserSession
from services import drafts, journal, keys
from services.consents import client_of
from services.of_client import rows, ways

HIDDEN = {"id", "client", "card_hash", "request_key", "external_hash", "password_hash", "token_hash"}
OWNER = "the client"  # who did something, where it was the client
OF_OTHERS = {"staff_note", "purpose", "message", "plate"}  # of a visit: between the prison and who comes


def make(actor) -> dict[str, list[dict]]:
    """Table -> rows (column -> value) of the acting client; that it was made stands in the journal."""
    with db.recording():
        client = client_of(actor)
        journal.read(actor, "client.copy", client.public_id, client)
        made = {model._meta.table_name: [_row(row, client) for row in rows(model, way, client)]
                for model, way in ways().items()}
        made["journal"] = [_row(row, client) for row in
                           Journal.select().where(Journal.client == client.id).order_by(Journal.id)]
        made["meetings"] = [_row(link.booking, client) for link in _meetings(client)]
        made["account"] = [_row(User.get_by_id(actor.id), client)]
        made["user_session"] = [_row(row, client) for row in UserSession.select().where(UserSession.user == actor.id)]
        made["draft"] = [{"form": row.form, "content": drafts.opened(row), "saved_at": row.saved_at}
                         for row in drafts.about(client, actor)]
        return {table: found for table, found in made.items() if found}


def as_json(actor) -> dict:
    """What `make` gives, with the moment of it; to be written by json.dumps(default=str)."""
    return {"made_at": clock.now().isoformat(), "tables": make(actor)}


def _meetings(client):
    return (models.BookingClient.select(models.BookingClient, models.Booking).join(models.Booking)
            .where(models.BookingClient.client == client).order_by(models.Booking.starts_at))


def _row(row, owner) -> dict:
    return dict(_values(row, owner))


def _values(row, owner) -> Iterator[tuple]:
    for field in row._meta.sorted_fields:
        if field.name in HIDDEN or (isinstance(row, models.Booking) and field.name in OF_OTHERS):
            continue
        value = row.__data__.get(field.name)
        if value is not None and value != "":
            yield field.name, _value(row, field, value, owner)


def _value(row, field, value, owner):
    if isinstance(field, SealedColumn):
        return _opened(row, field.name, row.organisation if isinstance(row, models.Booking) else owner)
    if field in row._meta.refs:
        if field.rel_model is User and value == owner.user_id:
            return OWNER
        found = _named(field.rel_model, value)
        return found if found is not None else value
    return value


def _opened(row, column, owner) -> str | None:
    try:
        return keys.unseal(row, column, owner)
    except SealBroken:  # of somebody else, or erased
        return None


def _named(model, key):
    """What a column points at, by its name, not by a number; a name that is sealed is not taken."""
    row = model.get_or_none(model._meta.primary_key == key)
    words = [row.__data__.get(column) for column in ("name", "number", "code", "public_id")] if row else []
    return next((word for word in words if word and isinstance(word, str)), None)
