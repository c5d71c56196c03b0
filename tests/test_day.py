"""The day itself: the gate's sheet and the slips, how visits went, what they cost."""
import re
from datetime import date, timedelta
from itertools import product

import pytest

import clock
import db
from errors import Missing, RuleBroken
from models import (
    Booking,
    BookingClient,
    BookingRecord,
    BookingState,
    BookingVisitor,
    Client,
    Journal,
    Membership,
    PrisonProfile,
    Reason,
)
from services import keys, visitors, visits
from services.visits import Event, cost, gate, recording
from services.visits.recording import Went
from tests.support.visits import confirmed, free

DOCUMENT, PLATE = "AB 987654", "4S2 1234"


@pytest.fixture
def coming(cast):
    """Nela's confirmed visit for one client of the prison, her document and a car known."""
    booking = confirmed(cast)
    with db.writing():
        row = visitors.add(cast.nela, "", cast.nela.public_id)
        visitors.keep_document(cast.nela, row.public_id, DOCUMENT)
        BookingVisitor.update(visitor=row.id).where(BookingVisitor.booking == booking.id).execute()
        client = a_client(cast)
        BookingClient.create(booking=booking.id, client=client)
        booking.plate = keys.seal(booking, "plate", PLATE, booking.organisation)
        booking.staff_note = keys.seal(booking, "staff_note", "přivést přes vrátnici 2", booking.organisation)
        booking.client_note = keys.seal(booking, "client_note", "vezměte si dopis z exekuce", booking.organisation)
        booking.save()
    return Booking.get_by_id(booking.id)


def a_client(cast, code="VZR22", worker=None):
    from crypto import check_sign
    row = Client.create(code=code + check_sign(code), prison=cast.prison, recorded_by=cast.prison)
    Membership.create(client=row, organisation=cast.prison, worker=worker or cast.pavel, since_on=cast.today)
    return row


def day_of(booking) -> date:
    return clock.local(booking.starts_at).date()


def after(travel, booking, **more):
    travel.move_to(booking.ends_at + timedelta(**(more or {"minutes": 5})))


# Sheets

def test_the_gate_learns_who_comes_and_no_client(sign_in, cast, coming):
    answer = sign_in("pavel").get(f"/day/gate?on={day_of(coming)}")
    assert answer.status == 200
    for word in ("Nela Nová", DOCUMENT, PLATE, "Ukázkový spolek Návrat", "Návštěvní místnost", "Pavel Přímý"):
        assert word in answer.text
    code = Client.get(Client.code.startswith("VZR22")).code
    assert code not in answer.html and "dluhy" not in answer.html and "vrátnici" not in answer.html
    cells = [cell.text for cell in answer.page.all("td")]
    assert "1" in cells  # how many clients are brought
    row = Journal.get(Journal.what == "gate.sheet")
    assert (row.actor_id, row.parts, row.ground) == (cast.pavel.id, "document,plate", str(day_of(coming)))


@pytest.mark.parametrize("name", ["nela", "kamila", "petra", "kora", "adam", "karel", "parta"])
def test_nobody_but_the_prison_prints_its_sheets(sign_in, coming, name):
    visitor = sign_in(name)
    for sheet in ("gate", "slips"):
        assert visitor.get(f"/day/{sheet}?on={day_of(coming)}").status == 404
    assert Journal.select().where(Journal.what.in_(["gate.sheet", "visit.slips"])).count() == 0


def test_another_prisons_sheet_is_its_own(sign_in, coming):
    text = sign_in("strange_prison").get(f"/day/gate?on={day_of(coming)}").text
    assert DOCUMENT not in text and "Nela" not in text


def test_a_slip_has_a_code_and_two_notes_apart(sign_in, cast, coming):
    page = sign_in("pavel").get(f"/day/slips?on={day_of(coming)}").page
    (staff,), (client,) = page.with_class("slip__staff"), page.with_class("slip__client")
    code = Client.get(Client.code.startswith("VZR22")).code
    assert code in staff.text and "vrátnici 2" in staff.text and "exekuce" not in staff.text
    assert code in client.text and "exekuce" in client.text and "vrátnici" not in client.text
    assert "Nela" not in page.text and "Návrat" not in page.text
    assert Journal.get(Journal.what == "visit.slips").client == BookingClient.get().client_id


