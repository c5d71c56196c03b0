"""The contact book as HSDS 3.0 (Open Referral): JSON, and a CSV package (tabular data package).

Our own mapping. An id is the 128 bits of our public id written as a UUID, so the same record keeps its id for ever;
what has no public id gets one made from its owner's. Needs, areas and groups are terms of taxonomies; what HSDS has no
place for (easy language, form, capacity) goes into attributes under names of its own, and so does an address of which
the region is not known; in the package, where an attribute must have a term, those names are a taxonomy too. Left out
are people's confirmations, prison profiles and work in prisons, which other formats carry, and addresses of secret
sites.
"""
import base64
import csv
import io
import json
import uuid
from collections import defaultdict

from flask_babel import force_locale
from peewee import chunked

import identifiers
from exporters.cells import neutral, written
from exporters.csv_book import zipped
from exporters.hsds_tables import TABLES, description
from labels import label
from models import (
    Area,
    CapacityState,
    ContactPerson,
    District,
    Form,
    Kind,
    Location,
    Municipality,
    Need,
    Organisation,
    OrganisationRegion,
    OrganisationState,
    Region,
    Service,
    TargetGroup,
)
from services.records import SETS, Conditions, sets_of_services
from text import clean_text

VERSION, AT_ONCE, COUNTRY = "3.0", 500, "CZ"
STATUS = {OrganisationState.PAUSED: "temporarily closed", OrganisationState.CLOSED: "defunct"}
TAXONOMIES = {"areas": (Area, "Areas of services of the network"), "needs": (Need, "Needs after prison"),
              "groups": (TargetGroup, "Target groups of services")}
# sets of a service that are terms, and their taxonomies
TERMS = {"areas": "areas", "needs": "needs", "for_groups": "groups", "not_groups": "groups", "never_groups": "groups"}
KIND = "organisation kind"  # link types of attributes that are no terms
# the package asks for a term of every attribute: those that are fields of ours have one, named after the link type
FIELDS = ("fields", "Fields of the contact book that the standard has no column for")
NAMESPACE = uuid.UUID("6f0d3a4e-6d44-4c53-9a5b-5f1f2c9f6a10")


def document(organisations: list[int] | None = None) -> bytes:
    """JSON: organisations and services, each valid against organization.json and service.json of the standard."""
    book = {"hsds_version": VERSION, "organizations": [], "services": []}
    for organisation, services in _records(organisations):
        book["organizations"].append(organisation)
        book["services"] += services
    return json.dumps(book, ensure_ascii=False, indent=1).encode()


def package(organisations: list[int] | None = None) -> bytes:
    """A ZIP with the tables as CSV (commas, UTF-8) and datapackage.json that names them and their columns."""
    rows = defaultdict(dict)  # a term or a taxonomy comes many times, and stands once
    for organisation, services in _records(organisations):
        _flatten(rows, "organization", organisation)
        for service in services:
            _flatten(rows, "service", service)
    _name_fields(rows)
    files = {file: _csv(columns.split(), rows[table].values()) for table, (file, columns) in TABLES.items()}
    return zipped({"datapackage.json": description(VERSION), **files})


# Records as the standard nests them

def _records(organisations):
    """Pairs (organization, its services) as dicts that the standard's JSON schemas take."""
    around = _Around()
    chosen = sorted(set(organisations)) if organisations is not None else [
        number for number, in Organisation.select(Organisation.id).order_by(Organisation.public_id).tuples()]
    for some in chunked(chosen, AT_ONCE):
        some = list(some)
        people, sites = _by_organisation(ContactPerson, some), _by_organisation(Location, some)
        services = _by_organisation(Service, some)
        around.read([row.id for rows in services.values() for row in rows], some)
        for row in Organisation.select().where(Organisation.id.in_(some)).order_by(Organisation.public_id):
            around.sites = {site.public_id: site for site in sites[row.id]}
            yield _organisation(row, people[row.id], around), [
                _service(service, row, around) for service in services[row.id]]


