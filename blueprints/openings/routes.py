"""A prison opens and closes its times itself."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user

import clock
from blueprints.openings.forms import (
    BareForm,
    ClosureForm,
    EndForm,
    ExtraForm,
    LimitsForm,
    PlaceForm,
    WindowForm,
)
from db import Mode
from labels import language
from policy import Can
from services import openings, slots
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("openings", __name__, url_prefix="/openings")


@blueprint.get("")
@allow(Can.KEEP_TIMES)
def index():
    return show("openings/index.html", board=openings.board(current_user), name_of=openings.name_of,
                holiday_name=lambda day: slots.holiday_name(day, language()))


def _kept(form, save, sentence):
    """Saves what was sent, unless it touches visits that have not been seen: then these are shown first.

    None where the form is to be filled in (again).
    """
    if form.step.data == "edit" or not form.validate_on_submit():
        return None
    with refusals(form):
        if touched := save(request.form.getlist("seen")):
            return show("openings/check.html", form=form, touched=touched)
        return done("openings.index", sentence)
    return None


# Places

@blueprint.route("/place", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def add_place():
    form = PlaceForm()
    return _kept(form, lambda seen: _nothing(openings.add_place(current_user, form.room())),
                 _("The place is added. Now open its times.")) or show_form("openings/place.html", form, place=None)


def _nothing(_added) -> list:
    """What is new touches no visit."""
    return []


@blueprint.route("/place/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def place(public_id):
    found = openings.place(current_user, public_id)
    form = PlaceForm(data={"name": found.name, "capacity": found.capacity})
    return _kept(form, lambda seen: openings.change_place(current_user, public_id, form.room(), seen),
                 _("The place is changed.")) or show_form("openings/place.html", form, place=found)


@blueprint.route("/place/<pid:public_id>/close", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def close_place(public_id):
    found, form = openings.place(current_user, public_id), BareForm()
    return _kept(form, lambda seen: openings.close_place(current_user, public_id, seen),
                 _("The place is closed. Nothing can be asked for there any more.")) \
        or show_form("openings/close_place.html", form, place=found,
                     touched=openings.visits_of(current_user, public_id))


# Windows

@blueprint.route("/place/<pid:public_id>/window", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def add_window(public_id):
    return _add(public_id, WindowForm(data={"every_weeks": 1, "seats": 1, "slot_minutes": 60, "notice_days": 2,
                                            "valid_from": clock.today()}))


@blueprint.route("/place/<pid:public_id>/day", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def add_day(public_id):
    return _add(public_id, ExtraForm(data={"seats": 1, "slot_minutes": 60, "notice_days": 0}))


def _add(public_id, form):
    found = openings.place(current_user, public_id)
    return _kept(form, lambda seen: _nothing(openings.add_window(current_user, public_id, form.opening())),
                 _("The times are open.")) or show_form("openings/window.html", form, place=found, window=None)


@blueprint.route("/window/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def window(public_id):
    found = openings.window(current_user, public_id)
    kept = {name: getattr(found, name) for name in openings.COLUMNS} | {"valid_from": openings.next_day(found)}
    form = (ExtraForm if found.extra else WindowForm)(data=kept)
    return _kept(form, lambda seen: openings.change_window(current_user, public_id, form.opening(), seen),
                 _("The times are changed.")) \
        or show_form("openings/window.html", form, place=found.place, window=found)


@blueprint.route("/window/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def end_window(public_id):
    found, form = openings.window(current_user, public_id), EndForm()
    return _kept(form, lambda seen: openings.end_window(current_user, public_id, form.valid_until.data, seen),
                 _("The window will end.")) \
        or show_form("openings/end_window.html", form, window=found, name=openings.name_of(found))


# Closures

@blueprint.route("/closure", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def close():
    form = ClosureForm()
    form.offer(openings.places(current_user))
    return _kept(form, lambda seen: openings.close(current_user, form.closing(), seen), _("It is closed.")) \
        or show_form("openings/closure.html", form)


@blueprint.post("/closure/<pid:public_id>/reopen")
@allow(Can.KEEP_TIMES, Mode.WRITES)
def reopen(public_id):
    openings.reopen(current_user, public_id)
    return done("openings.index", _("It is open again. Nobody has to look at visits any more that were marked because "
                                    "of it."))


# How much a week

@blueprint.route("/limits", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def limits():
    kept = openings.week_limits(current_user)
    form = LimitsForm(data={"visits": kept.visits, "minutes": kept.minutes})
    if form.validate_on_submit():
        with refusals(form):
            openings.set_week_limits(current_user, form.given())
            return done("openings.index", _("The limits are kept. What is confirmed stands."))
    return show_form("openings/limits.html", form)
