"""Forms of the records of the book: one for each part that is edited at its place."""
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

import clock
import identifiers
from choices import of_members, of_pairs
from labels import label
from models import (
    Area,
    CapacityState,
    ConditionWhen,
    Fit,
    Form,
    Kind,
    Need,
    RecordKind,
    TargetGroup,
)
from services import basics, editing, prisons, record_words
from services.record_words import FIELDS
from services.search_index import areas_in, free_topics
from text import clean_text
from web import DAY_FORMATS, version_seen

LINE, PARAGRAPHS = 200, 5000


def paragraphs(text):
    return clean_text(text, lines=True)


def line(name, *validators, hint="", **given):
    return StringField(FIELDS[name], [Length(max=LINE), *validators], filters=[clean_text], description=hint,
                       render_kw=given or None)


def written(name, hint="", rows=3):
    return TextAreaField(FIELDS[name], [Length(max=PARAGRAPHS)], filters=[paragraphs], description=hint,
                         render_kw={"rows": rows})


def needed(sentence):
    return InputRequired(sentence)


def day(name, hint="", *validators):
    return DateField(FIELDS[name], [*(validators or [Optional()])], format=DAY_FORMATS, description=hint)


def count(name, hint=""):
    sentence = _l("Enter a whole number.")
    return IntegerField(FIELDS[name], [Optional(), NumberRange(0, 100_000, sentence)], invalid_value_message=sentence,
                        description=hint)


def several(name, members, *validators, hint=""):
    return SelectMultipleField(FIELDS[name], list(validators), choices=of_members(members), description=hint)


class Kept:
    """A validator that also puts what was typed into the shape that the book keeps."""

    field_flags = {}

    def __init__(self, clean, sentence):
        self.clean, self.sentence = clean, sentence

    def __call__(self, form, field):
        kept = self.clean(field.data or "")
        if kept is None:
            raise ValidationError(self.sentence)
        field.data = kept


def phone(name="phone"):
    return line(name, Kept(identifiers.phone, _l("Enter a telephone number, nine digits, for example 777 123 456.")),
                type="tel", autocomplete="off")


def email(name="email"):
    return line(name, Kept(identifiers.email, _l("Enter an e-mail address, for example jana@example.org.")),
                type="email", autocomplete="off")


def postal_code():
    five = Kept(identifiers.postal_code, _l("Enter the postal code, 5 digits, for example 306 35."))
    return line("postal_code", five, inputmode="numeric")


class RecordForm(FlaskForm):
    """Fields named as those of the record. `fill` takes what the database has, `wanted` gives what is to be written."""

    version = HiddenField(default="0")

    def offer(self, choices, opened=None):
        """Takes the choices that depend on the organisation (editing.choices)."""

    @staticmethod
    def fill(values: dict) -> dict:
        return {name: "" if value is None else value for name, value in values.items()}

    def own_fields(self):
        return [each for each in self if each.name not in {"version", "csrf_token"}]

    def wanted(self) -> dict:
        return {each.name: each.data if each.data is not None else None if each.type in NULLS else ""
                for each in self.own_fields()}

    @property
    def seen(self) -> int:
        return version_seen(self.version)


NULLS = ("DateField", "IntegerField")


class RegionForm(RecordForm):
    region = SelectField(FIELDS["region"], [Optional()])

    def offer(self, choices, opened=None):
        self.region.choices = of_pairs(choices.regions, _l("nothing said"))

    def wanted(self):
        return {**super().wanted(), "region": self.region.data or None}


class BasicsForm(RecordForm):
    kind = SelectField(_l("Kind of organisation"), choices=of_members(Kind))
    name = line("name", needed(_l("Enter the name.")))
    short_name = line("short_name")
    legal_form = line("legal_form")
    description = written("description", _l("What you do and for whom, in two or three sentences."))
    regions = SelectMultipleField(_l("Works in the regions"), description=_l(
        "Where you help, not only where you have your seat."))
    parent = line("parent", hint=_l("Of a branch: the name or the IČO of the whole, as it stands in the book."))

    def offer(self, choices, opened=None):
        self.opened = opened
        self.regions.choices = of_pairs(choices.regions)
        if not choices.says_kind:
            del self.kind

    @staticmethod
    def fill(values):
        return {**RecordForm.fill(values), "regions": values["regions"], "parent": editing.name_of(values["parent"])}

    def _above(self) -> list:
        """The organisations that were named; where several have the name, the one that it has belonged to."""
        found = basics.named(self.parent.data) if self.parent.data else []
        return [each for each in found if each.id == self.opened.record.parent_id] or found

    def validate_parent(self, field):
        found = self._above()
        if field.data and not found:
            raise ValidationError(_("No organisation of this name or IČO is in the book."))
        if len(found) > 1:
            raise ValidationError(_("More than one organisation has this name. Write its IČO."))

    def wanted(self):
        return {**super().wanted(), "parent": next((each.id for each in self._above()), None)}
    funding = written("funding", _l("A line for each."), rows=2)


