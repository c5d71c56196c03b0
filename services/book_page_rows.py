"""The rows of an organisation's page in few queries: what is alike stands side by side in one."""
from types import SimpleNamespace

from peewee import JOIN, OP, SQL, Case, Expression, Value

import clock
import db
from models import (
    Confidence,
    ContactPerson,
    District,
    FactCheck,
    Form,
    JobOffer,
    Kind,
    Location,
    Municipality,
    Organisation,
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
    User,
)
from rows import as_text
from text import sort_key

CONFIRMED = ("source", "confidence", "confirmed_on", "confirmer", "home_short", "home_name")
PERSON = ("public_id", "name", "post", "topics", "days", "phone", "email")
WORK = ("public_id", "activity", "activity_en", "areas", "form", "days", "since", "other_name", "other_id",
        "other_slug", "purpose", "service_name")


def _word(text):
    return Value(text, converter=False)


def with_confirmers(model, *columns):
    """Rows of flat columns: those given, and who confirmed the row, from which organisation, by which source."""
    home = Organisation.alias("home")
    return (model.select(*columns, model.source, model.confidence, model.confirmed_on, User.name.alias("confirmer"),
                         home.short_name.alias("home_short"), home.name.alias("home_name"))
            .join(User, JOIN.LEFT_OUTER, on=(model.confirmed_by == User.id))
            .join(home, JOIN.LEFT_OUTER, on=(User.organisation == home.id)).switch(model))


def services(english, organisation):
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
    query = with_confirmers(
        Service, Service.public_id, Service.name, Service.form, Service.for_whom, Service.not_for_whom,
        Service.conditions, Service.plain, Service.cost, Service.hours, Service.funding, Service.languages,
        Service.before_release, Service.after_release, Service.capacity_state, Service.places_total,
        Service.places_free, Service.waiting,
        Service.places_on, Service.published, Service.ended_on, areas.alias("area_values"),
        needs.alias("need_values"), regions.alias("region_names"), districts.alias("district_names"),
        towns.alias("municipality_names"), sites.alias("site_names"), groups.alias("group_values"),
        entry.alias("entry_lines"))
    return (query.where(Service.organisation == organisation).objects(SimpleNamespace)
            .order_by(Service.ended_on.is_null(False), Service.sort))


def _beside(first, *others):
    """Columns with bars between them, as one text."""
    for other in others:
        first = Expression(Expression(first, OP.CONCAT, Value("|", converter=False)), OP.CONCAT, other)
    return first


# Groups of facts, sites and offers: eight texts and a day each

def flat(row) -> list[tuple]:
    """Facts, and of what is no prison sites and offers of work that are not over, by name. One query."""
    found = db.kept(_flat, clock.today(), row.kind is Kind.PRISON, organisation=row.id)
    return sorted(found, key=lambda each: sort_key(each[2]))


def _flat(today, prison, organisation):
    home = Organisation.alias("home")
    facts = (FactCheck.select(_word("fact"), as_text(FactCheck.group, "first"), FactCheck.note, FactCheck.source,
                              as_text(FactCheck.confidence, "fourth"), User.name, home.short_name, home.name,
                              FactCheck.confirmed_on)
             .join(User, JOIN.LEFT_OUTER, on=(FactCheck.confirmed_by == User.id))
             .join(home, JOIN.LEFT_OUTER, on=(User.organisation == home.id))
             .where(FactCheck.organisation == organisation))
    query = facts if prison else facts.union_all(_sites(today, organisation)).union_all(_offers(today, organisation))
    return query.tuples()


def _sites(today, organisation):
    def shown(column):
        return Case(None, [(Location.secret == True, _word(""))], column)  # noqa: E712
    return Location.select(
        _word("location"), Location.public_id, Location.name, shown(Location.street), shown(Location.postal_code),
        shown(Location.city), shown(Location.access),
        Case(None, [(Location.secret == True, _word("secret"))], _word("")), Location.ended_on).where(  # noqa: E712
            Location.organisation == organisation, Location.ended_on.is_null() | (Location.ended_on >= today))


def _offers(today, organisation):
    return JobOffer.select(
        _word("job_offer"), JobOffer.public_id, JobOffer.title, JobOffer.text, JobOffer.pay, JobOffer.place,
        JobOffer.conditions, JobOffer.contact, JobOffer.until_on).where(
            JobOffer.organisation == organisation, JobOffer.until_on >= today)


# People and work: up to twelve texts, a day, two ids, and who confirmed them

def people_and_work(row) -> list[SimpleNamespace]:
    """Contact persons (`what` is "person") and work in prisons ("work"), each in its order. One query."""
    found = db.kept(_people_and_work, row.kind is Kind.PRISON, organisation=row.id)
    return [_named(each) for each in sorted(found, key=lambda each: each[1:3])]


def _named(row) -> SimpleNamespace:
    what, _sort, _then, *texts = row[:15]
    confirmed = dict(zip(CONFIRMED, row[18:], strict=True))
    confirmed.update(confidence=Confidence(confirmed["confidence"]), confirmed_on=db.day_of(confirmed["confirmed_on"]))
    if what == "person":
        return SimpleNamespace(what=what, id=row[16], ended_on=db.day_of(row[15]), deputy_id=row[17],
                               **dict(zip(PERSON, texts, strict=False)), **confirmed)
    given = dict(zip(WORK, texts, strict=True))
    given["form"] = Form(given["form"])
    return SimpleNamespace(what=what, until_on=db.day_of(row[15]), **given, **confirmed)



def _people_and_work(in_prison, organisation):
    people = with_confirmers(
        ContactPerson, _word("person"), ContactPerson.sort, _word(""), *_fields(ContactPerson, PERSON),
        *[_word("")] * (len(WORK) - len(PERSON)), ContactPerson.ended_on, ContactPerson.id, ContactPerson.deputy)
    return people.where(ContactPerson.organisation == organisation).union_all(_work(in_prison, organisation)).tuples()


def _work(in_prison, organisation):
    other = Organisation.alias("other")
    mine, theirs = PrisonWork.organisation, PrisonWork.prison
    if in_prison:
        mine, theirs = theirs, mine
    query = with_confirmers(
        PrisonWork, _word("work"), other.sort, PrisonWork.activity, *_fields(PrisonWork, WORK[:7]), other.name,
        other.public_id, other.slug, PrisonWork.purpose, Service.name, PrisonWork.until_on, SQL("NULL"), SQL("NULL"))
    return (query.join(other, on=(theirs == other.id)).switch(PrisonWork)
            .join(Service, JOIN.LEFT_OUTER, on=(PrisonWork.service == Service.id)).where(mine == organisation))


def _fields(model, names):
    return [getattr(model, name) for name in names]
