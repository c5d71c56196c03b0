"""The owner's hand in the contact book, corrections by everybody else, and what was written when."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

import readability
from blueprints.records.forms import FIRST_PART, PARTS, EndForm
from db import Mode
from errors import Missing
from models import RecordKind
from policy import Can
from services import corrections, editing, record_words, records
from text import clean_text
from web import allow, done, page_number, refusals, refuse, show, show_form

blueprint = Blueprint("records", __name__, url_prefix="/book")

KIND = "<any(" + ",".join(RecordKind) + "):kind>"
ADDED = "<any(" + ",".join(FIRST_PART) + "):kind>"
PART = "<any(" + ",".join(sorted({part for _kind, part in PARTS})) + "):part>"
MINE, THEIRS = "mine", "theirs"


def _form(kind, part, organisation, opened=None):
    """The form of a part, filled with the record as it is. Raises Missing where the record has no such part."""
    try:
        _words, form_class = PARTS[RecordKind(kind), part]
    except KeyError:
        raise Missing from None
    record = opened.record if opened else None
    filled = form_class.fill(records.read(record)) | {"version": record.version} if record else {}
    form = form_class(data=filled)
    form.offer(editing.choices(current_user, organisation), opened)
    return form


# The owner edits in place

@blueprint.route(f"/{KIND}/<pid:public_id>/edit/{PART}", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def edit(kind, public_id, part):
    opened = editing.open_to_write(current_user, RecordKind(kind), public_id)
    form, clash = _form(kind, part, opened.organisation, opened), None
    if form.validate_on_submit() and _all_chosen(form):
        with refusals(form):
            try:
                editing.save(current_user, opened.kind, public_id, form.wanted(), form.seen, _chosen())
                return done("directory.organisation", _("It is written down."), public_id=opened.organisation.public_id)
            except records.Changed as changed:
                clash = _clash(opened.kind, changed)
                refuse(form, _("%(who)s has changed the same in the meantime. Choose what is right.", who=clash["who"]))
    return show_form("records/edit.html", form, fragment="records/_edit.html", opened=opened, part=part, clash=clash,
                     word=PARTS[opened.kind, part][0], typed=_typed(), reading=_reading(form))


def _chosen() -> dict[str, str]:
    """What was chosen of a clash, by field."""
    return {name.removeprefix("keep-"): value for name, value in request.form.items() if name.startswith("keep-")}


def _all_chosen(form) -> bool:
    asked = request.form.getlist("clash")
    if all(_chosen().get(name) in {MINE, THEIRS} for name in asked):
        return True
    refuse(form, _("Choose one of the two in each line."))
    return False


def _clash(kind, changed) -> dict:
    """Both versions side by side: who wrote the other, and of each field what it was, is and would be."""
    def words(name, text):
        return record_words.value_words(kind, name, text) or _("nothing")
    lines = [{"field": name, "word": record_words.field_word(name, kind), "was": words(name, was),
              "now": words(name, now), "mine": words(name, mine), "theirs": now != was,
              "choice": THEIRS if mine == was else MINE if now == was else ""}
             for name, (was, now, mine) in changed.fields.items()]
    who = changed.change.actor.name if changed.change.actor else _("the system")
    return {"lines": lines, "who": who, "at": changed.change.at, "version": changed.version}


def _typed() -> list[tuple[str, str]]:
    """The fields of a form as they came, to be sent again beside the choices."""
    return [(name, value) for name, value in request.form.items(multi=True)
            if name not in {"csrf_token", "version", "clash"} and not name.startswith("keep-")]


def _reading(form):
    return readability.read(form.plain.data or "") if "plain" in form else None


@blueprint.post("/readability")
@allow(Can.SEE_BOOK)
def reading():
    """How hard the text for the client is, while it is being written."""
    text = clean_text(request.form.get("plain", ""), lines=True, limit=5000)
    return show("records/readability.html", fragment="records/_reading.html", reading=readability.read(text))


@blueprint.route(f"/<pid:public_id>/add/{ADDED}", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def add(public_id, kind):
    kind = RecordKind(kind)
    organisation = editing.organisation_to_add_to(current_user, public_id, kind)
    form = _form(kind, FIRST_PART[kind], organisation)
    if form.validate_on_submit():
        with refusals(form):
            editing.add(current_user, kind, public_id, form.wanted())
            return done("directory.organisation", _("It is in the book."), public_id=public_id)
    return show_form("records/add.html", form, organisation=organisation, kind=kind, reading=_reading(form))


@blueprint.route(f"/{KIND}/<pid:public_id>/end", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def end(kind, public_id):
    opened = editing.open_to_write(current_user, RecordKind(kind), public_id)
    form = EndForm(data={"version": opened.record.version})
    if form.validate_on_submit():
        with refusals(form):
            try:
                editing.end(current_user, opened.kind, public_id, form.on.data, form.seen)
                return done("directory.organisation", _("After that day nobody is shown it any more."),
                            public_id=opened.organisation.public_id)
            except records.Changed:
                refuse(form, _("Somebody has set another last day in the meantime. Look at it again."))
    return show_form("records/end.html", form, opened=opened)


@blueprint.get(f"/{KIND}/<pid:public_id>/history")
@allow(Can.SEE_BOOK)
def history(kind, public_id):
    number = page_number(request.args.get("page"))
    opened, changes, total = editing.history(current_user, RecordKind(kind), public_id, number)
    lines = [{"change": each, "word": record_words.field_word(each.field, opened.kind),
              "old": record_words.value_words(opened.kind, each.field, each.old),
              "new": record_words.value_words(opened.kind, each.field, each.new)} for each in changes]
    return show("records/history.html", opened=opened, lines=lines, page=number,
                pages=-(-total // editing.PER_PAGE))


# Corrections

@blueprint.route(f"/{KIND}/<pid:public_id>/correct/{PART}", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def correct(kind, public_id, part):
    opened = editing.open_record(current_user, RecordKind(kind), public_id)
    if opened.writable:
        return done("records.edit", kind=kind, public_id=public_id, part=part)
    form = _form(kind, part, opened.organisation, opened)
    note = clean_text(request.form.get("note", ""), lines=True, limit=corrections.LONGEST_NOTE)
    if form.validate_on_submit():
        with refusals(form):
            corrections.propose(current_user, opened.kind, public_id, form.wanted(), note)
            return done("directory.organisation", _("Thank you. The organisation decides about it; you will see the "
                                                    "outcome on Today."), public_id=opened.organisation.public_id)
    return show_form("records/correct.html", form, opened=opened, part=part, note=note,
                     word=PARTS[opened.kind, part][0])


@blueprint.post(f"/{KIND}/<pid:public_id>/not-working/<any({','.join(corrections.CAN_FAIL)}):field>")
@allow(Can.SEE_BOOK, Mode.WRITES)
def does_not_work(kind, public_id, field):
    row = corrections.does_not_work(current_user, RecordKind(kind), public_id, field)
    return done("directory.organisation", _("Thank you. The organisation is told that this does not work."),
                public_id=row.organisation.public_id)


@blueprint.get("/corrections")
@allow(Can.SEE_BOOK)
def corrections_list():
    return show("records/corrections.html", waiting=corrections.waiting(current_user),
                mine=corrections.proposed_by(current_user))


@blueprint.route("/corrections/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.SEE_BOOK, Mode.WRITES)
def correction(public_id):
    page, form = corrections.page(current_user, public_id), FlaskForm()
    reason = request.form.get("reason", "")
    if form.validate_on_submit():
        with refusals(form):
            corrections.decide(current_user, public_id, _taken(page), reason)
            return done("records.correction", _("It is decided. The person who proposed it sees the outcome."),
                        public_id=public_id)
    return show_form("records/correction.html", form, page=page, reason=reason, taken=request.form.getlist("take"))


def _taken(page) -> set[str]:
    """The fields that are taken over: those ticked, all or none by the button pressed."""
    button = request.form.get("decide")
    everything = {line.field for line in page.lines} or {"note"}
    return everything if button == "all" else set() if button == "none" else set(request.form.getlist("take"))


@blueprint.post("/corrections/<pid:public_id>/seen")
@allow(Can.SEE_BOOK, Mode.WRITES)
def seen(public_id):
    corrections.note_outcome(current_user, public_id)
    return done("today.home")


# Job offers

@blueprint.get("/jobs")
@allow(Can.SEE_BOOK)
def jobs():
    region = request.args.get("region", "")[:10]
    return show("records/jobs.html", offers=editing.job_offers(current_user, region), regions=editing.regions(),
                region=region)
