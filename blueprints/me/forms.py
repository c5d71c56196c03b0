"""What a client decides."""
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs
from labels import label
from models import Need
from services.consents import OFFERED, scope_sentence
from web import DAY_FORMATS

HELPERS = "helpers"  # in the place of an organisation: all that work with the client at this moment


QUESTIONS = (("organisation",), ("scopes", "needs"), ("purpose", "until_on"))  # one thing a page


class ShareForm(FlaskForm):
    """Whom to let see what, what for and until when."""

    question = HiddenField()  # the number of the one that was answered; without it all are
    organisation = RadioField(_l("Who may see it?"), [InputRequired(_l("Choose who may see it."))])
    scopes = SelectMultipleField(_l("What may they see?"), [InputRequired(_l("Choose at least one."))])
    needs = SelectMultipleField(_l("Only about something?"), [Optional()],
                                description=_l("Choose nothing and they see it about everything."))
    purpose = StringField(_l("What for?"),
                          [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)],
                          description=_l("For example: so that they help me with work."))
    until_on = DateField(_l("Until when?"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                         description=_l("You can end it sooner. A year ahead at most."),
                         format=DAY_FORMATS)

    def __init__(self, organisations, helpers, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = ", ".join(row.name for row in helpers)
        everybody = [(HELPERS, _("Everybody who works with me now: %(names)s", names=names))] if names else []
        self.organisation.choices = of_pairs([*everybody, *((row.public_id, row.name) for row in organisations)])
        self.needs.choices = of_pairs((need.value, label(need)) for need in Need)
        self.scopes.choices = of_pairs((scope.value, scope_sentence(scope)) for scope in OFFERED)


    def asked(self) -> int:
        """The question that comes now: the first answered wrong, else the next; as many as there are where none is."""
        if not self.is_submitted():
            return 0
        last = len(QUESTIONS) - 1
        answered = int(self.question.data) if self.question.data in {str(each) for each in range(last)} else last
        self.validate()
        wrong = next((each for each in range(answered + 1) if self.is_wrong(each)), None)
        for names in QUESTIONS[answered + 1 if wrong is None else wrong + 1:]:
            for name in names:
                self[name].errors = []  # not asked yet
        return answered + 1 if wrong is None else wrong

    def is_wrong(self, number: int) -> bool:
        return any(self[name].errors for name in QUESTIONS[number])

    def first_wrong(self) -> int:
        """The question to show where a rule has refused."""
        return next((each for each in range(len(QUESTIONS)) if self.is_wrong(each)), len(QUESTIONS) - 1)

    def kept(self, now: int) -> list[tuple[str, str]]:
        """(name, value) of what was answered to the other questions."""
        others = [name for number, names in enumerate(QUESTIONS) if number != now for name in names]
        return [(name, value) for name in others for value in self[name].raw_data or ()]


class LessForm(FlaskForm):
    """What they may go on seeing."""

    scopes = SelectMultipleField(_l("What may they go on seeing?"), [Optional()])

    def offer(self, scopes) -> None:
        self.scopes.choices = of_pairs((scope.value, scope_sentence(scope)) for scope in scopes)
        if not self.is_submitted():
            self.scopes.data = [scope.value for scope in scopes]


class DecideForm(FlaskForm):
    """Yes or no to the very text that is shown."""

    text_hash = HiddenField()
    answer = HiddenField()
