"""How one wants to be told: by a mail each, once a day, or not by mail."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_login import current_user

from blueprints.notifications.forms import answers, form_of
from db import Mode
from models import Topic
from policy import Can
from services import preferences
from web import allow, done, refusals, show_form

blueprint = Blueprint("notifications", __name__)


@blueprint.route("/account/notifications", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def settings():
    form = _form()
    if form.validate_on_submit():
        with refusals(form):
            preferences.choose(current_user, answers(form), _method(form))
            return done("notifications.settings", _("Your choice is saved."))
    asked = [topic.value for topic in Topic if topic.value in form]
    return show_form("notifications/settings.html", form, topics=asked)


def _form():
    chosen = preferences.chosen(current_user)
    return form_of(chosen, current_user.calendar_method if Topic.VISITS in chosen else None)


def _method(form):
    return form.calendar_method.data if "calendar_method" in form else preferences.PUBLISH
