"""Who may do what, whose records, and which parts of a client's file. No Flask: rights can be asked about anybody.

Three tables that a person from a prison could read aloud (ROLE_CAN, SHARING, PARTS), and visibility as queries: a
list shows such a query, a single page adds the id to it, so the two cannot disagree.
"""
import enum
import functools
from dataclasses import dataclass
from datetime import date

from peewee import SQL, fn

import clock
import db
from models import (
    Agreement,
    AgreementScope,
    Booking,
    BookingClient,
    Clearance,
    Client,
    Conference,
    Consent,
    ConsentScope,
    ConsentState,
    Cooperation,
    EmergencyAccess,
    FamilyRequest,
    FigureGroup,
    FollowUp,
    GroupMember,
    GroupTask,
    Import,
    Kind,
    Meeting,
    Membership,
    MinutesVersion,
    Organisation,
    OrganisationState,
    Participant,
    PlanItem,
    Programme,
    ProgrammeState,
    Prompt,
    Referral,
    ReferralState,
    Role,
    Scope,
    Snapshot,
    StandIn,
    Task,
    User,
    Verification,
    Visitor,
    Withheld,
    WorkingGroup,
)


class Can(enum.StrEnum):
    SIGNED_IN = "signed_in"  # whatever anybody signed in may do
    SEE_BOOK = "see_book"
    KEEP_GAPS = "keep_gaps"  # in coverage: report them, take them, say how they stand
    SEE_UNMET = "see_unmet"  # what people needed and did not get, in rounded figures
    VERIFY_ORGANISATIONS = "verify_organisations"
    VET_ORGANISATIONS = "vet_organisations"  # what one's prison checked about an organisation
    SEE_OFFERS = "see_offers"  # of NGOs and companies; who verifies organisations sorts them
    WRITE_TEMPLATES = "write_templates"  # of one's organisation's mails, and send them
    SEE_COOPERATIONS = "see_cooperations"
    START_COOPERATIONS = "start_cooperations"
    KEEP_PRISON = "keep_prison"  # what one's prison says of itself, its checklist, what it looks for
    KEEP_TIMES = "keep_times"  # places, windows, closures, how much a week: whose, services.openings.kept_by says
    SEE_VISITS = "see_visits"
    REQUEST_VISITS = "request_visits"
    DECIDE_VISITS = "decide_visits"
    SEE_OVERDUE_VISITS = "see_overdue_visits"  # that a prison's answer is long overdue, nothing else of it
    DO_TASKS = "do_tasks"
    WORK_IN_GROUPS = "work_in_groups"  # be a member of working groups, and have a calendar
    FOUND_GROUPS = "found_groups"
    OPEN_CLIENTS = "open_clients"
    ASK_CONSENT = "ask_consent"
    SEE_AGREEMENTS = "see_agreements"
    REGISTER_AGREEMENTS = "register_agreements"
    LOG_FOLLOW_UPS = "log_follow_ups"
    SEE_FIGURES = "see_figures"
    RATE_PARTNERS = "rate_partners"  # how it went with a prison, or with an organisation
    SEE_PROGRAMMES = "see_programmes"
    RUN_PROGRAMMES = "run_programmes"  # those of one's organisation
    USE_OWN_APP = "use_own_app"
    INVITE_USERS = "invite_users"


_STAFF = {Can.SIGNED_IN, Can.SEE_BOOK, Can.KEEP_GAPS, Can.SEE_UNMET, Can.SEE_PROGRAMMES}
_MEETS = _STAFF | {Can.WORK_IN_GROUPS}
_WORKS_WITH_CLIENTS = _MEETS | {Can.OPEN_CLIENTS, Can.ASK_CONSENT, Can.SEE_AGREEMENTS, Can.LOG_FOLLOW_UPS,
                                Can.WRITE_TEMPLATES, Can.DO_TASKS, Can.SEE_FIGURES}

