"""The leaflet: what a person gathers in the contact book, on one A4 page for one client or for the notice board.

A leaflet says only what is written for clients: easy language, telephone, address. How large its type is follows from
how much stands on it; the arithmetic is on the safe side, so that what fits here fits on paper.
"""
import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _
from peewee import JOIN

import clock
import db
import formats
from errors import Missing, RuleBroken
from exporters import qr
from models import FactGroup, JobOffer, Organisation, Service, ShortlistEntry
from policy import Can, may, visible_organisations
from services import freshness, journal

MOST = 12  # on a shortlist


class Purpose(enum.StrEnum):
    PERSON = "person"
    BOARD = "board"


@dataclass(frozen=True)
class Item:
    """One service, offer of a job or organisation as a leaflet tells of it. `qr` is None where there is no address."""

    record: str
    organisation_id: str  # public
    name: str
    organisation: str  # empty where the item is the organisation itself
    plain: str
    phone: str
    email: str
    where: str
    web: str
    address: str  # what the code leads to
    qr: qr.Code | None
    checked_on: date | None  # when it was last confirmed; None where that no longer holds
    invented: bool
    over: bool  # ended, or of an organisation that was closed: it takes no room on paper

    @property
    def typed_web(self) -> str:
        """The address as it is typed: without what a browser puts before it."""
        return self.web.removeprefix("https://").removeprefix("http://").rstrip("/")


# The shortlist

def shortlist(actor, public_address: Callable[[str], str | None] = lambda record: None) -> list[Item]:
    """What the actor has gathered, in the order of gathering. `public_address(record)`: its page for everybody."""
    query = (ShortlistEntry.select(ShortlistEntry, Organisation, Service, JobOffer).join(Organisation)
             .join_from(ShortlistEntry, Service, JOIN.LEFT_OUTER)
             .join_from(ShortlistEntry, JobOffer, JOIN.LEFT_OUTER, attr="offer",
                        on=(JobOffer.public_id == ShortlistEntry.record))
             .where(ShortlistEntry.user == actor.id,
                    Organisation.id.in_(visible_organisations(actor).select(Organisation.id)))
             .order_by(ShortlistEntry.id))
    return [offer_item(row.offer, row.organisation) if getattr(row, "offer", None) else
            item_of(row.service if row.service_id else None, row.organisation, public_address) for row in query]


def item_of(service, organisation, public_address) -> Item:
    """The item of a service, or (None) of an organisation."""
    about, today = service or organisation, clock.today()
    address = (public_address(about.public_id) if is_public(service, organisation) else None) or organisation.web
    return Item(
        record=about.public_id, organisation_id=organisation.public_id, name=about.name,
        organisation=organisation.name if service else "", plain=service.plain if service else "",
        phone=organisation.phone, email=organisation.email, where=where(organisation), web=organisation.web,
        address=address, qr=qr.code(address) if address else None, checked_on=_checked_on(service, today),
        invented=organisation.invented,
        over=organisation.state == "closed" or bool(service and service.ended_on and service.ended_on < today))


def offer_item(offer, organisation) -> Item:
    """The item of an offer of a job: how to apply stands in the words of the offer."""
    until = _("until %(day)s", day=formats.day(offer.until_on, language=get_locale().language))
    said = [offer.text, offer.pay, offer.conditions, offer.contact, until]
    return Item(
        record=offer.public_id, organisation_id=organisation.public_id, name=offer.title,
        organisation=organisation.name, plain="\n".join(filter(None, said)), phone=organisation.phone,
        email=organisation.email, where=offer.place or where(organisation), web=organisation.web,
        address=organisation.web, qr=qr.code(organisation.web) if organisation.web else None, checked_on=None,
        invented=organisation.invented, over=organisation.state == "closed" or offer.until_on < clock.today())


def is_public(service, organisation) -> bool:
    """Whether clients and families may find a service without signing in: the owner has published it in easy words."""
    return bool(service and service.published and service.plain and organisation.state == "verified")


def where(organisation) -> str:
    """The address of an organisation on one line."""
    return ", ".join(filter(None, (organisation.street, f"{organisation.postal_code} {organisation.city}".strip())))


def _checked_on(service, today):
    if service is None:
        return None
    state = freshness.state(FactGroup.SERVICES, service.confidence, service.confirmed_on, today)
    return service.confirmed_on if state != "stale" else None


def add(actor, record: str) -> str:
    """Puts a service, an offer of a job or an organisation on the actor's shortlist; returns its name.

    Raises Missing, RuleBroken.
    """
    with db.writing():
        service = Service.select().where(Service.public_id == record).first()
        offer = JobOffer.select().where(JobOffer.public_id == record, JobOffer.until_on >= clock.today()).first()
        part = service or offer
        owner = Organisation.id == part.organisation_id if part else Organisation.public_id == record
        organisation = visible_organisations(actor).where(owner).first()
        if organisation is None:
            raise Missing
        gathered = [row.record for row in ShortlistEntry.select().where(ShortlistEntry.user == actor.id)]
        if record not in gathered:
            if len(gathered) >= MOST:
                raise RuleBroken(_("There are %(most)s on your leaflet already. Take something away first.", most=MOST))
            ShortlistEntry.create(user=actor.id, organisation=organisation, service=service, record=record)
            journal.wrote(actor, "leaflet.add", record)
        return offer.title if offer else (service or organisation).name


