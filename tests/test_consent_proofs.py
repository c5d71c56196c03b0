"""What a client's yes, no and no more do to others, measured.

fig-A6, fig-A7, fig-B3, fig-B4, fig-B7, fig-P5, fig-P6.
"""
import itertools
import random
import re
import secrets
import threading
import time
from datetime import timedelta

import pytest
from peewee import SQL

import app as application
import clock
import crypto
import db
import policy
from models import Attempt, Client, Consent, ConsentEvent, ConsentState, Feed, UserSession
from services import consents, keys
from services.consents.wording import hash_of
from services.visits import fitting
from tests.support.browser import Browser
from tests.support.stage import Stage
from tests.test_consent_attacks import ask
from tests.test_consents import agree, file_of, prepare
from tests.test_consents_given import paper, released
from tests.test_files import consent as bare_consent

# The prison asks Karel; nobody else may tell how it went.
ASKS, PARTS = "pavel", ["follow_up", "visits", "identity"]
OTHERS = ("kamila", "klara", "nela", "nora", "petra", "strange_curator", "kora")


# What others can tell

def never_asked(cast, sign_in):
    pass


def refused(cast, sign_in):
    ask(sign_in(ASKS), cast, scopes=PARTS)
    karel, path = sign_in("karel"), f"/me/consents/{Consent.get().public_id}"
    karel.send(path, page=path, answer="no")


def withdrawn(cast, sign_in):
    ask(sign_in(ASKS), cast, scopes=PARTS)
    karel, path = sign_in("karel"), f"/me/consents/{Consent.get().public_id}"
    agree(karel, karel.get(path))
    karel.send(f"{path}/end", page=f"{path}/end")


def pages_of(cast):
    client = file_of(cast.karel)
    return ("/", "/clients", client, f"{client}/ask", f"{client}/paper-consent", f"{client}/take-back", "/consents",
            f"{client}/emergency", "/tasks", "/figures", f"/book/{cast.prison.public_id}")


def plain(answer) -> tuple:
    """An answer without what differs each time anyway: tokens and keys of forms, the time of day."""
    text = re.sub(r'(name="(csrf_token|key|seen|request_key|next)"[^>]*value=")[^"]*', r"\1", answer.html)
    headers = sorted((name, value) for name, value in answer.headers.items()
                     if name not in {"Set-Cookie", "Date", "X-Request-Id", "Content-Length", "ETag"}
                     and "nonce" not in value)
    return answer.status, re.sub(r'nonce="[^"]*"', "", text), tuple(headers)


def faces(cast, sign_in, names):
    found = {}
    for name in names:
        browser = sign_in(name)
        browser.get("/accessibility")
        for path in pages_of(cast):
            found[name, path] = plain(browser.get(path))
        if name == "kamila":  # who takes back on the client's word is told the same whatever there was
            path = f"{file_of(cast.karel)}/take-back"
            done = browser.post(path, {"organisation": cast.prison.public_id, "how": "word"}, page=path)
            found[name, "taken back"] = plain(done), plain(browser.follow())
    return found


def bytes_apart(one, other) -> int:
    """How many bytes of two answers differ."""
    first, second = repr(one), repr(other)
    return abs(len(first) - len(second)) + sum(a != b for a, b in zip(first, second, strict=False))


def test_nobody_else_can_tell_refused_never_asked_and_withdrawn_apart(engine, cast, sign_in, travel, figure):
    seen = {}
    for how in (never_asked, refused, withdrawn):
        travel.move_to(cast.now)
        engine.restore()
        how(cast, sign_in)
        seen[how] = faces(cast, sign_in, (*OTHERS, ASKS))
    apart = {(name, path): bytes_apart(seen[never_asked][name, path], seen[how][name, path])
             for how in (refused, withdrawn) for name, path in seen[how]}
    others = {key: apart[key] for key in apart if key[0] != ASKS}
    asking = sum(apart[key] for key in apart if key[0] == ASKS)
    assert not any(others.values()), {key: value for key, value in others.items() if value}
    figure("fig-A7 bytes by which others tell refused, never asked and withdrawn apart", sum(others.values()), "bytes",
           n=2 * len(others), control=asking and f"the organisation that asked: {asking} bytes")


