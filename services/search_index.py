"""The index of the contact book's search: words and what they lead to, the same on both databases.

Whoever writes a record of the book calls `reindex` in the same transaction. A line of the search (SearchEntry) stands
for an organisation, a service, a contact person or work in a prison; its words (SearchWord) are folded words and
stems, and its filters: `#area:debts`, `#region:CZ052`, `#kind:service` where it has not ended (all are in
services/search.py). The rank of a word says how well its line answers it: 32 when it has not ended, 8 for each step of
weight (3 in the name, 2 in what it does, 1 elsewhere), 1 when it is confirmed and not stale (a job writes anew what
came of age). So the ranks of several words add up to the order of the answer; nothing is ranked by size.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache

from flask_babel import force_locale
from peewee import chunked

import clock
import db
from labels import label
from models import (
    Area,
    CapacityState,
    ContactPerson,
    District,
    EntryKind,
    FactCheck,
    FactGroup,
    Fit,
    Kind,
    Municipality,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    PrisonWork,
    Region,
    SearchEntry,
    SearchWord,
    Service,
    ServiceArea,
    ServiceDistrict,
    ServiceGroup,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
)
from services import freshness
from text import search_words

AREAS = {area.value: area for area in Area}
AGES = {EntryKind.ORGANISATION: FactGroup.BASICS, EntryKind.SERVICE: FactGroup.SERVICES,
        EntryKind.CONTACT: FactGroup.PEOPLE, EntryKind.PRISON_WORK: FactGroup.WORK}  # whose age the line shows
NAME, DOES, ELSEWHERE, FILTER = 3, 2, 1, 0  # weights of a word
LATE = 7  # days that a job that did not run may be late
LIVE, STEP, CONFIRMED = 32, 8, 1  # parts of a rank
ALSO_SAID = {  # words that people type for an area, beside its name
    Area.ACCOMMODATION: "bydlení byt azylový dům ubytovna nocleh housing shelter",
    Area.DEBTS: "exekuce oddlužení insolvence dluhová poradna enforcement insolvency",
    Area.DRUG_SERVICES: "drogy závislost adiktologie alkohol addiction",
    Area.EMPLOYMENT: "práce brigáda zaměstnavatel work job",
    Area.FAMILY_COUNSELLING: "rodina děti vztahy family children",
    Area.HEALTH_SERVICES: "zdraví lékař health doctor",
    Area.PSYCHIATRIC: "psychiatr duševní zdraví mental health",
}


# The index

@dataclass
class Line:
    """One line of the search before it is written. `said` are pairs (text, weight)."""

    kind: EntryKind
    record: str
    organisation: int
    title: str
    sort: str
    said: list[tuple[str, int]]
    detail: str = ""
    areas: str = ""
    checked_on: object = None
    confirmed: bool = False
    good: bool = False  # confirmed, and the confirmation still holds
    ended: bool = False
    filters: set[str] = field(default_factory=set)

    def ranks(self) -> dict[str, int]:
        """`{word: rank}`, filters too."""
        weights = dict.fromkeys(self.filters | self._own_filters(), FILTER)
        for text, weight in self.said:
            for word in index_words(text):
                weights[word] = max(weight, weights.get(word, 0))
        base = (0 if self.ended else LIVE) + (CONFIRMED if self.good else 0)
        return {word: base + STEP * weight for word, weight in weights.items()}

    def _own_filters(self) -> set[str]:
        kind = set() if self.ended else {f"#kind:{self.kind}"}
        return kind | {"#verified:yes"} if self.good else kind


@lru_cache(20_000)
def index_words(text: str) -> frozenset[str]:
    """Names of places, organisations and areas stand in many lines."""
    return frozenset(search_words(text))


def _each(weight: int, *texts: str) -> list[tuple[str, int]]:
    return [(text, weight) for text in texts if text]


@dataclass
class Around:
    """An organisation and all that the book says of it."""

    row: Organisation
    regions: dict[str, str] = field(default_factory=dict)  # code: name and seat, where it sits and where it works
    services: list[Service] = field(default_factory=list)
    contacts: list[ContactPerson] = field(default_factory=list)
    work: list[PrisonWork] = field(default_factory=list)  # what it does in prisons
    work_here: list[PrisonWork] = field(default_factory=list)  # what others do in it
    basics: FactCheck | None = None

    @property
    def places(self) -> list[str]:
        return [self.row.city, self.row.district, *self.regions.values()]

    @property
    def prisons(self) -> list[Organisation]:
        """Where it works now; a prison itself."""
        here = [self.row] if self.row.kind is Kind.PRISON else []
        return here + [work.prison for work in self.work if not _is_over(work.until_on)]

    def filters(self) -> set[str]:
        return {f"#region:{code}" for code in self.regions} | {f"#prison:{prison.slug}" for prison in self.prisons}


def reindex(*organisations: int) -> None:
    """Makes the lines of these organisations (ids) and of those they work with anew."""
    with db.writing():
        for ids in chunked(sorted(_with_neighbours(organisations)), 300):
            SearchEntry.delete().where(SearchEntry.organisation.in_(ids)).execute()
            _write([line for around in _read(ids).values() for line in _lines(around)])


def rebuild() -> int:
    """Makes the whole index anew; returns the number of lines."""
    reindex(*[row for row, in Organisation.select(Organisation.id).tuples()])
    return SearchEntry.select().count()


def reindex_ended() -> int:
    """Writes anew the lines of organisations of which something has ended in the last days; returns how many."""
    over = (clock.today() - timedelta(days=LATE), clock.today() - timedelta(days=1))
    ended = {row.organisation_id for model, day in
             ((PrisonWork, PrisonWork.until_on), (Service, Service.ended_on), (ContactPerson, ContactPerson.ended_on))
             for row in model.select(model.organisation).where(day.between(*over))}
    with db.writing():
        reindex(*ended)
    return len(ended)


def reindex_stale() -> int:
    """Writes anew the lines of organisations of which something came of age in the last days; returns how many."""
    today, found = clock.today(), set()
    for kind, group in AGES.items():
        first = today - timedelta(days=freshness.lasts(group) + LATE)
        last = today - timedelta(days=freshness.lasts(group) + 1)
        rows = SearchEntry.select(SearchEntry.organisation).where(
            SearchEntry.kind == kind, SearchEntry.checked_on.between(first, last)).distinct()
        found.update(organisation for organisation, in rows.tuples())
    places = today - timedelta(days=freshness.lasts(FactGroup.PLACES))
    old = Service.select(Service.organisation).where(
        Service.places_on.between(places - timedelta(days=LATE), places - timedelta(days=1))).distinct()
    found.update(organisation for organisation, in old.tuples())
    with db.writing():
        reindex(*found)
    return len(found)


def _with_neighbours(organisations) -> set[int]:
    """The organisations, the prisons they work in and those who work in them: each names the other."""
    found = set(organisations)
    for ids in chunked(sorted(found), 300):
        pairs = PrisonWork.select(PrisonWork.organisation, PrisonWork.prison).where(
            PrisonWork.organisation.in_(ids) | PrisonWork.prison.in_(ids))
        found.update(each for pair in pairs.tuples() for each in pair)
    return found


def _write(lines: list[Line]) -> None:
    columns = ("kind", "record", "organisation", "title", "sort", "detail", "areas", "checked_on", "confirmed", "ended")
    for some in chunked(lines, 500):
        SearchEntry.insert_many([{name: getattr(line, name) for name in columns} for line in some]).execute()
    ids = {record: row for row, record in SearchEntry.select(SearchEntry.id, SearchEntry.record)
           .where(SearchEntry.organisation.in_({line.organisation for line in lines})).tuples()}
    rows = ((ids[line.record], word, rank) for line in lines for word, rank in line.ranks().items())
    for some in chunked(rows, 2000):
        SearchWord.insert_many(some, fields=[SearchWord.entry, SearchWord.word, SearchWord.rank]).execute()


def _read(ids: Iterable[int]) -> dict[int, Around]:
    """Everything about these organisations, each table read once. Closed ones are not in the search."""
    open_ones = (Organisation.id.in_(ids)) & (Organisation.state != OrganisationState.CLOSED)
    found = {row.id: Around(row) for row in Organisation.select().where(open_ones)}
    _read_regions(found)
    _read_services(found)
    for contact in ContactPerson.select().where(ContactPerson.organisation.in_(list(found))):
        found[contact.organisation_id].contacts.append(contact)
    for fact in FactCheck.select().where(FactCheck.organisation.in_(list(found)), FactCheck.group == FactGroup.BASICS):
        found[fact.organisation_id].basics = fact
    for work in _work_of(found):
        if work.organisation_id in found:
            found[work.organisation_id].work.append(work)
        if work.prison_id in found:
            found[work.prison_id].work_here.append(work)
    return found


def _read_regions(found):
    names = {row.code: f"{row.name} {row.seat}" for row in Region.select()}  # people type the name of the town
    for around in found.values():
        if around.row.region_id:
            around.regions[around.row.region_id] = names[around.row.region_id]
    pairs = OrganisationRegion.select(OrganisationRegion.organisation, OrganisationRegion.region)
    for organisation, code in pairs.where(OrganisationRegion.organisation.in_(list(found))).tuples():
        found[organisation].regions[code] = names[code]


def _read_services(found):
    """Services with lists `area_list`, `need_list`, `region_list`, `group_list`, `town_list` of their own."""
    services = {row.id: row for row in Service.select().where(Service.organisation.in_(list(found)))}
    traits = (("area_list", ServiceArea, ServiceArea.area), ("need_list", ServiceNeed, ServiceNeed.need),
              ("region_list", ServiceRegion, ServiceRegion.region))
    for name, model, column in traits:
        _give(services, name, model.select(model.service, column).where(model.service.in_(list(services))))
    groups = ServiceGroup.select(ServiceGroup.service, ServiceGroup.group)
    _give(services, "group_list", groups.where(ServiceGroup.service.in_(list(services)), ServiceGroup.fit == Fit.FOR))
    districts = (ServiceDistrict.select(ServiceDistrict.service, District.name).join(District)
                 .where(ServiceDistrict.service.in_(list(services))))
    towns = (ServiceMunicipality.select(ServiceMunicipality.service, Municipality.name).join(Municipality)
             .where(ServiceMunicipality.service.in_(list(services))))
    _give(services, "town_list", districts.union_all(towns))
    for row in services.values():
        found[row.organisation_id].services.append(row)


def _give(services, name, pairs):
    """Sets the attribute to the list of each service's values among pairs (service, value)."""
    values = defaultdict(list)
    for service, value in pairs.tuples():
        values[service].append(value)
    for row in services.values():
        setattr(row, name, values[row.id])


