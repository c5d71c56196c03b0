"""fig-A5: no sealed value of a client reaches a reader who may not see it, on any page, mail, feed or line of the log.

fig-A4: what is foreign, erased or missing cannot be told apart.
"""
import logging
from itertools import product
from math import prod

import pytest
from peewee import fn
from werkzeug.routing.converters import NumberConverter

import db
from models import (
    Booking,
    BookingState,
    Client,
    Consent,
    EmergencyAccess,
    FamilyRequest,
    FollowUp,
    Journal,
    Organisation,
    PlanItem,
    Prompt,
    Referral,
    Report,
    Verification,
)
from services import accounts, journal, keys
from tests.support import canary
from tests.support.cast import PEOPLE

READERS = [None, *PEOPLE, "karel", "cyril"]
A_FEW = [None, "nela", "kamila", "pavel", "petra", "kora", "strange_curator", "karel"]
MANY_WORDS = 20
NAMED_HEADERS = ("Cache-Control", "Content-Type", "Content-Length", "Vary", "ETag", "Last-Modified", "Set-Cookie",
                 "Content-Security-Policy", "Location")


def addresses(app, ids: dict[str, list[str]]) -> list[str]:
    """Every page that answers GET, its public ids filled in: `ids` by the word that their addresses begin with.

    An address gets all ids of its own kind, and one of each other. Where it has very many choices of words beside its
    id, a form for each part of a record, three ids do.
    """
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        names = sorted(rule.arguments)
        words = {name: sorted(rule._converters[name].items) for name in names
                 if hasattr(rule._converters[name], "items")}
        words |= {name: [1] for name in names if isinstance(rule._converters[name], NumberConverter)}
        kind = rule.rule.removeprefix("/me").split("/")[1]
        near = [*ids.get(kind, []), *(each[0] for other, each in ids.items() if other != kind)]
        few = near[:1] + near[-2:] if prod(map(len, words.values())) > MANY_WORDS else near
        values = [words.get(name, few) for name in names]
        with app.test_request_context():
            for combination in product(*values) if names else [()]:
                found.append(app.url_map.bind("").build(rule.endpoint, dict(zip(names, combination, strict=True))))
    return list(dict.fromkeys(found))


KINDS = {"clients": Client, "visits": Booking, "consents": Consent, "written": FollowUp, "follow-ups": Prompt,
         "plan-items": PlanItem, "questions": Verification, "referrals": Referral, "reports": Report,
         "emergency": EmergencyAccess, "notes": FamilyRequest}


def ids_of_everything() -> dict[str, list[str]]:
    prisons = Organisation.select().where(Organisation.kind == "prison").limit(2)
    rows = {"book": prisons, **{name: model.select().limit(6) for name, model in KINDS.items()}}
    held = Booking.select().where(Booking.state == BookingState.HELD)  # of them partners say how it went
    return {name: [row.public_id for row in each] for name, each in {**rows, "partners": held}.items()}


def test_each_kind_has_addresses_and_rows(app, cast, flight):
    heads = {rule.rule.removeprefix("/me").split("/")[1] for rule in app.url_map.iter_rules()}
    assert set(KINDS) <= heads and all(ids_of_everything().values())


@pytest.fixture
def flight(cast):
    return canary.release(cast)


def test_no_canary_reaches_who_may_not_see_it(app, engine, cast, sign_in, browser, postbox, flight, figure, caplog):
    """Everybody on SQLite; on PostgreSQL, where the same conditions are asked, one of each kind."""
    caplog.set_level(logging.DEBUG)
    pages = addresses(app, ids_of_everything())
    clients = {"karel": cast.karel_user, "cyril": cast.cyril_user}
    for name in READERS if engine.name == "sqlite" else A_FEW:
        reader = clients.get(name) or (getattr(cast, name) if name else None)
        visitor = sign_in(name) if name else browser
        for path in pages:
            answer = visitor.get(path)
            flight.look(answer.body.decode(errors="replace") + str(answer.headers), reader, path)
    postbox.deliver()
    for mail in postbox.mails:
        flight.look(mail.as_string(), None, "mail")
    flight.look(caplog.text, None, "log")
    planted = canary.Flight(flight.tokens, flight.today)
    planted.look(f"<p>{flight.tokens[0].word}</p>", cast.kora, "planted")
    figure("fig-A5 canaries shown to who may not see them", value=len(flight.leaks), unit="tokens", n=flight.looked,
           target=0, ok=not flight.leaks and flight.seen > 0,
           control=f"planted leak found: {len(planted.leaks)} of 1; seen rightly: {flight.seen}")
    assert flight.leaks == [] and flight.seen > 0 and len(planted.leaks) == 1
    unseen = {token.kind for token in flight.tokens} - flight.kinds - {"draft"}  # its form is about nothing here
    assert not unseen, f"nobody was shown {unseen}: the pages that show them were not looked at"


