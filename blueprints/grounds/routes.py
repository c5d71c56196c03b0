"""Grounds beside consent: agreements between organisations, emergency access."""
from datetime import timedelta

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.grounds.forms import AgreementForm, EmergencyForm
from db import Mode
from models import Scope
from policy import Can, may
from services import agreements, editing, emergency
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("grounds", __name__)


@blueprint.get("/agreements", endpoint="agreements")
@allow(Can.SEE_AGREEMENTS)
def listed():
    return show("grounds/agreements.html", rows=agreements.visible(current_user), holds=agreements.holds,
                registers=may(current_user, Can.REGISTER_AGREEMENTS))


@blueprint.route("/agreements/new", methods=["GET", "POST"])
@allow(Can.REGISTER_AGREEMENTS, Mode.WRITES)
def register():
    form = AgreementForm(from_on=clock.today(), until_on=clock.today() + timedelta(days=365))
    form.offer(agreements.organisations())
    if form.validate_on_submit():
        with refusals(form):
            agreements.register(current_user, form.giver.data, form.receiver.data,
                                [Scope(scope) for scope in form.scopes.data], form.ground.data, form.document.data,
                                form.from_on.data, form.until_on.data)
            return done("grounds.agreements", _("The agreement is registered. It holds from its first day on."))
    return show_form("grounds/register.html", form)


@blueprint.route("/agreements/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.REGISTER_AGREEMENTS, Mode.WRITES)
def end(public_id):
    row, form = agreements.one(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            agreements.end(current_user, public_id)
            return done("grounds.agreements", _("The agreement has ended. It opens nothing any more."))
    return show_form("grounds/end.html", form, row=row)


@blueprint.route("/clients/<pid:public_id>/emergency", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def open_emergency(public_id):
    form = EmergencyForm()
    running = emergency.running(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            emergency.open_all(current_user, public_id, form.reason.data)
            return done("clients.file", _("The file is open to you for 72 hours. A colleague has been asked to confirm "
                                          "it, and the client will read it."), public_id=public_id)
    return show_form("grounds/emergency.html", form, client_id=public_id, running=running,
                     told=emergency.second_people(current_user))


@blueprint.route("/emergency/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def confirm_emergency(public_id):
    form = FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            right = request.form.get("answer") == "right"
            emergency.decide(current_user, public_id, right)
            return done("today.home", _("It is confirmed.") if right else _("The access has ended at once."))
    row, reason = emergency.one(current_user, public_id)
    return show_form("grounds/confirm_emergency.html", form, row=row, reason=reason)


@blueprint.post("/book/<pid:public_id>/only-clients-words")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def only_clients_words(public_id):
    """The organisation wants to know of clients what they say themselves, nothing that others wrote; or does again."""
    editing.hear_only_clients(current_user, public_id, request.form.get("only") == "1")
    return done("directory.organisation", _("It holds from now on."), public_id=public_id)
