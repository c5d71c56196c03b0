"""How the application answers: declared policies, forms, fragments, refusals. It knows how, never what."""
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask_babel
from flask import abort, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_htmx import HTMX
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from peewee import OperationalError
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, BuildError
from wtforms import BooleanField

import db
import policy
from db import Mode
from errors import RuleBroken
from policy import Can

htmx = HTMX()
# Areas that speak of clients: gone where clients are switched off, opened by who has accepted the rules.
OF_CLIENTS = {"clients", "consents", "grounds", "feedback", "me", "own", "plans", "referrals", "releases", "reports",
              "family"}
LONGEST_NUMBER = 9  # digits that every database takes
DAY_FORMATS = ["%Y-%m-%d", "%d. %m. %Y", "%d.%m.%Y"]  # what a date field reads: from a picker, or typed as Czechs do


# Declared policies

@dataclass(frozen=True)
class Declared:
    """What a view declared: the capability it needs (None: open to all) and what it may do to the database."""

    can: Can | None
    mode: Mode
    get: Mode  # what a GET of the same view may do; it never writes but for the access log
    largest: int | None = None  # bytes that a request may have, where it is more than usual


def allow(can: Can, mode: Mode = Mode.READS, get: Mode | None = None, largest: int | None = None):
    """Marks a view: only accounts with `can` reach it. The marking is enforced before each request."""
    return _mark(Declared(can, mode, get or _get_mode(mode), largest))


def public(mode: Mode = Mode.READS, get: Mode | None = None):
    """Marks a view that anybody reaches, signed in or not."""
    return _mark(Declared(None, mode, get or _get_mode(mode)))


def _get_mode(mode):
    return Mode.READS if mode is Mode.WRITES else mode


def _mark(declared):
    def mark(view):
        view.declared = declared
        return view
    return mark


def declared(app, endpoint: str | None) -> Declared | None:
    return getattr(app.view_functions.get(endpoint), "declared", None)


def guard(app) -> None:
    """Refuses to start with a view that declares no policy."""
    bare = sorted({rule.endpoint for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) is None})
    if bare:
        raise RuntimeError(f"These views declare no policy (use @allow or @public): {', '.join(bare)}")


def enforce() -> None:
    """The access step of a request; aborts with the bare 404 or with the way to sign in."""
    rule = declared(current_app, request.endpoint)
    of_clients = request.blueprint in OF_CLIENTS
    if rule is None or (of_clients and not policy.has_clients()):
        abort(404)
    if rule.can is not None:
        user = current_user._get_current_object()
        if not user.is_authenticated:
            abort(sign_in_first())
        if not policy.may(user, rule.can):
            abort(404)
        if (of_clients or rule.can in policy.OF_CLIENTS) and policy.may(user, Can.OPEN_CLIENTS) \
                and not user.knows_rules:
            abort(rules_first())
        if rule.largest:
            request.max_content_length = rule.largest
    db.limit(rule.get if request.method in {"GET", "HEAD", "OPTIONS"} else rule.mode)


class PublicId(BaseConverter):
    """The random id of a record in an address: 22 signs, whatever else is not found."""

    regex = "[A-Za-z0-9_-]{22}"
    part_isolating = True


# Going on after signing in

KEPT = "kept"  # in an address: the form was sent when its session had ended

def _next_signer():
    return URLSafeSerializer(current_app.secret_key, salt="next")


def sign_in_first():
    """The way to the sign-in page; after it the reader comes back to where they were."""
    shown = "GET" in request.url_rule.methods  # an address that only takes forms is none to come back to
    kept = {KEPT: "1"} if request.method == "POST" else {}
    here = _next_signer().dumps([request.endpoint, {**(request.view_args or {}), **kept}]) if shown else None
    return leave_for(url_for("account.sign_in", next=here), fragment_status=401)


def rules_first():
    """The way to the rules of confidentiality: before the first client they are read and accepted."""
    shown = "GET" in request.url_rule.methods
    here = _next_signer().dumps([request.endpoint, request.view_args or {}]) if shown else None
    return leave_for(url_for("account.confidentiality", next=here))


def next_url(signed: str | None) -> str:
    """Where to go after signing in: a signed endpoint of ours, else Today. Never an address from outside."""
    try:
        endpoint, values = _next_signer().loads(signed or "")
        return url_for(endpoint, **values)
    except (BadSignature, BuildError, ValueError, TypeError):
        return url_for("today.home")


# Answers

def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page. Decides the shape of an answer, never a right."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def show(template: str, status: int = 200, fragment: str | None = None, **context):
    """A page, or its fragment for htmx. `fragment` names the template that the page itself includes."""
    name = fragment if fragment and wants_fragment() else template
    return make_response(render_template(name, **context), status)


