"""The search for one person's needs: what the address asks, and the words for what fits and what does not."""
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from blueprints.directory import filters
from blueprints.directory.words import words_of
from models import Need, TargetGroup
from services.matching import Person, Point
from text import clean_text

SINGLE = ("region", "district", "prison", "when", "language", "free")  # those of filters.offered that are asked here


def asked(page: int) -> Person:
    """What the address asks; whatever does not fit in is left out."""
    values = {name: clean_text(request.args.get(name, ""), limit=filters.LONGEST) for name in SINGLE}
    known = {name: value for name, value in values.items() if value in filters.KNOWN.get(name, (value,))}
    given = {name: set(request.args.getlist(name)) for name in ("need", "group")}
    return Person(tuple(need for need in Need if need in given["need"]),
                  groups=tuple(group for group in TargetGroup if group in given["group"]), page=page, **known)


def labels() -> dict[str, str]:
    """The labels of the selects, as they are said of a person."""
    return {"region": _("Region they return to"), "district": _("District"), "prison": _("Prison where they are"),
            "when": _("When"), "language": _("Language"), "free": _("Free places")}


def address(person: Person, page: int) -> str:
    """The address of a page of the answer, as it can be shared."""
    single = [(name, value) for name in SINGLE if (value := getattr(person, name))]
    query = urlencode([*[("need", need) for need in person.needs], *single,
                       *[("group", group) for group in person.groups], ("page", page)])
    return f"{url_for('directory.for_person')}?{query}"


def words(points: list[Point], verdict: str, selects: dict) -> list[str]:
    """Points in the reader's language, those of a kind in one sentence. `selects`: the filters by name."""
    kinds = {}
    for point in points:
        kinds.setdefault(point.name, []).append(_word(point, selects))
    return [_sentences(verdict)[name] % {"what": ", ".join(said)} for name, said in kinds.items()]


def _word(point, selects) -> str:
    if point.name in {"need", "group"}:
        return words_of(type(point.value))[point.value]
    name, value = point.value if point.name == "place" else (point.name, point.value)
    return selects[name].choices.get(value, value)


def _sentences(verdict) -> dict[str, str]:
    """`{name of a point: sentence}`; `%(what)s` are the words of its values."""
    if verdict == "fits":
        return {"need": "%(what)s", "place": _("helps in: %(what)s"), "prison": _("comes to: %(what)s"),
                "when": "%(what)s", "language": _("speaks: %(what)s"), "free": _("has a free place"),
                "group": _("is for: %(what)s")}
    if verdict == "unknown":
        return {"place": _("where it helps"), "when": _("whether it helps %(what)s"),
                "language": _("whether it speaks: %(what)s"), "free": _("whether it has a free place"),
                "group": _("whether it is for: %(what)s")}
    return {"need": _("does not help with: %(what)s"), "place": _("does not help in: %(what)s"),
            "prison": _("does not come to: %(what)s"), "when": _("does not help %(what)s"),
            "language": _("does not speak: %(what)s"), "free": _("has no free place"),
            "group": _("never takes: %(what)s") if verdict == "refused" else _("is not for: %(what)s")}