def _work_of(found):
    prison = Organisation.alias()
    return (PrisonWork.select(PrisonWork, Organisation, prison)
            .join(Organisation, on=(PrisonWork.organisation == Organisation.id))
            .switch(PrisonWork).join(prison, on=(PrisonWork.prison == prison.id), attr="prison")
            .where(PrisonWork.organisation.in_(list(found)) | PrisonWork.prison.in_(list(found))))


def _lines(around: Around) -> list[Line]:
    return [_organisation_line(around),
            *[_service_line(around, row) for row in around.services],
            *[_contact_line(around, row) for row in around.contacts],
            *[_work_line(around, row) for row in around.work]]


def _organisation_line(around):
    row = around.row
    areas = _areas_around(around)
    others = [*[prison.label for prison in around.prisons], *[contact.name for contact in around.contacts],
              *[work.organisation.label for work in around.work_here if not _is_over(work.until_on)]]
    return Line(
        EntryKind.ORGANISATION, row.public_id, row.id, row.name, row.sort, detail=row.city, areas=_joined(areas),
        said=[(row.name, NAME), (row.short_name, NAME), (_said(row.kind), DOES), *_area_words(areas),
              *_each(ELSEWHERE, row.ico, row.description, *around.places, *others)],
        filters=around.filters() | {f"#area:{area}" for area in areas} | _traits_around(around),
        **_checked(FactGroup.BASICS, around.basics) if around.basics else {})