def offered(answer) -> set:
    """All that a page lets one do: where its links and forms lead."""
    return {each["href"] for each in answer.page.all("a")} | {each["action"] for each in answer.page.all("form")}


def test_a_no_costs_nothing(engine, cast, sign_in, travel, figure):
    """Karel's own pages and those of services, and what who asked can do for him, are the same after his no."""
    own = ("/", "/me/overview", "/me/consents/new", "/help", "/book", f"/book/{cast.ngo.public_id}", "/my", "/services")
    before, after = {}, {}
    for how, found in ((never_asked, before), (refused, after)):
        travel.move_to(cast.now)
        engine.restore()
        how(cast, sign_in)
        karel, asker = sign_in("karel"), sign_in(ASKS)
        karel.get("/me/consents/new")
        found |= {path: plain(karel.get(path)) for path in own}
        found |= {path: offered(asker.get(path)) for path in ("/clients", "/visits", file_of(cast.karel))}
        mine = {f"/consents/{row.public_id}" for row in Consent.select()}
        found[file_of(cast.karel)] -= mine  # the list of what they asked for
        found["consents"] = plain(karel.get("/me/consents"))
    differing = [path for path in before if path != "consents" and before[path] != after[path]]
    figure("fig-B3 pages and services that changed because sharing was refused", len(differing), "pages",
           n=len(before) - 1, control=before["consents"] != after["consents"]
           and "the client's own list of consents, judged the same way, shows the no")
    assert differing == []


# The fortnight

def uses_after_the_fortnight(cast, sign_in, travel, days):
    """(Attempts, those that opened something) by readers and by confirming, that many days after release."""
    travel.shift(timedelta(days=days))
    tried = opened = 0
    for name in ("nela", "strange_curator", "strange_ngo"):
        browser = sign_in(name)
        answers = [browser.get(file_of(cast.karel)), browser.get(f"{file_of(cast.karel)}/ask")]
        answers += [browser.post(f"/consents/{row.public_id}/confirmed", {}, page="/consents")
                    for row in Consent.select()]
        tried, opened = tried + len(answers), opened + sum(answer.status in {200, 303} for answer in answers)
    karel = sign_in("karel")
    for row in Consent.select():
        tried += 1
        opened += karel.post(f"/me/consents/{row.public_id}", {"answer": "confirm"},
                             page="/me/consents/new").status == 303
    return tried, opened


def test_nothing_provisional_is_of_use_after_it_lapsed(engine, cast, sign_in, travel, figure):
    tried = opened = 0
    counts = {}
    for days, marked in itertools.product((15, 16, 60), (False, True)):
        travel.move_to(cast.now)
        engine.restore()
        on_paper_and_released(cast, sign_in)
        if marked:
            travel.shift(timedelta(days=days))
            consents.expire()
            travel.move_to(cast.now)
        one, other = uses_after_the_fortnight(cast, sign_in, travel, days)
        tried, opened = tried + one, opened + other
    travel.move_to(cast.now)
    engine.restore()
    on_paper_and_released(cast, sign_in)
    counts[14] = uses_after_the_fortnight(cast, sign_in, travel, 14)[1]
    assert not opened
    figure("fig-B4 uses of a provisional consent after it lapsed", opened, "uses", n=tried,
           control=counts[14] and f"on the fourteenth day: {counts[14]} attempts got through")


def on_paper_and_released(cast, sign_in):
    released(cast, clock.today())
    for name in ("ngo", "other_municipality", "other_ngo"):
        assert paper(sign_in("kamila"), cast, getattr(cast, name), scopes=["identity", "follow_up"]).status == 303


# Fields and receipts

REQUIRED = ("number", "client_id", "recipient_id", "purpose", "from_on", "until_on", "text_version", "text_hash",
            "shown", "given_how", "given_at")


