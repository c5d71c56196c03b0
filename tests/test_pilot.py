"""The pilot report: rounded, without names, the same numbers in both forms."""
import csv
import io
from datetime import timedelta

import pytest

import db
from models import Booking, BookingRecord, BookingState, Referral, ReferralEvent, ReferralState, Role
from services import figures, pilot
from tests.support.visits import asked, free


@pytest.fixture
def run(app):
    return app.test_cli_runner().invoke


def visits(cast, count):
    with db.writing():
        first = asked(cast.nela, cast.prison, slot=free(cast.prison, 3))
    values = Booking.select().where(Booking.id == first.id).dicts().get()
    with db.writing():
        for number in range(count - 1):
            Booking.create(**{**values, "id": None, "public_id": f"{number:022}", "number": f"N{number}",
                              "request_key": f"k{number}", "state": BookingState.DECLINED, "reason": "staff"})
        for row in Booking.select():
            BookingRecord.create(booking=row, by_prison=True, held=True, staff_minutes=7)


def test_numbers_are_rounded_and_a_person_is_not_told(cast):
    visits(cast, 8)
    report = pilot.report(cast.today - timedelta(days=3), cast.today)
    assert report.visits == 10 and report.visits_by_state[BookingState.REQUESTED] == figures.SMALL
    assert report.visits_by_state[BookingState.DECLINED] == 5 and report.staff_minutes == 55
    assert set(report.visits_by_state) == set(BookingState) and len(report.use) == len(Role), "none looks like a few"
    assert report.visit_days is None, "fewer than five were answered"
    counts = [report.visits, report.referrals, report.staff_minutes, report.visits_recorded,
              *report.visits_by_state.values(), *[use.people for use in report.use]]
    assert all(number == figures.SMALL or number % 5 == 0 for number in counts)


def test_median_days_to_an_answer_of_what_was_sent_in_the_period(cast):
    with db.writing():
        for number, days in enumerate((1, 2, 3, 4, 30)):
            row = Referral.create(number=f"R{number}", request_key=f"R{number}", client=cast.karel,
                                  state=ReferralState.ACCEPTED, sent_at=cast.now - timedelta(days=40))
            ReferralEvent.create(referral=row, event="accept", new_state="accepted",
                                 at=row.sent_at + timedelta(days=days))
    begin = cast.today - timedelta(days=41)
    assert pilot.report(begin, cast.today).referral_days == 3
    assert pilot.report(cast.today, cast.today).referrals == figures.SMALL


def test_both_forms_have_the_same_lines_and_no_name(cast, run):
    visits(cast, 6)
    args = ["pilot-report", "--from", "2026-11-01", "--to", "2026-11-23"]
    text, table = run(args=args), run(args=[*args, "--format", "csv"])
    assert text.exit_code == 0 and table.exit_code == 0, text.output + table.output
    rows = list(csv.reader(io.StringIO(table.output), delimiter=";"))[1:]
    assert len(rows) > 10 and all(f"| {line} | {value} |" in text.output for _part, line, value in rows)
    assert "# Zpráva o pilotu od 1. 11. 2026 do 23. 11. 2026" in text.output.replace("\xa0", " ")
    assert not [name for name in ("Nela", "Karel", cast.karel.code, cast.prison.name) if name in text.output]


def test_days_the_wrong_way_round_are_refused_with_a_sentence(run):
    answer = run(args=["pilot-report", "--from", "2026-11-23", "--to", "2026-11-01"])
    assert answer.exit_code == 1 and "předchází" in answer.output


