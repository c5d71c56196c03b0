"""The lines of the search as HTML. The same lines come again in many answers, so what was written is kept."""
from functools import lru_cache

from flask import current_app, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

import clock
import formats
from blueprints.directory.words import words_of
from models import Area, EntryKind, Kind

PLACE = "0" * 22  # stands for a public id in an address that is made once for many rows
MOST_KEPT = 2000


def written(hit) -> tuple[Markup, Markup]:
    """A line but for why it is there: what stands before that, and after it."""
    return _written(hit._replace(why=()), get_locale().language, clock.today())


@lru_cache(MOST_KEPT)
def _written(hit, language, today):
    """What a line says depends on nothing but these three, and on addresses, which stay."""
    macros = current_app.jinja_env.get_template("directory/_row.html").module
    said = {"area_words": words_of(Area), "entry_words": words_of(EntryKind), "kind_words": words_of(Kind),
            "link": url_for("directory.organisation", public_id=PLACE).replace(PLACE, ""),
            "day": _day(hit, language), "places": _places(hit, language, today)}
    return macros.before(hit, said), macros.after(hit, said)


def _day(hit, language) -> str:
    if hit.until:
        return _("until %(day)s", day=formats.day(hit.until, language=language))
    return _("confirmed %(day)s", day=formats.day(hit.checked_on, language=language)) if hit.checked_on else ""


def _places(hit, language, today) -> str:
    """Free places with their day: `2 free places · today`."""
    if not hit.places or hit.ended:
        return ""
    free, on = hit.places
    return (f"{ngettext('%(num)d free place', '%(num)d free places', free)} · "
            f"{formats.ago(on, today, language=language)}")
