"""Recording a client and changing the record: where they are, when they are released, where and how they return."""
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from flask_babel import gettext as _

import clock
import crypto
import db
from errors import Missing, RuleBroken
from models import (
    Client,
    FlagCause,
    Kind,
    Membership,
    Municipality,
    Organisation,
    OrganisationState,
    Region,
    ReleaseKind,
    ReleaseUnknown,
    Role,
    Route,
    Scope,
    User,
)
from policy import OWN, works_with_clients
from services import consents, feedback, files, journal, keys, record_words, referrals
from services.visits.review import flag_client, settle_gone
from text import clean_text

LONGEST_NAME, LONGEST_CONTACT = 200, 300
OLDEST, FURTHEST = date(1900, 1, 1), timedelta(days=365 * 40)
SEALED = ("name", "born", "contact")


@dataclass(frozen=True)
class Wanted:
    """What the form says. `prison`: public id; `region`, `town`: codes; `languages`: ISO 639-1 codes, none is Czech."""

    name: str = ""
    born_on: date | None = None
    contact: str = ""
    prison: str = ""
    planned_release_on: date | None = None
    release_unknown: ReleaseUnknown | None = None
    released_on: date | None = None
    release_kind: ReleaseKind | None = None
    region: str = ""
    town: str = ""
    route: Route = Route.PRISON
    languages: list[str] = field(default_factory=list)


# What the form offers

def prisons() -> list[Organisation]:
    return list(Organisation.select().where(Organisation.kind == Kind.PRISON,
                                            Organisation.state == OrganisationState.VERIFIED)
                .order_by(Organisation.sort))


def regions() -> list[Region]:
    return list(Region.select().order_by(Region.code))


def towns() -> list[Municipality]:
    """Municipalities with extended powers, in the order of the alphabet."""
    return list(Municipality.select().order_by(Municipality.fold))


def new_key() -> str:
    """What tells a form that is sent twice from two forms."""
    return secrets.token_urlsafe(16)


# A new record

def record(actor, key: str, wanted: Wanted) -> Client:
    """A new client of the actor, who becomes the worker; the same form sent twice makes one. Raises RuleBroken."""
    if not works_with_clients(actor):
        raise Missing
    with db.writing():
        public_id = keys.fingerprint("new client", f"{actor.public_id}|{key}")[:22]
        found = Client.get_or_none(Client.public_id == public_id)
        return found or _record(actor, public_id, _checked(wanted))


def _record(actor, public_id, wanted):
    account = User.create(role=Role.CLIENT, created_at=clock.now())
    client = Client(public_id=public_id, code=_free_code(), user=account, recorded_by=actor.organisation_id,
                    created_at=clock.now())
    _fill(client, wanted)
    client.save(force_insert=True)
    Membership.create(client=client, organisation=actor.organisation_id, worker=actor.id, ground=OWN,
                      since_on=clock.today())
    journal.wrote(actor, "client.record", client.public_id, client, ",".join(_given(wanted)), OWN)
    if client.released_on:
        feedback.plan_prompts(client, actor.organisation, actor)
    return client


def _given(wanted):
    return [name for name, value in asdict(wanted).items() if value]


def _free_code() -> str:
    while True:
        code = crypto.new_code()
        if not Client.select().where(Client.code == code).exists():
            return code


# Changing it

def open_record(actor, public_id: str) -> tuple[Client, Wanted]:
    """The record as a form shows it; that it was read stands in the journal. Raises Missing."""
    with db.recording():
        client = files.own_client_of(actor, public_id)
        journal.read(actor, "client.form", public_id, client, Scope.IDENTITY, OWN)
        return client, wanted_of(client)


def wanted_of(client: Client) -> Wanted:
    """What the record says now. For who has the right to it."""
    opened = keys.opener(client)
    born = opened(client, "born")
    return Wanted(opened(client, "name"), _day(born), opened(client, "contact"),
                  client.prison.public_id if client.prison_id else "", client.planned_release_on,
                  client.release_unknown, client.released_on, client.release_kind, client.region_id or "",
                  client.municipality_id or "", client.route, [each for each in client.languages.split(";") if each])


def _day(text) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def imprint(client: Client, wanted: Wanted) -> str:
    """A keyed digest of a record as it was shown: it tells whether somebody has changed it since, and nothing else."""
    return keys.fingerprint("client record", f"{client.public_id}|{wanted}")


