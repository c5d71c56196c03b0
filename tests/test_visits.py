"""Visits through the pages: asked for, decided, told; never two in one seat. fig-C4."""
import re
from datetime import timedelta
from itertools import product

import pytest

import clock
import db
from errors import RuleBroken
from models import (
    Booking,
    BookingEvent,
    BookingSeat,
    BookingState,
    BookingVisitor,
    Client,
    Cooperation,
    CooperationState,
    Journal,
    Outbox,
    Place,
    Reason,
    Window,
    new_public_id,
)
from services import keys, openings, slots, visits
from services.visits import AlreadyDecided, Event, SlotTaken, rush
from tests.support.queries import counted
from tests.support.visits import asked, cancelled, confirmed, declined, free, withdrawn

WHAT_FOR = "dluhové poradenství"


def times_page(cast):
    return f"/visits/request/{cast.prison.public_id}"


def form_page(cast):
    return f"{times_page(cast)}/details"


def fill_in(browser, cast, slot, **changes):
    """The form for a time, sent to be checked."""
    browser.get(f"{form_page(cast)}?slot={slot.key}")
    return browser.send(form_page(cast), **{"purpose": WHAT_FOR, **changes})


def book(browser, cast, slot, **changes):
    fill_in(browser, cast, slot, **changes)
    return browser.send(form_page(cast), step="send")


# The walk

def test_nela_asks_and_pavel_confirms_with_one_action(sign_in, cast, postbox):
    nela, pavel = sign_in("nela"), sign_in("pavel")
    link = next(a["href"] for a in nela.get(times_page(cast)).page.all("a") if "slot=" in (a["href"] or ""))
    nela.get(link)
    checked = nela.send(form_page(cast), purpose=WHAT_FOR, colleagues=[cast.nela.public_id, cast.nora.public_id])
    assert "Nora Náhlá" in checked.text and not Booking.select().exists(), "nothing is sent before it is checked"
    nela.send(form_page(cast), step="send")
    sent = nela.follow()
    booking = Booking.get()
    assert "Pavel Přímý" in sent.text and booking.number in sent.text
    today = pavel.get("/")
    assert "Ukázkový spolek Návrat, 2 lidé" in today.text
    assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 303
    assert "potvrzena" in nela.get("/").text
    subjects = [(mail["To"], mail["Subject"]) for mail in postbox.deliver()]
    assert [to for to, _subject in subjects] == ["pavel@example.org", "nela@example.org", "nora@example.org"]
    assert subjects[1][1].startswith("Schůzka 25. 11. 2026 v 9:00, Ukázková věznice Horní Lhota: potvrzeno")


def test_the_answer_is_due_in_the_working_days_of_the_prison(cast):
    far = next(slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=30))
               if slot.starts_at > cast.now + timedelta(days=10))
    assert asked(cast.nela, cast.prison, far).answer_by == cast.today + timedelta(days=3)


def test_the_times_of_another_week_come_as_a_fragment(sign_in, cast):
    nela = sign_in("nela")
    week = (cast.today + timedelta(days=7)).isoformat()
    fragment, page = (nela.fragment(f"{times_page(cast)}?week={week}"), nela.get(f"{times_page(cast)}?week={week}"))
    assert fragment.html.strip() in page.html
    assert "30. listopadu" in fragment.text


@pytest.mark.parametrize("week", ["", "x", "2026-13-01", "1999-01-04"])
def test_a_week_that_is_none_shows_the_first(sign_in, cast, week):
    assert "25. listopadu" in sign_in("nela").get(f"{times_page(cast)}?week={week}").text


# Guards

def test_a_stranger_is_told_what_to_do_about_co_operation(sign_in, cast):
    answer = sign_in("strange_ngo").get(times_page(cast))
    assert answer.status == 200 and "zatím nemá navázanou spolupráci" in answer.text and "slot=" not in answer.html
    with pytest.raises(RuleBroken):
        asked(cast.strange_ngo, cast.prison)


def test_a_paused_co_operation_stops_a_form_that_is_open(sign_in, cast):
    nela = sign_in("nela")
    fill_in(nela, cast, free(cast.prison))
    with db.writing():
        Cooperation.update(state=CooperationState.PAUSED).execute()
    assert nela.send(form_page(cast), step="send").status == 422
    assert not Booking.select().exists()


