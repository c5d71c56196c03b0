"""Who may do what, whose records, and which parts of a client's file. No Flask: rights can be asked about anybody.

Three tables that a person from a prison could read aloud (ROLE_CAN, SHARING, PARTS), and visibility as queries: a
list shows such a query, a single page adds the id to it, so the two cannot disagree.
"""
import enum
from dataclasses import dataclass
from datetime import date

from peewee import SQL, fn

import clock
import db
from models import (
    Booking,
    BookingClient,
    Client,
    Consent,
    ConsentScope,
    ConsentState,
    Cooperation,
    FollowUp,
    Import,
    Kind,
    Membership,
    Organisation,
    OrganisationState,
    Prompt,
    Role,
    Scope,
    Snapshot,
    User,
)


class Can(enum.StrEnum):
    SIGNED_IN = "signed_in"  # whatever anybody signed in may do
    SEE_BOOK = "see_book"
    VERIFY_ORGANISATIONS = "verify_organisations"
    VET_ORGANISATIONS = "vet_organisations"  # what one's prison checked about an organisation
    SEE_OFFERS = "see_offers"  # of NGOs and companies; who verifies organisations sorts them
    WRITE_TEMPLATES = "write_templates"  # of one's organisation's mails, and send them
    SEE_COOPERATIONS = "see_cooperations"
    START_COOPERATIONS = "start_cooperations"
    KEEP_PRISON = "keep_prison"  # what one's prison says of itself, its checklist, what it looks for
    SEE_VISITS = "see_visits"
    REQUEST_VISITS = "request_visits"
    DECIDE_VISITS = "decide_visits"
    OPEN_CLIENTS = "open_clients"
    ASK_CONSENT = "ask_consent"
    LOG_FOLLOW_UPS = "log_follow_ups"
    SEE_FIGURES = "see_figures"
    USE_OWN_APP = "use_own_app"
    INVITE_USERS = "invite_users"


_STAFF = {Can.SIGNED_IN, Can.SEE_BOOK}
_WORKS_WITH_CLIENTS = _STAFF | {Can.OPEN_CLIENTS, Can.ASK_CONSENT, Can.LOG_FOLLOW_UPS, Can.WRITE_TEMPLATES}

ROLE_CAN: dict[Role, set[Can]] = {
    Role.PRISON: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.DECIDE_VISITS, Can.SEE_FIGURES, Can.SEE_COOPERATIONS,
                                      Can.KEEP_PRISON, Can.VET_ORGANISATIONS, Can.SEE_OFFERS},
    Role.PROBATION: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.REQUEST_VISITS},
    Role.CURATOR: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.REQUEST_VISITS},
    Role.NGO: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.REQUEST_VISITS, Can.SEE_COOPERATIONS, Can.START_COOPERATIONS},
    Role.CLIENT: {Can.SIGNED_IN, Can.USE_OWN_APP},
    Role.PARTNER: _STAFF,
    Role.COORDINATOR: _STAFF | {Can.VERIFY_ORGANISATIONS, Can.SEE_FIGURES, Can.SEE_COOPERATIONS, Can.WRITE_TEMPLATES,
                                Can.SEE_OFFERS},
    Role.ADMIN: {Can.SIGNED_IN, Can.SEE_BOOK, Can.INVITE_USERS},
}

KIND_ROLES: dict[Kind, set[Role]] = {
    Kind.PRISON: {Role.PRISON},
    Kind.PROBATION: {Role.PROBATION},
    Kind.MUNICIPALITY: {Role.CURATOR},
    Kind.NGO: {Role.NGO},
    Kind.LABOUR_OFFICE: {Role.PARTNER},
    Kind.HEALTH: {Role.PARTNER},
    Kind.EMPLOYER: {Role.PARTNER},
    Kind.OTHER: {Role.PARTNER},
    Kind.NETWORK: {Role.COORDINATOR, Role.ADMIN},
}


def may(actor, can: Can) -> bool:
    """Whether an account may use a capability at all. Anonymous visitors may nothing."""
    return bool(actor and actor.is_authenticated and actor.active and can in ROLE_CAN[actor.role])


@dataclass(frozen=True)
class Alike:
    """An actor as far as a kept query is made for them; who they are is filled in. What is not here cannot be asked."""

    role: Role
    lead: bool
    active: bool
    has_organisation: bool
    today: date
    kind: Kind | None = None  # of the actor's organisation, where the query was said to ask for it
    is_authenticated = True
    id = db.Blank("actor")

    @property
    def organisation_id(self):
        return db.Blank("actors_organisation") if self.has_organisation else None

    @property
    def organisation(self):
        if self.kind is None:
            raise AttributeError("a kept query that asks for the actor's organisation is asked with its kind")
        return self


