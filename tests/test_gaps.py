"""Gaps in coverage: every state, event and person; what opens by itself; what a meeting sees; who is told."""
import contextlib
from datetime import timedelta
from itertools import product

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Area,
    Confidence,
    Form,
    Gap,
    GapEvent,
    GapReason,
    GapState,
    Need,
    Outbox,
    PrisonWork,
    Service,
    TargetGroup,
)
from services import coverage, search_index, today
from services.coverage import Event, gap_machine, gaps
from services.coverage.gaps import Asked

STATES = [None, *GapState]
OPEN = {"found", "taken", "in_work"}
ACTORS = ["pavel", "patrik", "petra", "kamila", "klara", "nela", "nora", "parta", "kora", "adam", "karel_user"]
OWNER, STAFF = "nora", set(ACTORS) - {"adam", "karel_user"}
HELD, CLOSED = ("taken", "in_work"), ("solved", "not_possible")
# written by hand from the design, not from the table: (state, event) -> (state, who); the cell has something
MAY = {
    (None, "report"): ("found", STAFF), ("found", "take"): ("taken", STAFF), ("found", "assign"): ("taken", {"kora"}),
    ("found", "amend"): ("found", STAFF), ("found", "solve"): ("solved", {"kora"}),
    ("found", "give_up"): ("not_possible", {"kora"}),
    ("taken", "begin"): ("in_work", {OWNER, "kora"}),
    **{(old, "assign"): (old, {"kora"}) for old in HELD}, **{(old, "amend"): (old, {OWNER, "kora"}) for old in HELD},
    **{(old, "give_back"): ("found", {OWNER, "kora"}) for old in HELD},
    **{(old, "solve"): ("solved", {OWNER, "kora"}) for old in HELD},
    **{(old, "give_up"): ("not_possible", {OWNER, "kora"}) for old in HELD},
    **{(old, "reopen"): ("found", STAFF) for old in CLOSED},
    **{(old, "report"): ("found", STAFF) for old in CLOSED},  # reported again is opened again
}


class Undo(Exception):
    """Takes back all that a try has written."""


@pytest.fixture
def where(app, cast):
    return coverage.in_prison(cast.kora, cast.prison.public_id, Area.DEBTS)


def in_state(cast, where, state):
    with db.writing():
        if state is None:
            return None
        held = state in HELD
        return Gap.create(cell=where.key, prison=cast.prison, area=Area.DEBTS, state=GapState(state),
                          owner=cast.user(OWNER) if held else None, due_on=clock.today() if held else None,
                          reason=GapReason.NO_MONEY if state == "not_possible" else None, opened_by=cast.kora)


def work(cast, **values):
    with db.writing():
        row = PrisonWork.create(**{"slug": "dluhy", "organisation": cast.ngo, "prison": cast.prison,
                                   "activity": "Dluhy", "areas": "debts", "form": Form.ON_SITE,
                                   "confidence": Confidence.CONFIRMED, **values})
        search_index.reindex(cast.ngo.id)
    return row


def act(actor, where, row, event):
    asked = Asked("zkusit jinde", None, clock.today() + timedelta(days=9), GapReason.NO_MONEY)
    if event == "report":
        return gaps.report(actor, where, Asked("zkusit jinde"))
    if event == "assign":
        asked = Asked(owner=actor.public_id, due_on=asked.due_on)
    return gaps.advance(actor, row.public_id if row else "x" * 22, Event(event), asked)


def differing(cast, where, cells):
    """The cells (state, event, name) that are answered otherwise than MAY says, and how many were allowed."""
    differ, allowed = [], 0
    for state, event, name in cells:
        actor = cast.user(name) if name != "karel_user" else cast.karel_user
        to, who = MAY.get((state, event.value), (None, set()))
        with contextlib.suppress(Undo), db.writing():
            row = in_state(cast, where, state)
            try:
                found = act(actor, where, row, event.value).state.value
            except (Missing, RuleBroken):
                found = None
            allowed += found is not None
            if found != (to if name in who else None):
                differ.append((state, event.value, name, found))
            raise Undo
    return differ, allowed


def test_every_state_event_and_person(app, cast, where, figure, monkeypatch):
    work(cast)
    cells = list(product(STATES, Event, ACTORS))
    differ, allowed = differing(cast, where, cells)
    assert differ == [] and allowed == sum(len(who) for _to, who in MAY.values())
    without = [each for each in gap_machine.TRANSITIONS if each.event is not Event.TAKE]
    monkeypatch.setattr(gap_machine, "TRANSITIONS", without)
    control, _allowed = differing(cast, where, [cell for cell in cells if cell[1] is Event.TAKE])
    figure("gaps: answers that differ from the design", len(differ), "cells", n=len(cells),
           control=control and f"without the lines of taking a gap: {len(control)}")


def test_it_is_solved_only_when_something_runs_there(cast, where):
    row = gaps.report(cast.nora, where, Asked("Poradna", cast.nora.public_id, clock.today()))
    assert (row.state, row.owner_id) == (GapState.TAKEN, cast.nora.id)
    with pytest.raises(RuleBroken, match="Nic tam"):
        gaps.advance(cast.nora, row.public_id, Event.SOLVE, Asked())
    work(cast)
    assert gaps.advance(cast.nora, row.public_id, Event.SOLVE, Asked()).state is GapState.SOLVED


