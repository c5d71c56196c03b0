"""Who looked at a client's file, as the client reads it: the rows of the journal itself, in plain words."""
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from peewee import JOIN

from labels import label
from models import Action, Client, Journal, Organisation, Scope, User

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One line of the log. `who` and `organisation` may be empty where an account is gone."""

    at: datetime
    who: str
    organisation: str
    did: str
    parts: list[str]
    ground: str


def of(client: Client, page: int = 1) -> tuple[list[Line], int]:
    """The journal's rows about a client, newest first; and how many there are in all."""
    rows = Journal.select().where(Journal.client == client.id)
    shown = (rows.select(Journal, User, Organisation)
             .join(User, JOIN.LEFT_OUTER).join_from(Journal, Organisation, JOIN.LEFT_OUTER)
             .order_by(Journal.id.desc()).paginate(page, PER_PAGE))
    return [_line(row, client) for row in shown], rows.count()


def _line(row, client) -> Line:
    own = row.actor_id is not None and row.actor_id == client.user_id
    return Line(row.at, _("You") if own else row.actor.name if row.actor_id else "",
                row.organisation.name if row.organisation_id else "", _did(row), _parts(row), _ground(row.ground))


def _did(row) -> str:
    known = {
        "client.open": _("read your file"),
        "follow_up.form": _("opened the form to write how you fare"),
        "follow_up.log": _("wrote down how you fare"),
        "consent.ask": _("asked for your consent"),
        "consent.prepare": _("prepared a consent"),
        "consent.agree": _("agreed to share"),
        "consent.refuse": _("said no to sharing"),
        "consent.withdraw": _("ended a consent"),
        "emergency.open": _("opened your file in an emergency"),
        "emergency.confirm": _("confirmed an emergency access to your file"),
        "emergency.refuse": _("ended an emergency access to your file"),
        "emergency.read": _("read why your file was opened in an emergency"),
    }
    return known.get(row.what) or (_("read about you") if row.action is Action.READ else _("changed your record"))


def _parts(row) -> list[str]:
    names = [scope for scope in row.parts.split(",") if scope in set(Scope)]
    return [str(label(Scope(name))) for name in names]


def _ground(ground: str) -> str:
    kind, _colon, number = ground.partition(":")
    if kind == "consent":
        return _("because you agreed (%(number)s)", number=number)
    if kind == "agreement":
        return _("because their organisations have an agreement (%(number)s)", number=number)
    if kind == "emergency":
        return _("because life or health was in danger (emergency access)")
    return _("because they work with you") if kind == "own" else ""
