"""Forms of signing in and of one's own account."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from choices import of_pairs


class SignInForm(FlaskForm):
    email = StringField(_l("E-mail or card number"),
                        [InputRequired(_l("Enter your e-mail or card number.")), Length(max=200)],
                        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    password = PasswordField(_l("Password or PIN"),
                             [InputRequired(_l("Enter your password or PIN.")), Length(max=500)],
                             render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class ResetForm(FlaskForm):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter your e-mail.")), Length(max=200)],
                       render_kw={"autocomplete": "username"})


class PasswordForm(FlaskForm):
    password = PasswordField(_l("New password"), [InputRequired(_l("Enter a new password.")), Length(max=500)],
                             description=_l("At least 12 signs. A few words in a row are easy to remember."),
                             render_kw={"autocomplete": "new-password"})


class RulesForm(FlaskForm):
    """That the rules of confidentiality were read and are accepted."""

    accept = BooleanField(_l("I have read the rules and keep to them"),
                          [InputRequired(_l("Tick that you have read the rules and keep to them."))])
    next = HiddenField()


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


class CardForm(FlaskForm):
    """Another card of the same person, proved by its PIN."""

    card = StringField(_l("Number on the other card"), [InputRequired(_l("Write the number on your card.")),
                                                        Length(max=60)],
                       render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
    pin = PasswordField(_l("PIN of the other card"), [InputRequired(_l("Write the PIN.")), Length(max=60)],
                        render_kw={"autocomplete": "off", "inputmode": "numeric"})
