"""Forms of co-operation: steps of a checklist, what is agreed, refusals, and what a prison says of itself."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from choices import of_members
from models import Area, CooperationReason, Party, TargetGroup
from services.cooperation import Refusal, Terms
from web import DAY_FORMATS

NO_CLIENTS = _l("Leave out names of clients.")


def whole_number(words, most, sentence, *validators, hint=""):
    """A number from 1 to `most`; the sentence refuses what is none."""
    return IntegerField(words, [*validators, NumberRange(1, most, sentence)], invalid_value_message=sentence,
                        description=hint)


def at_most(words):
    return whole_number(words, 999, _l("Write a number from 1 to 999."), Optional(),
                        hint=_l("Empty: without a limit."))


class BareForm(FlaskForm):
    """A button: nothing but the token."""

    def given(self) -> dict:
        return {}


class StartForm(FlaskForm):
    about = TextAreaField(_l("What you offer"), [Optional(), Length(max=1000)], render_kw={"rows": 4}, description=_l(
        "Two or three sentences: with what, for whom, how often. Leave out names of clients."))


class TermsForm(FlaskForm):
    """What the two sides agreed on."""

    scope = TextAreaField(_l("What was agreed"), [
        InputRequired(_l("Write what was agreed.")), Length(max=1000)], render_kw={"rows": 4},
        description=_l("For example: debt counselling in person, every second Tuesday."))
    most_visits_a_month = at_most(_l("Visits a month at most"))
    most_people = at_most(_l("People at one visit at most"))
    ceiling = StringField(_l("What else limits it"), [Optional(), Length(max=200)],
                          description=_l("For example: on working days only, not in December."))
    valid_from = DateField(_l("Holds from"), [Optional()], format=DAY_FORMATS)
    valid_until = DateField(_l("Holds until"), [Optional()], format=DAY_FORMATS,
                            description=_l("After this day the co-operation ends by itself. Empty: without an end."))

    def given(self) -> dict:
        return {"terms": Terms(self.scope.data, self.ceiling.data or "", self.valid_from.data, self.valid_until.data,
                               self.most_visits_a_month.data, self.most_people.data)}


class ReasonForm(FlaskForm):
    """A reason, and words to go with it."""

    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))])
    message = TextAreaField(_l("Message"), [Optional(), Length(max=1000)], render_kw={"rows": 3},
                            description=NO_CLIENTS)

    def offer(self, reasons) -> None:
        self.reason.choices = of_members(reasons)

    def given(self) -> dict:
        return {"refusal": Refusal(CooperationReason(self.reason.data), self.message.data or "")}


class DeclineForm(ReasonForm):
    not_before = DateField(_l("They can ask again from"), [Optional()], format=DAY_FORMATS,
                           description=_l("Empty: at any time."))

    def given(self) -> dict:
        return {"refusal": Refusal(CooperationReason(self.reason.data), self.message.data or "",
                                   self.not_before.data)}


class StepForm(FlaskForm):
    name = StringField(_l("Step"), [DataRequired(_l("Write what is to be done.")), Length(max=200)],
                       description=_l("For example: security check of the workers"))
    document = StringField(_l("Document"), [Optional(), Length(max=200)],
                           description=_l("For example: form No. 7, a copy of the articles"))
    signatory = StringField(_l("Who signs"), [Optional(), Length(max=200)],
                            description=_l("For example: the governor"))
    turn = RadioField(_l("Whose turn it is"), [InputRequired(_l("Choose whose turn it is."))],
                      choices=of_members(Party))
    limit_days = whole_number(_l("Within how many days"), 365, _l("Write a number from 1 to 365."),
                              InputRequired(_l("Write a number of days.")))

    def values(self) -> dict:
        return {"name": self.name.data, "document": self.document.data or "", "signatory": self.signatory.data or "",
                "turn": Party(self.turn.data), "limit_days": self.limit_days.data}


class WantedForm(FlaskForm):
    areas = SelectMultipleField(_l("Areas of help"), [InputRequired(_l("Choose at least one area."))],
                                choices=of_members(Area))
    groups = SelectMultipleField(_l("For whom"), [Optional()], choices=of_members(TargetGroup),
                                 description=_l("Nothing chosen means for anybody."))
    places = whole_number(_l("For how many people"), 9999, _l("Write a number from 1 to 9,999."), Optional())
    until_on = DateField(_l("Until"), [Optional()], format=DAY_FORMATS,
                         description=_l("After this day it is not shown any more."))
    note = TextAreaField(_l("What else to know"), [Optional(), Length(max=500)], render_kw={"rows": 3},
                         description=NO_CLIENTS)

    def values(self) -> dict:
        return {"areas": [Area(value) for value in self.areas.data],
                "groups": [TargetGroup(value) for value in self.groups.data or []], "places": self.places.data,
                "note": self.note.data or "", "until_on": self.until_on.data}


class StopForm(FlaskForm):
    until = DateField(_l("No new partners until"), [InputRequired(_l("Choose a day."))], format=DAY_FORMATS,
                      description=_l("Up to and including this day. Running co-operations go on."))
