"""The contact book: an organisation with all that is known of it, who verifies it, and "still true"."""
import re
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from urllib.parse import urlsplit

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from peewee import JOIN, OP, Case, Expression, Select, Value, fn

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
    District,
    FactCheck,
    FactGroup,
    Fit,
    JobOffer,
    Kind,
    Location,
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
    ServiceArea,
    ServiceCondition,
    ServiceDistrict,
    ServiceGroup,
    ServiceLocation,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
    User,
    Window,
)
from policy import Can, ask, may, visible_organisations
from services import bounces, editing, freshness, journal, records, search_index
from services.search_index import areas_in, free_topics
from text import sort_key

PER_PAGE = 20
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
    """One organisation of the book in at most six queries. Raises Missing."""
    row, today = _organisation(actor, public_id), clock.today()
    works = _works(row)
    over = [work for work in works if work.until_on and work.until_on < today]
    everybody = _people(row)
    sites, offers = _sites_and_offers(row)
    return OrganisationPage(
        organisation=row, profile=getattr(row, "profile", None), parent=row.above if row.parent_id else None,
        municipality=row.town.name if row.municipality_id else "",
        region=_in_language(row.here) if row.region_id else "",
        regions=_lines(row.region_names), facts=_facts(row), services=_services(row),
        people=[person for person in everybody if not person.ended_on or person.ended_on >= today],
        edits=editing.edits(actor, row), agendas=editing.agendas(everybody) if row.kind is Kind.PRISON else [],
        sites=sites, offers=offers,
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


def _facts(row) -> dict[FactGroup, Provenance]:
    return {fact.group: provenance(fact.group, fact) for fact in db.kept(_fact_rows, organisation=row.id)}


def _fact_rows(organisation):
    return _with_confirmers(FactCheck, FactCheck.group, FactCheck.note).where(FactCheck.organisation == organisation)


def _with_confirmers(model, *columns):
    """Rows of flat columns: those given, and who confirmed the row, from which organisation, by which source."""
    home = Organisation.alias("home")
    return (model.select(*columns, model.source, model.confidence, model.confirmed_on, User.name.alias("confirmer"),
                         home.short_name.alias("home_short"), home.name.alias("home_name"))
            .join(User, JOIN.LEFT_OUTER, on=(model.confirmed_by == User.id))
            .join(home, JOIN.LEFT_OUTER, on=(User.organisation == home.id)).switch(model).objects(SimpleNamespace))


def provenance(group: FactGroup, row) -> Provenance:
    """Of a FactCheck, Service, ContactPerson or PrisonWork that was read with `_with_confirmers`."""
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
    rows = db.kept(_service_rows, _english(), organisation=row.id)
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


def _service_rows(english, organisation):
    areas = ServiceArea.select(db.joined(ServiceArea.area)).where(ServiceArea.service == Service.id)
    needs = ServiceNeed.select(db.joined(ServiceNeed.need)).where(ServiceNeed.service == Service.id)
    regions = (ServiceRegion.select(db.joined(Region.name_en if english else Region.name)).join(Region)
               .where(ServiceRegion.service == Service.id))
    districts = (ServiceDistrict.select(db.joined(_beside(District.name, District.code))).join(District)
                 .where(ServiceDistrict.service == Service.id))
    towns = (ServiceMunicipality.select(db.joined(_beside(Municipality.name, Municipality.code))).join(Municipality)
             .where(ServiceMunicipality.service == Service.id))
    sites = (ServiceLocation.select(db.joined(Location.name)).join(Location)
             .where(ServiceLocation.service == Service.id, Location.ended_on.is_null()))
    groups = (ServiceGroup.select(db.joined(_beside(ServiceGroup.fit, ServiceGroup.group)))
              .where(ServiceGroup.service == Service.id))
    line = _beside(ServiceCondition.place, ServiceCondition.when, ServiceCondition.waivable, ServiceCondition.text)
    entry = ServiceCondition.select(db.joined(line)).where(ServiceCondition.service == Service.id)
    query = _with_confirmers(
        Service, Service.public_id, Service.name, Service.form, Service.for_whom, Service.not_for_whom,
        Service.conditions, Service.plain, Service.cost, Service.hours, Service.funding, Service.languages,
        Service.before_release,
        Service.after_release, Service.capacity_state, Service.places_total, Service.places_free, Service.waiting,
        Service.places_on, Service.published, Service.ended_on, areas.alias("area_values"),
        needs.alias("need_values"), regions.alias("region_names"), districts.alias("district_names"),
        towns.alias("municipality_names"), sites.alias("site_names"), groups.alias("group_values"),
        entry.alias("entry_lines"))
    return (query.where(Service.organisation == organisation)
            .order_by(Service.ended_on.is_null(False), Service.sort))


def _beside(first, *others):
    """Columns with bars between them, as one text."""
    for other in others:
        first = Expression(Expression(first, OP.CONCAT, Value("|", converter=False)), OP.CONCAT, other)
    return first


def _named(joined: str | None, filter_: str) -> list[tuple[str, str, str]]:
    """Places `(name, filter of the search, its value)`."""
    return [(name, filter_, code) for line in _lines(joined) for name, code in [line.rsplit("|", 1)]]


def _conditions(joined: str | None) -> list[tuple[str, ConditionWhen, bool]]:
    """Conditions of entry in their order: `(text, when, waivable)`."""
    lines = sorted((line.split("|", 3) for line in _lines(joined)), key=lambda parts: int(parts[0]))
    return [(text, ConditionWhen(when), waivable in {"1", "true", "t"}) for _place, when, waivable, text in lines]


def _groups(joined: str | None) -> dict[Fit, list[TargetGroup]]:
    pairs = [line.split("|") for line in _lines(joined)]
    return {fit: [group for group in TargetGroup if [fit, group] in pairs] for fit in Fit}


def _sites_and_offers(row) -> tuple[list[SimpleNamespace], list[SimpleNamespace]]:
    """Sites (of a secret one no address) and offers of work that are not over. One query; a prison has none."""
    if row.kind is Kind.PRISON:
        return [], []
    found = db.kept(_site_and_offer_rows, clock.today(), organisation=row.id)
    found.sort(key=lambda each: sort_key(each[2]))
    sites = [SimpleNamespace(public_id=each[1], name=each[2], street=each[3], postal_code=each[4], city=each[5],
                             access=each[6], secret=bool(each[7])) for each in found if each[0] == "location"]
    offers = [SimpleNamespace(public_id=each[1], title=each[2], text=each[3], pay=each[4], place=each[5],
                              conditions=each[6], contact=each[7], until_on=_day(each[8]))
              for each in found if each[0] == "job_offer"]
    return sites, offers


def _site_and_offer_rows(today, organisation):
    def word(text):
        return Value(text, converter=False)

    def shown(column):
        return Case(None, [(Location.secret == True, word(""))], column)  # noqa: E712
    sites = Location.select(
        word("location"), Location.public_id, Location.name, shown(Location.street), shown(Location.postal_code),
        shown(Location.city), shown(Location.access),
        Case(None, [(Location.secret == True, word("secret"))], word("")), Location.ended_on).where(  # noqa: E712
            Location.organisation == organisation, Location.ended_on.is_null() | (Location.ended_on >= today))
    offers = JobOffer.select(
        word("job_offer"), JobOffer.public_id, JobOffer.title, JobOffer.text, JobOffer.pay, JobOffer.place,
        JobOffer.conditions, JobOffer.contact, JobOffer.until_on).where(
            JobOffer.organisation == organisation, JobOffer.until_on >= today)
    return sites.union_all(offers).tuples()


def _people(row) -> list[SimpleNamespace]:
    """Contact persons, also those who were, with `areas_of`, `words_of` (topics in their own words), `provenance`."""
    people = db.kept(_people_rows, organisation=row.id)
    for person in people:
        person.areas_of, person.words_of = areas_in(person.topics), free_topics(person.topics)
        person.provenance = provenance(FactGroup.PEOPLE, person)
    return people


def _people_rows(organisation):
    person = ContactPerson
    query = _with_confirmers(person, person.id, person.public_id, person.name, person.post, person.topics, person.days,
                             person.phone, person.email, person.ended_on, person.deputy.alias("deputy_id"))
    return query.where(person.organisation == organisation).order_by(person.sort)


def _works(row) -> list[SimpleNamespace]:
    """Work of an organisation in prisons, or in this prison: `other_name` and `other_id` say who or where."""
    works = db.kept(_work_rows, row.kind is Kind.PRISON, organisation=row.id)
    for work in works:
        work.areas_of = areas_in(work.areas)
        work.provenance = provenance(FactGroup.WORK, work)
    return works


def _work_rows(in_prison, organisation):
    other = Organisation.alias("other")
    mine, theirs = PrisonWork.organisation, PrisonWork.prison
    if in_prison:
        mine, theirs = theirs, mine
    query = _with_confirmers(
        PrisonWork, PrisonWork.public_id, PrisonWork.activity, PrisonWork.activity_en, PrisonWork.areas,
        PrisonWork.form, PrisonWork.days, PrisonWork.since, PrisonWork.until_on, other.name.alias("other_name"),
        other.public_id.alias("other_id"), other.slug.alias("other_slug"), PrisonWork.purpose,
        Service.name.alias("service_name"))
    return (query.join(other, on=(theirs == other.id)).switch(PrisonWork)
            .join(Service, JOIN.LEFT_OUTER, on=(PrisonWork.service == Service.id)).where(mine == organisation)
            .order_by(other.sort, PrisonWork.activity))


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
    to_verify, unsure = _coordinator_counts(actor)
    mine = may(actor, Can.SEE_BOOK) and actor.organisation_id
    asked_for = asked(actor.organisation) if mine else []
    dead = bounces.dead_of(actor.organisation_id) if mine and actor.lead else []
    if not (asked_for or dead or to_verify or unsure):
        return None
    return Today(actor.organisation.public_id if mine else "", asked_for, dead, to_verify, unsure)


def _coordinator_counts(actor) -> tuple[int, int]:
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        return 0, 0
    return ask(actor, _to_do)[0]


def _to_do(actor):
    """One row: how many organisations wait to be verified, how many have facts that nobody has confirmed."""
    waiting = Organisation.select(fn.COUNT(Organisation.id)).where(Organisation.state == OrganisationState.PROPOSED)
    unsure = (_unsure().select(fn.COUNT(FactCheck.organisation.distinct())).join(Organisation)
              .where(Organisation.state != OrganisationState.CLOSED))
    return Select(columns=[waiting, unsure]).tuples().bind(db.database)


def asked(organisation) -> list[Asked]:
    """Groups that come of age, in the order of the page, each in the worst state that its rows are in."""
    found = {}
    for value, confidence, confirmed_on in db.kept(_all_facts, clock.today(), organisation=organisation.id):
        group = FactGroup(value)
        state = freshness.state(group, Confidence(confidence), _day(confirmed_on), clock.today())
        found.setdefault(group, []).append((state, _day(confirmed_on)))
    return [_worst(organisation, group, found[group]) for group in FactGroup
            if any(state != "fresh" for state, _on in found.get(group, ()))]


def _all_facts(_today, organisation):
    """Rows (group, confidence, confirmed_on) of everything that an organisation (its id) answers for, in one query."""
    query = FactCheck.select(FactCheck.group, FactCheck.confidence, FactCheck.confirmed_on).where(
        FactCheck.organisation == organisation)
    for group, model in ROWS_OF.items():
        _model, condition = _rows_of(organisation, group)
        query = query.union_all(
            model.select(Value(group.value, converter=False), model.confidence, model.confirmed_on).where(condition))
    said = Case(None, [(Service.places_on.is_null(), Confidence.RECALLED.value)], Confidence.CONFIRMED.value)
    query = query.union_all(Service.select(Value(FactGroup.PLACES.value, converter=False), said, Service.places_on)
                            .where(places_known(organisation)))
    return query.tuples()


def _day(value):
    return date.fromisoformat(value) if isinstance(value, str) else value


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
