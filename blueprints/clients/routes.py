"""Clients as a worker sees them: the list by code, one file, asking for consent."""
from datetime import timedelta

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user

import clock
from blueprints.clients.forms import AskForm, ShiftForm
from db import Mode
from models import Need, Scope
from policy import Can, may
from services import consents, feedback, files, visits
from web import allow, done, page_number, refusals, show, show_form

blueprint = Blueprint("clients", __name__)


@blueprint.get("/clients")
@allow(Can.OPEN_CLIENTS)
def index():
    page = page_number(request.args.get("page"))
    rows, total = files.clients(current_user, page)
    return show("clients/index.html", clients=rows, total=total, page=page, pages=-(-total // 50))


@blueprint.get("/clients/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def file(public_id):
    file = files.open_file(current_user, public_id)
    asked = consents.asked_of(current_user, public_id)
    return show("clients/file.html", file=file, asked=asked, Scope=Scope, course=feedback.course,
                may_visit=may(current_user, Can.REQUEST_VISITS),
                keeps_shift=visits.keeps_shift(current_user, public_id))


@blueprint.route("/clients/<pid:public_id>/ask", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES)
def ask(public_id):
    client = files.own_client_of(current_user, public_id)
    form = AskForm(until_on=clock.today() + timedelta(days=180))
    if form.validate_on_submit():
        with refusals(form):
            consents.ask(current_user, public_id, form.purpose.data, [Scope(s) for s in form.scopes.data],
                         form.until_on.data, [Need(need) for need in form.needs.data])
            return done("clients.file", _("The request waits for the client. Nothing is shared before they agree."),
                        public_id=public_id)
    return show_form("clients/ask.html", form, client=client)


@blueprint.route("/clients/<pid:public_id>/shift", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def shift(public_id):
    client = visits.client_of_prison(current_user, public_id)
    form = ShiftForm(data={"days": visits.shift_days(client), "starts": client.shift_starts, "ends": client.shift_ends})
    if form.validate_on_submit():
        with refusals(form):
            visits.set_shift(current_user, public_id, form.days.data, form.starts.data, form.ends.data)
            return done("clients.file", _("The shift is saved. Times are offered around it."), public_id=public_id)
    return show_form("clients/shift.html", form, client=client)