class _Around:
    """What records refer to: places, terms, other records, and the sets of services."""

    def __init__(self):
        self.regions = {row.code: row for row in Region.select()}
        self.districts = {row.code: row for row in District.select()}
        self.towns = {row.code: row for row in Municipality.select()}
        self.terms = _terms()
        self.organisations = dict(Organisation.select(Organisation.id, Organisation.public_id).tuples())
        self.people = dict(ContactPerson.select(ContactPerson.id, ContactPerson.public_id).tuples())
        self.sites = {}

    def read(self, services, organisations):
        self.sets = {name: sets_of_services(name, services) for name in SETS[Service]}
        self.works_in, link = defaultdict(list), OrganisationRegion
        rows = link.select(link.organisation, link.region).where(link.organisation.in_(organisations))
        for owner, region in rows.order_by(link.region).tuples():
            self.works_in[owner].append(region)

    def of(self, name, service) -> list:
        return self.sets[name].get(service, [])


def _by_organisation(model, organisations):
    found = defaultdict(list)
    for row in model.select().where(model.organisation.in_(organisations)).order_by(model.public_id):
        found[row.organisation_id].append(row)
    return found


def _organisation(row, people, around) -> dict:
    own = uuid_of(row.public_id)
    parent = around.organisations.get(row.parent_id)
    return _filled({
        "id": own, "name": row.name, "alternate_name": row.short_name,
        "description": clean_text(row.description, lines=True) or _word(row.kind), "email": row.email,
        "website": row.web if identifiers.web_address(row.web) == row.web else "",
        "legal_status": row.legal_form, "tax_id": row.ico,
        "parent_organization_id": uuid_of(parent) if parent else "",
        "funding": _funding(own, row.funding, organization_id=own),
        "phones": _phones(own, row.phone, organization_id=own),
        "contacts": [_contact(person, own, around) for person in people if not person.ended_on],
        "locations": _seat(row, own, around) + [_site(site, own, around) for site in around.sites.values()
                                                if not site.ended_on],
        "organization_identifiers": _identifiers(own, row),
        "attributes": [_attribute(own, "organization", KIND, row.kind)]
        + [_attribute(own, "organization", "works in", code, mark=code) for code in around.works_in[row.id]]
        + [_attribute(own, "organization", name, value) for name, value in _loose_address(row) if value],
    })


def _service(row, organisation, around) -> dict:
    own, of = uuid_of(row.public_id), lambda name: around.of(name, row.id)
    plain = [("form", row.form if row.form is not Form.UNKNOWN else ""), ("easy language", row.plain),
             ("not for whom", row.not_for_whom), ("before release", written(row.before_release)),
             ("after release", written(row.after_release)),
             ("capacity", row.capacity_state if row.capacity_state is not CapacityState.UNKNOWN else ""),
             ("places in all", written(row.places_total)), ("free places", written(row.places_free)),
             ("people waiting", written(row.waiting)), ("places on", written(row.places_on)),
             ("ended on", written(row.ended_on))]
    entry = Conditions.text(of("entry")).split("\n")
    return _filled({
        "id": own, "organization_id": uuid_of(organisation.public_id), "name": row.name,
        "status": "defunct" if row.ended_on else STATUS.get(organisation.state, "active"),
        "description": row.for_whom, "eligibility_description": row.conditions, "fees_description": row.cost,
        "assured_date": written(row.confirmed_on),
        "schedules": [{"id": _made(own, "hours"), "service_id": own, "description": row.hours}] if row.hours else [],
        "funding": _funding(own, row.funding, service_id=own),
        "languages": [{"id": _made(own, f"language {code}"), "service_id": own, "code": code}
                      for code in row.languages.split(";") if code],
        "service_areas": [_area(own, code, around.regions[code].name, "nuts3") for code in of("regions")]
        + [_area(own, code, around.districts[code].name, "lau1") for code in of("districts")]
        + [_area(own, code, around.towns[code].name, "orp") for code in of("municipalities")],
        "service_at_locations": [_at_location(own, around.sites[site], around) for site in of("locations")
                                 if site in around.sites and not around.sites[site].ended_on],
        "attributes": [_attribute(own, "service", name, term=around.terms[TERMS[name], value])
                       for name in TERMS for value in of(name)]
        + [_attribute(own, "service", name, value) for name, value in plain if value]
        + [_attribute(own, "service", "entry condition", line, mark=place) for place, line in enumerate(entry) if line],
    })


