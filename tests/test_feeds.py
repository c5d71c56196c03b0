"""Calendar addresses: what they say, to whom, and when they stop. fig-F8."""
import re
from datetime import timedelta

import icalendar
import pytest

import clock
import db
from models import Booking, BookingState, Client, Feed, Place, Reason, User
from services import feeds, visits
from services.visits import Event
from tests.support.visits import asked, confirmed, free

DAY = timedelta(days=1)


def address(browser, room=""):
    made = browser.post("/calendar", {"room": room}, page="/calendar")
    return re.search(r"http://[^\"]+(/feeds/[^\"]+\.ics)", made.html)[1]


def events(answer):
    return icalendar.Calendar.from_ical(answer.body).walk("VEVENT")


def test_nela_reads_her_visits_in_her_calendar(sign_in, browser, cast):
    booking, path = confirmed(cast), address(sign_in("nela"))
    answer = browser.get(path)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/calendar")
    event = events(answer)[0]
    assert event["UID"] == f"{booking.public_id}@navaznost" and event.start == booking.starts_at
    assert booking.number in event["SUMMARY"] and "Horní Lhota" in event["LOCATION"]


def test_the_address_is_shown_once_and_not_kept(sign_in, cast):
    nela = sign_in("nela")
    token = address(nela).removeprefix("/feeds/").removesuffix(".ics")
    assert token not in nela.get("/calendar").html
    assert all(token not in str(value) for row in Feed.select().dicts() for value in row.values())


def test_pavel_reads_his_prison_and_strangers_nothing(sign_in, browser, cast):
    confirmed(cast)
    counts = {name: len(events(browser.get(address(sign_in(name)))))
              for name in ("pavel", "strange_prison", "strange_ngo", "kamila")}
    assert counts == {"pavel": 1, "strange_prison": 0, "strange_ngo": 0, "kamila": 0}


def test_a_cancelled_visit_says_so_and_a_request_is_not_there(sign_in, browser, cast):
    path = address(sign_in("nela"))
    asked(cast.nela, cast.prison)
    assert events(browser.get(path)) == []
    booking = confirmed(cast)
    visits.advance(cast.nela, booking.public_id, Event.CANCEL, Reason.ORGANISATION)
    event = events(browser.get(path))[0]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)


def revoked(sign_in, travel, cast):
    sign_in("nela").post(f"/calendar/{Feed.get().id}/stop", page="/calendar")


def unused(sign_in, travel, cast):
    travel.shift(91 * DAY)


def account_closed(sign_in, travel, cast):
    with db.writing():
        User.update(active=False).where(User.id == cast.nela.id).execute()


def another_role(sign_in, travel, cast):
    with db.writing():
        User.update(role="admin").where(User.id == cast.nela.id).execute()


ENDS = [revoked, unused, account_closed, another_role]


@pytest.mark.parametrize("end", ENDS)
def test_an_address_that_ended_looks_like_none(sign_in, browser, cast, travel, end):
    confirmed(cast)
    path = address(sign_in("nela"))
    end(sign_in, travel, cast)
    ended, none = browser.get(path), browser.get(f"/feeds/{'x' * 43}.ics")
    assert (ended.status, ended.body) == (none.status, none.body) == (404, none.body)


def test_who_is_a_partner_now_has_no_visits_in_it(sign_in, browser, cast):
    confirmed(cast)
    path = address(sign_in("nela"))
    assert b"BEGIN:VEVENT" in browser.get(path).body
    with db.writing():
        User.update(role="partner").where(User.id == cast.nela.id).execute()
    assert browser.get(path).status == 200 and b"BEGIN:VEVENT" not in browser.get(path).body


@pytest.mark.parametrize("path", ["/feeds/.ics", "/feeds/x", "/feeds/%00.ics", "/feeds/%F0%9F.ics",
                                  f"/feeds/{'a' * 4000}.ics"])
def test_odd_addresses_are_not_found(browser, path):
    assert browser.get(path).status == 404


