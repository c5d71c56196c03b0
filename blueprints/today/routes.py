"""Today: what to do now, by urgency; each area gives its rows."""
from flask import Blueprint, g
from flask_login import current_user

import clock
from models import Role
from policy import Can
from services import today
from web import allow, show

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@allow(Can.SIGNED_IN)
def home():
    if current_user.role is Role.CLIENT:
        return show("today/client.html")
    page = today.page(current_user._get_current_object())
    g.counts = page.counts  # the menu need not ask again
    return show("today/home.html", today_day=clock.today(), sections=page.sections)