def test_it_opens_by_itself_when_the_cell_turns_empty_again_and_not_before(cast, where, travel):
    last = work(cast, until_on=clock.today() + timedelta(days=5))
    solved = gaps.report(cast.nora, where, Asked("", cast.nora.public_id, clock.today()))
    gaps.advance(cast.nora, solved.public_id, Event.SOLVE, Asked())
    never = gaps.report(cast.kora, coverage.in_prison(cast.kora, cast.prison.public_id, Area.EDUCATION), Asked(""))
    gaps.advance(cast.kora, never.public_id, Event.GIVE_UP, Asked(reason=GapReason.NO_MONEY))
    assert gaps.watch() == 0
    travel.move_to(cast.now + timedelta(days=6))
    assert last.until_on < clock.today() and gaps.watch() == 1 and gaps.watch() == 0
    assert {row.cell: row.state for row in Gap.select()} == {
        solved.cell: GapState.FOUND, never.cell: GapState.NOT_POSSIBLE}
    assert Gap.get(Gap.cell == solved.cell).owner_id is None
    told = {mail.user.name for mail in Outbox.select() if "znovu" in mail.subject}
    assert told == {cast.kora.name, cast.nora.name}, "who had it and the coordinator"
    assert GapEvent.select().where(GapEvent.event == "reopen", GapEvent.actor.is_null()).count() == 1


def test_what_was_not_possible_opens_too_once_it_was_filled(cast, where, travel):
    row = gaps.report(cast.kora, where, Asked(""))
    gaps.advance(cast.kora, row.public_id, Event.GIVE_UP, Asked(reason=GapReason.NO_PROVIDER))
    last = work(cast, until_on=clock.today() + timedelta(days=2))
    assert gaps.watch() == 0 and Gap.get().filled
    travel.move_to(cast.now + timedelta(days=3))
    assert last.prison_id == cast.prison.id and gaps.watch() == 1 and Gap.get().state is GapState.FOUND


def test_of_two_who_report_one_cell_the_second_is_told(cast, where):
    gaps.report(cast.nora, where, Asked("Poradna"))
    with pytest.raises(RuleBroken, match="nahlásil"):
        gaps.report(cast.petra, where, Asked("Jiná poradna"))
    assert Gap.select().count() == 1 and Gap.get().proposal == "Poradna"


def test_of_two_who_change_one_gap_the_second_loses_nothing(cast, where):
    row = gaps.report(cast.nora, where, Asked("Poradna"))
    gaps.advance(cast.nora, row.public_id, Event.AMEND, Asked("Poradna v pátek", version=row.version))
    with pytest.raises(RuleBroken, match="mezitím"):
        gaps.advance(cast.petra, row.public_id, Event.AMEND, Asked("Poradna v úterý", version=row.version))
    assert Gap.get().proposal == "Poradna v pátek"


def test_an_owner_needs_a_day_and_only_the_coordinator_names_somebody_else(cast, where):
    day = clock.today() + timedelta(days=30)
    for actor, owner, due_on, word in ((cast.nora, cast.nora, None, "dokdy"),
                                       (cast.nora, cast.nela, day, "koordinátor"),
                                       (cast.kora, cast.adam, day, "seznamu"),
                                       (cast.kora, cast.nela, clock.today() - timedelta(days=1), "den")):
        with pytest.raises(RuleBroken, match=word):
            gaps.report(actor, where, Asked("", owner.public_id, due_on))
    assert Gap.select().count() == 0
    assert gaps.report(cast.kora, where, Asked("", cast.nela.public_id, day)).owner_id == cast.nela.id
    assert [mail.user_id for mail in Outbox.select()] == [cast.nela.id]


def test_a_meeting_sees_the_open_gaps_of_its_region(cast, where):
    gaps.report(cast.nora, where, Asked("Poradna"))
    here = coverage.in_region(cast.kora, "CZ020", Need.HOUSING, TargetGroup.ADDICTION)
    gaps.report(cast.nora, here, Asked("Byty"))
    assert {row.proposal for row in gaps.open_of(["CZ020"])} == {"Poradna", "Byty"}
    assert gaps.open_of(["CZ010"]) == [] and len(gaps.open_of()) == 2
    assert gaps.open_of(["CZ020"], since=clock.today() + timedelta(days=1)) == []


def test_today_shows_ones_own_gaps_and_the_coordinator_those_of_nobody(cast, where, sign_in):
    gaps.report(cast.kora, where, Asked("Poradna", cast.nora.public_id, clock.today()))
    gaps.report(cast.nora, coverage.in_prison(cast.nora, cast.prison.public_id, Area.EDUCATION), Asked(""))
    shown = {name: dict(today.page(cast.user(name)).sections).get("coverage") for name in ("nora", "kora", "nela")}
    assert [row.proposal for row, _name in shown["nora"].mine] == ["Poradna"] and shown["nora"].free == 0
    assert shown["kora"].free == 1 and shown["nela"] is None
    assert "Poradna" in sign_in("nora").get("/").text


def test_what_ended_in_a_region_counts_as_empty(cast):
    here = coverage.in_region(cast.kora, "CZ020", Need.HEALTH)
    assert coverage.cells([here])[0].state == coverage.EMPTY
    with db.writing():
        Service.create(organisation=cast.ngo, slug="s", name="S", sort="s", confidence=Confidence.CONFIRMED)
    assert coverage.cells([here])[0].state == coverage.EMPTY
