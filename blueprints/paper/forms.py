"""The form for what a prison answered on paper."""
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
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
        ("yes", _l("yes")), ("other", _l("yes, but at another time")), ("no", _l("no"))]))
    time = RadioField(_l("Which time it chose"), [Optional()])
    other = SelectField(_l("At which other time, if it said so"), [Optional()], description=_l(
        "A time that is not among these is not open here yet: ask the coordinator, who writes down its times."))
    equipment = RadioField(_l("May you bring in what you asked for?"), [Optional()], choices=of_pairs([
        ("yes", _l("yes")), ("no", _l("no, we come without it"))]))
    refused = HiddenField()
    reason = RadioField(_l("Its reason, if it said no"), [Optional()])
    message = TextAreaField(_l("What stands there besides"), [Optional(), Length(
        max=1000, message=_l("Use at most 1,000 signs."))], render_kw={"rows": 3},
        description=_l("Leave out names of clients."))

    def offer(self, times, others, asks_equipment: bool) -> None:
        """What can be answered: the times asked for, free ones instead, and on what the visitors bring in."""
        self.reason.choices = of_members(REASONS[Event.DECLINE, Side.PRISON])
        self.time.choices = of_pairs((each.key, span(each)) for each in times)
        self.other.choices = of_pairs(((each.key, f"{span(each)}, {each.window.place.name}") for each in others), "")
        if len(times) == 1:
            del self.time
        if not asks_equipment:
            del self.equipment
        if not others:
            del self.other
            self.yes.choices = [choice for choice in self.yes.choices if choice.value != "other"]

    def validate(self, extra_validators=None):
        if not super().validate(extra_validators):
            return False
        if self.yes.data == "other" and not self.other.data:
            self.other.errors = [_("Choose a time.")]
        return not self.errors

    def given(self) -> dict:
        yes, said = self.yes.data != "no", self._said
        return {"yes": yes, "time": said("time"), "other": said("other") if self.yes.data == "other" else "",
                "reason": Reason(self.reason.data) if self.reason.data and not yes else None,
                "equipment": {"yes": True, "no": False}.get(said("equipment")), "message": said("message")}

    def _said(self, name) -> str:
        """What was answered to a question; nothing where it was not asked."""
        return (self[name].data or "") if name in self else ""


def span(time) -> str:
    return formats.span(time.starts_at, time.ends_at, language=language())
