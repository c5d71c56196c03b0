"""Meetings of working groups: planning, agenda, minutes, tasks, what goes out on paper."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.meetings.forms import (
    AttendanceForm,
    ItemForm,
    MeetingForm,
    MinutesForm,
    ReasonForm,
    TaskForm,
    TopicForm,
)
from db import Mode
from exporters import meeting_pack, pdf, xlsx_book
from models import AgendaKind, GroupTaskState, Presence
from policy import Can
from services.groups import agenda, founding, meetings, minutes, showing, standing, tasks
from web import allow, done, refusals, refuse, send, show, show_form, version_seen

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<pid:public_id>")
@allow(Can.WORK_IN_GROUPS)
def meeting(public_id):
    page = showing.page(current_user, public_id)
    latest = minutes.version(current_user, public_id, page.versions[0].number)[2] if page.versions else None
    return show("groups/meeting.html", page=page, meeting=page.meeting, latest=latest, states=GroupTaskState,
                may_change_task=lambda row: page.side == "lead" or row.owner_id == current_user.id)


# Planning

@blueprint.route("/plan/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def plan(public_id):
    row, form = founding.own(current_user, public_id, lead=True), MeetingForm()
    if form.validate_on_submit():
        with refusals(form):
            meeting = meetings.plan(current_user, public_id, form.plan())
            return done("meetings.meeting", _("The meeting is planned. Nobody has been invited yet."),
                        public_id=meeting.public_id)
    return show_form("groups/plan.html", form, group=row, meeting=None)


@blueprint.route("/<pid:public_id>/edit", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def edit(public_id):
    row = meetings.led(current_user, public_id)
    starts, ends = clock.local(row.starts_at), clock.local(row.ends_at)
    form = MeetingForm(data={"title": row.title, "day": starts.date(), "starts": starts.time(), "ends": ends.time(),
                             "place": row.place, "link": row.link})
    if form.validate_on_submit():
        with refusals(form):
            meetings.change(current_user, public_id, form.plan())
            return done("meetings.meeting", _("It is written down."), public_id=public_id)
    return show_form("groups/plan.html", form, group=row.group, meeting=row)


STEPS = {"invite": (meetings.invite, lambda: _("The members are invited.")),
         "reinstate": (meetings.reinstate, lambda: _("The meeting is being prepared again. Invite the members anew.")),
         "send": (minutes.send, lambda: _("The members can read the minutes. Who says nothing for a week agrees.")),
         "approve": (minutes.approve, lambda: _("The minutes are approved and closed."))}


@blueprint.post(f"/<pid:public_id>/<any({','.join(STEPS)}):step>")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def step(public_id, step):
    """One button of a lead; a refusal shows on the page of the meeting."""
    form, (work, sentence) = FlaskForm(), STEPS[step]
    with refusals(form):
        work(current_user, public_id)
        return done("meetings.meeting", sentence(), public_id=public_id)
    return _refused(form, public_id)


def _refused(form, public_id):
    return show_form("groups/refused.html", form, meeting=meetings.own(current_user, public_id))


@blueprint.route("/<pid:public_id>/cancel", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def cancel(public_id):
    row, form = meetings.led(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            meetings.cancel(current_user, public_id)
            return done("meetings.meeting", _("The meeting is called off. Who was invited has been told."),
                        public_id=public_id)
    return show_form("groups/cancel.html", form, meeting=row)


@blueprint.post("/<pid:public_id>/reply")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def reply(public_id):
    form, comes = FlaskForm(), request.form.get("coming")
    with refusals(form):
        if comes not in {"yes", "no"}:
            refuse(form, _("Choose one of the answers."))
        else:
            meetings.reply(current_user, public_id, comes == "yes")
            return done("meetings.meeting", _("Your answer is written down."), public_id=public_id)
    return _refused(form, public_id)


# Agenda

@blueprint.route("/<pid:public_id>/topics", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def add_item(public_id):
    row, form = meetings.own(current_user, public_id), TopicForm()
    if form.validate_on_submit():
        with refusals(form):
            agenda.add(current_user, public_id, form.given())
            return done("meetings.meeting", _("It is on the agenda."), public_id=public_id)
    return show_form("groups/item.html", form, meeting=row, item=None)


@blueprint.route("/items/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def item(public_id):
    row = agenda.to_change(current_user, public_id)
    form = (TopicForm if row.kind is AgendaKind.TOPIC else ItemForm)(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            agenda.save(current_user, public_id, form.given())
            return done("meetings.meeting", _("It is written down."), public_id=row.meeting.public_id)
    return show_form("groups/item.html", form, meeting=row.meeting, item=row)


@blueprint.post("/items/<pid:public_id>/<any(up,down,out,back):where>")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def arrange(public_id, where):
    if where in {"up", "down"}:
        row = agenda.shift(current_user, public_id, up=where == "up")
        return done("meetings.meeting", public_id=row.public_id, _anchor="agenda")
    row = agenda.take_out(current_user, public_id, out=where == "out")
    sentence = _("It is off the agenda. Below the agenda it can be put back.") if where == "out" \
        else _("It is on the agenda again.")
    return done("meetings.meeting", sentence, public_id=row.meeting.public_id)


@blueprint.post("/<pid:public_id>/introduced/<pid:organisation>")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def introduced(public_id, organisation):
    standing.introduced(current_user, public_id, organisation, request.form.get("done") == "yes")
    return done("meetings.meeting", _("It is written down."), public_id=public_id)


# Minutes

@blueprint.route("/<pid:public_id>/attendance", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def attendance(public_id):
    row = meetings.own(current_user, public_id)
    form = AttendanceForm(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            came = {name.removeprefix("came-"): value for name, value in request.form.items()}
            meetings.record_attendance(current_user, public_id, came, form.others.data or "")
            return done("meetings.meeting", _("It is written down."), public_id=public_id)
    return show_form("groups/attendance.html", form, meeting=row, people=meetings.attendance(row),
                     words=list(Presence), typed=request.form)


@blueprint.route("/items/<pid:public_id>/minutes", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def write(public_id):
    row = minutes.to_write(current_user, public_id)
    form, clash = MinutesForm(obj=row), None
    if form.validate_on_submit():
        with refusals(form):
            try:
                minutes.write(current_user, public_id, form.text.data or "", form.decisions.data or "",
                              version_seen(form.version))
                return done("meetings.meeting", _("The minutes are written down."), public_id=row.meeting.public_id,
                            _anchor=f"item-{public_id}")
            except minutes.Changed as changed:
                clash = _clash(form, changed)
    return show_form("groups/minutes.html", form, item=row, title=showing.title(row), clash=clash)


def _clash(form, changed) -> dict:
    """Both versions; the form goes on with all lines of both, on top of the version that stands now."""
    item, by = changed.item, changed.by
    mine = {"text": form.text.data or "", "decisions": form.decisions.data or ""}
    form.text.data, form.decisions.data = (minutes.both(item.text, mine["text"]),
                                           minutes.both(item.decisions, mine["decisions"]))
    form.version.data = str(item.version)
    refuse(form, _("%(who)s has written in the meantime. Below are all lines of both: put them in order and save.",
                   who=by.author.name))
    return {"item": item, "by": by, "mine": mine}


@blueprint.get("/items/<pid:public_id>/writings")
@allow(Can.WORK_IN_GROUPS)
def writings(public_id):
    row, texts = minutes.writings(current_user, public_id)
    return show("groups/writings.html", item=row, title=showing.title(row), texts=texts)


@blueprint.route("/<pid:public_id>/correct", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def correct(public_id):
    row, form = meetings.led(current_user, public_id), ReasonForm()
    if form.validate_on_submit():
        with refusals(form):
            minutes.correct(current_user, public_id, form.reason.data)
            return done("meetings.meeting", _("The minutes are open. The approved version stays as it is."),
                        public_id=public_id)
    return show_form("groups/correct.html", form, meeting=row)


@blueprint.get("/<pid:public_id>/versions/<int(max=9999):number>")
@allow(Can.WORK_IN_GROUPS)
def version(public_id, number):
    row, found, content = minutes.version(current_user, public_id, number)
    return show("groups/version.html", meeting=row, version=found, content=content)


# Tasks

@blueprint.route("/<pid:public_id>/tasks", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def give_task(public_id):
    row, form = meetings.own(current_user, public_id), TaskForm()
    form.offer(founding.members(row.group))
    if form.validate_on_submit():
        with refusals(form):
            tasks.give(current_user, public_id, form.what.data, form.owner.data, form.due_on.data)
            return done("meetings.meeting", _("The task is given."), public_id=public_id, _anchor="tasks")
    return show_form("groups/task.html", form, meeting=row, task=None)


@blueprint.route("/tasks/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def task(public_id):
    row = tasks.to_change(current_user, public_id)
    form = TaskForm(data={"what": row.what, "owner": row.owner.public_id, "due_on": row.due_on})
    form.offer(founding.members(row.meeting.group))
    if form.validate_on_submit():
        with refusals(form):
            tasks.change(current_user, public_id, form.what.data, form.owner.data, form.due_on.data)
            return done("meetings.meeting", _("It is written down."), public_id=row.meeting.public_id, _anchor="tasks")
    return show_form("groups/task.html", form, meeting=row.meeting, task=row)


@blueprint.post(f"/tasks/<pid:public_id>/<any({','.join(GroupTaskState)}):state>")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def task_state(public_id, state):
    row = tasks.set_state(current_user, public_id, GroupTaskState(state))
    return done("meetings.meeting", _("It is written down."), public_id=row.meeting.public_id, _anchor="tasks")


# What goes out

@blueprint.get("/<pid:public_id>/pack")
@allow(Can.WORK_IN_GROUPS)
def pack(public_id):
    found, kind = showing.pack(current_user, public_id), request.args.get("file")
    word = _("meeting")
    name = f"{word}-{found.day.isoformat()}"
    if kind == "xlsx":
        return send(xlsx_book.workbook(meeting_pack.tables(found)), XLSX, f"{name}.xlsx")
    as_pdf = kind == "pdf" and pdf.installed()
    page = show("groups/pack.html", pack=found, meeting=found.meeting, as_pdf=as_pdf, pdf=pdf.installed())
    if not as_pdf:
        return page
    return send(pdf.pdf_of(page.get_data(as_text=True), "sheet.css"), "application/pdf", f"{name}.pdf")
