"""Forms of a prison's times. `step` is `edit` where somebody goes back from what it touches to the form."""
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

import formats
from choices import of_members, of_pairs
from labels import language
from models import WindowKind
from services.openings import Closing, Opening, Room, WeekLimits
from services.slots import DAY
from web import DAY_FORMATS, carried

TIMES = ["%H:%M", "%H.%M"]
A_DAY = _l("Enter a day such as 30. 6. 2027.")
A_TIME = _l("Enter a time such as 9:00.")
MONDAY = date(2024, 1, 1)


def number(words, least, most, *validators, hint=""):
    """A whole number between two others; the sentence refuses what is none."""
    sentence = _l("Write a number from %(least)d to %(most)d.", least=least, most=most)
    return IntegerField(words, [*(validators or [InputRequired(sentence)]), NumberRange(least, most, sentence)],
                        invalid_value_message=sentence, description=hint)


def day(words, *validators, hint=""):
    return DateField(words, list(validators or [InputRequired(A_DAY)]), format=DAY_FORMATS, description=hint,
                     invalid_value_message=A_DAY)


def wall_time(words, *validators, hint=""):
    return TimeField(words, list(validators or [InputRequired(A_TIME)]), format=TIMES, description=hint,
                     invalid_value_message=A_TIME)


def weekdays() -> list[SelectChoice]:
    return of_pairs((each, formats.weekday(MONDAY + DAY * each, language=language())) for each in range(7))


class CheckedForm(FlaskForm):
    """A form that shows what it touches before it is saved."""

    step = HiddenField()

    def carried(self) -> list[tuple[str, str]]:
        """All that was filled in as pairs of name and value, for the page on which it is checked."""
        return carried(self)


class BareForm(CheckedForm):
    """A button: nothing to fill in."""


class PlaceForm(CheckedForm):
    name = StringField(_l("What the place is called"), [
        InputRequired(_l("Write what the place is called.")), Length(max=80)],
        description=_l("As people find it on the door, for example: visiting room 2"))
    capacity = number(_l("How many visitors fit in at one visit"), 1, 999)

    def room(self) -> Room:
        return Room(self.name.data, self.capacity.data)


class TimesForm(CheckedForm):
    """What a weekly window and one of a single day have in common."""

    kind = RadioField(_l("What for"), [InputRequired(_l("Choose what the times are for."))],
                      choices=lambda: of_members(WindowKind))
    starts = wall_time(_l("From"))
    ends = wall_time(_l("To"), hint=_l("An end that is not after the start is of the next day."))
    slot_minutes = number(_l("Minutes of one visit"), 5, 720)
    seats = number(_l("Visits at the same time"), 1, 99)
    people = number(_l("Visitors at the same time, of all visits"), 1, 999, Optional(), hint=_l("Empty: not counted."))
    staff_minutes = number(_l("Minutes of your staff for one visit"), 0, 999, Optional(),
                           hint=_l("With the escort and the check at the gate. Empty: as long as the visit lasts."))
    notice_days = number(_l("How many days ahead it must be asked for"), 0, 60)

    def times(self) -> dict:
        return {"kind": WindowKind(self.kind.data), **{name: self[name].data for name in (
            "starts", "ends", "slot_minutes", "seats", "people", "staff_minutes", "notice_days")}}


class WindowForm(TimesForm):
    weekday = SelectField(_l("Day of the week"), coerce=int, choices=weekdays)
    every_weeks = number(_l("Every how many weeks"), 1, 8, hint=_l("1 is each week. Weeks are counted from the first "
                                                                   "day below."))
    valid_from = day(_l("Holds from"))
    valid_until = day(_l("Holds until"), Optional(), hint=_l("The last day. Empty: without an end."))

    def opening(self) -> Opening:
        return Opening(**self.times(), weekday=self.weekday.data, every_weeks=self.every_weeks.data,
                       valid_from=self.valid_from.data, valid_until=self.valid_until.data)


class ExtraForm(TimesForm):
    valid_from = day(_l("Day"), hint=_l("It may be a Sunday or a public holiday."))

    def opening(self) -> Opening:
        on = self.valid_from.data
        return Opening(**self.times(), weekday=on.weekday(), valid_from=on, valid_until=on, extra=True)


class EndForm(CheckedForm):
    valid_until = day(_l("Last day"), hint=_l("On this day the window still opens."))


class ClosureForm(CheckedForm):
    place = SelectField(_l("What is closed"))
    from_on = day(_l("First day"))
    until_on = day(_l("Last day"))
    starts = wall_time(_l("From what time on the first day"), Optional(), hint=_l("Empty: the whole day."))
    ends = wall_time(_l("Until what time on the last day"), Optional(), hint=_l("Empty: the whole day."))
    reason = StringField(_l("Why"), [Optional(), Length(max=200)],
                         description=_l("Organisations read it. Leave out names."))
    stop = BooleanField(_l("It is a temporary stop: tell everybody who opens our times"),
                        description=_l("The reason and the end stand above the times, from now until it is over."))

    def offer(self, places) -> None:
        self.place.choices = of_pairs(((each.public_id, each.name) for each in places), _l("the whole prison"))

    def closing(self) -> Closing:
        return Closing(self.from_on.data, self.until_on.data, self.starts.data, self.ends.data, self.place.data or "",
                       self.reason.data or "", self.stop.data)


class LimitsForm(CheckedForm):
    visits = number(_l("Visits of NGOs a week at most"), 0, 999, Optional(), hint=_l("Empty: without a limit."))
    minutes = number(_l("Minutes of your staff for them a week at most"), 0, 99_999, Optional(),
                     hint=_l("Empty: without a limit. What one visit takes stands at each window."))

    def given(self) -> WeekLimits:
        return WeekLimits(self.visits.data, self.minutes.data)
