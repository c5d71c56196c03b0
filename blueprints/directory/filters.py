"""The filters of the contact book's search: read from an address, offered as choices, shown as chips."""
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from flask import request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from labels import LABELS
from models import Area, EntryKind, Form, Need, TargetGroup
from services.record_words import LANGUAGES, language_names
from services.search import FILTERS, WHEN, Question
from text import clean_text

YES = ("yes",)
KNOWN = {"area": set(Area), "need": set(Need), "form": set(Form), "group": set(TargetGroup), "when": set(WHEN),
         "language": set(LANGUAGES), "free": set(YES), "verified": set(YES), "kind": set(EntryKind)}
LONGEST = 100  # of a region's code and a prison's slug


class Filter(NamedTuple):
    """A filter as a select: its name in the address, its label, the word for not filtering, `{value: word}`."""

    name: str
    label: str
    every: str
    choices: dict[str, str]


def question(page: int) -> Question:
    """What the address asks; whatever does not fit in is left out."""
    given = {name: clean_text(request.args.get(name, ""), limit=200) for name in ("q", *FILTERS)}
    asked = {name: value[:LONGEST] for name in FILTERS if (value := given[name]) in KNOWN.get(name, (value,))}
    return Question(given["q"], page=page, **asked)


def address(asked: Question, page: int | None = None, **changed) -> str:
    """The address of a page of the answer, as it can be shared."""
    values = {"q": asked.text, **asked.asked, **changed}
    return url_for("directory.search", **{name: value for name, value in values.items() if value}, page=page)


def chips(asked: Question, filters: list[Filter]) -> list[tuple[str, str]]:
    """The filters that are set: `(label: word, the address without it)`."""
    return [(f"{each.label}: {each.choices.get(value, value)}", address(replace(asked, **{each.name: ""})))
            for each in filters if (value := asked.asked.get(each.name))]


def offered(places) -> list[Filter]:
    """All the filters in the reader's language; `places` are regions and prisons as services.search.choices."""
    language = get_locale().language
    regions, prisons = places
    fixed = _fixed(language)
    found = {each.name: each for each in fixed}
    found["region"] = Filter("region", _("Region"), _("all regions"),
                             {code: name_en if language == "en" else name for code, name, name_en in regions})
    found["prison"] = Filter("prison", _("Prison"), _("all prisons"), dict(prisons))
    return [found[name] for name in FILTERS]


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