ROLE_CAN: dict[Role, set[Can]] = {
    Role.PRISON: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.RATE_PARTNERS, Can.DECIDE_VISITS, Can.SEE_COOPERATIONS,
                                      Can.KEEP_PRISON, Can.KEEP_TIMES, Can.VET_ORGANISATIONS, Can.SEE_OFFERS,
                                      Can.RUN_PROGRAMMES},
    Role.PROBATION: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.REQUEST_VISITS},
    Role.CURATOR: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.REQUEST_VISITS},
    Role.NGO: _WORKS_WITH_CLIENTS | {Can.SEE_VISITS, Can.RATE_PARTNERS, Can.REQUEST_VISITS, Can.SEE_COOPERATIONS,
                                   Can.START_COOPERATIONS, Can.RUN_PROGRAMMES},
    Role.CLIENT: {Can.SIGNED_IN, Can.USE_OWN_APP},
    Role.PARTNER: _MEETS,
    Role.COORDINATOR: _MEETS | {Can.FOUND_GROUPS,
                                Can.VERIFY_ORGANISATIONS, Can.SEE_FIGURES, Can.SEE_COOPERATIONS, Can.WRITE_TEMPLATES,
                                Can.SEE_OFFERS, Can.SEE_OVERDUE_VISITS, Can.KEEP_TIMES, Can.SEE_AGREEMENTS,
                                Can.REGISTER_AGREEMENTS},
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


# Whoever uses one of these reads or writes of a client, and has accepted the rules of confidentiality first.
OF_CLIENTS = {Can.OPEN_CLIENTS, Can.ASK_CONSENT, Can.LOG_FOLLOW_UPS}
# What there is not where clients are switched off (CLIENTS=off).
WITH_CLIENTS_ONLY = OF_CLIENTS | {Can.SEE_UNMET, Can.SEE_FIGURES, Can.USE_OWN_APP, Can.SEE_AGREEMENTS,
                                  Can.REGISTER_AGREEMENTS}
_off: set[Can] = set()


def configure(clients: bool) -> None:
    """Whether this installation has clients at all."""
    if clients is not has_clients():
        _off.symmetric_difference_update(WITH_CLIENTS_ONLY)
        db.forget_kept()


def has_clients() -> bool:
    return not _off


def may(actor, can: Can) -> bool:
    """Whether an account may use a capability at all. Anonymous visitors may nothing."""
    return bool(actor and actor.is_authenticated and actor.active and can in ROLE_CAN[actor.role] and can not in _off
                and not (_off and actor.role is Role.CLIENT))


@dataclass(frozen=True, eq=False)
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
    now = db.Blank("now")

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
    alike = _alike(actor.role, actor.lead, actor.active, actor.organisation_id is not None, clock.today(), kind)
    return db.kept(build, alike, *shape, **values,
                   filled={"actor": actor.id, "actors_organisation": actor.organisation_id, "now": clock.now()})


_alike = functools.lru_cache(128)(Alike)  # the same object each time: it is what kept queries are found by


def now_of(actor):
    """The moment of asking: a blank in a kept query, else the present."""
    return getattr(actor, "now", None) or clock.now()


# The sharing matrix: whose record x who reads -> what it takes

class Takes(enum.StrEnum):
    NEVER = "never"
    CONSENT_OR_AGREEMENT = "consent_or_agreement"
    CONSENT_FOR_AUTHORITY_RECORDS = "consent_for_authority_records"


WORKING_KINDS = (Kind.PRISON, Kind.PROBATION, Kind.MUNICIPALITY, Kind.NGO)
AUTHORITIES = (Kind.PROBATION, Kind.MUNICIPALITY)


def takes(owner: Kind, reader: Kind) -> Takes:
    """What it takes that `reader` reads a record made by another organisation of kind `owner`."""
    if owner not in WORKING_KINDS or reader not in WORKING_KINDS:
        return Takes.NEVER
    if owner in AUTHORITIES and reader is Kind.NGO:
        return Takes.CONSENT_FOR_AUTHORITY_RECORDS
    return Takes.CONSENT_OR_AGREEMENT


SHARING: dict[tuple[Kind, Kind], Takes] = {(o, r): takes(o, r) for o in Kind for r in Kind}
PRISON_READS_DAYS = 30  # a prison reads nothing that was made later than this after release
PROVISIONAL_DAYS = 14  # that a consent on paper, or given with help, holds before the client confirms it alone
OWN, REFERRAL = "own", "referral"  # on which ground an organisation works with a client


# Visibility

NOBODY = SQL("1 = 0")


def works_with_clients(actor) -> bool:
    return may(actor, Can.OPEN_CLIENTS) and actor.organisation_id is not None


def own_client(actor, client):
    """Condition: the actor's organisation, unless closed, has this client itself; the actor leads it or is assigned."""
    return _tied(actor, client, Membership.ground == OWN)


def works_with(actor, client):
    """Condition: the same, or the client came by a referral: what the actor's organisation writes down is its own."""
    return _tied(actor, client, Membership.ground.in_([OWN, REFERRAL]))


