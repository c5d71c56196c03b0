"""Tables and enums, nothing else. Reading order: people, directory, prisons and visits, clients and consent,
feedback, messages, audit.

`…_at` is a moment (UTC), `…_on` a day, `…_until` a last valid day. `public_id` is random, stands in addresses and
authorises nothing. Tables with `backref="+"` are reached through services/files.py only.
"""
import enum
import secrets

from flask_login import UserMixin
from peewee import BooleanField, Check, FloatField, ForeignKeyField, IntegerField, Model, sort_models

import clock
from db import Choice, Day, Moment, SealedColumn, Text, TimeOfDay, database


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False


class Public(Table):
    """A record with an address of its own."""

    public_id = Text(unique=True, default=new_public_id)

    def __str__(self):
        return f"{type(self).__name__} {self.public_id}"


# People

class Kind(enum.StrEnum):
    """What an organisation is."""

    PRISON = "prison"
    PROBATION = "probation"
    MUNICIPALITY = "municipality"
    NGO = "ngo"
    LABOUR_OFFICE = "labour_office"
    HEALTH = "health"
    EMPLOYER = "employer"
    NETWORK = "network"  # the association that runs the network and keeps the server
    OTHER = "other"


class Role(enum.StrEnum):
    PRISON = "prison"
    PROBATION = "probation"
    CURATOR = "curator"
    NGO = "ngo"
    CLIENT = "client"
    PARTNER = "partner"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


class OrganisationState(enum.StrEnum):
    PROPOSED = "proposed"
    VERIFIED = "verified"
    PAUSED = "paused"
    CLOSED = "closed"


class Region(Table):
    """One of the fourteen regions (NUTS 3)."""

    code = Text(primary_key=True)
    name = Text()
    name_en = Text()
    seat = Text()


class Municipality(Table):
    """A municipality with extended powers (ORP): where a social curator sits."""

    code = Text(primary_key=True)
    name = Text()
    fold = Text(index=True)
    district = Text()
    region = ForeignKeyField(Region, backref="+")


class District(Table):
    """One of the 76 districts (LAU 1), and Prague."""

    code = Text(primary_key=True)
    name = Text()
    fold = Text(index=True)
    region = ForeignKeyField(Region, backref="+")


class Organisation(Public):
    slug = Text(unique=True)  # the stable name in imported files
    kind = Choice(Kind, index=True)
    state = Choice(OrganisationState, default=OrganisationState.PROPOSED, index=True)
    name = Text()
    short_name = Text(default="")
    sort = Text(index=True)
    legal_form = Text(default="")
    ico = Text(default="", index=True)
    street = Text(default="")
    city = Text(default="")
    postal_code = Text(default="")
    district = Text(default="")
    region = ForeignKeyField(Region, null=True, backref="+")
    municipality = ForeignKeyField(Municipality, null=True, backref="+")
    web = Text(default="")
    email = Text(default="")
    phone = Text(default="")
    data_box = Text(default="")
    description = Text(default="")  # Markdown
    funding = Text(default="")  # who pays for it, a line each
    parent = ForeignKeyField("self", null=True, backref="+")
    only_clients_words = BooleanField(default=False)  # of a client it reads nothing that others wrote
    invented = BooleanField(default=False)  # exists only in the demonstration
    verified_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    version = IntegerField(default=1)

    @property
    def label(self):
        return self.short_name or self.name


class User(UserMixin, Public):
    """A person who signs in. A client's user has no name and no organisation; `Client.user` points at it."""

    email = Text(null=True, unique=True)
    name = Text(default="")
    post = Text(default="")
    role = Choice(Role)
    lead = BooleanField(default=False)
    organisation = ForeignKeyField(Organisation, null=True, backref="+", index=True)
    password_hash = Text(default="")
    language = Text(default="cs")
    active = BooleanField(default=True)
    calendar_method = Text(default="PUBLISH")  # of the calendar in a mail: PUBLISH, or REQUEST and CANCEL
    created_at = Moment(default=clock.now)

    @property
    def is_active(self):
        return self.active


class UserSession(Table):
    """A signed-in browser. Only the hash of its token is kept."""

    token_hash = Text(unique=True)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    created_at = Moment(default=clock.now)
    seen_at = Moment(default=clock.now)
    ended_at = Moment(null=True)
    browser = Text(default="")
    assisted = BooleanField(default=False)  # somebody helped with it: what is agreed to here is provisional


class RulesAccepted(Table):
    """That a person accepted a version of the rules of confidentiality."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    version = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "version"), True),)


class TokenKind(enum.StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    ACTIVATION = "activation"  # a client's slip, used with the card


class OneTimeToken(Table):
    """An invitation or a reset by mail: hashed, used once, until a moment."""

    token_hash = Text(unique=True)
    kind = Choice(TokenKind)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    created_at = Moment(default=clock.now)
    expires_at = Moment()
    used_at = Moment(null=True)


class Attempt(Table):
    """A failed try at something throttled, under keyed digests of what was tried and from where."""

    subject = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("subject", "at"), False),)


class Draft(Table):
    """What somebody was writing: sealed, one for a user, a form and an object."""

    public_id = Text(unique=True, default=new_public_id)
    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    form = Text()
    about = Text(default="")
    owners = Text(default="")  # public ids of clients whose keys it is sealed under besides the writer's
    content = SealedColumn()
    saved_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "form", "about"), True),)


# Directory

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


class RecordKind(enum.StrEnum):
    """A kind of record of the book that people write (services/records.py)."""

    ORGANISATION = "organisation"
    PRISON_PROFILE = "prison_profile"
    SERVICE = "service"
    CONTACT = "contact"
    PRISON_WORK = "prison_work"
    LOCATION = "location"
    JOB_OFFER = "job_offer"


class FieldChange(Table):
    """One field of a record of the book that was written: what it was, what it is. Only grows.

    Records are named by public ids (a prison's profile by its organisation's), so that history outlives them.
    """

    record_kind = Choice(RecordKind)
    record = Text()
    organisation = Text(index=True)  # public id
    field = Text()
    old = Text(default="")
    new = Text(default="")
    version = IntegerField()  # of the record after the change
    actor = ForeignKeyField(User, null=True, backref="+")
    via = Text()  # form, correction, import:…, confirmation: how it was written
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("record", "version"), False),)


class CorrectionState(enum.StrEnum):
    PROPOSED = "proposed"
    LAPSED = "lapsed"  # nobody of the organisation decided: the coordinator does
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


class Correction(Public):
    """What somebody signed in says is wrong about a record of the book."""

    record_kind = Choice(RecordKind)
    record = Text(index=True)
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    proposed_by = ForeignKeyField(User, backref="+")
    note = Text(default="")
    state = Choice(CorrectionState, default=CorrectionState.PROPOSED)
    reason = Text(default="")
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    seen_at = Moment(null=True)  # when the proposer took note of the outcome
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('rejected', 'partly') OR reason <> ''")]
        indexes = ((("organisation", "state"), False), (("proposed_by", "state"), False))


class CorrectionField(Table):
    """One field of a correction; an empty `new` of a mark says that the value does not work any more."""

    correction = ForeignKeyField(Correction, backref="fields", on_delete="CASCADE")
    field = Text()
    old = Text(default="")
    new = Text(default="")
    taken = BooleanField(null=True)

    class Meta:
        indexes = ((("correction", "field"), True),)


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


# Freshness and trust

class FreshnessLink(Table):
    """A mail that asked an organisation whether its facts are still true. Only the hash of its link is kept."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    token_hash = Text(unique=True)
    recipient = Text()
    groups = Text()  # values of FactGroup that were due, separated by semicolons
    created_at = Moment(default=clock.now)
    expires_at = Moment()
    used_at = Moment(null=True)  # when all of it was confirmed

    class Meta:
        indexes = ((("organisation", "created_at"), False),)


