"""Asking organisations by mail whether their facts are still true, and their answers without signing in.

The link of such a mail is 256 random bits, kept only as a digest, for thirty days. It opens one page: the facts of one
organisation that are due. Opening it writes nothing, so a mail scanner changes nothing; the page's one button confirms
all of them, after which the link is used up. It can do nothing else but set free places.

The form has the ordinary token against forged requests, which the page puts into a cookie of its own; nobody needs to
be signed in for that. A page elsewhere that wanted to forge it would have to know the link, and then needs no forgery.
"""
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from flask_babel import force_locale
from flask_babel import gettext as _

import clock
import db
from crypto import new_token, token_hash
from errors import Missing, RuleBroken
from labels import label
from models import (
    CapacityState,
    ContactPerson,
    FactCheck,
    FactGroup,
    FreshnessLink,
    Organisation,
    OrganisationState,
    PrisonWork,
    Service,
    Topic,
    User,
)
from services import bounces, directory, freshness, journal, mail, records
from services.slots import is_working_day
from text import clean_text

LASTS_DAYS = 30  # of a link; who has not answered by then is asked again
REST_DAYS = 14  # after an answer nobody is asked sooner
AT_ONCE = 200  # organisations asked in one run
MOST_PLACES = 9999
VIA = "link"


# Asking

def ask_due() -> int:
    """Asks verified organisations of which facts come of age; returns how many. Nothing on days off."""
    if not is_working_day(clock.today()):
        return 0
    asked = (organisation for organisation in _to_ask() if _ask(organisation))
    return sum(1 for _organisation in islice(asked, AT_ONCE))


def _to_ask() -> list[Organisation]:
    """Verified organisations with facts that are due, who were not asked lately; unverified ones are not written to."""
    now = clock.now()
    asked_lately = FreshnessLink.select(FreshnessLink.organisation).where(
        (FreshnessLink.used_at.is_null() & (FreshnessLink.expires_at > now))
        | (FreshnessLink.created_at > now - timedelta(days=REST_DAYS)))
    return list(Organisation.select().where(
        Organisation.state == OrganisationState.VERIFIED, Organisation.id.in_(with_due_facts()),
        Organisation.id.not_in(asked_lately)).order_by(Organisation.id))


def with_due_facts():
    """Ids of organisations with a group of facts that ages, is stale, or was never confirmed."""
    today = clock.today()
    unsure = FactCheck.confidence.not_in(freshness.CONFIRMING)
    for group in FactGroup:
        unsure |= (FactCheck.group == group) & (FactCheck.confirmed_on < freshness.due_before(group, today))
    query = FactCheck.select(FactCheck.organisation).where(unsure)
    for group, model in directory.ROWS_OF.items():
        old = (model.confirmed_on < freshness.due_before(group, today)) | model.confidence.not_in(freshness.CONFIRMING)
        query = query.union_all(model.select(model.organisation).where(old, _goes_on(model)))
    places = Service.places_on.is_null() | (Service.places_on < freshness.due_before(FactGroup.PLACES, today))
    return query.union_all(Service.select(Service.organisation).where(
        places, directory.places_known(Service.organisation)))


def _goes_on(model):
    end = model.until_on if model is PrisonWork else model.ended_on
    return end.is_null() | (end >= clock.today())


def _ask(organisation) -> bool:
    """One mail about all that is due, to the organisation's lead, else to its address; False where neither works."""
    due, lead = directory.asked(organisation), _lead(organisation)
    address = lead.email if lead else organisation.email
    if not due or not address or bounces.is_dead(address):
        return False
    token = new_token()
    with db.writing(), force_locale(lead.language if lead else "cs"):
        FreshnessLink.create(organisation=organisation, token_hash=token_hash(token), recipient=address,
                             groups=";".join(each.group for each in due), created_at=clock.now(),
                             expires_at=clock.now() + timedelta(days=LASTS_DAYS))
        subject = _("Are the facts about %(organisation)s still true?", organisation=organisation.label)
        if lead:  # a line of a digest leads to the page of the organisation: a link of one use is not kept
            mail.tell(lead, Topic.FACTS, subject, _letter(due, token), f"/book/{organisation.public_id}")
        else:
            mail.post_to(address, subject, _letter(due, token))
        journal.wrote(None, "still_true.ask", organisation.public_id)
    return True


