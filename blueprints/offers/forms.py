"""The form of an offer, and the coordinator's answers to it."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from choices import of_members, of_pairs
from models import Area, OfferReason, Sender
from services.offers import LONGEST, new_request_key
from web import DAY_FORMATS

FILL_IN = _l("Fill in this field.")


class OfferForm(FlaskForm):
    sender = RadioField(_l("Who you are"), [InputRequired(_l("Choose who you are."))])
    name = StringField(_l("Name of the organisation or company"), [InputRequired(FILL_IN), Length(max=LONGEST["name"])],
                       render_kw={"autocomplete": "organization"})
    ico = StringField(_l("Company number (IČO)"), [Optional(), Length(max=20)],
                      description=_l("Without it the offer waits until you complete it."),
                      render_kw={"inputmode": "numeric", "class": "govuk-input--width-10"})
    contact = StringField(_l("Whom to ask"), [InputRequired(FILL_IN), Length(max=LONGEST["contact"])],
                          render_kw={"autocomplete": "name"})
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter your e-mail.")), Length(max=LONGEST["email"])],
                       render_kw={"autocomplete": "email"})
    phone = TelField(_l("Telephone"), [Optional(), Length(max=LONGEST["phone"])], render_kw={"autocomplete": "tel"})
    what = TextAreaField(_l("What you offer"), [InputRequired(FILL_IN), Length(max=LONGEST["what"])],
                         render_kw={"rows": 4})
    areas = SelectMultipleField(_l("Areas"), [InputRequired(_l("Choose at least one area."))])
    for_whom = StringField(_l("For whom"), [InputRequired(FILL_IN), Length(max=LONGEST["for_whom"])],
                           description=_l("For example: women before release, people with debts."))
    prison = SelectField(_l("In which prison"), [Optional()], validate_choice=False)
    place = StringField(_l("Where else"), [Optional(), Length(max=LONGEST["place"])])
    cost = StringField(_l("What it costs"), [Optional(), Length(max=LONGEST["cost"])],
                       description=_l("Free of charge, paid by a grant, or a price."))
    request_key = HiddenField(default=new_request_key, validators=[Length(max=100)])

    def offer(self, prisons) -> None:
        """What can be chosen; prisons are organisations."""
        self.sender.choices = of_members(Sender)
        self.areas.choices = of_members(Area)
        self.prison.choices = of_pairs(((row.public_id, row.name) for row in prisons), _l("in any"))

    def values(self) -> dict:
        """What services.offers.send takes."""
        return {name: field.data or "" for name, field in self._fields.items()
                if name not in {"csrf_token", "request_key"}}


class DecisionForm(FlaskForm):
    """An answer of the coordinator; `ask_for` takes away what the answer does not need."""

    missing = TextAreaField(_l("What is missing"), [InputRequired(FILL_IN), Length(max=LONGEST["missing"])],
                            render_kw={"rows": 2}, description=_l("The sender gets it by mail with a link."))
    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))])
    put_off_until = DateField(_l("Until when"), [InputRequired(_l("Enter a day such as 30. 6. 2027."))],
                              format=DAY_FORMATS)
    message = TextAreaField(_l("Message"), [Optional(), Length(max=LONGEST["message"])], render_kw={"rows": 3})

    def ask_for(self, needed: str | None) -> None:
        self.reason.choices = of_members(OfferReason)
        for name in {"missing", "reason", "put_off_until"} - {needed}:
            delattr(self, name)

    def given(self) -> dict:
        """What services.offers.decide takes beside the event."""
        found = {name: self[name].data for name in ("missing", "put_off_until", "message") if name in self}
        return {**found, "reason": OfferReason(self.reason.data)} if "reason" in self else found
