"""Co-operation of organisations with prisons, and what a prison says of itself."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user

from blueprints.cooperation.forms import (
    BareForm,
    DeclineForm,
    ReasonForm,
    StartForm,
    StepForm,
    StopForm,
    TermsForm,
    WantedForm,
)
from db import Mode
from models import Area
from policy import Can, may
from services import cooperation, partners, prisons
from services.cooperation import REASONS, Event
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("cooperation", __name__, url_prefix="/cooperation")

# event: (form, heading, what happens, button, sentence afterwards)
ANSWERS = {
    Event.TAKE_UP: (BareForm, _l("Take up the negotiation"),
                    _l("The organisation is told, and the clock of the first step begins."),
                    _l("Take it up"), _l("The negotiation has begun. The organisation has been told.")),
    Event.ACTIVATE: (TermsForm, _l("Begin the co-operation"),
                     _l("From now on the organisation can ask for visits. It is told what was agreed."),
                     _l("Begin the co-operation"), _l("The co-operation is active. The organisation has been told.")),
    Event.AMEND: (TermsForm, _l("Change what was agreed"), _l("The organisation is told that it has changed."),
                  _l("Save"), _l("It is changed. The organisation has been told.")),
    Event.PAUSE: (ReasonForm, _l("Pause the co-operation"),
                  _l("No new visits can be asked for until the prison lets it go on. The reason is told."),
                  _l("Pause"), _l("The co-operation is paused. The other side has been told.")),
    Event.RESUME: (BareForm, _l("Let the co-operation go on"),
                   _l("The organisation can ask for visits again. It is told."),
                   _l("Let it go on"), _l("The co-operation goes on. The organisation has been told.")),
    Event.DECLINE: (DeclineForm, _l("Decline the co-operation"),
                    _l("The organisation is told the reason, and from when it can ask again."),
                    _l("Decline"), _l("The co-operation is declined. The organisation has been told.")),
    Event.WITHDRAW: (BareForm, _l("Withdraw"), _l("The prison is told. You can start again later."),
                     _l("Withdraw"), _l("You have withdrawn. The prison has been told.")),
    Event.END: (ReasonForm, _l("End the co-operation"),
                _l("No more visits can be asked for. The reason is told. It can be started again later."),
                _l("End it"), _l("The co-operation has ended. The other side has been told.")),
}


@blueprint.get("")
@allow(Can.SEE_COOPERATIONS)
def index():
    return show("cooperation/index.html", board=cooperation.board(current_user),
                may_see_offers=may(current_user, Can.SEE_OFFERS))


@blueprint.get("/wanted")
@allow(Can.SEE_BOOK)
def wanted():
    area = {member.value: member for member in Area}.get(request.args.get("area", ""))
    return show("cooperation/wanted.html", wanted=prisons.wanted(current_user, area), area=area, areas=list(Area))


@blueprint.route("/start/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.START_COOPERATIONS, Mode.WRITES)
def start(public_id):
    form, found = StartForm(), cooperation.starting(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            event = Event.WAIT if request.form.get("event") == Event.WAIT else Event.START
            row = cooperation.begin(current_user, public_id, event, form.about.data or "")
            return done("cooperation.record", _started(event), public_id=row.public_id)
    return show_form("cooperation/start.html", form, found=found)


def _started(event):
    if event is Event.WAIT:
        return _("You are on the waiting list. We will write to you when the prison takes new partners again.")
    return _("The prison has been told of your interest. Its answer is due within %(count)d days.",
             count=cooperation.ANSWER_DAYS)


# One co-operation

@blueprint.get("/<pid:public_id>")
@allow(Can.SEE_COOPERATIONS)
def record(public_id):
    return _record(public_id, BareForm())


def _record(public_id, form):
    found = cooperation.open_cooperation(current_user, public_id)
    return show_form("cooperation/record.html", form, found=found, course=partners.course(current_user, found.row))


@blueprint.post("/<pid:public_id>/<any(step,reopen):event>")
@allow(Can.SEE_COOPERATIONS, Mode.WRITES)
def tick(public_id, event):
    form = BareForm()
    with refusals(form):
        cooperation.advance(current_user, public_id, Event(event))
        sentence = _("The step is done.") if event == Event.STEP else _("The step is open again.")
        return done("cooperation.record", sentence, public_id=public_id)
    return _record(public_id, form)


@blueprint.route("/<pid:public_id>/<any(" + ",".join(ANSWERS) + "):event>", methods=["GET", "POST"])
@allow(Can.SEE_COOPERATIONS, Mode.WRITES)
def answer(public_id, event):
    event = Event(event)
    kind, heading, what_happens, button, sentence = ANSWERS[event]
    row = cooperation.own(current_user, public_id)
    form = kind(obj=row) if kind is TermsForm else kind()
    if hasattr(form, "offer"):
        form.offer(REASONS[event])
    if form.validate_on_submit():
        with refusals(form):
            cooperation.advance(current_user, public_id, event, **form.given())
            return done("cooperation.record", sentence, public_id=public_id)
    if event not in cooperation.open_events(current_user, row):
        return _record(public_id, form)
    return show_form("cooperation/answer.html", form, row=row, event=event, heading=heading,
                     what_happens=what_happens, button=button)


# The prison's own checklist

@blueprint.route("/checklist", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def checklist():
    form = StepForm(limit_days=14)
    if form.validate_on_submit():
        with refusals(form):
            prisons.save_step(current_user, None, form.values())
            return done("cooperation.checklist", _("The step is added."))
    home = prisons.own(current_user)
    return show_form("cooperation/checklist.html", form, steps=prisons.checklist(home.id), prison=home)


@blueprint.route("/checklist/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def step(public_id):
    row = prisons.step(current_user, public_id)
    form = StepForm(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            prisons.save_step(current_user, public_id, form.values())
            return done("cooperation.checklist", _("The step is saved."))
    return show_form("cooperation/step.html", form, row=row)


@blueprint.post("/checklist/<pid:public_id>/<any(up,remove):what>")
@allow(Can.KEEP_PRISON, Mode.WRITES)
def change_checklist(public_id, what):
    change, sentence = {"up": (prisons.move_step, _("The step is moved.")),
                        "remove": (prisons.remove_step, _("The step is removed."))}[what]
    change(current_user, public_id)
    return done("cooperation.checklist", sentence)


# What a prison looks for, and when it takes nobody new

@blueprint.route("/looking-for", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def looking_for():
    form = WantedForm()
    if form.validate_on_submit():
        with refusals(form):
            prisons.save_wanted(current_user, None, **form.values())
            return done("cooperation.looking_for", _("It is published."))
    home = prisons.own(current_user)
    return show_form("cooperation/looking_for.html", form, wanted=prisons.wanted_by(home.id), prison=home,
                     waiting=cooperation.waiting_list(home.id),
                     closed_until=cooperation.closed_until(prisons.profile_of(home.id)))


@blueprint.route("/looking-for/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def edit_wanted(public_id):
    row = prisons.own_wanted(current_user, public_id)
    form = WantedForm(obj=row, data={"areas": row.areas.split(";"), "groups": row.groups.split(";")}) \
        if request.method == "GET" else WantedForm()
    if form.validate_on_submit():
        with refusals(form):
            prisons.save_wanted(current_user, public_id, **form.values())
            return done("cooperation.looking_for", _("It is saved."))
    return show_form("cooperation/edit_wanted.html", form, row=row)


@blueprint.post("/looking-for/<pid:public_id>/remove")
@allow(Can.KEEP_PRISON, Mode.WRITES)
def remove_wanted(public_id):
    prisons.remove_wanted(current_user, public_id)
    return done("cooperation.looking_for", _("It is taken away."))


@blueprint.route("/new-partners", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def new_partners():
    form = StopForm()
    if form.validate_on_submit():
        with refusals(form):
            cooperation.close(current_user, form.until.data)
            return done("cooperation.looking_for", _("It is published. Organisations can ask to be told when it ends."))
    return show_form("cooperation/new_partners.html", form)


@blueprint.post("/new-partners/open")
@allow(Can.KEEP_PRISON, Mode.WRITES)
def open_again():
    told = cooperation.reopen(current_user)
    return done("cooperation.looking_for", _("The prison takes new partners.") + (" " + ngettext(
        "%(num)d organisation that waited has been told.", "%(num)d organisations that waited have been told.", told)
        if told else ""))
