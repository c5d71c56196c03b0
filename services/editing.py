"""The owner's own hand in the book: who may write which record, editing it in parts, adding and ending.

People of the organisation that a record belongs to write it, and the coordinator. What the owner writes, the owner has
confirmed. Two who write one field are told apart by records.Changed, and choose.
"""
import secrets
from dataclasses import dataclass
from types import SimpleNamespace

import clock
import db
from errors import Missing
from models import (
    Area,
    Confidence,
    ContactPerson,
    District,
    FieldChange,
    JobOffer,
    Kind,
    Location,
    Municipality,
    Organisation,
    OrganisationState,
    PrisonProfile,
    PrisonWork,
    RecordKind,
    Region,
    Role,
    Service,
    User,
)
from policy import NOBODY, Can, may, visible_organisations, works_with_clients
from services import basics, journal, prisons, records
from services.records import ENDS, MODELS
from services.search_index import areas_in
from text import fold, sort_key

VIA = "form"
WITH_SLUG = (Service, PrisonWork)
WITH_PROVENANCE = (Service, PrisonWork, ContactPerson, Location)
NOT_OF_PRISONS = (RecordKind.SERVICE, RecordKind.PRISON_WORK, RecordKind.LOCATION, RecordKind.JOB_OFFER)


@dataclass(frozen=True)
class Opened:
    """A record that somebody looks at, its organisation, and whether they may write it."""

    kind: RecordKind
    record: object
    organisation: Organisation
    writable: bool

    @property
    def public_id(self) -> str:
        return records.public_id_of(self.record)

    @property
    def title(self) -> str:
        row = self.record
        return (getattr(row, "name", "") or getattr(row, "title", "") or getattr(row, "activity", "")
                or self.organisation.name)


def edits(actor, organisation) -> bool:
    """Whether the actor may write the records of an organisation."""
    if organisation.state is OrganisationState.CLOSED or not may(actor, Can.SEE_BOOK):
        return False
    return actor.organisation_id == organisation.id or may(actor, Can.VERIFY_ORGANISATIONS)


def open_record(actor, kind: RecordKind, public_id: str) -> Opened:
    """A record of an organisation that the actor sees. Raises Missing; a secret site is only its owner's."""
    record = _profile(public_id) if kind is RecordKind.PRISON_PROFILE else records.find(kind, public_id)
    organisation = open_organisation(actor, records.organisation_of(record).public_id)
    opened = Opened(RecordKind(kind), record, organisation, edits(actor, organisation))
    if getattr(record, "secret", False) and not opened.writable:
        raise Missing
    return opened


def _profile(public_id) -> PrisonProfile:
    """The profile of a prison (public id); one that is not kept yet where there is none. Raises Missing."""
    home = Organisation.get_or_none(Organisation.public_id == public_id, Organisation.kind == Kind.PRISON)
    if home is None:
        raise Missing
    return prisons.profile_of(home.id) or PrisonProfile(organisation=home, type="prison")


def open_to_write(actor, kind: RecordKind, public_id: str) -> Opened:
    opened = open_record(actor, kind, public_id)
    if not opened.writable:
        raise Missing
    return opened


