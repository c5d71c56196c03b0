"""The index of the contact book's search: words and what they lead to, the same on both databases.

Whoever writes a record of the book calls `reindex` in the same transaction. A line of the search (SearchEntry) stands
for an organisation, a service, a contact person, work in a prison or an offer of a job; its words (SearchWord) are
folded words and stems, and its filters: `#area:debts`, `#region:CZ052`, `#kind:service` where it has not ended (all are
in services/search.py; those of places in services/search_places.py). The rank of a word says how well its line answers
it: 32 when it has not ended, 8 for each step of weight (3 in the name, 2 in what it does, 1 elsewhere), 1 when it is
confirmed and not stale (a job writes anew what came of age). So the ranks of several words add up to the order of the
answer; nothing is ranked by size.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from random import randrange

from babel import Locale
from flask_babel import force_locale
from peewee import chunked

import clock
import db
from labels import label
from models import (
    Area,
    CapacityState,
    ContactPerson,
    EntryKind,
    FactCheck,
    FactGroup,
    Fit,
    JobOffer,
    Kind,
    Need,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    PrisonWork,
    SearchChange,
    SearchEntry,
    Service,
    ServiceArea,
    ServiceDistrict,
    ServiceGroup,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
)
from services import crosswalk, freshness, search_places
from text import search_words

AREAS = {area.value: area for area in Area}
AGES = {EntryKind.ORGANISATION: FactGroup.BASICS, EntryKind.SERVICE: FactGroup.SERVICES,
        EntryKind.CONTACT: FactGroup.PEOPLE, EntryKind.PRISON_WORK: FactGroup.WORK}  # whose age the line shows
NAME, DOES, ELSEWHERE, FILTER = 3, 2, 1, 0  # weights of a word
EITHER = " | "  # between the words of either language; no word of the index
LATE = 7  # days that a job that did not run may be late
REMEMBERED = timedelta(days=2)  # how long a mark of a change is kept
LIVE, STEP, CONFIRMED = 32, 8, 1  # parts of a rank
ALSO_SAID = {  # words that people type for an area, beside its name
    Area.ACCOMMODATION: "bydlení byt azylový dům ubytovna nocleh housing shelter",
    Area.ACTIVITIES: "sport kroužek leisure",
    Area.DEBTS: "exekuce oddlužení insolvence dluhová poradna enforcement insolvency",
    Area.DRUG_SERVICES: "drogy návykové látky závislost adiktologie alkohol hazard addiction",
    Area.EDUCATION: "škola rekvalifikace school",
    Area.EMPLOYMENT: "práce brigáda zaměstnavatel work job",
    Area.FAMILY_COUNSELLING: "rodina děti vztahy family children",
    Area.HEALTH_SERVICES: "zdraví lékař health doctor",
    Area.PSYCHIATRIC: "psychiatr psycholog terapie terapeut duševní zdraví mental health therapy",
}

SPOKEN = {"sk": "slovensky", "uk": "ukrajinsky", "ru": "rusky", "en": "anglicky", "de": "německy", "vi": "vietnamsky",
          "rom": "romsky", "pl": "polsky", "ar": "arabsky"}


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
    until_on: date | None = None
    filters: set[str] = field(default_factory=set)

    def ranks(self) -> dict[str, int]:
        """`{word: rank}`, filters too."""
        weights = dict.fromkeys(self.filters | self._own_filters(), FILTER)
        for text, weight in self.said:
            for word in index_words(text):
                weights[word] = max(weight, weights.get(word, 0))
        base = (0 if self.ended else LIVE) + (CONFIRMED if self.good else 0)
        return {word: base + STEP * weight for word, weight in weights.items()}

    @property
    def facts(self) -> str:
        """What it has words from beside its name and areas, each fact once on a line of its own."""
        left_out = {text for text, _weight in _area_words(areas_in(self.areas))}
        lines = [" ".join(text.split()) for texts, weight in self.said if weight != NAME and texts not in left_out
                 for text in texts.split(EITHER)]
        return "\n".join(dict.fromkeys(filter(None, lines)))

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
    map: search_places.Map
    works_in: set[str] = field(default_factory=set)  # codes of regions
    services: list[Service] = field(default_factory=list)
    contacts: list[ContactPerson] = field(default_factory=list)
    work: list[PrisonWork] = field(default_factory=list)  # what it does in prisons
    work_here: list[PrisonWork] = field(default_factory=list)  # what others do in it
    offers: list[JobOffer] = field(default_factory=list)  # those that are not over
    basics: FactCheck | None = None

    @property
    def places(self) -> list[str]:
        return [self.row.city, self.row.district, *map(self.region, sorted(self.regions))]

    @property
    def regions(self) -> set[str]:
        """Where it sits and where it works."""
        return self.works_in | ({self.row.region_id} if self.row.region_id else set())

    def region(self, code: str) -> str:
        """What people type for a region: its name, that of its main town, or how they call that part of the country."""
        name, *also = [*self.map.regions[code], *filter(None, [search_places.CALLED.get(code)])]
        return f"{name} ({', '.join(also)})"

    @property
    def prisons(self) -> list[Organisation]:
        """Where it works now; a prison itself."""
        here = [self.row] if self.row.kind is Kind.PRISON else []
        return here + [work.prison for work in self.work if not _is_over(work.until_on)]

    def filters(self) -> set[str]:
        """Of each of its lines: where it sits, where it works, in which prisons."""
        return (self.map.seat(self.row) | self.map.filters(self.works_in)
                | {f"#prison:{prison.slug}" for prison in self.prisons})


def reindex(*organisations: int) -> None:
    """Makes the lines of these organisations (ids) and of those they work with anew."""
    with db.writing():
        for ids in chunked(sorted(_with_neighbours(organisations)), 300):
            SearchEntry.delete().where(SearchEntry.organisation.in_(ids)).execute()
            _write([line for around in _read(ids).values() for line in _lines(around)])
        changed()


def changed() -> None:
    """Tells everybody who keeps answers that the index is another one (services/search_kept.py)."""
    SearchChange.create(mark=randrange(1, 2 ** 31))


def rebuild() -> int:
    """Makes the whole index anew; returns the number of lines."""
    reindex(*[row for row, in Organisation.select(Organisation.id).tuples()])
    return SearchEntry.select().count()


def reindex_ended() -> int:
    """Writes anew the lines of organisations of which something has ended in the last days; returns how many."""
    over = (clock.today() - timedelta(days=LATE), clock.today() - timedelta(days=1))
    ended = {row.organisation_id for model, day in
             ((PrisonWork, PrisonWork.until_on), (Service, Service.ended_on), (ContactPerson, ContactPerson.ended_on),
              (JobOffer, JobOffer.until_on))
             for row in model.select(model.organisation).where(day.between(*over))}
    with db.writing():
        SearchChange.delete().where(SearchChange.at < clock.now() - REMEMBERED).execute()
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
    columns = ("kind", "record", "organisation", "title", "sort", "detail", "areas", "checked_on", "confirmed", "ended",
               "until_on", "facts")
    for some in chunked(lines, 500):
        SearchEntry.insert_many([{name: getattr(line, name) for name in columns} for line in some]).execute()
    ids = {record: row for row, record in SearchEntry.select(SearchEntry.id, SearchEntry.record)
           .where(SearchEntry.organisation.in_({line.organisation for line in lines})).tuples()}
    database = db.database.obj
    database.cursor().executemany(
        "INSERT INTO search_word (entry_id, word, rank) VALUES (?, ?, ?)".replace("?", database.param),
        [(ids[line.record], word, rank) for line in lines for word, rank in line.ranks().items()])


def _read(ids: Iterable[int]) -> dict[int, Around]:
    """Everything about these organisations, each table read once. Closed ones are not in the search."""
    open_ones = (Organisation.id.in_(ids)) & (Organisation.state != OrganisationState.CLOSED)
    places = search_places.read()
    found = {row.id: Around(row, places) for row in Organisation.select().where(open_ones)}
    pairs = OrganisationRegion.select(OrganisationRegion.organisation, OrganisationRegion.region)
    for organisation, code in pairs.where(OrganisationRegion.organisation.in_(list(found))).tuples():
        found[organisation].works_in.add(code)
    _read_services(found)
    for contact in ContactPerson.select().where(ContactPerson.organisation.in_(list(found))):
        found[contact.organisation_id].contacts.append(contact)
    for offer in JobOffer.select().where(JobOffer.organisation.in_(list(found)), JobOffer.until_on >= clock.today()):
        found[offer.organisation_id].offers.append(offer)
    for fact in FactCheck.select().where(FactCheck.organisation.in_(list(found)), FactCheck.group == FactGroup.BASICS):
        found[fact.organisation_id].basics = fact
    for work in _work_of(found):
        if work.organisation_id in found:
            found[work.organisation_id].work.append(work)
        if work.prison_id in found:
            found[work.prison_id].work_here.append(work)
    return found


def _read_services(found):
    """Services with lists of their own: `area_list`, `need_list`, …, and `group_list` of pairs (fit, group)."""
    services = {row.id: row for row in Service.select().where(Service.organisation.in_(list(found)))}
    traits = (("area_list", ServiceArea, ServiceArea.area), ("need_list", ServiceNeed, ServiceNeed.need),
              ("region_list", ServiceRegion, ServiceRegion.region),
              ("district_list", ServiceDistrict, ServiceDistrict.district),
              ("town_list", ServiceMunicipality, ServiceMunicipality.municipality))
    for name, model, column in traits:
        _give(services, name, model.select(model.service, column).where(model.service.in_(list(services))))
    groups = ServiceGroup.select(ServiceGroup.service, ServiceGroup.fit, ServiceGroup.group)
    _give(services, "group_list", groups.where(ServiceGroup.service.in_(list(services))))
    for row in services.values():
        found[row.organisation_id].services.append(row)


def _give(services, name, pairs):
    """Sets the attribute to the list of each service's values among rows (service, value); of more values tuples."""
    values = defaultdict(list)
    for service, *value in pairs.tuples():
        values[service].append(tuple(value) if len(value) > 1 else value[0])
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
            *[_work_line(around, row) for row in around.work],
            *[_offer_line(around, row) for row in around.offers]]


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
    running = [row for row in around.services if not _is_over(row.ended_on)]
    return set().union(*[_traits(row) | _places(around, row) for row in running])


