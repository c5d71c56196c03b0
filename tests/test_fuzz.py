"""Nonsense in every field, parameter, header and part of an address, by those who may be there; fields no form has.

First everything by turns: each field of each form and each parameter with each odd value, the rest as the page would
send it. Then by chance: other methods, headers, addresses, readers, several at once. No answer may be an error of
ours, carry a traceback or take two seconds.
"""
import os
import random
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import flask
import pytest

import db
from models import MODELS, Booking
from services import slots
from tests.support import cast as the_cast
from tests.support.browser import Browser, _apart
from tests.support.stage import FEED, LINK, Stage
from tests.test_access_matrix import samples
from tests.test_headers import BASE

SLOWEST = 2.0  # seconds
SEED = int(os.environ.get("FUZZ_SEED", "22"))
KEY = "A" * 22
ODD = [
    "", " ", "\0", "a\0b", "\x0b", "\u2028", "\u202e", "\ud800", "\uffff", "💥" * 40, "é" * 300, "x" * 70_000,
    "=cmd|' /C calc'!A0", "\r\nBcc: a@example.org", "'; DROP TABLE client; --", "%", "{{ 7*7 }}", "%(name)s",
    "<script>alert(1)</script>", "[a](javascript:alert(1))", "\\", "//evil.example", "http://[", "javascript:1",
    "../../etc/passwd", "0", "-1", "1e999", "NaN", "²", "١", "9" * 400, "null", "[]", "yes", "keep", "stuck",
    "0001-01-01", "9999-12-31", "2026-02-30", "31. 12. 9999", "1. 1. 1", "24:00", KEY, f"\0{KEY[1:]}", ".", "a.b.c",
    f"{KEY}.00010101T0000Z", f"{KEY}.99991231T2359Z", f"{KEY}.20270230T2561Z", "\0.20270301T0800Z", "č" * 22,
]
PARTS = ("%00", "%ff", "%ed%a0%80", "..", "%2e%2e", "", "a", "A" * 23, "%0a", "č")
METHODS = ("GET",) * 6 + ("POST",) * 6 + ("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE")
HEADERS = ("HX-Request", "HX-Boosted", "HX-Current-URL", "HX-Target", "HX-Trigger", "HX-History-Restore-Request",
           "HX-Current-URL-URI-AutoEncoded", "Referer", "Origin", "Accept-Language", "Accept", "Cookie", "User-Agent",
           "Sec-Fetch-Site", "Sec-Fetch-Mode", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
           "If-None-Match", "If-Modified-Since", "Range", "Content-Type", "X-HTTP-Method-Override", "Authorization")
PARAMETERS = {  # (reader, address): parameters it reads
    ("nela", "/book"): ("q", "area", "region", "prison", "page"), ("kora", "/book/to-verify"): ("kind", "page"),
    ("kora", "/book/unconfirmed"): ("kind", "page"), ("pavel", "/visits"): ("week",),
    ("nela", "/visits/request/{prison}"): ("week",), ("nela", "/visits/request/{prison}/details"): ("slot",),
    ("nela", "/visits/earlier"): ("page",), ("kamila", "/clients"): ("page",), ("karel", "/me/who-looked"): ("page",),
    ("adam", "/admin/users"): ("page",), ("kora", "/figures"): ("day", "prison"),
    ("kora", "/figures.csv"): ("day", "prison"), (None, "/sign-in"): ("next",),
}


