"""The Jinja environment of every page: filters, GOV.UK macros, addresses of static files, the page's frame.

Templates find here, beside Flask's and Babel's own:

* every function of ``formats.__all__`` as a filter and as a function (``{{ visit.starts_at|moment }}``);
* ``static_url("theme.css")``, an address that changes with the file's content;
* ``govukInput(…)`` and the other macros of ``COMPONENTS``; fields of forms use ``_fields.html`` instead;
* ``once_each(function)``, the function (or macro) as one that works each answer out once, for long lists;
* ``form_problems(form)``, ``language()``, ``printed_at()``, and what ``_fields.html`` asks about a field.
"""
import functools
import hashlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path

import flask_babel
from flask import Flask, g, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, StrictUndefined, Undefined

import clock
import formats
import labels
import richtext
import templating

# Name of the macro and the folder it lives in. govuk-frontend-jinja has more; its CSS is pruned to these.
COMPONENTS = {
    "govukBackLink": "back-link",
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukNotificationBanner": "notification-banner",
    "govukPanel": "panel",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukSummaryList": "summary-list",
    "govukTextarea": "textarea",
    "govukWarningText": "warning-text",
}
LANGUAGES = ("cs", "en")
GOVUK_PACKAGE = "govuk_frontend_jinja"

# What an <input> of each type of field adds to the parameters of govukInput; a class sets the width.
INPUT_KINDS = {
    "EmailField": {"type": "email", "spellcheck": False},
    "TelField": {"type": "tel"},
    "URLField": {"type": "url", "spellcheck": False},
    "SearchField": {"type": "search"},
    "PasswordField": {"type": "password", "spellcheck": False},
    "DateField": {"type": "date", "classes": "govuk-input--width-10"},
    "TimeField": {"type": "time", "classes": "govuk-input--width-5"},
    "IntegerField": {"inputmode": "numeric", "classes": "govuk-input--width-5"},
    "DecimalField": {"inputmode": "decimal", "classes": "govuk-input--width-5"},
}
KEPT_FORMATS = 4096  # of each function
KEPT_ADDRESSES = 8192
CONTEXT = g.__wrapped__  # what flask.g asks; the proxy itself takes ten times as long
# Keys of render_kw that are parameters of the macros; the others become attributes of the element.
MACRO_PARAMETERS = {"class", "autocomplete", "inputmode", "rows"}


@dataclass(frozen=True)
class Place:
    """One of at most six entries of the navigation; `count` is what waits there, or None."""

    label: str
    url: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Frame:
    """What base.html needs of every page; a template sees it as ``frame``."""

    signed_in: bool = False
    demo: bool = False
    language: str = "cs"
    person: str = ""
    organisation: str = ""
    places: list[Place] = field(default_factory=list)
    search_url: str | None = None
    sign_out_url: str | None = None
    language_url: str | None = None
    idle_seconds: int | None = None
    version: str = ""
    links: dict[str, str | None] = field(default_factory=dict)  # accessibility, rules, help


def init_pages(app: Flask) -> None:
    """Prepare the Jinja environment of `app`; once, after Flask-Babel and before the first template."""
    govuk = PrefixLoader({GOVUK_PACKAGE: PackageLoader(GOVUK_PACKAGE)})
    app.jinja_loader = ChoiceLoader([app.jinja_loader, govuk])
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    templating.use(environment)
    environment.globals.update(govuk_macros(environment))
    register_formats(environment)
    environment.filters["rich"] = richtext.render
    environment.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)
    del environment.globals["pgettext"], environment.globals["npgettext"]  # they want the context
    environment.globals.update(static_url=static_urls(app), language=language, label=word, printed_at=clock.now,
                               once_each=functools.cache, url_for=address,
                               form_problems=form_problems, choices=choices, legend=legend,
                               input_kind=input_kind, other_attributes=other_attributes)


def register_formats(environment) -> None:
    """Make each function that formats.py names in ``__all__`` a filter and a global, in the answer's language."""
    functions = {name: in_language(kept(getattr(formats, name))) for name in formats.__all__}
    environment.filters.update(functions)
    environment.globals.update(functions)


def kept(function):
    """Days and numbers come again on a page and on the next one; Babel takes ten times longer than looking them up."""
    return functools.lru_cache(KEPT_FORMATS, typed=True)(function)


def in_language(function):
    """The function of formats.py with its ``language`` taken from the answer, where it has one."""
    if "language" not in inspect.signature(function).parameters:
        return function

    @functools.wraps(function)
    def bound(*args, **kwargs):
        return function(*args, **kwargs) if "language" in kwargs else function(*args, language=language(), **kwargs)
    return bound


def govuk_macros(environment) -> dict:
    """The macros of COMPONENTS by name, each loaded when it is first called.

    They ask for parameters that nobody gave, which our strict templates may not: so they live
    in an overlay of the environment with a lenient `Undefined`.
    """
    lenient = environment.overlay(undefined=Undefined)
    return {name: GovukMacro(lenient, name, folder) for name, folder in COMPONENTS.items()}


