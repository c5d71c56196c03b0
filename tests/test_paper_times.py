"""Times of a prison on paper: the coordinator keeps them until somebody of that prison has an account."""
from datetime import timedelta

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingFlag,
    BookingState,
    BookingVisitor,
    Clearance,
    ClearanceReason,
    Closure,
    Cooperation,
    CooperationState,
    Equipment,
    FlagCause,
    Journal,
    Kind,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Place,
    PrisonProfile,
    Reason,
    Role,
    User,
    Window,
)
from services import accounts, openings, slots, visits
from services.visits import paper, review
from tests.support.visits import asked, confirmed, free

WEEKLY = {"kind": "individual", "weekday": "2", "starts": "9:00", "ends": "11:00", "slot_minutes": "60", "seats": "1",
          "people": "", "staff_minutes": "", "notice_days": "1", "every_weeks": "1", "valid_from": "2026-11-23",
          "valid_until": ""}


@pytest.fixture
def lonely(cast):
    """A prison on paper of which nobody has an account; Nela's organisation co-operates with it."""
    with db.writing():
        prison = Organisation.create(slug="samota", kind=Kind.PRISON, state=OrganisationState.VERIFIED, invented=True,
                                     name="Ukázková věznice Samota", sort="samota", created_at=clock.now())
        PrisonProfile.create(organisation=prison, type="prison", on_paper=True)
        Cooperation.create(organisation=cast.ngo, prison=prison, state=CooperationState.ACTIVE,
                           since_on=clock.today() - timedelta(days=90))
    return prison


@pytest.fixture
def kora(sign_in):
    return sign_in("kora")


@pytest.fixture
def opened(kora, lonely):
    """The prison with a room open on Wednesdays."""
    _open_room(kora, lonely)
    return lonely


def _open_room(kora, prison):
    assert kora.get(f"/openings/prison/{prison.public_id}/place").status == 200
    kora.send(f"/openings/prison/{prison.public_id}/place", name="Hovorna", capacity="4")
    page = f"/openings/place/{Place.get(Place.prison == prison).public_id}/window"
    kora.get(page)
    assert kora.send(page, **WEEKLY).status == 303
    return kora.follow()


def links(page):
    return {link["href"] for link in page.all("a")}


def account_of(prison):
    """Somebody of a prison who has set a password."""
    with db.writing():
        return User.create(email="samota@example.org", name="Sam Samotář", role=Role.PRISON, lead=True,
                           password_hash="x", organisation=prison, created_at=clock.now())


# The coordinator keeps them

def test_the_coordinator_opens_the_times_and_all_goes_its_way_on_paper(sign_in, cast, kora, lonely, postbox, travel):
    page = kora.get("/paper/prisons").page
    times = f"/openings/prison/{lonely.public_id}"
    assert times in links(page) and f"/openings/prison/{cast.prison.public_id}" not in links(page)
    board = _open_room(kora, lonely)
    assert board.path == times and "středa 9:00–11:00" in board.text and lonely.name in board.text
    assert Journal.get(Journal.what == "window.add").actor == cast.kora

    nela = sign_in("nela")
    slot = free(lonely)
    asks = f"/visits/request/{lonely.public_id}"
    assert slot.key in nela.get(asks).html
    booking = asked(cast.nela, lonely, slot, equipment="notebook")
    assert len(nela.get(f"/paper/{booking.public_id}").page.with_class("sheet__page")) == 3
    answer = f"/paper/{booking.public_id}/answer"
    nela.get(answer)
    assert nela.send(answer, yes="yes").status == 422, "whether they may bring it in stands on the paper too"
    nela.get(answer)
    assert nela.send(answer, yes="yes", equipment="yes").status == 303
    row = Booking.get_by_id(booking.id)
    assert (row.state, row.on_paper, row.equipment_state) == (BookingState.CONFIRMED, True, Equipment.ALLOWED)
    sheets = f"/paper/{booking.public_id}"
    assert sheets in links(nela.get(f"/visits/{booking.public_id}").page)
    confirmation, gate = nela.get(sheets).page.with_class("sheet__page")
    assert "Potvrzená návštěva" in confirmation.text and "Nela Nová" in confirmation.text
    assert "Pro bránu" in gate.text and "Nela Nová" in gate.text and "notebook: povoleno" in gate.text
    postbox.deliver()
    travel.move_to(row.ends_at + timedelta(hours=1))
    nela, went = sign_in("nela"), f"/day/{booking.public_id}/record"
    nela.get(went)
    assert nela.send(went, held="yes", reached="1").status == 303
    assert Booking.get_by_id(booking.id).state is BookingState.HELD


