"""Working groups: which there are, who is in them, who leads."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.groups.forms import GroupForm, MemberForm
from db import Mode
from policy import Can, may
from services.groups import founding, meetings, tasks
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("groups", __name__, url_prefix="/groups")


@blueprint.get("")
@allow(Can.WORK_IN_GROUPS)
def index():
    return show("groups/index.html", mine=founding.mine(current_user), others=founding.others(current_user),
                coming=meetings.coming(current_user), tasks=tasks.mine(current_user),
                may_found=may(current_user, Can.FOUND_GROUPS))


@blueprint.route("/found", methods=["GET", "POST"])
@allow(Can.FOUND_GROUPS, Mode.WRITES)
def found():
    form = _group_form()
    if form.validate_on_submit():
        with refusals(form):
            row = founding.found(current_user, form.name.data, form.about.data, form.region.data)
            return done("groups.group", _("The group is founded. You lead it."), public_id=row.public_id)
    return show_form("groups/edit.html", form, group=None)


def _group_form(**filled):
    form = GroupForm(**filled)
    form.offer(founding.regions())
    return form


@blueprint.get("/<pid:public_id>")
@allow(Can.WORK_IN_GROUPS)
def group(public_id):
    page = founding.page(current_user, public_id)
    return show("groups/group.html", page=page, group=page.group, meetings=meetings.of_group(current_user, page.group))


@blueprint.route("/<pid:public_id>/edit", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def edit(public_id):
    row = founding.own(current_user, public_id, lead=True)
    form = _group_form(data={"name": row.name, "about": row.about, "region": row.region_id or ""})
    if form.validate_on_submit():
        with refusals(form):
            founding.save(current_user, public_id, form.name.data, form.about.data, form.region.data)
            return done("groups.group", _("It is written down."), public_id=public_id)
    return show_form("groups/edit.html", form, group=row)


@blueprint.route("/<pid:public_id>/close", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def close(public_id):
    row, form = founding.own(current_user, public_id, lead=True, open_only=False), FlaskForm()
    if form.validate_on_submit():
        row = founding.close(current_user, public_id, closed=not row.closed_at)
        sentence = _("The group is closed. It can be opened again.") if row.closed_at else _("The group goes on.")
        return done("groups.group", sentence, public_id=public_id)
    return show_form("groups/close.html", form, group=row)


# Members

@blueprint.post("/<pid:public_id>/ask")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def ask(public_id):
    founding.ask(current_user, public_id)
    return done("groups.index", _("The lead of the group is asked."))


@blueprint.route("/<pid:public_id>/members", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def members(public_id):
    founding.own(current_user, public_id, lead=True)
    form = MemberForm()
    if form.validate_on_submit():
        with refusals(form):
            member = founding.add(current_user, public_id, form.email.data)
            return done("groups.members", _("%(name)s is a member of the group.", name=member.user.name),
                        public_id=public_id)
    return show_form("groups/members.html", form, page=founding.page(current_user, public_id))


@blueprint.post("/members/<pid:public_id>/decide")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def decide(public_id):
    accepted = request.form.get("answer") == "yes"
    row = founding.decide(current_user, public_id, accepted)
    return done("groups.members", _("It is done. They have been told."), public_id=row.public_id)


@blueprint.post("/members/<pid:public_id>/lead")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def name_lead(public_id):
    form = FlaskForm()
    with refusals(form):
        row = founding.name_lead(current_user, public_id, request.form.get("lead") == "yes")
        return done("groups.group", _("It is written down."), public_id=row.public_id)
    return show_form("groups/remove.html", form, member=founding.to_remove(current_user, public_id))


@blueprint.route("/members/<pid:public_id>/remove", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def remove(public_id):
    member, form = founding.to_remove(current_user, public_id), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            row = founding.remove(current_user, public_id)
            return done("groups.index" if member.user == current_user else "groups.group",
                        _("They are not a member any more."),
                        **{} if member.user == current_user else {"public_id": row.public_id})
    return show_form("groups/remove.html", form, member=member)


@blueprint.route("/<pid:public_id>/leave", methods=["GET", "POST"])
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def leave(public_id):
    row, form = founding.own(current_user, public_id, open_only=False), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            founding.leave(current_user, public_id)
            return done("groups.index", _("You have left the group."))
    return show_form("groups/leave.html", form, group=row)
