"""Who may come: the visitors of an organisation, and what a prison says of them."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from blueprints.visitors.forms import AddForm, AskForm, BareForm, ClearForm, DocumentForm, ReasonForm
from db import Mode
from models import Role
from policy import Can
from services import visitors
from services.visitors import Event
from web import allow, done, refusals, show, show_form

blueprint = Blueprint("visitors", __name__, url_prefix="/visitors")

# event: (heading, what happens, button, sentence afterwards)
ANSWERS = {
    Event.CLEAR: (_l("Clear a visitor"), _l("The organisation is told."), _l("Clear"),
                  _l("The visitor is cleared. The organisation has been told.")),
    Event.REFUSE: (_l("Do not clear a visitor"), _l("The organisation is told the reason."), _l("Do not clear"),
                   _l("The visitor is not cleared. The organisation has been told.")),
    Event.REVOKE: (_l("Take a clearance back"),
                   _l("Confirmed visits of this visitor are marked, so that you look at them again. The organisation "
                      "is told the reason."), _l("Take it back"),
                   _l("The clearance is taken back. The organisation has been told.")),
}


@blueprint.get("")
@allow(Can.SEE_VISITS)
def index():
    if current_user.role is Role.PRISON:
        return show("visitors/of_prison.html", asked=visitors.of_prison(current_user), waits=visitors.waits,
                    months=visitors.months(current_user.organisation_id), events=_events)
    return show("visitors/index.html", people=visitors.people(current_user), waits=visitors.waits,
                holds=visitors.holds)


def _events(clearance):
    return visitors.open_events(current_user, clearance)


@blueprint.route("/add", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def add():
    form = AddForm()
    form.offer(visitors.colleagues_to_add(current_user))
    if form.validate_on_submit():
        with refusals(form):
            row = visitors.add(current_user, form.name.data or "", form.colleague.data or "", form.document.data or "")
            return done("visitors.person", _("%(name)s is on your list.", name=row.name), public_id=row.public_id)
    return show_form("visitors/add.html", form)


@blueprint.route("/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def person(public_id):
    """A visitor of one's own organisation; the form keeps another document number, which is never shown here."""
    form = DocumentForm()
    found = visitors.one_person(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            visitors.keep_document(current_user, public_id, form.document.data)
            return done("visitors.person", _("The number is kept. Nobody sees it here."), public_id=public_id)
    return show_form("visitors/person.html", form, person=found, waits=visitors.waits, holds=visitors.holds)


@blueprint.route("/<pid:public_id>/ask", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def ask(public_id):
    form, found = AskForm(), visitors.one_person(current_user, public_id)
    form.offer(visitors.prisons(current_user))
    if form.validate_on_submit():
        with refusals(form):
            visitors.ask(current_user, public_id, form.prison.data)
            return done("visitors.person", _("The prison has been asked."), public_id=public_id)
    return show_form("visitors/ask.html", form, person=found)


@blueprint.route("/<pid:public_id>/remove", methods=["GET", "POST"])
@allow(Can.REQUEST_VISITS, Mode.WRITES)
def remove(public_id):
    form, found = BareForm(), visitors.one_person(current_user, public_id)
    if form.validate_on_submit():
        with refusals(form):
            row = visitors.take_away(current_user, public_id)
            return done("visitors.index", _("%(name)s is off your list.", name=row.name))
    return show_form("visitors/remove.html", form, person=found)


@blueprint.route("/clearance/<pid:public_id>/<any(clear,refuse,revoke):event>", methods=["GET", "POST"])
@allow(Can.DECIDE_VISITS, Mode.WRITES)
def decide(public_id, event):
    event = Event(event)
    asked = visitors.one(current_user, public_id)
    form = ClearForm(until_on=visitors.usual_end(current_user.organisation_id)) if event is Event.CLEAR \
        else ReasonForm()
    if form.validate_on_submit():
        with refusals(form):
            visitors.decide(current_user, public_id, event, **form.given())
            return done("visitors.index", ANSWERS[event][3])
    return show_form("visitors/decide.html", form, asked=asked, event=event, words=ANSWERS[event],
                     open=event in visitors.open_events(current_user, asked.clearance))
