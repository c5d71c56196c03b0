"""The form for what a prison answered on paper."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

import formats
from choices import of_members, of_pairs
from labels import language
from models import Reason
from services.visits.machine import REASONS, Event, Side


class BareForm(FlaskForm):
    """A button: nothing but the token."""


class AnswerForm(FlaskForm):
    yes = RadioField(_l("What the prison answered"), [InputRequired(_l("Say what it answered."))], choices=of_pairs([
        ("yes", _l("yes")), ("no", _l("no"))]))
    time = RadioField(_l("Which time it chose"), [Optional()])
    reason = RadioField(_l("Its reason, if it said no"), [Optional()])
    message = TextAreaField(_l("What stands there besides"), [Optional(), Length(
        max=1000, message=_l("Use at most 1,000 signs."))], render_kw={"rows": 3},
        description=_l("Leave out names of clients."))

    def offer(self, times) -> None:
        self.reason.choices = of_members(REASONS[Event.DECLINE, Side.PRISON])
        self.time.choices = of_pairs((each.key, formats.span(each.starts_at, each.ends_at, language=language()))
                                     for each in times)
        if len(times) == 1:
            del self.time

    def given(self) -> dict:
        return {"yes": self.yes.data == "yes", "time": self.time.data or "" if self.time else "",
                "reason": Reason(self.reason.data) if self.reason.data else None, "message": self.message.data or ""}
