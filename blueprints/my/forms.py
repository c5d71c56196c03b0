"""Forms of one's own layer over the contact book, and of an organisation's mails."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from choices import of_pairs


class ListForm(FlaskForm):
    name = StringField(_l("Name of the list"), [DataRequired(_l("Write a name for the list.")), Length(max=100)],
                       description=_l("For example: housing in Liberec"))


class KeepForm(FlaskForm):
    lists = SelectMultipleField(_l("On my lists"), [Optional()], choices=[], validate_choice=False)
    new_list = StringField(_l("On a new list"), [Optional(), Length(max=100)],
                           description=_l("For example: housing in Liberec"))
    note = TextAreaField(_l("My note"), [Optional(), Length(max=4000)], render_kw={"rows": 5},
                         description=_l("Only you see it. It is kept sealed. Leave out names of clients."))

    def offer(self, kept) -> None:
        """The lists there are; before the form is sent what is kept now."""
        self.lists.choices = of_pairs((each.public_id, each.name) for each, _on in kept.lists)
        if not self.is_submitted():
            self.lists.data = [each.public_id for each, on in kept.lists if on]
            self.note.data = kept.note


class TemplateForm(FlaskForm):
    name = StringField(_l("Name of the template"), [DataRequired(_l("Write a name for the template.")),
                                                    Length(max=100)],
                       description=_l("For example: first contact with a prison"))
    subject = StringField(_l("Subject"), [DataRequired(_l("Write a subject.")), Length(max=200)])
    body = TextAreaField(_l("Text of the mail"), [DataRequired(_l("Write the text.")), Length(max=10_000)],
                         render_kw={"rows": 12})


class LetterForm(FlaskForm):
    contact = HiddenField()
    subject = StringField(_l("Subject"), [DataRequired(_l("Write a subject.")), Length(max=200)])
    body = TextAreaField(_l("Text of the mail"), [DataRequired(_l("Write the text.")), Length(max=10_000)],
                         render_kw={"rows": 14}, description=_l("Leave out names of clients."))
