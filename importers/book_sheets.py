"""The tables of the contact book as files: which columns there are, what each takes, and what of a row it is.

This is the one list of columns: exporters/book_tables.py writes by it, importers/directory_csv.py and
importers/book_rows.py read by it. A column is the attribute of its row of the same name, but for those that `named`
gives another; those in `sets` are sets of services/records.py; those in `apart` the reader and the writer make
themselves. Rows are known by `key`. Where a file has no such column, the book keeps what it has.
"""
import base64
import re
import uuid

import identifiers
from importers import tables
from importers.tables import Sheet, Wrong, later
from models import (
    Area,
    CapacityState,
    ConditionWhen,
    Confidence,
    ContactPerson,
    District,
    FactGroup,
    Form,
    Kind,
    Location,
    Municipality,
    Need,
    Organisation,
    PrisonProfile,
    PrisonWork,
    Region,
    Service,
    TargetGroup,
)
from text import clean_text

LEVELS = ("level_low", "level_medium", "level_high", "level_increased")
HELD = ("men", "women", "juveniles", "remand", "forensic_detention")
PROFILE_TEXTS = ("visit_rules", "entry", "forbidden", "rooms", "regime", "reach")
SITES = uuid.UUID("0b7f8a52-5f7b-4d0e-8a0b-3b1b9c1f4e21")  # names of sites that somebody wrote by hand
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def company_number(cell: str) -> str:
    """IČO: eight digits, the last of which checks the others."""
    cleaned = tables.text(20)(cell)
    if cleaned and not identifiers.is_company_number(cleaned):
        raise Wrong(later("this is not a valid company number (IČO)."))
    return cleaned


def conditions(cell: str) -> list[tuple]:
    """Conditions of entry, a line each: `before|waivable|text`, or the text alone."""
    lines = [line.split("|", 2) for line in clean_text(cell, lines=True).split("\n") if line.strip()]
    found = [line if len(line) == 3 else ["", "", "|".join(line)] for line in lines]
    take_when, take_text = tables.one_of(ConditionWhen, ConditionWhen.EITHER), tables.text(500)
    if len(found) > 50 or any(waivable not in {"", "waivable"} for _when, waivable, _text in found):
        raise Wrong(later("a condition on each line belongs here, as before|waivable|text."))
    return [(take_text(words), take_when(when), waivable == "waivable") for when, waivable, words in found]


def site(cell: str) -> str:
    """The public id of a site; of a name that somebody wrote by hand always the same one."""
    cleaned = tables.text(100)(cell)
    if not cleaned or PUBLIC_ID.fullmatch(cleaned):
        return cleaned
    return base64.urlsafe_b64encode(uuid.uuid5(SITES, cleaned).bytes).decode().rstrip("=")


def sites(cell: str) -> list[str]:
    return [site(each) for each in tables.listed(cell)]


def languages(cell: str) -> list[str]:
    """Codes of languages (ISO 639), separated by semicolons."""
    codes = [code.lower() for code in tables.listed(cell.replace(",", ";"))]
    if any(not re.fullmatch(r"[a-z]{2,3}", code) for code in codes):
        raise Wrong(later("codes of languages belong here, as cs;uk."))
    return codes


_short, _long = tables.text(200), tables.text(5000, lines=True)
_source, _confidence = tables.text(1000), tables.one_of(Confidence)
_CHECKED = {"source": _source, "confidence": _confidence, "confirmed_on": tables.day}
_PLACES = tables.whole_number(0, 100_000)
GROUPS = {"basics": FactGroup.BASICS, "address": FactGroup.ADDRESS, "contact": FactGroup.CONTACT,
          "ico": FactGroup.REGISTRATION}
PRISON_GROUPS = {"security": FactGroup.SECURITY, "capacity": FactGroup.CAPACITY}


def _facts(prefixes) -> dict:
    return {**{f"{prefix}_source": _source for prefix in prefixes},
            **{f"{prefix}_confidence": _confidence for prefix in prefixes},
            **{f"{prefix}_confirmed_on": tables.day for prefix in prefixes}}


