"""What a client writes in their own app."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import members_of, of_members, of_pairs
from models import Level, Need

KNOWN = [(str(int(Level.CODE)), _l("my code, how to reach me, and what I write")),
         (str(int(Level.CHOICES)), _l("only what I need help with"))]


class RemarkForm(FlaskForm):
    remark = TextAreaField(_l("What is not right, or what is missing?"), [Optional(), Length(max=2000)])
    imprint = HiddenField()  # of the words that were shown


class AskForm(FlaskForm):
    """The client asks a service for help."""

    needs = SelectMultipleField(_l("What do you need help with?"), [InputRequired(_l("Choose at least one."))])
    level = RadioField(_l("What may they know?"), [InputRequired()], choices=of_pairs(KNOWN), default=KNOWN[0][0])
    channel = StringField(_l("How can they reach you?"), [Optional(), Length(max=200)],
                          description=_l("A telephone, a hostel, a prison. Leave out your name."))
    message = TextAreaField(_l("What do you want to tell them?"), [Optional(), Length(max=2000)],
                            description=_l("You need not write anything. Leave out your name."))
    request_key = HiddenField()

    def offer(self, needs: list[Need], key: str) -> None:
        self.needs.choices = of_members(needs)
        self.request_key.data = self.request_key.data or key
        if len(needs) == 1 and not self.is_submitted():
            self.needs.data = [needs[0].value]

    def given(self) -> dict:
        level = Level(int(self.level.data))
        texts = {name: (self[name].data or "") if level >= Level.CODE else "" for name in ("channel", "message")}
        return {"needs": members_of(Need, self.needs), "level": level, **texts,
                "request_key": self.request_key.data}