def _traits(row) -> set[str]:
    """What can be asked for of a service, beside its area, places and prisons."""
    found = {f"#need:{need}" for need in crosswalk.needs_of(row.need_list, row.area_list)}
    found |= {f"#group:{group}" for fit, group in row.group_list if fit is Fit.FOR}
    found |= {f"#form:{row.form}"} | {f"#language:{code}" for code in _values(row.languages)}
    found |= {f"#when:{when}" for when, has in (("before", row.before_release), ("after", row.after_release)) if has}
    return found | {"#free:yes"} if _room(row) else found


def _room(row) -> bool | None:
    """Whether there is a free place, as somebody said lately; None: nobody did."""
    if row.places_on is None or freshness.until(FactGroup.PLACES, row.places_on) < clock.today():
        return None
    if row.places_free is not None:
        return row.places_free > 0
    return {CapacityState.OPEN: True, CapacityState.FULL: False}.get(row.capacity_state)


def _places(around, row) -> set[str]:
    """Where a service helps: as it says itself, else where its organisation works, else where that sits."""
    if row.region_list or row.district_list or row.town_list:
        return around.map.filters(row.region_list, row.district_list, row.town_list)
    return around.map.filters(around.works_in) if around.works_in else around.map.seat(around.row)


def _refuses(row) -> set[str]:
    """Whom a service is not for (#not) and never for (#never), and that it is full: asked about, never a filter."""
    names = {Fit.NOT_FOR: "not", Fit.NEVER: "never"}
    full = {"#free:no"} if _room(row) is False else set()
    return full | {f"#{names[fit]}:{group}" for fit, group in row.group_list if fit in names}