class GovukMacro:
    """A macro of govuk-frontend-jinja, compiled at its first use: start-up need not wait for it."""

    def __init__(self, environment, name, folder):
        self.environment, self.name = environment, name
        self.template = f"{GOVUK_PACKAGE}/components/{folder}/macro.html"
        self.macro = None

    def __call__(self, *args, **kwargs):
        """Markup of the component; arguments as the macro takes them (one dict of parameters)."""
        if self.macro is None:
            self.macro = getattr(self.environment.get_template(self.template).module, self.name)
        return self.macro(*args, **kwargs)


def static_urls(app: Flask):
    """Return ``static_url(filename)``: the file's address with a fingerprint of its content.

    Addresses are kept while the app runs, but for debugging, where files change under it.
    A name without a file raises FileNotFoundError: the page would be broken.
    """
    addresses = {}

    def static_url(filename: str) -> str:
        if app.debug or filename not in addresses:
            content = fingerprint(Path(app.static_folder) / filename)
            addresses[filename] = url_for("static", filename=filename, v=content)
        return addresses[filename]

    return static_url


def fingerprint(path: Path) -> str:
    """12 hex digits that change with the file's content; tools/vendor.py writes the same into the CSS."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def form_problems(form) -> list[dict]:
    """The entries of an error summary: ``{"text", "href"}`` by field, the form's own errors (no href) first.

    Fields inside a FormField or FieldList are named one by one, so that each link leads to its input.
    """
    own = [{"text": str(error)} for error in form.form_errors]
    return own + [problem for each in form for problem in field_problems(each)]


def field_problems(each) -> list[dict]:
    """The problems of one WTForms field, or of those it holds; a hidden field has nothing to link to."""
    held = getattr(each, "entries", None) or getattr(each, "form", None)
    if held and each.type in ("FieldList", "FormField"):
        return [problem for one in held for problem in field_problems(one)]
    link = {} if each.type in ("HiddenField", "CSRFTokenField") else {"href": f"#{each.id}"}
    return [{"text": str(error), **link} for error in list(each.errors)[:1]]


def choices(each, mark: str) -> list[dict]:
    """The items of a select, radios or checkboxes; `mark` is `selected` or `checked`."""
    return [{"value": str(choice.value), "text": str(choice.label), mark: choice.selected}
            for choice in each.iter_choices()]


def legend(params: dict) -> dict:
    """The fieldset around several inputs: their common label becomes its legend."""
    return {"legend": {"text": params["label"]["text"]}}


def input_kind(each, given: dict) -> dict:
    """Type, value and width of an <input>; a password is never sent back. `given` is its render_kw."""
    kind = INPUT_KINDS.get(each.type, {})
    classes = " ".join(filter(None, (kind.get("classes"), given.get("class"))))
    value = None if each.type == "PasswordField" else each._value()
    return {**kind, "value": value, "classes": classes,
            "inputmode": given.get("inputmode") or kind.get("inputmode")}


def other_attributes(given: dict) -> dict:
    """What render_kw asks for beyond the macros' own parameters."""
    return {name: value for name, value in given.items() if name not in MACRO_PARAMETERS}


@functools.cache
def words(language: str) -> dict:
    """`{"_": …, "gettext": …, "ngettext": …}` for the templates of an answer in one language."""
    said = templating.Words(lambda text: catalogue(language).ugettext(text),
                            lambda one, more, number: catalogue(language).ungettext(one, more, number))
    return {"_": said.gettext, "gettext": said.gettext, "ngettext": said.ngettext}


def _gettext(text, /, **values):
    """For macros that are imported without their page's context: they ask for the language each time."""
    return words(language())["_"](text, **values)


def _ngettext(one, more, num, /, **values):
    return words(language())["ngettext"](one, more, num, **values)


def language() -> str:
    """`labels.language`, looked up where Flask-Babel keeps it: a page asks a hundred times."""
    try:
        return CONTEXT.get().g._flask_babel.babel_locale.language
    except (AttributeError, LookupError):
        return labels.language()


def address(endpoint: str, **values) -> str:
    """Flask's url_for for templates: a path, kept, because pages name dozens and most of them each time."""
    return _address(endpoint, tuple(values.items()))


@functools.lru_cache(KEPT_ADDRESSES)
def _address(endpoint, values):
    return url_for(endpoint, **dict(values))


def word(member) -> str:
    """The word for a member of an enum in the language of this answer."""
    return _word(type(member), member, language())


@functools.cache
def _word(_kind, member, language):
    with flask_babel.force_locale(language):
        return str(labels.label(member))


@functools.cache
def catalogue(language: str):
    """The translations into a language, read when they are first asked for."""
    with flask_babel.force_locale(language):
        return flask_babel.get_translations()
