"""The offer inbox: what NGOs and companies offer to prisons, without an account, by one form.

The coordinator sorts: duplicates, unregistered and commercial ones are marked, what lacks something goes back to its
sender by a link. Prisons see only what was passed on, as a list of each week, and one mail a week tells of it.
"""
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import identifiers
from crypto import ALPHABET, new_token, token_hash
from errors import Missing, RuleBroken
from labels import label
from models import (
    Area,
    Attempt,
    Kind,
    Offer,
    OfferEvent,
    OfferReason,
    OfferState,
    Organisation,
    OrganisationState,
    RegisterRecord,
    Role,
    Sender,
    Topic,
    User,
)
from policy import NOBODY, Can, may
from services import journal, keys, mail
from services.slots import is_working_day
from text import clean_text, fold, sort_key

RECEIVED, INCOMPLETE, CHECKED = OfferState.RECEIVED, OfferState.INCOMPLETE, OfferState.CHECKED
PASSED_ON, PUT_OFF, REJECTED = OfferState.PASSED_ON, OfferState.PUT_OFF, OfferState.REJECTED
SENDER, COORDINATOR = "sender", "coordinator"

# (from, event) -> (to, who). Nothing leads out of passed on and rejected; what is plainly of no use need not be checked
TRANSITIONS = {
    (RECEIVED, "check"): (CHECKED, COORDINATOR),
    (RECEIVED, "ask"): (INCOMPLETE, COORDINATOR),
    (RECEIVED, "reject"): (REJECTED, COORDINATOR),
    (INCOMPLETE, "complete"): (RECEIVED, SENDER),
    (INCOMPLETE, "reject"): (REJECTED, COORDINATOR),
    (CHECKED, "pass_on"): (PASSED_ON, COORDINATOR),
    (CHECKED, "ask"): (INCOMPLETE, COORDINATOR),
    (CHECKED, "put_off"): (PUT_OFF, COORDINATOR),
    (CHECKED, "reject"): (REJECTED, COORDINATOR),
    (PUT_OFF, "check"): (CHECKED, COORDINATOR),
    (PUT_OFF, "reject"): (REJECTED, COORDINATOR),
}
EVENTS = ("check", "pass_on", "ask", "put_off", "reject")  # of the coordinator
NEEDS = {"ask": "missing", "put_off": "put_off_until", "reject": "reason"}  # what an event cannot do without
OPEN = (RECEIVED, INCOMPLETE, CHECKED, PUT_OFF)
LONGEST = {"name": 200, "contact": 200, "email": 254, "phone": 40, "what": 3000, "for_whom": 500, "place": 200,
           "cost": 200, "message": 2000, "missing": 1000}
REQUIRED = ("name", "contact", "what", "for_whom")
COMMERCIAL = re.compile(r"\b(s\s*r\s*o|a\s*s|v\s*o\s*s|k\s*s)\b")  # legal forms in a folded name
FROM_ONE_PLACE, WITHIN = 5, timedelta(minutes=15)
FROM_ONE_ADDRESS, FROM_EVERYBODY = 3, 200  # in a day
PER_PAGE = 50
WEEK = timedelta(days=7)


# Sending

def new_request_key() -> str:
    """Names one form, so that one sent twice is one offer."""
    return new_token()


def prisons() -> list[Organisation]:
    """Prisons that an offer can be for."""
    return list(Organisation.select(Organisation.public_id, Organisation.name).where(
        Organisation.kind == Kind.PRISON, Organisation.state != OrganisationState.CLOSED).order_by(Organisation.sort))


def send(values: dict, request_key: str, address: str) -> Offer:
    """Takes an offer in; one without a company number waits at once for its sender. Raises RuleBroken.

    `values` are the fields of the form: sender, name, ico, contact, email, phone, what, areas, for_whom, prison (a
    public id), place, cost. `address` is where it comes from, for the brake.
    """
    fields = _clean(values)
    key = keys.fingerprint("offer", request_key)
    if sent := Offer.get_or_none(Offer.request_key == key):
        return sent
    token = new_token()
    with db.writing():
        _brake(address, fields["email"])
        offer = Offer.create(number=_number(), request_key=key, token_hash=token_hash(token), created_at=clock.now(),
                             **fields, **_first_state(fields))
        _remember(offer, None, "send", "", "")
        _tell_sender(offer, token)
        journal.wrote(None, "offer.send", offer.public_id)
        return offer


