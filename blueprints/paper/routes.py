"""Prisons on paper: what is printed for them, and what came back from them."""
from flask import Blueprint, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from blueprints.paper.forms import AnswerForm, BareForm
from db import Mode
from exporters import pdf
from models import ClearanceReason
from policy import Can
from services import visitors
from services.visits import AlreadyDecided, paper
from web import allow, done, refusals, send, show, show_form

blueprint = Blueprint("paper", __name__, url_prefix="/paper")
WRITTEN = _l("What came on paper is written down under your name.")


@blueprint.get("/<pid:public_id>")
@allow(Can.REQUEST_VISITS, Mode.READS_FILE)
def kit(public_id):
    as_pdf = request.args.get("file") == "pdf" and pdf.installed()
    page = show("paper/kit.html", kit=paper.kit(current_user, public_id), as_pdf=as_pdf, pdf=pdf.installed())
    if not as_pdf:
        return page
    return send(pdf.pdf_of(page.get_data(as_text=True), "sheet.css"), "application/pdf", "zadost-o-navstevu.pdf")


@blueprint.route("/<pid:public_id>/answer", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def answer(public_id):
    form, asked = AnswerForm(), paper.asked(current_user, public_id)
    form.offer(asked.times, asked.others, asked.equipment)
    if form.is_submitted() and (not asked.open or form.validate()):
        with refusals(form):
            given = form.given() if asked.open else {"yes": form.yes.data != "no"}  # who was quicker is told
            paper.answer(current_user, public_id, refused=visitors.refused_in(request.form), **given)
            return done("visits.booking", WRITTEN, public_id=public_id)
        if isinstance(form.refusal, AlreadyDecided):
            return _as_it_stands(public_id, form.refusal)
    return show_form("paper/answer.html", form, booking=asked.booking, open=asked.open, questions=asked.questions,
                     reasons=list(ClearanceReason))


@blueprint.post("/<pid:public_id>/keep")
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def keep(public_id):
    try:
        paper.keep(current_user, public_id)
    except AlreadyDecided as settled:
        return _as_it_stands(public_id, settled)
    return done("visits.booking", WRITTEN, public_id=public_id)


def _as_it_stands(public_id, settled):
    """The page of the visit, which says who was quicker."""
    flash(settled.sentence, "error")
    return done("visits.booking", public_id=public_id)


@blueprint.route("/prisons", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def prisons():
    """Which prisons have no access to the network, as the coordinator says."""
    form = BareForm()
    if form.validate_on_submit():
        with refusals(form):
            prison = paper.put_on_paper(current_user, request.form.get("prison", ""), request.form.get("on") == "yes")
            return done("paper.prisons", _("%(name)s: it is kept.", name=prison.name))
    return show_form("paper/prisons.html", form, prisons=paper.prisons_on_paper(current_user))
