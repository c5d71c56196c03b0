"""What speaks for an organisation, what prisons have checked, and the page behind a mail's link "still true?"."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.trust.forms import EvidenceForm, SeenForm, VettingForm
from db import Mode
from labels import label
from models import EvidenceKind
from policy import Can
from services import still_true, trust
from web import allow, done, public, refusals, show, show_form

blueprint = Blueprint("trust", __name__)


# The link of a mail

@blueprint.route("/still-true/<token>", methods=["GET", "POST"])
@public(Mode.WRITES)
def answer(token):
    facts, form = still_true.facts(token), FlaskForm()
    typed = {name.removeprefix("places-"): value for name, value in request.form.items() if name.startswith("places-")}
    if form.validate_on_submit():
        with refusals(form):
            everything = request.form.get("answer") == "everything"
            still_true.answer(token, typed, everything)
            return done("trust.answer", _("Thank you. It is written down that all of it is true today.") if everything
                        else _("Thank you. The free places are written down."), token=token)
    return show_form("trust/still_true.html", form, facts=facts, token=token, typed=typed)


# The dossier

@blueprint.get("/book/<pid:public_id>/trust")
@allow(Can.SEE_BOOK)
def dossier(public_id):
    return show("trust/dossier.html", dossier=trust.dossier(current_user, public_id),
                removes=lambda row: trust.removes(current_user, row))


@blueprint.route("/book/<pid:public_id>/trust/new", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def add(public_id):
    page = trust.dossier(current_user, public_id)
    form = EvidenceForm(kind=request.args.get("kind", ""))
    form.offer(page.adds, label, own_name=len(page.adds) == 1)
    if form.validate_on_submit():
        with refusals(form):
            trust.add_evidence(current_user, public_id, EvidenceKind(form.kind.data), form.text.data,
                               form.source.data if "source" in form else "", form.dated_on.data, form.until_on.data)
            return done("trust.dossier", _("It is added. The coordinator is asked to look at it."), public_id=public_id)
    return show_form("trust/add.html", form, page=page)


@blueprint.route("/evidence/<pid:public_id>/confirm", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def confirm(public_id):
    row = trust.evidence(current_user, public_id)
    form = SeenForm(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            trust.confirm_evidence(current_user, public_id, form.document.data, form.until_on.data)
            return done("trust.dossier", _("It is confirmed."), public_id=row.organisation.public_id)
    return show_form("trust/confirm.html", form, row=row)


@blueprint.route("/evidence/<pid:public_id>/remove", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def remove(public_id):
    row = trust.removable(current_user, public_id)
    form = FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            trust.remove_evidence(current_user, public_id)
            return done("trust.dossier", _("It is taken back."), public_id=row.organisation.public_id)
    return show_form("trust/remove.html", form, row=row)


@blueprint.get("/book/mismatches")
@allow(Can.VERIFY_ORGANISATIONS)
def mismatches():
    return show("trust/mismatches.html", found=trust.mismatches(current_user), register_day=trust.register_day())


# What prisons have checked

@blueprint.route("/book/<pid:public_id>/check", methods=["GET", "POST"])
@allow(Can.VET_ORGANISATIONS, Mode.WRITES)
def vet(public_id):
    organisation, form = trust.to_vet(current_user, public_id), VettingForm(checked_on=clock.today())
    if form.validate_on_submit():
        with refusals(form):
            trust.vet(current_user, public_id, form.scope.data, form.result.data, form.checked_on.data,
                      form.until_on.data)
            return done("trust.dossier", _("It is written down. Other prisons can read it."), public_id=public_id)
    return show_form("trust/vet.html", form, organisation=organisation)
