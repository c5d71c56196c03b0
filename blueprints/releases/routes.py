"""Who is to be released, what is missing, what was offered."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from choices import of_members, of_pairs
from db import Mode
from models import RefusalReason
from policy import Can
from services import release_list
from services.figures import SMALL
from web import DAY_FORMATS, allow, done, refusals, show, show_form

blueprint = Blueprint("releases", __name__)
SAID = {"yes": True, "no": False, "later": None}


class OfferForm(FlaskForm):
    """What the client said to the offer of help."""

    said = RadioField(_l("What the client said"), [InputRequired(_l("Choose what the client said."))], choices=of_pairs(
        [("yes", _l("wants help")), ("no", _l("does not want it now")), ("later", _l("thinks about it"))]))
    reason = SelectField(_l("Why not"), [Optional()], choices=lambda: of_members(RefusalReason, "–"))
    again_on = DateField(_l("Offer again on"), [Optional()], format=DAY_FORMATS,
                         invalid_value_message=_l("Enter a day such as 30. 6. 2027."))


@blueprint.get("/releases")
@allow(Can.OPEN_CLIENTS)
def index():
    unreached = release_list.unreached(current_user)
    return show("releases/index.html", rows=release_list.due(current_user),
                again=release_list.offer_again(current_user), report=release_list.report(current_user),
                unreached=unreached, small=SMALL,
                prisons=release_list.prisons_to_start_with(current_user) if unreached else [])


@blueprint.route("/clients/<pid:public_id>/offer", methods=["GET", "POST"])
@allow(Can.OPEN_CLIENTS, Mode.WRITES)
def offer(public_id):
    (client, offers), form = release_list.offers(current_user, public_id), OfferForm()
    if form.validate_on_submit():
        with refusals(form):
            reason = RefusalReason(form.reason.data) if form.reason.data else None
            release_list.offer(current_user, public_id, SAID[form.said.data], reason, form.again_on.data)
            return done("releases.index", _("The offer is written down."))
    return show_form("releases/offer.html", form, client=client, offers=offers)