def lacking(row, browser, path) -> list[str]:
    """What a given consent lacks of what it has to have, or of a receipt that can be read."""
    missing = [name for name in REQUIRED if not getattr(row, name)]
    if row.given_how == "paper":
        missing += [name for name in ("witness", "paper") if not getattr(row, name)]
    if not ConsentEvent.select().where(ConsentEvent.consent == row).exists():
        missing.append("event")
    if not consents.scopes_of(row):
        missing.append("scopes")
    words = keys.unseal(row, "shown", row.client) if row.shown else ""
    if not words or hash_of(words) != row.text_hash:
        return [*missing, "hash"]
    receipt = browser.get(path)
    wanted = [*(" ".join(line.split()) for line in words.split("\n")), row.number, row.text_version, row.text_hash]
    return missing + [each for each in wanted if receipt.status != 200 or each not in receipt.text]


def in_every_way(cast, sign_in):
    """A consent given in each way there is."""
    karel, kamila, helped = sign_in("karel"), sign_in("kamila"), sign_in("karel")
    with db.writing():
        newest = UserSession.select().order_by(UserSession.id.desc()).get()
        UserSession.update(assisted=True).where(UserSession.id == newest.id).execute()
    for scopes, needs in (("identity", []), ("visits", []), ("follow_up", ["housing", "work"]), ("network", [])):
        for browser in (karel, helped):
            agree(browser, prepare(browser, cast, scopes, needs=needs))
        assert paper(kamila, cast, cast.ngo, scopes=[scopes], needs=needs).status == 303
    shown = prepare(karel, cast, organisation="helpers")
    karel.send(shown.path, answer="yes")
    ask(kamila, cast)
    signed = f"/consents/{Consent.select().order_by(Consent.id.desc()).get().public_id}/signed"
    kamila.post(signed, {"witness": "Jana Svědková", "paper": "spis"}, page=signed)
    wide = prepare(karel, cast, "identity", "visits")
    agree(karel, wide)
    karel.post(f"{wide.path}/less", {"scopes": ["visits"]}, page=f"{wide.path}/less")
    return karel


def test_every_consent_has_all_it_needs_and_a_receipt(cast, sign_in, figure):
    karel = in_every_way(cast, sign_in)
    given = [row for row in Consent.select() if row.given_at]
    wrong = {row.number: lack for row in given
             if (lack := lacking(row, karel, f"/me/consents/{row.public_id}/receipt"))}
    with db.writing():
        bare = bare_consent(cast.karel, cast.ngo, "identity")
    control = lacking(bare, karel, f"/me/consents/{bare.public_id}/receipt")
    assert not wrong, wrong
    figure("fig-P5 consents without all required fields or a readable receipt", len(wrong), "consents", n=len(given),
           control=control and f"a bare row lacks {len(control)} things")


# As easy to end as to give

def walk(browser, *steps) -> int:
    """How many presses it takes: each step is a link that stands on the page, or a form with what is filled in."""
    for step in steps:
        if isinstance(step, str):
            assert any((each["href"] or "") == step for each in browser.last.page.all("a")), \
                f"{browser.last.path} has no link to {step}"
            browser.get(step)
        else:
            action, values = step
            assert browser.send(action, **values).status in {200, 303}, browser.last.text  # 200: the next question
            if browser.last.location:
                browser.follow()
    return len(steps)


def test_it_takes_no_more_steps_to_end_a_consent_than_to_give_it(cast, sign_in, figure):
    karel, kamila, file = sign_in("karel"), sign_in("kamila"), file_of(cast.karel)
    wish = {"organisation": cast.ngo.public_id, "scopes": ["visits"], "purpose": "doprovod", "until_on": "2027-03-31"}
    karel.get("/me/consents")
    giving = {"self": walk(karel, "/me/consents/new", *(("/me/consents/new", {name: wish[name] for name in names})
              for names in (("organisation",), ("scopes",), ("purpose", "until_on"))))}
    path = f"/me/consents/{Consent.get().public_id}"
    giving["self"] += walk(karel, (path, {"answer": "yes"}))
    karel.get("/me/consents")
    ending = {"self": walk(karel, f"{path}/end", (f"{path}/end", {}))}
    assert Consent.get().state is ConsentState.WITHDRAWN
    kamila.get(file)
    signed = {**wish, "witness": "Jana Svědková", "paper": "spis 12"}
    giving["worker"] = giving["letter"] = walk(kamila, f"{file}/paper-consent", (f"{file}/paper-consent", signed))
    for way, how in (("worker", "word"), ("letter", "letter")):
        kamila.get(file)
        ending[way] = walk(kamila, f"{file}/take-back", (f"{file}/take-back", {"organisation": "", "how": how}))
    assert all(row.state is ConsentState.WITHDRAWN for row in Consent.select())
    kamila.get("/clients")
    roundabout = walk(kamila, file, f"{file}/take-back", (f"{file}/take-back", {"organisation": "", "how": "word"}))
    harder = [way for way in ending if ending[way] > giving[way]]
    figure("fig-P6 ways to withdraw that take more steps than giving", len(harder), "ways", n=len(ending),
           control=roundabout > giving["worker"] and f"begun a page further off: {roundabout} steps to "
           f"{giving['worker']}")
    assert harder == []


