"""How a client is asked: their wish, what ends it, their own page behind a link, and the course of it all."""
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm

from blueprints.feedback import blueprint
from blueprints.feedback.forms import OwnForm, OwnWishForm, WishForm
from db import Mode
from errors import Missing
from formats import day
from models import Channel, Need, PromptState, Scope
from pages import language
from policy import Can
from services import feedback
from services.feedback import Event, link
from web import allow, done, public, refusals, show, show_form

# event: (heading, what happens, button, sentence afterwards)
ENDS = {
    Event.DECLINE: (_l("The client does not want to answer"), _l("It is written down as a no. Nobody is alerted."),
                    _l("Write it down"), _l("It is written down. You ask again at the next milestone.")),
    Event.STOP: (_l("Stop asking?"), _l("Nobody will ask the client how they fare any more, whichever organisation. It "
                                        "can be begun again."), _l("Stop all"), _l("Nobody asks any more.")),
    Event.RETURN: (_l("The client is back in prison"), _l("All follow-ups pause. They begin anew when the next release "
                                                          "is written down."),
                   _l("Pause all"), _l("All follow-ups pause until the next release.")),
    Event.DIE: (_l("The client has died"), _l("All follow-ups and all messages to the client stop at once, those on "
                                              "their way too."), _l("Stop everything"), _l("Everything is stopped.")),
}


@blueprint.route("/follow-ups/<pid:public_id>/<any(decline,stop,return,die):event>", methods=["GET", "POST"])
@allow(Can.LOG_FOLLOW_UPS, Mode.WRITES)
def end(public_id, event):
    event, form = Event(event), FlaskForm()
    if form.validate_on_submit():
        with refusals(form):
            if feedback.end(current_user, public_id, event):
                return done("feedback.end", ENDS[event][3], public_id=public_id, event=Event.STOP.value)
            if event is Event.DIE and (client := feedback.own_client_of(current_user, public_id)):
                return done("endings.died", ENDS[event][3], public_id=client)  # the day, consents, referrals
            return done("today.home", ENDS[event][3])
    prompt = feedback.prompt(current_user, public_id)
    return show_form("feedback/end.html", form, prompt=prompt, event=event, words=ENDS[event],
                     open=event in feedback.open_events(prompt, feedback.Side.WORKER))


@blueprint.route("/clients/<pid:public_id>/asking", methods=["GET", "POST"])
@allow(Can.LOG_FOLLOW_UPS, Mode.WRITES, get=Mode.READS_FILE)
def wish(public_id):
    client, kept, address = feedback.wish_of(current_user, public_id)
    form = WishForm(channel=kept.channel.value, email=address,
                    milestones=[str(each) for each in feedback.wanted(kept)])
    form.offer()
    if form.validate_on_submit():
        with refusals(form):
            return _wished(public_id, form)
    return show_form("feedback/wish.html", form, client=client, wish=kept, again=FlaskForm())


def _wished(public_id, form):
    if "again" in request.form:
        feedback.start_again(current_user, public_id)
        return done("feedback.wish", _("The client is asked again."), public_id=public_id)
    feedback.set_wish(current_user, public_id, Channel(form.channel.data), form.email.data or "",
                      [int(each) for each in form.milestones.data])
    return done("clients.file", _("It is written down how the client wants to be asked."), public_id=public_id)


@blueprint.get("/clients/<pid:public_id>/course")
@allow(Can.OPEN_CLIENTS, Mode.READS_FILE)
def course(public_id):
    file, found = feedback.course_of(current_user, public_id)
    return show("feedback/course.html", file=file, course=found, identity=Scope.IDENTITY, top=feedback.TOP)


# The client's own page

@blueprint.route("/how-are-you/<token>", methods=["GET", "POST"])
@public(Mode.WRITES)
def own(token):
    prompt, form = link.find(token), OwnForm()
    form.is_whole = request.form.get("answer", "send") == "send" and not form.needs_help.data  # help waits for nothing
    if prompt.state is PromptState.ANSWERED and request.method == "GET":
        return show("feedback/thanks.html")
    if form.validate_on_submit():
        with refusals(form):
            return _own_answer(token, form)
    form.describe_own()
    return show_form("feedback/own.html", form, prompt=prompt, token=token, needs=Need, barriers=form.barriers(),
                     open=prompt.state is PromptState.OPEN)