def _clean(values) -> dict:
    """The fields as they are kept. Raises RuleBroken beside the field that is wrong."""
    kept = {name: clean_text(values.get(name, ""), lines=name in {"what"}, limit=limit)
            for name, limit in LONGEST.items() if name not in {"message", "missing"}}
    for name in REQUIRED:
        if not kept[name]:
            raise RuleBroken(_("Fill in this field."), name)
    ico, email = identifiers.company_number(clean_text(values.get("ico", ""))), identifiers.email(kept["email"])
    if ico is None:
        raise RuleBroken(_("This company number (IČO) cannot be right: it has eight digits and its last one checks the "
                           "others."), "ico")
    if not email:
        raise RuleBroken(_("Enter an e-mail address such as jana@example.org."), "email")
    areas = [area for area in Area if area.value in set(values.get("areas") or ())]
    if not areas:
        raise RuleBroken(_("Choose at least one area."), "areas")
    return {**kept, "ico": ico, "email": email.lower(), "areas": ";".join(areas), "sender": Sender(values["sender"]),
            "fold": fold(kept["name"]), "prison": _prison(values.get("prison", ""))}


def _prison(public_id) -> Organisation | None:
    return Organisation.get_or_none(Organisation.public_id == public_id, Organisation.kind == Kind.PRISON)


def _first_state(fields) -> dict:
    if fields["ico"]:
        return {"state": RECEIVED}
    return {"state": INCOMPLETE, "missing": _("the company number (IČO)")}


def _number() -> str:
    return "N" + "".join(secrets.choice(ALPHABET) for _sign in range(6))


def _brake(address, email):
    """At most so many offers from one place, to one address of mail, and in a day from everybody."""
    place, now = keys.fingerprint("offer from", address), clock.now()
    tries = Attempt.select().where(Attempt.subject == place, Attempt.at > now - WITHIN).count()
    lately = Offer.select().where(Offer.created_at > now - timedelta(days=1))
    if tries >= FROM_ONE_PLACE or lately.count() >= FROM_EVERYBODY \
            or lately.where(Offer.email == email).count() >= FROM_ONE_ADDRESS:
        raise RuleBroken(_("Too many offers have come from you or at once. Try it again tomorrow."))
    Attempt.create(subject=place, at=clock.now())


def _tell_sender(offer, token):
    with force_locale("cs"):
        lines = [_("Thank you. Your offer has the number %(number)s.", number=offer.number)]
        if offer.state is INCOMPLETE:
            lines.append(_("It lacks: %(what)s. Prisons get it when it is complete.", what=offer.missing))
        lines += [_("Here you see how it stands, and complete it:"), mail.link(f"/offers/mine/{token}")]
        mail.post_to(offer.email, _("Your offer to prisons %(number)s", number=offer.number), "\n\n".join(lines) + "\n")


def of_link(token: str) -> Offer:
    """The offer of a sender's link. Raises Missing."""
    row = (Offer.select(Offer, Organisation).join(Organisation, JOIN.LEFT_OUTER)
           .where(Offer.token_hash == token_hash(token)).first())
    if row is None:
        raise Missing
    return row


def values_of(offer: Offer) -> dict:
    """The fields of an offer as its form has them."""
    names = ("name", "ico", "contact", "email", "phone", "what", "for_whom", "place", "cost")
    kept = {name: getattr(offer, name) for name in names}
    return {**kept, "sender": offer.sender.value, "areas": offer.areas.split(";"),
            "prison": offer.prison.public_id if offer.prison_id else ""}


def complete(token: str, values: dict) -> Offer:
    """The sender completes an offer that waits for them. Raises Missing, RuleBroken."""
    fields = _clean(values)
    if not fields["ico"]:
        raise RuleBroken(_("The company number (IČO) is missing. Prisons ask for it first."), "ico")
    with db.writing():
        offer = db.locked(Offer.select().where(Offer.token_hash == token_hash(token))).first()
        if offer is None:
            raise Missing
        Offer.update(**fields, missing="").where(Offer.id == offer.id).execute()
        return _go(None, Offer.get_by_id(offer.id), "complete", SENDER)


# Sorting