def _funding(owner, text, **link) -> list[dict]:
    return [{"id": _made(owner, f"funding {line}"), "source": line, **link}
            for line in dict.fromkeys(clean_text(text, lines=True).split("\n")) if line]


def _phones(owner, number, **link) -> list[dict]:
    return [_filled({"id": _made(owner, "phone"), "number": number, "type": "voice", **link})] if number else []


def _contact(person, organisation, around) -> dict:
    own, deputy = uuid_of(person.public_id), around.people.get(person.deputy_id)
    return _filled({"id": own, "organization_id": organisation, "name": person.name, "title": person.post,
                    "email": person.email, "phones": _phones(own, person.phone, contact_id=own),
                    "attributes": [_attribute(own, "contact", name, value) for name, value in (
                        ("topics", person.topics), ("days", person.days),
                        ("deputy", uuid_of(deputy) if deputy else "")) if value]})


def _whole(row, place) -> bool:
    """Whether an address is known well enough for the standard (street, town, postal code, region)."""
    return bool(row.street and row.city and row.postal_code and place)


def _seat(row, organisation, around) -> list[dict]:
    if not _whole(row, row.region_id):
        return []
    own, region = _made(organisation, "location"), around.regions[row.region_id]
    return [{"id": own, "organization_id": organisation, "location_type": "physical", "name": row.name,
             "addresses": [_address(own, row, row.district, region.name)]}]


def _loose_address(row) -> list[tuple[str, str]]:
    """What is known of an address that is not whole, and places that the standard's address has no field for."""
    loose = [] if _whole(row, row.region_id) else [
        ("street", row.street), ("city", row.city), ("postal code", row.postal_code), ("district", row.district),
        ("region", row.region_id)]
    return [*loose, ("municipality", row.municipality_id)]


def _address(location, row, district, region) -> dict:
    return _filled({"id": _made(location, "address"), "location_id": location, "address_1": row.street,
                    "city": row.city, "region": district, "state_province": region, "postal_code": row.postal_code,
                    "country": COUNTRY, "address_type": "physical"})


def _site(row, organisation, around) -> dict:
    """A site. Of a secret one there is no address, whoever asks."""
    own, district = uuid_of(row.public_id), around.districts.get(row.district_id)
    address = [] if row.secret or not _whole(row, district) else [
        _address(own, row, district.name, around.regions[district.region_id].name)]
    loose = [] if row.secret else [("district", row.district_id)] if address else [
        ("street", row.street), ("city", row.city), ("postal code", row.postal_code), ("district", row.district_id)]
    return _filled({
        "id": own, "organization_id": organisation, "location_type": "physical", "name": row.name,
        "transportation": row.access, "addresses": address,
        "attributes": [_attribute(own, "location", name, value) for name, value in (
            ("site", "1"), ("secret address", "1" if row.secret else ""), *loose) if value]})


def _at_location(service, site, around) -> dict:
    place = uuid_of(site.public_id)
    return {"id": _made(service, place), "service_id": service, "location_id": place}


def _identifiers(organisation, row) -> list[dict]:
    given = (("CZ-ICO", "IČO", row.ico), ("CZ-DATOVA-SCHRANKA", "data box", row.data_box))
    return [{"id": _made(organisation, scheme), "organization_id": organisation, "identifier_scheme": scheme,
             "identifier_type": kind, "identifier": value} for scheme, kind, value in given if value]