def _own_answer(token, form):
    answer = request.form.get("answer", "send")
    if answer != "send":
        if answer not in {"decline", "stop"}:
            raise Missing
        asks_to_stop = link.say_no(token, form.pin.data, Event(answer))
        return done("feedback.own", _("All right, not now."), token=token) if asks_to_stop else \
            done("feedback.own_over", _("All right. Nobody asks you now."))
    content = link.content_of(form.observed(), form.said.data or "", form.needs_help.data)
    return done("feedback.own_over", _helper(link.answer(token, form.pin.data, form.request_key.data, content)))


# The client's own app

@blueprint.route("/me/how-am-i", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def how_am_i():
    prompt, form = link.newest(current_user), OwnForm()
    del form.pin  # they have signed in
    form.is_whole = request.form.get("answer", "send") == "send" and not form.needs_help.data
    if form.validate_on_submit():
        with refusals(form):
            return _answered_in_app(form)
    form.describe_own()
    return show_form("feedback/how_am_i.html", form, prompt=prompt, needs=Need, barriers=form.barriers(),
                     open=prompt is not None and prompt.state is PromptState.OPEN,
                     declined=prompt is not None and prompt.state is PromptState.DECLINED,
                     last=link.said_last(current_user))


def _answered_in_app(form):
    answer = request.form.get("answer", "send")
    if answer in {"decline", "stop"}:
        link.say_no_own(current_user, Event(answer))
        return done("feedback.how_am_i", _("All right. Nobody asks you now."))
    content = link.content_of(form.observed(), form.said.data or "", form.needs_help.data)
    return done("me.overview", _helper(link.answer_own(current_user, form.request_key.data, content)))


@blueprint.route("/me/how-am-i/correct", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def correct_own():
    prompt, last = link.newest(current_user), link.said_last(current_user)
    if prompt is None or prompt.state is not PromptState.ANSWERED or last is None:
        raise Missing
    form = OwnForm(said=last[1], needs=_as_chosen(link.needs_last(current_user)))
    del form.pin
    form.is_whole = not form.needs_help.data
    if form.validate_on_submit():
        with refusals(form):
            content = link.content_of(form.observed(), form.said.data or "", form.needs_help.data)
            return done("me.overview", _helper(link.correct_own(current_user, form.request_key.data, content)))
    form.describe_own()
    return show_form("feedback/correct_own.html", form, prompt=prompt, needs=Need, barriers=form.barriers())


def _as_chosen(needs) -> dict:
    """Needs as the form holds them: by name, the values of their choices."""
    return {need.value: {name: value.value if value else "" for name, value in vars(said).items()}
            for need, said in needs.items()}


@blueprint.route("/me/how-am-i/asking", methods=["GET", "POST"])
@allow(Can.USE_OWN_APP, Mode.WRITES)
def own_wish():
    kept = feedback.own_wish(current_user)
    form = OwnWishForm(milestones=[str(each) for each in feedback.wanted(kept)])
    form.offer()
    if form.validate_on_submit():
        stop = "stop" in request.form
        with refusals(form):
            feedback.set_own_wish(current_user, [int(each) for each in form.milestones.data], stop)
            return done("feedback.own_wish", _("All right. Nobody asks you now.") if stop else
                        _("It is written down when you may be asked."))
    return show_form("feedback/own_wish.html", form, stopped=kept.stopped_at is not None)


def _helper(called) -> str:
    """The sentence that says who gets in touch, and by when."""
    if called is None:
        return _("Thank you. It is written down.")
    worker, due = called
    name = worker.name if worker else _("Somebody")
    return _("Thank you. %(name)s gets in touch with you by %(day)s. If your life is in danger, call 112.", name=name,
             day=day(due, language=language()))


@blueprint.get("/how-are-you")
@public()
def own_over():
    return show("feedback/thanks.html")
