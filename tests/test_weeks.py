"""A prison's week and day, an NGO's month, how much a week a prison gives, and what was agreed at most."""
from datetime import date, time, timedelta

import pytest

import clock
import db
from errors import RuleBroken
from models import Booking, Closure, Cooperation, JointDay, PrisonProfile, Window
from services import slots, visits
from services.visits import Event, budget
from tests.support.queries import counted
from tests.support.visits import asked, confirmed, free

CHRISTMAS = date(2026, 12, 21)  # the Monday of its week


@pytest.fixture
def pavel(sign_in):
    return sign_in("pavel")


# The week and the day of a prison

def test_the_week_is_tables_with_captions_and_scopes(pavel, cast):
    confirmed(cast)
    page = pavel.get("/visits").page
    table = page.all("table")[0]
    assert page.inside(table, "caption")[0].text == "Schůzky, středa 25. listopadu 2026"
    assert all(each["scope"] in {"col", "row"} for each in page.inside(table, "th"))
    assert "7 volných míst" in page.text


def test_holidays_and_closures_stand_in_the_week_by_name(pavel, cast):
    with db.writing():
        Closure.create(prison=cast.prison, place=cast.place, from_at=clock.at(CHRISTMAS, time(8)),
                       until_at=clock.at(CHRISTMAS, time(10)), reason="školení <b>")
    text = pavel.get(f"/visits?week={CHRISTMAS}").text
    assert "Svátek: Štědrý den." in text and "Svátek: 1. svátek vánoční." in text
    assert "Zavřeno 21. 12. 2026, 8:00–10:00, Návštěvní místnost: školení <b>" in text


def test_holidays_have_english_names_in_english(pavel, cast):
    pavel.post("/language", {"language": "en"})
    assert "Christmas Eve" in pavel.get(f"/visits?week={CHRISTMAS}").text


def test_a_day_has_its_visits_and_what_is_free(pavel, cast):
    confirmed(cast)
    page = pavel.get("/visits?day=2026-11-25").page
    rows = [row.text for row in page.all("tr")][1:]
    assert len(rows) == 5 and rows[0].startswith("9:00–9:30 ") and "potvrzena" in " ".join(rows[:2])
    assert sum("volno" in row for row in rows) == 4
    assert pavel.get("/visits?day=2026-11-29").text.count("Žádné schůzky ani volné časy") == 1
    assert pavel.get("/visits?day=x").status == 200


def test_the_week_of_a_prison_costs_few_queries(pavel, cast):
    confirmed(cast)
    with counted() as seen:
        visits.week(cast.pavel, date(2026, 11, 23))
    assert len([sql for sql in seen if sql != "COMMIT"]) <= 6


# The month of who asks

def test_a_month_shows_ours_and_what_is_free(sign_in, cast):
    booking = confirmed(cast)
    nela = sign_in("nela")
    page = nela.get("/visits?month=2026-11").page
    row = next(row for row in page.all("tr") if "25. 11. 2026" in row.text)
    assert "potvrzena" in row.text and "4 volné termíny" in row.text and cast.prison.name in row.text
    assert booking.public_id in page.html
    december = nela.get(f"/visits?month=2026-12&prison={cast.prison.public_id}").text
    assert "1. 12. 2026" in december and "potvrzena" not in december
    assert "nic není volné" in nela.get("/visits?month=2027-06").text
    assert nela.get("/visits?month=1999-13").heading == "Návštěvy"


def test_a_month_shows_nothing_of_strangers(sign_in, cast):
    confirmed(cast)
    text = sign_in("strange_ngo").get("/visits?month=2026-11").text
    assert "potvrzena" not in text and cast.prison.name not in text


# How much a week

def limit(cast, **columns):
    with db.writing():
        PrisonProfile.update(**columns).where(PrisonProfile.organisation == cast.prison).execute()


def test_a_week_counts_what_was_confirmed_to_ngos(cast):
    limit(cast, week_visits=3)
    asked(cast.nela, cast.prison)
    visits.advance(cast.pavel, asked(cast.kamila, cast.prison).public_id, Event.CONFIRM)
    confirmed(cast)
    week = budget.room_left(cast.prison, date(2026, 11, 25))
    assert (week.visits, week.minutes, week.has_room(0)) == (1, 30, True)
    assert budget.room_left(cast.prison, date(2026, 12, 2)).visits == 0