def _tied(actor, client, ground):
    memberships = (Membership.select(SQL("1")).join(Organisation)
                   .where(Membership.client == client, Membership.organisation == actor.organisation_id, ground,
                          membership_holds(), Organisation.state != OrganisationState.CLOSED))
    return fn.EXISTS(memberships if actor.lead else memberships.where(is_worker(actor)))


def is_worker(actor):
    """Condition on a membership: the actor is its worker, or stands in for them."""
    stands_in = StandIn.select(SQL("1")).where(StandIn.membership == Membership.id, StandIn.worker == actor.id)
    return (Membership.worker == actor.id) | fn.EXISTS(stands_in)


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


def need_open(actor, client, scope: Scope, owner, need):
    """Condition: the actor may read what `owner` wrote of one need (a column): a consent may speak of some only."""
    if may(actor, Can.USE_OWN_APP):
        return SQL("1 = 1")
    speaks = _one_consent_opens(actor, client, scope, owner, need)
    return (owner == actor.organisation_id) | speaks | agreed(actor, client, scope, owner) | in_emergency(actor, client)


def _one_consent_opens(actor, client, scope, owner, *needs):
    """Condition: one consent in force opens by itself what `owner` wrote, where `needs` are named of these.

    What authorities recorded reaches an NGO only where that same consent names it: consents do not add up.
    """
    names = _has_scope(scope, *needs)
    if actor.role is Role.NGO:
        names &= ~_is_authority(owner) | _has_scope(Scope.AUTHORITY_RECORDS, *needs)
    return fn.EXISTS(consents_in_force(actor).where(Consent.client == client, names))


def _is_authority(owner):
    return owner.in_(Organisation.select(Organisation.id).where(Organisation.kind.in_(AUTHORITIES)))


def consents_in_force(actor):
    """Consents that speak to the actor today: to the organisation or the person, dates and state holding.

    One on paper holds for a fortnight, which begins with the release of who is in custody.
    """
    today = clock.today()
    assigned = fn.EXISTS(Membership.select(SQL("1")).where(
        Membership.client == Consent.client, Membership.organisation == actor.organisation_id,
        is_worker(actor), membership_holds()))
    reaches = (Consent.recipient_user == actor.id) | (
        Consent.recipient_user.is_null() & (SQL("1 = 1") if actor.lead else assigned))
    return (Consent.select(SQL("1")).join(Organisation, on=(Consent.recipient == Organisation.id))
            .where(Consent.recipient == actor.organisation_id, in_force(today),
                   Organisation.state == OrganisationState.VERIFIED, reaches))


def in_force(today: date):
    """Condition: a consent holds on a day.

    The state is not left to an index: searched by recipient and state, an organisation with many consents would wait
    longer where a client exists whom it may not see.
    """
    person, state = Client.alias(), fn.COALESCE(Consent.state, "")
    unreleased = person.select(SQL("1")).where(person.id == Consent.client, person.released_on.is_null())
    provisional = (state == ConsentState.PROVISIONAL.value) & (
        (Consent.provisional_until >= today) | (Consent.provisional_until.is_null() & fn.EXISTS(unreleased)))
    return ((state == ConsentState.ACTIVE.value) | provisional) & (
        Consent.from_on <= today) & (Consent.until_on >= today)


def agreed(actor, client, scope: Scope, owner):
    """Condition: an agreement lets the actor's organisation read what `owner` recorded of clients whom both have.

    What authorities recorded reaches an NGO by the client's consent only.
    """
    today = clock.today()
    agreements = (Agreement.select(SQL("1")).join(AgreementScope)
                  .where(Agreement.giver == owner, Agreement.receiver == actor.organisation_id,
                         AgreementScope.scope == scope, Agreement.ended_at.is_null(),
                         Agreement.from_on <= today, Agreement.until_on >= today))
    return fn.EXISTS(agreements) & works_with(actor, client)


def in_emergency(actor, client):
    """Condition: the actor has opened this client's file to save life or health, less than 72 hours ago."""
    return fn.EXISTS(EmergencyAccess.select(SQL("1")).where(
        EmergencyAccess.client == client, EmergencyAccess.actor == actor.id, EmergencyAccess.refused_at.is_null(),
        EmergencyAccess.until_at > now_of(actor)))


