"""Accounts of the network: who has one, and inviting somebody. No client is ever here."""
from flask import Blueprint, request
from flask_babel import gettext as _
from flask_login import current_user

from blueprints.admin.forms import InviteForm
from db import Mode
from models import Role
from policy import Can
from services import accounts
from web import allow, done, page_number, refusals, show, show_form

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/users")
@allow(Can.INVITE_USERS)
def users():
    page = page_number(request.args.get("page"))
    rows, total = accounts.staff(current_user, page)
    return show("admin/users.html", users=rows, page=page, pages=-(-total // accounts.PER_PAGE))


@blueprint.route("/users/invite", methods=["GET", "POST"])
@allow(Can.INVITE_USERS, Mode.WRITES)
def invite():
    form = InviteForm(accounts.organisations_to_invite(current_user))
    if form.validate_on_submit():
        with refusals(form):
            user = accounts.invite(current_user, form.organisation.data, form.email.data, form.name.data,
                                   Role(form.role.data), form.lead.data)
            return done("admin.users", _("An invitation goes to %(email)s. It works for 7 days.", email=user.email))
    return show_form("admin/invite.html", form)
