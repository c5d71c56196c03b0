"""Closing reports: the client reads them before they go; the machine as a table; who reads what was issued."""
import contextlib
import itertools

import pytest

import db
from models import Consent, ConsentScope, ConsentState, Journal, Report, ReportState, Scope
from services import keys, reports
from services.reports import By, Event


def write(sign_in, cast, recipient=None):
    """Kamila's draft about Karel, saved."""
    kamila = sign_in("kamila")
    page = f"/clients/{cast.karel.public_id}/reports"
    kamila.send(page, page=page)
    kamila.follow()
    draft = Report.get()
    kamila.send(f"/reports/{draft.public_id}/edit", page=f"/reports/{draft.public_id}/edit",
                summary="Našli jsme pokoj.", recipient=recipient.public_id if recipient else "")
    kamila.send(f"/reports/{draft.public_id}/need", page=f"/reports/{draft.public_id}/need", need="housing",
                result="achieved", done="Smlouva na rok.", left="Kauce.")
    return kamila, f"/reports/{draft.public_id}"


def consent(cast, recipient, *scopes):
    with db.writing():
        row = Consent(number="S-1", client=cast.karel, recipient=recipient, state=ConsentState.ACTIVE,
                      from_on=cast.today, until_on=cast.today.replace(year=2027), text_version="1", text_hash="0" * 64)
        row.purpose = keys.seal(row, "purpose", "aby věděli", cast.karel)
        row.save(force_insert=True)
        for scope in scopes:
            ConsentScope.create(consent=row, scope=scope)
        return row


def test_karel_reads_and_remarks_before_it_goes(sign_in, cast):
    kamila, page = write(sign_in, cast)
    karel, own = sign_in("karel"), f"/me{page}"
    assert karel.get(own).status == 404, "a draft is its author's"
    assert "Odeslat" not in kamila.get(page).text, "not before the client had it"
    kamila.send(f"{page}/show", page=page)
    shown = karel.get(own).text
    assert "Našli jsme pokoj." in shown and "Smlouva na rok." in shown and "Kauce." in shown
    karel.send(own, page=own, answer="remark", remark="Kauci už mám.")
    assert "Kauci už mám." in kamila.get(page).text
    kamila.send(f"{page}/issue", page=page)
    assert Report.get().number == "2026-0001"
    assert "2026-0001" in karel.get("/me/reports").text


def test_an_empty_remark_comes_back_beside_its_field(sign_in, cast):
    kamila, page = write(sign_in, cast)
    kamila.send(f"{page}/show", page=page)
    answer = sign_in("karel").send(f"/me{page}", page=f"/me{page}", answer="remark", remark=" ")
    assert answer.status == 422 and "Napište, co není správně" in answer.text


def test_what_came_on_paper_is_written_by_staff(sign_in, cast):
    kamila, page = write(sign_in, cast)
    kamila.send(f"{page}/show", page=page)
    kamila.send(f"{page}/remark", page=page, remark="Souhlasí.")
    assert Report.get().state is ReportState.REMARKED


def issued(sign_in, cast, recipient):
    kamila, page = write(sign_in, cast, recipient)
    kamila.send(f"{page}/show", page=page)
    kamila.send(f"{page}/skip", page=page)
    kamila.send(f"{page}/issue", page=page)
    return kamila, page


def test_the_probation_officer_reads_it_with_consent_to_the_plan_only(sign_in, cast):
    _kamila, page = issued(sign_in, cast, cast.probation)
    petra = sign_in("petra")
    with db.writing():
        cast.probation.save()
    assert petra.get(page).status == 404
    row = consent(cast, cast.probation, Scope.VISITS)
    assert petra.get(page).status == 404, "another scope opens no report"
    with db.writing():
        ConsentScope.create(consent=row, scope=Scope.PLAN)
        Consent.update(recipient_user=cast.petra).where(Consent.id == row.id).execute()
    assert "Našli jsme pokoj." in petra.get(page).text
    line = Journal.select().where(Journal.what == "report.open", Journal.actor == cast.petra).get()
    assert (line.client, line.ground) == (cast.karel.id, "consent:S-1")
    assert "četl/a závěrečnou zprávu o vás" in sign_in("karel").get("/me/who-looked").text
    with db.writing():
        Consent.update(state=ConsentState.WITHDRAWN).where(Consent.id == row.id).execute()
    assert petra.get(page).status == 404, "withdrawn: the next request"


@pytest.mark.parametrize("who", ["nela", "pavel", "strange_curator", "klara"])
def test_nobody_else_reads_it(sign_in, cast, who):
    _kamila, page = issued(sign_in, cast, cast.probation)
    assert sign_in(who).get(page).status == 404


def test_a_correction_is_a_new_version_and_the_old_one_stays(sign_in, cast):
    kamila, page = issued(sign_in, cast, cast.probation)
    kamila.send(f"{page}/correct", page=page)
    assert kamila.post(f"{page}/edit", {"summary": "jinak"}).status == 404, "what was issued does not change"
    new = Report.get(Report.version == 2)
    fresh = f"/reports/{new.public_id}"
    assert "Smlouva na rok." in kamila.get(fresh).text
    for event in ("show", "read", "issue"):
        kamila.send(f"{fresh}/{event}", page=fresh)
    assert sorted(row.number for row in Report.select()) == ["2026-0001", "2026-0001/2"]


def test_each_state_and_event_does_what_the_table_says(app, cast, figure):
    """Every state x event x side: the table's step is taken, everything else is refused and changes nothing."""
    allowed = {(step.old, step.event, by): step.new for step in reports.TRANSITIONS for by in step.by}
    wrong, tried = [], 0
    for state, event, by in itertools.product(ReportState, Event, By):
        tried += 1
        found = attempt(cast, state, event, by)
        if found != allowed.get((state, event, by), state):
            wrong.append((state, event, by, found))
    control = attempt(cast, ReportState.ISSUED, Event.TAKE_BACK, By.STAFF) is not ReportState.DRAFT
    figure("report machine: steps that differ from the table", len(wrong), "steps", n=tried, control=control and
           "what was issued cannot be taken back")


def attempt(cast, state, event, by):
    """The state of a report after somebody tried one event on it."""
    with db.writing():
        row = Report(client=cast.karel, organisation=cast.municipality, author=cast.kamila, state=state,
                     number=f"2025-{Report.select().count() + 1:04}" if state is ReportState.ISSUED else None)
        row.summary = keys.seal(row, "summary", "text", cast.karel)
        row.save(force_insert=True)
    with contextlib.suppress(reports.RuleBroken, reports.Missing):
        if by is By.STAFF:
            reports.step(cast.kamila, row.public_id, event, "poznámka")
        else:
            shown = reports.own_one(cast.karel_user, row.public_id).imprint
            reports.step_of_client(cast.karel_user, row.public_id, event, shown, "poznámka")
    return Report.get_by_id(row.id).state
