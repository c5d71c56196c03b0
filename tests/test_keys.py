"""Sealed values: they open in their own place, under their owner's key, until that key is destroyed."""
import threading

import pytest

import crypto
import db
from errors import SealBroken
from models import Client, DataKey
from services import keys


def test_karels_name_is_sealed_and_opens(cast):
    assert keys.unseal(cast.karel, "name", cast.karel) == "Karel Křehký"
    assert b"Karel" not in bytes(cast.karel.name)


def test_a_value_that_is_moved_does_not_open(cast):
    karel, cyril = cast.karel, cast.cyril
    karel.born, cyril.name = karel.name, karel.name
    for row, column, owner in ((karel, "born", karel), (cyril, "name", cyril), (cyril, "name", karel)):
        with pytest.raises(SealBroken):
            keys.unseal(row, column, owner)


def test_a_changed_byte_shows(cast):
    karel = cast.karel
    for place in range(len(karel.name)):
        changed = bytearray(karel.name)
        changed[place] ^= 1
        karel.name = bytes(changed)
        with pytest.raises(SealBroken):
            keys.unseal(karel, "name", karel)
        karel = cast.karel


def test_an_erased_person_stays_sealed_and_nobody_gets_a_new_key_by_looking(cast):
    karel = cast.karel
    with db.writing():
        keys.destroy(karel)
    assert not keys.readable(karel, "name", karel)
    assert not DataKey.select().where(DataKey.owner == karel.public_id).exists()


def test_two_who_seal_first_at_the_same_time_use_one_key(app, cast):
    owner, sealed = cast.ngo, []

    def seal():
        db.open_connection()
        with db.writing():
            sealed.append(keys.seal(owner, "name", "secret", owner))
        db.database.close()
    threads = [threading.Thread(target=seal) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for value in sealed:
        owner.name = value
        assert keys.unseal(owner, "name", owner) == "secret"
    assert len(sealed) == 4 and DataKey.select().where(DataKey.owner == owner.public_id).count() == 1


def test_a_stolen_database_without_the_key_shows_no_name(cast):
    for client in Client.select():
        assert not any(word.encode() in bytes(client.name) for word in ("Karel", "Cyril"))
    key = DataKey.get(DataKey.owner == cast.karel.public_id)
    with pytest.raises(SealBroken):
        crypto.MasterKey(b"another").unwrap(key.wrapped, key.owner)