def decide(actor, public_id: str, event: str, reason: OfferReason | None = None, missing: str = "", message: str = "",
           put_off_until: date | None = None) -> Offer:
    """The coordinator takes an offer along one of TRANSITIONS. Raises Missing, RuleBroken."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    given = {"reason": reason, "missing": clean_text(missing, limit=LONGEST["missing"]),
             "put_off_until": put_off_until}
    needed = NEEDS.get(event)
    if needed and not given[needed]:
        raise RuleBroken(_("Fill in this field."), needed)
    if event == "put_off" and put_off_until <= clock.today():
        raise RuleBroken(_("Choose a day that is to come."), "put_off_until")
    with db.writing():
        offer = db.locked(Offer.select().where(Offer.public_id == public_id)).first()
        if offer is None:
            raise Missing
        columns = {needed: given[needed]} if needed else {}
        columns["message"] = clean_text(message, lines=True, limit=LONGEST["message"]) or offer.message
        if event == "pass_on":
            columns["passed_on"] = clock.today()
        return _go(actor, offer, event, COORDINATOR, **columns)


def _go(actor, offer, event, who, **columns) -> Offer:
    to, allowed = TRANSITIONS.get((offer.state, event), (None, None))
    if to is None or allowed != who:
        raise RuleBroken(_("Somebody has decided about this offer in the meantime. See how it stands now."))
    before, offer.state, offer.decided_by = offer.state, to, getattr(actor, "id", None)
    for name, value in columns.items():
        setattr(offer, name, value)
    token = new_token() if event == "ask" else None  # the link of the first mail is kept nowhere: a new one goes out
    offer.token_hash = token_hash(token) if token else offer.token_hash
    offer.save()
    _remember(offer, actor, event, before, columns.get("reason") or "")
    if token:
        _tell_sender(offer, token)
    elif event == "reject":
        _tell_rejected(offer)
    journal.wrote(actor, f"offer.{event}", offer.public_id, parts=",".join(columns))
    return offer


def _tell_rejected(offer):
    with force_locale("cs"):
        lines = [_("Your offer %(number)s is not passed on to prisons: %(reason)s.", number=offer.number,
                   reason=label(offer.reason)), offer.message]
        mail.post_to(offer.email, _("Your offer to prisons %(number)s", number=offer.number),
                     "\n\n".join(filter(None, lines)) + "\n")


def _remember(offer, actor, event, before, reason):
    OfferEvent.create(offer=offer, actor=getattr(actor, "id", None), event=event, old_state=before,
                      new_state=offer.state.value, reason=reason, at=clock.now())


@dataclass(frozen=True)
class Sorted:
    """An offer and what there is to know before it is decided, `marks` a sentence each."""

    offer: Offer
    marks: list[str]
    known: list[Organisation]  # in the book, with the same company number or name
    events: list[str]
    history: list[OfferEvent]


def waiting(actor) -> list[Sorted]:
    """Offers that are not decided, the oldest first, with their marks. Raises Missing for all but the coordinator."""
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        raise Missing
    rows = Offer.select().where(Offer.state.in_(OPEN)).order_by(Offer.created_at, Offer.id).limit(PER_PAGE)
    return _sorted(list(rows))


def one(actor, public_id: str) -> Sorted:
    """An offer as the actor may see it: the coordinator any, a prison what was passed on to it. Raises Missing."""
    row = visible_offers(actor).where(Offer.public_id == public_id).first()
    if row is None:
        raise Missing
    if not may(actor, Can.VERIFY_ORGANISATIONS):
        return Sorted(row, [], _sorted([row])[0].known, [], [])
    history = list(OfferEvent.select(OfferEvent, User).join(User, JOIN.LEFT_OUTER)
                   .where(OfferEvent.offer == row.id).order_by(OfferEvent.id))
    return replace(_sorted([row])[0], history=history)


def visible_offers(actor):
    """Offers: the coordinator's all; a prison's those passed on to it or to all prisons."""
    offers = Offer.select(Offer, Organisation).join(Organisation, JOIN.LEFT_OUTER)
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return offers
    if not may(actor, Can.SEE_OFFERS):
        return offers.where(Offer.id.is_null())
    return offers.where(Offer.state == PASSED_ON, _for(actor.organisation_id))


def _for(prison):
    return Offer.prison.is_null() | (Offer.prison == prison)


def _sorted(rows: list[Offer]) -> list[Sorted]:
    """Offers with their marks, in three queries however many they are. Names of the book are compared to the letter."""
    numbers, names = {row.ico for row in rows if row.ico}, {sort_key(row.name) for row in rows}
    book = list(Organisation.select().where(
        Organisation.ico.in_(numbers) | Organisation.sort.in_(names), Organisation.state != OrganisationState.CLOSED)
        .order_by(Organisation.sort))
    same_sender = Offer.ico.in_(numbers) | Offer.fold.in_({row.fold for row in rows})
    others = list(Offer.select().where(same_sender, Offer.state != REJECTED).order_by(Offer.id))
    registered = {ico for ico, in RegisterRecord.select(RegisterRecord.ico).where(
        RegisterRecord.ico.in_(numbers)).distinct().tuples()}
    found = []
    for row in rows:
        known = [each for each in book if (row.ico and each.ico == row.ico) or each.sort == sort_key(row.name)]
        same = [each for each in others if each.id < row.id
                and ((row.ico and each.ico == row.ico) or each.fold == row.fold)]
        marks = _marks(row, same, bool(known) or row.ico in registered)
        found.append(Sorted(row, list(marks), known, _events(row), []))
    return found


def _events(offer) -> list[str]:
    return [event for (state, event), (_to, who) in TRANSITIONS.items() if state is offer.state and who == COORDINATOR]


def _marks(offer, same: list[Offer], is_known: bool) -> Iterator[str]:
    """`same` are earlier offers of the same sender, by company number or name, that were not rejected."""
    if same:
        yield _("perhaps a duplicate of %(numbers)s", numbers=", ".join(other.number for other in same[:5]))
    if not offer.ico:
        yield _("without a company number (IČO)")
    elif not is_known:
        yield _("not registered: neither the book nor the register of social services knows this company number")
    if offer.sender is Sender.COMPANY or COMMERCIAL.search(" ".join(re.findall(r"\w+", offer.fold))):
        yield _("commercial")


# The weekly list

@dataclass(frozen=True)
class Week:
    begins: date  # a Monday
    offers: list[Offer]


def weeks(actor) -> list[Week]:
    """Offers passed on to the actor's prison (of the coordinator: to any), by weeks, the newest first."""
    found: dict[date, list] = {}
    rows = visible_offers(actor).where(Offer.state == PASSED_ON).order_by(Offer.passed_on.desc(), Offer.id.desc())
    for offer in rows.limit(PER_PAGE):
        found.setdefault(offer.passed_on - timedelta(days=offer.passed_on.weekday()), []).append(offer)
    return [Week(begins, offers) for begins, offers in found.items()]


