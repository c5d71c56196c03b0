"""The demonstration as `make run` fills it in, from outside: the commands, and then SQL on what they left behind."""
import os
import re
import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher

from crypto import MasterKey
from tests.support import databases
from tests.support.demo import other_days, real_now

ROOT = Path(__file__).parents[1]
# a table, and the two columns by which it ties an organisation (or two of them) to something
TIES = [("user", "organisation_id"), ("booking", "organisation_id"), ("booking", "prison_id"), ("place", "prison_id"),
        ("membership", "organisation_id"), ("consent", "recipient_id"), ("prompt", "organisation_id"),
        ("follow_up", "organisation_id"), ("client", "prison_id"), ("client", "recorded_by_id"),
        ("cooperation", "organisation_id"), ("cooperation", "prison_id"), ("contact_person", "organisation_id"),
        ("closure", "prison_id"), ("snapshot", "organisation_id"), ("referral", "sender_id"),
        ("referral", "receiver_id"), ("report", "organisation_id"), ("report", "recipient_id"),
        ("verification", "recipient_id")]


class Demo:
    """A filled-in demonstration: `run` a command, ask for `rows` by SQL, read the `welcome`."""

    def __init__(self, folder: Path, url: str, ahead: timedelta = timedelta()):
        self.folder, self.url, self.ahead = folder, url, ahead
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {**kept, "DATA_DIR": str(folder), "DATABASE_URL": url, "MODE": "demo",
                            "ARGON2_MEMORY_KIB": "8"}
        self.run("migrate")
        self.said = self.run("fill-demo")
        self.welcome = self.run("welcome")

    def run(self, command: str) -> str:
        seconds = str(int(self.ahead.total_seconds()))
        return subprocess.run([sys.executable, "-m", "tests.support.ahead", seconds, command], cwd=ROOT, check=True,
                              capture_output=True, text=True, env=self.environment).stdout

    def rows(self, question: str) -> list[tuple]:
        connect = sqlite3.connect if self.url.startswith("sqlite") else psycopg.connect
        connection = connect(self.url.removeprefix("sqlite:///"))
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()

    def one(self, question: str):
        return self.rows(question)[0][0]

    def printed(self, pattern: str) -> str:
        return re.search(pattern, self.welcome)[1]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        yield Demo(folder, f"sqlite:///{folder}/navaznost.db")
        return
    server = request.getfixturevalue("postgresql_server")
    url = databases.own_database(server)
    yield Demo(folder, url)
    databases.drop_database(server, url)


KAREL = "(SELECT client.id FROM client JOIN \"user\" ON client.user_id = \"user\".id WHERE email = 'karel@demo.test')"


def test_there_are_two_hundred_clients_with_two_years_of_visits_and_follow_ups(demo):
    assert demo.said == "contact book and demo filled in\n"
    assert demo.one("SELECT count(*) FROM client") == 200
    assert demo.one("SELECT count(*) FROM booking") > 800
    assert demo.one("SELECT count(*) FROM follow_up") > 300
    assert demo.one("SELECT count(DISTINCT month) FROM snapshot") >= 20


def test_filling_in_again_changes_nothing(demo):
    before = demo.rows("SELECT count(*), max(id) FROM journal")
    assert demo.run("fill-demo") == "nothing to fill in\n"
    assert demo.rows("SELECT count(*), max(id) FROM journal") == before


@pytest.mark.parametrize(("table", "column"), TIES)
def test_nothing_invented_is_attached_to_a_real_organisation(demo, table, column):
    tied = f'SELECT count(*) FROM "{table}" JOIN organisation ON organisation.id = "{table}".{column}'
    assert demo.one(tied) > 0
    assert demo.one(f"{tied} WHERE NOT invented") == 0


def test_no_invented_organisation_works_in_a_real_prison_nor_a_real_one_in_an_invented(demo):
    assert demo.one("SELECT count(*) FROM prison_work") > 80
    assert demo.one("SELECT count(*) FROM prison_work JOIN organisation o ON o.id = organisation_id "
                    "JOIN organisation p ON p.id = prison_id WHERE o.invented != p.invented") == 0


def test_the_names_of_invented_organisations_say_so(demo):
    names = [name for name, in demo.rows("SELECT name FROM organisation WHERE invented")]
    assert names and all(re.search("ukázk", name, re.IGNORECASE) for name in names)