class DeadAddress(Table):
    """A mail address that a server refused for good. Nothing is sent there until somebody says that it works again."""

    address = Text(unique=True)  # in small letters
    status = Text()  # as the server said it: 550, 5.1.1
    since = Moment(default=clock.now)


class EvidenceKind(enum.StrEnum):
    """The points by which people judge whether they can trust an organisation, in the order of the page."""

    MEMBERSHIP = "membership"
    REGISTER = "register"
    ACCREDITATION = "accreditation"
    FUNDING = "funding"
    HISTORY = "history"
    REFERENCE = "reference"


class Evidence(Public):
    """One thing that speaks for an organisation: what it is, where it stands written, of which day, until when."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    kind = Choice(EvidenceKind)
    text = Text()
    source = Text()  # an address, a document, or the professional who gives the reference
    dated_on = Day()
    until_on = Day(null=True)
    document = Text(default="")  # what the coordinator saw
    added_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_on = Day(null=True)
    removed_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("confirmed_on IS NULL OR document <> ''")]
        indexes = ((("organisation", "kind"), False),)


class Vetting(Public):
    """What one prison checked about an organisation. Others read it; it lets nobody in anywhere."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    scope = Text()
    result = Text()
    checked_on = Day()
    until_on = Day()
    checked_by = ForeignKeyField(User, backref="+")
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("until_on >= checked_on")]
        indexes = ((("organisation", "until_on"), False),)


class OfferState(enum.StrEnum):
    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    CHECKED = "checked"
    PASSED_ON = "passed_on"
    PUT_OFF = "put_off"
    REJECTED = "rejected"


class OfferReason(enum.StrEnum):
    """Why an offer was rejected."""

    DUPLICATE = "duplicate"
    UNREGISTERED = "unregistered"
    COMMERCIAL = "commercial"
    UNSUITABLE = "unsuitable"
    NOBODY_ANSWERS = "nobody_answers"
    OTHER = "other"


class Sender(enum.StrEnum):
    """Who offers something to prisons."""

    NGO = "ngo"
    COMPANY = "company"
    OFFICE = "office"


class Offer(Public):
    """What an NGO or a company without an account offers to prisons, on its way through the coordinator."""

    number = Text(unique=True)
    request_key = Text(unique=True)  # one form sent twice is one offer
    token_hash = Text(unique=True)  # of the link by which its sender completes it
    sender = Choice(Sender)
    name = Text()
    fold = Text(index=True)  # of the name, to find the same sender again
    ico = Text(default="", index=True)
    contact = Text()
    email = Text()
    phone = Text(default="")
    what = Text()
    areas = Text()  # values of Area, separated by semicolons
    for_whom = Text()
    prison = ForeignKeyField(Organisation, null=True, backref="+")  # none: any
    place = Text(default="")  # where else
    cost = Text(default="")
    state = Choice(OfferState, default=OfferState.RECEIVED)
    reason = Choice(OfferReason, null=True)
    message = Text(default="")  # what the coordinator adds
    missing = Text(default="")  # what the sender is asked to complete
    put_off_until = Day(null=True)
    decided_by = ForeignKeyField(User, null=True, backref="+")
    passed_on = Day(null=True)
    digested_at = Moment(null=True)  # when the weekly mail told of it
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state <> 'rejected' OR reason IS NOT NULL")]
        indexes = ((("state", "created_at"), False), (("email", "created_at"), False))


class OfferEvent(Table):
    """What happened to an offer. Only grows."""

    offer = ForeignKeyField(Offer, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")


# What people keep for themselves

class BookList(Public):
    """A list of a person's own out of the contact book; the one without a name holds the starred."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    name = Text(default="")
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "name"), True),)


class BookListEntry(Table):
    """An organisation or a service on a list."""

    list = ForeignKeyField(BookList, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    added_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("(organisation_id IS NULL) <> (service_id IS NULL)")]
        indexes = ((("list", "organisation"), True), (("list", "service"), True))


class BookNote(Public):
    """A person's private note on an organisation or a service, sealed under that person's key."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    text = SealedColumn()
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("(organisation_id IS NULL) <> (service_id IS NULL)")]
        indexes = ((("user", "organisation"), True), (("user", "service"), True))


class ShortlistEntry(Table):
    """An organisation or a service that a person gathers for a leaflet; `record` is its public id."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="CASCADE")
    record = Text()
    added_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "record"), True),)


class MailTemplate(Public):
    """A mail that an organisation writes again and again, with fields such as {{prison}}."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    name = Text()
    subject = Text()
    body = Text()
    changed_by = ForeignKeyField(User, null=True, backref="+")
    changed_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("organisation", "name"), True),)


# Prisons and visits

class Place(Public):
    """A room of a prison where visits take place."""

    prison = ForeignKeyField(Organisation, backref="places", on_delete="CASCADE")
    name = Text()
    capacity = IntegerField()  # people at once
    note = Text(default="")  # how one gets there, what is in it
    active = BooleanField(default=True)


class WindowKind(enum.StrEnum):
    INDIVIDUAL = "individual"
    GROUP = "group"
    INFORMATION = "information"
    VIDEO = "video"
    TELEPHONE = "telephone"


class Window(Public):
    """A weekly opening of a place, or (`extra`) one of a single day. Slots are computed from it, never stored.

    Weeks are counted from that of `valid_from`; an end that is not after the start is of the next day.
    """

    place = ForeignKeyField(Place, backref="windows", on_delete="CASCADE")
    kind = Choice(WindowKind, default=WindowKind.INDIVIDUAL)
    weekday = IntegerField(constraints=[Check("weekday between 0 and 6")])  # Monday is 0
    starts = TimeOfDay()
    ends = TimeOfDay()
    slot_minutes = IntegerField(constraints=[Check("slot_minutes between 5 and 720")])
    seats = IntegerField(constraints=[Check("seats between 1 and 99")])  # visits at once
    people = IntegerField(null=True, constraints=[Check("people between 1 and 999")])  # visitors at once, of all visits
    every_weeks = IntegerField(default=1, constraints=[Check("every_weeks between 1 and 8")])
    extra = BooleanField(default=False)  # on one day, be it a public holiday
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 999")])  # of one visit
    notice_days = IntegerField(default=2)
    valid_from = Day()
    valid_until = Day(null=True)


class Closure(Public):
    """A time when a prison, or one of its places, is closed. A `stop` is told to everybody who opens its times."""

    prison = ForeignKeyField(Organisation, backref="closures", on_delete="CASCADE")
    place = ForeignKeyField(Place, null=True, backref="+", on_delete="CASCADE")
    from_at = Moment()
    until_at = Moment()
    reason = Text(default="")
    stop = BooleanField(default=False)
    created_by = ForeignKeyField(User, null=True, backref="+")


class JointDay(Public):
    """One block with one escort, several organisations and many clients. Its extra window holds the seats."""

    window = ForeignKeyField(Window, unique=True, backref="+", on_delete="CASCADE")
    name = Text()
    note = Text(default="")
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 9999")])  # of the whole day
    created_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)


