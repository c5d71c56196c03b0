"""Fixtures of every test. The usual ones: `browser` (anonymous), `sign_in("nela")`, `cast`, `postbox`, `travel`.

A test that uses `app`, or anything above it, runs on SQLite and on PostgreSQL and finds the cast as it was built.
"""
import os
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller

from blueprints.public import routes as public_pages
from importers import reading
from tests.support import cast as the_cast
from tests.support import chromium as real_browser
from tests.support import databases, figures, needed, readers, servers
from tests.support.browser import Browser
from tests.support.postbox import Postbox

BASE_URL = "http://127.0.0.1:8000"
SETTINGS = {"base_url": BASE_URL, "mode": "demo", "secret_key": "0" * 64, "argon2_memory_kib": 8, "even_answer_ms": 0,
            "smtp_host": "127.0.0.1", "mail_from": "navaznost@example.org"}


LONGEST = {"test_access_matrix", "test_book_hostile", "test_canary", "test_consent_machine", "test_fuzz",
           "test_pages_in_browser", "test_referral_machine", "test_visit_machine", "test_walk"}


def pytest_addoption(parser):
    figures.add_option(parser)


def pytest_collection_modifyitems(config, items):
    figures.select(config, items)
    items.sort(key=lambda item: item.path.stem not in LONGEST)  # with the longest last, the other processes would idle


def pytest_terminal_summary(terminalreporter):
    figures.print_lines(terminalreporter)


@pytest.fixture
def figure(request):
    """Records one figure with its control; see tests/support/figures.py."""
    return figures.record(request)


# Time

@pytest.fixture(autouse=True)
def travel():
    """Time starts at NOW in every test and goes on; `travel.shift(minutes * 60)` or `travel.move_to(moment)`."""
    with time_machine.travel(the_cast.NOW, tick=True) as traveller:
        yield traveller


# The two databases, each with the application bound to it

@pytest.fixture(scope="session")
def folder_of_databases(tmp_path_factory) -> Path:
    """A folder for the databases of this run."""
    return tmp_path_factory.mktemp("databases")


@pytest.fixture(scope="session")
def post_office():
    """A real SMTP server on a free loopback port for the whole run."""
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=servers.free_port())
    controller.start()
    postbox.port = controller.port
    yield postbox
    controller.stop()


@pytest.fixture(scope="session")
def postgresql_server():
    """The URL of a server where tests may make databases: TEST_POSTGRESQL_URL, or a cluster of our own."""
    if given := os.environ.get("TEST_POSTGRESQL_URL"):
        yield given
        return
    cluster = databases.Cluster()
    yield cluster.url
    cluster.stop()


@pytest.fixture(scope="session")
def sqlite_engine(folder_of_databases, post_office):
    settings = {**SETTINGS, "smtp_port": post_office.port}
    yield from _with_cast(databases.SqliteEngine(folder_of_databases / "sqlite", settings))


@pytest.fixture(scope="session")
def postgresql_engine(folder_of_databases, post_office, postgresql_server):
    url = databases.own_database(postgresql_server)
    settings = {**SETTINGS, "smtp_port": post_office.port}
    yield from _with_cast(databases.PostgresqlEngine(folder_of_databases / "postgresql", url, settings))
    databases.drop_database(postgresql_server, url)


def _with_cast(engine):
    with time_machine.travel(the_cast.NOW, tick=False):
        the_cast.build()
    engine.keep()
    yield engine
    engine.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request):
    """A migrated database of each kind with the cast in it, and the application that `app` binds to it."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def app(engine, travel):
    """The application on a database as it was built; its context is open, so that services can be called."""
    engine.restore()
    public_pages.PACE.most = 100_000  # a whole run asks from one address; tests of the pace set their own
    with engine.app.app_context():
        yield engine.app


@pytest.fixture(scope="session", autouse=True)
def quick_readers():
    """Files are read by processes that are quick to begin."""
    real, nursery = reading.start, readers.Nursery()
    reading.start = nursery.start
    yield real
    reading.start = real
    nursery.stop()


@pytest.fixture
def real_readers(quick_readers, monkeypatch):
    """Files are read by processes as the application begins them."""
    monkeypatch.setattr(reading, "start", quick_readers)


@pytest.fixture
def cast(app) -> the_cast.Cast:
    return the_cast.Cast()


@pytest.fixture
def browser(app, cast) -> Browser:
    """Somebody who is not signed in."""
    return Browser(app, cast)


@pytest.fixture
def sign_in(app, cast):
    """`sign_in("nela")` is Nela's browser; `sign_in("karel")` the client's; each call a browser of its own."""
    return lambda name: Browser(app, cast, name)


@pytest.fixture
def postbox(app, post_office) -> Postbox:
    """Mails at a real SMTP server: `postbox.deliver()`, then `postbox.mails` or `postbox.to("nela")`."""
    post_office.mails.clear()
    return post_office


# A real browser, real ports

@pytest.fixture(scope="session")
def chromium():
    """Chromium, driven by Playwright."""
    binary = needed.chromium_binary()
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=real_browser.PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live(tmp_path_factory, post_office):
    """The application served on a loopback port with the cast in a database of its own, one for each test file.

    It is another process: a test talks to it over HTTP only. Mail goes out each second. Time there began at NOW.
    """
    port = servers.free_port()
    with servers.served(tmp_path_factory.mktemp("live"), port, f"http://127.0.0.1:{port}",
                        smtp_port=post_office.port) as live:
        yield live


@pytest.fixture(scope="module")
def live_tls(tmp_path_factory):
    """The same behind TLS, at https://localhost, with a certificate that it signed itself."""
    folder, port, secure_port = tmp_path_factory.mktemp("live-tls"), servers.free_port(), servers.free_port()
    proxy = servers.TlsProxy(folder, secure_port, port)
    with servers.served(folder, port, f"https://localhost:{secure_port}") as live:
        yield live
    proxy.stop()


@pytest.fixture
def window(chromium, live):
    """`window("nela")` is a page of Chromium, signed in; `window("nela", javascript=False)`, `window()`."""
    windows = real_browser.Windows(chromium, live)
    yield windows
    windows.close()
    assert not windows.complaints, windows.complaints


@pytest.fixture
def secure_window(chromium, live_tls):
    """`window`, over TLS."""
    windows = real_browser.Windows(chromium, live_tls)
    yield windows
    windows.close()
    assert not windows.complaints, windows.complaints


@pytest.fixture
def axe():
    """`axe(page)` fails with all that breaks WCAG 2.2 AA on a page of Chromium."""
    def look(page):
        found = real_browser.violations(page)
        assert not found, f"{page.url}: " + "; ".join(found)
    return look