@pytest.mark.parametrize("name", ["kamila", "petra"])
def test_authorities_need_no_co_operation(cast, name):
    assert asked(cast.user(name), cast.prison).state is BookingState.REQUESTED


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"purpose": ""}, "Napište účel"), ({"colleagues": [], "guests": ""}, "Vyberte, kdo přijde"),
    ({"colleagues": ["x" * 22], "guests": " "}, "Vyberte, kdo přijde"),
    ({"guests": "\n".join(f"Host {n}" for n in range(12))}, "vejde jen 12 lidí"),
])
def test_what_is_wrong_is_said_and_the_rest_kept(sign_in, cast, changes, sentence):
    answer = fill_in(sign_in("nela"), cast, free(cast.prison), **{"guests": "Jan Host", **changes})
    assert answer.status == 422 and sentence in answer.text
    assert changes.get("guests", "Jan Host").strip() in answer.html


def test_a_time_without_its_notice_leads_back_to_the_others(sign_in, cast):
    soon = next(slot for slot in slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=3)))
    answer = sign_in("nela").get(f"{form_page(cast)}?slot={soon.key}")
    assert answer.status == 303 and answer.location.endswith(times_page(cast))


@pytest.mark.parametrize("slot", ["", "x", "x.20261125T0800Z", "\x00", "." * 500])
def test_a_time_that_is_none_leads_back_to_the_others(sign_in, cast, slot):
    assert sign_in("nela").get(form_page(cast), query_string={"slot": slot}).status == 303


def test_a_slot_of_another_prison_is_no_slot_here(cast):
    with pytest.raises(SlotTaken):
        asked(cast.nela, cast.prison, free(cast.other_prison))


def test_only_own_colleagues_and_own_clients_come_with_a_request(cast):
    booking = asked(cast.kamila, cast.prison, colleagues=[cast.kamila.public_id, cast.nela.public_id],
                    clients=[cast.cyril.public_id])
    assert [row.name for row in booking.visitors] == ["Kamila Klidná"]
    assert visits.open_booking(cast.kamila, booking.public_id).codes == []


# Taken meanwhile

def fill_seats(cast, slot):
    for _seat in range(slot.free):
        asked(cast.kamila, cast.prison, slot)


def lost(cast, slot) -> list[str]:
    """The times that who loses a seat is told, by their keys."""
    with pytest.raises(SlotTaken) as refused:
        asked(cast.nela, cast.prison, slot)
    return [each.key for each in refused.value.details["slots"]]


def test_who_loses_a_seat_is_told_no_time_that_went_or_was_closed_just_before(cast, monkeypatch):
    slot, looked = free(cast.prison), []
    real = rush.next_free
    monkeypatch.setattr(rush, "next_free", lambda prison: looked.append(prison) or real(prison))
    fill_seats(cast, slot)
    first, second = lost(cast, slot)[:2]
    assert lost(cast, slot)[0] == first and len(looked) == 1, "nothing was written between the two"
    fill_seats(cast, slots.find(cast.prison, first))
    assert lost(cast, slot)[0] == second
    day = clock.local(slots.find(cast.prison, second).starts_at).date()
    openings.close(cast.pavel, openings.Closing(day, day), seen=[each.public_id for each in Booking.select()])
    assert second not in lost(cast, slot) and len(looked) == 3


def test_the_second_gets_the_next_free_times_and_keeps_what_was_typed(sign_in, cast):
    nela, slot = sign_in("nela"), free(cast.prison)
    fill_in(nela, cast, slot, guests="Jan Host")
    fill_seats(cast, slot)
    lost = nela.send(form_page(cast), step="send")
    offered = [each["value"] for each in lost.page.all("input") if each["name"] == "slot"]
    assert lost.status == 422 and "předběhl" in lost.text and len(offered) == visits.OFFERED
    assert "Jan Host" in lost.html and WHAT_FOR in lost.html and slot.key not in offered
    again = nela.send(form_page(cast), step="edit").page
    typed = again.values(again.form(form_page(cast)))
    assert (typed["guests"], typed["purpose"], typed["slot"]) == (["Jan Host"], [WHAT_FOR], offered[:1])
    nela.send(form_page(cast), slot=offered[0])
    assert nela.send(form_page(cast), step="send").status == 303


