"""Offers of NGOs and companies to prisons: the public form, the coordinator's sorting, the weekly list."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from blueprints.offers.forms import DecisionForm, OfferForm
from db import Mode
from models import Area, OfferState
from policy import Can, may
from services import offers
from web import allow, done, public, refusals, show, show_form

blueprint = Blueprint("offers", __name__)

# event: heading and button, what happens next, what is said afterwards
EVENTS = {
    "check": (_l("Checked"), _l("You have looked at who offers it and what. Prisons do not see it yet."),
              _l("The offer is checked.")),
    "pass_on": (_l("Pass it on to prisons"), _l("Prisons find it in their list of this week and in the weekly mail."),
                _l("The offer is passed on.")),
    "ask": (_l("Ask the sender to complete it"), _l("The sender gets a link by mail and completes it."),
            _l("The sender is asked to complete it.")),
    "put_off": (_l("Put it off"), _l("It comes back to your list on that day."), _l("The offer is put off.")),
    "reject": (_l("Reject it"), _l("The sender is told the reason. Prisons never see it."),
               _l("The offer is rejected. The sender is told.")),
}


# The sender's part

@blueprint.route("/offer", methods=["GET", "POST"])
@public(Mode.WRITES)
def send():
    form = OfferForm()
    form.offer(offers.prisons())
    if form.validate_on_submit():
        with refusals(form):
            offers.send(form.values(), form.request_key.data, request.remote_addr or "")
            return done("offers.sent")
    return show_form("offers/send.html", form)


@blueprint.get("/offer/sent")
@public()
def sent():
    return show("offers/sent.html")


@blueprint.route("/offers/mine/<token>", methods=["GET", "POST"])
@public(Mode.WRITES)
def mine(token):
    row = offers.of_link(token)
    form = OfferForm(data=offers.values_of(row))
    form.offer(offers.prisons())
    if form.validate_on_submit():
        with refusals(form):
            offers.complete(token, form.values())
            return done("offers.mine", _("Thank you. The offer is complete and waits for the coordinator."),
                        token=token)
    return show_form("offers/mine.html", form, row=row, token=token, waits=row.state is OfferState.INCOMPLETE)


# The coordinator's part, and the prison's list

@blueprint.get("/offers")
@allow(Can.SEE_OFFERS)
def index():
    sorts = may(current_user, Can.VERIFY_ORGANISATIONS)
    return show("offers/index.html", weeks=offers.weeks(current_user), sorts=sorts,
                waiting=offers.waiting(current_user) if sorts else [])


@blueprint.get("/offers/<pid:public_id>")
@allow(Can.SEE_OFFERS)
def offer(public_id):
    found = offers.one(current_user, public_id)
    return show("offers/offer.html", found=found, offer=found.offer, events=EVENTS, states=OfferState,
                areas=[Area(value) for value in found.offer.areas.split(";")])


@blueprint.route("/offers/<pid:public_id>/<any(" + ",".join(EVENTS) + "):event>", methods=["GET", "POST"])
@allow(Can.VERIFY_ORGANISATIONS, Mode.WRITES)
def decide(public_id, event):
    found, form = offers.one(current_user, public_id), DecisionForm()
    form.ask_for(offers.NEEDS.get(event))
    if form.validate_on_submit():
        with refusals(form):
            offers.decide(current_user, public_id, event, **form.given())
            return done("offers.offer", EVENTS[event][2], public_id=public_id)
    heading, consequence, _sentence = EVENTS[event]
    return show_form("offers/decide.html", form, offer=found.offer, event=event, question=heading,
                     consequence=consequence)