# Many readers at once

def read_while_it_is_withdrawn(app, cast, sign_in, readers, reads):
    """(Reads begun after the withdrawal was committed, those of them that opened; reads before that opened)."""
    karel = sign_in("karel")
    path = prepare(karel, cast, "identity").path
    agree(karel, karel.get(path))
    karel.get(f"{path}/end")
    tabs, file, records = [Browser(app, cast, "nela") for _each in range(readers)], file_of(cast.karel), []
    begun, gone = threading.Barrier(readers + 1), threading.Event()
    moment = []

    def read(tab):
        begun.wait(60)
        tab.get(file)
        records.append((0, tab.last.status))
        while not gone.is_set():
            started = time.perf_counter()
            records.append((started, tab.get(file).status))
        for _number in range(reads):
            started = time.perf_counter()
            records.append((started, tab.get(file).status))
    threads = [threading.Thread(target=read, args=(tab,)) for tab in tabs]
    [thread.start() for thread in threads]
    begun.wait(60)
    time.sleep(0.5)
    assert karel.send(f"{path}/end").status == 303
    moment.append(time.perf_counter())
    gone.set()
    [thread.join(600) for thread in threads]
    after = [status for started, status in records if started > moment[0]]
    return len(after), after.count(200), sum(status == 200 for started, status in records if started < moment[0])


def check_parallel(app, cast, sign_in, figure, monkeypatch, readers, reads):
    n, opened, before = read_while_it_is_withdrawn(app, cast, sign_in, readers, reads)
    with monkeypatch.context() as control:
        control.setattr(policy, "in_force", lambda today: SQL("1 = 1"))
        db.forget_kept()
        wrong = read_while_it_is_withdrawn(app, cast, sign_in, 2, 3)[1]
    db.forget_kept()
    assert before > 0 and opened == 0
    figure(f"fig-B7 foreign reads that succeed after a withdrawal was committed, {readers} readers", opened, "reads", n,
           control=wrong and f"states not asked: {wrong} of 6; before the withdrawal {before} were let in")


def test_readers_at_once_stop_with_the_withdrawal(app, cast, sign_in, figure, monkeypatch):
    check_parallel(app, cast, sign_in, figure, monkeypatch, 6, 8)


@pytest.mark.long
def test_fifty_readers_at_once_stop_with_the_withdrawal(app, cast, sign_in, figure, monkeypatch):
    check_parallel(app, cast, sign_in, figure, monkeypatch, 50, 200)


# What time tells

def area(there, missing) -> float:
    """How well times tell two things apart: 0.5 not at all, 1 always. (Mann and Whitney's U over all pairs.)"""
    ordered = sorted([(value, 1) for value in there] + [(value, 0) for value in missing])
    ranks = sum(rank for rank, (_value, which) in enumerate(ordered, 1) if which)
    share = (ranks - len(there) * (len(there) + 1) / 2) / (len(there) * len(missing))
    return max(share, 1 - share)


def codes(cast, times, signs_of="BCDEFGHJKM"):
    """Codes that nobody asked about before: of so many people, and of so many that do not exist."""
    bodies = ("".join(signs) for signs in itertools.product(signs_of, repeat=5))
    made = [body + crypto.check_sign(body) for body in itertools.islice(bodies, 2 * times)]
    with db.writing():
        for each in made[::2]:
            row = Client(code=each, card_hash=each, recorded_by=cast.other_municipality)
            row.name = keys.seal(row, "name", "Někdo", row)
            row.save(force_insert=True)
    return {True: iter(made[::2]), False: iter(made[1::2])}


