"""Whether a service fits: its conditions, ticked by who knows them and kept only with the referral; others that may."""
from dataclasses import dataclass

from flask_babel import gettext as _
from peewee import SQL, Case, fn

import clock
import db
from errors import Missing, RuleBroken
from labels import label
from models import (
    Fit,
    Kind,
    Need,
    Organisation,
    OrganisationState,
    PlanItem,
    PlanItemState,
    PlanList,
    Referral,
    ReferralCondition,
    ReferralNeed,
    Service,
    ServiceCondition,
    ServiceGroup,
    ServiceNeed,
    ServiceQuestion,
    ServiceRegion,
)
from policy import Can, may
from services import journal, keys
from services.referrals import levels
from text import clean_text, fold

MOST_SHOWN, MOST_QUESTIONS, LONGEST_QUESTION, LONGEST_WHY = 30, 10, 200, 500
NEXT_BEST = 5


@dataclass(frozen=True)
class Condition:
    """A condition of a service in words. `never`: one that is not met blocks."""

    text: str
    never: bool = False


class DoesNotFit(RuleBroken):
    """A condition marked never is not met."""


def conditions(service: Service | None) -> list[Condition]:
    """What a service asks, the groups it never takes first."""
    if service is None:
        return []
    groups = ServiceGroup.select().where(ServiceGroup.service == service, ServiceGroup.fit != Fit.FOR)
    found = [Condition(_("not one of: %(group)s", group=label(row.group)), row.fit is Fit.NEVER) for row in groups]
    entry = ServiceCondition.select().where(ServiceCondition.service == service).order_by(ServiceCondition.place)
    return [*sorted(found, key=lambda each: not each.never), *[Condition(row.text) for row in entry]]


def check(row: Referral) -> None:
    """Raises RuleBroken with the conditions that are not met: never ones block, others want a reason to go on."""
    known = {each.condition: each for each in ReferralCondition.select().where(ReferralCondition.referral == row)}
    failed = [each for each in conditions(row.service) if each.text in known and known[each.text].met is False]
    never = [each.text for each in failed if each.never]
    if never:
        raise DoesNotFit(_("This service never takes such a client. Not met: %(conditions)s.",
                           conditions=", ".join(never)), field="conditions")
    unexplained = [each.text for each in failed if known[each.text].why is None]
    if unexplained:
        raise RuleBroken(_("Not met: %(conditions)s. Write beside it why to go on, or choose another service.",
                           conditions=", ".join(unexplained)), field="conditions")


def keep(row: Referral, ticked: dict[str, tuple[bool | None, str]]) -> None:
    """Keeps what the sender knows of the conditions: text → met (None: not known), why go on. In `db.writing()`."""
    ReferralCondition.delete().where(ReferralCondition.referral == row).execute()
    for text, (met, why) in ticked.items():
        if met is None and not why:
            continue
        each = ReferralCondition(referral=row, condition=text, met=met)
        each.why = keys.seal(each, "why", levels.words(row.client, why, "conditions", LONGEST_WHY), row.client)
        each.save(force_insert=True)


def known(row: Referral) -> dict[str, tuple[bool | None, str]]:
    opened = keys.opener(row.client)
    return {each.condition: (each.met, opened(each, "why"))
            for each in ReferralCondition.select().where(ReferralCondition.referral == row).order_by(
                ReferralCondition.id)}


# Which services there are

def sendable():
    """Services that a referral can go to: they have not ended, and their organisation is verified."""
    return (Service.select(Service, Organisation).join(Organisation)
            .where(Organisation.state == OrganisationState.VERIFIED,
                   Service.ended_on.is_null() | (Service.ended_on > clock.today())))


def service(public_id: str) -> Service:
    found = sendable().where(Service.public_id == public_id).first()
    if found is None:
        raise Missing(public_id)
    return found


def service_for_clients(public_id: str) -> Service:
    """One that its owner has published in easy words: a client may ask it by themself. Raises Missing."""
    found = sendable().where(Service.public_id == public_id, Service.published == True,  # noqa: E712
                             Service.plain != "").first()
    if found is None:
        raise Missing(public_id)
    return found


def is_there(row: Referral) -> bool:
    """Whether what a referral goes to takes referrals now: a service, or the curator of a town."""
    if row.service_id is None:
        return row.receiver is not None and row.receiver.kind is Kind.MUNICIPALITY
    return sendable().where(Service.id == row.service_id).exists()


def offices(actor):
    """Towns whose curators a client can be referred to, but for the actor's own."""
    return Organisation.select().where(
        Organisation.kind == Kind.MUNICIPALITY, Organisation.state == OrganisationState.VERIFIED,
        Organisation.municipality.is_null(False), Organisation.id != actor.organisation_id).order_by(Organisation.id)


