"""Asking a client for consent."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from services.consents import OFFERED, scope_sentence
from web import DAY_FORMATS


class AskForm(FlaskForm):
    """What to ask for; the same fields serve a client who shares by themself."""

    scopes = SelectMultipleField(_l("What may be seen"), validate_choice=True)
    purpose = StringField(_l("What for"), [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)],
                          description=_l("In plain words, for example: so that we can help with work after release."))
    until_on = DateField(_l("Until when"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                         description=_l("A year ahead at most."), format=DAY_FORMATS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.scopes.choices = [(scope.value, scope_sentence(scope)) for scope in OFFERED]
