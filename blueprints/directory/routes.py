"""The contact book: search, an organisation, verifying it, "still true"."""
from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm

import clock
from blueprints.directory import filters, person, rows
from blueprints.directory.rows import PLACE
from blueprints.directory.words import words_of
from db import Mode
from models import Area, FactGroup, Form, Kind, Need, TargetGroup
from policy import Can, has_clients, may
from services import book_export, cooperation, directory, editing, matching, mylayer, record_words
from services import search as searching
from web import allow, done, refusals, send, show, show_form, wants_fragment

blueprint = Blueprint("directory", __name__)

LAST_PAGE = 100_000

# event -> heading, what happens next, the button, what is said afterwards
EVENTS = {
    "verify": (_l("Verify this organisation?"),
               _l("From now on its people can be invited and clients can give it consent."),
               _l("Verify the organisation"), _l("The organisation is verified.")),
    "pause": (_l("Pause this organisation?"),
              _l("Consents given to it have no effect until it is verified again. It stays in the contact book."),
              _l("Pause the organisation"), _l("The organisation is paused.")),
    "close": (_l("Close this organisation?"),
              _l("It disappears from the contact book, its people cannot sign in any more and consents given to it "
                 "have no effect. This cannot be undone."),
              _l("Close the organisation"), _l("The organisation is closed.")),
}


@blueprint.get("/book")
@allow(Can.SEE_BOOK)
def search():
    reader = current_user._get_current_object()
    question = filters.question(_page_number())
    asks = bool(question.words or question.asked or "page" in request.args)
    answer = searching.find(reader, question, clock.today()) if asks else None
    shelf = [] if asks else searching.newcomers(reader, clock.today())
    named = not wants_fragment() or any(name in question.asked for name in filters.OF_PLACES)
    offered = filters.offered(searching.places() if named else None)
    return show("directory/search.html", fragment="directory/_results.html", question=question, answer=answer,
                selects=filters.selects, chips=filters.chips(question, offered), address=filters.address,
                written=rows.written, area_words=words_of(Area), need_words=words_of(Need), shelf=shelf)


@blueprint.get("/book/for-one-person")
@allow(Can.SEE_BOOK)
def for_person():
    """From the needs of one person to services, with what does not fit named."""
    asked = person.asked(_page_number())
    answer = matching.find(current_user, asked, clock.today())
    selects = {each.name: each for each in filters.offered(searching.places())}
    return show("directory/for_person.html", person=asked, answer=answer, selects=selects, single=person.SINGLE,
                labels=person.labels(), need_words=words_of(Need), group_words=words_of(TargetGroup),
                address=person.address, said=lambda points, verdict: person.words(points, verdict, selects))


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return min(max(1, int(typed)), LAST_PAGE) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1


@blueprint.get("/book/export/<any(" + ",".join(f'"{name}"' for name in book_export.FORMATS) + "):name>")
@allow(Can.SEE_BOOK)
def export(name):
    """The organisations that the same address of the search shows, all its pages, as a file."""
    kind = book_export.FORMATS[name]
    content = kind.write(book_export.found(current_user, filters.question(1)))
    return send(content, kind.mimetype, book_export.file_name(kind))


@blueprint.get("/book/<pid:public_id>/card.vcf")
@allow(Can.SEE_BOOK)
def card(public_id):
    """The business card of an organisation, or of a contact person."""
    return send(book_export.card(current_user, public_id), "text/vcard; charset=utf-8", "kontakt.vcf")


@blueprint.get("/book/<pid:public_id>")
@allow(Can.SEE_BOOK)
def organisation(public_id):
    reader = current_user._get_current_object()  # asked some thirty times below, each a look-up through the proxy
    page = directory.page(reader, public_id)
    return show("directory/organisation.html", page=page,
                hears_only=editing.hears_only_clients(reader, page.organisation),
                cooperation=cooperation.on_book_page(reader, page.organisation, page.profile),
                mine=mylayer.on_book_page(reader, page.organisation),
                names_successors=has_clients() and may(reader, Can.VERIFY_ORGANISATIONS),
                area_words=words_of(Area), need_words=words_of(Need), form_words=words_of(Form),
                agenda=request.args.get("agenda", "")[:30], language_names=record_words.language_names,
                link=url_for("directory.organisation", public_id=PLACE).replace(PLACE, ""))


@blueprint.post("/book/<pid:public_id>/confirm/<any(" + ",".join(FactGroup) + "):group>")
@allow(Can.SEE_BOOK, Mode.WRITES)
def confirm(public_id, group):
    form = FlaskForm()
    with refusals(form):
        directory.confirm(current_user, public_id, FactGroup(group))
        thanks = _("Thank you. It is written down that this is still true today.")
        return (done("today.home", thanks) if "on_today" in request.form
                else done("directory.organisation", thanks, public_id=public_id))
    return show_form("directory/not_confirmed.html", form, public_id=public_id)


# The coordinator's part

@blueprint.get("/book/to-verify")
@allow(Can.VERIFY_ORGANISATIONS)
def proposed():
    return _queue("directory/proposed.html", directory.proposed)


@blueprint.get("/book/unconfirmed")
@allow(Can.VERIFY_ORGANISATIONS)
def unconfirmed():
    return _queue("directory/unconfirmed.html", directory.unconfirmed)


def _queue(template, waiting):
    kind = {member.value: member for member in Kind}.get(request.args.get("kind", ""))
    return show(template, queue=waiting(current_user, kind, _page_number()), kind=kind)


@blueprint.route("/book/<pid:public_id>/verify", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def verify(public_id):
    return _change(public_id, "verify")


@blueprint.route("/book/<pid:public_id>/pause", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def pause(public_id):
    return _change(public_id, "pause")


@blueprint.route("/book/<pid:public_id>/close", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def close(public_id):
    return _change(public_id, "close")


def _change(public_id, event):
    """The confirmation of a change of state, and the change."""
    page, form = directory.page(current_user, public_id), FlaskForm()
    question, consequence, button, sentence = EVENTS[event]
    if form.validate_on_submit():
        with refusals(form):
            directory.change_state(current_user, public_id, event)
            return done("directory.organisation", sentence, public_id=public_id)
    return show_form("directory/change.html", form, page=page, event=event, question=question,
                     consequence=consequence, button=button)
