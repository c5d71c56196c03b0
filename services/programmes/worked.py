"""That a programme worked: what it reached, how people fare who finished it, who speaks for it.

The file is meant for people outside, so its numbers of people are those of the last frozen month for everybody.
"""
from dataclasses import dataclass
from datetime import time

from flask_babel import gettext as _
from peewee import fn

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Endorsement,
    FollowUp,
    FollowUpNeed,
    Need,
    Organisation,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeMonth,
    ProgrammeOutcome,
    ProgrammePartner,
    ProgrammeSession,
    ProgrammeSite,
    ProgrammeState,
    User,
)
from policy import visible_programmes
from services import figures, journal
from services.figures.rows import COUNTED_AS
from services.programmes import numbers
from text import clean_text

LONGEST = 1500


@dataclass(frozen=True)
class Worked:
    """`outcomes`: (need, numbers by figures.STATES or None where held back, people)."""

    programme: Programme
    month: ProgrammeMonth | None
    targets: list[numbers.Counted]
    sessions: dict[bool, tuple[int, int]]  # of groups (True) and single people: how many, hours
    outcomes: list[tuple[Need, tuple[int, ...] | None, int]]
    partners: list[ProgrammePartner]
    sites: list[ProgrammeSite]
    endorsements: list[Endorsement]
    may_endorse: bool
    own_words: str


def worked(actor, public_id: str) -> Worked:
    """The file of one programme. Raises Missing."""
    row = visible(actor, public_id)
    spoken = list(Endorsement.select(Endorsement, Organisation, User).join_from(Endorsement, Organisation)
                  .left_outer_join(User, on=(Endorsement.author == User.id), attr="author")
                  .where(Endorsement.programme == row).order_by(Organisation.sort))
    mine = next((each.text for each in spoken if each.organisation_id == actor.organisation_id), "")
    return Worked(row, numbers.whole(row), numbers.published(row, numbers.tree(row)), _sessions(row), _outcomes(row),
                  partners_of(row), sites_of(row), spoken, may_endorse(actor, row), mine)


def visible(actor, public_id: str) -> Programme:
    found = visible_programmes(actor).where(Programme.public_id == public_id).first()
    if found is None:
        raise Missing(public_id)
    return found


def partners_of(row) -> list[ProgrammePartner]:
    return list(ProgrammePartner.select(ProgrammePartner, Organisation).left_outer_join(Organisation)
                .where(ProgrammePartner.programme == row).order_by(ProgrammePartner.id))


def sites_of(row) -> list[ProgrammeSite]:
    return list(ProgrammeSite.select(ProgrammeSite, Organisation).left_outer_join(Organisation)
                .where(ProgrammeSite.programme == row).order_by(Organisation.sort, ProgrammeSite.town))


def _sessions(row):
    held = ProgrammeSession.recorded_at.is_null(False)
    rows = ProgrammeSession.select(ProgrammeSession.group, fn.COUNT(ProgrammeSession.id),
                                   fn.SUM(ProgrammeSession.minutes)).where(
        ProgrammeSession.programme == row, held).group_by(ProgrammeSession.group).tuples()
    return {group: (count, round(minutes / 60)) for group, count, minutes in rows}


def _outcomes(row):
    last = ProgrammeOutcome.select(fn.MAX(ProgrammeOutcome.month)).where(ProgrammeOutcome.programme == row)
    found = {}
    for each in ProgrammeOutcome.select().where(ProgrammeOutcome.programme == row, ProgrammeOutcome.month == last):
        found.setdefault(each.need, {})[each.state] = each.shown
    return [(need, tuple(shown[state] for state in figures.STATES) if figures.STATES[0] in shown else None,
             shown[figures.ALL]) for need, shown in sorted(found.items(), key=lambda each: list(Need).index(each[0]))]


# Endorsements

def may_endorse(actor, row: Programme) -> bool:
    """Another organisation that signs in may speak for a programme; not who runs it."""
    return actor.organisation_id is not None and actor.organisation_id != row.kept_by_id \
        and row.state is not ProgrammeState.PREPARING


def to_endorse(actor, public_id: str) -> Worked:
    """The same file, for who may speak for it. Raises Missing."""
    found = worked(actor, public_id)
    if not found.may_endorse:
        raise Missing(public_id)
    return found