def of_strangers(cast):
    """Addresses of what strangers have of Cyril, and of what nobody has."""
    stage = Stage(cast)
    with db.writing():
        gone = Feed.create(user=cast.strange_ngo, token_hash=crypto.token_hash("g" * 43), revoked_at=clock.now())
    assert gone.revoked_at
    things = {"/referrals/": stage.referrals, "/reports/": stage.reports, "/questions/": stage.questions,
              "/plan-items/": stage.plan_items, "/emergency/": stage.emergencies}
    return {**{name: {True: f"{name}{rows['strange'].public_id}", False: f"{name}{'A' * 22}"}
               for name, rows in things.items()},
            "feed": {True: f"/feeds/{'g' * 43}.ics", False: f"/feeds/{'h' * 43}.ics"}}


def oracles(cast, sign_in, times):
    """Name -> function of whether the thing exists; each asks once and gives the answer."""
    nela, karel = sign_in("nela"), sign_in("karel")
    anonymous = sign_in(None)
    client = {True: cast.karel.public_id, False: "A" * 22}
    consent = {True: Consent.get(Consent.client == cast.cyril).public_id, False: "B" * 22}
    code, note = codes(cast, times), codes(cast, times, "NPQRSTVWXY")
    known = {True: cast.cyril.code, False: "ABCDE" + crypto.check_sign("ABCDE")}
    email = {True: "pavel@example.org", False: "pavla@example.org"}
    for each in (nela, karel, anonymous):
        each.get("/sign-in" if each is anonymous else "/accessibility")
    name, card = {True: "Cyril Cestovatel", False: "Cyril Nestovatel"}, {True: cast.card, False: "2" * 16}
    details = f"/visits/request/{cast.prison.public_id}/details"
    token = nela.post("/clients/by-code", {"code": "x"}, page="/clients/by-code") and nela.token
    found = of_strangers(cast)
    return {
        **{name: lambda real, pair=pair: nela.get(pair[real]) for name, pair in found.items()},
        "plan": lambda real: nela.get(f"/clients/{client[real]}/plan"),
        "offer": lambda real: nela.post(f"/clients/{client[real]}/offer", {"csrf_token": token, "said": "yes"}),
        "file": lambda real: nela.get(f"/clients/{client[real]}"),
        "ask": lambda real: nela.post(f"/clients/{client[real]}/ask", {"csrf_token": token}),
        "taking back": lambda real: nela.post(f"/clients/{client[real]}/take-back", {"csrf_token": token}),
        "consent": lambda real: karel.get(f"/me/consents/{consent[real]}"),
        "search": lambda real: nela.get(f"/book?q={known[real]}"),
        "code": lambda real: nela.post("/clients/by-code", {"csrf_token": token, "code": next(code[real]),
                                                            "purpose": "práce"}),
        "note": lambda real: anonymous.post("/help-near-you/note", {
            "code": next(note[real]), "sender": "máma", "message": "Ozvi se.", "request_key": secrets.token_hex()}),
        "create": lambda real: [nela.post("/clients/new", {**new_client(), "csrf_token": token, "name": name[real]}),
                                nela.get("/accessibility")][0],  # which shows what the form has left to say
        "erase": lambda real: nela.get(f"/clients/{client[real]}/erase"),
        "booking": lambda real: nela.get(f"/visits/for/{client[real]}"),
        "seat": lambda real: nela.post(details, {"csrf_token": token, "clients": [client[real]], "step": "check"}),
        "referral": lambda real: nela.post(f"/clients/{client[real]}/refer", {"csrf_token": token}),
        "suggestion": lambda real: nela.get(f"/book?q={name[real].split()[-1]}"),
        "sign-in": lambda real: anonymous.post("/sign-in", {"email": email[real], "password": "not this password"},
                                               page="/sign-in"),
        "activation": lambda real: anonymous.post("/activate", {
            "card": card[real], "word": "22222 22222", "pin": "739164", "again": "739164", "helped": "no"},
            page="/activate"),
        "forgotten": lambda real: anonymous.post("/forgotten", {"email": email[real]}, page="/forgotten"),
    }


