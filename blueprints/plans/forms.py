"""Forms of plans: an item, a question whether it is so, a case conference."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_members, of_pairs
from models import Need, PlanItemState, PlanList, VerificationAnswer
from services import plans
from services.plans.changing import LONGEST_GOAL, LONGEST_RECORD, LONGEST_WHAT, THE_CLIENT
from web import DAY_FORMATS

A_DAY = _l("Enter a day such as 30. 6. 2027.")


class ItemForm(FlaskForm):
    """One item of a plan."""

    version = HiddenField()
    sheet = SelectField(_l("Sheet"))
    need = SelectField(_l("Need"), [Optional()])
    goal = StringField(_l("Goal"), [Optional(), Length(max=LONGEST_GOAL)],
                       description=_l("What the client wants to reach, in their own words."))
    what = TextAreaField(_l("What is to be done, or what is so"), [Optional(), Length(max=LONGEST_WHAT)],
                         render_kw={"rows": 2}, description=_l("In words that the client understands."))
    who = SelectField(_l("Who does it"), [Optional()])
    due_on = DateField(_l("By when"), [Optional()], format=DAY_FORMATS, invalid_value_message=A_DAY)
    state = SelectField(_l("State"))
    from_paper = BooleanField(_l("Written down from paper"))

    def offer(self) -> None:
        self.sheet.choices, self.state.choices = of_members(PlanList), of_members(PlanItemState)
        self.need.choices = of_members(Need, _l("none"))
        self.who.choices = of_pairs([(THE_CLIENT, _l("the client")),
                                     *((row.public_id, row.name) for row in plans.whom())], _l("nobody yet"))

    def show(self, wanted: plans.Wanted) -> None:
        for name, value in vars(wanted).items():
            self[name].data = value

    def wanted(self) -> plans.Wanted:
        return plans.Wanted(PlanList(self.sheet.data), self.need.data or "", self.goal.data or "", self.what.data or "",
                            self.who.data or "", self.due_on.data, PlanItemState(self.state.data),
                            self.from_paper.data)


class QuestionForm(FlaskForm):
    """A question to one organisation."""

    recipient = SelectField(_l("Whom to ask"), [InputRequired(_l("Choose an organisation from the list."))])
    question = StringField(_l("Question"), [InputRequired(_l("Write one question that is answered by yes or no.")),
                                            Length(max=300)],
                           description=_l("For example: Does he have a bed with you from 3 March? Leave out names."))

    def offer(self, organisations) -> None:
        self.recipient.choices = of_pairs(((row.public_id, row.name) for row in organisations), "–")


class AnswerForm(FlaskForm):
    """The answer: yes, no, or not known."""

    answer = RadioField(_l("Answer"), [InputRequired(_l("Choose an answer."))],
                        choices=lambda: of_members(VerificationAnswer))


class ConferenceForm(FlaskForm):
    """The record of a case conference."""

    held_on = DateField(_l("Day"), [InputRequired(A_DAY)], format=DAY_FORMATS, invalid_value_message=A_DAY)
    participants = TextAreaField(_l("Who was there"), [InputRequired(_l("Write who was there.")),
                                                       Length(max=LONGEST_RECORD)], render_kw={"rows": 3})
    agreed = TextAreaField(_l("What was agreed"), [Optional(), Length(max=LONGEST_RECORD)], render_kw={"rows": 5},
                           description=_l("Who does what by when."))
