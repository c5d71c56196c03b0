"""More than yes and no: several times, proposals, the waiting list, changes, collisions, yes in advance, flags."""
from datetime import timedelta

import pytest

import clock
import db
from errors import RuleBroken
from models import (
    AutomaticYes,
    Booking,
    BookingAlternative,
    BookingClient,
    BookingEvent,
    BookingFlag,
    BookingSeat,
    BookingState,
    Clearance,
    ClearanceState,
    Client,
    Consent,
    ConsentScope,
    ConsentState,
    Equipment,
    FlagCause,
    PrisonProfile,
    Reason,
    Scope,
    Window,
    WindowKind,
)
from services import cooperation, slots, visits
from services.visits import Event, Wish, review
from tests.support.stage import Stage
from tests.support.visit_states import changed, one_seat, several, violations, waiting
from tests.support.visits import asked, confirmed, free

State = BookingState


def again(booking) -> Booking:
    return Booking.get_by_id(booking.id)


@pytest.fixture(autouse=True)
def nothing_broken(app):
    yield
    assert violations() == []


# Several times

def test_three_times_are_held_until_the_prison_chooses_one(sign_in, cast):
    nela, page = sign_in("nela"), f"/visits/request/{cast.prison.public_id}/details"
    nela.get(f"{page}?slot={free(cast.prison).key}")
    others = [free(cast.prison, 4).key, free(cast.prison, 6).key]
    checked = nela.send(page, purpose="dluhy", others=others)
    assert checked.text.count("osobní pohovor") >= 3
    assert nela.send(page, step="send").status == 303
    booking = Booking.get()
    assert BookingSeat.select().count() == 3 and BookingAlternative.select().count() == 2
    pavel = sign_in("pavel")
    assert "víc termínů" in pavel.get("/").text
    assert pavel.post(f"/visits/{booking.public_id}/confirm").status == 422, "which of them is not said"
    asked_for = visits.holding.wished(booking)[2]
    pavel.get(f"/visits/{booking.public_id}/confirm")
    assert pavel.send(f"/visits/{booking.public_id}/confirm", time=asked_for.key).status == 303
    assert again(booking).starts_at == asked_for.starts_at and BookingSeat.select().count() == 1


def test_what_asks_for_more_than_yes_is_not_swept_along(sign_in, cast):
    plain, more = asked(cast.nela, cast.prison, free(cast.prison, 9)), several(cast)
    tools = asked(cast.nela, cast.prison, free(cast.prison, 11), equipment="dataprojektor")
    pavel = sign_in("pavel")
    page = pavel.get("/visits/waiting")
    boxes = [each["value"] for each in page.page.all("input") if each["name"] == "bookings"]
    assert boxes == [plain.public_id], "the others cannot even be ticked"
    answer = pavel.post("/visits/waiting", {"bookings": [each.public_id for each in (plain, more, tools)]})
    assert answer.status == 303 and "víc než" in pavel.follow().text
    assert [again(each).state for each in (plain, more, tools)] == [State.CONFIRMED, State.REQUESTED, State.REQUESTED]


def test_equipment_needs_a_yes_of_its_own(sign_in, cast):
    booking, pavel = asked(cast.nela, cast.prison, equipment="dataprojektor"), sign_in("pavel")
    page = f"/visits/{booking.public_id}/confirm"
    assert pavel.send(page, page=page).status == 422
    assert pavel.send(page, equipment="no", message="Máme vlastní.").status == 303
    assert again(booking).equipment_state is Equipment.REFUSED
    assert "Máme vlastní." in sign_in("nela").get(f"/visits/{booking.public_id}").text


def test_a_request_lapses_only_with_the_last_of_its_times(cast, travel):
    booking = several(cast)
    travel.move_to(booking.starts_at + timedelta(minutes=1))
    assert visits.lapse_due() == 0 and again(booking).state is State.REQUESTED
    later = visits.holding.wished(again(booking))[-1]
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM, time=later.key)
    assert again(booking).starts_at == later.starts_at


# A proposal

