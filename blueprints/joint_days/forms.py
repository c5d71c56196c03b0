"""Forms of joint days: making one, signing clients up, how it went."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from choices import of_pairs
from services.visits.joint_days import MOST_MINUTES, Plan
from web import DAY_FORMATS


def number(words, low, high, *validators, hint=""):
    sentence = _l("Write a whole number from %(low)s to %(high)s.", low=low, high=high)
    return IntegerField(words, [*validators, NumberRange(low, high, sentence)], invalid_value_message=sentence,
                        description=hint)


class PlanForm(FlaskForm):
    name = StringField(_l("What it is called"), [InputRequired(_l("Write a name.")), Length(
        max=100, message=_l("Use at most 100 signs."))], description=_l("For example: Day of offers."))
    place = RadioField(_l("Room"), [InputRequired(_l("Choose a room."))])
    day = DateField(_l("Day"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))], format=DAY_FORMATS)
    starts = TimeField(_l("From"), [InputRequired(_l("Enter a time such as 9:00."))])
    ends = TimeField(_l("Until"), [InputRequired(_l("Enter a time such as 9:00."))])
    seats = number(_l("How many organisations can come"), 1, 99, InputRequired(_l("Write how many.")))
    minutes = number(_l("Minutes of staff for the whole day"), 0, MOST_MINUTES, Optional(),
                     hint=_l("A guess; what it really took is written down afterwards."))
    note = TextAreaField(_l("What organisations should know"), [Optional(), Length(
        max=1000, message=_l("Use at most 1,000 signs."))], render_kw={"rows": 3},
        description=_l("Leave out names of clients."))

    def offer(self, places) -> None:
        self.place.choices = of_pairs((place.public_id, place.name) for place in places)
        if not self.is_submitted() and len(places) == 1:
            self.place.data = places[0].public_id

    def plan(self) -> Plan:
        return Plan(self.name.data, self.place.data, self.day.data, self.starts.data, self.ends.data,
                    self.seats.data, self.minutes.data, self.note.data or "")


class CodesForm(FlaskForm):
    codes = TextAreaField(_l("Codes of the clients"), [InputRequired(_l("Write at least one code.")),
                          Length(max=10_000)], render_kw={"rows": 6, "autocomplete": "off"},
                          description=_l("As many as you like, with spaces or each on a new line."))


class TakeOffForm(FlaskForm):
    """A button: nothing but the token."""


class RecordForm(FlaskForm):
    minutes = number(_l("Minutes of staff for the whole day"), 0, MOST_MINUTES, InputRequired(_l("Write how many.")),
                     hint=_l("All of them together, escort included."))
    came = SelectMultipleField(_l("Who came"), [Optional()], choices=[])

    def offer(self, clients) -> None:
        self.came.choices = of_pairs((each.client.public_id, each.client.code) for each in clients)
        if not self.is_submitted():
            self.came.data = [each.client.public_id for each in clients if each.came is not False]