def test_ten_identical_posts_make_one_booking(sign_in, cast, figure):
    nela = sign_in("nela")
    for number in range(5):
        fill_in(nela, cast, free(cast.prison, 3 * number))
        form = nela.last.page.values(nela.last.page.form(form_page(cast)))
        answers = [nela.post(form_page(cast), {**form, "step": "send"}) for _again in range(10)]
        assert {answer.status for answer in answers} == {303} and len({answer.location for answer in answers}) == 1
    beyond = Booking.select().count() - 5
    assert Outbox.select().count() == 5
    form = {name: values for name, values in form.items() if name != "slot"}
    slot = free(cast.prison, 7)
    for _again in range(2):
        nela.post(form_page(cast), {**form, "slot": slot.key, "request_key": new_public_id(), "step": "send"})
    figure("fig-C4 rows beyond one from ten identical posts", beyond, "rows", 5,
           control=Booking.select().count() == 7 and "two posts with a key each: 1 row beyond one")


def test_a_key_that_was_used_for_another_time_is_refused(cast):
    booking = asked(cast.nela, cast.prison)
    with pytest.raises(RuleBroken):
        visits.ask(cast.nela, cast.prison, booking.request_key, visits.Wish(slot=free(cast.prison, 9).key))
    with pytest.raises(RuleBroken):
        visits.ask(cast.kamila, cast.prison, booking.request_key,
                   visits.Wish(slot=slots.Slot(booking.window, booking.starts_at, None, 0).key))


# States; the whole table is tried in tests/test_visit_machine.py

def test_after_its_time_came_nothing_follows_but_the_lapse(cast, travel):
    booking = asked(cast.nela, cast.prison)
    travel.move_to(booking.starts_at)
    for actor, event in ((cast.pavel, Event.CONFIRM), (cast.pavel, Event.DECLINE), (cast.nela, Event.WITHDRAW)):
        with pytest.raises(AlreadyDecided):
            visits.advance(actor, booking.public_id, event, Reason.STAFF)
    assert visits.lapse_due() == 1 and visits.lapse_due() == 0
    assert Booking.get().state is BookingState.LAPSED and not BookingSeat.select().exists()


@pytest.mark.parametrize("reason", [None, Reason.CLIENT_ABSENT, Reason.ORGANISATION])
def test_a_refusal_needs_a_reason_of_its_own(cast, reason):
    booking = asked(cast.nela, cast.prison)
    with pytest.raises(RuleBroken):
        visits.advance(cast.pavel, booking.public_id, Event.DECLINE, reason)
    assert Booking.get().state is BookingState.REQUESTED


@pytest.mark.parametrize("ended", [declined, withdrawn, cancelled])
def test_an_ended_visit_gives_its_seat_back(cast, ended):
    ended(cast)
    assert not BookingSeat.select().exists() and free(cast.prison).free == 2


def test_each_change_is_an_event_and_a_journal_row(cast):
    booking = cancelled(cast)
    assert [(event.old_state, event.new_state, event.reason) for event in BookingEvent.select()] == [
        ("", "requested", ""), ("requested", "confirmed", ""), ("confirmed", "cancelled", "organisation")]
    assert [row.what for row in Journal.select().where(Journal.record == booking.public_id)] == [
        "booking.request", "booking.confirm", "booking.cancel"]


# Deciding through the pages

def test_pavel_confirms_several_at_once(sign_in, cast):
    bookings = [asked(cast.nela, cast.prison, free(cast.prison, number)) for number in (0, 3, 6)]
    visits.advance(cast.nela, bookings[2].public_id, Event.WITHDRAW)
    answer = sign_in("pavel").post("/visits/waiting", {"bookings": [each.public_id for each in bookings]}, page="/")
    assert answer.status == 303
    assert [row.state.value for row in Booking.select().order_by(Booking.id)] == ["confirmed"] * 2 + ["withdrawn"]


def test_nothing_ticked_is_said(sign_in, cast):
    asked(cast.nela, cast.prison)
    answer = sign_in("pavel").post("/visits/waiting", {}, page="/visits/waiting")
    assert answer.status == 422 and "aspoň jednu" in answer.text


def test_who_loses_a_decision_sees_how_it_stands(sign_in, cast):
    booking = asked(cast.nela, cast.prison)
    pavel, patrik = sign_in("pavel"), sign_in("patrik")
    patrik.get(f"/visits/{booking.public_id}/decline")
    pavel.post(f"/visits/{booking.public_id}/confirm", page="/")
    lost = patrik.send(f"/visits/{booking.public_id}/decline", reason="staff")
    assert lost.status == 422 and "Pavel Přímý" in lost.text and "potvrzena" in lost.text


