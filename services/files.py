"""A client's file: what this reader may see of it, and the journal row that says they saw it.

The file is built inside one write transaction that also records the reading: no row, no data. A `ClientFile` already
lacks what the reader may not see; a closed part looks the same whether something stands behind it or not.
"""
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import JOIN, Case, Value, fn

import clock
import db
import policy
from errors import Missing
from models import (
    Agreement,
    AgreementScope,
    Booking,
    BookingClient,
    Client,
    Conference,
    Consent,
    ConsentScope,
    FollowUp,
    FollowUpNeed,
    Membership,
    Municipality,
    Organisation,
    Place,
    PlanItem,
    Region,
    ReleaseKind,
    ReleaseUnknown,
    Route,
    Scope,
    User,
)
from policy import (
    consents_in_force,
    made_in_time,
    need_open,
    own_client,
    readable,
    visible_bookings,
    visible_clients,
    visible_follow_ups,
    works_with_clients,
)
from services import journal, keys
from services.record_words import language_names

PARTS = (Scope.IDENTITY, Scope.VISITS, Scope.FOLLOW_UP, Scope.NETWORK)


@dataclass(frozen=True)
class Ground:
    """Why a reader may read: `kind` is own, consent, agreement or emergency; some have a number and a last day."""

    kind: str
    number: str = ""
    until_on: date | None = None

    def __str__(self):
        return f"{self.kind}:{self.number}" if self.number else self.kind


@dataclass(frozen=True)
class Part:
    """One part of a file: the first ground on which it is read, and all of them. `value` is None where it is closed."""

    ground: Ground | None = None
    value: object = None
    grounds: tuple[Ground, ...] = ()

    @property
    def closed(self) -> bool:
        return self.ground is None


@dataclass(frozen=True)
class Identity:
    name: str
    born: str
    contact: str
    prison: str
    planned_release_on: date | None
    released_on: date | None
    region: str
    municipality: str
    release_unknown: ReleaseUnknown | None
    release_kind: ReleaseKind | None
    route: Route
    languages: str

    @property
    def born_on(self) -> date | None:
        """The birth date, where it is written as one (2001-12-31); a sealed value may be any text."""
        try:
            return date.fromisoformat(self.born or "")
        except ValueError:
            return None


@dataclass(frozen=True)
class Entry:
    """One entry of the feedback log. `needs` are rows with need, state, step, barrier, unchanged.

    `corrects` is the version before it, `said` what the client says, `note` what the worker thinks.
    """

    public_id: str
    at: datetime
    organisation: str
    milestone: int | None
    reached: object
    note: str
    next_step: str
    next_on: date | None
    needs: list = field(default_factory=list)
    said: str = ""
    by_client: bool = False
    needs_help: bool = False
    prompt: int | None = None
    number: int = 0
    corrects: int | None = None


@dataclass(frozen=True)
class ClientFile:
    """What one reader may see of one client, as of one moment."""

    public_id: str
    code: str
    own: bool
    parts: dict[Scope, Part]

    def __getitem__(self, scope: Scope) -> Part:
        return self.parts.get(scope, Part())


def open_file(actor, public_id: str, *scopes: Scope, what: str = "client.open") -> ClientFile:
    """Opens the parts `scopes` (all, if none is named) of a client's file and records it.

    Raises Missing where the actor may open nothing of this client, or there is no such client.
    """
    with db.recording():
        client = next(iter(policy.ask(actor, _client, public_id=public_id)), None) \
            if works_with_clients(actor) else None
        if client is None:
            raise Missing(public_id)
        client.opened = keys.opener(client)
        grounds = _grounds(actor, client)
        parts = {scope: _part(actor, client, scope, grounds[scope]) for scope in scopes or PARTS if grounds[scope]}
        _record(actor, client, grounds, parts, what)
        return ClientFile(client.public_id, client.code, _is_own(grounds), parts)


def _client(actor, public_id):
    """The client of a file with the names of where they are, and whether the actor has an own tie."""
    return (visible_clients(actor)
            .select(Client, Organisation, Region, Municipality,
                    Case(None, [(own_client(actor, Client.id), 1)], 0).alias("own"),
                    Case(None, [(policy.works_with(actor, Client.id), 1)], 0).alias("worked"),
                    Case(None, [(policy.in_emergency(actor, Client.id), 1)], 0).alias("rescued"))
            .join(Organisation, JOIN.LEFT_OUTER, on=(Client.prison == Organisation.id), attr="prison")
            .join_from(Client, Region, JOIN.LEFT_OUTER).join_from(Client, Municipality, JOIN.LEFT_OUTER)
            .where(Client.public_id == public_id))