def _area(service, code, name, kind) -> dict:
    return {"id": _made(service, code), "service_id": service, "name": name, "extent": code, "extent_type": kind}


def _attribute(owner, entity, name, value="", term=None, mark="") -> dict:
    """`mark` tells attributes of one kind apart."""
    if term:
        mark = term["code"].removeprefix("groups:")
    return _filled({"id": _made(owner, f"{name} {mark}"), "link_id": owner, "link_type": name,
                    "link_entity": entity, "value": str(value), "taxonomy_term_id": term["id"] if term else "",
                    "taxonomy_term": term})


def _terms() -> dict[tuple[str, str], dict]:
    """Terms of all taxonomies by (name, code); words in Czech."""
    found = {}
    for name, (members, said) in TAXONOMIES.items():
        taxonomy = {"id": str(uuid.uuid5(NAMESPACE, name)), "name": name, "description": said}
        for member in members:
            word = _word(member)
            found[name, member.value] = {
                "id": str(uuid.uuid5(NAMESPACE, f"{name} {member.value}")), "code": _code(name, member), "name": word,
                "description": word, "language": "cs", "taxonomy": name, "taxonomy_id": taxonomy["id"],
                "taxonomy_detail": taxonomy}
    return found


def _code(taxonomy, member) -> str:
    """Codes are unique in the package: groups, some of which are called as areas are, stand under their taxonomy."""
    return f"groups:{member.value}" if taxonomy == "groups" else member.value


def _word(member: Area | Need | Kind | TargetGroup) -> str:
    with force_locale("cs"):
        return str(label(member))


def uuid_of(public_id: str) -> str:
    """A public id (22 signs of base64url) as a UUID: the same 128 bits."""
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(f"{public_id}==")))


def _made(owner: str, name: str) -> str:
    return str(uuid.uuid5(uuid.UUID(owner), name))


def _filled(values: dict) -> dict:
    """Without what is empty: the standard leaves out what is not known."""
    return {name: clean_text(value, lines=True) if isinstance(value, str) else value
            for name, value in values.items() if value not in ("", None, [])}


# The same as flat tables

INSIDE = {"phones": "phone", "contacts": "contact", "locations": "location", "addresses": "address",
          "organization_identifiers": "organization_identifier", "attributes": "attribute",
          "service_areas": "service_area", "schedules": "schedule", "funding": "funding", "languages": "language",
          "service_at_locations": "service_at_location", "taxonomy_term": "taxonomy_term",
          "taxonomy_detail": "taxonomy"}


def _flatten(rows, table, record) -> None:
    """Puts a nested record into the tables: its own row, and those of what is inside it."""
    rows[table][record["id"]] = record
    for name, inside in INSIDE.items():
        held = record.get(name) or []
        for each in [held] if isinstance(held, dict) else held:
            _flatten(rows, inside, each)


def _name_fields(rows) -> None:
    """A term for each attribute that has none: the field of ours that its link type names."""
    name, said = FIELDS
    taxonomy = {"id": str(uuid.uuid5(NAMESPACE, name)), "name": name, "description": said}
    for number, row in rows["attribute"].items():
        if "taxonomy_term_id" not in row:
            field = row["link_type"]
            term = {"id": str(uuid.uuid5(NAMESPACE, f"{name} {field}")), "code": f"{name}:{field}", "name": field,
                    "description": field, "language": "en", "taxonomy": name, "taxonomy_id": taxonomy["id"]}
            rows["taxonomy"][taxonomy["id"]], rows["taxonomy_term"][term["id"]] = taxonomy, term
            rows["attribute"][number] = {**row, "taxonomy_term_id": term["id"]}


def _csv(columns, rows) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutral(written(row.get(column))) for column in columns] for row in rows)
    return out.getvalue().encode()
