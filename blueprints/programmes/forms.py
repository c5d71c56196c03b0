"""Forms of programmes."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

import clock
from choices import of_members, of_pairs
from models import Area, LeavingReason, Need, ParticipantState, ProgrammeKind, TargetGroup
from services.coverage import LEVELS
from services.programmes import Plan
from text import clean_text
from web import DAY_FORMATS

NO_CLIENTS = _l("Leave out names of clients.")
A_DAY = _l("Enter a day such as 30. 6. 2027.")
LEVEL_WORDS = {"low": _l("low"), "medium": _l("medium"), "high": _l("high"), "increased": _l("increased")}
TIMES = ["%H:%M", "%H.%M"]


def paragraphs(text):
    return clean_text(text, lines=True)


def _number(words, least, most, *validators, hint=""):
    sentence = _l("Write a number from %(least)d to %(most)d.", least=least, most=most)
    return IntegerField(words, [*(validators or [InputRequired(sentence)]), NumberRange(least, most, sentence)],
                        invalid_value_message=sentence, description=hint)


def _day(words, hint=""):
    return DateField(words, [InputRequired(A_DAY)], format=DAY_FORMATS, description=hint, invalid_value_message=A_DAY)


class BareForm(FlaskForm):
    """A button: nothing but the token."""


class ProgrammeForm(FlaskForm):
    name = StringField(_l("Name of the programme"), [DataRequired(_l("Write the name.")), Length(max=200)],
                       filters=[clean_text])
    code = StringField(_l("Code"), [DataRequired(_l("Write a short code.")), Length(max=40)], filters=[clean_text],
                       description=_l("Short, such as ZJ-2027. Each of your programmes has another."))
    kind = RadioField(_l("Kind of programme"), [InputRequired(_l("Choose one of the answers."))],
                      choices=of_members(ProgrammeKind))
    funder = StringField(_l("Who pays for the programme"), [Optional(), Length(max=200)])
    registration_number = StringField(_l("Registration number of the project"), [Optional(), Length(max=100)])
    starts_on = _day(_l("First day"))
    ends_on = _day(_l("Last day"))
    about = TextAreaField(_l("What it is about"), [Optional(), Length(max=4000)], render_kw={"rows": 4},
                          description=NO_CLIENTS)
    activities = TextAreaField(_l("Activities"), [Optional(), Length(max=2000)], render_kw={"rows": 4},
                               description=_l("One on each line."))
    areas = SelectMultipleField(_l("Areas of help"), [Optional()], choices=of_members(Area))
    groups = SelectMultipleField(_l("For whom"), [Optional()], choices=of_members(TargetGroup),
                                 description=_l("Nothing chosen means for anybody."))
    levels = SelectMultipleField(_l("Security level of the prison"), [Optional()],
                                 choices=of_pairs((level, LEVEL_WORDS[level]) for level in LEVELS),
                                 description=_l("Nothing chosen means any."))
    places = _number(_l("Places at once"), 1, 9999, Optional(), hint=_l("Empty: without a limit."))
    service = SelectField(_l("Your service that referrals come to"), [Optional()])
    leads_to = SelectField(_l("Who finishes it is offered"), [Optional()])
    version = HiddenField()

    def offer(self, services, programmes) -> None:
        self.service.choices = of_pairs(services, _l("none"))
        self.leads_to.choices = of_pairs(programmes, _l("nothing"))

    def values(self) -> dict:
        texts = {name: self[name].data or "" for name in ("name", "code", "funder", "registration_number", "about",
                                                          "activities", "service", "leads_to")}
        return {**texts, "kind": ProgrammeKind(self.kind.data), "starts_on": self.starts_on.data,
                "ends_on": self.ends_on.data, "places": self.places.data,
                **{name: ";".join(self[name].data or []) for name in ("areas", "groups", "levels")}}


class PartnerForm(FlaskForm):
    organisation = SelectField(_l("Organisation of the book"), [Optional()])
    name = StringField(_l("Or a name, where it is not in the book"), [Optional(), Length(max=200)])
    part = StringField(_l("Its part"), [Optional(), Length(max=300)],
                       description=_l("For example: trains the lecturers."))

    def offer(self, organisations) -> None:
        self.organisation.choices = of_pairs(organisations, _l("none of these"))


class TargetForm(FlaskForm):
    name = StringField(_l("What is counted"), [DataRequired(_l("Write what is counted.")), Length(max=120)],
                       filters=[clean_text],
                       description=_l("For example: people in all, in prisons, Liberec Region, women."))
    people = _number(_l("How many people"), 1, 99999)
    parent = SelectField(_l("A part of"), [Optional()])

    def offer(self, targets) -> None:
        self.parent.choices = of_pairs(targets, _l("nothing, it is a whole"))


class SiteForm(FlaskForm):
    prison = SelectField(_l("Prison"), [Optional()])
    town = StringField(_l("Or a town"), [Optional(), Length(max=120)])
    pilot = BooleanField(_l("A pilot site"))
    target = SelectField(_l("People here count towards"), [Optional()])

    def offer(self, prisons, targets) -> None:
        self.prison.choices = of_pairs(prisons, _l("none, it is a town"))
        self.target.choices = of_pairs(targets, _l("the whole only"))


class EnrolForm(FlaskForm):
    code = StringField(_l("Code of the client"), [DataRequired(_l("Write the code of the client.")), Length(max=20)],
                       render_kw={"autocomplete": "off"})
    site = SelectField(_l("Where"), [Optional()])

    def offer(self, sites) -> None:
        self.site.choices = of_pairs(sites, _l("not chosen"))


class LeaveForm(FlaskForm):
    state = RadioField(_l("How it ended"), [InputRequired(_l("Choose one of the answers."))],
                       choices=of_members((ParticipantState.FINISHED, ParticipantState.LEFT)))
    reason = SelectField(_l("Reason, where the person left"), [Optional()],
                         choices=of_members(LeavingReason, _l("none")))


class SessionForm(FlaskForm):
    day = _day(_l("Day"))
    at = TimeField(_l("From"), [InputRequired(_l("Enter a time such as 9:00."))], format=TIMES,
                   invalid_value_message=_l("Enter a time such as 9:00."))
    minutes = _number(_l("Minutes"), 5, 720)
    group = RadioField(_l("With whom"), [InputRequired(_l("Choose one of the answers."))],
                       choices=of_pairs((("group", _l("a group")), ("one", _l("one person")))))
    topic = StringField(_l("Topic"), [Optional(), Length(max=200)], description=NO_CLIENTS)
    site = SelectField(_l("Where"), [Optional()])

    def offer(self, sites) -> None:
        self.site.choices = of_pairs(sites, _l("not chosen"))

    def plan(self) -> Plan:
        return Plan(clock.at(self.day.data, self.at.data), self.minutes.data, self.group.data == "group",
                    self.topic.data or "", self.site.data or "")


class AttendanceForm(FlaskForm):
    came = SelectMultipleField(_l("Who came"), [Optional()])
    others = _number(_l("How many more people came whom you do not name"), 0, 999, Optional())

    def offer(self, people) -> None:
        self.came.choices = of_pairs((each.public_id, each.client.code) for each, _known in people)


class ProlongForm(FlaskForm):
    until = _day(_l("New last day"))


class PlanForm(FlaskForm):
    continuity = TextAreaField(_l("Continuity plan"), [DataRequired(_l("Write what becomes of people and places.")),
                                                       Length(max=4000)], render_kw={"rows": 8},
                               filters=[paragraphs], description=_l(
                                   "Who takes the people over, what goes on in which prison, who pays for it. "
                                   "Leave out names of clients."))


class SuccessorForm(FlaskForm):
    successor = RadioField(_l("What takes over"), [InputRequired(_l("Choose a programme."))])

    def offer(self, rows) -> None:
        self.successor.choices = of_pairs((row.public_id, f"{row.name} ({row.kept_by.label})") for row in rows)


class HandOnForm(FlaskForm):
    needs = SelectMultipleField(_l("What people need who came without a referral"), [Optional()],
                                choices=of_members(Need), description=_l(
                                    "To another organisation they go with these needs, the region and the month of "
                                    "release. No name, no code."))

    def chosen(self) -> list[Need]:
        return [Need(value) for value in self.needs.data or []]


class HoldForm(FlaskForm):
    places = _number(_l("How many places"), 1, 999)


class EndorseForm(FlaskForm):
    text = TextAreaField(_l("What worked"), [DataRequired(_l("Write in a few sentences what worked.")),
                                             Length(max=1500)], render_kw={"rows": 5}, description=_l(
        "It stands in the file under the name of your organisation and goes to those who pay. "
        "Leave out names of clients."))
