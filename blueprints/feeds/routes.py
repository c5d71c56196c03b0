"""Calendar addresses: making and stopping one's own, and the calendar itself, which its address alone opens."""
import flask
from flask import Blueprint, make_response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import Optional

from choices import of_pairs
from db import Mode
from policy import Can
from services import feeds
from web import allow, done, public, refusals, show, show_form

blueprint = Blueprint("feeds", __name__)


class FeedForm(FlaskForm):
    """Of what a new address is; asked where the reader's prison has rooms."""

    room = RadioField(_l("What it shows"), [Optional()], default="")


@blueprint.get("/calendar")
@allow(Can.WORK_IN_GROUPS)
def overview():
    return _overview(_form())


def _form():
    form = FeedForm()
    rooms = [(room.public_id, room.name) for room in feeds.rooms(current_user)]
    form.room.choices = of_pairs(rooms, _("All visits and meetings"))
    return form


def _overview(form):
    return show_form("feeds/overview.html", form, feeds=feeds.in_force(current_user))


@blueprint.post("/calendar")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def create():
    """Shows the new address in the answer itself: it is never stored, so no other page could show it."""
    form = _form()
    with refusals(form):
        path = url_for("feeds.calendar", token=feeds.create(current_user, form.room.data or ""))
        return show("feeds/created.html", address=flask.current_app.config["BASE_URL"] + path)
    return _overview(form)


@blueprint.post("/calendar/<int(max=2147483647):feed_id>/stop")
@allow(Can.WORK_IN_GROUPS, Mode.WRITES)
def revoke(feed_id):
    feeds.revoke(current_user, feed_id)
    return done("feeds.overview", _("The address no longer works."))


@blueprint.get("/feeds/<token>.ics")
@public()
def calendar(token):
    response = make_response(feeds.read(token, note=flask.request.method == "GET"))
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = "inline; filename=navaznost.ics"
    return response
