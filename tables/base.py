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
        several = [each for each in found if isinstance(each, ModelIndex) and len(each._expressions) > 1]
        begun = {each._expressions[0] for each in several if each._where is None}
        return [each for each in found if not _is_spare(each, begun)]


def _is_spare(index, begun) -> bool:
    return (isinstance(index, ModelIndex) and not index._unique and len(index._expressions) == 1
            and index._expressions[0] in begun)


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
