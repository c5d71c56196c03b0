"""Unmet needs of regions: frozen, rounded, one person once; snapshots and shares; nothing exact leaves them."""
from datetime import UTC, date, datetime

import pytest

import db
from errors import Missing, RuleBroken
from models import (
    Barrier,
    Client,
    FollowUp,
    FollowUpNeed,
    Need,
    NeedState,
    Reached,
    Referral,
    ReferralEvent,
    ReferralNeed,
    ReferralReason,
    ReferralState,
    UnmetCell,
    UnmetSnapshot,
)
from services import figures
from services.coverage import unmet
from services.figures import SMALL

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def lacks(cast):
    """Writes people of Středočeský who lacked housing in October: how many, and what their referral ended with."""
    def write(count, state=ReferralState.DECLINED, reason=ReferralReason.CAPACITY, month=10, need=Need.HOUSING):
        with db.writing():
            return [_referred(cast, state, reason, datetime(2026, month, 10, 9, tzinfo=UTC), need)
                    for _number in range(count)]
    return write


def _referred(cast, state, reason, at, need):
    number = Client.select().count()
    client = Client.create(code=f"U{number}", recorded_by=cast.municipality, region="CZ020", prison=cast.prison)
    row = Referral.create(number=f"U{number}", request_key=f"U{number}", client=client, sender=cast.municipality,
                          author=cast.kamila, receiver=cast.ngo, state=state, region="CZ020",
                          reason=reason if state == "declined" else None)
    ReferralNeed.create(referral=row, need=need)
    event(row, state, at, reason if state == "declined" else "")
    return row


def event(row, state, at, reason=""):
    ReferralEvent.create(referral=row, at=at, event="x", new_state=state, reason=reason)


def stuck(cast, client, barrier, at, state=NeedState.STUCK):
    with db.writing():
        entry = FollowUp.create(client=client, organisation=cast.municipality, author=cast.kamila, milestone=30,
                                request_key=f"{client.id}{at}", reached=Reached.IN_PERSON, created_at=at)
        FollowUpNeed.create(follow_up=entry, need=Need.HOUSING, state=state, barrier=barrier)


def housing(cast, need=Need.HOUSING):
    return unmet.latest(cast.parta).rows["CZ020"][need]


def test_declined_unanswered_and_waiting_are_counted_and_rounded(cast, lacks):
    lacks(7)
    lacks(6, ReferralState.UNANSWERED)
    lacks(8, ReferralState.WAITING)
    lacks(11, reason=ReferralReason.CONDITIONS)
    assert unmet.freeze() > 0 and unmet.freeze() == 0
    row = housing(cast)
    assert row.total == 30 and row.states == (10, 5, 5, 10, SMALL)
    assert dict(zip(unmet.CAUSES, row.states, strict=True))[unmet.CONDITION] == 10
    assert {cell.shown for cell in UnmetCell.select()} <= {SMALL, 5, 10, 30}


def test_one_person_is_never_shown_and_none_looks_like_one(cast, lacks):
    lacks(1)
    unmet.freeze()
    assert housing(cast).total == SMALL == housing(cast, Need.WORK).total


def test_who_was_taken_on_later_lacks_nothing(cast, lacks):
    rows = lacks(9)
    with db.writing():
        for row in rows[:4]:
            event(row, ReferralState.ACCEPTED, datetime(2026, 10, 20, tzinfo=UTC))
    unmet.freeze()
    assert housing(cast).total == 5


def test_a_stuck_need_counts_by_its_barrier_and_one_person_once(cast, lacks):
    for row in lacks(12):
        stuck(cast, row.client, Barrier.CONDITION_CANNOT_BE_MET, datetime(2026, 10, 15, tzinfo=UTC))
    for row in lacks(5):
        stuck(cast, row.client, None, datetime(2026, 10, 16, tzinfo=UTC), NeedState.MET)
    assert sorted(cause for cause in unmet._standing(unmet._known(), "CZ020", OCTOBER)[Need.HOUSING].values()) == \
        [unmet.CONDITION] * 12
    unmet.freeze()
    assert housing(cast).total == 10


def test_an_erased_person_and_a_month_that_is_not_over_are_not_counted(cast, lacks):
    rows = lacks(6)
    with db.writing():
        Client.update(erased_at=datetime(2026, 11, 1, tzinfo=UTC)).where(
            Client.id.in_([row.client_id for row in rows[:2]])).execute()
    with pytest.raises(RuleBroken):
        unmet.freeze(date(2026, 11, 1))
    unmet.freeze()
    assert housing(cast).total == SMALL


def test_fewer_than_five_changes_change_nothing(cast, lacks, travel, figure):
    lacks(10)
    unmet.freeze()
    before = housing(cast)
    travel.move_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    lacks(4, month=11)
    assert unmet.freeze() > 0 and UnmetSnapshot.select().where(UnmetSnapshot.region == "CZ020").count() == 2
    differ = int(housing(cast) != before)
    travel.move_to(datetime(2027, 1, 2, 9, tzinfo=UTC))
    lacks(5, month=12)
    unmet.freeze()
    assert housing(cast).total == 20
    figure("fig-K3 unmet needs: months that differ by up to four people and show it", differ, "rows", n=4,
           control=housing(cast) != before and "five more show in the third month")


def test_every_row_that_is_shown_passes_the_attack_of_published_figures(cast, lacks, figure):
    for count, state in ((7, ReferralState.DECLINED), (3, ReferralState.WAITING), (9, ReferralState.UNANSWERED)):
        lacks(count, state)
        lacks(count, state, need=Need.WORK)
    unmet.freeze()
    rows = [row for of_region in unmet.latest(cast.kora).rows.values() for row in of_region.values()]
    told = [row for row in rows if row.states and figures.tells_too_much(list(row.states), row.total)]
    control = figures.tells_too_much([10, 10, 10, 10, SMALL], 30)
    exact = [cell.shown for cell in UnmetCell.select() if cell.shown != SMALL and cell.shown % 5]
    figure("fig-K1 unmet needs: exact small cells and rows that tell too much", len(told) + len(exact), "cells",
           n=len(rows), control=control and "nothing held back: a row that tells too much")


def test_who_does_not_see_unmet_needs_gets_none(cast):
    for actor in (cast.adam, cast.karel_user):
        with pytest.raises(Missing):
            unmet.latest(actor)
        with pytest.raises(Missing):
            unmet.page(actor)


def test_the_page_and_the_file_have_the_same_rounded_numbers(cast, sign_in, lacks):
    lacks(7)
    unmet.freeze()
    parta = sign_in("parta")
    assert "Spočteno ke konci" in parta.get("/coverage/unmet").text
    file = parta.get("/coverage/unmet.csv").body.decode("utf-8-sig")
    assert "dohromady;5;" in file and ";7;" not in file and "méně než 5" in file
    assert "nenaplněno: 5" in parta.get("/coverage/regions").text.replace("\xa0", " ")
