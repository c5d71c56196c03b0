"""The contact book: needs, places, contact persons, services, prisons' profiles, work."""
import enum

from peewee import BooleanField, Check, FloatField, ForeignKeyField, IntegerField

import clock
from db import Choice, Day, Moment, Text
from tables.base import Public, Table
from tables.people import District, Municipality, Organisation, Region, User


class Need(enum.StrEnum):
    """The eleven needs after prison, in the order of the study."""

    BASIC_NEEDS = "basic_needs"
    HOUSING = "housing"
    WORK = "work"
    FINANCIAL_SECURITY = "financial_security"
    HEALTH = "health"
    RELATIONSHIPS = "relationships"
    MENTAL_HEALTH = "mental_health"
    ADDICTION = "addiction"
    LIFE_SKILLS = "life_skills"
    LEISURE = "leisure"
    DESISTANCE = "desistance"


class Area(enum.StrEnum):
    """The ten areas of services, and activities that fill the time."""

    SOCIAL_SERVICES = "social_services"
    EMPLOYMENT = "employment"
    DEBTS = "debts"
    DRUG_SERVICES = "drug_services"
    EDUCATION = "education"
    HEALTH_SERVICES = "health_services"
    PSYCHIATRIC = "psychiatric"
    ACCOMMODATION = "accommodation"
    MENTORING = "mentoring"
    FAMILY_COUNSELLING = "family_counselling"
    ACTIVITIES = "activities"


class Form(enum.StrEnum):
    """How help is given."""

    ON_SITE = "on_site"
    OUTPATIENT = "outpatient"
    OUTREACH = "outreach"
    RESIDENTIAL = "residential"
    REMOTE = "remote"
    AFTER_RELEASE = "after_release"
    CORRESPONDENCE = "correspondence"
    MEETING = "meeting"
    UNKNOWN = "unknown"


class FactGroup(enum.StrEnum):
    """Facts that are asked for and come of age together."""

    BASICS = "basics"
    ADDRESS = "address"
    CONTACT = "contact"
    REGISTRATION = "registration"
    SECURITY = "security"
    CAPACITY = "capacity"
    PLACES = "places"  # free places of services; their day is the service's own `places_on`
    SERVICES = "services"
    PEOPLE = "people"
    WORK = "work"
    ENTRY = "entry"  # these five are of prisons: columns of PrisonProfile
    FORBIDDEN = "forbidden"
    ROOMS = "rooms"
    REGIME = "regime"
    REACH = "reach"


class Confidence(enum.StrEnum):
    """How sure a fact is. Only VERIFIED, and CONFIRMED by a person here, count as confirmed."""

    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    VERIFIED_OLDER = "verified-older"
    VERIFIED_SECONDARY = "verified-secondary"
    PARTLY = "partly"
    RECALLED = "recalled"
    PROPOSAL = "proposal"


class FactCheck(Table):
    """Where a group of facts of an organisation comes from, and when somebody last confirmed it."""

    organisation = ForeignKeyField(Organisation, backref="facts", on_delete="CASCADE")
    group = Choice(FactGroup)
    source = Text(default="")
    confidence = Choice(Confidence)
    note = Text(default="")
    confirmed_on = Day(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("organisation", "group"), True), (("confidence", "organisation"), False))


class OrganisationRegion(Table):
    """A region an organisation works in, apart from where it sits."""

    organisation = ForeignKeyField(Organisation, backref="regions", on_delete="CASCADE")
    region = ForeignKeyField(Region, backref="+")

    class Meta:
        indexes = ((("organisation", "region"), True),)


