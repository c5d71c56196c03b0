"""The record of a client, who works with them, asking for consent, their shift."""
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

import formats
from choices import of_members, of_pairs
from labels import label, language
from models import Need, ReleaseKind, ReleaseUnknown, Route
from services import clients, record_words
from services.consents import OFFERED, scope_sentence
from web import DAY_FORMATS


class AskForm(FlaskForm):
    """What to ask for; the same fields serve a client who shares by themself."""

    scopes = SelectMultipleField(_l("What may be seen"), validate_choice=True)
    needs = SelectMultipleField(_l("Only about"), [Optional()], description=_l("Choose nothing where it is about all."))
    purpose = StringField(_l("What for"), [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)],
                          description=_l("In plain words, for example: so that we can help with work after release."))
    until_on = DateField(_l("Until when"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                         description=_l("A year ahead at most."), format=DAY_FORMATS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.scopes.choices = of_pairs((scope.value, scope_sentence(scope)) for scope in OFFERED)
        self.needs.choices = of_pairs((need.value, label(need)) for need in Need)


def _a_day(words, **options):
    return DateField(words, [Optional()], format=DAY_FORMATS,
                     invalid_value_message=_l("Enter a day such as 30. 6. 2027."), **options)


class RecordForm(FlaskForm):
    """A client's record. `key` tells a form sent twice, `seen` what stood there when it was opened."""

    key, seen = HiddenField(), HiddenField()
    name = StringField(_l("Name and surname"), [InputRequired(_l("Write the client's name.")), Length(max=200)],
                       description=_l("It is sealed. Lists, mails and addresses of pages show the code only."),
                       render_kw={"autocomplete": "off"})
    born_on = _a_day(_l("Date of birth"))
    contact = StringField(_l("How to reach the client"), [Optional(), Length(max=300)],
                          render_kw={"autocomplete": "off"}, description=_l("Telephone, e-mail or through whom."))
    prison = SelectField(_l("Prison"), [Optional()], description=_l("Where the client is, or was released from."))
    planned_release_on = _a_day(_l("Planned release"))
    release_unknown = SelectField(_l("Why the day is not known"), [Optional()])
    released_on = _a_day(_l("Released on"), description=_l("Fill in on the day when it happens, not before."))
    release_kind = SelectField(_l("Kind of release"), [Optional()])
    region = SelectField(_l("Region of return"), [Optional()])
    town = SelectField(_l("Municipality of return"), [Optional()],
                       description=_l("The town whose social curator is responsible."))
    route = SelectField(_l("From where the client comes back"))
    languages = SelectMultipleField(_l("Other languages than Czech"), [Optional()])

    def offer(self) -> None:
        """What there is to choose from."""
        self.prison.choices = of_pairs(((row.public_id, row.name) for row in clients.prisons()), _l("none"))
        self.region.choices = of_pairs(((row.code, row.name) for row in clients.regions()), _l("not known"))
        self.town.choices = of_pairs(((row.code, row.name) for row in clients.towns()), _l("not known"))
        self.release_unknown.choices = of_members(ReleaseUnknown, _l("the day is known"))
        self.release_kind.choices = of_members(ReleaseKind, _l("not known"))
        self.route.choices = of_members(Route)
        self.languages.choices = of_pairs((code, record_words.language_names(code))
                                          for code in record_words.LANGUAGES if code != "cs")

    def show(self, wanted: clients.Wanted) -> None:
        """Fills in what stands in the record."""
        for name, value in vars(wanted).items():
            self[name].data = value

    def wanted(self) -> clients.Wanted:
        return clients.Wanted(
            self.name.data or "", self.born_on.data, self.contact.data or "", self.prison.data or "",
            self.planned_release_on.data, _member(ReleaseUnknown, self.release_unknown), self.released_on.data,
            _member(ReleaseKind, self.release_kind), self.region.data or "", self.town.data or "",
            Route(self.route.data), self.languages.data or [])


def _member(enum, field):
    return enum(field.data) if field.data else None


class WorkerForm(FlaskForm):
    """Somebody who works with the client."""

    worker = SelectField(_l("Who"), [InputRequired(_l("Choose somebody from the list."))])

    def offer(self, people, of_organisations=False) -> None:
        self.worker.choices = of_pairs(
            ((user.public_id, f"{user.name}, {user.organisation.label}" if of_organisations else user.name)
             for user in people), "–")


class WorkersForm(WorkerForm):
    """Who of an organisation works with the client: one first of all, others beside them."""

    others = SelectMultipleField(_l("Who else"), [Optional()])

    def offer(self, people, of_organisations=False) -> None:
        super().offer(people, of_organisations)
        self.others.choices = of_pairs((user.public_id, user.name) for user in people)


class CodeForm(FlaskForm):
    """The code from somebody's card."""

    code = StringField(_l("Code"), [InputRequired(_l("Enter the six signs of the code.")), Length(max=20)],
                       description=_l("Six signs from the client's card, for example 7KX3P2."),
                       render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
    purpose = StringField(_l("What for"), [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)],
                          description=_l("In plain words, for example: so that we can help with work after release."))


def _weekdays():
    return [SelectChoice(day, formats.weekday(date(2024, 1, 1 + day), language=language())) for day in range(7)]


def _a_time(words):
    return TimeField(words, [Optional()], format=["%H:%M", "%H.%M"],
                     invalid_value_message=_l("Enter a time such as 9:00."))


class ShiftForm(FlaskForm):
    """When a client works."""

    days = SelectMultipleField(_l("Days of work"), [Optional()], coerce=int, choices=_weekdays)
    starts = _a_time(_l("Begins"))
    ends = _a_time(_l("Ends"))