class AutomaticYes(Table):
    """An organisation whose requests of a kind a prison confirms without looking."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    kind = Choice(WindowKind)
    created_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "organisation", "kind"), True),)


class Visitor(Public):
    """Somebody who goes to prisons for an organisation: a colleague with an account, or a name."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, backref="+")
    name = Text()
    document = SealedColumn(null=True)
    active = BooleanField(default=True)

    class Meta:
        indexes = ((("organisation", "user"), True),)


class ClearanceState(enum.StrEnum):
    ASKED = "asked"
    CLEARED = "cleared"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ClearanceReason(enum.StrEnum):
    """Why a visitor was not cleared, or no longer is."""

    DOCUMENTS = "documents"
    SECURITY = "security"
    LEFT = "left"
    OTHER = "other"


class Clearance(Public):
    """That a prison lets a visitor in until a day."""

    visitor = ForeignKeyField(Visitor, backref="+", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    state = Choice(ClearanceState, default=ClearanceState.ASKED)
    until_on = Day(null=True)
    reason = Choice(ClearanceReason, null=True)
    asked_by = ForeignKeyField(User, null=True, backref="+")
    asked_at = Moment(default=clock.now)
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    warned_at = Moment(null=True)  # that it ends in a month

    class Meta:
        constraints = [Check("state NOT IN ('refused', 'revoked') OR reason IS NOT NULL"),
                       Check("state <> 'cleared' OR until_on IS NOT NULL")]
        indexes = ((("visitor", "prison"), True), (("prison", "state", "until_on"), False))


class ClearanceEvent(Table):
    """What happened to a clearance. Only grows."""

    clearance = ForeignKeyField(Clearance, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    new_state = Text()
    reason = Text(default="")


class Wanted(Public):
    """What a prison looks for: help of these areas, for whom, how many places, until when."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    areas = Text()  # values of Area, separated by semicolons
    groups = Text(default="")  # values of TargetGroup, separated by semicolons
    places = IntegerField(null=True, constraints=[Check("places between 1 and 9999")])
    note = Text(default="")
    until_on = Day(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "until_on"), False),)


class Party(enum.StrEnum):
    """A side of a co-operation."""

    PRISON = "prison"
    ORGANISATION = "organisation"


class ChecklistStep(Public):
    """A step of a prison's own way to a co-operation. Each co-operation gets a copy of all of them when it starts."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    position = IntegerField()
    name = Text()
    document = Text(default="")
    signatory = Text(default="")
    turn = Choice(Party)
    limit_days = IntegerField(constraints=[Check("limit_days between 1 and 365")])

    class Meta:
        indexes = ((("prison", "position"), False),)


class CooperationState(enum.StrEnum):
    WAITING = "waiting"  # the prison takes no new partners; first come, first told
    INTEREST = "interest"
    NEGOTIATING = "negotiating"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    DECLINED = "declined"


class CooperationReason(enum.StrEnum):
    """Why a co-operation was declined, paused or ended."""

    CAPACITY = "capacity"
    COVERED = "covered"
    DOCUMENTS = "documents"
    SECURITY = "security"
    FUNDING = "funding"
    STAFF = "staff"
    AGREED = "agreed"
    OTHER = "other"


class Cooperation(Public):
    """An organisation and a prison that work together, or are on their way to it.

    `turn` is the side that has to do something, `turn_since` since when, `due_on` until when; all three follow from
    the state and the steps, and are written with them by services/cooperation.py.
    """

    organisation = ForeignKeyField(Organisation, backref="cooperations", on_delete="CASCADE")
    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    state = Choice(CooperationState, default=CooperationState.INTEREST)
    since_on = Day(null=True)  # when it came to this state
    started_at = Moment(null=True)
    activated_at = Moment(null=True)  # first; the time between the two is the prison's usual duration
    turn = Choice(Party, null=True)
    turn_since = Moment(null=True)
    due_on = Day(null=True)
    about = Text(default="")  # what the organisation offers, in its own words
    scope = Text(default="")  # what was agreed
    ceiling = Text(default="")  # how much at most, in words
    most_visits_a_month = IntegerField(null=True, constraints=[Check("most_visits_a_month between 1 and 999")])
    most_people = IntegerField(null=True, constraints=[Check("most_people between 1 and 999")])  # at one visit
    valid_from = Day(null=True)
    valid_until = Day(null=True)
    reason = Choice(CooperationReason, null=True)
    message = Text(default="")  # words that go with the reason
    not_before = Day(null=True)  # a declined organisation may ask again from this day

    class Meta:
        constraints = [Check("state <> 'declined' OR reason IS NOT NULL")]
        indexes = ((("organisation", "prison"), True), (("prison", "state"), False), (("turn", "due_on"), False))


class CooperationStep(Public):
    """A step of one co-operation, copied from the prison's checklist. Its clock runs from `begun_at`."""

    cooperation = ForeignKeyField(Cooperation, backref="+", on_delete="CASCADE")
    position = IntegerField()
    name = Text()
    document = Text(default="")
    signatory = Text(default="")
    turn = Choice(Party)
    limit_days = IntegerField()
    begun_at = Moment(null=True)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("cooperation", "position"), True),)