def test_use_is_noted_once_a_minute_and_not_by_head(sign_in, browser, cast, travel):
    path = address(sign_in("nela"))
    made = Feed.get().used_at
    travel.shift(120)
    head = browser.get(path, method="HEAD")
    assert head.status == 200 and not head.body and Feed.get().used_at == made
    browser.get(path)
    noted = Feed.get().used_at
    travel.shift(30)
    browser.get(path)
    assert made < noted == Feed.get().used_at


def test_reading_keeps_an_address_alive(sign_in, browser, cast, travel):
    path = address(sign_in("nela"))
    for _time in range(3):
        travel.shift(60 * DAY)
        assert browser.get(path).status == 200


def test_a_person_stops_only_their_own(sign_in, browser, cast):
    path = address(sign_in("nela"))
    number = Feed.get().id
    strange, none = (sign_in("strange_ngo").post(f"/calendar/{feed}/stop", page="/calendar") for feed in (number, 999))
    assert (strange.status, strange.body) == (none.status, none.body) == (404, none.body)
    assert browser.get(path).status == 200


def test_five_addresses_are_the_most(sign_in, cast):
    nela = sign_in("nela")
    for _each in range(feeds.MOST):
        address(nela)
    assert nela.post("/calendar", page="/calendar").status == 422
    assert Feed.select().count() == feeds.MOST


# A room's calendar

def other_room(cast):
    with db.writing():
        return Place.create(prison=cast.prison, name="Malá místnost", capacity=2)


def test_pavel_reads_one_room_of_his_prison(sign_in, browser, cast):
    booking, room = confirmed(cast), other_room(cast)
    pavel = sign_in("pavel")
    assert "Návštěvní místnost" in pavel.get("/calendar").text
    full, bare = (browser.get(address(pavel, each.public_id)) for each in (cast.place, room))
    assert [event["UID"] for event in events(full)] == [f"{booking.public_id}@navaznost"] and events(bare) == []
    assert icalendar.Calendar.from_ical(bare.body)["NAME"] == "Návštěvy – Malá místnost"
    assert "Malá místnost" in pavel.get("/calendar").text


@pytest.mark.parametrize("name", ["nela", "strange_prison", "kamila"])
def test_a_room_is_for_the_people_of_its_prison(sign_in, cast, name):
    refused = sign_in(name).post("/calendar", {"room": cast.place.public_id}, page="/calendar")
    assert refused.status == 422 and not Feed.select().exists()


@pytest.mark.parametrize("room", ["x", "\x00", "x" * 22, "x" * 5000])
def test_a_room_that_is_none_is_refused(sign_in, cast, room):
    assert sign_in("pavel").post("/calendar", {"room": room}, page="/calendar").status == 422


def room_closed(cast):
    with db.writing():
        Place.update(active=False).where(Place.id == cast.place.id).execute()


def another_prison(cast):
    with db.writing():
        User.update(organisation=cast.other_prison).where(User.id == cast.pavel.id).execute()


@pytest.mark.parametrize("end", [room_closed, another_prison])
def test_a_rooms_address_ends_with_the_room_and_with_the_work_there(sign_in, browser, cast, end):
    confirmed(cast)
    path = address(sign_in("pavel"), cast.place.public_id)
    assert browser.get(path).status == 200
    end(cast)
    ended, none = browser.get(path), browser.get(f"/feeds/{'x' * 43}.ics")
    assert (ended.status, ended.body) == (none.status, none.body) == (404, none.body)


# What ends them for good

def deactivate(cast, travel):
    with db.writing():
        User.update(active=False).where(User.id == cast.pavel.id).execute()


@pytest.mark.parametrize("end", [lambda cast, travel: travel.shift(91 * DAY), deactivate,
                                 lambda cast, travel: room_closed(cast)], ids=["unused", "account", "room"])
def test_the_job_ends_for_good_what_works_no_more(sign_in, browser, cast, travel, end):
    path = address(sign_in("pavel"), cast.place.public_id)
    assert feeds.end_due() == 0
    end(cast, travel)
    assert [feeds.end_due(), feeds.end_due()] == [1, 0]
    with db.writing():
        User.update(active=True).execute()
        Place.update(active=True).execute()
        Feed.update(used_at=clock.now()).execute()
    assert browser.get(path).status == 404