def ask(actor, build, *shape, kind: Kind | None = None, **values) -> list:
    """The rows of the query `build(actor, *shape, **values)`, its SQL kept (see db.kept) for all actors alike.

    `build` gets an Alike in the actor's place, so it cannot depend on anything of them that the kept SQL does not.
    """
    alike = Alike(actor.role, actor.lead, actor.active, actor.organisation_id is not None, clock.today(), kind)
    return db.kept(build, alike, *shape, **values,
                   filled={"actor": actor.id, "actors_organisation": actor.organisation_id})


# The sharing matrix: whose record x who reads -> what it takes

class Takes(enum.StrEnum):
    NEVER = "never"
    CONSENT = "consent"
    CONSENT_FOR_AUTHORITY_RECORDS = "consent_for_authority_records"


WORKING_KINDS = (Kind.PRISON, Kind.PROBATION, Kind.MUNICIPALITY, Kind.NGO)
AUTHORITIES = (Kind.PROBATION, Kind.MUNICIPALITY)


def takes(owner: Kind, reader: Kind) -> Takes:
    """What it takes that `reader` reads a record made by another organisation of kind `owner`."""
    if owner not in WORKING_KINDS or reader not in WORKING_KINDS:
        return Takes.NEVER
    if owner in AUTHORITIES and reader is Kind.NGO:
        return Takes.CONSENT_FOR_AUTHORITY_RECORDS
    return Takes.CONSENT


SHARING: dict[tuple[Kind, Kind], Takes] = {(o, r): takes(o, r) for o in Kind for r in Kind}
PRISON_READS_DAYS = 30  # a prison reads nothing that was made later than this after release


# Visibility

NOBODY = SQL("1 = 0")


def works_with_clients(actor) -> bool:
    return may(actor, Can.OPEN_CLIENTS) and actor.organisation_id is not None


def own_client(actor, client):
    """Condition: the actor's organisation, unless closed, has this client itself; the actor leads it or is assigned."""
    memberships = (Membership.select(SQL("1")).join(Organisation)
                   .where(Membership.client == client, Membership.organisation == actor.organisation_id,
                          Membership.ground == "own", membership_holds(),
                          Organisation.state != OrganisationState.CLOSED))
    return fn.EXISTS(memberships if actor.lead else memberships.where(Membership.worker == actor.id))


def membership_holds():
    """Condition: a membership has begun and is not over."""
    today = clock.today()
    return (Membership.since_on <= today) & (Membership.until_on.is_null() | (Membership.until_on >= today))


def consented(actor, client, *scopes: Scope):
    """Condition: a consent in force opens all of `scopes` of this client to the actor."""
    condition = None
    for scope in scopes:
        one = fn.EXISTS(consents_in_force(actor).where(Consent.client == client, _has_scope(scope)))
        condition = one if condition is None else condition & one
    return condition


def consents_in_force(actor):
    """Consents that speak to the actor today: to the organisation or the person, dates and state holding."""
    today = clock.today()
    assigned = fn.EXISTS(Membership.select(SQL("1")).where(
        Membership.client == Consent.client, Membership.organisation == actor.organisation_id,
        Membership.worker == actor.id, membership_holds()))
    reaches = (Consent.recipient_user == actor.id) | (
        Consent.recipient_user.is_null() & (SQL("1 = 1") if actor.lead else assigned))
    return (Consent.select(SQL("1")).join(Organisation, on=(Consent.recipient == Organisation.id))
            .where(Consent.recipient == actor.organisation_id, Consent.state == ConsentState.ACTIVE,
                   Consent.from_on <= today, Consent.until_on >= today,
                   Organisation.state == OrganisationState.VERIFIED, reaches))


def _has_scope(scope):
    return fn.EXISTS(ConsentScope.select(SQL("1")).where(
        ConsentScope.consent == Consent.id, ConsentScope.scope == scope))