def office_of(actor, client) -> Organisation:
    """The curator's office of the town to which a client returns. Raises Missing."""
    found = offices(actor).where(Organisation.municipality == client.municipality_id).first()
    if found is None:
        raise Missing(client.public_id)
    return found


def planned(actor, client) -> list[Need]:
    """The needs on which the actor's organisation has something open in the client's plan."""
    rows = PlanItem.select(PlanItem.need).where(
        PlanItem.client == client, PlanItem.organisation == actor.organisation_id, PlanItem.sheet == PlanList.PLAN,
        PlanItem.state == PlanItemState.OPEN)
    found = {row.need for row in rows}
    return [need for need in Need if need in found]


def helps_with(service: Service) -> list[Need]:
    """The needs that a service says it helps with, in the order of all."""
    found = {row.need for row in ServiceNeed.select().where(ServiceNeed.service == service)}
    return [need for need in Need if need in found]


def offered(needs: list[Need], region: str | None, wanted: str = "") -> list[Service]:
    """Services for some needs in a region: those that say they help with them first, with free places first of all."""
    query = _in_region(sendable(), region)
    if needs:
        query = query.where(_helps_with(needs))
    rows = list(query.order_by(*_best_first()))
    words = fold(wanted).split()
    rows = [row for row in rows if all(word in fold(f"{row.name} {row.organisation.name}") for word in words)]
    return rows[:MOST_SHOWN]


def next_best(row: Referral) -> list[Service]:
    """Other services for the same needs in the same region; none that never takes such a client."""
    needs = needs_of(row)
    query = _in_region(sendable(), row.region_id).where(
        Service.id.not_in(_asked_before(row)), _helps_with(needs))
    if row.sender_id:
        query = query.where(Service.organisation != row.sender_id)
    out = {text for text, (met, _why) in known(row).items() if met is False}
    fitting = [each for each in query.order_by(*_best_first()).limit(40)
               if not any(condition.never and condition.text in out for condition in conditions(each))]
    return fitting[:NEXT_BEST]


def _asked_before(row):
    """Services that declined this referral, or the ones before it."""
    asked, each = [], row
    while each is not None and len(asked) < 20:
        asked.append(each.service_id or 0)
        each = each.parent
    return asked


def _in_region(query, region):
    here = ServiceRegion.select(ServiceRegion.service)
    return query.where(Service.id.not_in(here) | Service.id.in_(here.where(ServiceRegion.region == region))) \
        if region else query


def _helps_with(needs):
    return fn.EXISTS(ServiceNeed.select(SQL("1")).where(ServiceNeed.service == Service.id,
                                                        ServiceNeed.need.in_(needs)))


def _best_first():
    return Case(None, [(Service.places_free > 0, 0), (Service.places_free == 0, 2)], 1), Service.sort, Service.id


def needs_of(row: Referral) -> list[Need]:
    found = {each.need for each in ReferralNeed.select().where(ReferralNeed.referral == row)}
    return [need for need in Need if need in found]


# A service's own short questions

def questions(service: Service | None) -> list[str]:
    return [row.question for row in ServiceQuestion.select().where(
        ServiceQuestion.service == service).order_by(ServiceQuestion.position)] if service else []


def own_service(actor, public_id: str) -> Service:
    """A service of the organisation that the actor leads; Missing otherwise."""
    found = Service.get_or_none(Service.public_id == public_id, Service.organisation == actor.organisation_id) \
        if may(actor, Can.OPEN_CLIENTS) and actor.lead and actor.organisation_id else None
    if found is None:
        raise Missing(public_id)
    return found


def own_services(actor) -> list[Service]:
    return list(Service.select().where(Service.organisation == actor.organisation_id).order_by(Service.sort)) \
        if actor.lead else []


def set_questions(actor, public_id: str, lines: list[str]) -> None:
    """What a service asks with each referral to it; those sent before keep the questions of then."""
    asked = list(dict.fromkeys(text for line in lines if (text := clean_text(line, limit=LONGEST_QUESTION))))
    if len(asked) > MOST_QUESTIONS:
        raise RuleBroken(_("Ask ten questions at most."), field="questions")
    with db.writing():
        service = own_service(actor, public_id)
        ServiceQuestion.delete().where(ServiceQuestion.service == service).execute()
        for position, question in enumerate(asked):
            ServiceQuestion.create(service=service, position=position, question=question)
        journal.wrote(actor, "service.questions", service.public_id, parts="questions")