def test_a_proposal_is_accepted_with_one_click(sign_in, cast):
    booking, pavel, nela = asked(cast.nela, cast.prison), sign_in("pavel"), sign_in("nela")
    page = f"/visits/{booking.public_id}/propose"
    pavel.get(page)
    times = [each["value"] for each in pavel.last.page.all("input") if each["name"] == "time"]
    assert pavel.send(page, time=times[2]).status == 303
    assert BookingSeat.select().count() == 2, "the wanted and the proposed one"
    today = nela.get("/")
    assert "Čeká na vaši odpověď" in today.text
    assert nela.send(f"/visits/{booking.public_id}/accept").status == 303
    assert again(booking).state is State.CONFIRMED and BookingSeat.select().count() == 1
    assert f".{again(booking).starts_at:%Y%m%dT%H%MZ}" in times[2]
    assert again(booking).sequence == 1, "a calendar has had its entry at another time"


def test_who_has_no_clearance_is_marked_as_long_as_the_visit_is_to_be(sign_in, cast):
    with db.writing():
        PrisonProfile.update(clearance_months=12).execute()
    booking, pavel, nela = asked(cast.nela, cast.prison, guests=["Jana Vzorná"]), sign_in("pavel"), sign_in("nela")
    page = f"/visits/{booking.public_id}"
    visits.advance(cast.pavel, booking.public_id, Event.COUNTER, time=free(cast.prison, 3).key)
    visits.advance(cast.nela, booking.public_id, Event.ACCEPT)
    assert "Jana Vzorná – vstup nepovolen" in pavel.get(page).text and "vstup nepovolen" in nela.get(page).text
    with db.writing():
        Clearance.update(state=ClearanceState.CLEARED, until_on=cast.today + timedelta(days=90)).execute()
    assert "vstup nepovolen" not in pavel.get(page).text


def test_a_proposal_that_nobody_answers_runs_out(cast, travel):
    far = [slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=40))
           if slot.starts_at > cast.now + timedelta(days=14)]
    booking = asked(cast.nela, cast.prison, far[0])
    visits.advance(cast.pavel, booking.public_id, Event.COUNTER, time=far[3].key)
    travel.move_to(again(booking).offer_until + timedelta(seconds=1))
    with pytest.raises(RuleBroken):
        visits.advance(cast.nela, booking.public_id, Event.ACCEPT)
    assert visits.run_out_due() == 1 and visits.run_out_due() == 0
    assert again(booking).state is State.REQUESTED and BookingSeat.select().count() == 1
    assert again(booking).answer_by >= clock.today()


# The waiting list

def test_a_freed_seat_goes_down_the_line(cast, travel):
    first = waiting(cast)
    holder = Booking.get(Booking.organisation == cast.municipality)
    second = visits.ask(cast.petra, cast.prison, visits.new_request_key(),
                        Wish(slot=one_seat(cast).key, colleagues=[cast.petra.public_id], wait=True))
    assert {first.state, second.state} == {State.WAITING}
    visits.advance(cast.kamila, holder.public_id, Event.WITHDRAW)
    assert again(first).offer_until == clock.now() + timedelta(hours=24) and again(second).offer_until is None
    assert not one_seat(cast).free, "it is kept while it is offered"
    travel.shift(24 * 3600 + 1)
    assert visits.run_out_due() == 1
    assert again(first).offer_until is None and again(first).waiting_since > again(second).waiting_since
    assert visits.take_offer(cast.petra, second.public_id).state is State.REQUESTED
    travel.move_to(first.starts_at)
    assert visits.lapse_due() == 2 and again(first).state is State.LAPSED


def test_a_full_time_can_be_waited_for_through_the_pages(sign_in, cast):
    slot, nela = one_seat(cast), sign_in("nela")
    asked(cast.kamila, cast.prison, slot)
    page = f"/visits/request/{cast.prison.public_id}/details"
    assert "čekat v pořadí" in nela.get(f"{page}?slot={slot.key}").text
    nela.send(page, purpose="dluhy")
    assert nela.send(page, step="send").status == 303
    assert "čekací listině" in nela.follow().heading and Booking.get(Booking.organisation == cast.ngo).waiting_since


def test_the_fifth_of_a_week_waits(cast):
    with db.writing():
        PrisonProfile.update(week_visits=2).execute()
    held = [asked(cast.nela, cast.prison, free(cast.prison, number)) for number in (0, 1)]
    for booking in held:
        visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    with pytest.raises(visits.SlotTaken):
        asked(cast.nela, cast.prison, free(cast.prison, 2))
    late = asked(cast.nela, cast.prison, free(cast.prison, 2), wait=True)
    assert late.state is State.WAITING and not BookingSeat.select().where(BookingSeat.booking == late.id).exists()
    visits.advance(cast.nela, held[0].public_id, Event.CANCEL, Reason.ORGANISATION)
    assert again(late).offer_until and BookingSeat.select().where(BookingSeat.booking == late.id).exists()