class PrisonProfile(Table):
    """What distinguishes one prison from another."""

    organisation = ForeignKeyField(Organisation, backref="profiles", unique=True, on_delete="CASCADE")
    type = Text()
    level_low = BooleanField(null=True)
    level_medium = BooleanField(null=True)
    level_high = BooleanField(null=True)
    level_increased = BooleanField(null=True)
    men = BooleanField(null=True)
    women = BooleanField(null=True)
    juveniles = BooleanField(null=True)
    remand = BooleanField(null=True)
    forensic_detention = BooleanField(null=True)
    capacity = IntegerField(null=True)
    latitude = FloatField(null=True)
    longitude = FloatField(null=True)
    visit_rules = Text(default="")  # Markdown
    lead_days = IntegerField(default=3)  # working days in which the prison answers a request
    entry = Text(default="")  # what one needs to be let in
    forbidden = Text(default="")  # what may not be brought in
    rooms = Text(default="")
    regime = Text(default="")  # hours of the day's order
    reach = Text(default="")  # how to get there
    no_new_partners_until = Day(null=True)  # the last day on which no co-operation can be started
    week_visits = IntegerField(null=True, constraints=[Check("week_visits between 0 and 999")])  # of others, at most
    week_minutes = IntegerField(null=True, constraints=[Check("week_minutes between 0 and 99999")])  # of staff
    hour_cost = IntegerField(null=True, constraints=[Check("hour_cost between 0 and 99999")])  # crowns, of staff
    clearance_months = IntegerField(null=True, constraints=[Check("clearance_months between 1 and 60")])  # or no need
    on_paper = BooleanField(default=False)  # has no access to the network; others write down what it answers
    version = IntegerField(default=1)