def not_withheld(actor, record):
    """Condition: the client does not keep this record (its column public_id) from the actor's organisation."""
    return ~fn.EXISTS(Withheld.select(SQL("1")).where(
        Withheld.recipient == actor.organisation_id, Withheld.record == record))


def _reads_others(actor):
    """Condition: the actor's organisation wants to know what others wrote of its clients at all."""
    return ~fn.EXISTS(Organisation.select(SQL("1")).where(
        Organisation.id == actor.organisation_id, Organisation.only_clients_words == True))  # noqa: E712


def _has_scope(scope, *needs):
    """Condition: a consent names a scope, for all needs or for these (columns or words, "" for all only)."""
    of_needs = [ConsentScope.need.in_(["", *needs])] if needs else []
    return fn.EXISTS(ConsentScope.select(SQL("1")).where(
        ConsentScope.consent == Consent.id, ConsentScope.scope == scope, *of_needs))


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
    rescue = in_emergency(actor, client)
    if owner is None:
        return own_client(actor, client) | consented(actor, client, scope) | rescue
    foreign = _foreign(actor, client, scope, owner) & _reads_others(actor)
    return ((owner == actor.organisation_id) & works_with(actor, client)) | foreign | rescue


def _foreign(actor, client, scope, owner):
    """Condition: a consent or an agreement opens what another organisation wrote."""
    consent, agreement = _one_consent_opens(actor, client, scope, owner), agreed(actor, client, scope, owner)
    return consent | ((~_is_authority(owner) & agreement) if actor.role is Role.NGO else agreement)


def visible_clients(actor):
    """Clients of whom the actor may open at least something. Erased ones are nobody's."""
    any_part = NOBODY
    if works_with_clients(actor):
        any_consent = fn.EXISTS(consents_in_force(actor).where(Consent.client == Client.id))
        any_part = works_with(actor, Client.id) | any_consent
    return Client.select().where(Client.erased_at.is_null(), any_part | (Client.user == _own_app_id(actor)))


def _own_app_id(actor):
    return actor.id if may(actor, Can.USE_OWN_APP) else -1


def visible_follow_ups(actor):
    """Entries of the feedback log that the actor may read."""
    query = (FollowUp.select().join(Client).where(
        Client.erased_at.is_null(),
        readable(actor, FollowUp.client, Scope.FOLLOW_UP, FollowUp.organisation),
        not_withheld(actor, FollowUp.public_id)))
    if not _is_prison(actor):
        return query
    early = FollowUp.milestone.is_null() | (FollowUp.milestone <= PRISON_READS_DAYS)  # of an earlier release too
    return query.where(early, _soon_after_release(FollowUp.created_at))


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


def visible_plan_items(actor):
    """Items of plans that the actor may read: one's own organisation's, others' by consent, of the needs it names."""
    query = PlanItem.select().join(Client).where(
        Client.erased_at.is_null(), readable(actor, PlanItem.client, Scope.PLAN, PlanItem.organisation),
        need_open(actor, PlanItem.client, Scope.PLAN, PlanItem.organisation, PlanItem.need),
        not_withheld(actor, PlanItem.public_id))
    return query.where(_soon_after_release(PlanItem.created_at)) if _is_prison(actor) else query


def own_plan_items(actor):
    """Items that the actor may write: those of their organisation, of clients with whom they work."""
    if not works_with_clients(actor):
        return PlanItem.select().where(NOBODY)
    return PlanItem.select().join(Client).where(
        Client.erased_at.is_null(), PlanItem.organisation == actor.organisation_id, works_with(actor, PlanItem.client))


def visible_conferences(actor):
    """Case conferences that the actor may read: they speak of the whole plan."""
    query = Conference.select().join(Client).where(
        Client.erased_at.is_null(), readable(actor, Conference.client, Scope.PLAN, Conference.organisation),
        need_open(actor, Conference.client, Scope.PLAN, Conference.organisation, ""),
        not_withheld(actor, Conference.public_id))
    return query.where(_soon_after_release(Conference.created_at)) if _is_prison(actor) else query


def visible_questions(actor):
    """Questions whether a fact is so that wait for the actor's organisation, of clients with whom the actor works."""
    query = Verification.select().join(PlanItem).join(Client)
    if not works_with_clients(actor):
        return query.where(NOBODY)
    return query.where(Client.erased_at.is_null(), Verification.recipient == actor.organisation_id,
                       works_with(actor, PlanItem.client), Verification.answered_at.is_null())


