"""The client's own app, in plain words: my overview, my consents, who looked."""
from datetime import timedelta

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

import clock
from blueprints.me.forms import HELPERS, QUESTIONS, DecideForm, LessForm, ShareForm
from choices import members_of
from db import Mode
from models import ConsentState, Need, Scope
from policy import Can
from services import agreements, client_log, consents, family, files, joining, programmes, visits
from web import allow, done, page_number, public_search, refusals, show, show_form

blueprint = Blueprint("me", __name__, url_prefix="/me")


@blueprint.get("/overview")
@allow(Can.USE_OWN_APP)
def overview():
    client = consents.client_of(current_user)
    return show("me/overview.html", meetings=visits.next_of_client(current_user), helpers=files.memberships(client),
                consents=consents.of_client(current_user), holds=consents.holds, notes=family.waiting(current_user),
                cards=[row.code for row in joining.others(current_user)],
                programmes=programmes.of_client(client),
                help_url=url_for("public.search") if public_search() else None)


@blueprint.get("/consents", endpoint="consents")
@allow(Can.USE_OWN_APP)
def consents_list():
    return show("me/consents.html", consents=consents.of_client(current_user), holds=consents.holds,
                scopes_of=consents.scopes_of, sentence=consents.scope_sentence,
                agreements=agreements.of_client(consents.client_of(current_user)))


@blueprint.route("/consents/new", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def share():
    helpers = consents.helpers_of(consents.client_of(current_user))
    form = ShareForm(consents.recipients_near(current_user), helpers, until_on=clock.today() + timedelta(days=180))
    now = form.asked()
    if now == len(QUESTIONS):
        with refusals(form):
            return _prepared(form)
        now = form.first_wrong()
    return show_form("me/share.html", form, now=now, names=QUESTIONS[now], questions=len(QUESTIONS))


def _prepared(form):
    chosen = (form.purpose.data, [Scope(scope) for scope in form.scopes.data], form.until_on.data,
              members_of(Need, form.needs))
    if form.organisation.data == HELPERS:
        return done("me.together", public_id=consents.prepare_for_helpers(current_user, *chosen)[0].batch)
    return done("me.consent", public_id=consents.prepare(current_user, form.organisation.data, *chosen).public_id)


@blueprint.route("/consents/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def consent(public_id):
    row = consents.one_of_client(current_user, public_id)
    form = DecideForm()
    if form.validate_on_submit():
        with refusals(form):
            return _decide(form, public_id)
    return show_form("me/consent.html", form, consent=row, sentences=consents.shown(row),
                     holds=consents.holds(row), State=ConsentState, text_hash=consents.text_hash(row))


def _decide(form, public_id):
    answer = request.form.get("answer")
    if answer == "confirm":
        consents.confirm(current_user, public_id, _assisted())
        return done("me.consent", _("You confirmed it. You can end it at any time."), public_id=public_id)
    if answer == "yes":
        consents.agree(current_user, public_id, form.text_hash.data or "", _assisted())
        return done("me.consent", _("You agreed. You can end it at any time."), public_id=public_id)
    consents.refuse(current_user, public_id)
    return done("me.consents", _("You said no. Nothing is shared, and nothing bad happens."))


def _assisted() -> bool:
    """Whether somebody helps with this session, so that what is agreed to holds only for now."""
    return current_user.assisted


@blueprint.route("/consents/together/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def together(public_id):
    rows = consents.of_batch(current_user, public_id)
    form = DecideForm()
    if form.validate_on_submit():
        with refusals(form):
            if request.form.get("answer") == "yes":
                consents.agree_to_all(current_user, public_id, form.text_hash.data or "", _assisted())
                return done("me.consents", _("You agreed. You can end each of them at any time."))
            return done("me.consents", _("Nothing is shared, and nothing bad happens."))
    return show_form("me/together.html", form, consents=rows, sentences=consents.shown(rows[0]),
                     text_hash=consents.batch_hash(rows))


@blueprint.route("/consents/<pid:public_id>/less", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def less(public_id):
    row, form = consents.one_of_client(current_user, public_id), LessForm()
    form.offer(consents.scopes_of(row))
    if form.validate_on_submit():
        with refusals(form):
            consents.narrow(current_user, public_id, [Scope(scope) for scope in form.scopes.data or []])
            return done("me.consents", _("They see less from now on."))
    return show_form("me/less.html", form, consent=row)


@blueprint.get("/consents/<pid:public_id>/receipt")
@allow(Can.USE_OWN_APP)
def receipt(public_id):
    row = consents.one_of_client(current_user, public_id)
    return show("consents/sheet.html", consent=row, sentences=consents.shown(row), code=row.client.code,
                text_hash=consents.text_hash(row),
                back_url=url_for("me.consent", public_id=public_id))


@blueprint.route("/consents/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def end(public_id):
    row = consents.one_of_client(current_user, public_id)
    form = DecideForm()
    if form.validate_on_submit():
        with refusals(form):
            consents.withdraw(current_user, public_id)
            return done("me.consents", _("The consent has ended. They see nothing more from now on."))
    return show_form("me/end.html", form, consent=row)


@blueprint.get("/who-looked")
@allow(Can.USE_OWN_APP)
def log():
    page = page_number(request.args.get("page"))
    rows, total = client_log.of(consents.client_of(current_user), page)
    return show("me/log.html", rows=rows, page=page, pages=-(-total // client_log.PER_PAGE))