def _areas_around(around) -> list[Area]:
    """What an organisation helps with; of a prison what is done and asked about in it."""
    areas = {area for service in around.services if not _is_over(service.ended_on) for area in service.area_list}
    for work in [*around.work, *around.work_here]:
        areas.update(() if _is_over(work.until_on) else areas_in(work.areas))
    for contact in around.contacts:
        areas.update(areas_in(contact.topics))
    return sorted(areas, key=list(Area).index)


def _traits_around(around) -> set[str]:
    """What can be asked for of an organisation because one of its services has it."""
    return set().union(*[_traits(row) for row in around.services if not _is_over(row.ended_on)])


def _traits(row) -> set[str]:
    """What can be asked for of a service, beside its area, region and prisons."""
    found = {f"#need:{need}" for need in row.need_list} | {f"#group:{group}" for group in row.group_list}
    found |= {f"#form:{row.form}"} | {f"#language:{code}" for code in _values(row.languages)}
    found |= {f"#when:{when}" for when, has in (("before", row.before_release), ("after", row.after_release)) if has}
    return found | {"#free:yes"} if _has_room(row) else found


def _has_room(row) -> bool:
    """Whether somebody said lately that there is a free place."""
    said = row.places_free > 0 if row.places_free is not None else row.capacity_state is CapacityState.OPEN
    return said and row.places_on is not None and freshness.until(FactGroup.PLACES, row.places_on) >= clock.today()