def visible_prompts(actor):
    """Follow-ups that the actor's organisation is to make: a lead's all, a member's own."""
    if not works_with_clients(actor):
        return Prompt.select().where(NOBODY)
    ground = works_with(actor, Prompt.client) | consented(actor, Prompt.client, Scope.FOLLOW_UP)
    return Prompt.select().where(Prompt.organisation == actor.organisation_id, ground)


def follows_up(client, organisation):
    """Condition: an organisation has a ground to ask how a client fares: a tie of its own, or the client's consent."""
    tie = Membership.select(SQL("1")).where(Membership.client == client, Membership.organisation == organisation,
                                            membership_holds())
    agreed_to = Consent.select(SQL("1")).where(Consent.client == client, Consent.recipient == organisation,
                                               in_force(clock.today()), _has_scope(Scope.FOLLOW_UP))
    return fn.EXISTS(tie) | fn.EXISTS(agreed_to)


def readable_prompts(actor, client):
    """Follow-ups of a client whose entries the actor may read, answered or not: silence shows as a gap."""
    query = Prompt.select().where(Prompt.client == client,
                                  readable(actor, Prompt.client, Scope.FOLLOW_UP, Prompt.organisation))
    return query.where(Prompt.milestone <= PRISON_READS_DAYS) if _is_prison(actor) else query


def visible_snapshots(actor):
    """Frozen figures: an organisation's own; the coordinator's of all prisons. Nobody sees two groups that overlap."""
    if not may(actor, Can.SEE_FIGURES):
        return Snapshot.select().where(NOBODY)
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return Snapshot.select().where(Snapshot.kind == FigureGroup.PRISON)
    return Snapshot.select().where(Snapshot.organisation == actor.organisation_id)


def visible_bookings(actor):
    """Visits of the actor's prison, or of the organisation that asked for them; a client's own."""
    if may(actor, Can.USE_OWN_APP):
        mine = BookingClient.select(BookingClient.booking).join(Client).where(Client.user == actor.id)
        return Booking.select().where(Booking.id.in_(mine))
    if not may(actor, Can.SEE_VISITS) or actor.organisation_id is None:
        return Booking.select().where(NOBODY)
    mine = Booking.prison if actor.role is Role.PRISON else Booking.organisation
    return Booking.select().where(mine == actor.organisation_id)


def visible_visitors(actor):
    """Who goes to prisons for the actor's organisation."""
    if not may(actor, Can.REQUEST_VISITS) or actor.organisation_id is None:
        return Visitor.select().where(NOBODY)
    return Visitor.select().where(Visitor.organisation == actor.organisation_id)


def visible_tasks(actor):
    """Tasks of the actor's organisation: a lead's all, a member's own and nobody's; of clients, only their own."""
    if not may(actor, Can.DO_TASKS) or actor.organisation_id is None:
        return Task.select().where(NOBODY)
    of_clients = works_with(actor, Task.client) if works_with_clients(actor) else NOBODY
    query = Task.select().where(Task.organisation == actor.organisation_id, Task.client.is_null() | of_clients)
    return query if actor.lead else query.where(Task.owner.is_null() | (Task.owner == actor.id))


def speaks_for(actor):
    """Condition on a referral: who sent it works with the client still, or has handed them on."""
    before = Referral.alias()
    handed = before.select(SQL("1")).where(before.client == Referral.client, before.receiver == actor.organisation_id,
                                           before.state == ReferralState.HANDED_ON)
    return works_with(actor, Referral.client) | fn.EXISTS(handed)


def visible_programmes(actor):
    """Programmes: those of the actor's organisation, and all others that have begun."""
    if not may(actor, Can.SEE_PROGRAMMES):
        return Programme.select().where(NOBODY)
    return Programme.select().where((Programme.kept_by == actor.organisation_id)
                                    | (Programme.state != ProgrammeState.PREPARING))


def visible_participants(actor):
    """Who is in programmes that the actor's organisation runs: clients that the actor works with."""
    if not may(actor, Can.RUN_PROGRAMMES) or not works_with_clients(actor):
        return Participant.select().where(NOBODY)
    return Participant.select().join_from(Participant, Programme).where(
        Programme.kept_by == actor.organisation_id, works_with(actor, Participant.client))


