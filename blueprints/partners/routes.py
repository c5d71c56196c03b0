"""Partners on partners: how it went, said after a visit or a referral by either side."""
from flask import Blueprint
from flask_babel import gettext as _
from flask_login import current_user

from blueprints.partners.forms import WORDS, PartnerForm
from db import Mode
from policy import Can
from services import partners
from web import allow, done, refusals, show_form

blueprint = Blueprint("partners", __name__, url_prefix="/partners")
blueprint.add_app_template_global(WORDS, "partner_words")


@blueprint.route("/<any(visit,referral):what>/<pid:public_id>", methods=["GET", "POST"])
@allow(Can.RATE_PARTNERS, Mode.WRITES)
def said(what, public_id):
    found = partners.standing(current_user, what, public_id)
    form = _form(found)
    if form.validate_on_submit():
        return _say(what, public_id, form, form.said())
    return show_form("partners/said.html", form, found=found)


@blueprint.post("/<any(visit,referral):what>/<pid:public_id>/well")
@allow(Can.RATE_PARTNERS, Mode.WRITES)
def well(what, public_id):
    """All went well, in one tap."""
    return _say(what, public_id, _form(partners.standing(current_user, what, public_id), formdata=None), partners.WELL)


def _say(what, public_id, form, words):
    with refusals(form):
        partners.say(current_user, what, public_id, words)
        return done("partners.said", _("It is written down. The other side reads it with your name."), what=what,
                    public_id=public_id)
    return show_form("partners/said.html", form, found=partners.standing(current_user, what, public_id))


def _form(found, **how):
    form = PartnerForm(data=_values(found.mine), **how)
    form.offer(found.occasion.us.kind)
    return form


def _values(mine) -> dict:
    if mine is None:
        return {}
    return {**{question: verdict.value for question, verdict in mine.verdicts.items()},
            "reason": mine.row.reason.value if mine.row.reason else "", "note": mine.note}
