"""Asking a client for consent."""
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

import formats
from choices import of_pairs
from labels import label, language
from models import Need
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
