"""The end of the work with a client, their death, erasing them."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from web import DAY_FORMATS


class DeathForm(FlaskForm):
    died_on = DateField(_l("Day of death"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                        format=DAY_FORMATS, invalid_value_message=_l("Enter a day such as 30. 6. 2027."))


class EraseForm(FlaskForm):
    """The second step: whoever erases knows whom, and is the one who is signed in."""

    code = StringField(_l("Code of the client"), [InputRequired(_l("Type the code of the client as it stands above.")),
                                                  Length(max=20)],
                       render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"})
    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password.")), Length(max=500)],
                             render_kw={"autocomplete": "current-password"})