def test_a_visit_that_is_asked_for_anew_stays_as_unsure(sign_in, browser, cast):
    booking, path = confirmed(cast), address(sign_in("nela"))
    with db.writing():
        Booking.update(state=BookingState.REQUESTED, sequence=1).execute()
    assert [(event["UID"], event["STATUS"], event["SEQUENCE"]) for event in events(browser.get(path))] == [
        (f"{booking.public_id}@navaznost", "TENTATIVE", 1)]


# fig-F8

ALLOWED = {  # all that a feed may say of a visit, as a whole line each
    "UID": r"[A-Za-z0-9_-]{22}@navaznost", "DTSTAMP": r"\d{8}T\d{6}Z", "LAST-MODIFIED": r"\d{8}T\d{6}Z",
    "DTSTART": r"\d{8}T\d{6}Z", "DTEND": r"\d{8}T\d{6}Z", "SUMMARY": r"Schůzka: osobní pohovor \(\d{3}-\d{4}\)",
    "LOCATION": r"Ukázková věznice Horní Lhota\\, (Návštěvní|Malá) místnost", "SEQUENCE": r"\d+",
    "STATUS": "TENTATIVE|CONFIRMED|CANCELLED", "TRANSP": "OPAQUE|TRANSPARENT", "CLASS": "PRIVATE",
}


def said_beyond(calendar: bytes) -> tuple[list[str], int]:
    """Lines of the events of a feed that say more than place, kind, time and number; and how many lines there are."""
    text = calendar.decode().replace("\r\n ", "")
    found = [line for event in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.DOTALL)
             for line in event.splitlines()]
    return [line for line in found if not re.fullmatch(ALLOWED.get(line.split(":")[0], "(?!)"), line.split(":", 1)[1])
            ], len(found)


def busy_calendar(cast):
    """Visits with all that people can write, one of them cancelled."""
    with db.writing():
        Client.update(released_on=None).execute()
    wish = {"purpose": "kvůli bytu Karla Křehkého", "guests": ["Jan Host"]}
    for number in range(4):
        booking = asked(cast.kamila, cast.prison, free(cast.prison, number), clients=[cast.karel.public_id], **wish)
        visits.advance(cast.pavel, booking.public_id, Event.CONFIRM, message="Karel přijde.")
    visits.advance(cast.pavel, booking.public_id, Event.CANCEL, Reason.STAFF, message="Karel nepřijde.")


FIG_ENDS = {"revoked": revoked, "unused": unused, "account closed": account_closed, "another role": another_role}


def test_feeds_say_place_kind_time_and_number_and_end(engine, sign_in, browser, cast, travel, figure):
    busy_calendar(cast)
    paths = [address(sign_in("kamila")), address(sign_in("pavel")), address(sign_in("pavel"), cast.place.public_id)]
    beyond, lines = zip(*(said_beyond(browser.get(path).body) for path in paths), strict=True)
    alive = [name for name, end in FIG_ENDS.items() if lives_after(end, engine, sign_in, browser, cast, travel)]
    engine.restore()
    busy_calendar(cast)
    planted = browser.get(address(sign_in("kamila"))).body.replace(b"SUMMARY:", b"SUMMARY:Karel ")
    control = len(said_beyond(planted)[0])
    figure("fig-F8 lines of feeds that say too much, and feeds that live after their end", sum(map(len, beyond))
           + len(alive), "findings", sum(lines) + len(FIG_ENDS), control=control == 4 and
           "a name planted in each of 4 events: 4 found; before their end all 4 feeds answered 200")


def lives_after(end, engine, sign_in, browser, cast, travel) -> bool:
    engine.restore()
    path = address(sign_in("nela"))
    assert browser.get(path).status == 200
    end(sign_in, travel, cast)
    return browser.get(path).status != 404
