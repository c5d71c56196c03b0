"""What every table is."""
import secrets

from peewee import Model

from db import Text, database


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False


class Public(Table):
    """A record with an address of its own."""

    public_id = Text(unique=True, default=new_public_id)

    def __str__(self):
        return f"{type(self).__name__} {self.public_id}"
