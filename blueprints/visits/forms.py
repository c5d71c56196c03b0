"""Forms of visits: asking for one, and the answers to it."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from labels import label
from models import Reason
from services.visits import Wish


class RequestForm(FlaskForm):
    """Who comes and what for. `slot` is carried along; it becomes a question only where the time was taken."""

    slot = RadioField(_l("Choose another time"), [InputRequired(_l("Choose a time."))], choices=[],
                      validate_choice=False)
    colleagues = SelectMultipleField(_l("Who comes"), choices=[], validate_choice=False)
    guests = TextAreaField(_l("Others who come"), [Length(max=2000)], render_kw={"rows": 2},
                           description=_l("First name and surname, each person on a new line."))
    purpose = TextAreaField(_l("What the visit is for"), [
        InputRequired(_l("Write what the visit is for.")), Length(max=500, message=_l("Use at most 500 signs."))],
        render_kw={"rows": 2}, description=_l("For example: debt counselling. Leave out names of clients."))
    clients = SelectMultipleField(_l("Whom you visit"), [Optional()], choices=[], validate_choice=False,
                                  description=_l("Only you and those who may know of the client see the codes."))
    request_key = HiddenField(validators=[InputRequired(), Length(min=16, max=40)])
    step = HiddenField(default="check")

    def offer(self, colleagues, clients) -> None:
        """Who can be chosen, for a page that shows it; before the form is sent the first colleague, the actor, is."""
        self.colleagues.choices = [(person.public_id, person.name) for person in colleagues]
        self.clients.choices = [(client.public_id, client.code) for client in clients]
        if not self.is_submitted():
            self.colleagues.data = [colleagues[0].public_id]

    def wish(self) -> Wish:
        return Wish(slot=self.slot.data, purpose=self.purpose.data, colleagues=self.colleagues.data or [],
                    guests=(self.guests.data or "").splitlines(), clients=self.clients.data or [])

    def carried(self) -> list[tuple[str, str]]:
        """All that was filled in as pairs of name and value, for the page on which it is checked."""
        return [(field.name, value) for field in self if field.name not in {"csrf_token", "step"}
                for value in (field.data if isinstance(field.data, list) else [field.data or ""])]


class AnswerForm(FlaskForm):
    """A refusal or a cancellation: a reason, and words to go with it."""

    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))])
    message = TextAreaField(_l("Message"), [Optional(), Length(max=1000, message=_l("Use at most 1,000 signs."))],
                            render_kw={"rows": 3}, description=_l("Leave out names of clients."))

    def offer(self, reasons) -> None:
        self.reason.choices = [(reason.value, label(reason)) for reason in reasons]

    def given(self) -> dict:
        return {"reason": Reason(self.reason.data), "message": self.message.data or ""}


class BareForm(FlaskForm):
    """A button: nothing but the token."""

    def offer(self, reasons) -> None:
        pass

    def given(self) -> dict:
        return {}
