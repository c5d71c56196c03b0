"""Inviting somebody."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from choices import of_members, of_pairs
from models import Role

INVITED = [role for role in Role if role is not Role.CLIENT]


class InviteForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=120)],
                       description=_l("As they sign, for example Jana Nováková."))
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter the e-mail.")), Length(max=200)])
    organisation = SelectField(_l("Organisation"))
    role = SelectField(_l("Role"))
    lead = BooleanField(_l("Leads the team"), description=_l("Sees all clients of the organisation and assigns them."))

    def __init__(self, organisations, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation.choices = of_pairs((row.public_id, row.name) for row in organisations)
        self.role.choices = of_members(INVITED)
