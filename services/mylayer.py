"""What people keep for themselves over the contact book: stars, named lists, private notes. Nobody else sees any."""
from dataclasses import dataclass

from flask_babel import gettext as _
from peewee import JOIN, SQL, Value, fn

import clock
import db
from errors import Missing, RuleBroken
from models import BookList, BookListEntry, BookNote, Organisation, Service
from policy import Can, may, visible_organisations
from services import journal, keys
from text import clean_text, sort_key

MOST_LISTS, MOST_ENTRIES, LONGEST_NOTE = 50, 500, 4000
STARRED = ""  # the name of the list of the starred


@dataclass(frozen=True)
class Thing:
    """What can be kept: an organisation, or one of its services."""

    organisation: Organisation
    service: Service | None = None

    @property
    def public_id(self) -> str:
        return (self.service or self.organisation).public_id

    @property
    def name(self) -> str:
        return (self.service or self.organisation).name

    @property
    def anchor(self) -> str | None:
        """The part of the organisation's page about it."""
        return f"service-{self.service.public_id}" if self.service else None

    def columns(self) -> dict:
        return {"service": self.service.id} if self.service else {"organisation": self.organisation.id}

    def is_of(self, model):
        """The condition that a row of BookListEntry or BookNote is about it."""
        return (model.service == self.service.id) if self.service else (model.organisation == self.organisation.id)


def thing(actor, public_id: str) -> Thing:
    """An organisation or a service of the book by its address. Raises Missing."""
    seen = visible_organisations(actor)
    found = seen.where(Organisation.public_id == public_id).first()
    if found:
        return Thing(found)
    service = (Service.select(Service, Organisation).join(Organisation)
               .where(Service.public_id == public_id, Organisation.id.in_(seen.select(Organisation.id))).first())
    if service is None:
        raise Missing
    return Thing(service.organisation, service)


# Keeping

def star(actor, public_id: str, on: bool) -> Thing:
    """Stars a thing or takes its star away. Raises Missing, RuleBroken where the list is full."""
    with db.writing():
        found = thing(actor, public_id)
        _put(_list(actor, STARRED), found, on)
        journal.wrote(actor, "my.star", found.public_id)
        return found


def keep(actor, public_id: str, lists: list[str], new_list: str, note: str) -> Thing:
    """Puts a thing on the chosen lists (public ids) and off the others, on a new one too, and notes `note`."""
    with db.writing():
        found = thing(actor, public_id)
        for each in _lists(actor):
            _put(each, found, each.public_id in lists)
        name = clean_text(new_list, limit=100)
        if name:
            _put(_list(actor, name), found, True)
        _note(actor, found, note)
        journal.wrote(actor, "my.keep", found.public_id, parts="lists,note")
        return found


def _list(actor, name) -> BookList:
    """The actor's list of this name, made where there is none."""
    found = BookList.get_or_none(BookList.user == actor.id, BookList.name == name)
    if found is None and name and len(_lists(actor)) >= MOST_LISTS:
        raise RuleBroken(_("You have %(count)d lists. Remove one first.", count=MOST_LISTS), "new_list")
    return found or BookList.create(user=actor.id, name=name)


def _lists(actor) -> list[BookList]:
    rows = BookList.select().where(BookList.user == actor.id, BookList.name != STARRED)
    return sorted(rows, key=lambda row: sort_key(row.name))


def _put(book_list, found, on) -> None:
    mine = (BookListEntry.list == book_list.id) & found.is_of(BookListEntry)
    if not on:
        BookListEntry.delete().where(mine).execute()
    elif not BookListEntry.select().where(mine).exists():
        if BookListEntry.select().where(BookListEntry.list == book_list.id).count() >= MOST_ENTRIES:
            raise RuleBroken(_("This list has %(count)d lines. Take some off first.", count=MOST_ENTRIES))
        BookListEntry.create(list=book_list.id, **found.columns())


def _note(actor, found, text) -> None:
    text = clean_text(text, lines=True, limit=LONGEST_NOTE)
    row = BookNote.get_or_none(BookNote.user == actor.id, found.is_of(BookNote))
    if not text:
        if row:
            row.delete_instance()
        return
    row = row or BookNote(user=actor.id, **found.columns())
    row.text, row.changed_at = keys.seal(row, "text", text, actor), clock.now()
    row.save()


# Lists

def add_list(actor, name: str) -> BookList:
    """A new empty list. Raises RuleBroken where there is one of this name."""
    with db.writing():
        name = _new_name(actor, name)
        row = _list(actor, name)
        journal.wrote(actor, "my.add_list", row.public_id)
        return row


def _new_name(actor, name):
    name = clean_text(name, limit=100)
    if not name:
        raise RuleBroken(_("Write a name for the list."), "name")
    if BookList.select().where(BookList.user == actor.id, BookList.name == name).exists():
        raise RuleBroken(_("You have a list of this name already."), "name")
    return name


def own_list(actor, public_id: str) -> BookList:
    row = BookList.get_or_none(BookList.user == actor.id, BookList.public_id == public_id, BookList.name != STARRED)
    if row is None:
        raise Missing
    return row


def rename(actor, public_id: str, name: str) -> BookList:
    with db.writing():
        row = own_list(actor, public_id)
        if clean_text(name, limit=100) != row.name:
            row.name = _new_name(actor, name)
            row.save(only=[BookList.name])
            journal.wrote(actor, "my.rename_list", row.public_id)
        return row


