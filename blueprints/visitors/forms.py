"""Forms of who may come: a visitor of an organisation, and a prison's answer."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_members, of_pairs
from models import ClearanceReason
from web import DAY_FORMATS

DOCUMENT = _l("Number of the identity card or passport")
DOCUMENT_HINT = _l("Kept sealed. It is shown only on the gate sheet of a prison on the day of a confirmed visit.")


class AddForm(FlaskForm):
    """A colleague with an account, or the name of somebody without one."""

    colleague = RadioField(_l("Who it is"), [Optional()], default="")
    name = StringField(_l("Name of somebody without an account"), [
        Optional(), Length(max=100, message=_l("Use at most 100 signs."))])
    document = StringField(DOCUMENT, [Optional(), Length(max=40, message=_l("Use at most 40 signs."))],
                           description=DOCUMENT_HINT, render_kw={"autocomplete": "off"})

    def offer(self, colleagues) -> None:
        self.colleague.choices = of_pairs(
            [*((person.public_id, person.name) for person in colleagues), ("", _l("somebody without an account"))])


class DocumentForm(FlaskForm):
    document = StringField(DOCUMENT, [InputRequired(_l("Write the number of the document.")), Length(
        max=40, message=_l("Use at most 40 signs."))], description=DOCUMENT_HINT, render_kw={"autocomplete": "off"})


class AskForm(FlaskForm):
    prison = RadioField(_l("Which prison"), [InputRequired(_l("Choose a prison."))])

    def offer(self, prisons) -> None:
        self.prison.choices = of_pairs((prison.public_id, prison.name) for prison in prisons)


class BareForm(FlaskForm):
    """A button: nothing but the token."""


class ClearForm(FlaskForm):
    until_on = DateField(_l("Cleared until"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                         format=DAY_FORMATS)

    def given(self) -> dict:
        return {"until_on": self.until_on.data}


class ReasonForm(FlaskForm):
    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))], choices=lambda: of_members(
        ClearanceReason))

    def given(self) -> dict:
        return {"reason": ClearanceReason(self.reason.data)}
