"""Visits that belong together: their page, one yes to all, one change of several."""
import flask
from flask import flash
from flask_babel import ngettext
from flask_login import current_user

from blueprints.visits import blueprint
from blueprints.visits.forms import DecideForm, SeveralForm
from db import Mode
from models import ClearanceReason
from policy import Can
from services import visitors, visits
from services.visits import Side, series, several
from services.visits import together as groups
from web import allow, done, refusals, show, show_form


@blueprint.get("/together/<pid:public_id>")
@allow(Can.SEE_VISITS)
def together(public_id):
    return _group_page(public_id, DecideForm())


def _group_page(public_id, form):
    found = groups.group(current_user, public_id)
    asks_equipment, questions = groups.asks(current_user, found) if found.side is Side.PRISON else (False, [])
    return show_form("visits/together.html", form, group=found, asks_equipment=asks_equipment, questions=questions,
                     reasons=list(ClearanceReason), decides=found.side is Side.PRISON and bool(found.waiting))


@blueprint.post("/together/<pid:public_id>/confirm")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def confirm_all(public_id):
    form = DecideForm()
    if form.validate():
        with refusals(form):
            refused = visitors.refused_in(flask.request.form)
            confirmed, left = groups.confirm_all(current_user, public_id, refused=refused, **form.given())
            for visit, sentence in left:
                flash(f"{visit.number}: {sentence}", "error")
            words = ngettext("%(num)d visit is confirmed.", "%(num)d visits are confirmed.", confirmed)
            return done("visits.together", words, public_id=public_id)
    return _group_page(public_id, form)


@blueprint.route("/<pid:public_id>/several", methods=["GET", "POST"], endpoint="several")
@allow(Can.SEE_VISITS, Mode.WRITES)
def change_several(public_id):
    booking, found = several.member(current_user, public_id)
    form = SeveralForm()
    _offer(form, booking, found)
    if form.step.data != "edit" and form.validate_on_submit():
        with refusals(form):
            if form.step.data == "do":
                count = several.carry_out(current_user, public_id, form.wanted(), flask.request.form.getlist("seen"))
                return done("visits.together", _count_words(count), public_id=found.public_id)
            return _look_over(form, booking, several.look_over(current_user, public_id, form.wanted()))
        if isinstance(form.refusal, series.PlanChanged):
            return _look_over(form, booking, form.refusal.details["plan"])
    return show_form("visits/several.html", form, booking=booking, group=found)


def _offer(form, booking, found):
    whats = several.choices(current_user, found)
    sender = found.side is Side.SENDER
    form.offer(whats, several.reasons(current_user, found), several.times_near(booking) if sender else (),
               visits.colleagues(current_user) if sender else ())
    if len(whats) == 1 and not form.is_submitted():
        form.what.data = whats[0].value


def _look_over(form, booking, steps):
    return show("visits/several_check.html", form=form, booking=booking, steps=steps, signs=several.signs(steps))


def _count_words(count):
    return ngettext("%(num)d visit is changed. The other side has been told.",
                    "%(num)d visits are changed. The other side has been told.", count)
