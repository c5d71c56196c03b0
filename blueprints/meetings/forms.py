"""Forms of meetings."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from choices import of_pairs
from services.groups.meetings import Plan
from text import clean_text
from web import DAY_FORMATS

NO_CLIENTS = _l("Name no client and nobody by whom a client could be known: everybody in the group reads it.")
A_DAY = _l("Enter a day such as 30. 6. 2027.")
A_TIME = _l("Enter a time such as 9:00.")
A_NUMBER = _l("Write a number from 1 to 600.")


def paragraphs(text):
    return clean_text(text, lines=True)


def _day(words, hint=""):
    return DateField(words, [InputRequired(A_DAY)], format=DAY_FORMATS, description=hint,
                     invalid_value_message=A_DAY)


def _time(words):
    return TimeField(words, [InputRequired(A_TIME)], format=["%H:%M", "%H.%M"], invalid_value_message=A_TIME)


class MeetingForm(FlaskForm):
    title = StringField(_l("What it is about"), [Optional(), Length(max=200)], filters=[clean_text],
                        description=_l("For example: spring meeting on housing"))
    day = _day(_l("Day"))
    starts = _time(_l("From"))
    ends = _time(_l("To"))
    place = StringField(_l("Place"), [Optional(), Length(max=200)], filters=[clean_text],
                        description=_l("For example: Regional Office, room 204"))
    link = StringField(_l("Link for those who come by video"), [Optional(), Length(max=500)], filters=[clean_text],
                       render_kw={"inputmode": "url", "autocomplete": "off"})

    def plan(self) -> Plan:
        return Plan(self.title.data or "", self.day.data, self.starts.data, self.ends.data, self.place.data or "",
                    self.link.data or "")


class ItemForm(FlaskForm):
    title = StringField(_l("Topic"), [Optional(), Length(max=200)], filters=[clean_text])
    who = StringField(_l("Who speaks"), [Optional(), Length(max=200)], filters=[clean_text])
    minutes_planned = IntegerField(_l("Minutes"), [Optional(), NumberRange(1, 600, A_NUMBER)],
                                   invalid_value_message=A_NUMBER,
                                   render_kw={"inputmode": "numeric"})
    note = TextAreaField(_l("To read before"), [Length(max=10_000)], filters=[paragraphs], render_kw={"rows": 5},
                         description=NO_CLIENTS)

    def given(self) -> dict:
        return {"title": self.title.data or "", "who": self.who.data or "", "note": self.note.data or "",
                "minutes_planned": self.minutes_planned.data}


class TopicForm(ItemForm):
    title = StringField(_l("Topic"), [DataRequired(_l("Write what it is about.")), Length(max=200)],
                        filters=[clean_text])


class MinutesForm(FlaskForm):
    version = HiddenField()
    text = TextAreaField(_l("What was said"), [Length(max=20_000)], filters=[paragraphs], description=NO_CLIENTS,
                         render_kw={"rows": 10})
    decisions = TextAreaField(_l("What was decided"), [Length(max=5000)], filters=[paragraphs],
                              description=_l("One decision a line."), render_kw={"rows": 3})


class TaskForm(FlaskForm):
    what = TextAreaField(_l("What the task is"), [DataRequired(_l("Write what is to be done.")), Length(max=1000)],
                         filters=[paragraphs], description=NO_CLIENTS, render_kw={"rows": 3})
    owner = SelectField(_l("Who does it"), [InputRequired(_l("Choose one of the members."))])
    due_on = _day(_l("By when"))

    def offer(self, members) -> None:
        self.owner.choices = of_pairs(((each.public_id, each.name) for each in members), _l("choose"))


class ReasonForm(FlaskForm):
    reason = StringField(_l("What is to be put right"), [DataRequired(_l("Write what is to be put right.")),
                                                         Length(max=500)], filters=[clean_text],
                         description=NO_CLIENTS)


class AttendanceForm(FlaskForm):
    others = TextAreaField(_l("Who else was there"), [Length(max=2000)], filters=[paragraphs],
                           description=_l("One person a line: name and organisation. No clients."),
                           render_kw={"rows": 3})
