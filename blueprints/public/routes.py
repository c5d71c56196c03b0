"""The search for clients and families: without signing in, without cookies, switched off by PUBLIC_SEARCH=off.

One page writes: a note to a client (FAMILY_NOTES), whose form needs a token and so a cookie.
"""
from flask import Blueprint, current_app, make_response, request, url_for
from flask_babel import get_locale
from flask_login import current_user

from blueprints.public.forms import NoteForm
from db import Mode
from errors import Missing
from models import Need
from policy import Can, has_clients, may
from services import family, leaflet, public_book
from services.public_book import Pace, Question
from text import clean_text
from web import (
    answer_in,
    family_notes,
    leave_for,
    page_number,
    public,
    public_address,
    public_search,
    refusals,
    show,
    show_form,
)

blueprint = Blueprint("public", __name__)
PACE = Pace(most=60, seconds=60)


@blueprint.before_request
def open_to_all():
    """The switch, the language that the address asks for, and the pace of one address."""
    if not public_search():
        raise Missing
    answer_in(request.args.get("lang"))
    if PACE.allows(request.remote_addr or ""):
        return None
    response = make_response(show("public/busy.html", 429))
    response.headers["Retry-After"] = str(PACE.seconds)
    return response


@blueprint.get("/help-near-you")
@public()
def search():
    given = {name: clean_text(request.args.get(name, ""), limit=100) for name in ("q", "need", "region")}
    question = Question(given["q"], given["need"], given["region"], page_number(request.args.get("page")))
    answer = public_book.find(question, _invented(), public_address)
    offices = public_book.offices(question.region, _invented()) if question.region else []
    return show("public/search.html", question=question, answer=answer, regions=public_book.regions(), needs=list(Need),
                offices=offices,
                address=lambda page: here("public.search", q=question.text, need=question.need,
                                              region=question.region, page=page))


@blueprint.get("/help-near-you/<pid:public_id>")
@public()
def service(public_id):
    return show("public/service.html", item=public_book.one(public_id, _invented(), public_address))


@blueprint.get("/help-near-you/<pid:public_id>/sheet")
@public()
def sheet(public_id):
    """The service on one page for a notice board; its code leads back here."""
    item = public_book.one(public_id, _invented(), public_address)
    made = leaflet.sheet([item], "", leaflet.Purpose.BOARD)
    return show("leaflet/sheet.html", sheet=made, as_pdf=False, back=here("public.service", public_id=public_id))


@blueprint.route("/help-near-you/note", methods=["GET", "POST"])
@public(Mode.WRITES)
def note():
    """Somebody close to a client writes to them, by the code on their card."""
    if not family_notes():
        raise Missing
    form, asked = NoteForm(), clean_text(request.args.get("service", ""), limit=22)
    service = family.about(asked, _invented())
    if form.validate_on_submit():
        with refusals(form):
            family.write(form.data, form.request_key.data or "", service, request.remote_addr or "")
            return leave_for(here("public.note_sent"))
    return show_form("public/note.html", form, service=service, action=here("public.note", service=asked))


@blueprint.get("/help-near-you/note/sent")
@public()
def note_sent():
    if not family_notes():
        raise Missing
    return show("public/note_sent.html")


@blueprint.context_processor
def addresses():
    """What these pages know beside their things: the addresses of others, and what clients and families can do."""
    return {"here": here, "asks_for_self": has_clients() and _may_have_a_card(), "takes_notes": family_notes()}


def _may_have_a_card() -> bool:
    return not current_user.is_authenticated or may(current_user, Can.USE_OWN_APP)


def here(endpoint: str, **values) -> str:
    """An address of these pages in the language of this one; what is empty is left out."""
    kept = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **({"lang": "en"} if get_locale().language == "en" else {}) | kept)


def _invented():
    return current_app.config["NAVAZNOST"].mode == "demo"

