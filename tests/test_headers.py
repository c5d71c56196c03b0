"""Headers on every answer, cookies' flags, foreign hosts, open redirects, writes that are none of ours."""
import hashlib
import itertools
from urllib.parse import urljoin, urlsplit

import flask
import pytest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import AnyConverter
from werkzeug.routing.converters import NumberConverter
from werkzeug.test import Client

import app as application
import db
import web
from models import MODELS, Journal, UserSession
from tests.support import databases
from tests.support.browser import Browser, _apart

BASE = "http://127.0.0.1:8000"
WANTED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                               "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
EVIL = "evil.example"
READERS = ("nela", "pavel", "kamila", "petra", "karel", "kora", "adam")


def some_url(app, rule):
    """An address of a rule; what it names does not exist."""
    values = {name: sample(rule._converters[name]) for name in rule.arguments}
    return app.url_map.bind("127.0.0.1:8000").build(rule.endpoint, values)


def sample(converter):
    """A value that a converter takes."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 2**31 - 1 if isinstance(converter, NumberConverter) else "A" * 22


def rules(app, method):
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods]


# fig-H1

def missing_headers(headers, path):
    """Which headers of the security page an answer lacks."""
    found = [name for name, value in WANTED.items() if headers.get_all(name) != [value]]
    found += [] if headers.get("Permissions-Policy", "").count("=()") >= 5 else ["Permissions-Policy"]
    found += ["Server"] if "Server" in headers else []
    if path.startswith("/static/") and ("immutable" in headers.get("Cache-Control", "") or "Allow" in headers):
        return found  # a file, or its refusal of another method
    found += [] if headers.get("Cache-Control") == "no-store" else ["Cache-Control"]
    return found + ([] if headers.get("Vary") == "Cookie, HX-Request" else ["Vary"])


def every_kind_of_request(app):
    """(method, path, options) over all rules and what no rule knows."""
    for rule in app.url_map.iter_rules():
        for method in rule.methods:
            yield method, some_url(app, rule), {}
        yield "DELETE", some_url(app, rule), {}
    for path in ("/nowhere", "/static/theme.css", "/static/nothing.css", "/static/vendor/fonts/latin-400.woff2",
                 "/static/../app.py", "//evil.example/", "/%00", "/" + "a" * 3000, "/static/"):
        for method in ("GET", "HEAD", "POST", "PUT", "TRACE"):
            yield method, path, {}
    yield "GET", "/static/theme.css", {"headers": {"If-None-Match": "x", "Range": "bytes=0-3"}}
    yield "GET", "/", {"headers": {"Host": EVIL}}
    yield "POST", "/sign-in", {"data": b"x" * 3_000_000, "content_type": "application/octet-stream"}
    yield "POST", "/sign-in", {"data": {"a": "b" * 600_000}}


def all_answers(app, wsgi_app, cast, monkeypatch):
    """(path, status, headers) of every kind of request, anonymous and as Nela, and of broken views."""
    client = Client(wsgi_app)
    cookie = Browser(app, cast, "nela").client.get_cookie("navaznost", domain="127.0.0.1").value
    asked = [(*request, cookies) for request in every_kind_of_request(app) for cookies in ({}, {"navaznost": cookie})]
    for method, path, options, cookies in asked:
        yield ask(client, method, path, cookies, options)
    for error in (RuntimeError("defect"), db.OperationalError("locked"), web.RuleBroken("no")):
        monkeypatch.setitem(app.view_functions, "account.help", broken_view(error))
        yield ask(client, "GET", "/help", {}, {})


def ask(client, method, path, cookies, options):
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **options.get("headers", {})}
    response = _apart(client.open, path, method=method, base_url=BASE, **{**options, "headers": headers})
    response.close()
    return path, response.status_code, response.headers


def broken_view(error):
    def view():
        raise error
    view.declared = web.Declared(None, db.Mode.READS, db.Mode.READS)
    return view


def test_every_answer_carries_every_header(app, cast, figure, monkeypatch):
    answers = list(all_answers(app, app.wsgi_app, cast, monkeypatch))
    poor = [(path, status, missing) for path, status, headers in answers if (missing := missing_headers(headers, path))]
    assert {200, 303, 400, 404, 413, 500, 503} <= {status for _path, status, _headers in answers}
    bare = [headers for _p, _s, headers in all_answers(app, flask.Flask.wsgi_app.__get__(app), cast, monkeypatch)]
    control = sum(1 for headers in bare if missing_headers(headers, "/"))
    assert not poor, poor[:5]
    figure("fig-H1 answers that miss a header", len(poor), "answers", n=len(answers),
           control=control == len(bare) and f"without the outer layer {control} of {len(bare)}")


def test_transport_security_is_asked_for_behind_https_only(secure_app, browser):
    assert "Strict-Transport-Security" not in browser.get("/sign-in").headers
    for path in ("/sign-in", "/static/theme.css", "/nowhere"):
        headers = secure_app.test_client().get(path, base_url="https://net.example.org").headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.fixture
def secure_app(tmp_path, app):
    """An application at https://net.example.org on an empty database of its own."""
    made = application.create_app(data_dir=str(tmp_path), base_url="https://net.example.org", argon2_memory_kib=8,
                                  database_url=f"sqlite:///{tmp_path / 'secure.db'}")
    db.migrate(databases.MIGRATIONS)
    yield made
    db.database.close()


