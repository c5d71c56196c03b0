"""Partners on partners: after a visit or a referral a prison says how it went with the organisation, and it with them.

Four questions, a coded reason, a few signed words. Both sides read it with the name of who wrote it, nobody else does;
the coordinator gets rounded figures (services/figures). No client is named anywhere.
"""
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

from flask_babel import gettext as _
from peewee import JOIN, SQL, fn

import clock
import db
import formats
import policy
from errors import Missing, RuleBroken
from labels import language
from models import (
    QUESTIONS,
    Booking,
    BookingState,
    Cooperation,
    CooperationState,
    Kind,
    Organisation,
    PartnerReason,
    PartnerView,
    Referral,
    ReferralState,
    Role,
    User,
    Verdict,
)
from policy import Can, may, visible_bookings, visible_referrals
from services import journal, keys
from services.cooperation.machine import state_of
from text import clean_text

ANSWER_DAYS = 30  # after the visit or the end of the referral
CORRECT_DAYS = 14  # after it was first said
OFFERED_DAYS, QUIET_DAYS = 7, 30  # Today offers it a week long, and not again of a partner within a month
LONGEST_NOTE, MOST_OFFERED, MOST_SHOWN = 300, 3, 40
SIDES = {Kind.PRISON: Kind.NGO, Kind.NGO: Kind.PRISON}  # who says it: of whom
OVER = (CooperationState.ENDED, CooperationState.DECLINED)


@dataclass(frozen=True)
class Said:
    """What one side says: a verdict by question; a reason where one is not a yes; a few words for the other side."""

    verdicts: dict[str, Verdict]
    reason: PartnerReason | None = None
    note: str = ""


WELL = Said(dict.fromkeys(QUESTIONS, Verdict.YES))


@dataclass(frozen=True)
class Occasion:
    """A visit that was held or a referral that is closed, as one of its two sides looks back at it."""

    what: str  # visit, referral
    row: Booking | Referral
    us: Organisation
    partner: Organisation
    over_on: date

    @property
    def prison(self) -> Organisation:
        return self.us if self.us.kind is Kind.PRISON else self.partner

    @property
    def views(self):
        """What was said of it, by either side, as a query."""
        column = PartnerView.booking if self.what == "visit" else PartnerView.referral
        return PartnerView.select(PartnerView, User).join(User).where(column == self.row.id)


@dataclass(frozen=True)
class View:
    """What a side said last, with who wrote it; `note` is opened."""

    row: PartnerView
    author: str
    note: str

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {question: getattr(self.row, question) for question in QUESTIONS}


@dataclass(frozen=True)
class Standing:
    """Both sides' word on one occasion; `refusal` says why the reader may not say anything (more), or nothing."""

    occasion: Occasion
    mine: View | None
    theirs: View | None
    refusal: str


def standing(actor, what: str, public_id: str) -> Standing:
    """How it went, as both sides said. Raises Missing for whom it does not concern."""
    return _standing(_occasion(actor, what, public_id))


def of_visit(actor, booking) -> Standing | None:
    """The same for the page of a visit; None where there is nothing to look back at, or not for this reader."""
    if booking.state is not BookingState.HELD or not may(actor, Can.RATE_PARTNERS):
        return None
    found = _looked_back(actor, "visit", booking)
    return _standing(found) if found else None


def of_referral(actor, referral) -> Standing | None:
    if referral.state is not ReferralState.CLOSED or not may(actor, Can.RATE_PARTNERS):
        return None
    found = _looked_back(actor, "referral", referral)
    return _standing(found) if found else None


def _standing(occasion) -> Standing:
    last = {row.organisation_id: row for row in occasion.views.order_by(PartnerView.number)}
    mine, theirs = last.get(occasion.us.id), last.get(occasion.partner.id)
    return Standing(occasion, _opened(mine, occasion.us), _opened(theirs, occasion.partner),
                    _refusal(occasion, mine) or "")


def _opened(row, organisation) -> View | None:
    return View(row, row.author.name, keys.unseal(row, "note", organisation)) if row else None


def _occasion(actor, what, public_id) -> Occasion:
    if not may(actor, Can.RATE_PARTNERS):
        raise Missing(public_id)
    query = (visible_bookings(actor).where(Booking.public_id == public_id, Booking.state == BookingState.HELD)
             if what == "visit" else visible_referrals(actor).where(
                 Referral.public_id == public_id, Referral.state == ReferralState.CLOSED))
    row = query.first()
    found = row and _looked_back(actor, what, row)
    if not found:
        raise Missing(public_id)
    return found


def _looked_back(actor, what, row) -> Occasion | None:
    """The occasion from the actor's side; None where the two are not a prison and an organisation."""
    two = (row.prison, row.organisation) if what == "visit" else (row.sender, row.receiver)
    ended = row.ends_at if what == "visit" else row.closed_at
    us = next((each for each in two if each and each.id == actor.organisation_id), None)
    partner = next((each for each in two if each and each.id != actor.organisation_id), None)
    if us is None or partner is None or SIDES.get(us.kind) is not partner.kind:
        return None
    return Occasion(what, row, us, partner, clock.local(ended).date())


def _refusal(occasion, mine) -> str | None:
    """Why nothing can be said now, or nothing."""
    if _has_ended(occasion):
        return _("The co-operation has ended. What was said stands, nothing more can be said.")
    until = _first_said_on(occasion) + timedelta(days=CORRECT_DAYS) if mine else \
        occasion.over_on + timedelta(days=ANSWER_DAYS)
    if clock.today() <= until:
        return None
    day = formats.day(until, language=language())
    return _("It could be corrected until %(day)s.", day=day) if mine else \
        _("It could be said until %(day)s.", day=day)