def remove_list(actor, public_id: str) -> None:
    """Removes a list; what stood on it stays in the book."""
    with db.writing():
        own_list(actor, public_id).delete_instance()
        journal.wrote(actor, "my.remove_list", public_id)


# Pages

@dataclass(frozen=True)
class Kept:
    """What the actor keeps about a thing. `lists` are (list, whether it is on it)."""

    thing: Thing
    starred: bool
    lists: list[tuple[BookList, bool]]
    note: str


def kept(actor, public_id: str) -> Kept:
    """Raises Missing."""
    found = thing(actor, public_id)
    on = {row.list_id for row in BookListEntry.select(BookListEntry.list).join(BookList)
          .where(BookList.user == actor.id, found.is_of(BookListEntry))}
    row = BookNote.get_or_none(BookNote.user == actor.id, found.is_of(BookNote))
    starred = BookList.select().where(BookList.id.in_(list(on)), BookList.name == STARRED).exists()
    return Kept(found, starred, [(each, each.id in on) for each in _lists(actor)],
                keys.unseal(row, "text", actor) if row else "")


@dataclass(frozen=True)
class OnPage:
    """What the actor keeps about an organisation and its services: ids of what is starred, notes by id.

    `may_write`: they may write mails by a template.
    """

    starred: set[str]
    notes: dict[str, str]
    may_write: bool


def on_book_page(actor, organisation) -> OnPage:
    """In one query."""
    found = db.kept(_kept_here, actor=actor.id, organisation=organisation.id)
    notes = {thing: BookNote(public_id=note, text=text) for what, thing, note, text in found if what == "note"}
    return OnPage({thing for what, thing, _note, _text in found if what == "star"},
                  {thing: keys.unseal(row, "text", actor) for thing, row in notes.items()},
                  may(actor, Can.WRITE_TEMPLATES))


def _kept_here(actor, organisation):
    """Rows (star or note, public id of the thing, public id of the note, its sealed text)."""
    stars = (BookListEntry.select(Value("star", converter=False), _thing_id(BookListEntry), SQL("NULL"), SQL("NULL"))
             .join(BookList).where(BookList.user == actor, BookList.name == STARRED,
                                   _about(BookListEntry, organisation)))
    notes = (BookNote.select(Value("note", converter=False), _thing_id(BookNote), BookNote.public_id, BookNote.text)
             .where(BookNote.user == actor, _about(BookNote, organisation)))
    return stars.union_all(notes).tuples()


def _thing_id(model):
    return fn.COALESCE(Service.select(Service.public_id).where(Service.id == model.service),
                       Organisation.select(Organisation.public_id).where(Organisation.id == model.organisation))


def _about(model, organisation):
    services = Service.select(Service.id).where(Service.organisation == organisation)
    return (model.organisation == organisation) | model.service.in_(services)


def _with_things(model):
    """Rows of BookListEntry or BookNote with the organisation or the service (and its organisation) they are about."""
    home = Organisation.alias("home")
    return (model.select(model, Organisation, Service, home)
            .join(Organisation, JOIN.LEFT_OUTER, on=(model.organisation == Organisation.id), attr="kept_organisation")
            .join_from(model, Service, JOIN.LEFT_OUTER, on=(model.service == Service.id), attr="kept_service")
            .join_from(Service, home, JOIN.LEFT_OUTER, on=(Service.organisation == home.id), attr="home"))


def _thing_of(row) -> Thing:
    if row.service_id:
        return Thing(row.kept_service.home, row.kept_service)
    return Thing(row.kept_organisation)


@dataclass(frozen=True)
class MyBook:
    """The page “My address book”: starred things, lists with their counts, notes as (thing, text)."""

    starred: list[Thing]
    lists: list[tuple[BookList, int]]
    notes: list[tuple[Thing, str]]
    may_write: bool


def my_book(actor) -> MyBook:
    rows = list(_with_things(BookListEntry).join_from(BookListEntry, BookList)
                .where(BookList.user == actor.id, _seen(actor, BookListEntry)))
    starred = BookList.get_or_none(BookList.user == actor.id, BookList.name == STARRED)
    notes = list(_with_things(BookNote).where(BookNote.user == actor.id, _seen(actor, BookNote))
                 .order_by(BookNote.changed_at.desc()))
    return MyBook(_sorted([row for row in rows if starred and row.list_id == starred.id]),
                  [(each, sum(row.list_id == each.id for row in rows)) for each in _lists(actor)],
                  [(_thing_of(row), keys.unseal(row, "text", actor)) for row in notes],
                  may(actor, Can.WRITE_TEMPLATES))


def things_on(actor, book_list: BookList) -> list[Thing]:
    """What stands on one of the actor's lists, in Czech order."""
    return _sorted(_with_things(BookListEntry).where(BookListEntry.list == book_list.id, _seen(actor, BookListEntry)))


def _sorted(rows) -> list[Thing]:
    return sorted((_thing_of(row) for row in rows), key=lambda each: sort_key(each.name))


def _seen(actor, model):
    """Condition: about something that the actor still sees in the book."""
    seen = visible_organisations(actor).select(Organisation.id)
    services = Service.select(Service.id).where(Service.organisation.in_(seen))
    return model.organisation.in_(seen) | model.service.in_(services)