# A change

def test_a_change_asks_anew_and_holds_what_was_agreed(sign_in, cast):
    booking = confirmed(cast)
    nela, page = sign_in("nela"), f"/visits/{booking.public_id}/change"
    nela.get(page)
    wanted = free(cast.prison, 5)
    assert nela.send(page, slot=wanted.key).status == 303
    now = again(booking)
    assert (now.state, now.sequence, now.starts_at) == (State.REQUESTED, 1, wanted.starts_at)
    assert BookingSeat.select().count() == 2
    before = next(time for time in visits.holding.wished(now) if time.is_before)
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM, time=before.key)
    assert again(booking).starts_at == booking.starts_at and again(booking).sequence == 2


def test_changed_notes_ask_nothing_again(sign_in, cast):
    booking, nela = confirmed(cast), sign_in("nela")
    page = f"/visits/{booking.public_id}/change"
    nela.get(page)
    assert nela.send(page, purpose="dluhy a bydlení", plate="1AB 2345").status == 303
    now = again(booking)
    assert (now.state, now.sequence) == (State.CONFIRMED, 0) and "dluhy a bydlení" in nela.follow().text
    assert bytes(now.purpose).find(b"dluhy") == -1, "sealed"
    nela.send(page, page=page)
    assert BookingEvent.select().where(BookingEvent.event == Event.NOTE).count() == 1, "nothing was different"


def test_a_change_that_is_declined_frees_everything(cast):
    booking = changed(cast)
    visits.advance(cast.pavel, booking.public_id, Event.DECLINE, Reason.STAFF)
    assert not BookingSeat.select().exists() and again(booking).sequence == 2


def test_the_note_for_the_client_is_for_who_may_know_of_them(sign_in, cast):
    with db.writing():
        Client.update(released_on=None).execute()
    booking = asked(cast.kamila, cast.prison, clients=[cast.karel.public_id])
    visits.advance(cast.pavel, booking.public_id, Event.CONFIRM)
    page = f"/visits/{booking.public_id}/notes"
    assert "Poznámka pro klienta" not in sign_in("patrik").get(page).text
    pavel = sign_in("pavel")
    pavel.get(page)
    assert pavel.send(page, client_note="Vezměte si občanku.", staff_note="zadní vchod").status == 303
    assert "občanku" in pavel.follow().text
    assert "občanku" not in sign_in("patrik").get(f"/visits/{booking.public_id}").text
    assert visits.next_of_client(cast.karel_user)[0].note == "Vezměte si občanku."


# One client at one time

@pytest.fixture
def karel_inside(cast):
    with db.writing():
        Client.update(released_on=None).execute()
    return cast.karel.public_id


def test_approving_one_settles_the_colliding_ones(cast, karel_inside):
    slot = free(cast.prison)
    one = asked(cast.kamila, cast.prison, slot, clients=[karel_inside])
    alone = asked(cast.kamila, cast.prison, slot, clients=[karel_inside])
    with db.writing():
        Window.update(seats=5).execute()
    two = asked(cast.kamila, cast.prison, slot, clients=[karel_inside], others=[free(cast.prison, 6).key])
    assert BookingClient.select().count() == 3
    visits.advance(cast.pavel, one.public_id, Event.CONFIRM)
    assert (again(alone).state, again(alone).reason) == (State.DECLINED, Reason.COLLISION)
    assert again(two).state is State.REQUESTED and again(two).starts_at != slot.starts_at
    assert not BookingAlternative.select().exists()


def test_nobody_is_confirmed_in_two_places(cast, karel_inside):
    slot = free(cast.prison)
    one = asked(cast.kamila, cast.prison, slot, clients=[karel_inside])
    visits.advance(cast.pavel, one.public_id, Event.CONFIRM)
    two = asked(cast.kamila, cast.prison, slot, clients=[karel_inside])
    with pytest.raises(RuleBroken, match="klient"):
        visits.advance(cast.pavel, two.public_id, Event.CONFIRM)