def endorse(actor, public_id: str, text: str) -> Endorsement:
    """The actor's organisation says that a programme worked; written again it replaces. Raises Missing, RuleBroken."""
    with db.writing():
        row = visible(actor, public_id)
        if not may_endorse(actor, row):
            raise Missing(public_id)
        text = clean_text(text, lines=True, limit=LONGEST)
        if not text:
            raise RuleBroken(_("Write in a few sentences what worked."), field="text")
        (Endorsement.insert(programme=row, organisation=actor.organisation_id, author=actor.id, text=text)
         .on_conflict(conflict_target=[Endorsement.programme, Endorsement.organisation],
                      update={Endorsement.text: text, Endorsement.author: actor.id, Endorsement.at: clock.now()})
         .execute())
        journal.wrote(actor, "programme.endorse", row.public_id, parts="text")
        return Endorsement.get(Endorsement.programme == row, Endorsement.organisation == actor.organisation_id)


def to_take_back(actor, public_id: str) -> Worked:
    """The file before the actor's organisation takes its words back. Raises Missing where it has said nothing."""
    found = worked(actor, public_id)
    if not found.own_words:
        raise Missing(public_id)
    return found


def take_back(actor, public_id: str) -> None:
    """Takes the words of the actor's organisation back. Raises Missing."""
    with db.writing():
        row = visible(actor, public_id)
        if not Endorsement.delete().where(Endorsement.programme == row,
                                          Endorsement.organisation == actor.organisation_id).execute():
            raise Missing(public_id)
        journal.wrote(actor, "programme.endorse", row.public_id, parts="text")


# Outcomes, frozen with the month

def freeze_outcomes(row: Programme, month) -> None:
    """How those fare who finished, by need, as of the end of a month. Inside `db.writing()`."""
    standing = _standing(row, month)
    before = _rows(row)
    thens = {since: _standing(row, since) for since in {each.since for each in before.values()}}
    cells = []
    for need in Need:
        old = before.get(need)
        then = thens[old.since].get(need, {}) if old else {}
        shown = figures.next_row(old, then, standing.get(need, {}), month, figures.STATES)
        if shown.total > 0:  # fewer than five say nothing of a programme
            cells += _cells(row, month, need, shown)
    if cells:
        ProgrammeOutcome.insert_many(cells).execute()


def _cells(row, month, need, shown):
    by_state = dict(zip(figures.STATES, shown.states, strict=True)) if shown.states else {}
    return [{"programme": row.id, "month": month, "since": shown.since, "need": need, "state": str(state),
             "shown": number} for state, number in {figures.ALL: shown.total, **by_state}.items()]


def _rows(row) -> dict:
    """need -> the row published last."""
    last = ProgrammeOutcome.select(fn.MAX(ProgrammeOutcome.month)).where(ProgrammeOutcome.programme == row)
    found = {}
    for each in ProgrammeOutcome.select().where(ProgrammeOutcome.programme == row, ProgrammeOutcome.month == last):
        found.setdefault(each.need, {})[each.state] = each
    return {need: figures.Row(tuple(cells[state].shown for state in figures.STATES)
                              if figures.STATES[0] in cells else None, cells[figures.ALL].shown,
                              cells[figures.ALL].since) for need, cells in found.items()}


def _standing(row, month) -> dict[Need, dict[int, str]]:
    """need -> client -> state, the last observation by the end of a month of each who had finished by then."""
    last = numbers.last_day(month)
    finished = Participant.select(Participant.client).where(
        Participant.programme == row, Participant.state == ParticipantState.FINISHED, Participant.ended_on <= last)
    seen = (FollowUpNeed.select(FollowUp.client, FollowUpNeed.need, FollowUpNeed.state).join(FollowUp)
            .where(FollowUp.client.in_(finished), FollowUpNeed.unchanged == False,  # noqa: E712
                   FollowUp.created_at < clock.at(numbers.day_after(last), time(0)))
            .order_by(FollowUp.created_at, FollowUp.id).tuples())
    standing = {}
    for client, need, state in seen:
        standing.setdefault(need, {})[client] = COUNTED_AS.get(state, state)
    return standing
