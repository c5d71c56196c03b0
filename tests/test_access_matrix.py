"""Who gets what at which address: every endpoint, method and principal, against a table reviewed by hand.

tests/access_matrix.csv has a line for each endpoint, method and relation of the thing in its address
(tests/support/stage.py). A form is sent empty, with a valid token, so that nothing but the right decides. Cells:

ok 200 · refused 422, the form came back · onward 301, 302, 303 · sign-in the way to sign in · missing the bare 404 ·
bad 400
"""
import csv
from pathlib import Path

import pytest

import web
from models import Client
from tests.support import cast as the_cast
from tests.support.browser import Browser, _apart
from tests.support.stage import Stage
from tests.test_headers import BASE, sample

FILE = Path(__file__).with_name("access_matrix.csv")
PRINCIPALS = list(the_cast.PRINCIPALS)
CHANGED = {"onward", "ok", "sign-in"}  # a form answered so may have written something, or ended the session


def lines():
    with FILE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def endpoints(app):
    return {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods & {"GET", "POST"}}


def with_object(app):
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments}


def samples(app, endpoint):
    rule = next(iter(app.url_map.iter_rules(endpoint)))
    return {name: sample(rule._converters[name]) for name in rule.arguments}


def staged(engine, cast):
    """The stage on a database as it was built. It is made once for each database and put back after that."""
    if not hasattr(engine, "stage"):
        engine.restore()
        engine.stage = Stage(cast)
        engine.keep("staged")
    engine.restore("staged")
    return engine.stage


class Visitor:
    """Sends the request of a line as one principal and names the answer."""

    def __init__(self, app, engine, cast, principal):
        self.app, self.engine, self.cast, self.principal = app, engine, cast, principal
        self.begin()

    def begin(self):
        """Everything as it was."""
        self.stage = staged(self.engine, self.cast)
        self.browser = Browser(self.app, self.cast, the_cast.PRINCIPALS[self.principal])
        self.token = self.browser._find_token()

    def answer(self, line):
        path = self.stage.address(self.app, line["endpoint"], line["relation"], samples(self.app, line["endpoint"]))
        data = {"csrf_token": self.token} if line["method"] == "POST" else None
        response = _apart(self.browser.client.open, path, base_url=BASE, method=line["method"], data=data)
        response.close()
        if line["method"] == "POST" and name(response) in CHANGED:
            self.begin()
        return response


def name(response) -> str:
    location = response.headers.get("Location", "")
    if response.status_code in {301, 302, 303}:
        return "sign-in" if location.split("?")[0] == "/sign-in" else "onward"
    return {200: "ok", 422: "refused", 404: "missing", 400: "bad"}.get(response.status_code, str(response.status_code))


def differing(visitor, methods=("GET", "POST")):
    """The cells that differ, one after another as they are asked for."""
    for line in lines():
        if line["method"] in methods and (found := name(visitor.answer(line))) != line[visitor.principal]:
            yield f"{line['method']} {line['endpoint']} {line['relation']}: {found}, not {line[visitor.principal]}"


def test_every_endpoint_declares_and_has_its_lines(app, figure):
    known = {(line["endpoint"], line["method"]) for line in lines()}
    undeclared = [endpoint for endpoint, _method in endpoints(app) if web.declared(app, endpoint) is None]
    without_line, too_many = endpoints(app) - known, known - endpoints(app)
    relations = {(line["endpoint"], line["method"], line["relation"]) for line in lines()}
    unasked = {pair for pair in endpoints(app) if pair[0] in with_object(app) and (*pair, "missing") not in relations}
    assert not too_many, f"lines for what is not there: {sorted(too_many)}"
    assert not without_line, f"no line for {sorted(without_line)}"
    assert not unasked, f"no line with the relation missing for {sorted(unasked)}"
    control = endpoints(app) - {pair for pair in known if pair[0] != "today.home"}
    figure("fig-A1 routes without policy, mode or line in the matrix", len(undeclared) + len(without_line), "routes",
           n=len(endpoints(app)), control=control and f"with one line taken out: {len(control)}")


def test_lines_are_whole_and_stand_once():
    keys = [(line["endpoint"], line["method"], line["relation"]) for line in lines()]
    assert keys == sorted(set(keys))
    cells = {line[principal] for line in lines() for principal in PRINCIPALS}
    assert cells <= {"ok", "refused", "onward", "sign-in", "missing", "bad"}
    assert all(set(line) == {"endpoint", "method", "relation", *PRINCIPALS} for line in lines())


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_everybody_gets_what_the_matrix_says(app, engine, cast, principal, figure, monkeypatch):
    differ = list(differing(Visitor(app, engine, cast, principal)))
    monkeypatch.setattr(web, "enforce", lambda: None)
    control = next(differing(Visitor(app, engine, cast, principal), methods=("GET",)), "")
    assert not differ, "\n".join(differ)
    figure(f"fig-A2 cells that differ from the matrix, {principal}", len(differ), "cells", n=len(lines()),
           control=control and f"without the access step, the first by GET: {control}")


def comparable(response):
    return response.status_code, sorted(response.headers), response.get_data()


def test_foreign_erased_and_missing_answer_the_same(app, engine, cast, figure):
    """A thing of strangers, an erased client and nothing at all: equal to the byte, headers too."""
    told_apart, compared, control = [], 0, 0
    for principal in PRINCIPALS[1:]:
        visitor = Visitor(app, engine, cast, principal)
        with_strange = [line for line in lines() if line["relation"] == "strange" and line[principal] == "missing"]
        nothing = {line["endpoint"]: comparable(visitor.answer({**line, "relation": "missing"}))
                   for line in with_strange}
        for line in with_strange:
            compared += 1
            if comparable(visitor.answer(line)) != nothing[line["endpoint"]]:
                told_apart.append((principal, line["endpoint"], line["method"]))
        control += any(comparable(visitor.answer({**line, "relation": "cast"})) != nothing[line["endpoint"]]
                       for line in with_strange)
        erase(visitor.cast.karel)
        for line in [line for line in with_strange if line["endpoint"] in {"clients.file", "clients.ask"}]:
            compared += 1
            if comparable(visitor.answer({**line, "relation": "cast"})) != nothing[line["endpoint"]]:
                told_apart.append((principal, line["endpoint"], "erased"))
    assert not told_apart, told_apart
    figure("fig-A4 foreign, erased and missing answers that differ", len(told_apart), "answers", n=compared,
           control=control and f"one's own things among them would show to {control} of {len(PRINCIPALS) - 1}")


def erase(client):
    import clock
    import db
    with db.writing():
        Client.update(erased_at=clock.now()).where(Client.id == client.id).execute()
