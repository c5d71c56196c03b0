"""The rows that are published of a group of people, and who stands where in them: `{unit: column}` at a month's end.

A unit is a client; in what partners say of each other, an organisation.
"""
from bisect import bisect_left
from collections import defaultdict
from datetime import date, time

import clock
from db import Moment, database
from models import (
    MILESTONES,
    QUESTIONS,
    Barrier,
    Booking,
    BookingClient,
    BookingState,
    Client,
    FigureGroup,
    FollowUp,
    FollowUpNeed,
    Need,
    NeedState,
    PartnerView,
    PlanItem,
    Reason,
    Referral,
    RefusalReason,
    ReleaseOffer,
    Verdict,
)

WINDOW_MONTHS = 24  # observations older than this no longer count
PEOPLE, ALL = "people", "all"
# Who wants no help needs it still: a sixth column would hold too few people to be shown.
COUNTED_AS = {NeedState.DECLINED: NeedState.NEEDED}
STATES = tuple(state for state in NeedState if state not in COUNTED_AS)
# Why help was not taken: as many columns as states, so that what was tried of five holds here too.
REASON_AS = {RefusalReason.OTHER: RefusalReason.REFUSED}
REASONS = tuple(reason for reason in RefusalReason if reason not in REASON_AS)
# Why a need is stuck, the same way.
BARRIER_AS = {Barrier.SERVICES_FRAGMENTED: Barrier.NO_CAPACITY, Barrier.NO_INSIGHT: Barrier.DID_NOT_KNOW,
              Barrier.OTHER: Barrier.DID_NOT_KNOW}
BARRIERS = tuple(barrier for barrier in Barrier if barrier not in BARRIER_AS)
# Why a visit did not take place, as it is written down.
NO_SHOWS = (Reason.CLIENT_ABSENT, Reason.CLIENT_DECLINED, Reason.PRISON, Reason.ORGANISATION, Reason.OTHER)
# How far help came after release: accepted, declined, or a need is known and no answer yet. Three as in VERDICTS.
HELP = ("accepted", "declined", "no_answer")
VERDICTS = tuple(verdict for verdict in Verdict if verdict is not Verdict.NOT_APPLICABLE)
# Keys of rows of no milestone and no need
NOT_TAKEN, STUCK_ON, NOT_HELD, HELPED = (0, "not_taken"), (0, "stuck_on"), (0, "not_held"), (0, "helped")
BY_PRISON = {question: (0, f"by_prison:{question}") for question in QUESTIONS}  # what it says of organisations
OF_PRISON = {question: (0, f"of_prison:{question}") for question in QUESTIONS}  # what they say of it
OF_NEEDS = [(milestone, need) for milestone in MILESTONES for need in (PEOPLE, *Need)]


def columns_of(key) -> tuple:
    """The columns of a row."""
    if key[0]:
        return STATES
    return {NOT_TAKEN: REASONS, STUCK_ON: BARRIERS, NOT_HELD: NO_SHOWS, HELPED: HELP}.get(key, VERDICTS)


def keys_of(kind: FigureGroup) -> list[tuple]:
    """The rows of a group, in the order of its page."""
    of_prison = [HELPED, NOT_TAKEN, NOT_HELD, *BY_PRISON.values(), *OF_PRISON.values()]
    return [*(of_prison if kind is FigureGroup.PRISON else []), STUCK_ON, *OF_NEEDS]


def months_after(month: date, number: int) -> date:
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def end_of(month: date):
    """The moment a month ends."""
    return clock.at(months_after(month, 1), time(0))


class Past:
    """Everything observed of a group: read once, then asked how it stood at the end of one month and another."""

    def __init__(self, kind: FigureGroup, organisation):
        self.entries = defaultdict(list)  # (key, unit): [(moment, column)], the earliest first
        for client, milestone, need, state, barrier, when in _raw(_observations(kind, organisation)):
            self.entries[(milestone, need), client].append((when, COUNTED_AS.get(state, state)))
            self.entries[(milestone, PEOPLE), client].append((when, PEOPLE))
            if barrier:
                self.entries[STUCK_ON, client].append((when, BARRIER_AS.get(barrier, barrier)))
        self.answers = _answers(organisation) if kind is FigureGroup.PRISON else []
        self.needs = _needs(organisation) if kind is FigureGroup.PRISON else []
        if kind is FigureGroup.PRISON:
            for client, reason, when in _raw(_not_held(organisation)):
                self.entries[NOT_HELD, client].append((when, reason))
            self._add_views(BY_PRISON, PartnerView.organisation == organisation, PartnerView.about)
            self._add_views(OF_PRISON, PartnerView.about == organisation, PartnerView.organisation)

    def _add_views(self, rows, whose, unit):
        """What was said last of (or by) each organisation; what does not apply is no answer."""
        asked = [getattr(PartnerView, question) for question in QUESTIONS]
        query = PartnerView.select(unit, *asked, PartnerView.created_at).where(whose).order_by(
            PartnerView.created_at, PartnerView.id)
        for partner, *said, when in _raw(query):
            for question, verdict in zip(QUESTIONS, said, strict=True):
                if verdict != Verdict.NOT_APPLICABLE:
                    self.entries[rows[question], partner].append((when, verdict))

    def standing(self, month: date) -> dict[tuple, dict[int, str]]:
        """How everybody stood at the end of a month: row -> unit -> column, the last observation of each."""
        start, end = (Moment.db_value(None, clock.at(day, time(0))) for day in _window(month))
        found = defaultdict(dict)
        for (key, unit), seen in self.entries.items():
            last = bisect_left(seen, end, key=_when) - 1
            if last >= 0 and seen[last][0] >= start:
                found[key][unit] = seen[last][1]
        found[NOT_TAKEN] = _not_taken(self.answers, *_window(month))
        found[HELPED] = _helped(self.needs, self.answers, *_window(month))
        return found


