"""What a client writes in their own app."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length, Optional


class RemarkForm(FlaskForm):
    remark = TextAreaField(_l("What is not right, or what is missing?"), [Optional(), Length(max=2000)])