class CooperationEvent(Table):
    """What happened to a co-operation: a change, a step done, a mail sent. Only grows."""

    cooperation = ForeignKeyField(Cooperation, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    about = Text(default="")  # the step, or the subject of the mail and whom it went to

    class Meta:
        indexes = ((("cooperation", "at"), False),)


class BookingState(enum.StrEnum):
    WAITING = "waiting"  # the time is full, or the prison's week is
    REQUESTED = "requested"
    COUNTERED = "countered"  # the prison proposed another time
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    HELD = "held"
    NOT_HELD = "not_held"
    DISPUTED = "disputed"
    UNRECORDED = "unrecorded"


class Reason(enum.StrEnum):
    """Why a visit was declined, cancelled or not held."""

    CAPACITY = "capacity"
    STAFF = "staff"
    OPERATION = "operation"
    CLEARANCE = "clearance"
    PRISON = "prison"
    ORGANISATION = "organisation"
    CLIENT_DECLINED = "client_declined"
    CLIENT_ABSENT = "client_absent"
    COLLISION = "collision"  # the client has another visit at that time
    OTHER = "other"


class Equipment(enum.StrEnum):
    """Whether things that a visit needs may be brought in."""

    NONE = "none"
    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"


class BookingSeries(Public):
    """Visits asked for at once, every so many weeks."""

    organisation = ForeignKeyField(Organisation, backref="+")
    prison = ForeignKeyField(Organisation, backref="+")
    created_by = ForeignKeyField(User, backref="+")
    every_weeks = IntegerField(constraints=[Check("every_weeks between 1 and 8")])
    created_at = Moment(default=clock.now)


class Booking(Public):
    """A request for a visit and what became of it. Its time is the confirmed one, else the first asked for."""

    number = Text(unique=True)  # what people say on the telephone
    request_key = Text(unique=True)  # one form sent twice is one booking
    prison = ForeignKeyField(Organisation, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    requested_by = ForeignKeyField(User, backref="+")
    window = ForeignKeyField(Window, null=True, backref="+", on_delete="SET NULL")
    place = ForeignKeyField(Place, backref="+")
    kind = Choice(WindowKind)
    starts_at = Moment()
    ends_at = Moment()
    state = Choice(BookingState, default=BookingState.REQUESTED)
    reason = Choice(Reason, null=True)
    message = SealedColumn(null=True)  # what goes with the last answer
    purpose = SealedColumn(null=True)
    sequence = IntegerField(default=0)
    told_sequence = IntegerField(default=0)  # the one that the last mail spoke of
    series = ForeignKeyField(BookingSeries, null=True, backref="+")
    trip = Text(default="", index=True)  # the same for visits of one trip
    joint_day = ForeignKeyField(JointDay, null=True, backref="+")
    equipment = Text(default="")
    equipment_state = Choice(Equipment, default=Equipment.NONE)
    finds_clients = IntegerField(null=True, constraints=[Check("finds_clients between 1 and 99")])  # the prison does
    plate = SealedColumn(null=True)
    staff_note = SealedColumn(null=True)
    client_note = SealedColumn(null=True)
    on_paper = BooleanField(default=False)  # came or was answered on paper and was written down here
    waiting_since = Moment(null=True)
    offer_until = Moment(null=True)  # of a freed seat, or of another time
    overdue_at = Moment(null=True)
    escalated_at = Moment(null=True)
    reminded_at = Moment(null=True)
    answer_by = Day()
    decided_by = ForeignKeyField(User, null=True, backref="+")
    decided_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('declined', 'cancelled', 'not_held') OR reason IS NOT NULL")]
        indexes = ((("prison", "starts_at"), False), (("organisation", "starts_at"), False),
                   (("prison", "state", "starts_at"), False), (("organisation", "state", "starts_at"), False),
                   (("state", "starts_at"), False))


class BookingAlternative(Table):
    """A time that a request would do with, or that the prison proposes instead."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    position = IntegerField()
    window = ForeignKeyField(Window, null=True, backref="+", on_delete="SET NULL")
    place = ForeignKeyField(Place, backref="+")
    starts_at = Moment()
    ends_at = Moment()
    by_prison = BooleanField(default=False)

    class Meta:
        indexes = ((("booking", "position"), True), (("starts_at",), False))


class Lane(enum.StrEnum):
    """What a seat is for: each visit holds one of the first kind and, where people are counted too, one a person."""

    VISIT = "visit"
    PERSON = "person"


class BookingSeat(Table):
    """A seat that a booking holds. The unique index is what makes selling it twice impossible."""

    window = ForeignKeyField(Window, backref="+", on_delete="CASCADE")
    starts_at = Moment()
    lane = Choice(Lane, default=Lane.VISIT)
    seat = IntegerField()
    booking = ForeignKeyField(Booking, backref="seats", on_delete="CASCADE")

    class Meta:
        indexes = ((("window", "starts_at", "lane", "seat"), True),)


class BookingVisitor(Table):
    """Somebody who comes: a colleague with an account, or a name."""

    booking = ForeignKeyField(Booking, backref="visitors", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, backref="+")
    visitor = ForeignKeyField(Visitor, null=True, backref="+")
    name = Text()
    refused = Choice(ClearanceReason, null=True)  # may not come, while the visit stands


class FlagCause(enum.StrEnum):
    """Why a confirmed visit has to be looked at again."""

    CLIENT_MOVED = "client_moved"
    CLIENT_RELEASED = "client_released"
    CLIENT_DIED = "client_died"
    CLOSED = "closed"
    WINDOW_CHANGED = "window_changed"
    CLEARANCE_ENDED = "clearance_ended"
    COOPERATION_ENDED = "cooperation_ended"


class BookingFlag(Table):
    """A reason to look at a visit again; `settled_how` is the event that a person chose."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    cause = Choice(FlagCause)
    at = Moment(default=clock.now)
    settled_at = Moment(null=True)
    settled_by = ForeignKeyField(User, null=True, backref="+")
    settled_how = Text(default="")

    class Meta:
        indexes = ((("booking", "cause", "at"), True),)


class BookingRecord(Table):
    """How a visit went, as one side says. Both versions stand."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    by_prison = BooleanField()
    held = BooleanField()
    reason = Choice(Reason, null=True)
    staff_minutes = IntegerField(null=True, constraints=[Check("staff_minutes between 0 and 9999")])
    reached = IntegerField(null=True, constraints=[Check("reached between 0 and 999")])
    recorded_by = ForeignKeyField(User, null=True, backref="+")
    at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("held OR reason IS NOT NULL")]
        indexes = ((("booking", "by_prison"), True),)


class BookingEvent(Table):
    """What happened to a booking. Only grows."""

    booking = ForeignKeyField(Booking, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
    changes = Text(default="")  # JSON: what changed, old and new; times, places, numbers, never a client


# Clients and consent

class ReleaseKind(enum.StrEnum):
    END_OF_SENTENCE = "end_of_sentence"
    PAROLE = "parole"
    PAROLE_SUPERVISION = "parole_supervision"
    INTERRUPTION = "interruption"
    REMAND_RELEASE = "remand_release"
    AMNESTY = "amnesty"
    HOUSE_ARREST = "house_arrest"


class ReleaseUnknown(enum.StrEnum):
    """Why it is not known when somebody will be released."""

    REMAND = "remand"
    PAROLE_PENDING = "parole_pending"
    OTHER_CASE = "other_case"
    FORENSIC = "forensic"
    NOT_TOLD = "not_told"


class Route(enum.StrEnum):
    """From where somebody comes back."""

    PRISON = "prison"
    THERAPEUTIC_COMMUNITY = "therapeutic_community"
    OUTPATIENT = "outpatient"


class Client(Public):
    """One person, one row. No name in plain, no offence, no score."""

    code = Text(unique=True)
    card_hash = Text(unique=True, null=True)
    user = ForeignKeyField(User, null=True, unique=True, backref="+")
    name = SealedColumn(null=True)
    born = SealedColumn(null=True)
    contact = SealedColumn(null=True)
    prison = ForeignKeyField(Organisation, null=True, backref="+")
    planned_release_on = Day(null=True)
    released_on = Day(null=True, index=True)
    release_unknown = Choice(ReleaseUnknown, null=True)
    release_kind = Choice(ReleaseKind, null=True)
    route = Choice(Route, default=Route.PRISON)
    languages = Text(default="")  # ISO 639-1, separated by semicolons; none is Czech
    key_worker = ForeignKeyField(User, null=True, backref="+")  # who leads the case
    joined_to = ForeignKeyField("self", null=True, backref="+")  # another record of the same person, as they said
    shift_days = Text(default="")  # weekdays of work, 0 is Monday, separated by semicolons
    shift_starts = TimeOfDay(null=True)
    shift_ends = TimeOfDay(null=True)
    region = ForeignKeyField(Region, null=True, backref="+")
    municipality = ForeignKeyField(Municipality, null=True, backref="+")
    recorded_by = ForeignKeyField(Organisation, backref="+")
    died_on = Day(null=True)
    erased_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "released_on"), False),)


class DataKey(Table):
    """A wrapped data key of a client or an organisation (`owner` is its public id). Erasing a person deletes it."""

    owner = Text(unique=True)
    wrapped = SealedColumn()
    created_at = Moment(default=clock.now)


class Membership(Table):
    """That an organisation works with a client, who in it does, and on which ground it began."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    worker = ForeignKeyField(User, null=True, backref="+")
    ground = Text(default="own")
    since_on = Day(default=clock.today)
    until_on = Day(null=True)

    class Meta:
        indexes = ((("client", "organisation"), True), (("organisation", "worker"), False))


class StandIn(Table):
    """Another worker of the organisation who works with the client too and stands in for the first."""

    membership = ForeignKeyField(Membership, backref="+", on_delete="CASCADE")
    worker = ForeignKeyField(User, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("membership", "worker"), True),)


class LeadEvent(Table):
    """Who led a client's case, from whom they took it over. Only grows."""

    client = ForeignKeyField(Client, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    old_worker = ForeignKeyField(User, null=True, backref="+")
    new_worker = ForeignKeyField(User, null=True, backref="+")


class Scope(enum.StrEnum):
    """A part of a client's file that consent can open."""

    IDENTITY = "identity"
    NEEDS = "needs"
    PLAN = "plan"
    VISITS = "visits"
    FOLLOW_UP = "follow_up"
    NETWORK = "network"
    AUTHORITY_RECORDS = "authority_records"


class ConsentState(enum.StrEnum):
    DRAFT = "draft"
    PROVISIONAL = "provisional"  # on paper or with help: lapses unless the client confirms it alone
    ACTIVE = "active"
    REFUSED = "refused"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Consent(Public):
    """What a client agreed to: to whom, for what, from when and until when, in which words."""

    number = Text(unique=True)
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    recipient = ForeignKeyField(Organisation, backref="+")
    recipient_user = ForeignKeyField(User, null=True, backref="+")
    purpose = SealedColumn()
    state = Choice(ConsentState, default=ConsentState.DRAFT)
    asked_by = ForeignKeyField(User, null=True, backref="+")
    from_on = Day()
    until_on = Day()
    given_how = Text(default="app")
    text_version = Text()
    text_hash = Text()
    shown = SealedColumn(null=True)  # the text that was agreed to
    witness = SealedColumn(null=True)
    paper = Text(default="")  # reference of the signed sheet
    batch = Text(default="", index=True)  # the same for consents given in one step
    replaced_by = ForeignKeyField("self", null=True, backref="+")
    provisional_until = Day(null=True)  # none while somebody is in custody
    ended_how = Text(default="")  # app, worker, letter
    given_at = Moment(null=True)
    ended_at = Moment(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("until_on >= from_on")]
        indexes = ((("client", "recipient", "state"), False), (("recipient", "state", "until_on"), False))


class ConsentScope(Table):
    """A part that a consent opens; `need` narrows it to one need, where it makes sense."""

    consent = ForeignKeyField(Consent, backref="+", on_delete="CASCADE")
    scope = Choice(Scope)
    need = Text(default="")  # a value of Need, or all

    class Meta:
        indexes = ((("consent", "scope", "need"), True),)


class DeletionNotice(Public):
    """That an organisation is to delete what it copied, and when it said that it did."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    consent = ForeignKeyField(Consent, null=True, backref="+", on_delete="CASCADE")
    referral = IntegerField(null=True)  # id of the referral, where that was the ground
    told_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("organisation", "done_at"), False),)


class Withheld(Table):
    """An item (by its public id) that a client keeps from one organisation, whatever else it may read."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    recipient = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    record = Text()
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("client", "recipient", "record"), True),)