class Scene:
    """Everything as it was, with things to be about; addresses are written with names in braces."""

    def __init__(self, app, engine, cast):
        engine.restore()
        self.app, self.cast, self.stage = app, cast, Stage(cast)
        slot = slots.free_slots(cast.prison, cast.today, cast.next_weekday(4))[-1]
        self.names = {
            "booking": self.stage.bookings["cast"].public_id, "consent": self.stage.consents["cast"].public_id,
            "prison": cast.prison.public_id, "ngo": cast.ngo.public_id, "client": cast.karel.public_id,
            "prompt": cast.prompt.public_id, "link": LINK, "feed": FEED, "slot": slot.key,
            "nela": cast.nela.public_id, "feed_id": self.stage.feed.id}
        self.browsers = {}

    def fill(self, text):
        return text.format(**self.names)

    def reader(self, name):
        if name not in self.browsers:
            self.browsers[name] = Browser(self.app, self.cast, name)
            self.browsers[name]._find_token()
        return self.browsers[name]

    def send(self, name, method, path, fields=None, query=(), headers=()):
        """Status, body and seconds; whatever comes through the application counts as 599."""
        started = time.perf_counter()
        body = {} if fields is None else {
            "data": encoded([("csrf_token", self.reader(name).token), *fields]),
            "content_type": "application/x-www-form-urlencoded"}
        try:
            response = _apart(self.reader(name).client.open, path, base_url=BASE, method=method,
                              query_string=encoded(query), headers=list(headers), **body)
            answer = response.status_code, response.get_data()
            response.close()
        except Exception as error:
            answer = 599, repr(error).encode()
        return *answer, time.perf_counter() - started


def encoded(pairs):
    return urlencode([(key, str(value).encode("utf-8", "surrogatepass")) for key, value in pairs])


# (reader, address, what is sent; {} are names of a scene)
WISH = {"slot": "{slot}", "colleagues": "{nela}", "guests": "Host Hostů", "purpose": "poradna", "clients": "{client}",
        "request_key": "k" * 22}
ENTRY = {"request_key": "r" * 22, "reached": "in_person", "needs-housing-state": "stuck", "needs-housing-step": "poor",
         "needs-housing-barrier": "other", "note": "a", "next_step": "b", "next_on": "2027-01-05"}
CONSENT = {"scopes": "follow_up", "purpose": "práce", "until_on": "2027-01-05"}
FORMS = [
    (None, "/sign-in", {"email": "nobody@example.org", "password": "neco", "next": "x"}),
    (None, "/forgotten", {"email": "nela@example.org"}),
    (None, "/password/{link}", {"password": "modrá mlha"}),
    ("nela", "/language", {"language": "en"}),
    ("adam", "/admin/users/invite", {"name": "Jana", "email": "jana@example.org", "organisation": "{ngo}",
                                     "role": "ngo", "lead": "y"}),
    ("kamila", "/clients/{client}/ask", CONSENT),
    ("kamila", "/follow-ups/{prompt}", ENTRY), ("kamila", "/follow-ups/{prompt}/draft", {**ENTRY, "by_hand": "1"}),
    ("karel", "/me/consents/new", {**CONSENT, "organisation": "{ngo}"}),
    ("karel", "/me/consents/{consent}", {"text_hash": "0" * 64, "answer": "yes"}),
    ("karel", "/me/consents/{consent}/end", {"text_hash": "", "answer": ""}),
    ("nela", "/visits/request/{prison}/details", {**WISH, "step": "send"}),
    ("nela", "/visits/request/{prison}/details", {**WISH, "step": "check"}),
    ("pavel", "/visits/{booking}/decline", {"reason": "capacity", "message": "a"}),
    ("pavel", "/visits/{booking}/cancel", {"reason": "staff", "message": "a"}),
    ("pavel", "/visits/waiting", {"bookings": "{booking}"}), ("pavel", "/visits/{booking}/confirm", {}),
    ("nela", "/visits/{booking}/withdraw", {}), ("nela", "/calendar", {}), ("nela", "/calendar/{feed_id}/stop", {}),
    ("nela", "/book/{ngo}/confirm/basics", {}), ("kora", "/book/{ngo}/pause", {}), ("nela", "/sign-out", {}),
]


