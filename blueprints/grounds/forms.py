"""Forms of agreements and of emergency access."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from choices import of_members, of_pairs
from services import agreements, emergency
from web import DAY_FORMATS

A_DAY = _l("Enter a day such as 30. 6. 2027.")


class AgreementForm(FlaskForm):
    giver = SelectField(_l("Whose records"), [InputRequired(_l("Choose an organisation from the list."))])
    receiver = SelectField(_l("Who may read them"), [InputRequired(_l("Choose an organisation from the list."))])
    scopes = SelectMultipleField(_l("What it opens"))
    ground = StringField(_l("By which act or treaty"), [
        InputRequired(_l("Fill this in: without it nobody can check the agreement.")),
        Length(max=agreements.LONGEST["ground"])],
        description=_l("For example: agreement on co-operation under Section 7 of Act No. 108/2006 Coll."))
    document = StringField(_l("Which document"), [
        InputRequired(_l("Fill this in: without it nobody can check the agreement.")),
        Length(max=agreements.LONGEST["document"])], description=_l("Its number and where it is kept."))
    from_on = DateField(_l("From"), [InputRequired(A_DAY)], format=DAY_FORMATS)
    until_on = DateField(_l("Until"), [InputRequired(A_DAY)], format=DAY_FORMATS)

    def offer(self, organisations) -> None:
        listed = of_pairs(((row.public_id, row.name) for row in organisations), "–")
        self.giver.choices = self.receiver.choices = listed
        self.scopes.choices = of_members(agreements.OFFERED)


class EmergencyForm(FlaskForm):
    reason = TextAreaField(_l("Whose life or health is in danger, and why do you need the file?"), [
        InputRequired(_l("Write in a sentence whose life or health is in danger and why you need the file.")),
        Length(max=emergency.LONGEST)], render_kw={"rows": 4},
        description=_l("A colleague reads it within 24 hours, and so does the client."))
