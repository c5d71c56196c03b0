"""Signing in with a real browser: with scripts, without them, over TLS."""
import pytest

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
    (cookie,) = page.context.cookies()
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