class Agreement(Public):
    """That one organisation may read what another recorded of clients whom both have: another ground than consent."""

    number = Text(unique=True)
    giver = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    receiver = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    ground = Text()  # the act or the treaty
    document = Text()
    from_on = Day()
    until_on = Day()
    registered_by = ForeignKeyField(User, null=True, backref="+")
    registered_at = Moment(default=clock.now)
    ended_at = Moment(null=True)

    class Meta:
        constraints = [Check("until_on >= from_on"), Check("giver_id <> receiver_id")]
        indexes = ((("receiver", "giver", "until_on"), False),)


class AgreementScope(Table):
    agreement = ForeignKeyField(Agreement, backref="+", on_delete="CASCADE")
    scope = Choice(Scope)

    class Meta:
        indexes = ((("agreement", "scope"), True),)


class EmergencyAccess(Public):
    """A look into closed parts of a file to save life or health: at once, for 72 hours, with a second person."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, backref="+")
    reason = SealedColumn()
    at = Moment(default=clock.now)
    until_at = Moment()
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    confirmed_at = Moment(null=True)
    refused_at = Moment(null=True)
    reported_at = Moment(null=True)  # to the operator, where nobody confirmed in time

    class Meta:
        indexes = ((("client", "until_at"), False), (("organisation", "until_at"), False))


class ConsentEvent(Table):
    """What happened to a consent. Only grows."""

    consent = ForeignKeyField(Consent, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    new_state = Text()


class BookingClient(Table):
    """Whom a visit is for."""

    booking = ForeignKeyField(Booking, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("booking", "client"), True),)


class JointDayClient(Table):
    """A client who signed up for a joint day."""

    joint_day = ForeignKeyField(JointDay, backref="+", on_delete="CASCADE")
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    added_by = ForeignKeyField(User, null=True, backref="+")
    added_at = Moment(default=clock.now)
    came = BooleanField(null=True)

    class Meta:
        indexes = ((("joint_day", "client"), True),)


class TaskKind(enum.StrEnum):
    AFTER_JOINT_DAY = "after_joint_day"
    CLEARANCE_ENDS = "clearance_ends"
    CONFIRM_FACT = "confirm_fact"  # what the client only says, thirty days before release
    OVERLAP = "overlap"  # somebody else was asked to serve a need that the owner of the task serves
    ANSWERED = "answered"  # by the client, how they fare: to be read
    HELP_NOW = "help_now"  # a client wrote that they need help now
    HELP_DEPUTY = "help_deputy"  # and nobody has taken it up in time


class Task(Public):
    """Something that an organisation, or one person of it, has to do; `about` is the public id of its record."""

    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    owner = ForeignKeyField(User, null=True, backref="+")
    client = ForeignKeyField(Client, null=True, backref="+", on_delete="CASCADE")
    kind = Choice(TaskKind)
    about = Text(default="")
    due_on = Day()
    created_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    done_by = ForeignKeyField(User, null=True, backref="+")

    class Meta:
        indexes = ((("organisation", "done_at", "due_on"), False),)


# Plan

class Claim(enum.StrEnum):
    """How sure a fact is."""

    SAID = "said"  # the client says
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class PlanList(enum.StrEnum):
    """On which sheet an item stands."""

    PLAN = "plan"
    BEFORE_RELEASE = "before_release"
    FIRST_HOURS = "first_hours"  # the first 72


class PlanItemState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class PlanItem(Public):
    """A goal or a task by need: what, with whom, by when, and whether it is so or the client only says it."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")  # that wrote it
    author = ForeignKeyField(User, null=True, backref="+")
    sheet = Choice(PlanList, default=PlanList.PLAN)
    position = IntegerField(default=0)
    key = Text(default="")  # of an item of a default sheet: bed, money, documents …
    need = Text(default="")  # a value of Need
    goal = SealedColumn(null=True)
    what = SealedColumn(null=True)
    who = ForeignKeyField(Organisation, null=True, backref="+")  # that does it; none and by_client: the client
    worker = ForeignKeyField(User, null=True, backref="+")
    by_client = BooleanField(default=False)
    since_on = Day(default=clock.today)
    due_on = Day(null=True)
    state = Choice(PlanItemState, default=PlanItemState.OPEN)
    claim = Choice(Claim, default=Claim.SAID)
    claim_by = ForeignKeyField(Organisation, null=True, backref="+")
    claim_on = Day(null=True)
    from_paper = BooleanField(default=False)
    created_at = Moment(default=clock.now)
    done_at = Moment(null=True)
    version = IntegerField(default=1)

    class Meta:
        constraints = [Check("claim = 'said' OR claim_on IS NOT NULL")]
        indexes = ((("client", "sheet", "position"), False), (("who", "state", "due_on"), False))


