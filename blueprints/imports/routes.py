"""Files into the book: sent, mapped, looked at, decided, confirmed, undone."""
from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from blueprints.imports.forms import ConfirmForm, SendForm, columns_form, mapping_of
from db import Mode
from errors import RuleBroken
from labels import label
from models import Fate, ImportState
from policy import Can, may
from services import import_jobs, import_register, imports
from web import allow, done, leave_for, page_number, refusals, refuse, show, show_form, wants_fragment

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
LARGEST = 210_000_000  # the register of social services has about 100 MB


@blueprint.get("")
@allow(Can.SEE_BOOK)
def index():
    return _index(SendForm())


@blueprint.post("/send")
@allow(Can.SEE_BOOK, Mode.WRITES, largest=LARGEST)
def send():
    form = SendForm()
    if form.validate_on_submit():
        with refusals(form):
            run = imports.send(current_user, form.file.data.stream, form.file.data.filename,
                               only_useful=form.only_useful.data)
            return done("imports.overview", public_id=run.public_id)
    return _index(form)


def _index(form):
    page = page_number(request.args.get("page"))
    runs, count = imports.recent(current_user, page)
    return show_form("imports/index.html", form, runs=runs, page=page, worker=import_jobs.worker_runs(),
                     pages=-(-count // imports.PER_PAGE))


@blueprint.get("/<pid:public_id>")
@allow(Can.SEE_BOOK)
def overview(public_id):
    run = imports.find(current_user, public_id)
    if wants_fragment():
        if run.state not in imports.WORKING:
            return leave_for(url_for("imports.overview", public_id=public_id))
        return show("imports/_progress.html", run=run, worker=import_jobs.worker_runs())
    return _page(run, ConfirmForm(formdata=None))


def _page(run, form):
    fate = _fate(request.args.get("fate"))
    page = page_number(request.args.get("page"))
    context = {"run": run, "problem": imports.problem_of(run),
               "coordinator": may(current_user, Can.VERIFY_ORGANISATIONS)}
    if run.state is ImportState.MAPPING:
        look = imports.look_of(run)
        return show_form("imports/columns.html", columns_form(look), look=look, **context)
    if run.state in {ImportState.READY, ImportState.DONE, ImportState.UNDONE}:
        rows, count = imports.preview(run, fate, page)
        context |= {"rows": rows, "pages": -(-count // imports.PER_PAGE), "counts": imports.counts(run), "fate": fate,
                    "page": page, "fate_words": {member.value: label(member) for member in Fate},
                    "absent": import_register.not_in_register() if run.format == "rpss" else ([], 0)}
        return show_form("imports/rows.html", form, **context)
    return show_form("imports/state.html", form, worker=import_jobs.worker_runs(), **context)


def _fate(text):
    return next((member for member in Fate if member.value == text), None)


@blueprint.route("/<pid:public_id>/columns", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def columns(public_id):
    run = imports.find(current_user, public_id)
    if run.format not in imports.TABLES or run.state not in {ImportState.MAPPING, ImportState.READY}:
        return leave_for(url_for("imports.overview", public_id=public_id))
    look = imports.look_of(run)
    form = columns_form(look)
    if form.validate_on_submit():
        with refusals(form):
            imports.map_columns(current_user, public_id, mapping_of(form, look))
            return done("imports.overview", public_id=public_id)
    return show_form("imports/columns.html", form, run=run, look=look, problem="")


@blueprint.post("/<pid:public_id>/decide")
@allow(Can.SEE_BOOK, Mode.WRITES)
def decide(public_id):
    decisions = {int(name[4:]): value for name, value in request.form.items()
                 if name.startswith("row-") and name[4:].isdecimal() and len(name) < 14}
    return _acted(public_id, lambda: imports.decide(current_user, public_id, decisions),
                  lambda count: ngettext("%(num)d answer is kept.", "%(num)d answers are kept.", count))


@blueprint.post("/<pid:public_id>/confirm")
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def confirm(public_id):
    form = ConfirmForm()
    return _acted(public_id, lambda: imports.confirm(current_user, public_id, form.leave_out.data), form=form)


@blueprint.post("/<pid:public_id>/undo")
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def undo(public_id):
    return _acted(public_id, lambda: imports.undo(current_user, public_id))


@blueprint.post("/<pid:public_id>/drop")
@allow(Can.SEE_BOOK, Mode.WRITES)
def drop(public_id):
    run = imports.find(current_user, public_id)
    form = ConfirmForm()
    with refusals(form):
        imports.drop(current_user, public_id)
        return done("imports.index", _("The file was thrown away. Nothing was written."))
    return _page(run, form)


def _acted(public_id, act, sentence=None, form=None):
    """Back to the page of the import; with what was refused, where something was."""
    run, form = imports.find(current_user, public_id), form or ConfirmForm()
    try:
        result = act()
    except RuleBroken as refusal:
        refuse(form, refusal.sentence, refusal.field)
        return _page(run, form)
    return done("imports.overview", sentence and sentence(result), public_id=public_id)
