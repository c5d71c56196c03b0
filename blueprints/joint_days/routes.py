"""Joint days of organisations in a prison."""
from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from blueprints.joint_days.forms import CodesForm, PlanForm, RecordForm
from db import Mode
from policy import Can
from services.visits import joint_days
from web import allow, done, leave_for, refusals, refuse, show, show_form

blueprint = Blueprint("joint_days", __name__, url_prefix="/joint-days")


@blueprint.get("")
@allow(Can.DECIDE_VISITS)
def index():
    return show("joint_days/index.html", days=joint_days.all_of(current_user), times_of=joint_days.times_of)


@blueprint.route("/new", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def new():
    form = PlanForm()
    form.offer(joint_days.places(current_user))
    if form.validate_on_submit():
        with refusals(form):
            row = joint_days.create(current_user, form.plan())
            return done("joint_days.day", _("The day stands. Organisations can ask for it like for any other time."),
                        public_id=row.public_id)
    return show_form("joint_days/new.html", form)


@blueprint.get("/<pid:public_id>")
@allow(Can.DECIDE_VISITS, Mode.READS_FILE)
def day(public_id):
    return _day_page(public_id, CodesForm())


def _day_page(public_id, form):
    return show_form("joint_days/day.html", form, opened=joint_days.open_day(current_user, public_id))


@blueprint.post("/<pid:public_id>/clients")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def sign_up(public_id):
    form = CodesForm()
    if form.validate():
        with refusals(form):
            entered = joint_days.sign_up(current_user, public_id, form.codes.data)
            if not entered.bad:
                return done("joint_days.day", _words(entered), public_id=public_id)
            _keep_bad(form, entered)
    return _day_page(public_id, form)


def _words(entered):
    return ngettext("%(num)d client is signed up.", "%(num)d clients are signed up.", len(entered.added))


def _keep_bad(form, entered):
    """Good codes are kept; in the field stay those that are not, each with what is wrong with it."""
    if entered.added:
        flash(_words(entered), "success")
    form.codes.data = "\n".join(code for code, _why in entered.bad)
    form.codes.raw_data = [form.codes.data]
    refuse(form, " ".join(why for _code, why in entered.bad), "codes")


@blueprint.post("/<pid:public_id>/take-off")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def take_off(public_id):
    joint_days.take_off(current_user, public_id, request.form.get("client", ""))
    flash(_("The client is off the list."), "success")
    return leave_for(url_for("joint_days.day", public_id=public_id))


@blueprint.route("/<pid:public_id>/record", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def record(public_id):
    opened = joint_days.open_day(current_user, public_id)
    form = RecordForm(minutes=opened.row.staff_minutes)
    form.offer(opened.clients)
    if form.validate_on_submit():
        with refusals(form):
            joint_days.record_day(current_user, public_id, form.minutes.data, form.came.data or [])
            return done("joint_days.day", _("It is written down."), public_id=public_id)
    return show_form("joint_days/record.html", form, opened=opened)