def _lead(organisation) -> User | None:
    """The first lead whose address works."""
    leads = User.select().where(User.organisation == organisation.id, User.lead == True,  # noqa: E712
                                User.active == True, User.email.is_null(False)).order_by(User.id)  # noqa: E712
    return next((user for user in leads if not bounces.is_dead(user.email)), None)


def _letter(due, token) -> str:
    lines = "\n".join(f"- {label(each.group)}: {each.says}" for each in due)
    return "\n\n".join([
        _("People look for help by what the contact book says of you. These facts are due to be confirmed:"), lines,
        _("Look at them and confirm them with one button, without signing in:"), mail.link(f"/still-true/{token}"),
        _("Opening the link changes nothing. It works for %(days)s days and only for your organisation.",
          days=LASTS_DAYS)]) + "\n"


# Answering

@dataclass(frozen=True)
class Facts:
    """What the page of a link shows. `used`: it was confirmed already."""

    organisation: Organisation
    due: list[directory.Asked]
    services: list[Service]  # with free places, or all of them where places are due
    people: list[ContactPerson]
    used: bool

    @property
    def asks_places(self) -> bool:
        return any(each.group is FactGroup.PLACES for each in self.due)


def facts(token: str) -> Facts:
    """The facts that a link asks about. Raises Missing where the link never was, ran out or its organisation closed."""
    row = _link(token)
    groups = [FactGroup(value) for value in row.groups.split(";")]
    now = {each.group: each for each in directory.asked(row.organisation)}
    services = list(Service.select().where(Service.organisation == row.organisation_id, _goes_on(Service))
                    .order_by(Service.sort))
    people = list(ContactPerson.select().where(ContactPerson.organisation == row.organisation_id,
                                               _goes_on(ContactPerson)).order_by(ContactPerson.sort))
    return Facts(row.organisation, [now[group] for group in groups if group in now],
                 services if {FactGroup.PLACES, FactGroup.SERVICES} & set(groups) else [],
                 people if FactGroup.PEOPLE in groups else [], row.used_at is not None)


def _link(token) -> FreshnessLink:
    row = (FreshnessLink.select(FreshnessLink, Organisation).join(Organisation)
           .where(FreshnessLink.token_hash == token_hash(token), FreshnessLink.expires_at > clock.now(),
                  Organisation.state == OrganisationState.VERIFIED).first())
    if row is None:
        raise Missing
    return row


def answer(token: str, places: dict[str, str], everything: bool) -> None:
    """Sets free places `{public id of a service: what was typed}`; with `everything` confirms all that was asked.

    Raises Missing, RuleBroken where a number is none or the link was used up.
    """
    with db.writing():
        row = _link(token)
        row = db.locked(FreshnessLink.select().where(FreshnessLink.id == row.id)).get()
        if row.used_at is not None:
            raise RuleBroken(_("These facts were confirmed with this link already. Thank you."))
        _set_places(row.organisation, places)
        if everything:
            for value in row.groups.split(";"):
                directory.confirm_facts(None, row.organisation, FactGroup(value), VIA)
            FreshnessLink.update(used_at=clock.now()).where(FreshnessLink.id == row.id).execute()
        journal.wrote(None, "still_true.answer", row.organisation.public_id, ground=VIA)


def _set_places(organisation, typed: dict[str, str]):
    for service in Service.select().where(Service.organisation == organisation.id, _goes_on(Service)):
        number = _number(clean_text(typed.get(service.public_id, ""), limit=10), service)
        if number is not None and (number != service.places_free or service.places_on != clock.today()):
            records.change(None, service, {"places_free": number, "places_on": clock.today(),
                                           "capacity_state": _state(service.capacity_state, number)}, VIA)


def _number(typed, service) -> int | None:
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or int(typed) > MOST_PLACES:
        raise RuleBroken(_("Free places of %(service)s are a number, such as 2.", service=service.name),
                         f"places-{service.public_id}")
    return int(typed)


def _state(before: CapacityState, free: int) -> CapacityState:
    """No free place means full; a waiting list or an assessment stays what it was."""
    if before in {CapacityState.WAITING_LIST, CapacityState.AFTER_ASSESSMENT}:
        return before
    return CapacityState.OPEN if free else CapacityState.FULL
