"""Who is to be released in ninety days, what is missing, what was offered and what they said."""
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import gettext as _
from peewee import fn

import clock
import db
import policy
from errors import RuleBroken
from models import (
    Claim,
    Client,
    Cooperation,
    CooperationState,
    Kind,
    Membership,
    Organisation,
    OrganisationRegion,
    PlanItem,
    PlanItemState,
    PlanList,
    Referral,
    ReferralState,
    RefusalReason,
    Region,
    ReleaseOffer,
    Scope,
)
from services import figures, files, journal, plans, referrals

AHEAD, AFTER = timedelta(days=90), timedelta(days=3)
TAKEN = (ReferralState.ACCEPTED, ReferralState.IN_CARE)
FURTHEST = timedelta(days=365)


@dataclass
class Due:
    """One client on the list. `red`: the day of release is here and the card of the first hours is not filled in."""

    public_id: str
    code: str
    release_on: date
    days: int
    needs: int = 0
    checklist: int = 0
    unconfirmed: list[str] = field(default_factory=list)
    card: bool = False
    rights: bool = False  # what they may claim and choose was explained to them
    referral: bool = False
    offer: ReleaseOffer | None = None
    office: str = ""  # of the curator of the town of return, if that is another organisation

    @property
    def red(self) -> bool:
        return self.days <= 0 and not self.card

    @property
    def followed(self) -> bool:
        """Whether help after release is arranged: a referral was accepted, or an offer."""
        return self.referral or bool(self.offer and self.offer.accepted)


def due(actor) -> list[Due]:
    """The actor's own clients who leave within ninety days or have left in the last three, the soonest first."""
    today = clock.today()
    leaves = fn.COALESCE(Client.released_on, Client.planned_release_on)
    clients = list(_own(actor).where(Client.died_on.is_null(), leaves.between(today - AFTER, today + AHEAD))
                   .order_by(leaves, Client.code))
    rows = {each.id: Due(each.public_id, each.code, day, (day - today).days)
            for each in clients for day in [each.released_on or each.planned_release_on]}
    if rows:
        _add_plans(actor, rows)
        _add_referrals(actor, rows)
        _add_offers(actor, rows)
        _add_offices(actor, rows, {each.id: each.municipality_id for each in clients})
    return list(rows.values())


def _own(actor):
    return policy.visible_clients(actor).where(policy.own_client(actor, Client.id))


def _add_plans(actor, rows):
    """What the actor's own organisation wrote; what others wrote is on the sheet, as far as the client lets it be."""
    filled = defaultdict(set)
    items = PlanItem.select().where(PlanItem.client.in_(list(rows)), PlanItem.organisation == actor.organisation_id,
                                    PlanItem.state != PlanItemState.DROPPED)
    for item in items:
        row = rows[item.client_id]
        row.needs += item.sheet is PlanList.PLAN and bool(item.need)
        row.checklist += item.sheet is PlanList.BEFORE_RELEASE
        row.rights |= item.key == plans.RIGHTS and item.state is PlanItemState.DONE
        if item.sheet is PlanList.FIRST_HOURS and item.what is not None:
            filled[item.client_id].add(item.key)
        if item.sheet is PlanList.BEFORE_RELEASE and item.claim is Claim.SAID and item.what is not None \
                and item.state is PlanItemState.OPEN:
            row.unconfirmed.append(plans.words_of(item.key) or _("an item of the sheet"))
    for client, names in filled.items():
        rows[client].card = set(plans.CARD) <= names


def _add_referrals(actor, rows):
    for client, in Referral.select(Referral.client).where(
            Referral.client.in_(list(rows)), Referral.state.in_(TAKEN),
            (Referral.sender == actor.organisation_id) | (Referral.receiver == actor.organisation_id)).tuples():
        rows[client].referral = True


def _add_offers(actor, rows):
    for offer in ReleaseOffer.select().where(
            ReleaseOffer.client.in_(list(rows)), ReleaseOffer.organisation == actor.organisation_id).order_by(
            ReleaseOffer.id):
        rows[offer.client_id].offer = offer


def _add_offices(actor, rows, towns):
    offices = {row.municipality_id: row.label for row in referrals.offices(actor).where(
        Organisation.municipality.in_([town for town in towns.values() if town]))}
    for client, town in towns.items():
        rows[client].office = offices.get(town, "")


# Offering

def offer(actor, public_id: str, accepted: bool | None, reason: RefusalReason | None, again_on: date | None) -> None:
    """That help after release was offered, and what the client said (None: they think about it)."""
    if accepted is False and reason is None:
        raise RuleBroken(_("Choose why the client does not want it now."), field="reason")
    today = clock.today()
    if again_on and not today < again_on <= today + FURTHEST:
        raise RuleBroken(_("Choose a day from tomorrow to a year ahead."), field="again_on")
    with db.writing():
        client = files.own_client_of(actor, public_id)
        ReleaseOffer.create(client=client, organisation=actor.organisation_id, actor=actor.id, offered_on=today,
                            accepted=accepted, reason=reason if accepted is False else None,
                            again_on=None if accepted else again_on)
        journal.wrote(actor, "release.offer", public_id, client, Scope.PLAN, "own")


