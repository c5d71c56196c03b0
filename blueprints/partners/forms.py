"""The form of how it went with a partner: four questions, a reason, a few signed words."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_members
from models import QUESTIONS, Kind, PartnerReason, Verdict
from services.partners import LONGEST_NOTE, Said

CHOOSE = _l("Choose an answer.")
# who says it: the four questions
WORDS = {
    Kind.PRISON: {"as_agreed": _l("They came, and did what was agreed"),
                  "on_time": _l("They were prepared and on time"),
                  "told_changes": _l("They told changes in time"), "again": _l("We would go on together")},
    Kind.NGO: {"as_agreed": _l("It took place as agreed"), "on_time": _l("We were let in on time"),
               "told_changes": _l("They told changes in time"), "again": _l("We would go on together")},
}


class PartnerForm(FlaskForm):
    as_agreed = RadioField(validators=[InputRequired(CHOOSE)])
    on_time = RadioField(validators=[InputRequired(CHOOSE)])
    told_changes = RadioField(validators=[InputRequired(CHOOSE)])
    again = RadioField(validators=[InputRequired(CHOOSE)])
    reason = SelectField(_l("If not, why"), [Optional()])
    note = StringField(_l("A few words for the other side"), [Optional(), Length(max=LONGEST_NOTE)], description=_l(
        "They read it with your name. Leave out names of clients."))

    def offer(self, says: Kind) -> None:
        for question in QUESTIONS:
            self[question].choices, self[question].label.text = of_members(Verdict), WORDS[says][question]
        self.reason.choices = of_members(PartnerReason, "–")

    def said(self) -> Said:
        return Said({question: Verdict(self[question].data) for question in QUESTIONS},
                    PartnerReason(self.reason.data) if self.reason.data else None, self.note.data or "")
