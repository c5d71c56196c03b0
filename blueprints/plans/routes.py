"""Plans of clients: sheets, items, questions whether something is so, conferences, the card of the first 72 hours."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.plans.forms import AnswerForm, ConferenceForm, ItemForm, QuestionForm
from db import Mode
from models import Claim, PlanList, Scope, VerificationAnswer
from policy import Can
from services import files, plans
from web import allow, done, refusals, show, show_form, version_seen

blueprint = Blueprint("plans", __name__)


@blueprint.get("/clients/<pid:public_id>/plan")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def sheet(public_id):
    return _sheet(public_id, FlaskForm())


def _sheet(public_id, form):
    found = plans.open_sheet(current_user, public_id)
    return show_form("plans/sheet.html", form, sheet=found, lists=PlanList, Scope=Scope, card=plans.card(found),
                     approvals=plans.approvals(current_user, public_id))


@blueprint.get("/clients/<pid:public_id>/first-hours")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def first_hours(public_id):
    found = plans.open_sheet(current_user, public_id)
    rows, whole = plans.card(found)
    return show("plans/card.html", file=found.file, rows=rows, whole=whole)


@blueprint.route("/clients/<pid:public_id>/rights", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def rights(public_id):
    """What the client may claim and choose after release, to print and to give."""
    (client, item), form = plans.opened(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            plans.give(current_user, public_id)
            return done("plans.rights", _("It is written down that the client has the sheet."), public_id=public_id)
    return show_form("plans/rights.html", form, client=client, item=item, parts=plans.parts(client.route))


@blueprint.get("/clients/<pid:public_id>/timeline")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def timeline(public_id):
    file, lines = plans.timeline(current_user, public_id)
    return show("plans/timeline.html", file=file, lines=lines)


@blueprint.post("/clients/<pid:public_id>/plan/<any(plan, before_release, first_hours):sheet>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def fill_in(public_id, sheet):
    """What a sheet has from the beginning, by the client's route."""
    form = FlaskForm()
    with refusals(form):
        plans.fill_in(current_user, public_id, PlanList(sheet))
        return done("plans.sheet", _("The sheet is prepared. Fill in what is known."), public_id=public_id)
    return _sheet(public_id, form)


@blueprint.post("/clients/<pid:public_id>/plan/approved")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def approved(public_id):
    plans.approve(current_user, public_id)
    return done("plans.sheet", _("It is written down that the client agrees with the plan."), public_id=public_id)


@blueprint.route("/clients/<pid:public_id>/plan/new", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def new(public_id):
    client, form = files.client_worked_with(current_user, public_id), ItemForm()
    form.offer()
    if form.validate_on_submit():
        with refusals(form):
            plans.add(current_user, public_id, form.wanted())
            return done("plans.sheet", _("The item is in the plan."), public_id=public_id)
    return show_form("plans/item.html", form, client=client, item=None)


@blueprint.route("/plan-items/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def item(public_id):
    row, form = plans.item_of(current_user, public_id), ItemForm()
    form.offer()
    if form.validate_on_submit():
        with refusals(form):
            plans.change(current_user, public_id, version_seen(form.version), form.wanted())
            return done("plans.sheet", _("The item is saved."), public_id=row.client.public_id)
    if request.method == "GET":
        form.show(plans.wanted_of(row))
    if request.method == "GET" or (getattr(form, "refusal", None) and form.refusal.details):
        form.version.data = row.version
    return show_form("plans/item.html", form, client=row.client, item=row, title=plans.words_of(row.key))


@blueprint.post("/plan-items/<pid:public_id>/<any(said, confirmed, refuted):claim>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def judge(public_id, claim):
    row = plans.judge(current_user, public_id, Claim(claim))
    return done("plans.sheet", _("It is written down, with the day and your organisation."),
                public_id=row.client.public_id)


@blueprint.route("/plan-items/<pid:public_id>/verify", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def verify(public_id):
    row, form = plans.item_of(current_user, public_id), QuestionForm()
    form.offer(plans.askable(current_user, row.client_id))
    if form.validate_on_submit():
        with refusals(form):
            plans.ask(current_user, public_id, form.recipient.data, form.question.data)
            return done("plans.sheet", _("The question is asked. They see nothing else."),
                        public_id=row.client.public_id)
    return show_form("plans/verify.html", form, item=row, title=plans.words_of(row.key) or row.what_text)


@blueprint.get("/questions")
@allow(Can.OPEN_CLIENTS)
def questions():
    return show("plans/questions.html", rows=plans.questions(current_user))


@blueprint.route("/questions/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def question(public_id):
    (row, words), form = plans.question(current_user, public_id), AnswerForm()
    if form.validate_on_submit():
        with refusals(form):
            plans.answer(current_user, public_id, VerificationAnswer(form.answer.data))
            return done("plans.questions", _("Thank you, your answer stands at the fact."))
    return show_form("plans/question.html", form, row=row, words=words)


@blueprint.route("/clients/<pid:public_id>/conference", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def conference(public_id):
    client, form = files.client_worked_with(current_user, public_id), ConferenceForm(held_on=clock.today())
    if form.validate_on_submit():
        with refusals(form):
            plans.confer(current_user, public_id, form.held_on.data, form.participants.data, form.agreed.data or "")
            return done("plans.sheet", _("The record of the conference is saved."), public_id=public_id)
    return show_form("plans/conference.html", form, client=client)
