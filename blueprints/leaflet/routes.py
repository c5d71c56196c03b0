"""The leaflet: gathering services on a shortlist, and the page that is printed."""
from flask import Blueprint, flash, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from blueprints.leaflet.forms import SheetForm
from db import Mode
from errors import RuleBroken
from exporters import pdf
from policy import Can
from services import leaflet
from text import clean_text
from web import (
    allow,
    answer_in,
    done,
    leave_for,
    public_address,
    refusals,
    same_site_referrer,
    send,
    show,
    show_form,
)

blueprint = Blueprint("leaflet", __name__)


@blueprint.get("/leaflet")
@allow(Can.SEE_BOOK)
def overview():
    return _overview(SheetForm(formdata=None, language=get_locale().language))


def _overview(form):
    return show_form("leaflet/overview.html", form, items=leaflet.shortlist(current_user), pdf=pdf.installed())


@blueprint.post("/leaflet/add")
@allow(Can.SEE_BOOK, Mode.WRITES)
def add():
    form = SheetForm()
    with refusals(form):
        name = leaflet.add(current_user, request.form.get("record", ""))
        flash(_("%(name)s is on your leaflet.", name=name), "success")
        return leave_for(same_site_referrer("leaflet.overview"))
    return _overview(form)


@blueprint.post("/leaflet/remove")
@allow(Can.SEE_BOOK, Mode.WRITES)
def remove():
    leaflet.remove(current_user, request.form.get("record", ""))
    return done("leaflet.overview", _("It is off your leaflet."))


@blueprint.post("/leaflet/clear")
@allow(Can.SEE_BOOK, Mode.WRITES)
def clear():
    leaflet.clear(current_user)
    return done("leaflet.overview", _("Your leaflet is empty."))


@blueprint.post("/leaflet/sheet")
@allow(Can.SEE_BOOK)
def sheet():
    """The page itself, or the PDF of it. It comes by POST: the opening words stay out of addresses."""
    form = SheetForm()
    if form.validate():
        with refusals(form):
            return _sheet(form, as_pdf=request.form.get("file") == "pdf" and pdf.installed())
    return _overview(form)


def _sheet(form, as_pdf):
    reader = get_locale().language
    answer_in(form.language.data)
    try:
        made = leaflet.sheet(leaflet.shortlist(current_user, public_address),
                             clean_text(form.greeting.data, lines=True), leaflet.Purpose(form.purpose.data))
    except RuleBroken:
        answer_in(reader)
        raise
    page = show("leaflet/sheet.html", sheet=made, as_pdf=as_pdf, back=url_for("leaflet.overview"))
    if not as_pdf:
        return page
    return send(pdf.pdf_of(page.get_data(as_text=True), "leaflet.css"), "application/pdf", "letak.pdf")

