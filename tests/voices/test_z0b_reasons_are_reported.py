"""Z0b: people do not look for help for lack of insight, services, capacity or information."""
import csv
import io
from datetime import date, timedelta

import pytest

import clock
import db
from models import Booking, BookingClient, Client, RefusalReason, ReleaseOffer, Snapshot, SnapshotCell
from services import figures
from services.figures import ALL, NOT_TAKEN, REASONS, SMALL, STATES
from tests.support.acts import file_of, leaves_in
from tests.support.visits import confirmed

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def said_no(cast):
    """`said_no(count, reason)` makes people released from Pavel's prison who said no on a day of October."""
    def say(count, reason, organisation=None, on=date(2026, 10, 10), **columns):
        with db.writing():
            people = [_released(cast, on, **columns) for _number in range(count)]
            for client in people:
                answer(cast, client, reason, on, organisation)
            return people
    return say


def _released(cast, on, **columns):
    return Client.create(code=f"Z{Client.select().count()}", prison=cast.prison, recorded_by=cast.municipality,
                         released_on=on - timedelta(days=5), **columns)


def answer(cast, client, reason, on, organisation=None):
    ReleaseOffer.create(client=client, organisation=organisation or cast.municipality, actor=cast.kamila,
                        offered_on=on, accepted=reason is None, reason=reason)


def frozen(cast) -> dict:
    row = figures.table(cast.pavel, 30).not_taken
    return {**dict(zip(REASONS, row.states or [None] * len(REASONS), strict=True)), ALL: row.total}


def test_z0b_a_refusal_has_its_reason_and_reasons_are_reported(cast, sign_in, said_no, travel):
    said_no(11, RefusalReason.NO_INSIGHT, on=date(2026, 11, 10))
    said_no(4, RefusalReason.DID_NOT_KNOW, on=date(2026, 11, 10))
    said_no(6, RefusalReason.NO_CAPACITY, on=date(2026, 11, 10))
    leaves_in(cast.karel, -1, released=True)
    kamila, where = sign_in("kamila"), f"{file_of(cast.karel)}/offer"
    no = {"said": "no", "reason": "", "again_on": ""}
    assert kamila.post(where, no, page=where).status == 422, "a no without its reason"
    assert kamila.post(where, {**no, "reason": "no_insight"}, page=where).status == 303
    travel.move_to(clock.at(date(2026, 12, 1), clock.now().time()))
    figures.freeze()
    assert frozen(cast) == {"no_insight": 10, "no_service": SMALL, "no_capacity": 5, "did_not_know": SMALL,
                            "refused": SMALL, ALL: 20}
    pavel = sign_in("pavel")
    page = pavel.get("/figures?day=90")
    shown = [cell.text.replace("\xa0", " ") for cell in page.page.all("td")][-6:]
    rows = list(csv.reader(io.StringIO(pavel.get("/figures.csv?day=90").body.decode("utf-8-sig")), delimiter=";"))
    assert rows[-1][1:-1] == shown == ["10", "< 5", "5", "< 5", "< 5", "20"]
    assert "Proč pomoc nebyla přijata" in page.text
    assert "Proč pomoc nebyla přijata" not in sign_in("kamila").get("/figures").text


