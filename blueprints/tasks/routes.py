"""Things to do that stand on Today: done with one tap."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_login import current_user

from db import Mode
from policy import Can
from services import tasks
from web import allow, done

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.post("/<pid:public_id>/done", endpoint="done")
@allow(Can.DO_TASKS, Mode.WRITES)
def tick(public_id):
    tasks.done(current_user, public_id)
    return done("today.home", _("Done."))
