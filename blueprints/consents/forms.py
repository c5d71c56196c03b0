"""What staff writes down about a client's consent: on paper, on their word, by letter."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs
from labels import label
from models import Need
from services.consents import OFFERED, scope_sentence
from services.consents.giving import LONGEST_NAME, LONGEST_REFERENCE
from web import DAY_FORMATS

WHO_WAS_THERE = _l("Write who was there when the client signed.")
WHERE_IT_IS = _l("Write where the signed sheet is kept.")


class SignedForm(FlaskForm):
    """A sheet that the client signed before a witness."""

    witness = StringField(_l("Who was there when the client signed"), [
        InputRequired(WHO_WAS_THERE), Length(max=LONGEST_NAME)],
        description=_l("Name and post of the witness."))
    paper = StringField(_l("Where the signed sheet is kept"), [
        InputRequired(WHERE_IT_IS), Length(max=LONGEST_REFERENCE)],
        description=_l("For example: file 12/2026, cabinet of the social department."))


class PaperForm(SignedForm):
    """A consent to anybody of the list, given on paper."""

    organisation = SelectField(_l("Who may see it"), [InputRequired(_l("Choose an organisation from the list."))])
    scopes = SelectMultipleField(_l("What may be seen"))
    needs = SelectMultipleField(_l("Only about"), [Optional()], description=_l("Choose nothing where it is about all."))
    purpose = StringField(_l("What for"), [InputRequired(_l("Write what it is for, in a few words.")), Length(max=300)])
    until_on = DateField(_l("Until when"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))], format=DAY_FORMATS,
                         description=_l("A year ahead at most."))

    def offer(self, organisations) -> None:
        self.organisation.choices = of_pairs([("", "–"), *((row.public_id, row.name) for row in organisations)])
        self.scopes.choices = of_pairs((scope.value, scope_sentence(scope)) for scope in OFFERED)
        self.needs.choices = of_pairs((need.value, label(need)) for need in Need)


class TakeBackForm(FlaskForm):
    """What the client takes back, as they told a worker."""

    organisation = SelectField(_l("From whom"), validate_choice=True)
    how = RadioField(_l("How the client told you"), [InputRequired(_l("Choose how the client told you."))],
                     choices=of_pairs([("word", _l("in person or by telephone")), ("letter", _l("by a letter"))]))

    def offer(self, organisations) -> None:
        self.organisation.choices = of_pairs([("", _l("from everybody")),
                                              *((row.public_id, row.name) for row in organisations)])
