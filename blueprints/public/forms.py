"""What somebody close to a client writes."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from services.clients import new_key
from services.family import LONGEST

FILL_IN = _l("Fill in this field.")


class NoteForm(FlaskForm):
    code = StringField(_l("Code from their card"), [InputRequired(FILL_IN), Length(max=20)],
                       description=_l("Six signs. Only the person themself can tell you."),
                       render_kw={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false",
                                  "autocapitalize": "characters"})
    sender = StringField(_l("Who is writing"), [InputRequired(FILL_IN), Length(max=LONGEST["sender"])],
                         description=_l("So that they know who it is. For example: Mum, or a friend from work."),
                         render_kw={"autocomplete": "off"})
    message = TextAreaField(_l("What do you want them to know?"),
                            [InputRequired(FILL_IN), Length(max=LONGEST["message"])], render_kw={"rows": 5})
    request_key = HiddenField(default=new_key, validators=[Length(max=100)])