def test_minutes_are_those_of_the_window(cast):
    with db.writing():
        Window.update(staff_minutes=55).execute()
    limit(cast, week_minutes=100)
    slot = free(cast.prison)
    assert budget.minutes_of(slot) == 55 and budget.fits(cast.prison, slot)
    confirmed(cast, slot=slot)
    assert not budget.fits(cast.prison, slot)
    with db.writing(), pytest.raises(budget.WeekFull):
        budget.check(cast.prison, slot.starts_at, 55)
    with db.writing():
        budget.check(cast.prison, slot.starts_at + timedelta(days=7), 55)


def test_a_joint_day_is_one_visit(cast):
    limit(cast, week_visits=5)
    bookings = [confirmed(cast, slot=free(cast.prison, number)) for number in range(3)]
    with db.writing():
        day = JointDay.create(window=bookings[0].window_id, name="Den spolků", staff_minutes=200)
        Booking.update(joint_day=day).where(Booking.id.in_([each.id for each in bookings[:2]])).execute()
    week = budget.room_left(cast.prison, date(2026, 11, 25))
    assert (week.visits, week.minutes) == (2, 230)


def test_the_times_of_a_full_week_can_be_waited_for(sign_in, cast):
    limit(cast, week_visits=0)
    nela = sign_in("nela").get(f"/visits/request/{cast.prison.public_id}").text
    assert "jen pořadník" in nela and "její zaměstnanci nemají více času" in nela
    kamila = sign_in("kamila").get(f"/visits/request/{cast.prison.public_id}").text
    assert "jen pořadník" not in kamila


def test_a_full_time_stands_among_the_free_ones(sign_in, cast):
    slot = free(cast.prison)
    for _seat in range(2):
        confirmed(cast, slot=slot)
    link = next(a for a in sign_in("nela").get(f"/visits/request/{cast.prison.public_id}").page.all("a")
                if slot.key in (a["href"] or ""))
    assert "plno" in link.text


# What was agreed at most

def agreed(cast, **columns):
    with db.writing():
        Cooperation.update(**columns).where(Cooperation.organisation == cast.ngo).execute()


@pytest.mark.parametrize(("columns", "sentence"), [
    ({"most_people": 1}, "přijde nejvýše 1 člověk"), ({"most_visits_a_month": 1}, "nejvýše 1 schůzku za měsíc"),
    ({"valid_until": date(2026, 11, 24)}, "skončí před tímto dnem"),
])
def test_more_than_was_agreed_is_refused(sign_in, cast, columns, sentence):
    asked(cast.nela, cast.prison)
    agreed(cast, **columns)
    page, nela = f"/visits/request/{cast.prison.public_id}/details", sign_in("nela")
    nela.get(f"{page}?slot={free(cast.prison, 1).key}")
    answer = nela.send(page, purpose="dluhy", colleagues=[cast.nela.public_id, cast.nora.public_id])
    assert answer.status == 422 and sentence in answer.text
    with pytest.raises(RuleBroken):
        asked(cast.nela, cast.prison, free(cast.prison, 1), colleagues=[cast.nela.public_id, cast.nora.public_id])


def test_authorities_have_no_such_limits(cast):
    agreed(cast, most_visits_a_month=1, most_people=1)
    assert asked(cast.kamila, cast.prison) and asked(cast.kamila, cast.prison)


# People are counted too

def test_people_of_all_visits_share_a_time(cast):
    with db.writing():
        Window.update(people=3).execute()
    slot = free(cast.prison)
    asked(cast.nela, cast.prison, slot, colleagues=[cast.nela.public_id, cast.nora.public_id])
    left = slots.find(cast.prison, slot.key)
    assert (left.free, left.people_free) == (1, 1)
    with pytest.raises(visits.SlotTaken):
        asked(cast.kamila, cast.prison, slot, colleagues=[cast.kamila.public_id, cast.klara.public_id])
    assert slots.find(cast.prison, slot.key) == left, "who does not fit in leaves no seat behind"
    asked(cast.kamila, cast.prison, slot)
    assert slots.find(cast.prison, slot.key).people_free == 0
