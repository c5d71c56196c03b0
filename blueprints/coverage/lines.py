"""The lines of the tables of coverage as HTML: 40 prisons have 440 cells, so what was written is kept.

Tables are kept themselves (services/coverage/kept.py), so the same one comes again until the book is written.
"""
from functools import lru_cache

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from blueprints.coverage.words import STATE_WORDS, english
from labels import label
from models import Area, Need, TargetGroup

MOST_KEPT = 20


def of_prisons(table, open_gaps) -> str:
    """Markup."""
    return _prisons(table, frozenset(open_gaps), get_locale().language)


@lru_cache(MOST_KEPT)
def _prisons(table, open_gaps, _language):
    return _macros().prisons(table, _labels(Area), _words(), open_gaps, _said())


def of_regions(table, open_gaps, lacking) -> str:
    """Markup. `lacking` are rows of unmet needs by region; they are not shown beside the numbers of one group."""
    lacked = () if table.group else ((code, need, row.total) for code, rows in lacking.items()
                                     for need, row in rows.items())
    return _regions(table, frozenset(open_gaps), frozenset(lacked), get_locale().language)


@lru_cache(MOST_KEPT)
def _regions(table, open_gaps, lacked, _language):
    named = {line.code: line.name_en if english() else line.name for line in table.lines}
    return _macros().regions(table, named, _labels(Need), _words(), open_gaps,
                             {(code, need): total for code, need, total in lacked}, _said())


def of_groups(table, open_gaps) -> str:
    """Markup."""
    return _groups(table, frozenset(open_gaps), get_locale().language)


@lru_cache(MOST_KEPT)
def _groups(table, open_gaps, _language):
    return _macros().groups(table.cells, table.region, _labels(TargetGroup), _labels(Need), _words(), open_gaps,
                            table.today, _said())


def _macros():
    return current_app.jinja_env.get_template("coverage/_rows.html").module


def _labels(members) -> dict:
    return {each: str(label(each)) for each in members}


def _words() -> dict:
    return {state: str(word) for state, word in STATE_WORDS.items()}


def _said() -> dict:
    return {"days": _("days a week"), "free": _("free"), "checked": _("confirmed"), "old": _("not verified"),
            "old_figure": _("old figure"), "gap": _("gap"), "lacked": _("unmet")}
