"""Writing a closing report."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs
from labels import label
from models import Need
from services.reports import LONGEST

RESULTS = {"achieved": _l("done"), "partly": _l("partly done"), "not": _l("not done")}


class ReportForm(FlaskForm):
    summary = TextAreaField(_l("The report in plain words"),
                            [InputRequired(_l("Write the report.")), Length(max=LONGEST["summary"])],
                            description=_l("The client reads it before it goes: short sentences, no offence."))
    recipient = SelectField(_l("To whom it goes"), [Optional()],
                            description=_l("They read it only with the client's consent to the plan, or under an "
                                           "agreement."))

    def offer(self, organisations) -> None:
        self.recipient.choices = of_pairs([("", _l("to nobody but the client")),
                                           *((row.public_id, row.name) for row in organisations)])


class LineForm(FlaskForm):
    """One need of a report."""

    need = SelectField(_l("Need"))
    result = RadioField(_l("How it ended"), [InputRequired(_l("Choose how it ended."))])
    done = TextAreaField(_l("What was done"), [Optional(), Length(max=LONGEST["done"])])
    left = TextAreaField(_l("What is left"), [Optional(), Length(max=LONGEST["left"])])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.need.choices = of_pairs((need.value, label(need)) for need in Need)
        self.result.choices = of_pairs(RESULTS.items())


class StepForm(FlaskForm):
    remark = TextAreaField(_l("The client's remark, from paper"), [Optional(), Length(max=LONGEST["remark"])])