def test_the_two_judgements_differ_where_one_is_broken(cast, flight):
    """The second implementation is not asked by the first: it says no to who has no tie, yes to who has one."""
    identity = next(token for token in flight.tokens if token.kind == "identity" and token.client_id == cast.karel.id)
    assert flight.may(cast.kamila, identity) and not flight.may(cast.nela, identity)
    assert not flight.may(cast.kora, identity) and not flight.may(cast.klara, identity)


def test_foreign_erased_and_missing_look_the_same(app, cast, sign_in, figure):
    """fig-A4: status, named headers, length and body of every page with an id, for three readers."""
    with db.writing():
        karel = cast.karel
        keys.destroy(karel)
        Client.update(erased_at=cast.now).where(Client.id == karel.id).execute()
    ids = {"foreign": cast.cyril.public_id, "erased": karel.public_id, "missing": "A" * 22}
    pages = [path for path in addresses(app, {"": [ids["missing"]]})
             if ids["missing"] in path and "/password/" not in path]
    differing, compared = [], 0
    for name in ("kamila", "nela", "pavel", "karel"):
        visitor = sign_in(name)
        visitor.get("/accessibility")  # the first form of a session sets its cookie, whatever page it stands on
        for path in pages:
            faces = {which: face(visitor.get(path.replace(ids["missing"], each))) for which, each in ids.items()}
            compared += 1
            if len(set(faces.values())) > 1:
                differing.append(f"{name} {path} {[each[0] for each in faces.values()]}")
    visitor = sign_in("kamila")
    own, foreign = (face(visitor.get(f"/book/{each}")) for each in (cast.prison.public_id, "B" * 22))
    figure("fig-A4 foreign, erased, missing answers that differ", value=len(differing), unit="pages", n=compared,
           target=0, ok=not differing, control=f"a page of one's own differs from a missing one: {own != foreign}")
    assert differing == [], differing


def face(answer):
    """All by which one answer can be told from another."""
    return answer.status, answer.body, tuple((name, answer.headers.get(name)) for name in NAMED_HEADERS)




# Reading and the journal

STAFF = ("kamila", "pavel")
NOT_OF_A_CLIENT = {"document", "visit", "view", "draft"}


def shown_unwritten(app, cast, sign_in, flight) -> tuple[int, list[str]]:
    """Pages of staff on which a word about a client stands: how many, and those of which the client reads nothing."""
    tokens = [token for token in flight.tokens if token.kind not in NOT_OF_A_CLIENT]
    looked, unwritten = 0, []
    pages = [path for path in addresses(app, ids_of_everything()) if path.split("/")[1] in KINDS]
    for name in STAFF:
        reader, browser = getattr(cast, name), sign_in(name)
        for path in pages:
            before = Journal.select(fn.MAX(Journal.id)).scalar() or 0
            body = browser.get(path).body.decode(errors="replace")
            of = {token.client_id for token in tokens if token.word in body}
            told = {row.client for row in Journal.select().where(Journal.id > before, Journal.actor == reader)}
            looked += len(of)
            unwritten += [f"{name} {path}" for client in of - told]
    return looked, unwritten


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_word_about_a_client_is_shown_without_a_row_in_the_journal(app, engine, cast, sign_in, flight, figure,
                                                                     monkeypatch):
    looked, unwritten = shown_unwritten(app, cast, sign_in, flight)
    monkeypatch.setattr(journal, "read", lambda *given, **more: None)
    unseen = shown_unwritten(app, cast, sign_in, flight)[1]
    figure("fig-J4 pages that show what is written about a client without a row in the journal", len(unwritten),
           "pages", n=looked, control=len(unseen) > 20 and f"without the rows: {len(unseen)}")
    assert not unwritten


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_has_not_accepted_the_rules_of_now_is_shown_no_word_about_a_client(app, engine, cast, sign_in, flight,
                                                                              monkeypatch):
    """Kamila accepted the first version; there is a second."""
    words = [token.word for token in flight.tokens if token.kind not in NOT_OF_A_CLIENT]

    def shown(head="/"):
        db.forget_kept()
        pages = [path for path in addresses(app, {"clients": ids_of_everything()["clients"][:1]})
                 if path.startswith(head)]
        kamila = sign_in("kamila")
        bodies = {path: kamila.get(path).body.decode(errors="replace") for path in pages}
        return [path for path, body in bodies.items() if any(word in body for word in words)]
    monkeypatch.setattr(accounts, "RULES_VERSION", "2")
    assert not shown()
    assert sign_in("kamila").get("/clients").location.startswith("/confidentiality")
    monkeypatch.undo()
    assert len(shown("/clients")) > 4
