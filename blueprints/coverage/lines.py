"""The lines of the table of prisons as HTML: 40 prisons have 440 cells, so what was written is kept."""
from functools import lru_cache

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from blueprints.coverage.words import STATE_WORDS
from labels import label
from models import Area

MOST_KEPT = 20


def of_prisons(table, open_gaps) -> str:
    """Markup. Tables are kept themselves (services/coverage/kept.py), so the same one comes again."""
    return _written(table, frozenset(open_gaps), get_locale().language)


@lru_cache(MOST_KEPT)
def _written(table, open_gaps, language):
    said = {"days": _("days a week"), "free": _("free"), "checked": _("confirmed"), "old": _("not verified"),
            "old_figure": _("old figure"), "gap": _("gap")}
    names = {area: str(label(area)) for area in Area}
    words = {state: str(word) for state, word in STATE_WORDS.items()}
    macros = current_app.jinja_env.get_template("coverage/_rows.html").module
    return macros.prisons(table, names, words, open_gaps, said)