class PlanApproval(Table):
    """That the client read a plan and agrees with it. Only grows."""

    client = ForeignKeyField(Client, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, null=True, backref="+")
    at = Moment(default=clock.now)
    how = Text(default="app")  # app, paper


class Conference(Public):
    """A meeting over one client's case."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, null=True, backref="+")
    held_on = Day()
    participants = SealedColumn(null=True)
    agreed = SealedColumn(null=True)
    created_at = Moment(default=clock.now)


class VerificationAnswer(enum.StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verification(Public):
    """One yes-or-no question to one organisation about one item; it sees nothing else."""

    item = ForeignKeyField(PlanItem, backref="+", on_delete="CASCADE")
    asked_by = ForeignKeyField(User, backref="+")
    organisation = ForeignKeyField(Organisation, backref="+")  # of who asks
    recipient = ForeignKeyField(Organisation, backref="+")
    question = SealedColumn()
    asked_at = Moment(default=clock.now)
    answer = Choice(VerificationAnswer, null=True)
    answered_by = ForeignKeyField(User, null=True, backref="+")
    answered_at = Moment(null=True)

    class Meta:
        indexes = ((("recipient", "answered_at"), False),)


class RefusalReason(enum.StrEnum):
    """Why help after release was not taken."""

    NO_INSIGHT = "no_insight"
    NO_SERVICE = "no_service"
    NO_CAPACITY = "no_capacity"
    DID_NOT_KNOW = "did_not_know"
    REFUSED = "refused"
    OTHER = "other"


class ReleaseOffer(Public):
    """That somebody was offered help after release, and what they said."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    actor = ForeignKeyField(User, null=True, backref="+")
    offered_on = Day(default=clock.today)
    accepted = BooleanField(null=True)
    reason = Choice(RefusalReason, null=True)
    again_on = Day(null=True)

    class Meta:
        constraints = [Check("accepted IS NULL OR accepted OR reason IS NOT NULL")]
        indexes = ((("client", "offered_on"), False),)


# Referrals

class Level(enum.IntEnum):
    """How much of a person a referral shows."""

    CHOICES = 0  # need areas, region, month of release, language
    CODE = 1  # and the code, a channel, a message
    IDENTITY = 2
    DETAILS = 3  # and chosen details by need


class ReferralState(enum.StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    QUESTION = "question"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    IN_CARE = "in_care"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    HANDED_ON = "handed_on"


class ReferralReason(enum.StrEnum):
    """Why a referral was declined or withdrawn."""

    CONDITIONS = "conditions"
    CAPACITY = "capacity"
    REGION = "region"
    DUPLICATE = "duplicate"
    PROBLEM = "problem"
    CLIENT = "client"
    SENTENCE = "sentence"
    OTHER = "other"


class Closing(enum.StrEnum):
    """How a referral ended, as its sender sees it."""

    AS_PLANNED = "as_planned"
    EARLY = "early"
    DID_NOT_COME = "did_not_come"


class ReferralKind(enum.StrEnum):
    SHARE = "share"  # the sender goes on too
    TRANSFER = "transfer"  # the receiver takes over
    SELF = "self"  # the client asks


class Referral(Public):
    """That a client is sent to a service. The receiver gets a view of one record, never a copy."""

    number = Text(unique=True)
    request_key = Text(unique=True)
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    kind = Choice(ReferralKind, default=ReferralKind.SHARE)
    sender = ForeignKeyField(Organisation, null=True, backref="+")  # none where the client asks
    author = ForeignKeyField(User, null=True, backref="+")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")
    receiver = ForeignKeyField(Organisation, null=True, backref="+")
    external = SealedColumn(null=True)  # address of a receiver without an account
    external_hash = Text(null=True, unique=True)  # of the token of their link
    external_until = Day(null=True)
    level = IntegerField(default=0, constraints=[Check("level between 0 and 3")])
    state = Choice(ReferralState, default=ReferralState.DRAFT)
    region = ForeignKeyField(Region, null=True, backref="+")
    release_month = Text(default="")  # 2027-01
    language = Text(default="")
    channel = SealedColumn(null=True)  # how to reach the person
    message = SealedColumn(null=True)
    reason = Choice(ReferralReason, null=True)
    overlap_reason = SealedColumn(null=True)  # why go on although somebody serves the need
    parent = ForeignKeyField("self", null=True, backref="+")  # the one it was handed on from or sent anew
    worker = ForeignKeyField(User, null=True, backref="+")  # who took it on
    sent_at = Moment(null=True)
    answer_by = Day(null=True)
    paused_at = Moment(null=True)  # a question stops the clock
    questions = IntegerField(default=0)
    overdue_at = Moment(null=True)
    escalated_at = Moment(null=True)
    accepted_at = Moment(null=True)
    contact_by = Day(null=True)
    contacted_at = Moment(null=True)
    no_contact_at = Moment(null=True)
    waiting_until = Day(null=True)  # to be confirmed by then
    review_at = Moment(null=True)
    line_asked_at = Moment(null=True)  # the receiver was asked for a line on how it goes
    closing = Choice(Closing, null=True)
    closed_at = Moment(null=True)
    created_at = Moment(default=clock.now)
    changed_at = Moment(default=clock.now)

    class Meta:
        constraints = [Check("state NOT IN ('declined', 'withdrawn') OR reason IS NOT NULL"),
                       Check("state <> 'closed' OR closing IS NOT NULL")]
        indexes = ((("receiver", "state", "answer_by"), False), (("sender", "state"), False),
                   (("client", "state"), False))


class ReferralNeed(Table):
    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    result = Text(default="")  # achieved, partly, not; at the close

    class Meta:
        indexes = ((("referral", "need"), True),)


class ServiceQuestion(Table):
    """A short question that a service asks with a referral."""

    service = ForeignKeyField(Service, backref="+", on_delete="CASCADE")
    position = IntegerField()
    question = Text()

    class Meta:
        indexes = ((("service", "position"), True),)


class ReferralAnswer(Public):
    """The answer to a service's question; the question as it was then."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    question = Text()
    answer = SealedColumn(null=True)


class ReferralCondition(Public):
    """What the sender knows of one of the service's conditions, kept with the referral and nowhere else."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    condition = Text()
    met = BooleanField(null=True)
    why = SealedColumn(null=True)  # why go on although it is not met


class ReferralLine(Public):
    """A question of the receiver or an answer of the author."""

    referral = ForeignKeyField(Referral, backref="+", on_delete="CASCADE")
    author = ForeignKeyField(User, null=True, backref="+")
    by_receiver = BooleanField()
    text = SealedColumn()
    at = Moment(default=clock.now)


class ReferralEvent(Table):
    """What happened to a referral; `changes` is JSON of old and new choices. Only grows."""

    referral = ForeignKeyField(Referral, backref="+")
    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    event = Text()
    old_state = Text(default="")
    new_state = Text()
    reason = Text(default="")
    changes = Text(default="")


class FamilyRequest(Public):
    """What somebody close to a client wrote for them. The client decides; nobody learns whether the code exists."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="+", on_delete="SET NULL")
    message = SealedColumn()
    at = Moment(default=clock.now)
    decided_at = Moment(null=True)
    accepted = BooleanField(null=True)


# Closing reports

class ReportState(enum.StrEnum):
    DRAFT = "draft"
    WITH_CLIENT = "with_client"
    READ = "read"
    REMARKED = "remarked"
    NOT_READ = "not_read"  # the client did not want to
    ISSUED = "issued"


class Report(Public):
    """What was worked on and with what result; the client reads it before it goes. A correction is a new version."""

    number = Text(unique=True, null=True)  # 2026-0001, once issued
    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, null=True, backref="+")
    recipient = ForeignKeyField(Organisation, null=True, backref="+")
    state = Choice(ReportState, default=ReportState.DRAFT)
    version = IntegerField(default=1)
    replaces = ForeignKeyField("self", null=True, backref="+")
    summary = SealedColumn(null=True)
    remark = SealedColumn(null=True)
    created_at = Moment(default=clock.now)
    shown_at = Moment(null=True)
    issued_at = Moment(null=True)

    class Meta:
        constraints = [Check("state <> 'issued' OR number IS NOT NULL")]
        indexes = ((("client", "state"), False), (("recipient", "state"), False))


class ReportLine(Public):
    """One need of a report."""

    report = ForeignKeyField(Report, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    done = SealedColumn(null=True)
    result = Text(default="")  # achieved, partly, not
    left = SealedColumn(null=True)

    class Meta:
        indexes = ((("report", "need"), True),)


# Feedback

class PromptState(enum.StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    ANSWERED = "answered"  # by the client
    RECORDED = "recorded"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    RETURNED = "returned"
    DIED = "died"
    CANCELLED = "cancelled"


MILESTONES = (3, 30, 90, 180, 365)  # days after release


class Prompt(Public):
    """A follow-up that is due: how does this client fare so many days after release."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")  # who asks
    worker = ForeignKeyField(User, null=True, backref="+")
    series = IntegerField(default=1)  # which return from prison it belongs to
    milestone = IntegerField()
    due_on = Day()
    state = Choice(PromptState, default=PromptState.PLANNED)
    token_hash = Text(null=True, unique=True)  # of the client's link
    opened_on = Day(null=True)
    told_at = Moment(null=True)  # the client, by that link
    reminded_at = Moment(null=True)

    class Meta:
        indexes = ((("client", "organisation", "series", "milestone"), True),
                   (("organisation", "state", "due_on"), False), (("client", "state"), False))


