"""Consents as staff meets them: on paper, taken back on the client's word, ending soon, to be deleted."""
from datetime import timedelta

from flask import Blueprint
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.consents.forms import PaperForm, SignedForm, TakeBackForm
from choices import members_of
from db import Mode
from models import Need, Scope
from policy import Can
from services import consents, files
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("consents", __name__)


@blueprint.get("/consents")
@allow(Can.OPEN_CLIENTS)
def index():
    return show("consents/index.html", ending=consents.ending(current_user), notices=consents.notices(current_user),
                form=FlaskForm())


@blueprint.post("/deletions/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def deleted(public_id):
    form = FlaskForm()
    with refusals(form):
        consents.tick(current_user, public_id)
        return done("consents.index", _("Thank you. It is written down that the copies are deleted."))
    return index()


@blueprint.route("/clients/<pid:public_id>/paper-consent", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES)
def on_paper(public_id):
    client, form = files.own_client_of(current_user, public_id), PaperForm(until_on=clock.today() + timedelta(days=180))
    form.offer(consents.recipients())
    if form.validate_on_submit():
        with refusals(form):
            consents.write_down(current_user, public_id, form.organisation.data, form.purpose.data, _scopes(form),
                                form.until_on.data, members_of(Need, form.needs), form.witness.data, form.paper.data)
            return done("clients.file", _("It holds for now. It ends by itself unless the client confirms it alone."),
                        public_id=public_id)
    return show_form("consents/paper.html", form, client=client)


def _scopes(form):
    return [Scope(scope) for scope in form.scopes.data]


@blueprint.route("/clients/<pid:public_id>/take-back", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES)
def take_back(public_id):
    client, form = files.client_worked_with(current_user, public_id), TakeBackForm()
    form.offer(consents.recipients())
    if form.validate_on_submit():
        with refusals(form):
            consents.withdraw_on_word(current_user, public_id, form.organisation.data, form.how.data)
            return done("clients.file", _("It is taken back with this moment, where there was anything to take back."),
                        public_id=public_id)
    return show_form("consents/take_back.html", form, client=client)


@blueprint.route("/consents/<pid:public_id>/signed", methods=["GET", "POST"])
@allow(Can.ASK_CONSENT, Mode.WRITES, get=Mode.READS_FILE)
def signed(public_id):
    consent, form = consents.open_one(current_user, public_id), SignedForm()
    if form.validate_on_submit():
        with refusals(form):
            consents.sign_asked(current_user, public_id, form.witness.data, form.paper.data)
            return done("consents.consent", _("It holds for now. It ends by itself unless the client confirms it "
                                              "alone."), public_id=public_id)
    return show_form("consents/signed.html", form, consent=consent, sentences=consents.text(
        consent, consents.scopes_of(consent)))


@blueprint.post("/consents/<pid:public_id>/said-no")
@allow(Can.ASK_CONSENT, Mode.WRITES)
def said_no(public_id):
    return _step(public_id, consents.refuse_on_word, _("It is written down that the client said no."))


@blueprint.post("/consents/<pid:public_id>/confirmed")
@allow(Can.ASK_CONSENT, Mode.WRITES)
def confirmed(public_id):
    return _step(public_id, consents.confirm_on_word, _("The consent is confirmed."))


@blueprint.get("/consents/<pid:public_id>")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def consent(public_id):
    return _consent(public_id, FlaskForm())


def _step(public_id, step, sentence):
    form = FlaskForm()
    with refusals(form):
        step(current_user, public_id)
        return done("consents.consent", sentence, public_id=public_id)
    return _consent(public_id, form)


def _consent(public_id, form):
    found = consents.open_one(current_user, public_id)
    return show_form("consents/consent.html", form, consent=found, scopes=consents.scopes_of(found),
                     needs=consents.needs_of(found), holds=consents.holds(found),
                     sentence=consents.scope_sentence, purpose=consents.purpose_of(found))


@blueprint.get("/consents/<pid:public_id>/sheet")
@allow(Can.ASK_CONSENT, Mode.READS_FILE)
def sheet(public_id):
    """The text on paper: to be signed, or as a receipt of what was."""
    consent = consents.open_one(current_user, public_id)
    return show("consents/sheet.html", consent=consent, sentences=consents.shown(consent), code=consent.client.code,
                text_hash=consents.text_hash(consent))