def change(actor, public_id: str, seen: str, wanted: Wanted) -> Client:
    """Writes what differs. RuleBroken with `imprint` and `fields` where somebody else has changed it since."""
    with db.writing():
        files.own_client_of(actor, public_id)
        client = db.locked(Client.select().where(Client.public_id == public_id)).first()
        before, wanted = wanted_of(client), _checked(wanted)
        differing = [name for name, value in asdict(wanted).items() if value != getattr(before, name)]
        if differing and not secrets.compare_digest(imprint(client, before).encode(),
                                                    seen.encode(errors="replace")):
            raise RuleBroken(_("Somebody has changed this record since you opened it. What stands there now is written "
                               "above; send the form again if yours is right."),
                             imprint=imprint(client, before), now=before, fields=differing)
        if differing:
            _change(actor, client, wanted, differing)
        return client


def _change(actor, client, wanted, differing):
    old = Client.get_by_id(client.id)
    _fill(client, wanted)
    client.save()
    journal.wrote(actor, "client.change", client.public_id, client, ",".join(differing), OWN)
    _tell_the_world(actor, old, client)


def _tell_the_world(actor, old, client):
    """Visits, consents, follow-ups and referrals that rest on where somebody is and when they leave."""
    if client.released_on and client.released_on != old.released_on:
        leader = client.key_worker if client.key_worker_id else actor
        feedback.released(client, leader.organisation, leader)
    _look_at_visits(actor, old, client)
    if client.released_on and old.released_on is None:
        consents.begin_fortnight(client)
    if any(getattr(client, name) != getattr(old, name)
           for name in ("prison_id", "planned_release_on", "released_on", "release_unknown")):
        referrals.release_changed(client, _leaves(old), _leaves(client))


def _look_at_visits(actor, old, client):
    """Visits of who left or is elsewhere are to be looked at again; of who came back, not any more."""
    left, was_out = client.released_on is not None, old.released_on is not None
    if (left, client.prison_id) == (was_out, old.prison_id):
        return
    if left and not was_out:
        flag_client(actor, client, FlagCause.CLIENT_RELEASED)
    elif not left and (was_out or client.prison_id != old.prison_id):
        flag_client(actor, client, FlagCause.CLIENT_MOVED)
    for prison_id in {old.prison_id, client.prison_id} - {None}:
        settle_gone(prison_id, FlagCause.CLIENT_RELEASED)
        settle_gone(prison_id, FlagCause.CLIENT_MOVED)


def _leaves(client) -> date | None:
    return client.released_on or client.planned_release_on


# Checking and filling

def _checked(wanted: Wanted) -> Wanted:
    today = clock.today()
    values = asdict(wanted) | {"name": clean_text(wanted.name, limit=LONGEST_NAME),
                               "contact": clean_text(wanted.contact, limit=LONGEST_CONTACT)}
    if not values["name"]:
        raise RuleBroken(_("Write the client's name. It is sealed; only who works with the client reads it."),
                         field="name")
    if wanted.born_on and not OLDEST <= wanted.born_on < today:
        raise RuleBroken(_("Check the year of birth."), field="born_on")
    _check_release(wanted, today)
    town = Municipality.get_or_none(Municipality.code == wanted.town) if wanted.town else None
    if town:
        values["region"] = town.region_id
    values["languages"] = [code for code in record_words.LANGUAGES if code in wanted.languages and code != "cs"]
    return Wanted(**values)


def _check_release(wanted, today):
    planned, released = wanted.planned_release_on, wanted.released_on
    if released and released > today:
        raise RuleBroken(_("The client is not released yet: write the day as planned."), field="released_on")
    for name in ("planned_release_on", "released_on"):
        day = getattr(wanted, name)
        if day and not OLDEST <= day <= today + FURTHEST:
            raise RuleBroken(_("Check the year."), field=name)
    if planned and wanted.release_unknown and not released:
        raise RuleBroken(_("Either the day is known, or the reason why it is not."), field="release_unknown")
    if wanted.prison and not (planned or released or wanted.release_unknown):
        raise RuleBroken(_("Write when the client is to be released, or choose why it is not known."),
                         field="planned_release_on")


def _fill(client, wanted):
    prison = next((row for row in prisons() if row.public_id == wanted.prison), None)
    texts = {"name": wanted.name, "contact": wanted.contact,
             "born": wanted.born_on.isoformat() if wanted.born_on else ""}
    for column, text in texts.items():
        setattr(client, column, keys.seal(client, column, text, client))
    client.prison = prison or (client.prison if wanted.prison else None)
    client.region, client.municipality = wanted.region or None, wanted.town or None
    client.languages = ";".join(wanted.languages)
    for column in ("planned_release_on", "release_unknown", "released_on", "release_kind", "route"):
        setattr(client, column, getattr(wanted, column))