def new_client():
    """A form of a client's record that nobody has sent before."""
    return {"key": secrets.token_urlsafe(16), "seen": "", "route": "prison"}


def told_by_time(ask, times):
    """(Area of the times, answers that differ in status, length or headers.)"""
    chance, taken, looks = random.Random(7), {True: [], False: []}, {True: set(), False: set()}
    for real in chance.sample([True, False] * times, 2 * times):
        with db.writing():
            Attempt.delete().execute()
        started = time.perf_counter()
        answer = ask(real)
        taken[real].append(time.perf_counter() - started)
        looks[real].add((answer.status, len(plain(answer)[1]) if answer.status != 200 else 0))
    return area(taken[True], taken[False]), len(looks[True] ^ looks[False])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL chooses by how many rows there are
@pytest.mark.parametrize("asked", [lambda nela: policy.visible_clients(nela).where(Client.public_id == "x"),
                                   lambda nela: fitting._clients(nela, "x")], ids=["file", "times of a visit"])
def test_a_consent_is_found_by_client_and_recipient(app, cast, engine, asked):
    """Searched by the recipient alone, an organisation with many consents waits longer where somebody exists."""
    sql, values = asked(cast.nela).sql()
    plan = " ".join(row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
    assert "consent_client_id_recipient_id_state (client_id=? AND recipient_id=?" in plan, plan
    assert "consent_recipient_id" not in plan, plan


def test_no_answer_but_for_its_time_tells_whether_somebody_exists(cast, sign_in):
    with db.writing():
        bare_consent(cast.cyril, cast.other_ngo, "identity")
    told = {name: told_by_time(ask, 2)[1] for name, ask in oracles(cast, sign_in, 2).items()}
    assert not any(told.values()), told


def test_answers_that_might_tell_whether_somebody_exists_leave_in_even_steps(app, cast, sign_in, monkeypatch):
    nela, anonymous, slept = sign_in("nela"), sign_in(None), []
    nela.get("/accessibility")
    anonymous.get("/sign-in")
    monkeypatch.setattr(app.config["NAVAZNOST"], "even_answer_ms", 25)
    monkeypatch.setattr(application.time, "sleep", slept.append)
    for path in (f"/clients/{cast.cyril.public_id}", f"/clients/{'A' * 22}", f"/feeds/{'h' * 43}.ics"):
        assert nela.get(path).status == 404
    for email in ("pavel@example.org", "pavla@example.org"):
        anonymous.post("/sign-in", {"email": email, "password": "not this password"}, page="/sign-in")
    assert len(slept) == 5 and all(0 < each <= 0.025 for each in slept)
    nela.get("/book")
    nela.get("/no-such-address")
    assert len(slept) == 5


@pytest.mark.parametrize("taken, step, waits", [(0.003, 0.025, 0.022), (0.026, 0.025, 0.024), (0.3, 0, 0)])
def test_a_step_is_waited_for(taken, step, waits):
    assert application._until_even(taken, step) == pytest.approx(waits)


@pytest.mark.long
def test_nothing_tells_whether_somebody_exists(app, cast, sign_in, figure, times=800):
    app.config["NAVAZNOST"].even_answer_ms = 10  # in this process an answer takes 2
    with db.writing():
        bare_consent(cast.cyril, cast.other_ngo, "identity")
    found = {name: told_by_time(ask, times) for name, ask in oracles(cast, sign_in, times).items()}
    slow = sign_in("nela")
    control = told_by_time(lambda real: (time.sleep(0.002 * real), slow.get("/clients/" + "A" * 22))[1], 100)[0]
    worst = max(found, key=lambda name: found[name][0])
    assert not (told := {name: differ for name, (_area, differ) in found.items() if differ}), told
    figure(f"fig-A6 area of the best guess whether somebody exists ({worst})", round(found[worst][0], 3), "AUC",
           n=2 * times * len(found), target=0.55, ok=found[worst][0] <= 0.55,
           control=control > 0.55 and f"two milliseconds more: {control:.2f}")
