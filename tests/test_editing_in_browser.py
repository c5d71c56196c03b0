"""Editing in place in Chromium: the block becomes its form, is refused and saved there; a text is measured as typed."""
import re

import pytest
from playwright.sync_api import expect

from tests.support.chromium import violations
from tests.support.demo import DemoWindows, served_demo

pytestmark = pytest.mark.browser
HARD = ("Poskytovatel zajišťuje ambulantní poradenství individuálním plánováním prostřednictvím kvalifikovaných "
        "pracovníků.")


NAME = "Ukázkový spolek Most domů"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with served_demo(tmp_path_factory.mktemp("demo")) as live:
        yield live


@pytest.fixture
def own_page(chromium, demo):
    """Opens Nela's organisation in a window of these settings."""
    windows = DemoWindows(chromium, demo)

    def opened(**settings):
        page = windows("nela", **settings)
        page.goto("/book?q=spolek+most+domu")
        page.locator("main .row__title a").first.click()
        expect(page.locator("h1")).to_have_text(NAME)
        return page
    yield opened
    windows.close()


def test_a_block_becomes_its_form_and_is_refused_and_saved_in_its_place(own_page):
    page = own_page()
    address = page.url
    page.locator("a[href*='/organisation/'][href$='/edit/contact']").click()
    block = page.locator(".edit-block")
    expect(block).to_be_visible()
    block.get_by_label("Telefon").fill("77712")
    block.get_by_role("button", name="Uložit").click()
    expect(block.locator(".govuk-error-summary")).to_be_focused()
    expect(block.get_by_label("Telefon")).to_have_value("77712")
    assert page.url == address
    assert not violations(page)
    block.get_by_label("Telefon").fill("777 123 456")
    block.get_by_role("button", name="Uložit").click()
    expect(page.locator("dd").filter(has_text=re.compile("777.123.456"))).to_be_visible()


def test_how_hard_a_text_is_to_read_is_told_while_it_is_typed(own_page):
    page = own_page()
    page.locator("a[href$='/add/service']").click()
    page.get_by_label("Text pro klienta").fill("Můžete u nás bydlet.")
    expect(page.locator("#reading")).to_contain_text("Čte se snadno.")
    page.get_by_label("Text pro klienta").fill(HARD)
    expect(page.locator("#reading")).to_contain_text("Čte se těžce.")
    assert not violations(page)


def test_the_parts_of_a_service_are_accessible_on_a_phone_in_the_dark(own_page):
    page = own_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    here = page.url
    for part, heading in (("service", "Služba"), ("whom", "Pro koho ano a pro koho ne"),
                          ("entry", "Vstupní podmínky"), ("capacity", "Volná místa"), ("coverage", "Kde pomáhá")):
        page.goto(here)
        page.goto(page.locator(f"a[href*='/service/'][href$='/edit/{part}']").first.get_attribute("href"))
        expect(page.locator("h1")).to_have_text(heading)
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, part