def _grounds(actor, client) -> dict[Scope, list[Ground]]:
    """Every ground on which the actor reads each part, the own tie first."""
    grounds = {scope: [Ground("own")] if client.own else [] for scope in Scope}
    if client.worked and not client.own:
        for scope in (Scope.PLAN, Scope.FOLLOW_UP):  # what they wrote themselves since the client was referred to them
            grounds[scope].append(Ground("own"))
    opened = [(kind, scope, number, db.day_of(until_on))
              for kind, scope, number, until_on in policy.ask(actor, _opened_scopes, client=client.id)]
    for kind, scope, number, until_on in sorted(opened, key=lambda each: each[3], reverse=True):
        grounds[Scope(scope)].append(Ground(kind, number, until_on))
    for each in grounds.values():
        each.sort(key=lambda ground: ground.kind == "agreement")  # a consent goes before an agreement
    if client.rescued:
        for scope in (*PARTS, Scope.PLAN):
            grounds[scope].append(Ground("emergency"))
    return grounds



def _opened_scopes(actor, client):
    """Rows (consent or agreement, scope, number, last day) in one query."""
    consents = (consents_in_force(actor)
                .select(Value("consent", converter=False), ConsentScope.scope, Consent.number, Consent.until_on)
                .join_from(Consent, ConsentScope, on=(ConsentScope.consent == Consent.id))
                .where(Consent.client == client))
    return consents.union_all(_agreed_scopes(actor, client)).tuples()


def _agreed_scopes(actor, client):
    """What agreements open of a client whom both sides have; who wrote what is asked again with each record."""
    today = clock.today()
    givers = Membership.select(Membership.organisation).where(Membership.client == client)
    return (Agreement.select(Value("agreement", converter=False), AgreementScope.scope, Agreement.number,
                             Agreement.until_on).join(AgreementScope)
            .where(Agreement.receiver == actor.organisation_id, Agreement.giver.in_(givers),
                   policy.works_with(actor, client), Agreement.ended_at.is_null(), Agreement.from_on <= today,
                   Agreement.until_on >= today))


def _is_own(grounds):
    return any(ground.kind == "own" for ground in grounds[Scope.IDENTITY])


def _part(actor, client, scope, grounds) -> Part:
    return Part(grounds[0], _BUILDERS[scope](actor, client, grounds), tuple(grounds))


def _record(actor, client, grounds, parts, what):
    """One row a ground: the own tie covers what it covers; a consent is named where it opened something."""
    by_ground: dict[str, list[str]] = {}
    for scope in parts:
        for ground in grounds[scope][:1] if scope is Scope.IDENTITY else _telling(grounds[scope]):
            by_ground.setdefault(str(ground), []).append(scope.value)
    for ground, scopes in by_ground.items():
        journal.read(actor, what, client.public_id, client, ",".join(scopes), ground)


def _telling(grounds):
    """The first ground of each kind."""
    return {ground.kind: ground for ground in reversed(grounds)}.values()


def _all_of_it(grounds):
    """Whether more opens a part than the reader's own tie."""
    return any(ground.kind in {"consent", "emergency"} for ground in grounds)


# The parts

def _identity(actor, client, grounds) -> Identity:
    return Identity(
        name=client.opened(client, "name"), born=client.opened(client, "born"),
        contact=client.opened(client, "contact"), prison=client.prison.label if client.prison_id else "",
        planned_release_on=client.planned_release_on, released_on=client.released_on,
        region=client.region.name if client.region_id else "",
        municipality=client.municipality.name if client.municipality_id else "",
        release_unknown=client.release_unknown, release_kind=client.release_kind, route=client.route,
        languages=language_names(client.languages))


def _visits(actor, client, grounds) -> list[Booking]:
    """The client's visits: under a consent all of them, on the own tie those of the reader's organisation."""
    return policy.ask(actor, _visit_rows, _all_of_it(grounds), client=client.id)


def _visit_rows(actor, all_of_them, client):
    of_client = BookingClient.select(BookingClient.booking).where(BookingClient.client == client)
    bookings = Booking.select() if all_of_them else visible_bookings(actor)
    return (bookings.select(Booking, Organisation, Place)
            .join(Organisation, on=(Booking.prison == Organisation.id), attr="prison").join_from(Booking, Place)
            .where(Booking.id.in_(of_client), made_in_time(actor, client, Booking.created_at))
            .order_by(Booking.starts_at.desc()).limit(50))


def _follow_ups(actor, client, grounds) -> list[Entry]:
    rows = policy.ask(actor, _follow_up_rows, kind=actor.organisation.kind, client=client.id)
    needs: dict[int, list] = {row.id: [] for row in rows}
    for need in policy.ask(actor, _need_rows, client=client.id, entries=list(needs)) if needs else ():
        needs[need.follow_up_id].append(need)
    return [_entry(row, client, needs[row.id]) for row in rows if row.whole or needs[row.id]]


def _follow_up_rows(actor, client):
    query = visible_follow_ups(actor).where(FollowUp.client == client).order_by(
        FollowUp.created_at.desc(), FollowUp.id.desc())
    whole = Case(None, [(need_open(actor, client, Scope.FOLLOW_UP, FollowUp.organisation, ""), 1)], 0)
    return (query.select(FollowUp, Organisation, whole.alias("whole"))
            .join_from(FollowUp, Organisation, on=(FollowUp.organisation == Organisation.id)).limit(50))


