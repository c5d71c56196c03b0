"""The coverage table: which area of help runs in which prison."""
from flask import Blueprint, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

import clock
from exporters import coverage as coverage_file
from models import Area
from policy import Can
from services import coverage
from web import allow, send, show

blueprint = Blueprint("coverage", __name__)

LEVEL_WORDS = {"low": _l("low"), "medium": _l("medium"), "high": _l("high"), "increased": _l("increased")}
STATE_WORDS = {coverage.EMPTY: _l("nothing"), coverage.THIN: _l("thin"), coverage.ENOUGH: _l("covered")}


@blueprint.get("/coverage")
@allow(Can.SEE_BOOK)
def overview():
    asked = _asked()
    return show("coverage/overview.html", table=coverage.table(current_user, **asked), asked=asked, areas=list(Area),
                level_words=LEVEL_WORDS, state_words=STATE_WORDS, english=_english())


@blueprint.get("/coverage.csv")
@allow(Can.SEE_BOOK)
def as_csv():
    table = coverage.table(current_user, **_asked())
    word = _("coverage")
    name = f"{word}-{clock.today().isoformat()}.csv"
    return send(coverage_file.csv_of_table(table, STATE_WORDS, _english()), "text/csv; charset=utf-8", name)


def _asked() -> dict[str, str]:
    level = request.args.get("level", "")
    return {"level": level if level in LEVEL_WORDS else "", "region": request.args.get("region", "")[:20]}


def _english() -> bool:
    return get_locale().language == "en"