def visible_referrals(actor):
    """Referrals that the actor's organisation sent or got: a lead's all, a member's own; a client's own once sent."""
    if may(actor, Can.USE_OWN_APP):
        seen = (Client.user == actor.id) & ((Referral.state != ReferralState.DRAFT) | (Referral.author == actor.id))
    elif works_with_clients(actor):
        sent = (Referral.sender == actor.organisation_id) & (
            (Referral.state != ReferralState.DRAFT) | speaks_for(actor))
        got = (Referral.receiver == actor.organisation_id) & (Referral.state != ReferralState.DRAFT)
        seen = (sent | got) if actor.lead else (
            (sent & (Referral.author == actor.id)) | (got & (Referral.worker == actor.id)))
    else:
        seen = NOBODY
    return Referral.select().join(Client).where(Client.erased_at.is_null(), seen)


def visible_notes(actor):
    """Notes of those close to a client: the client's own; for a worker, those that the client shows to them."""
    query = FamilyRequest.select().join(Client)
    if may(actor, Can.USE_OWN_APP):
        return query.where(Client.user == actor.id, Client.erased_at.is_null())
    if not works_with_clients(actor):
        return query.where(NOBODY)
    query = query.where(Client.erased_at.is_null(), FamilyRequest.shown_to == actor.organisation_id,
                        works_with(actor, FamilyRequest.client))
    return query.where(_soon_after_release(FamilyRequest.at)) if _is_prison(actor) else query


def visible_clearances(actor):
    """Clearances that the actor's prison gives or is asked for, or those of the organisation's own visitors."""
    query = Clearance.select().join(Visitor)
    if not may(actor, Can.SEE_VISITS) or actor.organisation_id is None:
        return query.where(NOBODY)
    mine = Clearance.prison if actor.role is Role.PRISON else Visitor.organisation
    return query.where(mine == actor.organisation_id)


def visible_cooperations(actor):
    """Co-operations of the actor's prison or organisation; the coordinator's all: no client stands in them."""
    if not may(actor, Can.SEE_COOPERATIONS):
        return Cooperation.select().where(NOBODY)
    if actor.role is Role.COORDINATOR:
        return Cooperation.select()
    mine = Cooperation.prison if actor.role is Role.PRISON else Cooperation.organisation
    return Cooperation.select().where(mine == actor.organisation_id)


# Working groups: a member sees all of a group; who left sees what was there when they left

def is_in_group(actor, group):
    """Condition: the actor is a member of this group now."""
    return fn.EXISTS(_stays(actor).where(GroupMember.group == group, GroupMember.until_at.is_null()))


def was_in_group(actor, group, moment):
    """Condition: the actor left this group only after that moment (a column): a member reads what was before them."""
    return fn.EXISTS(_stays(actor).where(GroupMember.group == group, GroupMember.until_at > moment))


def _stays(actor):
    return GroupMember.select(SQL("1")).where(GroupMember.user == actor.id, GroupMember.since_at.is_null(False))


def visible_groups(actor):
    """Groups of which the actor is or was a member."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return WorkingGroup.select().where(NOBODY)
    return WorkingGroup.select().where(fn.EXISTS(_stays(actor).where(GroupMember.group == WorkingGroup.id)))


def own_groups(actor):
    """Groups of which the actor is a member now."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return WorkingGroup.select().where(NOBODY)
    return WorkingGroup.select().where(is_in_group(actor, WorkingGroup.id))


def visible_meetings(actor):
    """Meetings of the actor's groups; of those that they left, the meetings that were held while they were in."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return Meeting.select().where(NOBODY)
    return Meeting.select().where(is_in_group(actor, Meeting.group)
                                  | was_in_group(actor, Meeting.group, Meeting.starts_at))


def own_meetings(actor):
    """Meetings of groups of which the actor is a member now: all that is written of them."""
    if not may(actor, Can.WORK_IN_GROUPS):
        return Meeting.select().where(NOBODY)
    return Meeting.select().where(is_in_group(actor, Meeting.group))


def visible_minutes(actor):
    """Approved minutes: a member reads all versions, who left those that were approved in their time."""
    rows = MinutesVersion.select().join(Meeting)
    if not may(actor, Can.WORK_IN_GROUPS):
        return rows.where(NOBODY)
    return rows.where(is_in_group(actor, Meeting.group)
                      | was_in_group(actor, Meeting.group, MinutesVersion.approved_at))


def visible_group_tasks(actor):
    """Tasks that were given in groups of which the actor is a member now."""
    return GroupTask.select().join(Meeting).where(
        is_in_group(actor, Meeting.group) if may(actor, Can.WORK_IN_GROUPS) else NOBODY)


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
