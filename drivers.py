"""Peewee and Huey import psycopg wherever it is installed: 12 MB of a process whose database is SQLite. Here it comes
when it is first needed. To be imported before them; where it is not, nothing is saved and nothing else is different."""
import sys

_without = "peewee" not in sys.modules and "psycopg" not in sys.modules
if _without:
    sys.modules["psycopg"] = None  # so that importing it fails
import huey.storage  # noqa: E402, F401
import peewee  # noqa: E402
import playhouse.db_url  # noqa: E402, F401

if _without:
    del sys.modules["psycopg"]


def load_postgresql() -> None:
    """Gives Peewee what it would have imported."""
    if peewee.psycopg is not None:
        return
    import psycopg
    from psycopg.pq import TransactionStatus
    from psycopg.types.json import Json, Jsonb
    peewee.psycopg, peewee.TransactionStatus = psycopg, TransactionStatus
    peewee.Json_pg3, peewee.Jsonb_pg3 = Json, Jsonb
    adapter = peewee.Psycopg3Adapter
    adapter.txn_idle, adapter.txn_inerror = TransactionStatus.IDLE, TransactionStatus.INERROR
    adapter.txn_unknown = TransactionStatus.UNKNOWN
