"""Data keys, and the sealing of column values with them.

`seal` and `unseal` are for services that hold a permission already; a page gets a client's values only through
services/files.py, which checks the policy and writes the journal in the same transaction.
"""
import db
from crypto import MasterKey, Sealed
from crypto import seal as seal_bytes
from crypto import unseal as unseal_bytes
from errors import SealBroken
from models import DataKey

_master: MasterKey | None = None


class _System:
    """The owner of sealed values that belong to nobody: mails on their way."""

    public_id = "system"


SYSTEM = _System()
_OF_MAILS = "wrapped key of the mails"


def configure(master: MasterKey) -> None:
    global _master
    _master = master


def fingerprint(purpose: str, text: str) -> str:
    """A keyed digest by which a secret is found without being kept."""
    return _master.fingerprint(purpose, text)


def seal(row, column: str, text: str | None, owner) -> bytes | None:
    """`text` sealed for `row.column` under the key of `owner` (a client, an organisation or a user)."""
    return seal_bytes(_data_key(owner.public_id), text, _place(row, column)) if text else None


def unseal(row, column: str, owner) -> str:
    """The text of a sealed column; empty where there is none. SealBroken where it does not open."""
    return opener(owner)(row, column)


def unseal_text(row, column: str, value: bytes, owner) -> str:
    """The same of a value that is not in its column now: one seal within another."""
    key = _found(owner.public_id)
    if key is None:
        raise SealBroken(_place(row, column))
    return unseal_bytes(key, Sealed(value), _place(row, column))


def opener(owner):
    """`unseal` for several values of one owner, whose key is asked for once, when something is there to open."""
    keys = []

    def opened(row, column: str) -> str:
        value = getattr(row, column)
        if value is None:
            return ""
        if not keys:
            keys.append(_found(owner.public_id))
        if keys[0] is None:
            raise SealBroken(_place(row, column))
        return unseal_bytes(keys[0], Sealed(value), _place(row, column))
    return opened


def _place(row, column):
    return f"{row._meta.table_name}|{column}|{row.public_id}"


def _data_key(owner: str) -> bytes:
    """The data key of an owner. The first who seals makes it; two at once use the same."""
    key = _found(owner)
    if key is None:
        DataKey.insert(owner=owner, wrapped=_master.new_data_key(owner)).on_conflict_ignore().execute()
        key = _found(owner)
    return key


def _found(owner: str) -> bytes | None:
    """Who seals something mostly sends a mail too: the key of the mails comes with the first that is asked for."""
    known = db.learned()
    wrapped = known.get(_OF_MAILS) if owner == SYSTEM.public_id else None
    if wrapped is None:
        keys = dict(db.kept(_keys_of, owner=owner))
        known[_OF_MAILS], wrapped = keys.get(SYSTEM.public_id), keys.get(owner)
    return _master.unwrap(wrapped, owner) if wrapped else None


def _keys_of(owner):
    return DataKey.select(DataKey.owner, DataKey.wrapped).where(
        (DataKey.owner == owner) | (DataKey.owner == SYSTEM.public_id)).tuples()


def destroy(owner) -> None:
    """Makes every sealed value of `owner` unreadable for ever, in backups too."""
    DataKey.delete().where(DataKey.owner == owner.public_id).execute()


def readable(row, column: str, owner) -> bool:
    """Whether a sealed value still opens (an erased person's does not)."""
    try:
        unseal(row, column, owner)
    except SealBroken:
        return False
    return True
