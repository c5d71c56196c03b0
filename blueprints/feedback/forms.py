"""The entry of the feedback log: made to be filled in with a thumb, within a minute."""
import secrets

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs
from labels import label
from models import MILESTONES, Barrier, Channel, Need, NeedState, Reached, Step
from services.feedback import ASKS_STEP, LONGEST_NOTE, LONGEST_STEP, Said
from web import DAY_FORMATS

KEEP = "keep"  # left as it was
# What each step of the scale means, so that two people choose the same one.
STEP_MEANINGS = {
    Step.CRISIS: _l("it cannot wait: there is danger, or nowhere to sleep, nothing to eat, no medicine"),
    Step.POOR: _l("it is bad and does not get better; help is needed every week"),
    Step.UNSURE: _l("it holds for now, but anything can break it"),
    Step.GOOD: _l("it goes mostly well; help is needed now and then"),
    Step.STEADY: _l("it has gone well for three months and needs no help"),
}


def options(members):
    return [SelectChoice(member.value, label(member)) for member in members]


def _without_spaces(text):
    return (text or "").strip()  # Optional() lets blank signs pass as if nothing were chosen


class NeedForm(FlaskForm):
    """One need. Step and barrier are read only where the state asks for them."""

    class Meta:
        csrf = False

    state = RadioField(choices=[SelectChoice(KEEP, ""), *options(NeedState)], default=KEEP)
    step = RadioField(_l("How does it go?"), [Optional()], choices=options(Step), filters=[_without_spaces])
    barrier = SelectField(_l("What is in the way?"), [Optional()], filters=[_without_spaces],
                          choices=[SelectChoice("", _l("choose")), *options(Barrier)])
    asked = True

    def describe(self, need, last: Said | None):
        """Names the fields after the need, and the first choice after how it stood last time."""
        self.state.label.text = str(label(need)).capitalize()
        self.state.choices = [SelectChoice(KEEP, _last_time(last)), *self.state.choices[1:]]

    def describe_own(self, need):
        """The same in the words of who speaks of themself; nothing is told of last time."""
        self.state.label.text = str(label(need)).capitalize()
        self.state.choices = [SelectChoice(KEEP, _("leave it out")), *self.state.choices[1:-1],
                              SelectChoice(NeedState.DECLINED.value, _("I want no help"))]

    def validate(self, extra_validators=None):
        if not self.asked or self.state.data == KEEP:
            return True
        valid = super().validate(extra_validators)
        state = self.state.data
        if valid and state in ASKS_STEP and not self.step.data:
            self.step.errors = [_("%(need)s: choose how it goes.", need=self.state.label.text)]
        if valid and state == NeedState.STUCK and not self.barrier.data:
            self.barrier.errors = [_("%(need)s: choose what is in the way.", need=self.state.label.text)]
        return valid and not self.errors

    def said(self) -> Said | None:
        """What was said, or None where the need was left as it was."""
        if self.state.data not in set(NeedState) or (self.state.data in ASKS_STEP and not self.step.data):
            return None
        return Said(NeedState(self.state.data), Step(self.step.data) if self.step.data else None,
                    Barrier(self.barrier.data) if self.barrier.data else None)


def _last_time(last):
    if last is None:
        return _("not asked")
    words = ", ".join(str(label(member)) for member in (last.state, last.step) if member)
    return _("last time: %(words)s", words=words)


NeedsForm = type("NeedsForm", (FlaskForm,), {
    "Meta": type("Meta", (), {"csrf": False}), **{need.value: FormField(NeedForm) for need in Need}})


class WithNeeds(FlaskForm):
    """A form that asks about each need."""

    request_key = HiddenField(validators=[InputRequired(), Length(max=64)], default=lambda: secrets.token_urlsafe(16))
    needs = FormField(NeedsForm)

    def describe(self, last: dict[Need, Said]):
        """Gives each need its words and how it stood last time."""
        for need in Need:
            self.of(need).describe(need, last.get(need))

    def barriers(self) -> list[tuple[str, str]]:
        """The choices of what is in the way, the same for each need, in the words of this answer."""
        return [(choice.value, str(choice.label)) for choice in self.of(Need.HOUSING).barrier.choices]

    def of(self, need) -> NeedForm:
        return self.needs.form[need.value].form

    def observed(self) -> dict[Need, Said]:
        said = {need: self.of(need).said() for need in Need}
        return {need: value for need, value in said.items() if value}


class FollowUpForm(WithNeeds):
    reached = RadioField(_l("Did you speak with each other?"),
                         [InputRequired(_l("Choose whether you spoke, and how."))], choices=options(Reached))
    said = TextAreaField(_l("What the client says"), [Length(max=LONGEST_NOTE)], render_kw={"rows": 2},
                         description=_l("In their words."))
    note = TextAreaField(_l("What you think"), [Length(max=LONGEST_NOTE)], render_kw={"rows": 2})
    next_step = StringField(_l("Next step"), [Length(max=LONGEST_STEP)],
                            description=_l("For example: to the labour office together"))
    next_on = DateField(_l("When"), [Optional()], format=DAY_FORMATS)

    def validate(self, extra_validators=None):
        for need in Need:
            self.of(need).asked = self.reached.data != Reached.NOT_REACHED
            self.of(need).state.label.text = str(label(need)).capitalize()
        return super().validate(extra_validators)

    def entry(self) -> dict:
        """The arguments of feedback.log."""
        reached = Reached(self.reached.data)
        return {"request_key": self.request_key.data, "reached": reached,
                "observed": self.observed() if reached is not Reached.NOT_REACHED else {},
                "said": self.said.data or "", "note": self.note.data or "", "next_step": self.next_step.data or "",
                "next_on": self.next_on.data}


class OwnForm(WithNeeds):
    """The client's own page: what they want to say, and their PIN. Only the PIN has to be there."""

    needs_help = BooleanField(_l("I need help now"),
                              description=_l("Somebody gets in touch with you by the end of the next working day."))
    said = TextAreaField(_l("What else do you want to say?"), [Length(max=LONGEST_NOTE)], render_kw={"rows": 3})
    pin = PasswordField(_l("Your PIN"), [InputRequired(_l("Write your PIN.")), Length(max=60)],
                        description=_l("The one with which you open your app, so that nobody answers for you."),
                        render_kw={"autocomplete": "current-password", "inputmode": "numeric"})
    is_whole = True

    def describe_own(self):
        for need in Need:
            self.of(need).describe_own(need)

    def validate(self, extra_validators=None):
        for need in Need:
            self.of(need).asked = self.is_whole
            self.of(need).state.label.text = str(label(need)).capitalize()
        return super().validate(extra_validators)


class OwnWishForm(FlaskForm):
    """The client's own wish: when to be asked, or not at all."""

    milestones = SelectMultipleField(_l("When may somebody ask me how I am?"))

    def offer(self) -> None:
        self.milestones.choices = of_pairs((str(each), _("day %(number)s after release", number=each))
                                           for each in MILESTONES)


class WishForm(FlaskForm):
    """How a client wants to be asked."""

    channel = RadioField(_l("How the client wants to be asked"), [InputRequired(_l("Choose how."))],
                         choices=options(Channel))
    email = EmailField(_l("Their e-mail"), [Length(max=254)],
                       description=_l("It is sealed. The mail says nothing; the page behind it asks for the PIN."))
    milestones = SelectMultipleField(_l("On which days after release"))

    def offer(self) -> None:
        self.milestones.choices = of_pairs((str(each), _("day %(number)s", number=each)) for each in MILESTONES)
