"""What clients and families may search without signing in: published services of verified organisations.

A service is published by its owner and written in easy language; without those words it is not here. No people, no
clients, nothing of conditions that are written for professionals.
"""
import threading
import time
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes

from flask_babel import get_locale
from peewee import SQL, fn

import clock
from errors import Missing
from models import (
    EntryKind,
    Kind,
    Need,
    Organisation,
    OrganisationState,
    Region,
    SearchEntry,
    SearchWord,
    Service,
    ServiceNeed,
    ServiceRegion,
)
from services import leaflet
from services.search import LAST, SMALL_WORDS
from text import stem, words

PER_PAGE, MOST_WORDS = 10, 7
OFFICES = (Kind.PROBATION, Kind.MUNICIPALITY)


@dataclass(frozen=True)
class Question:
    """What is asked: typed words, a need, a region (its code)."""

    text: str = ""
    need: str = ""
    region: str = ""
    page: int = 1

    @property
    def words(self) -> list[str]:
        return list(dict.fromkeys(word[:40] for word in words(self.text) if word not in SMALL_WORDS))[:MOST_WORDS]


@dataclass(frozen=True)
class Answer:
    items: list[leaflet.Item]
    count: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PER_PAGE))


def find(question: Question, invented: bool, public_address) -> Answer:
    """A page of services, those confirmed latest first. `invented`: whether the demonstration's are among them."""
    matching = _asked(_published(invented), question)
    count = matching.count()
    page = min(question.page, max(1, -(-count // PER_PAGE)))
    rows = (matching.order_by(Service.confirmed_on.is_null(), Service.confirmed_on.desc(), Service.sort, Service.id)
            .paginate(page, PER_PAGE))
    return Answer([leaflet.item_of(row, row.organisation, public_address) for row in rows], count, page)


def one(public_id: str, invented: bool, public_address) -> leaflet.Item:
    """One published service. Raises Missing."""
    row = published(public_id, invented)
    return leaflet.item_of(row, row.organisation, public_address)


def published(public_id: str, invented: bool) -> Service:
    """The service itself, with its organisation. Raises Missing."""
    row = _published(invented).where(Service.public_id == public_id).first()
    if row is None:
        raise Missing
    return row


@dataclass(frozen=True)
class Office:
    """Whom anybody can turn to: a probation office or a municipality with a social curator."""

    name: str
    kind: Kind
    phone: str
    where: str
    web: str


def offices(region: str, invented: bool) -> list[Office]:
    """The probation offices and then the curators of a region (its code), in Czech order. They are public."""
    rows = Organisation.select().where(
        Organisation.region == region, Organisation.kind.in_(OFFICES), Organisation.state != OrganisationState.CLOSED)
    rows = rows if invented else rows.where(Organisation.invented == False)  # noqa: E712
    return [Office(row.name, row.kind, row.phone, leaflet.where(row), row.web)
            for row in rows.order_by(Organisation.kind.desc(), Organisation.sort)]


def regions() -> list[tuple[str, str]]:
    """What can be chosen: (code, name in the reader's language)."""
    name = Region.name_en if get_locale().language == "en" else Region.name
    return list(Region.select(Region.code, name).order_by(Region.code).tuples())


def _published(invented):
    query = (Service.select(Service, Organisation).join(Organisation)
             .where(Service.published == True, Service.plain != "",  # noqa: E712
                    Service.ended_on.is_null() | (Service.ended_on >= clock.today()),
                    Organisation.state == OrganisationState.VERIFIED))
    return query if invented else query.where(Organisation.invented == False)  # noqa: E712


def _asked(query, question):
    if question.need in set(Need):
        query = query.where(fn.EXISTS(ServiceNeed.select(SQL("1")).where(
            ServiceNeed.service == Service.id, ServiceNeed.need == question.need)))
    if question.region:
        query = query.where(fn.EXISTS(ServiceRegion.select(SQL("1")).where(
            ServiceRegion.service == Service.id, ServiceRegion.region == question.region)))
    for word in question.words:
        query = query.where(fn.EXISTS(SearchEntry.select(SQL("1")).join(SearchWord).where(
            SearchEntry.kind == EntryKind.SERVICE, SearchEntry.record == Service.public_id, _matches(word))))
    return query


def _matches(word):
    begins = (SearchWord.word >= word) & (SearchWord.word < word + LAST)
    return begins | (SearchWord.word == stem(word))


class Pace:
    """How often one address may ask: `most` times within `seconds`, counted in this process and kept nowhere.

    A soft brake against harvesting, not a lock: several processes count apart, and all counts begin anew together.
    """

    REMEMBERED = 20_000  # addresses

    def __init__(self, most: int, seconds: int):
        self.most, self.seconds, self.key = most, seconds, token_bytes(16)
        self.began, self.counts, self.lock = 0.0, {}, threading.Lock()

    def allows(self, address: str) -> bool:
        """Counts one request of an address; False where it was one too many."""
        digest = blake2b(address.encode(), digest_size=8, key=self.key).digest()
        with self.lock:
            now = time.monotonic()
            if now - self.began > self.seconds or len(self.counts) > self.REMEMBERED:
                self.began, self.counts = now, {}
            self.counts[digest] = self.counts.get(digest, 0) + 1
            return self.counts[digest] <= self.most
