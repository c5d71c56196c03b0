"""Signing in and out, one's own sessions, passwords by link, language, and the pages about the application."""
from flask import Blueprint, current_app, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm

import web
from blueprints.account.forms import ActivateForm, CardForm, PasswordForm, ResetForm, RulesForm, SignInForm
from db import Mode
from policy import SHARING, WORKING_KINDS, Can, Takes, may
from services import accounts, activation, joining
from web import allow, done, leave_for, next_url, public, public_search, refusals, show, show_form

blueprint = Blueprint("account", __name__)
KNOWN_FOR = 90 * 24 * 3600  # seconds for which a browser keeps the mark of who has signed in there


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public(Mode.WRITES)
def sign_in():
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET" and current_user.is_authenticated:
        return leave_for(next_url(form.next.data))
    if form.validate_on_submit():
        with refusals(form):
            user, token = accounts.sign_in(form.email.data, form.password.data, request.remote_addr or "",
                                           request.user_agent.string, _known())
            begin(user, token)
            return remember(user, leave_for(next_url(form.next.data)))
    return show_form("account/sign_in.html", form,
                     public_search_url=url_for("public.search") if public_search() else None)


def _known():
    return request.cookies.get(_known_cookie(), "")


def is_known_browser() -> bool:
    """Whether anybody has signed in here before."""
    return bool(_known())


def _known_cookie():
    return current_app.config["SESSION_COOKIE_NAME"] + "-known"


def remember(user, response):
    """Leaves a mark in the browser, so that guesses made elsewhere do not stop this person here."""
    response.set_cookie(_known_cookie(), accounts.mark(user, _known()), max_age=KNOWN_FOR, httponly=True,
                        secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Strict")
    return response


def begin(user, token):
    """A new browser session for a user: nothing of the old one stays, but for the words that wait to be shown."""
    if current_user.is_authenticated:
        accounts.sign_out(current_user, current_user.get_id())
    waiting = session.pop("_flashes", None)
    session.clear()
    if waiting:
        session["_flashes"] = waiting
    user.get_id = lambda: token
    login_user(user)


@blueprint.post("/sign-out")
@allow(Can.SIGNED_IN, Mode.WRITES)
def sign_out():
    accounts.sign_out(current_user, current_user.get_id())
    return _leave(_("You are signed out."))


@blueprint.post("/sign-out-everywhere")
@allow(Can.SIGNED_IN, Mode.WRITES)
def sign_out_everywhere():
    accounts.sign_out_everywhere(current_user)
    return _leave(_("You are signed out on all devices."))


def _leave(sentence):
    logout_user()
    session.clear()
    return done("account.sign_in", sentence)


@blueprint.get("/account")
@allow(Can.SIGNED_IN)
def overview():
    settings_url = url_for("notifications.settings") if may(current_user, Can.SEE_BOOK) else None
    return show("account/overview.html", sessions=accounts.open_sessions(current_user), form=FlaskForm(),
                settings_url=settings_url)


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public(Mode.WRITES)
def forgotten():
    form = ResetForm()
    if form.validate_on_submit():
        with refusals(form):
            accounts.ask_for_reset(form.email.data, request.remote_addr or "")
            return done("account.sign_in", _("If there is such an account, a mail with a link is on its way."))
    return show_form("account/forgotten.html", form)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@public(Mode.WRITES)
def password(token):
    user = accounts.user_of_link(token)
    if user is None:
        return show("account/link_over.html", 404)
    form = PasswordForm()
    if form.validate_on_submit():
        with refusals(form):
            accounts.set_password(token, form.password.data, request.remote_addr or "")
            return remember(user, done("account.sign_in", _("Your password is set. Sign in with it.")))
    return show_form("account/password.html", form, token=token)


@blueprint.post("/language")
@public(Mode.WRITES)
def language():
    wanted = "en" if request.form.get("language") == "en" else "cs"
    session["language"] = wanted
    if current_user.is_authenticated:
        accounts.set_language(current_user, wanted)
    return leave_for(web.same_site_referrer("today.home"))


@blueprint.get("/who-may-see-what")
@public()
def rules():
    words = {Takes.NEVER: _("never"), Takes.CONSENT_OR_AGREEMENT: _("with consent or an agreement"),
             Takes.CONSENT_FOR_AUTHORITY_RECORDS: _("with consent that names records of offices")}
    return show("account/rules.html", sharing=SHARING, kinds=WORKING_KINDS, words=words)


@blueprint.route("/confidentiality", methods=["GET", "POST"])
@allow(Can.DO_TASKS, Mode.WRITES)
def confidentiality():
    """The rules that whoever works with clients accepts before they open the first one."""
    form = RulesForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        accounts.accept_rules(current_user)
        return leave_for(next_url(form.next.data))
    return show_form("account/confidentiality.html", form, version=accounts.RULES_VERSION,
                     accepted=current_user.knows_rules)


@blueprint.route("/activate", methods=["GET", "POST"])
@public(Mode.WRITES)
def activate():
    form = ActivateForm()
    form.offer(_("Yes, somebody sits with me"), _("No, I am alone"))
    if form.validate_on_submit():
        with refusals(form):
            user, token = activation.activate(form.card.data, form.word.data, form.pin.data, form.again.data,
                                              request.remote_addr or "", request.user_agent.string, _is_helped(form))
            begin(user, token)
            return remember(user, leave_for("/"))
    return show_form("account/activate.html", form)


def _is_helped(form) -> bool:
    """Whether somebody helps, as is said; and always in a browser in which others have signed in before."""
    return form.helped.data == "yes" or current_user.is_authenticated or is_known_browser()


@blueprint.route("/me/cards", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def cards():
    """Two records of one person, joined by the client with both cards."""
    form = CardForm()
    if form.validate_on_submit():
        with refusals(form):
            joining.join(current_user, form.card.data, form.pin.data, request.remote_addr or "")
            return done("account.cards", _("The cards are joined. You can part them at any time."))
    return show_form("account/cards.html", form, others=joining.others(current_user))


@blueprint.post("/me/cards/<pid:public_id>")
@allow(Can.USE_OWN_APP, Mode.WRITES)
def other_card(public_id):
    begin(*joining.enter(current_user, public_id, request.user_agent.string))
    return leave_for(url_for("me.overview"))


@blueprint.post("/me/cards/<pid:public_id>/part")
@allow(Can.USE_OWN_APP, Mode.WRITES)
def part_card(public_id):
    joining.part(current_user, public_id)
    return done("account.cards", _("The cards are parted. Each opens only its own."))


@blueprint.get("/accessibility")
@public()
def accessibility():
    return show("account/accessibility.html")


@blueprint.get("/help")
@public()
def help():
    return show("account/help.html", may_see_offers=may(current_user, Can.SEE_OFFERS))