SHEETS = {sheet.name: sheet for sheet in (
    Sheet("regions", {"code": _short, "name_cs": _short, "name_en": _short, "seat": _short},
          ("code", "name_cs", "name_en", "seat"), Region, ("code",), {"name_cs": "name"}),
    Sheet("districts", {"code": _short, "name": _short, "region": _short}, ("code", "name", "region"),
          District, ("code",)),
    Sheet("municipalities", {"code": _short, "name": _short, "district": _short, "region": _short},
          ("code", "name", "region"), Municipality, ("code",)),
    Sheet("organisations", {
        "id": tables.slug, "kind": tables.one_of(Kind), "name": _short, "short_name": _short, "legal_form": _short,
        "ico": company_number, "street": _short, "city": _short, "postal_code": tables.text(20), "district": _short,
        "region": _short, "municipality": _short, "regions": tables.listed, "web": tables.web_address,
        "phone": _short, "email": tables.email, "data_box": tables.text(20), "parent": tables.slug,
        "description": _long, "funding": _long, "invented": tables.flag, "confirmed_on": tables.day, "note": _long,
        **_facts(GROUPS),
    }, ("id", "kind", "name"), Organisation, ("slug",), {"id": "slug"},
        apart=("regions", "parent", "confirmed_on", "note", *_facts(GROUPS))),
    Sheet("prisons", {
        "organisation": tables.slug, "kind": _short, **dict.fromkeys([*LEVELS, *HELD], tables.flag),
        "capacity": tables.whole_number(0, 10_000), **dict.fromkeys(PROFILE_TEXTS, _long),
        "lead_days": tables.whole_number(1, 30), "no_new_partners_until": tables.day,
        "lat": tables.decimal(-90, 90), "lon": tables.decimal(-180, 180), "note": _long, "confirmed_on": tables.day,
        **_facts(PRISON_GROUPS),
    }, ("organisation", "kind"), PrisonProfile, ("organisation",),
        {"kind": "type", "lat": "latitude", "lon": "longitude"},
        apart=("note", "confirmed_on", *_facts(PRISON_GROUPS))),
    Sheet("locations", {
        "id": site, "organisation": tables.slug, "name": _short, "street": _short, "city": _short,
        "postal_code": tables.text(20), "district": _short, "secret": tables.flag, "access": _long,
        "ended_on": tables.day, **_CHECKED,
    }, ("id", "organisation", "name"), Location, ("public_id",), {"id": "public_id"}),
    Sheet("contacts", {
        "organisation": tables.slug, "name": _short, "post": _short, "topics": tables.listed, "days": _short,
        "phone": _short, "email": tables.email, "deputy": _short, "ended_on": tables.day, **_CHECKED,
    }, ("organisation", "name", "confidence"), ContactPerson, ("organisation", "name"), apart=("deputy",)),
    Sheet("services", {
        "id": tables.slug, "organisation": tables.slug, "name_cs": _short, "areas": tables.several_of(Area),
        "needs": tables.several_of(Need), "regions": tables.listed, "districts": tables.listed,
        "municipalities": tables.listed, "form": tables.one_of(Form, Form.UNKNOWN),
        "for_whom": _long, "for_groups": tables.several_of(TargetGroup),
        "not_for_whom": _long, "not_groups": tables.several_of(TargetGroup),
        "never_groups": tables.several_of(TargetGroup), "conditions": _long, "entry": conditions, "plain": _long,
        "cost": _short, "hours": _long, "funding": _long, "languages": languages, "before_release": tables.flag,
        "after_release": tables.flag, "locations": sites,
        "capacity_state": tables.one_of(CapacityState, CapacityState.UNKNOWN), "places_total": _PLACES,
        "places_free": _PLACES, "waiting": _PLACES, "places_on": tables.day, "published": tables.flag,
        "ended_on": tables.day, **_CHECKED,
    }, ("id", "organisation", "name_cs", "confidence"), Service, ("slug",), {"id": "slug", "name_cs": "name"},
        sets=("areas", "needs", "regions", "districts", "municipalities", "for_groups", "not_groups", "never_groups",
              "entry", "locations")),
    Sheet("prison_work", {
        "id": tables.slug, "organisation": tables.slug, "prison": tables.slug, "activity_cs": tables.text(500),
        "activity_en": tables.text(500), "areas": tables.several_of(Area),
        "form": tables.one_of(Form, Form.UNKNOWN), "service": tables.slug, "purpose": _long, "frequency_cs": _short,
        "since": _short, "until": tables.day, **_CHECKED,
    }, ("id", "organisation", "prison", "activity_cs", "confidence"), PrisonWork, ("slug",),
        {"id": "slug", "activity_cs": "activity", "frequency_cs": "days", "until": "until_on"}),
)}


def is_own(names) -> bool:
    """Whether files or sheets of these names are this book's tables, and not HSDS."""
    return bool(set(names) & set(SHEETS)) and "organizations" not in names
