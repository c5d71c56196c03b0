"""The index of the search."""
import enum

from peewee import BooleanField, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Table
from tables.people import Organisation


class EntryKind(enum.StrEnum):
    """What a line of the search is about."""

    ORGANISATION = "organisation"
    SERVICE = "service"
    CONTACT = "contact"
    PRISON_WORK = "prison_work"
    JOB_OFFER = "job_offer"


class SearchEntry(Table):
    """One line of the contact book's search, made when its record is written by services/search_index.py."""

    kind = Choice(EntryKind)
    record = Text()  # public_id of the record it stands for
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    title = Text()
    detail = Text(default="")
    areas = Text(default="")  # values of Area, separated by semicolons: their words follow the reader's language
    checked_on = Day(null=True)
    confirmed = BooleanField(default=False)
    ended = BooleanField(default=False)
    until_on = Day(null=True)  # the last day on which it is found at all; None: always
    sort = Text()
    facts = Text(default="")  # what else it has its words from, one fact a line, to say why it was found

    class Meta:
        indexes = ((("kind", "record"), True), (("kind", "ended", "sort"), False))


class SearchChange(Table):
    """That the search's index was written: any row more or less makes another sum of marks (see search_kept.py)."""

    mark = IntegerField()  # random
    at = Moment(default=clock.now)


class SearchWord(Table):
    """A folded word or stem of an entry, or a filter of it. `rank` orders the entries of one word (services/search.py).

    Both indexes hold the whole row: one leads from a word to its best entries, the other asks whether an entry has it.
    """

    entry = ForeignKeyField(SearchEntry, backref="+", on_delete="CASCADE", index=False)
    word = Text()
    rank = IntegerField()

    class Meta:
        indexes = ((("word", "rank", "entry"), False), (("entry", "word", "rank"), True))
