"""My address book: stars, lists and notes; the organisation's mail templates and writing by them."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.my.forms import KeepForm, LetterForm, ListForm, TemplateForm
from db import Mode
from policy import Can
from services import letters, mylayer
from web import allow, done, refusals, show_form

blueprint = Blueprint("my", __name__, url_prefix="/my")


@blueprint.route("", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def book():
    form = ListForm()
    if form.validate_on_submit():
        with refusals(form):
            row = mylayer.add_list(current_user, form.name.data)
            return done("my.book_list", _("The list is there. Add to it from the pages of organisations."),
                        public_id=row.public_id)
    return show_form("my/book.html", form, book=mylayer.my_book(current_user))


@blueprint.post("/star/<pid:public_id>")
@allow(Can.SEE_BOOK, Mode.WRITES)
def star(public_id):
    on = request.form.get("on") == "1"
    thing = mylayer.star(current_user, public_id, on)
    sentence = _("It is among your favourites.") if on else _("It is not among your favourites any more.")
    return done("directory.organisation", sentence, public_id=thing.organisation.public_id, _anchor=thing.anchor)


@blueprint.route("/keep/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def keep(public_id):
    form, kept = KeepForm(), mylayer.kept(current_user, public_id)
    form.offer(kept)
    if form.validate_on_submit():
        with refusals(form):
            mylayer.keep(current_user, public_id, form.lists.data or [], form.new_list.data or "",
                         form.note.data or "")
            return done("directory.organisation", _("Saved in your address book."),
                        public_id=kept.thing.organisation.public_id, _anchor=kept.thing.anchor)
    return show_form("my/keep.html", form, kept=kept)


@blueprint.route("/lists/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def book_list(public_id):
    row = mylayer.own_list(current_user, public_id)
    form = ListForm(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            mylayer.rename(current_user, public_id, form.name.data)
            return done("my.book_list", _("The list is renamed."), public_id=public_id)
    return show_form("my/list.html", form, row=row, things=mylayer.things_on(current_user, row))


@blueprint.post("/lists/<pid:public_id>/remove")
@allow(Can.SEE_BOOK, Mode.WRITES)
def remove_list(public_id):
    mylayer.remove_list(current_user, public_id)
    return done("my.book", _("The list is removed. What stood on it stays in the book."))


# Mails of the organisation

@blueprint.route("/templates", methods=["GET", "POST"])
@allow(Can.WRITE_TEMPLATES, Mode.WRITES)
def templates():
    return _template_page("my/templates.html", None, templates=letters.templates(current_user))


@blueprint.route("/templates/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.WRITE_TEMPLATES, Mode.WRITES)
def template(public_id):
    return _template_page("my/template.html", letters.template(current_user, public_id))


def _template_page(page, row, **context):
    form = TemplateForm(obj=row)
    if form.validate_on_submit():
        with refusals(form):
            letters.save(current_user, row.public_id if row else None, form.name.data, form.subject.data,
                         form.body.data)
            return done("my.templates", _("The template is saved."))
    return show_form(page, form, row=row, fields=letters.FIELDS, **context)


@blueprint.post("/templates/<pid:public_id>/remove")
@allow(Can.WRITE_TEMPLATES, Mode.WRITES)
def remove_template(public_id):
    letters.remove(current_user, public_id)
    return done("my.templates", _("The template is removed."))


@blueprint.route("/write/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.WRITE_TEMPLATES, Mode.WRITES)
def write(public_id):
    letter = letters.letter(current_user, public_id, request.values.get("contact"), request.args.get("template"))
    form = LetterForm() if request.method == "POST" else LetterForm(
        contact=letter.chosen.public_id if letter.chosen else "", subject=letter.subject, body=letter.body)
    if form.validate_on_submit():
        with refusals(form):
            name = letters.send(current_user, public_id, form.contact.data or "", form.subject.data, form.body.data)
            return done("directory.organisation", _("The mail is on its way to: %(name)s.", name=name),
                        public_id=public_id)
    return show_form("my/write.html", form, letter=letter, chooser=FlaskForm())
