"""Programmes: the list, one programme, its people and sessions, free places, its end, that it worked."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from blueprints.programmes.forms import (
    LEVEL_WORDS,
    AttendanceForm,
    BareForm,
    EndorseForm,
    EnrolForm,
    HandOnForm,
    HoldForm,
    LeaveForm,
    PartnerForm,
    PlanForm,
    ProgrammeForm,
    ProlongForm,
    SessionForm,
    SiteForm,
    SuccessorForm,
    TargetForm,
)
from db import Mode
from exporters import pdf
from models import LeavingReason, ParticipantState
from policy import Can
from services import figures, programmes
from services.programmes import Event
from web import allow, done, refusals, send, show, show_form, version_seen

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes")


@blueprint.get("")
@allow(Can.SEE_PROGRAMMES)
def index():
    return show("programmes/index.html", shelf=programmes.shelf(current_user))


@blueprint.get("/<pid:public_id>")
@allow(Can.SEE_PROGRAMMES)
def programme(public_id):
    return _programme(public_id, BareForm())


def _programme(public_id, form):
    found = programmes.page(current_user, public_id)
    runs = found.months_left is not None
    return show_form("programmes/programme.html", form, page=found, level_words=LEVEL_WORDS, small=figures.SMALL,
                     fits=programmes.fits_of(current_user, public_id)[:8] if found.own and runs else [])


# Writing it down

@blueprint.route("/new", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def new():
    form = ProgrammeForm(data=programmes.draft(current_user)) if request.method == "GET" else ProgrammeForm()
    return _save(None, form)


@blueprint.route("/<pid:public_id>/edit", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def edit(public_id):
    row = programmes.kept(current_user, public_id)
    return _save(public_id, ProgrammeForm(obj=row, data=_given(row)) if request.method == "GET" else ProgrammeForm())


def _given(row):
    return {"areas": row.areas.split(";"), "groups": row.groups.split(";"), "levels": row.levels.split(";"),
            "kind": row.kind.value, "service": row.service.public_id if row.service_id else "",
            "leads_to": row.leads_to.public_id if row.leads_to_id else ""}


def _save(public_id, form):
    row = programmes.kept(current_user, public_id) if public_id else None
    form.offer(programmes.services_of(current_user), programmes.others(current_user, public_id))
    if form.validate_on_submit():
        with refusals(form):
            saved = programmes.save(current_user, public_id, form.values(), version_seen(form.version))
            return done("programmes.programme", _("The programme is saved."), public_id=saved.public_id)
    return show_form("programmes/edit.html", form, row=row)


PARTS = {"partners": PartnerForm, "targets": TargetForm, "sites": SiteForm}


@blueprint.route("/<pid:public_id>/<any(partners,targets,sites):what>", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def parts(public_id, what):
    form = PARTS[what]()
    form.offer(*programmes.offered(current_user, public_id, what))
    if form.validate_on_submit():
        with refusals(form):
            given = {name: form[name].data or "" for name in form.data if name != "csrf_token"}
            programmes.ADD[what](current_user, public_id, **given)
            return done("programmes.parts", _("It is added."), public_id=public_id, what=what)
    return show_form("programmes/parts.html", form, page=programmes.page(current_user, public_id), what=what,
                     small=figures.SMALL)


@blueprint.route("/<pid:public_id>/remove/<any(partner,target,site):what>/<pid:part>", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def remove(public_id, what, part):
    form = BareForm()
    if form.validate_on_submit():
        programmes.remove(current_user, public_id, what, part)
        return done("programmes.parts", _("It is removed."), public_id=public_id, what=f"{what}s")
    row, name, parts = programmes.to_remove(current_user, public_id, what, part)
    return show_form("programmes/remove.html", form, row=row, what=what, part=part, name=name, parts=parts)


# People

@blueprint.route("/<pid:public_id>/people", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def people(public_id):
    form = EnrolForm()
    form.offer(programmes.sites_offered(current_user, public_id))
    if form.validate_on_submit():
        with refusals(form):
            row = programmes.enrol(current_user, public_id, form.code.data, form.site.data or "")
            return done("programmes.people", _enrolled(row), public_id=public_id)
    return show_form("programmes/people.html", form, people=programmes.people_of(current_user, public_id))


def _enrolled(row):
    if row.state is ParticipantState.WAITING:
        return _("No place is free now. The client waits in line.")
    return _("The client takes part.")


@blueprint.post("/<pid:public_id>/people/from/<pid:referral>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def enrol(public_id, referral):
    form = EnrolForm()
    form.offer(programmes.sites_offered(current_user, public_id))
    with refusals(form):
        row = programmes.enrol_referral(current_user, public_id, referral, request.form.get("site", ""))
        return done("programmes.people", _enrolled(row), public_id=public_id)
    return show_form("programmes/people.html", form, people=programmes.people_of(current_user, public_id))


@blueprint.route("/people/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def participant(public_id):
    row, form = programmes.participant(current_user, public_id), LeaveForm()
    if form.validate_on_submit():
        with refusals(form):
            reason = LeavingReason(form.reason.data) if form.reason.data else None
            programmes.change(current_user, public_id, ParticipantState(form.state.data), reason)
            return done("programmes.people", _("It is written down."), public_id=row.programme.public_id)
    return show_form("programmes/participant.html", form, row=row)


@blueprint.post("/people/<pid:public_id>/<any(take,next,not_next):event>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def step_of(public_id, event):
    row, form = programmes.participant(current_user, public_id), LeaveForm()
    with refusals(form):
        if event == "take":
            programmes.take_in(current_user, public_id)
            return done("programmes.people", _("The client takes part."), public_id=row.programme.public_id)
        made = programmes.move_on(current_user, public_id, event == "next", request.form.get("request_key", ""))
        if made:
            return done("referrals.edit", _("A referral to the next programme is begun. Finish it."), public_id=made)
        return done("programmes.people", _("It is written down."), public_id=row.programme.public_id)
    return show_form("programmes/participant.html", form, row=row)


# Sessions

@blueprint.route("/<pid:public_id>/sessions", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def sessions(public_id):
    form = SessionForm()
    form.offer(programmes.sites_offered(current_user, public_id))
    if form.validate_on_submit():
        with refusals(form):
            programmes.plan_session(current_user, public_id, form.plan())
            return done("programmes.sessions", _("The session is written down."), public_id=public_id)
    return show_form("programmes/sessions.html", form, sessions=programmes.sessions_of(current_user, public_id),
                     row=programmes.kept(current_user, public_id))


@blueprint.route("/sessions/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def session(public_id):
    row = programmes.session(current_user, public_id)
    people = programmes.attendance_of(current_user, row)
    known = {"came": [each.public_id for each, came in people if came], "others": row.people}
    form = AttendanceForm(data=known) if request.method == "GET" else AttendanceForm()
    form.offer(people)
    if form.validate_on_submit():
        with refusals(form):
            programmes.record(current_user, public_id, set(form.came.data or []), form.others.data)
            return done("programmes.sessions", _("Attendance is written down."), public_id=row.programme.public_id)
    return show_form("programmes/session.html", form, row=row, people=people)


# Free places

@blueprint.get("/free")
@allow(Can.KEEP_PRISON)
def free():
    return show("programmes/free.html", fits=programmes.free_for(current_user), form=HoldForm(formdata=None))


@blueprint.route("/<pid:public_id>/hold", methods=["GET", "POST"])
@allow(Can.KEEP_PRISON, Mode.WRITES)
def hold(public_id):
    form = HoldForm()
    found = programmes.page(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            programmes.hold(current_user, public_id, form.places.data)
            return done("programmes.free", _("The places are kept for you for 48 hours. Who runs it was told."))
    return show_form("programmes/hold.html", form, page=found)


@blueprint.post("/places/<pid:public_id>/<any(back,taken):event>")
@allow(Can.SEE_PROGRAMMES, Mode.WRITES)
def places(public_id, event):
    if event == "back":
        programmes.give_back(current_user, public_id)
        return done("programmes.free", _("The places are free again."))
    row = programmes.settle(current_user, public_id)
    return done("programmes.programme", _("The places are not held any more."), public_id=row.programme.public_id)


# The end

@blueprint.post("/<pid:public_id>/start")
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def start(public_id):
    form = BareForm()
    with refusals(form):
        programmes.step(current_user, public_id, Event.START)
        return done("programmes.programme", _("The programme runs."), public_id=public_id)
    return _programme(public_id, form)


@blueprint.route("/<pid:public_id>/prolong", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def prolong(public_id):
    form, row = ProlongForm(), programmes.led(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            programmes.prolong(current_user, public_id, form.until.data)
            return done("programmes.programme", _("The programme is prolonged."), public_id=public_id)
    return show_form("programmes/prolong.html", form, row=row)


@blueprint.route("/<pid:public_id>/plan", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def plan(public_id):
    row = programmes.kept(current_user, public_id)
    form = PlanForm(obj=row) if request.method == "GET" else PlanForm()
    if form.validate_on_submit():
        with refusals(form):
            programmes.write_plan(current_user, public_id, form.continuity.data)
            return done("programmes.programme", _("The continuity plan is saved."), public_id=public_id)
    return show_form("programmes/plan.html", form, row=row)


@blueprint.route("/<pid:public_id>/successor", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def successor(public_id):
    row, rows = programmes.successors(current_user, public_id)
    form = SuccessorForm()
    form.offer(rows)
    if form.validate_on_submit():
        with refusals(form):
            programmes.name_successor(current_user, public_id, form.successor.data)
            return done("programmes.programme", _("The successor is named. Both organisations were told."),
                        public_id=public_id)
    return show_form("programmes/successor.html", form, row=row, rows=rows)


@blueprint.route("/<pid:public_id>/hand-on", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def hand_on(public_id):
    programmes.led(current_user, public_id)
    form, found = HandOnForm(), programmes.people_of(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            count = programmes.hand_people_on(current_user, public_id, form.chosen())
            sentence = ngettext("%(num)d person is handed on.", "%(num)d people are handed on.", count)
            return done("programmes.programme", sentence, public_id=public_id)
    return show_form("programmes/hand_on.html", form, people=found)


@blueprint.route("/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.RUN_PROGRAMMES, Mode.WRITES)
def end(public_id):
    form, row = BareForm(), programmes.led(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            programmes.finish_all(current_user, public_id, Event.END)
            sentence = _("The programme has ended. The prisons and the coordinator were told.")
            return done("programmes.programme", sentence, public_id=public_id)
    return show_form("programmes/end.html", form, row=row)


# That it worked

@blueprint.get("/<pid:public_id>/worked")
@allow(Can.SEE_PROGRAMMES)
def worked(public_id):
    return _worked(public_id, EndorseForm())


def _worked(public_id, form):
    found = programmes.worked(current_user, public_id)
    given = {"found": found, "small": figures.SMALL, "states": figures.STATES}
    if request.args.get("file") == "pdf" and pdf.installed():
        sheet = show("programmes/sheet.html", as_pdf=True, **given)
        return send(pdf.pdf_of(sheet.get_data(as_text=True), "sheet.css"), "application/pdf", "program.pdf")
    return show_form("programmes/worked.html", form, pdf=pdf.installed(), **given)


@blueprint.route("/<pid:public_id>/endorse", methods=["GET", "POST"])
@allow(Can.SEE_PROGRAMMES, Mode.WRITES)
def endorse(public_id):
    found = programmes.to_endorse(current_user, public_id)
    form = EndorseForm(data={"text": found.own_words}) if request.method == "GET" else EndorseForm()
    if form.validate_on_submit():
        with refusals(form):
            programmes.endorse(current_user, public_id, form.text.data)
            return done("programmes.worked", _("Your words stand in the file."), public_id=public_id)
    return show_form("programmes/endorse.html", form, found=found)


@blueprint.route("/<pid:public_id>/endorse/back", methods=["GET", "POST"])
@allow(Can.SEE_PROGRAMMES, Mode.WRITES)
def take_back(public_id):
    form = BareForm()
    if form.validate_on_submit():
        programmes.take_back(current_user, public_id)
        return done("programmes.worked", _("Your words are taken back."), public_id=public_id)
    return show_form("programmes/take_back.html", form, found=programmes.to_take_back(current_user, public_id))
