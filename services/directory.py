"""The contact book: an organisation with all that is known of it, who verifies it, and "still true"."""
import re
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from urllib.parse import urlsplit

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from peewee import JOIN, SQL, Case, Cast, Select, Value, fn

import clock
import db
import identifiers
from errors import Missing, RuleBroken
from models import (
    Area,
    CapacityState,
    ConditionWhen,
    Confidence,
    ContactPerson,
    DeadAddress,
    FactCheck,
    FactGroup,
    Fit,
    Kind,
    Municipality,
    Need,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    Place,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    TargetGroup,
    Window,
)
from policy import Can, ask, may, visible_organisations
from rows import as_text
from services import book_page_rows, bounces, editing, freshness, journal, records, search_index
from services.search_index import areas_in, free_topics

PER_PAGE = 20
DEAD, TO_VERIFY, UNSURE = "dead", "to_verify", "unsure"
COUNTS = (TO_VERIFY, UNSURE)
WEB_ADDRESS = re.compile(r"https?://[^\s;,()<>\"]+")

# (from, event) -> to. Only a coordinator; nothing leads out of closed.
TRANSITIONS = {
    (OrganisationState.PROPOSED, "verify"): OrganisationState.VERIFIED,
    (OrganisationState.PAUSED, "verify"): OrganisationState.VERIFIED,
    (OrganisationState.VERIFIED, "pause"): OrganisationState.PAUSED,
    (OrganisationState.PROPOSED, "close"): OrganisationState.CLOSED,
    (OrganisationState.VERIFIED, "close"): OrganisationState.CLOSED,
    (OrganisationState.PAUSED, "close"): OrganisationState.CLOSED,
}
# groups of facts that are rows of their own; the others are one FactCheck each
ROWS_OF = {FactGroup.SERVICES: Service, FactGroup.PEOPLE: ContactPerson, FactGroup.WORK: PrisonWork}


# One organisation

@dataclass(frozen=True)
class Provenance:
    """Where facts come from and whether they are confirmed. `source` is pieces (text, address or None)."""

    state: str  # fresh, ageing, stale
    confidence: Confidence
    confirmed_on: date | None
    who: str
    source: list[tuple[str, str | None]]
    note: str = ""


@dataclass(frozen=True)
class OrganisationPage:
    """All that the book says of one organisation. `works` are in prisons: its own, or in it where it is a prison."""

    organisation: Organisation
    profile: PrisonProfile | None
    parent: Organisation | None
    municipality: str
    region: str
    regions: list[str]
    facts: dict[FactGroup, Provenance]
    services: list[SimpleNamespace]
    people: list[SimpleNamespace]
    works: list[SimpleNamespace]
    ended_works: list[SimpleNamespace]
    owned: bool  # the reader's own: they confirm its facts
    events: list[str]  # what the reader may do with its state
    edits: bool  # whether the reader writes its records; others propose corrections
    agendas: list[editing.Agenda]  # one named person for each area, with a deputy
    sites: list[SimpleNamespace]
    offers: list[SimpleNamespace]  # of work, not over yet
    takes_visits: bool  # a prison that opens times, for a reader who may ask for one
    dead: frozenset[str]  # addresses of the organisation and its people that mail does not reach, in small letters

    @property
    def web_link(self) -> str:
        """The address of its pages where that may be a link; what a file brought in otherwise stays a text."""
        web = self.organisation.web
        return web if identifiers.web_address(web) == web else ""


def page(actor, public_id: str) -> OrganisationPage:
    """One organisation of the book in four queries, of a prison one more. Raises Missing."""
    row, today = _organisation(actor, public_id), clock.today()
    found, people_and_work = book_page_rows.flat(row), book_page_rows.people_and_work(row)
    works, everybody = _works(people_and_work), _people(people_and_work)
    over = [work for work in works if work.until_on and work.until_on < today]
    return OrganisationPage(
        organisation=row, profile=getattr(row, "profile", None), parent=row.above if row.parent_id else None,
        municipality=row.town.name if row.municipality_id else "",
        region=_in_language(row.here) if row.region_id else "",
        regions=_lines(row.region_names), facts=_facts(found), services=_services(row),
        people=[person for person in everybody if not person.ended_on or person.ended_on >= today],
        edits=editing.edits(actor, row), agendas=editing.agendas(everybody) if row.kind is Kind.PRISON else [],
        sites=_sites(found), offers=_offers(found),
        works=[work for work in works if not work.until_on or work.until_on >= today], ended_works=over,
        owned=owns(actor, row), events=events(actor, row), takes_visits=_takes_visits(actor, row),
        dead=frozenset(_lines(row.dead_addresses)))