def show_form(template: str, form, fragment: str | None = None, **context):
    """A form; 422 where it has errors, with everything typed kept."""
    if kept := g.pop("kept_form", None):  # what its reader had typed when their session ended
        form.process(MultiDict(kept))
    status = form.refused_status if getattr(form, "refused_status", None) else 422 if form.errors else 200
    return show(template, status, fragment, form=form, **context)


def draft_of_form() -> tuple[str, str]:
    """Under what the form of this request is kept as a draft when its session has ended: its endpoint, and of what."""
    return request.endpoint.removesuffix("_draft"), ",".join(str(value) for value in (request.view_args or {}).values())


def done(endpoint: str, sentence=None, **values):
    """The answer to a write that succeeded: 303 to a page that says so."""
    if sentence:
        flash(str(sentence), "success")
    return leave_for(url_for(endpoint, **values))


def answer_in(language: str | None) -> None:
    """Makes this answer speak another language than its reader's, as a leaflet for somebody else does."""
    g.answer_language = language
    flask_babel.refresh()


def public_search() -> bool:
    """Whether clients and families may search without signing in (PUBLIC_SEARCH)."""
    return current_app.config["NAVAZNOST"].public_search == "on"


def family_notes() -> bool:
    """Whether somebody close to a client may leave a note without signing in (FAMILY_NOTES)."""
    return public_search() and policy.has_clients() and current_app.config["NAVAZNOST"].family_notes == "on"


def public_address(record: str) -> str | None:
    """The whole address of a published service for everybody, as a QR code carries it; None where nobody may search."""
    path = url_for("public.service", public_id=record) if public_search() else None
    return path and current_app.config["BASE_URL"] + path


def send(content: bytes, mimetype: str, name: str):
    """A file to keep, under a name of plain letters."""
    return make_response(content, {"Content-Type": mimetype, "Content-Disposition": f'attachment; filename="{name}"'})


def leave_for(url: str, fragment_status: int = 200):
    """A redirect that works for a page and for a fragment."""
    if not wants_fragment():
        return redirect(url, 303)
    return make_response("", fragment_status, {"HX-Redirect": url})


@contextmanager
def refusals(form):
    """Inside it a rule that refuses puts its sentence beside its field; a locked database says so at the top.

    `form.refusal` is the rule that refused, None where none did.
    """
    form.refusal = None
    try:
        yield
    except RuleBroken as refusal:
        refuse(form, refusal.sentence, refusal.field)
        form.refusal = refusal
    except OperationalError as error:
        if db.worth_retrying(error):
            raise
        current_app.logger.warning("database did not answer a write: %s", type(error).__name__)
        db.database.close()
        db.open_connection()
        form.refused_status = 503
        refuse(form, _("The database is busy. Nothing was saved and nothing is lost: please send the form again."))


def refuse(form, sentence, field: str | None = None) -> None:
    """Adds an error to a form, beside `field` where it has one."""
    if field and field in form:
        form[field].errors = [*form[field].errors, str(sentence)]
    else:
        form.form_errors = [*form.form_errors, str(sentence)]


def carried(form, without=frozenset()) -> list[tuple[str, str]]:
    """All that was filled in as pairs of name and value, for hidden fields of the page on which it is checked."""
    return [(field.name, value) for field in form if field.name not in {"csrf_token", "step", *without}
            for value in _typed(field)]


def _typed(field) -> list[str]:
    """A box without a tick sends nothing; the choice 0 is a choice."""
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field.data, list):
        return field.data
    return [field._value() if hasattr(field, "_value") else "" if field.data is None else field.data]


def same_site() -> bool:
    """Whether a write comes from our own pages, as far as the browser says."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site and site not in {"same-origin", "none"}:
        return False
    return origin in {None, "null", current_app.config["BASE_URL"], f"{request.scheme}://{request.host}"}


def comes_from_elsewhere() -> bool:
    """Whether this is a page opened by a link on another site, so that the browser held our cookie back."""
    return (request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "cross-site"
            and request.headers.get("Sec-Fetch-Mode") == "navigate"
            and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies)


def same_site_referrer(endpoint: str) -> str:
    """The path of the page of ours that the reader came from, else that of `endpoint`. Never another host."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:  # such as http://[
        return url_for(endpoint)
    home = urlsplit(current_app.config["BASE_URL"])
    if (came.scheme, came.netloc) != (home.scheme, home.netloc) or not came.path.startswith("/") \
            or came.path.startswith(("//", "/\\")):
        return url_for(endpoint)
    return came.path + (f"?{came.query}" if came.query else "")


def version_seen(field) -> int:
    """The version of a record that a form was opened on; 0 where somebody wrote something else there."""
    typed = str(field.data or "")
    return int(typed) if typed.isdecimal() and len(typed) <= LONGEST_NUMBER else 0


def page_number(text: str | None) -> int:
    """The page of a list asked for in an address: 1 to 10,000, whatever stands there."""
    return min(int(text), 10_000) if text and text.isdecimal() and len(text) < 6 and int(text) else 1
