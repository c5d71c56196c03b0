"""Signing in and arriving with a real browser: with scripts, without them, over TLS, from another site."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_nela_signs_in_and_out(window, javascript):
    page = window("nela", javascript=javascript)
    assert page.url.endswith("/")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    page.goto("/")
    assert "/sign-in" in page.url


def test_karel_signs_in_with_his_card_over_tls_without_scripts(secure_window):
    page = secure_window("karel", javascript=False)
    assert page.url.startswith("https://")
    cookie = next(each for each in page.context.cookies() if each["name"].endswith("navaznost"))
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == \
        ("__Host-navaznost", True, True, "Strict")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_pages_are_accessible(window, axe, scheme):
    page = window(color_scheme=scheme)
    page.goto("/sign-in")
    axe(page)
    window.sign_in(page, "nela")
    axe(page)


def test_axe_finds_what_is_wrong(window):
    from tests.support import chromium
    page = window()
    page.goto("/sign-in")
    page.evaluate("document.querySelector('label').remove()")
    assert chromium.violations(page)


# A link on another site: the browser holds a strict cookie back

@pytest.fixture
def other_site(live):
    """The address of a page elsewhere (localhost is another site than 127.0.0.1) with a link to the contact book."""
    page = f'<!doctype html><title>Mail</title><a href="{live.url}/book?q=dluhy">Návaznost</a>'.encode()

    class Mail(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mail)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_link_on_another_site_leads_to_the_page_signed_in(window, other_site, javascript):
    page = window("nela", javascript=javascript)
    page.goto(other_site)
    with page.expect_response("**/book?q=dluhy") as first:
        page.click("a")
    expect(page.locator("#search-box")).to_have_value("dluhy")
    asked = first.value.request.all_headers()
    assert asked["sec-fetch-site"] == "cross-site" and "cookie" not in asked
    assert page.url.endswith("/book?q=dluhy")


def test_who_is_not_signed_in_is_asked_to_after_a_link_on_another_site(window, other_site):
    page = window()
    page.goto(other_site)
    page.click("a")
    page.wait_for_url("**/sign-in?next=*")


# Over TLS, without scripts

def test_nela_asks_for_a_visit_over_tls_without_scripts(secure_window):
    page = secure_window("nela", javascript=False)
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request))
    page.goto("/visits")
    page.click("main a[href*='/visits/request/']")
    page.click(".times a >> nth=0")
    page.fill("[name=purpose]", "první setkání")
    page.click("main form button >> nth=0")
    page.click("[name=step][value=send]")
    page.wait_for_url("**/sent")
    told = [request.all_headers() for request in posts]
    assert [headers["origin"] for headers in told] == [secure_window.live.url] * 2
    assert all(headers["referer"].startswith(secure_window.live.url) for headers in told)


def test_a_form_of_another_site_is_refused_over_tls(secure_window):
    """The control: the same browser, a page that was sent as of another origin."""
    page = secure_window("nela", javascript=False)
    address = secure_window.live.url + "/sign-out"
    page.route("https://elsewhere.test/", lambda route: route.fulfill(
        content_type="text/html", body=f'<form method="post" action="{address}"><button>OK</button></form>'))
    page.goto("https://elsewhere.test/")
    with page.expect_response(address) as answer:
        page.click("button")
    assert answer.value.status == 400
    page.goto("/account")
    assert page.url.endswith("/account")
