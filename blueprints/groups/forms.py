"""Forms of working groups."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from choices import of_pairs
from text import clean_text


def paragraphs(text):
    return clean_text(text, lines=True)


class GroupForm(FlaskForm):
    name = StringField(_l("Name of the group"), [DataRequired(_l("Write the name of the group.")), Length(max=200)],
                       filters=[clean_text], description=_l("For example: Liberec Region, life after release"))
    region = SelectField(_l("Region of the group"), [Optional()], description=_l(
        "Its new organisations, gaps and old facts stand on the agenda by themselves."))
    about = TextAreaField(_l("What it is for"), [Length(max=2000)], filters=[paragraphs], render_kw={"rows": 3})

    def offer(self, regions) -> None:
        self.region.choices = of_pairs(regions, _l("the whole country"))


class MemberForm(FlaskForm):
    email = StringField(_l("Mail address of the new member"),
                        [DataRequired(_l("Write the mail address of somebody who has an account.")), Length(max=254)],
                        filters=[clean_text], render_kw={"inputmode": "email", "autocomplete": "off"})
