"""Closing reports as workers write and read them."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.reports.forms import RESULTS, LineForm, ReportForm, StepForm
from db import Mode
from exporters import pdf
from models import Need, ReportState
from policy import Can
from services import files, reports
from services.reports import By, Event
from web import allow, done, refusals, send, show, show_form

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports")
@allow(Can.OPEN_CLIENTS)
def index():
    return show("reports/index.html", reports=reports.of_organisation(current_user), client=None, form=None)


@blueprint.route("/clients/<pid:public_id>/reports", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def of_client(public_id):
    client, form = files.client_worked_with(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        return done("reports.edit", public_id=reports.begin(current_user, public_id).public_id)
    return show_form("reports/index.html", form, client=client,
                     reports=reports.of_organisation(current_user, public_id))


@blueprint.get("/reports/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def report(public_id):
    return _shown(public_id, StepForm())


def _shown(public_id, form):
    opened = reports.open_one(current_user, public_id)
    if request.args.get("file") == "pdf" and pdf.installed():
        sheet = show("reports/sheet.html", opened=opened, results=RESULTS, as_pdf=True)
        return send(pdf.pdf_of(sheet.get_data(as_text=True), "sheet.css"), "application/pdf", "zprava.pdf")
    return show_form("reports/report.html", form, opened=opened, pdf=pdf.installed(), results=RESULTS,
                     steps=reports.steps(opened.report, By.STAFF) if opened.own else [], State=ReportState)


@blueprint.post("/reports/<pid:public_id>/<any(show,read,remark,skip,take_back,issue):event>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def step(public_id, event):
    form = StepForm()
    if form.validate_on_submit():
        with refusals(form):
            reports.step(current_user, public_id, Event(event), form.remark.data or "")
            return done("reports.report", _("It is written down."), public_id=public_id)
    return _shown(public_id, form)


@blueprint.post("/reports/<pid:public_id>/correct")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def correct(public_id):
    form = StepForm()
    with refusals(form):
        return done("reports.edit", public_id=reports.correct(current_user, public_id).public_id)
    return _shown(public_id, form)


@blueprint.route("/reports/<pid:public_id>/edit", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def edit(public_id):
    opened = reports.to_edit(current_user, public_id)
    form = ReportForm(data={"summary": opened.summary, "recipient": _recipient(opened)})
    form.offer(reports.recipients(current_user))
    if form.validate_on_submit():
        with refusals(form):
            reports.write(current_user, public_id, form.summary.data, form.recipient.data)
            return done("reports.report", _("The draft is saved. Give it to the client to read."), public_id=public_id)
    return show_form("reports/edit.html", form, opened=opened)


def _recipient(opened):
    return opened.report.recipient.public_id if opened.report.recipient_id else ""


@blueprint.route("/reports/<pid:public_id>/need", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def line(public_id):
    opened, form = reports.to_edit(current_user, public_id), LineForm()
    if form.validate_on_submit():
        with refusals(form):
            reports.write_line(current_user, public_id, Need(form.need.data), form.result.data, form.done.data or "",
                               form.left.data or "")
            return done("reports.report", _("It stands in the report."), public_id=public_id)
    return show_form("reports/line.html", form, opened=opened)