class AddressForm(RegionForm):
    street = line("street")
    city = line("city")
    postal_code = postal_code()
    district = line("district")


class ContactForm(RecordForm):
    phone = phone()
    email = email()
    web = line("web", Kept(identifiers.web_address, _l("Enter the address of a page, for example https://example.org.")),
               inputmode="url")
    data_box = line("data_box")


class RegistrationForm(RecordForm):
    ico = line("ico", Kept(identifiers.company_number, _l(
        "This company number (IČO) cannot be right: it has eight digits and its last one checks the others.")),
        inputmode="numeric")


class SecurityForm(RecordForm):
    level_low = BooleanField(FIELDS["level_low"])
    level_medium = BooleanField(FIELDS["level_medium"])
    level_high = BooleanField(FIELDS["level_high"])
    level_increased = BooleanField(FIELDS["level_increased"])
    men = BooleanField(FIELDS["men"])
    women = BooleanField(FIELDS["women"])
    juveniles = BooleanField(FIELDS["juveniles"])
    remand = BooleanField(FIELDS["remand"])
    forensic_detention = BooleanField(FIELDS["forensic_detention"])


class VisitsForm(RecordForm):
    visit_rules = written("visit_rules", _l("What whoever comes for a visit must know. Leave out names of clients."),
                          rows=6)


def text_form(group):
    """The form of one text of a prison's profile."""
    return type(f"{group.capitalize()}TextForm", (RecordForm,), {group.value: TextAreaField(
        label(group), [Length(max=prisons.LONGEST)], filters=[paragraphs], render_kw={"rows": 8})})


class PrisonCapacityForm(RecordForm):
    capacity = count("capacity")


# Services

YES_NO = [SelectChoice("1", _l("yes")), SelectChoice("0", _l("no")), SelectChoice("", _l("nothing said"))]


def yes_no(name):
    return RadioField(FIELDS[name], [Optional()], choices=YES_NO, default="")


def three(value):
    """A yes, a no or a not-known of a radio and of the database, either way round."""
    pairs = {"1": True, "0": False, "": None}
    return pairs[value or ""] if isinstance(value, str) else {True: "1", False: "0", None: ""}[value]


class ServiceForm(RecordForm):
    name = line("name", needed(_l("Enter the name of the service.")))
    areas = several("areas", Area, needed(_l("Choose at least one area.")))
    needs = several("needs", Need)
    form = SelectField(FIELDS["form"], choices=of_members(Form))
    before_release = yes_no("before_release")
    after_release = yes_no("after_release")
    cost = line("cost", hint=_l("For example: free of charge, or 3 000 Kč a month."))
    hours = written("hours", _l("For example: Monday to Thursday 9:00–17:00."), rows=3)
    funding = written("funding", _l("A line for each."), rows=2)
    languages = SelectMultipleField(FIELDS["languages"])
    plain = written("plain", _l("Short sentences, everyday words. It is what a leaflet says."), rows=5)

    def offer(self, choices, opened=None):
        self.languages.choices = of_pairs((code, record_words.language_names(code)) for code in record_words.LANGUAGES)

    @staticmethod
    def fill(values):
        return {**RecordForm.fill(values), "languages": [code for code in values["languages"].split(";") if code],
                **{name: three(values[name]) for name in ("before_release", "after_release")}}

    def wanted(self):
        return {**super().wanted(), "languages": ";".join(self.languages.data),
                **{name: three(self[name].data or "") for name in ("before_release", "after_release")}}


class WhomForm(RecordForm):
    """Whom a service is for, in words and by target groups."""

    for_whom = written("for_whom", _l("For example: adults after release, with a dog too."))
    not_for_whom = written("not_for_whom",
                           _l("For example: not for families with children. If nobody is refused, write so."))
    published = BooleanField(_l("Publish the service"), description=_l(
        "Clients and families may be shown it. A published service says whom it is for and whom not."))

    @staticmethod
    def fill(values):
        sets = {Fit.FOR: "for_groups", Fit.NOT_FOR: "not_groups", Fit.NEVER: "never_groups"}
        fits = {f"group_{group}": fit.value for fit, name in sets.items() for group in values[name]}
        return {**RecordForm.fill(values), **fits}

    def groups(self):
        return [self[f"group_{group}"] for group in TargetGroup]

    def wanted(self):
        def fitting(fit):
            return [group for group in TargetGroup if self[f"group_{group}"].data == fit]
        return {"for_whom": self.for_whom.data, "not_for_whom": self.not_for_whom.data,
                "published": self.published.data, "for_groups": fitting(Fit.FOR), "not_groups": fitting(Fit.NOT_FOR),
                "never_groups": fitting(Fit.NEVER)}


