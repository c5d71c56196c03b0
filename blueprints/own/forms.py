"""What a client writes in their own app."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs


class ActivateForm(FlaskForm):
    """The card, the slip and a PIN of one's own."""

    card = StringField(_l("Number on your card"), [InputRequired(_l("Write the number on your card.")), Length(max=60)],
                       render_kw={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"})
    word = StringField(_l("Word on your slip"), [InputRequired(_l("Write the word on your slip.")), Length(max=60)],
                       render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters",
                                  "spellcheck": "false"})
    pin = PasswordField(_l("Your new PIN"), [InputRequired(_l("Choose a PIN.")), Length(max=60)],
                        description=_l("6 to 12 digits. Only you know it."),
                        render_kw={"autocomplete": "new-password", "inputmode": "numeric"})
    again = PasswordField(_l("The PIN again"), [InputRequired(_l("Write the PIN again.")), Length(max=60)],
                          render_kw={"autocomplete": "new-password", "inputmode": "numeric"})
    helped = RadioField(_l("Is somebody helping you now?"), [InputRequired(_l("Choose yes or no."))])

    def offer(self, yes, no) -> None:
        self.helped.choices = of_pairs([("yes", yes), ("no", no)])


class RemarkForm(FlaskForm):
    remark = TextAreaField(_l("What is not right, or what is missing?"), [Optional(), Length(max=2000)])
