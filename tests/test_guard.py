"""The application does not start where it would not be safe, and a route does no more than it declares."""
import sqlite3

import flask
import peewee
import pytest

import app as application
import db
import web
from db import Mode
from errors import Forbidden
from models import User
from policy import Can
from services import accounts


def start(tmp_path, **settings):
    return application.create_app(**{"data_dir": str(tmp_path), "database_url": f"sqlite:///{tmp_path / 'x.db'}",
                                     "argon2_memory_kib": 8, **settings})


def sentences(tmp_path, **settings):
    with pytest.raises(SystemExit) as stopped:
        start(tmp_path, **settings)
    return [line for line in str(stopped.value).splitlines() if line.startswith("- ")]


# Views

def test_a_view_without_a_policy_stops_the_start(tmp_path, monkeypatch):
    health = application._health

    def careless(app):
        app.add_url_rule("/careless", "careless", lambda: "everything")
        health(app)
    monkeypatch.setattr(application, "_health", careless)
    with pytest.raises(RuntimeError, match="careless"):
        start(tmp_path)


def test_marking_a_view_is_enough_and_order_does_not_matter():
    made = flask.Flask("one view")
    made.add_url_rule("/a", "a", web.allow(Can.SEE_BOOK)(lambda: ""))
    with pytest.raises(RuntimeError) as stopped:
        web.guard(made)
    assert "static" in str(stopped.value) and " a" not in str(stopped.value)


def test_what_an_endpoint_without_a_policy_would_answer_is_the_bare_404(app, sign_in, monkeypatch):
    monkeypatch.delattr(app.view_functions["account.help"], "declared")
    answer = sign_in("nela").get("/help")
    assert (answer.status, answer.heading) == (404, sign_in("nela").get("/nowhere").heading)


# Settings

def test_plain_http_starts_on_loopback_only(tmp_path):
    for url in ("http://127.0.0.1:8000", "http://localhost:5000", "http://[::1]:8000", "https://net.example.org"):
        start(tmp_path, base_url=url)
    for url in ("http://net.example.org", "http://192.168.1.5:8000", "http://127.0.0.1.example.org",
                "http://localhost.example.org", "ftp://127.0.0.1", ""):
        assert any("https" in sentence for sentence in sentences(tmp_path, base_url=url)), url


def test_live_refuses_with_a_sentence_for_each_reason(tmp_path):
    said = sentences(tmp_path, mode="live", base_url="http://127.0.0.1:8000")
    for word in ("SECOND_FACTOR", "https://", "MASTER_KEY_FILE", "BACKUP_RECIPIENT"):
        assert sum(word in sentence for sentence in said) == 1, word
    assert all(sentence.endswith(".") for sentence in said)


def test_each_reason_goes_when_it_is_met(tmp_path):
    elsewhere = tmp_path / "keys"
    elsewhere.mkdir()
    said = sentences(tmp_path / "data", mode="live", base_url="https://net.example.org",
                     master_key_file=str(elsewhere / "master.key"))
    assert len(said) == 2
    start(tmp_path / "data", mode="live", base_url="https://net.example.org", second_factor="totp",
          master_key_file=str(elsewhere / "master.key"), backup_recipient="age1…")


def test_a_mode_that_does_not_exist_is_refused(tmp_path):
    assert any("demo or live" in sentence for sentence in sentences(tmp_path, mode="production"))


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path):
    start(tmp_path)
    before = {name: (tmp_path / name).read_text() for name in ("secret.key", "master.key")}
    start(tmp_path)
    assert before == {name: (tmp_path / name).read_text() for name in before}
    assert all(len(bytes.fromhex(text)) == 32 for text in before.values())
    assert all((tmp_path / name).stat().st_mode & 0o777 == 0o600 for name in (*before, "x.db"))


# What a route may do to the database

def view_that_writes(mode):
    def view():
        accounts.set_language(User.get(User.email == "nela@example.org"), "en")
        return "written"
    view.declared = web.Declared(Can.SIGNED_IN, mode, web._get_mode(mode))
    return view


@pytest.mark.parametrize("mode", [Mode.READS, Mode.READS_FILE])
def test_a_route_that_reads_cannot_write(app, sign_in, cast, monkeypatch, mode):
    monkeypatch.setitem(app.view_functions, "account.overview", view_that_writes(mode))
    assert sign_in("nela").get("/account").status == 500
    assert cast.nela.language == "cs"


def test_a_route_that_writes_still_reads_on_get(app, sign_in, cast, monkeypatch):
    monkeypatch.setitem(app.view_functions, "account.overview", view_that_writes(Mode.WRITES))
    assert sign_in("nela").get("/account").status == 500
    assert cast.nela.language == "cs"


def test_a_connection_refuses_to_write_outside_of_a_write_transaction(cast):
    with pytest.raises(peewee.DatabaseError):
        User.update(language="en").execute()
    db.open_connection()
    with db.writing():
        User.update(language="en").execute()
    with pytest.raises(peewee.DatabaseError), db.database.atomic():
        User.update(language="cs").execute()
    assert cast.nela.language == "en"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL has one connection for both
def test_the_connection_that_reads_never_writes_not_even_after_the_other_one_did(cast, engine):
    reading = db.database.connection()
    with db.writing():
        writing = db.database.connection()
        User.update(language="en").execute()
    assert db.database.connection() is reading is not writing
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reading.execute("UPDATE user SET language = 'cs'")


def test_what_is_half_read_keeps_nobody_from_writing(cast, engine):
    rows = iter(User.select().iterator())
    next(rows)
    with db.writing():
        User.update(language="en").execute()
    assert next(rows) and cast.nela.language == "en"


def test_what_fails_in_a_write_transaction_leaves_nothing(cast):
    with pytest.raises(ValueError), db.writing():
        User.update(language="en").execute()
        with db.writing():
            User.update(post="x").execute()
        raise ValueError
    assert (cast.nela.language, cast.nela.post) == ("cs", "")


def test_limits_say_what_was_tried(cast):
    db.limit(Mode.READS)
    with pytest.raises(Forbidden), db.writing():
        pass
    db.limit(None)


# The database does not answer

def test_a_database_that_is_gone_is_a_page_that_says_try_again(app, sign_in, monkeypatch):
    nela = sign_in("nela")

    def gone(*arguments, **options):
        raise peewee.OperationalError("server closed the connection")
    monkeypatch.setattr(type(db.database.obj), "execute_sql", gone)
    answer = nela.get("/")
    assert answer.status == 503
    monkeypatch.undo()
    assert nela.get("/").status == 200
