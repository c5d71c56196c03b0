"""What a client decides."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from choices import of_pairs
from services.consents import OFFERED, scope_sentence
from web import DAY_FORMATS


class ShareForm(FlaskForm):
    """Whom to let see what, what for and until when."""

    organisation = RadioField(_l("Who may see it?"), [InputRequired(_l("Choose who may see it."))])
    scopes = SelectMultipleField(_l("What may they see?"))
    purpose = StringField(_l("What for?"),
                          [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)],
                          description=_l("For example: so that they help me with work."))
    until_on = DateField(_l("Until when?"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                         description=_l("You can end it sooner. A year ahead at most."),
                         format=DAY_FORMATS)

    def __init__(self, organisations, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation.choices = of_pairs((row.public_id, row.name) for row in organisations)
        self.scopes.choices = of_pairs((scope.value, scope_sentence(scope)) for scope in OFFERED)


class DecideForm(FlaskForm):
    """Yes or no to the very text that is shown."""

    text_hash = HiddenField()
    answer = HiddenField()
