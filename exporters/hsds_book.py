"""The contact book as HSDS 3.0 (Open Referral): JSON, and a CSV package (tabular data package).

Our own mapping. An id is the 128 bits of our public id written as a UUID, so the same record keeps its id for ever;
what has no public id gets one made from its owner's. Needs and areas are terms of two taxonomies; what HSDS has no
place for (whom a service is not for, easy language, form) goes into attributes under names of its own. Left out are
people's confirmations, prison profiles and work in prisons: other formats carry them.
"""
import base64
import csv
import io
import json
import uuid
from collections import defaultdict

from flask_babel import force_locale
from peewee import chunked

from exporters.cells import neutral, written
from exporters.csv_book import zipped
from labels import label
from models import (
    Area,
    ContactPerson,
    Form,
    Kind,
    Need,
    Organisation,
    OrganisationState,
    Region,
    Service,
    ServiceArea,
    ServiceNeed,
    ServiceRegion,
)
from text import clean_text

VERSION, AT_ONCE, COUNTRY = "3.0", 500, "CZ"
STATUS = {OrganisationState.PAUSED: "temporarily closed", OrganisationState.CLOSED: "defunct"}
TAXONOMIES = {"areas": (Area, "Areas of services of the network"), "needs": (Need, "Needs after prison")}
KIND = "organisation kind"  # link types of attributes that are no terms
# the tables of the CSV package: file, columns in the order of the standard
TABLES = {
    "organization": ("organizations.csv", "id name alternate_name description email website tax_status tax_id "
                     "year_incorporated legal_status logo uri parent_organization_id"),
    "service": ("services.csv", "id organization_id program_id name alternate_name description url email status "
                "interpretation_services application_process fees_description wait_time fees accreditations "
                "eligibility_description minimum_age maximum_age assured_date assurer_email licenses alert "
                "last_modified"),
    "location": ("locations.csv", "id location_type url organization_id name alternate_name description "
                 "transportation latitude longitude external_identifier external_identifier_type"),
    "address": ("addresses.csv", "id location_id attention address_1 address_2 city region state_province "
                "postal_code country address_type"),
    "phone": ("phones.csv", "id location_id service_id organization_id contact_id service_at_location_id number "
              "extension type description"),
    "contact": ("contacts.csv", "id organization_id service_id service_at_location_id location_id name title "
                "department email"),
    "service_area": ("service_areas.csv", "id service_id name description extent extent_type uri"),
    "organization_identifier": ("organization_identifiers.csv", "id organization_id identifier_scheme "
                                "identifier_type identifier"),
    "taxonomy": ("taxonomies.csv", "id name description uri version"),
    "taxonomy_term": ("taxonomy_terms.csv", "id code name description parent_id taxonomy language taxonomy_id "
                      "term_uri"),
    "attribute": ("attributes.csv", "id link_id taxonomy_term_id link_type link_entity value"),
}
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
    files = {file: _csv(columns.split(), rows[table].values()) for table, (file, columns) in TABLES.items()}
    return zipped({"datapackage.json": _description(), **files})


# Records as the standard nests them

def _records(organisations):
    """Pairs (organization, its services) as dicts that the standard's JSON schemas take."""
    regions = {row.code: row for row in Region.select()}
    terms = _terms()
    chosen = sorted(set(organisations)) if organisations is not None else [
        number for number, in Organisation.select(Organisation.id).order_by(Organisation.id).tuples()]
    for some in chunked(chosen, AT_ONCE):
        some = list(some)
        people, services = _by_organisation(ContactPerson, some), _by_organisation(Service, some)
        linked = _linked([row.id for rows in services.values() for row in rows])
        for row in Organisation.select().where(Organisation.id.in_(some)).order_by(Organisation.id):
            yield _organisation(row, people[row.id], regions, _parent(row)), [
                _service(service, row, linked, regions, terms) for service in services[row.id]]


def _by_organisation(model, organisations):
    found = defaultdict(list)
    for row in model.select().where(model.organisation.in_(organisations)).order_by(model.id):
        found[row.organisation_id].append(row)
    return found


def _linked(services):
    """`{(name, service): values}` of areas, needs and regions."""
    found = defaultdict(list)
    for some in chunked(services, AT_ONCE):
        for name, column in (("areas", ServiceArea.area), ("needs", ServiceNeed.need),
                             ("regions", ServiceRegion.region)):
            model = column.model
            rows = model.select(model.service, column).where(model.service.in_(list(some))).order_by(model.service,
                                                                                                     column)
            for service, value in rows.tuples():
                found[name, service].append(value)
    return found


def _parent(row):
    return row.parent.public_id if row.parent_id else None


def _organisation(row, people, regions, parent) -> dict:
    own = uuid_of(row.public_id)
    return _filled({
        "id": own, "name": row.name, "alternate_name": row.short_name,
        "description": clean_text(row.description, lines=True) or _word(row.kind), "email": row.email,
        "website": row.web, "legal_status": row.legal_form, "tax_id": row.ico,
        "parent_organization_id": uuid_of(parent) if parent else "",
        "phones": _phones(own, row.phone, organization_id=own),
        "contacts": [_contact(person, own) for person in people if not person.ended_on],
        "locations": _locations(row, own, regions),
        "organization_identifiers": _identifiers(own, row),
        "attributes": [_attribute(own, "organization", KIND, row.kind)],
    })


