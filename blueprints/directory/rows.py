"""The lines of the search as HTML. The same lines come again in many answers, so what was written is kept."""
from functools import cache, lru_cache

from flask import current_app, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

import clock
import formats
from blueprints.directory.words import words_of
from models import Area, EntryKind, Kind

PLACE = "0" * 22  # stands for a public id in an address that is made once for many rows
MOST_KEPT, MOST_LISTS = 500, 32  # lines of 1 kB, lists of up to 30


def written(answer, typed: dict[str, str]) -> str:
    """Markup: the lines of an answer. `typed`: its words as typed, by their folded form."""
    return _list(answer, tuple(typed.items()), get_locale().language, clock.today())


@lru_cache(MOST_LISTS)
def _list(answer, typed, language, today):
    """Answers are kept themselves (services/search_kept.py), so the same one comes again."""
    macros, typed, areas = _macros(), dict(typed), words_of(Area)
    parts = []
    for hit in answer.hits:
        before, after = _written(hit._replace(why=()), language, today)
        parts += [before, macros.why(hit.why, typed, areas) if hit.why else "", after]
    return macros.joined(parts)


def _macros():
    return current_app.jinja_env.get_template("directory/_row.html").module


@lru_cache(MOST_KEPT)
def _written(hit, language, today) -> tuple:
    """A line but for why it is there: what stands before that, and after it. It depends on nothing but these three."""
    macros = _macros()
    said = {**_words(language), "day": _day(hit, language), "places": _places(hit, language, today)}
    return macros.before(hit, said), macros.after(hit, said)


@cache
def _words(language) -> dict:
    """What all lines say alike."""
    icon = current_app.jinja_env.get_template("_parts.html").module.icon
    return {"area_words": words_of(Area), "entry_words": words_of(EntryKind), "kind_words": words_of(Kind),
            "link": url_for("directory.organisation", public_id=PLACE).replace(PLACE, ""), "ended": _("ended"),
            "check": icon("check"), "clock": icon("clock"), "circle": icon("circle-dashed"),
            "not_confirmed": _("not confirmed"), "not_verified": _("not verified"), "no": _("do not rely on it"),
            "by_source": _("confirmed by the source"), "unverified": _("unverified organisation"),
            "paused": _("paused organisation"), "add": _("Add to the leaflet")}


def _day(hit, language) -> str:
    if hit.until:
        return _("until %(day)s", day=formats.day(hit.until, language=language))
    return _("confirmed %(day)s", day=formats.day(hit.checked_on, language=language)) if hit.checked_on else ""


def _places(hit, language, today) -> str:
    """Free places with their day: `2 free places · today`."""
    if not hit.places or hit.ended:
        return ""
    free, on = hit.places
    said = ngettext("%(num)d free place", "%(num)d free places", free)
    return f"{said} · {formats.ago(on, today, language=language)}"