def _need_rows(actor, client, entries):
    """The needs of some entries that the actor may read: a consent may speak of some only."""
    return (FollowUpNeed.select().join(FollowUp).where(
        FollowUpNeed.follow_up.in_(entries),
        need_open(actor, client, Scope.FOLLOW_UP, FollowUp.organisation, FollowUpNeed.need)).order_by(FollowUpNeed.id))


def _entry(row, client, needs) -> Entry:
    """What was written in words may speak of any need, so it is shown only to who may read of all."""
    note, next_step, said = (client.opened(row, each) if row.whole else "" for each in ("note", "next_step", "said"))
    return Entry(row.public_id, row.created_at, row.organisation.label, row.milestone, row.reached, note, next_step,
                 row.next_on, needs, said, row.by_client, row.needs_help, row.prompt_id, row.id, row.corrects_id)


@dataclass(frozen=True)
class Plan:
    """Items of a plan with what is written in them, and the conferences, as far as the reader may see them."""

    items: list
    conferences: list


def _plan(actor, client, grounds) -> Plan:
    who, judge = Organisation.alias(), Organisation.alias()
    items = list(policy.visible_plan_items(actor).where(PlanItem.client == client)
                 .select(PlanItem, Organisation, who, judge)
                 .join_from(PlanItem, Organisation, on=(PlanItem.organisation == Organisation.id), attr="organisation")
                 .join_from(PlanItem, who, JOIN.LEFT_OUTER, on=(PlanItem.who == who.id), attr="who")
                 .join_from(PlanItem, judge, JOIN.LEFT_OUTER, on=(PlanItem.claim_by == judge.id), attr="claim_by")
                 .order_by(PlanItem.sheet, PlanItem.position, PlanItem.id))
    for row in items:
        row.goal_text, row.what_text = client.opened(row, "goal"), client.opened(row, "what")
    conferences = list(policy.visible_conferences(actor).where(Conference.client == client)
                       .select(Conference, Organisation)
                       .join_from(Conference, Organisation).order_by(Conference.held_on.desc(), Conference.id.desc()))
    for row in conferences:
        row.participants_text = client.opened(row, "participants")
        row.agreed_text = client.opened(row, "agreed")
    return Plan(items, conferences)


def _network(actor, client, grounds) -> list[Membership]:
    """Who works with the client: under a consent everybody, on the own tie the reader's own organisation."""
    return policy.ask(actor, _network_rows, _all_of_it(grounds), client=client.id)


def _network_rows(actor, everybody, client):
    query = memberships(client).where(made_in_time(actor, client, Membership.since_on))
    return query if everybody else query.where(Membership.organisation == actor.organisation_id)


def memberships(client) -> Iterable[Membership]:
    """Organisations that work with a client now, with their workers."""
    return (Membership.select(Membership, Organisation, User).join(Organisation)
            .join_from(Membership, User, JOIN.LEFT_OUTER)
            .where(Membership.client == client, Membership.until_on.is_null()).order_by(Organisation.sort))


_BUILDERS = {Scope.IDENTITY: _identity, Scope.VISITS: _visits, Scope.FOLLOW_UP: _follow_ups, Scope.NETWORK: _network,
             Scope.PLAN: _plan}


# Lists

def clients(actor, page: int = 1, per_page: int = 50) -> tuple[list[Client], int]:
    """The clients of whom the actor may open something, by code, those released last first; and how many.

    When somebody is released belongs to who they are: rows say it (`dated`) where the reader may know that.
    """
    query, dated = visible_clients(actor), Case(None, [(readable(actor, Client.id, Scope.IDENTITY), 1)], 0)
    rows = query.select(Client, dated.alias("dated")).order_by(
        dated.desc(), Case(None, [(dated == 1, Client.released_on)]).desc(nulls="FIRST"),
        Case(None, [(dated == 1, Client.planned_release_on)]), Client.code)
    return list(rows.paginate(page, per_page)), query.count()


def own_client_of(actor, public_id: str) -> Client:
    """A client to whom the actor has an own tie; Missing otherwise. For writes about a client."""
    return _client_where(actor, public_id, own_client)


def client_worked_with(actor, public_id: str) -> Client:
    """A client with whom the actor works, on whatever ground; Missing otherwise. For what they write themselves."""
    return _client_where(actor, public_id, policy.works_with)


def client_to_ask(actor, public_id: str) -> Client:
    """A client to ask for a consent: one worked with, or shared by a consent in force; Missing otherwise."""
    return _client_where(actor, public_id, lambda actor, client: policy.works_with(actor, client) | fn.EXISTS(
        policy.consents_in_force(actor).where(Consent.client == client)))


def _client_where(actor, public_id, tied) -> Client:
    client = visible_clients(actor).where(Client.public_id == public_id, tied(actor, Client.id)).first() \
        if works_with_clients(actor) else None
    if client is None:
        raise Missing(public_id)
    return client