def digest() -> int:
    """On the first working day of a week tells prisons what was passed on to them; returns how many mails went."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    if not is_working_day(today) or any(is_working_day(monday + timedelta(days=n)) for n in range(today.weekday())):
        return 0
    with db.writing():
        untold = Offer.select().where(Offer.state == PASSED_ON, Offer.digested_at.is_null()).order_by(Offer.id)
        fresh = list(db.locked(untold))
        mails = sum(_tell_prison(lead, fresh) for lead in _leads()) if fresh else 0
        Offer.update(digested_at=clock.now()).where(Offer.id.in_([offer.id for offer in fresh])).execute()
        return mails


def _leads():
    return User.select(User, Organisation).join(Organisation).where(
        User.role == Role.PRISON, User.lead == True, User.active == True,  # noqa: E712
        Organisation.state == OrganisationState.VERIFIED).order_by(User.id)


def _tell_prison(lead, offers) -> bool:
    mine = [offer for offer in offers if offer.prison_id in {None, lead.organisation_id}]
    if not mine:
        return False
    with force_locale(lead.language):
        opening = ngettext("%(num)d new offer for your prison was checked and passed on:",
                           "%(num)d new offers for your prison were checked and passed on:", len(mine))
        lines = "\n".join(f"- {offer.name}: {clean_text(offer.what, limit=100)}" for offer in mine)
        mail.tell(lead, Topic.OFFERS, _("Offers of this week"), f"{opening}\n\n{lines}\n\n{mail.link('/offers')}\n",
                  "/offers")
    return True


# Today

@dataclass(frozen=True)
class Today:
    """`waiting` for the coordinator, by what has to be done; `new` for a prison: passed on in the last seven days."""

    waiting: int
    back: int  # put off until today
    new: int
    coordinates: bool


def today(actor, *counts) -> Today | None:
    """How many offers of each kind; `counts` of the queries of `stirs`, which are asked where they are not told."""
    if not may(actor, Can.SEE_OFFERS):
        return None
    counts = counts or [each.query.count() for each in stirs(actor)]
    return Today(*counts, may(actor, Can.VERIFY_ORGANISATIONS)) if any(counts) else None


def stirs(actor) -> list:
    """Offers to sort, those put off until today, those passed on to the actor's prison lately."""
    return [db.HowMany(Offer.select().where(each)) for each in _wanted(actor)] if may(actor, Can.SEE_OFFERS) else []


def _wanted(actor):
    """Conditions of the three counts of Today."""
    day = clock.today()
    if may(actor, Can.VERIFY_ORGANISATIONS):
        return [Offer.state.in_((RECEIVED, CHECKED)), (Offer.state == PUT_OFF) & (Offer.put_off_until <= day), NOBODY]
    return [NOBODY, NOBODY, (Offer.state == PASSED_ON) & _for(actor.organisation_id) & (Offer.passed_on > day - WEEK)]
