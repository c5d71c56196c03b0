"""Visits: what is coming, asking for one, and answering."""
from datetime import date, timedelta

import flask
from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

import clock
from blueprints.visits.forms import AnswerForm, BareForm, RequestForm
from db import Mode
from errors import RuleBroken
from models import Role
from policy import Can
from services import visits
from services.visits import Event
from web import allow, done, leave_for, page_number, refusals, show, show_form

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


@blueprint.get("")
@allow(Can.SEE_VISITS)
def index():
    if current_user.role is Role.PRISON:
        monday = visits.monday_of(_day_asked("week") or visits.day_in_view())
        return show("visits/week.html", monday=monday, days=visits.week(current_user, monday),
                    before=monday - timedelta(days=7), after=monday + timedelta(days=7), today_day=clock.today())
    return show("visits/index.html", upcoming=visits.upcoming(current_user),
                prisons=visits.prisons_with_times(current_user))


@blueprint.get("/earlier")
@allow(Can.SEE_VISITS)
def earlier():
    page = page_number(flask.request.args.get("page"))
    rows, pages = visits.earlier(current_user, page)
    return show("visits/earlier.html", rows=rows, page=min(page, pages), pages=pages)


def _day_asked(name) -> date | None:
    try:
        day = date.fromisoformat(flask.request.args.get(name, ""))
    except ValueError:
        return None
    return day if day.year in visits.YEARS else None


# Asking for a visit

@blueprint.get("/request/<pid:public_id>", endpoint="request")
@allow(Can.REQUEST_VISITS)
def choose_time(public_id):
    prison = visits.prison(current_user, public_id)
    times = visits.times(current_user, prison, _day_asked("week"))
    return show("visits/request.html", fragment="visits/_times.html", prison=prison, times=times)


@blueprint.route("/request/<pid:public_id>/details", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def details(public_id):
    prison = visits.prison(current_user, public_id)
    form = RequestForm(slot=flask.request.args.get("slot"))
    form.request_key.data = form.request_key.data or visits.new_request_key()
    if flask.request.method == "GET" or form.step.data == "edit":
        return _first_look(prison, form)
    if form.validate():
        with refusals(form):
            if form.step.data == "send":
                booking = visits.ask(current_user, prison, form.request_key.data, form.wish())
                return done("visits.sent", public_id=booking.public_id)
            slot = visits.look_over(current_user, prison, form.wish())
            _offer(prison, form)
            return show("visits/check.html", form=form, prison=prison, slot=slot)
    return _details(prison, form)


def _offer(prison, form):
    form.offer(visits.colleagues(current_user), visits.clients_in(current_user, prison))


def _first_look(prison, form):
    """The form as it opens; a time that cannot be had any more leads back to the others."""
    try:
        return _details(prison, form, visits.open_slot(current_user, prison, form.slot.data or ""))
    except RuleBroken as refusal:
        flash(str(refusal.sentence), "info")
        return leave_for(url_for("visits.request", public_id=prison.public_id))


def _details(prison, form, slot=None):
    _offer(prison, form)
    instead = getattr(form, "refusal", None) and form.refusal.details.get("slots", [])
    return show_form("visits/details.html", form, prison=prison, instead=instead or [],
                     slot=slot or visits.find_slot(prison, form.slot.data or ""))


@blueprint.get("/<pid:public_id>/sent")
@allow(Can.REQUEST_VISITS)
def sent(public_id):
    booking = visits.one(current_user, public_id)
    return show("visits/sent.html", booking=booking, told=visits.deciders(booking.prison_id))


# One visit

@blueprint.get("/<pid:public_id>")
@allow(Can.SEE_VISITS, Mode.READS_FILE)
def booking(public_id):
    return _booking_page(public_id, BareForm())


def _booking_page(public_id, form):
    return show_form("visits/booking.html", form, opened=visits.open_booking(current_user, public_id))


@blueprint.post("/<pid:public_id>/confirm")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def confirm(public_id):
    form = BareForm()
    with refusals(form):
        visits.advance(current_user, public_id, Event.CONFIRM)
        return done("today.home", _("The visit is confirmed. The organisation has been told."))
    return _booking_page(public_id, form)


@blueprint.route("/waiting", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def confirm_many():
    form = BareForm()
    if form.validate_on_submit():
        with refusals(form):
            confirmed, settled = visits.confirm_many(current_user, flask.request.form.getlist("bookings"))
            return done("today.home", _many_words(confirmed, settled))
    return show_form("visits/waiting.html", form, waiting=visits.waiting(current_user), today_day=clock.today())


def _many_words(confirmed, settled):
    words = ngettext("%(num)d visit is confirmed.", "%(num)d visits are confirmed.", confirmed)
    if not settled:
        return words
    return f"{words} " + ngettext("%(num)d was settled before.", "%(num)d were settled before.", settled)


@blueprint.route("/<pid:public_id>/decline", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def decline(public_id):
    return _answer(public_id, Event.DECLINE, AnswerForm(),
                   _("The request is declined. The organisation has been told and offered other times."))


@blueprint.route("/<pid:public_id>/cancel", methods=["GET", "POST"])
@allow(Can.SEE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def cancel(public_id):
    return _answer(public_id, Event.CANCEL, AnswerForm(), _("The visit is cancelled. The others have been told."))


@blueprint.route("/<pid:public_id>/withdraw", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def withdraw(public_id):
    return _answer(public_id, Event.WITHDRAW, BareForm(), _("The request is withdrawn. The prison has been told."))


def _answer(public_id, event, form, sentence):
    """The page of one answer; where somebody was quicker it is the page of how the visit stands now."""
    found = visits.one(current_user, public_id)
    form.offer(visits.reasons_for(current_user, found, event))
    if form.validate_on_submit():
        with refusals(form):
            visits.advance(current_user, public_id, event, **form.given())
            return done("visits.booking", sentence, public_id=public_id)
    if hasattr(form, "refusal") or event not in visits.open_events(current_user, found):
        return _booking_page(public_id, form)
    return show_form(f"visits/{event}.html", form, booking=found)
