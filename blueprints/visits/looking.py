"""What is coming and what is free: a prison's week and day, a month of who asks, times for one client."""
from datetime import date, timedelta

import flask
from flask_login import current_user

import clock
from blueprints.visits import blueprint
from db import Mode
from labels import language
from models import Role
from policy import Can
from services import slots, visits
from web import allow, show


@blueprint.get("")
@allow(Can.SEE_VISITS)
def index():
    if current_user.role is Role.PRISON:
        return _day(day) if (day := day_asked("day")) else _week()
    if month := day_asked("month", "-01"):
        chosen = flask.request.args.get("prison", "")
        return show("visits/month.html", month=visits.month(current_user, month.replace(day=1), chosen))
    return show("visits/index.html", upcoming=visits.upcoming(current_user),
                prisons=visits.prisons_with_times(current_user), this_month=f"{clock.today():%Y-%m}")


def _week():
    monday = visits.monday_of(day_asked("week") or visits.day_in_view())
    return show("visits/week.html", monday=monday, week=visits.week(current_user, monday),
                before=monday - timedelta(days=7), after=monday + timedelta(days=7), today_day=clock.today(),
                holiday_name=_holiday_name)


def _day(day):
    found = visits.day(current_user, day)
    return show("visits/day.html", day=found.days[0], used=found.used, before=day - slots.DAY, after=day + slots.DAY,
                holiday_name=_holiday_name)


def _holiday_name(day):
    return slots.holiday_name(day, language())


def day_asked(name: str, more: str = "") -> date | None:
    """The day (or what becomes one with `more` behind it) that an address asks for; None where it is none."""
    try:
        day = date.fromisoformat(flask.request.args.get(name, "") + more)
    except ValueError:
        return None
    return day if day.year in visits.YEARS else None


@blueprint.get("/for/<pid:public_id>")
@allow(Can.REQUEST_VISITS, Mode.READS_FILE)
def for_client(public_id):
    return show("visits/for_client.html", found=visits.for_client(current_user, public_id))