def _takes_visits(actor, organisation) -> bool:
    if organisation.kind is not Kind.PRISON or not may(actor, Can.REQUEST_VISITS):
        return False
    return Window.select().join(Place).where(Place.prison == organisation.id).exists()


def owns(actor, organisation) -> bool:
    return may(actor, Can.SEE_BOOK) and actor.organisation_id == organisation.id


def events(actor, organisation) -> list[str]:
    """What the actor may do with the state of an organisation: verify, pause, close."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        return []
    return [event for (state, event) in TRANSITIONS
            if state is organisation.state and not _shuts_out(actor, organisation, event)]


def _shuts_out(actor, organisation, event) -> bool:
    """Whether somebody would close the organisation they belong to: nobody could sign in and open it again."""
    return event == "close" and organisation.id == actor.organisation_id


def _organisation(actor, public_id):
    row = next(iter(ask(actor, _organisation_row, _english(), public_id=public_id)), None)
    if row is None:
        raise Missing
    return row


def _organisation_row(actor, english, public_id):
    above = Organisation.alias("above")
    names = (OrganisationRegion.select(db.joined(Region.name_en if english else Region.name)).join(Region)
             .where(OrganisationRegion.organisation == Organisation.id))
    return (visible_organisations(actor)
           .select(Organisation, PrisonProfile, above, Region, Municipality, names.alias("region_names"),
                   bounces.among(Organisation.id).select(db.joined(DeadAddress.address))
                   .alias("dead_addresses"))
           .join(PrisonProfile, JOIN.LEFT_OUTER, on=(PrisonProfile.organisation == Organisation.id), attr="profile")
           .join_from(Organisation, above, JOIN.LEFT_OUTER, on=(Organisation.parent == above.id), attr="above")
           .join_from(Organisation, Region, JOIN.LEFT_OUTER, attr="here")
           .join_from(Organisation, Municipality, JOIN.LEFT_OUTER, attr="town")
           .where(Organisation.public_id == public_id))


def _in_language(region):
    """The name of a region (or the column) as the reader's language has it."""
    return region.name_en if _english() else region.name


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _lines(joined: str | None) -> list[str]:
    return sorted(joined.split("\n")) if joined else []


def _facts(found) -> dict[FactGroup, Provenance]:
    facts = [SimpleNamespace(group=FactGroup(each[1]), note=each[2], source=each[3], confidence=Confidence(each[4]),
                             confirmer=each[5], home_short=each[6], home_name=each[7], confirmed_on=db.day_of(each[8]))
             for each in found if each[0] == "fact"]
    return {fact.group: provenance(fact.group, fact) for fact in facts}


def provenance(group: FactGroup, row) -> Provenance:
    """Of a FactCheck, Service, ContactPerson or PrisonWork that was read with who confirmed it (book_page_rows)."""
    who = f"{row.confirmer}, {row.home_short or row.home_name}" if row.confirmer else ""
    return Provenance(freshness.state(group, row.confidence, row.confirmed_on, clock.today()), row.confidence,
                      row.confirmed_on, who, source_pieces(row.source), getattr(row, "note", ""))


def source_pieces(source: str) -> list[tuple[str, str | None]]:
    """A source as pieces of text; of an address the host is shown and the whole is the link. No address: a text."""
    pieces, end = [], 0
    for match in WEB_ADDRESS.finditer(source):
        pieces.append((source[end:match.start()], None))
        pieces.append((urlsplit(match[0]).hostname.removeprefix("www."), match[0])
                      if identifiers.web_address(match[0]) else (match[0], None))
        end = match.end()
    pieces.append((source[end:], None))
    return [piece for piece in pieces if piece[0].strip()]


def _services(row) -> list[SimpleNamespace]:
    """Services with `areas_of`, `needs_of`, `regions_of` and `provenance`, those that ended last."""
    rows = db.kept(book_page_rows.services, _english(), organisation=row.id)
    for service in rows:
        service.areas_of = [Area(value) for value in _lines(service.area_values)]
        service.needs_of = [Need(value) for value in _lines(service.need_values)]
        service.regions_of = _lines(service.region_names)
        service.places_of = [*_named(service.district_names, "district"),
                             *_named(service.municipality_names, "municipality")]
        service.sites_of = _lines(service.site_names)
        service.entry_of = _conditions(service.entry_lines)
        service.groups_of = _groups(service.group_values)
        service.provenance = provenance(FactGroup.SERVICES, service)
    return rows


