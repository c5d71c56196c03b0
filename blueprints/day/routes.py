"""The day itself: who comes, what is printed for the gate and the wings, how it went, and what it cost."""
from datetime import date, timedelta

import flask
from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

import clock
from blueprints.day.forms import BareForm, SettingsForm, WentForm
from db import Mode
from exporters import pdf
from exporters.visit_costs import csv_of
from models import Role
from policy import Can
from services.slots import YEARS
from services.visits import cost as costs
from services.visits import gate as sheets
from services.visits import recording
from services.visits.machine import REASONS, Event, Side, open_events, side_of
from web import allow, done, page_number, refusals, send, show, show_form

blueprint = Blueprint("day", __name__, url_prefix="/day")


@blueprint.get("")
@allow(Can.SEE_VISITS)
def index():
    return _day_page(BareForm(), _day_asked())


def _day_page(form, day):
    rows = recording.of_day(current_user, day)
    over = [row for row in rows if recording.may_be_recorded(row)]
    return show_form("day/index.html", form, day=day, over=over, others=[row for row in rows if row not in over],
                     before=day - timedelta(days=1), after=day + timedelta(days=1), pdf=pdf.installed(),
                     in_prison=current_user.role is Role.PRISON)


def _day_asked() -> date:
    try:
        day = date.fromisoformat(flask.request.values.get("on", ""))
    except ValueError:
        return clock.today()
    return day if day.year in YEARS[1:-1] else clock.today()


# How it went

@blueprint.post("/record")
@allow(Can.SEE_VISITS, Mode.WRITES)
def record_many():
    form, day = BareForm(), _day_asked()
    with refusals(form):
        recorded, settled = recording.record_many(current_user, flask.request.form.getlist("bookings"))
        return done("day.index", _recorded_words(recorded, settled), on=day.isoformat())
    return _day_page(form, day)


def _recorded_words(recorded, settled):
    words = ngettext("%(num)d visit is written down.", "%(num)d visits are written down.", recorded)
    if not settled:
        return words
    return f"{words} " + ngettext("%(num)d was settled before.", "%(num)d were settled before.", settled)


@blueprint.route("/<pid:public_id>/record", methods=["GET", "POST"])
@allow(Can.SEE_VISITS, Mode.WRITES)
def record(public_id):
    return _went(public_id, Event.RECORD, recording.record, _("It is written down."))


@blueprint.route("/<pid:public_id>/object", methods=["GET", "POST"], endpoint="object")
@allow(Can.SEE_VISITS, Mode.WRITES)
def object_to(public_id):
    return _went(public_id, Event.OBJECT, recording.object_to,
                 _("Your version is written down. Both stand, the visit counts as neither."))


def _went(public_id, event, say, sentence):
    booking = recording.one(current_user, public_id)
    side = side_of(current_user, booking)
    usual = recording.usual(booking, side)
    form = WentForm(held="yes" if event is Event.RECORD else None, reached=usual.reached, minutes=usual.minutes)
    form.offer(REASONS[Event.RECORD, side], side is Side.PRISON)
    if form.validate_on_submit():
        with refusals(form):
            say(current_user, public_id, form.went())
            return done("visits.booking", sentence, public_id=public_id)
    return show_form("day/went.html", form, booking=booking, event=event, records=recording.records_of(booking),
                     in_prison=side is Side.PRISON, open=event in open_events(current_user, booking))


# What is printed

@blueprint.get("/gate")
@allow(Can.DECIDE_VISITS, Mode.READS_FILE)
def gate():
    return _sheet("day/gate.html", sheets.gate_sheet(current_user, _day_asked()), "brana")


@blueprint.get("/slips")
@allow(Can.DECIDE_VISITS, Mode.READS_FILE)
def slips():
    part = page_number(flask.request.args.get("part"))
    return _sheet("day/slips.html", sheets.slips(current_user, _day_asked(), part), "predvedeni", part)


def _sheet(template, sheet, name, part=1):
    as_pdf = flask.request.args.get("file") == "pdf" and pdf.installed()
    page = show(template, sheet=sheet, as_pdf=as_pdf, pdf=pdf.installed(), part=part)
    if not as_pdf:
        return page
    return send(pdf.pdf_of(page.get_data(as_text=True), "sheet.css"), "application/pdf",
                f"{name}-{sheet.day.isoformat()}.pdf")


# What it cost

@blueprint.get("/cost")
@allow(Can.DECIDE_VISITS)
def cost():
    return show("day/cost.html", costs=costs.costs(current_user))


@blueprint.get("/cost.csv")
@allow(Can.DECIDE_VISITS)
def cost_csv():
    return Response(csv_of(costs.costs(current_user)), mimetype="text/csv", headers={
        "Content-Disposition": f'attachment; filename="navstevy-naklady-{clock.today().isoformat()}.csv"'})


@blueprint.route("/settings", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def settings():
    months, hour_cost = costs.settings(current_user)
    form = SettingsForm(months=months, hour_cost=hour_cost)
    if form.validate_on_submit():
        with refusals(form):
            costs.set_up(current_user, form.months.data, form.hour_cost.data)
            return done("day.index", _("It is kept. Clearances that were given stand."))
    return show_form("day/settings.html", form)