@dataclass
class Fuzzer:
    """Sends requests; `broken` are those answered with an error of ours, a traceback, or late."""

    app: object
    engine: object
    cast: object
    chance: random.Random
    of_ten: int = 10  # how many of ten odd values each field of a form is given
    broken: list = field(default_factory=list)
    n: int = 0

    def __post_init__(self):
        self.scene = Scene(self.app, self.engine, self.cast)

    def try_out(self, name, method, path, fields=None, query=(), headers=()):
        status, body, took = self.scene.send(name, method, path, fields, query, headers)
        self.n += 1
        if status >= 500 or b"Traceback" in body or took > SLOWEST:
            shown = [(key, str(value)[:60]) for key, value in [*(fields or ()), *query, *headers]]
            self.broken.append((status, round(took, 1), name, method, path, shown))

    def each_field(self):
        for name, path, fields in FORMS:
            self.scene = Scene(self.app, self.engine, self.cast)
            filled = {key: self.scene.fill(value) for key, value in fields.items()}
            for key in (*filled, "csrf_token"):
                for value in self.chance.sample(ODD, len(ODD) * self.of_ten // 10):
                    self.try_out(name, "POST", self.scene.fill(path), list({**filled, key: value}.items()))

    def each_parameter(self):
        for (name, path), parameters in PARAMETERS.items():
            for key in parameters:
                for value in ODD:
                    self.try_out(name, "GET", self.scene.fill(path), query=[(key, value[:3000])])

    def by_chance(self, n):
        self.scene = Scene(self.app, self.engine, self.cast)
        rules = [rule for rule in self.app.url_map.iter_rules() if not rule.endpoint.startswith("account.sign_out")]
        for _ in range(n):
            rule, method = self.chance.choice(rules), self.chance.choice(METHODS)
            relation = "cast" if rule.arguments and self.chance.random() < 0.7 else "missing"
            self.try_out(self.chance.choice(list(the_cast.PRINCIPALS.values())), method, self.bent(rule, relation),
                         self.any_fields() if method == "POST" else None,
                         [(key, self.odd()[:3000]) for key in self.some(("q", "page", "week", "next", "slot", "x"))],
                         [(key, header(self.odd())) for key in self.some(HEADERS)])

    def bent(self, rule, relation):
        """An address of the rule, sometimes with a part replaced."""
        try:
            path = self.scene.stage.address(self.app, rule.endpoint, relation, samples(self.app, rule.endpoint))
        except KeyError:
            path = self.scene.stage.address(self.app, rule.endpoint, "missing", samples(self.app, rule.endpoint))
        parts = path.split("?")[0].split("/")
        if self.chance.random() < 0.2:
            parts[self.chance.randrange(1, len(parts))] = self.chance.choice(PARTS)
        return "/".join(parts) or "/"

    def any_fields(self):
        _name, _path, fields = self.chance.choice(FORMS)
        replaced = dict.fromkeys(self.some(tuple(fields) or ("x",)), self.odd())
        return [(key, value if key in replaced else self.scene.fill(value))
                for key, value in {**fields, **replaced}.items()]

    def some(self, names):
        return self.chance.sample(names, self.chance.choice((0, 0, 1, 1, 2)) if len(names) > 1 else 1)

    def odd(self):
        return self.chance.choice(ODD) + self.chance.choice(("", "", "", self.chance.choice(ODD)[:50]))


def header(text):
    """As a server hands a header on: bytes in latin-1, no line ends."""
    kept = "".join(sign for sign in text[:2000] if sign not in "\r\n\0")
    return kept.encode("utf-8", "replace").decode("latin-1")


def careless_readings(app, engine, cast, monkeypatch):
    """How many requests break where the number of a page is read without care."""
    monkeypatch.setattr("blueprints.visits.routes.page_number", lambda text: int(text or 1))
    fuzzer = Fuzzer(app, engine, cast, random.Random(SEED))
    for value in ODD:
        fuzzer.try_out("nela", "GET", "/visits/earlier", query=[("page", value[:3000])])
    return len(fuzzer.broken)


def fuzz(app, engine, cast, figure, monkeypatch, of_ten, at_random):
    fuzzer = Fuzzer(app, engine, cast, random.Random(SEED), of_ten)
    fuzzer.each_parameter()
    fuzzer.each_field()
    fuzzer.by_chance(at_random)
    broken = fuzzer.broken
    assert not broken, f"{len(broken)} of {fuzzer.n}, seed {SEED}:\n" + "\n".join(map(str, broken[:200]))
    careless = careless_readings(app, engine, cast, monkeypatch)
    figure("fig-E1 requests of nonsense answered with an error of ours, a traceback or after 2 s", len(broken),
           "requests", n=fuzzer.n, control=careless and f"page numbers read without care: {careless} of {len(ODD)}")
    return fuzzer.n


def test_nonsense_breaks_nothing(app, engine, cast, figure, monkeypatch):
    assert fuzz(app, engine, cast, figure, monkeypatch, of_ten=3, at_random=400) >= 2_500


@pytest.mark.long
def test_much_nonsense_breaks_nothing(app, engine, cast, figure, monkeypatch):
    assert fuzz(app, engine, cast, figure, monkeypatch, of_ten=10, at_random=5_500) >= 10_000


# Fields that no form has

FOREIGN = {
    "id": "1", "public_id": KEY, "state": "confirmed", "role": "admin", "lead": "y", "active": "y", "user": "1",
    "organisation_id": "1", "recipient": "1", "recipient_user": "1", "prison": "1", "client": "1", "actor": "1",
    "author": "1", "created_at": "2020-01-01", "given_at": "2020-01-01", "from_on": "2020-01-01", "given_how": "letter",
    "sequence": "9", "number": "000-0000", "password_hash": "x", "milestone": "3", "unchanged": "y", "decided_by": "1",
    "requested_by": "1", "seats": "99", "verified_at": "2020-01-01", "needs-housing-unchanged": "y",
    "needs-nothing-state": "met", "__class__": "x", "user.role": "admin"}
STRANGE = ("2020-01-01", "2020, 1, 1", KEY, "000-0000")  # of those values, what no row ever holds
EVENTFUL = [(name, path, fields) for name, path, fields in FORMS if path not in {"/sign-out", "/calendar"}]


def columns():
    """The values of every column of the database, in order."""
    rows = {model: list(model.select().tuples()) for model in MODELS}
    return {(model.__name__, each.name): sorted(repr(row[place]) for row in rows[model])
            for model in MODELS for place, each in enumerate(model._meta.sorted_fields)}


def after(app, engine, cast, form, extra):
    """The answer and every column after a form was sent with some more fields."""
    name, path, fields = form
    scene = Scene(app, engine, cast)
    scene.reader(name)
    filled = [(key, scene.fill(value)) for key, value in fields.items()]
    status, _body, _took = scene.send(name, "POST", scene.fill(path), [*filled, *extra.items()])
    return status, columns()


def changed_by_extra_keys(app, engine, cast, forms):
    """What differs from the same form without them; a column that differs by itself must hold none of their values."""
    changed = []
    for form in forms:
        extra = {key: value for key, value in FOREIGN.items() if key not in form[2]}
        (status, plain), (_status, again), (answer, more) = (after(app, engine, cast, form, some)
                                                             for some in ({}, {}, extra))
        changed += [(form[1], status, answer)] * (status != answer)
        changed += [(form[1], *key) for key, values in more.items()
                    if (values != plain[key] if plain[key] == again[key] else strange_in(values, plain[key]))]
    return changed


def strange_in(values, before):
    return any(each in text for text in set(values) - set(before) for each in STRANGE)


def careless(actor, public_id, event, **given):
    """A view's work that takes what was sent for columns."""
    sent = {key: int(value) for key, value in flask.request.form.items() if key == "sequence"}
    with db.writing():
        Booking.update(**sent or {"message": ""}).execute()


def test_fields_that_no_form_has_change_no_row(app, engine, cast, figure, monkeypatch, travel):
    travel.move_to(the_cast.NOW, tick=False)
    changed = changed_by_extra_keys(app, engine, cast, EVENTFUL)
    assert not changed, changed
    monkeypatch.setattr("services.visits.advance", careless)
    control = changed_by_extra_keys(app, engine, cast, [form for form in FORMS if form[1].endswith("/decline")])
    figure("fig-E6 extra form keys that changed a row", len(changed), "columns", n=len(FOREIGN) * len(EVENTFUL),
           control=control and f"a view that takes them for columns: {len(control)}")