def _service(row, organisation, linked, regions, terms) -> dict:
    own, regions_of = uuid_of(row.public_id), linked["regions", row.id]
    plain = [("form", row.form if row.form is not Form.UNKNOWN else ""), ("easy language", row.plain),
             ("not for whom", row.not_for_whom), ("free places", written(row.places_free)),
             ("free places on", written(row.places_on)), ("ended on", written(row.ended_on))]
    return _filled({
        "id": own, "organization_id": uuid_of(organisation.public_id), "name": row.name,
        "status": "defunct" if row.ended_on else STATUS.get(organisation.state, "active"),
        "description": row.for_whom, "eligibility_description": row.conditions,
        "assured_date": written(row.confirmed_on),
        "service_areas": [_area(own, regions[code]) for code in regions_of],
        "attributes": [_attribute(own, "service", name, term=terms[name, value])
                       for name in TAXONOMIES for value in linked[name, row.id]]
        + [_attribute(own, "service", name, value) for name, value in plain if value],
    })


def _phones(owner, number, **link) -> list[dict]:
    return [_filled({"id": _made(owner, "phone"), "number": number, "type": "voice", **link})] if number else []


def _contact(person, organisation) -> dict:
    own = uuid_of(person.public_id)
    return _filled({"id": own, "organization_id": organisation, "name": person.name, "title": person.post,
                    "email": person.email, "phones": _phones(own, person.phone, contact_id=own),
                    "attributes": [_attribute(own, "contact", name, value) for name, value in (
                        ("topics", person.topics), ("days", person.days)) if value]})


def _locations(row, organisation, regions) -> list[dict]:
    """The seat, where its address is known well enough for the standard (street, town and postal code)."""
    if not (row.street and row.city and row.postal_code):
        return []
    own = _made(organisation, "location")
    address = {"id": _made(own, "address"), "location_id": own, "address_1": row.street, "city": row.city,
               "region": row.district, "state_province": regions[row.region_id].name if row.region_id else "",
               "postal_code": row.postal_code, "country": COUNTRY, "address_type": "physical"}
    return [{"id": own, "organization_id": organisation, "location_type": "physical", "name": row.name,
             "addresses": [{**_filled(address), "state_province": address["state_province"]}]}]


def _identifiers(organisation, row) -> list[dict]:
    given = (("CZ-ICO", "IČO", row.ico), ("CZ-DATOVA-SCHRANKA", "data box", row.data_box))
    return [{"id": _made(organisation, scheme), "organization_id": organisation, "identifier_scheme": scheme,
             "identifier_type": kind, "identifier": value} for scheme, kind, value in given if value]


def _area(service, region) -> dict:
    return {"id": _made(service, region.code), "service_id": service, "name": region.name, "extent": region.code,
            "extent_type": "nuts3"}


def _attribute(owner, entity, name, value="", term=None) -> dict:
    return _filled({"id": _made(owner, f"{name} {term['code'] if term else ''}"), "link_id": owner,
                    "link_type": name, "link_entity": entity, "value": str(value),
                    "taxonomy_term_id": term["id"] if term else "", "taxonomy_term": term})


def _terms() -> dict[tuple[str, str], dict]:
    """Terms of both taxonomies by (name, code); words in Czech."""
    found = {}
    for name, (members, said) in TAXONOMIES.items():
        taxonomy = {"id": str(uuid.uuid5(NAMESPACE, name)), "name": name, "description": said}
        for member in members:
            word = _word(member)
            found[name, member.value] = {
                "id": str(uuid.uuid5(NAMESPACE, f"{name} {member.value}")), "code": member.value, "name": word,
                "description": word, "language": "cs", "taxonomy": name, "taxonomy_id": taxonomy["id"],
                "taxonomy_detail": taxonomy}
    return found


def _word(member: Area | Need | Kind) -> str:
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
          "service_areas": "service_area", "taxonomy_term": "taxonomy_term", "taxonomy_detail": "taxonomy"}


def _flatten(rows, table, record) -> None:
    """Puts a nested record into the tables: its own row, and those of what is inside it."""
    rows[table][record["id"]] = record
    for name, inside in INSIDE.items():
        held = record.get(name) or []
        for each in [held] if isinstance(held, dict) else held:
            _flatten(rows, inside, each)


def _csv(columns, rows) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutral(written(row.get(column))) for column in columns] for row in rows)
    return out.getvalue().encode()


def _description() -> bytes:
    resources = [{"name": table, "path": file, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
                  "profile": "tabular-data-resource",
                  "schema": {"primaryKey": "id",
                             "fields": [{"name": column, "type": "string"} for column in columns.split()]}}
                 for table, (file, columns) in TABLES.items()]
    return json.dumps({"name": "human_services_data", "profile": "tabular-data-package", "version": VERSION,
                       "resources": resources}, indent=1).encode()
