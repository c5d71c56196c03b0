"""Queries whose SQL is kept say the same as if they were written anew, for everybody, every day."""
import sqlite3
from datetime import timedelta

import pytest

import clock
import db
import policy
from models import BookingState, Evidence, EvidenceKind, Snapshot, Task, TaskKind
from services import directory, feedback, tasks, today, trust
from services.figures import reading as figures
from services.plans import verifying
from services.referrals import reading
from services.visits import on_today, recording, showing
from tests.support.acts import plan
from tests.support.cast import PEOPLE
from tests.support.visits import asked, confirmed, free
from tests.test_referrals import sent

KEPT = [  # the query and the moments it is asked with
    (feedback._due, {}), (tasks._rows, {}), (today._waiting, {"now": timedelta()}),
    (today._pulse, {"now": timedelta()}), (on_today.waiting_rows, {"now": timedelta()}),
    (on_today._coming_between, {"begin": timedelta(), "end": timedelta(days=9)}),
    (showing._upcoming, {"now": timedelta(), "begins_after": -timedelta(hours=12)}),
    (recording._to_record, {"over_by": timedelta(days=40), "since": -timedelta(days=1)}),
    (recording._of_day, {"begin": timedelta(), "end": timedelta(days=30)}),
    (on_today._of_sender, {"now": timedelta(), "live_after": -timedelta(hours=12), "since": -timedelta(days=7),
                           "begins_after": -timedelta(days=8)}),
    (reading._todays, {}), (verifying._questions, {}), (directory._own_rows, {}),
    (trust._wanting, {}), (figures._groups, {}), (figures._first, {}),
]


@pytest.mark.parametrize(("build", "moments"), KEPT, ids=[build.__qualname__ for build, _moments in KEPT])
def test_a_kept_query_answers_everybody_as_a_fresh_one(cast, sign_in, travel, build, moments):
    asked(cast.nela, cast.prison)
    confirmed(cast, slot=free(cast.prison, 9))
    sent(cast)
    item = plan(sign_in("kamila"), cast.karel, what="Má slíbené lůžko.")
    with db.writing():
        verifying._ask(cast.kamila, item, cast.prison, "Podal si žádost?")
        Evidence.create(organisation=cast.ngo, kind=next(iter(EvidenceKind)), text="Stanovy", source="web",
                        dated_on=clock.today())
        Task.create(organisation=cast.prison, owner=cast.pavel, kind=next(iter(TaskKind)), due_on=clock.today())
        Snapshot.create(organisation=cast.prison, month=clock.today().replace(day=1))
    more = {"limit": 50} if build is showing._upcoming else {}
    found = 0
    for _day in range(2):
        for name in PEOPLE:
            actor = getattr(cast, name)
            given = {key: clock.now() + span for key, span in moments.items()} | more
            fresh = [str(row) for row in build(actor, **given)]
            assert [str(row) for row in policy.ask(actor, build, **given)] == fresh, name
            found += len(fresh)
        travel.shift(86_400)
    assert found


def test_a_kept_query_of_one_leads_never_to_what_another_may_see(cast):
    asked(cast.nela, cast.prison)
    rows = {name: policy.ask(getattr(cast, name), on_today.waiting_rows, now=clock.now()) for name in PEOPLE}
    assert [row.state for row in rows["pavel"]] == [BookingState.REQUESTED]
    assert rows["strange_prison"] == [] and rows["adam"] == []


def test_a_query_that_would_keep_the_present_moment_is_refused(cast):
    with pytest.raises(ValueError, match="moment"):
        db.kept(on_today.waiting_rows, cast.pavel, clock.now())


def test_a_query_cannot_depend_on_what_its_kept_sql_does_not(cast):
    with pytest.raises(AttributeError):
        policy.ask(cast.pavel, lambda actor: policy.visible_bookings(actor) if actor.email else None)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_prepares_a_kept_query_once(engine, cast):
    """Its authorizer is asked each time a statement is prepared."""
    prepared, connection = [], db.database.connection()
    connection.set_authorizer(lambda *asked: prepared.append(asked) or sqlite3.SQLITE_OK)

    def again(run):
        run()
        before = len(prepared)
        run()
        return len(prepared) - before

    try:
        assert again(lambda: policy.ask(cast.kamila, today._pulse, now=clock.now())) == 0
        assert again(lambda: connection.execute("SELECT id FROM prompt WHERE state = ?", ["open"]).fetchall()), \
            "the control is not prepared again"
    finally:
        connection.set_authorizer(None)