def test_all_of_it_is_there(kora, opened, cast):
    """Places, windows, single days, closures and limits, each under the coordinator's own name."""
    place, window = Place.get(Place.prison == opened), Window.get(Window.place == Place.get(Place.prison == opened))
    base = f"/openings/prison/{opened.public_id}"
    for path, changes in [(f"/openings/place/{place.public_id}", {"name": "Hovorna A", "capacity": "3"}),
                          (f"/openings/window/{window.public_id}", {"seats": "2", "valid_from": "2026-12-02"}),
                          (f"/openings/place/{place.public_id}/day", {**WEEKLY, "valid_from": "2026-12-24"}),
                          (f"{base}/closure", {"from_on": "2026-12-09", "until_on": "2026-12-09", "reason": "cvičení"}),
                          (f"{base}/limits", {"visits": "3"})]:
        kora.get(path)
        answer = kora.send(path, **changes)
        assert (answer.status, answer.location.endswith(base)) == (303, True), path
    closure = Closure.get(Closure.prison == opened)
    kora.get(base)
    assert kora.send(f"/openings/closure/{closure.public_id}/reopen").location.endswith(base)
    whats = {row.what: row.actor_id for row in Journal.select().where(Journal.actor == cast.kora.id)}
    assert {"place.add", "place.change", "window.add", "window.change", "closure.add", "closure.reopen",
            "prison.limits"} <= set(whats)
    assert PrisonProfile.get(PrisonProfile.organisation == opened).week_visits == 3
    kora.get(f"/openings/place/{place.public_id}/close")
    assert kora.send(f"/openings/place/{place.public_id}/close").status == 303
    assert not slots.free_slots(opened, clock.today(), clock.today() + timedelta(days=60))


def test_what_a_change_touches_is_shown_to_the_coordinator_too(sign_in, kora, cast, opened):
    booking = asked(cast.nela, opened)
    paper.answer(cast.nela, booking.public_id, True)
    window = Window.get(Window.id == booking.window_id)
    page = f"/openings/window/{window.public_id}/end"
    kora.get(page)
    shown = kora.send(page, valid_until=clock.today().isoformat())
    assert shown.status == 200 and "Ukázkový spolek Návrat" in shown.text
    assert f"/visits/{booking.public_id}" not in shown.html, "the visit itself is not the coordinator's"
    assert not BookingFlag.select().exists()
    assert kora.post(page, shown.page.values(shown.page.form(page))).status == 303
    assert BookingFlag.get().booking_id == booking.id


def test_the_prison_says_on_paper_that_a_marked_visit_stays(sign_in, kora, cast, opened):
    booking = asked(cast.nela, opened)
    paper.answer(cast.nela, booking.public_id, True)
    kora.get(f"/openings/prison/{opened.public_id}/closure")
    day = clock.local(booking.starts_at).date().isoformat()
    closure = f"/openings/prison/{opened.public_id}/closure"
    kora.send(closure, from_on=day, until_on=day, reason="cvičení")
    kora.post(closure, kora.last.page.values(kora.last.page.form(closure)))
    assert BookingFlag.get().settled_at is None
    nela, page = sign_in("nela"), f"/visits/{booking.public_id}"
    nela.get(page)
    assert nela.send(f"/paper/{booking.public_id}/keep").status == 303
    flag = BookingFlag.get()
    assert flag.settled_how == "keep" and flag.settled_by == cast.nela and Booking.get_by_id(booking.id).on_paper
    assert nela.post(f"/paper/{booking.public_id}/keep").status in {303, 422}  # a double click
    assert BookingFlag.select().count() == 1


def test_nobody_keeps_a_visit_in_the_place_of_a_prison_that_answers_itself(sign_in, cast):
    booking = confirmed(cast)
    review.flag(None, [booking.id], FlagCause.CLOSED)
    assert sign_in("nela").post(f"/paper/{booking.public_id}/keep").status == 404
    assert BookingFlag.get().settled_at is None


# What stands on the paper beside yes and no

