"""More of the client's own app: opening it with a card, what to do, what is written, reports, a copy of it all."""
import json
from secrets import token_urlsafe

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.own.forms import AskForm, RemarkForm
from db import Mode
from models import Need, ReportState
from policy import Can
from services import consents, copies, own_app, plans, referrals, reports
from services.copy_words import column_words, table_words, value_words
from web import allow, done, refusals, send, show, show_form

blueprint = Blueprint("own", __name__)


@blueprint.get("/me/to-do")
@allow(Can.USE_OWN_APP)
def to_do():
    return show("own/to_do.html", items=own_app.to_do(current_user))


@blueprint.get("/me/rights")
@allow(Can.USE_OWN_APP)
def rights():
    return show("own/rights.html", parts=plans.parts(consents.client_of(current_user).route))


@blueprint.route("/me/plan", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def plan():
    form = FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            own_app.agree_with_plan(current_user, request.form.get("organisation", ""), request.form.get("imprint", ""))
            return done("own.plan", _("Thank you. It is written down."))
    return show_form("own/plan.html", form, plans=own_app.plans_of(current_user))


@blueprint.get("/me/written")
@allow(Can.USE_OWN_APP)
def items():
    return show("own/items.html", items=own_app.items(current_user))


@blueprint.route("/me/written/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def item(public_id):
    form, found = FlaskForm(), own_app.item(current_user, public_id)
    if form.validate_on_submit():
        keep = request.form.get("answer") != "give"
        sentence = own_app.withhold(current_user, public_id, request.form.get("organisation", ""), keep)
        return done("own.item", sentence, public_id=public_id)
    return show_form("own/item.html", form, item=found, readers=own_app.readers(current_user, found))


@blueprint.get("/me/reports")
@allow(Can.USE_OWN_APP)
def my_reports():
    return show("own/reports.html", reports=reports.of_client(current_user))


@blueprint.route("/me/reports/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def report(public_id):
    opened, form = reports.own_one(current_user, public_id), RemarkForm()
    shown, form.imprint.data = form.imprint.data, opened.imprint
    if form.validate_on_submit():
        with refusals(form):
            answer = request.form.get("answer", "")
            event = reports.Event(answer) if answer in {"read", "remark", "skip"} else reports.Event.READ
            reports.step_of_client(current_user, public_id, event, shown or "", form.remark.data or "")
            return done("own.report", _("Thank you. It is written down."), public_id=public_id)
    return show_form("own/report.html", form, opened=opened, State=ReportState,
                     steps=reports.steps(opened.report, reports.By.CLIENT))


@blueprint.route("/me/ask/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def ask(public_id):
    service, form = referrals.service_for_clients(public_id), AskForm()
    form.offer(referrals.helps_with(service) or list(Need), token_urlsafe(16))
    if form.validate_on_submit():
        with refusals(form):
            referrals.ask_for_self(current_user, public_id, **form.given())
            return done("referrals.mine", _("It is sent. They answer within five working days. You will see it here."))
    return show_form("own/ask.html", form, service=service, conditions=referrals.conditions(service))


@blueprint.get("/me/copy")
@allow(Can.USE_OWN_APP, Mode.READS_FILE)
def copy():
    return show("own/copy.html", tables=copies.make(current_user), table_words=table_words,
                column_words=column_words, value_words=value_words)


@blueprint.get("/me/copy.json")
@allow(Can.USE_OWN_APP, Mode.READS_FILE)
def copy_json():
    text = json.dumps(copies.as_json(current_user), ensure_ascii=False, indent=1, default=str)
    return send(text.encode(), "application/json", "kopie.json")