def test_every_account_has_the_password_that_is_printed(demo):
    password = demo.printed(r"password of all demo accounts:\s+(\S+)")
    hashes = demo.rows('SELECT email, password_hash FROM "user"')
    assert {email for email, _hash in hashes} == set(re.findall(r"\S+@demo\.test", demo.welcome))
    assert all(PasswordHasher().verify(found, password) for found in {found for _email, found in hashes})
    assert stat.S_IMODE((demo.folder / "demo-password").stat().st_mode) == 0o600


def test_karels_card_has_the_number_that_is_printed(demo):
    number = demo.printed(r"card number:\s+((?:\w{4} ?){4})").replace(" ", "")
    fingerprint = MasterKey.load(str(demo.folder / "master.key")).fingerprint("card", number)
    assert demo.one(f"SELECT card_hash FROM client WHERE id = {KAREL}") == fingerprint


def test_karels_thirtieth_day_is_due_for_kamila(demo):
    assert demo.rows('SELECT email, prompt.state FROM prompt JOIN "user" ON "user".id = worker_id '
                     f"WHERE client_id = {KAREL} AND milestone = 30") == [("kamila@demo.test", "open")]


def test_karel_has_a_confirmed_meeting_ahead(demo):
    now = "strftime('%Y-%m-%dT%H:%M:%SZ')" if demo.url.startswith("sqlite") else "now()"
    assert demo.one("SELECT count(*) FROM booking JOIN booking_client ON booking_id = booking.id "
                    f"WHERE client_id = {KAREL} AND state = 'confirmed' AND starts_at > {now}") == 1


def test_karels_journal_says_who_looked(demo):
    readers = {email for email, in demo.rows('SELECT email FROM journal JOIN "user" ON "user".id = actor_id '
                                             f"WHERE client = {KAREL} AND action = 'read'")}
    assert readers == {"pavel@demo.test", "kamila@demo.test", "petra@demo.test"}


def test_nelas_organisation_has_nothing_of_karel_before_he_agrees(demo):
    nelas = "(SELECT organisation_id FROM \"user\" WHERE email = 'nela@demo.test')"
    assert demo.one(f"SELECT count(*) FROM membership WHERE organisation_id = {nelas}") > 0
    assert demo.one(f"SELECT count(*) FROM membership WHERE client_id = {KAREL} AND organisation_id = {nelas}") == 0
    assert demo.one(f"SELECT count(*) FROM consent WHERE client_id = {KAREL} AND recipient_id = {nelas}") == 0


def test_requests_wait_for_pavel_and_one_slot_is_nearly_full(demo):
    assert demo.one("SELECT count(*) FROM booking JOIN organisation ON organisation.id = prison_id "
                    "WHERE slug = 'ukazkova-veznice-lipa' AND booking.state = 'requested'") >= 5
    nearly_full = demo.rows('SELECT 1 FROM booking_seat JOIN "window" ON "window".id = window_id WHERE booking_id IN '
                            "(SELECT id FROM booking WHERE state IN ('requested', 'confirmed')) "
                            "GROUP BY window_id, starts_at, seats HAVING seats > 1 AND count(*) = seats - 1")
    assert nearly_full


def test_no_seat_is_held_by_a_visit_that_does_not_take_place(demo):
    states = {state for state, in demo.rows("SELECT DISTINCT state FROM booking JOIN booking_seat "
                                            "ON booking_id = booking.id")}
    assert states <= {"requested", "confirmed", "countered", "held", "not_held", "disputed", "unrecorded"}


