"""What goes by itself, and that nothing readable stays of who was erased. fig-N4 in small."""
import pytest

import db
import jobs
import models
from db import SealedColumn
from errors import SealBroken
from models import Draft, Journal, OneTimeToken, Outbox, OutboxState, TokenKind, UserSession
from services import drafts, erasure, feedback, keys, retention
from services.of_client import rows, ways
from tests.support import consent_world as world
from tests.test_consents import agree, prepare
from tests.test_files import entry

DAY = 24 * 3600


def test_mails_and_sign_ins_go_when_their_time_is_over(cast, travel):
    with db.writing():
        for state in OutboxState:
            row = Outbox(recipient="a@example.org", subject="x", state=state)
            row.body = keys.seal(row, "body", "x", keys.SYSTEM)
            row.save(force_insert=True)
        OneTimeToken.create(user=cast.nela, token_hash="t", kind=TokenKind.RESET, expires_at=cast.now)
        UserSession.create(user=cast.nela, token_hash="u", created_at=cast.now, seen_at=cast.now)
    travel.shift(20 * DAY)
    assert (retention.drop_old_mail(), retention.drop_old_sign_ins()) == (0, 0)
    travel.shift(71 * DAY)
    assert (retention.drop_old_mail(), retention.drop_old_sign_ins()) == (3, 2)
    assert {row.state for row in Outbox.select()} == {OutboxState.WAITING, OutboxState.SENDING}


def readable(cast_client):
    """Sealed values of a client that open: (table, column)."""
    found = []
    for model, way in ways().items():
        for row in rows(model, way, cast_client):
            for field in (field for field in model._meta.sorted_fields if isinstance(field, SealedColumn)):
                try:
                    found += [(model._meta.table_name, field.name)] * bool(keys.unseal(row, field.name, cast_client))
                except SealBroken:
                    continue
    return found


def erased_by(browser, client, password, code=None):
    """Both steps of the page; the last answer."""
    assert browser.get(f"/clients/{client.public_id}/erase").status == 200
    page = f"/clients/{client.public_id}/erase/now"
    return browser.post(page, {"code": code or client.code, "password": password}, page=page)


def test_nothing_readable_stays_of_who_was_erased(sign_in, cast, figure):
    with db.writing():
        entry(cast.karel, cast.kamila, "kanárek")
    karel, kamila, rows_before = cast.karel, sign_in("kamila"), Journal.select().where(
        Journal.client == cast.karel).count()
    before = readable(karel)
    assert erased_by(kamila, karel, cast.password).status == 303
    left = readable(models.Client.get_by_id(karel.id))
    assert kamila.get(f"/clients/{karel.public_id}").status == 404
    assert Journal.select().where(Journal.client == karel.id).count() > rows_before, "the journal stays"
    figure("fig-N4 values of an erased client that open", len(left), "values", n=len(before),
           control=before and f"before: {len(before)}")


@pytest.mark.parametrize("who", ["klara", "nela", "strange_curator", "kora", "adam"])
def test_only_a_lead_who_works_with_the_client_erases(cast, sign_in, who):
    page = f"/clients/{cast.karel.public_id}/erase"
    browser = sign_in(who)
    assert browser.get(page).status == 404
    assert browser.post(f"{page}/now", {"code": cast.karel.code, "password": cast.password}).status == 404
    assert keys.readable(cast.karel, "name", cast.karel)


@pytest.mark.parametrize(("code", "password", "sentence"), [
    ("KARE2X", None, "Opište kód klienta"), (None, "not this password", "Tohle není vaše heslo")])
def test_who_erases_types_whom_and_their_password_again(sign_in, cast, code, password, sentence):
    answer = erased_by(sign_in("kamila"), cast.karel, password or cast.password, code)
    assert answer.status == 422 and sentence in answer.text
    assert keys.readable(cast.karel, "name", cast.karel)


def everything(sign_in, cast):
    """Karel with a consent, an accepted referral, a plan, a visit and a report; Kamila erases him."""
    karel, kamila = sign_in("karel"), sign_in("kamila")
    agree(karel, prepare(karel, cast, "follow_up", "identity"))
    world.build(cast)
    kamila.post(f"/clients/{cast.karel.public_id}/plan/plan", {}, page=f"/clients/{cast.karel.public_id}/plan")
    return cast.karel, kamila