def _window(month) -> tuple[date, date]:
    return months_after(month, 1 - WINDOW_MONTHS), months_after(month, 1)


def _when(seen):
    return seen[0]


def _raw(query):
    """The rows of a query as the database gives them: there may be a hundred thousand."""
    return database.execute_sql(*query.sql())


def _observations(kind, organisation):
    """(client, milestone, need, state, barrier, when) of people of a group, the earliest first."""
    query = (FollowUpNeed.select(FollowUp.client, FollowUp.milestone, FollowUpNeed.need, FollowUpNeed.state,
                                 FollowUpNeed.barrier, FollowUp.created_at)
             .join(FollowUp).join(Client)
             .where(Client.released_on.is_null(False), Client.erased_at.is_null(),
                    FollowUp.milestone.in_(MILESTONES), FollowUpNeed.unchanged == False)  # noqa: E712
             .order_by(FollowUp.created_at, FollowUp.id, FollowUpNeed.id))
    if kind is FigureGroup.PRISON:
        return query.where(Client.prison == organisation)
    return query.where(Client.id.in_(referred_by(organisation)), FollowUp.organisation != organisation)


def _not_held(prison):
    """(client, reason, when) of visits in a prison that did not take place, the earliest first."""
    return (BookingClient.select(BookingClient.client, Booking.reason, Booking.ends_at).join(Booking)
            .join_from(BookingClient, Client)
            .where(Booking.prison == prison, Booking.state == BookingState.NOT_HELD, Client.erased_at.is_null())
            .order_by(Booking.ends_at, Booking.id))


def referred_by(organisation):
    """Clients whom an organisation sent to a service that took them on."""
    return Referral.select(Referral.client).where(Referral.sender == organisation, Referral.accepted_at.is_null(False))


def _answers(prison) -> list[tuple]:
    """(client, accepted, reason, day) of help offered to people released from a prison, the earliest first.

    `accepted` is None where they think about it. Without what the prison wrote down itself: who knows a part of a row
    exactly could subtract it.
    """
    return list(ReleaseOffer.select(ReleaseOffer.client, ReleaseOffer.accepted, ReleaseOffer.reason,
                                    ReleaseOffer.offered_on)
                .join(Client)
                .where(Client.prison == prison, Client.released_on.is_null(False), Client.erased_at.is_null(),
                       ReleaseOffer.organisation != prison)
                .order_by(ReleaseOffer.offered_on, ReleaseOffer.id).tuples())


def _not_taken(answers, start, end) -> dict[int, str]:
    """client -> reason, of those whose last answer by the end of a month was no."""
    last = {client: None if accepted else REASON_AS.get(reason, reason)
            for client, accepted, reason, day in answers if start <= day < end and accepted is not None}
    return {client: reason for client, reason in last.items() if reason}


def _needs(prison) -> list[tuple]:
    """(client, the day) of needs that others than the prison wrote down for people whom it released."""
    query = (PlanItem.select(PlanItem.client, PlanItem.created_at).join(Client)
             .where(Client.prison == prison, Client.released_on.is_null(False), Client.erased_at.is_null(),
                    PlanItem.organisation != prison, PlanItem.need != ""))
    return [(client, clock.local(written).date()) for client, written in query.tuples()]


def _helped(needs, answers, start, end) -> dict[int, str]:
    """client -> how far help came: the last answer by the end of a month, or that there is none."""
    found = dict.fromkeys((client for client, day in needs if start <= day < end), HELP[2])
    for client, accepted, _reason, day in answers:
        if start <= day < end and (accepted is not None or client not in found):
            found[client] = {True: HELP[0], False: HELP[1]}.get(accepted, HELP[2])
    return found
