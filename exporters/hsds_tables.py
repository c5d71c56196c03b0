"""The tables of the CSV package of HSDS 3.0, and datapackage.json that says what each column may hold.

Names, types and rules are those of the standard's own datapackage.json; a reference is left out where the table it
names is not in our package.
"""
import json

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
    "schedule": ("schedules.csv", "id service_id location_id service_at_location_id valid_from valid_to dtstart "
                 "timezone until count wkst freq interval byday byweekno bymonthday byyearday description opens_at "
                 "closes_at schedule_link attending_type notes"),
    "funding": ("funding.csv", "id organization_id service_id source"),
    "language": ("languages.csv", "id service_id location_id phone_id name code note"),
    "service_at_location": ("service_at_location.csv", "id service_id location_id description"),
    "attribute": ("attributes.csv", "id link_id taxonomy_term_id link_type link_entity value"),
}
REQUIRED = {
    "organization": "name description", "service": "organization_id name status",
    "attribute": "link_id taxonomy_term_id link_entity", "service_at_location": "service_id location_id",
    "location": "location_type", "phone": "number",
    "address": "address_1 city state_province postal_code country address_type", "taxonomy_term": "name description",
    "organization_identifier": "organization_id identifier_type identifier", "taxonomy": "name description"}
UNIQUE = {"taxonomy_term": "code"}
PLACES = ["physical", "postal", "virtual"]
ENUMS = {("service", "status"): ["active", "inactive", "defunct", "temporarily closed"],
         ("location", "location_type"): PLACES, ("address", "address_type"): PLACES,
         ("schedule", "wkst"): ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], ("schedule", "freq"): ["WEEKLY", "MONTHLY"]}
# which columns are no plain text, by name; what ends in _id is the id of another row
TYPES = {"number": "year_incorporated minimum_age maximum_age latitude longitude extension timezone count interval",
         "date": "valid_from valid_to dtstart until assured_date", "datetime": "last_modified",
         "time": "opens_at closes_at"}
FORMATS = {"uuid": "id", "email": "email assurer_email", "uri": "url website uri term_uri schedule_link"}
PLAIN = {("service_area", "uri"), ("organization", "tax_id")}  # the standard asks no form of them


def description(version: str) -> bytes:
    """datapackage.json: each file with its columns, their types and rules, and what refers to what."""
    resources = [{"name": table, "path": file, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
                  "profile": "tabular-data-resource", "schema": _schema(table, columns.split())}
                 for table, (file, columns) in TABLES.items()]
    return json.dumps({"name": "human_services_data", "profile": "tabular-data-package", "version": version,
                       "resources": resources}, indent=1).encode()


def _schema(table, columns) -> dict:
    references = [{"fields": column, "reference": {"resource": column.removesuffix("_id"), "fields": "id"}}
                  for column in columns if column.endswith("_id") and column.removesuffix("_id") in TABLES]
    return {"primaryKey": "id", "fields": [_field(table, column) for column in columns],
            **({"foreignKeys": references} if references else {})}


def _field(table, column) -> dict:
    shape = "" if (table, column) in PLAIN else "uuid" if column.endswith("_id") else _named(FORMATS, column)
    return {"name": column, "type": _named(TYPES, column) or "string", **({"format": shape} if shape else {}),
            **_rules(table, column)}


def _named(groups, column) -> str:
    return next((name for name, columns in groups.items() if column in columns.split()), "")


def _rules(table, column) -> dict:
    must = column == "id" or column in REQUIRED.get(table, "").split()
    rules = {"required": must, "unique": column in ("id", UNIQUE.get(table)), "enum": ENUMS.get((table, column))}
    kept = {name: value for name, value in rules.items() if value}
    return {"constraints": kept} if kept else {}