def _named(joined: str | None, filter_: str) -> list[tuple[str, str, str]]:
    """Places `(name, filter of the search, its value)`."""
    return [(name, filter_, code) for line in _lines(joined) for name, code in [line.rsplit("|", 1)]]


# Groups of facts, sites and offers: eight texts and a day each


def _conditions(joined: str | None) -> list[tuple[str, ConditionWhen, bool]]:
    """Conditions of entry in their order: `(text, when, waivable)`."""
    lines = sorted((line.split("|", 3) for line in _lines(joined)), key=lambda parts: int(parts[0]))
    return [(text, ConditionWhen(when), waivable in {"1", "true", "t"}) for _place, when, waivable, text in lines]


def _groups(joined: str | None) -> dict[Fit, list[TargetGroup]]:
    pairs = [line.split("|") for line in _lines(joined)]
    return {fit: [group for group in TargetGroup if [fit, group] in pairs] for fit in Fit}


def _sites(found) -> list[SimpleNamespace]:
    """Sites; of a secret one no address."""
    return [SimpleNamespace(public_id=each[1], name=each[2], street=each[3], postal_code=each[4], city=each[5],
                            access=each[6], secret=bool(each[7])) for each in found if each[0] == "location"]


def _offers(found) -> list[SimpleNamespace]:
    """Offers of work that are not over."""
    return [SimpleNamespace(public_id=each[1], title=each[2], text=each[3], pay=each[4], place=each[5],
                            conditions=each[6], contact=each[7], until_on=db.day_of(each[8]))
            for each in found if each[0] == "job_offer"]


def _people(found) -> list[SimpleNamespace]:
    """Contact persons, also those who were, with `areas_of`, `words_of` (topics in their own words), `provenance`."""
    people = [person for person in found if person.what == "person"]
    for person in people:
        person.areas_of, person.words_of = areas_in(person.topics), free_topics(person.topics)
        person.provenance = provenance(FactGroup.PEOPLE, person)
    return people


def _works(found) -> list[SimpleNamespace]:
    """Work of an organisation in prisons, or in this prison: `other_name` and `other_id` say who or where."""
    works = [work for work in found if work.what == "work"]
    for work in works:
        work.areas_of = areas_in(work.areas)
        work.provenance = provenance(FactGroup.WORK, work)
    return works


# Verifying

def change_state(actor, public_id: str, event: str) -> Organisation:
    """Takes an organisation along one of TRANSITIONS. Raises Missing, RuleBroken where it is not where it was."""
    with db.writing():
        row = db.locked(visible_organisations(actor).where(Organisation.public_id == public_id)).first()
        if row is None or not may(actor, Can.VERIFY_ORGANISATIONS):
            raise Missing
        if _shuts_out(actor, row, event):
            raise RuleBroken(_("You belong to this organisation: nobody of it could sign in any more."))
        state = TRANSITIONS.get((row.state, event))
        if state is None:
            raise RuleBroken(_("Somebody has decided about this organisation in the meantime. See how it stands now."))
        row.verified_at = clock.now() if state is OrganisationState.VERIFIED else row.verified_at
        row.state = state
        row.save(only=[Organisation.state, Organisation.verified_at])
        journal.wrote(actor, f"directory.{event}", row.public_id, parts="state")
        search_index.reindex(row.id)
        return row


@dataclass(frozen=True)
class Queue:
    """A page of organisations that wait for the coordinator. `rows`: with `unsure`, groups of facts not confirmed."""

    rows: list[Organisation]
    count: int
    page: int
    kinds: list[tuple[Kind, int]]

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))


def proposed(actor, kind: Kind | None, number: int) -> Queue:
    """Organisations that nobody has verified, those who can be in the book's main roles first."""
    waiting = visible_organisations(actor).where(Organisation.state == OrganisationState.PROPOSED)
    return _queue(waiting, kind, number)