def _service_line(around, row):
    regions = set(row.region_list) or set(around.regions)
    return Line(
        EntryKind.SERVICE, row.public_id, row.organisation_id, row.name, row.sort, detail=row.for_whom,
        areas=_joined(row.area_list), ended=_is_over(row.ended_on),
        said=[(row.name, NAME), *_area_words(row.area_list), *_each(DOES, row.for_whom, *map(_said, row.need_list)),
              *_each(ELSEWHERE, _said(row.form), around.row.name, around.row.short_name, around.row.city, row.plain,
                     *row.town_list, *[around.regions.get(code, "") for code in regions],
                     *[prison.label for prison in around.prisons])],
        filters=_traits(row) | {f"#area:{area}" for area in row.area_list} | {f"#region:{code}" for code in regions}
        | {f"#prison:{prison.slug}" for prison in around.prisons},
        **_checked(FactGroup.SERVICES, row))


def _contact_line(around, row):
    areas = areas_in(row.topics)
    return Line(
        EntryKind.CONTACT, row.public_id, row.organisation_id, row.name, row.sort,
        detail=", ".join(filter(None, [row.post, *free_topics(row.topics)])), areas=_joined(areas),
        ended=_is_over(row.ended_on),
        said=[(row.name, NAME), *_area_words(areas),
              *_each(DOES, row.post, row.topics, around.row.name, around.row.short_name),
              *_each(ELSEWHERE, *around.places)],
        filters=around.filters() | {f"#area:{area}" for area in areas}, **_checked(FactGroup.PEOPLE, row))


def _work_line(around, row):
    areas = areas_in(row.areas)
    return Line(
        EntryKind.PRISON_WORK, row.public_id, row.organisation_id, row.activity, around.row.sort,
        detail=" · ".join(filter(None, [row.prison.name, row.days])), areas=_joined(areas),
        ended=_is_over(row.until_on),
        said=[*_each(NAME, row.activity, row.activity_en), *_area_words(areas),
              *_each(DOES, row.prison.name, row.prison.short_name, around.row.name, around.row.short_name),
              (_said(row.form), ELSEWHERE)],
        filters={f"#area:{area}" for area in areas} | {f"#prison:{row.prison.slug}", f"#region:{row.prison.region_id}",
                                                       f"#form:{row.form}"},
        **_checked(FactGroup.WORK, row))


def _checked(group: FactGroup, row) -> dict:
    state = freshness.state(group, row.confidence, row.confirmed_on, clock.today())
    return {"confirmed": row.confidence in freshness.CONFIRMING, "good": state in freshness.GOOD,
            "checked_on": row.confirmed_on}


def _is_over(day) -> bool:
    return day is not None and day < clock.today()


@lru_cache(1000)
def area_words(areas: str) -> frozenset[str]:
    """The words that lead to lines of these areas (values with semicolons between)."""
    return frozenset().union(*[index_words(text) for text, _weight in _area_words(areas_in(areas))])


def _area_words(areas) -> list[tuple[str, int]]:
    return [(f"{_said(area)} {ALSO_SAID.get(area, '')}", DOES) for area in areas]


@cache
def _said(member) -> str:
    """The words for a member of an enum in both languages, for either is typed."""
    said = []
    for language in ("cs", "en"):
        with force_locale(language):
            said.append(str(label(member)))
    return " ".join(said)


def areas_in(topics: str) -> list[Area]:
    """The areas among values separated by semicolons."""
    return [AREAS[value] for value in _values(topics) if value in AREAS]


def free_topics(topics: str) -> list[str]:
    """The topics that are words of somebody's own."""
    return [value for value in _values(topics) if value not in AREAS]


def _values(topics):
    return [value.strip() for value in topics.split(";") if value.strip()]


def _joined(areas) -> str:
    return ";".join(areas)
