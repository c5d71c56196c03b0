"""The form of how one wants to be told: a question for each topic that concerns the reader."""
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from choices import of_members, of_pairs
from labels import label
from models import Telling, Topic
from services.preferences import PUBLISH, REQUEST

METHODS = {PUBLISH: _l("as a file that I add to my calendar myself"),
           REQUEST: _l("as an invitation: my calendar adds, changes and removes it by itself")}


class CalendarForm(FlaskForm):
    """With the calendar entries in mails about visits."""

    calendar_method = RadioField(_l("How a visit comes into the calendar"), [InputRequired()],
                                 choices=of_pairs(METHODS.items()))


def form_of(chosen: dict[Topic, Telling], calendar_method: str | None) -> FlaskForm:
    """The form for these topics, filled in with what was chosen; with the calendar unless that is None."""
    questions = {topic.value: RadioField(label(topic).capitalize(), [InputRequired()], choices=of_members(Telling))
                 for topic in chosen}
    base = FlaskForm if calendar_method is None else CalendarForm
    filled = {topic.value: telling.value for topic, telling in chosen.items()}
    return type("PreferencesForm", (base,), questions)(calendar_method=calendar_method, **filled)


def answers(form) -> dict[Topic, Telling]:
    """What was chosen in a form that is valid."""
    return {topic: Telling(form[topic.value].data) for topic in Topic if topic.value in form}