def unconfirmed(actor, kind: Kind | None, number: int) -> Queue:
    """Organisations with facts that neither a source nor a person has confirmed."""
    return _queue(visible_organisations(actor).where(Organisation.state != OrganisationState.CLOSED,
                                                     Organisation.id.in_(_unsure().select(FactCheck.organisation))),
                  kind, number)


def _unsure():
    return FactCheck.select().where(FactCheck.confidence.in_(freshness.UNSURE))  # a list that an index finds


def _queue(waiting, kind, number) -> Queue:
    kinds = (waiting.select(Organisation.kind, fn.COUNT(Organisation.id)).group_by(Organisation.kind)
             .order_by(Organisation.kind).tuples())
    kinds = [(member, count) for member in Kind for found, count in kinds if found is member]
    count = sum(each for member, each in kinds if kind in {None, member})
    number = min(max(1, number), max(1, -(-count // PER_PAGE)))
    unsure = _unsure().where(FactCheck.organisation == Organisation.id).select(fn.COUNT(FactCheck.id))
    rows = waiting.select(Organisation, unsure.alias("unsure")).order_by(Organisation.sort, Organisation.id)
    rows = rows if kind is None else rows.where(Organisation.kind == kind)
    return Queue(list(rows.paginate(number, PER_PAGE)), count, number, kinds)


# Still true

def confirm(actor, public_id: str, group: FactGroup) -> Organisation:
    """A person of the organisation says that its facts of a group are still true. Raises Missing, RuleBroken."""
    with db.writing():
        row = visible_organisations(actor).where(Organisation.public_id == public_id).first()
        if row is None or not owns(actor, row):
            raise Missing
        if not confirm_facts(actor, row, group, via="confirmation"):
            raise RuleBroken(_("The book knows nothing of this kind about your organisation yet."))
        return row


def confirm_facts(actor, organisation, group: FactGroup, via: str) -> bool:
    """Writes that the facts of a group are true today; False where there are none. Who may is asked by the caller.

    `actor` is None where somebody followed a link of a mail. Addresses that were confirmed are written to again.
    """
    with db.writing():
        if group is FactGroup.PLACES:
            services = list(Service.select().where(places_known(organisation.id)))
            for service in services:
                records.change(actor, service, {"places_on": clock.today()}, via, reindex=False)
            confirmed = len(services)
        else:
            model, condition = _rows_of(organisation.id, group)
            confirmed = model.update(confidence=Confidence.CONFIRMED, confirmed_on=clock.today(),
                                     confirmed_by=getattr(actor, "id", None)).where(condition).execute()
        if confirmed:
            bounces.forget(organisation, group)
            journal.wrote(actor, "directory.confirm", organisation.public_id, parts=group, ground=via)
            search_index.reindex(organisation.id)
        return bool(confirmed)


def places_known(organisation):
    """Condition: services of an organisation (its id) that say how many places are free, or that there are none."""
    return ((Service.organisation == organisation)
            & (Service.places_free.is_null(False) | (Service.capacity_state != CapacityState.UNKNOWN))
            & (Service.ended_on.is_null() | (Service.ended_on >= clock.today())))


def _rows_of(organisation: int, group: FactGroup):
    """`(model, condition)` of the rows of a group that an organisation answers for."""
    model = ROWS_OF.get(group)
    if model is None:
        return FactCheck, (FactCheck.organisation == organisation) & (FactCheck.group == group)
    end = model.until_on if model is PrisonWork else model.ended_on
    return model, (model.organisation == organisation) & (end.is_null() | (end >= clock.today()))


# Today

@dataclass(frozen=True)
class Asked:
    """A group of facts of the reader's own organisation that is to be confirmed, and what it says now."""

    group: FactGroup
    state: str
    confirmed_on: date | None
    says: str


@dataclass(frozen=True)
class Today:
    """What the contact book asks of somebody. Counts are 0 for all but the coordinator."""

    organisation: str  # public id
    asked: list[Asked]
    dead: list[str]  # addresses of the organisation that mail does not reach
    to_verify: int
    unsure: int


def today(actor) -> Today | None:
    """Facts of one's own organisation to confirm; for the coordinator what waits in the book. None: nothing."""
    mine = may(actor, Can.SEE_BOOK) and actor.organisation_id
    rows = ask(actor, _own_rows) if mine or may(actor, Can.VERIFY_ORGANISATIONS) else []
    counts = {what: int(count) for what, count, _on in rows if what in COUNTS}
    to_verify, unsure = counts.get(TO_VERIFY, 0), counts.get(UNSURE, 0)
    asked_for = _asked(actor.organisation, rows)
    dead = sorted(address for what, address, _on in rows if what == DEAD) if actor.lead else []
    if not (asked_for or dead or to_verify or unsure):
        return None
    return Today(actor.organisation.public_id if mine else "", asked_for, dead, to_verify, unsure)


def _coordinators_counts():
    """How many organisations wait to be verified, how many have facts that nobody has confirmed."""
    waiting = Organisation.select(fn.COUNT(Organisation.id)).where(Organisation.state == OrganisationState.PROPOSED)
    unsure = (_unsure().select(fn.COUNT(FactCheck.organisation.distinct())).join(Organisation)
              .where(Organisation.state != OrganisationState.CLOSED))
    return {TO_VERIFY: waiting, UNSURE: unsure}


def asked(organisation) -> list[Asked]:
    """Groups that come of age, in the order of the page, each in the worst state that its rows are in."""
    return _asked(organisation, db.kept(_all_facts, clock.today(), organisation=organisation.id))


def _asked(organisation, rows) -> list[Asked]:
    found = {}
    for value, confidence, confirmed_on in rows:
        if value == DEAD or value in COUNTS:
            continue
        group = FactGroup(value)
        state = freshness.state(group, Confidence(confidence), db.day_of(confirmed_on), clock.today())
        found.setdefault(group, []).append((state, db.day_of(confirmed_on)))
    return [_worst(organisation, group, found[group]) for group in FactGroup
            if any(state != "fresh" for state, _on in found.get(group, ()))]


def _own_rows(actor):
    """The same of the actor's organisation; addresses that mail does not reach, as (DEAD, address, None); for the
    coordinator the counts, as (name, count, None)."""
    dead = bounces.of(actor.organisation_id).select(_constant(DEAD), DeadAddress.address, SQL("NULL"))
    query = _all_facts(clock.today(), actor.organisation_id).union_all(dead)
    for name, count in _coordinators_counts().items() if may(actor, Can.VERIFY_ORGANISATIONS) else ():
        query = query.union_all(Select(columns=[_constant(name), Cast(count, "TEXT"), SQL("NULL")]))
    return query.tuples()


def _constant(text):
    return Value(text, converter=False)


def _all_facts(_today, organisation):
    """Rows (group, confidence, confirmed_on) of everything that an organisation (its id) answers for, in one query."""
    query = FactCheck.select(as_text(FactCheck.group, "what"), as_text(FactCheck.confidence, "said"),
                             FactCheck.confirmed_on).where(FactCheck.organisation == organisation)
    for group, model in ROWS_OF.items():
        _model, condition = _rows_of(organisation, group)
        query = query.union_all(
            model.select(Value(group.value, converter=False), model.confidence, model.confirmed_on).where(condition))
    said = Case(None, [(Service.places_on.is_null(), Confidence.RECALLED.value)], Confidence.CONFIRMED.value)
    query = query.union_all(Service.select(Value(FactGroup.PLACES.value, converter=False), said, Service.places_on)
                            .where(places_known(organisation)))
    return query.tuples()



def _worst(organisation, group, rows) -> Asked:
    state = max((state for state, _on in rows), key=freshness.STATES.index)
    days = [on for _state, on in rows]
    return Asked(group, state, None if None in days else min(days), _says(organisation, group, len(rows)))


def _says(organisation, group, count) -> str:
    """What there is to confirm, in a line."""
    row = organisation
    said = {
        FactGroup.BASICS: lambda: (row.name, row.legal_form),
        FactGroup.ADDRESS: lambda: (row.street, f"{row.postal_code} {row.city}".strip()),
        FactGroup.CONTACT: lambda: (row.phone, row.email, row.web, row.data_box),
        FactGroup.REGISTRATION: lambda: (_("company number %(number)s", number=row.ico),),
        FactGroup.PLACES: lambda: (ngettext("%(num)d service", "%(num)d services", count),),
        FactGroup.SERVICES: lambda: (ngettext("%(num)d service", "%(num)d services", count),),
        FactGroup.PEOPLE: lambda: (ngettext("%(num)d person", "%(num)d people", count),),
        FactGroup.WORK: lambda: (ngettext("%(num)d activity", "%(num)d activities", count),),
    }
    return " · ".join(filter(None, said[group]())) if group in said else ""
