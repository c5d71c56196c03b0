"""The factory: extensions, the order of request steps, blueprints. It refuses to start with an unguarded view."""
import logging
import os
import time
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import drivers  # noqa: F401  isort: skip, it comes before Peewee
import flask
import flask_babel
import structlog
from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
)
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from whitenoise import WhiteNoise

import cli
import config as settings
import db
import frame
import pages
import policy
import web
from crypto import MasterKey
from db import Mode
from errors import Missing
from services import accounts, drafts, erasure, imports, keys, mail

BLUEPRINTS = ("account", "today", "directory", "records", "cooperation", "my", "visits", "clients", "feedback", "me",
              "feeds", "admin", "leaflet", "public", "coverage", "imports", "trust", "offers", "visitors", "day",
              "joint_days", "paper", "tasks", "notifications", "openings", "grounds", "consents", "referrals", "plans",
              "releases", "own", "reports", "endings", "partners", "family", "programmes",
              "groups", "meetings")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                               "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}
HSTS = "max-age=31536000; includeSubDomains"
log = structlog.get_logger("navaznost")
csrf = CSRFProtect()
login = LoginManager()


def create_app(**overrides) -> Flask:
    """The application. `overrides` are settings of config.Config, stronger than the environment."""
    app = _bare(overrides)
    app.request_class, app.session_interface = Request, Sessions()
    _extensions(app)
    _request_steps(app)
    _error_pages(app)
    app.url_map.converters["pid"] = web.PublicId
    for name in BLUEPRINTS:
        if Path(settings.ROOT, "blueprints", name, "routes.py").exists():
            app.register_blueprint(import_module(f"blueprints.{name}.routes").blueprint)
    _health(app)
    web.guard(app)
    app.wsgi_app = _outer(app, app.config["NAVAZNOST"])
    return app


def for_jobs(**overrides) -> Flask:
    """The same without a page, for the process that runs the jobs: it needs neither views nor templates."""
    app = _bare(overrides)
    Babel(app, locale_selector=language)
    return app


def _bare(overrides) -> Flask:
    """The application with its settings, database and commands."""
    config = settings.read(**overrides)
    refuse_unsafe(config)
    app = Application("app", root_path=str(settings.ROOT))
    app.config.update(_flask_settings(config), NAVAZNOST=config)
    _connect(config)
    erasure.configure(config.data / "erased.txt")
    imports.configure(config.data, lambda: import_module("jobs").waker(app)())
    cli.register(app)
    return app


def refuse_unsafe(config) -> None:
    """Stops with a sentence per reason where the configuration would not be safe."""
    reasons = []
    address = urlsplit(config.base_url)
    loopback = address.scheme == "http" and address.hostname in {"127.0.0.1", "localhost", "::1"}
    if not config.base_url.startswith("https://") and not loopback:
        reasons.append("BASE_URL must begin with https:// (plain http is only for 127.0.0.1).")
    if config.clients not in {"on", "off"}:
        reasons.append("CLIENTS is either on or off.")
    if config.family_notes not in {"on", "off"}:
        reasons.append("FAMILY_NOTES is either on or off.")
    if config.mode not in {"demo", "live"}:
        reasons.append("MODE is either demo or live.")
    if config.mode == "live":
        reasons += _not_ready_for_live(config)
    if reasons:
        raise SystemExit("Návaznost does not start:\n" + "\n".join(f"- {reason}" for reason in reasons))


def _not_ready_for_live(config):
    data = config.data.resolve()
    if not config.second_factor:
        yield "MODE=live needs a second factor at sign-in (SECOND_FACTOR), which this version does not have yet."
    if not config.base_url.startswith("https://"):
        yield "MODE=live needs BASE_URL with https://."
    if Path(config.master_key_file).resolve().is_relative_to(data):
        yield "MODE=live needs MASTER_KEY_FILE outside DATA_DIR, so that a stolen disk image lacks the key."
    if not config.backup_recipient:
        yield "MODE=live needs somewhere to back up to (BACKUP_RECIPIENT), which this version does not have yet."


