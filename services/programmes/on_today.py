"""What of programmes waits for somebody today."""
from dataclasses import dataclass
from datetime import date

import clock
from models import Participant, ParticipantState, Programme, ProgrammeState
from policy import Can, ask, may, now_of, visible_participants, visible_programmes
from services.programmes import people, places


@dataclass(frozen=True)
class Ends:
    """A programme whose end is near: what is still missing."""

    public_id: str
    name: str
    ends_on: date
    late: bool
    plan: bool
    successor: bool


@dataclass(frozen=True)
class Today:
    ends: list[Ends]
    first_in_line: list[Programme]  # somebody waits and a place is free
    to_offer: list[Programme]  # who finished was not offered the next one yet


def stirs(actor) -> list:
    """Queries that tell whether `today` has anything."""
    if not may(actor, Can.SEE_PROGRAMMES):
        return []
    mine = [_with_waiting(actor), _with_offers(actor)] if _keeps(actor) else []
    return [_ending(actor), *mine]


def _keeps(actor) -> bool:
    return may(actor, Can.RUN_PROGRAMMES) and may(actor, Can.OPEN_CLIENTS)


def today(actor, some_end=True, some_wait=True, some_finished=True) -> Today | None:
    """What waits, each list in one query; a list that is said to have nothing is not asked for."""
    rows = ask(actor, _ending_rows) if some_end and may(actor, Can.SEE_PROGRAMMES) else []
    ends = [Ends(row.public_id, row.name, row.ends_on, row.ends_on < clock.today(), bool(row.continuity),
                 row.successor_id is not None) for row in rows]
    line = [row for row in ask(actor, _waiting_rows) if places.left(row, row.taken, row.held) != 0] \
        if some_wait and _keeps(actor) else []
    offers = ask(actor, _offer_rows) if some_finished and _keeps(actor) else []
    return Today(ends, line, offers) if ends or line or offers else None


def _waiting_rows(actor):
    return _with_waiting(actor).select(Programme, places.TAKEN.alias("taken"),
                                       places.held_at(now_of(actor)).alias("held"))


def _offer_rows(actor):
    after = Programme.alias()
    return _with_offers(actor).select(Programme, after).join_from(
        Programme, after, on=(Programme.leads_to == after.id), attr="leads_to")


def _ending_rows(actor):
    return _ending(actor).order_by(Programme.ends_on)


def _ending(actor):
    """Programmes near their end that lack something: one's own, or anybody's for the coordinator."""
    lacks = (Programme.continuity == "") | Programme.successor.is_null() | (Programme.ends_on < clock.today())
    rows = visible_programmes(actor).where(Programme.state == ProgrammeState.ENDING, lacks)
    return rows if may(actor, Can.VERIFY_ORGANISATIONS) else rows.where(Programme.kept_by == actor.organisation_id)


def _own(actor, *conditions):
    return visible_programmes(actor).where(
        Programme.kept_by == actor.organisation_id, Programme.state.in_(people.OPEN),
        Programme.id.in_(visible_participants(actor).select(Participant.programme).where(*conditions)))


def _with_waiting(actor):
    return _own(actor, Participant.state == ParticipantState.WAITING)


def _with_offers(actor):
    return _own(actor, Participant.state == ParticipantState.FINISHED, Participant.next_offered_on.is_null()).where(
        Programme.leads_to.is_null(False))