def test_a_double_click_is_one_decision(sign_in, cast):
    booking, pavel = asked(cast.nela, cast.prison), sign_in("pavel")
    answers = [pavel.post(f"/visits/{booking.public_id}/confirm", page="/") for _twice in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert Outbox.select().where(Outbox.user == cast.nela).count() == 1


def test_pavel_declines_with_a_reason_and_other_times_are_offered(sign_in, cast, postbox):
    booking, pavel = asked(cast.nela, cast.prison), sign_in("pavel")
    page = f"/visits/{booking.public_id}/decline"
    assert pavel.send(page, page=page, message="Školení.").status == 422
    assert pavel.send(page, reason="staff", message="Školení.").status == 303
    postbox.deliver()
    words = postbox.words(postbox.to("nela")[0])
    assert "nikdo z personálu" in words and "Nejbližší volné časy: 25. 11. 2026" in words.replace("\u00a0", " ")
    assert "Školení" not in words, "what somebody wrote is read after signing in"
    assert "Školení." in sign_in("nela").get(f"/visits/{booking.public_id}").text


@pytest.mark.parametrize("action", ["", "/decline", "/cancel", "/confirm", "/withdraw", "/sent"])
@pytest.mark.parametrize("name", ["strange_ngo", "strange_prison", "kora", "adam", "karel"])
def test_strangers_find_no_visit(sign_in, cast, name, action):
    booking, stranger = asked(cast.nela, cast.prison), sign_in(name)
    address, nothing = f"/visits/{booking.public_id}{action}", f"/visits/{'x' * 22}{action}"
    for found, missing in ((stranger.get(address), stranger.get(nothing)),
                           (stranger.post(address), stranger.post(nothing))):
        assert found.status == missing.status == 404 and found.body == missing.body


# What mails and calendars say

def calendar_of(mail):
    attached = next(mail.iter_attachments())
    return attached.get_content_type(), attached.get_payload(decode=True).decode()


def test_a_cancelled_visit_leaves_the_calendars_it_came_to(cast, postbox):
    booking = confirmed(cast)
    visits.advance(cast.pavel, booking.public_id, Event.CANCEL, Reason.STAFF)
    first, second = (calendar_of(mail) for mail in postbox.deliver() if mail["To"] == "nela@example.org")
    assert first[0] == second[0] == "text/calendar"
    assert "SEQUENCE:0" in first[1] and "STATUS:CONFIRMED" in first[1] and "METHOD:PUBLISH" in first[1]
    assert "SEQUENCE:1" in second[1] and "STATUS:CANCELLED" in second[1]
    assert len({re.search(r"UID:(\S+)", text)[1] for _kind, text in (first, second)}) == 1


def test_mails_name_no_client_no_visitor_and_no_purpose(cast, postbox):
    with db.writing():
        Client.update(released_on=None).execute()
    booking = asked(cast.kamila, cast.prison, guests=["Jan Host"], purpose="kvůli bytu", clients=[cast.karel.public_id])
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    visits.advance(cast.kamila, booking.public_id, Event.CANCEL, Reason.CLIENT_DECLINED)
    texts = [f"{mail['Subject']} {postbox.words(mail)}" + "".join(
        part.get_payload(decode=True).decode() for part in mail.iter_attachments()) for mail in postbox.deliver()]
    assert len(texts) >= 4
    for secret in (cast.karel.code, "Karel", "Jan Host", "kvůli bytu", "Kamila"):
        assert not any(secret in text for text in texts)


# Who learns for whom a visit is

@pytest.fixture
def for_karel(cast):
    """Kamila's visit to Karel, who is still in prison."""
    with db.writing():
        Client.update(released_on=None).execute()
    return asked(cast.kamila, cast.prison, clients=[cast.karel.public_id])


def test_codes_are_shown_to_those_who_work_with_the_client_and_that_is_journalled(sign_in, cast, for_karel):
    address = f"/visits/{for_karel.public_id}"
    assert cast.karel.code in sign_in("pavel").get(address).text
    assert cast.karel.code not in sign_in("patrik").get(address).text
    assert cast.karel.code not in sign_in("klara").get(address).text
    reads = Journal.select().where(Journal.what == "booking.open", Journal.client == cast.karel.id)
    assert [row.actor_id for row in reads] == [cast.pavel.id]


def test_karel_sees_his_next_meeting_once_it_is_confirmed(cast, for_karel):
    assert visits.next_of_client(cast.karel_user) == []
    visits.advance(cast.pavel, for_karel.public_id, Event.CONFIRM)
    assert [row.number for row in visits.next_of_client(cast.karel_user)] == [for_karel.number]
    assert visits.next_of_client(cast.cyril_user) == visits.next_of_client(cast.pavel) == []


# Lists

def test_the_prison_sees_its_week_and_who_comes_today(sign_in, cast, travel):
    booking = confirmed(cast, guests=["Jan Host"])
    pavel = sign_in("pavel")
    assert "9:00–9:30" in pavel.get("/visits").text
    assert "Svátek: " in pavel.get("/visits?week=2026-12-21").text
    travel.move_to(booking.starts_at - timedelta(hours=1))
    assert "Nela Nová, Jan Host" in sign_in("pavel").get("/").text


def test_at_the_weekend_the_coming_week_is_shown(sign_in, cast, travel):
    travel.move_to(cast.now + timedelta(days=5))
    assert "30. 11. 2026" in sign_in("pavel").get("/visits").heading.replace("\u00a0", " ")


def test_what_is_over_stands_among_the_earlier(sign_in, cast):
    booking = declined(cast)
    nela = sign_in("nela")
    assert booking.public_id in nela.get("/visits/earlier").html
    assert booking.public_id not in nela.get("/visits").html
    assert "nikdo z personálu" in nela.get("/").text, "the answer stands on Today"


# Budgets of performance.md

def test_a_request_costs_at_most_fifteen_queries_and_one_commit(sign_in, cast):
    nela, page = sign_in("nela"), form_page(cast)
    fill_in(nela, cast, free(cast.prison))
    with db.writing():
        keys._data_key("system")  # made with the first mail of an installation
    asked(cast.nela, cast.prison, free(cast.prison, 5))  # the key of her organisation, her own line on its list
    with counted() as seen:
        assert nela.send(page, step="send").status == 303
    queries = [sql for sql in seen if sql != "COMMIT" and "pg_advisory" not in sql]  # a lock as SQLite's file
    assert len(queries) <= 15, "\n".join(queries)


@pytest.fixture
def busy_prison(cast):
    """Forty windows and five thousand visits of a year."""
    with db.writing():
        rooms = [Place.create(prison=cast.prison, name=f"Místnost {number}", capacity=4) for number in range(8)]
        for room, weekday in product(rooms, range(5)):
            Window.create(place=room, weekday=weekday, starts="08:00", ends="14:00", slot_minutes=60, seats=2,
                          valid_from=cast.today - timedelta(days=400))
        held = [(window, begins, ends) for window in Window.select().where(Window.place.in_(rooms)).order_by(Window.id)
                for week in range(-26, 26)
                for begins, ends in slots.times_on(window, _day_of(cast, window, week))][:5000]
        prison, ngo, nela = cast.prison, cast.ngo, cast.nela
        rows = [{"number": f"n{n}", "request_key": f"k{n}", "public_id": f"{n:022}", "prison": prison.id,
                 "organisation": ngo.id, "requested_by": nela.id, "window": window.id,
                 "place": window.place_id, "kind": window.kind, "starts_at": begins, "ends_at": ends,
                 "state": BookingState.CONFIRMED, "answer_by": cast.today, "created_at": cast.now,
                 "changed_at": cast.now} for n, (window, begins, ends) in enumerate(held)]
        for first in range(0, len(rows), 500):
            Booking.insert_many(rows[first:first + 500]).execute()
        ids = [row.id for row in Booking.select(Booking.id).order_by(Booking.id)]
        BookingSeat.insert_many([{"window": window.id, "starts_at": begins, "seat": 0, "booking": booking}
                                 for booking, (window, begins, _end) in zip(ids, held, strict=True)]).execute()
        BookingVisitor.insert_many([{"booking": booking, "name": "x"} for booking in ids]).execute()
    return len(rows)


def _day_of(cast, window, week):
    return cast.today + timedelta(days=window.weekday + 7 * week)


def test_a_busy_prison_costs_no_more_queries_than_a_quiet_one(sign_in, cast, busy_prison):
    pavel = sign_in("pavel")
    pavel.get("/visits")
    with counted() as seen:
        answer = pavel.get("/visits")
    assert busy_prison == 5000 and answer.text.count("Ukázkový spolek Návrat") > 50
    assert len([sql for sql in seen if sql != "COMMIT"]) <= 7, "\n".join(seen)
    for actor in (cast.pavel, cast.nela):
        with counted() as seen:
            visits.today(actor)
        assert len(seen) <= 3, "\n".join(seen)


def test_english_has_all_of_it_too(sign_in, cast):
    booking = confirmed(cast)
    nela = sign_in("nela")
    nela.post("/language", {"language": "en"}, page="/")
    assert "Visit 25 November 2026 at 9:00" in nela.get(f"/visits/{booking.public_id}").text
    assert clock.local(booking.starts_at).hour == 9
