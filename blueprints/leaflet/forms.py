"""What is asked before a leaflet is printed."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from choices import of_pairs
from services.leaflet import Purpose

LANGUAGES = of_pairs([("cs", "Čeština"), ("en", "English")])
PURPOSES = of_pairs([(Purpose.PERSON.value, _l("for one person")),
                     (Purpose.BOARD.value, _l("for the notice board"))])


class SheetForm(FlaskForm):
    purpose = RadioField(_l("For whom"), [InputRequired(_l("Choose for whom the leaflet is."))], choices=PURPOSES,
                         default=Purpose.PERSON.value)
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)
    greeting = TextAreaField(_l("Opening words"), [Length(max=400)], render_kw={"rows": 3}, description=_l(
        "They stand on the paper only and are kept nowhere. Leave out surnames: paper gets lost."))