def test_of_who_was_erased_only_what_proves_something_stays_and_it_names_nobody(sign_in, cast, postbox):
    karel, kamila = everything(sign_in, cast)
    assert erased_by(kamila, karel, cast.password).status == 303
    left = models.Client.get_by_id(karel.id)
    assert left.code != karel.code and not any((left.name, left.prison_id, left.released_on, left.region_id))
    kept = {model for model, way in ways().items() if rows(model, way, left).exists()}
    assert kept <= erasure.STAYS | {models.ConsentScope, models.ConsentEvent, models.ReferralNeed,
                                    models.ReferralEvent, models.ReportLine}
    assert {models.Consent, models.Client, models.DeletionNotice} <= kept
    assert not models.User.get_by_id(karel.user_id).active and sign_in("kamila").get("/clients").status == 200


def test_who_could_read_is_told_to_delete(sign_in, cast, postbox):
    """The recipient of a consent, and an organisation that works with the client on its own."""
    karel, kamila = everything(sign_in, cast)
    erased_by(kamila, karel, cast.password)
    told = {row.organisation_id for row in models.DeletionNotice.select().where(models.DeletionNotice.client == karel)}
    assert {cast.ngo.id, cast.prison.id, cast.other_probation.id} <= told and cast.municipality.id not in told
    assert "byl vymazán" in sign_in("pavel").get("/consents").text


def test_a_backup_made_before_opens_nothing_once_it_serves(sign_in, cast, tmp_path, app):
    """The rows and the key of a backup are back; with the next start they are gone again."""
    karel = cast.karel
    key = models.DataKey.get(models.DataKey.owner == karel.public_id)
    erasure.configure(tmp_path / "erased.txt")
    assert erased_by(sign_in("kamila"), karel, cast.password).status == 303
    with db.writing():
        models.Client.update(**{name: karel.__data__[name] for name in ("code", "name", "erased_at")}).where(
            models.Client.id == karel.id).execute()
        models.DataKey.create(owner=key.owner, wrapped=key.wrapped)
    assert keys.unseal(models.Client.get_by_id(karel.id), "name", karel) == "Karel Křehký", "the control"
    assert app.test_cli_runner().invoke(args=["migrate"]).output.endswith("1 clients\n")
    assert models.Client.get_by_id(karel.id).erased_at and not readable(models.Client.get_by_id(karel.id))
    assert erasure.replay() == 0


def test_the_command_says_what_would_happen_and_erases_only_when_told_so(app, cast):
    run = app.test_cli_runner().invoke
    karel = cast.karel
    assert "Nothing was erased" in run(args=["erase-client", karel.code]).output
    assert keys.readable(cast.karel, "name", cast.karel)
    assert run(args=["erase-client", karel.code, "--yes"]).exit_code == 0
    assert models.Client.get_by_id(karel.id).erased_at
    assert run(args=["erase-client", karel.code, "--yes"]).exit_code == 1


# Drafts

def test_what_others_were_writing_about_a_client_is_sealed_for_both_and_goes_with_the_client(sign_in, cast):
    page = f"/follow-ups/{cast.prompt.public_id}"
    for about, fields in ((cast.prompt.public_id, {"note": ["rozepsáno"]}),
                          ("", {"client": [cast.karel.public_id], "note": ["rozepsáno"]})):
        drafts.keep(cast.nela, page, about, fields)
        row = Draft.get(Draft.user == cast.nela, Draft.about == about)
        assert row.owners == cast.karel.public_id and drafts.find(cast.nela, page, about) == fields
    with db.writing():
        keys.destroy(cast.karel)
    with pytest.raises(SealBroken):
        drafts.find(cast.nela, page, cast.prompt.public_id)
    assert erased_by(sign_in("kamila"), cast.karel, cast.password).status == 303
    assert not Draft.select().exists()


def test_the_client_s_copy_holds_what_others_are_just_writing_about_them(sign_in, cast):
    drafts.keep(cast.nela, "feedback.log", cast.prompt.public_id, {"note": ["rozepsané jaro"]})
    drafts.keep(cast.nela, "feedback.log", cast.strange_prompt.public_id, {"note": ["cizí jaro"]})
    text = sign_in("karel").get("/me/copy.json").body.decode()
    assert "rozepsané jaro" in text and "cizí jaro" not in text