for _group in TargetGroup:
    setattr(WhomForm, f"group_{_group}", RadioField(
        label(_group), [Optional()], choices=[*of_members(Fit), SelectChoice("", _l("nothing said"))], default=""))


class ConditionForm(FlaskForm):
    class Meta:
        csrf = False

    text = StringField(_l("Condition"), [Length(max=LINE)], filters=[clean_text])
    when = SelectField(_l("When it can be met"), choices=of_members(ConditionWhen))
    waivable = BooleanField(_l("Can be waived"))


class EntryForm(RecordForm):
    entry = FieldList(FormField(ConditionForm), min_entries=2, max_entries=20)
    conditions = written("conditions", _l("Whatever does not fit in the lines above."))

    @staticmethod
    def fill(values):
        lines = [{"text": text, "when": when.value, "waivable": waivable} for text, when, waivable in values["entry"]]
        return {"conditions": values["conditions"], "entry": [*lines, *[{"text": ""}] * 2]}

    def wanted(self):
        return {"conditions": self.conditions.data,
                "entry": [(each.form.text.data, ConditionWhen(each.form.when.data), each.form.waivable.data)
                          for each in self.entry if each.form.text.data]}


class CapacityForm(RecordForm):
    capacity_state = RadioField(FIELDS["capacity_state"], choices=of_members(CapacityState))
    places_free = count("places_free")
    places_total = count("places_total")
    waiting = count("waiting")
    places_on = day("places_on", _l("The day that the numbers are of."))

    @staticmethod
    def fill(values):
        return {**values, "places_on": clock.today()}

    def validate_places_free(self, field):
        total = self.places_total.data
        if field.data is not None and total is not None and field.data > total:
            raise ValidationError(_("There cannot be more free places than places in all."))

    def validate_places_on(self, field):
        if field.data and field.data > clock.today():
            raise ValidationError(_("The day must not be in the future."))


class CoverageForm(RecordForm):
    regions = SelectMultipleField(FIELDS["regions"])
    districts = line("districts", hint=_l("Names with commas between them, for example Třebíč, Jihlava."))
    municipalities = written("municipalities", rows=2,
                             hint=_l("Names with commas between them, for example Velké Meziříčí."))
    locations = SelectMultipleField(FIELDS["locations"])

    def offer(self, choices, opened=None):
        self.regions.choices, self.locations.choices = of_pairs(choices.regions), of_pairs(choices.locations)
        if not choices.locations:
            del self.locations

    @staticmethod
    def fill(values):
        return {**values, "districts": editing.names_of("district", values["districts"]),
                "municipalities": editing.names_of("municipality", values["municipalities"])}

    def validate_districts(self, field):
        self._places("district", field, _l("The district “%(name)s” is not known."))

    def validate_municipalities(self, field):
        self._places("municipality", field, _l("The municipality “%(name)s” is not known."))

    @staticmethod
    def _places(kind, field, sentence):
        _codes, unknown = editing.places_named(kind, field.data or "")
        if unknown:
            raise ValidationError(str(sentence) % {"name": unknown[0][:60]})

    def wanted(self):
        return {**super().wanted(), "districts": editing.places_named("district", self.districts.data or "")[0],
                "municipalities": editing.places_named("municipality", self.municipalities.data or "")[0]}


# People, work in prisons, sites, job offers

class PersonForm(RecordForm):
    name = line("name", needed(_l("Enter the name.")))
    post = line("post")
    areas = SelectMultipleField(FIELDS["topics"], choices=of_members(Area), description=_l("What to ask them about."))
    words = StringField(_l("Other agendas"), [Length(max=LINE)], filters=[clean_text],
                        description=_l("In your own words, with semicolons between them."))
    days = line("days", hint=_l("For example: Tuesday and Thursday mornings."))
    phone = phone()
    email = email()
    deputy = SelectField(FIELDS["deputy"], [Optional()],
                         description=_l("Whom to ask when this person is away or leaves."))

    def offer(self, choices, opened=None):
        own = opened.public_id if opened else None
        self.deputy.choices = of_pairs([pair for pair in choices.people if pair[0] != own], _l("nobody"))

    @staticmethod
    def fill(values):
        return {**RecordForm.fill(values), "areas": areas_in(values["topics"]),
                "words": "; ".join(free_topics(values["topics"])),
                "deputy": editing.public_id_of("contact", values["deputy"])}

    def wanted(self):
        values = super().wanted()
        return {**{name: values[name] for name in ("name", "post", "days", "phone", "email")},
                "topics": record_words.topics(self.areas.data, self.words.data),
                "deputy": editing.number_of("contact", self.deputy.data)}


