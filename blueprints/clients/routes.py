"""Clients as a worker sees them: the list by code, one file, asking for consent."""
from datetime import timedelta

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.clients.forms import AskForm, CodeForm, RecordForm, ShiftForm, WorkerForm, WorkersForm
from choices import members_of
from db import Mode
from exporters import qr
from models import Need, Scope
from policy import Can, may
from services import clients, consents, feedback, files, visits
from web import allow, done, page_number, refusals, show, show_form

blueprint = Blueprint("clients", __name__)


@blueprint.get("/clients")
@allow(Can.OPEN_CLIENTS)
def index():
    page = page_number(request.args.get("page"))
    rows, total = files.clients(current_user, page)
    return show("clients/index.html", clients=rows, total=total, page=page, pages=-(-total // 50))


@blueprint.route("/clients/new", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def new():
    form = RecordForm()
    form.offer()
    if form.validate_on_submit():
        with refusals(form):
            client = clients.record(current_user, form.key.data, form.wanted())
            return done("clients.file", _("The client is recorded. Print the card and the slip for them."),
                        public_id=client.public_id)
    form.key.data = form.key.data or clients.new_key()
    return show_form("clients/record.html", form, client=None, clash=None)


@blueprint.route("/clients/<pid:public_id>/record", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def change(public_id):
    client, now = clients.open_record(current_user, public_id)
    form = RecordForm()
    form.offer()
    if form.validate_on_submit():
        with refusals(form):
            clients.change(current_user, public_id, form.seen.data or "", form.wanted())
            return done("clients.file", _("The record is saved."), public_id=public_id)
    if request.method == "GET":
        form.show(now)
    clash = getattr(form, "refusal", None) and form.refusal.details
    if clash:
        form.seen.data = clash["imprint"]
    form.seen.data = form.seen.data or clients.imprint(client, now)
    return show_form("clients/record.html", form, client=client, clash=clash)


@blueprint.route("/clients/<pid:public_id>/worker", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def assign(public_id):
    client, form = clients.to_assign(current_user, public_id), WorkersForm()
    form.offer(clients.colleagues(current_user))
    if form.validate_on_submit():
        with refusals(form):
            clients.assign(current_user, public_id, form.worker.data, form.others.data or [])
            return done("clients.file", _("The worker is set."), public_id=public_id)
    if request.method == "GET":
        form.worker.data, form.others.data = clients.workers(current_user, client)
    return show_form("clients/worker.html", form, client=client)


@blueprint.route("/clients/<pid:public_id>/lead", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def lead(public_id):
    client, form = files.own_client_of(current_user, public_id), WorkerForm()
    form.offer(clients.successors(current_user, public_id), of_organisations=True)
    if form.validate_on_submit():
        with refusals(form):
            new = clients.hand_over(current_user, public_id, form.worker.data)
            return done("clients.index", _("%(name)s leads the case now.", name=new.name))
    return show_form("clients/lead.html", form, client=client, history=clients.history(current_user, public_id))


@blueprint.route("/clients/by-code", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES)
def by_code():
    form = CodeForm()
    if form.validate_on_submit():
        with refusals(form):
            clients.ask_by_code(current_user, form.code.data, form.purpose.data)
            return done("clients.index", _("If somebody has this code, they will be asked. You see nothing of them "
                                           "before they agree, and it is not told here whether they exist."))
    return show_form("clients/by_code.html", form)


@blueprint.post("/clients/<pid:public_id>/slip")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def slip(public_id):
    """A new card and slip, shown once: they are kept nowhere."""
    if FlaskForm().validate_on_submit():
        made = clients.slip(current_user, public_id)
        return show("clients/slip.html", slip=made, code=qr.code(made.card), public_id=public_id)
    return file(public_id)


@blueprint.get("/clients/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def file(public_id):
    file = files.open_file(current_user, public_id)
    asked = consents.asked_of(current_user, public_id)
    return show("clients/file.html", file=file, asked=asked, Scope=Scope, course=feedback.course,
                may_visit=may(current_user, Can.REQUEST_VISITS),
                keeps_shift=visits.keeps_shift(current_user, public_id), assigns=current_user.lead,
                leader=clients.leader_shown(current_user, public_id) if file.own else None)


@blueprint.route("/clients/<pid:public_id>/ask", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES)
def ask(public_id):
    client = files.client_to_ask(current_user, public_id)
    form = AskForm(until_on=clock.today() + timedelta(days=180))
    if form.validate_on_submit():
        with refusals(form):
            consents.ask(current_user, public_id, form.purpose.data, [Scope(s) for s in form.scopes.data],
                         form.until_on.data, members_of(Need, form.needs))
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
