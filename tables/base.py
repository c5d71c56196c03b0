"""What every table is."""
import secrets

from peewee import Metadata, Model, ModelIndex

from db import Text, database


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


class _Metadata(Metadata):
    """No index of one column where another begins with it: it finds the same rows, and each index costs a write."""

    def fields_to_index(self):
        found = super().fields_to_index()
        of_columns = [index for index in found if isinstance(index, ModelIndex)]
        begun = {index._expressions[0] for index in of_columns if len(index._expressions) > 1 and index._where is None}
        spare = [index for index in of_columns
                 if not index._unique and len(index._expressions) == 1 and index._expressions[0] in begun]
        return [index for index in found if index not in spare]


class Table(Model):
    class Meta:
        database = database
        model_metadata_class = _Metadata
        legacy_table_names = False


class Public(Table):
    """A record with an address of its own."""

    public_id = Text(unique=True, default=new_public_id)

    def __str__(self):
        return f"{type(self).__name__} {self.public_id}"