# Closed cases

def end(browser, client):
    page = f"/clients/{client.public_id}/end"
    return browser.post(page, {}, page=page)


def test_the_work_ends_with_the_day_and_can_be_taken_back_on_it(sign_in, cast, travel):
    kamila, file = sign_in("kamila"), f"/clients/{cast.karel.public_id}"
    assert end(kamila, cast.karel).status == 303 and kamila.get(file).status == 200
    assert cast.prompt.state is models.PromptState.OPEN
    kamila.post(f"{file}/go-on", {}, page=f"{file}/end")
    travel.shift(2 * DAY)
    kamila = sign_in("kamila")
    assert kamila.get(file).status == 200
    end(kamila, cast.karel)
    travel.shift(DAY)
    assert sign_in("kamila").get(file).status == 404
    feedback.open_due()
    assert cast.prompt.state is models.PromptState.CANCELLED
    assert sign_in("pavel").get(file).status == 200, "the prison goes on"


def test_a_year_after_the_last_organisation_the_case_goes_by_itself(sign_in, cast, travel):
    for name in ("kamila", "pavel"):
        end(sign_in(name), cast.karel)
    travel.shift(365 * DAY)
    assert retention.drop_closed_cases() == 0
    travel.shift(DAY)
    assert retention.drop_closed_cases() == 1 and cast.cyril.erased_at is None
    assert models.Client.select().where(models.Client.erased_at.is_null(False)).count() == 1


def test_with_a_death_every_message_stops_and_the_record_goes_after_ninety_days(sign_in, cast, travel, postbox):
    karel, kamila, app_of_karel = cast.karel, sign_in("kamila"), sign_in("karel")
    agree(app_of_karel, prepare(app_of_karel, cast, "follow_up"))
    page = f"/clients/{karel.public_id}/died"
    assert kamila.post(page, {"died_on": "2999-01-01"}, page=page).status == 422
    assert kamila.post(page, {"died_on": cast.today.isoformat()}, page=page).status == 303
    assert {row.state for row in models.Prompt.select().where(models.Prompt.client == karel)} == {
        models.PromptState.DIED}
    assert not models.User.get_by_id(karel.user_id).active
    assert sign_in("nela").get(f"/clients/{karel.public_id}").status == 404, "the consent has ended"
    assert kamila.get(f"/clients/{karel.public_id}").status == 200
    travel.shift(89 * DAY)
    assert retention.drop_closed_cases() == 0
    travel.shift(2 * DAY)
    assert retention.drop_closed_cases() == 1 and models.Client.get_by_id(karel.id).erased_at


def test_a_death_that_was_a_mistake_is_taken_back_whole(sign_in, cast, travel):
    karel, kamila = cast.karel, sign_in("kamila")
    page = f"/clients/{karel.public_id}/died"
    assert kamila.post(page, {"died_on": cast.today.isoformat()}, page=page).status == 303
    wish = f"/clients/{karel.public_id}/asking"
    assert kamila.post(wish, {"again": "1", "channel": "worker"}, page=wish).status == 303
    assert models.Client.get_by_id(karel.id).died_on is None and models.User.get_by_id(karel.user_id).active
    waiting = models.Prompt.select().where(models.Prompt.client == karel, models.Prompt.state == "planned")
    assert {row.milestone for row in waiting} >= {90, 180}
    travel.shift(200 * DAY)
    assert retention.drop_closed_cases() == 0


def test_digest_lines_that_went_nowhere_go(cast, travel):
    with db.writing():
        models.DigestLine.create(user=cast.nela, topic=models.Topic.VISITS, subject="x")
    travel.shift(89 * DAY)
    assert retention.drop_old_digest_lines() == 0
    travel.shift(2 * DAY)
    assert retention.drop_old_digest_lines() == 1


def test_all_of_it_runs_by_itself():
    names = {name for name, _schedule, _work in jobs.JOBS}
    assert {"erase-closed-cases", "drop-digest-lines", "drop-mail", "drop-drafts", "drop-sign-ins"} <= names
