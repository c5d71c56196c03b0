"""Records of the book in words: the names of their fields, and values of history as people read them."""
from datetime import date

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from peewee import BooleanField, IntegerField

import formats
from db import Choice, Day
from labels import LABELS, label
from models import (
    Area,
    ConditionWhen,
    District,
    FactGroup,
    Location,
    Municipality,
    RecordKind,
    Region,
    Service,
    Table,
)
from services.records import MODELS, PROFILE_TEXTS, SETS, Conditions
from services.search_index import areas_in, free_topics

LANGUAGES = ("cs", "sk", "uk", "ru", "en", "de", "vi", "rom", "pl", "ar")
FIELDS = {
    "name": _l("Name"), "short_name": _l("Short name"), "legal_form": _l("Legal form"), "kind": _l("Kind"),
    "description": _l("In a few sentences"), "funding": _l("Who pays for it"), "parent": _l("Comes under"),
    "successor": _l("Who takes its clients over"),
    "hours": _l("Opening hours"), "regions": _l("Regions"),
    "street": _l("Street and number"), "city": _l("Town"), "postal_code": _l("Postal code"),
    "district": _l("District"), "region": _l("Region"), "municipality": _l("Municipality"),
    "phone": _l("Telephone"), "email": _l("E-mail"), "web": _l("Web"), "data_box": _l("Data box"),
    "ico": _l("Company number (IČO)"),
    "type": _l("Type of prison"), "level_low": _l("low security"), "level_medium": _l("medium security"),
    "level_high": _l("high security"), "level_increased": _l("increased security"), "men": _l("men"),
    "women": _l("women"), "juveniles": _l("juveniles"), "remand": _l("remand"),
    "forensic_detention": _l("forensic detention"), "capacity": _l("Capacity"), "latitude": _l("Latitude"),
    "longitude": _l("Longitude"), "visit_rules": _l("Rules of visits"),
    "lead_days": _l("Working days to answer a request"),
    "areas": _l("Areas of help"), "needs": _l("Needs it helps with"), "form": _l("Form of help"),
    "for_whom": _l("For whom"), "not_for_whom": _l("Not for whom"), "conditions": _l("Conditions"),
    "plain": _l("Text for the client"), "cost": _l("What it costs the client"), "languages": _l("Languages"),
    "before_release": _l("Helps before release"), "after_release": _l("Helps after release"),
    "capacity_state": _l("Does it take people now?"), "places_total": _l("Places in all"),
    "places_free": _l("Free places"), "waiting": _l("People on the waiting list"), "places_on": _l("As of"),
    "published": _l("Published for clients and families"), "ended_on": _l("Last day"),
    "districts": _l("Districts"), "municipalities": _l("Municipalities with extended powers"),
    "for_groups": _l("Target groups: for them"), "not_groups": _l("Target groups: not for them"),
    "never_groups": _l("Target groups: never"), "entry": _l("Conditions of entry"), "locations": _l("Sites"),
    "post": _l("Post"), "topics": _l("Agendas"), "days": _l("Days and hours"), "deputy": _l("Deputy"),
    "prison": _l("Prison"), "activity": _l("What it does there"), "activity_en": _l("The same in English"),
    "service": _l("Service"), "purpose": _l("Purpose"), "since": _l("Since"), "until_on": _l("Last day"),
    "secret": _l("Secret address"), "access": _l("How to get in"),
    "title": _l("Work offered"), "text": _l("What the work is"), "place": _l("Place of work"), "pay": _l("Pay"),
    "contact": _l("How to apply"),
    "no_new_partners_until": _l("No new partners until"), "week_visits": _l("Visits a week at most"),
    "week_minutes": _l("Minutes of staff a week at most"), "hour_cost": _l("Cost of an hour of staff"),
    "clearance_months": _l("Months that a clearance holds"), "on_paper": _l("Works on paper"),
    "only_clients_words": _l("Of clients reads only their own words"),
}
# sets whose values are codes of a table
NAMED = {"regions": (Region, Region.code), "districts": (District, District.code),
         "municipalities": (Municipality, Municipality.code), "locations": (Location, Location.public_id)}


def field_word(name: str, kind=None) -> str:
    """The name of a field. The texts of a prison's profile are called as their groups of facts are."""
    of_prison = kind == RecordKind.PRISON_PROFILE and name in PROFILE_TEXTS
    return str(label(FactGroup(name)) if of_prison else FIELDS[name])


def value_words(kind, name: str, text: str) -> str:
    """A value of history (records.as_text) for people; lines where it is a set. Codes that are gone stay codes."""
    if text == "":
        return ""
    model = MODELS[kind]
    if name in NAMED:
        return _names(*NAMED[name], text.split("\n"))
    if name == "entry" and model is Service:
        return "\n".join(condition_words(*each) for each in Conditions().value(text))
    if name in SETS.get(model, {}):
        return "\n".join(str(label(value)) for value in SETS[model][name].value(text))
    return _column_words(model._meta.fields[name], name, text)


def _column_words(column, name, text):
    language = get_locale().language
    if name in {"topics", "areas"}:
        return ", ".join([*[str(label(area)) for area in areas_in(text)], *free_topics(text)])
    if name == "languages":
        return language_names(text)
    if getattr(column, "rel_model", None):
        return _pointed(column.rel_model, text)
    if isinstance(column, BooleanField):
        return _("yes") if text == "1" else _("no")
    if isinstance(column, Choice):
        return str(LABELS[column.enum_class][column.enum_class(text)])
    if isinstance(column, Day):
        return formats.day(date.fromisoformat(text), language=language)
    return formats.number(int(text), language=language) if isinstance(column, IntegerField) else text


def _pointed(model: type[Table], text):
    key = model.public_id if hasattr(model, "public_id") else model._meta.primary_key
    row = model.get_or_none(key == text)
    return getattr(row, "name", text)


def _names(model, key, codes) -> str:
    names = dict(model.select(key, model.name).where(key.in_(codes)).tuples())
    return "\n".join(sorted(names.get(code, code) for code in codes))


def condition_words(text: str, when, waivable: bool) -> str:
    """A condition of entry in a line."""
    said = [str(label(ConditionWhen(when)))] if when != ConditionWhen.EITHER else []
    said += [_("can be waived")] if waivable else []
    return f"{text} ({', '.join(said)})" if said else text


def language_names(codes: str) -> str:
    """`cs;uk` → `čeština, ukrajinština`."""
    names = Locale(get_locale().language).languages
    return ", ".join(names.get(code, code) for code in codes.split(";") if code)


def topics(areas: list[Area], words: str) -> str:
    """The topics of a contact person as the book keeps them: areas first, then words of their own."""
    return ";".join([*areas, *[word.strip() for word in words.replace("\n", ";").split(";") if word.strip()]])