def test_a_member_gets_slips_of_own_clients_only(sign_in, cast, coming):
    text = sign_in("patrik").get(f"/day/slips?on={day_of(coming)}").text
    assert "VZR22" not in text and "1 předváděný klient má kód" in text


def test_who_was_refused_is_not_on_the_sheet_and_who_is_not_cleared_is_marked(sign_in, cast, coming):
    with db.writing():
        PrisonProfile.update(clearance_months=12).where(PrisonProfile.organisation == cast.prison).execute()
    address = f"/day/gate?on={day_of(coming)}"
    assert "vstup nepovolen" in sign_in("pavel").get(address).text
    with db.writing():
        BookingVisitor.update(refused="security").execute()
    assert "Nela" not in sign_in("pavel").get(address).text.replace("Nela Nová Odhlásit", "")


@pytest.mark.parametrize("on", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31", "2099-12-31", "\0"])
def test_a_bad_day_is_today(sign_in, on):
    pavel = sign_in("pavel")
    for path in ("/day", "/day/gate", "/day/slips"):
        assert pavel.get(path, query_string={"on": on}).status == 200


def test_sheets_as_pdf(sign_in, coming):
    from exporters import pdf
    if not pdf.installed():
        pytest.skip("WeasyPrint is not installed")
    for sheet in ("gate", "slips"):
        answer = sign_in("pavel").get(f"/day/{sheet}?on={day_of(coming)}&file=pdf")
        assert answer.status == 200 and answer.body.startswith(b"%PDF")


# How it went

def test_the_ordinary_case_is_one_click(sign_in, cast, coming, travel):
    after(travel, coming)
    pavel = sign_in("pavel")
    assert "1 návštěva skončila" in pavel.get("/").text
    answer = pavel.send("/day/record")
    assert answer.status == 303 and "Zapsána 1 návštěva" in pavel.follow().text
    row = BookingRecord.get()
    assert (row.held, row.by_prison, row.reached, row.staff_minutes) == (True, True, 1, 30)
    assert Booking.get_by_id(coming.id).state is BookingState.HELD
    pavel.post("/day/record", {"bookings": coming.public_id})  # the second click
    assert BookingRecord.select().count() == 1
    assert "skončila" not in pavel.get("/").text


def test_several_of_one_day_at_once(sign_in, cast, travel):
    first = confirmed(cast)
    second = confirmed(cast, slot=free(cast.prison, 1))
    after(travel, second)
    pavel = sign_in("pavel")
    pavel.get(f"/day?on={day_of(second)}")
    answer = pavel.post("/day/record", {"bookings": [first.public_id, second.public_id], "on": str(day_of(second))})
    assert answer.status == 303 and BookingRecord.select().count() == 2


def test_nothing_chosen_and_foreign_ones_are_refused(sign_in, coming, travel):
    after(travel, coming)
    assert sign_in("pavel").post("/day/record", {}).status == 422
    assert sign_in("strange_prison").post("/day/record", {"bookings": coming.public_id}).status == 404
    assert not BookingRecord.select().exists()


def test_not_held_says_whose_reason_it_was(sign_in, cast, coming, travel):
    after(travel, coming)
    nela, address = sign_in("nela"), f"/day/{coming.public_id}/record"
    page = nela.get(address).page
    assert not [field for field in page.all("input") if field["name"] == "minutes"]  # not hers to know
    assert nela.send(address, held="no").status == 422
    assert nela.send(address, held="no", reason="capacity").status == 422
    answer = nela.send(address, held="no", reason="client_absent")
    assert answer.status == 303
    booking = Booking.get_by_id(coming.id)
    assert (booking.state, booking.reason) == (BookingState.NOT_HELD, Reason.CLIENT_ABSENT)
    assert BookingRecord.get().reached == 0


@pytest.mark.parametrize(("field", "value"), [("reached", "-1"), ("reached", "1000"), ("reached", "x"),
                                              ("minutes", "10000"), ("minutes", "1.5"), ("minutes", "9" * 40)])
def test_a_bad_number_is_refused_and_what_was_typed_stays(sign_in, coming, travel, field, value):
    after(travel, coming)
    pavel, address = sign_in("pavel"), f"/day/{coming.public_id}/record"
    pavel.get(address)
    answer = pavel.send(address, **{field: value})
    assert answer.status == 422 and answer.page.id(f"{field}-error") and f'value="{value}"' in answer.html


def test_before_it_ends_it_is_not_asked_for_and_a_day_late_is_refused(cast, coming, travel):
    with pytest.raises(RuleBroken):
        recording.record(cast.pavel, coming.public_id, Went())
    after(travel, coming, days=12)
    with pytest.raises(RuleBroken):
        recording.record(cast.pavel, coming.public_id, Went())
    assert recording.unrecord_due() == 1 and recording.unrecord_due() == 0
    assert Booking.get_by_id(coming.id).state is BookingState.UNRECORDED
    recording.record(cast.pavel, coming.public_id, Went(reached=1, minutes=40))  # better late than never
    assert Booking.get_by_id(coming.id).state is BookingState.HELD


def test_one_reminder_then_unrecorded(cast, coming, travel, postbox):
    after(travel, coming)
    assert recording.remind_due() == 0
    after(travel, coming, days=6)
    assert [recording.remind_due(), recording.remind_due()] == [1, 0]
    postbox.deliver()
    mails = [mail for mail in postbox.to("pavel") if "Uskutečnila se návštěva" in mail["Subject"]]
    assert len(mails) == 1 and "VZR22" not in postbox.words(mails[0])


def test_the_other_side_objects_once_and_both_versions_stand(sign_in, cast, coming, travel):
    after(travel, coming)
    recording.record(cast.pavel, coming.public_id, Went(reached=1, minutes=45))
    with pytest.raises(RuleBroken):
        recording.object_to(cast.pavel, coming.public_id, Went(False, Reason.ORGANISATION))  # not one's own word
    nela, address = sign_in("nela"), f"/day/{coming.public_id}/object"
    nela.get(address)
    assert nela.send(address, held="yes").status == 422  # the same again
    assert nela.send(address, held="no", reason="prison").status == 303
    assert Booking.get_by_id(coming.id).state is BookingState.DISPUTED
    assert [(row.by_prison, row.held) for row in BookingRecord.select().order_by(BookingRecord.id)] == [
        (True, True), (False, False)]
    shown = sign_in("pavel").get(f"/day/{coming.public_id}/object").text
    assert "neuskutečnila se" in shown and "Horní Lhota: uskutečnila se" in shown
    assert cost.costs(cast.pavel).total.total.visits == 0
    recording.object_to(cast.nela, coming.public_id, Went(False, Reason.PRISON))  # the second click
    with pytest.raises(RuleBroken):
        recording.object_to(cast.pavel, coming.public_id, Went(False, Reason.PRISON))
    assert BookingRecord.select().count() == 2


def test_after_five_working_days_nobody_objects(cast, coming, travel):
    after(travel, coming)
    recording.record(cast.pavel, coming.public_id, Went(reached=1, minutes=45))
    travel.shift(8 * 86_400)
    with pytest.raises(RuleBroken):
        recording.object_to(cast.nela, coming.public_id, Went(False, Reason.PRISON))


SAY = {"record": recording.record, "object": recording.object_to}
STATES = [BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.HELD,
          BookingState.NOT_HELD, BookingState.DISPUTED, BookingState.UNRECORDED, BookingState.DECLINED]


@pytest.mark.parametrize(("state", "event"), list(product(STATES, SAY)))
def test_every_state_event_and_role(cast, coming, travel, state, event):
    """What may be written down in each state, by each role; the prison wrote down what was written."""
    after(travel, coming)
    written = state in {BookingState.HELD, BookingState.NOT_HELD, BookingState.DISPUTED}
    allowed = {("confirmed", "record"): {"nela", "pavel", "patrik", "nora"},
               ("unrecorded", "record"): {"nela", "pavel", "patrik", "nora"},
               ("held", "object"): {"nela", "nora"}, ("not_held", "object"): {"nela", "nora"}}
    for name in ("nela", "nora", "pavel", "patrik", "strange_ngo", "strange_prison", "kamila", "kora", "karel"):
        with db.writing():
            BookingRecord.delete().execute()
            Booking.update(state=state, reason="other").where(Booking.id == coming.id).execute()
            if written:
                BookingRecord.create(booking=coming, by_prison=True, held=state is not BookingState.NOT_HELD,
                                     reason="other", recorded_by=cast.pavel)
            if state is BookingState.DISPUTED:
                BookingRecord.create(booking=coming, by_prison=False, held=False, reason="other",
                                     recorded_by=cast.nela)
        went = Went(True, reached=1) if state is BookingState.NOT_HELD else Went(False, Reason.PRISON)
        if name in allowed.get((state.value, event), ()):
            SAY[event](cast.user(name), coming.public_id, went)
            travel.shift(1)
            with db.writing():  # the last event is a stranger's, so that nobody's own is taken for a second click
                from models import BookingEvent
                BookingEvent.create(booking=coming, event="note", new_state=state)
        else:
            with pytest.raises((Missing, RuleBroken)):
                SAY[event](cast.user(name), coming.public_id, went)
            assert Booking.get_by_id(coming.id).state is state


# What it costs

def test_cost_of_single_visits_and_its_file(sign_in, cast, coming, travel):
    after(travel, coming)
    recording.record(cast.pavel, coming.public_id, Went(reached=2, minutes=90))
    with db.writing():
        PrisonProfile.update(hour_cost=400).where(PrisonProfile.organisation == cast.prison).execute()
    pavel = sign_in("pavel")
    text = pavel.get("/day/cost").text.replace("\xa0", " ")
    assert "45 min/klient" in text and "300 Kč" in text
    lines = pavel.get("/day/cost.csv").body.decode("utf-8-sig").split("\r\n")
    assert re.search(r"^2026-1[12];jednotlivé návštěvy;1;2;90;45,0;300,0;0$", "\n".join(lines), re.MULTILINE)


def test_cost_is_the_prisons_own(sign_in, cast, coming, travel):
    after(travel, coming)
    recording.record(cast.pavel, coming.public_id, Went(reached=2, minutes=90))
    assert cost.costs(cast.strange_prison).total.total.visits == 0
    assert sign_in("nela").get("/day/cost").status == 404
    assert visits.Event.RECORD is Event.RECORD


def test_without_the_prisons_word_the_windows_minutes_count(cast, coming, travel):
    after(travel, coming)
    recording.record(cast.nela, coming.public_id, Went(reached=1))
    assert cost.costs(cast.pavel).total.single.minutes == 30


def test_unknown_numbers_are_named_apart(cast, coming, travel):
    after(travel, coming)
    recording.record(cast.pavel, coming.public_id, Went(reached=None, minutes=60))
    found = cost.costs(cast.pavel).total.single
    assert (found.visits, found.uncounted, found.minutes_a_person) == (0, 1, None)


def test_a_sheet_of_many_is_smaller(cast):
    line = gate.Line("1", cast.now, cast.now, "m", None, "o", [], "", "", False, None)
    sheets = [gate.Sheet("v", cast.today, [line] * number, "p", cast.now) for number in (5, 20)]
    assert [sheet.dense for sheet in sheets] == [False, True]


def test_a_prison_sets_how_long_clearances_hold_and_what_an_hour_costs(sign_in, cast):
    pavel = sign_in("pavel")
    pavel.get("/day/settings")
    for field, value in (("months", "0"), ("months", "61"), ("months", "x"), ("hour_cost", "-1")):
        answer = pavel.send("/day/settings", **{"months": "6", "hour_cost": "400", field: value})
        assert answer.status == 422 and answer.page.id(f"{field}-error")
    assert pavel.send("/day/settings", months="6", hour_cost="400").status == 303
    assert (visitors.months(cast.prison.id), cost.costs(cast.pavel).hour_cost) == (6, 400)
    pavel.get("/day/settings")
    pavel.send("/day/settings", months="", hour_cost="")
    assert visitors.months(cast.prison.id) is None
    assert sign_in("nela").get("/day/settings").status == 404
