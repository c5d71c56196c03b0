"""Today: what to do now, by urgency; each area gives its rows."""
from flask import Blueprint
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
    return show("today/home.html", today_day=clock.today(), sections=today.sections(current_user._get_current_object()))