def readable(actor, client, scope: Scope, owner=None):
    """Condition: the actor may read this part of a client; `owner` is the organisation that made the record.

    Own records need the actor's own tie to the client; foreign ones a consent, and where the matrix says so one
    that names the records of authorities.
    """
    if may(actor, Can.USE_OWN_APP):
        person = Client.alias()  # `client` may be the column of a query that this stands in
        return fn.EXISTS(person.select(SQL("1")).where(person.id == client, person.user == actor.id))
    if not works_with_clients(actor):
        return NOBODY
    own, foreign = own_client(actor, client), consented(actor, client, scope)
    if owner is None:
        return own | foreign
    if actor.organisation.kind is Kind.NGO:
        authority = owner.in_(Organisation.select(Organisation.id).where(Organisation.kind.in_(AUTHORITIES)))
        foreign &= ~authority | consented(actor, client, Scope.AUTHORITY_RECORDS)
    return ((owner == actor.organisation_id) & own) | foreign


def visible_clients(actor):
    """Clients of whom the actor may open at least something. Erased ones are nobody's."""
    any_part = NOBODY
    if works_with_clients(actor):
        any_consent = fn.EXISTS(consents_in_force(actor).where(Consent.client == Client.id))
        any_part = own_client(actor, Client.id) | any_consent
    return Client.select().where(Client.erased_at.is_null(), any_part | (Client.user == _own_app_id(actor)))


def _own_app_id(actor):
    return actor.id if may(actor, Can.USE_OWN_APP) else -1


def visible_follow_ups(actor):
    """Entries of the feedback log that the actor may read."""
    query = (FollowUp.select().join(Client).where(
        Client.erased_at.is_null(),
        readable(actor, FollowUp.client, Scope.FOLLOW_UP, FollowUp.organisation)))
    return query.where(_soon_after_release(FollowUp.created_at)) if _is_prison(actor) else query


def _is_prison(actor):
    return getattr(actor, "role", None) is Role.PRISON


def _soon_after_release(created_at, person=Client):
    """Condition: made no later than PRISON_READS_DAYS after release (or before it)."""
    return person.released_on.is_null() | (created_at < db.days_after(person.released_on, PRISON_READS_DAYS + 1))


def made_in_time(actor, client, created_at):
    """Condition: what was made then of this client may be shown to the actor, as far as time goes (Moment or Day)."""
    if not _is_prison(actor):
        return SQL("1 = 1")
    person = Client.alias()  # `client` may be the column of a query that this stands in
    return fn.EXISTS(person.select(SQL("1")).where(person.id == client, _soon_after_release(created_at, person)))


def visible_prompts(actor):
    """Follow-ups that the actor's organisation is to make: a lead's all, a member's own."""
    if not works_with_clients(actor):
        return Prompt.select().where(NOBODY)
    return Prompt.select().where(Prompt.organisation == actor.organisation_id,
                                 own_client(actor, Prompt.client))


def visible_snapshots(actor):
    """Frozen figures: a prison's own; the coordinator's of all prisons."""
    if not may(actor, Can.SEE_FIGURES):
        return Snapshot.select().where(NOBODY)
    return Snapshot.select().where(Snapshot.prison == actor.organisation_id) if _is_prison(actor) else Snapshot.select()


def visible_bookings(actor):
    """Visits of the actor's prison, or of the organisation that asked for them; a client's own."""
    if may(actor, Can.USE_OWN_APP):
        mine = BookingClient.select(BookingClient.booking).join(Client).where(Client.user == actor.id)
        return Booking.select().where(Booking.id.in_(mine))
    if not may(actor, Can.SEE_VISITS) or actor.organisation_id is None:
        return Booking.select().where(NOBODY)
    mine = Booking.prison if actor.role is Role.PRISON else Booking.organisation
    return Booking.select().where(mine == actor.organisation_id)


def visible_cooperations(actor):
    """Co-operations of the actor's prison or organisation; the coordinator's all: no client stands in them."""
    if not may(actor, Can.SEE_COOPERATIONS):
        return Cooperation.select().where(NOBODY)
    if actor.role is Role.COORDINATOR:
        return Cooperation.select()
    mine = Cooperation.prison if actor.role is Role.PRISON else Cooperation.organisation
    return Cooperation.select().where(mine == actor.organisation_id)


def visible_organisations(actor):
    """The contact book: everything but what was closed; the coordinator sees that too."""
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return Organisation.select()
    if may(actor, Can.SEE_BOOK):
        return Organisation.select().where(Organisation.state != OrganisationState.CLOSED)
    return Organisation.select().where(NOBODY)


def visible_imports(actor):
    """Files on their way into the book: one's own; the coordinator, who confirms them, sees all."""
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return Import.select()
    return Import.select().where(Import.user == actor.id if may(actor, Can.SEE_BOOK) else NOBODY)


def colleagues(actor):
    """Active people of the actor's own organisation."""
    return User.select().where(User.organisation == actor.organisation_id, User.active == True)  # noqa: E712