def test_the_paper_says_another_time(sign_in, cast, opened):
    """The prison wrote another of its open times: it is confirmed, and the time asked for is free again."""
    first, second = free(opened), free(opened, 1)
    booking = asked(cast.nela, opened, first)
    nela, page = sign_in("nela"), f"/paper/{booking.public_id}/answer"
    nela.get(page)
    assert nela.send(page, yes="other").status == 422
    nela.get(page)
    assert nela.send(page, yes="other", other=second.key).status == 303
    row = Booking.get_by_id(booking.id)
    assert (row.state, row.starts_at, row.on_paper) == (BookingState.CONFIRMED, second.starts_at, True)
    assert free(opened).key == first.key


def test_the_paper_says_who_may_not_come(sign_in, cast, opened):
    with db.writing():
        PrisonProfile.update(clearance_months=6).where(PrisonProfile.organisation == opened).execute()
    booking = asked(cast.nela, opened, colleagues=[cast.nela.public_id, cast.nora.public_id])
    nela, page = sign_in("nela"), f"/paper/{booking.public_id}/answer"
    names = {row.visitor.name: row for row in Clearance.select()}
    nela.get(page)
    refused = {f"refused-{names['Nora Náhlá'].public_id}": next(iter(ClearanceReason)).value}
    assert nela.send(page, yes="yes", **refused).status == 303
    who = {row.name: row.refused for row in BookingVisitor.select().where(BookingVisitor.booking == booking.id)}
    assert who["Nora Náhlá"] and not who["Nela Nová"]


def test_what_may_not_be_brought_in_stands_so_at_the_gate(sign_in, cast, opened):
    booking = asked(cast.nela, opened, equipment="=notebook")
    paper.answer(cast.nela, booking.public_id, True, equipment=False)
    gate = sign_in("nela").get(f"/paper/{booking.public_id}").page.with_class("sheet__page")[-1]
    assert "=notebook: nepovoleno" in gate.text


def test_the_gate_of_a_request_says_no_time_that_is_not_chosen_yet(sign_in, cast, opened):
    booking = asked(cast.nela, opened, others=[free(opened, 1).key])
    gate = sign_in("nela").get(f"/paper/{booking.public_id}").page.with_class("sheet__page")[-1]
    assert gate.text.count("25. 11. 2026") == 2, gate.text


def test_nothing_is_printed_of_a_visit_that_does_not_take_place(sign_in, cast, opened):
    booking = asked(cast.nela, opened)
    paper.answer(cast.nela, booking.public_id, False, reason=Reason.STAFF)
    assert sign_in("nela").get(f"/paper/{booking.public_id}").status == 404


# It ends by itself, and nobody else does it

def test_it_ends_as_soon_as_somebody_of_the_prison_has_an_account(sign_in, kora, cast, opened):
    place = Place.get(Place.prison == opened)
    paths = [f"/openings/prison/{opened.public_id}", f"/openings/place/{place.public_id}",
             f"/openings/prison/{opened.public_id}/limits"]
    assert [kora.get(path).status for path in paths] == [200, 200, 200]
    account_of(opened)
    assert [kora.get(path).status for path in paths] == [404, 404, 404]
    assert kora.post(f"/openings/prison/{opened.public_id}/place", {"name": "B", "capacity": "2"}).status == 404
    assert paths[0] not in links(kora.get("/paper/prisons").page)
    with pytest.raises(Missing):
        openings.kept_by(cast.kora, opened.public_id)


def test_a_first_password_takes_a_prison_off_paper(sign_in, cast, opened):
    """From then on it answers itself: nobody writes down an answer in its place."""
    booking = asked(cast.nela, opened)
    accounts.invite(cast.adam, opened.public_id, "samota@example.org", "Sam Samotář", Role.PRISON, True)
    assert paper.is_on_paper(opened.id), "whom somebody invited cannot sign in yet"
    token = accounts.new_token()
    with db.writing():
        OneTimeToken.update(token_hash=accounts.token_hash(token)).where(
            OneTimeToken.user == User.get(User.email == "samota@example.org")).execute()
    accounts.set_password(token, "kolo jede do kopce")
    assert not paper.is_on_paper(opened.id)
    with pytest.raises(Missing):
        paper.answer(cast.nela, booking.public_id, True)
    with pytest.raises(RuleBroken):
        visits.advance(cast.nela, booking.public_id, visits.Event.CONFIRM)