class ContactPerson(Public):
    """Somebody to ask, and about what (topics are areas or free words, separated by semicolons)."""

    organisation = ForeignKeyField(Organisation, backref="contacts", on_delete="CASCADE")
    name = Text()
    post = Text(default="")
    topics = Text(default="")
    days = Text(default="")
    phone = Text(default="")
    email = Text(default="")
    sort = Text(index=True)
    source = Text(default="")
    confidence = Choice(Confidence)
    confirmed_on = Day(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    ended_on = Day(null=True)
    deputy = ForeignKeyField("self", null=True, backref="+", on_delete="SET NULL")
    version = IntegerField(default=1)


class Location(Public):
    """A site where an organisation gives services, apart from its seat."""

    organisation = ForeignKeyField(Organisation, backref="locations", on_delete="CASCADE")
    name = Text()
    sort = Text(index=True)
    street = Text(default="")
    city = Text(default="")
    postal_code = Text(default="")
    district = ForeignKeyField(District, null=True, backref="+")
    secret = BooleanField(default=False)  # the address is never shown, as of a shelter
    access = Text(default="")  # how to get there, stairs, who opens
    source = Text(default="")
    confidence = Choice(Confidence, default=Confidence.PARTLY)
    confirmed_on = Day(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    ended_on = Day(null=True)
    version = IntegerField(default=1)


class TargetGroup(enum.StrEnum):
    """Who a service may or may not be for."""

    MEN = "men"
    WOMEN = "women"
    YOUTH = "youth"
    FAMILIES = "families"
    SENIORS = "seniors"
    DISABILITY = "disability"
    MENTAL_HEALTH = "mental_health"
    ADDICTION = "addiction"
    DEBTS = "debts"
    WITHOUT_PAPERS = "without_papers"
    FOREIGNERS = "foreigners"
    LONG_SENTENCES = "long_sentences"
    INCREASED_SECURITY = "increased_security"
    VIOLENT_OFFENCE = "violent_offence"
    SEXUAL_OFFENCE = "sexual_offence"
    PETS = "pets"


class Fit(enum.StrEnum):
    """What a service says of a target group. Only NEVER may stop a referral."""

    FOR = "for"
    NOT_FOR = "not_for"
    NEVER = "never"


class CapacityState(enum.StrEnum):
    UNKNOWN = "unknown"
    OPEN = "open"
    WAITING_LIST = "waiting_list"
    AFTER_ASSESSMENT = "after_assessment"
    FULL = "full"


class ConditionWhen(enum.StrEnum):
    """When a condition of entry can be met."""

    EITHER = "either"
    BEFORE = "before"
    AFTER = "after"


class Service(Public):
    organisation = ForeignKeyField(Organisation, backref="services", on_delete="CASCADE")
    slug = Text(unique=True)
    name = Text()
    sort = Text(index=True)
    form = Choice(Form, default=Form.UNKNOWN)
    for_whom = Text(default="")
    not_for_whom = Text(default="")
    conditions = Text(default="")
    plain = Text(default="")  # the same in easy language
    cost = Text(default="")
    hours = Text(default="")  # when it is open
    funding = Text(default="")  # who pays for it, a line each
    languages = Text(default="")  # ISO 639-1 codes, separated by semicolons
    before_release = BooleanField(null=True)  # helps people while they are in prison
    after_release = BooleanField(null=True)
    capacity_state = Choice(CapacityState, default=CapacityState.UNKNOWN)
    places_total = IntegerField(null=True)
    places_free = IntegerField(null=True)
    waiting = IntegerField(null=True)  # people on the waiting list
    places_on = Day(null=True)  # the day of all that is said of capacity
    published = BooleanField(default=False)  # the owner says whom it is for and whom not: clients may be shown it
    source = Text(default="")
    confidence = Choice(Confidence)
    confirmed_on = Day(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    ended_on = Day(null=True)
    successor = ForeignKeyField("self", null=True, backref="+", on_delete="SET NULL")  # takes its clients over
    version = IntegerField(default=1)


class ServiceArea(Table):
    service = ForeignKeyField(Service, backref="areas", on_delete="CASCADE")
    area = Choice(Area, index=True)

    class Meta:
        indexes = ((("service", "area"), True),)


class ServiceNeed(Table):
    service = ForeignKeyField(Service, backref="needs", on_delete="CASCADE")
    need = Choice(Need, index=True)

    class Meta:
        indexes = ((("service", "need"), True),)


class ServiceRegion(Table):
    service = ForeignKeyField(Service, backref="regions", on_delete="CASCADE")
    region = ForeignKeyField(Region, backref="+")

    class Meta:
        indexes = ((("service", "region"), True),)


class ServiceDistrict(Table):
    service = ForeignKeyField(Service, backref="districts", on_delete="CASCADE")
    district = ForeignKeyField(District, backref="+")

    class Meta:
        indexes = ((("service", "district"), True),)


class ServiceMunicipality(Table):
    """A municipality with extended powers that a service covers."""

    service = ForeignKeyField(Service, backref="municipalities", on_delete="CASCADE")
    municipality = ForeignKeyField(Municipality, backref="+")

    class Meta:
        indexes = ((("service", "municipality"), True),)


class ServiceGroup(Table):
    """Whether a service is for a target group. A group without a row is not spoken of."""

    service = ForeignKeyField(Service, backref="groups", on_delete="CASCADE")
    group = Choice(TargetGroup)
    fit = Choice(Fit)

    class Meta:
        indexes = ((("service", "group"), True),)


class ServiceCondition(Table):
    """What a service asks before it takes somebody, and when that can be met."""

    service = ForeignKeyField(Service, backref="entry", on_delete="CASCADE")
    place = IntegerField(default=0)  # the order on the page
    text = Text()
    when = Choice(ConditionWhen, default=ConditionWhen.EITHER)
    waivable = BooleanField(default=False)


class ServiceLocation(Table):
    service = ForeignKeyField(Service, backref="locations", on_delete="CASCADE")
    location = ForeignKeyField(Location, field="public_id", backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("service", "location"), True),)


class PrisonWork(Public):
    """That an organisation works in a prison: with what, when, in which form, since and until when."""

    slug = Text(unique=True)
    organisation = ForeignKeyField(Organisation, backref="prison_work", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    activity = Text()
    activity_en = Text(default="")
    areas = Text(default="")  # values of Area, separated by semicolons
    form = Choice(Form, default=Form.UNKNOWN)
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")
    purpose = Text(default="")
    days = Text(default="")
    since = Text(default="")
    until_on = Day(null=True)
    source = Text(default="")
    confidence = Choice(Confidence)
    confirmed_on = Day(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    version = IntegerField(default=1)


class JobOffer(Public):
    """Work for people with a record, until a day after which nobody sees it any more."""

    organisation = ForeignKeyField(Organisation, backref="offers", on_delete="CASCADE")
    title = Text()
    sort = Text(index=True)
    text = Text(default="")
    region = ForeignKeyField(Region, null=True, backref="+")
    place = Text(default="")
    pay = Text(default="")
    conditions = Text(default="")  # also which records do not matter
    contact = Text(default="")
    until_on = Day(index=True)
    created_at = Moment(default=clock.now)
    version = IntegerField(default=1)
