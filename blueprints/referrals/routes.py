"""Referrals: written, sent, answered, ended; the page behind the link of who has no account."""
from secrets import token_urlsafe

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm

import formats
from blueprints.referrals import forms
from choices import members_of, of_pairs
from db import Mode
from labels import label, language
from models import Level, Need, ReferralReason, ReferralState
from policy import Can, may
from services import files, partners, referrals
from services.referrals import Event, external
from web import allow, done, public, refusals, show, show_form

blueprint = Blueprint("referrals", __name__)


@blueprint.get("/referrals")
@allow(Can.OPEN_CLIENTS)
def index():
    return show("referrals/index.html", lists=referrals.lists(current_user),
                services=referrals.own_services(current_user), ending=referrals.to_hand_on(current_user),
                form=FlaskForm())


@blueprint.get("/referrals/unanswered")
@allow(Can.VERIFY_ORGANISATIONS)
def unanswered():
    return show("referrals/unanswered.html", rows=referrals.unanswered(current_user))


# Writing one

@blueprint.route("/clients/<pid:public_id>/refer", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def refer(public_id):
    client = files.own_client_of(current_user, public_id)
    search, form = forms.SearchForm(request.values), FlaskForm()
    if request.method == "POST" and form.validate():
        with refusals(form):
            row = referrals.start(current_user, public_id, request.form.get("service", ""),
                                  request.form.get("request_key", ""), members_of(Need, search.needs))
            return done("referrals.edit", public_id=row.public_id)
    return show_form("referrals/refer.html", form, client=client, search=search, request_key=token_urlsafe(16),
                     services=referrals.offered(members_of(Need, search.needs), client.region_id, search.q.data or ""))


@blueprint.post("/clients/<pid:public_id>/to-curator")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def to_office(public_id):
    row = referrals.start_to_office(current_user, public_id)
    if row.state is ReferralState.DRAFT:
        return done("referrals.edit", public_id=row.public_id)
    return done("referrals.referral", public_id=row.public_id)


@blueprint.route("/referrals/<pid:public_id>/edit", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def edit(public_id):
    view, asked, conditions, form = _form_of(public_id)
    if form.validate_on_submit():
        with refusals(form):
            keep = KEEPS.get(request.form.get("step"), referrals.write)
            keep(current_user, public_id, forms.content_of(form, asked, conditions))
            if keep is referrals.cannot_meet:
                return done("referrals.edit", _("It is written down that a condition cannot be met. Nothing was sent."),
                            public_id=public_id)
            return done("referrals.referral", public_id=public_id)
        _note_refusal(form, view)
    unmet = referrals.cannot_be_met(view.row)
    others = referrals.next_best(view.row) if form.errors or unmet else []
    return show_form("referrals/edit.html", form, view=view, others=others, asked=asked, conditions=conditions,
                     unmet=unmet)


KEEPS = {"send": referrals.write_and_send, "unmet": referrals.cannot_meet}


def _form_of(public_id):
    view = referrals.of_draft(current_user, public_id)
    asked, conditions = referrals.questions(view.row.service), referrals.conditions(view.row.service)
    values = forms.values_of(view, asked, conditions, referrals.overlap_reason(view.row))
    form = forms.for_service(asked, conditions)(data=values)
    form.offer(referrals.highest(view.row.sender, view.row.receiver), referrals.has_channel(view.row))
    return view, asked, conditions, form


def _note_refusal(form, view):
    if isinstance(getattr(form, "refusal", None), referrals.Overlap):
        referrals.note_told(current_user, view.row)


@blueprint.post("/referrals/<pid:public_id>/service")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def change_service(public_id):
    form = FlaskForm()
    with refusals(form):
        referrals.change_service(current_user, public_id, request.form.get("service", ""))
        return done("referrals.edit", _("The service is changed. Everything you wrote is here."), public_id=public_id)
    return _referral(public_id, form)


@blueprint.post("/referrals/<pid:public_id>/again")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def again(public_id):
    form = FlaskForm()
    with refusals(form):
        row = referrals.again(current_user, public_id, request.form.get("service", ""))
        return done("referrals.edit", _("Everything you wrote is here. Look it over and send it."),
                    public_id=row.public_id)
    return _referral(public_id, form)


@blueprint.route("/referrals/<pid:public_id>/amend", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES, get=Mode.READS_FILE)
def amend(public_id):
    view = referrals.of_draft(current_user, public_id)
    form = forms.ContentForm(data=forms.values_of(view, [], [], ""))
    form.offer(referrals.highest(view.row.sender, view.row.receiver), referrals.has_channel(view.row))
    if form.validate_on_submit():
        with refusals(form):
            referrals.amend(current_user, public_id, form.content())
            return done("referrals.referral", _("The receiver is told what changed."), public_id=public_id)
    return show_form("referrals/amend.html", form, view=view)


# One referral

@blueprint.get("/referrals/<pid:public_id>")
@allow(Can.SIGNED_IN, Mode.READS_FILE)
def referral(public_id):
    return _referral(public_id, FlaskForm())


def _referral(public_id, form):
    view = referrals.view(current_user, public_id)
    goes_on = view.is_sender and view.row.state in referrals.AGAIN_AFTER
    others = referrals.next_best(view.row) if goes_on else []
    return show_form("referrals/referral.html", form, view=view, others=others, goes_on=goes_on, steps=STEPS,
                     words=forms.RESULT_WORDS, state_words=_state_words(), change_words=CHANGES,
                     change_value=_change_value, may_visit=may(current_user, Can.REQUEST_VISITS),
                     together=partners.of_referral(current_user, view.row))


CHANGES = {"level": _l("how much it shows"), "release_month": _l("month of release"), "language": _l("language"),
           "message": _l("message"), "channel": _l("how to reach the client")}


def _change_value(name, value) -> str:
    """A value of what changed, as people read it."""
    if name == "release_month":
        return formats.month_of(value, language=language()) or "–"
    if name == "language":
        return formats.language_name(value, language=language()) or "–"
    return str(forms.LEVELS[Level(value)]) if name == "level" else str(value)


def _state_words():
    return {state.value: label(state) for state in ReferralState}


def _plain(form_class, step):
    """A step that asks one form: how to make the form, and what it does."""
    return (lambda view: form_class()), step


def _accepting(view):
    form = forms.AcceptForm()
    form.worker.choices = of_pairs(((each.public_id, each.name) for each in referrals.workers(view.row)), "–")
    return form


def _services(found):
    return [(each.public_id, f"{each.name} ({each.organisation.label})") for each in found]


def _handing(view):
    form = forms.HandOnForm()
    form.service.choices = of_pairs(_services(referrals.next_best(view.row)), "–")
    return form


def _close(actor, public_id, form):
    results = {Need(name.removeprefix("result_")): value for name, value in form.data.items()
               if name.startswith("result_")}
    referrals.close(actor, public_id, form.given_closing(), results)


# event: (how its form is made, what it does, the button)
STEPS = {
    "accept": (_accepting, lambda actor, pid, form: referrals.accept(
        actor, pid, form.worker.data, form.contact_by.data), _l("Accept")),
    "wait": (*_plain(forms.BareForm, lambda actor, pid, form: referrals.wait(actor, pid)), _l("No place now")),
    "still_wait": (*_plain(forms.BareForm, lambda actor, pid, form: referrals.wait(actor, pid, Event.STILL_WAIT)),
                   _l("The client still waits here")),
    "ask": (*_plain(forms.TextForm, lambda actor, pid, form: referrals.ask(actor, pid, form.text.data)),
            _l("Ask something")),
    "answer": (*_plain(forms.TextForm, lambda actor, pid, form: referrals.answer(actor, pid, form.text.data)),
               _l("Answer the question")),
    "decline": (*_plain(forms.DeclineForm, lambda actor, pid, form: referrals.decline(
        actor, pid, ReferralReason(form.reason.data))), _l("Decline")),
    "withdraw": (*_plain(forms.WithdrawForm, lambda actor, pid, form: referrals.withdraw(
        actor, pid, ReferralReason(form.reason.data))), _l("Take it back")),
    "contact": (*_plain(forms.BareForm, lambda actor, pid, form: referrals.contact(actor, pid)),
                _l("First contact was held")),
    "go_on": (*_plain(forms.BareForm, lambda actor, pid, form: referrals.go_on(actor, pid)), _l("Seen, go on")),
    "line": (*_plain(forms.TextForm, lambda actor, pid, form: referrals.tell_line(actor, pid, form.text.data)),
             _l("Write one line on how it goes")),
    "close": (lambda view: forms.closing_form([need for need, _result in view.needs])(), _close, _l("Close it")),
    "hand_on": (_handing, lambda actor, pid, form: referrals.hand_on(actor, pid, form.service.data), _l("Hand on")),
    "reopen": (*_plain(forms.TextForm, lambda actor, pid, form: referrals.reopen(actor, pid, form.text.data)),
               _l("Work with the client again")),
}


@blueprint.route(f"/referrals/<pid:public_id>/<any({', '.join(STEPS)}):event>", methods=["GET", "POST"])
@allow(Can.SIGNED_IN, Mode.WRITES, get=Mode.READS_FILE)
def step(public_id, event):
    make, act, button = STEPS[event]
    view = referrals.seen_for(current_user, public_id, Event(event))
    form = make(view)
    if form.validate_on_submit():
        with refusals(form):
            act(current_user, public_id, form)
            return done("referrals.referral", _("It is written down."), public_id=public_id)
    return show_form("referrals/step.html", form, view=view, event=event, button=button)


# A service's questions, and its end

@blueprint.route("/services/<pid:public_id>/questions", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def questions(public_id):
    service = referrals.own_service(current_user, public_id)
    form = forms.QuestionsForm(questions="\n".join(referrals.questions(service)))
    if form.validate_on_submit():
        with refusals(form):
            referrals.set_questions(current_user, public_id, (form.questions.data or "").splitlines())
            return done("referrals.index", _("The questions are saved."))
    return show_form("referrals/questions.html", form, service=service)


@blueprint.post("/services/<pid:public_id>/hand-on")
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def hand_all_on(public_id):
    form = FlaskForm()
    with refusals(form):
        referrals.hand_all_on(current_user, public_id)
        return done("referrals.index", _("All clients of the service are handed on. They are told."))
    return index()


@blueprint.route("/services/<pid:public_id>/successor", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def successor(public_id):
    service, form = referrals.to_succeed(public_id), forms.HandOnForm()
    form.service.choices = of_pairs(_services(referrals.successors(service)), "–")
    if form.validate_on_submit():
        with refusals(form):
            referrals.name_successor(current_user, public_id, form.service.data)
            return done("referrals.unanswered", _("The successor is named. The lead of the service carries it out."))
    return show_form("referrals/successor.html", form, service=service)


# The client's own

@blueprint.get("/me/referrals")
@allow(Can.USE_OWN_APP)
def mine():
    return show("referrals/mine.html", rows=referrals.of_client(current_user))


# The link of a mail

@blueprint.route("/answer-referral/<token>", methods=["GET", "POST"])
@public(Mode.WRITES, get=Mode.READS_FILE)
def link(token):
    view, form = external.view(token), forms.LinkForm()
    if form.validate_on_submit():
        with refusals(form):
            reason = ReferralReason(form.reason.data) if form.reason.data else None
            external.answer(token, Event(form.answer.data), reason, form.text.data or "")
            return done("referrals.link", _("Thank you. The sender is told."), token=token)
    return show_form("referrals/link.html", form, view=view, token=token)