@pytest.mark.parametrize("name", ["nela", "pavel", "kamila", "adam", "parta", "karel", "strange_prison"])
def test_nobody_else_keeps_them(sign_in, cast, opened, name):
    visitor, place = sign_in(name), Place.get(Place.prison == opened)
    for path in (f"/openings/prison/{opened.public_id}", f"/openings/prison/{opened.public_id}/place",
                 f"/openings/place/{place.public_id}", f"/openings/prison/{opened.public_id}/closure"):
        assert visitor.get(path).status == 404
    assert visitor.post(f"/openings/prison/{opened.public_id}/place", {"name": "B", "capacity": "2"}).status == 404
    with pytest.raises(Missing):
        openings.kept_by(cast.user(name), opened.public_id)


def test_the_coordinator_keeps_no_other_prison(kora, cast):
    with db.writing():
        PrisonProfile.update(on_paper=True).execute()  # it has accounts: marked so or not
    window = cast.windows[0]
    for path in (f"/openings/prison/{cast.prison.public_id}", f"/openings/place/{cast.place.public_id}",
                 f"/openings/window/{window.public_id}", "/openings", "/openings/closure",
                 f"/openings/prison/{cast.ngo.public_id}", f"/openings/prison/{'x' * 22}"):
        assert kora.get(path).status == 404, path


def test_a_prison_keeps_its_own_by_either_address(sign_in, cast):
    assert sign_in("pavel").get(f"/openings/prison/{cast.prison.public_id}").status == 200


# Attacks

@pytest.mark.parametrize("other", ["\0", "x", "=1+1", "0" * 200])
def test_a_time_that_is_none_is_refused_beside_its_field(sign_in, cast, opened, other):
    booking = asked(cast.nela, opened)
    nela, page = sign_in("nela"), f"/paper/{booking.public_id}/answer"
    nela.get(page)
    assert nela.send(page, yes="other", other=other).status == 422
    assert Booking.get_by_id(booking.id).state is BookingState.REQUESTED


def test_a_time_of_another_prison_or_one_that_is_taken_is_not_given(sign_in, cast, opened):
    one, two = asked(cast.nela, opened), asked(cast.nela, opened, free(opened, 1))
    for key in (free(cast.prison).key, f"{two.window.public_id}.{two.starts_at.strftime(slots.STAMP)}"):
        with pytest.raises(RuleBroken):
            paper.answer(cast.nela, one.public_id, True, other=key)
    row = Booking.get_by_id(one.id)
    assert (row.state, row.on_paper) == (BookingState.REQUESTED, False), "nothing of the answer is left"


def test_two_tabs_write_down_one_answer(sign_in, cast, opened):
    first, second = free(opened, 1), free(opened, 2)
    booking = asked(cast.nela, opened)
    nela, nora, page = sign_in("nela"), sign_in("nora"), f"/paper/{booking.public_id}/answer"
    nela.get(page), nora.get(page)
    assert nela.send(page, yes="other", other=first.key).status == 303
    assert nora.send(page, yes="no", reason="staff").location.endswith(f"/visits/{booking.public_id}")
    assert "Předběhl vás kolega nebo druhá strana: Nela Nová" in nora.follow().page.id("alerts").text
    assert nela.post(page, {"yes": "other", "other": second.key}).status in {303, 422}
    row = Booking.get_by_id(booking.id)
    assert (row.state, row.starts_at) == (BookingState.CONFIRMED, first.starts_at)
    assert free(opened, 1).key == second.key, "no seat is held beside the visit's own"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "<b>x</b>", "Ho\0vorna"])
def test_a_place_with_a_strange_name_is_text(kora, lonely, name):
    page = f"/openings/prison/{lonely.public_id}/place"
    kora.get(page)
    assert kora.send(page, name=name, capacity="2").status == 303
    assert name.replace("\0", "") in kora.follow().text.replace("�", "")


def test_a_second_click_adds_no_second_place(kora, lonely):
    page = f"/openings/prison/{lonely.public_id}/place"
    kora.get(page)
    assert [kora.post(page, {"name": "Hovorna", "capacity": "2"}).status for _each in range(2)] == [303, 422]
    assert Place.select().where(Place.prison == lonely).count() == 1


def test_a_closure_of_a_foreign_place_is_missing(kora, cast, opened):
    page = f"/openings/prison/{opened.public_id}/closure"
    kora.get(page)
    day = clock.today().isoformat()
    assert kora.send(page, place=cast.place.public_id, from_on=day, until_on=day).status == 422
    with pytest.raises(Missing):
        openings.close(cast.kora, openings.Closing(clock.today(), clock.today(), place=cast.place.public_id),
                       prison=opened.public_id)
    assert not Closure.select().exists()
