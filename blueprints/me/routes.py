"""The client's own app, in plain words: my overview, my consents, who looked."""
from datetime import timedelta

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user

import clock
from blueprints.me.forms import DecideForm, ShareForm
from db import Mode
from models import ConsentState, Scope
from policy import Can
from services import agreements, client_log, consents, files, visits
from web import allow, done, page_number, refusals, show, show_form

blueprint = Blueprint("me", __name__, url_prefix="/me")


@blueprint.get("/overview")
@allow(Can.USE_OWN_APP)
def overview():
    client = consents.client_of(current_user)
    return show("me/overview.html", meetings=visits.next_of_client(current_user), helpers=files.memberships(client),
                consents=consents.of_client(current_user), holds=consents.holds)


@blueprint.get("/consents", endpoint="consents")
@allow(Can.USE_OWN_APP)
def consents_list():
    return show("me/consents.html", consents=consents.of_client(current_user), holds=consents.holds,
                scopes_of=consents.scopes_of, sentence=consents.scope_sentence,
                agreements=agreements.of_client(consents.client_of(current_user)))


@blueprint.route("/consents/new", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def share():
    form = ShareForm(consents.recipients_near(current_user), until_on=clock.today() + timedelta(days=180))
    if form.validate_on_submit():
        with refusals(form):
            prepared = consents.prepare(current_user, form.organisation.data, form.purpose.data,
                                        [Scope(scope) for scope in form.scopes.data], form.until_on.data)
            return done("me.consent", public_id=prepared.public_id)
    return show_form("me/share.html", form)


@blueprint.route("/consents/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def consent(public_id):
    row = consents.one_of_client(current_user, public_id)
    scopes = consents.scopes_of(row)
    form = DecideForm(text_hash=row.text_hash)
    if form.validate_on_submit():
        with refusals(form):
            return _decide(form, public_id)
    return show_form("me/consent.html", form, consent=row, sentences=consents.text(row, scopes),
                     holds=consents.holds(row), State=ConsentState)


def _decide(form, public_id):
    if request.form.get("answer") == "yes":
        consents.agree(current_user, public_id, form.text_hash.data or "")
        return done("me.consent", _("You agreed. You can end it at any time."), public_id=public_id)
    consents.refuse(current_user, public_id)
    return done("me.consents", _("You said no. Nothing is shared, and nothing bad happens."))


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
