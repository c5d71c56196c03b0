"""Forms of gaps in coverage."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from choices import of_members, of_pairs
from models import GapReason
from services.coverage import Asked, Event
from services.coverage.gaps import LONGEST
from web import DAY_FORMATS, version_seen

NO_CLIENTS = _l("Everybody in the network reads it: write no names of clients.")


class GapForm(FlaskForm):
    """A proposal, who takes it, until when, why not; `ask_for` takes away what an event does not need."""

    proposal = TextAreaField(_l("What could be done about it"), [Optional(), Length(max=LONGEST)],
                             description=NO_CLIENTS, render_kw={"rows": 3})
    owner = SelectField(_l("Who takes it"), [Optional()], validate_choice=False)
    due_on = DateField(_l("Until when"), [Optional()], format=DAY_FORMATS, description=_l("Needed where somebody "
                                                                                         "takes it."))
    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))])
    version = HiddenField()

    def ask_for(self, event: Event, owners) -> None:
        """What an event needs; `owners` are users that can be named."""
        self.owner.choices = of_pairs(((user.public_id, _name(user)) for user in owners), _l("nobody yet"))
        self.reason.choices = of_members(GapReason)
        for name in {"proposal", "owner", "due_on", "reason"} - NEEDED.get(event, set()):
            delattr(self, name)

    def asked(self) -> Asked:
        def given(name):
            return self[name].data if name in self else None
        reason = given("reason")
        return Asked(given("proposal"), given("owner") or None, given("due_on"), GapReason(reason) if reason else None,
                     version_seen(self.version) if self.version.data else None)


NEEDED = {Event.REPORT: {"proposal", "owner", "due_on"}, Event.TAKE: {"proposal", "due_on"},
          Event.ASSIGN: {"owner", "due_on"}, Event.AMEND: {"proposal", "due_on"}, Event.GIVE_UP: {"reason"}}


def _name(user) -> str:
    return f"{user.name}, {user.organisation.label}" if user.organisation_id else user.name