def remove(actor, record: str) -> None:
    """Takes one item off the actor's shortlist. Raises Missing."""
    with db.writing():
        mine = (ShortlistEntry.user == actor.id) & (ShortlistEntry.record == record)
        if not ShortlistEntry.delete().where(mine).execute():
            raise Missing
        journal.wrote(actor, "leaflet.remove", record)


def clear(actor) -> None:
    """Empties the actor's shortlist."""
    if not may(actor, Can.SEE_BOOK):
        raise Missing
    with db.writing():
        if ShortlistEntry.delete().where(ShortlistEntry.user == actor.id).execute():
            journal.wrote(actor, "leaflet.clear")


# The sheet. Lengths in mm but for type, which is in points.

@dataclass(frozen=True)
class Sheet:
    """A page that fits on A4. `points`: size of its type."""

    items: list[Item]
    greeting: str
    purpose: Purpose
    points: int
    printed_on: date


POINTS = {Purpose.BOARD: (28, 24, 21, 18, 16, 14, 13, 12), Purpose.PERSON: (18, 16, 14, 13, 12)}
MM_A_POINT = 0.3528
PAGE_HEIGHT, PAGE_WIDTH = 297 - 2 * 20, 210 - 2 * 20  # inside margins of 20 mm, as ČSN asks of letters
LINE, QR_SIDE, GAP = 1.3, 30, 5  # height of a line in ems; side of a code; between text and code
FOOT_EMS = 6.5  # what stands under the items: how to read a code, when it was printed
ITEM_EMS = 1.2  # around an item
# widths of letters in ems, none narrower than it is in our type, bold or not
WIDE, CAPITAL, OTHER = 1.05, 0.74, 0.62
WIDE_SIGNS = frozenset("mwMWÆŒ@%‰—…&–")


def sheet(items: list[Item], greeting: str, purpose: Purpose) -> Sheet:
    """The page in the largest type that fits. Raises RuleBroken where it is empty or does not fit at all."""
    items = [item for item in items if not item.over]
    if not items:
        raise RuleBroken(_("There is nothing on the leaflet yet. Add services or organisations in the contact book."))
    for points in POINTS[purpose]:
        if height(items, greeting, points) <= PAGE_HEIGHT:
            return Sheet(items, greeting, purpose, points, clock.today())
    raise RuleBroken(_("This is more than one page holds. Take something away, or shorten the opening words. "
                       "Items that fit: %(count)s.", count=_fitting(items, greeting)))


def _fitting(items, greeting) -> int:
    """How many of the items, from the first, fit in the smallest type that anybody is to read."""
    smallest = min(POINTS[Purpose.PERSON])
    return sum(height(items[:many + 1], greeting, smallest) <= PAGE_HEIGHT for many in range(len(items)))


def height(items: list[Item], greeting: str, points: int) -> float:
    """How high the page is at most."""
    em = points * MM_A_POINT
    head = (_lines(_("Who will help you"), 1.8, PAGE_WIDTH / em) * 1.8 * LINE + 1
            + _lines(greeting, 1, PAGE_WIDTH / em) * LINE + (1 if greeting else 0))
    foot = FOOT_EMS + (LINE if any(item.invented for item in items) else 0)
    return (head + foot) * em + sum(_item_height(item, em) for item in items)


def _item_height(item, em) -> float:
    width = (PAGE_WIDTH - QR_SIDE - GAP) / em
    lines = [(item.name, 1.2), (item.organisation, 1), (item.plain, 1), (item.phone or item.email, 1.3),
             (item.where, 1), (item.typed_web, 1)]
    text = sum(_lines(text, size, width) * size * LINE for text, size in lines)
    return max(text * em, QR_SIDE if item.qr else 0) + ITEM_EMS * em


def _lines(text: str, size: float, width: float) -> int:
    """How many lines a text takes at most; `width` in ems of the page, `size` of the text in them."""
    return sum(_lines_of_paragraph(paragraph, width / size) for paragraph in text.split("\n")) if text else 0


def _lines_of_paragraph(paragraph, width) -> int:
    lines, left = 1, width
    for word in paragraph.split(" "):
        long = sum(map(_width, word))
        if long > left and left < width:
            lines, left = lines + 1, width
        while long > left:  # broken inside
            lines, long, left = lines + 1, long - left + 2 * WIDE, width
        left -= long + OTHER / 2
    return lines


def _width(sign: str) -> float:
    if sign in WIDE_SIGNS or (ord(sign) > 0x24F and not 0x2000 <= ord(sign) <= 0x206F):
        return WIDE
    return CAPITAL if sign.isupper() else OTHER