def _first_said_on(occasion) -> date:
    first = occasion.views.where(PartnerView.organisation == occasion.us, PartnerView.number == 1).get()
    return clock.local(first.created_at).date()


def _has_ended(occasion) -> bool:
    """Whether the two do not work together any more. A referral needs no co-operation, so there may be none."""
    other = occasion.partner if occasion.prison is occasion.us else occasion.us
    row = Cooperation.get_or_none(Cooperation.organisation == other, Cooperation.prison == occasion.prison)
    return row is not None and state_of(row) in OVER


def say(actor, what: str, public_id: str, said: Said) -> None:
    """Writes down how it went, or a new version of it; the same again changes nothing. Raises Missing, RuleBroken."""
    with db.writing():
        db.hold(_LOCK, crc32(public_id.encode()) >> 1)
        occasion = _occasion(actor, what, public_id)
        before = _standing(occasion)
        if before.refusal:
            raise RuleBroken(before.refusal)
        note = clean_text(said.note, lines=False, limit=LONGEST_NOTE)
        _check(said)
        if before.mine and (before.mine.verdicts, before.mine.row.reason, before.mine.note) == (
                said.verdicts, said.reason, note):
            return
        _keep(actor, occasion, before.mine, said, note)


_LOCK = 606  # of saying something of one occasion, so that an organisation says it once


def _check(said):
    if said.reason is None and {Verdict.PARTLY, Verdict.NO} & set(said.verdicts.values()):
        raise RuleBroken(_("Choose a reason, so that the other side can do something about it."), field="reason")


def _keep(actor, occasion, mine, said, note):
    row = PartnerView(organisation=occasion.us, about=occasion.partner, author=actor.id,
                      number=mine.row.number + 1 if mine else 1, reason=said.reason, created_at=clock.now(),
                      **{"booking" if occasion.what == "visit" else "referral": occasion.row.id}, **said.verdicts)
    row.note = keys.seal(row, "note", note, occasion.us)
    row.save(force_insert=True)
    journal.wrote(actor, "partners.correct" if mine else "partners.say", row.public_id,
                  parts=",".join([*QUESTIONS, *(name for name in ("reason", "note") if getattr(row, name))]))


# The course, for the two

@dataclass(frozen=True)
class Turn:
    """One line of the course: whose word on which occasion."""

    view: View
    by: Organisation
    occasion: str
    visit: str  # public id, where it was a visit


def course(actor, row: Cooperation) -> list[Turn] | None:
    """What the two said of each other, the newest first; None for who is neither of them."""
    two = {row.prison_id: row.prison, row.organisation_id: row.organisation}
    if not may(actor, Can.RATE_PARTNERS) or actor.organisation_id not in two:
        return None
    later = PartnerView.alias()
    replaced = later.select().where(later.organisation == PartnerView.organisation, later.number > PartnerView.number,
                                    (later.booking == PartnerView.booking) | (later.referral == PartnerView.referral))
    query = (PartnerView.select(PartnerView, User, Booking, Referral).join(User)
             .join_from(PartnerView, Booking, JOIN.LEFT_OUTER).join_from(PartnerView, Referral, JOIN.LEFT_OUTER)
             .where(PartnerView.organisation.in_(list(two)), PartnerView.about.in_(list(two)), ~fn.EXISTS(replaced))
             .order_by(PartnerView.created_at.desc(), PartnerView.id.desc()).limit(MOST_SHOWN))
    return [_turn(each, two[each.organisation_id]) for each in query]


def _turn(row, by) -> Turn:
    about = row.booking or row.referral
    return Turn(_opened(row, by), by, about.number, row.booking.public_id if row.booking_id else "")


# Today: an offer, never a nag

@dataclass(frozen=True)
class Offered:
    public_id: str
    number: str
    ended_on: date
    partner: str


def stirs(actor) -> list:
    """A query that tells whether `today` has anything."""
    return [_offered(actor)] if may(actor, Can.RATE_PARTNERS) else []


def _offered(actor):
    """Visits held in the last days with a partner of whom nothing was said lately; found by the visits."""
    ours, theirs = ((Booking.prison, Booking.organisation) if actor.role is Role.PRISON else
                    (Booking.organisation, Booking.prison))
    lately = PartnerView.select(1).where(
        PartnerView.organisation == actor.organisation_id, PartnerView.about == theirs,
        PartnerView.created_at >= db.beginning_of(clock.today() - timedelta(days=QUIET_DAYS)))
    return visible_bookings(actor).where(
        ours == actor.organisation_id, Booking.state == BookingState.HELD,
        Booking.starts_at >= db.beginning_of(clock.today() - timedelta(days=OFFERED_DAYS)),
        fn.EXISTS(Organisation.select(SQL("1")).where(Organisation.id == theirs, Organisation.kind.in_(list(SIDES)))),
        ~fn.EXISTS(lately))


def _offered_rows(actor):
    theirs = Booking.organisation if actor.role is Role.PRISON else Booking.prison
    return (_offered(actor).select(Booking.public_id, Booking.number, Booking.ends_at, Organisation.id,
                                   Organisation.short_name, Organisation.name)
            .join(Organisation, on=(theirs == Organisation.id)).order_by(Booking.starts_at.desc(), Booking.id.desc())
            .limit(50).tuples())


def today(actor) -> list[Offered]:
    """One visit with each partner, the newest, that could be looked back at in one tap."""
    if not may(actor, Can.RATE_PARTNERS):
        return []
    newest = {}
    for public_id, number, ends_at, partner, short, name in policy.ask(actor, _offered_rows):
        newest.setdefault(partner, Offered(public_id, number, clock.local(ends_at).date(), short or name))
    return list(newest.values())[:MOST_OFFERED]
