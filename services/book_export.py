"""The contact book as files: all of it, or the organisations that a search has found."""
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import clock
from errors import Missing
from exporters import book_tables, csv_book, hsds_book, vcard_book, xlsx_book
from models import ContactPerson, Organisation, OrganisationState
from policy import Can, may, visible_organisations
from services import search

MOST_PAGES = 50  # of a search; a search that finds more is too wide to be a list of somebody's


@dataclass(frozen=True)
class Format:
    """A kind of file: `write(ids of organisations, or None for all) -> bytes`."""

    name: str  # of the file, without a day
    suffix: str
    mimetype: str
    write: Callable[[list[int] | None], bytes]


FORMATS = {
    "csv": Format("kontakty", "zip", "application/zip", lambda ids: csv_book.package(book_tables.tables(ids))),
    "xlsx": Format("kontakty", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                   lambda ids: xlsx_book.workbook(book_tables.tables(ids))),
    "hsds": Format("hsds", "json", "application/json", hsds_book.document),
    "hsds-csv": Format("hsds", "zip", "application/zip", hsds_book.package),
    "vcard": Format("kontakty", "vcf", "text/vcard; charset=utf-8", lambda ids: cards(ids)),
}


NAMES = {"hsds-json": "hsds"}  # other names of formats, of the command


def write(name: str, path: Path) -> int:
    """Writes the whole book; returns how many bytes. CSV goes to a ZIP, a folder, or (`.csv`) organisations alone.

    Raises OSError where it cannot be written.
    """
    if name == "csv" and path.suffix != ".zip":
        return _write_csv(path)
    return path.write_bytes(FORMATS[NAMES.get(name, name)].write(None))


def _write_csv(path):
    tables = book_tables.tables()
    if path.suffix == ".csv":
        return path.write_bytes(csv_book.csv_of(tables["organisations"]))
    path.mkdir(exist_ok=True)
    return sum((path / f"{name}.csv").write_bytes(csv_book.csv_of(rows)) for name, rows in tables.items())


def cards(ids: list[int] | None = None) -> bytes:
    """Business cards of organisations (ids, or all) that are not closed, each followed by its people."""
    people = defaultdict(list)
    for person in ContactPerson.select().order_by(ContactPerson.sort):
        if not person.ended_on or person.ended_on >= clock.today():
            people[person.organisation_id].append(person)
    rows = Organisation.select().where(Organisation.state != OrganisationState.CLOSED).order_by(Organisation.sort)
    wanted = None if ids is None else set(ids)
    return b"".join(_card(row, person) for row in rows if wanted is None or row.id in wanted
                    for person in (None, *people[row.id]))


def found(actor, question: search.Question) -> list[int]:
    """Ids of the organisations that a search leads to, all its pages (at most MOST_PAGES); all visible ones where
    nothing is asked. Raises Missing."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    visible = visible_organisations(actor).select(Organisation.id)
    if not (question.words or question.filters):
        return [number for number, in visible.tuples()]
    return [number for number, in visible.where(Organisation.public_id.in_(_public_ids(actor, question))).tuples()]


def _public_ids(actor, question) -> list[str]:
    ids, page, pages = {}, 1, 1
    while page <= min(pages, MOST_PAGES):
        answer = search.find(actor, replace(question, page=page), clock.today(), wide=True)
        ids.update((hit.organisation_id, True) for hit in answer.hits)
        pages, page = answer.pages, page + 1
    return list(ids)


def file_name(name: Format) -> str:
    return f"{name.name}-{clock.today().isoformat()}.{name.suffix}"


def card(actor, public_id: str) -> bytes:
    """The business card of an organisation or of a contact person whom the actor may see. Raises Missing."""
    person = ContactPerson.select().where(ContactPerson.public_id == public_id).first()
    visible = visible_organisations(actor)
    organisation = visible.where(Organisation.public_id == public_id if person is None else
                                 Organisation.id == person.organisation_id).first()
    if organisation is None or (person and person.ended_on and person.ended_on < clock.today()):
        raise Missing
    return _card(organisation, person)


def _card(organisation, person) -> bytes:
    """Of a person; without one, of the organisation."""
    about = person or organisation
    return vcard_book.card(
        uid=about.public_id, name=person.name if person else "", post=person.post if person else "",
        organisation=organisation.name, phone=about.phone, email=about.email, web=organisation.web,
        address=(organisation.street, organisation.city, organisation.postal_code))