def test_z0b_a_visit_to_which_nobody_came_has_its_reason_and_reasons_are_reported(cast, sign_in, travel):
    booking = confirmed(cast)
    with db.writing():
        clients = [Client.create(code=f"N{number}", prison=cast.prison, recorded_by=cast.prison,
                                 released_on=cast.today - timedelta(days=9)) for number in range(13)]
        others = [Booking.create(**{**booking.__data__, "id": None, "public_id": f"{number:022}",
                                    "number": f"b{number}", "request_key": f"b{number}"}) for number in range(13)]
        for client, visit in zip(clients, others, strict=True):
            BookingClient.create(booking=visit, client=client)
    travel.move_to(booking.ends_at + timedelta(hours=1))
    pavel = sign_in("pavel")
    where = "/day/{:022}/record".format
    assert pavel.post(where(0), {"held": "no", "reason": ""}, page=where(0)).status == 422
    for number in range(13):
        reason = "client_absent" if number < 7 else "client_declined"
        assert pavel.post(where(number), {"held": "no", "reason": reason}).status == 303
    travel.move_to(clock.at(date(2027, 1, 2), clock.now().time()))
    figures.freeze(date(2026, 11, 1)), figures.freeze(date(2026, 12, 1))
    row = figures.table(cast.kora, 30, cast.prison.public_id).not_held
    assert dict(zip(figures.NO_SHOWS, row.states, strict=True)) == {
        "client_absent": 5, "client_declined": 5, "prison": SMALL, "organisation": SMALL, "other": SMALL}
    assert row.total == 15
    assert "Proč se návštěvy nekonaly" in sign_in("pavel").get("/figures").text


def test_the_reasons_have_as_many_columns_as_were_attacked():
    assert len(REASONS) == len(figures.NO_SHOWS) == len(figures.BARRIERS) == len(STATES)
    assert set(REASONS) | set(figures.REASON_AS) == set(RefusalReason)


def test_another_reason_counts_as_not_wanted_and_who_said_yes_in_the_end_does_not_count(cast, said_no):
    people = said_no(6, RefusalReason.OTHER) + said_no(12, RefusalReason.NO_SERVICE)
    said_no(6, RefusalReason.REFUSED)
    with db.writing():
        for client in people[6:12]:
            answer(cast, client, None, date(2026, 10, 20))
    figures.freeze(OCTOBER)
    assert (frozen(cast)["refused"], frozen(cast)["no_service"], frozen(cast)[ALL]) == (10, 5, 20)


def test_what_the_prison_knows_itself_the_erased_and_another_month_are_left_out(cast, said_no):
    said_no(9, RefusalReason.REFUSED, organisation=cast.prison)
    said_no(9, RefusalReason.REFUSED, erased_at=clock.now())
    said_no(9, RefusalReason.REFUSED, on=date(2026, 11, 2))
    said_no(9, RefusalReason.REFUSED, on=date(2024, 9, 30))
    figures.freeze(OCTOBER)
    assert set(frozen(cast).values()) == {SMALL}


def test_all_of_one_reason_are_held_back(cast, said_no):
    said_no(12, RefusalReason.NO_INSIGHT)
    figures.freeze(OCTOBER)
    assert set(frozen(cast).values()) == {None, 10}


def test_an_eighth_person_does_not_show_until_five_came(cast, said_no, travel):
    said_no(7, RefusalReason.NO_INSIGHT), said_no(7, RefusalReason.NO_SERVICE)
    figures.freeze(OCTOBER)
    before = frozen(cast)
    said_no(1, RefusalReason.NO_INSIGHT, on=date(2026, 11, 20))
    travel.move_to(clock.at(date(2026, 12, 1), clock.now().time()))
    figures.freeze()
    assert frozen(cast) == before
    said_no(4, RefusalReason.NO_INSIGHT, on=date(2026, 12, 5))
    travel.move_to(clock.at(date(2027, 1, 1), clock.now().time()))
    figures.freeze()
    assert frozen(cast)["no_insight"] == 10


def test_a_month_frozen_before_reasons_were_counted_is_shown_without_them(cast, sign_in, said_no):
    said_no(6, RefusalReason.NO_INSIGHT)
    figures.freeze(OCTOBER)
    with db.writing():
        SnapshotCell.delete().where(SnapshotCell.need == NOT_TAKEN[1]).execute()
    assert Snapshot.select().count() and figures.table(cast.pavel, 30).not_taken is None
    pavel = sign_in("pavel")
    assert (pavel.get("/figures").status, pavel.get("/figures.csv").status) == (200, 200)
