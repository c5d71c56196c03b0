"""A prison opens and closes its times itself; the coordinator does it for one on paper, at addresses of `/prison/…`."""
from flask import Blueprint, request, url_for
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
@blueprint.get("/prison/<pid:public_id>", endpoint="of_prison")
@allow(Can.KEEP_TIMES)
def index(public_id=""):
    board = openings.board(current_user, public_id)
    return show("openings/index.html", board=board, name_of=openings.name_of, **_around(board.prison),
                address=lambda endpoint: _address(endpoint, public_id),
                holiday_name=lambda day: slots.holiday_name(day, language()))


def _address(endpoint, public_id):
    """Of a page about a whole prison: the actor's own, or the one whose id stands in this address."""
    return url_for(f"openings.{endpoint}_of", public_id=public_id) if public_id else url_for(f"openings.{endpoint}")


def _home(prison) -> dict:
    """Where the times of a prison are shown, as `url_for` and `done` take it."""
    if prison.id == current_user.organisation_id:
        return {"endpoint": "openings.index"}
    return {"endpoint": "openings.of_prison", "public_id": prison.public_id}


def _around(prison) -> dict:
    """What each page says of whose times it is about; `times` is the way back to them: (words, address)."""
    ours = prison.id == current_user.organisation_id
    words = _("Our times") if ours else _("Times of the prison")
    return {"prison": prison, "ours": ours, "times": (words, url_for(**_home(prison)))}


def _kept(prison, form, save, sentence, template, **context):
    """Saves what was sent, unless it touches visits that have not been seen: then these are shown first.

    The form itself where it is to be filled in (again).
    """
    around = _around(prison)
    if form.step.data != "edit" and form.validate_on_submit():
        with refusals(form):
            if touched := save(request.form.getlist("seen")):
                return show("openings/check.html", form=form, touched=touched, **around)
            return done(sentence=sentence, **_home(prison))
    return show_form(template, form, **around, **context)


# Places

@blueprint.route("/place", methods=["GET", "POST"])
@blueprint.route("/prison/<pid:public_id>/place", methods=["GET", "POST"], endpoint="add_place_of")
@allow(Can.KEEP_TIMES, Mode.WRITES)
def add_place(public_id=""):
    form = PlaceForm()
    return _kept(openings.kept_by(current_user, public_id), form,
                 lambda seen: _nothing(openings.add_place(current_user, form.room(), public_id)),
                 _("The place is added. Now open its times."), "openings/place.html", place=None)


def _nothing(_added) -> list:
    """What is new touches no visit."""
    return []


@blueprint.route("/place/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def place(public_id):
    found = openings.place(current_user, public_id)
    form = PlaceForm(data={"name": found.name, "capacity": found.capacity})
    return _kept(found.prison, form,
                 lambda seen: openings.change_place(current_user, public_id, form.room(), seen),
                 _("The place is changed."), "openings/place.html", place=found)


@blueprint.route("/place/<pid:public_id>/close", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def close_place(public_id):
    found = openings.place(current_user, public_id)
    return _kept(found.prison, BareForm(), lambda seen: openings.close_place(current_user, public_id, seen),
                 _("The place is closed. Nothing can be asked for there any more."), "openings/close_place.html",
                 place=found, touched=openings.visits_of(current_user, public_id))


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
    return _kept(found.prison, form,
                 lambda seen: _nothing(openings.add_window(current_user, public_id, form.opening())),
                 _("The times are open."), "openings/window.html", place=found, window=None)


@blueprint.route("/window/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def window(public_id):
    found = openings.window(current_user, public_id)
    kept = {name: getattr(found, name) for name in openings.COLUMNS} | {"valid_from": openings.next_day(found)}
    form = (ExtraForm if found.extra else WindowForm)(data=kept)
    return _kept(found.place.prison, form,
                 lambda seen: openings.change_window(current_user, public_id, form.opening(), seen),
                 _("The times are changed."), "openings/window.html", place=found.place, window=found)


@blueprint.route("/window/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.KEEP_TIMES, Mode.WRITES)
def end_window(public_id):
    found, form = openings.window(current_user, public_id), EndForm()
    return _kept(found.place.prison, form,
                 lambda seen: openings.end_window(current_user, public_id, form.valid_until.data, seen),
                 _("The window will end."), "openings/end_window.html", window=found, name=openings.name_of(found))


# Closures

@blueprint.route("/closure", methods=["GET", "POST"])
@blueprint.route("/prison/<pid:public_id>/closure", methods=["GET", "POST"], endpoint="close_of")
@allow(Can.KEEP_TIMES, Mode.WRITES)
def close(public_id=""):
    form = ClosureForm()
    form.offer(openings.places(current_user, public_id))
    return _kept(openings.kept_by(current_user, public_id), form,
                 lambda seen: openings.close(current_user, form.closing(), seen, public_id), _("It is closed."),
                 "openings/closure.html")


@blueprint.post("/closure/<pid:public_id>/reopen")
@allow(Can.KEEP_TIMES, Mode.WRITES)
def reopen(public_id):
    prison = openings.reopen(current_user, public_id)
    return done(sentence=_("It is open again. Nobody has to look at visits any more that were marked because of it."),
                **_home(prison))


# How much a week

@blueprint.route("/limits", methods=["GET", "POST"])
@blueprint.route("/prison/<pid:public_id>/limits", methods=["GET", "POST"], endpoint="limits_of")
@allow(Can.KEEP_TIMES, Mode.WRITES)
def limits(public_id=""):
    prison = openings.kept_by(current_user, public_id)
    kept = openings.week_limits(prison)
    form = LimitsForm(data={"visits": kept.visits, "minutes": kept.minutes})
    return _kept(prison, form,
                 lambda seen: _nothing(openings.set_week_limits(current_user, form.given(), public_id)),
                 _("The limits are kept. What is confirmed stands."), "openings/limits.html")
