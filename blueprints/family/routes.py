"""Notes of those close to a client (written at public.note): the client decides what becomes of them and who reads."""
from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from db import Mode
from policy import Can
from services import family
from web import allow, done, show, show_form

blueprint = Blueprint("family", __name__)


# The client's part

@blueprint.get("/me/notes")
@allow(Can.USE_OWN_APP)
def notes():
    return show("family/notes.html", notes=family.of_client(current_user))


@blueprint.route("/me/notes/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def mine(public_id):
    form, note = FlaskForm(), family.one(current_user, public_id)
    if form.validate_on_submit():
        accepted = request.form.get("answer") == "accept"
        family.decide(current_user, public_id, accepted)
        return done("family.mine", _("It stays here for you.") if accepted else _("You put it aside. Nobody is told."),
                    public_id=public_id)
    return show_form("family/mine.html", form, note=note, helpers=family.helpers(current_user, note))


@blueprint.post("/me/notes/<pid:public_id>/show", endpoint="show")
@allow(Can.USE_OWN_APP, Mode.WRITES)
def show_to(public_id):
    reader = family.show(current_user, public_id, request.form.get("organisation", ""))
    return done("family.mine", _("%(name)s can read it now.", name=reader.name), public_id=public_id)


@blueprint.post("/me/notes/<pid:public_id>/hide")
@allow(Can.USE_OWN_APP, Mode.WRITES)
def hide(public_id):
    family.hide(current_user, public_id)
    return done("family.mine", _("Only you can read it now."), public_id=public_id)


# A worker's part

@blueprint.get("/notes/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def note(public_id):
    found = family.shown(current_user, public_id)
    return show("family/note.html", note=found, back=(_("Client"), url_for(
        "clients.file", public_id=found.row.client.public_id)))
