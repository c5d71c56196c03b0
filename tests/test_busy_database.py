"""Somebody else holds the database: a form that could not be saved comes back whole. fig-D5."""
import sqlite3
import threading
import time
from contextlib import contextmanager
from html import unescape

import psycopg
import pytest

import db
from models import Booking
from tests.support.visits import free

PURPOSE = "dluhy & „uvozovky“ <b>"
A_MOMENT, HALF_A_MINUTE = (0.3, 1.5), (10, 30)  # how long we wait for the lock, how long somebody holds it (seconds)


@contextmanager
def held(engine, seconds):
    """Another program holds the database against all who write."""
    begun, over = threading.Event(), threading.Event()
    holder = threading.Thread(target=_hold, args=(engine, seconds, begun, over))
    holder.start()
    begun.wait(5)
    try:
        yield
    finally:
        over.set()
        holder.join()


def _hold(engine, seconds, begun, over):
    if engine.url.startswith("sqlite"):
        connection, take = sqlite3.connect(engine.url.removeprefix("sqlite:///"), timeout=5), "BEGIN IMMEDIATE"
    else:
        connection, take = psycopg.connect(engine.url), 'LOCK TABLE "booking" IN SHARE MODE'
    connection.execute(take)
    begun.set()
    over.wait(seconds)
    connection.rollback()
    connection.close()


@contextmanager
def patience(seconds):
    """Our connections wait that long for a lock; in service it is ten seconds."""
    milliseconds = int(seconds * 1000)
    database = db.database.obj
    if db.is_sqlite():
        before, database._timeout = database._timeout, seconds
        pragmas, database._pragmas = database._pragmas, [
            (name, milliseconds if name == "busy_timeout" else value) for name, value in database._pragmas]
    else:
        before = database.connect_params["options"]
        database.connect_params["options"] = before.replace("lock_timeout=10s", f"lock_timeout={milliseconds}ms")
    database.close()
    try:
        yield
    finally:
        if db.is_sqlite():
            database._timeout, database._pragmas = before, pragmas
        else:
            database.connect_params["options"] = before
        database.close()


def form(cast):
    return f"/visits/request/{cast.prison.public_id}/details"


def filled_in(nela, cast):
    """The form as it stands to be sent, and what a browser would send."""
    nela.get(f"{form(cast)}?slot={free(cast.prison).key}")
    checked = nela.send(form(cast), purpose=PURPOSE, colleagues=[cast.nela.public_id])
    assert checked.status == 200
    return {**checked.page.values(checked.page.form(form(cast))), "step": "send"}


def kept(answer, cast, sent) -> bool:
    """Whether the form came back with a sentence and with all that was sent."""
    shown = answer.page.form(form(cast)) if answer.page else None
    if shown is None or "Databáze je zaneprázdněná" not in answer.text:
        return False
    values = answer.page.values(shown)
    return all(values.get(name) == value for name, value in sent.items() if name not in {"csrf_token", "step"}) \
        and PURPOSE in unescape(answer.html)


def busy(engine, cast, sign_in, figure, times, wait, hold):
    nela = sign_in("nela")
    lost, waited = 0, 0.0
    for _time in range(times):
        sent = filled_in(nela, cast)
        with patience(wait), held(engine, hold):
            began = time.monotonic()
            answer = nela.post(form(cast), sent)
            waited = max(waited, time.monotonic() - began)
        db.open_connection()
        assert answer.status == 503 and not Booking.select().exists()
        lost += not kept(answer, cast, sent)
    again = nela.post(form(cast), {**answer.page.values(answer.page.form(form(cast))), "step": "send"})
    assert again.status == 303 and Booking.select().count() == 1, "what came back can be sent"
    figure(f"fig-D5 forms lost while the database was locked for {hold} s", lost, "forms", times,
           control=not kept(nela.get("/visits"), cast, sent) and
           f"503 after {waited:.1f} s at most with all that was typed; the page that shows no form is found to lack it")


def test_a_form_is_kept_while_somebody_holds_the_database(engine, app, cast, sign_in, figure):
    busy(engine, cast, sign_in, figure, 5, *A_MOMENT)


@pytest.mark.long
def test_a_form_is_kept_while_somebody_holds_the_database_for_half_a_minute(engine, app, cast, sign_in, figure):
    busy(engine, cast, sign_in, figure, 1, *HALF_A_MINUTE)