class Channel(enum.StrEnum):
    """How a client wants to be asked how they fare."""

    WORKER = "worker"
    MAIL = "mail"  # a link to a page of their own


class StoppedBy(enum.StrEnum):
    CLIENT = "client"  # who does not want to be asked
    RETURN = "return"  # to prison: until the next release
    DEATH = "death"


class Wish(Public):
    """How and when a client wants to be asked how they fare; without one by the worker, at every milestone."""

    client = ForeignKeyField(Client, unique=True, backref="+", on_delete="CASCADE")
    channel = Choice(Channel, default=Channel.WORKER)
    address = SealedColumn(null=True)
    milestones = Text(default="3;30;90;180;365")
    told_on = Day(null=True)  # the day of the last message
    asked_to_stop_at = Moment(null=True)
    stopped_at = Moment(null=True)
    stopped_by = Choice(StoppedBy, null=True)

    class Meta:
        constraints = [Check("stopped_at IS NULL OR stopped_by IS NOT NULL")]


class Reached(enum.StrEnum):
    """Whether and how the worker spoke with the client."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    WRITTEN = "written"
    NOT_REACHED = "not_reached"


class NeedState(enum.StrEnum):
    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    IN_PROGRESS = "in_progress"
    MET = "met"
    STUCK = "stuck"
    DECLINED = "declined"  # the client does not want help with it


class Step(enum.StrEnum):
    """The anchored scale; asked only of needs in progress or stuck."""

    CRISIS = "crisis"
    POOR = "poor"
    UNSURE = "unsure"
    GOOD = "good"
    STEADY = "steady"
    NOT_KNOWN = "not_known"


class Barrier(enum.StrEnum):
    """Why a need is stuck, in the words of the study."""

    NO_AFFORDABLE_HOUSING = "no_affordable_housing"
    BENEFIT_NOT_REACHABLE = "benefit_not_reachable"
    NO_CAPACITY = "no_capacity"
    DID_NOT_KNOW = "did_not_know"
    NO_INSIGHT = "no_insight"
    CONDITION_CANNOT_BE_MET = "condition_cannot_be_met"
    SERVICES_FRAGMENTED = "services_fragmented"
    OTHER = "other"


class FollowUp(Public):
    """One entry of the feedback log."""

    client = ForeignKeyField(Client, backref="+", on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, backref="+")
    author = ForeignKeyField(User, backref="+")
    prompt = ForeignKeyField(Prompt, null=True, backref="+")
    request_key = Text(unique=True)
    milestone = IntegerField(null=True)
    reached = Choice(Reached)
    by_client = BooleanField(default=False)  # through their link; else a worker wrote it
    corrects = ForeignKeyField("self", null=True, backref="+")  # the version before this one
    needs_help = BooleanField(default=False)  # the client wrote: I need help now
    said = SealedColumn(null=True)  # what the client says; the note is what the worker thinks
    note = SealedColumn(null=True)
    next_step = SealedColumn(null=True)
    next_on = Day(null=True)
    created_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("client", "created_at"), False),)


class FollowUpNeed(Table):
    """How one need stands in an entry. `unchanged` was prefilled and left alone: kept, but no observation."""

    follow_up = ForeignKeyField(FollowUp, backref="+", on_delete="CASCADE")
    need = Choice(Need)
    state = Choice(NeedState)
    step = Choice(Step, null=True)
    barrier = Choice(Barrier, null=True)
    unchanged = BooleanField(default=False)

    class Meta:
        indexes = ((("follow_up", "need"), True),)
        constraints = [Check("barrier IS NULL OR state = 'stuck'")]


class Snapshot(Table):
    """The figures of one prison for people released from it, frozen at the end of a month."""

    prison = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    month = Day()  # its first day
    made_at = Moment(default=clock.now)

    class Meta:
        indexes = ((("prison", "month"), True),)


class SnapshotCell(Table):
    """One published count, already rounded: a multiple of five, or -1 for "< 5"."""

    snapshot = ForeignKeyField(Snapshot, backref="+", on_delete="CASCADE")
    milestone = IntegerField()  # 0 for why help was not taken
    need = Text()  # a Need, "people" for how many stand behind the row, "not_taken": its states are RefusalReason
    state = Text()  # a NeedState, or "all"; a row of which only "all" is kept would have told too much
    since = Day()  # the month in which its row was last counted
    shown = IntegerField(constraints=[Check("shown = -1 OR (shown >= 0 AND shown = shown / 5 * 5)")])

    class Meta:
        indexes = ((("snapshot", "milestone", "need", "state"), True),)


# Messages

class OutboxState(enum.StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outbox(Public):
    """A mail, written in the same transaction as its cause and sent by a job."""

    recipient = Text()
    subject = Text()
    body = SealedColumn()
    calendar = Text(default="")  # an .ics to attach; never a client in it
    reply_to = Text(default="")
    user = ForeignKeyField(User, null=True, backref="+")
    consent = ForeignKeyField(Consent, null=True, backref="+")  # must still hold when the mail goes out
    booking = ForeignKeyField(Booking, null=True, backref="+")  # what it is about
    referral = ForeignKeyField(Referral, null=True, backref="+", on_delete="CASCADE")  # still open when it goes out
    prompt = ForeignKeyField(Prompt, null=True, backref="+", on_delete="CASCADE")  # still open when it goes out
    state = Choice(OutboxState, default=OutboxState.WAITING)
    attempts = IntegerField(default=0)
    next_try_at = Moment(default=clock.now)
    last_error = Text(default="")
    created_at = Moment(default=clock.now)
    sent_at = Moment(null=True)

    class Meta:
        indexes = ((("state", "next_try_at"), False),)


class Topic(enum.StrEnum):
    """What mails are about; for each one chooses how to be told."""

    VISITS = "visits"
    REMINDERS = "reminders"
    CLEARANCES = "clearances"
    COOPERATION = "cooperation"
    FACTS = "facts"
    OFFERS = "offers"


class Telling(enum.StrEnum):
    EACH = "each"
    DIGEST = "digest"
    NONE = "none"


class MailPreference(Table):
    """How a person wants to be told of a topic; where there is none, each mail by itself."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    topic = Choice(Topic)
    telling = Choice(Telling)

    class Meta:
        indexes = ((("user", "topic"), True),)