def test_whom_one_visits_is_an_own_client_or_one_who_agreed(cast, karel_inside):
    assert visits.clients_in(cast.nela, cast.prison) == []
    with db.writing():
        consent = Stage._consent(cast.karel, cast.ngo, cast.nela)
        Consent.update(state=ConsentState.ACTIVE, given_at=cast.now).where(Consent.id == consent.id).execute()
    assert visits.clients_in(cast.nela, cast.prison) == [], "to something else"
    with db.writing():
        ConsentScope.create(consent=consent, scope=Scope.VISITS)
    booking = asked(cast.nela, cast.prison, clients=[karel_inside])
    assert visits.open_booking(cast.nela, booking.public_id).codes == [cast.karel.code]


# Yes in advance

def test_a_prison_says_yes_in_advance(sign_in, cast, postbox):
    pavel = sign_in("pavel")
    pavel.get("/visits/automatic")
    answer = pavel.send("/visits/automatic", yes=[f"{cast.ngo.public_id}.individual"])
    assert answer.status == 303 and AutomaticYes.get().kind is WindowKind.INDIVIDUAL
    booking = asked(cast.nela, cast.prison)
    assert booking.state is State.CONFIRMED and again(booking).decided_by is None
    assert asked(cast.nela, cast.prison, free(cast.prison, 3), equipment="projektor").state is State.REQUESTED
    assert asked(cast.kamila, cast.prison, free(cast.prison, 5)).state is State.REQUESTED
    pavel.send("/visits/automatic", page="/visits/automatic", yes=[])
    assert not AutomaticYes.select().exists()


def test_a_prison_says_yes_only_to_whom_it_knows(cast):
    from services.visits import automatic
    automatic.keep(cast.pavel, {(cast.other_ngo.public_id, WindowKind.GROUP), ("x" * 22, WindowKind.GROUP)})
    assert not AutomaticYes.select().exists()


# Late answers

def test_a_late_answer_comes_up_and_then_goes_to_the_coordinator(sign_in, cast, travel):
    far = next(slot for slot in slots.free_slots(cast.prison, cast.today, cast.today + timedelta(days=40))
               if slot.starts_at > cast.now + timedelta(days=20))
    booking = asked(cast.nela, cast.prison, far, purpose="velmi tajné")
    travel.move_to(cast.now + timedelta(days=4))
    assert visits.overdue_due() == 1 and again(booking).overdue_at and not again(booking).escalated_at
    assert "měla být do" in sign_in("pavel").get("/").text and booking.number not in sign_in("kora").get("/").text
    travel.move_to(cast.now + timedelta(days=9))
    assert visits.overdue_due() == 1 and visits.overdue_due() == 0
    seen = sign_in("kora").get("/")
    assert booking.number in seen.text and cast.prison.name in seen.text
    assert "velmi tajné" not in seen.text and "Nela" not in seen.text and "dluh" not in seen.text
    assert again(booking).state is State.REQUESTED, "never confirmed by silence"


# When the world changes

def test_a_flagged_visit_is_kept_moved_or_cancelled_by_a_person(sign_in, cast):
    kept, moved, gone = [confirmed(cast, slot=free(cast.prison, number)) for number in (0, 3, 6)]
    ids = [kept.id, moved.id, gone.id]
    assert review.flag(cast.pavel, ids, FlagCause.CLIENT_MOVED) == 3
    assert review.flag(cast.pavel, ids, FlagCause.CLIENT_MOVED) == 0, "once for a cause"
    pavel = sign_in("pavel")
    assert "znovu posoudit" in pavel.get("/").text
    pavel.get(f"/visits/{kept.public_id}")
    assert pavel.send(f"/visits/{kept.public_id}/keep").status == 303
    visits.advance(cast.pavel, moved.public_id, Event.CHANGE, time=free(cast.prison, 8).key)
    visits.advance(cast.nela, gone.public_id, Event.CANCEL, Reason.ORGANISATION)
    assert [flag.settled_how for flag in BookingFlag.select().order_by(BookingFlag.booking)] == [
        "keep", "change", "cancel"]
    assert again(kept).state is State.CONFIRMED and again(moved).state is State.COUNTERED


def test_a_co_operation_that_ends_has_its_visits_looked_at(cast):
    from models import Cooperation, CooperationReason
    booking = confirmed(cast)
    row = Cooperation.get(Cooperation.organisation == cast.ngo)
    cooperation.advance(cast.pavel, row.public_id, cooperation.Event.END,
                        refusal=cooperation.Refusal(CooperationReason.AGREED))
    assert [flag.cause for flag in BookingFlag.select()] == [FlagCause.COOPERATION_ENDED]
    assert visits.open_booking(cast.pavel, booking.public_id).flags