def test_the_cookie_is_ours_alone(secure_app):
    cookie = secure_app.test_client().get("/sign-in", base_url="https://net.example.org").headers["Set-Cookie"]
    assert cookie.startswith("__Host-navaznost=")
    assert set(cookie.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}


def test_the_cookie_on_loopback_has_another_name_and_no_secure(browser):
    cookie = browser.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("navaznost=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Strict"}


# The same bare 404

@pytest.mark.parametrize("who", ["nela", "karel", "kora"])
def test_what_is_not_there_and_what_is_not_open_answer_the_same(sign_in, app, who):
    reader = sign_in(who)
    forbidden = [path for rule in rules(app, "GET") if ((path := some_url(app, rule)) and "<pid" in rule.rule)
                 or rule.endpoint.startswith("admin.")]
    paths = ["/nowhere", "/sign-out", "/static/nothing.css", "/sign-in/", f"/{'A' * 22}", *forbidden]
    found = {}
    for answer in map(reader.get, paths):
        if answer.status not in {200, 303}:
            found.setdefault((answer.status, answer.body, str(sorted(answer.headers))), []).append(answer.path)
    assert len(found) == 1, list(found.values())
    ((status, body, headers),) = found
    assert status == 404 and b"csrf" not in body and "Set-Cookie" not in headers


# fig-H9

FORWARDED = [
    {"X-Forwarded-Host": EVIL}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-For": "192.0.2.1"},
    {"X-Forwarded-Prefix": "/evil"}, {"X-Forwarded-Port": "444"}, {"X-Forwarded-Server": EVIL}, {"X-Host": EVIL},
    {"Forwarded": f"host={EVIL};proto=https"}, {"X-Original-URL": "/evil"}, {"X-Rewrite-URL": "/evil"},
    {"X-HTTP-Method-Override": "POST"}, {"X-Script-Name": "/evil"},
]
HOSTS = [EVIL, f"127.0.0.1:8000.{EVIL}", f"{EVIL}:8000", f"127.0.0.1:8000@{EVIL}", "localhost:8000", ""]


def addresses(response):
    """All addresses of an answer."""
    from tests.support.page import Page
    page = Page(response.get_data(as_text=True))
    found = [value for element in page.elements for key, value in element.attributes.items()
             if key in {"href", "src", "action", "content"} and "/" in value]
    return sorted(found), response.headers.get("Location")


def moved(wsgi_app, forwarded):
    """How many answers have other addresses because of these headers."""
    client, count = Client(wsgi_app), 0
    for headers, path in itertools.product(forwarded, ("/", "/sign-in", "/account", "/nowhere", "/help")):
        plain = _apart(client.get, path, base_url=BASE)
        count += addresses(plain) != addresses(_apart(client.get, path, base_url=BASE, headers=headers))
    return count


def test_no_link_and_no_redirect_follows_a_foreign_header(app, figure):
    foreign = [_apart(Client(app.wsgi_app).get, path, base_url=BASE, headers={"Host": host})
               for host in HOSTS for path in ("/", "/sign-in", "/static/nothing")]
    wrong = [answer for answer in foreign if answer.status_code != 400 or EVIL in answer.text]
    value = moved(app.wsgi_app, FORWARDED) + len(wrong)
    trusting = moved(ProxyFix(app.wsgi_app, x_prefix=1, x_host=0), FORWARDED)
    figure("fig-H9 links or redirects moved by a foreign Host or X-Forwarded header", value, "answers",
           n=len(FORWARDED) * 5 + len(foreign), control=trusting and f"with trust in X-Forwarded-Prefix {trusting}")


def test_a_mailed_link_keeps_our_address(browser, postbox):
    browser.post("/forgotten", {"email": "nela@example.org"}, page="/forgotten",
                 headers={"X-Forwarded-Host": EVIL, "Origin": BASE})
    (message,) = postbox.deliver()
    assert BASE in postbox.words(message) and EVIL not in postbox.words(message)


# fig-H10

def payloads():
    """120 and more ways to say evil.example that have fooled somebody's guard."""
    starts = ["//", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/%09/", "/%5c", "/%2f", "/%2f%2f", "///", "////", "/.//",
              "/..//", "/;//", "https://", "http://", "HTTPS://", "https:", "https:/", "https:\\\\", "ftp://",
              "//0:80@", "//user@", "//a:b@", "\t//", " //", "\x00//", "\x01//", "\u00a0//", "\u2028//", "/\u2044/",
              "/\uff0f", "javascript:alert(1)//", "JaVaScRiPt:alert(1)//", "data:text/html,//", "vbscript:", "//%65",
              "https://127.0.0.1:8000@", "http://127.0.0.1:8000."]
    return [f"{start}{EVIL}{end}" for start in starts for end in ("", "/", "/%2e%2e")] + \
           [f"{BASE}{middle}{EVIL}" for middle in ("@", ".", "//", "/\\", "/\t/", "/%09/", ":80@", "\\@", "/.//")]


