"""What every page carries: who is signed in, the places of their role with counts of what waits, the links below."""
from functools import cache

from flask import current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user

import config as settings
from models import Role
from pages import Frame, Place, address
from policy import ROLE_CAN, WITH_CLIENTS_ONLY, Can, has_clients, may
from services import today

# (capability, endpoint, label, name of the count) in the order of the menu
PLACES = [
    (Can.SIGNED_IN, "today.home", _l("Today"), "today"),
    (Can.SEE_VISITS, "visits.index", _l("Visits"), None),
    (Can.SEE_BOOK, "directory.search", _l("Contact book"), None),
    (Can.SEE_COOPERATIONS, "cooperation.index", _l("Co-operation"), None),
    (Can.OPEN_CLIENTS, "clients.index", _l("Clients"), None),
    (Can.WORK_IN_GROUPS, "groups.index", _l("Meetings"), None),
    (Can.SEE_FIGURES, "feedback.figures", _l("How people fare"), None),
    (Can.SEE_PROGRAMMES, "programmes.index", _l("Programmes"), None),
    (Can.USE_OWN_APP, "me.overview", _l("My overview"), None),
    (Can.USE_OWN_APP, "me.consents", _l("My consents"), None),
    (Can.USE_OWN_APP, "me.log", _l("Who looked"), None),
    (Can.INVITE_USERS, "admin.users", _l("Users"), None),
]
PART_OF = {"coverage": "directory", "records": "directory", "my": "directory", "leaflet": "directory",
           "trust": "directory", "imports": "directory", "offers": "cooperation", "meetings": "groups",
           "referrals": "clients",
           **dict.fromkeys(("plans", "releases", "consents", "grounds"), "clients"),
           **dict.fromkeys(("openings", "day", "joint_days", "paper", "visitors"), "visits")}  # in the menu


def of_request(language: str) -> Frame:
    """The frame of the page that answers this request."""
    user = current_user._get_current_object()  # asked for a dozen times below, each a look-up through the proxy
    user = user if user.is_authenticated else None
    config = current_app.config["NAVAZNOST"]
    fixed = {"demo": config.mode == "demo", "language": language, "version": settings.VERSION, "links": _links(),
             "language_url": address("account.language")}
    if user is None:
        return Frame(**fixed)
    return Frame(signed_in=True, person=_name(user), organisation=_organisation(user), places=_places(user, language),
                 search_url=address("directory.search") if may(user, Can.SEE_BOOK) else None,
                 sign_out_url=address("account.sign_out"), idle_seconds=config.idle_minutes * 60, **fixed)


def _name(user):
    return "" if user.role is Role.CLIENT else user.name


def _organisation(user):
    return user.organisation.label if user.organisation_id else ""


def _places(user, language):
    counts, here = g.get("counts"), request.endpoint or ""
    if counts is None:
        counts = today.counts(user)
    area = here.split(".")[0]
    area = PART_OF.get(area, area)
    return [Place(label, url, counts.get(count), _current(endpoint, here, area))
            for endpoint, label, url, count in _menu(user.role, language, has_clients())]


@cache
def _menu(role, language, clients):
    """The places of a role in the language of this answer: (endpoint, label, address, name of the count)."""
    return [(endpoint, str(label), address(endpoint), count)
            for can, endpoint, label, count in PLACES
            if can in ROLE_CAN[role] and (clients or can not in WITH_CLIENTS_ONLY)]


def _current(endpoint, here, area):
    return here == endpoint or (area not in {"me", "today"} and endpoint.split(".")[0] == area)


def _links():
    return {name: address(f"account.{name}") for name in ("accessibility", "rules", "help")}
