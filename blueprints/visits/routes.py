"""Visits: what is coming, and asking for one."""

import flask
from flask import flash, url_for
from flask_babel import gettext as _
from flask_login import current_user

from blueprints.visits import answering, blueprint, grouping, looking
from blueprints.visits.forms import RequestForm
from blueprints.visits.looking import day_asked
from db import Mode
from errors import RuleBroken
from labels import label
from policy import Can, may
from services import referrals, visits
from services.visits import joint_days, series, trips
from web import allow, done, leave_for, page_number, refusals, show, show_form

__all__ = ["answering", "blueprint", "grouping", "looking"]  # the other rooms add their views as they are loaded


@blueprint.get("/earlier")
@allow(Can.SEE_VISITS)
def earlier():
    page = page_number(flask.request.args.get("page"))
    rows, pages = visits.earlier(current_user, page)
    return show("visits/earlier.html", rows=rows, page=min(page, pages), pages=pages)


# Asking for a visit

SHOWN_OTHERS = 9  # free times that are offered beside the one that was chosen


@blueprint.get("/request/<pid:public_id>", endpoint="request")
@allow(Can.REQUEST_VISITS)
def choose_time(public_id):
    prison = visits.prison(current_user, public_id)
    times = visits.times(current_user, prison, day_asked("week"))
    return show("visits/request.html", fragment="visits/_times.html", prison=prison, times=times,
                joint=[] if times.refusal else joint_days.coming(prison), referral=flask.request.args.get("referral"))


@blueprint.route("/request/<pid:public_id>/details", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def details(public_id):
    prison = visits.prison(current_user, public_id)
    asked = flask.request.args
    form = RequestForm(data={"slot": asked.get("slot"), "wait": asked.get("wait"), "clients": asked.getlist("client"),
                             **_of_referral(asked.get("referral"))})
    form.request_key.data = form.request_key.data or visits.new_request_key()
    if flask.request.method == "GET" or form.step.data == "edit":
        return _first_look(prison, form)
    if form.validate():
        with refusals(form):
            return _send(prison, form) if form.step.data == "send" else _check(prison, form)
        if isinstance(form.refusal, series.PlanChanged):
            return _check(prison, form)
    return _details(prison, form)


def _of_referral(public_id) -> dict:
    """What a referral that is seen to says already: for what, and whom, where its reader may know."""
    if flask.request.method != "GET" or not public_id or not may(current_user, Can.OPEN_CLIENTS):
        return {}
    found = referrals.view(current_user, public_id)
    return {"purpose": ", ".join(str(label(need)) for need, _result in found.needs),
            **({"clients": [found.client]} if found.client and found.prison else {})}


def _send(prison, form):
    actor, wish, key = current_user._get_current_object(), form.wish(), form.request_key.data
    if rhythm := form.rhythm():
        seen = flask.request.form.getlist("seen")
        return done("visits.together", _("The series is asked for. The prison has been told."),
                    public_id=series.ask_series(actor, prison, key, wish, rhythm, seen,
                                                       bool(form.wait_full.data)))
    if form.after.data:
        return done("visits.together", _("The trip is asked for. The prison has been told."),
                    public_id=trips.ask_trip(actor, prison, key, wish, form.after.data))
    return done("visits.sent", public_id=visits.ask(actor, prison, key, wish).public_id)


def _check(prison, form):
    """What would be sent, and what to know before: nothing has been asked for yet."""
    found, planned = _wanted(prison, form)
    _offer(prison, form)
    seen = series.keys_of(planned)
    return show_form("visits/check.html", form, prison=prison, slot=found[0], others=found[1:], planned=planned,
                     seen=seen, warnings=visits.warnings(current_user, prison, form.wish(), found))


def _wanted(prison, form):
    wish = form.wish()
    if rhythm := form.rhythm():
        planned = series.plan(current_user, prison, wish, rhythm)
        return [next(each.slot for each in planned if not each.why or each.full)], planned
    if form.after.data:
        return [slot for slot, _wish in trips.look_over_trip(current_user, prison, wish, form.after.data)], []
    return visits.look_over(current_user, prison, wish), []


def _offer(prison, form, free=()):
    form.offer(visits.people_with_standing(current_user, prison), visits.clients_in(current_user, prison), free)


def _first_look(prison, form):
    """The form as it opens. A full time can be waited for; one that cannot be had at all leads back to the others."""
    try:
        slot, full = visits.open_time(current_user, prison, form.slot.data or "")
        form.wait.data = "y" if full else ""
        return _details(prison, form, slot)
    except RuleBroken as refusal:
        flash(str(refusal.sentence), "info")
        return leave_for(url_for("visits.request", public_id=prison.public_id))


def _details(prison, form, slot=None):
    instead = getattr(form, "refusal", None) and form.refusal.details.get("slots", [])
    if instead and form.step.data == "send":
        return show_form("visits/taken.html", form, prison=prison, instead=instead)
    slot = slot or visits.find_slot(prison, form.slot.data or "")
    free = () if instead or form.wait.data or slot is None else visits.next_free(prison, slot.window.kind, SHOWN_OTHERS)
    _offer(prison, form, free)
    return show_form("visits/details.html", form, prison=prison, instead=instead or [], slot=slot,
                     may_wait=instead and form.slot.data and not form.after.data)


@blueprint.get("/<pid:public_id>/sent")
@allow(Can.REQUEST_VISITS)
def sent(public_id):
    booking = visits.one(current_user, public_id)
    return show("visits/sent.html", booking=booking, told=visits.deciders(booking.prison_id))
