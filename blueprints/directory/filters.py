"""The filters of the contact book's search: read from an address, offered as choices, shown as chips."""
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from urllib.parse import urlencode

from flask import current_app, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

import choices
from labels import LABELS
from models import Area, EntryKind, Form, Need, TargetGroup
from services import search as searching
from services.record_words import LANGUAGES, language_names
from services.search import FILTERS, WHEN, Question
from services.search_places import Map
from text import clean_text

YES = ("yes",)
KNOWN = {"area": set(Area), "need": set(Need), "form": set(Form), "group": set(TargetGroup), "when": set(WHEN),
         "language": set(LANGUAGES), "free": set(YES), "verified": set(YES), "exact": set(YES), "kind": set(EntryKind)}
LONGEST = 100  # of a place's code and a prison's slug
OF_PLACES = ("region", "district", "municipality", "prison")


@dataclass(frozen=True)
class Filter:
    """A filter as a select: its name in the address, its label, the word for not filtering, `{value: word}`."""

    name: str
    label: str
    every: str
    choices: dict[str, str]

    @cached_property
    def _options(self):
        return choices.options({"": self.every, **self.choices})

    def options(self, asked: str | None):
        """The options of the select, of which there are hundreds: written once."""
        return choices.chosen(self._options, asked) if asked else self._options


def question(page: int) -> Question:
    """What the address asks; whatever does not fit in is left out."""
    names = ("q", "exact", *FILTERS)
    given = {name: clean_text(request.args[name], limit=200) for name in names if name in request.args}
    asked = {name: value[:LONGEST] for name, value in given.items()
             if name != "q" and value in KNOWN.get(name, (value,))}
    return Question(given.get("q", ""), page=page, **asked)


def address(asked: Question, page: int | None = None, **changed) -> str:
    """The address of a page of the answer, as it can be shared."""
    values = {"q": asked.text, **asked.asked, "exact": asked.exact, **changed, "page": page}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{url_for('directory.search')}?{query}" if query else url_for("directory.search")


def chips(asked: Question, filters: list[Filter]) -> list[tuple[str, str]]:
    """The filters that are set: `(label: word, the address without it)`."""
    return [(f"{each.label}: {each.choices.get(value, value)}", address(replace(asked, **{each.name: ""})))
            for each in filters if (value := asked.asked.get(each.name))]


def offered(places: Map | None) -> list[Filter]:
    """All the filters in the reader's language; those of places are empty without a map."""
    return _offered(get_locale().language, places)


def selects(asked: Question) -> str:
    """Markup: all the filters as selects with what is asked chosen."""
    return _selects(get_locale().language, searching.places(), tuple(asked.asked.items()))


@lru_cache(maxsize=100)
def _selects(language, places, asked):
    macros = current_app.jinja_env.get_template("directory/_filters.html").module
    return macros.selects(_offered(language, places), dict(asked))


@lru_cache(maxsize=8)
def _offered(language, places):
    found = {each.name: each for each in _fixed(language)}
    known = _of_places(language, places) if places else {}
    with force_locale(language):
        found |= {name: Filter(name, str(word), str(every), known.get(name, {})) for name, word, every in (
            ("region", _("Region"), _("all regions")), ("prison", _("Prison"), _("all prisons")),
            ("district", _("District"), _("all districts")),
            ("municipality", _("Municipality with extended powers"), _("all municipalities")))}
    return [found[name] for name in FILTERS]


def _of_places(language, places):
    regions = places.regions_en if language == "en" else {code: name for code, (name, _seat) in places.regions.items()}
    return {"region": regions, "prison": places.prisons,
            "district": {code: name for code, (name, _region) in places.districts.items()},
            "municipality": {code: town.name for code, town in places.towns.items()}}


@cache
def _fixed(language) -> list[Filter]:
    """The filters whose choices are always the same."""
    with force_locale(language):
        return [
            Filter("area", _("Area of help"), _("all areas"), _words(Area)),
            Filter("need", _("Need"), _("all needs"), _words(Need)),
            Filter("form", _("Form"), _("all forms"), _words(Form)),
            Filter("group", _("It says it is for"), _("everybody alike"), _words(TargetGroup)),
            Filter("when", _("When"), _("before and after release"),
                   dict(zip(WHEN, (_("before release"), _("after release")), strict=True))),
            Filter("language", _("Language"), _("all languages"), {code: language_names(code) for code in LANGUAGES}),
            Filter("free", _("Free places"), _("it does not matter"), {"yes": _("free now")}),
            Filter("verified", _("Facts"), _("all"), {"yes": _("confirmed only")}),
            Filter("kind", _("What"), _("everything"), _words(EntryKind)),
        ]


def _words(enum) -> dict[str, str]:
    return {member.value: str(word) for member, word in LABELS[enum].items()}