def leaves(location):
    """Whether a browser that follows this Location ends on another host, or runs a script."""
    seen = "".join(sign for sign in location if sign not in "\t\r\n").lstrip("".join(map(chr, range(33))))
    target = urlsplit(urljoin(BASE + "/", seen.replace("\\", "/")))
    return (target.scheme, target.netloc) != ("http", "127.0.0.1:8000")


def test_no_payload_leads_to_another_site(app, cast, sign_in, figure):
    reader, led_away = sign_in("nela"), []
    token = reader._find_token()
    for payload in payloads():
        browser = Browser(app, cast)
        signed = browser.post("/sign-in", {"email": "nela@example.org", "password": cast.password, "next": payload})
        language = _apart(reader.client.post, "/language", base_url=BASE, data={"csrf_token": token},
                          environ_overrides={"HTTP_REFERER": payload.encode().decode("latin-1")})
        assert (signed.status, language.status_code) == (303, 303), payload
        led_away += [payload for location in (signed.location, language.headers["Location"]) if leaves(location)]
    naive = sum(1 for payload in payloads() if payload.startswith("/") and leaves(payload))
    figure("fig-H10 open redirects by next and by Referer", len(led_away), "redirects", n=2 * len(payloads()),
           ok=not led_away and len(payloads()) >= 120,
           control=naive and f'a guard that asks startswith("/") lets {naive} through')


# fig-H11

def state(*without):
    """A digest of every row of the database; `without` are tables that may change."""
    digest = hashlib.sha256()
    for model in MODELS:
        if model not in without:
            digest.update(repr(sorted(map(repr, model.select().tuples()))).encode())
    return digest.hexdigest()


UNASKED = [  # (what, whether a token is sent, headers)
    ("no token", False, {}), ("wrong token", "x" * 40, {}),
    ("another site says so", True, {"Sec-Fetch-Site": "cross-site"}),
    ("a neighbour says so", True, {"Sec-Fetch-Site": "same-site"}),
    ("another origin", True, {"Origin": f"https://{EVIL}"}), ("our host on another port", True, {"Origin": BASE + "1"}),
]


def unasked_writes(app, sign_in, names, at_once=1):
    """(how many were tried, what changed the database) of posts that our pages did not send.

    The database is looked at after so many addresses: a look at every row takes longer than what is tried.
    """
    tried, changed = 0, []
    for name in names:
        reader = sign_in(name)
        token, before = reader._find_token(), state()
        addresses = rules(app, "POST")
        for some in (addresses[start:start + at_once] for start in range(0, len(addresses), at_once)):
            for rule, (_what, send, headers) in itertools.product(some, UNASKED):
                data = {"csrf_token": token if send is True else send} if send else {}
                data |= {"language": "en", "email": "nela@example.org", "password": "kolo jede do kopce"}
                _apart(reader.client.post, some_url(app, rule), base_url=BASE, data=data, headers=headers)
                tried += 1
            if (after := state()) != before:
                changed.append((name, *[rule.endpoint for rule in some]))
                before = after
    return tried, changed


def test_nothing_is_written_that_our_pages_did_not_ask_for(app, sign_in, figure, monkeypatch):
    tried, changed = unasked_writes(app, sign_in, ("nela", "karel"), at_once=25)
    assert not changed, changed
    read, changed_by_reading = reads(app, sign_in)
    assert not changed_by_reading, changed_by_reading
    monkeypatch.setattr(application.csrf, "protect", lambda: None)
    monkeypatch.setattr(web, "same_site", lambda: True)
    _tried, control = unasked_writes(app, sign_in, ("nela",))
    figure("fig-H11 writes without token, from another site, by GET, HEAD or OPTIONS", len(changed), "writes",
           n=tried + read, control=control and f"without token and origin checks {len(control)}")


def reads(app, sign_in):
    tried, changed = 0, []
    for name in READERS:
        reader = sign_in(name)
        before = state(Journal, UserSession)
        for rule, method in itertools.product(rules(app, "GET"), ("GET", "HEAD", "OPTIONS")):
            _apart(reader.client.open, some_url(app, rule), base_url=BASE, method=method).close()
            tried += 1
        if state(Journal, UserSession) != before:
            changed.append(name)
    return tried, changed


def test_a_method_cannot_be_put_into_another(sign_in):
    reader = sign_in("nela")
    answer = reader.get("/sign-out?_method=POST", {"X-HTTP-Method-Override": "POST"})
    assert answer.status == 404 and reader.get("/").status == 200


# Arriving from another site

def test_a_link_in_a_webmail_arrives_signed_in(browser):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = browser.get("/account?from=mail", headers)
    assert answer.status == 200
    (link,) = [link["href"] for link in answer.page.all("a") if "from=mail" in link["href"]]
    assert link == "/account?from=mail"
    (refresh,) = [meta["content"] for meta in answer.page.all("meta") if meta["http-equiv"] == "refresh"]
    assert refresh == f"0; url={link}"
