"""The end of an organisation's work with a client, a client's death, and erasing a client in two steps."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.endings.forms import DeathForm, EraseForm
from db import Mode
from policy import Can
from services import clients, erasure, files, retention
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("endings", __name__)


@blueprint.route("/clients/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def end(public_id):
    client, form = files.own_client_of(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        clients.end(current_user, public_id)
        return done("endings.end", _("The work has ended. You can take it back until midnight."), public_id=public_id)
    return show_form("endings/end.html", form, client=client, ends_on=clients.ends_on(current_user, client),
                     days=retention.CASE_DAYS, erases=current_user.lead)


@blueprint.post("/clients/<pid:public_id>/go-on")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def go_on(public_id):
    clients.go_on(current_user, public_id)
    return done("clients.file", _("The work goes on."), public_id=public_id)


@blueprint.route("/clients/<pid:public_id>/died", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def died(public_id):
    client, form = files.own_client_of(current_user, public_id), DeathForm()
    if form.validate_on_submit():
        with refusals(form):
            clients.died(current_user, public_id, form.died_on.data)
            return done("clients.file", _("It is written down. Nothing more is sent to the client."),
                        public_id=public_id)
    return show_form("endings/died.html", form, client=client, days=retention.DEAD_DAYS)


@blueprint.get("/clients/<pid:public_id>/erase")
@allow(Can.OPEN_CLIENTS)
def erase(public_id):
    """The first step: what would go, what stays and why."""
    return show("endings/erase.html", client=erasure.of_lead(current_user, public_id), goes=erasure.WHAT_GOES,
                stays=erasure.WHAT_STAYS)


@blueprint.route("/clients/<pid:public_id>/erase/now", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def erase_now(public_id):
    """The second: the code typed and the password given again."""
    client, form = erasure.of_lead(current_user, public_id), EraseForm()
    if form.validate_on_submit():
        with refusals(form):
            erasure.erase(current_user, public_id, form.code.data, form.password.data)
            return done("clients.index", _("The client is erased. Whoever could read about them was told to delete "
                                           "what they copied."))
    return show_form("endings/erase_now.html", form, client=client)
