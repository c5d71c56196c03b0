"""Forms of how a visit went."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from choices import of_members, of_pairs
from models import Reason
from services.visits.recording import MOST_MINUTES, MOST_REACHED, Went


def number(words, most, hint=""):
    sentence = _l("Write a whole number from 0 to %(most)s.", most=most)
    return IntegerField(words, [Optional(), NumberRange(0, most, sentence)], invalid_value_message=sentence,
                        description=hint)


def optional(words, low, high, hint):
    sentence = _l("Write a whole number from %(low)s to %(high)s.", low=low, high=high)
    return IntegerField(words, [Optional(), NumberRange(low, high, sentence)], invalid_value_message=sentence,
                        description=hint)


class SettingsForm(FlaskForm):
    months = optional(_l("For how many months you clear visitors"), 1, 60,
                      _l("Empty: visitors need no clearance of their own."))
    hour_cost = optional(_l("What an hour of staff costs, in crowns"), 0, 99_999,
                         _l("Empty: only minutes are counted."))


class BareForm(FlaskForm):
    """A button: nothing but the token."""


class WentForm(FlaskForm):
    held = RadioField(_l("Did it take place?"), [InputRequired(_l("Say whether it took place."))], choices=of_pairs([
        ("yes", _l("yes")), ("no", _l("no"))]))
    reason = RadioField(_l("If not, whose reason it was"), [Optional()])
    reached = number(_l("How many people were reached"), MOST_REACHED)
    minutes = number(_l("Minutes of prison staff"), MOST_MINUTES, _l("All of them together, escort included."))

    def offer(self, reasons, by_prison: bool) -> None:
        self.reason.choices = of_members(reasons)
        if not by_prison:
            del self.minutes

    def went(self) -> Went:
        return Went(self.held.data == "yes", Reason(self.reason.data) if self.reason.data else None,
                    self.reached.data, self.minutes.data if self.minutes else None)