def offers(actor, public_id: str) -> tuple[Client, list[ReleaseOffer]]:
    """What the actor's organisation has offered to a client, the newest first. Raises Missing."""
    client = files.own_client_of(actor, public_id)
    return client, list(ReleaseOffer.select().where(
        ReleaseOffer.client == client, ReleaseOffer.organisation == actor.organisation_id)
        .order_by(ReleaseOffer.id.desc()))


def offer_again(actor) -> list[tuple[str, str, date]]:
    """Own clients to whom help is to be offered again by today: (public id, code, day)."""
    newest = ReleaseOffer.select(fn.MAX(ReleaseOffer.id)).where(
        ReleaseOffer.organisation == actor.organisation_id).group_by(ReleaseOffer.client)
    return list(_own(actor).select(Client.public_id, Client.code, ReleaseOffer.again_on)
                .join(ReleaseOffer, on=(ReleaseOffer.client == Client.id))
                .where(ReleaseOffer.id.in_(newest), ReleaseOffer.again_on <= clock.today(), Client.died_on.is_null())
                .order_by(ReleaseOffer.again_on).tuples())


# The report, of one's own clients and exact

@dataclass(frozen=True)
class Report:
    """Numbers of people. Who was offered help more than once counts by the last answer."""

    since: date
    until: date
    releases: int
    with_need: int
    offered: int
    accepted: int
    declined: int
    reasons: list[tuple[RefusalReason, int]]


def report(actor, days: int = 365) -> Report:
    """Releases of the actor's own clients in the last days: needs recorded, help offered, accepted, declined."""
    until = clock.today()
    since = until - timedelta(days=days)
    ids = [each.id for each in _own(actor).where(Client.released_on.between(since, until))]
    mine = {"organisation": actor.organisation_id}
    needs = {row for row, in PlanItem.select(PlanItem.client).where(
        PlanItem.client.in_(ids), PlanItem.organisation == mine["organisation"], PlanItem.need != "").tuples()} \
        if ids else set()
    last = {row.client_id: row for row in ReleaseOffer.select().where(
        ReleaseOffer.client.in_(ids), ReleaseOffer.organisation == mine["organisation"]).order_by(ReleaseOffer.id)} \
        if ids else {}
    reasons = Counter(row.reason for row in last.values() if row.accepted is False)
    return Report(since, until, len(ids), len(needs), len(last), sum(row.accepted is True for row in last.values()),
                  sum(reasons.values()), [(reason, reasons[reason]) for reason in RefusalReason if reasons[reason]])


# Releases that nobody of the actor's organisation reaches

def prisons_to_start_with(actor) -> list[Organisation]:
    """Prisons with which the actor's organisation has no co-operation, neither one that stands nor one that begins."""
    ours = Cooperation.select(Cooperation.prison).where(
        Cooperation.organisation == actor.organisation_id,
        Cooperation.state.not_in([CooperationState.ENDED, CooperationState.DECLINED]))
    return list(policy.visible_organisations(actor).where(
        Organisation.kind == Kind.PRISON, Organisation.id.not_in(ours)).order_by(Organisation.sort))


@dataclass(frozen=True)
class Unreached:
    """About how many people return to a region from prisons without an agreement; `number` is rounded (SMALL: < 5)."""

    region: str
    number: int


def unreached(actor) -> list[Unreached]:
    """For an NGO: releases of ninety days to its regions from prisons with which it has no active co-operation.

    Who was written down before this month counts, but for the NGO's own clients: whoever writes people down to see a
    number move sees nothing. A region to which nobody returns is shown as one with fewer than five.
    """
    organisation = actor.organisation if actor.organisation_id else None
    if organisation is None or organisation.kind is not Kind.NGO or not policy.works_with_clients(actor):
        return []
    given = OrganisationRegion.select(OrganisationRegion.region).where(OrganisationRegion.organisation == organisation)
    regions = Region.select().where((Region.code == organisation.region_id) | Region.code.in_(given)).order_by(
        Region.name)
    counts = dict(_unreached(organisation).tuples())
    return [Unreached(region.name, figures.rounded(counts.get(region.code, 0))) for region in regions]


def _unreached(organisation):
    """Rows (region, how many people)."""
    today, ours = clock.today(), Membership.select(Membership.client).where(Membership.organisation == organisation)
    agreed = Cooperation.select(Cooperation.prison).where(
        Cooperation.organisation == organisation, Cooperation.state == CooperationState.ACTIVE)
    return (Client.select(Client.region, fn.COUNT(Client.id))
            .where(Client.prison.is_null(False), Client.prison.not_in(agreed), Client.id.not_in(ours),
                   Client.created_at < db.beginning_of(today.replace(day=1)), Client.erased_at.is_null(),
                   Client.released_on.is_null(), Client.died_on.is_null(),
                   Client.planned_release_on.between(today, today + AHEAD)).group_by(Client.region))