def _flask_settings(config) -> dict:
    secure = config.base_url.startswith("https://")
    return {
        "SECRET_KEY": config.secret_key, "BASE_URL": config.base_url, "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 500_000, "MAX_FORM_PARTS": 400,
        "SESSION_COOKIE_NAME": "__Host-navaznost" if secure else "navaznost", "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Strict",
        "WTF_CSRF_CHECK_DEFAULT": False, "WTF_CSRF_TIME_LIMIT": None, "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "cs", "BABEL_DEFAULT_TIMEZONE": "Europe/Prague",
        "TRUSTED_HOSTS": [config.base_url.split("://", 1)[1].split("/")[0]],
    }


class Application(Flask):
    """Flask without what it asks before each step of each request: whether it is a coroutine. None of ours is."""

    def ensure_sync(self, func):
        return func


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies, their signer made once."""

    def __init__(self):
        self.made = {}

    def get_signing_serializer(self, app):
        if app.secret_key not in self.made:
            self.made[app.secret_key] = super().get_signing_serializer(app)
        return self.made[app.secret_key]


class Request(flask.Request):
    """A request whose forms speak out of our own catalogue (form_words.py): that of WTForms is not whole in Czech."""

    @property
    def wtforms_translations(self):
        return pages.catalogue(pages.language())  # a form asks for each of its fields


def _connect(config):
    db.connect(config.database_url)
    policy.configure(clients=config.clients == "on")
    settings.kept_secret(Path(config.master_key_file))
    keys.configure(MasterKey.load(config.master_key_file))
    accounts.configure(config.argon2_memory_kib, config.idle_minutes, config.absolute_hours)
    mail.configure(base_url=config.base_url, host=config.smtp_host, port=config.smtp_port, user=config.smtp_user,
                   password=config.smtp_password, tls=config.smtp_tls, sender=config.mail_from)


def _extensions(app):
    Babel(app, locale_selector=language)
    csrf.init_app(app)
    web.htmx.init_app(app)
    login.init_app(app, add_context_processor=False)  # it would ask the database for error pages too
    login.session_protection = None
    login.user_loader(_load_user)
    pages.init_pages(app)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"frame": LateFrame(), "csrf_token": csrf_token, **pages.words(language())}
                          if has_request_context() else {})


def csrf_token() -> str:
    """The token of all forms of this answer; Flask-WTF would look its settings up again for each."""
    return g.get("csrf_token") or generate_csrf()


class LateFrame:
    """The frame, made when a template first asks: error pages never do."""

    def __getattr__(self, name):
        self.__dict__.update(vars(frame.of_request(language())))
        return self.__dict__[name]


def language() -> str:
    """The language of this answer: the person's own, else the one chosen in this browser, else Czech.

    A bare page asks the browser only: it must not depend on who reads it, nor on the database.
    """
    if not has_request_context():
        return "cs"
    here = g._get_current_object()
    if here.get("answer_language") in pages.LANGUAGES:
        return here.answer_language
    if here.get("bare"):
        return session.get("language") if session.get("language") in pages.LANGUAGES else "cs"
    user = current_user._get_current_object()
    wanted = user.language if user.is_authenticated else session.get("language")
    return wanted if wanted in pages.LANGUAGES else "cs"


def _load_user(token):
    found = accounts.session_of(token)
    if found is None or not accounts.in_force(found):
        g.ended_session = found
        return None
    accounts.note_seen(found)
    found.user.get_id = lambda: token
    found.user.assisted, found.user.knows_rules = found.assisted, bool(found.knows_rules)
    return found.user


# The order of request steps: database, access, CSRF

def _request_steps(app):
    @app.before_request
    def began():
        g.began = time.monotonic()

    @app.before_request
    def known_host():
        if isinstance(request.routing_exception, SecurityError):  # no address can be made for a foreign Host
            return Response("This address is not served here.\n", 400, mimetype="text/plain")
        return None

    @app.before_request
    def connect():
        db.open_connection()
        db.limit(None)

    @app.before_request
    def arrive():
        if web.comes_from_elsewhere() and web.declared(app, request.endpoint):
            return render_template("arrive.html", url=request.full_path.rstrip("?"))
        return None

    @app.before_request
    def access():
        if request.method == "POST" and not web.same_site():
            log.warning("cross-site write refused", endpoint=request.endpoint)
            return _plain_error(400)
        if request.method == "POST" and not current_user.is_authenticated:
            _keep_ended_form()
        web.enforce()
        if request.method == "GET" and web.KEPT in request.args and current_user.is_authenticated:
            g.kept_form = drafts.find(current_user, *web.draft_of_form())
        return None

    @app.before_request
    def token():
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            csrf.protect()

    @app.after_request
    def no_store(response):
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "Cookie, HX-Request"
        if g.get("bare"):
            session.modified = False  # a form made before the page was refused has left a token: no cookie tells of it
        return response

    @app.after_request
    def keep_step(response):
        if _may_tell(response.status_code):
            time.sleep(_until_even(time.monotonic() - g.began, app.config["NAVAZNOST"].even_answer_ms / 1000))
        return response

    @app.teardown_request
    def release(error):
        db.limit(None)


def _may_tell(status) -> bool:
    """Whether the time of this answer could tell that somebody exists: no such record, or what strangers send."""
    rule = web.declared(current_app, request.endpoint)
    return rule is not None and (status == 404 or (request.method == "POST" and rule.can is None))


def _until_even(taken: float, step: float) -> float:
    """Seconds from `taken` to the next multiple of `step`; none where there are no steps."""
    return step - taken % step if step else 0


def _keep_ended_form():
    """A form that comes from an ended but known session becomes that person's draft."""
    ended = g.get("ended_session")
    rule = web.declared(current_app, request.endpoint)
    if ended is None or rule is None or rule.can is None or not accounts.ran_out(ended):
        return
    drafts.keep(ended.user, *web.draft_of_form(), request.form.to_dict(flat=False))
    flash(_("Your session had ended. What you wrote is kept: sign in and go on."))


