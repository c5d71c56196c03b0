"""Free times for one client: around their work and what else they have; and when they work."""
from datetime import date, time, timedelta

import pytest

import clock
import db
from models import (
    Booking,
    BookingClient,
    Client,
    Closure,
    Consent,
    ConsentScope,
    ConsentState,
    Cooperation,
    CooperationState,
    Journal,
    Membership,
    Organisation,
    Scope,
    Window,
    WindowKind,
)
from services import keys, visits
from services.visits import conflicts
from tests.support.queries import counted
from tests.support.visits import asked, free


@pytest.fixture
def karel(cast):
    """Karel before his release, in the prison of the cast; Nela's organisation and the prison have him themselves."""
    with db.writing():
        Client.update(released_on=None, prison=cast.prison).where(Client.id == cast.karel.id).execute()
        for user in (cast.nela, cast.pavel):
            Membership.get_or_create(client=cast.karel, organisation=user.organisation, defaults={
                "ground": "own", "worker": user, "since_on": cast.today})
    return cast.karel


def works(karel, days="0;1;2;3;4", starts=time(6), ends=time(14)):
    with db.writing():
        Client.update(shift_days=days, shift_starts=starts, shift_ends=ends).where(Client.id == karel.id).execute()


def titles(answer):
    return [each.text for each in answer.page.with_class("row__title")]


def page_of(karel):
    return f"/visits/for/{karel.public_id}"


def test_times_in_a_shift_stand_behind_the_others_with_a_warning(sign_in, cast, karel):
    works(karel, starts=time(6), ends=time(10))
    page = sign_in("nela").get(page_of(karel))
    assert titles(page)[0] == "st 25. 11. 2026 v 10:00"
    assert "klient má směnu 6:00–10:00" in page.text
    assert page.page.all("h3")[0].text == "Tyto už vyhovují méně"


def test_what_they_have_elsewhere_is_named_only_where_the_reader_may_know(sign_in, cast, karel):
    first = free(cast.prison)
    with db.writing():
        booking = Booking.create(
            number="000-0001", request_key="x" * 22, prison=cast.other_prison, organisation=cast.other_ngo,
            requested_by=cast.strange_ngo, place=cast.place, kind=WindowKind.INDIVIDUAL, starts_at=first.starts_at,
            ends_at=first.ends_at, answer_by=cast.today)
        BookingClient.create(booking=booking, client=karel)
    nela = sign_in("nela")
    assert "má v tu dobu něco jiného" not in nela.get(page_of(karel)).text
    _consent(cast, karel)
    page = nela.get(page_of(karel)).text
    assert "má v tu dobu něco jiného" in page
    assert cast.other_ngo.name not in page and cast.other_prison.name not in page


def _consent(cast, karel):
    with db.writing():
        row = Consent(number="2026-9", client=karel, recipient=cast.ngo, state=ConsentState.ACTIVE, from_on=cast.today,
                      until_on=cast.today + timedelta(days=90), text_version="1", text_hash="0" * 64)
        row.purpose = keys.seal(row, "purpose", "pomoc", karel)
        row.save(force_insert=True)
        ConsentScope.create(consent=row, scope=Scope.VISITS)


def test_own_visits_of_the_client_are_known(cast, karel):
    booking = asked(cast.nela, cast.prison, clients=[karel.public_id])
    ahead = clock.now(), clock.now() + timedelta(days=60)
    known = {name: [busy.booking for busy in conflicts.of_client(cast.user(name), [karel.id], *ahead)[karel.id]]
             for name in ("nela", "pavel", "strange_ngo")}
    assert known == {"nela": [booking.id], "pavel": [booking.id], "strange_ngo": []}
    nela = cast.nela.id
    going = {name: [busy.booking for busy in conflicts.of_visitors(cast.user(name), [nela], *ahead)[nela]]
             for name in ("nora", "strange_ngo")}
    assert going == {"nora": [booking.id], "strange_ngo": []}


def test_reading_is_journalled(sign_in, cast, karel):
    sign_in("nela").get(page_of(karel))
    row = Journal.get(Journal.what == "client.times")
    assert (row.actor_id, row.client, row.parts) == (cast.nela.id, karel.id, "visits")


def test_a_client_whom_one_may_not_read_is_missing(sign_in, cast, karel):
    for name in ("strange_ngo", "pavel", "kora"):
        assert sign_in(name).get(page_of(karel)).status == 404


