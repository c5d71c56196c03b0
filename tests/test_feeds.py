"""Calendar addresses: what they say, to whom, and when they stop. fig-F8."""
import re
from datetime import timedelta

import icalendar
import pytest

import db
from models import Client, Feed, Reason, User
from services import feeds, visits
from services.visits import Event
from tests.support.visits import asked, confirmed

DAY = timedelta(days=1)


def address(browser):
    made = browser.post("/calendar", page="/calendar")
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
        User.update(role="partner").where(User.id == cast.nela.id).execute()


ENDS = [revoked, unused, account_closed, another_role]


@pytest.mark.parametrize("end", ENDS)
def test_an_address_that_ended_looks_like_none(sign_in, browser, cast, travel, end):
    confirmed(cast)
    path = address(sign_in("nela"))
    end(sign_in, travel, cast)
    ended, none = browser.get(path), browser.get(f"/feeds/{'x' * 43}.ics")
    assert (ended.status, ended.body) == (none.status, none.body) == (404, none.body)


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


def test_feeds_say_place_kind_time_and_number_and_end(sign_in, browser, cast, travel, figure):
    with db.writing():
        Client.update(released_on=None).execute()
    booking = asked(cast.kamila, cast.prison, guests=["Jan Host"], purpose="kvůli bytu", clients=[cast.karel.public_id])
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    secrets = [cast.karel.code, cast.karel.public_id, "Karel", "Jan Host", "kvůli bytu", "Kamila", "Město Ukázkov"]
    read = [browser.get(address(sign_in(name))).body.decode().replace("\r\n ", "") for name in ("kamila", "pavel")]
    assert all(booking.number in text for text in read)
    path = address(sign_in("nela"))
    stopped = [browser.get(path).status]
    revoke_all = Feed.update(revoked_at=cast.now)
    with db.writing():
        revoke_all.execute()
    stopped.append(browser.get(path).status)
    said = sum(secret in text for secret in secrets for text in read) + (stopped != [200, 404])
    page = sign_in("kamila").get(f"/visits/{booking.public_id}").text
    found = sum(secret in page for secret in secrets)
    figure("fig-F8 secrets in feeds, and feeds alive after their end", said, "findings", len(secrets) * len(read) + 1,
           control=found and f"the same search on the visit's own page: {found} found")
