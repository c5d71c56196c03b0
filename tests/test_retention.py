"""What goes by itself, and that nothing readable stays of who was erased. fig-N4 in small."""
import pytest

import db
import models
from db import SealedColumn
from errors import Missing, SealBroken
from models import Journal, OneTimeToken, Outbox, OutboxState, TokenKind, UserSession
from services import copies, keys, retention
from tests.test_files import entry

DAY = 24 * 3600


def test_mails_and_sign_ins_go_when_their_time_is_over(cast, travel):
    with db.writing():
        for state in OutboxState:
            row = Outbox(recipient="a@example.org", subject="x", state=state)
            row.body = keys.seal(row, "body", "x", keys.SYSTEM)
            row.save(force_insert=True)
        OneTimeToken.create(user=cast.nela, token_hash="t", kind=TokenKind.RESET, expires_at=cast.now)
        UserSession.create(user=cast.nela, token_hash="u", created_at=cast.now, seen_at=cast.now)
    travel.shift(20 * DAY)
    assert (retention.drop_old_mail(), retention.drop_old_sign_ins()) == (0, 0)
    travel.shift(71 * DAY)
    assert (retention.drop_old_mail(), retention.drop_old_sign_ins()) == (3, 2)
    assert {row.state for row in Outbox.select()} == {OutboxState.WAITING, OutboxState.SENDING}


def readable(cast_client):
    """Sealed values of a client that open: (table, column)."""
    found = []
    for model, way in copies.ways().items():
        for row in copies._rows(model, way, cast_client):
            for field in (field for field in model._meta.sorted_fields if isinstance(field, SealedColumn)):
                try:
                    found += [(model._meta.table_name, field.name)] * bool(keys.unseal(row, field.name, cast_client))
                except SealBroken:
                    continue
    return found


def test_nothing_readable_stays_of_who_was_erased(sign_in, cast, figure):
    with db.writing():
        entry(cast.karel, cast.kamila, "kanárek")
    karel, kamila, rows = cast.karel, sign_in("kamila"), Journal.select().where(Journal.client == cast.karel).count()
    before = readable(karel)
    retention.erase(cast.kamila, karel.public_id)
    left = readable(models.Client.get_by_id(karel.id))
    assert kamila.get(f"/clients/{karel.public_id}").status == 404
    assert Journal.select().where(Journal.client == karel.id).count() > rows, "the journal stays"
    figure("fig-N4 values of an erased client that open", len(left), "values", n=len(before),
           control=before and f"before: {len(before)}")


@pytest.mark.parametrize("who", ["klara", "nela", "strange_curator", "kora", "adam"])
def test_only_a_lead_who_works_with_the_client_erases(cast, who):
    with pytest.raises(Missing):
        retention.erase(getattr(cast, who), cast.karel.public_id)
    assert keys.readable(cast.karel, "name", cast.karel)