def test_what_is_about_clients_lies_sealed(demo):
    for table, column in (("client", "name"), ("client", "born"), ("client", "contact"), ("follow_up", "note")):
        values = [bytes(value) for value, in demo.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")]
        assert values and all(value[:1] == b"\x01" and b"demo.test" not in value for value in values)
    if demo.url.startswith("sqlite"):
        assert "Karel Jasný".encode() not in (demo.folder / "navaznost.db").read_bytes()


def check_that_nothing_happened_in_the_future(demo):
    now = (real_now() + demo.ahead).strftime("%Y-%m-%dT%H:%M:%SZ")
    for table, column in (("booking", "created_at"), ("booking", "decided_at"), ("booking_event", "at"),
                          ("follow_up", "created_at"), ("consent_event", "at"), ("journal", "at"),
                          ("referral_event", "at"), ("report", "created_at"), ("verification", "asked_at")):
        assert demo.one(f"SELECT count(*) FROM {table} WHERE {column} > '{now}'") == 0, table


def test_nothing_in_it_happened_in_the_future(demo):
    check_that_nothing_happened_in_the_future(demo)


@pytest.mark.long
@pytest.mark.parametrize("then", other_days(), ids=str)
def test_nothing_in_it_happened_in_the_future_whatever_the_day(tmp_path, then):
    check_that_nothing_happened_in_the_future(Demo(tmp_path, f"sqlite:///{tmp_path}/navaznost.db", then - real_now()))


def test_no_mail_of_what_happened_long_ago_waits_to_be_sent(demo):
    """Whoever tries it out sees the mails of their own steps; those of the past would hold them up."""
    assert demo.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'")[0][0] <= 10


def test_the_invented_register_has_one_mismatch_one_absent_and_one_as_it_is(demo):
    """It came by the importer, and says nothing of real organisations."""
    registered = dict(demo.rows("SELECT number, register FROM register_record"))
    assert registered == {"89990001": "rpss-demo", "89990002": "rpss-demo"}
    assert demo.one("SELECT count(*) FROM import WHERE format = 'rpss' AND state = 'done'") == 1
    total, capacity = demo.rows("SELECT places_total, capacity FROM service JOIN register_record"
                               " ON slug = 'rpss-' || number WHERE number = '89990002'")[0]
    assert (total, capacity) == (16, 24)
    assert demo.one("SELECT places_total FROM service WHERE slug = 'rpss-89990001'") == 12
    icos = {row[0] for row in demo.rows("SELECT ico FROM organisation WHERE invented AND ico != ''")}
    assert len(icos) == 3 and len(icos - {row[0] for row in demo.rows("SELECT ico FROM register_record")}) == 1


WORKS_AT = "(SELECT organisation_id FROM \"user\" WHERE email = '%s@demo.test')"


def test_there_is_a_referral_in_each_state_and_one_late_and_one_that_the_client_wrote(demo):
    states = {state for state, in demo.rows("SELECT DISTINCT state FROM referral")}
    assert states == {"draft", "sent", "question", "waiting", "accepted", "in_care", "declined", "unanswered",
                      "withdrawn", "closed", "handed_on"}
    assert demo.one("SELECT count(*) FROM referral WHERE state = 'sent' AND overdue_at IS NOT NULL") == 1
    assert demo.one("SELECT count(*) FROM referral WHERE state = 'in_care' AND line_asked_at IS NOT NULL") >= 1
    assert demo.one(f"SELECT count(*) FROM referral WHERE kind = 'self' AND client_id = {KAREL}") == 1


@pytest.mark.parametrize(("who", "sends", "gets"), [("pavel", 9, 0), ("kamila", 5, 0), ("petra", 2, 0),
                                                    ("nela", 4, 12), ("sona", 0, 4)])
def test_referrals_go_out_and_come_in(demo, who, sends, gets):
    assert demo.one(f"SELECT count(*) FROM referral WHERE sender_id = {WORKS_AT % who}") >= sends
    received = f"SELECT count(*) FROM referral WHERE receiver_id = {WORKS_AT % who} AND state <> 'draft'"
    assert demo.one(received) >= gets


def test_there_is_a_closing_report_in_each_state_and_karel_has_one_to_read(demo):
    states = {state for state, in demo.rows("SELECT DISTINCT state FROM report")}
    assert states == {"draft", "with_client", "read", "remarked", "issued"}
    assert demo.rows(f"SELECT state FROM report WHERE client_id = {KAREL} ORDER BY id DESC")[0] == ("with_client",)
    assert demo.one("SELECT count(*) FROM report WHERE number IS NOT NULL") == 3


@pytest.mark.parametrize("who", ["pavel", "kamila", "petra", "nela"])
def test_a_fact_waits_to_be_verified_by_each(demo, who):
    assert demo.one("SELECT count(*) FROM verification WHERE answered_at IS NULL "
                    f"AND recipient_id = {WORKS_AT % who}") >= 1


def test_colleagues_stand_in_for_some_workers_and_nobody_for_themself(demo):
    assert demo.one("SELECT count(*) FROM stand_in") > 40
    assert demo.one("SELECT count(*) FROM stand_in JOIN membership ON membership.id = membership_id "
                    "WHERE stand_in.worker_id = membership.worker_id") == 0
