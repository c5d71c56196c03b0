"""Forms of referrals. What they ask depends on the two sides: a town's curator gets no field for who it is."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp

from choices import members_of, of_members, of_pairs
from labels import label
from models import Closing, Level, Need, ReferralKind
from services.record_words import LANGUAGES, language_names
from services.referrals import REASONS, RESULTS, Content, Event
from web import DAY_FORMATS

NO_NAME = _l("Leave out the name and the day of birth.")
LEVELS = {Level.CHOICES: _l("only needs, region, month of release and language"),
          Level.CODE: _l("also the code and a message"),
          Level.IDENTITY: _l("also who it is (with the client's consent)"),
          Level.DETAILS: _l("also details (with the client's consent)")}
YES_NO = [("yes", _l("yes")), ("no", _l("no")), ("", _l("I do not know"))]
RESULT_WORDS = {"achieved": _l("achieved"), "partly": _l("partly"), "not": _l("not achieved")}


class SearchForm(FlaskForm):
    """Which service a client is sent to; asked by GET."""

    needs = SelectMultipleField(_l("What the client needs"), [Optional()], choices=lambda: of_members(Need))
    q = StringField(_l("Name of the service or organisation"), [Optional(), Length(max=100)])

    class Meta:
        csrf = False


def _choices_of_levels(highest):
    return of_pairs((str(int(level)), words) for level, words in LEVELS.items() if level <= highest)


class ContentForm(FlaskForm):
    """What is said of the client beside needs. Fields for questions and conditions are added by `for_service`."""

    level = RadioField(_l("How much it shows"), [InputRequired(_l("Choose how much it shows."))])
    release_month = StringField(_l("Month of release"), [Optional(), Regexp(
        r"\d{4}-(0[1-9]|1[0-2])\Z", message=_l("Write a month such as 2027-01."))], description=_l("Such as 2027-01."))
    language = SelectField(_l("Language"), [Optional()], choices=lambda: of_pairs(
        ((code, language_names(code)) for code in LANGUAGES), _l("not known")))
    channel = StringField(_l("How to reach the client"), [Optional(), Length(max=200)], description=NO_NAME)
    message = TextAreaField(_l("Message"), [Optional(), Length(max=2000)], render_kw={"rows": 4}, description=NO_NAME)

    def offer(self, highest, with_channel) -> None:
        self.level.choices = _choices_of_levels(highest)
        if not with_channel:
            del self.channel

    def given(self) -> dict:
        return {"level": Level(int(self.level.data)), "release_month": self.release_month.data or "",
                "language": self.language.data or "", "message": self.message.data or "",
                "channel": self.channel.data or "" if "channel" in self else ""}

    def content(self) -> Content:
        return Content(**self.given())


class ReferralForm(ContentForm):
    """The whole referral, as its author writes it."""

    needs = SelectMultipleField(_l("What the client needs"), [Optional()], choices=lambda: of_members(Need))
    kind = RadioField(_l("What it is"), [Optional()],
                      choices=lambda: of_members([ReferralKind.SHARE, ReferralKind.TRANSFER]))
    overlap_reason = StringField(_l("Why to go on although somebody works on it"), [Optional(), Length(max=500)],
                                 description=NO_NAME)
    conditions = HiddenField()
    step = HiddenField()


def for_service(questions, conditions):
    """The class of the form for one service: with its questions and its conditions."""
    fields = {}
    for number, question in enumerate(questions):
        fields[f"question_{number}"] = StringField(question, [Optional(), Length(max=500)], description=NO_NAME)
    for number, condition in enumerate(conditions):
        fields[f"met_{number}"] = RadioField(_l("Met: %(condition)s", condition=condition.text), [Optional()],
                                             choices=of_pairs(YES_NO))
        fields[f"why_{number}"] = StringField(_l("Why to go on if it is not met"), [Optional(), Length(max=500)],
                                              description=condition.text)
    return type("FormOfService", (ReferralForm,), fields)


def content_of(form, questions, conditions) -> Content:
    met = {"yes": True, "no": False}
    return Content(
        needs=members_of(Need, form.needs), kind=ReferralKind(form.kind.data or ReferralKind.SHARE),
        conditions={each.text: (met.get(form[f"met_{n}"].data), form[f"why_{n}"].data or "")
                    for n, each in enumerate(conditions)},
        answers={text: form[f"question_{n}"].data or "" for n, text in enumerate(questions)},
        overlap_reason=form.overlap_reason.data or "", **form.given())


def values_of(view, questions, conditions, overlap_reason) -> dict:
    """What a draft says, for the fields of its form."""
    answers = dict(view.answers)
    values = {"needs": [need.value for need, _result in view.needs], "kind": view.row.kind.value,
              "level": str(view.row.level), "release_month": view.row.release_month, "language": view.row.language,
              "channel": view.channel, "message": view.message, "overlap_reason": overlap_reason}
    for number, question in enumerate(questions):
        values[f"question_{number}"] = answers.get(question, "")
    for number, condition in enumerate(conditions):
        met, why = view.conditions.get(condition.text, (None, ""))
        values |= {f"met_{number}": {True: "yes", False: "no"}.get(met, ""), f"why_{number}": why}
    return values


# Answers

class BareForm(FlaskForm):
    """A button: nothing but the token."""


class AcceptForm(FlaskForm):
    worker = SelectField(_l("Who takes it on"), [InputRequired(_l("Choose who takes it on."))])
    contact_by = DateField(_l("First contact by"), [Optional()], format=DAY_FORMATS,
                           description=_l("Empty: within ten working days."))


class TextForm(FlaskForm):
    text = TextAreaField(_l("In a sentence or two"), [InputRequired(_l("Write a sentence.")), Length(max=500)],
                         render_kw={"rows": 3}, description=NO_NAME)


class DeclineForm(FlaskForm):
    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))],
                        choices=lambda: of_members(REASONS[Event.DECLINE]))


class WithdrawForm(FlaskForm):
    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))],
                        choices=lambda: of_members(REASONS[Event.WITHDRAW]))


class CloseForm(FlaskForm):
    closing = RadioField(_l("How it ended"), [InputRequired(_l("Choose how it ended."))],
                         choices=lambda: of_members(Closing))
    results = HiddenField()

    def given_closing(self) -> Closing:
        return Closing(self.closing.data)


class HandOnForm(FlaskForm):
    service = SelectField(_l("To which service"), [InputRequired(_l("Choose a service."))])


def closing_form(needs):
    """The form of an end, with a line for each need."""
    choices = of_pairs((value, RESULT_WORDS[value]) for value in RESULTS)
    return type("ClosingForm", (CloseForm,), {
        f"result_{need.value}": RadioField(label(need), [Optional()], choices=choices) for need in needs})


class QuestionsForm(FlaskForm):
    questions = TextAreaField(_l("Questions, one a line"), [Optional(), Length(max=2500)], render_kw={"rows": 8},
                              description=_l("Ten at most. They come with each referral to this service."))


class LinkForm(FlaskForm):
    """The answer of who has no account."""

    answer = RadioField(_l("Your answer"), [InputRequired(_l("Choose an answer."))], choices=of_pairs([
        ("accept", _l("we can help")), ("decline", _l("we cannot help")), ("ask", _l("we have a question"))]))
    reason = RadioField(_l("Reason, where you cannot help"), [Optional()],
                        choices=lambda: of_members(REASONS[Event.DECLINE]))
    text = TextAreaField(_l("Question"), [Optional(), Length(max=500)], render_kw={"rows": 3}, description=NO_NAME)
