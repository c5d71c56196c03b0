"""fig-A10: no file that leaves the application carries more than fifty clients. Sixty of them are on every list."""
import inspect
import re
import subprocess
from datetime import timedelta

import pytest

import clock
import crypto
import db
from exporters import pdf
from models import (
    Booking,
    BookingClient,
    BookingState,
    Client,
    Consent,
    Membership,
    Prompt,
    PromptState,
    Task,
    TaskKind,
)
from services import keys
from tests.support.stage import Stage
from tests.test_headers import sample

MOST, MANY = 50, 60
WHO = ("pavel", "kamila", "nela")
MAKES_FILES = re.compile(r"(?<![\w.])(send|send_file|Response)\(")


@pytest.fixture
def many(cast):
    """Sixty clients of the prison, the town and the NGO, all of whom meet Nela tomorrow; the marks that name them."""
    stage = Stage(cast)
    booking, bodies = stage.bookings["cast"], (f"EXP{first}{second}" for first in "ABCDEFGH" for second in "ABCDEFGH")
    with db.writing():
        Booking.update(state=BookingState.CONFIRMED, starts_at=clock.now() + timedelta(days=1),
                       ends_at=clock.now() + timedelta(days=1, hours=1)).where(Booking.id == booking.id).execute()
        for number, body in zip(range(MANY), bodies, strict=False):
            _client(cast, booking, number, body + crypto.check_sign(body))
    return stage, [row.code for row in Client.select().where(Client.code.startswith("EXP"))]


def _client(cast, booking, number, code):
    row = Client(code=code, card_hash=code, recorded_by=cast.municipality, prison=cast.prison,
                 planned_release_on=clock.today() + timedelta(days=9))
    row.name = keys.seal(row, "name", f"Osoba {code}", row)
    row.save(force_insert=True)
    for organisation, worker in ((cast.municipality, cast.kamila), (cast.prison, cast.pavel), (cast.ngo, cast.nela)):
        Membership.create(client=row, organisation=organisation, worker=worker)
        Task.create(organisation=organisation, owner=worker, client=row, kind=TaskKind.AFTER_JOINT_DAY,
                    due_on=clock.today())
        consent = Consent(number=f"X{number}-{organisation.id}", client=row, recipient=organisation, text_version="1",
                          text_hash="0", from_on=clock.today(), until_on=clock.today() + timedelta(days=9))
        consent.purpose = keys.seal(consent, "purpose", "x", row)
        consent.save(force_insert=True)
    Prompt.create(client=row, organisation=cast.municipality, worker=cast.kamila, milestone=30, due_on=clock.today(),
                  state=PromptState.OPEN)
    BookingClient.create(booking=booking, client=row)


def addresses(app, stage):
    """Every address of a room that can answer with a file, as it is and with what makes a file of it; and a list."""
    yield "/releases"
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    for rule in app.url_map.iter_rules():
        room = inspect.getsource(inspect.getmodule(app.view_functions[rule.endpoint]))
        if "GET" in rule.methods and rule.endpoint != "static" and MAKES_FILES.search(room):
            samples = {name: sample(rule._converters[name]) for name in rule.arguments}
            path = stage.address(app, rule.endpoint, "cast" if rule.arguments else "", samples)
            yield from (path, f"{path}?on={tomorrow}&file=pdf&format=csv")


def named(answer, codes) -> int:
    """How many clients a file names; a PDF is read as text."""
    body = answer.body
    if body.startswith(b"%PDF"):
        body = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True).stdout
    return sum(code.encode() in body for code in codes)


def test_no_file_carries_more_than_fifty_clients(app, cast, sign_in, many, figure, monkeypatch):
    stage, codes = many
    monkeypatch.setattr(pdf, "pdf_of", lambda html, stylesheet: html.encode())  # drawing takes seconds and hides words
    monkeypatch.setattr(pdf, "installed", lambda: True)
    found, lists = {}, {}
    for who in WHO:
        browser = sign_in(who)
        for path in addresses(app, stage):
            answer = browser.get(path)
            kept = lists if answer.headers.get("Content-Type", "").startswith("text/html") else found
            if answer.status == 200:
                kept[f"{who} {path}"] = named(answer, codes)
    many_named = {path: number for path, number in found.items() if number > MOST}
    slips = next(number for path, number in found.items() if "/day/slips" in path and number)
    figure("fig-A10 exports of more than fifty rows of client data without a password", len(many_named), "files",
           n=len(found), ok=not many_named and slips == MOST,
           control=max(lists.values()) > MOST and f"a page that names {max(lists.values())} of {MANY} is counted")
    assert not many_named, many_named


def test_the_rest_of_the_slips_stands_in_the_next_part(sign_in, cast, many):
    tomorrow, pavel = (clock.today() + timedelta(days=1)).isoformat(), sign_in("pavel")
    parts = [pavel.get(f"/day/slips?on={tomorrow}&part={part}").text for part in (1, 2, 3)]
    shown = [{code for code in many[1] if code in text} for text in parts]
    assert len(shown[0]) == MOST and shown[0] | shown[1] == set(many[1]) and not shown[0] & shown[1] and not shown[2]
