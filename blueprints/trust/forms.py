"""Forms of evidence and of what a prison checked."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_pairs
from services.trust import LONGEST
from web import DAY_FORMATS

A_DAY = _l("Enter a day such as 30. 6. 2027.")


class EvidenceForm(FlaskForm):
    kind = RadioField(_l("What it is"), [InputRequired(_l("Choose what it is."))])
    text = TextAreaField(_l("What it says"), [InputRequired(_l("Write what it says.")), Length(max=LONGEST["text"])],
                         render_kw={"rows": 3}, description=_l("For example: member of the association since 2015."))
    source = StringField(_l("Where it stands written"), [InputRequired(_l("Write where it stands written, or who gives "
                         "the reference.")), Length(max=LONGEST["source"])],
                         description=_l("An address, a document, or the name and post of who gives the reference."))
    dated_on = DateField(_l("Of which day"), [InputRequired(A_DAY)], format=DAY_FORMATS)
    until_on = DateField(_l("Valid until"), [Optional()], format=DAY_FORMATS,
                         description=_l("Leave it empty where it has no end."))

    def offer(self, kinds, label, own_name: bool) -> None:
        """What can be chosen; a stranger's reference bears the stranger's name, so it is not asked."""
        self.kind.choices = of_pairs((kind.value, label(kind)) for kind in kinds)
        if len(kinds) == 1:
            self.kind.data = kinds[0].value
            self.kind.raw_data = [kinds[0].value]
        if own_name:
            del self.source


class SeenForm(FlaskForm):
    document = StringField(_l("Which document you have seen"), [
        InputRequired(_l("Write which document you have seen, so that it can be found again.")),
        Length(max=LONGEST["document"])], description=_l("For example: decision 2026/115, scan in Evidence."))
    until_on = DateField(_l("Valid until"), [Optional()], format=DAY_FORMATS,
                         description=_l("Leave it empty where it has no end."))


class VettingForm(FlaskForm):
    scope = TextAreaField(_l("What was checked"), [InputRequired(_l("Write what was checked.")),
                          Length(max=LONGEST["scope"])], render_kw={"rows": 2},
                          description=_l("For example: statutes, contract with the previous prison, two references."))
    result = TextAreaField(_l("With which result"), [InputRequired(_l("Write with which result.")),
                           Length(max=LONGEST["result"])], render_kw={"rows": 3},
                           description=_l("In words. Other prisons and the organisation read it."))
    checked_on = DateField(_l("Checked on"), [InputRequired(A_DAY)], format=DAY_FORMATS)
    until_on = DateField(_l("Holds until"), [InputRequired(A_DAY)], format=DAY_FORMATS)