class DigestLine(Table):
    """What waits for a person's next digest."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    topic = Choice(Topic)
    subject = Text()
    path = Text(default="")
    booking = ForeignKeyField(Booking, null=True, backref="+")
    at = Moment(default=clock.now)

    class Meta:
        indexes = ((("user", "at"), False),)


class Feed(Public):
    """A private calendar address of a user, or of a place that they keep; only its hash is kept."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    place = ForeignKeyField(Place, null=True, backref="+", on_delete="CASCADE")
    token_hash = Text(unique=True)
    created_at = Moment(default=clock.now)
    used_at = Moment(default=clock.now)
    revoked_at = Moment(null=True)


# Imports

class ImportState(enum.StrEnum):
    """Where an import is: a job works on it in LOOKING, READING, WRITING and UNDOING, a person in MAPPING and READY."""

    LOOKING = "looking"  # a job finds out what the file is
    MAPPING = "mapping"  # a person says which column is what
    READING = "reading"  # a job reads the rows and compares them with the book
    READY = "ready"  # the preview stands; nothing is written before somebody confirms it
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"  # the file cannot be read at all
    DROPPED = "dropped"


class Fate(enum.StrEnum):
    """What becomes of a row of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    UNDECIDED = "undecided"


class Import(Public):
    """A file on its way into the book, and what became of it. The file itself is kept only until it is done."""

    user = ForeignKeyField(User, null=True, backref="+")
    file = Text()  # the name it came with
    format = Text()  # csv, xlsx, hsds, rpss
    state = Choice(ImportState, default=ImportState.LOOKING, index=True)
    done = IntegerField(default=0)  # per cent of the work of the present state
    header = Text(default="")  # JSON: what the first look at a table found
    mapping = Text(default="")  # JSON: {column of the file: field}
    options = Text(default="")  # JSON: what else the person chose
    problem = Text(default="")  # JSON: why it failed, or why it was not written or undone
    result = Text(default="")  # JSON: counts of what was written
    confirmed_by = ForeignKeyField(User, null=True, backref="+")
    created_at = Moment(default=clock.now)
    finished_at = Moment(null=True)


class ImportRow(Table):
    """One organisation or service of a file, what the book has instead, and what a person decided."""

    run = ForeignKeyField(Import, backref="+", on_delete="CASCADE")
    number = IntegerField()  # the order in the file
    kind = Choice(RecordKind)
    sheet = Text(default="")
    row = IntegerField(null=True)
    owner = IntegerField(null=True)  # of a service: the number of its organisation's row
    title = Text()
    fate = Choice(Fate)
    record = Text(default="")  # public id of the record it was matched with, or became
    version = IntegerField(null=True)  # of that record when they were compared
    content = Text()  # JSON: what the file says
    changes = Text(default="")  # JSON: {field: [what the book says, what the file says]}
    problems = Text(default="")  # JSON: what is wrong, what was left out
    question = Text(default="")  # who: which of several records is it; confirmed: may what a person confirmed change
    candidates = Text(default="")  # JSON: public ids
    decision = Text(default="")  # a public id, new, skip, file or ours
    kept = Text(default="")  # JSON: how sure the facts were before, so that it can be undone

    class Meta:
        indexes = ((("run", "number"), True), (("run", "fate", "number"), False))


class ImportMapping(Table):
    """Which column was what when this person last sent a table with the same header."""

    user = ForeignKeyField(User, backref="+", on_delete="CASCADE")
    fingerprint = Text()
    mapping = Text()

    class Meta:
        indexes = ((("user", "fingerprint"), True),)


class ImportMatch(Table):
    """That somebody decided which organisation a row of a list means, so that it is asked once."""

    key = Text(unique=True)  # company number, folded name and place as the list has them
    organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")


class RegisterRecord(Table):
    """A service as a public register last had it, to compare the book with. Secret addresses are never here."""

    register = Text()  # rpss, rpss-demo
    number = Text()  # of the service in the register
    ico = Text(index=True)
    provider = Text()
    name = Text()  # the kind of service in the words of the law
    street = Text(default="")
    city = Text(default="")
    postal_code = Text(default="")
    web = Text(default="")
    email = Text(default="")
    phone = Text(default="")
    capacity = IntegerField(null=True)  # registered, which is not how many places are free
    since_on = Day(null=True)
    ended_on = Day(null=True)
    seen_at = Moment()  # of the last import in which it stood
    missing_at = Moment(null=True)  # of the first import in which it no longer stood

    class Meta:
        indexes = ((("register", "number"), True),)


# Audit

class Action(enum.StrEnum):
    READ = "read"
    WRITE = "write"


class Journal(Table):
    """One row for each sensitive read and each write. Fields are named, values are not kept. Only grows."""

    at = Moment(default=clock.now)
    actor = ForeignKeyField(User, null=True, backref="+")
    organisation = ForeignKeyField(Organisation, null=True, backref="+")
    action = Choice(Action)
    what = Text()  # e.g. booking.confirm, client.open
    record = Text(default="")  # public id
    client = IntegerField(null=True, index=True)  # no foreign key: the row outlives an erased client
    parts = Text(default="")  # names of parts or fields, separated by commas
    ground = Text(default="")


class JournalSeal(Table):
    """A batch of journal rows bound into the chain: digest of the rows and of the seal before. Only grows."""

    first = IntegerField()
    last = IntegerField(unique=True)
    digest = Text()
    sealed_at = Moment(default=clock.now)


APPEND_ONLY = [BookingEvent, ClearanceEvent, CooperationEvent, ConsentEvent, FieldChange, Journal, JournalSeal,
               LeadEvent, OfferEvent, PlanApproval, ReferralEvent]
MODELS = sort_models([model for model in [*Table.__subclasses__(), *Public.__subclasses__()] if model is not Public])