def _service_line(around, row):
    places, foreign = _places(around, row), [code for code in _values(row.languages) if code != "cs"]
    towns = [*[around.map.districts[code][0] for code in row.district_list],
             *[around.map.towns[code].name for code in row.town_list]]
    regions = [around.region(code) for code in around.map.regions if f"#region:{code}" in places]
    return Line(
        EntryKind.SERVICE, row.public_id, row.organisation_id, row.name, row.sort, detail=row.for_whom,
        areas=_joined(row.area_list), ended=_is_over(row.ended_on),
        said=[(row.name, NAME), *_area_words(row.area_list), *_each(DOES, row.for_whom, *map(_said, row.need_list)),
              *_each(ELSEWHERE, _said(row.form), *map(_spoken, foreign), around.row.name, around.row.short_name,
                     around.row.city, row.plain, *[_said(group) for fit, group in row.group_list if fit is Fit.FOR],
                     *towns, *regions, *[prison.label for prison in around.prisons])],
        filters=_traits(row) | _refuses(row) | places | {f"#area:{area}" for area in row.area_list}
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
    areas, where = areas_in(row.areas), around.map.seat(row.prison)
    return Line(
        EntryKind.PRISON_WORK, row.public_id, row.organisation_id, row.activity, around.row.sort,
        detail=" · ".join(filter(None, [row.prison.name, row.days])), areas=_joined(areas),
        ended=_is_over(row.until_on),
        said=[*_each(NAME, row.activity, row.activity_en), *_area_words(areas),
              *_each(DOES, row.prison.name, row.prison.short_name, around.row.name, around.row.short_name),
              (_said(row.form), ELSEWHERE)],
        filters={f"#area:{area}" for area in areas} | {f"#prison:{row.prison.slug}", f"#form:{row.form}"} | where,
        **_checked(FactGroup.WORK, row))


def _offer_line(around, row):
    """An offer of a job answers who looks for work there; it is good as long as it is there at all."""
    area, regions = Area.EMPLOYMENT, [row.region_id] if row.region_id else list(around.map.regions)
    return Line(
        EntryKind.JOB_OFFER, row.public_id, row.organisation_id, row.title, row.sort,
        detail=", ".join(filter(None, [row.place, row.pay])), areas=area, until_on=row.until_on,
        confirmed=True, good=True,
        said=[(row.title, NAME), *_area_words([area]), *_each(DOES, row.text, _said(EntryKind.JOB_OFFER)),
              *_each(ELSEWHERE, row.place, row.conditions, around.row.name, around.row.short_name,
                     *[around.region(code) for code in regions if row.region_id])],
        filters={f"#area:{area}", f"#need:{Need.WORK}"} | around.map.filters(regions))


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
    return EITHER.join(said)


@cache
def _spoken(code: str) -> str:
    """The words for a language: its name, how one speaks it (`ukrajinsky`), and the English name."""
    czech, english = (Locale(locale).languages.get(code, code) for locale in ("cs", "en"))
    return f"{czech} {SPOKEN.get(code, '')}{EITHER}{english}"


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
