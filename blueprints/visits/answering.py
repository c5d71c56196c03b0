"""One visit: its page, the answers to it, proposals and changes."""
import flask
from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

import clock
from blueprints.visits import blueprint
from blueprints.visits.forms import AnswerForm, BareForm, ChangeForm, DecideForm, NoteForm, ProposeForm
from blueprints.visits.looking import day_asked
from choices import of_pairs
from db import Mode
from models import ClearanceReason, Equipment, WindowKind
from policy import Can
from services import partners, visitors, visits
from services.visits import Event, automatic
from web import allow, done, refusals, show_form


@blueprint.get("/<pid:public_id>")
@allow(Can.SEE_VISITS, Mode.READS_FILE)
def booking(public_id):
    return _booking_page(public_id, BareForm())


def _booking_page(public_id, form):
    opened = visits.open_booking(current_user, public_id)
    return show_form("visits/booking.html", form, opened=opened,
                     together=partners.of_visit(current_user, opened.booking))


# The prison's yes

@blueprint.route("/<pid:public_id>/confirm", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def confirm(public_id):
    form = DecideForm()
    if form.is_submitted() and form.validate():
        with refusals(form):
            visits.advance(current_user, public_id, Event.CONFIRM, refused=visitors.refused_in(flask.request.form),
                           **form.given())
            return done("today.home", _("The visit is confirmed. The organisation has been told."))
    opened = visits.open_booking(current_user, public_id)
    if Event.CONFIRM not in opened.events or isinstance(getattr(form, "refusal", None), visits.AlreadyDecided):
        return show_form("visits/booking.html", form, opened=opened)
    return _decide(form, opened)


def _decide(form, opened):
    possible = [time for time in opened.times if not time.by_prison and time.starts_at > clock.now()]
    form.time.choices = of_pairs((time.key, time) for time in possible)
    if not opened.codes:
        del form.client_note
    return show_form("visits/decide.html", form, opened=opened, several=len(possible) > 1,
                     asks_equipment=opened.booking.equipment_state is Equipment.ASKED,
                     questions=visitors.questions(current_user, opened.booking), reasons=list(ClearanceReason))


@blueprint.route("/waiting", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def confirm_many():
    form = BareForm()
    if form.validate_on_submit():
        with refusals(form):
            confirmed, settled, left = visits.confirm_many(current_user, flask.request.form.getlist("bookings"))
            if left:
                flash(_left_words(left), "error")
            return done("visits.confirm_many" if left else "today.home", _many_words(confirmed, settled))
    day, waiting = day_asked("day"), visits.waiting(current_user)
    shown = [row for row in waiting if day in {None, clock.local(row.starts_at).date()}]
    return show_form("visits/waiting.html", form, today_day=clock.today(), day=day, waiting=shown,
                     whole_days=visits.whole_days(waiting))


def _left_words(left):
    return ngettext("%(num)d needs more than a yes and was left as it is: open it.",
                    "%(num)d need more than a yes and were left as they are: open each.", left)


def _many_words(confirmed, settled):
    words = ngettext("%(num)d visit is confirmed.", "%(num)d visits are confirmed.", confirmed)
    if not settled:
        return words
    return f"{words} " + ngettext("%(num)d was settled before.", "%(num)d were settled before.", settled)


# Answers with one question

@blueprint.route("/<pid:public_id>/decline", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def decline(public_id):
    return _answer(public_id, Event.DECLINE, AnswerForm(),
                   _("The request is declined. The organisation has been told and offered other times."))


@blueprint.route("/<pid:public_id>/cancel", methods=["GET", "POST"])
@allow(Can.SEE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def cancel(public_id):
    return _answer(public_id, Event.CANCEL, AnswerForm(), _("The visit is cancelled. The others have been told."))


@blueprint.route("/<pid:public_id>/withdraw", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def withdraw(public_id):
    return _answer(public_id, Event.WITHDRAW, BareForm(), _("The request is withdrawn. The prison has been told."))


@blueprint.route("/<pid:public_id>/refuse", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def refuse(public_id):
    return _answer(public_id, Event.REFUSE, BareForm(), _("The request is withdrawn. The prison has been told."))


def _answer(public_id, event, form, sentence):
    """The page of one answer; where somebody was quicker it is the page of how the visit stands now."""
    found = visits.one(current_user, public_id)
    form.offer(visits.reasons_for(current_user, found, event))
    if form.validate_on_submit():
        with refusals(form):
            visits.advance(current_user, public_id, event, **form.given())
            return done("visits.booking", sentence, public_id=public_id)
    if hasattr(form, "refusal") or event not in visits.open_events(current_user, found):
        return _booking_page(public_id, form)
    return show_form(f"visits/{event}.html", form, booking=found)


# One click

@blueprint.post("/<pid:public_id>/accept")
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def accept(public_id):
    return _at_once(public_id, lambda: visits.advance(current_user, public_id, Event.ACCEPT),
                    _("The visit is confirmed at the proposed time. The prison has been told."))


@blueprint.post("/<pid:public_id>/take")
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def take(public_id):
    return _at_once(public_id, lambda: visits.take_offer(current_user, public_id),
                    _("The place is yours. The prison has been told."))


@blueprint.post("/<pid:public_id>/keep")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def keep(public_id):
    return _at_once(public_id, lambda: visits.advance(current_user, public_id, Event.KEEP),
                    _("The visit stands as it is."))


def _at_once(public_id, work, sentence):
    form = BareForm()
    with refusals(form):
        work()
        return done("visits.booking", sentence, public_id=public_id)
    return _booking_page(public_id, form)


# Another time, other people

@blueprint.route("/<pid:public_id>/propose", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def propose(public_id):
    form, found = ProposeForm(), visits.one(current_user, public_id)
    event = visits.proposing(current_user, found)
    if event and form.validate_on_submit():
        with refusals(form):
            visits.advance(current_user, public_id, event, **form.given())
            return done("visits.booking", _("The time is proposed and kept. The organisation has been told."),
                        public_id=public_id)
    if event is None or isinstance(getattr(form, "refusal", None), visits.AlreadyDecided):
        return _booking_page(public_id, form)
    form.time.choices = of_pairs((slot.key, slot) for slot in visits.to_propose(found, _kind_asked()))
    return show_form("visits/propose.html", form, booking=found, kind=_kind_asked(), kinds=list(WindowKind))


def _kind_asked() -> WindowKind | None:
    value = flask.request.args.get("kind", "")
    return WindowKind(value) if value in set(WindowKind) else None


@blueprint.route("/<pid:public_id>/change", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def change(public_id):
    opened = visits.open_booking(current_user, public_id)
    form = ChangeForm(data=None if flask.request.method == "POST" else _as_it_is(opened))
    if form.is_submitted() and form.validate():
        with refusals(form):
            visits.edit(current_user, public_id, form.change(), form.notes())
            return done("visits.booking", _("The change is saved. Where it needs a yes, the prison has been asked."),
                        public_id=public_id)
    if Event.CHANGE not in opened.events:
        return show_form("visits/booking.html", form, opened=opened)
    form.colleagues.choices = of_pairs((each.public_id, each.name) for each in visits.colleagues(current_user))
    form.slot.choices = of_pairs(
        (slot.key, slot) for slot in visits.next_free(opened.booking.prison, opened.booking.kind, 12))
    return show_form("visits/change.html", form, opened=opened)


def _as_it_is(opened) -> dict:
    accounts = {person.id: person.public_id for person in visits.colleagues(current_user)}
    return {"slot": "", "equipment": opened.booking.equipment, "purpose": opened.words["purpose"],
            "plate": opened.words["plate"], "staff_note": opened.words["staff_note"],
            "colleagues": [accounts[row.user_id] for row in opened.visitors if row.user_id in accounts],
            "guests": "\n".join(row.name for row in opened.visitors if row.user_id not in accounts)}


@blueprint.route("/<pid:public_id>/notes", methods=["GET", "POST"])
@allow(Can.SEE_VISITS, Mode.WRITES, get=Mode.READS_FILE)
def notes(public_id):
    opened = visits.open_booking(current_user, public_id)
    form = NoteForm(data=None if flask.request.method == "POST" else opened.words)
    if not opened.codes:
        del form.client_note
    if form.is_submitted() and form.validate():
        with refusals(form):
            visits.write_notes(current_user, public_id, form.notes())
            return done("visits.booking", _("The notes are saved."), public_id=public_id)
    if Event.NOTE not in opened.events or hasattr(form, "refusal"):
        return show_form("visits/booking.html", form, opened=opened)
    return show_form("visits/notes.html", form, booking=opened.booking)


# Always yes

@blueprint.route("/automatic", methods=["GET", "POST"], endpoint="automatic")
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def automatic_yes():
    form = BareForm()
    if form.validate_on_submit():
        with refusals(form):
            automatic.keep(current_user, _chosen_kinds())
            return done("visits.automatic", _("Saved. From now on these requests are confirmed at once."))
    return show_form("visits/automatic.html", form, organisations=automatic.organisations(current_user),
                     kinds=list(WindowKind))


def _chosen_kinds() -> set[tuple[str, WindowKind]]:
    pairs = [value.rpartition(".") for value in flask.request.form.getlist("yes")]
    return {(public_id, WindowKind(kind)) for public_id, _dot, kind in pairs if kind in set(WindowKind)}
