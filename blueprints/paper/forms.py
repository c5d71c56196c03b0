"""The form for what a prison answered on paper."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

import formats
from labels import label, language
from models import Reason
from services.visits.machine import REASONS, Event, Side


class BareForm(FlaskForm):
    """A button: nothing but the token."""


class AnswerForm(FlaskForm):
    yes = RadioField(_l("What the prison answered"), [InputRequired(_l("Say what it answered."))], choices=lambda: [
        SelectChoice("yes", _l("yes")), SelectChoice("no", _l("no"))])
    time = RadioField(_l("Which time it chose"), [Optional()])
    reason = RadioField(_l("Its reason, if it said no"), [Optional()])
    message = TextAreaField(_l("What stands there besides"), [Optional(), Length(
        max=1000, message=_l("Use at most 1,000 signs."))], render_kw={"rows": 3},
        description=_l("Leave out names of clients."))

    def offer(self, times) -> None:
        self.reason.choices = [(reason.value, label(reason)) for reason in REASONS[Event.DECLINE, Side.PRISON]]
        self.time.choices = [(each.key, formats.span(each.starts_at, each.ends_at, language=language()))
                             for each in times]
        if len(times) == 1:
            del self.time

    def given(self) -> dict:
        return {"yes": self.yes.data == "yes", "time": self.time.data or "" if self.time else "",
                "reason": Reason(self.reason.data) if self.reason.data else None, "message": self.message.data or ""}