def test_calls_are_named(sign_in, cast, karel):
    nela = sign_in("nela")
    assert "vhodný hovor nenabízí" in nela.get(page_of(karel)).text
    with db.writing():
        Window.create(place=cast.place, kind=WindowKind.VIDEO, weekday=2, starts=time(15), ends=time(16),
                      slot_minutes=30, seats=1, valid_from=cast.today)
    page = nela.get(page_of(karel)).text
    assert "vhodný hovor nenabízí" not in page and "videohovor" in page


def test_a_time_leads_to_the_form_with_the_client_chosen(sign_in, cast, karel):
    nela = sign_in("nela")
    link = next(a["href"] for a in nela.get(page_of(karel)).page.all("a") if "slot=" in (a["href"] or ""))
    chosen = [each["value"] for each in nela.get(link).page.all("input")
              if each["name"] == "clients" and each["checked"] is not None]
    assert chosen == [karel.public_id]


# The shift

def test_the_prison_says_when_a_client_works(sign_in, cast, karel):
    pavel, page = sign_in("pavel"), f"/clients/{karel.public_id}/shift"
    pavel.get(page)
    assert pavel.send(page, days=["0", "4"], starts="22:00", ends="6:00").status == 303
    kept = Client.get_by_id(karel.id)
    assert (kept.shift_days, kept.shift_starts, kept.shift_ends) == ("0;4", time(22), time(6))
    again = pavel.get(page).page
    assert again.id("starts")["value"] == "22:00"
    assert pavel.send(page, days=[], starts="", ends="").status == 303
    assert Client.get_by_id(karel.id).shift_days == ""
    assert Journal.select().where(Journal.what == "client.shift", Journal.client == karel.id).count() == 2


@pytest.mark.parametrize("changes", [
    {"days": ["0"]}, {"starts": "6:00", "ends": "14:00"}, {"days": ["0"], "starts": "6:00"}, {"days": ["7"]},
    {"days": ["0"], "starts": "6:00", "ends": "6:00"}, {"days": ["x"]},
    {"days": ["0"], "starts": "x", "ends": "14:00"}])
def test_a_shift_that_is_none_is_refused(sign_in, cast, karel, changes):
    pavel, page = sign_in("pavel"), f"/clients/{karel.public_id}/shift"
    pavel.get(page)
    assert pavel.send(page, **{"starts": "", "ends": "", **changes}).status == 422
    assert Client.get_by_id(karel.id).shift_days == ""


def test_only_the_prison_where_the_client_is_says_it(sign_in, cast, karel):
    for name in ("nela", "strange_prison", "kora"):
        assert sign_in(name).get(f"/clients/{karel.public_id}/shift").status == 404
    with db.writing():
        Client.update(prison=cast.other_prison).where(Client.id == karel.id).execute()
    assert sign_in("pavel").get(f"/clients/{karel.public_id}/shift").status == 404


@pytest.mark.parametrize(("starts", "ends", "moment", "at_work"), [
    (time(6), time(14), (2026, 11, 25, 13, 59), True), (time(6), time(14), (2026, 11, 25, 14, 0), False),
    (time(22), time(6), (2026, 11, 26, 5, 0), True),  # of Wednesday's night shift
    (time(22), time(6), (2026, 11, 25, 5, 0), False),  # Tuesday is none of their days
])
def test_a_night_shift_is_of_the_day_on_which_it_begins(cast, karel, starts, ends, moment, at_work):
    works(karel, "2", starts, ends)
    begins = clock.at(date(*moment[:3]), time(*moment[3:]))
    assert conflicts.at_work(Client.get_by_id(karel.id), begins, begins + timedelta(minutes=30)) is at_work


# All prisons at once

def test_all_prisons_come_in_as_many_queries_as_one(cast, karel):
    with counted() as few:
        visits.for_client(cast.nela, karel.public_id)
    with db.writing():
        for number in range(5):
            prison = Organisation.create(slug=f"p{number}", kind="prison", state="verified", name=f"V {number}",
                                         sort=f"v{number}", invented=True)
            room = type(cast.place).create(prison=prison, name="Místnost", capacity=4)
            Window.create(place=room, weekday=1, starts=time(9), ends=time(12), slot_minutes=60, seats=2,
                          valid_from=cast.today)
            Cooperation.create(organisation=cast.ngo, prison=prison, state=CooperationState.ACTIVE)
    with counted() as many:
        found = visits.for_client(cast.nela, karel.public_id)
    assert len(found.elsewhere) == 5 and len(many) == len(few)


def test_a_stop_of_their_prison_is_told(sign_in, cast, karel):
    with db.writing():
        Closure.create(prison=cast.prison, from_at=clock.now(), until_at=clock.now() + timedelta(days=9), stop=True,
                       reason="karanténa")
    assert "karanténa" in sign_in("nela").get(page_of(karel)).text