class WorkForm(RecordForm):
    prison = SelectField(FIELDS["prison"])
    activity = line("activity", needed(_l("Write what you do in the prison.")))
    activity_en = line("activity_en")
    areas = several("areas", Area)
    form = SelectField(FIELDS["form"], choices=of_members(Form))
    service = SelectField(FIELDS["service"], [Optional()])
    purpose = line("purpose", hint=_l("For example: preparing for housing after release."))
    days = line("days", hint=_l("For example: every second Tuesday."))
    since = line("since", hint=_l("For example: 2024."))
    until_on = day("until_on", _l("After it the line disappears from the pages by itself."))

    def offer(self, choices, opened=None):
        self.prison.choices = of_pairs(choices.prisons)
        self.service.choices = of_pairs(choices.services, _l("none of them"))

    @staticmethod
    def fill(values):
        return {**RecordForm.fill(values), "areas": areas_in(values["areas"]), "until_on": values["until_on"],
                "prison": editing.public_id_of("organisation", values["prison"]),
                "service": editing.public_id_of("service", values["service"])}

    def wanted(self):
        return {**super().wanted(), "areas": ";".join(self.areas.data),
                "prison": editing.number_of("organisation", self.prison.data),
                "service": editing.number_of("service", self.service.data)}


class SiteForm(RecordForm):
    name = line("name", needed(_l("Enter the name.")))
    secret = BooleanField(FIELDS["secret"], description=_l("The address is shown to nobody but your organisation."))
    street = line("street")
    city = line("city")
    postal_code = postal_code()
    district = SelectField(FIELDS["district"], [Optional()])
    access = written("access", _l("Stairs, bell, which door, who opens."), rows=2)

    def offer(self, choices, opened=None):
        self.district.choices = of_pairs(choices.districts, _l("nothing said"))

    def wanted(self):
        return {**super().wanted(), "district": self.district.data or None}


class OfferForm(RegionForm):
    title = line("title", needed(_l("Write what work you offer.")))
    text = written("text")
    place = line("place")
    pay = line("pay")
    conditions = written("conditions", _l("Say also which records do not matter."), rows=2)
    contact = line("contact", needed(_l("Write whom to call or write to.")))
    until_on = day("until_on", _l("After it the offer disappears by itself."), needed(_l("Enter the last day.")))

    def validate_until_on(self, field):
        if field.data and field.data < clock.today():
            raise ValidationError(_("The last day must not be in the past."))


class EndForm(RecordForm):
    on = DateField(_l("Last day"), [needed(_l("Enter the last day."))], format=DAY_FORMATS)


# (kind, part) -> its words, the form, the fields of the record it writes, the block of the page it stands in
PARTS = {
    (RecordKind.ORGANISATION, "basics"): (_l("Basics"), BasicsForm),
    (RecordKind.ORGANISATION, "address"): (_l("Address"), AddressForm),
    (RecordKind.ORGANISATION, "contact"): (_l("How to reach it"), ContactForm),
    (RecordKind.ORGANISATION, "registration"): (_l("Registration"), RegistrationForm),
    (RecordKind.PRISON_PROFILE, "security"): (_l("Security"), SecurityForm),
    (RecordKind.PRISON_PROFILE, "capacity"): (_l("Capacity"), PrisonCapacityForm),
    (RecordKind.PRISON_PROFILE, "visits"): (FIELDS["visit_rules"], VisitsForm),
    **{(RecordKind.PRISON_PROFILE, group.value): (label(group), text_form(group)) for group in prisons.PARTS},
    (RecordKind.SERVICE, "service"): (_l("The service"), ServiceForm),
    (RecordKind.SERVICE, "whom"): (_l("For whom and for whom not"), WhomForm),
    (RecordKind.SERVICE, "entry"): (_l("Conditions of entry"), EntryForm),
    (RecordKind.SERVICE, "capacity"): (_l("Free places"), CapacityForm),
    (RecordKind.SERVICE, "coverage"): (_l("Where it helps"), CoverageForm),
    (RecordKind.CONTACT, "person"): (_l("Contact person"), PersonForm),
    (RecordKind.PRISON_WORK, "work"): (_l("Work in a prison"), WorkForm),
    (RecordKind.LOCATION, "site"): (_l("Site"), SiteForm),
    (RecordKind.JOB_OFFER, "offer"): (_l("Job offer"), OfferForm),
}
FIRST_PART = {RecordKind.SERVICE: "service", RecordKind.CONTACT: "person", RecordKind.PRISON_WORK: "work",
              RecordKind.LOCATION: "site", RecordKind.JOB_OFFER: "offer"}