# Errors

def _error_pages(app):
    @app.errorhandler(404)
    @app.errorhandler(405)
    @app.errorhandler(Missing)
    def missing(error):
        return _plain_error(404)

    @app.errorhandler(CSRFError)
    def bad_token(error):
        return _plain_error(400)

    @app.errorhandler(HTTPException)
    def refused(error):
        return error.get_response() if error.response else _plain_error(min(error.code or 500, 500))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def no_database(error):
        log.error("database did not answer", kind=type(error).__name__)
        db.database.close()
        return _plain_error(503)

    @app.errorhandler(Exception)
    def broken(error):
        log.exception("unexpected error", endpoint=request.endpoint)
        return _plain_error(500)


def _plain_error(status):
    g.bare = True
    flask_babel.refresh()
    template = {404: "404", 503: "503", 500: "500"}.get(status, "400")
    return render_template(f"errors/{template}.html"), status


def _health(app):
    @app.get("/healthz")
    @web.public()
    def healthz():
        """Answers as long as the application and its database do."""
        db.database.execute_sql("SELECT 1")
        return {"status": "ok", "version": settings.VERSION}

    @app.get("/favicon.ico")
    @web.public()
    def favicon():
        return redirect(app.jinja_env.globals["static_url"]("sign.svg"))

    app.view_functions["static"].declared = web.Declared(None, Mode.READS, Mode.READS)


# Around Flask: static files, headers on every answer

def _outer(app, config):
    static = WhiteNoise(app.wsgi_app, root=str(settings.ROOT / "static"), prefix="static/", max_age=31536000,
                        immutable_file_test=lambda path, url: True, allow_all_origins=False)
    return headers_on_everything(static, config.base_url.startswith("https://"))


def headers_on_everything(wsgi_app, secure: bool):
    """WSGI middleware: the security headers, on static files and errors too."""
    fixed = [*HEADERS.items(), *([("Strict-Transport-Security", HSTS)] if secure else [])]
    names = {name.lower() for name, _value in fixed} | {"server"}

    def answer(environ, start_response):
        def start(status, headers, exc_info=None):
            kept = [(name, value) for name, value in headers if name.lower() not in names]
            return start_response(status, kept + fixed, exc_info)
        return wsgi_app(environ, start)
    return answer


logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING"))