def open_organisation(actor, public_id: str) -> Organisation:
    row = visible_organisations(actor).where(Organisation.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


def organisation_to_write(actor, public_id: str) -> Organisation:
    row = open_organisation(actor, public_id)
    if not edits(actor, row):
        raise Missing
    return row


def hears_only_clients(actor, organisation) -> bool:
    """Whether the actor says for this organisation that it wants nothing of what others wrote about clients."""
    return works_with_clients(actor) and actor.lead and actor.organisation_id == organisation.id


def hear_only_clients(actor, public_id: str, only: bool) -> None:
    """The lead of an organisation says whether it works with the client's own words only. Raises Missing."""
    row = open_organisation(actor, public_id)
    if not hears_only_clients(actor, row):
        raise Missing
    records.change(actor, row, {"only_clients_words": only}, VIA)


def organisation_to_add_to(actor, public_id: str, kind: RecordKind) -> Organisation:
    """The organisation that gets a new record. A prison has people; services in it are those of others."""
    row = organisation_to_write(actor, public_id)
    if row.kind is Kind.PRISON and kind in NOT_OF_PRISONS:
        raise Missing
    return row


# Writing

def save(actor, kind: RecordKind, public_id: str, values: dict, version: int,
         chosen: dict[str, str] | None = None) -> list[FieldChange]:
    """Writes a part of a record. `chosen` are fields of a clash: `theirs` stays as it is, `mine` is written.

    Raises Missing, RuleBroken, records.Changed.
    """
    with db.writing():
        opened = open_to_write(actor, kind, public_id)
        mine = {name: value for name, value in values.items() if (chosen or {}).get(name) != "theirs"}
        basics.check(actor, opened.organisation, mine)
        record = opened.record if opened.record.id else prisons.writable_profile(opened.organisation)
        written = records.change(actor, record, mine, VIA, version)
        if actor.organisation_id == opened.organisation.id:
            for group in {records.group_of(opened.kind, name) for name in values}:
                records.confirm_group(actor, record, group)
        return written


def add(actor, kind: RecordKind, organisation: str, values: dict):
    """A new record of an organisation (public id). Raises Missing, RuleBroken."""
    model = MODELS[kind]
    with db.writing():
        owner = organisation_to_add_to(actor, organisation, kind)
        if twin := _added_just_now(actor, model, owner, values):
            return twin
        fixed = {}
        if model in WITH_SLUG:
            fixed["slug"] = f"{owner.slug}-{secrets.token_hex(4)}"
        if model in WITH_PROVENANCE:
            mine = actor.organisation_id == owner.id
            fixed |= {"confidence": Confidence.CONFIRMED if mine else Confidence.PARTLY,
                      "confirmed_on": clock.today() if mine else None, "confirmed_by": actor if mine else None}
        return records.add(actor, model, owner, values, VIA, **fixed)


def _added_just_now(actor, model, owner, values):
    wanted = {name: records.cleaned(model, name, value) for name, value in values.items()}
    rows = (model.get_or_none(public_id=public_id, organisation=owner)
            for public_id in journal.just_wrote(actor, "book.add"))
    return next((row for row in rows if row and records.read(row, wanted) == wanted), None)


def end(actor, kind: RecordKind, public_id: str, on, version: int) -> None:
    """The last day of a service, a person, a site, work or an offer. Raises Missing, RuleBroken, records.Changed."""
    with db.writing():
        opened = open_to_write(actor, kind, public_id)
        field = ENDS.get(type(opened.record))
        if field is None:
            raise Missing
        records.change(actor, opened.record, {field: on}, VIA, version)


# What forms offer

def choices(actor, organisation: Organisation) -> SimpleNamespace:
    """Pairs (value, words) for the fields that choose among records; `says_kind`: whether the actor says the kind."""
    here = organisation.id
    today = clock.today()
    return SimpleNamespace(
        says_kind=basics.says_kind(actor),
        regions=[(row.code, row.name) for row in Region.select().order_by(Region.code)],
        districts=sorted(District.select(District.code, District.name).tuples(), key=lambda pair: sort_key(pair[1])),
        locations=[(row.public_id, row.name) for row in Location.select().where(
            Location.organisation == here, Location.ended_on.is_null()).order_by(Location.sort)],
        services=[(row.public_id, row.name) for row in Service.select().where(
            Service.organisation == here, Service.ended_on.is_null() | (Service.ended_on >= today)).order_by(
                Service.sort)],
        people=[(row.public_id, row.name) for row in ContactPerson.select().where(
            ContactPerson.organisation == here,
            ContactPerson.ended_on.is_null() | (ContactPerson.ended_on >= today)).order_by(ContactPerson.sort)],
        prisons=[(row.public_id, row.name) for row in Organisation.select().where(
            Organisation.kind == Kind.PRISON, Organisation.state != OrganisationState.CLOSED).order_by(
                Organisation.sort)])


TABLES = {"district": District, "municipality": Municipality, "contact": ContactPerson,
          "organisation": Organisation, "service": Service}  # what a field of a form may point at


def places_named(kind: str, typed: str) -> tuple[list[str], list[str]]:
    """Codes of what a list names (`kind` is district or municipality), and the names that are not known.

    A name that stands twice in the country is given with its district: Město Albrechtice (Bruntál).
    """
    names = [name.strip() for name in typed.replace("\n", ",").replace(";", ",").split(",") if name.strip()]
    known = {}
    for row in TABLES[kind].select():
        known.setdefault(fold(row.name), row.code)
        if kind == "municipality":
            known[fold(f"{row.name} ({row.district})")] = row.code
    found = {name: known.get(fold(name)) for name in names}
    return sorted(filter(None, found.values())), [name for name, code in found.items() if code is None]


def names_of(kind: str, codes) -> str:
    """Codes of districts or municipalities as a list that `places_named` reads."""
    model = TABLES[kind]
    rows = sorted(model.select().where(model.code.in_(list(codes) or [""])), key=lambda row: sort_key(row.name))
    return ", ".join(row.name for row in rows)


def public_id_of(kind: str, number: int | None) -> str:
    """The public id of a row that a field points at; empty where it points at nothing."""
    return TABLES[kind].get_by_id(number).public_id if number else ""


def name_of(organisation: int | None) -> str:
    return Organisation.get_by_id(organisation).name if organisation else ""


def number_of(kind: str, public_id: str | None) -> int | None:
    """The row that a choice stands for."""
    model = TABLES[kind]
    return model.select(model.id).where(model.public_id == public_id).scalar() if public_id else None


# Agendas of a prison: whom to ask about what

@dataclass(frozen=True)
class Agenda:
    """One named person for an area of help, and who stands in. `kept`: the person still is; else the deputy stands."""

    area: Area
    person: object
    deputy: object | None
    kept: bool


def agendas(people) -> list[Agenda]:
    """Of contact persons (with `ended_on`, `deputy_id`), those who ended too: exactly one named person for an area."""
    today = clock.today()
    by_id = {person.id: person for person in people}
    held = {}
    for person in people:
        for area in areas_in(person.topics):
            held.setdefault(area, []).append(person)
    return [agenda for area in Area if area in held and (agenda := _agenda(area, held[area], by_id, today))]


def _agenda(area, holders, by_id, today) -> Agenda | None:
    current = [person for person in holders if not _gone(person, today)]
    if current:
        first = current[0]
        deputy = by_id.get(first.deputy_id)
        others = [deputy] if deputy and not _gone(deputy, today) else current[1:]
        return Agenda(area, first, others[0] if others else None, True)
    last = max(holders, key=lambda person: person.ended_on)
    deputy = by_id.get(last.deputy_id)
    return Agenda(area, last, deputy if deputy and not _gone(deputy, today) else None, False)


def _gone(person, today) -> bool:
    return person.ended_on is not None and person.ended_on < today


def orphaned_agendas(actor) -> list[Agenda]:
    """Agendas of the actor's own prison whose person has gone. One query."""
    if actor.organisation_id is None or actor.organisation.kind is not Kind.PRISON:
        return []
    return [each for each in agendas(db.kept(_people_of, organisation=actor.organisation_id)) if not each.kept]


def gone_people(actor):
    """The query of contact persons of the actor's prison who are gone: only they leave agendas without a person."""
    mine = ContactPerson.organisation == actor.organisation_id if actor.role is Role.PRISON else NOBODY
    return ContactPerson.select().where(mine, ContactPerson.ended_on < clock.today())


def _people_of(organisation):
    return ContactPerson.select().where(ContactPerson.organisation == organisation).order_by(ContactPerson.sort)


# History

PER_PAGE = 50


def history(actor, kind: RecordKind, public_id: str, page: int) -> tuple[Opened, list[FieldChange], int]:
    """`(record, changes with their actors, all in all)`, the newest first. Raises Missing."""
    opened = open_record(actor, kind, public_id)
    mine = FieldChange.select(FieldChange, User, Organisation).join(User, "LEFT JOIN").join(
        Organisation, "LEFT JOIN").where(FieldChange.record_kind == kind, FieldChange.record == public_id)
    return opened, list(mine.order_by(FieldChange.id.desc()).paginate(page, PER_PAGE)), mine.count()


# Job offers

def job_offers(actor, region: str = "") -> list[JobOffer]:
    """Offers that have not ended, of organisations that the actor sees, those that end first on top."""
    rows = (JobOffer.select(JobOffer, Organisation).join(Organisation)
            .where(JobOffer.until_on >= clock.today(),
                   Organisation.id.in_(visible_organisations(actor).select(Organisation.id))))
    rows = rows.where(JobOffer.region.is_null() | (JobOffer.region == region)) if region else rows
    return list(rows.order_by(JobOffer.until_on, JobOffer.sort, JobOffer.id))


def regions() -> list[Region]:
    return list(Region.select().order_by(Region.code))
